"""Series: what is unaccounted for, period after period, with the covariance that tests for slow loss need."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.balance.entries import GAP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.accounting import Accounts
    from lodeline.metal.balance.layout import AccountKey
    from lodeline.metal.balance.sharing import Sharing

    Array = NDArray[np.float64]


class MufSeries(NamedTuple):
    """MUF of one account: positive where metal is missing.

    Two periods share the stock between them: what is weighed too high as one closes is missing in the next. They share
    assays too, and what their instruments are off by all the time; all of it is in the covariance.

    Attributes:
        key: The account.
        periods: Their labels, from the first to the last in which anything stands in the account.
        kg: (period,) kg; NaN where unknown, and where nothing was known from two sides: such a period has no balance of
            its own, and what went missing in it shows in a later one.
        known_kg: (period,) kg of it that are no loss, by what is known of the biases of instruments.
        covariance_kg2: (period, period) kg^2, of what is random and of how well biases are known; NaN in the rows and
            columns of periods that are NaN, or of which an uncertainty is unknown.
        random_kg2: (period,) kg^2, the variance of what is random alone; NaN as above.
        checks: (period,) how many times what came and what went were known from two sides.
    """

    key: AccountKey
    periods: tuple[str, ...]
    kg: Array
    known_kg: Array
    covariance_kg2: Array
    random_kg2: Array
    checks: NDArray[np.int64]


def muf_series(of: Accounts, key: AccountKey, sharing: Sharing | None) -> MufSeries:
    """The MUF of an account as recorded, period after period.

    Args:
        of: The accounts of one element.
        key: Which of them.
        sharing: What the readings of the book have in common; None: only what is random is asked for.

    Raises:
        InputError: ``balance.no_account``.
    """
    found = of.sheets
    if key not in found.place.keys:
        raise InputError("balance.no_account", f"There is no account of {key}.", key=key)
    account, labels, codes = found.place.keys.index(key), found.calendar.labels, tuple(GAP.values())
    active = found.sure.active(account, len(labels)) | found.perhaps.active(account, len(labels))
    inside = np.flatnonzero(active)
    periods = range(int(inside[0]), int(inside[-1]) + 1) if inside.size else range(0)
    sums, checks = [], []
    unknown = np.zeros(len(periods), dtype=bool)
    for number, period in enumerate(periods):
        gaps = found.entries(account, codes, period)
        sums.append((gaps.row[gaps.sign > 0], gaps.row[gaps.sign < 0]))
        checks.append(np.unique(gaps.holder).size)
        # A gap that may be of this period, and may not, leaves it unknown.
        unknown[number] = not checks[-1] or bool(found.entries(account, codes, period, perhaps=True).row.size)
    figures = found.recorded.of_many(sums)
    kg = np.array([math.nan if one.value is None else one.value for one in figures], dtype=np.float64)
    covariance = found.recorded.covariance(sums) if sums else np.zeros((0, 0))
    kg[unknown] = math.nan
    covariance[unknown], covariance[:, unknown] = math.nan, math.nan
    random, known, told = np.diagonal(covariance).copy(), np.zeros(kg.size), tuple(labels[one] for one in periods)
    if sharing is not None:
        shared = sharing.of(of, key, told)
        known, covariance = shared.known_kg, covariance + shared.covariance_kg2
    return MufSeries(key, told, kg, known, covariance, random, np.array(checks, dtype=np.int64))
