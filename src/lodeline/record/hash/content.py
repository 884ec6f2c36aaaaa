"""What an event says, without the ambiguities that the standard's concatenation has.

The canonical string of CBV 2.0 has no marks between its parts, so a few pairs of different events share it, and
with it their hash id. Whoever is about to take a second event for a repetition of the first compares this first.
"""

from __future__ import annotations

from collections.abc import Callable
from json import dumps
from typing import Any, Final

from lodeline.record.context import Context
from lodeline.record.hash.event import LEFT_OUT, word
from lodeline.record.hash.extension import COMMENTS
from lodeline.record.hash.instant import utc_milliseconds
from lodeline.record.hash.value import scalar
from lodeline.record.vocabulary import Field

Rule = dict[str, "Rule"] | Callable[[str, Context], str]


def _instant(value: str, context: Context) -> str:
    return utc_milliseconds(value)


def _word(vocabulary: Field) -> Callable[[str, Context], str]:
    return lambda value, context: word(vocabulary, value, context)


_TYPED: Final[dict[str, Rule]] = {"type": _word("sourceOrDestinationType")}
_RULES: Final[dict[str, Rule]] = {
    "eventTime": _instant,
    "bizStep": _word("bizStep"),
    "disposition": _word("disposition"),
    "persistentDisposition": {"set": _word("disposition"), "unset": _word("disposition")},
    "bizTransactionList": {"type": _word("bizTransactionType")},
    "sourceList": _TYPED,
    "destinationList": _TYPED,
    "sensorElementList": {
        "sensorMetadata": {"time": _instant, "startTime": _instant, "endTime": _instant},
        "sensorReport": {
            "time": _instant,
            "type": _word("measurementType"),
            "exception": _word("exception"),
            "component": _word("component"),
        },
    },
}


def content(event: dict[str, Any], context: Context) -> str:
    """The event's content in one unambiguous text: equal texts, equal content.

    Lists are sets, words and identifiers have one spelling, and what the hash leaves out is left out here too;
    but nesting shows, values are quoted, and a number is not a text. Not for the hot path.
    """
    context = context.within(event)
    return _object({name: each for name, each in event.items() if name not in LEFT_OUT}, context, _RULES) + dumps(
        context.qualified(str(event.get("type"))).removeprefix("{https://ref.gs1.org/epcis/}")
    )


def _object(value: dict[str, Any], context: Context, rules: dict[str, Rule]) -> str:
    context = context.within(value)
    fields = []
    for name, each in value.items():
        key = context.qualified(name)
        if name != "@context" and key not in COMMENTS and each is not None and each != []:
            fields.append(f"{dumps(key)}:{_text(each, context, rules.get(name, {}))}")
    return "{" + ",".join(sorted(fields)) + "}"


def _text(value: Any, context: Context, rule: Rule) -> str:
    if isinstance(value, dict):
        return _object(value, context, rule if isinstance(rule, dict) else {})
    if isinstance(value, list):
        # One element and a list of it are the same to JSON-LD.
        each = sorted(_text(item, context, rule) for item in value if item is not None)
        return each[0] if len(each) == 1 else "[" + ",".join(each) + "]"
    if isinstance(value, str):
        return dumps(scalar(value, context) if isinstance(rule, dict) else rule(value, context))
    return scalar(value, context)
