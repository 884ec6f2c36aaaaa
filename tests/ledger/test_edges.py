"""Lot edges and lineage: worked by hand on small plants, and counted where a walk must stay small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from lodeline.errors import BookError, IntegrityError, NotFoundError
from lodeline.ledger.lineage import Lineage
from lodeline.ledger.schema import lot_edges, processes
from lodeline.ledger.store import Store, open_store
from lodeline.record.metal_vocabulary import NAMESPACE
from tests.ledger.books import add_document, book, clock
from tests.ledger.epcis import CONTEXT, LOT, declared, event, spooled
from tests.ledger.test_derived import as_owner, fill

FreshUrl = Callable[[], str]


def made(minute: int, inputs: Sequence[Any], outputs: Sequence[Any], through: str | None = None, **more: Any) -> Any:
    """A transformation, so many minutes after eight."""
    return {
        "type": "TransformationEvent",
        "eventTime": f"2025-10-02T{8 + minute // 60:02d}:{minute % 60:02d}:00Z",
        "eventTimeZoneOffset": "+00:00",
        "inputQuantityList": [{"epcClass": f"{LOT}{name}", "quantity": 1, "uom": "TNE"} for name in inputs],
        "outputQuantityList": [{"epcClass": f"{LOT}{name}", "quantity": 1, "uom": "TNE"} for name in outputs],
        **({} if through is None else {"transformationID": through}),
        **more,
    }


def capture(store: Store, *events: dict[str, Any]) -> None:
    with spooled(events, context=[*CONTEXT, {"m": NAMESPACE}]) as held:
        store.capture(held, by="clerk", clock=clock())


def kin(store: Store, name: Any, *, descendants: bool = False, as_of: int | None = None) -> dict[str, int]:
    """Names of a lot's kin with their generation."""
    found: Lineage = store.lineage(f"{LOT}{name}", as_of, descendants=descendants)
    return {one.lot.rpartition("Lot")[2]: one.generation for one in found.kin}


def plant(store: Store) -> None:
    """Ore A and B are blended to C; C becomes concentrate D and tailings T; D and E make metal F."""
    capture(
        store,
        made(1, "AB", "C"),
        made(2, "C", "DT"),
        event(1),
        made(3, "DE", "F"),
        made(4, "X", "Y"),
    )


@pytest.mark.parametrize("grown", [True, False])
def test_ancestors_and_descendants_are_those_one_finds_by_hand(fresh_url: FreshUrl, grown: bool) -> None:
    url = fresh_url()
    with book(url) as store:
        plant(store)
        if grown:
            assert store.grow_edges() == 4
            assert store.grow_edges() == 0
    with open_store(url, read_only=True) as store:
        assert kin(store, "F") == {"D": 1, "E": 1, "C": 2, "A": 3, "B": 3}
        assert kin(store, "A") == {}
        assert kin(store, "A", descendants=True) == {"C": 1, "D": 2, "T": 2, "F": 3}
        assert kin(store, "Y") == {"X": 1}
        link = store.lineage("https://id.gs1.org/01/04012345123456/10/LotF").kin[0]
        assert (link.processes, link.events) == ((5,), (5,))
        with pytest.raises(NotFoundError) as refused:
            store.lineage("urn:example:none")
        assert refused.value.code == "ledger.no_lot"


def test_the_answer_is_that_of_a_book_which_ends_at_the_entry(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        plant(store)
        store.grow_edges()
        wrong = made(5, "Z", "A")
        capture(store, wrong)
        asked = store.head().seq
        capture(store, declared(wrong))
        for _ in range(2):
            assert kin(store, "C", as_of=3) == {"A": 1, "B": 1}
            assert kin(store, "D", as_of=3) == {"C": 1, "A": 2, "B": 2}
            assert kin(store, "C", as_of=asked) == {"A": 1, "B": 1, "Z": 2}
            assert kin(store, "C") == {"A": 1, "B": 1}
            assert kin(store, "A", descendants=True, as_of=2) == {"C": 1}
            store.grow_edges()


def test_events_of_one_transformation_are_one_process_and_their_edges_add_up_and_do_not_multiply(
    fresh_url: FreshUrl,
) -> None:
    url = fresh_url()
    with book(url) as store:
        for number in range(20):
            capture(store, made(number, [f"in{number}"], [], through="urn:example:heat:1"))
            store.grow_edges()
        capture(store, *(made(30 + number, [], [f"out{number}"], through="urn:example:heat:1") for number in range(20)))
        store.grow_edges()
        assert len(store._backend.rows(select(lot_edges))) == 40
        assert store._backend.rows(select(processes)) == [(-4, "urn:example:heat:1")]
        assert kin(store, "out7") == {f"in{number}": 1 for number in range(20)}
        assert kin(store, "in7", descendants=True) == {f"out{number}": 1 for number in range(20)}
        grown = store._backend.rows(select(lot_edges))
        store.rebuild()
        assert store._backend.rows(select(lot_edges)) == []
        assert kin(store, "out7") == {f"in{number}": 1 for number in range(20)}, "without stored edges too"
        store.grow_edges()
        assert store._backend.rows(select(lot_edges)) == grown
        assert store.verify(deep=True).unchecked == ()


@pytest.mark.parametrize("grown", [True, False])
def test_what_is_laid_on_a_pile_later_is_no_ancestor_of_what_was_taken_before(fresh_url: FreshUrl, grown: bool) -> None:
    with book(fresh_url()) as store:
        pile: dict[str, Any] = {"through": "urn:example:pile:1", "m:process": "store"}
        capture(
            store,
            made(20, ["late"], [], **pile),
            made(1, ["first"], [], **pile),
            made(10, [], ["taken"], **pile),
            made(10, ["same"], [], **pile),
            made(30, [], ["last"], **pile),
            made(40, ["taken", "last"], ["metal"]),
        )
        if grown:
            store.grow_edges()
        assert kin(store, "taken") == {"first": 1, "same": 1}
        assert kin(store, "last") == {"first": 1, "same": 1, "late": 1}
        assert kin(store, "metal") == {"taken": 1, "last": 1, "first": 2, "same": 2, "late": 2}
        assert kin(store, "late", descendants=True) == {"last": 1, "metal": 2}
        assert kin(store, "first", descendants=True) == {"taken": 1, "last": 1, "metal": 2}


def test_a_lot_that_comes_back_into_its_own_process_ends_the_walk(fresh_url: FreshUrl) -> None:
    with book(fresh_url()) as store:
        capture(store, made(1, "AR", "BR", through="urn:example:loop"), made(2, "B", "A"))
        store.grow_edges()
        assert kin(store, "B") == {"A": 1, "R": 1}


def test_a_walk_reads_the_edges_of_ancestors_and_no_others(
    fresh_url: FreshUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows counted where they come out of the database; a thousand unrelated lots must not add one."""
    with book(fresh_url()) as store:
        plant(store)
        capture(store, *(made(number % 90, [f"p{number}"], [f"q{number}"]) for number in range(1000)))
        store.grow_edges()
        read = []
        lookup = type(store._backend).lookup

        def counting(backend: Any, connection: Any, columns: Any, key: Any, wanted: Any) -> Any:
            for row in lookup(backend, connection, columns, key, wanted):
                read.append((key.table.name, row))
                yield row

        monkeypatch.setattr(type(store._backend), "lookup", counting)
        found = store.lineage(f"{LOT}F")
        # F, D and C come out of a process each; A, B, C, D and E go into one.
        assert found.edges_read == len([row for table, row in read if table == "lot_edges"]) == 8
        assert len(read) == 8 + len(found.kin), "beside the edges only the names of the kin"


def test_a_walk_asks_by_index(tmp_path: Any) -> None:
    with book(str(tmp_path / "book.db")) as store:
        for key in ("child", "parent"):
            plan = store._backend.rows(
                text(f"EXPLAIN QUERY PLAN SELECT child, parent, seq FROM lot_edges WHERE {key} IN (1, 2)")
            )
            assert all(row[3].startswith("SEARCH") for row in plan)


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("UPDATE lot_edges SET parent = parent + 100 WHERE parent > 0 AND seq = 2", "lot_edges"),
        ("DELETE FROM lot_edges WHERE seq = 3", "lot_edges"),
        ("INSERT INTO lot_edges VALUES (1, -4, 2)", "lot_edges"),
        ("INSERT INTO lot_edges VALUES (1, -4, 99)", "lot_edges"),
        ("INSERT INTO processes VALUES (-4, 'another')", "processes"),
        ("UPDATE processes SET name = 'another'", "processes"),
        ("DELETE FROM processes", "processes"),
        ("UPDATE derived SET head_digest = (SELECT digest FROM entries WHERE seq = 1) WHERE name = 'edges'", "derived"),
    ],
)
def test_a_deep_verify_finds_edges_that_were_changed(fresh_url: FreshUrl, change: str, table: str) -> None:
    url = fresh_url()
    with book(url) as store:
        plant(store)
        capture(store, made(6, "F", "G", through="urn:example:heat:2"))
        store.grow_edges()
        store.verify(deep=True)
        add_document(store, b"later", clock())
        assert store.verify(deep=True).unchecked == (), "edges that stand behind the head are whole up to there"
        as_owner(url, change)
        with pytest.raises(IntegrityError) as refused:
            store.verify(deep=True)
        assert (refused.value.code, refused.value.where["table"]) == ("ledger.derived_broken", table)
        store.rebuild()
        store.verify(deep=True)


def test_edges_of_other_code_are_not_read_and_made_anew(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        plant(store)
        store.grow_edges()
        as_owner(
            url, "UPDATE derived SET code = '0' WHERE name = 'edges'", "UPDATE lot_edges SET parent = parent + 100"
        )
        assert kin(store, "C") == {"A": 1, "B": 1}
        assert store.verify(deep=True).unchecked == ("edges",)
        assert store.grow_edges() == 4
        assert kin(store, "C") == {"A": 1, "B": 1}
        assert store.verify(deep=True).unchecked == ()


def test_dropped_tables_are_no_hindrance(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with book(url) as store:
        fill(store)
        plant(store)
    as_owner(url, "DROP TABLE lot_edges", "DROP TABLE processes", "DROP TABLE derived_columns")
    with open_store(url, read_only=True) as store:
        assert kin(store, "Y") == {"X": 1}
        assert store.columns("flows") is None
        with pytest.raises(BookError):
            store.grow_edges()
    with open_store(url) as store:
        assert store.grow_edges() == 4
        assert kin(store, "Y") == {"X": 1}
        store.verify(deep=True)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 7), max_size=3), st.sets(st.integers(0, 7), max_size=3), st.sampled_from("abc-")
        ).filter(lambda step: step[0] or step[1]),
        max_size=8,
    ),
    st.integers(0, 8),
    st.booleans(),
)
def test_a_walk_finds_what_a_closure_by_brute_force_finds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any], grown_at: int, down: bool
) -> None:
    """An independent second route: pairs of lots, closed until nothing is added."""
    process: dict[str, tuple[set[int], set[int]]] = {}
    with book(str(tmp_path_factory.mktemp("b") / "book.db")) as store:
        capture(store, *(event(number, quantityList=None, epcList=[f"{LOT}{number}"]) for number in range(8)))
        for place, (inputs, outputs, name) in enumerate(steps):
            through = f"urn:example:{name}" if name != "-" else f"urn:example:alone:{place}"
            capture(store, made(place, sorted(inputs), sorted(outputs), through=through))
            process.setdefault(through, (set(), set()))[0].update(inputs)
            process[through][1].update(outputs)
            if place == grown_at:
                store.grow_edges()
        pairs = {(o, i) for inputs, outputs in process.values() for o in outputs for i in inputs}
        while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
            pairs |= more
        for number in range(8):
            expected = {str(i if not down else o) for o, i in pairs if (i if down else o) == number} - {str(number)}
            assert set(kin(store, number, descendants=down)) == expected
