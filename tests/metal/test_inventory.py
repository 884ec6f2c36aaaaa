"""The inventory: worked by hand, never a plain sum over what is unknown, and nothing below zero."""

import math
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.inventory import Line, inventory
from lodeline.record import metal
from lodeline.units.figure import Figure, total, unknown
from tests.metal.random_books import events, followed, steps
from tests.metal.small_book import (
    LOT,
    MINE,
    SELLER,
    STIBNITE,
    WORKS,
    assayed,
    book,
    dried,
    kg,
    mined,
    net,
    on,
    percent,
    shipped,
    weighed,
)

OTHER = "urn:example:lot:2"


def lines(*acts: metal.Event, **how: object) -> tuple[Line, ...]:
    return inventory(book(*acts).flows, **how)  # type: ignore[arg-type]


def test_a_wet_lot_with_moisture_and_assay_is_known_wet_dry_and_by_element() -> None:
    """By hand: 1000 +- 2 kg wet at 8.0 +- 0.5 % water is 920 kg dry; at 50 +- 0.3 % Sb, 460 kg of it."""
    acts = [
        mined(),
        weighed(2, net("1000", "2", basis="wet")),
        dried(3, "8", "0.5"),
        assayed(4, percent("50", u="0.3")),
    ]
    (line,) = lines(*acts)

    assert (line.lot, line.place, line.owner, line.material, line.state) == (LOT, MINE, SELLER, STIBNITE, "held")
    assert (line.wet.value, line.wet.u, line.wet.standing) == (1000, 2, "measured")
    assert line.dry.value == pytest.approx(920)
    assert line.dry.u == pytest.approx(math.hypot(0.92 * 2, 1000 * 0.005))
    antimony = line.elements["Sb"]
    assert antimony.value == pytest.approx(460)
    assert antimony.u == pytest.approx(math.sqrt((0.46 * 2) ** 2 + (920 * 0.003) ** 2 + (500 * 0.005) ** 2))
    assert line.entries == (1, 2, 3, 4)


def test_what_was_weighed_wet_is_dry_at_most_that_and_the_other_way_round() -> None:
    wet, dry, unsaid = (lines(mined(), weighed(2, net("10", basis=basis)))[0] for basis in ("wet", "dry", None))

    assert (wet.wet.value, wet.dry.low, wet.dry.high) == (10, 0, 10)
    assert (dry.dry.value, dry.wet.low, dry.wet.high) == (10, 10, None)
    assert (unsaid.wet.low, unsaid.dry.high, unsaid.dry.standing) == (10, 10, "bounded")


def test_a_lot_of_which_nothing_is_known_is_unknown_and_not_zero() -> None:
    (line,) = lines(mined(), elements=["Sb"])

    assert [one.standing for one in (line.wet, line.dry, line.elements["Sb"])] == ["unknown"] * 3
    assert [one.value for one in (line.wet, line.dry, line.elements["Sb"])] == [None] * 3
    assert line.dry.settle[0].subject == LOT


def test_a_total_with_an_unknown_part_is_at_least_the_rest() -> None:
    acts = [mined("10", basis="dry"), mined(lot=OTHER), assayed(2, percent("50"))]
    (all_of_it,) = lines(*acts, by=())

    assert (all_of_it.holdings, all_of_it.dry.value, all_of_it.dry.low, all_of_it.dry.high) == (2, None, 10, None)
    assert (all_of_it.elements["Sb"].low, all_of_it.elements["Sb"].standing) == (5, "bounded")


def test_uncertainties_of_a_total_add_in_squares_and_are_unknown_if_one_is() -> None:
    def of(u: str | None) -> Figure:
        acts = [mined(), weighed(2, net("10", "3")), mined(lot=OTHER), weighed(2, net("20", u), lot=OTHER)]
        return lines(*acts, by=["place"])[0].dry

    assert (of("4").value, of("4").u) == (30, 5)
    assert (of(None).value, of(None).u) == (30, None)


def test_what_is_on_the_road_and_in_process_is_held_too() -> None:
    melt = metal.transformation(
        on(3), process="smelt", inputs=[kg("2")], outputs=[], basis="dry", transformation_id="urn:example:melt"
    )
    found = lines(mined("10", basis="dry"), shipped(2, "4"), melt, by=["state", "place"])

    assert {(line.state, line.place, line.dry.value) for line in found} == {
        ("held", MINE, 4),
        ("on the road", WORKS, 4),
        ("in process", MINE, 2),
    }


def test_a_store_that_was_emptied_is_no_line() -> None:
    pile: dict[str, Any] = {"process": "store", "basis": "dry", "transformation_id": "urn:example:pile"}
    acts = [
        mined("10", basis="dry"),
        metal.transformation(on(2), inputs=[kg(None)], outputs=[], **pile),
        metal.transformation(on(3), inputs=[], outputs=[kg("10", OTHER)], **pile),
    ]

    assert [line.state for line in lines(*acts[:2])] == ["in process"]
    assert [(line.state, line.lot) for line in lines(*acts)] == [("held", OTHER)]


def test_groups_are_data() -> None:
    acts = [mined("100", basis="dry"), assayed(2, percent("20", of="Nd2O3"), percent("5", of="Pr6O11"))]
    (line,) = lines(*acts, elements=[], groups={"oxides": ["Nd2O3", "Pr6O11"], "metal": ["Nd", "Pr"]})

    assert line.elements["oxides"].value == pytest.approx(25)
    # 288.482 of 336.481 and 845.446 of 1021.435 are metal.
    assert line.elements["metal"].value == pytest.approx(20 * 288.484 / 336.481 + 5 * 845.446 / 1021.435, rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_lines_add_up_to_the_total_and_nothing_is_below_zero(seed: int) -> None:
    flows = followed(events(steps(Random(seed), 40))).flows
    found = inventory(flows, elements=["Sb"])
    (everything,) = inventory(flows, by=(), elements=["Sb"]) or (None,)

    assert (flows.flows["mass_kg"][~(flows.flows["mass_kg"] != flows.flows["mass_kg"])] >= 0).all()
    if everything is None:
        return
    parts = total((line.dry for line in found), unit="KGM", floor=0.0)
    assert everything.holdings == sum(line.holdings for line in found)
    assert (parts.value or parts.low) == pytest.approx(everything.dry.value or everything.dry.low)
    by_place = inventory(flows, by=["place", "owner"], elements=["Sb"])
    assert sum(line.holdings for line in by_place) == everything.holdings


def test_a_floor_makes_a_sum_at_least_what_is_known_of_it() -> None:
    known = Figure(value=3.0, unit="KGM", standing="stated")
    none = unknown("KGM")

    assert total((known, none), unit="KGM").standing == "unknown"
    assert (total((known, none), unit="KGM", floor=0).low, total((known, none), unit="KGM", floor=0).high) == (3, None)
    assert total((none, none), unit="KGM", floor=0).standing == "unknown"
