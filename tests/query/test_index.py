"""The query index: grown by queries and not by captures, the same however it grew, checked, and never trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lodeline.errors import IntegrityError
from lodeline.ledger.query import growing, planning, segments, sets
from lodeline.ledger.query.keys import is_odd, rounded
from lodeline.ledger.schema import query_numbers, query_segments, query_terms
from lodeline.ledger.store import Store, open_store
from lodeline.record.query import parse
from tests.ledger.books import clock
from tests.postgres import cluster
from tests.query import corpus
from tests.query.filled import SMALL, capture, filled

TABLES = (query_segments, query_terms, query_numbers)
EVERY = parse({"EQ_action": ["ADD", "OBSERVE", "DELETE"]}, extensions={})


@pytest.fixture(autouse=True, scope="module")
def small_segments() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SIZES", SMALL)
        yield


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "book.db")
        return
    with cluster() as address:
        yield address + "&schema=indexed"


def stored(store: Store) -> list[list[Any]]:
    """All rows of the index."""
    return [
        [tuple(row) for row in store._backend.rows(select(table).order_by(*table.primary_key.columns))]
        for table in TABLES
    ]


def spans(store: Store) -> list[tuple[int, int]]:
    return sorted(planning.spans(store._backend))


def test_the_layout_follows_from_the_number_of_entries_alone() -> None:
    assert segments.layout(31) == []
    assert segments.layout(32) == [(0, 32)]
    assert segments.layout(256 + 64 + 33) == [(0, 256), (256, 64), (320, 32)]


def test_a_capture_writes_no_row_of_the_index_and_a_query_does(url: str) -> None:
    with filled(url, corpus.events(1, 100)) as store:
        assert spans(store) == []
        store.query(EVERY, per_page=10)
        assert spans(store) == [(0, 64), (64, 32)]


def test_an_index_grown_bit_by_bit_equals_one_made_at_once(url: str) -> None:
    events, tick = corpus.events(2, 340), clock()
    with filled(url, events[:20], documents=1) as store:
        for start in range(20, 340, 20):
            capture(store, events[start : start + 20], tick)
            store.query(EVERY, per_page=1)
        grown, laid = stored(store), spans(store)
        assert laid == [(0, 256), (256, 64), (320, 32)][: len(laid)]
        assert len(laid) >= 2
        store.verify(deep=True)
        store.rebuild()
        assert spans(store) == []
        assert store.index_queries() == laid[-1][0] + laid[-1][1]
        assert stored(store) == grown
        store.verify(deep=True)


def test_a_book_that_may_only_be_read_answers_without_an_index(tmp_path: Path) -> None:
    path = str(tmp_path / "book.db")
    with filled(path, corpus.events(1, 100)) as store:
        expected = [event.seq for event in store.query(EVERY, per_page=1000).events]
        store.rebuild()
    with open_store(path, read_only=True) as reader:
        assert [event.seq for event in reader.query(EVERY, per_page=1000).events] == expected
        assert spans(reader) == []


def test_a_query_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = str(tmp_path / "book.db")
    with filled(path, corpus.events(1, 100)) as store, open_store(path) as other, other._backend.write(0.0):
        found = store.query(EVERY, per_page=1000).events
        assert len(found) > 60
        assert spans(store) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("act", ["change", "remove", "add"])
def test_a_deep_verification_finds_a_row_that_the_entries_do_not_give(tmp_path: Path, table: Any, act: str) -> None:
    with filled(str(tmp_path / "book.db"), corpus.events(1, 100)) as store:
        store.index_queries()
        store.verify(deep=True)
        last = [column.name for column in table.columns][-1]
        with store._backend.write(0.0) as connection:
            row = dict(connection.execute(select(table)).mappings().first() or {})
            keys = [column == row[column.name] for column in table.primary_key.columns]
            if act == "change":
                raw = bytes(row[last])
                connection.execute(table.update().where(*keys).values({last: raw[:-1] + bytes([raw[-1] ^ 1])}))
            elif act == "remove":
                connection.execute(table.delete().where(*keys))
            else:
                connection.execute(table.insert().values(row | {"first": 4096}))
        with pytest.raises(IntegrityError, match=re.escape("ledger.derived_broken")) as broken:
            store.verify(deep=True)
        assert broken.value.where["table"] == table.name


def test_an_index_of_other_code_is_not_read_and_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled(str(tmp_path / "book.db"), corpus.events(1, 100)) as store:
        expected = len(store.query(EVERY, per_page=1000).events)
        with store._backend.write(0.0) as connection:
            connection.execute(query_terms.delete())
        monkeypatch.setattr(growing, "CODE", "other")
        assert len(store.query(EVERY, per_page=1000).events) == expected
        assert store.index_queries() == 96
        store.verify(deep=True)


def test_a_segment_that_is_merged_while_a_query_reads_loses_no_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merge happens right after the query has learnt which segments there are."""
    events, tick = corpus.events(2, 300), clock()
    path = str(tmp_path / "book.db")
    with filled(path, events[:100]) as store, open_store(path) as other:
        store.index_queries()
        expected = [event.seq for event in store.query(EVERY, per_page=1000).events]
        capture(store, events[100:], tick)
        real = growing.try_to_grow

        def and_then_merge(backend: Any, *_: Any) -> Any:
            found = real(backend, expected[-1])
            other.index_queries()
            return found

        monkeypatch.setattr(growing, "try_to_grow", and_then_merge)
        found = [event.seq for event in store.query(EVERY, as_of=expected[-1], per_page=1000).events]
        assert found == expected
        assert spans(store)[0] == (0, 256)


places = st.lists(st.integers(0, 255), unique=True, max_size=256).map(sorted)


@given(a=places, b=places, dense=st.booleans())
def test_sets_as_lists_and_as_masks_are_the_same_sets(a: list[int], b: list[int], dense: bool) -> None:
    def held(found: list[int], as_mask: bool) -> sets.Set:
        listed = np.array(found, np.uint16)
        if not as_mask:
            return listed
        mask = np.zeros(256, bool)
        mask[listed] = True
        return mask

    for forms in ((False, False), (dense, not dense), (True, True)):
        pair = [held(a, forms[0]), held(b, forms[1])]
        assert sets.all_of(pair, 256).tolist() == sorted(set(a) & set(b))
        assert sets.all_of([sets.union(pair, 256)], 256).tolist() == sorted(set(a) | set(b))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.integers(-3, 3), st.floats(allow_nan=False)), max_size=200))
def test_a_segment_s_rows_give_back_the_part_that_they_were_made_from(found: list[tuple[int, int, float]]) -> None:
    found = sorted(found, key=lambda each: each[0])
    at = np.array([place for place, _, _ in found], np.int64)
    keys = np.array([key for _, key, _ in found], np.int64)
    numbers = np.array([number for _, _, number in found], np.float64)
    span = segments.Span(256, 256)
    part = segments.Part(256, np.arange(256, dtype=np.int64), keys, at, keys, at, numbers)
    rows = segments.rows_of(span, part)
    again = segments.part_of(span, rows.segment[-1], [row[1:] for row in rows.terms], [row[1:] for row in rows.numbers])
    assert {*zip(again.keys.tolist(), again.key_places.tolist(), strict=True)} == {
        (key, place) for place, key, _ in found
    }
    once_more = segments.rows_of(span, again)
    assert once_more == rows


numbers = st.one_of(
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.fractions(),
    st.integers(0, 2**54).map(lambda n: Decimal(n).scaleb(-3)),
    st.sampled_from([Decimal("1e400"), Decimal("-1e400"), Decimal("1e-400"), 0, 2**53 + 1, 2**53]),
)


@given(a=numbers, b=numbers)
def test_rounding_keeps_order_and_even_floats_stand_for_themselves(a: Any, b: Any) -> None:
    x, y = Fraction(a), Fraction(b)
    if x <= y:
        assert rounded(a) <= rounded(b)
    if rounded(a) == rounded(b) and not is_odd(rounded(a)):
        assert x == y


@given(found=numbers, wanted=numbers, op=st.sampled_from(["EQ", "GT", "GE", "LT", "LE"]))
def test_the_index_narrows_and_never_misses(found: Any, wanted: Any, op: str) -> None:
    x, y = Fraction(found), Fraction(wanted)
    holds = {"EQ": x == y, "GT": x > y, "GE": x >= y, "LT": x < y, "LE": x <= y}[op]
    low, high = planning._ends(op, [wanted])
    if holds:
        assert low <= rounded(found) <= high
