"""The least and the most of a class of origins in some metal, with their uncertainties and what they suppose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from lodeline.book.origin_answers import Limits

if TYPE_CHECKING:
    from lodeline.book.traced import Traced
    from lodeline.origin.bounds import Bound
    from lodeline.origin.wanted import Wanted

MG_PER_KG: Final = 1_000_000


def limits_of(traced: Traced, bound: Bound, asked: Wanted) -> Limits:
    """A bound with its uncertainties, and with what holds without supposing homogeneous lots."""
    from lodeline.origin.intervals import outer
    from lodeline.origin.unconditional import free, supposes

    arcs = bound.target
    least_u, most_u = _uncertain(traced, bound)
    on = supposes(traced.built.graph, bound)
    loose = None
    if (on.least or on.most) and arcs.size == 1:
        loose = outer(free(traced.built), int(arcs[0]), asked)
    return Limits(
        least=bound.least / MG_PER_KG,
        most=bound.most / MG_PER_KG,
        least_u=least_u,
        most_u=most_u,
        least_supposes=on.least,
        most_supposes=on.most,
        loose_least=None if loose is None else loose.least_mg / MG_PER_KG,
        loose_most=None if loose is None else loose.most_mg / MG_PER_KG,
    )


def _uncertain(traced: Traced, bound: Bound) -> tuple[float | None, float | None]:
    """Standard uncertainties of the least and the most, kg; None where not known."""
    least, most = traced.uncertain(bound)
    return known(least.u_kg), known(most.u_kg)


def known(value: float) -> float | None:
    """None in place of not a number."""
    return None if math.isnan(value) else value
