"""Events with every field that a query can ask for, drawn from few values, so that queries find some and not all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

EX, OTHER = "https://example.org/terms/", "urn:example:more:"
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"ex": EX, "oth": OTHER}]
PREFIXES = {"ex": EX, "oth": OTHER}
"""What the events' document binds."""

SITES = ["https://example.org/site/1", "urn:epc:id:sgln:4012345.00001.0", "https://id.gs1.org/414/4012345000023",
         "https://example.org/site/4", "urn:epc:id:sgln:4012345.00003.7"]  # fmt: skip
ITEMS = [f"urn:epc:id:sgtin:{company}.{item}.{serial}"
         for company, item in (("4012345", "011111"), ("4012345", "022222"), ("9521141", "011111"))
         for serial in ("1", "2", "A%2FB")]  # fmt: skip
ITEMS += ["https://id.gs1.org/01/04012345111118/21/1", "https://example.com/01/04012345111118/21/77",
          "urn:epc:id:sscc:4012345.1234567890", "urn:epc:id:giai:4012345.asset1", "urn:example:thing:1",
          "urn:epc:id:gid:100.200.300"]  # fmt: skip
CLASSES = ["urn:epc:class:lgtin:4012345.011111.LOT1", "urn:epc:class:lgtin:4012345.011111.LOT2",
           "https://id.gs1.org/01/04012345111118/10/LOT1", "urn:epc:idpat:sgtin:4012345.022222.*",
           "https://id.gs1.org/01/04012345222227", "urn:epc:class:lgtin:9521141.011111.L",
           "urn:example:class:1"]  # fmt: skip
STEPS = ["shipping", "receiving", "ex:melting", "https://example.org/terms/melting", "inspecting"]
DISPOSITIONS = ["in_transit", "damaged", "active", "ex:odd"]
PARTIES = ["https://example.org/party/1", "urn:epc:id:pgln:4012345.00001", "https://id.gs1.org/417/4012345000016"]
PAPERS = ["https://example.org/bill/1", "https://example.org/bill/2", "urn:epc:id:gdti:4012345.00001.9"]
DEVICES = ["https://example.org/scale/1", "urn:epc:id:giai:4012345.scale2", "ex:device3"]
UNITS = ["KGM", "TNE", "LBR", "CEL", "FAH", "KEL", "P1", "C62", "XYZ"]
AMOUNTS = [Decimal(text) for text in ("0", "1", "-4", "10", "10.0", "0.5", "1000", "453.59237", "100", "273.15",
                                      "12345678901234567.89", "12345678901234567.88")]  # fmt: skip
TEXTS = ["wet", "dry", "5", "5.0", "007", "2026-01-05T00:00:00Z", "2026-01-05T02:00:00+02:00", "Ärger", "ex:melting"]
REASONS = ["incorrect_data", "did_not_occur", "ex:typo"]
MEASURED = ["Temperature", "Mass", "ex:Hardness"]


def instant(draw: Random) -> str:
    """Within nine days, in several zones, some with many digits."""
    zone = draw.choice(["Z", "+05:00", "-07:30"])
    tail = draw.choice(["", ".5", ".500000", ".5000004", ".5000006"])
    return f"2026-01-{draw.randrange(1, 10):02}T{draw.randrange(24):02}:{draw.choice([0, 30]):02}:00{tail}{zone}"


def maybe(draw: Random, make: Callable[[], Any], chance: float = 0.4) -> Any:
    """A value now and then, else None."""
    return make() if draw.random() < chance else None


def without_none(value: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if each is not None and each != []}


def some(draw: Random, among: list[str], most: int = 3) -> list[str]:
    return draw.sample(among, draw.randrange(1, most + 1))


def own(draw: Random, depth: int = 2) -> Any:
    """A value of a field of somebody's own."""
    choice = draw.randrange(8)
    if choice in (0, 5) and depth:
        return {draw.choice(["ex:a", "ex:b", "oth:a"]): own(draw, depth - 1)}
    if choice == 1 and depth:
        return [own(draw, depth - 1) for _ in range(draw.randrange(3))]
    if choice == 2:
        return draw.choice([True, False])
    if choice == 6:
        # An empty element, and one whose text has an attribute beside it, as XML gives them.
        return draw.choice(["", {}, {"@value": draw.choice(TEXTS), "ex:unit": "kg"}])
    return draw.choice(AMOUNTS) if choice in (3, 4) else draw.choice(TEXTS)


def own_fields(draw: Random, chance: float = 0.4) -> dict[str, Any]:
    """Fields of somebody's own, few names."""
    return {name: own(draw) for name in ("ex:a", "ex:b", "oth:a", "ex:c_d") if draw.random() < chance}


def quantity(draw: Random) -> dict[str, Any]:
    unit = maybe(draw, lambda: draw.choice(["KGM", "TNE", "LBR", "C62"]), 0.7)
    amount = maybe(draw, lambda: abs(draw.choice(AMOUNTS)), 0.8)
    return without_none(
        {"epcClass": draw.choice(CLASSES), "quantity": amount, "uom": unit if amount is not None else None}
    )


def quantities(draw: Random) -> list[dict[str, Any]]:
    return [quantity(draw) for _ in range(draw.randrange(1, 3))]


def place(draw: Random) -> dict[str, Any]:
    return {"id": draw.choice(SITES)} | own_fields(draw, 0.25)


def sensor_element(draw: Random) -> dict[str, Any]:
    metadata = without_none(
        {
            "time": maybe(draw, lambda: instant(draw)),
            "startTime": maybe(draw, lambda: instant(draw), 0.3),
            "endTime": maybe(draw, lambda: instant(draw), 0.3),
            "deviceID": maybe(draw, lambda: draw.choice(DEVICES)),
            "dataProcessingMethod": maybe(draw, lambda: draw.choice(PAPERS), 0.3),
            "bizRules": maybe(draw, lambda: draw.choice(PAPERS), 0.3),
        }
    ) | own_fields(draw, 0.25)
    reports = [report(draw) for _ in range(draw.randrange(1, 3))]
    return {"sensorMetadata": metadata, "sensorReport": reports} | own_fields(draw, 0.25)


def report(draw: Random) -> dict[str, Any]:
    said = {
        "type": draw.choice(MEASURED),
        "deviceID": maybe(draw, lambda: draw.choice(DEVICES), 0.2),
        "dataProcessingMethod": maybe(draw, lambda: draw.choice(PAPERS), 0.2),
        "time": maybe(draw, lambda: instant(draw), 0.3),
        "microorganism": maybe(draw, lambda: draw.choice(PAPERS), 0.3),
        "chemicalSubstance": maybe(draw, lambda: draw.choice(PAPERS), 0.3),
        "stringValue": maybe(draw, lambda: draw.choice(TEXTS), 0.3),
        "booleanValue": maybe(draw, lambda: draw.choice([True, False]), 0.3),
        "hexBinaryValue": maybe(draw, lambda: draw.choice(["0FB7", "0fb7", "AA"]), 0.3),
        "uriValue": maybe(draw, lambda: draw.choice(PARTIES), 0.3),
        "percRank": maybe(draw, lambda: draw.choice(AMOUNTS), 0.3),
        "uom": maybe(draw, lambda: draw.choice(UNITS), 0.9),
    }
    for name in ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue"):
        said[name] = maybe(draw, lambda: draw.choice(AMOUNTS), 0.4)
    return without_none(said) | own_fields(draw, 0.25)


def declaration(draw: Random) -> dict[str, Any]:
    said = {
        "declarationTime": instant(draw),
        "reason": maybe(draw, lambda: draw.choice(REASONS), 0.7),
        "correctiveEventIDs": maybe(draw, lambda: some(draw, PAPERS, 2), 0.5),
    }
    return without_none(said) | own_fields(draw, 0.3)


def typed(draw: Random, item: str, kinds: list[str], values: list[str]) -> list[dict[str, Any]]:
    return [{"type": draw.choice(kinds), item: draw.choice(values)} for _ in range(draw.randrange(1, 3))]


def common(draw: Random, number: int) -> dict[str, Any]:
    """What any type of event may carry."""
    return {
        "eventTime": instant(draw),
        "eventTimeZoneOffset": "+00:00",
        "eventID": maybe(draw, lambda: f"urn:uuid:00000000-0000-4000-8000-{number:012}", 0.7),
        "bizStep": maybe(draw, lambda: draw.choice(STEPS), 0.8),
        "disposition": maybe(draw, lambda: draw.choice(DISPOSITIONS), 0.6),
        "persistentDisposition": maybe(
            draw, lambda: {draw.choice(["set", "unset"]): some(draw, DISPOSITIONS, 2)}, 0.3
        ),
        "readPoint": maybe(draw, lambda: place(draw), 0.6),
        "bizLocation": maybe(draw, lambda: place(draw), 0.6),
        "bizTransactionList": maybe(
            draw, lambda: typed(draw, "bizTransaction", ["po", "desadv", "ex:order"], PAPERS)
        ),
        "sourceList": maybe(draw, lambda: typed(draw, "source", ["owning_party", "location"], PARTIES)),
        "destinationList": maybe(
            draw, lambda: typed(draw, "destination", ["possessing_party", "location"], PARTIES)
        ),
        "sensorElementList": maybe(draw, lambda: [sensor_element(draw) for _ in range(draw.randrange(1, 3))]),
        "errorDeclaration": maybe(draw, lambda: declaration(draw), 0.25),
    }  # fmt: skip


def ilmd(draw: Random) -> dict[str, Any] | None:
    """Master data of instances and lots, of which an event may have none."""
    return maybe(draw, lambda: own_fields(draw, 0.5) | {"cbvmda:lotNumber": draw.choice(TEXTS)}, 0.6)


def event(draw: Random, number: int) -> dict[str, Any]:
    """One valid event; ``number`` tells it from the others."""
    kind = draw.choice(["ObjectEvent", "ObjectEvent", "AggregationEvent", "AssociationEvent", "TransformationEvent",
                        "TransactionEvent"])  # fmt: skip
    said = {"type": kind, **common(draw, number), "ex:number": number}
    action = draw.choice(["ADD", "OBSERVE", "DELETE"])
    match kind:
        case "ObjectEvent":
            said |= {
                "action": action,
                "epcList": some(draw, ITEMS),
                "quantityList": maybe(draw, lambda: quantities(draw)),
            }
            said["ilmd"] = ilmd(draw) if action == "ADD" else None
        case "AggregationEvent" | "AssociationEvent":
            said |= {"action": action, "parentID": draw.choice(ITEMS), "childEPCs": some(draw, ITEMS)}
            said["childQuantityList"] = maybe(draw, lambda: quantities(draw))
        case "TransactionEvent":
            said |= {
                "action": action,
                "parentID": maybe(draw, lambda: draw.choice(ITEMS)),
                "epcList": some(draw, ITEMS),
            }
            said["quantityList"] = maybe(draw, lambda: quantities(draw))
            said["bizTransactionList"] = typed(draw, "bizTransaction", ["po", "desadv"], PAPERS)
        case _:
            said |= {
                "inputEPCList": some(draw, ITEMS),
                "outputEPCList": some(draw, ITEMS),
                "inputQuantityList": maybe(draw, lambda: quantities(draw)),
                "outputQuantityList": maybe(draw, lambda: quantities(draw)),
                "transformationID": maybe(draw, lambda: draw.choice(PAPERS)),
                "ilmd": ilmd(draw),
            }
    if kind not in ("ObjectEvent", "TransformationEvent"):
        # GS1's schema gives only these two the field.
        said["persistentDisposition"] = None
    return without_none(said) | own_fields(draw)


def events(seed: int, count: int) -> list[dict[str, Any]]:
    """So many events, each another."""
    draw = Random(seed)
    return [event(draw, number) for number in range(count)]
