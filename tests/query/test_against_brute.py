"""Queries against brute force: the same events, by every parameter, on both databases, with index and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeline.ledger.query import growing, segments
from lodeline.ledger.store import Store
from lodeline.record.query import parse
from lodeline.record.query.parameters import NAMED
from tests.postgres import cluster
from tests.query import asking, corpus
from tests.query.brute import CONTROLS, Asking, Row
from tests.query.filled import MASTER, SMALL, filled, rows

EVENTS = 220


@pytest.fixture(autouse=True, scope="module")
def small_segments() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SIZES", SMALL)
        yield


@pytest.fixture(scope="module")
def servers() -> Iterator[str]:
    with cluster() as address:
        yield address


Held = tuple[Store, dict[int, Row]]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """A book of the corpus and what it holds; all but the last few entries are in the index."""
    if request.param == "postgres":
        url = request.getfixturevalue("servers") + "&schema=whole"
    else:
        url = str(tmp_path_factory.mktemp("book") / "book.db")
    with filled(url, corpus.events(1, EVENTS)) as store:
        assert store.index_queries() == 224
        yield store, rows(store)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """A book of half the corpus that has no index and gets none."""
    path = tmp_path_factory.mktemp("book") / "book.db"
    with filled(str(path), corpus.events(1, EVENTS // 2)) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "try_to_grow", lambda *_: [])
        yield store, rows(store)


def found(store: Store, asked: dict[str, Any], per_page: int = 100) -> list[int]:
    """The entries of a whole answer, page by page."""
    query = parse(asked, extensions=asking.QUERY_PREFIXES)
    assert parse(query.parameters(), extensions=query.extensions) == query
    seqs: list[int] = []
    token = None
    while True:
        page = store.query(query, token=token, per_page=per_page)
        seqs += [event.seq for event in page.events]
        token = page.next_token
        if token is None:
            return seqs


def meant(held: dict[int, Row], asked: dict[str, Any]) -> list[int]:
    """The entries that are meant, by brute force, in ledger order."""
    brute = Asking(asked, asking.QUERY_PREFIXES, MASTER)
    return [seq for seq, row in held.items() if brute.selects(row)]


@pytest.mark.parametrize("name", sorted(asking.NAMED))
def test_every_named_parameter_finds_some_and_not_all(whole: Held, name: str) -> None:
    store, held = whole
    draw, some = Random(name), 0
    for _ in range(8):
        asked = {name: asking.NAMED[name](draw)}
        expected = meant(held, asked)
        assert found(store, asked) == expected, asked
        some += 0 < len(expected) < len(held)
    assert some, f"no query of {name} finds some and not all"


def test_the_named_parameters_are_all_of_the_schema_s() -> None:
    assert set(asking.NAMED) | CONTROLS == set(NAMED)
    assert len(NAMED) == 61


def test_every_family_finds_some_and_not_all(whole: Held) -> None:
    """Single members may find nothing; of each family, by place and comparison, one must."""
    store, held = whole
    selective: dict[str, int] = {}
    for name, make in asking.FAMILIES.items():
        draw = Random(name)
        family = name.rpartition("_")[0] if ":" not in name else name.partition(":")[0].rpartition("_")[0]
        for _ in range(4):
            asked = {name: make(draw)}
            expected = meant(held, asked)
            assert found(store, asked, per_page=300) == expected, asked
            selective[family] = selective.get(family, 0) + (0 < len(expected) < len(held))
    assert [family for family, some in selective.items() if not some] == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), per_page=st.sampled_from([1, 7, 40, 1000]))
def test_any_query_finds_what_is_meant(whole: Held, seed: int, per_page: int) -> None:
    store, held = whole
    asked = asking.query(Random(seed))
    assert found(store, asked, per_page if len(meant(held, asked)) < 60 else 40) == meant(held, asked)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_a_book_without_index_finds_the_same(bare: Held, seed: int) -> None:
    store, held = bare
    asked = asking.query(Random(seed))
    assert found(store, asked) == meant(held, asked)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 90))
def test_any_events_answer_any_query(tmp_path_factory: pytest.TempPathFactory, seed: int, count: int) -> None:
    path: Path = tmp_path_factory.mktemp("any") / "book.db"
    with filled(str(path), corpus.events(seed, count), documents=3) as store:
        held, draw = rows(store), Random(seed)
        for _ in range(25):
            asked = asking.query(draw)
            assert found(store, asked) == meant(held, asked)
