"""Claims that rest on lots in doubt: 3 kg declared Pakistani and 2 kg of scrap become two equal lots."""

from __future__ import annotations

import pytest

import lodeline
from lodeline.book.claim_text import stated
from lodeline.book.doubting import Suspects, doubt_of
from lodeline.book.lot_metal import lot_metal
from lodeline.book.traced import traced
from lodeline.book.tracing import traces
from lodeline.book.unheld import FEW_BESIDE, NO_DEPOSIT, NOT_ASSAYED, unheld_lots, unheld_of
from lodeline.examples.programme import programme
from lodeline.metal.flows.words import QUANTITY
from lodeline.origin.doubting import doubted
from lodeline.origin.graph import IN_DOUBT
from tests.book.small_origin import HALVED, LOT, OTHER, A, founded

CODE = frozenset({"origin.grades_unlike_deposit"})


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """The antimony of the book."""
    with founded(tmp_path_factory.mktemp("book") / "book.db", HALVED) as book:
        return traced(book._store, None, "Sb", recorded=True)


def doubt(of, claim, lot=A, suspect=LOT):
    return doubt_of(of, lot_metal(of, lot), stated(claim), Suspects({of.flows.index(suspect): CODE}))


def test_a_claim_names_the_lot_in_doubt_and_what_is_sure_without(of):
    """A holds 0.5 to 2.5 of the 3 kg; if they may be of anywhere, none of it is surely Pakistani."""
    found = doubt(of, "PK>=0.1")

    assert (found.lots, found.codes) == ((LOT,), tuple(CODE))
    assert round(found.most_kg, 3) == 2.5
    assert found.least_kg == pytest.approx(0, abs=1e-5)
    assert found.lacking_kg == pytest.approx(0.25, abs=1e-3)


def test_only_lots_count_that_the_claim_rests_on(of):
    assert doubt(of, "scrap>=0.1") is None
    assert doubt(of, "PK<=0.1") is None
    assert doubt(of, "PK>=0.1", suspect=OTHER) is None
    assert doubt(of, "scrap>=0.1", suspect=OTHER).lots == (OTHER,)
    # The lot in doubt is not in the other one.
    assert doubt(of, "PK>=0.1", lot=OTHER) is None
    assert doubt_of(of, lot_metal(of, A), stated("PK>=0.1"), Suspects({})) is None


def test_metal_in_doubt_may_be_of_any_origin_and_of_none_surely(of):
    made = doubted(of.built, {of.flows.index(LOT)})
    arcs = lot_metal(of, A).arcs

    assert IN_DOUBT in made.bounds.graph.origins
    assert made.mg(arcs) == of.bounds.arcs(arcs, {one for one in of.built.graph.origins if one.country == "PK"}).most
    assert made.lots(arcs) == (of.flows.index(LOT),)
    for column in ("tail", "head", "mg", "flow"):
        assert (getattr(made.bounds.graph, column) == getattr(of.built.graph, column)).all()
    assert doubted(of.built, set()) is None


def test_a_claim_names_what_it_counts_by_declaration_alone(of):
    """Of a lot of no named deposit nobody can say whether it is like its deposit: A may hold 2.5 kg of it."""
    found = unheld_of(of, lot_metal(of, A), stated("PK>=0.1"), unheld_lots(of))

    assert (found.lots, found.why) == ((LOT,), (NO_DEPOSIT,))
    assert round(found.most_kg, 3) == 2.5
    assert traces(of, A, claims=["PK>=0.1"]).unheld == (found,)


def test_scrap_has_no_deposit_to_be_held_against(of):
    found = unheld_of(of, lot_metal(of, A), stated("scrap>=0.1"), unheld_lots(of))

    assert (found.lots, found.why) == ((OTHER,), (NO_DEPOSIT,))


def test_of_a_programme_the_loads_that_nobody_assayed_are_declared_only(tmp_path):
    """Ore whose deposit has a history of assays is held against it; what nobody assayed is named, and nothing else."""
    with lodeline.create(tmp_path / "book.db", title="A programme", by="tests") as book:
        programme(400, seed=8).build(book)
        made = traced(book._store, None, "Sb", recorded=True)
    flows, codes = made.flows, unheld_lots(made).codes
    ore = [row for row, lot in enumerate(flows.lots["lot"].tolist()) if "antimony-ore" in (flows.name(lot) or "")]
    fraction = flows.measurements["quantity"] == QUANTITY["fraction"]
    assayed = set(flows.flows["lot"][flows.measurements["flow"][fraction]].tolist())
    silent = {int(flows.lots["lot"][row]) for row in ore} - assayed

    named = {lot for lot, why in codes.items() if why == {NOT_ASSAYED} and "antimony-ore" in (flows.name(lot) or "")}

    assert silent
    assert named == silent
    # Some deposits have too few assayed lots to hold one against the others.
    assert {FEW_BESIDE} in codes.values()


def test_a_product_of_a_programme_with_foreign_ore_names_the_loads(tmp_path):
    """Three loads are planted, from nine tenths to whole: no claim on what they went into passes without names."""
    with lodeline.create(tmp_path / "book.db", title="A programme", by="tests") as book:
        truth = programme(400, seed=8, faults=("foreign material",)).build(book)
        planted = {lot for fault in truth.faults for lot in fault.lots}
        origins = truth.origins()
        lots = [one for one, of in origins.items() if of.get("across-the-border", {}).get("Sb", 0) > 10**8]
        lines = [f'[[claim]]\nlot = "{one}"\nelement = "Sb"\norigin = "PK"\nat_least = 0.99\n' for one in lots]
        found = book.claims("".join(lines).encode(), recorded=True)

    assert lots
    assert all(one.doubt is not None and planted & set(one.doubt.lots) for one in found.alone)
    assert set(found.table().columns) >= {"in_doubt", "in_doubt_kg"}


def test_claims_asked_about_one_lot_are_told_what_is_in_doubt_too(of, monkeypatch):
    monkeypatch.setattr("lodeline.book.doubting.suspects", lambda traced: Suspects({traced.flows.index(LOT): CODE}))

    in_doubt, not_in_doubt = traces(of, A, claims=["PK>=0.1", "scrap>=0.1"]).doubts

    assert in_doubt == doubt(of, "PK>=0.1")
    assert in_doubt is not None
    assert not_in_doubt is None
    assert traces(of, A).doubts == ()
