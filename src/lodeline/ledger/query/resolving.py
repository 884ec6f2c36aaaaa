"""Conditions that registered master data decide, turned into conditions on the event alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lodeline.ids.epc import canonical
from lodeline.record.context import Context
from lodeline.record.hash.value import scalar
from lodeline.record.query.conditions import BY_MASTER, AttributeIs, Below, Condition, HasAttribute, Test, TextIn

if TYPE_CHECKING:
    from lodeline.ledger.values import MasterRecord

PARENTS = ("parent", "site")
"""Attributes that say what something lies within: a site within a larger one, a store or a scale at a site."""


def needs_master(conditions: Iterable[Condition]) -> bool:
    """Whether master data decide any of the conditions."""
    return any(isinstance(condition.test, BY_MASTER) for condition in conditions)


def resolved(conditions: Sequence[Condition], records: Sequence[MasterRecord]) -> tuple[Condition, ...]:
    """The conditions by the master records that hold: one of each kind and id."""
    return tuple(Condition(each.parameter, each.fields, _test(each.test, records)) for each in conditions)


def _test(test: Test, records: Sequence[MasterRecord]) -> Test:
    match test:
        case Below(roots):
            return TextIn(below(roots, records))
        case HasAttribute(names):
            return TextIn(frozenset(canonical(r.id) for r in records if not names.isdisjoint(r.attributes)))
        case AttributeIs(name, texts, numbers):
            return TextIn(
                frozenset(
                    canonical(record.id)
                    for record in records
                    if _is_one_of(record.attributes.get(name), texts, numbers)
                )
            )
        case _:
            return test


def below(roots: frozenset[str], records: Iterable[MasterRecord]) -> frozenset[str]:
    """The places given, and all that lie within them directly or not; a circle ends where it began."""
    within: dict[str, set[str]] = {}
    for record in records:
        for name in PARENTS:
            if isinstance(parent := record.attributes.get(name), str):
                within.setdefault(canonical(parent), set()).add(canonical(record.id))
    found, fresh = set(roots), set(roots)
    while fresh:
        fresh = {child for parent in fresh for child in within.get(parent, ())} - found
        found |= fresh
    return frozenset(found)


def _is_one_of(value: Any, texts: frozenset[str], numbers: tuple[Decimal | int, ...]) -> bool:
    if isinstance(value, list):
        return any(_is_one_of(each, texts, numbers) for each in value)
    if value is None or isinstance(value, dict):
        return False
    if isinstance(value, Decimal | int) and not isinstance(value, bool) and value in numbers:
        return True
    return scalar(value, Context.EMPTY) in texts
