"""Events in which lots are packed, leave, arrive and change hands, and the correction of any event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from lodeline.errors import RecordError
from lodeline.record.metal_act import Act, Amount, Event, base, quantities, require_uri, timestamp
from lodeline.record.metal_readings import Reading, _check_readings
from lodeline.record.metal_vocabulary import Basis


class End(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a movement. None says that it is not known, and then nothing is written.

    Attributes:
        owner: URI of the party that owns the lots there (CBV owning_party).
        holder: URI of the party that has them in its hands there (CBV possessing_party).
        place: URI of the place.
    """

    owner: str | None = None
    holder: str | None = None
    place: str | None = None

    def entries(self, field: Literal["source", "destination"]) -> list[Event]:
        """As an EPCIS source or destination list."""
        known = (("owning_party", self.owner), ("possessing_party", self.holder), ("location", self.place))
        return [{"type": kind, field: require_uri(uri, field=field)} for kind, uri in known if uri is not None]


def shipment(
    act: Act,
    lots: Sequence[Amount],
    *,
    basis: Basis | None,
    left: End,
    to: End,
    containers: Sequence[str] = (),
    weighed: Sequence[Reading] = (),
) -> Event:
    """Lots, or containers with what they hold, leave for another place.

    The bill of lading and the despatch advice are the act's ``transactions`` (``bol``, ``desadv``); by them the receipt
    is matched. A lot without quantity moves as a whole.

    Raises:
        RecordError: ``event.no_lots``, ``event.not_uri``, and those of a weighing.
    """
    return _moved(act, lots, containers, basis, "shipping", "in_transit", left, to, weighed)


def receipt(
    act: Act,
    lots: Sequence[Amount],
    *,
    basis: Basis | None,
    left: End,
    to: End,
    containers: Sequence[str] = (),
    weighed: Sequence[Reading] = (),
) -> Event:
    """Lots, or containers with what they hold, arrive.

    Raises:
        RecordError: ``event.no_lots``, ``event.not_uri``, and those of a weighing.
    """
    return _moved(act, lots, containers, basis, "receiving", "in_progress", left, to, weighed)


def ownership_change(act: Act, lots: Sequence[Amount], *, basis: Basis | None, seller: str, buyer: str) -> Event:
    """Lots change their owner where they lie.

    Raises:
        RecordError: ``event.no_lots``, ``event.not_uri``.
    """
    # CBV's accepting is the step in which an object changes possession or ownership; nothing moves in it.
    return _moved(act, lots, (), basis, "accepting", None, End(owner=seller), End(owner=buyer), ())


def pack(act: Act, container: str, contents: Sequence[Amount], *, basis: Basis | None) -> Event:
    """Lots go into a container; from then on an event on the container is an event on what it holds.

    Raises:
        RecordError: ``event.no_lots``, ``event.not_uri``.
    """
    return _aggregated(act, container, contents, basis, "ADD", "packing")


def unpack(act: Act, container: str, contents: Sequence[Amount], *, basis: Basis | None) -> Event:
    """Lots come out of a container.

    Raises:
        RecordError: ``event.no_lots``, ``event.not_uri``.
    """
    return _aggregated(act, container, contents, basis, "DELETE", "unpacking")


def correction(
    event: Event,
    *,
    declared_at: datetime,
    reason: Literal["did_not_occur", "incorrect_data"],
    corrective_event_ids: Sequence[str] = (),
) -> Event:
    """The event again, declared to be an error; it withdraws the recorded one, and the hash id stays the same.

    Args:
        event: The event exactly as it was recorded.
        declared_at: When it was declared, with UTC offset.
        reason: Why, in CBV's words.
        corrective_event_ids: Event ids of the events that stand in its place, which need an ``event_id`` for that.

    Raises:
        RecordError: ``event.already_declared``, ``event.correction_reason``, ``event.time_naive``, ``event.not_uri``.
    """
    if "errorDeclaration" in event:
        raise RecordError("event.already_declared", "This event is an error declaration already; declare the original.")
    if reason not in ("did_not_occur", "incorrect_data"):
        raise RecordError("event.correction_reason", "The reason is did_not_occur or incorrect_data.", field="reason")
    declaration: Event = {"declarationTime": timestamp(declared_at, field="declared_at"), "reason": reason}
    if corrective_event_ids:
        declaration["correctiveEventIDs"] = [
            require_uri(uri, field="correctiveEventIDs") for uri in corrective_event_ids
        ]
    return event | {"errorDeclaration": declaration}


def _moved(
    act: Act,
    lots: Sequence[Amount],
    containers: Sequence[str],
    basis: Basis | None,
    step: str,
    disposition: str | None,
    left: End,
    to: End,
    weighed: Sequence[Reading],
) -> Event:
    event = base("ObjectEvent", act) | {"action": "OBSERVE", "bizStep": step}
    if disposition is not None:
        event["disposition"] = disposition
    if containers:
        event["epcList"] = [require_uri(container, field="epcList") for container in containers]
    if lots or not containers:
        elements, said = quantities(lots, basis)
        event |= {"quantityList": elements} | said
    for field, entries in (("sourceList", left.entries("source")), ("destinationList", to.entries("destination"))):
        if entries:
            event[field] = entries
    if weighed:
        _check_readings(weighed)
        event["sensorElementList"] = [{"sensorReport": [reading.report() for reading in weighed]}]
    return event


def _aggregated(
    act: Act, container: str, contents: Sequence[Amount], basis: Basis | None, action: str, step: str
) -> Event:
    elements, said = quantities(contents, basis)
    return (
        base("AggregationEvent", act)
        | {"action": action, "bizStep": step, "parentID": require_uri(container, field="parentID")}
        | {"childQuantityList": elements}
        | said
    )
