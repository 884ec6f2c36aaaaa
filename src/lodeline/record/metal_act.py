"""What every event about metal has: when, where, on which documents; and the checks that its values must pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from lodeline.errors import RecordError
from lodeline.record.metal_vocabulary import TERMS, Basis, Precision, TimeKnown, name
from lodeline.units.exact import exact
from lodeline.units.mass import kilograms

Event = dict[str, Any]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """When and where something was done, and what says so.

    Attributes:
        at: The instant, with its UTC offset. The offset is kept as the local one of the place.
        place: URI of the place where the lot is after the act (EPCIS bizLocation), None if not known.
        precision: How finely ``at`` is known; None: as finely as it is written.
        known: ``at``, or that the act happened ``not_after`` or ``not_before`` that instant.
        read_point: URI of the place where the act was observed, None if not known.
        event_id: URI of the event, needed only where another event must name it.
        documents: Ids of the documents it rests on.
        transactions: Pairs of a CBV transaction type (``bol``, ``desadv``, ``po``, ``inv`` …) and its URI.

    Raises:
        RecordError: ``event.time_naive``, ``event.vocabulary``, ``event.not_uri``.
    """

    at: datetime
    place: str | None = None
    precision: Precision | None = None
    known: TimeKnown = "at"
    read_point: str | None = None
    event_id: str | None = None
    documents: tuple[str, ...] = ()
    transactions: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        timestamp(self.at, field="at")
        if self.precision is not None:
            allowed("eventTimePrecision", self.precision)
        allowed("eventTimeKnown", self.known)
        for uri in (self.place, self.read_point, self.event_id):
            if uri is not None:
                require_uri(uri, field="act")
        for uri in (*self.documents, *(pair[1] for pair in self.transactions)):
            require_uri(uri, field="act")


class Amount(msgspec.Struct, frozen=True):
    """A lot, with as much of it as somebody declared.

    Attributes:
        lot: URI of the lot.
        quantity: In ``uom``; None if nobody declared it. Never a float.
        uom: UN/ECE Rec 20 code of a unit of mass; None, for a count of pieces, makes no kilograms.

    Raises:
        RecordError: ``event.not_uri``, ``event.uom_without_quantity``, ``event.negative``.
        UnitError: ``unit.not_decimal``, ``unit.not_finite``, ``unit.unknown``, ``unit.not_mass``.
    """

    lot: str
    quantity: Decimal | int | None = None
    uom: str | None = None

    def __post_init__(self) -> None:
        require_uri(self.lot, field="lot")
        if self.quantity is None:
            if self.uom is not None:
                raise RecordError("event.uom_without_quantity", f"There is a unit, {self.uom}, but no quantity of it.")
            return
        not_negative(self.quantity, field="quantity")
        if self.uom is not None:
            kilograms(self.quantity, self.uom)

    def element(self) -> Event:
        """The amount as an EPCIS quantity element."""
        written: Event = {"epcClass": self.lot}
        if self.quantity is not None:
            written["quantity"] = self.quantity
            if self.uom is not None:
                written["uom"] = self.uom
        return written


def base(event_type: str, act: Act) -> Event:
    """The fields that every event has, and those of ours that an act may carry."""
    written = timestamp(act.at, field="at")
    event: Event = {"type": event_type, "eventTime": written, "eventTimeZoneOffset": written[-6:]}
    if act.event_id is not None:
        event["eventID"] = act.event_id
    if act.read_point is not None:
        event["readPoint"] = {"id": act.read_point}
    if act.place is not None:
        event["bizLocation"] = {"id": act.place}
    if act.transactions:
        event["bizTransactionList"] = [{"type": kind, "bizTransaction": uri} for kind, uri in act.transactions]
    if act.precision is not None:
        event[name("eventTimePrecision")] = act.precision
    if act.known != "at":
        event[name("eventTimeKnown")] = act.known
    if act.documents:
        event[name("document")] = list(act.documents)
    return event


def quantities(amounts: Sequence[Amount], basis: Basis | None) -> tuple[list[Event], Event]:
    """The amounts as a quantity list, and the field that says on which basis they are.

    Raises:
        RecordError: ``event.no_lots``, ``event.vocabulary``.
    """
    if not amounts:
        raise RecordError("event.no_lots", "The event names no lot; give at least one.")
    elements = [amount.element() for amount in amounts]
    return elements, {} if basis is None else {name("quantityBasis"): allowed("quantityBasis", basis)}


def timestamp(at: datetime, *, field: str) -> str:
    """The instant as EPCIS writes it, with the offset it was given in.

    Raises:
        RecordError: ``event.time_naive``, ``event.offset_seconds``.
    """
    offset = at.utcoffset()
    if offset is None:
        raise RecordError(
            "event.time_naive",
            "The instant has no UTC offset; give a datetime with a time zone, since local time alone is ambiguous.",
            field=field,
        )
    if offset.total_seconds() % 60:
        raise RecordError(
            "event.offset_seconds",
            "EPCIS writes offsets in whole minutes; give the instant at such an offset.",
            field=field,
        )
    return at.isoformat()


def allowed(term: str, value: str) -> str:
    """The value, if the vocabulary allows it for this term.

    Raises:
        RecordError: ``event.vocabulary``.
    """
    values = TERMS[term].values
    if value not in values:
        raise RecordError(
            "event.vocabulary",
            f"{value!r} is not a value of {name(term)}; write one of {', '.join(values)}.",
            field=term,
        )
    return value


def require_uri(uri: str, *, field: str) -> str:
    """The identifier, if it has the form of a URI; any scheme is welcome.

    Raises:
        RecordError: ``event.not_uri``.
    """
    if not isinstance(uri, str) or not _URI.fullmatch(uri):
        raise RecordError(
            "event.not_uri",
            f"{str(uri)[:80]!r} is not a URI; write one such as urn:epc:class:lgtin:…, https://id.example.org/lot/1 or "
            "urn:example:lot:1.",
            field=field,
        )
    return uri


def not_negative(number: Decimal | int, *, field: str) -> Decimal:
    """The number as a Decimal that is zero or more.

    Raises:
        RecordError: ``event.negative``.
        UnitError: ``unit.not_decimal``, ``unit.not_finite``.
    """
    decimal = exact(number, field=field)
    if decimal < 0:
        raise RecordError("event.negative", f"{field} is {decimal}; it cannot be below zero.", field=field)
    return decimal


def uncertainty(u: Decimal | int | None, *, field: str) -> Decimal | None:
    """A standard uncertainty (k = 1), or None where nobody has given one.

    Raises:
        RecordError: ``event.uncertainty``.
        UnitError: ``unit.not_decimal``, ``unit.not_finite``.
    """
    if u is None:
        return None
    decimal = exact(u, field=field)
    if decimal <= 0:
        # An instrument that is never wrong would pin its stream in every later reconciliation.
        raise RecordError(
            "event.uncertainty", f"The uncertainty is {decimal}; give one above zero, or None if unknown.", field=field
        )
    return decimal
