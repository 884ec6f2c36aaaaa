"""Sums by group, and squares of sums over what is off together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


def summed(values: Array, group: Rows, groups: int) -> Array:
    """(group,) the sum of the values of each group.

    Args:
        values, group: (value,) and the number of its group, from 0 to ``groups``.
    """
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64)


def squared_together(values: Array, group: Rows, common: Rows, groups: int) -> Array:
    """(group,) the sum, over what several values have in common, of the square of their sum: a variance.

    Args:
        values, group: (value,) what one standard uncertainty does to each, and the number of its group.
        common: (value,) the number of what makes it uncertain; -1 for nothing.
    """
    some = common >= 0
    key, at = np.unique(np.stack([group[some], common[some]]), axis=1, return_inverse=True)
    return summed(summed(values[some], at.ravel(), key.shape[1]) ** 2, key[0], groups)
