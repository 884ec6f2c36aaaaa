"""Peers: what is usual among values of one kind, and how far they differ beyond what their readings explain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.usual import LEAST, MEDIAN_VARIANCE, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Usual(NamedTuple):
    """What is usual among peers.

    Attributes:
        middle: Their median. middle_u: how well it is known.
        apart: How far peers differ beyond what their readings explain, at least as much as so many of them could hide.
    """

    middle: float
    middle_u: float
    apart: float


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


def assayed(ledger: LedgerModel, x: Array) -> Array:
    """(composition, element) grades; NaN where nobody assayed it."""
    return np.where(ledger.assayed, x[np.maximum(ledger.grade, 0)], np.nan)


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
    kind = kinds(flows, ledger)
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


def kinds(flows: Flows, ledger: LedgerModel) -> Rows:
    """(composition,) a number for each pair of material and deposit; -1 where the material is unknown."""
    lots, flow, composition = flows.lots, flows.flows, ledger.streams.composition
    row_of = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    row_of[lots["lot"]] = np.arange(lots.rows)
    first = np.full(ledger.streams.compositions, flow.rows, dtype=np.int64)
    np.minimum.at(first, composition, np.arange(flow.rows))
    lot = row_of[flow["lot"][first]]
    material, deposit = (lots[column][lot].astype(np.int64) for column in ("material", "deposit"))
    return np.where((lot >= 0) & (material >= 0), material * (len(flows.names) + 1) + deposit, -1)
