"""Closures: what came out of a process of each element against what went in, among others of its kind.

Compared is the mass of the element; of a split, a blend or a store its grade, so that an error of the masses matters
little, and neither does what is still in it. A process has peers: the same process at the same place, with the same
materials of known content on both sides and as many inlets whose content is guessed. What is usual among them is the
median of ``ln(out / in)``: less than everything comes out where a loss or an outlet is not assayed, and a laboratory
may always find more in a concentrate than in its feed. So only what is unlike its peers shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.grouping import squared_together, summed
from lodeline.metal.detection.limits.usual import usual
from lodeline.metal.flows.words import FLOW
from lodeline.metal.stations import LOGISTIC
from lodeline.metal.weighed import weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Closures(NamedTuple):
    """The closures of one element.

    Attributes:
        z: (closure,) how far each is from its peers, in its standard uncertainties.
        sd: (closure,) standard deviation of ``ln(out / in)``.
        freedom: (closure,) degrees of freedom of that; infinite where the certificates of all flows tell it.
        of: (term,) the closure of each term: a determination in a closure, with all flows that it gives the content of.
        row: (term,) row of the determination.
        share: (term,) its part of what went in, or came out.
        out: (term,) whether it came out.
        flow: (term,) one of its flows.
        alone: How many closures had too few peers.
    """

    z: Array
    sd: Array
    freedom: Array
    of: Rows
    row: Rows
    share: Array
    out: Flags
    flow: Rows
    alone: int


class Processes:
    """The inlets and outlets of every process, shared by all elements."""

    def __init__(self, flows: Flows) -> None:
        flow, nodes = flows.flows, flows.nodes
        out = flow["kind"] == FLOW["process_out"]
        self.rows = np.flatnonzero((flow["kind"] == FLOW["process_in"]) | out)
        self.out = out[self.rows]
        node = np.where(self.out, flow["tail"][self.rows], flow["head"][self.rows]).astype(np.int64)
        word = np.full(nodes.rows, -1, dtype=np.int64)
        word[node] = flow["label"][self.rows]
        named = np.arange(nodes.rows)
        if flows.index("store") >= 0:
            # A store is a node an event; all of one name are one store.
            store = (word == flows.index("store")) & (nodes["name"] >= 0)
            named = np.where(store, nodes.rows + nodes["name"].astype(np.int64), named)
        _, first, of = np.unique(named[node], return_index=True, return_inverse=True)
        self.of, self.count = of.ravel(), first.size
        self.word, self.place = word[node[first]], nodes["place"][node[first]].astype(np.int64)
        self.logistic = np.isin(self.word, [flows.index(one) for one in LOGISTIC if flows.index(one) >= 0])
        material = np.full(len(flows.names) + 1, -1, dtype=np.int64)
        material[flows.lots["lot"]] = flows.lots["material"]
        self.material = material[flow["lot"][self.rows]]
        self.kg = np.nan_to_num(weighed(flows, flows.dry()._replace(kg=flow["mass_kg"])).kg[self.rows])

    def total(self, values: Array, where: Flags) -> Array:
        """(process,) the sum over these of its inlets and outlets."""
        return summed(values[where], self.of[where], self.count)

    def closures(self, mass: ElementMass, laboratory: Rows, laboratory_u: Array) -> Closures:
        """The closures of an element, of every process of which some content is known on either side.

        Args:
            mass: Of the element, from ``weighed(flows, flows.element(symbol))``.
            laboratory: (measurement,) name of the laboratory; -1 unsaid.
            laboratory_u: (name,) standard uncertainty of its bias, as a part of the value; the last is of none.
        """
        kg, row = mass.kg[self.rows], mass.row[self.rows]
        known = (kg > 0) & (row >= 0)
        outs, ins = known & self.out, known & ~self.out
        came, went = self.total(kg, outs), self.total(kg, ins)
        filled, blind = self._filled(kg, ins)
        with np.errstate(divide="ignore", invalid="ignore"):
            weighed_too = self.total(self.kg, self.out) / self.total(self.kg, ~self.out)
            x = np.log(came / filled / np.where(self.logistic, weighed_too, 1.0))
            share = kg / np.where(self.out, came[self.of], went[self.of])
        readings = self._readings(mass, known, share, laboratory[row], laboratory_u)
        usable = np.flatnonzero(np.isfinite(x) & ~self._copied(known, row))
        found = usual(x[usable], readings[usable], self._peers(known, blind)[usable])
        told = ~np.isnan(found.x) & (found.v > 0)
        sure = np.bincount(self.of[~known], minlength=self.count)[usable[told]] == 0
        sure &= ~np.isnan(readings[usable[told]])
        z = found.x[told] / np.sqrt(found.v[told])
        at = np.full(self.count, -1, dtype=np.int64)
        at[usable[told]] = np.arange(z.size)
        term = np.flatnonzero(known & (at[self.of] >= 0))
        key, first, of_key = np.unique(
            np.stack([at[self.of[term]], row[term], self.out[term].astype(np.int64)]),
            axis=1,
            return_index=True,
            return_inverse=True,
        )
        return Closures(
            z,
            np.sqrt(found.v[told]),
            np.where(sure, np.inf, found.freedom[told]),
            key[0],
            key[1],
            summed(share[term], of_key.ravel(), first.size),
            key[2].astype(bool),
            self.rows[term[first]],
            int((~told).sum()),
        )

    def _filled(self, kg: Array, ins: Flags) -> tuple[Array, Rows]:
        """(process,) what went in, and how many inlets that is guessed for.

        An inlet of unknown content has about the grade of what else of its material went in. Of a material of which
        nothing is known nothing is guessed: among peers that is the same.
        """
        into = np.flatnonzero(~self.out)
        key, group = np.unique(np.stack([self.of[into], self.material[into]]), axis=1, return_inverse=True)
        group, count = group.ravel(), key.shape[1]
        mass, seen = self.kg[into], ins[into]
        held = summed(kg[into][seen], group[seen], count)
        of_known, of_all = summed(mass[seen], group[seen], count), summed(mass, group, count)
        with np.errstate(divide="ignore", invalid="ignore"):
            filled = np.where(of_known > 0, held * of_all / of_known, 0.0)
        guessed = ~seen & (of_known[group] > 0)
        return (
            summed(filled, key[0], self.count),
            np.bincount(self.of[into][guessed], minlength=self.count).astype(np.int64),
        )

    def _peers(self, known: Flags, blind: Rows) -> Rows:
        """(process,) number of the group of each process."""
        # The materials of known content as a set: a sum of one random number each, taken once.
        side = np.unique(np.stack([self.of[known], self.material[known], self.out[known]]), axis=1)
        weight = np.random.Generator(np.random.PCG64(0)).integers(1, 2**44, (2, int(self.material.max(initial=0)) + 2))
        several = summed(weight[side[2], side[1]].astype(np.float64), side[0], self.count)
        key = np.stack([self.word, self.place, several.astype(np.int64), blind])
        _, peers = np.unique(key, axis=1, return_inverse=True)
        return peers.ravel().astype(np.int64)

    def _copied(self, known: Flags, row: Rows) -> Flags:
        """(process,) whether a determination stands on both sides, so that they agree whatever is true."""
        side = np.unique(np.stack([self.of[known], row[known], self.out[known]]), axis=1)
        key, several = np.unique(side[:2], axis=1, return_counts=True)
        return np.bincount(key[0, several > 1], minlength=self.count) > 0

    def _readings(self, mass: ElementMass, known: Flags, share: Array, laboratory: Rows, laboratory_u: Array) -> Array:
        """(process,) variance of ``ln(out / in)`` by the readings; NaN where one is unknown.

        Grades of logistic processes are hardly moved by what was weighed; flows of one determination are off together,
        and so are those of one laboratory.
        """
        sign = np.where(self.out, 1.0, -1.0)
        u, kg = mass.u_kg[self.rows], mass.kg[self.rows]
        alone = u**2
        v = np.zeros(self.count)
        with np.errstate(divide="ignore", invalid="ignore"):
            per_kg = share / kg
        for number, of in enumerate(mass.shares):
            part = of.u_kg[self.rows]
            alone = alone - part**2
            where = known & (of.row[self.rows] >= 0) & ~(self.logistic[self.of] & (number > 0))
            v += squared_together((sign * part * per_kg)[where], self.of[where], of.row[self.rows][where], self.count)
        biased = sign * laboratory_u[laboratory] * share
        v += squared_together(biased[known], self.of[known], laboratory[known], self.count)
        own = np.where(known & ~self.logistic[self.of], np.maximum(alone, 0.0) * per_kg**2, 0.0)
        return np.asarray(v + summed(own, self.of, self.count))
