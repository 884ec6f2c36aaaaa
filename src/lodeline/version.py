"""The version: of the package, and so of the code that a derived table or a report was made by."""

__version__ = "0.1.0"
