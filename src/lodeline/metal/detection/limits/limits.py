"""Physical limits: what no plant, road or laboratory can do, whatever the books say.

Each limit is one function of flows, policy and context that says what it compared, and one row of :data:`LIMITS`. A
caller may add rows of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lodeline.metal.detection.limits.capacity import over_capacity
from lodeline.metal.detection.limits.content import element_on_road
from lodeline.metal.detection.limits.context import Context, Given
from lodeline.metal.detection.limits.instruments import instruments_off
from lodeline.metal.detection.limits.judging import Compared, Judge, ranked
from lodeline.metal.detection.limits.over_all import element_over_all, yield_over_all
from lodeline.metal.detection.limits.overdue import overdue
from lodeline.metal.detection.limits.oxide import oxide_as_element
from lodeline.metal.detection.limits.range import recovery_range, yield_range
from lodeline.metal.detection.limits.road import dry_mass_on_road, wet_mass_on_road
from lodeline.metal.detection.limits.scatter import assays_too_alike
from lodeline.metal.detection.limits.upgrade import upgrade_range
from lodeline.metal.detection.suspicion import Suspicion

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

Find = Callable[["Flows", "Policy", Context], Compared]


class Limit(NamedTuple):
    """One limit: its name, and what compares."""

    name: str
    find: Find


LIMITS: tuple[Limit, ...] = (
    Limit("yield over all", yield_over_all),
    Limit("element over all", element_over_all),
    Limit("yield", yield_range),
    Limit("recovery", recovery_range),
    Limit("upgrade", upgrade_range),
    Limit("capacity", over_capacity),
    Limit("dry mass on the road", dry_mass_on_road),
    Limit("wet mass on the road", wet_mass_on_road),
    Limit("element on the road", element_on_road),
    Limit("overdue on the road", overdue),
    Limit("instruments", instruments_off),
    Limit("assays too alike", assays_too_alike),
    Limit("oxide as element", oxide_as_element),
)
"""Every limit."""


class Found(NamedTuple):
    """What the limits found.

    Attributes:
        suspicions: The strongest evidence first.
        compared: How many comparisons each limit made, by its name.
        unbound: By the limit's name, what it had nothing to bind to: reason to number.
    """

    suspicions: tuple[Suspicion, ...]
    compared: Mapping[str, int]
    unbound: Mapping[str, Mapping[str, int]]


def limits(
    flows: Flows,
    policy: Policy,
    given: Given = Given(),  # noqa: B008
    *,
    rows: Sequence[Limit] = LIMITS,
) -> Found:
    """Hold every limit against the flows.

    A suspicion is ``strong`` where its p, by Holm among the comparisons of its limit and by Bonferroni among the
    limits, is at most the probability of a false alarm that the policy names; it is ``weak`` where it is so among the
    comparisons of its limit, or where it is at most ``given.weak`` among all. Without that probability each that chance
    would give less than once in its limit is a ``note``.

    Args:
        policy: In force for the book.
        given: What the caller knows besides.
        rows: Which limits.
    """
    context = Context(flows, policy, given)
    compared = {row.name: row.find(flows, policy, context) for row in rows}
    families = sum(one.number > 0 for one in compared.values())
    judge = Judge(policy.false_alarms, given.weak)
    return Found(
        ranked(suspicion for one in compared.values() for suspicion in judge.judged(one, families)),
        {name: one.number for name, one in compared.items()},
        {name: one.unbound for name, one in compared.items() if one.unbound},
    )
