"""Market clearing between countries: the prices at which every country's tonnes add up.

Every country ``i`` has one price factor ``p_i`` (1 in the base year) and ``u_i = ln p_i``. Per step:

    output_i   = supply_i * min(p_i ** supply_elasticity, 1 + spare_capacity)
    use_i      = demand_i * p_i ** -demand_elasticity
    release_i  = max(0, stock_i - full_stock_i / p_i)          who holds stock keeps its value, not its tonnes
    flow_ij    = base_ij * (p_j / (p_i * wedges)) ** trade_elasticity

and in every country ``output + release + what comes in = use + what goes out``. A gate holds the sum of some flows at
or under a cap: a ban, a quota, a closed port. Where it holds, its wedge is the price that a licence is worth.

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

CLOSED = 1e-9
"""Of all use: the largest imbalance of a country that counts as rounding."""
STEPS, HALVINGS = 200, 60
RIDGE = 1e-13
"""Of the largest curvature: added for a country that neither makes nor uses anything, whose price nothing holds."""
ENOUGH = 1e-4
"""Of the expected descent: what a step must bring (Armijo)."""


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
    """One draw of the parameters; all > 0 but the spare capacity, >= 0. ``ceiling``: the highest price factor."""

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
        price_factor: (country,). output_t, use_t, release_t: (country,). flow_t: (flow,).
        rationed_t: (country,) use that nothing supplies at the ceiling of the price.
        idle_t: (country,) output that nobody takes at the floor of the price.
    """

    price_factor: Floats
    output_t: Floats
    use_t: Floats
    release_t: Floats
    flow_t: Floats
    rationed_t: Floats
    idle_t: Floats


def clear(network: Network, curves: Curves, gates: Gates, stock: Stock, start: Floats | None = None) -> Cleared:
    """The market clearing of one step.

    Args:
        start: (country,) logarithms of price factors to begin from; those of the base year otherwise.

    Raises:
        InputError: ``world.stress_not_solved``.
    """
    open_ = ~gates.member[gates.cap_t <= 0].any(axis=0)  # (flow,)
    narrow = (gates.cap_t > 0) & gates.member[:, open_].any(axis=1)  # (gate,)
    passing = Network(
        network.supply_t,
        network.demand_t,
        network.exporter[open_],
        network.importer[open_],
        network.flow_t[open_],
    )
    problem = _Problem(passing, curves, gates.member[np.ix_(narrow, open_)], gates.cap_t[narrow], stock)
    countries = len(network.supply_t)
    point = np.zeros(countries + int(narrow.sum()))
    if start is not None:
        point[:countries] = start
    solved = problem.solve(point)
    flow_t = np.zeros_like(network.flow_t)
    flow_t[open_] = problem.flows(solved)
    return problem.cleared(solved, flow_t)


class _Problem:
    """The convex function, its gradient and its curvature; a point is (country, then narrow gate) logarithms."""

    def __init__(self, network: Network, curves: Curves, member: Flags, cap_t: Floats, stock: Stock) -> None:
        self._of, self._curves, self._stock = network, curves, stock
        self._member, self._cap_t = member.astype(np.float64), cap_t
        self._countries = len(network.supply_t)
        self._top = float(np.log(curves.ceiling))
        self._full = float(np.log1p(curves.spare_capacity)) / curves.supply_elasticity
        with np.errstate(divide="ignore", invalid="ignore"):
            # Above this price a holder of stock sells; with none to hold, never.
            ratio = np.where(stock.held_t > 0, stock.full_t / stock.held_t, np.inf)
            self._sells = np.log(ratio)

    def solve(self, point: Floats) -> Floats:
        """The minimum, by projected Newton steps."""
        closed_t = CLOSED * float(self._of.demand_t.sum())
        point = np.clip(point, *self._bounds())
        value, slope = self._value(point), self._slope(point)
        for _ in range(STEPS):
            held, off_t = self._held(point, slope), self._off(point, slope)
            if off_t <= closed_t:
                return point
            step = self._newton(point, slope, ~held)
            point, value, slope = self._along(point, step, value, slope, off_t)
        raise InputError(
            "world.stress_not_solved",
            f"The market did not clear in {STEPS} steps; narrow the ranges of the scenario.",
        )

    def cleared(self, point: Floats, flow_t: Floats) -> Cleared:
        """What the solution says in tonnes."""
        u = point[: self._countries]
        slope = self._slope(point)[: self._countries]
        rationed = np.where(u >= self._top, np.maximum(-slope, 0.0), 0.0)
        idle = np.where(u <= -self._top, np.maximum(slope, 0.0), 0.0)
        output, use, release = self._nodes(u)
        return Cleared(np.exp(u), output - idle, use - rationed, release, flow_t, rationed, idle)

    def _bounds(self) -> tuple[Floats, Floats]:
        gates = len(self._cap_t)
        low = np.concatenate([np.full(self._countries, -self._top), np.zeros(gates)])
        return low, np.concatenate([np.full(self._countries, self._top), np.full(gates, np.inf)])

    def _gap(self, point: Floats) -> Floats:
        """(flow,) the logarithm of the buyer's price over the seller's, licences paid."""
        u, wedge = point[: self._countries], point[self._countries :]
        gap: Floats = u[self._of.importer] - u[self._of.exporter] - wedge @ self._member
        return gap

    def flows(self, point: Floats) -> Floats:
        """(flow,) tonnes."""
        with np.errstate(over="ignore"):
            flow: Floats = self._of.flow_t * np.exp(self._curves.trade_elasticity * self._gap(point))
        return flow

    def _nodes(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        output = self._of.supply_t * np.exp(self._curves.supply_elasticity * np.minimum(u, self._full))
        use = self._of.demand_t * np.exp(-self._curves.demand_elasticity * u)
        return output, use, np.maximum(0.0, self._stock.held_t - self._stock.full_t * np.exp(-u))

    def _value(self, point: Floats) -> float:
        """The function itself: the integrals of output, use and release over ``u``, and of flows over their gap."""
        u, of, by = point[: self._countries], self._of, self._curves
        below = np.minimum(u, self._full)
        output = of.supply_t * (
            np.expm1(by.supply_elasticity * below) / by.supply_elasticity
            + (1 + by.spare_capacity) * np.maximum(u - self._full, 0.0)
        )
        use = of.demand_t * np.expm1(-by.demand_elasticity * u) / by.demand_elasticity
        selling = u > self._sells
        since = np.where(selling, self._sells, 0.0)
        release = np.where(
            selling, self._stock.held_t * (u - since) + self._stock.full_t * (np.exp(-u) - np.exp(-since)), 0.0
        )
        with np.errstate(over="ignore"):
            flows = of.flow_t * np.expm1(by.trade_elasticity * self._gap(point)) / by.trade_elasticity
        return float((output + use + release).sum() + flows.sum() + self._cap_t @ point[self._countries :])

    def _slope(self, point: Floats) -> Floats:
        """(country, then gate): what a country has beyond what it needs; what a gate lets pass beyond what passes."""
        output, use, release = self._nodes(point[: self._countries])
        flow = self.flows(point)
        net = np.bincount(self._of.importer, flow, self._countries)
        net -= np.bincount(self._of.exporter, flow, self._countries)
        return np.concatenate([output + release - use + net, self._cap_t - self._member @ flow])

    def _newton(self, point: Floats, slope: Floats, free: Flags) -> Floats:
        """The Newton step of the free variables; the others stay."""
        curved = self._curvature(point)[np.ix_(free, free)]
        curved[np.diag_indices_from(curved)] += RIDGE * float(np.abs(curved).max(initial=1.0))
        step = np.zeros_like(point)
        step[free] = np.linalg.solve(curved, -slope[free])
        return step

    def _curvature(self, point: Floats) -> Floats:
        u, by = point[: self._countries], self._curves
        output, use, release = self._nodes(u)
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
        own = by.supply_elasticity * np.where(u < self._full, output, 0.0) + by.demand_elasticity * use
        own = own + np.where(release > 0, self._stock.full_t * np.exp(-u), 0.0)
        own = own + np.bincount(buyer, stiff, many) + np.bincount(seller, stiff, many)
        curved[np.arange(many), np.arange(many)] += own
        return curved

    def _along(
        self, point: Floats, step: Floats, value: float, slope: Floats, off_t: float
    ) -> tuple[Floats, float, Floats]:
        """The farthest of the step, half of it, a quarter … that brings enough."""
        part = 1.0
        for _ in range(HALVINGS):
            tried = np.clip(point + part * step, *self._bounds())
            reached = self._value(tried)
            if math.isfinite(reached):
                found = self._slope(tried)
                # Near the minimum rounding hides how the function falls, and the imbalance still tells.
                descends = reached <= value + ENOUGH * float(slope @ (tried - point))
                if descends or self._off(tried, found) <= off_t / 2:
                    return tried, reached, found
            part /= 2
        return point, value, slope

    def _held(self, point: Floats, slope: Floats) -> Flags:
        """Which variables lie at a bound and would go beyond it."""
        low, high = self._bounds()
        held: Flags = ((point <= low) & (slope > 0)) | ((point >= high) & (slope < 0))
        return held

    def _off(self, point: Floats, slope: Floats) -> float:
        """The largest imbalance, tonnes, of what is not held."""
        return float(np.abs(np.where(self._held(point, slope), 0.0, slope)).max(initial=0.0))
