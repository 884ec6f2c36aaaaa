"""A book that is served, in this process: the app as it is, without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from lodeline.book import create
from lodeline.web.app import create_app
from lodeline.web.settings import Settings

Client = TestClient[Litestar]
Serve = Callable[..., Any]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """An empty book."""
    create(tmp_path / "book.db", title="A served book", by="founder").close()
    return tmp_path / "book.db"


@pytest.fixture
def serve(book: Path) -> Serve:
    """Serve the book with these settings; a context manager that gives a client."""

    @contextmanager
    def served(url: Path | str = book, **settings: Any) -> Iterator[Client]:
        app = create_app(url, settings=Settings(local_name="clerk", **settings))
        with TestClient(app, base_url="http://127.0.0.1:8080", raise_server_exceptions=True) as client:
            yield client

    return served


@pytest.fixture
def client(serve: Serve) -> Iterator[Client]:
    """A client of the book, open to this machine."""
    with serve() as client:
        yield client


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)
