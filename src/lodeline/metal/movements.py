"""Shipments and receipts joined into movements: one consignment of one lot, with its two times and its two masses."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lodeline.metal.belief import UNKNOWN
from lodeline.metal.values import Arrived, Departed, Ends, Mass, Moved
from lodeline.record.metal_vocabulary import Precision, TimeKnown

CONSIGNMENT_TYPES = ("bol", "desadv")
"""CBV transaction types that name a consignment: bill of lading and despatch advice."""


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One lot on its way from one place to another.

    Attributes:
        lot: URI of the lot.
        bill_of_lading: URIs of the bills of lading and despatch advices it went under.
        left_at, arrived_at: The instants; None if no event says it left, or arrived.
        left_known, arrived_known: Whether each is the time or a limit of it.
        left_precision, arrived_precision: How finely each is known.
        source, destination: Who and where at both ends; None where no event says.
        sent, received: Mass at both ends; may be unknown.
        shipment, receipt: Hash ids of the two events; None where there is none.
        matched_by: ``bill of lading``, ``lot and destination``, ``container``, or None while it is open.
    """

    lot: str
    bill_of_lading: tuple[str, ...]
    left_at: datetime | None
    arrived_at: datetime | None
    left_known: TimeKnown | None
    arrived_known: TimeKnown | None
    left_precision: Precision | None
    arrived_precision: Precision | None
    source: Ends
    destination: Ends
    sent: Mass
    received: Mass
    shipment: str | None
    receipt: str | None
    matched_by: str | None

    @property
    def transit_s(self) -> float | None:
        """Seconds on the road, where both times are known as times and to the instant; None otherwise."""
        if self.left_at is None or self.arrived_at is None:
            return None
        if (self.left_known, self.arrived_known) != ("at", "at") or self.left_precision or self.arrived_precision:
            return None
        return (self.arrived_at - self.left_at).total_seconds()


def opened(lot: str, place: str | None, sent: Mass, departed: Departed) -> Movement:
    """The movement of a lot that has just left a place."""
    return Movement(
        lot=lot,
        bill_of_lading=consignment(departed),
        left_at=departed.at,
        arrived_at=None,
        left_known=departed.known,
        arrived_known=None,
        left_precision=departed.precision,
        arrived_precision=None,
        source=msgspec.structs.replace(departed.source, place=departed.source.place or departed.place or place),
        destination=departed.destination,
        sent=sent,
        received=UNKNOWN,
        shipment=departed.event,
        receipt=None,
        matched_by=None,
    )


def closed(movement: Movement, arrived: Arrived, matched_by: str | None) -> Movement:
    """The movement, once it has arrived; what the receipt says of the destination adds to what the shipment said."""
    return msgspec.structs.replace(
        movement,
        arrived_at=arrived.at,
        arrived_known=arrived.known,
        arrived_precision=arrived.precision,
        destination=_joined(arrived_at(arrived), movement.destination),
        source=_joined(movement.source, arrived.source),
        receipt=arrived.event,
        matched_by=matched_by,
        bill_of_lading=tuple(dict.fromkeys(movement.bill_of_lading + consignment(arrived))),
    )


def unannounced(lot: str, arrived: Arrived) -> Movement:
    """The movement of a lot that arrived without having left."""
    return Movement(
        lot=lot,
        bill_of_lading=consignment(arrived),
        left_at=None,
        arrived_at=arrived.at,
        left_known=None,
        arrived_known=arrived.known,
        left_precision=None,
        arrived_precision=arrived.precision,
        source=arrived.source,
        destination=arrived_at(arrived),
        sent=UNKNOWN,
        received=UNKNOWN,
        shipment=None,
        receipt=arrived.event,
        matched_by=None,
    )


def consignment(moved: Departed | Arrived) -> tuple[str, ...]:
    """The papers that name the consignment."""
    return tuple(uri for kind, uri in moved.transactions if kind in CONSIGNMENT_TYPES)


def kinds_of(moved: Moved) -> tuple[str, ...]:
    """Which kinds of paper name the consignment. Two consignments have two papers of one kind."""
    return tuple(sorted({kind for kind, _ in moved.transactions if kind in CONSIGNMENT_TYPES}))


def arrived_at(arrived: Arrived) -> Ends:
    """Who and where at the end of a movement: the receipt's own place counts where it names no destination."""
    return msgspec.structs.replace(arrived.destination, place=arrived.destination.place or arrived.place)


def _joined(first: Ends, second: Ends) -> Ends:
    return Ends(
        owner=first.owner or second.owner, holder=first.holder or second.holder, place=first.place or second.place
    )
