"""What the other hypotheses still see once the sizes of some have been made unknowns.

With G the products w'w of projected directions and S the chosen, compensating for S leaves

    seen - G_S inverse(G_SS) seen_S        weight - diag(G_S inverse(G_SS) G_S')

which is what a new solve with the sizes as further unknowns would give, for as many columns of G as there are chosen
and without factoring anything anew.
Source: Narasimhan & Jordache (2000), Data Reconciliation and Gross Error Detection, 8.2; the formula is that of the
partitioned inverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.gross_errors.calibration import standardised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]

SPENT = 1e-6
"""A direction of which the chosen leave less than this part can no longer be told from them."""


class Compensated(NamedTuple):
    """Hypotheses after some have been compensated.

    Attributes:
        seen: (row, hypothesis); a row is the data, or a draw.
        weight: (hypothesis,); 0 for the chosen and for what cannot be told from them.
    """

    seen: Array
    weight: Array

    @property
    def statistic(self) -> Array:
        """(row, hypothesis) T of each in addition to the chosen."""
        return standardised(self.seen, self.weight)


def compensated(seen: Array, weight: Array, columns: Array, chosen: Indices) -> Compensated:
    """Take out what the chosen explain.

    Args:
        seen: (row, hypothesis).
        weight: (hypothesis,).
        columns: (hypothesis, k) products w'w of all with the k chosen.
        chosen: (k,) their indices; none may be a combination of the others.
    """
    if not chosen.size:
        return Compensated(seen, weight)
    solved = np.linalg.solve(columns[chosen], columns.T)  # (k, hypothesis)
    rest = weight - np.einsum("hk,kh->h", columns, solved)
    rest = np.where(rest > SPENT * weight, rest, 0.0)
    rest[chosen] = 0.0
    return Compensated(np.where(rest > 0, seen - seen[:, chosen] @ solved, 0.0), rest)


def products(columns: Array, among: Array, rows: Indices, chosen: Indices) -> Array:
    """(hypothesis, k) products w'w of all with k of them, after compensation.

    Args:
        columns: (hypothesis, k) of the k, before.
        among: (hypothesis, c) of the chosen.
        rows: (k,) indices of the k.
        chosen: (c,) indices of the chosen.
    """
    if not chosen.size:
        return columns
    return np.asarray(columns - among @ np.linalg.solve(among[chosen], among[rows].T))


def sizes(seen: Array, block: Array) -> tuple[Array, Array]:
    """Sizes of the chosen, estimated together, and their standard uncertainties, (k,) each.

    Args:
        seen: (k,) of the chosen.
        block: (k, k) their products.
    """
    inverse = np.linalg.inv(block)
    return inverse @ seen, np.sqrt(np.diag(inverse))
