"""The grade-tonnage model: tonnage and grades of one deposit as a distribution, with their correlation kept.

Ore tonnage ``T`` enters by its logarithm, grades by the logarithms of their ratios to the rest of the ore,
``ln(g / (1 - sum g))``. All of these together are one multivariate normal. For grades far below 1 this is the
multivariate lognormal; for high ones it keeps them from adding up to more than the ore.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.world.resources.grade_tonnage import GradeTonnage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NODES = {1: 64, 2: 40, 3: 20}
"""Nodes of quadrature an axis, by the number of elements; of more, moments are not computed."""


class Moments(NamedTuple):
    """Of one deposit, in t: ore first, then each metal.

    Attributes:
        mean: (quantity,). covariance: (quantity, quantity).
    """

    mean: Floats
    covariance: Floats


class Model(NamedTuple):
    """A multivariate normal of the log of tonnage and of the log-ratios of grades.

    Attributes:
        elements: Of the grades.
        mean: (1 + element,) of ``ln T`` (T in t), then of ``ln(g / (1 - sum g))``.
        covariance: (1 + element, 1 + element).
        source: Of the table that it was fitted to.

    Source: Ellefsen (2017), USGS Techniques and Methods 7-C15, for the log-ratios; that the tonnage may be correlated
    with them as in pubs.usgs.gov/publication/70266112 (Applied Computing and Geosciences).
    """

    elements: tuple[str, ...]
    mean: Floats
    covariance: Floats
    source: str

    def sample(self, deposits: int, chance: np.random.Generator) -> Floats:
        """(deposit, 1 + element) ore and metals, t."""
        root = np.linalg.cholesky(self.covariance)
        logs = self.mean + chance.standard_normal((deposits, self.mean.size)) @ root.T
        return self._tonnes(logs)

    def moments(self) -> Moments | None:
        """Mean and covariance of ore and metals of one deposit, by Gauss-Hermite quadrature; None of too many elements.

        ``E[T h(g)] = exp(m + s^2 / 2) E[h(g')]``, where g' has its log-ratios shifted by their covariance with ln T: so
        quadrature is needed over the log-ratios only.
        """
        count = len(self.elements)
        if count not in NODES:
            return None
        first, second = (self._tilted(power) for power in (1, 2))
        mean = first[0] * first[1][0]
        return Moments(mean, second[0] * second[1][1] - np.outer(mean, mean))

    def _tilted(self, power: int) -> tuple[float, tuple[Floats, Floats]]:
        """``E[T^power]``, and under it the means of (1, g) and of their products."""
        count, nodes = len(self.elements), NODES[len(self.elements)]
        scale = math.exp(power * self.mean[0] + power**2 * self.covariance[0, 0] / 2)
        at, weight = np.polynomial.hermite_e.hermegauss(nodes)
        grid = np.stack(np.meshgrid(*[at] * count, indexing="ij"), axis=-1).reshape(-1, count)  # (node, element)
        weights = np.prod(np.stack(np.meshgrid(*[weight] * count, indexing="ij"), axis=-1).reshape(-1, count), axis=1)
        weights /= weights.sum()
        centre = self.mean[1:] + power * self.covariance[0, 1:]
        ratios = centre + grid @ np.linalg.cholesky(self.covariance[1:, 1:]).T
        parts = np.concatenate([np.ones((len(grid), 1)), _grades(ratios)], axis=1)  # (node, 1 + element)
        return scale, (weights @ parts, (parts * weights[:, None]).T @ parts)

    def _tonnes(self, logs: Floats) -> Floats:
        ore = np.exp(logs[:, :1])
        found: Floats = np.concatenate([ore, ore * _grades(logs[:, 1:])], axis=1)
        return found


class Drawn(NamedTuple):
    """Deposits drawn from the table itself, tonnage and grades together: no shape is supposed, and none is larger."""

    table: GradeTonnage

    @property
    def elements(self) -> tuple[str, ...]:
        """Of the grades."""
        return self.table.elements

    @property
    def source(self) -> str:
        """Of the table."""
        return self.table.source

    def sample(self, deposits: int, chance: np.random.Generator) -> Floats:
        """(deposit, 1 + element) ore and metals, t."""
        return self._tonnes()[chance.integers(0, len(self.table.deposits), deposits)]

    def moments(self) -> Moments:
        """Mean and covariance of the table's own deposits."""
        tonnes = self._tonnes()
        return Moments(tonnes.mean(axis=0), np.cov(tonnes, rowvar=False, bias=True))

    def _tonnes(self) -> Floats:
        return np.concatenate([self.table.ore_t[:, None], self.table.contained_t()], axis=1)


def fitted(table: GradeTonnage) -> Model:
    """The model of a table: means and covariance (n - 1) of its logs.

    Raises:
        InputError: ``world.grade_tonnage_flat``.
    """
    rest = 1 - table.grade.sum(axis=1)
    logs = np.concatenate([np.log(table.ore_t)[:, None], np.log(table.grade / rest[:, None])], axis=1)
    covariance = np.cov(logs, rowvar=False)
    if np.linalg.matrix_rank(covariance, hermitian=True) < logs.shape[1]:
        raise InputError(
            "world.grade_tonnage_flat",
            "Tonnage and grades of the table hang together without any scatter, or do not vary at all; give more "
            "deposits, or fewer elements.",
        )
    return Model(table.elements, logs.mean(axis=0), covariance, table.source)


def _grades(ratios: Floats) -> Floats:
    """(n, element) grades from log-ratios to the rest of the ore."""
    # The largest ratio is taken out first, so that no exponential overflows.
    top = np.maximum(ratios.max(axis=1, keepdims=True), 0.0)
    parts = np.exp(ratios - top)
    found: Floats = parts / (parts.sum(axis=1, keepdims=True) + np.exp(-top))
    return found
