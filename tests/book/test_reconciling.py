"""A book reconciled: through its own door, as of an entry, with events, kilograms and money."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import lodeline
from lodeline.book import Book
from lodeline.book.finding import SOURCES, Evidence, findings_of
from lodeline.book.reconciling import solved
from lodeline.errors import InputError, NotFoundError
from lodeline.examples.programme import programme
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.record import codec
from lodeline.record.metal import Event, document
from lodeline.units.money import Money
from tests.metal.reconciliation.small_reconciled import (
    BUYERS,
    OTHER_SCALE,
    PARTS,
    SCALE,
    SELLERS,
    arises,
    assayed,
    split,
    weighed,
)
from tests.metal.small_book import LOT, MINE, WORKS, received, shipped

MASTER = f"""
[[scale]]
id = "{SCALE}"
name = "at the mine"
bias_u = 1
bias_load = 1000
[[scale]]
id = "{OTHER_SCALE}"
name = "at the works"
bias_u = 1
bias_load = 1000
[[laboratory]]
id = "{SELLERS}"
name = "the seller's"
bias_u = 0.5
[[laboratory]]
id = "{BUYERS}"
name = "the buyer's"
bias_u = 0.5
""".encode()
POLICY = b"""
[detection]
false_alarms = 0.01
[transit]
loss = {expected = 0, u = 0.0001}
[groups]
Antimony = ["Sb"]
"""
PRICES = b"metal,unit,year,price\nSb,USD per kg,2025,20\nSb,USD per kg,2027,1\n"
ACTS = (
    arises(),
    weighed(2, "1000", "1", device=SCALE),
    assayed(3, "50", "0.2", by=SELLERS),
    shipped(4),
    received(6),
    weighed(7, "1001", "1", place=WORKS, device=OTHER_SCALE),
    assayed(8, "50.2", "0.2", by=BUYERS, place=WORKS),
    split(9, place=WORKS),
    weighed(10, "400", "1", lot=PARTS[0], place=WORKS, device=OTHER_SCALE),
)


def capture(book: Book, *events: Event) -> None:
    content = codec.encode(document(list(events), created=datetime(2026, 4, 1, tzinfo=UTC)))
    book.capture(content, by="clerk")


@pytest.fixture
def book(tmp_path: Path):
    with lodeline.create(tmp_path / "book.db", title="Test", by="clerk") as opened:
        opened.register(MASTER, by="clerk")
        opened.set_policy(POLICY, by="clerk")
        capture(opened, *ACTS)
        yield opened


def test_a_book_is_reconciled_and_says_how_it_fits(book):
    found = book.reconcile()

    assert (found.elements, found.method, found.false_alarms) == (("Sb",), "dense", 0.01)
    assert found.verdict == "accepted"
    assert found.policy.startswith("policy of entry")
    assert found.closure_kg < 1e-9 * 1000
    assert found.parts == (sum(found.classes["dry"].values()),)
    assert found.classes["dry"]["unknown"] == 0
    assert found.unknown == ()


def test_recorded_and_reconciled_stand_side_by_side_under_the_names_that_explain_takes(book):
    found = book.reconcile()
    frames = found.to_polars()
    rows = list(found.masses.rows())
    held = next(row for row in rows if row["figure"] == f"dry of {PARTS[0]} held at {WORKS}")

    assert held["recorded_kg"] == 400
    assert held["reconciled_kg"] == pytest.approx(400, abs=1)
    assert held["reconciled_kg_u"] > 0
    assert (held["class"], held["act"], held["place"]) == ("measured", "held", WORKS)
    assert frames["masses"].height == len(rows) == 2 * len({row["flow"] for row in rows})
    assert {row["of"] for row in rows} == {"dry", "Sb"}
    for row in rows:
        if row["reconciled_kg"] is not None:
            figure = book.explain(row["figure"]).explanation.figure
            assert figure.value == pytest.approx(row["reconciled_kg"])
            assert figure.u == pytest.approx(row["reconciled_kg_u"], rel=1e-6)


def test_readings_and_biases_are_tables_too(book):
    found = book.reconcile()
    read, off = list(found.readings.rows()), list(found.biases.rows())

    assert [row["kind"] for row in read] == ["mass"] * 3 + ["fraction"] * 2
    assert {row["instrument"] for row in read} == {SCALE, OTHER_SCALE, SELLERS, BUYERS}
    assert all(row["adjustment"] == pytest.approx(row["expected"] - row["value"]) for row in read)
    assert {row["figure"] for row in off} == {
        f"bias of {SCALE}",
        f"bias of {OTHER_SCALE}",
        f"bias of {SELLERS} in Sb",
        f"bias of {BUYERS} in Sb",
    }
    assert all(0 < row["left_of_prior_u"] <= 1 for row in off)
    assert found.to_polars()["biases"].height == 4
    assert set(found.told()) >= {"chi2", "verdict", "masses", "readings", "biases", "unknown"}


def test_as_of_an_earlier_entry_it_is_the_book_of_then(book):
    then = book.head().seq
    before = book.reconcile(as_of=then)
    capture(book, weighed(11, "599", "1", lot=PARTS[1], place=WORKS, device=OTHER_SCALE))

    assert book.reconcile().dof == before.dof + 1
    again = book.reconcile(as_of=then)
    assert (again.chi2, again.dof, again.as_of) == (before.chi2, before.dof, then)


def test_elements_and_groups_are_chosen_and_an_unknown_one_is_refused(book):
    assert book.reconcile(["Antimony"]).elements == ("Sb",)
    assert book.reconcile([]).elements == ()
    with pytest.raises(InputError, match=r"chemistry\.element_unknown"):
        book.reconcile(["Xx"])


def test_without_a_policy_there_is_no_verdict(tmp_path):
    with lodeline.create(tmp_path / "plain.db", title="Test", by="clerk") as plain:
        capture(plain, arises(), weighed(2, "100", "1"))
        alone = plain.reconcile()
        capture(plain, weighed(3, "101", "1"))
        both = plain.reconcile()
        plain.set_policy(POLICY, by="clerk")

        assert (alone.verdict, alone.p, both.verdict) == (None, None, None)
        assert (both.dof, plain.reconcile().verdict) == (1, "accepted")
        assert plain.reconcile(as_of=both.as_of).policy == "no policy"


def test_a_figure_names_the_events_that_it_rests_on(book):
    found = book.explain(f"Sb of {LOT} shipped")

    assert set(found.events) == set(found.explanation.entries)
    for entry, hash_id in found.events.items():
        (event,) = book.event(hash_id)
        assert event.seq == entry
    assert book.explain(["Sb", "of", LOT, "shipped"]).explanation.name == found.explanation.name
    assert found.explanation.figure.value == pytest.approx(500, rel=0.02)


def test_a_line_of_an_account_and_a_total_are_figures_of_a_book(book):
    closing = book.explain(f"Sb closing site={WORKS} month=2026-03").explanation
    held = book.explain("Sb held").explanation
    balance = book.balance("Sb", by=["site"], period="month", reconciled=True)
    (works,) = [one for one in balance.accounts if one.key.site == WORKS]

    assert closing.figure.value == pytest.approx(held.figure.value)
    assert works.reconciled("closing").value == pytest.approx(closing.figure.value)
    assert works.reconciled("closing").u == pytest.approx(closing.figure.u, rel=1e-6)
    assert book.balance("Antimony", reconciled=True).accounts[0].reconciled("closing") is not None
    assert book.balance("dry", reconciled=True).accounts[0].reconciled("closing") is not None
    assert book.balance("dry").accounts[0].reconciled("closing") is None


def test_a_figure_that_the_book_does_not_have_is_not_found(book):
    with pytest.raises(NotFoundError) as refused:
        book.explain("Sb of urn:example:lot:11 shipped")

    assert refused.value.code == "explain.figure_unknown"
    assert LOT in refused.value.where["near"]
    with pytest.raises(InputError, match=r"explain\.figure_form"):
        book.explain("what is this")


# -- findings ------------------------------------------------------------------------------------------------------


def suspects(*found: Suspicion):
    """A source of a caller's own."""
    return lambda evidence: found


def test_findings_of_every_source_are_ranked_by_evidence(book):
    found = book.findings().found
    order = ["certain", "strong", "weak", "note"]

    assert [order.index(one.weight) for one in found] == sorted(order.index(one.weight) for one in found)
    codes = {one.code for one in found}
    assert "metal.unregistered" in codes  # followed event by event
    assert "reconcile.bias_untold" not in codes
    assert len(SOURCES) >= 2


def test_a_suspicion_gets_the_events_of_its_entries_and_money_by_the_price_of_its_year(book):
    kept = book.add_document(
        PRICES, media_type="text/csv", title="Prices", issuer="x", dated=None, role="price", by="clerk"
    )
    entry = book.reconcile().solved.flows.measurements["seq"][0]
    mine = suspects(
        Suspicion(code="metal.own", sentence="Own.", weight="strong", kg=10.0, element="Sb", entries=(int(entry),)),
        Suspicion(code="metal.own", sentence="Lot.", weight="weak", kg=10.0, lots=(LOT,), entries=(int(entry),)),
        Suspicion(code="metal.own", sentence="Lots.", kg=10.0, lots=(LOT, PARTS[0])),
        Suspicion(code="metal.own", sentence="Other.", kg=10.0, element="Cu", entries=(int(entry),)),
        Suspicion(code="metal.own", sentence="Plain."),
    )
    found = {
        one.sentence: one for one in findings_of(book._store, None, sources=[mine]).found if one.code == "metal.own"
    }

    own = found["Own."]
    assert [event.seq for event in book.event(own.events[0])] == [entry]
    assert own.money == Money(Decimal("200.00"), "USD")  # 2026 has no price of its own: that of 2025, not of 2027
    assert (own.worth[0].price.year, own.worth[0].price.document) == (2025, kept.id)
    assert found["Lot."].money == Money(Decimal("100.00"), "USD")  # half of it is antimony
    assert found["Lots."].unpriced == "the kilograms are of material of several lots, and a price is of an element"
    assert found["Other."].unpriced == "the book has no price of Cu for 2026 or a year before"
    assert (found["Plain."].money, found["Plain."].unpriced) == (None, "")


def test_a_book_without_prices_tells_no_money_and_one_that_cannot_be_read_is_a_finding(book):
    mine = suspects(Suspicion(code="metal.own", sentence="Own.", kg=10.0, element="Sb"))
    (own,) = [one for one in findings_of(book._store, None, sources=[mine]).found if one.code == "metal.own"]
    assert (own.money, own.unpriced) == (None, "the book has no price of Sb")
    assert "deal.price_unread" not in {one.code for one in book.findings().found}

    book.add_document(b"x,y\n1,2\n", media_type="text/csv", title="Bad", issuer="x", dated=None, role="price", by="x")
    assert "deal.price_unread" in {one.code for one in book.findings().found}


def test_what_two_sources_say_of_one_instrument_and_event_is_one_finding(book):
    """The heavier of the two is kept; of another event, or another instrument, it is another finding."""
    first, second = (int(entry) for entry in book.reconcile().solved.flows.measurements["seq"][:2])
    same = {"code": "metal.own", "instruments": (SCALE,)}
    mine = suspects(
        Suspicion(sentence="Weak.", weight="weak", entries=(first,), **same),
        Suspicion(sentence="Strong.", weight="strong", entries=(first, second), **same),
        Suspicion(code="metal.own", sentence="Another.", entries=(first,), instruments=(OTHER_SCALE,)),
    )

    found = [one.sentence for one in findings_of(book._store, None, sources=[mine]).found if one.code == "metal.own"]
    assert found == ["Strong.", "Another."]


def test_findings_of_one_element_are_those_alone(book):
    mine = suspects(
        Suspicion(code="metal.own", sentence="Sb.", element="Sb"), Suspicion(code="metal.own", sentence="Mass.")
    )

    found = findings_of(book._store, None, element="Sb", sources=[mine]).found
    assert [one.sentence for one in found] == ["Sb."]


def test_a_book_that_cannot_be_reconciled_has_findings_all_the_same(book):
    def refuses(evidence: Evidence):
        raise InputError("reconcile.not_converged", "The search did not settle.")

    found = {one.code: one for one in findings_of(book._store, None, sources=[refuses]).found}

    assert "The search did not settle." in found["reconcile.not_reconciled"].sentence
    assert "metal.unregistered" in found
    assert "reconcile.not_reconciled" not in {one.code for one in book.findings().found}

    def faulty(evidence: Evidence):
        raise InputError("other.refusal", "Something else.")

    with pytest.raises(InputError, match=r"other\.refusal"):
        findings_of(book._store, None, sources=[faulty])


def test_findings_are_a_table(book):
    frame = book.findings().to_polars()

    assert frame.columns[:3] == ["weight", "code", "kg"]
    assert frame.height == len(book.findings().found)


def test_a_receipt_that_was_not_counted_is_seen_by_the_limits(tmp_path):
    """The programme with its double receipts: every source runs over a whole book, and nothing is lost on the way."""
    with lodeline.create(tmp_path / "programme.db", title="x", by="clerk") as made:
        programme(200, 7, faults=("double receipt",)).build(made, by="clerk")
        found = made.findings()
        evidence = Evidence(made._store, made.view())

        assert {one.code for one in found.found} & {"metal.received_again"}
        assert evidence.uncounted
        assert all(len(one.events) or not one.kg for one in found.found if one.code.startswith("metal."))
        assert solved(made._store, None).reconciled.solution.dof > 0
        assert MINE
