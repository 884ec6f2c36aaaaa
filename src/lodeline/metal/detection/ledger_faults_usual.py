"""What is usual in a book, supposed where nothing was measured, and only to look for faults.

A mill assays its feed, its concentrate and its tailings, and nobody assays the dust; one truck of six goes into a heap
unassayed. Then no balance of an element closes by what was measured, and a wrong certificate beside it could not show.
But a plant loses much the same part every time, and a truck carries ore like that of other trucks. So for the search
alone the problem is given what is usual among peers, with how far they differ as its standard uncertainty:

- *declared losses* of a process: the part of what goes in that is lost;
- *lost elements*: the part of each element that is lost with them, where all else that goes in and out was assayed;
- *unassayed lots*: the grade of lots of one material and deposit;
- *mixed stores*: what stays in a store that the master data or the policy call mixed is like what was drawn from it.

How far peers differ is what is seen beyond their readings, and at least as much as so many of them could hide. Nothing
of this enters a reconciled figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.ledger_faults_stores import Drawn, drawn
from lodeline.metal.detection.limits_usual import LEAST, MEDIAN_VARIANCE, spread
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


class Usual(NamedTuple):
    """What is usual among peers.

    Attributes:
        middle: Their median. middle_u: how well it is known.
        apart: How far peers differ beyond what their readings explain, at least as much as so many of them could hide.
    """

    middle: float
    middle_u: float
    apart: float


class Supposed(NamedTuple):
    """A problem with what is usual.

    Attributes:
        model: The problem; what is added comes after its observations and variables.
        counts: How many observations were added, by what they suppose.
    """

    model: Model
    counts: Mapping[str, int]


def usual(values: Array, reading_v: Array) -> Usual | None:
    """What is usual among values with variances by their readings; None where they are too few."""
    if values.size < LEAST:
        return None
    middle, typical = float(np.median(values)), float(np.median(reading_v))
    # What was read worse deviates more: each by its own reading, as if it were as sure as is typical.
    worse = np.sqrt(typical / np.maximum(reading_v, typical)) if typical > 0 else np.ones(values.size)
    of = spread((values - middle) * worse)
    hidden = max(of.sd**2, typical) * np.sqrt(2 / of.freedom)
    beyond = max(of.sd**2 - typical, hidden)
    return Usual(middle, float(np.sqrt(MEDIAN_VARIANCE / values.size) * of.sd), float(np.sqrt(beyond)))


class Grades(NamedTuple):
    """What grade is usual for each composition, by lots of the same material and deposit; (composition, element) each.

    Attributes:
        middle: kg per kg. apart: how far lots differ, and how well the middle is known, together; 0 where too few are
            like it.
    """

    middle: Array
    apart: Array


def grades(flows: Flows, ledger: LedgerModel, grade: Array) -> Grades:
    """What grades are usual.

    Args:
        grade: (composition, element) as far as assayed, else NaN.
    """
    kind = _kinds(flows, ledger)
    middle, apart = np.zeros(grade.shape), np.zeros(grade.shape)
    for group in np.unique(kind[kind >= 0]).tolist():
        members = np.flatnonzero(kind == group)
        for element in range(grade.shape[1]):
            values = grade[members, element]
            values = values[np.isfinite(values)]
            of = usual(values, np.zeros(values.size))
            if of is not None:
                middle[members, element] = of.middle
                apart[members, element] = np.hypot(of.apart, of.middle_u) if of.apart > 0 else 0.0
    return Grades(middle, apart)


def _kinds(flows: Flows, ledger: LedgerModel) -> Rows:
    """(composition,) a number for each pair of material and deposit; -1 where the material is unknown."""
    lots, flow, composition = flows.lots, flows.flows, ledger.streams.composition
    row_of = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    row_of[lots["lot"]] = np.arange(lots.rows)
    first = np.full(ledger.streams.compositions, flow.rows, dtype=np.int64)
    np.minimum.at(first, composition, np.arange(flow.rows))
    lot = row_of[flow["lot"][first]]
    material, deposit = (lots[column][lot].astype(np.int64) for column in ("material", "deposit"))
    return np.where((lot >= 0) & (material >= 0), material * (len(flows.names) + 1) + deposit, -1)


def with_usual(flows: Flows, ledger: LedgerModel, x: Array, mixed: Iterable[str]) -> Supposed:
    """The problem of a book with what is usual in it.

    Args:
        ledger: The problem.
        x: (variable,) a solution of it.
        mixed: URIs of stores that mix.
    """
    book = _Book(flows, ledger, x)
    counts = {
        "declared losses": _declared_losses(book),
        "lost elements": _lost_elements(book),
        "unassayed lots": _unassayed(book),
        "mixed stores": _mixed(book, drawn(flows, ledger, x, book.grade_u, mixed)),
    }
    return Supposed(book.model(), counts)


def assayed(ledger: LedgerModel, x: Array) -> Array:
    """(composition, element) grades; NaN where nobody assayed it."""
    return np.where(ledger.grade >= 0, x[np.maximum(ledger.grade, 0)], np.nan)


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

    def observe(self, value: float, u: float, *terms: tuple[float, int] | tuple[float, int, int]) -> None:
        """A further observation, of ``coefficient * x[first] * x[second]``."""
        row = self.ledger.model.value.size + len(self.value)
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


def _declared_losses(book: _Book) -> int:
    """``D = declared``, with the spread of ``declared / in`` among the runs of a plant."""
    flow = book.flows.flows
    groups: dict[tuple[int, ...], list[tuple[int, float, float]]] = defaultdict(list)
    for node in book.runs:
        into = sum(book.dry_kg[row] for row in book.into[node])
        for row in book.out_of[node]:
            said = float(flow["mass_kg"][row])
            if flow["kind"][row] == FLOW["loss"] and np.isfinite(said) and into > 0:
                groups[(*book.plant(node), int(flow["label"][row]))].append((row, said, into))
    added = 0
    for rows in groups.values():
        part = np.array([said / into for _, said, into in rows])
        of = usual(part, np.zeros(part.size))
        if of is None or of.apart <= 0:
            continue
        for row, said, into in rows:
            book.observe(said, of.apart * into, (1.0, int(book.dry[row])))
        added += len(rows)
    return added


class _Run(NamedTuple):
    """One run of a process, for one element: what is lost of it.

    Attributes:
        node: The process. variable: of what is lost. into_kg: what went in. part: of that is lost, by what was assayed;
        reading_v: its variance by the assays.
    """

    node: int
    variable: int
    into_kg: float
    part: float
    reading_v: float


def _lost_elements(book: _Book) -> int:
    """``lost = part * in``, with the part that is usual for the plant, which its runs share, and their spread."""
    added = 0
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
            book.observe(0.0, 1.0, (1.0, shared))
            for run in runs:
                fed = [
                    (-of.middle, int(book.dry[row]), int(book.ledger.grade[book.composition[row], element]))
                    for row in book.into[run.node]
                ]
                common = (-of.middle_u * run.into_kg, shared)
                book.observe(0.0, of.apart * run.into_kg, (1.0, run.variable), common, *fed)
            added += len(runs)
    return added


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
    return _Run(node, variable, into_kg, 1 - float(kg[len(into) :].sum()) / into_kg, float(u @ u) / into_kg**2)


def _unassayed(book: _Book) -> int:
    """``m = grade * D`` of lots without an assay of an element, by lots of the same material and deposit."""
    ledger, first = book.ledger, book.ledger.streams.mass_of_first
    of = grades(book.flows, ledger, book.grade)
    added = 0
    for mass, element in zip(*np.nonzero(ledger.metal >= 0), strict=True):
        composition = book.composition[first[mass]]
        middle, apart = of.middle[composition, element], of.apart[composition, element]
        if apart > 0:
            kg = max(abs(float(book.dry_kg[first[mass]])), 1.0)
            metal, dry = int(ledger.metal[mass, element]), int(ledger.dry[mass])
            book.observe(0.0, float(apart) * kg, (1.0, metal), (-float(middle), dry))
            added += 1
    return added


def _mixed(book: _Book, draws: Iterable[Drawn]) -> int:
    """``m = D g`` of what stays in a mixed store, g the grade of what was drawn."""
    groups: dict[tuple[int, int], list[Drawn]] = defaultdict(list)
    for one in draws:
        groups[one.place, one.element].append(one)
    added = 0
    for (_, element), several in groups.items():
        told = [one for one in several if np.isfinite(one.apart)]
        of = usual(np.array([one.apart for one in told]), np.array([one.reading_v for one in told]))
        if of is None:
            continue
        for one in several:
            metal = int(book.ledger.metal[book.mass[one.rest], element])
            grade = int(book.ledger.grade[book.composition[one.out], element])
            if metal < 0 or grade < 0:
                continue
            kg = max(abs(float(book.dry_kg[one.rest])), LEAST_REST * abs(float(book.dry_kg[one.out])))
            u = of.apart * kg * float(book.grade[book.composition[one.out], element])
            if u > 0:
                book.observe(0.0, u, (1.0, metal), (-1.0, int(book.dry[one.rest]), grade))
                added += 1
    return added
