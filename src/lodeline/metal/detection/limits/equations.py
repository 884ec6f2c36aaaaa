"""Equations: what determinations of an element must agree with, so that a wrong one shows by how much it is off.

Two kinds. *Alike*: determinations of one material (a lot wherever it goes, and the parts of a split) against the mean
of the others. *Closures*: those that went into a process against those that came out of it. Each equation says how far
it is from holding, in its own standard uncertainties, and what share of it each determination has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lodeline.metal.detection.limits.closures import Processes
from lodeline.metal.detection.limits.grouping import summed
from lodeline.metal.weighed import weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Equations(NamedTuple):
    """Equations of one element.

    Attributes:
        z: (equation,) how far each is from holding, in its standard uncertainties.
        sd: (equation,) its standard deviation, of the logarithm of a ratio.
        freedom: (equation,) degrees of freedom of that; infinite where certificates tell it.
        material: (equation,) the number of the material that is compared with itself; -1 of a process. Equations of one
            material say the same from several sides.
        of: (term,) the equation of each term.
        row: (term,) the determination.
        share: (term,) its share of its side of the equation, 0 < share <= 1.
        side: (term,) +1 or -1: whether more of it makes ``z`` larger or smaller.
        alone: How many processes had too few peers.
    """

    z: Array
    sd: Array
    freedom: Array
    material: Rows
    of: Rows
    row: Rows
    share: Array
    side: Array
    alone: int

    def moved(self, factor: Array) -> Array:
        """(term,) by how much ``z`` of its equation is larger because its number is this factor too large."""
        # A side of which this is the whole moves by the logarithm of the factor, one of which it is a part by less.
        return -self.side * np.log1p(-self.share * (1 - 1 / factor)) / self.sd[self.of]


def equations(flows: Flows, context: Context) -> dict[str, Equations]:
    """All equations, by element."""
    processes = Processes(flows)
    laboratory = flows.measurements["laboratory"].astype(np.int64)
    found = context.determinations
    alike = materials(flows)
    result = {}
    for number, symbol in enumerate(found.symbols):
        of_lots = _alike(flows, context, np.flatnonzero(found.element == number), alike)
        mass = weighed(flows, flows.element(symbol))
        closures = processes.closures(mass, laboratory, context.laboratory_u)
        shift = of_lots.z.size
        result[symbol] = Equations(
            np.concatenate([of_lots.z, closures.z]),
            np.concatenate([of_lots.sd, closures.sd]),
            np.concatenate([of_lots.freedom, closures.freedom]),
            np.concatenate([of_lots.material, np.full(closures.z.size, -1, dtype=np.int64)]),
            np.concatenate([of_lots.of, closures.of + shift]),
            np.concatenate([of_lots.row, closures.row]),
            np.concatenate([of_lots.share, closures.share]),
            np.concatenate([of_lots.side, np.where(closures.out, 1.0, -1.0)]),
            closures.alone,
        )
    return result


def materials(flows: Flows) -> Rows:
    """(flow,) the number of the material: flows have one composition if they inherit it of one another."""
    along = flows.flows["inherits"].astype(np.int64)
    rows = np.flatnonzero(along >= 0)
    graph = coo_array((np.ones(rows.size, dtype=np.int8), (rows, along[rows])), shape=(along.size, along.size))
    number: Rows = connected_components(graph, directed=False)[1].astype(np.int64)
    return number


def _alike(flows: Flows, context: Context, ours: Rows, materials: Rows) -> Equations:
    """Each determination against the mean of the others of its material, by the inverse of their variances.

    Laboratories are off by their biases too. Of two determinations of one laboratory that stays in, which makes the
    comparison less telling than it is.
    """
    found, measured = context.determinations, flows.measurements
    ours = ours[found.u[ours] > 0]
    row = found.row[ours]
    material = materials[measured["flow"][row]]
    _, group = np.unique(material, return_inverse=True)
    group = group.ravel()
    value = np.log(found.value[ours])
    v = (found.u[ours] / found.value[ours]) ** 2 + context.laboratory_u[measured["laboratory"][row]] ** 2
    count = int(group.max()) + 1 if group.size else 0
    weight, total = summed(1 / v, group, count), summed(value / v, group, count)
    several = np.bincount(group, minlength=count)[group] > 1
    with np.errstate(divide="ignore", invalid="ignore"):
        others = weight[group] - 1 / v
        apart = value - (total[group] - value / v) / others
        sd = np.sqrt(v + 1 / others)
    told = np.flatnonzero(several & np.isfinite(apart) & (sd > 0))
    one = np.ones(told.size)
    return Equations(
        z=apart[told] / sd[told],
        sd=sd[told],
        freedom=one * np.inf,
        material=material[told],
        of=np.arange(told.size),
        row=row[told],
        share=one,
        side=one,
        alone=0,
    )
