"""Asking: the sums of all lines, asked for together; and limits where it is not known what is in one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lodeline.metal.balance.account import NONE, Summing
from lodeline.units.figure import Figure, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

AT_ONCE = 2_000_000
"""Rows of sums that are kept before they are summed: a bound of the memory, which changes no figure."""


class Asking:
    """Sums that are collected, and summed as soon as they are many.

    Args:
        sums: What sums.
    """

    def __init__(self, sums: Summing) -> None:
        self._sums = sums
        self._waiting: list[tuple[Rows, Rows]] = []
        self._rows = 0
        self._found: list[Figure] = []

    def ask(self, rows: Rows, sign: Rows) -> int:
        """Ask for a signed sum; the number under which :meth:`figure` gives it. A sum of nothing has number -1."""
        if not rows.size:
            return -1
        plus = sign > 0
        self._waiting.append((rows[plus], rows[~plus]))
        self._rows += rows.size
        number = len(self._found) + len(self._waiting) - 1
        if self._rows > AT_ONCE:
            self._flush()
        return number

    def figure(self, number: int) -> Figure:
        """The figure of a sum that was asked for."""
        if number < 0:
            return NONE
        if number >= len(self._found):
            self._flush()
        return self._found[number]

    def _flush(self) -> None:
        self._found += self._sums.of_many(self._waiting)
        self._waiting, self._rows = [], 0


def widened(figure: Figure, perhaps: Iterable[tuple[Figure, int]]) -> Figure:
    """A sum of which nobody knows whether some parts are in it: limits, unless all of these are nothing.

    Args:
        perhaps: Each such part, and +1 or -1 for a part that only adds or only takes away, 0 for one that may do both.
    """
    low, high = _ends(figure)
    wide = False
    for part, sign in perhaps:
        if part.value == 0:
            continue
        wide = True
        below, above = _ends(part)
        if sign:
            below, above = max(below, 0.0), max(above, 0.0)
        low += min(0.0, -above if sign < 0 else below)
        high += max(0.0, -below if sign < 0 else above)
    if not wide:
        return figure
    finite = [limit if math.isfinite(limit) else None for limit in (low, high)]
    if figure.known and figure.value == 0 and finite == [0.0, None]:
        finite = [None, None]  # at least nothing is nothing that is known
    standing: Standing = "unknown" if finite == [None, None] else "bounded"
    return msgspec.structs.replace(
        figure,
        value=None,
        u=figure.u if None not in finite else None,
        low=finite[0],
        high=finite[1],
        standing=standing,
    )


def _ends(figure: Figure) -> tuple[float, float]:
    if figure.value is not None:
        return figure.value, figure.value
    return (-math.inf if figure.low is None else figure.low), (math.inf if figure.high is None else figure.high)
