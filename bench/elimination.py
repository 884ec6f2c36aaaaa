"""Serial elimination on what the hypotheses see of a set of data: the peer of many thousand runs.

It finds what :func:`lodeline.metal.detection.gross_errors.serial.eliminate` finds by solving anew each time (a test
holds the two together), in a fraction of the time. Source: Serth & Heenan (1986), AIChE J. 32(5), 733-742.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lodeline.metal.detection.gross_errors.compensation import compensated, sizes

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


def eliminate(
    seen: Array,
    weight: Array,
    gram: Array,
    *,
    limit: Callable[[Indices], float],
    most: int,
    plausible: Callable[[Indices, Array], bool],
) -> Indices:
    """Take out the largest test, and again, until none is above the limit.

    Args:
        seen, weight: (hypothesis,) as of a projection.
        gram: (hypothesis, hypothesis) their products.
        limit: Of the absolute T of one more beside those that are out.
        most: Out at most.
        plausible: Whether some may be out with the sizes they would then have; else the next largest is tried.
    """
    chosen = np.zeros(0, dtype=np.int64)
    while chosen.size < most:
        left = compensated(seen[None, :], weight, gram[:, chosen], chosen)
        size, bound = np.abs(left.statistic[0]), limit(chosen)
        for one in np.argsort(-size, kind="stable"):
            if size[one] <= bound:
                return chosen
            trial = np.append(chosen, one)
            if plausible(trial, sizes(seen[trial], gram[np.ix_(trial, trial)])[0]):
                chosen = trial
                break
        else:
            return chosen
    return chosen
