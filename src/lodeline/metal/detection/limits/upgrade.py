"""Limits of a plant: how much richer its product is than its feed, within the range of the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.detection.limits.gaps import gaps
from lodeline.metal.detection.limits.grouping import summed
from lodeline.metal.detection.limits.judging import Compared
from lodeline.metal.detection.limits.range import Bound, compared
from lodeline.metal.detection.limits.runs import Crossed
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.weighed import weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]


def upgrade_range(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.upgrade_range``: the grade of the product over that of the feed is outside the range of the policy.

    ``z = (ln(g_product / g_feed) - ln high) / u``, or ``(ln low - ln(…)) / u``. Grades are those of all of the product
    and of all of the feed, by dry mass; what was weighed moves them so little that only the assays are in u.
    """
    bounds, masses = [], {}
    for symbol in sorted({symbol for of in policy.limits.values() for symbol in of.upgrade}):
        low, high = context.ranges("upgrade", symbol)
        masses[symbol] = weighed(flows, flows.element(symbol))
        for limit, over in ((high, True), (low, False)):
            bounds.append(
                Bound(limit, over, _crossed(flows, context, masses[symbol], symbol, limit, over=over), symbol)
            )

    def told(of: Bound, at: int) -> Suspicion:
        run = int(of.found.run[at])
        times = float(of.limit[run] * np.exp(of.found.gap_kg[at] if of.over else -of.found.gap_kg[at]))
        return Suspicion(
            code="metal.upgrade_range",
            sentence=f"{context.runs.said(flows, run)} made {of.element} {times:.3g} times as rich, and the policy has "
            f"it {'at most' if of.over else 'at least'} {of.limit[run]:.3g} times: {of.found.z[at]:.1f} standard "
            "uncertainties.",
            element=of.element,
            **context.runs.of_run(
                flows,
                context,
                run,
                masses[of.element or ""],
                "assay",
                f"Have {of.element} assayed again on both sides.",
            ),
        )

    return compared(bounds, told)


def _crossed(flows: Flows, context: Context, mass: ElementMass, symbol: str, limit: Array, *, over: bool) -> Crossed:
    """How far the logarithm of the ratio is beyond that of the limit, run by run: a pure number in place of kg."""
    runs = context.runs
    kg, dry = mass.kg[runs.rows], weighed(flows, flows.dry()).kg[runs.rows]
    count = runs.node.size
    ours = ~runs.out | context.product(symbol)
    known = ~np.isnan(kg) & (kg > 0) & (dry > 0) & ~np.isnan(mass.u_kg[runs.rows])
    among = ~np.isnan(limit)
    blind = np.bincount(runs.of[ours & ~known], minlength=count) > 0
    both = np.ones(count, dtype=bool)
    for side in (runs.out, ~runs.out):
        both &= np.bincount(runs.of[ours & known & side], minlength=count) > 0
    bound = among & both & ~blind
    part = np.flatnonzero(ours & bound[runs.of])
    sign, of = np.where(runs.out[part], 1.0, -1.0), runs.of[part]

    def total(values: Array, side: NDArray[np.bool_]) -> Array:
        return summed(values[side], of[side], count)

    out = runs.out[part]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(total(kg[part], out) / total(dry[part], out) * total(dry[part], ~out) / total(kg[part], ~out))
    whole = np.where(out, total(kg[part], out)[of], total(kg[part], ~out)[of])
    number = np.cumsum(bound) - 1
    # Of each mass only what its assay makes uncertain.
    assayed = mass._replace(u_kg=np.abs(mass.shares[0].u_kg) if mass.shares else mass.u_kg, shares=mass.shares[:1])
    found = gaps(
        flows,
        context,
        assayed,
        rows=runs.rows[part],
        group=number[of],
        weight=sign / whole,
        count=int(bound.sum()),
        scales=False,
    )
    beyond = (ratio - np.log(limit))[bound] * (1.0 if over else -1.0)
    sure = found.u_kg > 0
    unbound = int((among & ~bound).sum()) + int((~sure).sum())
    return Crossed(
        np.flatnonzero(bound)[sure],
        beyond[sure],
        found.u_kg[sure],
        beyond[sure] / found.u_kg[sure],
        {"runs with an assay or an uncertainty missing": unbound} if unbound else {},
    )
