"""Which events a query means, worked out the slow way from the wording of EPCIS 2.0, section 8.2.7.1.

It reads events as JSON and parameters as GS1's query schema writes them, one by one, and shares no code with
`lodeline.record.query`: what the two must agree on is only the standard. Where the standard leaves something open, the
choice is the one that docs/reference/query.md states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lodeline.ids.epc import canonical, to_urn

COMPANY_DIGITS = 7
"""Of every GS1 identifier in the tests' events, so that a Digital Link can be read back as a URN."""
GS1 = {"cbvmda": "urn:epcglobal:cbv:mda:", "gs1": "https://gs1.org/voc/", "cbv": "https://ref.gs1.org/cbv/"}
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
CONTROLS = {"@context", "orderBy", "orderDirection", "eventCountLimit", "maxEventCount"}

KELVIN: dict[str, Callable[[Fraction], Fraction]] = {
    "KEL": lambda t: t,
    "CEL": lambda t: t + Fraction("273.15"),
    "FAH": lambda t: (t + Fraction("459.67")) * 5 / 9,
}
PER_UNIT = {
    "KGM": ("kg", Fraction(1)), "GRM": ("kg", Fraction(1, 1000)), "TNE": ("kg", Fraction(1000)),
    "LBR": ("kg", Fraction("0.45359237")), "MTR": ("m", Fraction(1)), "INH": ("m", Fraction("0.0254")),
    "P1": ("1", Fraction(1, 100)), "C62": ("1", Fraction(1)), "59": ("1", Fraction(1, 1_000_000)),
}  # fmt: skip


class Row:
    """An event as the book holds it: its JSON, its document's prefixes, when it was recorded, its hash id."""

    def __init__(self, event: dict[str, Any], prefixes: Mapping[str, str], recorded: datetime, hash_id: str) -> None:
        self.event, self.recorded, self.hash_id = event, recorded, hash_id
        self.prefixes = {**GS1, **prefixes}


class Asking:
    """A query with what it is asked with: its prefixes and the master data of the book."""

    def __init__(self, parameters: Mapping[str, Any], prefixes: Mapping[str, str], master: list[Any]) -> None:
        self.parameters, self.master = parameters, master
        self.prefixes = {**GS1, **prefixes}

    def selects(self, row: Row) -> bool:
        """Parameters are AND."""
        return all(self.one(name, value, row) for name, value in self.parameters.items() if name not in CONTROLS)

    def one(self, name: str, value: Any, row: Row) -> bool:
        """One parameter by its name, as the table of the standard has it."""
        event = row.event
        if name == "eventType":
            return event["type"] in value
        if name in ("GE_recordTime", "LT_recordTime"):
            return in_time(name[:2], [row.recorded.isoformat()], value)
        if name in TIMES:
            return in_time(name[:2], TIMES[name](event), value)
        if name == "EQ_action":
            return event.get("action") in value
        if name in WORDS:
            return bool({word(expanded(each, row.prefixes)) for each in WORDS[name](event)} & self.words(value))
        if name in IDS:
            return bool({self.id(each, row.prefixes) for each in IDS[name](event)} & {self.id(each) for each in value})
        if name in TEXTS:
            found = TEXTS[name](event) or ([row.hash_id] if name == "EQ_eventID" else [])
            return bool(set(found) & set(value))
        if name == "EQ_booleanValue":
            return any(each is value for each in reports(event, "booleanValue"))
        if name.startswith("EXISTS_") and ":" not in name:
            return value is False or bool(event.get(name.removeprefix("EXISTS_")))
        if name.startswith("WD_"):
            wanted = self.with_descendants(value)
            return any(self.id(each, row.prefixes) in wanted for each in IDS["EQ_" + name[3:]](event))
        if name.startswith("MATCH_"):
            return any(fits(self.id(each, row.prefixes), one) for each in MATCHED[name](event) for one in value)
        if found := re.fullmatch(r"(EQ|GT|GE|LT|LE)_(quantity|percRank)", name):
            return any(compares(found[1], Fraction(n), value) for n in plain_numbers(event, found[2]))
        if found := re.fullmatch(r"(EQ|GT|GE|LT|LE)_([a-z][A-Za-z]+)_([A-Z0-9]{2,4})", name):
            return measured(event, found[1], found[2], found[3], value)
        if found := re.fullmatch(r"EQ_(bizTransaction|source|destination)_(.+)", name):
            return self.typed(event, found[1], found[2], value, row)
        if name.startswith(("HASATTR_", "EQATTR_", "EQ_ATTR_")):
            return self.attributed(name, value, row)
        return self.own(name, value, row)

    def id(self, text: str, prefixes: Mapping[str, str] | None = None) -> str:
        """Both forms of an identifier are one; a CURIE is what it stands for."""
        prefix, colon, rest = text.partition(":")
        prefixes = self.prefixes if prefixes is None else prefixes
        if colon and prefix in prefixes and not rest.startswith("//"):
            text = prefixes[prefix] + rest
        return canonical(text)

    def words(self, texts: list[str]) -> set[str]:
        return {word(expanded(each, self.prefixes)) for each in texts}

    def typed(self, event: dict[str, Any], item: str, kind: str, value: list[str], row: Row) -> bool:
        """(b) an entry of that type whose (c) value is one of those given."""
        return any(
            "type" in each
            and word(expanded(each["type"], row.prefixes)) in self.words([kind])
            and self.id(each[item], row.prefixes) in {self.id(one) for one in value}
            for each in event.get(f"{item}List", ())
        )

    def with_descendants(self, roots: list[str]) -> set[str]:
        found = {self.id(root) for root in roots}
        while True:
            more = {
                self.id(record.id)
                for record in self.master
                if any(self.id(record.attributes.get(up, "urn:x:none")) in found for up in ("parent", "site"))
            }
            if more <= found:
                return found
            found |= more

    def attributed(self, name: str, value: Any, row: Row) -> bool:
        """(a) the field (b) names something registered (c) with such an attribute (d) of such a value."""
        kind, _, rest = name.replace("EQ_ATTR_", "EQATTR_").partition("_")
        field, attribute = (rest, None) if kind == "HASATTR" else rest.split("_", 1)
        if ":" in field:
            named = [one for one in self.own_values(f"EQ_{field}", row) if isinstance(one, str)]
        else:
            named = ATTRIBUTED[field](row.event)
        for record in self.master:
            if self.id(record.id) not in {self.id(each, row.prefixes) for each in named}:
                continue
            if attribute is None and set(value) & set(record.attributes):
                return True
            if attribute is not None and attribute in record.attributes:
                held = record.attributes[attribute]
                for each in held if isinstance(held, list) else [held]:
                    if isinstance(value, list) and str(each) in value:
                        return True
                    if not isinstance(value, list | str) and isinstance(each, Decimal) and each == value:
                        return True
        return False

    def own_values(self, name: str, row: Row) -> list[Any]:
        """The values of the field of somebody's own that a parameter names, arrays as their elements."""
        _, _, rest = name.partition("_")
        before, _, local = rest.partition(":")
        place, _, prefix = before.rpartition("_")
        inner = place == "INNER" or place.startswith("INNER_")
        place = place.removeprefix("INNER").lstrip("_")
        wanted = self.prefixes[prefix] + local
        found: list[Any] = []
        for owner, known in OWNERS[place](row.event):
            for key, value in owner.items():
                if key in known:
                    continue
                if not inner and expanded(key, row.prefixes) == wanted:
                    found.append(value)
                if inner:
                    found += nested(value, wanted, row.prefixes)
        return found

    def own(self, name: str, value: Any, row: Row) -> bool:
        op = name.partition("_")[0]
        found = self.own_values(name, row)
        if op == "EXISTS":
            return value is False or any(is_there(each) for each in found)
        flat = [one for each in found for one in scalars(each)]
        if isinstance(value, list):
            wanted = {self.id(each) for each in value}
            return any(self.written(each, row.prefixes) in wanted for each in flat)
        if isinstance(value, str):
            return in_time(op, [each for each in flat if isinstance(each, str) and is_time(each)], value)
        numbers = [
            Fraction(each) if not isinstance(each, str) else Fraction(Decimal(each)) for each in flat if is_number(each)
        ]
        return any(compares(op, each, value) for each in numbers)

    def written(self, value: Any, prefixes: Mapping[str, str]) -> str:
        """A value of a field whose type nobody knows, as text."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return self.id(value, prefixes)
        text = format(Decimal(value), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text


def expanded(key: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, local = key.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes else key


def nested(value: Any, wanted: str, prefixes: Mapping[str, str]) -> list[Any]:
    """Values of the wanted name at any depth inside a field, the field itself not counted."""
    found = []
    if isinstance(value, list):
        for each in value:
            found += nested(each, wanted, prefixes)
    elif isinstance(value, dict):
        for key, each in value.items():
            if expanded(key, prefixes) == wanted:
                found.append(each)
            found += nested(each, wanted, prefixes)
    return found


def scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from scalars(each)
    elif isinstance(value, dict):
        yield from [""] if value == {} else scalars(value.get("@value"))
    elif value is not None:
        yield value


def is_there(value: Any) -> bool:
    """A field that is not empty; a list is no more than its members, which XML writes one by one."""
    return any(map(is_there, value)) if isinstance(value, list) else value not in (None, "", {})


def is_number(value: Any) -> bool:
    if isinstance(value, str):
        return NUMBER.fullmatch(value) is not None
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def is_time(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text) is not None


def instant(text: str) -> Fraction:
    """Seconds, with every digit of the fraction."""
    whole, fraction, zone = re.fullmatch(r"([^.Z+]+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text).groups()  # type: ignore[union-attr]
    seconds = datetime.fromisoformat(whole + zone.replace("Z", "+00:00")).timestamp()
    return Fraction(int(seconds)) + (Fraction(f"0.{fraction}") if fraction else 0)


def compares(op: str, found: Fraction, wanted: Any) -> bool:
    """GE takes the limit in, LT leaves it out; of a list one is enough."""
    if isinstance(wanted, list):
        return any(compares(op, found, each) for each in wanted)
    limit = Fraction(wanted)
    return {"EQ": found == limit, "GT": found > limit, "GE": found >= limit, "LT": found < limit, "LE": found <= limit}[
        op
    ]


def in_time(op: str, found: list[str], wanted: str) -> bool:
    return any(compares(op, instant(each), instant(wanted)) for each in found)


def word(text: str) -> str:
    """The bare word of any form of a standard word; a word of somebody's own as it is."""
    for form in (
        r"urn:epcglobal:cbv:[a-z]+:(\w+)",
        r"https?://(?:ref|ns)\.gs1\.org/cbv/[A-Za-z]+-(\w+)",
        r"cbv:[A-Za-z]+-(\w+)",
        r"https://gs1\.org/voc/(\w+)",
        r"gs1:(\w+)",
    ):
        if found := re.fullmatch(form, text):
            return found[1]
    return text


def fits(identifier: str, wanted: str) -> bool:
    """8.2.7.1.1: a pattern by its parts, anything else by equality; a class link is the pattern of its items."""
    parts = as_parts(identifier)
    if wanted.startswith("urn:epc:idpat:") or re.fullmatch(r"urn:epc:class:lgtin:.*\.\*", wanted):
        scheme, _, body = wanted.removeprefix("urn:epc:idpat:").removeprefix("urn:epc:class:").partition(":")
        pattern = body.split(".", 2) if scheme in ("sgtin", "lgtin") else body.split(".")
        if parts is None or parts[0] != scheme:
            return False
        return all(a in ("*", b) for a, b in zip(pattern, parts[1:], strict=False))
    if wanted.endswith("/21/*") or wanted.endswith("/10/*"):
        scheme = "sgtin" if "/21/" in wanted else "lgtin"
        return parts is not None and parts[0] == scheme and parts[1:3] == as_parts(canonical(wanted[:-5]))[1:3]  # type: ignore[index]
    if re.fullmatch(r"https?://[^/]+/01/\d{14}", wanted):
        return parts is not None and parts[0] == "sgtin" and parts[1:3] == as_parts(canonical(wanted))[1:3]  # type: ignore[index]
    return identifier == canonical(wanted)


def as_parts(identifier: str) -> list[str] | None:
    """Scheme and parts of a GS1 identifier, read back from its Digital Link."""
    if not identifier.startswith("https://id.gs1.org/"):
        return None
    urn = to_urn(identifier, company_prefix_length=COMPANY_DIGITS)
    _, _, _, scheme, body = urn.split(":", 4)
    return [scheme, *body.split(".", 2)]


def reports(event: dict[str, Any], name: str) -> list[Any]:
    return [r[name] for e in event.get("sensorElementList", ()) for r in e.get("sensorReport", ()) if name in r]


def metadata(event: dict[str, Any], name: str) -> list[Any]:
    found = [e.get("sensorMetadata", {}) for e in event.get("sensorElementList", ())]
    return [each[name] for each in found if name in each]


def sensor(name: str) -> Callable[[dict[str, Any]], list[Any]]:
    """In the metadata or in a report, wherever the attribute may stand."""
    return lambda event: metadata(event, name) + reports(event, name)


QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


def plain_numbers(event: dict[str, Any], name: str) -> list[Any]:
    if name == "percRank":
        return reports(event, "percRank")
    return [q["quantity"] for each in QUANTITIES for q in event.get(each, ()) if "quantity" in q]


def measured(event: dict[str, Any], op: str, name: str, uom: str, value: Any) -> bool:
    """The number brought to the unit of the parameter's name."""
    if name == "quantity":
        held = [
            (q["quantity"], q["uom"])
            for each in QUANTITIES
            for q in event.get(each, ())
            if {"quantity", "uom"} <= set(q)
        ]
    else:
        found = [r for e in event.get("sensorElementList", ()) for r in e.get("sensorReport", ())]
        held = [(r[name], r["uom"]) for r in found if name in r and "uom" in r]
    wanted = value if isinstance(value, list) else [value]
    return any(
        compares(op, a, b)
        for number, unit in held
        for limit in wanted
        for a, b in [(based(number, unit, name), based(limit, uom, name))]
        if kind_of(unit) == kind_of(uom)
    )


def kind_of(unit: str) -> str:
    return "temperature" if unit in KELVIN else PER_UNIT.get(unit, (unit, None))[0]


def based(number: Any, unit: str, name: str) -> Fraction:
    value = Fraction(number)
    if unit in KELVIN:
        # A standard deviation is a difference of temperatures.
        return KELVIN[unit](value) - (KELVIN[unit](Fraction(0)) if name == "sDev" else 0)
    return value * PER_UNIT[unit][1] if unit in PER_UNIT else value


def epcs(*names: str) -> Callable[[dict[str, Any]], list[str]]:
    return lambda event: [epc for name in names for epc in event.get(name, ())]


def parent(event: dict[str, Any]) -> list[str]:
    return [event["parentID"]] if "parentID" in event else []


def classes(*names: str) -> Callable[[dict[str, Any]], list[str]]:
    return lambda event: [q["epcClass"] for name in names for q in event.get(name, ())]


def field(name: str) -> Callable[[dict[str, Any]], list[Any]]:
    return lambda event: [event[name]] if name in event else []


def place(name: str) -> Callable[[dict[str, Any]], list[str]]:
    return lambda event: [event[name]["id"]] if name in event else []


def persistent(end: str) -> Callable[[dict[str, Any]], list[str]]:
    return lambda event: event.get("persistentDisposition", {}).get(end, [])


def declared(name: str) -> Callable[[dict[str, Any]], list[Any]]:
    def read(event: dict[str, Any]) -> list[Any]:
        value = event.get("errorDeclaration", {}).get(name, [])
        return value if isinstance(value, list) else [value]

    return read


def both_ends(
    name: str, read: Callable[[dict[str, Any]], list[Any]]
) -> dict[str, Callable[[dict[str, Any]], list[Any]]]:
    return {f"GE_{name}": read, f"LT_{name}": read}


TIMES = {
    **both_ends("eventTime", field("eventTime")),
    **both_ends("errorDeclaration_Time", declared("declarationTime")),
    **both_ends("time", sensor("time")),
    **both_ends("startTime", sensor("startTime")),
    **both_ends("endTime", sensor("endTime")),
}
WORDS = {
    "EQ_bizStep": field("bizStep"),
    "EQ_disposition": field("disposition"),
    "EQ_persistentDisposition_set": persistent("set"),
    "EQ_persistentDisposition_unset": persistent("unset"),
    "EQ_errorReason": declared("reason"),
    "EQ_type": lambda event: reports(event, "type"),
}
IDS = {
    "EQ_readPoint": place("readPoint"),
    "EQ_bizLocation": place("bizLocation"),
    "EQ_transformationID": field("transformationID"),
    **{f"EQ_{name}": sensor(name) for name in
       ("deviceID", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules", "uriValue")},
}  # fmt: skip
TEXTS = {
    "EQ_eventID": field("eventID"),
    "EQ_correctiveEventID": declared("correctiveEventIDs"),
    "EQ_stringValue": lambda event: reports(event, "stringValue"),
    "EQ_hexBinaryValue": lambda event: reports(event, "hexBinaryValue"),
}
ANY_EPC = epcs("epcList", "childEPCs", "inputEPCList", "outputEPCList")
MATCHED = {
    "MATCH_epc": epcs("epcList", "childEPCs"),
    "MATCH_parentID": parent,
    "MATCH_inputEPC": epcs("inputEPCList"),
    "MATCH_outputEPC": epcs("outputEPCList"),
    "MATCH_anyEPC": lambda event: parent(event) + ANY_EPC(event),
    "MATCH_epcClass": classes("quantityList", "childQuantityList"),
    "MATCH_inputEPCClass": classes("inputQuantityList"),
    "MATCH_outputEPCClass": classes("outputQuantityList"),
    "MATCH_anyEPCClass": classes(*QUANTITIES),
}


def of_list(item: str) -> Callable[[dict[str, Any]], list[str]]:
    return lambda event: [each[item] for each in event.get(f"{item}List", ())]


ATTRIBUTED = {
    "readPoint": place("readPoint"),
    "bizLocation": place("bizLocation"),
    "bizStep": field("bizStep"),
    "disposition": field("disposition"),
    "source": of_list("source"),
    "destination": of_list("destination"),
    "bizTransaction": of_list("bizTransaction"),
    "epcClass": classes(*QUANTITIES),
}

Owned = Iterator[tuple[dict[str, Any], set[str]]]
EVENT = {
    "type", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "errorDeclaration", "action", "bizStep",
    "disposition", "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList",
    "destinationList", "sensorElementList", "ilmd", "epcList", "quantityList", "parentID", "childEPCs",
    "childQuantityList", "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList",
    "transformationID", "certificationInfo",
}  # fmt: skip
SENSOR_METADATA = {
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
}
SENSOR_REPORT = {
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
    "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
}  # fmt: skip


def elements(event: dict[str, Any]) -> Owned:
    for each in event.get("sensorElementList", ()):
        yield each, {"sensorMetadata", "sensorReport"}


def metadatas(event: dict[str, Any]) -> Owned:
    for each in event.get("sensorElementList", ()):
        yield each.get("sensorMetadata", {}), SENSOR_METADATA


def all_reports(event: dict[str, Any]) -> Owned:
    for each in event.get("sensorElementList", ()):
        for report in each.get("sensorReport", ()):
            yield report, SENSOR_REPORT


def one(name: str, known: set[str]) -> Callable[[dict[str, Any]], Owned]:
    return lambda event: iter([(event.get(name, {}), known)])


OWNERS: dict[str, Callable[[dict[str, Any]], Owned]] = {
    "": lambda event: iter([(event, EVENT)]),
    "ILMD": one("ilmd", set()),
    "ERROR_DECLARATION": one("errorDeclaration", {"declarationTime", "reason", "correctiveEventIDs"}),
    "SENSORELEMENT": elements,
    "SENSORMETADATA": metadatas,
    "SENSORREPORT": all_reports,
    "readPoint": one("readPoint", {"id"}),
    "bizLocation": one("bizLocation", {"id"}),
}
