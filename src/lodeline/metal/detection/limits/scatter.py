"""Scatter: repeated assays that agree better than their own uncertainties let them.

Two determinations of one material by certificates with standard uncertainties u differ by ``d`` with variance
``u_1^2 + u_2^2``, whatever the material is; biases of laboratories only make it more. Pairs of one species, of one
laboratory and method with itself or of two with each other, are judged together, in two ways:

- *spread*: ``sum(((|d| + q) / u)^2)`` has a chi-square distribution with as many degrees of freedom as pairs; its lower
  tail says how likely so little is. What rounding to a last digit q may hide of a difference is added.
- *digits*: how often both print the same number. A pair does with a probability of ``q / u / sqrt(2 pi)`` at most; the
  tail is that of a Poisson variable, which is above that of so many rare ones.

Source: ISO 5725-6:1994, 4.2 (repeatability of pairs); Hodges & Le Cam (1960), Ann. Math. Stat. 31, 737-740.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import chdtr, pdtrc

from lodeline.chemistry.species import species
from lodeline.errors import Settle
from lodeline.metal.detection.limits.grouping import summed
from lodeline.metal.detection.limits.judging import SMALLEST, Compared, nothing
from lodeline.metal.detection.limits.pairs import Pairs, pairs
from lodeline.metal.detection.suspicion import Suspicion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]


class _Families(NamedTuple):
    """Pairs family by family; (family,) each.

    Attributes:
        number: Of pairs.
        spread: ``sum(((|d| + q) / u)^2)``.
        same, expected: Pairs that print the same number, and how many were to be expected at most.
    """

    number: Array
    spread: Array
    same: Array
    expected: Array


def assays_too_alike(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.assays_too_alike``: assays of the same materials agree better than their uncertainties let them."""
    found = pairs(flows, context)
    if not found.first.size:
        return nothing("two assays of one material whose certificates state their uncertainties")
    of = _families(found)
    count = of.number.size
    with np.errstate(divide="ignore"):
        by_spread, by_digits = (of.spread - of.number) / np.sqrt(2 * of.number), (of.same - of.expected)
        by_digits = by_digits / np.sqrt(of.expected)
    so_many = np.where(of.same > 0, pdtrc(np.maximum(of.same - 1, 0), of.expected), 1.0)
    p = np.concatenate([chdtr(of.number, of.spread), so_many])

    def told(place: int) -> Suspicion:
        return _told(flows, found, of, place % count, digits=place >= count)

    return Compared(2 * count, np.concatenate([by_spread, by_digits]), np.maximum(p, SMALLEST), told, {})


def _families(found: Pairs) -> _Families:
    count = int(found.family.max()) + 1
    expected = np.minimum(found.digit / found.u / math.sqrt(2 * math.pi), 1.0)
    return _Families(
        number=np.bincount(found.family, minlength=count).astype(np.float64),
        spread=summed(((np.abs(found.d) + found.digit) / found.u) ** 2, found.family, count),
        same=summed(_alike(found).astype(np.float64), found.family, count),
        expected=summed(expected, found.family, count),
    )


def _alike(found: Pairs) -> NDArray[np.bool_]:
    """(pair,) whether both print the same number."""
    return np.asarray(np.abs(found.d) < found.digit / 2)


def _told(flows: Flows, found: Pairs, of: _Families, family: int, *, digits: bool) -> Suspicion:
    measured = flows.measurements
    members = np.flatnonzero((found.family == family) & (_alike(found) | (not digits)))
    rows = np.unique(np.concatenate([found.first[members], found.second[members]])).tolist()
    lots = dict.fromkeys(flows.names[lot] for lot in flows.flows["lot"][measured["flow"][rows]].tolist() if lot >= 0)
    laboratories = dict.fromkeys(flows.names[name] for name in measured["laboratory"][rows].tolist() if name >= 0)
    formula, number = flows.names[measured["species"][rows[0]]], int(of.number[family])
    if digits:
        how = f"{int(of.same[family])} of {number} pairs print the same number, where {of.expected[family]:.2f} would"
    else:
        how = f"{number} pairs differ by {math.sqrt(of.spread[family] / number):.2f} of what they should"
    return Suspicion(
        code="metal.assays_too_alike",
        sentence=f"Assays of {formula} by {' and '.join(laboratories) or 'nobody who is named'} agree better than "
        f"their own uncertainties let them: {how}.",
        element=species(formula).symbol,
        entries=tuple(sorted({int(entry) for entry in measured["seq"][rows]})),
        lots=tuple(lots),
        instruments=tuple(laboratories),
        settle=(Settle(act="assay", subject=next(iter(lots), ""), detail="New samples under blind numbers."),),
    )
