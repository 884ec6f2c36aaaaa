"""Wet and dry meet: a mass said on one basis, taken from one held on the other, by the moisture that is known."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

from lodeline.metal.belief import Belief

if TYPE_CHECKING:
    from lodeline.metal.flows.graph import Graph
    from lodeline.metal.live import Known

GRAIN = Decimal("1e-9")
"""kg, a microgram: what is computed by a division is exact to no more, and a remainder of less is none."""

EVERY_DIGIT = Context(prec=60)
"""The heaviest mass that is read has 25 digits before the point."""


def on_basis_of(graph: Graph, whole: Belief, said: Belief, known: Known) -> Belief:
    """The mass on the basis of the whole, where the moisture in force leads there; else as it was said.

    ``wet = dry / (1 - w)``, with w the latest moisture per wet mass. ``u^2 = (u_m s)^2 + (m ds/dw u_w)^2``, s the
    factor; unknown where either is. Source: JCGM 100:2008, 5.1.2.
    """
    if said.kg is None or {said.basis, whole.basis} != {"wet", "dry"}:
        return said
    columns = graph.measurements.columns
    moistures = [row for kind, row in known.items() if kind & 1]
    if not moistures:
        return said
    row = max(moistures, key=lambda one: (columns["at"][one], columns["seq"][one], one))
    share = 1 - Decimal(repr(columns["value"][row]))
    factor = 1 / share if whole.basis == "wet" else share
    kg = (said.kg * factor).quantize(GRAIN, context=EVERY_DIGIT)
    u_moisture = columns["u"][row]
    u = None
    if said.u is not None and u_moisture == u_moisture:
        slope = factor * factor if whole.basis == "wet" else Decimal(1)
        u = ((said.u * factor) ** 2 + (said.kg * slope * Decimal(repr(u_moisture))) ** 2).sqrt()
    return Belief(kg, u, whole.basis, "computed", None, None, said.rests)
