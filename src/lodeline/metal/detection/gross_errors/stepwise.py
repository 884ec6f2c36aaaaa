"""The faults of a large ledger, one after another: the most significant is compensated, then the rest is tested again.

Nothing is factored anew. A fault that has been found costs one solve, for its products with all hypotheses; from them
follow the statistics of all others with its size as an unknown, for the data and for the draws alike. After each step
the sizes are estimated together, what no longer counts beside the others is let go, and what another explains better
takes its place, so that an early mistake is taken back. At the end it is asked whether one fault less would do.
Source: Narasimhan & Jordache (2000), Data Reconciliation and Gross Error Detection, chapter 8, for compensation step by
step; to exchange and let go is our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.gross_errors.calibration import Null, draws_for, sidak
from lodeline.metal.detection.gross_errors.compensation import Compensated, compensated, products, sizes
from lodeline.metal.detection.gross_errors.groups import ALIKE, group, named
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.detection.gross_errors.search import evidence, precision

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.gross_errors.directions import Directions
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]

BETTER = 1e-6
"""One hypothesis is worth more than another if it is by more than this, in squares of T."""

NEAR = 1e-3
"""Directions whose cosine is within this of 1 or -1 may be parallel."""


class Suspect(NamedTuple):
    """A fault that the data show.

    Attributes:
        hypothesis: Its index, and label and kind as they were given.
        size: In the unit of its direction, estimated together with those of the other suspects.
        size_u: Its standard uncertainty.
        statistic: T beside the other suspects.
        p: Probability of so large a T anywhere, the other suspects given, where nothing else is wrong.
        alike: Hypotheses that no data could tell from it, itself included.
        group: Hypotheses that these data cannot tell from it, itself included, in order of evidence; the true one is
            among them with probability ``1 - false_alarms`` if it is one of the hypotheses.
    """

    hypothesis: int
    label: str
    kind: str
    size: float
    size_u: float
    statistic: float
    p: float
    alike: tuple[int, ...]
    group: tuple[int, ...]


def suspects(
    solution: Solution,
    hypotheses: Directions,
    *,
    false_alarms: float,
    generator: np.random.Generator,
    typical: Array | None = None,
) -> list[Suspect]:
    """The faults that explain a solved problem, in order of evidence.

    Args:
        solution: As :func:`lodeline.metal.reconciliation.solving.solve` gives it, small or large.
        hypotheses: What could be wrong.
        false_alarms: Rate at which anything at all is found where nothing is wrong; of each further one likewise.
        generator: For the draws from which limits and groups are made.
        typical: (hypothesis,) how large a fault of each kind typically is, in its unit, > 0: of several that are
            significant the one with the most evidence is then named, and not the one with the largest T, which may
            need a fault of a size that does not occur.

    Raises:
        InputError: ``detection.false_alarms``, ``detection.shape``, ``detection.no_direction``, ``detection.typical``.
    """
    draws = draws_for(false_alarms)
    prior = precision(typical, hypotheses.size)
    stepwise = _Stepwise(Projection(solution, hypotheses), prior, sidak(false_alarms, hypotheses.size))
    if not hypotheses.size or not stepwise.weight.any():
        return []
    stepwise.drawn = stepwise.projection.drawn(draws, generator)
    chosen: tuple[int, ...] = ()
    tried = {frozenset(chosen)}
    while True:
        left = stepwise.data_without(chosen)
        if not stepwise.significant(float(np.abs(left.statistic[0]).max()), chosen, false_alarms):
            break
        grown = stepwise.settled((*chosen, stepwise.named(left)), false_alarms)
        if frozenset(grown) in tried:
            break  # Nothing new comes of it: it would be let go again.
        tried.add(frozenset(grown))
        chosen = grown
    chosen = stepwise.fewer(chosen, false_alarms)
    found = [stepwise.suspect(one, chosen, 1 - false_alarms) for one in chosen]
    return sorted(found, key=lambda one: (-abs(one.statistic), one.hypothesis))


class _Stepwise:
    """Statistics of all hypotheses beside any few of them; what was solved for one is kept."""

    def __init__(self, projection: Projection, prior: Array, surely: float) -> None:
        self.prior, self.surely = prior, surely
        self.projection, self.seen, self.weight = projection, projection.seen[None, :], projection.weight
        self.drawn = np.zeros((0, self.weight.size))
        self._columns: dict[int, Array] = {}

    def columns(self, of: tuple[int, ...] | Indices) -> Array:
        """(hypothesis, k) products of all with some."""
        asked = [int(one) for one in of]
        new = np.array([one for one in asked if one not in self._columns], dtype=np.int64)
        for place, column in enumerate(self.projection.gram(new).T):
            self._columns[int(new[place])] = column
        return np.array([self._columns[one] for one in asked]).reshape(len(asked), self.weight.size).T

    def data_without(self, chosen: tuple[int, ...]) -> Compensated:
        """What is left of the data beside the chosen."""
        return compensated(self.seen, self.weight, self.columns(chosen), np.array(chosen, dtype=np.int64))

    def null_without(self, chosen: tuple[int, ...]) -> Null:
        """What is left of the draws beside the chosen."""
        columns = self.columns(chosen)
        return Null(compensated(self.drawn, self.weight, columns, np.array(chosen, dtype=np.int64)).statistic)

    def worth(self, left: Compensated) -> Array:
        """(hypothesis,) what each is worth as one more fault: the square of T, or twice its evidence if significant.

        Significant is the largest T, and what passes the limit that needs no draws.
        """
        size = np.abs(left.statistic[0])
        if not self.prior.any():
            return np.asarray(size**2)
        enough = size >= min(self.surely, float(size.max()) * (1 - ALIKE))
        return np.where(enough, 2 * evidence(left.seen, left.weight, self.prior)[0], -np.inf)

    def named(self, left: Compensated) -> int:
        """The one that is worth most."""
        if self.prior.any():
            return int(self.worth(left).argmax())
        return int(named(left.statistic, self.projection.share)[0])

    def significant(self, statistic: float, beside: tuple[int, ...], false_alarms: float) -> bool:
        """Whether one more fault is; the draws are asked only where Sidak's limit, which needs none, is not passed."""
        if abs(statistic) > self.surely:
            return True
        return self.null_without(beside).p(statistic) <= false_alarms

    def settled(self, chosen: tuple[int, ...], false_alarms: float) -> tuple[int, ...]:
        """The chosen after exchanging and letting go, until neither changes anything."""
        met = {frozenset(chosen)}
        while True:
            changed = self._let_go(self._exchanged(chosen), false_alarms)
            if frozenset(changed) in met:
                return changed
            met.add(frozenset(changed))
            chosen = changed

    def _exchanged(self, chosen: tuple[int, ...], barred: int | None = None) -> tuple[int, ...]:
        """Each in turn for what explains more in its place, but for one that is barred."""
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            worth = self.worth(self.data_without(others))
            if barred is not None:
                worth[barred] = -np.inf
            best = int(worth.argmax())
            if worth[best] > worth[chosen[place]] + BETTER:
                chosen = (*chosen[:place], best, *chosen[place + 1 :])
        return chosen

    def _let_go(self, chosen: tuple[int, ...], false_alarms: float) -> tuple[int, ...]:
        """Without the least, while that is not significant beside the others."""
        while chosen:
            statistic = [
                float(self.data_without(tuple(o for o in chosen if o != one)).statistic[0, one]) for one in chosen
            ]
            least = int(np.abs(statistic).argmin())
            others = tuple(one for one in chosen if one != chosen[least])
            if self.significant(statistic[least], others, false_alarms):
                break
            chosen = others
        return chosen

    def fewer(self, chosen: tuple[int, ...], false_alarms: float) -> tuple[int, ...]:
        """One fault less, while the others, exchanged for what then explains more, leave nothing significant.

        Several faults that look together like another one are first taken for that one and a few more to mend it.
        """
        for one in chosen:
            trial = tuple(other for other in chosen if other != one)
            met: set[frozenset[int]] = set()
            while frozenset(trial) not in met:
                met.add(frozenset(trial))
                trial = self._exchanged(trial, barred=one)
            largest = float(np.abs(self.data_without(trial).statistic[0]).max())
            if not self.significant(largest, trial, false_alarms):
                return self.fewer(trial, false_alarms)
        return chosen

    def suspect(self, index: int, chosen: tuple[int, ...], level: float) -> Suspect:
        """One of the chosen, with all that is said of it."""
        members = np.array(chosen, dtype=np.int64)
        size, size_u = sizes(self.seen[0, members], self.columns(chosen)[members])
        place, others = chosen.index(index), tuple(one for one in chosen if one != index)
        left, null = self.data_without(others), self.null_without(others)
        directions = self.projection.directions
        return Suspect(
            hypothesis=index,
            label=directions.labels[index],
            kind=directions.kinds[index],
            size=float(size[place]),
            size_u=float(size_u[place]),
            statistic=float(left.statistic[0, index]),
            p=null.p(float(left.statistic[0, index])),
            alike=tuple(self._alike(index, others, left.weight).tolist()),
            group=self._group(index, others, left, null, level),
        )

    def _group(
        self, index: int, others: tuple[int, ...], left: Compensated, null: Null, level: float
    ) -> tuple[int, ...]:
        """What these data cannot tell from one, itself included."""
        found = group(left.statistic[0], null, lambda of: self._cosines(of, others, left.weight)[0], level=level)
        return tuple(dict.fromkeys([*found.tolist(), index]))

    def _cosines(self, of: Indices, others: tuple[int, ...], weight: Array) -> tuple[Array, Array]:
        """(hypothesis, k) cosines of all with some, beside the others; (k,) weights of those, by their own solves."""
        chosen = np.array(others, dtype=np.int64)
        block = products(self.projection.gram(of), self.columns(others), of, chosen)
        own = np.maximum(block[of, np.arange(of.size)], 0.0)
        size = np.sqrt(np.where(weight > 0, weight, np.inf))
        size[of] = np.sqrt(np.where(own > 0, own, np.inf))
        return np.clip(block / size[:, None] / size[of][None, :], -1.0, 1.0), own

    def _alike(self, index: int, others: tuple[int, ...], weight: Array) -> Indices:
        """What no data could tell from one."""
        cosines, _ = self._cosines(np.array([index]), others, weight)
        near = np.flatnonzero(np.abs(cosines[:, 0]) > 1 - NEAR)
        # Weights from the selected inverse have fewer digits than solves; of the few that are near it is asked again.
        _, weights = self._cosines(near, others, weight)
        exact = cosines[near, 0] * np.sqrt(
            np.where(near == index, 1.0, weight[near] / np.where(weights > 0, weights, 1))
        )
        return np.asarray(near[np.abs(exact) > 1 - ALIKE])
