"""Elements and compounds: atomic weights from one stated table, and what a grade is a grade of."""
