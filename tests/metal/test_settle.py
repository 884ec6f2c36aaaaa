"""The act that settles most is found by trying: what it promises is what then happens."""

from decimal import Decimal

from lodeline.metal.holdings import Holding, element_mass, figures
from lodeline.metal.settle import Ranked, rank
from lodeline.record import metal
from lodeline.units.figure import Figure, ratio
from tests.metal.small_book import (
    LOT,
    STIBNITE,
    Record,
    assayed,
    book,
    dried,
    mined,
    net,
    percent,
    weighed,
)

OTHER = "urn:example:lot:2"
MIXED = [Record("material", STIBNITE, {"elements": ["Nd", "Pr"]})]


def names(ranked: Ranked) -> tuple[str, ...]:
    return tuple(name.rpartition(": ")[2] for name in ranked.makes_known)


def test_acts_come_in_order_of_what_they_settle() -> None:
    """Nothing is known of a lot with two elements: a weighing settles both masses, an assay both grades."""
    first, second = rank(book(mined(), master=MIXED).holdings)

    assert {first.settle.act, second.settle.act} == {"weighing", "assay"}
    assert {names(first), names(second)} == {("mass", "dry_mass"), ("grade/Nd", "grade/Pr")}
    assert first.then is not None
    assert first.both_make_known == second.both_make_known == 6


def test_once_assayed_a_weighing_settles_the_metal_too() -> None:
    (only,) = rank(book(mined(), assayed(2, percent("55"))).holdings)

    assert (only.settle.act, only.then) == ("weighing", None)
    assert names(only) == ("mass", "dry_mass", "element_mass/Sb")


def test_a_wet_lot_with_a_dry_assay_asks_for_its_moisture() -> None:
    best = rank(book(mined(), weighed(2, net("10", basis="wet")), assayed(3, percent("55"))).holdings)[0]

    # Weighing it again dry would do the same; a moisture is the act that the figures ask for.
    assert {one.settle.act for one in rank(book(mined(), weighed(2, net("10", basis="wet"))).holdings)} == {
        "weighing",
        "moisture",
        "assay",
    }
    assert names(best) == ("dry_mass", "element_mass/Sb")


def test_nothing_is_asked_where_everything_is_known() -> None:
    assert rank(book(mined(), weighed(2, net("10")), assayed(3, percent("55"))).holdings) == ()


def test_the_lot_with_more_to_settle_comes_first() -> None:
    found = rank(book(mined(), mined(lot=OTHER), assayed(2, percent("55"), lot=OTHER)).holdings)

    assert (found[0].lot, found[0].settle.act) == (OTHER, "weighing")


def test_what_was_promised_is_what_happens() -> None:
    """An independent route: do the act, read the book again, and compare."""
    before = book(mined(), master=MIXED)
    done = {
        "weighing": weighed(2, net("10")),
        "assay": assayed(2, percent("3", of="Nd"), percent("1", of="Pr")),
        "moisture": dried(2, "8"),
    }
    for act in rank(before.holdings):
        after = book(mined(), done[act.settle.act], master=MIXED)
        unknown = {name for name, figure in figures(before.holdings[0]).items() if not figure.known}
        known = [name for name, figure in figures(after.holdings[0]).items() if figure.known and name in unknown]
        assert tuple(known) == names(act)


def test_a_report_may_count_its_own_figures() -> None:
    """A share of 260 t of national output becomes known with the metal, and counts."""

    def with_share(holding: Holding) -> dict[str, Figure]:
        national = Figure(value=260_000.0, unit="KGM", standing="stated")
        share = ratio(element_mass(holding, "Sb"), national, unit="P1", scale=100)
        return {**figures(holding), "share": share}

    (only,) = rank(book(mined(), assayed(2, percent("55"))).holdings, with_share)
    assert "share" in names(only)


def test_a_try_leaves_no_trace_in_the_book() -> None:
    found = book(mined())
    rank(found.holdings)

    assert found.holdings[0].mass.kg is None
    assert found.holdings[0].assays == ()
    assert metal.Amount(LOT, Decimal(1), "KGM").quantity == 1
