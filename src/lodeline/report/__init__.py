"""The sections of a book's report: terminal, JSON and one self-contained page."""
