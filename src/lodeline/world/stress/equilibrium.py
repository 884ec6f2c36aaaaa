"""Market clearing between countries: the prices at which every country's tonnes add up.

Every country ``i`` has one price factor ``p_i`` (1 in the base year) and ``u_i = ln p_i``. Per step:

    output_i   = supply_i * min(p_i ** supply_elasticity, 1 + spare_capacity)
    use_i      = demand_i * p_i ** -demand_elasticity
    release_i  = max(0, stock_i - full_stock_i / p_i)          who holds stock keeps its value, not its tonnes
    flow_ij    = base_ij * (p_j / (p_i * wedges)) ** trade_elasticity

and in every country ``output + release + what comes in = use + what goes into stores + what goes out``. Above a
ceiling of the price nothing is bought, and below one over the ceiling nothing is made; over the last percent before
that it falls to nothing. A gate holds the sum of some flows at or under a cap: a ban, a quota, a closed port. Where it
holds, its wedge is the price that a licence is worth.

All terms are monotone in ``u`` and symmetric between countries, so they are the gradient of a strictly convex function:
prices and flows are unique, and the solution is its minimum. It is the dual of the spatial equilibrium of Takayama &
Judge with the entropy of shipments around those of the base year as the cost of rerouting.

Source: Takayama & Judge (1971), Spatial and Temporal Price and Allocation Models; Wilson (1970), Entropy in Urban and
Regional Modelling, for the flows; Bertsekas (1982), SIAM J. Control Optim. 20(2), 221-246, for the method.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.errors import InputError

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

ENDS = math.log(1.01)
"""Over how much of the logarithm of the price use ends at the ceiling, and output at the floor: one percent."""
CLOSED = 1e-9
"""What counts as rounding: a part of all that a country makes, uses, buys and ships in the base year."""
STEPS, HALVINGS = 1_000, 60
DAMPED, RIDGE = 0.25, 1e-13
"""Of what moves: added to the curvature, the first times the imbalance (Levenberg), the second always."""
LEVEL = 0.1
"""Of the tilt at the beginning of a step: what is left of it where a step may end."""


class Network(NamedTuple):
    """Countries and what they shipped in the base year, tonnes of the element per step.

    Attributes:
        supply_t, demand_t: (country,) output and use at the base price, >= 0.
        exporter, importer: (flow,) places of countries. flow_t: (flow,) > 0.
    """

    supply_t: Floats
    demand_t: Floats
    exporter: Places
    importer: Places
    flow_t: Floats


class Curves(NamedTuple):
    """One draw of the parameters, > 0; spare capacity >= 0. ``ceiling``: the price factor at which use ends, > 1."""

    demand_elasticity: float
    supply_elasticity: float
    spare_capacity: float
    trade_elasticity: float
    ceiling: float


class Gates(NamedTuple):
    """What holds shipments down.

    Attributes:
        member: (gate, flow) whether a flow passes a gate.
        cap_t: (gate,) the most that may pass in the step, >= 0.
    """

    member: Flags
    cap_t: Floats


class Stock(NamedTuple):
    """(country,) tonnes at the beginning of the step, and what was held at the base price."""

    held_t: Floats
    full_t: Floats


class Cleared(NamedTuple):
    """A solution, tonnes per step.

    Attributes:
        price_factor: (country,) from one over the ceiling to the ceiling, at which it is at least that.
        output_t, use_t, release_t, stored_t: (country,); what went into stores is not among use. flow_t: (flow,).
    """

    price_factor: Floats
    output_t: Floats
    use_t: Floats
    release_t: Floats
    stored_t: Floats
    flow_t: Floats


def clear(
    network: Network,
    curves: Curves,
    gates: Gates,
    stock: Stock,
    start: Floats | None = None,
    store_t: Floats | None = None,
) -> Cleared:
    """The market clearing of one step.

    Args:
        store_t: (country,) what is bought for stores whatever it costs, up to the ceiling; nothing otherwise.
        start: (country,) logarithms of price factors to begin from; those of the base year otherwise.

    Raises:
        InputError: ``world.stress_not_solved``.
    """
    shut = gates.cap_t <= CLOSED * (gates.member @ network.flow_t)  # (gate,)
    open_ = ~gates.member[shut].any(axis=0)  # (flow,)
    narrow = ~shut & gates.member[:, open_].any(axis=1)  # (gate,)
    passing = Network(
        network.supply_t,
        network.demand_t,
        network.exporter[open_],
        network.importer[open_],
        network.flow_t[open_],
    )
    countries = len(network.supply_t)
    bought_t = np.zeros(countries) if store_t is None else store_t
    problem = _Problem(passing, curves, gates.member[np.ix_(narrow, open_)], gates.cap_t[narrow], stock, bought_t)
    point = np.zeros(countries + int(narrow.sum()))
    if start is not None:
        point[:countries] = start
    solved = problem.solve(point)
    flow_t = np.zeros_like(network.flow_t)
    flow_t[open_] = problem.flows(solved)
    return problem.cleared(solved, flow_t)


class _Problem:
    """The convex function, its gradient and its curvature; a point is (country, then narrow gate) logarithms."""

    def __init__(
        self, network: Network, curves: Curves, member: Flags, cap_t: Floats, stock: Stock, store_t: Floats
    ) -> None:
        self._of, self._curves, self._stock, self._store_t = network, curves, stock, store_t
        self._member, self._cap_t = member.astype(np.float64), cap_t
        self._countries = len(network.supply_t)
        moves_t = network.supply_t + network.demand_t + store_t
        for at in (network.exporter, network.importer):
            moves_t = moves_t + np.bincount(at, network.flow_t, self._countries)
        self._moves_t = np.maximum(np.concatenate([moves_t, self._member @ network.flow_t]), np.finfo(float).tiny)
        self._top = float(np.log(curves.ceiling))
        self._full = float(np.log1p(curves.spare_capacity)) / curves.supply_elasticity

    def solve(self, point: Floats) -> Floats:
        """The minimum, by projected Newton steps."""
        slope = self._slope(point)
        for _ in range(STEPS):
            held, off = self._held(point, slope), self._off(point, slope)
            if off <= CLOSED:
                return point
            step = self._newton(point, slope, ~held)
            point, slope = self._along(point, step, slope, off)
        raise InputError(
            "world.stress_not_solved",
            f"The market did not clear in {STEPS} steps; narrow the ranges of the scenario.",
        )

    def cleared(self, point: Floats, flow_t: Floats) -> Cleared:
        """What the solution says in tonnes."""
        u = point[: self._countries]
        output, use, release = self._nodes(u)
        return Cleared(np.exp(np.clip(u, -self._top, self._top)), output, use, release, self._stored(u), flow_t)

    def _bounds(self) -> Floats:
        """The least of each variable: a licence is never worth less than nothing."""
        return np.concatenate([np.full(self._countries, -np.inf), np.zeros(len(self._cap_t))])

    def _gap(self, point: Floats) -> Floats:
        """(flow,) the logarithm of the buyer's price over the seller's, licences paid."""
        u, wedge = point[: self._countries], point[self._countries :]
        gap: Floats = u[self._of.importer] - u[self._of.exporter] - wedge @ self._member
        return gap

    def flows(self, point: Floats) -> Floats:
        """(flow,) tonnes."""
        with np.errstate(over="ignore", invalid="ignore"):
            flow: Floats = self._of.flow_t * np.exp(self._curves.trade_elasticity * self._gap(point))
        return flow

    def _nodes(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        over, under = self._beyond(u)
        output = self._of.supply_t * np.exp(self._curves.supply_elasticity * np.clip(u, -self._top, self._full))
        use = self._of.demand_t * np.exp(-self._curves.demand_elasticity * np.minimum(u, self._top))
        release = np.maximum(0.0, self._stock.held_t - self._kept(u))
        return output * (1 - under / ENDS), use * (1 - over / ENDS), release

    def _stored(self, u: Floats) -> Floats:
        """(country,) what goes into stores: all that is asked for, up to the ceiling."""
        stored: Floats = self._store_t * (1 - self._beyond(u)[0] / ENDS)
        return stored

    def _kept(self, u: Floats) -> Floats:
        """(country,) the stock that is worth at the price what the full stock was worth at the base price, tonnes."""
        kept: Floats = self._stock.full_t * np.exp(-np.maximum(u, -self._top))
        return kept

    def _beyond(self, u: Floats) -> tuple[Floats, Floats]:
        """How far a price is over the ceiling and under the floor, up to where use and output have ended."""
        return np.clip(u - self._top, 0.0, ENDS), np.clip(-self._top - u, 0.0, ENDS)

    def _slope(self, point: Floats) -> Floats:
        """(country, then gate): what a country has beyond what it needs; what a gate lets pass beyond what passes."""
        u = point[: self._countries]
        with np.errstate(over="ignore"):
            output, use, release = self._nodes(u)
        flow = self.flows(point)
        net = np.bincount(self._of.importer, flow, self._countries)
        net -= np.bincount(self._of.exporter, flow, self._countries)
        return np.concatenate([output + release - use - self._stored(u) + net, self._cap_t - self._member @ flow])

    def _newton(self, point: Floats, slope: Floats, free: Flags) -> Floats:
        """The Newton step of the free variables; the others stay."""
        curved = self._curvature(point)[np.ix_(free, free)]
        # On a flat stretch, such as output at capacity, the curvature says nothing of how far the minimum is. What is
        # added keeps a step to a few logarithms there, and is gone where the imbalance is.
        curved[np.diag_indices_from(curved)] += (DAMPED * self._off(point, slope) + RIDGE) * self._moves_t[free]
        step = np.zeros_like(point)
        step[free] = np.linalg.solve(curved, -slope[free])
        return step

    def _curvature(self, point: Floats) -> Floats:
        u, by = point[: self._countries], self._curves
        release = self._nodes(u)[2]
        stiff = by.trade_elasticity * self.flows(point)  # (flow,)
        buyer, seller, many = self._of.importer, self._of.exporter, self._countries
        curved = np.zeros((len(point), len(point)))  # (variable, variable)
        between = np.bincount(buyer * many + seller, stiff, many * many).reshape(many, many)
        curved[:many, :many] = -(between + between.T)
        through = self._member * stiff  # (gate, flow)
        curved[many:, many:] = through @ self._member.T
        for gate, passed in enumerate(through, start=many):
            pull = np.bincount(seller, passed, many) - np.bincount(buyer, passed, many)
            curved[gate, :many] = curved[:many, gate] = pull
        own = self._bend(u)
        own = own + np.where(release > 0, self._kept(u), 0.0)
        own = own + np.bincount(buyer, stiff, many) + np.bincount(seller, stiff, many)
        curved[np.arange(many), np.arange(many)] += own
        return curved

    def _bend(self, u: Floats) -> Floats:
        """(country,) by how much output rises and use falls with the logarithm of the price."""
        of, by = self._of, self._curves
        over, under = self._beyond(u)
        output, use, _ = self._nodes(u)
        made = np.where((u > -self._top) & (u < self._full), by.supply_elasticity * output, 0.0)
        used = np.where(u < self._top, by.demand_elasticity * use, 0.0)
        ends = np.where((under > 0) & (under < ENDS), of.supply_t / ENDS, 0.0)
        stops = np.where((over > 0) & (over < ENDS), of.demand_t / ENDS, 0.0)
        floor, top = (np.exp(-one * self._top) for one in (by.supply_elasticity, by.demand_elasticity))
        shuts = np.where((over > 0) & (over < ENDS), self._store_t / ENDS, 0.0)
        bend: Floats = made + used + ends * floor + stops * top + shuts
        return bend

    def _along(self, point: Floats, step: Floats, slope: Floats, off: float) -> tuple[Floats, Floats]:
        """The whole step while the function still falls at its end, else as far as it falls: where it no longer tilts.

        The function is convex, so it has fallen wherever it still falls.
        """
        down, up, steepest = 0.0, 1.0, float(slope @ step)
        part = 1.0
        for _ in range(HALVINGS):
            tried = np.maximum(point + part * step, self._bounds())
            found = self._slope(tried)
            tilt = float(found @ np.where(tried > self._bounds(), step, 0.0))
            if math.isfinite(tilt) and self._off(tried, found) <= off / 2:
                return tried, found
            if tilt <= 0:
                if part == 1 or tilt >= LEVEL * steepest:
                    return tried, found
                down = part
            else:  # beyond the minimum along the step, or beyond all numbers
                up = part
            part = (down + up) / 2
        return tried, found

    def _held(self, point: Floats, slope: Floats) -> Flags:
        """Which variables lie at a bound and would go beyond it."""
        held: Flags = (point <= self._bounds()) & (slope > 0)
        return held

    def _off(self, point: Floats, slope: Floats) -> float:
        """The largest imbalance of what is not held, as a part of what moves there in the base year."""
        return float((np.abs(np.where(self._held(point, slope), 0.0, slope)) / self._moves_t).max(initial=0.0))
