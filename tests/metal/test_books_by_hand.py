"""Books worked out on paper: what is held is what a person with a pencil finds."""

import pytest

from lodeline.metal.facts import Facts
from lodeline.metal.flows.words import FLOW
from lodeline.metal.inventory import inventory
from lodeline.record.metal import Event, Reading
from tests.metal.small_book import LOT, MINE, WORKS, assayed, book, codes, mined, net, on, percent, received, shipped


def held(found: Facts) -> dict[tuple[str | None, str | None, str | None], float | None]:
    """Dry kilograms by lot, place and state."""
    return {(line.lot, line.place, line.state): line.dry.value for line in inventory(found.flows)}


def reading(event: Event, *readings: Reading) -> Event:
    """The event, weighed as it happened: no quantity is declared, and the ticket says what there was."""
    from lodeline.record import metal

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
