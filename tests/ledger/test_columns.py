"""Derived columns: arrays beside the entries, read one by one, stored whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from sqlalchemy import select

from lodeline.errors import BookError, IntegrityError
from lodeline.ledger.columns import PART_ROWS, joined, parts
from lodeline.ledger.schema import derived_columns
from lodeline.ledger.store import Store, open_store
from tests.ledger.books import add_document, book, clock
from tests.ledger.test_derived import as_owner, fill

FreshUrl = Callable[[], str]
ROWS = PART_ROWS + 3


def tables(rows: int = ROWS) -> dict[str, Any]:
    """A set with every kind of column, longer than a part."""
    return {
        "flows": {
            "mass_kg": np.where(np.arange(rows) % 7 == 0, np.nan, np.arange(rows) / 3),
            "lot": np.arange(rows, dtype=np.int32),
            "low_kg": np.full(rows, np.nan),
            "chosen": np.arange(rows) % 2 == 0,
            "kind": np.zeros(rows, dtype=np.uint8),
        },
        "names": {"name": [f"lot {number}\0\n" for number in range(rows)]},
        "state": {"bytes": b"any bytes" * 10},
        "empty": {"column": np.zeros(0), "text": [], "bytes": b""},
    }


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, np.ndarray):
        return found.dtype == expected.dtype and found.tobytes() == expected.tobytes()
    return bool(found == expected)


def require_same(store: Store, expected: dict[str, Any]) -> None:
    found = store.columns("trial")
    assert found is not None
    assert {table: set(columns) for table, columns in found.tables.items()} == {
        table: set(columns) for table, columns in expected.items()
    }
    for table, columns in expected.items():
        assert all(same(found.tables[table][name], values) for name, values in columns.items())


@settings(deadline=None, max_examples=60)
@given(
    nps.arrays(
        dtype=st.sampled_from(["<f8", "<i8", "<i4", "|u1", "|b1", ">f8", "<f4"]),
        shape=st.integers(0, 40),
        elements=None,
        fill=st.nothing(),
    )
)
def test_an_array_comes_back_bit_for_bit(values: Any) -> None:
    found = joined(parts(values), len(values))
    assert isinstance(found, np.ndarray)
    assert found.tobytes() == values.astype(values.dtype.newbyteorder("<")).tobytes()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=20))
def test_texts_come_back(texts: list[str]) -> None:
    assert joined(parts(texts), len(texts)) == texts


def test_one_value_throughout_is_kept_once_and_signs_of_zero_are_not_one_value() -> None:
    assert [len(part.raw) for part in parts(np.full(1000, np.nan))] == [8]
    zeros = np.zeros(1000)
    zeros[500] = -0.0
    assert [len(part.raw) for part in parts(zeros)] == [8000]


def test_what_is_no_column_of_numbers_is_not_taken() -> None:
    for wrong in (np.zeros((2, 2)), np.array(["a"]), np.array([None])):
        with pytest.raises(TypeError):
            list(parts(wrong))


def test_a_set_is_stored_read_and_replaced(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        assert store.columns("trial") is None
        seq = store.head().seq
        assert store.put_columns("trial", "1", seq, tables())
        require_same(store, tables())
        changed = tables(5)
        del changed["state"]
        assert store.put_columns("trial", "1", seq, changed)
        require_same(store, changed)
        found = store.columns("trial")
        assert found is not None
        assert (found.stamp.code, found.stamp.seq, found.stamp.digest.hex()) == ("1", seq, store.head().digest)
    with open_store(url, read_only=True) as store:
        require_same(store, changed)
        with pytest.raises(BookError) as refused:
            store.put_columns("trial", "1", seq, changed)
        assert refused.value.code == "ledger.read_only"


def test_only_the_parts_that_changed_are_written(fresh_url: FreshUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    with book(fresh_url()) as store:
        store.put_columns("trial", "1", 0, tables())
        written = []
        insert = type(store._backend).insert

        def counting(backend: Any, connection: Any, table: Any, rows: Any) -> None:
            written.extend(row[:4] for row in rows if table is derived_columns)
            insert(backend, connection, table, rows)

        monkeypatch.setattr(type(store._backend), "insert", counting)
        changed = tables()
        changed["flows"]["mass_kg"][PART_ROWS + 1] = 5.0
        store.put_columns("trial", "1", 0, changed)
        assert written == [("trial", "flows", "mass_kg", 1)]
        require_same(store, changed)


def test_a_column_is_read_only_when_it_is_asked_for(fresh_url: FreshUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    with book(fresh_url()) as store:
        store.put_columns("trial", "1", 0, tables())
        asked = []
        rows = type(store._backend).rows
        monkeypatch.setattr(
            type(store._backend), "rows", lambda backend, question: asked.append(question) or rows(backend, question)
        )
        found = store.columns("trial")
        assert found is not None
        assert asked == []
        for _ in range(2):
            assert len(found.tables["flows"]["lot"]) == ROWS
        assert len(asked) == 1, "a column of two parts is one question, and is asked once"


def test_what_reaches_further_is_left_unless_other_code_made_it(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        add_document(store, b"a", clock())
        assert store.put_columns("trial", "1", 1, tables(3))
        assert not store.put_columns("trial", "1", 0, tables(2))
        require_same(store, tables(3))
        assert store.put_columns("trial", "2", 0, tables(2))
        require_same(store, tables(2))
        store.drop_columns("trial")
        assert store.columns("trial") is None


def test_who_reads_while_the_set_is_stored_anew_is_told_and_gets_no_mixture(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        store.put_columns("trial", "1", 0, tables(3))
        reading = store.columns("trial")
        assert reading is not None
        assert len(reading.tables["flows"]["lot"]) == 3
        store.put_columns("trial", "2", 0, tables(4))
        with pytest.raises(BookError) as refused:
            reading.tables["flows"]["mass_kg"]
        assert refused.value.code == "ledger.columns_moved"
        assert len(reading.tables["flows"]["lot"]) == 3


def test_a_stamp_of_another_chain_is_no_stamp(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        store.put_columns("trial", "1", 0, tables(3))
        as_owner(url, "UPDATE derived SET head_seq = 7 WHERE name = 'trial'")
        assert store.columns("trial") is None


def test_a_deep_verify_makes_columns_again_and_names_the_first_that_differs(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        store.put_columns("trial", "1", store.head().seq, tables())
        assert store.verify(deep=True).unchecked == ("trial",)
        assert store.verify(deep=True, recompute={"trial": lambda stamp: tables()}).unchecked == ()
        assert store.verify(deep=True, recompute={"trial": lambda stamp: None}).unchecked == ("trial",)
        other = tables()
        other["flows"]["mass_kg"][PART_ROWS + 2] = 1.5
        with pytest.raises(IntegrityError) as refused:
            store.verify(deep=True, recompute={"trial": lambda stamp: other})
        assert refused.value.code == "ledger.derived_broken"
        assert refused.value.where == {
            "table": "derived_columns",
            "column": "mass_kg",
            "name": "trial",
            "of_table": "flows",
            "row": PART_ROWS + 2,
        }


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("UPDATE derived_columns SET length = 9 WHERE of_column = 'lot' AND part = 0", "lot"),
        ("UPDATE derived_columns SET dtype = '<f8' WHERE of_column = 'kind' AND part = 1", "kind"),
        ("DELETE FROM derived_columns WHERE of_column = 'mass_kg' AND part = 1", "mass_kg"),
        ("DELETE FROM derived_columns WHERE of_column = 'chosen'", "chosen"),
        ("INSERT INTO derived_columns VALUES ('trial', 'flows', 'odd', 0, '<f8', 0, '')", "odd"),
        ("UPDATE derived_columns SET name = 'other' WHERE of_column = 'lot'", "name"),
        ("UPDATE derived SET head_digest = (SELECT digest FROM entries WHERE seq = 1) WHERE name = 'trial'", "head"),
        ("DELETE FROM derived WHERE name = 'trial'", "name"),
        ("DELETE FROM derived_columns", "name"),
    ],
)
def test_a_deep_verify_finds_columns_that_were_changed(fresh_url: FreshUrl, change: str, column: str) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        store.put_columns("trial", "1", store.head().seq, tables())
        if url.startswith("postgres") or "VALUES" not in change:
            as_owner(url, change)
        else:
            as_owner(url, change.replace("''", "x''"))
        with pytest.raises(IntegrityError) as refused:
            store.verify(deep=True, recompute={"trial": lambda stamp: tables()})
        assert refused.value.code == "ledger.derived_broken"
        assert str(refused.value.where["column"]).startswith(column)
        store.rebuild()
        assert store.columns("trial") is None
        store.verify(deep=True)


def test_the_file_of_a_book_stays_whole_when_columns_come_and_go(tmp_path: Any) -> None:
    """Overflow pages that are freed and used again must leave no byte that nothing occupies."""
    with book(str(tmp_path / "book.db")) as store:
        fill(store)
        for rows in (ROWS, 10, 40_000, 3 * PART_ROWS):
            store.put_columns("trial", "1", store.head().seq, tables(rows))
            store.put_columns(f"other {rows}", "1", 0, tables(1000))
        store.drop_columns("trial")
        names = {name for (name,) in store._backend.rows(select(derived_columns.c.name).distinct())}
        again = {name: (lambda stamp: tables(1000)) for name in names}
        verified = store.verify(deep=True, recompute=again)
        assert verified.whole_file
        assert verified.unchecked == ()
