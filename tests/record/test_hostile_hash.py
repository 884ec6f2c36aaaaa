"""Each event of the cases, respelled, changed and stuffed with odd extensions: its name keeps, changes, holds."""

import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from lodeline.errors import IdError, RecordError
from lodeline.ids.epc import canonical, to_digital_link
from lodeline.record.codec import decode, encode
from lodeline.record.context import Context
from lodeline.record.hash import content, hash_id
from lodeline.record.prepare import prepare
from lodeline.record.validate import document_problems
from tests.outside import needs_cases
from tests.record import epcis_cases

pytestmark = [needs_cases, pytest.mark.cases]

TIMES = ("eventTime", "time", "startTime", "endTime")
SAID_ABOUT = ("recordTime", "eventID", "errorDeclaration", "@context", "rdfs:comment")


def events() -> list[Any]:
    """Events of the valid documents, each with its document's context."""
    found = []
    for path in epcis_cases.documents():
        tree = decode(path.read_bytes())
        if tree.get("type") in ("EPCISDocument", "EPCISQueryDocument") and not document_problems(tree):
            body = tree["epcisBody"].get("queryResults", {}).get("resultsBody") or tree["epcisBody"]
            context = Context.parse(tree["@context"])
            found += [
                pytest.param(event, context, id=f"{path.stem}-{at}") for at, event in enumerate(body["eventList"])
            ]
    return found


EVENTS = events() if epcis_cases.EPCIS.is_dir() else []


def respelled(value: Any, chance: random.Random, name: str = "", own: bool = False) -> Any:
    """Equal in meaning: lists and members in another order, other zones, letters and zeros, links of another domain."""
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {key: respelled(each, chance, key, own or ":" in key) for key, each in items}
    if isinstance(value, list):
        return chance.sample([respelled(each, chance, name, own) for each in value], len(value))
    if isinstance(value, str):
        if name in TIMES and not own:
            return another_zone(value, chance)
        return another_spelling(value, chance)
    if isinstance(value, Decimal) or type(value) is int:
        return Decimal(with_zeros(value, chance.randint(1, 9)))
    return value


def with_zeros(value: Decimal | int, count: int) -> str:
    text = f"{Decimal(value):f}"
    return text + ("" if "." in text else ".") + "0" * count


def another_zone(text: str, chance: random.Random) -> str:
    zone = timezone(timedelta(minutes=chance.randint(-1439, 1439)))
    instant = datetime.fromisoformat(text).astimezone(zone).isoformat(timespec="milliseconds")
    return instant.replace("T", chance.choice("Tt")).replace("+00:00", chance.choice(["Z", "z", "-00:00"]))


def another_spelling(text: str, chance: random.Random) -> str:
    try:
        link = to_digital_link(text)
    except IdError:
        link = text
    if not link.startswith("http") or canonical(link) != link or "id.gs1.org" not in link:
        return text
    return chance.choice([text, link, link.replace("https://id.gs1.org", "http://example.org:8080/a") + "?b=c#d"])


@pytest.mark.parametrize(("event", "context"), EVENTS)
def test_another_spelling_keeps_name_and_content(event, context):
    chance = random.Random(1)
    name, said = hash_id(event, context), content(event, context)

    for _ in range(10):
        other = respelled({key: each for key, each in event.items() if key != "@context"}, chance)
        other |= {key: event[key] for key in ("@context",) if key in event}
        assert hash_id(other, context) == name
        assert content(other, context) == said


@pytest.mark.parametrize(("event", "context"), EVENTS)
def test_every_other_value_is_another_name(event, context):
    name = hash_id(event, context)
    for path in list(epcis_cases.spots(event)):
        *above, key = path
        value, parent = epcis_cases.at(event, path), epcis_cases.at(event, tuple(above))
        if any(step in SAID_ABOUT for step in path) or isinstance(value, dict | list):
            continue
        for other in others(value):
            parent[key] = other
            assert hash_id(event, context) != name, (path, value, other)
        parent[key] = value
    assert hash_id(event, context) == name


def others(value: Any) -> list[Any]:
    match value:
        case bool():
            return [not value]
        case int() | Decimal():
            return [value + 1, Decimal(with_zeros(value, 25) + "1"), -value or 1]
        case str():
            return [value + "x", "Ω" + value, value + "%20"]
    return ["x"]


ODD: list[Any] = [
    None,
    [],
    {},
    [[]],
    [[[1]]],
    [{}],
    [None],
    {"a:b": None},
    {"": ""},
    {"@type": "x"},
    {"@id": ":"},
    True,
]
ODD += [
    {"@value": "x", "@type": "xsd:string"},
    {"@list": [1, [2]]},
    Decimal("1e300"),
    Decimal("1e-300"),
    int("9" * 300),
]
ODD += [
    Decimal("0." + "1" * 700),
    "x" * 1_000_000,
    "\0",
    "\u202e",
    "urn:epc:id:sgtin:1.2.3",
    "urn:epcglobal:cbv:",
    ":",
    "a:",
]
ODD += ["https://id.gs1.org/01/%", "cbv:BizStep-", {"@context": None}, {"@context": 5}, {"@context": {"a": {"@id": 5}}}]
ODD += [
    {"@context": {"a": "b:", "b": "a:"}},
    {"@context": {"": "x"}},
    {"@context": {"@vocab": 5}},
    {"@context": {"a": [1]}},
]


def prepared(raw: bytes, context: Context) -> tuple[str | None, RecordError | None]:
    """The name that capture would give, or its refusal; other errors pass through."""
    try:
        name = prepare(raw, context, bare=False, index=7).hash_id
    except RecordError as refused:
        return None, refused
    event = decode(raw)
    assert hash_id(event, context) == name
    assert content(event, context)
    return name, None


@pytest.mark.parametrize(("event", "context"), EVENTS[::3])
@pytest.mark.parametrize("key", ["a:b", "@type", "@value", "http://x/y", "rdfs:comment", "@context"])
def test_odd_extensions_anywhere_have_a_name_or_are_refused(event, context, key):
    for path in [(), *epcis_cases.spots(event)]:
        place = epcis_cases.at(event, path)
        if not isinstance(place, dict) or key in place:
            continue
        for odd in ODD if path == () else ODD[:18]:
            place[key] = odd
            name, refused = prepared(encode(event), context)
            assert (name is None) != (refused is None)
            assert refused is None or (refused.where["event"] == 7 and len(str(refused)) < 1000)
        del place[key]


@pytest.mark.parametrize("field", ["readPoint", "bizLocation", "ex:own"])
def test_a_context_within_a_place_or_an_extension_binds_there_and_nowhere_else(field):
    outer = Context.parse({"ex": "https://example.org/", "p": "https://example.org/outer/"})
    own = {"id": "urn:x:y", "@context": {"p": "https://example.org/inner/"}, "p:name": 1}
    spelled = {"id": "urn:x:y", "@context": {"q": "https://example.org/inner/"}, "q:name": 1}
    outside = {"id": "urn:x:y", "p:name": 1}

    names = [hash_id({"type": "ObjectEvent", field: value}, outer) for value in (own, spelled, outside)]
    says = [content({"type": "ObjectEvent", field: value}, outer) for value in (own, spelled, outside)]

    assert names[0] == names[1] != names[2]
    assert says[0] == says[1] != says[2]
