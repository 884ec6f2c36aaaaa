"""Whether an event is what a query asks for: the exact judgement, by which every index is only an aid."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, assert_never

from lodeline.record.query.conditions import (
    AttributeIs,
    Below,
    Condition,
    HasAttribute,
    InstantIs,
    Matching,
    NumberIs,
    Present,
    TextIn,
)
from lodeline.record.query.facets import Facets
from lodeline.record.query.scalars import rational

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
}


def matches(conditions: Iterable[Condition], facets: Facets) -> bool:
    """Whether every condition holds. Those that master data decide must have been resolved before."""
    return all(holds(condition, facets) for condition in conditions)


def holds(condition: Condition, facets: Facets) -> bool:
    """Whether one condition holds: some value of some field passes its test."""
    test = condition.test
    match test:
        case TextIn(values):
            return any(not values.isdisjoint(facets.texts.get(field, ())) for field in condition.fields)
        case Matching(ids, patterns):
            return any(
                text in ids or patterns.match(text)
                for field in condition.fields
                for text in facets.texts.get(field, ())
            )
        case NumberIs("EQ", wanted):
            return any(rational(n) in wanted for field in condition.fields for n in facets.numbers.get(field, ()))
        case NumberIs(op, wanted):
            return _compares(op, (n for field in condition.fields for n in facets.numbers.get(field, ())), wanted)
        case InstantIs(op, wanted):
            return _compares(op, (i for field in condition.fields for i in facets.instants.get(field, ())), wanted)
        case Present():
            return any(field in facets.present for field in condition.fields)
        case Below() | HasAttribute() | AttributeIs():
            raise TypeError(f"{condition.parameter} was not resolved by master data")
        case _:
            assert_never(test)


def _compares(op: str, found: Iterable[Any], wanted: Iterable[Any]) -> bool:
    compare = _COMPARE[op]
    limits = [rational(limit) for limit in wanted]
    return any(compare(rational(each), limit) for each in found for limit in limits)
