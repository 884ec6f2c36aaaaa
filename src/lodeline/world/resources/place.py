"""Where a known deposit stands among others of its kind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lodeline.errors import NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.nearest import near_or_all
from lodeline.world.resources.grade_tonnage import GradeTonnage
from lodeline.world.resources.lognormal import LogNormal

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of a deposit among those of a table.

    Attributes:
        measure: ``ore``, ``Cu grade``, ``Cu``. unit: ``TNE``, or ``P1`` percent.
        value: Of the deposit. median: of the table.
        rank: 1 is the largest. of: how many there are.
        percentile: Percent of the table's deposits that are no larger. modelled: the same by the fitted lognormal.
    """

    measure: str
    unit: str
    value: float
    median: float
    rank: int
    of: int
    percentile: float
    modelled: float


def place_of(table: GradeTonnage, deposit: str) -> tuple[Place, ...]:
    """Tonnage, grades and metals of a deposit, each with its place in the table.

    Raises:
        NotFoundError: ``world.no_such_deposit``.
    """
    if deposit not in table.deposits:
        raise NotFoundError(
            "world.no_such_deposit",
            f"The grade-tonnage table has no deposit {visible(deposit)}; {near_or_all(deposit, table.deposits)}.",
            deposit=deposit,
        )
    at = table.deposits.index(deposit)
    metals = table.contained_t()
    return (
        _placed("ore", "TNE", table.ore_t, at),
        *(_placed(f"{one} grade", "P1", table.grade[:, k] * 100, at) for k, one in enumerate(table.elements)),
        *(_placed(one, "TNE", metals[:, k], at) for k, one in enumerate(table.elements)),
    )


def _placed(measure: str, unit: str, values: NDArray[np.float64], at: int) -> Place:
    logs = np.log(values)
    fitted = LogNormal(float(logs.mean()), float(logs.std(ddof=1)))
    value = float(values[at])
    return Place(
        measure=measure,
        unit=unit,
        value=value,
        median=float(np.median(values)),
        rank=1 + int(np.sum(values > value)),
        of=values.size,
        percentile=100 * float(np.mean(values <= value)),
        modelled=100 * fitted.part_below(value) if math.isfinite(fitted.log_sd) else math.nan,
    )
