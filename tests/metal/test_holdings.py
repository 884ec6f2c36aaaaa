"""What is held where, and what is known of it: worked by hand, and never a zero for an unknown."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.chemistry.species import species
from lodeline.metal.facts import Facts
from lodeline.metal.holdings import Holding, dry_mass, element_mass, figures, grade, grade_basis, mass
from lodeline.record import metal
from lodeline.record.metal import Amount, End, Result
from tests.metal.small_book import (
    BUYER,
    LOT,
    MASTER,
    MINE,
    NOBODY,
    SELLER,
    STIBNITE,
    WORKS,
    Record,
    assayed,
    book,
    dried,
    kg,
    mined,
    net,
    on,
    percent,
    ranked,
    received,
    shipped,
    weighed,
)

OTHER = "urn:example:lot:2"


def only(found: Facts) -> Holding:
    assert len(found.holdings) == 1
    return found.holdings[0]


def acts(found: Holding) -> dict[str, tuple[str, ...]]:
    """Which acts would settle each unknown figure."""
    return {
        name: tuple(act.act for act in figure.settle) for name, figure in figures(found).items() if not figure.known
    }


def test_a_lot_without_quantity_is_held_and_every_figure_is_unknown() -> None:
    held = only(book(mined()))

    assert held.key == (LOT, MINE, SELLER)
    assert acts(held) == {
        "mass": ("weighing",),
        "dry_mass": ("weighing",),
        "grade/Sb": ("assay",),
        "element_mass/Sb": ("weighing", "assay"),
    }
    assert all(figure.value is None and figure.standing == "unknown" for figure in figures(held).values())


def test_a_declared_quantity_is_stated_and_has_no_uncertainty() -> None:
    held = only(book(mined("10", basis="wet")))

    assert (mass(held).value, mass(held).u, mass(held).standing) == (10.0, None, "stated")
    assert acts(held)["dry_mass"] == ("moisture",)


def test_a_weighing_and_an_assay_give_the_metal_with_its_uncertainty() -> None:
    """By hand: 1000 +- 2 kg dry at 55.0 +- 0.3 %: 550 kg, u = hypot(0.55 x 2, 1000 x 0.003) = 3.195."""
    held = only(book(mined(), weighed(2, net("1000", "2")), assayed(3, percent("55.0", u="0.3"))))

    metal_kg = element_mass(held, "Sb")
    assert metal_kg.value == pytest.approx(550)
    assert metal_kg.u == pytest.approx(math.hypot(0.55 * 2, 1000 * 0.003))
    assert metal_kg.rests_on == ("h2", "h3")
    assert acts(held) == {}


@pytest.mark.parametrize(
    ("mass_basis", "assay_basis", "moisture", "kg_sb"),
    [
        ("dry", "dry", None, 550.0),
        ("wet", "wet", None, 550.0),
        ("wet", "dry", "8", 1000 * 0.92 * 0.55),
        ("dry", "wet", "8", 1000 * 0.55 / 0.92),
        ("wet", "dry", None, None),
        ("dry", "wet", None, None),
        (None, "dry", "8", None),
        ("dry", None, "8", None),
    ],
)
def test_wet_and_dry_meet_only_by_way_of_a_moisture(
    mass_basis: str | None, assay_basis: str | None, moisture: str | None, kg_sb: float | None
) -> None:
    events = [mined(), weighed(2, net("1000", basis=mass_basis)), assayed(3, percent("55.0", basis=assay_basis))]
    held = only(book(*events, *([] if moisture is None else [dried(4, moisture)])))

    got = element_mass(held, "Sb")
    assert got.value == (None if kg_sb is None else pytest.approx(kg_sb))
    if kg_sb is None and mass_basis and assay_basis:
        assert [act.act for act in got.settle] == ["moisture"]
    elif kg_sb is None:
        assert [act.act for act in got.settle] == ["weighing" if mass_basis is None else "assay"]


def test_drying_carries_the_uncertainty_of_the_moisture() -> None:
    """By hand: 1000 +- 2 kg wet at 8.0 +- 0.5 % water: 920 kg dry, u = hypot(0.92 x 2, 1000 x 0.005)."""
    held = only(book(mined(), weighed(2, net("1000", "2", basis="wet")), dried(3, "8", "0.5")))

    assert dry_mass(held).value == pytest.approx(920)
    assert dry_mass(held).u == pytest.approx(math.hypot(0.92 * 2, 1000 * 0.005))


def test_gross_less_tare_is_the_net_mass_in_one_event_or_two() -> None:
    """By hand: 30,000 +- 4 kg less 12,000 +- 3 kg is 18,000 +- 5 kg."""
    gross, tare = net("30000", "4", weight="gross", basis="wet"), net("12000", "3", weight="tare", basis="wet")

    for events in ([weighed(2, gross, tare)], [weighed(2, gross), weighed(3, tare)]):
        got = mass(only(book(mined(), *events)))
        assert (got.value, got.u, got.standing) == (18000.0, pytest.approx(5.0), "measured")


def test_an_oxide_counts_as_its_element() -> None:
    """Sb2O3 is 83.5 % antimony: 121.76 x 2 / 291.517."""
    held = only(book(mined(), weighed(2, net("1000")), assayed(3, percent("60", of="Sb2O3"))))

    assert grade(held, "Sb").value == pytest.approx(60 * 243.52 / 291.517)
    assert element_mass(held, "Sb").value == pytest.approx(600 * 243.52 / 291.517)


def test_below_detection_stays_an_interval() -> None:
    line = Result(substance=species("U"), value=None, u=None, uom="59", basis="dry", detection_limit=Decimal(5))
    held = only(book(mined(), weighed(2, net("1000")), metal.assay(on(3), LOT, [line], NOBODY)))

    got = element_mass(held, "U")
    assert (got.value, got.standing, got.low, got.high) == (None, "bounded", 0.0, pytest.approx(0.005))
    assert grade(held, "U").high == pytest.approx(5e-4)
    assert held.elements == ("Sb", "U")


def test_an_umpire_counts_before_a_later_provisional_assay() -> None:
    events = [
        mined(),
        assayed(2, percent("54", basis="wet"), certificate=ranked("umpire")),
        assayed(3, percent("56"), certificate=ranked("provisional")),
    ]
    held = only(book(*events))

    assert grade(held, "Sb").value == pytest.approx(54)
    assert grade_basis(held, "Sb") == "wet"
    assert grade_basis(held, "Cu") is None


def test_a_part_that_is_shipped_takes_its_assay_along_and_leaves_the_rest() -> None:
    """By hand: 10 kg dry, 4 kg shipped: 6 kg remain, both at 50 %."""
    found = book(mined("10", basis="dry"), assayed(2, percent("50")), shipped(3, "4"), received(4, "4"))
    by_place = {holding.place: holding for holding in found.holdings}

    assert set(by_place) == {MINE, WORKS}
    assert (mass(by_place[MINE]).value, mass(by_place[WORKS]).value) == (6.0, 4.0)
    assert [element_mass(by_place[place], "Sb").value for place in (MINE, WORKS)] == [3.0, 2.0]
    assert (by_place[MINE].owner, by_place[WORKS].owner) == (SELLER, BUYER)


def test_a_shipment_of_unknown_stock_leaves_an_unknown_rest() -> None:
    found = book(mined(), shipped(2, "4"))

    assert [(holding.in_transit, mass(holding).value) for holding in found.holdings] == [(False, None), (True, 4.0)]


def test_parts_that_come_together_again_are_one_holding() -> None:
    events = [
        mined("10", basis="dry"),
        shipped(2, "4"),
        shipped(3, "6", bill="urn:example:bol:2"),
        received(4),
        received(5, bill="urn:example:bol:2"),
    ]
    held = only(book(*events))

    assert (held.place, mass(held).value) == (WORKS, 10.0)


def test_a_lot_on_the_road_is_held_nowhere_and_not_lost() -> None:
    held = only(book(mined("10", basis="dry"), shipped(2)))

    assert (held.place, held.in_transit, held.bound_for, held.left_known) == (None, True, WORKS, "at")
    assert mass(held).value == 10.0


def test_a_container_moves_with_what_it_holds_until_it_is_unpacked() -> None:
    box = "urn:example:box"
    events = [
        mined("10", basis="dry"),
        mined("5", lot=OTHER, basis="dry"),
        metal.pack(on(2), box, [kg("4"), kg(None, OTHER)], basis="dry"),
        metal.shipment(on(3), [], basis=None, left=End(place=MINE), to=End(place=WORKS), containers=[box]),
        metal.receipt(on(4, WORKS), [], basis=None, left=End(), to=End(owner=BUYER), containers=[box]),
        metal.unpack(on(5, WORKS), box, [kg(None, OTHER)], basis=None),
    ]
    found = book(*events)
    where = {(holding.lot, holding.place, mass(holding).value, holding.container) for holding in found.holdings}

    assert where == {(LOT, MINE, 6.0, None), (LOT, WORKS, 4.0, box), (OTHER, WORKS, 5.0, None)}
    assert found.findings == ()


def test_parts_of_a_split_are_of_the_material_and_origin_of_the_whole_and_products_of_a_process_are_not() -> None:
    parts = [kg("400", "urn:example:lot:a"), kg("600", "urn:example:lot:b")]

    def of(event: metal.Event) -> set[tuple[str | None, str | None]]:
        return {(lot.material, lot.country) for lot in book(mined("1000"), event).lots if lot.id != LOT}

    split = metal.split(on(2), kg(None), parts, basis=None)
    ground = metal.transformation(on(2), process="blend", inputs=[kg(None)], outputs=parts, basis=None)
    assert of(split) == {(STIBNITE, "PK")}
    assert of(ground) == {(None, None)}


def test_parts_of_a_split_inherit_and_products_of_a_process_do_not() -> None:
    first = [mined("10", basis="dry"), assayed(2, percent("50"))]
    parts = [kg("4", OTHER), kg("6", "urn:example:lot:3")]
    by_split = book(*first, metal.split(on(3), kg(None), parts, basis="dry"))
    process = metal.transformation(on(3), process="concentrate", inputs=[kg(None)], outputs=parts, basis="dry")
    by_process = book(*first, process)

    assert [element_mass(holding, "Sb").value for holding in by_split.holdings] == [2.0, 3.0]
    assert [holding.elements for holding in by_process.holdings] == [(), ()]
    assert {lot.id: lot.parents for lot in by_split.lots}[OTHER] == (LOT,)
    assert {lot.id: lot.ended_by for lot in by_split.lots}[LOT] == "h3"


def test_what_comes_out_of_a_pile_has_everything_that_went_in_as_parents() -> None:
    pile = {"process": "store", "basis": "dry", "transformation_id": "urn:example:pile"}
    events = [
        mined("10", basis="dry"),
        mined("5", lot=OTHER, basis="dry"),
        metal.transformation(on(2), inputs=[kg(None)], outputs=[], **pile),  # type: ignore[arg-type]
        metal.transformation(on(3), inputs=[kg(None, OTHER)], outputs=[], **pile),  # type: ignore[arg-type]
        metal.transformation(on(4), inputs=[], outputs=[kg("3", "urn:example:lot:3")], **pile),  # type: ignore[arg-type]
    ]
    found = book(*events)

    assert only(found).lot == "urn:example:lot:3"
    assert found.lots[-1].parents == (LOT, OTHER)


def test_owner_changes_where_the_lot_lies() -> None:
    change = metal.ownership_change(on(2), [kg("4")], basis="dry", seller=SELLER, buyer=BUYER)
    found = book(mined("10", basis="dry"), change)

    assert {(holding.owner, mass(holding).value) for holding in found.holdings} == {(SELLER, 6.0), (BUYER, 4.0)}


def test_events_take_effect_in_order_of_time_not_of_record() -> None:
    """The weighing was recorded first and happened last."""
    found = book(weighed(3, net("9")), mined("10", basis="dry"))

    assert mass(only(found)).value == 9.0
    assert found.findings == ()


def test_a_stock_take_never_resets_the_book_and_serves_where_nothing_is_known() -> None:
    count = metal.stocktake(on(3), LOT, [net("99", "1")])

    assert mass(only(book(mined("100", basis="dry"), count))).value == 100.0
    assert mass(only(book(mined(), count))).value == 99.0


@given(
    total=st.decimals(min_value=1, max_value=10**6, places=3),
    share=st.decimals(min_value="0.001", max_value="0.999", places=3),
)
def test_splitting_a_lot_keeps_its_mass_to_the_last_digit(total: Decimal, share: Decimal) -> None:
    part = total * share
    found = book(
        mined(str(total), basis="dry"),
        shipped(2, str(part)),
        received(3, str(part)),
    )
    held = [holding.mass.kg for holding in found.holdings]

    assert sum(value for value in held if value is not None) == total


@given(unit=st.sampled_from([("TNE", "1000"), ("LBR", "0.45359237"), ("GRM", "0.001")]))
def test_the_unit_of_the_ticket_does_not_matter(unit: tuple[str, str]) -> None:
    code, factor = unit
    declared = metal.lot_mined(on(1), [Amount(LOT, Decimal("12.5"), code)], basis="dry", country="PK", deposit=None)

    assert only(book(declared)).mass.kg == Decimal("12.5") * Decimal(factor)


def test_an_epc_urn_and_its_digital_link_are_one_lot_at_one_place() -> None:
    """The ledger finds a lot by either spelling, and so do the books."""
    urn, link = "urn:epc:class:lgtin:4012345.012345.998877", "https://example.com/01/04012345123456/10/998877"
    gln, gln_link = "urn:epc:id:sgln:4012345.00001.0", "https://id.gs1.org/414/4012345000016"
    declared = metal.lot_mined(on(1, gln), [kg("10", urn)], basis="dry", country="PK", deposit=None, material=STIBNITE)
    held = only(
        book(declared, weighed(2, net("9"), lot=link, place=gln_link), master=[*MASTER, Record("site", gln, {})])
    )

    assert (mass(held).value, held.place) == (9.0, gln_link)
    assert book(declared, master=[*MASTER, Record("site", gln_link, {})]).findings == ()


def test_what_was_done_is_kept_by_kind_in_order_of_time() -> None:
    events = [
        mined(),
        assayed(4, percent("55")),
        weighed(3, net("1000", basis="wet")),
        metal.sampling(on(2), LOT, sample="urn:example:sample", method=None),
        dried(5, "8"),
        metal.stocktake(on(6), LOT, [net("1000", basis="wet")]),
    ]
    found = book(*events)

    assert [(one.stocktake, one.event) for one in found.weighings] == [(False, "h3"), (True, "h6")]
    assert [one.event for one in (*found.samples, *found.assays, *found.moistures)] == ["h4", "h2", "h5"]
    assert found.samples[0].sample == "urn:example:sample"
    assert found.findings == ()
