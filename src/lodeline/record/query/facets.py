"""What an event can be asked for: its texts, numbers and instants by field, each in the one form that compares.

Fields are named as the parameters name them (``bizStep``, ``readPoint``, ``source_<type>``). A field of somebody's own
is named by where it stands and its whole name: ``ext:{https://example.org/}batch``, ``ilmd:…``, ``inner_ilmd:…``.
Numbers with a unit stand under their dimension, in its base unit: ``value@temperature``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from lodeline.record.context import Context
from lodeline.record.hash.event import word
from lodeline.record.hash.value import identifier, scalar
from lodeline.record.query.scalars import Instant, Number, instant_of, number_of
from lodeline.record.vocabulary import Field
from lodeline.units.rec20 import in_base

_LONGEST_KEPT = 256
_KEPT = 8_192
"""Texts whose one form is kept in memory, and how long they may be; others are worked out again."""

EVENT_NAMES: Final = frozenset(
    {"@context", "type", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "errorDeclaration",
     "certificationInfo", "action", "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
     "bizTransactionList", "sourceList", "destinationList", "sensorElementList", "ilmd", "transformationID", "parentID",
     "epcList", "childEPCs", "inputEPCList", "outputEPCList", "quantityList", "childQuantityList", "inputQuantityList",
     "outputQuantityList"}
)  # fmt: skip
"""The standard's own fields of an event; any other is somebody's own."""
_WORDS: Final[tuple[tuple[str, Field], ...]] = (("bizStep", "bizStep"), ("disposition", "disposition"))
_EPCS: Final = (
    ("epcList", "epc"), ("childEPCs", "epc"), ("inputEPCList", "inputEPC"), ("outputEPCList", "outputEPC"),
)  # fmt: skip
_QUANTITIES: Final = (
    ("quantityList", "epcClass"), ("childQuantityList", "epcClass"), ("inputQuantityList", "inputEPCClass"),
    ("outputQuantityList", "outputEPCClass"),
)  # fmt: skip
_TYPED: Final[tuple[tuple[str, str, Field], ...]] = (
    ("bizTransactionList", "bizTransaction", "bizTransactionType"),
    ("sourceList", "source", "sourceOrDestinationType"),
    ("destinationList", "destination", "sourceOrDestinationType"),
)
_SENSOR_IDS: Final = (
    "deviceID", "dataProcessingMethod", "bizRules", "microorganism", "chemicalSubstance", "uriValue",
)  # fmt: skip
_SENSOR_TEXTS: Final = ("stringValue", "hexBinaryValue")
_SENSOR_TIMES: Final = ("time", "startTime", "endTime")
_SENSOR_NUMBERS: Final = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue")
_ELEMENT: Final = frozenset({"sensorMetadata", "sensorReport", "@context"})
_METADATA: Final = frozenset(
    {"time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
     "@context"}
)  # fmt: skip
_REPORT: Final = frozenset(
    {"type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
     "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
     "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
     "@context"}
)  # fmt: skip
_DECLARATION: Final = frozenset({"declarationTime", "reason", "correctiveEventIDs", "@context"})
_PLACE: Final = frozenset({"id", "@context"})
_NOTHING: Final[frozenset[str]] = frozenset({"@context"})


Said = tuple[str, Number | None, Instant | None]
"""A text of somebody's own field in its one spelling, with the number or the instant that it writes, if it does."""


class Facets:
    """One event, ready to be asked.

    Attributes:
        texts: Texts of each field, in the one spelling.
        numbers: Numbers of each field, exact.
        instants: Instants of each field, exact.
        present: Fields that are there and not empty, of any form.
    """

    __slots__ = ("instants", "numbers", "present", "texts")

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.numbers: dict[str, list[Number]] = {}
        self.instants: dict[str, list[Instant]] = {}
        self.present: set[str] = set()


@lru_cache(maxsize=8)
def reader_of(context: Context) -> Reader:
    """The reader of the events for which these names are bound; it remembers what it has worked out."""
    return Reader(context)


class Reader:
    """Reads events that share one context. Names that come again and again are brought to their one form once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names: dict[str, str] = {}
        self._words: dict[tuple[str, str], str] = {}
        self._texts: dict[str, Said] = {}

    def facets(self, event: Mapping[str, Any]) -> Facets:
        """What a valid event can be asked for, its record time excepted, which the ledger knows."""
        found = Facets()
        texts = found.texts
        texts["eventType"] = [event_type(event["type"], self._context)]
        found.instants["eventTime"] = _instants(event["eventTime"])
        for name, vocabulary in _WORDS:
            if (value := event.get(name)) is not None:
                texts[name] = [self._word(vocabulary, value)]
        for name in ("action", "eventID"):
            if (value := event.get(name)) is not None:
                texts[name] = [value.strip()]
        if (value := event.get("transformationID")) is not None:
            texts["transformationID"] = [self._name(value)]
        for name in ("readPoint", "bizLocation"):
            if (value := event.get(name)) is not None:
                self._place(name, value, found)
        self._things(event, found)
        self._typed(event, found)
        if (value := event.get("persistentDisposition")) is not None:
            for name in ("set", "unset"):
                words = [self._word("disposition", each) for each in value.get(name) or ()]
                if words:
                    texts[f"persistentDisposition_{name}"] = words
        if event.get("sensorElementList"):
            self._sensors(event["sensorElementList"], found)
        if event.get("errorDeclaration") is not None:
            self._declaration(event["errorDeclaration"], found)
        if event.get("ilmd"):
            self._own("ilmd", event["ilmd"], _NOTHING, self._context, found)
        if not event.keys() <= EVENT_NAMES:
            self._own("ext", event, EVENT_NAMES, self._context, found, within=False)
        return found

    def _things(self, event: Mapping[str, Any], found: Facets) -> None:
        """EPCs, classes and quantities."""
        texts = found.texts
        if (value := event.get("parentID")) is not None:
            texts["parentID"] = [self._name(value)]
        for name, field in _EPCS:
            if listed := event.get(name):
                texts.setdefault(field, []).extend([self._name(each) for each in listed])
        for name, field in _QUANTITIES:
            for element in event.get(name) or ():
                if (value := element.get("epcClass")) is not None:
                    texts.setdefault(field, []).append(self._name(value))
                if (value := element.get("quantity")) is not None:
                    found.numbers.setdefault("quantity", []).append(value)
                    if (uom := element.get("uom")) is not None:
                        dimension, base = in_base(value, uom.strip())
                        found.numbers.setdefault(f"quantity@{dimension}", []).append(base)

    def _typed(self, event: Mapping[str, Any], found: Facets) -> None:
        """Business transactions, sources and destinations, each under its type."""
        for name, item, vocabulary in _TYPED:
            for element in event.get(name) or ():
                value = element.get(item)
                if value is None:
                    continue
                named = self._name(value)
                found.texts.setdefault(item, []).append(named)
                if (kind := element.get("type")) is not None:
                    found.texts.setdefault(f"{item}_{self._word(vocabulary, kind)}", []).append(named)

    def _place(self, field: str, value: Any, found: Facets) -> None:
        if isinstance(value, str):
            found.texts[field] = [self._name(value)]
            return
        if (named := value.get("id")) is not None:
            found.texts[field] = [identifier(named, self._context.within(value))]
        if not value.keys() <= _PLACE:
            self._own(field, value, _PLACE, self._context, found)

    def _sensors(self, elements: Iterable[Mapping[str, Any]], found: Facets) -> None:
        found.present.add("sensorElementList")
        for element in elements:
            metadata = element.get("sensorMetadata")
            if metadata:
                self._sensor_fields(metadata, found)
                if not metadata.keys() <= _METADATA:
                    self._own("sensormetadata", metadata, _METADATA, self._context, found)
            for report in element.get("sensorReport") or ():
                self._sensor_fields(report, found)
                self._report(report, found)
                if not report.keys() <= _REPORT:
                    self._own("sensorreport", report, _REPORT, self._context, found)
            if not element.keys() <= _ELEMENT:
                self._own("sensorelement", element, _ELEMENT, self._context, found)

    def _sensor_fields(self, value: Mapping[str, Any], found: Facets) -> None:
        for name in _SENSOR_IDS:
            if (each := value.get(name)) is not None:
                found.texts.setdefault(name, []).append(self._name(each))
        for name in _SENSOR_TIMES:
            if (each := value.get(name)) is not None:
                found.instants.setdefault(name, []).extend(_instants(each))

    def _report(self, report: Mapping[str, Any], found: Facets) -> None:
        if (kind := report.get("type")) is not None:
            found.texts.setdefault("type", []).append(self._word("measurementType", kind))
        for name in _SENSOR_TEXTS:
            if (each := report.get(name)) is not None:
                found.texts.setdefault(name, []).append(each.strip())
        if (truth := report.get("booleanValue")) is not None:
            found.texts.setdefault("booleanValue", []).append("true" if truth else "false")
        if (rank := report.get("percRank")) is not None:
            found.numbers.setdefault("percRank", []).append(rank)
        uom = report.get("uom")
        if uom is None:
            return
        for name in _SENSOR_NUMBERS:
            if (number := report.get(name)) is not None:
                # A deviation is a difference: it has no zero to be moved.
                dimension, base = in_base(number, uom.strip(), difference=name == "sDev")
                found.numbers.setdefault(f"{name}@{dimension}", []).append(base)

    def _declaration(self, declared: Mapping[str, Any], found: Facets) -> None:
        found.present.add("errorDeclaration")
        if (value := declared.get("declarationTime")) is not None:
            found.instants["errorDeclarationTime"] = _instants(value)
        if (value := declared.get("reason")) is not None:
            found.texts["errorReason"] = [self._word("reason", value)]
        if listed := declared.get("correctiveEventIDs"):
            found.texts["correctiveEventID"] = [each.strip() for each in listed]
        if not declared.keys() <= _DECLARATION:
            self._own("error", declared, _DECLARATION, self._context, found)

    def _own(
        self,
        place: str,
        value: Mapping[str, Any],
        known: frozenset[str],
        context: Context,
        found: Facets,
        *,
        within: bool = True,
    ) -> None:
        """Fields of somebody's own in an object, and all that stands inside them, which is ``inner_<place>``.

        An event's own context is in the reader's already; ``within`` says whether the object may bring another.
        """
        context = context.within(value) if within else context
        for name, each in value.items():
            if name not in known:
                self._field(place, f"inner_{place}" if place != "ext" else "inner", name, each, context, found)

    def _field(self, place: str, inner: str, name: str, value: Any, context: Context, found: Facets) -> None:
        """One field of somebody's own: what it says, and with ``inner`` what stands inside it."""
        field = f"{place}:{context.qualified(name)}"
        for each in value if isinstance(value, list) else (value,):
            self._value(field, inner, each, context, found)

    def _value(self, field: str, inner: str, value: Any, context: Context, found: Facets) -> None:
        if value is None:
            return
        if isinstance(value, list):
            for each in value:
                self._value(field, inner, each, context, found)
            return
        if value == {} or (isinstance(value, str) and not value.strip()):
            # An element of XML that is empty: a text that can be asked for, and yet not what EXISTS_ wants.
            found.texts.setdefault(field, []).append("")
            return
        found.present.add(field)
        if isinstance(value, str):
            # Within the event's own names a text means one thing, and comes again in the next event.
            text, number, instant = self._said(value) if context is self._context else _said(value, context)
            found.texts.setdefault(field, []).append(text)
            if number is not None:
                found.numbers.setdefault(field, []).append(number)
            if instant is not None:
                found.instants.setdefault(field, []).append(instant)
        elif isinstance(value, dict):
            context = context.within(value)
            for name, each in value.items():
                if name == "@value":
                    # The text of an element that has attributes beside it: what the field itself says.
                    self._value(field, inner, each, context, found)
                elif not name.startswith("@"):
                    self._field(inner, inner, name, each, context, found)
        else:
            found.texts.setdefault(field, []).append(scalar(value, context))
            if not isinstance(value, bool):
                found.numbers.setdefault(field, []).append(value)

    def _said(self, text: str) -> Said:
        known = self._texts.get(text)
        if known is None:
            known = _said(text, self._context)
            if len(text) <= _LONGEST_KEPT:
                if len(self._texts) >= _KEPT:
                    self._texts.clear()
                self._texts[text] = known
        return known

    def _name(self, text: str) -> str:
        known = self._names.get(text)
        if known is None:
            known = identifier(text, self._context)
            if len(text) <= _LONGEST_KEPT:
                if len(self._names) >= _KEPT:
                    self._names.clear()
                self._names[text] = known
        return known

    def _word(self, vocabulary: Field, text: str) -> str:
        known = self._words.get((vocabulary, text))
        if known is None:
            known = word(vocabulary, text, self._context)
            if len(text) <= _LONGEST_KEPT:
                if len(self._words) >= _KEPT:
                    self._words.clear()
                self._words[vocabulary, text] = known
        return known


def event_type(value: str, context: Context) -> str:
    """The name of an event type: bare for GS1's own, ``{namespace}name`` for another house's."""
    value = value.strip()
    return context.qualified(value).removeprefix("{https://ref.gs1.org/epcis/}") if ":" in value else value


def _said(text: str, context: Context) -> Said:
    # XML knows no types, and an event and its twin in XML are one event: what reads as a number is one.
    number = number_of(text)
    return scalar(text, context), number, instant_of(text) if number is None else None


def _instants(text: Any) -> list[Instant]:
    instant = instant_of(text)
    return [] if instant is None else [instant]


__all__ = ["Facets", "Instant", "Number", "Reader", "event_type", "reader_of"]
