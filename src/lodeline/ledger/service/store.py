"""The door to a book's service store."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from lodeline.ledger.location import FileLocation, ServerLocation, locate
from lodeline.ledger.service.audit import Audit
from lodeline.ledger.service.base import Room
from lodeline.ledger.service.jobs import Jobs
from lodeline.ledger.service.pages import Pages
from lodeline.ledger.service.places import open_place, service_file
from lodeline.ledger.service.queries import Queries
from lodeline.ledger.service.subscriptions import Subscriptions
from lodeline.ledger.service.tokens import Tokens

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeVar

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.service.turn import Turn

    R = TypeVar("R", bound=Room)

WAIT_S = 30.0
"""How long a writer of the service store waits for its turn. Its transactions are short."""


class Service(AbstractContextManager["Service"]):
    """One open service store. May be shared by threads; close it, or use it in a ``with``."""

    def __init__(self, backend: Backend, place: FileLocation | ServerLocation, wait_s: float) -> None:
        self._backend, self._place, self._wait_s = backend, place, wait_s
        self.tokens = self.room(Tokens)
        self.audit = self.room(Audit)
        self.jobs = self.room(Jobs)
        self.pages = self.room(Pages)
        self.queries = self.room(Queries)
        self.subscriptions = self.room(Subscriptions)

    def room(self, kind: type[R]) -> R:
        """One subject of the store, over the same connections."""
        return kind(self._backend, self._wait_s)

    def turn(self, name: str) -> Turn:
        """The right to do one kind of work (``capture`` …), which one server on the book has at a time."""
        from lodeline.ledger.service.turn import FileTurn, ServerTurn

        if isinstance(self._place, FileLocation):
            path = service_file(self._place.path)
            return FileTurn(path.with_name(f"{path.name}-{name}"))
        return ServerTurn(self._backend, name)

    def close(self) -> None:
        """Give the connections back."""
        self._backend.close()

    def __exit__(self, *_: object) -> None:
        self.close()


def open_service(url: str | Path, *, read_only: bool = False, wait_s: float = WAIT_S) -> Service:
    """Open the service store of the book at ``url``; it is made where the book has none yet.

    Raises:
        NotFoundError: ``ledger.missing``: there is no such book.
        BookError: ``service.format``, ``service.other_book``, ``service.missing`` (only with ``read_only``) …
    """
    from lodeline.ledger.store import open_store

    with open_store(url, read_only=True) as book:
        book_id = book.book_id
    place = locate(url)
    return Service(open_place(place, book_id, read_only=read_only), place, wait_s)
