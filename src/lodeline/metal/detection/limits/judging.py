"""Judging: many comparisons make some large difference likely, so each counts for what it is among all of them.

A comparison has a tail probability p: how likely so large a difference is if nothing is wrong. Among n comparisons the
k-th smallest counts as ``max over j <= k of (n - j + 1) p_j``, at most 1 (Holm). It holds however the comparisons
depend on each other. Source: Holm (1979), Scand. J. Statist. 6, 65-70.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from scipy.special import log_ndtr, stdtr

from lodeline.metal.detection.suspicion import Suspicion, Weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SMALLEST = 5e-324
"""The smallest p that is told: beyond some 38 standard uncertainties it would round to 0, and nothing is that sure."""


class Compared(NamedTuple):
    """What a limit compared.

    Attributes:
        number: How many comparisons it made.
        z: (candidate,) differences in standard uncertainties, signed. The candidates are all comparisons, or those of
            the smallest p among them.
        p: (candidate,) tail probability of each, two-sided where both directions were asked; NaN where the uncertainty
            is unknown, and something beyond a limit all the same.
        told: The suspicion of a candidate by its place. Its weight is the most it may have: ``weak`` where it rests on
            an uncertainty that no ticket and no policy gives, else ``note``, which is without limit.
        unbound: What it had nothing to bind to: reason to number.
    """

    number: int
    z: Array
    p: Array
    told: Callable[[int], Suspicion]
    unbound: dict[str, int]


def nothing(reason: str) -> Compared:
    """A limit that had nothing to bind to."""

    def told(_: int) -> Suspicion:
        raise AssertionError("unreachable: there is no candidate")

    return Compared(0, np.zeros(0), np.zeros(0), told, {reason: 1})


def both_tails(z: Array) -> Array:
    """How likely a normal variable is at least so far from 0, either way."""
    with np.errstate(under="ignore"):
        return np.where(np.isnan(z), np.nan, np.maximum(2 * np.exp(log_ndtr(-np.abs(z))), SMALLEST))


def upper_tail(z: Array) -> Array:
    """How likely a normal variable is at least so large."""
    with np.errstate(under="ignore"):
        return np.where(np.isnan(z), np.nan, np.maximum(np.exp(log_ndtr(-z)), SMALLEST))


def both_tails_of_few(z: Array, freedom: Array) -> Array:
    """As :func:`both_tails`, where the spread was itself estimated with so many degrees of freedom: Student's t."""
    return np.where(np.isnan(z), np.nan, np.maximum(2 * stdtr(freedom, -np.abs(z)), SMALLEST))


def holm(p: Array, number: int) -> Array:
    """Holm's bound of each, at most 1; NaN stays.

    Args:
        p: (candidate,) the smallest of all.
        number: How many comparisons there were, at least as many as candidates.
    """
    order = np.argsort(p, kind="stable")  # NaN last
    bound = np.minimum(np.maximum.accumulate(p[order] * (number - np.arange(p.size))), 1.0)
    found = np.empty(p.size)
    found[order] = np.where(np.isnan(p[order]), np.nan, bound)
    return found


class Judge(NamedTuple):
    """What makes evidence strong or weak.

    Attributes:
        alarm: The probability that the policy allows for any false alarm in all limits together; None: nobody said.
        weak: The probability that a reader allows for any false suspicion at all, weak ones too. None: what the policy
            allows for a false alarm is allowed in each limit.
    """

    alarm: Decimal | None
    weak: float | None = None

    def weigh(self, family_p: float, families: int) -> Weight | None:
        """The weight of a comparison; None where it is no evidence.

        Args:
            family_p: Its bound among the comparisons of its limit; NaN where it has none, which is weak.
            families: How many limits compared anything.
        """
        if np.isnan(family_p):
            return "weak" if self.alarm is not None else "note"
        if self.alarm is None:
            return "note" if family_p < 1 else None
        if family_p * families <= float(self.alarm):
            return "strong"
        weak = family_p <= float(self.alarm) if self.weak is None else family_p * families <= self.weak
        return "weak" if weak else None

    def judged(self, of: Compared, families: int) -> tuple[Suspicion, ...]:
        """The suspicions of a limit that are evidence, with their weight; the rest chance gives too."""
        bounds = holm(of.p, of.number)
        found = []
        for place in np.flatnonzero(~(bounds >= 1)).tolist():
            weight = self.weigh(float(bounds[place]), families)
            if weight is None:
                continue
            known = not np.isnan(of.p[place])
            told = of.told(place)
            found.append(
                msgspec.structs.replace(
                    told,
                    weight="weak" if weight == "strong" and told.weight == "weak" else weight,
                    z=float(of.z[place]) if np.isfinite(of.z[place]) else None,
                    p=float(of.p[place]) if known else None,
                    family_p=float(bounds[place]) if known else None,
                    compared=of.number,
                )
            )
        return tuple(found)


_ORDER: dict[Weight, int] = {"certain": 0, "strong": 1, "weak": 2, "note": 3}


def ranked(found: Iterable[Suspicion]) -> tuple[Suspicion, ...]:
    """The strongest evidence first: by weight, by what chance would give, by standard uncertainties, by kilograms."""
    return tuple(
        sorted(
            found,
            key=lambda one: (
                _ORDER[one.weight],
                1.0 if one.family_p is None else one.family_p,
                -abs(one.z or 0.0),
                -(one.kg or 0.0),
                one.entries,
            ),
        )
    )
