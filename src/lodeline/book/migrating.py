"""Migrating a book that an older lodeline made."""

from __future__ import annotations

from pathlib import Path


def migrate(url: str | Path) -> None:
    """Bring a book's tables up to today's, in place; no entry is touched. One of today's version stays as it is.

    Raises:
        NotFoundError: ``ledger.missing``.
        BookError: ``ledger.not_a_book``, ``ledger.busy``, ``ledger.read_only``.
    """
    from lodeline.ledger.migrating import migrate as migrate_store

    migrate_store(url)
