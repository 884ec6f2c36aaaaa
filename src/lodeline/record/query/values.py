"""The values of parameters: read, checked, and brought to the one form that compares."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.record.context import Context
from lodeline.record.hash.event import word
from lodeline.record.hash.value import identifier
from lodeline.record.query.facets import event_type
from lodeline.record.query.scalars import instant_of
from lodeline.record.validation.events import EVENT_FIELDS
from lodeline.record.validation.formats import is_uri
from lodeline.record.validation.problem import nearest
from lodeline.record.vocabulary import WORDS, Field

T = TypeVar("T")
MOST_VALUES = 10_000
"""How many values one parameter may list."""
MOST_COUNTED = 10**15


def refusal(parameter: str, sentence: str, value: Any = None) -> InputError:
    """``query.value`` for a parameter."""
    said = None if value is None else visible(str(value), limit=120)
    return InputError("query.value", f"{parameter}: {sentence}", parameter=parameter, value=said)


def listed(parameter: str, value: Any, read: Callable[[str, Any], T]) -> tuple[T, ...]:
    """Every value of a list, each read."""
    if not isinstance(value, list) or not value:
        raise refusal(parameter, "its value is a list with at least one element.", value)
    if len(value) > MOST_VALUES:
        raise refusal(parameter, f"it may list at most {MOST_VALUES:,} values.")
    return tuple(read(parameter, each) for each in value)


def text(parameter: str, value: Any) -> str:
    """A text, without the blanks around it."""
    if not isinstance(value, str):
        raise refusal(parameter, "its values are texts.", value)
    return value.strip()


def named(context: Context) -> Callable[[str, Any], str]:
    """A reader of identifiers: URI, URN or CURIE, in the one spelling."""

    def read(parameter: str, value: Any) -> str:
        given = text(parameter, value)
        if not is_uri(given):
            raise refusal(parameter, "its values are URIs, such as urn:epc:id:… or https://….", given)
        return identifier(given, context)

    return read


def worded(vocabulary: Field, context: Context) -> Callable[[str, Any], str]:
    """A reader of words of a standard vocabulary, or URIs of somebody's own."""

    def read(parameter: str, value: Any) -> str:
        given = text(parameter, value)
        if ":" not in given and given not in WORDS[vocabulary]:
            meant = nearest(given, WORDS[vocabulary])
            hint = f'did you mean "{meant}"?' if meant else "write a standard word, or a URI of your own."
            raise refusal(parameter, f'"{visible(given, limit=60)}" is no standard word: {hint}', given)
        if ":" in given and not is_uri(given):
            raise refusal(parameter, "a value of your own is a URI or a CURIE.", given)
        return word(vocabulary, given, context)

    return read


def typed(context: Context) -> Callable[[str, Any], str]:
    """A reader of event types."""

    def read(parameter: str, value: Any) -> str:
        given = text(parameter, value)
        if ":" not in given and given not in EVENT_FIELDS:
            meant = nearest(given, EVENT_FIELDS)
            hint = f'did you mean "{meant}"?' if meant else "write one of GS1's five, or a URI of your own."
            raise refusal(parameter, f'"{visible(given, limit=60)}" is no event type: {hint}', given)
        return event_type(given, context)

    return read


def action(parameter: str, value: Any) -> str:
    """One of the three actions."""
    if value not in ("ADD", "OBSERVE", "DELETE"):
        raise refusal(parameter, "an action is ADD, OBSERVE or DELETE.", value)
    return str(value)


def instant(parameter: str, value: Any) -> int | Decimal:
    """An instant with its offset, in microseconds since 1970, exact."""
    found = instant_of(value) if isinstance(value, str) else None
    if found is None:
        raise refusal(parameter, "its value is an instant with its offset, such as 2026-01-31T00:00:00Z.", value)
    return found


def number(parameter: str, value: Any) -> int | Decimal:
    """A number that has lost no digit."""
    if isinstance(value, float):
        raise refusal(parameter, f'a float has lost digits already; give Decimal("{value}") or an int.', value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise refusal(parameter, "its value is a number.", value)
    return value


def numbers(parameter: str, value: Any) -> tuple[int | Decimal, ...]:
    """A list of numbers; one number stands for a list of one, as the OpenAPI writes ``EQ_quantity``."""
    return listed(parameter, value, number) if isinstance(value, list) else (number(parameter, value),)


def count(parameter: str, value: Any) -> int:
    """A whole number, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_COUNTED:
        raise refusal(parameter, f"its value is a whole number, 0 to {MOST_COUNTED}.", value)
    return value
