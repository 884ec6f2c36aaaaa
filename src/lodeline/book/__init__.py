"""Every use case once: the only door for the command line, the web, the report and notebooks."""

from __future__ import annotations

from lodeline.book.book import Book
from lodeline.book.migrating import migrate
from lodeline.book.opening import create, hash_events, import_book, open
from lodeline.book.view import SeenEvent, View

__all__ = ["Book", "SeenEvent", "View", "create", "hash_events", "import_book", "migrate", "open"]
