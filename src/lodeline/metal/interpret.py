"""One event to the facts it states. What it says about metal and is not understood becomes a finding, never nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from lodeline.errors import Finding
from lodeline.ids.epc import canonical
from lodeline.metal.belief import mass_of, net_of
from lodeline.metal.reports import readings
from lodeline.metal.terms import ours
from lodeline.metal.values import (
    HEAVIEST_KG,
    AnyFact,
    Arisen,
    Arrived,
    Departed,
    Ended,
    Ends,
    Loss,
    Mass,
    Observed,
    OwnerChanged,
    Packed,
    Portion,
    Seen,
    Transformed,
    Weighing,
)
from lodeline.record.vocabulary import bare
from lodeline.units.exact import exact
from lodeline.units.mass import MASS_UNITS, is_mass, kilograms

COUNTRY_OF_ORIGIN = "urn:epcglobal:cbv:mda:countryOfOrigin"

# Steps of an OBSERVE event that by themselves say nothing about metal: they neither move it nor measure it.
_SAYS_NOTHING = frozenset({"inspecting", "sampling", "stock_taking", "sensor_reporting", "holding", "storing"})
_MOVES = frozenset({"shipping", "departing", "receiving", "arriving", "accepting"})
# Dispositions of CBV after which a lot is no more, and steps in which one is not on the road.
_GONE = frozenset({"destroyed", "disposed", "dispensed", "inactive", "retail_sold", "stolen"})
_AT_REST = frozenset({"receiving", "arriving", "storing", "stock_taking", "commissioning"})


class Interpretation:
    """The reading of one event: facts in the order in which they take effect, and findings."""

    def __init__(self, seen: Seen) -> None:
        self.event = seen.event
        self.context = seen.context
        self.hash_id = seen.hash_id
        self.seq = seen.seq
        self.facts: list[AnyFact] = []
        self.findings: list[Finding] = []
        self._read()

    def report(self, code: str, sentence: str) -> None:
        """Add a finding about this event. Reading an event finds only what follows from the record itself."""
        self.findings.append(Finding(code=code, sentence=sentence, weight="certain", events=(self.hash_id,)))

    def _read(self) -> None:
        event = self.event
        at = _instant(event.get("eventTime"))
        if at is None:
            self.report(
                "metal.time_unreadable", "The event's time could not be read as an instant; nothing was taken from it."
            )
            return
        said = ours(event, self.context, "event", self.report)
        self.told: dict[str, Any] = {
            "event": self.hash_id,
            "seq": self.seq,
            "at": at,
            "known": said.get("eventTimeKnown", "at"),
            "precision": said.get("eventTimePrecision"),
            "place": _id(event.get("bizLocation")) or _id(event.get("readPoint")),
        }
        self.basis = said.get("quantityBasis")
        self.said = said
        match event.get("type"):
            case "ObjectEvent" | "TransactionEvent":
                self._object()
            case "TransformationEvent":
                self._transformation()
            case "AggregationEvent":
                self._aggregation()
            case other:
                self.report(
                    "metal.event_not_understood",
                    f"An event of type {other} says nothing that could be read about metal.",
                )

    def _object(self) -> None:
        event = self.event
        portions = self._portions(event.get("quantityList"))
        named = tuple(canonical(epc) for epc in event.get("epcList") or ())
        step = bare(event["bizStep"]) if "bizStep" in event else None
        self._disposition(step)
        measured, wants_lot = readings(
            event, self.context, self.told, self.said, self._subject(portions, named, step), step, self.report
        )
        if wants_lot:
            self._which_lot(portions, named)
        if not portions and not named:
            self._names_none(step, wants_lot)
            self.facts += measured
            return
        moved = self._moved(portions, named) | {"read": _read(measured)}
        match event.get("action"), step:
            case "ADD", _ if event.get("type") == "ObjectEvent":
                self.facts.append(self._arisen(portions + tuple(Portion(lot=lot) for lot in named)))
                self.facts += measured
            case "DELETE", _ if event.get("type") == "ObjectEvent":
                everything = portions + tuple(Portion(lot=lot) for lot in named)
                self.facts.append(Ended(**self.told, portions=everything, reason=self.said.get("reason")))
                self.facts += measured
            case _, "shipping" | "departing":
                # What an event measures, it measures of what it moves; so the act comes first.
                self.facts.append(Departed(**self.told, **moved))
                self.facts += measured
            case _, "receiving" | "arriving":
                self.facts.append(Arrived(**self.told, **moved))
                self.facts += measured
            case _, "accepting" if moved["destination"].owner or moved["destination"].holder:
                self.facts.append(OwnerChanged(**self.told, **moved))
                self.facts += measured
            case _:
                self._observed(portions, named, step, measured=bool(measured))
                self.facts += measured
                if not measured and not wants_lot and step not in _SAYS_NOTHING:
                    self.report(
                        "metal.event_not_understood",
                        f"A step {step or 'that is not named'} of action {event.get('action')} names lots, "
                        "and neither moves nor measures them in a way that could be read.",
                    )

    def _subject(self, portions: tuple[Portion, ...], named: tuple[str, ...], step: str | None) -> str | None:
        """What readings are of: the one lot; where none is named and nothing moves, the place, and the store on it."""
        if portions or named or self.event.get("action") != "OBSERVE" or step in _MOVES:
            return _single(portions, named)
        place: str | None = self.told["place"]
        return place

    def _observed(
        self, portions: tuple[Portion, ...], named: tuple[str, ...], step: str | None, *, measured: bool
    ) -> None:
        """Lots that are only looked at are somewhere, and may be declared to weigh something."""
        for portion in (*portions, *(Portion(lot=lot) for lot in named)):
            declares = portion.kg is not None or portion.count is not None
            # A measurement finds its lot by itself; and what is seen nowhere says nothing.
            if declares or (not measured and self.told["place"] is not None):
                self.facts.append(Observed(**self.told, portion=portion, stocktake=step == "stock_taking"))

    def _names_none(self, step: str | None, wants_lot: bool) -> None:
        """An event that would move or make lots, and names none."""
        acts = self.event.get("action") in ("ADD", "DELETE") or step in _MOVES
        if acts and not wants_lot:
            self.report(
                "metal.event_not_understood",
                f"A step {step or 'that is not named'} of action {self.event.get('action')} names no lot.",
            )

    def _disposition(self, step: str | None) -> None:
        """What the event says has become of its lots, where it cannot be."""
        written = self.event.get("disposition")
        if not isinstance(written, str):
            return
        disposition, action = bare(written), self.event.get("action")
        gone = disposition in _GONE and action != "DELETE"
        moving = disposition == "in_transit" and (action in ("ADD", "DELETE") or step in _AT_REST)
        if gone or moving:
            self.report(
                "metal.disposition_contradicts",
                f"The event says that its lots are {disposition}, and its step {step or 'that is not named'} of action "
                f"{action} says otherwise; the step was taken.",
            )

    def _arisen(self, portions: tuple[Portion, ...]) -> Arisen:
        ilmd: Mapping[str, Any] = self.event.get("ilmd") or {}
        known = ours(ilmd, self.context, "ilmd", self.report)
        country = next(
            (value for name, value in ilmd.items() if COUNTRY_OF_ORIGIN in (name, self.context.expand(name))), None
        )
        return Arisen(
            **self.told,
            portions=portions,
            stage=known.get("stage"),
            country=country if isinstance(country, str) else None,
            material=_canonical(known.get("material")),
            deposit=_canonical(known.get("deposit")),
            scrap_source=_canonical(known.get("scrapSource")),
            permit=known.get("permit"),
            owner=_canonical(known.get("owner")),
        )

    def _transformation(self) -> None:
        event = self.event
        self._disposition("transforming")
        inputs = self._portions(event.get("inputQuantityList")) + _named(event.get("inputEPCList"))
        outputs = self._portions(event.get("outputQuantityList")) + _named(event.get("outputEPCList"))
        process = self.said.get("process")
        if not inputs and not outputs:
            self.report("metal.event_not_understood", "A transformation names no lot.")
        if process == "split" and len({portion.lot for portion in inputs}) > 1:
            self.report(
                "metal.split_of_several", "A split has several inputs, so which of them each output is like is unknown."
            )
        if process is None:
            self.report(
                "metal.process_unnamed", "The transformation does not say what it does, so its outputs inherit nothing."
            )
        losses: list[Loss] = []
        for item in self.said.get("loss", ()):
            loss = ours(item, self.context, "loss", self.report)
            kg = self._mass(loss.get("lossQuantity"), loss.get("lossUom"))
            if kg is None:
                self.report("metal.loss_not_mass", "A declared loss has no mass, and was not counted.")
            else:
                losses.append(Loss(kind=loss.get("lossKind"), kg=kg, basis=self.basis))
        if event.get("sensorElementList"):
            self.report(
                "metal.sensor_several_lots",
                "A transformation carries measurements, and which of its lots they are of cannot be told.",
            )
        self.facts.append(
            Transformed(
                **self.told,
                process=process,
                inputs=inputs,
                outputs=outputs,
                losses=tuple(losses),
                transformation_id=event.get("transformationID"),
                made=self._arisen(outputs),
                emptied=bool(self.said.get("emptied", False)),
            )
        )

    def _aggregation(self) -> None:
        event = self.event
        container = event.get("parentID")
        action = event.get("action")
        self._disposition(None)
        measured, wants_lot = readings(
            event,
            self.context,
            self.told,
            self.said,
            canonical(container) if isinstance(container, str) else None,
            None,
            self.report,
        )
        if wants_lot:
            self.report("metal.sensor_no_lot", "The event measures mass or composition, and names no container.")
        self._aggregates(container, action)
        # What is measured of a container is measured of what it then holds.
        self.facts += measured

    def _aggregates(self, container: Any, action: Any) -> None:
        event = self.event
        if not isinstance(container, str) or action not in ("ADD", "DELETE"):
            if action != "OBSERVE":
                self.report("metal.event_not_understood", "An aggregation without its container could not be read.")
            return
        portions = self._portions(event.get("childQuantityList"))
        named = tuple(canonical(epc) for epc in event.get("childEPCs") or ())
        if action == "ADD" and not portions and not named:
            self.report("metal.event_not_understood", "Something was packed, and the event does not name it.")
            return
        self.facts.append(
            Packed(**self.told, container=canonical(container), portions=portions, named=named, out=action == "DELETE")
        )

    def _moved(self, portions: tuple[Portion, ...], named: tuple[str, ...]) -> dict[str, Any]:
        event = self.event
        return {
            "portions": portions,
            "containers": named,
            "source": _ends(event.get("sourceList"), "source"),
            "destination": _ends(event.get("destinationList"), "destination"),
            "transactions": tuple(
                (bare(item.get("type", "")), canonical(item["bizTransaction"]))
                for item in event.get("bizTransactionList") or ()
            ),
        }

    def _portions(self, elements: Any) -> tuple[Portion, ...]:
        """Quantity elements; a unit that is none, or not of mass, makes a count and no kilograms."""
        portions = []
        for element in elements or ():
            quantity, uom = element.get("quantity"), element.get("uom")
            kg = self._mass(quantity, uom)
            count = None if quantity is None or is_mass(uom) else exact(quantity, field="quantity")
            if count is not None and count < 0:
                self.report("metal.negative_quantity", f"A quantity of {quantity} is below zero, and was not read.")
                count = None
            if count is not None and uom is not None:
                self.report(
                    "metal.unit_not_mass", f"A quantity in {uom} was taken as a count, since {uom} is no unit of mass."
                )
            basis = self.basis if kg is not None else None
            portions.append(Portion(lot=canonical(element["epcClass"]), kg=kg, basis=basis, count=count))
        return tuple(portions)

    def _mass(self, quantity: Any, uom: Any) -> Decimal | None:
        """Kilograms, or None where there is no quantity in a unit of mass; a negative one is reported."""
        if quantity is None or not is_mass(uom):
            return None
        kg = kilograms(quantity, uom)
        if kg < 0:
            self.report(
                "metal.negative_quantity",
                f"A quantity of {quantity} {MASS_UNITS[uom].symbol} is below zero, and was not read.",
            )
            return None
        if kg > HEAVIEST_KG:
            self.report("metal.mass_impossible", "A quantity is heavier than the Earth, and was not read.")
            return None
        return kg

    def _which_lot(self, portions: tuple[Portion, ...], named: tuple[str, ...]) -> None:
        if portions or named:
            self.report(
                "metal.sensor_several_lots",
                "The event measures several lots at once, and which reading is of which lot cannot be told.",
            )
        else:
            self.report("metal.sensor_no_lot", "The event measures mass or composition, and names no lot.")


def interpret(seen: Seen) -> tuple[tuple[AnyFact, ...], tuple[Finding, ...]]:
    """The facts that one event states, in the order in which they take effect, and what was found in reading it."""
    interpretation = Interpretation(seen)
    return tuple(interpretation.facts), tuple(interpretation.findings)


def _single(portions: tuple[Portion, ...], named: Sequence[str]) -> str | None:
    """The one lot of an event; None if it has none or several."""
    lots = {portion.lot for portion in portions} | set(named)
    return lots.pop() if len(lots) == 1 else None


def _read(measured: Sequence[AnyFact]) -> Mass | None:
    """The net mass among what an event measures."""
    net = next((net_of(one) for one in measured if isinstance(one, Weighing)), None)
    return None if net is None else mass_of(net)


def _named(epcs: Any) -> tuple[Portion, ...]:
    return tuple(Portion(lot=canonical(epc)) for epc in epcs or ())


def _canonical(uri: str | None) -> str | None:
    """One spelling for an EPC URN and the Digital Link of the same key; None stays None."""
    return None if uri is None else canonical(uri)


def _id(place: Any) -> str | None:
    uri = place.get("id") if isinstance(place, Mapping) else None
    return canonical(uri) if isinstance(uri, str) else None


def _ends(entries: Any, field: str) -> Ends:
    by_type = {bare(entry["type"]): canonical(entry[field]) for entry in entries or ()}
    return Ends(
        owner=by_type.get("owning_party"), holder=by_type.get("possessing_party"), place=by_type.get("location")
    )


def _instant(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None
