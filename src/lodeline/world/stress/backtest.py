"""Facts beside what was said of them: predictions held against published figures, misses included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.statistics.edition import Table
from lodeline.world.stress.scenario import Fact

if TYPE_CHECKING:
    from lodeline.world.stress.answer import Held, Line

NAIVE = {"imports": "imports-if-share-removed"}
"""What the model that only removes a share says of a quantity."""


def held_against(facts: Sequence[Fact], tables: Sequence[Table], at: str, lines: Sequence[Line]) -> tuple[Held, ...]:
    """Each fact beside the line it is about.

    Raises:
        NotFoundError: ``world.stress_base_missing``. InputError: ``world.stress_scenario``.
    """
    from lodeline.world.stress.answer import Held

    by = {(one.step, one.quantity): one for one in lines if one.country == at}
    found = []
    for fact in facts:
        line = by.get((fact.step, fact.quantity))
        if line is None:
            raise InputError(
                "world.stress_scenario",
                f"A fact is about step {fact.step} and {visible(fact.quantity)}, and nothing is answered of that; "
                "correct it.",
                field="fact",
            )
        value, keys = _sum(fact.of, tables)
        if fact.over:
            under, more = _sum(fact.over, tables)
            value, keys = value / under, (*keys, *more)
        naive = by.get((fact.step, NAIVE.get(fact.quantity, "")))
        low, high = line.figure.low, line.figure.high
        found.append(
            Held(
                step=fact.step,
                quantity=fact.quantity,
                base=line.base,
                predicted=line.figure,
                fact=value,
                inside=(low is None or low <= value) and (high is None or value <= high),
                naive=None if naive is None else naive.figure.value,
                rests_on=keys,
            )
        )
    return tuple(found)


def _sum(keys: Sequence[str], tables: Sequence[Table]) -> tuple[float, tuple[str, ...]]:
    """The published values of some rows, added up, with the keys they were found under."""
    total, rests_on = 0.0, []
    for key in keys:
        row = next((one.by_key[f"{one.edition}:{key}"] for one in tables if f"{one.edition}:{key}" in one.by_key), None)
        if row is None or row.value is None:
            raise NotFoundError(
                "world.stress_base_missing",
                f"No edition given has {visible(key)}; take another year, or an edition that has it.",
                editions=", ".join(one.edition for one in tables),
            )
        total += float(row.value)
        rests_on.append(row.key)
    return total, tuple(rests_on)
