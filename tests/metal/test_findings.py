"""Every finding of metal is made by one small book, and not by its neighbour that is in order."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lodeline.record import metal
from lodeline.record.metal import Amount, Event, Loss
from tests.metal.small_book import (
    LOT,
    MASTER,
    MINE,
    SELLER,
    WORKS,
    Record,
    assayed,
    book,
    changed,
    codes,
    dried,
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

OTHER = "urn:example:lot:2"
Events = list[Event]


def smelted(**more: Any) -> Event:
    fields: dict[str, Any] = {"process": "smelt", "inputs": [kg("100")], "outputs": [kg("60", OTHER)], "basis": "dry"}
    return metal.transformation(on(3), made=made(), **fields | more)


WEIGHED, ASSAYED = weighed(2, net("100")), assayed(2, percent("55"))

# For each code: a book in which it is found, and the nearest one in which it is not.
CASES: dict[str, tuple[Callable[[], Events], Callable[[], Events]]] = {
    "metal.time_unreadable": (lambda: [changed(mined(), eventTime="soon")], lambda: [mined()]),
    "metal.event_not_understood": (
        lambda: [mined(), changed(weighed(2, net("1")), bizStep="encoding", sensorElementList=[])],
        lambda: [mined(), WEIGHED],
    ),
    "metal.process_unnamed": (
        lambda: [mined("100", basis="dry"), {k: v for k, v in smelted().items() if k != "lode:process"}],
        lambda: [mined("100", basis="dry"), smelted()],
    ),
    "metal.loss_not_mass": (
        lambda: [
            mined("100", basis="dry"),
            changed(
                smelted(), **{"lode:loss": [{"lode:lossKind": "dust", "lode:lossQuantity": 3, "lode:lossUom": "LTR"}]}
            ),
        ],
        lambda: [mined("100", basis="dry"), smelted(losses=[Loss("dust", Decimal(3), "KGM")])],
    ),
    "metal.sensor_several_lots": (
        lambda: [mined(), mined(lot=OTHER), changed(WEIGHED, quantityList=[{"epcClass": LOT}, {"epcClass": OTHER}])],
        lambda: [mined(), mined(lot=OTHER), WEIGHED],
    ),
    "metal.sensor_no_lot": (
        lambda: [{k: v for k, v in changed(WEIGHED, readPoint={"id": MINE}).items() if k != "quantityList"}],
        lambda: [mined(), WEIGHED],
    ),
    "metal.unit_not_mass": (
        lambda: [changed(mined(), quantityList=[{"epcClass": LOT, "quantity": 4, "uom": "LTR"}])],
        lambda: [changed(mined(), quantityList=[{"epcClass": LOT, "quantity": 4}])],
    ),
    "metal.negative_quantity": (
        lambda: [changed(mined(), quantityList=[{"epcClass": LOT, "quantity": -4, "uom": "KGM"}])],
        lambda: [mined("4")],
    ),
    "metal.term_unknown": (
        lambda: [changed(mined(), **{"lode:colour": "grey"})],
        lambda: [changed(mined(), colour="x")],
    ),
    "metal.term_misplaced": (
        lambda: [changed(mined(), **{"lode:stage": "mined"})],
        lambda: [changed(mined(), **{"lode:reason": "sold"})],
    ),
    "metal.term_value": (
        lambda: [changed(mined("4"), **{"lode:quantityBasis": "damp"})],
        lambda: [changed(mined("4"), **{"lode:quantityBasis": "wet"})],
    ),
    "metal.report_unit": (lambda: [mined(), report(WEIGHED, uom="LTR")], lambda: [mined(), report(WEIGHED, uom="LBR")]),
    "metal.report_no_value": (
        lambda: [mined(), report(WEIGHED, value=None)],
        lambda: [mined(), report(WEIGHED, value=None, meanValue=Decimal(3))],
    ),
    "metal.report_range": (
        lambda: [mined(), report(ASSAYED, value=101)],
        lambda: [mined(), report(ASSAYED, value=100)],
    ),
    "metal.report_uncertainty": (
        lambda: [mined(), report(ASSAYED, sDev=101)],
        lambda: [mined(), report(WEIGHED, sDev=1)],
    ),
    "metal.weight_unsaid": (
        lambda: [mined(), report(WEIGHED, **{"lode:weight": None})],
        lambda: [mined(), report(WEIGHED, **{"lode:weight": "net"})],
    ),
    "metal.weight_twice": (
        lambda: [mined(), report(weighed(2, net("9"), net("8", weight="gross")), **{"lode:weight": "gross"})],
        lambda: [mined(), weighed(2, net("9"), net("9", weight="gross"))],
    ),
    "metal.tare_heavier": (
        lambda: [mined(), report(weighed(2, net("9", weight="gross"), net("3", weight="tare")), value=2)],
        lambda: [mined(), weighed(2, net("9", weight="gross"), net("3", weight="tare"))],
    ),
    "metal.net_differs": (
        lambda: [mined(), weighed(2, net("9", weight="gross"), net("3", weight="tare"), net("7"))],
        lambda: [mined(), weighed(2, net("9", weight="gross"), net("3", weight="tare"), net("6"))],
    ),
    "metal.substance_unknown": (
        lambda: [mined(), report(ASSAYED, chemicalSubstance="urn:example:kryptonite")],
        lambda: [mined(), ASSAYED],
    ),
    "metal.moisture_basis": (
        lambda: [mined(), report(dried(2, "8"), **{"lode:basis": "dry"})],
        lambda: [mined(), dried(2, "8")],
    ),
    "metal.lot_arises_again": (lambda: [mined(), mined(day=2)], lambda: [mined(), mined(lot=OTHER, day=2)]),
    "metal.lot_without_origin": (lambda: [WEIGHED], lambda: [mined(), WEIGHED]),
    "metal.act_after_end": (
        lambda: [
            mined(),
            metal.lot_ended(on(2), [kg(None)], basis=None, reason="sold", destroyed=False),
            weighed(3, net("1")),
        ],
        lambda: [mined(), metal.lot_ended(on(2), [kg(None)], basis=None, reason="sold", destroyed=False)],
    ),
    "metal.not_at_place": (lambda: [mined(), weighed(2, net("1"), place=WORKS)], lambda: [mined(), WEIGHED]),
    "metal.holding_ambiguous": (
        lambda: [mined("10", basis="dry"), shipped(2, "4"), received(3, "4"), weighed(4, net("1"), place=None)],
        lambda: [mined("10", basis="dry"), shipped(2, "4"), received(3, "4"), weighed(4, net("1"), place=WORKS)],
    ),
    "metal.receipt_ambiguous": (
        lambda: [mined("10", basis="dry"), shipped(2, "4"), shipped(3, "3"), received(4)],
        lambda: [mined("10", basis="dry"), shipped(2, "4"), shipped(3, "3", bill="urn:example:bol:2"), received(4)],
    ),
    "metal.shipment_not_received": (lambda: [mined(), shipped(2)], lambda: [mined(), shipped(2), received(3)]),
    "metal.weighing_half": (
        lambda: [mined(), weighed(2, net("9", weight="gross"))],
        lambda: [mined(), weighed(2, net("9", weight="gross"), net("2", weight="tare"))],
    ),
    "metal.stocktake_differs": (
        lambda: [mined(), WEIGHED, metal.stocktake(on(3), LOT, [net("99")])],
        lambda: [mined(), WEIGHED, metal.stocktake(on(3), LOT, [net("100")])],
    ),
    "metal.several_assays": (
        lambda: [mined(), ASSAYED, assayed(3, percent("54"))],
        # The same metal per wet mass is another number, and no contradiction.
        lambda: [mined(), ASSAYED, assayed(3, percent("55")), assayed(4, percent("50", basis="wet"))],
    ),
    "metal.receipt_without_shipment": (lambda: [mined(), received(2)], lambda: [mined(), shipped(2), received(3)]),
    "metal.received_again": (
        lambda: [mined("10", basis="dry"), shipped(2, "4"), received(3, "4"), received(4, "4")],
        # Another bill is another consignment: that it had not left is another finding.
        lambda: [
            mined("10", basis="dry"),
            shipped(2, "4"),
            received(3, "4"),
            received(4, "4", bill="urn:example:bol:2"),
        ],
    ),
    "metal.remainder_unknown": (
        lambda: [mined(), shipped(2, "4")],
        lambda: [mined("10", basis="dry"), shipped(2, "4")],
    ),
    "metal.more_than_held": (
        lambda: [mined("10", basis="dry"), shipped(2, "10.001")],
        lambda: [mined("10", basis="dry"), shipped(2, "10")],
    ),
    "metal.unregistered": (
        lambda: [mined(), weighed(2, net("1"), place="urn:example:elsewhere")],
        lambda: [mined(), WEIGHED],
    ),
}


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_finding_is_made_where_it_is_due_and_names_its_event(code: str) -> None:
    wrong, right = CASES[code]
    found = [finding for finding in book(*wrong()).findings if finding.code == code]

    assert found
    assert all(finding.events and finding.sentence.endswith(".") for finding in found)
    assert code not in codes(book(*right()))


def test_a_book_in_order_has_no_findings() -> None:
    events = [
        mined("10", basis="dry"),
        weighed(2, net("10", "0.1")),
        assayed(3, percent("55")),
        shipped(4),
        received(5),
    ]
    assert book(*events).findings == ()


def test_an_unregistered_identifier_works_and_is_reported_once() -> None:
    events = [mined("10", basis="dry"), WEIGHED, ASSAYED]
    found = book(*events, master=[record for record in MASTER if record.id not in (MINE, SELLER)])

    assert sorted(finding.settle[0].subject for finding in found.findings) == [MINE, SELLER]
    assert found.findings[0].weight == "note"
    assert found.holdings[0].place == MINE


def test_a_standard_that_a_scale_in_use_was_calibrated_with_and_nobody_registered_is_reported() -> None:
    masses = "urn:example:masses"
    weighing = weighed(2, msgspec.structs.replace(net("1"), device="urn:example:scale"))
    scale = Record("scale", "urn:example:scale", {"standard": masses})
    missing = book(mined(), weighing, master=[*MASTER, scale])
    there = book(mined(), weighing, master=[*MASTER, scale, Record("standard", masses, {})])

    assert [finding.settle[0].subject for finding in missing.findings] == [masses]
    assert [finding.events for finding in missing.findings] == [("h2",)]
    assert there.findings == ()


def test_an_aggregation_or_an_unknown_event_type_is_not_skipped_in_silence() -> None:
    associated = changed(metal.pack(on(2), "urn:example:box", [kg(None)], basis=None), type="AssociationEvent")
    assert "metal.event_not_understood" in codes(book(mined(), associated))
    headless = changed(metal.pack(on(2), "urn:example:box", [kg(None)], basis=None), parentID=None)
    assert "metal.event_not_understood" in codes(book(mined(), headless))


def test_no_event_that_names_a_lot_is_without_effect_or_finding() -> None:
    """Counts are kept as counts: forty bags make no kilograms."""
    bags = book(changed(mined(), quantityList=[Amount(LOT, 40).element()]))

    assert (bags.holdings[0].count, bags.holdings[0].mass.kg) == ("40", None)
    assert codes(bags) == set()
