"""Queries answered from a book: an index that only narrows, and the recorded events that decide."""
