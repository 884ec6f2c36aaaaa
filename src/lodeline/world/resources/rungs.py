"""What each rung of the ladder takes off, and what it needs for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.world.resources.inputs import Schedule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Values = Mapping[str, Floats]

SCHEDULE = "schedule"


class Step(NamedTuple):
    """One rung: its name, what it is, and the inputs it needs; ``:`` at the end means one for each element."""

    name: str
    told: str
    needs: tuple[str, ...]


STEPS = (
    Step("in situ", "all metal in the ground at its price: nobody can have it", ("contained:", "price:")),
    Step("mined", "metal in the ore that is mined", ("mining_recovery",)),
    Step("recovered", "metal that the plant recovers", ("recovered:",)),
    Step("payable", "metal that a buyer pays", ("payable:",)),
    Step(
        "treated",
        "after treatment and refining charges",
        ("concentrate_grade", "treatment_charge", "refining_charge:"),
    ),
    Step("net smelter return", "after transport: what the mine is paid", ("transport",)),
    Step("after mining", "after the cost of mining", ("ore", "mining_cost")),
    Step("after processing", "after the cost of processing", ("processing_cost",)),
    Step("after general cost", "after general and administrative cost", ("general_cost",)),
    Step("after royalty", "after royalties on the net smelter return", ("royalty",)),
    Step("after capital", "after the capital to build and to sustain the mine", ("capital", "sustaining_capital")),
    Step("after income tax", "undiscounted, over the life of the mine", ("income_tax",)),
    Step("net present value", "discounted, by the years in which it comes", ("discount_rate", SCHEDULE)),
)
"""The rungs, highest first."""
INSTEAD = {"contained:": ("ore", "grade:"), "recovered:": ("recovery:",)}
"""What does where the first is not given."""


def needed(step: Step, elements: Sequence[str], held: frozenset[str]) -> tuple[str, ...]:
    """Keys of the inputs that a rung needs, given those at hand, where one may do instead of another."""
    found: list[str] = []
    for need in step.needs:
        if need == "concentrate_grade":
            found.append(next((key for key in sorted(held) if key.startswith(f"{need}:")), f"{need}:{elements[0]}"))
        elif need.endswith(":"):
            for element in elements:
                found += _of(need, element, held)
        else:
            found.append(need)
    return tuple(dict.fromkeys(found))


def descend(values: Values, elements: Sequence[str], schedule: Schedule | None) -> Iterator[Floats]:
    """The value of each rung in turn, USD (corner,); what a rung needs is looked up only when it is asked for.

    Args:
        values: (corner,) by key, in t, kg per kg, USD/t or USD.

    ``in situ = sum(metal price)``; ``mined``, ``recovered`` and ``payable`` scale the metal; ``treated = payable -
    concentrate treatment - sum(payable refining)`` with ``concentrate = recovered / grade``; ``net smelter return =
    treated - concentrate transport``; costs are per tonne of ore mined; ``royalty`` is on the net smelter return, where
    that is not negative; ``income tax`` is on what is left of the capital, where that is not negative.
    """
    metal = {
        one: values[f"contained:{one}"] if f"contained:{one}" in values else values["ore"] * values[f"grade:{one}"]
        for one in elements
    }
    price = {one: values[f"price:{one}"] for one in elements}
    yield _worth(metal, price)
    metal = {one: tonnes * values["mining_recovery"] for one, tonnes in metal.items()}
    yield _worth(metal, price)
    metal = {
        one: values[f"recovered:{one}"] if f"recovered:{one}" in values else tonnes * values[f"recovery:{one}"]
        for one, tonnes in metal.items()
    }
    yield _worth(metal, price)
    paid = {one: tonnes * values[f"payable:{one}"] for one, tonnes in metal.items()}
    worth = _worth(paid, price)
    yield worth
    grade = next(key for key in sorted(values) if key.startswith("concentrate_grade:"))
    concentrate_t = metal[grade.partition(":")[2]] / values[grade]
    refining = _worth(paid, {one: values[f"refining_charge:{one}"] for one in elements})
    worth = worth - concentrate_t * values["treatment_charge"] - refining
    yield worth
    returned = worth - concentrate_t * values["transport"]
    yield returned
    yield from _after_return(returned, values, schedule)


def _after_return(returned: Floats, values: Values, schedule: Schedule | None) -> Iterator[Floats]:
    """The rungs below the net smelter return."""
    ore_t = values["ore"] * values["mining_recovery"]
    worth = returned
    for cost in ("mining_cost", "processing_cost", "general_cost"):
        worth = worth - ore_t * values[cost]
        yield worth
    operating = worth - np.maximum(returned, 0.0) * values["royalty"]
    yield operating
    left = operating - values["capital"] - values["sustaining_capital"]
    yield left
    yield left - np.maximum(left, 0.0) * values["income_tax"]
    if schedule is not None:
        yield present_value(
            operating,
            values["capital"],
            values["sustaining_capital"],
            tax=values["income_tax"],
            rate=values["discount_rate"],
            schedule=schedule,
        )


def present_value(
    operating: Floats, capital: Floats, sustaining: Floats, *, tax: Floats, rate: Floats, schedule: Schedule
) -> Floats:
    """Net present value, USD (corner,).

    Income and sustaining capital fall in the years as ore does, capital as the schedule says. Tax is paid as soon as
    capital is earned back, and over the life no more than on what is then left of it. Year k is divided by
    ``(1 + rate) ** (first + k)``.
    """
    ore, spent = (np.array(one, dtype=np.float64) for one in (schedule.ore, schedule.capital))
    ore, spent = ore / ore.sum(), spent / spent.sum()
    flows = (operating - sustaining)[:, None] * ore - capital[:, None] * spent  # (corner, year)
    earned = np.cumsum(flows, axis=1)
    most = np.maximum(earned[:, -1:], 0.0)
    taxed = np.clip(np.maximum.accumulate(earned, axis=1), 0.0, most)
    paid = tax[:, None] * np.diff(taxed, axis=1, prepend=0.0)
    years = schedule.first_after_years + np.arange(ore.size)
    found: Floats = ((flows - paid) / (1 + rate[:, None]) ** years).sum(axis=1)
    return found


def _of(need: str, element: str, held: frozenset[str]) -> list[str]:
    key = f"{need}{element}"
    others = [f"{one}{element}" if one.endswith(":") else one for one in INSTEAD.get(need, ())]
    # Where neither is at hand, what is asked for is what a reader is likelier to find: grades, and recoveries.
    return [key] if key in held or not others else others


def _worth(metal: Values, price: Values) -> Floats:
    found: Floats = np.sum([metal[one] * price[one] for one in metal], axis=0)
    return found
