"""Biases: what each instrument is off by as the reconciled book tells it, beside what was known of it before."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.flows.words import NO_TIME
from lodeline.report.days import day_of
from lodeline.report.given_metal import TOLD, SeenBias
from lodeline.units.figure import Figure, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.biases import Bias
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.report.names import Names

PERCENT = 100.0
ENTRIES_NAMED = 4
"""Entries that a figure names one by one; of more it gives their range and number."""


def biases(of: Reconciled, names: Names) -> tuple[SeenBias, ...]:
    """Every bias, by instrument in the order of their first reading, then by what it is of and by day."""
    resting = _resting(of)
    order: dict[tuple[str, str], int] = {}
    found = []
    for estimate, seqs in zip(of.biases(), resting, strict=True):
        bias = estimate.bias
        scale, unit = (1.0, "KGM") if bias.unit == "kg" else (PERCENT, "P1")
        standing: Standing = "stated" if estimate.told > TOLD else "computed"
        prior_rests = (f"{bias.kind} {bias.id}",)
        order.setdefault((bias.kind, bias.id), len(order))
        found.append(
            SeenBias(
                kind=bias.kind,
                id=bias.id,
                label=names.label(bias.id),
                subject=bias.subject,
                method=bias.method,
                period=bias.period,
                since=_since(bias),
                prior=Figure(
                    value=scale * bias.prior, u=scale * bias.prior_u, unit=unit, standing="stated", rests_on=prior_rests
                ),
                estimate=Figure(
                    value=scale * estimate.value,
                    u=scale * estimate.u,
                    unit=unit,
                    standing=standing,
                    rests_on=(*prior_rests, *_entries(seqs)),
                ),
                z=estimate.z,
                told=estimate.told,
                supposed=bias.supposed,
                readings=int(seqs.size),
            )
        )
    return tuple(sorted(found, key=lambda one: (order[one.kind, one.id], one.subject, one.method, one.period)))


def _since(bias: Bias) -> str:
    """The day from which it holds; empty: always."""
    return "" if bias.begins <= NO_TIME or bias.begins == 0 else day_of(bias.begins)


def _resting(of: Reconciled) -> list[NDArray[np.int64]]:
    """For each bias the entries of the readings in which it is, one a reading."""
    terms, seq = of.solution.model.terms, of.flows.measurements["seq"].astype(np.int64)
    seq_of = np.full(of.solution.model.value.size, -1, dtype=np.int64)
    for _, readings, rows in of.observed():
        seq_of[rows] = seq[readings.row]
    number = np.full(of.solution.x.size + 1, -1, dtype=np.int64)
    number[np.asarray(of.ledger.biases.variable, dtype=np.int64)] = np.arange(len(of.ledger.biases.variable))
    # Relative ones stand second in a product, those in kilograms by themselves; priors are no readings.
    bias = np.where(terms.second >= 0, number[terms.second], number[terms.first])
    rows = np.flatnonzero((bias >= 0) & (seq_of[terms.row] >= 0))
    rows = rows[np.argsort(bias[rows], kind="stable")]
    ends = np.searchsorted(bias[rows], np.arange(len(of.ledger.biases.variable) + 1))
    entries = seq_of[terms.row[rows]]
    return [entries[start:end] for start, end in pairwise(ends.tolist())]


def _entries(seqs: NDArray[np.int64]) -> tuple[str, ...]:
    """What it rests on, in the words of other sums."""
    found = np.unique(seqs)
    if found.size > ENTRIES_NAMED:
        return (f"entries {found[0]} to {found[-1]}, {found.size} of them",)
    return tuple(f"entry {one}" for one in found.tolist())
