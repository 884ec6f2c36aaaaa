"""Lodeline: the books of metal for a critical-minerals partnership, from deposit to buyer.

``lodeline.open("book.db")`` opens a book; everything else is reached from there. ``lodeline.reconcile(network)`` is for
those who have a flowsheet and no ledger. Imports are lazy, so that a cold command answers at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeline.version import __version__

if TYPE_CHECKING:
    from lodeline.book import Book, create, import_book, open
    from lodeline.metal.reconciliation.network import reconcile

__all__ = ["Book", "__version__", "create", "import_book", "open", "reconcile"]


def __getattr__(name: str) -> Any:
    if name in ("Book", "create", "import_book", "open"):
        import lodeline.book

        return getattr(lodeline.book, name)
    if name == "reconcile":
        from lodeline.metal.reconciliation.network import reconcile

        return reconcile
    raise AttributeError(f"module 'lodeline' has no attribute {name!r}")
