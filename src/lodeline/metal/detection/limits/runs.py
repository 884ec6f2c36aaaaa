"""Runs: every process with its inlets and outlets, for limits on what one may give of what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.limits.gaps import gaps
from lodeline.metal.flows.words import FLOW
from lodeline.metal.stations import LOGISTIC
from lodeline.metal.weighed import counts_as

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

STORE = "store"
"""What is in a store carries over from event to event: whether more came out of it is seen when it is empty."""


class Crossed(NamedTuple):
    """A limit against every run that it can be held against; (comparison,) each.

    Attributes:
        run: Which.
        gap_kg, u_kg: By how much it is over, and the standard uncertainty.
        z: Of one by the other.
        unbound: Reason to number: runs that it cannot be held against.
    """

    run: Rows
    gap_kg: Array
    u_kg: Array
    z: Array
    unbound: dict[str, int]


class Runs:
    """All processes but stores, each a run.

    Attributes:
        rows: (part,) flows into and out of runs. out: (part,) which came out. of: (part,) the run.
        node, word, place: (run,) the node, and names of what it does and of where.
        works: (run,) whether it makes new material.
    """

    def __init__(self, flows: Flows) -> None:
        flow = flows.flows
        out = flow["kind"] == FLOW["process_out"]
        rows = np.flatnonzero((flow["kind"] == FLOW["process_in"]) | out)
        rows = rows[flow["label"][rows] != flows.index(STORE)] if flows.index(STORE) >= 0 else rows
        self.rows, self.out = rows, out[rows]
        node = np.where(self.out, flow["tail"][rows], flow["head"][rows]).astype(np.int64)
        self.node, first, of = np.unique(node, return_index=True, return_inverse=True)
        self.of = of.ravel()
        self.word = flow["label"][rows[first]].astype(np.int64)
        self.place = flows.nodes["place"][self.node].astype(np.int64)
        logistic = [index for index in map(flows.index, LOGISTIC) if index >= 0]
        self.works = ~np.isin(self.word, logistic)
        material = np.full(len(flows.names) + 1, -1, dtype=np.int64)
        material[flows.lots["lot"]] = flows.lots["material"]
        self.material = material[flow["lot"][rows]]

    def compared(
        self,
        flows: Flows,
        context: Context,
        mass: ElementMass,
        *,
        into: float | Array,
        out: float | Array,
        among: Flags | None = None,
        whole: bool = False,
        outlets: Flags | None = None,
    ) -> Crossed:
        """Whether ``out * outlets + into * inlets`` is above 0, run by run.

        Args:
            mass: From ``weighed(flows, …)``.
            into, out: Weights, (run,) or one for all.
            among: (run,) the runs it is about; all if not given.
            whole: Whether all outlets must be known; else an unknown one counts as nothing.
            outlets: (part,) the outlets it is about; all if not given.
        """
        count = self.node.size
        among = np.ones(count, dtype=bool) if among is None else among
        wanted = ~self.out | (self.out if outlets is None else outlets & self.out)
        told = ~np.isnan(mass.kg[self.rows]) & ~np.isnan(mass.u_kg[self.rows])

        def some(where: Flags) -> Flags:
            return np.bincount(self.of[where], minlength=count) > 0

        asked = among & some(told & self.out & wanted) & some(~self.out)
        blind = some(~told & ~self.out) | (some(~told & self.out & wanted) if whole else False)
        # Nothing of it known on either side: the limit is about something else.
        asked &= some(told & ~self.out) | blind
        bound = asked & ~blind
        part = np.flatnonzero(told & wanted & bound[self.of])
        weight = np.where(
            self.out[part], np.broadcast_to(out, count)[self.of[part]], np.broadcast_to(into, count)[self.of[part]]
        )
        number = np.cumsum(bound) - 1
        found = gaps(
            flows,
            context,
            mass,
            rows=self.rows[part],
            group=number[self.of[part]],
            weight=weight,
            count=int(bound.sum()),
        )
        sure = found.u_kg > 0
        unbound = int((asked & blind).sum()) + int((~sure).sum())
        return Crossed(
            np.flatnonzero(bound)[sure],
            found.kg[sure],
            found.u_kg[sure],
            found.kg[sure] / found.u_kg[sure],
            {"runs with a mass, an assay or an uncertainty missing": unbound} if unbound else {},
        )

    def said(self, flows: Flows, run: int) -> str:
        """A run in words."""
        word, place = flows.name(int(self.word[run])) or "A process", flows.name(int(self.place[run]))
        name = flows.name(int(flows.nodes["name"][self.node[run]]))
        return (
            f"Process {name or word}"
            + (f" ({word})" if name not in (None, word) else "")
            + (f" at {place}" if place else "")
        )

    def of_run(
        self, flows: Flows, context: Context, run: int, mass: ElementMass, act: str, detail: str
    ) -> dict[str, Any]:
        """Entries and lots of a run, with the readings that its masses rest on, and what would settle it."""
        rows = self.rows[self.of == run]
        flow, measured = flows.flows, flows.measurements
        read = [context.sides.mass_row[counts_as(flows)[rows]], *(share.row[rows] for share in mass.shares)]
        entries = {int(measured["seq"][row]) for row in np.unique(np.concatenate(read)).tolist() if row >= 0}
        lots = dict.fromkeys(name for lot in flow["lot"][rows].tolist() if (name := flows.name(int(lot))) is not None)
        name = flows.name(int(flows.nodes["name"][self.node[run]])) or flows.name(int(self.place[run])) or ""
        return {
            "entries": tuple(sorted((entries | {int(entry) for entry in flow["seq"][rows]}) - {-1})),
            "lots": tuple(lots),
            "settle": (Settle(act=act, subject=name, detail=detail),),
        }
