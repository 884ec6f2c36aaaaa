"""Tests one by one: of readings, calibrations and suppositions, each an observation; and of leaks, each a balance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.detection.faults.field import Direction
from lodeline.metal.detection.faults.hypothesis import CHECKED, Hypothesis, least
from lodeline.metal.detection.faults.null import Tail
from lodeline.metal.flows.words import NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.field import Field, Left
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class OneByOne(ABC):
    """Tests of which each stands for itself; the largest T of them is the best, and chance counts their number.

    Args:
        family: Its name.
        tests: How many there are, those that look one way only as half.
        among: Families whose best may be in a group with one of these.
    """

    def __init__(self, family: str, tests: float, among: Sequence[str]) -> None:
        self._family, self._among, self._tail = family, among, Tail(tests)

    @abstractmethod
    def _statistic(self, left: Left) -> Array:
        """(test,) T of each beside what has been explained; 0 where it cannot be asked."""

    @abstractmethod
    def _named(self, place: int) -> tuple[int, Direction]:
        """The key of a test, and what its fault does."""

    def best(self, left: Left) -> Hypothesis | None:
        """The largest T."""
        statistic = self._statistic(left)
        return self._told(int(np.abs(statistic).argmax()), statistic) if statistic.any() else None

    def log_expected(self, one: Hypothesis, statistic: float, effect: float) -> float:
        """By the number of tests."""
        del one, effect
        return self._tail.log_expected(statistic)

    def count(self) -> int:
        """How many there are."""
        return round(self._tail.worth)

    def beyond(self, left: Left, one: Hypothesis, margin: float) -> list[Hypothesis]:
        """Those with a T as large, the largest first; none to families that it is no rival of."""
        if one.family not in self._among:
            return []
        statistic = self._statistic(left)
        found = np.flatnonzero(np.abs(statistic) >= least(one, margin))
        ranked = found[np.argsort(-np.abs(statistic[found]), kind="stable")]
        return [self._told(place, statistic) for place in ranked.tolist()]

    def _told(self, place: int, statistic: Array) -> Hypothesis:
        t, (key, direction) = float(statistic[place]), self._named(place)
        return Hypothesis(self._family, (key,), t, self._tail.log_expected(t), direction)


class Alone(OneByOne):
    """Observations, each of which may be off by itself; the key of each is its place.

    Args:
        rows: (test,) observations.
        sign: +1, or -1 where the fault is of what is observed and not of the observation: a prior that is too low is a
            bias that is too high.
    """

    def __init__(self, family: str, field: Field, rows: Rows, *, sign: float = 1.0, among: Sequence[str] = ()) -> None:
        super().__init__(family, float((field.kept[rows] > CHECKED).sum()), among)
        self._rows, self._sign = rows, sign

    def _statistic(self, left: Left) -> Array:
        kept = left.kept[self._rows]
        return np.where(kept > CHECKED, self._sign * left.white[self._rows] / np.sqrt(np.maximum(kept, CHECKED)), 0.0)

    def _named(self, place: int) -> tuple[int, Direction]:
        return place, Direction.of_readings(self._rows[[place]], np.full(1, self._sign))


class Leaks(OneByOne):
    """Balances, each of which may leak.

    Args:
        nodes, rows: (test,) nodes, which are the keys, and constraints.
        way: +1 where only more lost is looked for, -1 where only more gained is, 0 for either.
        through_kg: (test,) what goes through: no more than that can be lost there.
    """

    def __init__(
        self, family: str, nodes: Rows, rows: Rows, *, way: int, through_kg: Array, among: Sequence[str]
    ) -> None:
        super().__init__(family, rows.size * (0.5 if way else 1.0), among)
        self._nodes, self._rows, self._way, self._through_kg = nodes, rows, way, through_kg

    def _statistic(self, left: Left) -> Array:
        score, weight = left.multiplier[self._rows], left.multiplier_weight[self._rows]
        known = weight > 0
        statistic = np.where(known, score / np.sqrt(np.where(known, weight, 1.0)), 0.0)
        possible = np.abs(score) <= self._through_kg * weight
        return np.where(possible & (self._way * statistic >= 0), statistic, 0.0)

    def _named(self, place: int) -> tuple[int, Direction]:
        return int(self._nodes[place]), Direction.of_leak(self._rows[[place]], np.ones(1))


def leaks(flows: Flows, ledger: LedgerModel, field: Field, among: Sequence[str]) -> dict[str, Leaks]:
    """Leaks of roads, lost and gained, and of all other places; where one of all that goes through would show."""
    nodes = ledger.streams.nodes
    through = np.zeros(flows.nodes.rows)
    for column in ("head", "tail"):
        np.add.at(through, flows.flows[column], np.abs(field.x[ledger.dry[ledger.streams.mass]]) / 2)
    shows = np.sqrt(field.multiplier_weight[ledger.balance]) * through[nodes] > 1
    road = flows.nodes["kind"][nodes] == NODE["transit"]
    found = {}
    for family, where, way in (("lost", road, 1), ("gained", road, -1), ("place", ~road, 0)):
        at = np.flatnonzero(where & shows)
        found[family] = Leaks(
            family, nodes[at], ledger.balance[at], way=way, through_kg=through[nodes[at]], among=among
        )
    return found
