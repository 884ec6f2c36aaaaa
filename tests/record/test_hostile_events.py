"""Events put together at random from the fields of the cases and spoilt in several places: the verdict of GS1's schema.

The other tests against the schema change one thing at a time; rules between fields show only when several change.
"""

import json
import random
from copy import deepcopy

import pytest

from lodeline.errors import RecordError
from lodeline.record.codec import decode
from lodeline.record.validate import document_problems, problems
from tests.outside import needs_cases
from tests.record import epcis_cases

pytestmark = [needs_cases, pytest.mark.cases]

COMMON = ["bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList", "destinationList"]
COMMON += ["sensorElementList", "errorDeclaration", "certificationInfo", "recordTime", "eventID", "ex:own"]
FIELDS = {
    "ObjectEvent": ["action", "epcList", "quantityList", "ilmd", "persistentDisposition"],
    "AggregationEvent": ["action", "parentID", "childEPCs", "childQuantityList"],
    "AssociationEvent": ["action", "parentID", "childEPCs", "childQuantityList"],
    "TransactionEvent": ["action", "parentID", "epcList", "quantityList"],
    "TransformationEvent": [
        *("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"),
        *("transformationID", "ilmd", "persistentDisposition"),
    ],
    "ex:OtherEvent": ["action", "epcList", "ilmd", "childEPCs"],
}
ODD = [[], {}, None, True, 0, "", "a:b", "no uri", ["a:b"], ["a:b", "a:b"], [{"epcClass": "a:b"}], [5], [None], "ADD"]
ODD += [
    {"a:b": {"a:b": [[]]}},
    {"id": "a:b"},
    [{"type": "a:b"}],
    [{"type": "a:b", "source": "a:b"}],
    "0000-02-29T00:00:00z",
]
ODD += [
    "2016-12-31T23:59:60Z",
    "2016-12-31T23:59:60+01:00",
    "http://[::1]/",
    "http://[::1/",
    "a:%4",
    "urn:epcglobal:cbvx",
]


def pool() -> dict[str, list[object]]:
    """Every value that a field has somewhere in the cases."""
    found: dict[str, list[object]] = {"ex:own": [1, {"a": None}, [[]]], "transformationID": ["a:b"]}
    for path in epcis_cases.documents():
        tree = json.loads(path.read_bytes())
        for place in epcis_cases.spots(tree):
            if isinstance(place[-1], str):
                found.setdefault(place[-1], []).append(epcis_cases.at(tree, place))
    return found


def composed(chance: random.Random, values: dict[str, list[object]]) -> dict[str, object]:
    kind = chance.choice(list(FIELDS))
    event: dict[str, object] = {"@context": "https://example.org/"}
    event |= {"type": kind, "eventTime": "2020-01-01T00:00:00Z", "eventTimeZoneOffset": "+01:00"}
    for field in FIELDS[kind]:
        if chance.random() < 0.5:
            event[field] = chance.choice(values[field] if chance.random() < 0.85 else ODD)
    for field in chance.sample(COMMON, 2):
        event[field] = chance.choice(values[field])
    return json.loads(json.dumps(event))


def spoil_once(chance: random.Random, event: dict[str, object]) -> None:
    *above, key = chance.choice(list(epcis_cases.spots(event)))
    container = epcis_cases.at(event, tuple(above))
    match chance.randrange(4):
        case 0:
            del container[key]
        case 1 if isinstance(container, dict):
            container[chance.choice([*COMMON, "type", "id", "x", "uom", "a:b", "a b:c"])] = container.pop(key)
        case 2 if isinstance(container, dict):
            container[chance.choice([*COMMON, "type", "id", "x", "uom", "a:b", "a b:c"])] = deepcopy(chance.choice(ODD))
        case _:
            container[key] = deepcopy(chance.choice(ODD))


def wrapped(event: object) -> dict[str, object]:
    head = {"@context": "a:b", "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2020-01-01T00:00:00Z"}
    return {**head, "epcisBody": {"eventList": [event]}}


@pytest.mark.parametrize("seed", range(8))
def test_the_verdict_on_composed_and_spoilt_events_is_that_of_the_schema(seed):
    chance, values, schema = random.Random(seed), pool(), epcis_cases.oracle()
    verdicts = {True: 0, False: 0}

    for _ in range(10_000):
        event = composed(chance, values)
        for _ in range(chance.choice([0, 0, 0, 0, 1, 2])):
            spoil_once(chance, event)
        text = json.dumps(event).encode()
        verdict = schema.is_valid(event)
        verdicts[verdict] += 1
        if event.get("type") not in ("EPCISDocument", "EPCISQueryDocument"):
            assert (problems(decode(text), bare=True, index=0) == []) == verdict, text
        whole = wrapped(event)
        assert (document_problems(wrapped(decode(text))) == []) == schema.is_valid(whole), text

    assert min(verdicts.values()) > 1200


@pytest.mark.parametrize("depth", [30, 60, 61, 200, 100_000])
def test_extensions_nested_deep_are_valid_up_to_the_limit_and_refused_beyond(depth):
    """An event, its extension and what is nested in it: the event itself is one of the 64."""
    nested = b'{"a:b":[' * (depth // 2) + b"1" + b"]}" * (depth // 2)
    event = b'{"@context":"a:b","type":"ex:E","eventTime":"2020-01-01T00:00:00Z","eventTimeZoneOffset":"+01:00","a:b":'
    raw = event + nested + b"}"

    if depth // 2 * 2 + 1 <= 64:
        assert problems(decode(raw), bare=True, index=0) == []
        assert epcis_cases.oracle().is_valid(json.loads(raw))
    else:
        with pytest.raises(RecordError) as refused:
            decode(raw)
        assert refused.value.code == "record.nesting"
