"""Limits of a process: no more comes out of it than went in, of dry mass or of any element."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.detection.limits.judging import Compared, upper_tail
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.weighed import weighed

if TYPE_CHECKING:
    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy


def yield_over_all(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.yield_over_all``: more dry mass came out of a process than went in, beyond what the readings allow.

    ``z = (out - in) / u``, one-sided. All that went in must be known; of what came out, what is unknown, or has no
    uncertainty, is at least nothing. A process of which the policy names a highest yield is held to that instead: what
    is burnt in air may gain mass.
    """
    runs, (_, highest) = context.runs, context.ranges("mass_yield", None)
    mass = weighed(flows, flows.dry())
    found = runs.compared(flows, context, mass, into=-1.0, out=1.0, among=np.isnan(highest))

    def told(place: int) -> Suspicion:
        run, kg, u_kg = int(found.run[place]), float(found.gap_kg[place]), float(found.u_kg[place])
        return Suspicion(
            code="metal.yield_over_all",
            sentence=f"{runs.said(flows, run)} gave at least {kg:,.1f} kg more dry mass than went in, "
            f"{kg / u_kg:.1f} standard uncertainties of {u_kg:,.1f} kg.",
            kg=kg,
            kg_u=u_kg,
            **runs.of_run(flows, context, run, mass, "weighing", "Weigh what went in and what came out, and dry it."),
        )

    return Compared(found.z.size, found.z, upper_tail(found.z), told, found.unbound)


def element_over_all(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.element_over_all``: more of an element came out of a process than went in; as :func:`yield_over_all`."""
    runs = context.runs
    masses = {symbol: weighed(flows, flows.element(symbol)) for symbol in context.determinations.symbols}
    found = {symbol: runs.compared(flows, context, mass, into=-1.0, out=1.0) for symbol, mass in masses.items()}
    places = [(symbol, at) for symbol, one in found.items() for at in range(one.z.size)]
    z = np.concatenate([one.z for one in found.values()]) if found else np.zeros(0)
    unbound: dict[str, int] = {}
    for one in found.values():
        for reason, number in one.unbound.items():
            unbound[reason] = unbound.get(reason, 0) + number

    def told(place: int) -> Suspicion:
        symbol, at = places[place]
        one = found[symbol]
        run, kg, u_kg = int(one.run[at]), float(one.gap_kg[at]), float(one.u_kg[at])
        return Suspicion(
            code="metal.element_over_all",
            sentence=f"{runs.said(flows, run)} gave at least {kg:,.2f} kg more {symbol} than went in, "
            f"{kg / u_kg:.1f} standard uncertainties of {u_kg:,.2f} kg.",
            kg=kg,
            kg_u=u_kg,
            element=symbol,
            **runs.of_run(flows, context, run, masses[symbol], "assay", f"Have {symbol} assayed again on both sides."),
        )

    return Compared(z.size, z, upper_tail(z), told, unbound)
