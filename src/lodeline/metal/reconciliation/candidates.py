"""Candidates: every single weighing, moisture and assay that could yet be made, and how sure each would be.

A new reading is written as what it would read, linearised at the reconciled values: ``q @ x``, with the bias of its
instrument in it, so that weighing again on the same scale does not average that scale's bias away. Its standard
uncertainty is that of the last reading of the very thing by the same instrument; else of the last one at the same
place; else the median of its kind in the book, and then of an instrument of which no bias is counted. Masses are taken
in kg, moistures too as they are, fractions as a part of the value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.metal.flows.words import CLOSING, FLOW, QUANTITY
from lodeline.metal.reconciliation.weights import undetermined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.readings import Readings
    from lodeline.metal.reconciliation.reconciled import Reconciled

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

KINDS = ("weighing", "moisture", "assay")
WEIGHING, MOISTURE, ASSAY = range(3)
SOURCES = ("the last reading of it", "the last reading of its kind there", "the median reading of its kind in the book")
"""Where the uncertainty of a candidate is from."""
AGAIN, THERE, MEDIAN = range(3)


class Candidates(NamedTuple):
    """What could yet be measured; (candidate,) each.

    Attributes:
        kind: Index into :data:`KINDS`.
        flow: The flow that would be measured, or sampled.
        element: Of an assay, index into the elements of the book; else -1.
        wet: Whether a mass would be read with its water.
        gradient: (candidate, variable) derivative of what would be read.
        u: Its standard uncertainty, kg or kg per kg; NaN of an assay of which nobody knows what it will find, since its
            uncertainty is a part of that.
        source: Where that is from, an index into :data:`SOURCES`.
        instrument: Index of the name of the scale or laboratory; -1 where none in particular is meant.
        now: Whether what would be measured is still there, held or on the road at the end of the book.
        again: The observation that it would repeat, of which the variance is known already; -1: none.
    """

    kind: Rows
    flow: Rows
    element: Rows
    wet: Flags
    gradient: sparse.csr_array
    u: Array
    source: Rows
    instrument: Rows
    now: Flags
    again: Rows


def candidates(reconciled: Reconciled) -> Candidates:
    """Every candidate of a book; :attr:`Reconciled.candidates` keeps them."""
    making = _Making(reconciled)
    return _unsaid(reconciled, _together([making.weighings(), making.moistures(), *making.assays()]))


def _unsaid(reconciled: Reconciled, made: Candidates) -> Candidates:
    """Without an uncertainty of first assays whose outcome nothing determines."""
    first = np.flatnonzero((made.kind == ASSAY) & (made.source != AGAIN))
    lost = first[undetermined(reconciled.solution, sparse.csr_array(made.gradient[first]))]
    u = made.u.copy()
    u[lost] = np.nan
    return made._replace(u=u)


def those(of: Candidates, chosen: Flags) -> Candidates:
    """Some of the candidates."""
    columns = {name: getattr(of, name)[chosen] for name in Candidates._fields if name != "gradient"}
    return Candidates(gradient=sparse.csr_array(of.gradient[np.flatnonzero(chosen)]), **columns)


class _Wanted(NamedTuple):
    """Things of one kind that could be measured; (thing,) each.

    Attributes:
        flow: A flow that has it. value: what it is. main: (thing, variable) derivative of that.
        last: Place of its last reading in the readings, -1: none.
        variable: The unknown that it is; -1 where it is made of several.
    """

    flow: Rows
    value: Array
    main: sparse.csr_array
    last: Rows
    variable: Rows


class _Making:
    """Candidates of one book."""

    def __init__(self, reconciled: Reconciled) -> None:
        self._one = reconciled
        self._of, self._x = reconciled.ledger, reconciled.solution.x
        flow = reconciled.flows.flows
        self._place = _places(reconciled)
        self._closing = flow["head"] == CLOSING
        self._representative = _representatives(reconciled)
        self._bias = _BiasTerms(reconciled)

    def weighings(self) -> Candidates:
        """Of every dry mass, as it was last weighed; what no scale has seen, wet where a moisture tells the water."""
        of, x, streams = self._of, self._x, self._of.streams
        flow = self._representative
        kept = np.flatnonzero(flow >= 0)
        masses = of.read.masses
        declared = self._one.flows.measurements["quantity"][masses.row] == QUANTITY["declared"]
        last = _last(streams.mass[masses.flow], masses.at, streams.masses, ~declared)
        read = np.where(last >= 0, self._bias.main[of.mass_row[last]] if of.mass_row.size else -1, -1)
        water = of.moisture[streams.water[np.maximum(flow, 0)]]
        wetted = (read < 0) & (water >= 0)
        dry, share = x[of.dry], 1 - np.where(wetted, x[water], 0.0)
        share = np.where(np.abs(share) > np.finfo(float).eps, share, 1.0)
        value = np.where(read >= 0, x[read], dry / share)
        variable = np.where(read >= 0, read, of.dry)
        row = np.arange(streams.masses)
        main = sparse.csr_array((1 / share, (row, variable)), shape=(row.size, x.size))
        at = np.flatnonzero(wetted)
        main = main + sparse.csr_array((dry[at] / share[at] ** 2, (at, water[at])), shape=main.shape)
        wet = wetted | ((last >= 0) & masses.wet[last] if masses.wet.size else wetted)
        wanted = _Wanted(flow[kept], value[kept], sparse.csr_array(main[kept]), last[kept], variable[kept])
        there = np.zeros(streams.masses, dtype=bool)
        there[streams.mass[self._closing]] = True
        return self._made(WEIGHING, wanted, masses, of.mass_row, there[kept], wet=wet[kept], usable=~declared)

    def moistures(self) -> Candidates:
        """Of every water of which a moisture would say anything."""
        of, x, streams = self._of, self._x, self._of.streams
        kept = np.flatnonzero(of.moisture >= 0)
        variable = of.moisture[kept]
        read = of.read.moistures
        last = _last(streams.water[read.flow], read.at, streams.waters, np.ones(read.row.size, dtype=bool))
        main = sparse.csr_array((np.ones(kept.size), (np.arange(kept.size), variable)), shape=(kept.size, x.size))
        there = np.zeros(streams.waters, dtype=bool)
        there[streams.water[self._closing]] = True
        flow = self._of_part(streams.water, streams.waters)[kept]
        wanted = _Wanted(flow, x[variable], main, last[kept], variable)
        return self._made(MOISTURE, wanted, read, of.moisture_row, there[kept])

    def assays(self) -> list[Candidates]:
        """Of every composition for every element that has an unknown in it, one element after another."""
        of, x, streams = self._of, self._x, self._of.streams
        read = of.read.fractions
        there = np.zeros(streams.compositions, dtype=bool)
        there[streams.composition[self._closing]] = True
        of_composition = self._of_part(streams.composition, streams.compositions)
        found = []
        for element in range(len(of.elements)):
            ours = read.subject == element
            last = _last(streams.composition[read.flow], read.at, streams.compositions, ours)
            kept = np.flatnonzero(of.grade[:, element] >= 0)
            variable = of.grade[kept, element]
            main = sparse.csr_array((np.ones(kept.size), (np.arange(kept.size), variable)), shape=(kept.size, x.size))
            graded = _Wanted(of_composition[kept], x[variable], main, last[kept], variable)
            found.append(self._made(ASSAY, graded, read, of.fraction_row, there[kept], element=element, usable=ours))
            mass = np.flatnonzero((of.metal[:, element] >= 0) & (self._representative >= 0) & (x[of.dry] > 0))
            if mass.size:
                kg, metal = x[of.dry[mass]], x[of.metal[mass, element]]
                row = np.arange(mass.size)
                entries = (np.concatenate([1 / kg, -metal / kg**2]), (np.tile(row, 2), np.concatenate(
                    [of.metal[mass, element], of.dry[mass]])))  # fmt: skip
                flow = self._representative[mass]
                none = np.full(mass.size, -1)
                main = sparse.csr_array(entries, shape=(mass.size, x.size))
                bare = _Wanted(flow, metal / kg, main, none, none)
                still = there[streams.composition[flow]]
                found.append(self._made(ASSAY, bare, read, of.fraction_row, still, element=element, usable=ours))
        return found

    def _made(
        self,
        kind: int,
        wanted: _Wanted,
        read: Readings,
        rows: Rows,
        now: Flags,
        *,
        element: int = -1,
        wet: Flags | None = None,
        usable: Flags | None = None,
    ) -> Candidates:
        """The candidates of some things, each with the instrument that would read it."""
        may = np.ones(read.row.size, dtype=bool) if usable is None else usable
        reading = np.where(wanted.last >= 0, wanted.last, self._at_place(read, may, wanted.flow))
        some = reading >= 0
        source = np.where(wanted.last >= 0, AGAIN, np.where(some, THERE, MEDIAN))
        row = np.where(some, rows[reading] if rows.size else -1, -1)
        # What a wet assay read is not the fraction in dry mass, and so no repetition of it.
        main = self._bias.main[row] if self._bias.main.size else np.full(row.size, -1)
        again = np.where((source == AGAIN) & (main == wanted.variable), row, -1)
        u = self._u(kind, wanted.value, read, may, reading, source)
        known = np.flatnonzero(np.isfinite(u) & (u > 0))
        size = known.size
        return Candidates(
            kind=np.full(size, kind),
            flow=wanted.flow[known],
            element=np.full(size, element),
            wet=np.zeros(size, dtype=bool) if wet is None else wet[known],
            gradient=sparse.csr_array(self._bias.with_bias(wanted.main, wanted.value, row)[known]),
            u=u[known],
            source=source[known],
            instrument=np.where(some, read.by[reading] if read.by.size else -1, -1)[known],
            now=now[known],
            again=again[known],
        )

    def _u(self, kind: int, value: Array, read: Readings, may: Flags, reading: Rows, source: Rows) -> Array:
        """The uncertainty of each candidate; NaN where nothing of its kind was ever read.

        Args:
            value: What is read. reading: the place of the reading it is taken from; -1: none.
        """
        if not read.u.size:
            return np.full(value.size, np.nan)
        u, of = read.u[reading], read.value[reading]
        if kind != ASSAY:
            return np.where(source == MEDIAN, np.median(read.u[may]) if may.any() else np.nan, u)
        # Of a fraction below what could be read the limit says how sure it is, whatever it is a part of.
        scaled = np.where(of > 0, u / np.where(of > 0, of, 1.0), np.inf) * np.abs(value)
        elsewhere = np.where(np.isfinite(scaled) & (scaled > 0), scaled, u)
        usable = may & (read.value > 0)
        part = np.median(read.u[usable] / read.value[usable]) if usable.any() else np.nan
        return np.select([source == AGAIN, source == THERE], [u, elsewhere], part * np.abs(value))

    def _at_place(self, read: Readings, may: Flags, flow: Rows) -> Rows:
        """The last reading at the place of each flow; -1: none."""
        last = _last(self._place[read.flow], read.at, int(self._place.max(initial=-1)) + 1, may)
        here = self._place[flow]
        return np.where(here >= 0, last[here], -1) if last.size else np.full(flow.size, -1)

    def _of_part(self, part: Rows, parts: int) -> Rows:
        """(part,) a flow of each water or composition: of what is still there first, else the first."""
        count = part.size
        first = np.full(parts, count, dtype=np.int64)
        np.minimum.at(first, part, np.arange(count))
        at = np.flatnonzero(self._closing)
        first[part[at[::-1]]] = at[::-1]
        return first


class _BiasTerms:
    """Which biases are in which observation, and what else an observation is of."""

    def __init__(self, reconciled: Reconciled) -> None:
        model, biases = reconciled.solution.model, reconciled.ledger.biases
        self._x, terms = reconciled.solution.x, model.terms
        is_bias = np.zeros(self._x.size + 1, dtype=bool)
        is_bias[np.array(biases.variable, dtype=np.int64)] = True
        own = (terms.second < 0) & ~is_bias[terms.first]
        self.main = np.full(model.value.size, -1, dtype=np.int64)
        self.main[terms.row[own]] = terms.first[own]
        prior = np.zeros(model.value.size, dtype=bool)
        prior[np.array(biases.observation, dtype=np.int64)] = True
        relative = (terms.second >= 0) & is_bias[terms.second] & ~prior[terms.row]
        offset = (terms.second < 0) & is_bias[terms.first] & ~prior[terms.row]
        shape = (model.value.size, self._x.size)
        self._relative = _ones(terms.row[relative], terms.second[relative], shape)
        self._offset = _ones(terms.row[offset], terms.first[offset], shape)

    def with_bias(self, main: sparse.csr_array, value: Array, row: Rows) -> sparse.csr_array:
        """(thing, variable) the derivative of what would be read, with the biases that are in the observations ``row``.

        ``read = value (1 + biases) + offsets``; row -1: by an instrument of which none is counted.
        """
        inside = np.flatnonzero(row >= 0)
        pick = sparse.csr_array(
            (np.ones(inside.size), (inside, row[inside])), shape=(row.size, self._relative.shape[0])
        )
        relative, offset = pick @ self._relative, pick @ self._offset
        factor = 1 + relative @ self._x
        return sparse.csr_array(sparse.diags_array(factor) @ main + sparse.diags_array(value) @ relative + offset)


def _ones(row: Rows, column: Rows, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(row.size), (row, column)), shape=shape)


def _last(part: Rows, at: Rows, parts: int, may: Flags) -> Rows:
    """(part,) the place of the last reading of each, of two at one instant the later row; -1: none."""
    found = np.full(parts, -1, dtype=np.int64)
    order = np.lexsort((np.arange(part.size), at))
    order = order[may[order] & (part[order] >= 0)]
    found[part[order]] = order
    return found


def _places(reconciled: Reconciled) -> Rows:
    """(flow,) where each lies: the place it leaves, else the one it comes to; -1 where nobody said."""
    flow, place = reconciled.flows.flows, reconciled.flows.nodes["place"].astype(np.int64)
    left = place[flow["tail"]]
    return np.asarray(np.where(left >= 0, left, place[flow["head"]]))


def _representatives(reconciled: Reconciled) -> Rows:
    """(mass,) a flow of each dry mass, rather one that is held, was made or moved than one that lay; -1 of losses."""
    kind = reconciled.flows.flows["kind"]
    mass, masses = reconciled.ledger.streams.mass, reconciled.ledger.streams.masses
    rank = np.full(len(FLOW), 0)
    for better, word in enumerate(("stock", "transfer", "ending", "process_in", "receive", "ship", "arising"), 1):
        rank[FLOW[word]] = better
    rank[FLOW["process_out"]], rank[FLOW["closing"]] = 8, 9
    rank[[FLOW["transit_loss"], FLOW["loss"]]] = -1
    order = np.lexsort((-np.arange(kind.size), rank[kind]))
    order = order[rank[kind[order]] >= 0]
    found = np.full(masses, -1, dtype=np.int64)
    found[mass[order]] = order
    return found


def _together(parts: list[Candidates]) -> Candidates:
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Candidates._fields
        if name != "gradient"
    }
    gradient = sparse.csr_array(sparse.vstack([part.gradient for part in parts]))
    return Candidates(gradient=gradient, **columns)
