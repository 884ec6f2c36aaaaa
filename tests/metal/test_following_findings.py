"""What cannot be followed, or does not fit, is a finding; and is none in the nearest book that is in order."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from lodeline.metal.belief import flat
from lodeline.metal.facts import Facts, facts
from lodeline.metal.follower import Matching
from lodeline.record import metal
from lodeline.record.metal import Amount, End, Event
from tests.metal.small_book import (
    BUYER,
    LOT,
    MASTER,
    MINE,
    SELLER,
    WORKS,
    SeenHere,
    assayed,
    book,
    changed,
    codes,
    kg,
    made,
    mined,
    net,
    on,
    percent,
    received,
    report,
    shipped,
    weighed,
)

OTHER, BOX, CRATE = "urn:example:lot:2", "urn:example:box", "urn:example:crate"
Events = list[Event]


def sent(day: int, *boxes: str) -> Event:
    return metal.shipment(on(day, None), [], basis=None, left=End(place=MINE), to=End(place=WORKS), containers=boxes)


def come(day: int, *boxes: str) -> Event:
    return metal.receipt(on(day, WORKS), [], basis=None, left=End(), to=End(owner=BUYER), containers=boxes)


def packs(day: int, box: str = BOX, *amounts: Amount) -> Event:
    return metal.pack(on(day), box, amounts or (kg(None),), basis="dry")


def boxes_in(day: int, outer: str, *inner: str) -> Event:
    event = metal.pack(on(day), outer, [kg(None)], basis=None)
    return {key: value for key, value in event.items() if key != "childQuantityList"} | {"childEPCs": list(inner)}


def process(day: int, word: Any, inputs: Any, outputs: Any, pile: str | None = "urn:example:pile") -> Event:
    event = metal.transformation(
        on(day),
        process=word,
        inputs=inputs,
        outputs=outputs,
        basis="dry",
        transformation_id="urn:example:pile",
        made=made(),
    )
    return event if pile else {key: value for key, value in event.items() if key != "transformationID"}


WEIGHED = weighed(2, net("100"))
HAVE = [mined("10", basis="dry")]

CASES: dict[str, tuple[Callable[[], Events], Callable[[], Events]]] = {
    "metal.report_type": (
        lambda: [mined(), report(WEIGHED, type="MassConcentration")],
        lambda: [mined(), report(WEIGHED, type="Temperature")],
    ),
    "metal.mass_of_substance": (
        lambda: [mined(), report(WEIGHED, chemicalSubstance="urn:example:antimony")],
        lambda: [mined(), WEIGHED],
    ),
    "metal.detection_contradicts": (
        lambda: [mined(), report(assayed(2, percent("5")), **{"lode:belowDetection": True, "maxValue": 1})],
        lambda: [mined(), report(assayed(2, percent("5")), value=None, maxValue=1, **{"lode:belowDetection": True})],
    ),
    "metal.more_than_all": (
        lambda: [mined(), assayed(2, percent("60"), percent("41", of="Cu"))],
        # An element and its oxide are the same metal twice.
        lambda: [mined(), assayed(2, percent("60"), percent("71.8", of="Sb2O3"), percent("40", of="Cu"))],
    ),
    "metal.disposition_contradicts": (
        lambda: [mined(), changed(WEIGHED, disposition="destroyed")],
        lambda: [mined(), changed(WEIGHED, disposition="active")],
    ),
    "metal.split_of_several": (
        lambda: [*HAVE, mined("5", lot=OTHER), process(2, "split", [kg(None), kg(None, OTHER)], [kg("9", LOT + ":a")])],
        lambda: [*HAVE, process(2, "split", [kg(None)], [kg("9", LOT + ":a")])],
    ),
    "metal.used_before_made": (lambda: [WEIGHED, mined(day=3)], lambda: [WEIGHED]),
    "metal.received_more": (
        lambda: [*HAVE, shipped(2, "10"), received(3, "10.5")],
        lambda: [*HAVE, shipped(2, "10"), received(3, "10")],
    ),
    "metal.received_less": (
        lambda: [*HAVE, shipped(2, "10"), received(3, "4")],
        lambda: [*HAVE, shipped(2, "10"), received(3, "4"), received(4, "6")],
    ),
    "metal.receipt_missing": (
        lambda: [*HAVE, shipped(2), process(3, "smelt", [kg(None)], [kg("5", OTHER)])],
        lambda: [*HAVE, shipped(2), received(3)],
    ),
    "metal.lot_twice": (
        lambda: [*HAVE, changed(shipped(2, "4"), quantityList=[kg("4").element(), Amount(LOT, 3).element()])],
        lambda: [*HAVE, changed(shipped(2, "4"), quantityList=[kg("4").element(), kg("3").element()])],
    ),
    "metal.net_unknown": (
        lambda: [*HAVE, weighed(2, net("9", weight="gross")), weighed(3, net("10", weight="tare"))],
        lambda: [*HAVE, weighed(2, net("9", weight="gross")), weighed(3, net("1", weight="tare"))],
    ),
    "metal.container_empty": (
        lambda: [*HAVE, packs(2), metal.unpack(on(3), BOX, [kg(None)], basis=None), sent(4, BOX)],
        lambda: [*HAVE, packs(2), sent(4, BOX)],
    ),
    "metal.container_in_itself": (
        lambda: [*HAVE, packs(2), boxes_in(3, CRATE, BOX), boxes_in(4, BOX, CRATE)],
        lambda: [*HAVE, packs(2), boxes_in(3, CRATE, BOX)],
    ),
    "metal.packed_twice": (
        lambda: [*HAVE, packs(2), packs(3, CRATE)],
        lambda: [*HAVE, packs(2), metal.unpack(on(3), BOX, [kg(None)], basis=None), packs(4, CRATE)],
    ),
    "metal.not_in_container": (
        lambda: [*HAVE, mined(lot=OTHER), packs(2), metal.unpack(on(3), BOX, [kg(None, OTHER)], basis=None)],
        lambda: [*HAVE, mined(lot=OTHER), packs(2), metal.unpack(on(3), BOX, [kg(None)], basis=None)],
    ),
    "metal.process_one_sided": (
        lambda: [*HAVE, process(2, "smelt", [kg(None)], [], pile=None)],
        lambda: [*HAVE, process(2, "smelt", [kg(None)], [kg("5", OTHER)], pile=None)],
    ),
    "metal.process_open": (
        lambda: [*HAVE, process(2, "smelt", [kg(None)], [])],
        lambda: [*HAVE, process(2, "smelt", [kg(None)], []), process(3, "smelt", [], [kg("5", OTHER)])],
    ),
    "metal.more_out_than_in": (
        lambda: [*HAVE, process(2, "blend", [kg(None)], [kg("11", OTHER)], pile=None)],
        # A smelter takes oxygen from the air.
        lambda: [*HAVE, process(2, "smelt", [kg(None)], [kg("11", OTHER)], pile=None)],
    ),
    "metal.negative_stock": (
        lambda: [*HAVE, process(2, "store", [kg(None)], []), process(3, "store", [], [kg("10.1", OTHER)])],
        lambda: [*HAVE, process(2, "store", [kg(None)], []), process(3, "store", [], [kg("10", OTHER)])],
    ),
}


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_finding_is_made_where_it_is_due_and_names_its_event(code: str) -> None:
    wrong, right = CASES[code]
    found = [finding for finding in book(*wrong()).findings if finding.code == code]

    assert found
    assert all(finding.events and finding.sentence.endswith(".") for finding in found)
    assert code not in codes(book(*right()))


# What an event may say about metal and nobody can follow: the event, after a book that holds 10 kg of the lot.
STRANGE: dict[str, Event] = {
    "a reading of a type nobody knows": report(WEIGHED, type="example:Goldness"),
    "a reading without type": report(WEIGHED, type=None),
    "a mass in litres": report(WEIGHED, uom="LTR"),
    "a mass below zero": report(WEIGHED, value=-1),
    "readings of several lots": changed(WEIGHED, quantityList=[{"epcClass": LOT}, {"epcClass": OTHER}]),
    "a reading of a lot nobody brought in": weighed(2, net("1"), lot=OTHER),
    "a look at a lot nobody brought in": changed(weighed(2, net("1"), lot=OTHER), sensorElementList=[]),
    "a look at a lot where it is not": changed(weighed(2, net("1"), place=WORKS), sensorElementList=[]),
    "pieces below zero": changed(mined(lot=OTHER), quantityList=[{"epcClass": OTHER, "quantity": -4}]),
    "inputs and nothing else": process(2, "smelt", [kg(None)], [], pile=None),
    "outputs and nothing else": process(2, "smelt", [], [kg("1", OTHER)], pile=None),
    "a transformation of nothing": changed(process(2, "smelt", [kg(None)], []), inputQuantityList=[]),
    "a packing without container": changed(packs(2), parentID=None),
    "a packing of nothing": changed(packs(2), childQuantityList=[]),
    "a container nobody packed": sent(2, BOX),
    "a receipt of a container nobody packed": come(2, BOX),
    "a shipment of nothing": changed(shipped(2), quantityList=[]),
    "a change of owner without owner": changed(
        metal.ownership_change(on(2), [kg(None)], basis=None, seller=SELLER, buyer=BUYER),
        sourceList=[],
        destinationList=[],
    ),
    "a lot that is stolen": changed(weighed(2, net("9")), disposition="stolen"),
    "a count of pieces of what is held in kilograms": changed(shipped(2), quantityList=[Amount(LOT, 3).element()]),
}


@pytest.mark.parametrize("what", sorted(STRANGE))
def test_nothing_that_is_said_of_metal_is_skipped(what: str) -> None:
    """The event itself is named by a finding, and what was held is still there."""
    found = book(*HAVE, STRANGE[what])

    assert any("h2" in finding.events for finding in found.findings if finding.code != "metal.unregistered")
    assert sum(holding.mass.kg or 0 for holding in found.holdings if holding.lot == LOT) <= 10


def test_a_receipt_booked_twice_is_held_once() -> None:
    found = book(*HAVE, shipped(2, "4"), received(3, "4"), received(4, "4"))

    assert sorted(holding.mass.kg or 0 for holding in found.holdings) == [4, 6]
    assert [finding.events for finding in found.findings if finding.code == "metal.received_again"] == [("h4", "h3")]


@pytest.mark.parametrize(
    ("left", "loads", "held"),
    [
        ("10", ["4", "6"], 10),
        ("10", ["4.1", "6.2"], Decimal("10.3")),
        ("10", ["9.9", "9.9"], Decimal("9.9")),
        ("10", ["3", "3", "4"], 10),
        ("10", ["3", "3", "4", "4"], 10),
        ("10", ["9.93", "0.08", "0.04"], Decimal("10.01")),
        ("10", ["9.93", "0.08", "9.92"], Decimal("10.01")),
        (None, ["4", "6"], 10),
        (None, ["4", "4"], 4),
    ],
)
def test_loads_of_one_consignment_are_told_from_a_receipt_booked_twice(
    left: str | None, loads: list[str], held: Any
) -> None:
    """A further load brings what has come nearer to what was sent, or where that is unknown has a mass of its own."""
    first = mined() if left is None else mined(left, basis="dry")
    found = book(first, shipped(2, left), *(received(3 + n, load) for n, load in enumerate(loads)))

    assert [holding.mass.kg for holding in found.holdings] == [held]


def followed(tolerance: str | None, *events: Event) -> Facts:
    seen = [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(events, 1)]
    return facts(seen, MASTER, matching=Matching(None if tolerance is None else Decimal(tolerance)))


def test_a_load_smaller_than_what_scales_differ_by_counts_where_a_policy_has_a_tolerance() -> None:
    """10 kg left; 9.93 and 0.08 came, which is enough, and then 0.04, or 0.08 again, or 0.5."""

    def held(tolerance: str | None, last: str) -> Any:
        loads = [received(3 + n, load) for n, load in enumerate(("9.93", "0.08", last))]
        return followed(tolerance, *HAVE, shipped(2, "10"), *loads).holdings[0].mass.kg

    assert held("0.01", "0.04") == Decimal("10.05")
    assert held(None, "0.04") == held("0.01", "0.08") == held("0.01", "0.5") == Decimal("10.01")


def test_what_is_read_of_a_receipt_that_is_not_counted_measures_nothing_that_is() -> None:
    again = changed(received(4, "4"), sensorElementList=weighed(4, net("3.9"))["sensorElementList"])
    found = book(*HAVE, shipped(2, "4"), received(3, "4"), again)

    assert sorted(holding.mass.kg or 0 for holding in found.holdings) == [4, 6]


def test_a_receipt_without_papers_is_matched_within_the_window_of_the_policy() -> None:
    def found(days: str | None) -> set[str]:
        events = [*HAVE, shipped(2, bill=None), received(9, bill=None)]
        seen = [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(events, 1)]
        window = Matching(window_days=None if days is None else Decimal(days))
        return codes(facts(seen, MASTER, matching=window))

    assert found(None) == found("7") == set()
    assert found("6.9") == {"metal.receipt_without_shipment", "metal.shipment_not_received"}


def test_a_policy_says_which_difference_on_the_road_is_none() -> None:

    def found(tolerance: str | None) -> set[str]:
        return codes(followed(tolerance, *HAVE, shipped(2, "10"), received(3, "9.96")))

    assert "metal.received_less" in found(None)
    assert "metal.received_less" in found("0.003")
    assert "metal.received_less" not in found("0.004")


def test_containers_in_containers_move_with_what_they_hold() -> None:
    events = [*HAVE, packs(2, BOX, kg("4")), boxes_in(3, CRATE, BOX), sent(4, CRATE), come(5, CRATE)]
    found = book(*events, metal.unpack(on(6, WORKS), BOX, [kg(None)], basis=None))

    assert {(one.place, one.owner, one.mass.kg, one.container) for one in found.holdings} == {
        (MINE, SELLER, 6, None),
        (WORKS, BUYER, 4, None),
    }
    assert found.findings == ()


def test_a_reading_of_a_container_is_of_what_is_in_it() -> None:
    found = book(*HAVE, packs(2), weighed(3, net("9.5"), lot=BOX))

    assert [holding.mass.kg for holding in found.holdings] == [Decimal("9.5")]
    two = book(*HAVE, mined("5", lot=OTHER), packs(2, BOX, kg(None), kg(None, OTHER)), weighed(3, net("9"), lot=BOX))
    assert "metal.sensor_several_lots" in codes(two)


def test_what_is_weighed_in_a_receipt_is_the_load_and_not_what_lay_there() -> None:
    """6 kg lie at the works; 4 come and are weighed at 3.9 there."""
    bill = (("bol", "urn:example:bol:2"),)
    load = metal.receipt(
        metal.Act(at=on(5).at, place=WORKS, transactions=bill),
        [kg(None)],
        basis=None,
        left=End(),
        to=End(owner=BUYER, place=WORKS),
        weighed=[net("3.9")],
    )
    found = book(*HAVE, shipped(2, "6"), received(3, "6"), shipped(4, "4", bill="urn:example:bol:2"), load)

    assert [holding.mass.kg for holding in found.holdings] == [Decimal("9.9")]


def test_what_is_weighed_on_the_road_is_what_comes() -> None:
    road = [*HAVE, shipped(2), weighed(3, net("9.8"), place="urn:example:bridge")]
    there, here = book(*road), book(*road, received(4))

    assert (there.holdings[0].mass.kg, here.holdings[0].mass.kg) == (Decimal("9.8"), Decimal("9.8"))
    assert here.movements[0].sent.kg == 10
    assert here.flows.flows["mass_kg"].tolist()[1:] == pytest.approx([10, 9.8, math.nan, 9.8], nan_ok=True)


def test_what_is_weighed_in_a_shipment_is_the_part_and_not_the_whole() -> None:
    part = changed(shipped(2, "4"), sensorElementList=weighed(2, net("4.2", "0.1"))["sensorElementList"])
    found = book(*HAVE, part)

    assert sorted(holding.mass.kg or 0 for holding in found.holdings) == [Decimal("4.2"), Decimal("5.8")]
    assert found.movements[0].sent.kg == Decimal("4.2")


def test_a_total_with_an_unknown_part_is_at_least_what_is_known() -> None:
    """4 kg come to a lot of unknown mass: at least 4."""
    found = book(mined(), shipped(2, "4"), received(3, "4"), shipped(4), received(5))
    (held,) = found.holdings

    assert (held.mass.kg, held.mass.standing, held.mass.low, held.mass.high) == (None, "bounded", 4, None)
    assert flat(((), ("a", ("b", "a")))) == ("a", "b")


def test_a_pile_keeps_its_stock_from_event_to_event() -> None:
    pile = [process(2, "store", [kg("4")], []), process(3, "store", [kg("5")], [kg("3", OTHER)])]
    flows = book(*HAVE, *pile).flows
    closing = [row for row in range(flows.flows.rows) if flows.flows.kind[row] == 10 and flows.flows.lot[row] < 0]

    assert [flows.flows.mass_kg[row] for row in closing] == [6]


def test_an_output_that_goes_back_into_its_process_makes_no_circle() -> None:
    again = [
        process(2, "smelt", [kg("4")], [kg("3", OTHER)]),
        process(3, "smelt", [kg(None, OTHER)], [kg("1", OTHER + "b")]),
    ]
    flows = book(*HAVE, *again).flows

    assert (flows.nodes.kind == 3).sum() == 2
    assert codes(book(*HAVE, *again)) == set()
