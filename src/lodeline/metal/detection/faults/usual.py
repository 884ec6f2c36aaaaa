"""What is usual in a book, supposed where nothing was measured, and only to look for faults.

A mill assays its feed, its concentrate and its tailings, and nobody assays the dust; one truck of six goes into a heap
unassayed. Then no balance of an element closes by what was measured, and a wrong certificate beside it could not show.
But a plant loses much the same part every time, and a truck carries ore like that of other trucks. So for the search
alone the problem is given what is usual among peers, with how far they differ as its standard uncertainty:

- *declared losses* of a process: the part of what goes in that is lost;
- *lost elements*: the part of each element that is lost with them, where all else that goes in and out was assayed;
- *unassayed lots*: the grade of lots of one material and deposit;
- *lots that nobody dried*: the moisture of such lots, where neither end of a road has one;
- *mixed stores*: what stays in a store that the master data or the policy call mixed is like what was drawn from it.

How far peers differ is what is seen beyond their readings, and at least as much as so many of them could hide. Nothing
of this enters a reconciled figure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.metal.detection.faults.peers import assayed, grades, kinds, usual
from lodeline.metal.detection.faults.stores import Drawn, drawn
from lodeline.metal.flows.words import FLOW, NODE
from lodeline.metal.reconciliation.model import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel
    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

LEAST_REST = 0.05
"""What stays in a store counts as at least this part of what was drawn: next to nothing would be all too sure."""


class Supposition(NamedTuple):
    """One observation of what is usual.

    Attributes:
        what: ``loss``, ``lost element``, ``grade``, ``moisture`` or ``store``.
        flow: A flow that it is about: the loss, the lot, what was drawn.
        element: Number of the element; -1 where it is about mass or moisture.
    """

    what: str
    flow: int
    element: int


class Supposed(NamedTuple):
    """A problem with what is usual.

    Attributes:
        model: The problem; what is added comes after its observations and variables.
        rows: (supposition,) their observations. listed: what each supposes.
    """

    model: Model
    rows: Rows
    listed: tuple[Supposition, ...]

    def counts(self) -> dict[str, int]:
        """How many there are, by what they suppose."""
        return dict(Counter(one.what for one in self.listed))


def with_usual(flows: Flows, ledger: LedgerModel, x: Array, mixed: Iterable[str]) -> Supposed:
    """The problem of a book with what is usual in it.

    Args:
        ledger: The problem.
        x: (variable,) a solution of it.
        mixed: URIs of stores that mix.
    """
    book = _Book(flows, ledger, x)
    _declared_losses(book)
    _lost_elements(book)
    _unassayed(book)
    _undried(book)
    _mixed(book, drawn(flows, ledger, x, book.grade_u, mixed))
    return Supposed(book.model(), np.array(book.rows, dtype=np.int64), tuple(book.listed))


class _Book:
    """A problem that is added to, and what is looked up in it."""

    def __init__(self, flows: Flows, ledger: LedgerModel, x: Array) -> None:
        self.flows, self.ledger = flows, ledger
        streams, flow = ledger.streams, flows.flows
        self.dry_kg = x[ledger.dry[streams.mass]]  # (flow,)
        self.dry = ledger.dry[streams.mass]
        self.composition, self.mass = streams.composition, streams.mass
        self.grade = assayed(ledger, x)
        self.grade_u = _grade_u(ledger)
        self.into: dict[int, list[int]] = defaultdict(list)
        self.out_of: dict[int, list[int]] = defaultdict(list)
        process = flows.nodes["kind"] == NODE["process"]
        for column, held in (("head", self.into), ("tail", self.out_of)):
            for row in np.flatnonzero(process[flow[column]]).tolist():
                held[int(flow[column][row])].append(row)
        self.runs = sorted(set(self.into) & set(self.out_of))
        self.rows: list[int] = []
        self.listed: list[Supposition] = []
        self.start: list[float] = []
        self.value: list[float] = []
        self.u: list[float] = []
        self._terms: list[tuple[int, float, int, int]] = []

    def plant(self, node: int) -> tuple[int, int]:
        """The place and the word of a process: its peers share both."""
        word = next((int(self.flows.flows["label"][row]) for row in self.into[node]), -1)
        return int(self.flows.nodes["place"][node]), word

    def variable(self, start: float) -> int:
        """A further unknown of typical size one."""
        self.start.append(start)
        return self.ledger.model.start.size + len(self.start) - 1

    def suppose(
        self, of: Supposition | None, value: float, u: float, *terms: tuple[float, int] | tuple[float, int, int]
    ) -> None:
        """A further observation, of ``coefficient * x[first] * x[second]``; None of no supposition by itself."""
        row = self.ledger.model.value.size + len(self.value)
        if of is not None:
            self.rows.append(row)
            self.listed.append(of)
        self._terms += [(row, one[0], one[1], one[2] if len(one) == 3 else -1) for one in terms]
        self.value.append(value)
        self.u.append(u)

    def model(self) -> Model:
        model, added = self.ledger.model, np.array(self._terms, dtype=np.float64).reshape(-1, 4)
        columns = [added[:, 0].astype(np.int64), added[:, 1], *(added[:, k].astype(np.int64) for k in (2, 3))]
        free = np.full(len(self.start), np.inf)
        return model._replace(
            start=np.concatenate([model.start, self.start]),
            scale=np.concatenate([model.scale, np.ones(len(self.start))]),
            lower=np.concatenate([model.lower, -free]),
            upper=np.concatenate([model.upper, free]),
            value=np.concatenate([model.value, self.value]),
            u=np.concatenate([model.u, self.u]),
            terms=Terms(*(np.concatenate(pair) for pair in zip(model.terms, columns, strict=True))),
        )


def _grade_u(ledger: LedgerModel) -> Array:
    """(composition, element) standard uncertainty of a grade by its own readings; infinite where there are none."""
    readings = ledger.read.fractions
    weight = np.zeros(ledger.grade.shape)
    np.add.at(weight, (ledger.streams.composition[readings.flow], readings.subject), readings.u**-2.0)
    with np.errstate(divide="ignore"):
        return np.asarray(weight**-0.5)


def _declared_losses(book: _Book) -> None:
    """``D = declared``, with the spread of ``declared / in`` among the runs of a plant."""
    flow = book.flows.flows
    groups: dict[tuple[int, ...], list[tuple[int, float, float]]] = defaultdict(list)
    for node in book.runs:
        into = sum(book.dry_kg[row] for row in book.into[node])
        for row in book.out_of[node]:
            said = float(flow["mass_kg"][row])
            if flow["kind"][row] == FLOW["loss"] and np.isfinite(said) and into > 0:
                groups[(*book.plant(node), int(flow["label"][row]))].append((row, said, into))
    for rows in groups.values():
        part = np.array([said / into for _, said, into in rows])
        of = usual(part, np.zeros(part.size))
        if of is None or of.apart <= 0:
            continue
        for row, said, into in rows:
            book.suppose(Supposition("loss", row, -1), said, of.apart * into, (1.0, int(book.dry[row])))


class _Run(NamedTuple):
    """One run of a process, for one element: what is lost of it.

    Attributes:
        node: The process. lost: the flow. variable: of what is lost of the element. into_kg: what went in of it.
        part: of that is lost, by what was assayed; reading_v: its variance by the assays.
    """

    node: int
    lost: int
    variable: int
    into_kg: float
    part: float
    reading_v: float


def _lost_elements(book: _Book) -> None:
    """``lost = part * in``, with the part that is usual for the plant, which its runs share, and their spread."""
    for element in range(len(book.ledger.elements)):
        groups: dict[tuple[int, int], list[_Run]] = defaultdict(list)
        for node in book.runs:
            run = _run(book, node, element)
            if run is not None:
                groups[book.plant(node)].append(run)
        for runs in groups.values():
            of = usual(np.array([run.part for run in runs]), np.array([run.reading_v for run in runs]))
            if of is None or of.apart <= 0:
                continue
            shared = book.variable(0.0)
            book.suppose(None, 0.0, 1.0, (1.0, shared))
            for run in runs:
                fed = [
                    (-of.middle, int(book.dry[row]), int(book.ledger.grade[book.composition[row], element]))
                    for row in book.into[run.node]
                ]
                common = (-of.middle_u * run.into_kg, shared)
                of_run = Supposition("lost element", run.lost, element)
                book.suppose(of_run, 0.0, of.apart * run.into_kg, (1.0, run.variable), common, *fed)


def _run(book: _Book, node: int, element: int) -> _Run | None:
    """A run of which everything was assayed but one loss."""
    kind = book.flows.flows["kind"]
    lost = [row for row in book.out_of[node] if kind[row] == FLOW["loss"]]
    if len(lost) != 1:
        return None
    variable = int(book.ledger.metal[book.mass[lost[0]], element])
    into, out = book.into[node], [row for row in book.out_of[node] if row != lost[0]]
    grade = book.grade[book.composition[[*into, *out]], element]
    if variable < 0 or np.isnan(grade).any():
        return None
    kg = book.dry_kg[[*into, *out]] * grade
    into_kg = float(kg[: len(into)].sum())
    if into_kg <= 0:
        return None
    u = book.dry_kg[[*into, *out]] * book.grade_u[book.composition[[*into, *out]], element]
    return _Run(node, lost[0], variable, into_kg, 1 - float(kg[len(into) :].sum()) / into_kg, float(u @ u) / into_kg**2)


def _unassayed(book: _Book) -> None:
    """``m = grade * D``, or ``g = grade``, of lots without an assay of it, by lots of their material and deposit."""
    ledger, first = book.ledger, book.ledger.streams.mass_of_first
    of = grades(book.flows, ledger, book.grade)
    flow_of = np.full(ledger.streams.compositions, -1, dtype=np.int64)
    flow_of[book.composition[::-1]] = np.arange(book.composition.size)[::-1]
    for composition, element in np.argwhere((ledger.grade >= 0) & ~ledger.assayed & (of.apart > 0)).tolist():
        of_lot = Supposition("grade", int(flow_of[composition]), element)
        middle, apart = float(of.middle[composition, element]), float(of.apart[composition, element])
        book.suppose(of_lot, middle, apart, (1.0, int(ledger.grade[composition, element])))
    for mass, element in zip(*(axis.tolist() for axis in np.nonzero(ledger.metal >= 0)), strict=True):
        composition = book.composition[first[mass]]
        middle, apart = float(of.middle[composition, element]), float(of.apart[composition, element])
        if apart > 0:
            kg = max(abs(float(book.dry_kg[first[mass]])), 1.0)
            metal, dry = int(ledger.metal[mass, element]), int(ledger.dry[mass])
            of_lot = Supposition("grade", int(first[mass]), element)
            book.suppose(of_lot, 0.0, apart * kg, (1.0, metal), (-middle, dry))


def _undried(book: _Book) -> None:
    """``w`` of lots that nobody dried at either end of a road, by lots of the same material and deposit."""
    flows, ledger, water = book.flows, book.ledger, book.ledger.streams.water
    flow, kind = flows.flows, kinds(flows, ledger)[book.composition]
    joined = np.flatnonzero((flow["kind"] == FLOW["receive"]) & (flow["inherits"] >= 0))
    ends = (water[joined], water[flow["inherits"][joined]])
    graph = sparse.coo_array((np.ones(joined.size), ends), shape=(ledger.streams.waters,) * 2)
    _, part = sparse.csgraph.connected_components(graph, directed=False)
    readings = ledger.read.moistures
    dried = np.zeros(ledger.streams.waters, dtype=bool)
    dried[part[water[readings.flow]]] = True
    read_kind = kind[readings.flow]
    flow_of = np.full(ledger.streams.waters, -1, dtype=np.int64)
    flow_of[water[::-1]] = np.arange(flow.rows)[::-1]
    wanted = np.flatnonzero((ledger.moisture >= 0) & ~dried[part] & (flow_of >= 0))
    for group in np.unique(kind[flow_of[wanted]]).tolist():
        of = usual(readings.value[read_kind == group], readings.u[read_kind == group] ** 2) if group >= 0 else None
        if of is None:
            continue
        u = float(np.hypot(of.apart, of.middle_u))
        for one in wanted[kind[flow_of[wanted]] == group].tolist():
            book.suppose(Supposition("moisture", int(flow_of[one]), -1), of.middle, u, (1.0, int(ledger.moisture[one])))


def _mixed(book: _Book, draws: Iterable[Drawn]) -> None:
    """``m = D g`` of what stays in a mixed store, g the grade of what was drawn."""
    groups: dict[tuple[int, int], list[Drawn]] = defaultdict(list)
    for one in draws:
        groups[one.place, one.element].append(one)
    for (_, element), several in groups.items():
        told = [one for one in several if np.isfinite(one.apart)]
        of = usual(np.array([one.apart for one in told]), np.array([one.reading_v for one in told]))
        if of is None:
            continue
        for one in several:
            metal = int(book.ledger.metal[book.mass[one.rest], element])
            grade = int(book.ledger.grade[book.composition[one.out], element])
            if metal < 0 or not book.ledger.assayed[book.composition[one.out], element]:
                continue
            kg = max(abs(float(book.dry_kg[one.rest])), LEAST_REST * abs(float(book.dry_kg[one.out])))
            u = of.apart * kg * float(book.grade[book.composition[one.out], element])
            if u > 0:
                of_draw = Supposition("store", one.out, element)
                book.suppose(of_draw, 0.0, u, (1.0, metal), (-1.0, int(book.dry[one.rest]), grade))
