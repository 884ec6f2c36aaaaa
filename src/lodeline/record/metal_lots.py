"""Events in which lots arise, end and become other lots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from lodeline.errors import RecordError
from lodeline.record.metal_act import Act, Amount, Event, allowed, base, not_negative, quantities, require_uri
from lodeline.record.metal_vocabulary import COUNTRY_OF_ORIGIN, Basis, Process, Stage, name
from lodeline.units.mass import kilograms


class Loss(msgspec.Struct, frozen=True):
    """Metal-bearing material that a process declared as lost.

    Attributes:
        kind: Dust, spillage, fume …, in the plant's own word.
        quantity: In ``uom``, >= 0.
        uom: UN/ECE Rec 20 code of a unit of mass.

    Raises:
        RecordError: ``event.negative``.
        UnitError: ``unit.not_decimal``, ``unit.not_finite``, ``unit.unknown``, ``unit.not_mass``.
    """

    kind: str
    quantity: Decimal | int
    uom: str

    def __post_init__(self) -> None:
        not_negative(self.quantity, field="loss")
        kilograms(self.quantity, self.uom, field="loss")


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of lots when they arise (EPCIS ilmd). Whatever is not known is left out.

    Attributes:
        stage: How far the material has come.
        country: Country of origin, ISO 3166-1 alpha-2: where it was mined or, for scrap, collected.
        material, deposit, scrap_source, owner: URIs of the master data.
        permit: Its number.

    Raises:
        RecordError: ``event.vocabulary``, ``event.country``, ``event.not_uri``.
    """

    stage: Stage | None = None
    country: str | None = None
    material: str | None = None
    deposit: str | None = None
    scrap_source: str | None = None
    permit: str | None = None
    owner: str | None = None

    def __post_init__(self) -> None:
        if self.stage is not None:
            allowed("stage", self.stage)
        if self.country is not None and not re.fullmatch("[A-Z]{2}", self.country):
            raise RecordError(
                "event.country", f"{self.country!r} is no ISO 3166-1 alpha-2 code; write two capitals such as PK or US."
            )
        for uri in (self.material, self.deposit, self.scrap_source, self.owner):
            if uri is not None:
                require_uri(uri, field="ilmd")

    def ilmd(self) -> Event:
        """As it stands in an event; empty if nothing is known."""
        known = {
            name("stage"): self.stage,
            COUNTRY_OF_ORIGIN: self.country,
            name("material"): self.material,
            name("deposit"): self.deposit,
            name("scrapSource"): self.scrap_source,
            name("permit"): self.permit,
            name("owner"): self.owner,
        }
        return {term: value for term, value in known.items() if value is not None}


def lot_arises(act: Act, lots: Sequence[Amount], *, basis: Basis | None, made: Made) -> Event:
    """Lots come into the book, with what is known of their making.

    Raises:
        RecordError: ``event.no_lots``, ``event.vocabulary``.
    """
    elements, said = quantities(lots, basis)
    event = base("ObjectEvent", act) | {"action": "ADD", "bizStep": "commissioning", "quantityList": elements} | said
    ilmd = made.ilmd()
    return event | {"ilmd": ilmd} if ilmd else event


def lot_mined(
    act: Act,
    lots: Sequence[Amount],
    *,
    basis: Basis | None,
    country: str | None,
    deposit: str | None,
    material: str | None = None,
    permit: str | None = None,
    owner: str | None = None,
) -> Event:
    """Lots are mined. Country and deposit have no default: None says that they are not known."""
    made = Made(stage="mined", country=country, deposit=deposit, material=material, permit=permit, owner=owner)
    return lot_arises(act, lots, basis=basis, made=made)


def lot_collected(
    act: Act,
    lots: Sequence[Amount],
    *,
    basis: Basis | None,
    country: str | None,
    scrap_source: str | None,
    material: str | None = None,
    permit: str | None = None,
    owner: str | None = None,
) -> Event:
    """Lots are collected as scrap. Country and source have no default: None says that they are not known."""
    made = Made(
        stage="collected", country=country, scrap_source=scrap_source, material=material, permit=permit, owner=owner
    )
    return lot_arises(act, lots, basis=basis, made=made)


def lot_ended(act: Act, lots: Sequence[Amount], *, basis: Basis | None, reason: str, destroyed: bool) -> Event:
    """Lots leave the book: sold out of it, used up, or destroyed.

    Raises:
        RecordError: ``event.no_lots``, ``event.reason_missing``.
    """
    if not reason.strip():
        raise RecordError("event.reason_missing", "A lot does not end without a reason; say in plain words why.")
    elements, said = quantities(lots, basis)
    step = "destroying" if destroyed else "decommissioning"
    event = base("ObjectEvent", act) | {"action": "DELETE", "bizStep": step, "quantityList": elements} | said
    return event | {name("reason"): reason}


def transformation(
    act: Act,
    *,
    process: Process,
    inputs: Sequence[Amount],
    outputs: Sequence[Amount],
    basis: Basis | None,
    made: Made | None = None,
    losses: Sequence[Loss] = (),
    transformation_id: str | None = None,
    emptied: bool = False,
) -> Event:
    """Lots become other lots: blend, concentrate, smelt, separate, recycle.

    Tailings, slag and dust that are kept are outputs; what is gone is a loss. A process over several events, such as a
    pile or a furnace, has a ``transformation_id``, and each of its events may then have inputs or outputs only. On its
    last event ``emptied`` says that nothing is left in it.

    Raises:
        RecordError: ``event.no_lots``, ``event.transformation_one_sided``, ``event.vocabulary``, ``event.not_uri``.
    """
    if not inputs and not outputs:
        raise RecordError("event.no_lots", "The transformation names no lot; give inputs, outputs, or both.")
    if (not inputs or not outputs) and transformation_id is None:
        raise RecordError(
            "event.transformation_one_sided",
            "A transformation without inputs or without outputs needs a transformation_id that its other events share.",
        )
    event = base("TransformationEvent", act)
    if transformation_id is not None:
        event["transformationID"] = require_uri(transformation_id, field="transformationID")
    said: Event = {}
    for field, amounts in (("inputQuantityList", inputs), ("outputQuantityList", outputs)):
        if amounts:
            event[field], said = quantities(amounts, basis)
    event |= said | {name("process"): allowed("process", process)}
    if emptied:
        event[name("emptied")] = True
    if losses:
        event[name("loss")] = [
            {name("lossKind"): loss.kind, name("lossQuantity"): loss.quantity, name("lossUom"): loss.uom}
            for loss in losses
        ]
    ilmd = {} if made is None or not outputs else made.ilmd()
    return event | {"ilmd": ilmd} if ilmd else event


def split(act: Act, lot: Amount, parts: Sequence[Amount], *, basis: Basis | None) -> Event:
    """One lot becomes several of the same material; each inherits its composition.

    Raises:
        RecordError: ``event.no_lots``, ``event.transformation_one_sided``.
    """
    return transformation(act, process="split", inputs=(lot,), outputs=parts, basis=basis)
