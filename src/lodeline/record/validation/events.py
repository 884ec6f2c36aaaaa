"""The fields of the five types of event, and of events whose type is a URI of somebody else's.

Source: GS1 EPCIS 2.0.1, 7.4, in the JSON binding of section 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lodeline.record.validation.kinds import OFFSET, TIME, URI, Kind, many, word, wrong_type
from lodeline.record.validation.objects import Field, Rule, table
from lodeline.record.validation.parts import (
    ACTION,
    BIZ_STEP,
    CONTEXT,
    DESTINATION,
    DISPOSITION,
    ERROR_DECLARATION,
    ILMD,
    PERSISTENT_DISPOSITION,
    PLACE,
    QUANTITIES,
    SENSOR_ELEMENT,
    SOURCE,
    TRANSACTION,
    UNIQUE_URIS,
    URI_OR_URIS,
    URIS,
)
from lodeline.record.validation.problem import Problem, nearest, shown

ANY_EVENT_FIELDS = (
    Field("@context", CONTEXT),
    Field("eventID", URI),
    Field("eventTime", TIME, required=True),
    Field("eventTimeZoneOffset", OFFSET, required=True),
    Field("recordTime", TIME),
    Field("certificationInfo", URI_OR_URIS),
    Field("errorDeclaration", ERROR_DECLARATION),
)
_STEP = (Field("bizStep", BIZ_STEP), Field("disposition", DISPOSITION))
_PLACES = (Field("readPoint", PLACE), Field("bizLocation", PLACE))
_TRANSACTIONS = Field("bizTransactionList", many(TRANSACTION))
_PARTIES = (Field("sourceList", many(SOURCE)), Field("destinationList", many(DESTINATION)))
_SENSORS = Field("sensorElementList", many(SENSOR_ELEMENT))
_MASTER_DATA = (Field("persistentDisposition", PERSISTENT_DISPOSITION), Field("ilmd", ILMD))
_MUST_ACT = Field("action", ACTION, required=True)


def _says(sentence: str) -> Any:
    return lambda value, path: Problem("record.no_object", sentence, path)


_OBJECT_NAMED = Rule(
    lambda event: (
        "epcList" in event
        or bool(event.get("quantityList"))
        or (bool(event.get("sensorElementList")) and "readPoint" in event)
    ),
    _says(
        'The event is about nothing: write "epcList" or a "quantityList" with a member, or, for what a place '
        'measured, "sensorElementList" with "readPoint".'
    ),
)
_ILMD_ONLY_ADDED = Rule(
    lambda event: "ilmd" not in event or event.get("action") not in ("OBSERVE", "DELETE"),
    lambda event, path: Problem(
        "record.ilmd_action",
        f'"ilmd" describes what arises, but the action is {event["action"]}: write "ADD", or leave "ilmd" out.',
        f"{path}.ilmd",
    ),
)
_CHILDREN_NAMED = Rule(
    lambda event: (
        bool(event.get("childEPCs")) or bool(event.get("childQuantityList")) or event.get("action") == "DELETE"
    ),
    _says(
        'The event names no children: write "childEPCs" or "childQuantityList" with a member; only "DELETE" goes '
        "without, and then means all of them."
    ),
)
_SUBJECT_NAMED = Rule(
    lambda event: "epcList" in event or bool(event.get("quantityList")) or event.get("action") == "DELETE",
    _says(
        'The transaction is about nothing: write "epcList" or a "quantityList" with a member; only "DELETE" goes '
        "without, and then means all of them."
    ),
)


def _inputs_and_outputs(event: dict[str, Any]) -> bool:
    inputs = bool(event.get("inputEPCList") or event.get("inputQuantityList"))
    outputs = bool(event.get("outputEPCList") or event.get("outputQuantityList"))
    return (inputs and outputs) or ("transformationID" in event and (inputs or outputs))


_INPUT_AND_OUTPUT_NAMED = Rule(
    _inputs_and_outputs,
    _says(
        "The transformation lacks an input or an output: write both, or one of them and the "
        '"transformationID" under which other events give the other.'
    ),
)


def _type_is(name: str) -> Field:
    return Field("type", word("a type", frozenset({name}), other=None), required=True)


EVENT_FIELDS: dict[str, tuple[Field, ...]] = {
    "ObjectEvent": (
        Field("epcList", UNIQUE_URIS),
        Field("quantityList", QUANTITIES),
        _MUST_ACT,
        *_STEP,
        *_PLACES,
        _TRANSACTIONS,
        *_PARTIES,
        _SENSORS,
        *_MASTER_DATA,
    ),
    "AggregationEvent": (
        Field("parentID", URI),
        Field("childEPCs", URIS),
        Field("childQuantityList", QUANTITIES),
        _MUST_ACT,
        *_STEP,
        *_PLACES,
        _TRANSACTIONS,
        *_PARTIES,
        _SENSORS,
    ),
    "AssociationEvent": (
        Field("parentID", URI, required=True),
        Field("childEPCs", URIS),
        Field("childQuantityList", QUANTITIES),
        _MUST_ACT,
        *_STEP,
        *_PLACES,
        _TRANSACTIONS,
        *_PARTIES,
        _SENSORS,
    ),
    "TransactionEvent": (
        Field("bizTransactionList", many(TRANSACTION, least=1), required=True),
        Field("parentID", URI),
        Field("epcList", URIS),
        Field("quantityList", QUANTITIES),
        _MUST_ACT,
        *_STEP,
        *_PLACES,
        *_PARTIES,
        _SENSORS,
    ),
    "TransformationEvent": (
        Field("inputEPCList", UNIQUE_URIS),
        Field("inputQuantityList", QUANTITIES),
        Field("outputEPCList", UNIQUE_URIS),
        Field("outputQuantityList", QUANTITIES),
        Field("transformationID", URI),
        *_STEP,
        *_PLACES,
        _TRANSACTIONS,
        *_PARTIES,
        _SENSORS,
        *_MASTER_DATA,
    ),
}
"""The fields of each type of event beside those that every event has."""

_RULES = {
    "ObjectEvent": (_OBJECT_NAMED, _ILMD_ONLY_ADDED),
    "AggregationEvent": (_CHILDREN_NAMED,),
    "AssociationEvent": (_CHILDREN_NAMED,),
    "TransactionEvent": (_SUBJECT_NAMED,),
    "TransformationEvent": (_INPUT_AND_OUTPUT_NAMED,),
}

_KINDS: dict[str, Kind] = {
    name: table(
        f"an {name}" if name[0] in "AO" else f"a {name}",
        (_type_is(name), *ANY_EVENT_FIELDS, *fields),
        others="uri",
        rules=_RULES[name],
    )
    for name, fields in EVENT_FIELDS.items()
}
_EXTENDED = table("an event", (Field("type", URI, required=True), *ANY_EVENT_FIELDS), others="any")


def _accepts(value: Any) -> bool:
    if type(value) is not dict:
        return False
    name = value.get("type")
    kind = _KINDS.get(name, _EXTENDED) if type(name) is str else _EXTENDED
    return kind.accepts(value)


def _explain(value: Any, path: str) -> Iterator[Problem]:
    if type(value) is not dict:
        yield wrong_type(value, path, "an event, which is an object,")
        return
    name = value.get("type")
    if type(name) is str and name in _KINDS:
        yield from _KINDS[name].explain(value, path)
    elif type(name) is str and not URI.accepts(name):
        meant = nearest(name, _KINDS)
        hint = f'did you mean "{meant}"?' if meant else f"write one of {', '.join(_KINDS)}, or the URI of another type."
        yield Problem("record.event_type", f"{shown(name)} is not a type of event: {hint}", f"{path}.type")
        # With the type unknown, the fields that it would have cannot be told from the ones it would not.
        yield from (problem for problem in _EXTENDED.explain(value, path) if problem.field != f"{path}.type")
    else:
        yield from _EXTENDED.explain(value, path)


EVENT = Kind("an event", _accepts, _explain)

STANDARD_FIELDS = table(
    "an event",
    tuple(
        {field.name: field._replace(required=False) for fields in EVENT_FIELDS.values() for field in fields}.values()
    ),
    others="any",
)
"""Every field of every type, whatever the type: what a name must mean for an event of another house to be indexed."""
