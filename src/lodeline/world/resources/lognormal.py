"""Lognormal quantities: of tonnage and grade their product, with the correlation between them kept."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

from lodeline.errors import InputError

_STANDARD = NormalDist()


class LogNormal(NamedTuple):
    """A quantity whose logarithm is normal.

    Attributes:
        log_mean, log_sd: Mean and standard deviation of the natural logarithm, of the quantity in its unit.
    """

    log_mean: float
    log_sd: float

    @property
    def mean(self) -> float:
        """``exp(m + s^2 / 2)``."""
        return math.exp(self.log_mean + self.log_sd**2 / 2)

    @property
    def sd(self) -> float:
        """``mean * sqrt(exp(s^2) - 1)``."""
        return self.mean * math.sqrt(math.expm1(self.log_sd**2))

    def quantile(self, part: float) -> float:
        """The value that a part (0 to 1) of it does not exceed."""
        return math.exp(self.log_mean + self.log_sd * _STANDARD.inv_cdf(part))

    def part_below(self, value: float) -> float:
        """The part of it that does not exceed a value above 0."""
        if self.log_sd == 0:
            return float(math.log(value) >= self.log_mean)
        return _STANDARD.cdf((math.log(value) - self.log_mean) / self.log_sd)


def of_mean(mean: float, u: float) -> LogNormal:
    """The lognormal of a mean above 0 and a standard uncertainty: ``s^2 = ln(1 + (u / mean)^2)``."""
    variance = math.log1p((u / mean) ** 2)
    return LogNormal(math.log(mean) - variance / 2, math.sqrt(variance))


def product(tonnage: LogNormal, grade: LogNormal, *, correlation: float) -> LogNormal:
    """Contained metal: tonnage times grade, which is lognormal again.

    ``m = m1 + m2``; ``s^2 = s1^2 + s2^2 + 2 r s1 s2``.

    Args:
        correlation: Of the logarithms, -1 to 1. It has no default: large deposits are often poorer.

    Raises:
        InputError: ``world.correlation``.
    """
    if not -1 <= correlation <= 1:
        raise InputError("world.correlation", f"A correlation is from -1 to 1, not {correlation:g}.")
    variance = tonnage.log_sd**2 + grade.log_sd**2 + 2 * correlation * tonnage.log_sd * grade.log_sd
    return LogNormal(tonnage.log_mean + grade.log_mean, math.sqrt(max(variance, 0.0)))
