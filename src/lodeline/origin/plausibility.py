"""Plausibility of a claimed origin, by the book alone: evidence that weighs against a claim. It never says guilt.

Each check says what it compared and what it had nothing to bind to. What needs figures of nations is in
``lodeline.world.plausibility``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.judging import Compared, Judge, ranked
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.origin.plausibility_composition import LEAST_LOTS, LOTS_PER_ELEMENT, composition
from lodeline.origin.plausibility_licence import above_licence
from lodeline.origin.plausibility_ores import like_known_ore
from lodeline.origin.plausibility_road import too_fast

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.registered import Master

Find = Callable[["Flows", "Policy", "Master", np.random.Generator], Mapping[str, Compared]]
"""What a check compared, by name: each name is judged among its own comparisons."""


def _composition(flows: Flows, policy: Policy, master: Master, rng: np.random.Generator) -> Mapping[str, Compared]:
    of = composition(flows, rng, None if policy.false_alarms is None else float(policy.false_alarms))
    return {
        "grades of the deposit": of.grades,
        "ratios of the deposit": of.ratios,
        "toward what is unlike the deposit": of.toward,
        "mass of what is unlike the deposit": of.mass,
        "mass of ore like another deposit's": like_known_ore(flows, master, LEAST_LOTS, LOTS_PER_ELEMENT),
    }


CHECKS: tuple[Find, ...] = (
    _composition,
    lambda flows, policy, master, rng: {"time on the road": too_fast(flows, policy, master)},
    lambda flows, policy, master, rng: {"licensed output": above_licence(flows, policy, master)},
)
"""Every check."""


class Plausible(NamedTuple):
    """What the checks found.

    Attributes:
        suspicions: The strongest evidence first.
        compared: How many comparisons each made, by its name.
        unbound: By its name, what it had nothing to bind to: reason to number.
    """

    suspicions: tuple[Suspicion, ...]
    compared: Mapping[str, int]
    unbound: Mapping[str, Mapping[str, int]]


def plausibility(
    flows: Flows,
    policy: Policy,
    master: Master,
    rng: np.random.Generator,
    *,
    checks: Sequence[Find] = CHECKS,
    weak: float | None = None,
) -> Plausible:
    """Hold what the book claims of origins against what it knows of them.

    A suspicion is ``strong`` where its p, by Holm among the comparisons of its check and by Bonferroni among the
    checks, is at most the probability of a false alarm that the policy names; ``weak`` where it is so among its own, or
    at most ``weak`` among all; a ``note`` without that probability.

    Args:
        rng: For the simulation of sound deposits; the same one gives the same answer.
    """
    compared = {name: one for find in checks for name, one in find(flows, policy, master, rng).items()}
    families = sum(one.number > 0 for one in compared.values())
    judge = Judge(policy.false_alarms, weak)
    return Plausible(
        ranked(suspicion for one in compared.values() for suspicion in judge.judged(one, families)),
        {name: one.number for name, one in compared.items()},
        {name: one.unbound for name, one in compared.items() if one.unbound},
    )
