"""Books worked out on paper: what is held is what a person with a pencil finds."""

import math
from typing import Any

import pytest

from lodeline.metal.facts import Facts
from lodeline.metal.flows.builder import FlowBuilder
from lodeline.metal.flows.words import FLOW, FLOW_KINDS
from lodeline.metal.holdings import figures
from lodeline.metal.interpret import interpret
from lodeline.metal.inventory import inventory
from lodeline.record import metal
from lodeline.record.metal import End, Event, Reading
from tests.metal.small_book import (
    LOT,
    MINE,
    NOBODY,
    WORKS,
    Record,
    SeenHere,
    assayed,
    book,
    codes,
    dried,
    kg,
    mined,
    net,
    on,
    percent,
    received,
    shipped,
    weighed,
)

OTHER = "urn:example:lot:2"


def held(found: Facts) -> dict[tuple[str | None, str | None, str | None], float | None]:
    """Dry kilograms by lot, place and state."""
    return {(line.lot, line.place, line.state): line.dry.value for line in inventory(found.flows)}


def reading(event: Event, *readings: Reading) -> Event:
    """The event, weighed as it happened: no quantity is declared, and the ticket says what there was."""
    weighing = metal.weighing(on(1), LOT, readings)
    return event | {"sensorElementList": weighing["sensorElementList"]}


def test_loads_that_are_only_weighed_are_loads() -> None:
    """1000 kg left; 600 and then 400 kg came, by their tickets alone, and the second ticket was booked twice."""
    found = book(
        mined("1000", basis="dry"),
        shipped(2),
        reading(received(3), net("600")),
        reading(received(4), net("400")),
        reading(received(5), net("400")),
    )

    assert held(found) == {(LOT, WORKS, "held"): 1000}
    assert [one.code for one in found.findings if one.code == "metal.received_again"] == ["metal.received_again"]
    assert "metal.received_less" not in codes(found)


@pytest.mark.parametrize(("left", "came"), [("1000", "999"), (None, "999"), ("1000", None), (None, None)])
@pytest.mark.parametrize("bill", ["urn:example:bol:1", None])
def test_a_shipment_dated_after_its_receipt_went_once(left: str | None, came: str | None, bill: str | None) -> None:
    """1000 kg are mined on the 1st; the receipt is dated the 3rd, the shipment the 4th by a clock that is wrong."""
    found = book(mined("1000", basis="dry"), received(3, came, bill=bill), shipped(4, left, bill=bill))

    if bill is None and came is not None:  # a kilogram stayed behind, and nothing says that these are one consignment
        assert "metal.shipped_after_receipt" not in codes(found)
        return
    assert held(found) == {(LOT, WORKS, "held"): float(came or 1000)}
    assert not codes(found) & {"metal.receipt_without_shipment", "metal.more_than_held", "metal.shipment_not_received"}
    assert "metal.shipped_after_receipt" in codes(found)
    (movement,) = found.movements
    assert (movement.shipment, movement.receipt, movement.left_at) == ("h3", "h2", None)
    assert [float(movement.sent.kg or 0), float(movement.received.kg or 0)] == [1000, float(came or 0)]


def test_a_part_shipped_after_its_receipt_leaves_the_rest() -> None:
    """400 of 1000 kg went, and 399 came: 600 stay, whichever of the two events is dated first."""
    first = book(mined("1000", basis="dry"), shipped(3, "400"), received(4, "399"))
    late = book(mined("1000", basis="dry"), received(3, "399"), shipped(4, "400"))

    assert held(first) == held(late) == {(LOT, MINE, "held"): 600, (LOT, WORKS, "held"): 399}
    assert "metal.shipped_after_receipt" in codes(late)
    assert "metal.shipped_after_receipt" not in codes(first)


def test_a_late_shipment_that_is_only_weighed_is_weighed_once() -> None:
    found = book(
        mined("1000", basis="dry"), received(3, "999"), reading(shipped(4), net("998", "2")), assayed(5, percent("50"))
    )

    assert held(found) == {(LOT, WORKS, "held"): 999, (LOT, MINE, "held"): 2}


def test_a_receipt_that_nobody_announced_is_no_measurement_of_what_left() -> None:
    flows = book(mined("1000", basis="dry"), received(3, "999")).flows

    ship = flows.flows["kind"].tolist().index(FLOW["ship"])
    assert ship not in flows.measurements["flow"].tolist()


PILE = "urn:example:pile"


def laid_down(day: int, quantity: str | None, lot: str = LOT) -> Event:
    return metal.transformation(
        on(day, PILE), process="store", inputs=[kg(quantity, lot)], outputs=[], basis="dry", transformation_id=PILE
    )


def of_place(event: Event) -> Event:
    """The event without its lot: of whatever stands at its place."""
    return {name: value for name, value in event.items() if name != "quantityList"} | {"epcList": []}


def test_a_stock_take_of_a_store_measures_its_stock_and_never_resets_it() -> None:
    """1000 kg are laid down, and a survey finds 950 +- 10 of them; 400 are drawn, so 600 are booked to remain."""
    acts = [mined("1000", basis="dry"), shipped(2, to=PILE), received(3, to=PILE), laid_down(4, None)]
    drawn = metal.transformation(
        on(6, PILE), process="store", inputs=[], outputs=[kg("400", OTHER)], basis="dry", transformation_id=PILE
    )
    survey = of_place(metal.stocktake(on(5, PILE), LOT, [net("950", "10")]))
    found = book(*acts, survey, drawn)
    flows = found.flows

    assert held(found) == {(OTHER, PILE, "held"): 400, (None, PILE, "in process"): 600}
    (row,) = [n for n, u in enumerate(flows.measurements["u"]) if u == 10]
    assert (flows.measurements["value"][row], flows.measurements["chosen"][row]) == (950, False)
    measured = flows.measurements["flow"][row]
    assert (flows.flows["kind"][measured], flows.flows["mass_kg"][measured]) == (FLOW["stock"], 1000)
    assert [one.events[0] for one in found.findings if one.code == "metal.stocktake_differs"] == ["h5"]
    assert "metal.sensor_no_lot" not in codes(found)


def test_what_is_weighed_and_assayed_of_a_store_is_of_its_stock() -> None:
    acts = [mined(basis="dry"), shipped(2, to=PILE), received(3, to=PILE), laid_down(4, None)]
    (line,) = inventory(book(*acts).flows)
    assert line.dry.standing == "unknown"

    counted = of_place(metal.stocktake(on(5, PILE), LOT, [net("950", "10")]))
    assay = of_place(metal.assay(on(6, PILE), LOT, [percent("40", u="1")], NOBODY))
    (line,) = inventory(book(*acts, counted, assay).flows)
    assert (line.dry.value, line.dry.u, line.elements["Sb"].value) == (950, 10, 380)


def test_a_measurement_of_a_place_without_a_store_is_a_finding() -> None:
    empty = of_place(metal.stocktake(on(5), LOT, [net("950", "10")]))
    assert "metal.sensor_no_lot" in codes(book(mined("1000"), empty))


def test_a_store_that_was_put_away_is_still_measured() -> None:
    acts = [mined("1000", basis="dry"), shipped(2, to=PILE), received(3, to=PILE), laid_down(4, None)]
    survey = of_place(metal.weighing(on(5, PILE), LOT, [net("950", "10")]))
    seen = [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate([*acts, survey], 1)]
    facts = [fact for one in seen for fact in interpret(one)[0]]
    before = FlowBuilder()
    before.feed(facts[:-1])
    shown = before.finish()
    after = FlowBuilder.resume(before.state(), shown.names, shown.tables())
    after.feed(facts[-1:])

    (line,) = inventory(after.finish())
    assert (line.place, line.dry.value, line.dry.u) == (PILE, 950, 10)


def test_what_one_assay_and_one_moisture_say_of_several_holdings_is_off_together() -> None:
    """By hand: parts of 600 +- 3 and 400 +- 4 kg wet, of a lot with 10 +- 1 % water and 50 +- 1 % Sb per dry mass.

    Dry u: 1000 kg * 0.01 together, 0.9 * (3, 4) kg apart. Sb u: 900 kg * 0.01 and 1000 kg * 0.5 * 0.01 together, and
    0.45 * (3, 4) kg apart.
    """
    parts = ["urn:example:part:1", "urn:example:part:2"]
    found = book(
        mined("1000", basis="wet"),
        dried(2, "10", "1"),
        assayed(2, percent("50", u="1")),
        metal.split(on(3), kg("1000"), [kg("600", parts[0]), kg("400", parts[1])], basis="wet"),
        weighed(4, net("600", "3", basis="wet"), lot=parts[0]),
        weighed(4, net("400", "4", basis="wet"), lot=parts[1]),
    )
    (line,) = inventory(found.flows, by=())

    assert (line.wet.u, line.dry.value, line.elements["Sb"].value) == (5, 900, 450)
    assert line.dry.u == pytest.approx(math.hypot(10, 0.9 * 5))
    assert line.elements["Sb"].u == pytest.approx(math.sqrt(9**2 + 5**2 + (0.45 * 5) ** 2))


def test_oxides_of_one_group_and_one_lot_add_up_and_share_what_determined_them() -> None:
    """Two parts of 100 kg dry each, exact to 0.1 kg, with 20 +- 1 % Nd2O3 and 5 +- 0.5 % Pr6O11 of the whole."""
    parts = ["urn:example:part:1", "urn:example:part:2"]
    found = book(
        mined("200", basis="dry"),
        assayed(2, percent("20", "Nd2O3", "1"), percent("5", "Pr6O11", "0.5")),
        metal.split(on(3), kg("200"), [kg("100", one) for one in parts], basis="dry"),
        *(weighed(4, net("100", "0.1"), lot=one) for one in parts),
    )
    (line,) = inventory(found.flows, by=(), elements=[], groups={"oxides": ["Nd2O3", "Pr6O11"]})

    assert line.elements["oxides"].value == pytest.approx(50)
    assert line.elements["oxides"].u == pytest.approx(math.sqrt(2**2 + 1**2 + 2 * (0.25 * 0.1) ** 2))


def test_parts_that_meet_again_are_as_the_latest_assay_says_whenever_they_meet() -> None:
    """Three parts leave after assays of 10, 20 and 30 %; the first two have met before the third comes."""
    bills = [f"urn:example:bol:{number}" for number in range(3)]
    acts = [mined("100", basis="dry")]
    for day, bill in enumerate(bills, 2):
        acts += [assayed(day, percent(f"{day - 1}0")), shipped(day, "20", bill=bill)]
    acts += [received(day, "20", bill=bill) for day, bill in enumerate(bills, 10)]
    found = book(*acts)
    antimony = {line.place: line.elements["Sb"].value for line in inventory(found.flows)}

    assert antimony == {MINE: 12, WORKS: 18}
    assert {one.place: figures(one)["element_mass/Sb"].value for one in found.holdings} == antimony


def with_paper(event: Event, kind: str, name: str) -> Event:
    return event | {"bizTransactionList": [{"type": kind, "bizTransaction": f"urn:example:{name}"}]}


@pytest.mark.parametrize(
    ("left", "came", "one"), [("desadv", "bol", True), ("bol", "desadv", True), ("bol", "bol", False)]
)
def test_papers_of_two_kinds_may_be_of_one_consignment(left: str, came: str, one: bool) -> None:
    """Who sends names the despatch advice, who receives the bill of lading; two bills are two consignments."""
    acts = [with_paper(shipped(2, "1000"), left, "paper:1"), with_paper(received(3, "999"), came, "paper:2")]
    found = book(mined("1000", basis="dry"), *acts)

    total = sum(mass or 0 for mass in held(found).values())
    assert (total, "metal.receipt_without_shipment" in codes(found)) == ((999, False) if one else (1999, True))


def test_a_container_goes_with_all_of_a_lot_however_the_lot_is_named() -> None:
    """The shipment names the lot with its whole mass, the receipt the container it is in."""
    box = "urn:example:box"
    pack = metal.pack(on(2), box, [kg(None)], basis=None)
    came = {name: value for name, value in received(4).items() if name != "quantityList"} | {"epcList": [box]}
    found = book(mined("1000", basis="dry"), pack, shipped(3, "1000"), came)

    assert held(found) == {(LOT, WORKS, "held"): 1000}
    assert not codes(found) & {"metal.container_empty", "metal.shipment_not_received"}


@pytest.mark.parametrize("on_the_road", [False, True])
def test_a_load_that_is_weighed_by_itself_closes_its_road(on_the_road: bool) -> None:
    """1000 +- 2 kg left, the receipt says nothing, and 980 +- 1 kg are read: the 20 were lost on the road."""
    ticket = weighed(3, net("980", "1"), place=None) if on_the_road else weighed(5, net("980", "1"), place=WORKS)
    flows = book(mined(), weighed(1, net("1000", "2")), shipped(2), ticket, received(4)).flows
    flow = flows.flows
    kinds = [FLOW_KINDS[kind] for kind in flow["kind"]]

    assert sorted(kinds) == sorted(["arising", "ship", "receive", "transit_loss", "closing"])
    assert [flow["mass_kg"][kinds.index(kind)] for kind in ("ship", "receive", "closing")] == [1000, 980, 980]
    assert flow["tail"][kinds.index("transit_loss")] == flow["tail"][kinds.index("receive")]


def test_a_stock_take_of_what_came_unweighed_settles_no_road() -> None:
    survey = metal.stocktake(on(5, WORKS), LOT, [net("980", "1")])
    flows = book(mined("1000", basis="dry"), shipped(2), received(4), survey).flows

    assert FLOW["transit_loss"] not in flows.flows["kind"].tolist()


YARD, STATE = "urn:example:mine:yard", "urn:example:state"
PLACES = (Record("site", MINE, {"parent": STATE}), Record("store", YARD, {"site": MINE}), Record("site", WORKS, {}))


@pytest.mark.parametrize("master", [PLACES, ()], ids=["registered", "nobody said that it is a part"])
@pytest.mark.parametrize(("lies", "acts"), [(MINE, YARD), (YARD, MINE), (MINE, STATE)])
def test_an_act_in_a_part_of_a_site_is_at_the_site_and_the_other_way_round(lies: str, acts: str, master: Any) -> None:
    """A lot lies at the mine; the weighbridge, the laboratory and the gate say that they are in its yard."""
    mine = metal.lot_mined(on(1, lies), [kg("1000")], basis="dry", country="PK", deposit=None)
    bridge = weighed(2, net("990", "1"), place=acts)
    split = metal.split(on(3, acts), kg("990"), [kg("600", OTHER), kg("390", "urn:example:lot:3")], basis="dry")
    found = book(mine, bridge, split, master=master)

    if not master:
        assert "metal.not_at_place" in codes(found)
        return
    assert "metal.not_at_place" not in codes(found)
    assert held(found) == {(OTHER, acts, "held"): 600, ("urn:example:lot:3", acts, "held"): 390}
    assert found.flows.flows["mass_kg"].tolist()[1] == 990


def test_a_receipt_in_the_yard_is_of_the_consignment_for_the_site() -> None:
    """By lot and destination, since nobody names papers; and a second load finds the first."""
    acts = [mined("1000", basis="dry"), shipped(2, "1000", bill=None, to=YARD)]
    loads = [received(3, "600", bill=None, to=MINE), received(4, "400", bill=None, to=MINE)]
    found = book(*acts, *loads, master=PLACES)

    assert held(found) == {(LOT, MINE, "held"): 1000}
    assert not codes(found) & {"metal.receipt_without_shipment", "metal.shipment_not_received"}


def test_two_parts_of_one_site_are_two_places() -> None:
    other = Record("store", "urn:example:mine:shed", {"site": MINE})
    mine = metal.lot_mined(on(1, YARD), [kg("1000")], basis="dry", country="PK", deposit=None)
    found = book(mine, weighed(2, net("990", "1"), place="urn:example:mine:shed"), master=(*PLACES, other))

    assert "metal.not_at_place" in codes(found)
    assert held(found) == {(LOT, YARD, "held"): 1000}


def test_what_a_laboratory_finds_elsewhere_is_of_the_lot_and_what_a_scale_reads_there_is_not() -> None:
    """The sample is in Karachi, and so may be a part of the lot that nobody shipped: its mass is not the lot's."""
    acts = [mined("1000", basis="dry"), assayed(2, percent("50"), place="urn:example:laboratory")]
    acts += [weighed(2, net("3"), place="urn:example:laboratory")]
    (line,) = inventory(book(*acts).flows)

    assert (line.dry.value, line.elements["Sb"].value) == (1000, 500)
    assert "metal.not_at_place" in codes(book(*acts))


@pytest.mark.parametrize(
    ("u", "counted", "weight"),
    [("3", "993", "note"), ("3", "989", "strong"), (None, "900", "weak"), ("3", "1000", None)],
)
def test_a_stock_take_weighs_as_evidence_what_scales_can_know(u: str | None, counted: str, weight: str | None) -> None:
    """1000 +- 4 kg are booked: with 3 kg of the count, 5 together, so that 10 kg are two standard uncertainties."""
    survey = metal.stocktake(on(3), LOT, [net(counted, u)])
    found = book(mined(), weighed(2, net("1000", "4")), survey)

    assert [one.weight for one in found.findings if one.code == "metal.stocktake_differs"] == (
        [weight] if weight else []
    )


@pytest.mark.parametrize(("said", "left"), [("900", None), ("360", 600.0)])
def test_what_is_shipped_in_dry_tonnes_leaves_its_wet_tonnes(said: str, left: float | None) -> None:
    """1000 kg wet at 10 % water are 900 dry: 360 dry kg are 400 wet ones, and 900 are all of it."""
    found = book(mined("1000", basis="wet"), dried(2, "10"), shipped(3, said), received(4, said))
    wet = {line.place: line.wet.value for line in inventory(found.flows)}

    assert held(found)[LOT, WORKS, "held"] == float(said)
    assert wet.get(MINE) == left
    assert "metal.remainder_unknown" not in codes(found)


def test_the_remainder_of_a_dry_shipment_is_as_uncertain_as_its_moisture() -> None:
    """By hand: 1000 +- 2 kg wet less 360 +- 1 kg dry at 10 +- 0.5 % water, 400 kg wet: u of these is 1/0.9 and
    360/0.81 * 0.005.
    """
    found = book(
        mined(),
        weighed(1, net("1000", "2", basis="wet")),
        dried(2, "10", "0.5"),
        reading(shipped(3, "360"), net("360", "1")),
    )
    rest = next(line for line in inventory(found.flows) if line.place == MINE)

    assert rest.wet.value == 600
    assert rest.wet.u == pytest.approx(math.sqrt(2**2 + (1 / 0.9) ** 2 + (360 / 0.81 * 0.005) ** 2))


def test_without_a_moisture_the_remainder_of_a_dry_shipment_is_unknown() -> None:
    found = book(mined("1000", basis="wet"), shipped(3, "360"))

    assert held(found)[LOT, MINE, "held"] is None
    assert "metal.remainder_unknown" in codes(found)


def test_the_heaviest_dry_mass_of_all_is_taken_from_a_wet_one() -> None:
    found = book(mined("5e24", basis="wet"), dried(2, "10"), shipped(3, "4.1e24"))

    # 4.1 dry are 4.556 wet.
    rest = next(line.wet.value for line in inventory(found.flows) if line.place == MINE)
    assert rest == pytest.approx(5e24 - 4.1e24 / 0.9)


CUT = {
    "late shipment": [mined("1000", basis="dry"), received(3, "399"), shipped(4, "400")],
    "late shipment of all": [mined("1000", basis="dry"), received(3, "999"), shipped(4)],
    "two kinds of paper": [
        mined("1000", basis="dry"),
        with_paper(shipped(2, "1000"), "desadv", "paper:1"),
        with_paper(received(3, "999"), "bol", "paper:2"),
    ],
    "weighed after its receipt": [
        mined(),
        weighed(1, net("1000", "2")),
        shipped(2),
        received(4),
        weighed(5, net("980", "1"), place=WORKS),
    ],
    "loads by their tickets": [
        mined("1000", basis="dry"),
        shipped(2),
        reading(received(3), net("600")),
        reading(received(4), net("400")),
        reading(received(5), net("400")),
    ],
    "dry out of wet": [mined("1000", basis="wet"), dried(2, "10"), shipped(3, "360"), received(4, "360")],
}


@pytest.mark.parametrize("name", CUT)
def test_a_book_that_is_put_away_after_any_event_goes_on_the_same(name: str) -> None:
    seen = [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(CUT[name], 1)]
    each = [list(interpret(one)[0]) for one in seen]
    whole = book(*CUT[name])
    for cut in range(1, len(each)):
        before = FlowBuilder()
        before.feed([fact for facts in each[:cut] for fact in facts])
        shown = before.finish()
        after = FlowBuilder.resume(before.state(), shown.names, shown.tables())
        after.feed([fact for facts in each[cut:] for fact in facts])

        assert after.finish() == whole.flows


def test_a_lot_that_came_unseen_and_goes_back_and_forth_is_where_it_is() -> None:
    """The last shipment does not say from where: it is none of the receipt that nobody announced."""
    out = metal.shipment(on(4, WORKS), [kg(None)], basis=None, left=End(place=WORKS), to=End(place=MINE))
    back = metal.shipment(on(6, None), [kg(None)], basis=None, left=End(), to=End(place=WORKS))
    home = received(5, bill=None, to=MINE)
    found = book(mined("1000", basis="dry"), received(3, bill=None), out, home, back)

    assert held(found) == {(LOT, WORKS, "on the road"): 1000}
    assert "metal.shipped_after_receipt" not in codes(found)


def test_what_is_weighed_at_the_gate_and_again_in_the_yard_came_as_the_gate_says() -> None:
    gate = reading(received(5), net("100", "1"))
    flow = book(mined(), weighed(2, net("101", "1")), shipped(3), gate, weighed(8, net("97", "2"), place=WORKS)).flows
    kind, kg = flow.flows["kind"], flow.flows["mass_kg"]

    assert kg[kind == FLOW["receive"]].tolist() == [100.0]
    assert kg[kind == FLOW["closing"]].tolist() == [97.0]
    assert int((kind == FLOW["transit_loss"]).sum()) == 1
