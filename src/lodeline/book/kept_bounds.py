"""The least and the most of a class of origins where it is known how stores were kept: narrower, and supposing that.

Which layer was drawn first decides more than masses do. Stores that keep an order are rewritten as queues or stacks,
and the bound is a maximum flow as before; a store that mixes, or of which nobody says how it is kept, still allows
anything, and so does one that keeps lots apart where a draw does not say of which. So it is sound where the rules were
kept to, and supposes nothing else about mixing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.book.bounding import MG_PER_KG, known
from lodeline.book.origin_answers import Limits
from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.mixed import Mixed
    from lodeline.book.traced import Traced
    from lodeline.origin.bounds import Bound, Bounds
    from lodeline.origin.graph import Origin
    from lodeline.origin.mixing import Routed
    from lodeline.origin.wanted import Wanted

    Floats = NDArray[np.float64]


class Kept(NamedTuple):
    """What bounds are asked of where stores are kept so: the graph as far as their order is known."""

    routed: Routed
    bounds: Bounds


def kept(traced: Traced, rule: Mixed) -> Kept | None:
    """The same of a book; None where no store keeps an order that is known."""
    from lodeline.origin.bounds import Bounds
    from lodeline.origin.kept_order import known_order

    if rule.stores is None:
        return None
    flow = traced.built.graph.flow
    left = (flow >= 0) & (traced.flows.flows["kind"][flow] == FLOW["closing"])
    done = known_order(traced.built.graph, rule.stores, left)
    return None if done is None else Kept(done, Bounds(done.graph))


def kept_limits(traced: Traced, of: LotMetal, by: Kept, asked: Wanted | set[Origin]) -> Limits:
    """The least and the most of a class in the metal of a lot, with first-order uncertainties.

    Args:
        by: Of the book. asked: origins, or which are looked for and which may be.
    """
    bound = by.bounds.arcs(by.routed.arc[of.arcs], asked)
    slope, unknown = _slopes(by, bound)
    u = np.where(unknown, np.nan, traced.spread(slope))
    supposes = _supposes(traced, slope) | unknown
    return Limits(
        least=bound.least / MG_PER_KG,
        most=bound.most / MG_PER_KG,
        least_u=known(float(u[0])),
        most_u=known(float(u[1])),
        least_supposes=bool(supposes[0]),
        most_supposes=bool(supposes[1]),
    )


def _slopes(by: Kept, bound: Bound) -> tuple[Floats, NDArray[np.bool_]]:
    """(arc, 2) how the least and the most, kg, follow masses of the old graph; (2,) where nobody can say."""
    from lodeline.origin.uncertainty import before

    slope = np.zeros((by.routed.graph.mg.size, 2))
    slope[bound.target, 0] += 1 / MG_PER_KG
    slope[bound.rest.cut, 0] -= 1 / MG_PER_KG
    slope[bound.of.cut, 1] += 1 / MG_PER_KG
    old = before(by.routed, slope)
    unknown: NDArray[np.bool_] = np.asarray(np.isnan(old).any(axis=0))
    return np.where(unknown, 0.0, old), unknown


def _supposes(traced: Traced, slope: Floats) -> NDArray[np.bool_]:
    """(2,) whether a bound rests on masses that were not assayed themselves: what was drawn follows from all that was
    laid down before."""
    from lodeline.origin.unconditional import assayed

    return np.asarray((slope[~assayed(traced.built.graph)] != 0).any(axis=0))
