"""The least and the most of a class of origins where it is known how stores were kept: narrower, and supposing that.

Which layer was drawn first decides more than masses do. Stores that keep an order are rewritten as queues or stacks,
and the bound is a maximum flow as before; a store that mixes, or of which nobody says how it is kept, still allows
anything. So it is sound where the rules were kept to, and supposes nothing else about mixing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.book.bounding import MG_PER_KG, known
from lodeline.book.origin_answers import Limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.mixed import Mixed
    from lodeline.book.traced import Traced
    from lodeline.origin.bounds import Bound, Bounds
    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

    Rows = NDArray[np.int64]


def bounds_kept(rule: Mixed) -> Bounds | None:
    """What bounds are asked of where stores are kept so; None where no store keeps an order."""
    from lodeline.origin.bounds import Bounds

    return None if rule.routed is None else Bounds(rule.graph)


def kept_limits(traced: Traced, of: LotMetal, rule: Mixed, bounds: Bounds, asked: Wanted | set[Origin]) -> Limits:
    """The least and the most of a class in the metal of a lot, with first-order uncertainties.

    Args:
        rule: How stores are kept. bounds: of its graph, by :func:`bounds_kept`.
        asked: Origins, or which are looked for and which may be.
    """
    from lodeline.origin.unconditional import supposes

    bound = bounds.arcs(rule.arcs(of.arcs), asked)
    least_u, most_u = _spread(traced, rule, bound)
    on = supposes(rule.graph, bound)
    return Limits(
        least=bound.least / MG_PER_KG,
        most=bound.most / MG_PER_KG,
        least_u=least_u,
        most_u=most_u,
        least_supposes=on.least,
        most_supposes=on.most,
    )


def _spread(traced: Traced, rule: Mixed, bound: Bound) -> tuple[float | None, float | None]:
    """Standard uncertainties of the masses of both cuts, kg; None where not known."""
    slope = np.zeros((rule.graph.mg.size, 2))
    slope[bound.target, 0] += 1 / MG_PER_KG
    slope[bound.rest.cut, 0] -= 1 / MG_PER_KG
    slope[bound.of.cut, 1] += 1 / MG_PER_KG
    of_old, unknown = rule.slopes(slope)
    u = np.where(unknown, np.nan, traced.spread(of_old))
    return known(float(u[0])), known(float(u[1]))
