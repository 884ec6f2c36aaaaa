"""Roads: what is lost and what dries up on the way, as far as a policy supposes it.

A policy says how much is expected and how far that may be off. A route that loses more than another does so every
time, so that half of the doubt is one unknown for each route, which its consignments share, and the other half is each
consignment's own. Taken as independent, a hundred consignments would make the mean of a route surer than anyone is, and
the biases of scales and laboratories would have to explain it.

    dry mass:   L = l D + own         with l of the route, L what was lost, D what left
    water:      w' = w - e w (1 - w)  + own, with e of the route, the part of the water that dries up
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.building import Building
    from lodeline.metal.reconciliation.sizes import Sizes
    from lodeline.metal.reconciliation.streams import Streams
    from lodeline.metal.suppositions import Loss

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Roads(NamedTuple):
    """The roads of a book.

    Attributes:
        lost: (loss,) flows of what was lost on a road; sent: the dry mass that left; lost_route: which route it is of.
        lost_mass: (loss,) the dry mass of what was lost.
        water: (drying, 2) waters at the two ends of a road, each pair once; water_route: which route it is of.
    """

    lost: Rows
    sent: Rows
    lost_route: Rows
    lost_mass: Rows
    water: Rows
    water_route: Rows

    @classmethod
    def of(cls, flows: Flows, found: Streams) -> Roads:
        """Find them."""
        flow, place = flows.flows, flows.nodes["place"].astype(np.int64)
        shipped = np.full(flows.nodes.rows, -1, dtype=np.int64)
        shipped[flow["head"]] = np.arange(flow.rows)
        lost = np.flatnonzero(flow["kind"] == FLOW["transit_loss"])
        received = np.flatnonzero((flow["kind"] == FLOW["receive"]) & (flow["inherits"] >= 0))

        def route(leaving: Rows) -> Rows:
            road = flow["tail"][leaving]
            ends = np.stack([place[flow["tail"][shipped[road]]], place[road]], axis=1)
            return np.asarray(np.unique(ends, axis=0, return_inverse=True)[1].ravel())

        of_either = route(np.concatenate([lost, received])) if lost.size + received.size else lost
        water = np.stack([found.water[flow["inherits"][received]], found.water[received]], axis=1)
        water, first = np.unique(water, axis=0, return_index=True)
        return cls(
            lost=lost,
            sent=found.mass[shipped[flow["tail"][lost]]],
            lost_route=of_either[: lost.size],
            lost_mass=found.mass[lost],
            water=water,
            water_route=of_either[lost.size :][first],
        )

    def drying(self, moisture: Rows, size: Sizes, policy: Policy, building: Building) -> None:
        """Join the moistures at the two ends of each road, where readings need both."""
        joined = np.flatnonzero((moisture[self.water] >= 0).all(axis=1) & (self.water[:, 0] != self.water[:, 1]))
        if policy.drying is None or not joined.size:
            return
        before, after = (moisture[self.water[joined, end]] for end in (0, 1))
        about = np.maximum(size.moisture[self.water[joined, 0]], size.moisture[self.water[joined, 1]])
        about = np.where(about > 0, about, size.moisture_scale)
        row = building.observation(np.zeros(joined.size), _half(policy.drying) * about * (1 - about))
        building.measures(row, 1.0, after)
        building.measures(row, -1.0, before)
        building.measures(row, 1 - about, before, _routes(self.water_route[joined], policy.drying, building))

    def losses(self, dry: Rows, size: Sizes, policy: Policy, building: Building) -> Rows:
        """(loss, 2) each flow of a loss and the observation that supposes it."""
        if policy.loss is None or not self.lost.size:
            return np.zeros((0, 2), dtype=np.int64)
        kg = size.dry_scale_kg[self.sent]
        row = building.observation(np.zeros(self.lost.size), _half(policy.loss) * kg)
        building.measures(row, 1.0, dry[self.lost_mass])
        building.measures(row, -1.0, dry[self.sent], _routes(self.lost_route, policy.loss, building))
        return np.stack([self.lost, row], axis=1)


def _half(supposed: Loss) -> float:
    """Half of the variance of what is supposed, as a standard uncertainty: of a route, and of a consignment."""
    return float(supposed.u) / math.sqrt(2.0)


def _routes(route: Rows, supposed: Loss, building: Building) -> Rows:
    """(road,) the variable of its route, with the prior of the policy."""
    numbers, which = np.unique(route, return_inverse=True)
    expected, u = np.full(numbers.size, float(supposed.expected)), np.full(numbers.size, _half(supposed))
    variable = building.variable(expected, 10.0 * u)
    building.measures(building.observation(expected, u), 1.0, variable)
    return np.asarray(variable[which.ravel()])
