"""Limits of a plant: dry mass, and the part of an element that reaches the product, within the ranges of the policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.judging import Compared, nothing, upper_tail
from lodeline.metal.detection.limits.runs import Crossed
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.weighed import weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]

NO_LIMIT = "the policy names no such limit for any process there is"


class Bound(NamedTuple):
    """One end of a range, held against the runs it is about.

    Attributes:
        limit: (run,) NaN where there is none.
        over: Whether it is the upper end.
        found: How far it is crossed.
        element: Symbol; None for dry mass.
    """

    limit: Array
    over: bool
    found: Crossed
    element: str | None


def yield_range(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.yield_range``: dry mass out per dry mass in is outside the range of the policy.

    Over: ``z = (out - high * in) / u``. Under: ``z = (low * in - out) / u``, where all that came out is known.
    """
    runs, mass = context.runs, weighed(flows, flows.dry())
    low, high = context.ranges("mass_yield", None)
    over = runs.compared(flows, context, mass, into=-high, out=1.0, among=~np.isnan(high))
    under = runs.compared(flows, context, mass, into=low, out=-1.0, among=~np.isnan(low), whole=True)

    def told(of: Bound, at: int) -> Suspicion:
        run = int(of.found.run[at])
        return Suspicion(
            code="metal.yield_range",
            sentence=f"{runs.said(flows, run)} gave {_side(of, at)} of the dry mass that went in, as the policy "
            "has it.",
            kg=float(of.found.gap_kg[at]),
            kg_u=float(of.found.u_kg[at]),
            **runs.of_run(flows, context, run, mass, "weighing", "Weigh what went in and what came out, and dry it."),
        )

    return compared([Bound(high, True, over, None), Bound(low, False, under, None)], told)


def recovery_range(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.recovery_range``: the part of an element that reaches the product is outside the range of the policy.

    As :func:`yield_range`, of the element, and of outlets that the master data hold for it.
    """
    runs, bounds, masses = context.runs, [], {}
    for symbol in sorted({symbol for of in policy.limits.values() for symbol in of.recovery}):
        mass, product = weighed(flows, flows.element(symbol)), context.product(symbol)
        masses[symbol] = mass
        low, high = context.ranges("recovery", symbol)
        over = runs.compared(flows, context, mass, into=-high, out=1.0, among=~np.isnan(high), outlets=product)
        under = runs.compared(
            flows, context, mass, into=low, out=-1.0, among=~np.isnan(low), outlets=product, whole=True
        )
        bounds += [Bound(high, True, over, symbol), Bound(low, False, under, symbol)]

    def told(of: Bound, at: int) -> Suspicion:
        run = int(of.found.run[at])
        return Suspicion(
            code="metal.recovery_range",
            sentence=f"{runs.said(flows, run)} brought {_side(of, at)} of the {of.element} that went in to its "
            "product, as the policy has it.",
            kg=float(of.found.gap_kg[at]),
            kg_u=float(of.found.u_kg[at]),
            element=of.element,
            **runs.of_run(
                flows,
                context,
                run,
                masses[of.element or ""],
                "assay",
                f"Have {of.element} assayed again on both sides.",
            ),
        )

    return compared(bounds, told)


def _side(of: Bound, at: int) -> str:
    limit, kg = of.limit[of.found.run[at]], of.found.gap_kg[at]
    return (
        f"{kg:,.2f} kg {'more than the highest' if of.over else 'less than the lowest'} {limit:.3g} (by "
        f"{of.found.z[at]:.1f} standard uncertainties)"
    )


def compared(bounds: Sequence[Bound], told: Callable[[Bound, int], Suspicion]) -> Compared:
    """The bounds of all runs as one limit."""
    places = [(of, at) for of in bounds for at in range(of.found.z.size)]
    unbound: dict[str, int] = {}
    for of in bounds:
        for reason, number in of.found.unbound.items():
            unbound[reason] = unbound.get(reason, 0) + number
    if not places:
        return nothing(NO_LIMIT) if not unbound else nothing(NO_LIMIT)._replace(unbound=unbound)
    z = np.concatenate([of.found.z for of in bounds])
    return Compared(z.size, z, upper_tail(z), lambda place: told(*places[place]), unbound)
