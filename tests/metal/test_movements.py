"""Shipments and receipts become movements with two times, two masses, and how they were matched."""

from datetime import timedelta
from decimal import Decimal

from lodeline.record import metal
from lodeline.record.metal import Act, End
from tests.metal.small_book import (
    LOT,
    MINE,
    SELLER,
    START,
    WORKS,
    book,
    codes,
    kg,
    mined,
    net,
    on,
    received,
    shipped,
    weighed,
)


def test_a_bill_of_lading_joins_shipment_and_receipt() -> None:
    (movement,) = book(mined("10", basis="dry"), shipped(2), received(5)).movements

    assert (movement.shipment, movement.receipt, movement.matched_by) == ("h2", "h3", "bill of lading")
    assert (movement.source.place, movement.destination.place) == (MINE, WORKS)
    assert (movement.source.owner, movement.sent.kg) == (SELLER, 10)
    assert movement.transit_s == timedelta(days=3).total_seconds()


def test_without_papers_lot_and_destination_join_them() -> None:
    (movement,) = book(mined(), shipped(2, bill=None), received(5, bill=None)).movements

    assert (movement.receipt, movement.matched_by) == ("h3", "lot and destination")


def test_other_papers_are_another_consignment() -> None:
    found = book(mined(), shipped(2), received(5, bill="urn:example:bol:9"))

    assert {"metal.receipt_without_shipment", "metal.shipment_not_received"} <= codes(found)
    assert [movement.matched_by for movement in found.movements] == [None, None]


def test_a_receipt_elsewhere_is_not_matched_by_lot() -> None:
    found = book(mined(), shipped(2, bill=None), received(5, bill=None, to="urn:example:port"))

    assert "metal.receipt_without_shipment" in codes(found)


def test_a_departure_that_is_only_a_limit_gives_no_time_on_the_road() -> None:
    limit = Act(at=START + timedelta(days=9), precision="day", known="not_after")
    left = metal.shipment(limit, [kg(None)], basis=None, left=End(place=MINE), to=End(place=WORKS))
    (movement,) = book(mined(), left, received(10)).movements

    assert (movement.left_known, movement.left_precision, movement.transit_s) == ("not_after", "day", None)
    assert movement.lot == LOT


def test_a_receipt_without_shipment_is_a_movement_with_one_end() -> None:
    (movement,) = book(received(5)).movements

    assert (movement.left_at, movement.shipment, movement.receipt) == (None, None, "h1")
    assert movement.transit_s is None


def test_each_end_of_a_movement_has_its_own_mass() -> None:
    """10 kg were weighed before it left, 9.5 kg declared or weighed where it arrived."""
    before = [mined(), weighed(2, net("10", "0.1")), shipped(3)]
    act, left, to = on(4, WORKS, transactions=(("bol", "urn:example:bol:1"),)), End(), End(place=WORKS)
    weighed_there = metal.receipt(act, [kg(None)], basis=None, left=left, to=to, weighed=[net("9.5", "0.2")])

    (declared,) = book(*before, received(4, "9.5")).movements
    (measured,) = book(*before, weighed_there).movements
    assert (declared.sent.kg, declared.received.kg, declared.received.standing) == (
        Decimal(10),
        Decimal("9.5"),
        "stated",
    )
    assert (measured.received.kg, measured.received.u, measured.received.standing) == (
        Decimal("9.5"),
        Decimal("0.2"),
        "measured",
    )
