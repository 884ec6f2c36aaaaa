"""Fixtures that more than one layer uses: the two kinds of store a book can live in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import cluster

# A deadline asserts wall time: a kernel that is compiled at its first call, or a busy machine, would fail it.
settings.register_profile("lodeline", deadline=None)
settings.load_profile("lodeline")

# What somebody imported on this machine goes before what is shipped, and is none of the tests' business.
os.environ["LODELINE_EDITIONS"] = str(Path(tempfile.gettempdir()) / "lodeline-tests-import-nothing-here")

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A private server for this worker, as the beginning of an address; add ``&schema=NAME``."""
    with cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_kind(request: pytest.FixtureRequest) -> str:
    """Runs a test once for each kind of store."""
    kind: str = request.param
    return kind


@pytest.fixture
def fresh_url(store_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives the address of a book that does not exist yet, a new one each time it is called."""
    if store_kind == "sqlite":
        return lambda: str(tmp_path / f"book{next(_numbers)}.db")
    server: str = request.getfixturevalue("postgres_server")
    return lambda: f"{server}&schema=book{next(_numbers)}"
