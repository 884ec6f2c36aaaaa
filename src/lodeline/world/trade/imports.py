"""Where a country's imports were mined: direct and traced shares, and what is certain whatever was mixed with what.

*Direct* is what customs see: the country that shipped it. *Traced* follows what the shipper itself bought, supposing
that all that a country has in a year is mixed. The least and the most suppose nothing about mixing: they are maximum
flows, so any mixing lies between them. Both rest on the tables named and on no others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.origin.cyclic import solved
from lodeline.origin.graph import OUTSIDE
from lodeline.world.trade.asking import TradeQuestion
from lodeline.world.trade.doubt import doubt
from lodeline.world.trade.graph import CountryGraph, country_graph
from lodeline.world.trade.pipes import Pipes
from lodeline.world.trade.traded import MG_PER_TONNE

Flow = Callable[[NDArray[np.bool_]], int]
"""How much can get from some sources, as flags of arcs, to what is asked."""
NOWHERE = -2
"""Number of an origin of which no arc is."""
FEW = 3_000
"""Up to so many arcs a flow in plain Python is done before a compiled one is loaded."""
UNTRACED, RETURNED = "untraced", "returned"
"""Origins that are no country: what the tables do not trace, and what had been in the asked country before."""


class Line(NamedTuple):
    """One country, or what is untraced, in the imports of another.

    Attributes:
        origin: Alpha-3, ``untraced`` or ``returned``.
        mined_t: Published mine output of the year, t; None where none is listed or it is not told.
        direct_t, direct: What it shipped itself, t, and its share of all that arrived, %.
        traced_t, traced: What comes from there if each country mixes what it has, t, and its share, %.
        doubt: By how many percent points of share the missing tonnages, and contents that are ranges, may move
            ``traced``, each at either end, added up.
        least_t, most_t: What comes from there at least and at most, whatever the mixing, t.
        most_untraced_t: At most if all that is untraced were from there too, t: then an origin that no table shows is
            allowed for. It is bounded by nothing but masses, not even by what the country mined.
    """

    origin: str
    mined_t: float | None
    direct_t: float
    direct: float
    traced_t: float
    traced: float
    doubt: float
    least_t: float
    most_t: float
    most_untraced_t: float


class Imports(NamedTuple):
    """Where the imports of a country come from.

    Attributes:
        of: The graph that it was computed on.
        total_t: All that arrived, t; or what stayed, where that was asked.
        lines: The largest traced share first.
        unlisted: Share that was shipped by countries without a listed mine, %.
        by_exporter: What arrived through each exporter from each origin if each country mixes what it has, t.
    """

    of: CountryGraph
    total_t: float
    lines: tuple[Line, ...]
    unlisted: float
    by_exporter: dict[tuple[str, str], float]

    def line(self, origin: str) -> Line:
        """The line of an origin."""
        return next(line for line in self.lines if line.origin == origin)


def origins_of_imports(asking: TradeQuestion) -> Imports:
    """Where a year's imports of a country in one form were mined; refusals as of :func:`country_graph`.

    Asked for its consumption, shares and bounds are of what stayed there, its own mines among them, and direct shares
    are of what arrived all the same.
    """
    of = country_graph(asking)
    mixed = solved(of.graph, of.graph.origin, len(of.graph.origins))
    names = _names(of)
    moves = doubt(asking)
    direct = {row.exporter: 0.0 for row in of.arrivals}
    by_exporter: dict[tuple[str, str], float] = {}
    for arc in np.flatnonzero((of.graph.head == of.at) & (of.graph.tail >= 0)).tolist():
        tail, tonnes = int(of.graph.tail[arc]), float(of.graph.mg[arc]) / MG_PER_TONNE
        direct[of.countries[tail]] += tonnes
        for number in np.flatnonzero(mixed[tail] > 0).tolist():
            by_exporter[of.countries[tail], names[number]] = tonnes * float(mixed[tail, number])
    arrived = sum(direct.values())
    flow = _flows(of)
    bounds = [_bounds_mg(of, number, flow) for number in range(len(names))]
    lines = [
        _line(
            of, name, direct.get(name, 0.0), arrived, float(mixed[of.at, number]), moves.get(name, 0.0), bounds[number]
        )
        for number, name in enumerate(names)
    ]
    # Of a country without a listed mine nothing is traced; what is untraced may be from there.
    nowhere = _bounds_mg(of, NOWHERE, flow)
    lines += [
        _line(of, name, tonnes, arrived, 0.0, 0.0, nowhere) for name, tonnes in direct.items() if name not in names
    ]
    lines.sort(key=lambda line: (-line.traced_t, -line.direct_t, line.origin))
    unlisted = 100 * sum(tonnes for name, tonnes in direct.items() if not of.mines(name)) / arrived
    return Imports(of, float(of.graph.mg[of.target]) / MG_PER_TONNE, tuple(lines), unlisted, by_exporter)


def _line(
    of: CountryGraph,
    name: str,
    direct_t: float,
    arrived_t: float,
    share: float,
    doubt: float,
    bounds: tuple[int, int, int],
) -> Line:
    total = float(of.graph.mg[of.target]) / MG_PER_TONNE
    least, most, most_untraced = (mg / MG_PER_TONNE for mg in bounds)
    row = of.mined.get(name)
    return Line(
        origin=name,
        mined_t=None if row is None or row.value is None else float(row.value),
        direct_t=direct_t,
        direct=100 * direct_t / arrived_t,
        traced_t=share * total,
        traced=100 * share,
        doubt=100 * doubt,
        least_t=least,
        most_t=most,
        most_untraced_t=most_untraced,
    )


def bounds_mg(of: CountryGraph, origin: int) -> tuple[int, int, int]:
    """The least and the most of an origin in what arrived, and the most with all that is untraced, milligrams.

    At least what the rest cannot fill. Where tonnages are intervals the capacities are their upper ends: then it is an
    outer bound. Source: Ford & Fulkerson (1956), Can. J. Math. 8, 399-404.
    """
    return _bounds_mg(of, origin, _flows(of))


def _bounds_mg(of: CountryGraph, origin: int, flow: Flow) -> tuple[int, int, int]:
    limits = of.limits
    outside = limits.tail == OUTSIDE
    own = limits.origin == origin
    unknown = outside & (limits.origin < 2)
    least = max(int(limits.low_mg[of.target]) - flow(outside & ~own), 0)
    return least, flow(own), flow(own | unknown)


def _flows(of: CountryGraph) -> Flow:
    """How much can get from some sources, flags of arcs, to what is asked."""
    target = np.zeros(of.limits.tail.size, dtype=np.bool_)
    target[of.target] = True
    return flows_through(of, of.at, target)


def flows_through(of: CountryGraph, node: int, arcs: NDArray[np.bool_]) -> Flow:
    """How much can get from some sources, flags of arcs, through some arcs out of one node.

    Args:
        arcs: (arc,) those that all leave the node, and lead where nothing comes back from.
    """
    limits = of.limits
    if limits.tail.size <= FEW:
        # What gets to the node can leave it by these arcs, as far as they take it.
        pipes = Pipes(limits.tail, limits.head, limits.high_mg, of.graph.nodes)
        most = int(limits.high_mg[arcs].sum())
        return lambda sources: pipes.most(np.flatnonzero(sources).tolist(), node, most)
    from lodeline.origin.maxflow import max_flow, network

    net = network(limits.tail, limits.head, limits.high_mg, of.graph.nodes)
    return lambda sources: max_flow(net, sources, arcs).value


def _names(of: CountryGraph) -> list[str]:
    """The origins of a graph: a mine by the country of the node that it feeds."""
    names = [UNTRACED, RETURNED] + [""] * (len(of.graph.origins) - 2)
    for arc in np.flatnonzero(of.limits.origin >= 2).tolist():
        names[int(of.limits.origin[arc])] = of.countries[int(of.limits.head[arc])]
    return names
