"""Explaining: on which events a reconciled figure rests, by how much on each, and what would make it surer.

A figure f moves by ``s_i = df/dy_i`` where reading i moves by one unit, so reading i makes the part ``(s_i u_i)^2`` of
its variance, and what all readings of an instrument have in common makes that of the prior of its bias. Without
reading i it would be ``f - s_i r_i / (1 - h_i)``, r its residual and 1 - h the part of its variance that this keeps.
Source: JCGM 100:2008, 5.1.3, for the parts; Cook & Weisberg (1982), Residuals and Influence in Regression.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np
from scipy import sparse

from lodeline.metal.flows.words import CLOSING
from lodeline.metal.reconciliation.candidates import KINDS, SOURCES, those
from lodeline.metal.reconciliation.contributions import Contribution, contributions, refined, seen
from lodeline.metal.reconciliation.figure_names import DRY, described, name_of
from lodeline.metal.reconciliation.figures import Asked, Holds, Lines, asked
from lodeline.metal.reconciliation.narrowing import narrowed, settled, touching
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.metal.reconciliation.settling import settles_one
from lodeline.metal.reconciliation.weights import undetermined, weights
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.errors import Settle
    from lodeline.metal.reconciliation.candidates import Candidates
    from lodeline.metal.reconciliation.narrowing import Narrowed
    from lodeline.metal.reconciliation.reconciled import Reconciled

    Rows = NDArray[np.int64]

_KINDS: Final[dict[str, Literal["weighing", "moisture", "assay"]]] = {
    "weighing": "weighing",
    "moisture": "moisture",
    "assay": "assay",
}
MOST = 5
"""Measurements that are suggested."""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """One new measurement, and what it would do.

    Attributes:
        kind: ``weighing``, ``moisture`` or ``assay``.
        what: In the words of a sentence: of which lot, as it was when.
        figure: Name of what would be read, where it has one: of an assay the element in the lot.
        lot, element, instrument: URI, symbol and URI; None where there is none.
        wet: Whether a mass would be read with its water.
        u: Standard uncertainty of the new reading, kg or kg per kg; ``u_from`` says where it is from. None where that
            depends on what will be found.
        u_after: Standard uncertainty of the figure after it; None where it depends on what will be found.
        now: Whether what would be measured is still there; else only what was kept of it, such as a sample, can be.
    """

    kind: Literal["weighing", "moisture", "assay"]
    what: str
    figure: str
    lot: str | None
    element: str | None
    instrument: str | None
    wet: bool
    u: float | None
    u_from: str
    u_after: float | None
    now: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a figure is what it is.

    Attributes:
        name: Its name.
        figure: Value, uncertainty, standing; where nothing determines it, what would.
        rests: What it rests on, the largest part of its variance first; nothing of a figure that is unknown.
        suggestions: The single measurements that would narrow it most, or make it known, the best first; and after
            them the best of what is still there, where none of these is. None that would take less than a thousandth of
            the variance.
    """

    name: str
    figure: Figure
    rests: tuple[Contribution, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def entries(self) -> dict[int, float]:
        """The part of the variance that each ledger entry makes, the largest first."""
        found: dict[int, float] = {}
        for one in self.rests:
            if one.entry is not None:
                found[one.entry] = found.get(one.entry, 0.0) + one.share
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def explain(
    reconciled: Reconciled,
    figure: str | Sequence[str] | Asked,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    lines: Lines | None = None,
    holds: Holds | None = None,
) -> Explanation:
    """Say on what a figure rests.

    Args:
        figure: Its name (:mod:`lodeline.metal.reconciliation.figure_names`), or what was made of it.
        groups: Members of declared groups, by name.
        lines: Finds the lines of accounts.
        holds: Says which flows a total asks for.

    Raises:
        InputError: ``explain.figure_form``, ``explain.figure_ambiguous``. NotFoundError: ``explain.figure_unknown``.
    """
    wanted = figure if isinstance(figure, Asked) else asked(figure, reconciled, groups=groups, lines=lines, holds=holds)
    if wanted.bias >= 0:
        return _of_bias(reconciled, wanted)
    found = weights(reconciled, [(wanted.plus, wanted.minus)], wanted.of)
    plain = ReconciledSums(reconciled, wanted.of).of(wanted.plus, wanted.minus)
    if not found.silent[0] and not undetermined(reconciled.solution, found.weight)[0]:
        return _of_known(reconciled, wanted.name, plain, found.weight, 1.0)
    symbols = [symbol for symbol, _ in wanted.of or ()]
    made = reconciled.candidates
    settle = settles_one(reconciled, found, 0, symbols, touching(reconciled.solution, made))
    if found.silent[0]:
        suggestions = _of_silent(reconciled, found.silent_flow[:, 1], settle, symbols)
    else:
        best = settled(reconciled.solution, found.weight, made, MOST)
        suggestions = _suggested(reconciled, made, best)
    return Explanation(
        name=wanted.name, figure=msgspec.structs.replace(plain, settle=settle), rests=(), suggestions=suggestions
    )


def _of_known(reconciled: Reconciled, name: str, figure: Figure, weight: sparse.csr_array, unit: float) -> Explanation:
    """The explanation of a figure that is known; ``unit``: what it is multiplied with to be in its unit."""
    solution, made = reconciled.solution, reconciled.candidates
    z = refined(solution, weight)
    sensitivity = seen(solution, z[:, 0])
    variance = float(((sensitivity * solution.model.u) ** 2).sum())
    assert figure.value is not None
    rests = contributions(reconciled, sensitivity * unit, figure.value)
    best = narrowed(solution, z[:, 0], variance, made, MOST)
    some = made.now[best.candidate].any()
    there = None if some else narrowed(solution, z[:, 0], variance, those(made, made.now), 1)
    suggestions = _suggested(reconciled, made, best, unit)
    if there is not None:
        suggestions += _suggested(reconciled, those(made, made.now), there, unit)
    return Explanation(
        name=name,
        figure=msgspec.structs.replace(figure, u=abs(unit) * math.sqrt(variance)),
        rests=rests,
        suggestions=suggestions,
    )


def _of_bias(reconciled: Reconciled, wanted: Asked) -> Explanation:
    """The explanation of a bias: in percent of the value, or in kg where it is the same at every load."""
    solution, biases = reconciled.solution, reconciled.ledger.biases
    bias, variable = biases.listed[wanted.bias], biases.variable[wanted.bias]
    percent = 1.0 if bias.unit == "kg" else 100.0
    checked = solution.residual_u[biases.observation[wanted.bias]] > 0
    figure = Figure(
        value=percent * float(solution.x[variable]),
        u=percent * float(solution.u[variable]),
        unit="KGM" if bias.unit == "kg" else "P1",
        standing="computed" if checked else "stated",
    )
    weight = sparse.csr_array(([1.0], ([0], [variable])), shape=(1, solution.x.size))
    return _of_known(reconciled, wanted.name, figure, weight, percent)


def _of_silent(
    reconciled: Reconciled, flows: Rows, settle: tuple[Settle, ...], symbols: Sequence[str]
) -> tuple[Suggestion, ...]:
    """The one assay that makes a figure known whose only unknown part nobody assayed; what it will be, it will tell."""
    if len(settle) != 1:
        return ()
    (act,) = settle
    flow = int(flows[0])
    composition = reconciled.ledger.streams.composition
    closing = reconciled.flows.flows["head"] == CLOSING
    return (
        Suggestion(
            kind="assay",
            what=described(reconciled.flows, flow),
            figure="",
            lot=act.subject or None,
            element=symbols[0] if len(symbols) == 1 else None,
            instrument=None,
            wet=False,
            u=None,
            u_from="",
            u_after=None,
            now=bool((closing & (composition == composition[flow])).any()),
        ),
    )


def _suggested(reconciled: Reconciled, made: Candidates, best: Narrowed, unit: float = 1.0) -> tuple[Suggestion, ...]:
    """Candidates as suggestions."""
    flows = reconciled.flows
    found = []
    for one, u in zip(best.candidate.tolist(), best.u.tolist(), strict=True):
        flow, element = int(made.flow[one]), int(made.element[one])
        symbol = reconciled.elements[element] if element >= 0 else None
        kind = _KINDS[KINDS[made.kind[one]]]
        found.append(
            Suggestion(
                kind=kind,
                what=described(flows, flow),
                figure="" if kind == "moisture" else name_of(flows, symbol or DRY, flow),
                lot=flows.name(int(flows.flows["lot"][flow])),
                element=symbol,
                instrument=flows.name(int(made.instrument[one])),
                wet=bool(made.wet[one]),
                u=None if math.isnan(made.u[one]) else float(made.u[one]),
                u_from="" if math.isnan(made.u[one]) else SOURCES[made.source[one]],
                u_after=None if math.isnan(u) else abs(unit) * u,
                now=bool(made.now[one]),
            )
        )
    return tuple(found)
