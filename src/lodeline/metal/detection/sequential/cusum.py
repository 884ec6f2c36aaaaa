"""Page's cumulative sums, one against loss and one against gain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Sides = Literal["loss", "both"]
"""``loss`` looks for missing metal only, ``both`` for metal too much as well."""


def cusum(independent: Array, k: float) -> tuple[Array, Array]:
    """(…, period) Page's sums against loss and against gain.

    ``loss[t] = max(0, loss[t - 1] + x[t] - k)`` and ``gain[t] = max(0, gain[t - 1] - x[t] - k)``, both from 0.

    Args:
        independent: (…, period) standardised independent values, such as SITMUF.
        k: Reference value, in standard deviations, >= 0: half of the shift that is to be found soonest.

    Raises:
        InputError: ``sequential.reference``.

    Source: E. S. Page (1954), Continuous inspection schemes, Biometrika 41(1/2), 100-115.
    """
    require_reference(k)
    loss, gain = np.empty_like(independent), np.empty_like(independent)
    up = down = np.zeros(independent.shape[:-1])
    for t in range(independent.shape[-1]):
        up = np.maximum(up + independent[..., t] - k, 0.0)
        down = np.maximum(down - independent[..., t] - k, 0.0)
        loss[..., t], gain[..., t] = up, down
    return loss, gain


def require_reference(k: float) -> None:
    """Refuse a reference value that is none (``sequential.reference``)."""
    if not (math.isfinite(k) and k >= 0):
        raise InputError("sequential.reference", "The reference value k is a finite number of zero or more.", k=k)
