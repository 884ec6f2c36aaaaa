"""The flows of a book: kept, grown, made again, and always the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lodeline.book import Book, create
from lodeline.book import open as open_book
from lodeline.book.flows import SET
from lodeline.errors import BookError, IntegrityError, NotFoundError
from lodeline.examples.first_shipment import first_shipment
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.words import QUANTITY
from lodeline.record.metal_vocabulary import NAMESPACE
from tests.ledger.epcis import CONTEXT, declared, document, event
from tests.ledger.test_derived import as_owner
from tests.ledger.test_edges import made

FreshUrl = Callable[[], str]
LOT = "urn:epc:class:lgtin:4012345.012345.Lot"


def act(day: int, lot: int, step: str, **more: Any) -> dict[str, Any]:
    return event(
        lot,
        eventTime=f"2025-10-{day:02d}T08:00:00Z",
        bizStep=step,
        **more,
    )


def story(lot: int, day: int) -> list[dict[str, Any]]:
    """A lot arises, is weighed without an uncertainty, and leaves."""
    weighed = {
        "sensorElementList": [
            {
                "sensorReport": [
                    {
                        "type": "Mass",
                        "value": 990 + lot,
                        "uom": "KGM",
                        "deviceID": "https://example.org/scale/1",
                        "m:weight": "net",
                    }
                ]
            }
        ]
    }
    return [
        act(day, lot, "commissioning", action="ADD"),
        act(day + 1, lot, "inspecting", **weighed),
        act(day + 2, lot, "shipping"),
    ]


def capture(book: Book, *events: dict[str, Any]) -> None:
    book.capture(document(events, context=[*CONTEXT, {"m": NAMESPACE}]), by="clerk")


def in_memory(book: Book, as_of: int | None = None) -> Flows:
    """An independent second route: all events at once, as the report reads them."""
    return book.view(as_of).facts.flows


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events were read from the ledger, each time that flows were made or grown."""
    from lodeline.book import flows

    counts: list[int] = []
    follow = flows.follow
    monkeypatch.setattr(
        flows, "follow", lambda store, line, *rest: (counts.append(len(line.seq)), follow(store, line, *rest))[1]
    )
    return counts


def test_flows_are_made_once_and_loaded_after_that(fresh_url: FreshUrl, counted: list[int]) -> None:
    url = fresh_url()
    with create(url, title="x", by="me") as book:
        capture(book, *story(1, 1), *story(2, 2))
        first = book.flows()
        assert (book.flows(), counted) == (first, [6])
        assert first == in_memory(book)
    with open_book(url, read_only=True) as book:
        assert (book.flows(), counted) == (first, [6])


def test_flows_grow_with_what_came_later_and_equal_those_made_at_once(fresh_url: FreshUrl, counted: list[int]) -> None:
    with create(fresh_url(), title="x", by="me") as book:
        for lot, day in ((1, 1), (2, 4), (3, 7)):
            capture(book, *story(lot, day))
            assert book.flows() == in_memory(book)
        assert counted == [3, 3, 3]
        book.verify(deep=True)


def test_a_late_record_a_correction_and_a_policy_make_flows_anew(fresh_url: FreshUrl, counted: list[int]) -> None:
    with create(fresh_url(), title="x", by="me") as book:
        capture(book, *story(1, 5))
        book.flows()
        capture(book, *story(2, 1))
        assert book.flows() == in_memory(book)
        capture(book, declared(story(2, 1)[2]))
        assert book.flows() == in_memory(book)
        book.set_policy(b"[uncertainty]\nweighing = {kg = 3}", by="me")
        assert book.flows() == in_memory(book)
        assert counted == [3, 6, 5, 5]


def test_documents_and_master_data_leave_flows_as_they_are(fresh_url: FreshUrl, counted: list[int]) -> None:
    with create(fresh_url(), title="x", by="me") as book:
        capture(book, *story(1, 5))
        first = book.flows()
        book.add_document(b"x", media_type="text/plain", title="t", issuer="i", dated=None, role="r", by="me")
        assert (book.flows(), counted) == (first, [3])


def test_a_place_that_turns_out_to_be_a_part_of_a_site_makes_flows_anew(
    fresh_url: FreshUrl, counted: list[int], tmp_path: Path
) -> None:
    """The lot lies at the site, the scale stands in its yard: only who knows that can tell what was weighed."""
    site, yard = ({"bizLocation": {"id": f"https://example.org/{name}"}} for name in ("site", "yard"))
    arises, weighed, _ = story(1, 5)
    party, places = tmp_path / "party.toml", tmp_path / "places.toml"
    party.write_text('[[party]]\nid = "urn:example:seller"\nname = "Seller"\n')
    places.write_text(
        '[[site]]\nid = "https://example.org/site"\nname = "Site"\ncountry = "PK"\n'
        '[[store]]\nid = "https://example.org/yard"\nname = "Yard"\nsite = "https://example.org/site"\n'
    )
    with create(fresh_url(), title="x", by="me") as book:
        capture(book, arises | site, weighed | yard)
        before, then = book.flows(), book.head().seq
        book.register(party, by="me")
        assert (book.flows(), counted) == (before, [2])
        book.register(places, by="me")
        after = book.flows()
        assert after == in_memory(book) != before
        assert [QUANTITY["net"] in one.measurements["quantity"] for one in (before, after)] == [False, True]
        assert book.flows(then) == before == in_memory(book, then)
        assert book.verify(deep=True).unchecked == ()


def test_flows_as_of_an_entry_are_those_of_a_book_that_ends_there(fresh_url: FreshUrl) -> None:
    with create(fresh_url(), title="x", by="me") as book:
        capture(book, *story(1, 5))
        then = book.head().seq
        before = book.flows()
        book.set_policy(b"[assay]\nranks = ['final']", by="me")
        capture(book, *story(2, 1), declared(story(1, 5)[1]))
        now = book.flows()
        assert book.flows(then) == before
        assert book.flows() == now != before


def test_a_book_that_cannot_be_written_answers_the_same(fresh_url: FreshUrl, counted: list[int]) -> None:
    url = fresh_url()
    with create(url, title="x", by="me") as book:
        capture(book, *story(1, 5), made(600, [1], [9]))
    with open_book(url, read_only=True) as book:
        assert book.flows() == book.flows() == in_memory(book)
        assert len(counted) == 2
        assert [one.lot for one in book.ancestry(f"{LOT}9").kin] == [one.lot for one in book.ancestry(f"{LOT}9").kin]


def test_a_lock_that_another_holds_does_not_take_the_answer_away(fresh_url: FreshUrl, counted: list[int]) -> None:
    url = fresh_url()
    with create(url, title="x", by="me") as book:
        capture(book, *story(1, 5))
    from lodeline.ledger.store import open_store

    with open_store(url) as other, Book(open_store(url, wait_s=0.05)) as book, other._backend.write(1.0):
        assert book.flows().flows.rows > 0
        with pytest.raises(BookError):
            book.rebuild()


def test_dropped_or_rebuilt_flows_come_back_equal(fresh_url: FreshUrl, counted: list[int]) -> None:
    url = fresh_url()
    with create(url, title="x", by="me") as book:
        first_shipment().build(book, by="me")
        capture(book, made(5, [1], [9]))
        first, kin = book.flows(), book.ancestry(f"{LOT}9").kin
        stored = book._store.columns(SET)
        book.rebuild()
        again = book._store.columns(SET)
        assert stored is not None
        assert again is not None
        for table, columns in stored.tables.items():
            for column, values in columns.items():
                other = again.tables[table][column]
                assert values.tobytes() == other.tobytes() if hasattr(values, "tobytes") else values == other
        book._store.drop_columns(SET)
        as_owner(url, "DROP TABLE lot_edges", "DROP TABLE processes")
        assert (book.flows(), book.ancestry(f"{LOT}9").kin) == (first, kin)
        assert book.verify(deep=True).unchecked == ()


def test_a_deep_verify_makes_flows_again_and_names_the_first_place_that_differs(fresh_url: FreshUrl) -> None:
    url = fresh_url()
    with create(url, title="x", by="me") as book:
        capture(book, *story(1, 5))
        flows = book.flows()
        capture(book, *story(2, 8))
        assert book.verify(deep=True).unchecked == (), "flows that stand behind the head are compared as of their entry"
        mass_kg = flows.flows["mass_kg"].copy()
        mass_kg[1] += 100
        tables = {table: dict(columns) for table, columns in book._store.columns(SET).tables.items()}
        tables["flows"]["mass_kg"] = mass_kg
        stamp = book._store.columns(SET).stamp
        book._store.drop_columns(SET)
        book._store.put_columns(SET, stamp.code, stamp.seq, tables)
        with pytest.raises(IntegrityError) as refused:
            book.verify(deep=True)
        assert refused.value.code == "ledger.derived_broken"
        assert [refused.value.where[name] for name in ("name", "of_table", "column", "row")] == [
            "flows",
            "flows",
            "mass_kg",
            1,
        ]
        book.rebuild()
        book.verify(deep=True)


def test_what_the_policy_supposes_cites_it_and_what_the_record_gives_stays(fresh_url: FreshUrl) -> None:
    with create(fresh_url(), title="x", by="me") as book:
        capture(book, *story(1, 5))
        before = book.flows()
        weighed = before.measurements["quantity"] == 3
        version = book.set_policy(
            b"[uncertainty.device]\n'https://example.org/scale/1' = {relative = 0.01}", by="me"
        ).seq
        after = book.flows()
        given = after.measurements["u_policy"] == version
        assert given.sum() == 1
        assert after.measurements["u"][given] == pytest.approx(9.91)
        assert set(before.measurements["u_policy"]) == {-1}
        assert weighed.shape == given.shape
        assert 9.91 in [pytest.approx(u) for u in after.flows["mass_u_kg"]]


def test_ancestry_is_asked_by_any_spelling(fresh_url: FreshUrl) -> None:
    with create(fresh_url(), title="x", by="me") as book:
        capture(book, made(5, [1, 2], [9]))
        found = book.ancestry("https://id.gs1.org/01/04012345123456/10/Lot9")
        assert [one.generation for one in found.kin] == [1, 1]
        assert [one.lot for one in book.ancestry(f"{LOT}1", descendants=True).kin] == [found.lot]
        with pytest.raises(NotFoundError):
            book.ancestry("urn:x:y")


def test_flows_that_other_code_made_are_not_read(
    fresh_url: FreshUrl, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lodeline.book import flows

    with create(fresh_url(), title="x", by="me") as book:
        capture(book, *story(1, 1))
        first = book.flows()
        monkeypatch.setattr(flows, "code_digest", lambda: "another")
        assert book.verify(deep=True).unchecked == ("flows",)
        assert (book.flows(), counted) == (first, [3, 3])
        assert book.verify(deep=True).unchecked == ()
