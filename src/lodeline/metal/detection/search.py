"""Several faults in a small network: every pair is weighed, not only what is added to the best single one.

Serial elimination takes out what fits worst, then the next, and never comes back; two faults that lean on a third
stream between them are then named wrongly. Here sets are compared by their evidence, the logarithm of the likelihood
with the sizes integrated out:

    n'(G + D)^-1 n / 2  -  log det(1 + G D^-1) / 2        D = diag(typical ** -2)

n being what the set sees and G its products. It asks how well a set fits with faults of a size that occurs, while the
likelihood ratio alone may name a stream that nobody can check well, with a bias of a hundred standard uncertainties.
How many faults there are is decided by the largest T that remains, at a limit drawn for just that set.
Source: Kass & Raftery (1995), J. Am. Stat. Assoc. 90, 773-795.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.detection.calibration import Null, check_rate
from lodeline.metal.detection.compensation import compensated, sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.projection import Projection

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]

SINGULAR = 1e-8
"""Two directions make a pair if the square of the sine between them is above this."""


class Within(NamedTuple):
    """Sizes that are possible, (hypothesis,); a bias of a flow that cannot be negative is at most what was read."""

    low: Array
    high: Array

    def holds(self, some: Indices, size: Array) -> bool:
        """Whether some hypotheses may have these sizes, (k,)."""
        return bool((size >= self.low[some]).all() and (size <= self.high[some]).all())

    def holds_each(self, size: Array) -> NDArray[np.bool_]:
        """(..., hypothesis) of each size by itself."""
        return np.asarray((size >= self.low) & (size <= self.high))


class Explained(NamedTuple):
    """The faults that explain the data best.

    Attributes:
        faults: (k,) indices of hypotheses, none where nothing alarms.
        size, size_u: (k,) estimated together, in the units of their directions.
        remaining: The largest absolute T of any further fault.
    """

    faults: Indices
    size: Array
    size_u: Array
    remaining: float


class Search:
    """The search, made ready once for many sets of data of one network.

    Args:
        projection: Hypotheses on a solution; there may be some hundreds.
        typical: (hypothesis,) how large a fault of each kind typically is, in its unit, > 0; None for the bare
            likelihood ratio.
        false_alarms: Rate of each decision that there is one more fault.
        most: Faults at most.
        draws: Sets of data from which limits are read.
        generator: Of the draws.

    Raises:
        InputError: ``detection.false_alarms``, ``detection.draws``, ``detection.typical``.
    """

    def __init__(
        self,
        projection: Projection,
        *,
        typical: Array | None,
        false_alarms: float,
        most: int,
        draws: int,
        generator: np.random.Generator,
    ) -> None:
        check_rate(false_alarms)
        count = projection.directions.size
        if typical is not None and (typical.shape != (count,) or not (typical > 0).all()):
            raise InputError("detection.typical", "Give every hypothesis a typical size above zero, in its unit.")
        self._rate, self._most = false_alarms, most
        self.weight = projection.weight
        self.gram = projection.gram(np.arange(count))
        self._drawn = projection.drawn(draws, generator)
        self._prior = np.zeros(count) if typical is None else typical**-2.0
        self._limits: dict[tuple[int, ...], float] = {}

    def limit(self, chosen: Indices) -> float:
        """The limit of the absolute T of one more fault, beside those that are chosen."""
        key = tuple(sorted(chosen.tolist()))
        if key not in self._limits:
            left = compensated(self._drawn, self.weight, self.gram[:, chosen], chosen)
            self._limits[key] = Null(left.statistic).limit(self._rate)
        return self._limits[key]

    def among(self, some: Indices) -> Search:
        """The same search among some of the hypotheses only, on the same draws."""
        found = copy(self)
        found.weight, found.gram, found._prior = self.weight[some], self.gram[np.ix_(some, some)], self._prior[some]
        found._drawn, found._limits = self._drawn[:, some], {}
        return found

    def explain(self, seen: Array, within: Within | None = None) -> Explained:
        """The faults behind one set of data.

        Args:
            seen: (hypothesis,) what each sees of it.
            within: Sizes that are possible; a set with another is not considered.
        """
        chosen = np.zeros(0, dtype=np.int64)
        while True:
            left = compensated(seen[None, :], self.weight, self.gram[:, chosen], chosen)
            remaining = float(np.abs(left.statistic).max(initial=0.0))
            if remaining <= self.limit(chosen) or chosen.size == self._most:
                break
            grown = self._grown(seen, chosen, within)
            if grown is None:
                break
            chosen = grown
        block = self.gram[np.ix_(chosen, chosen)]
        return Explained(chosen, *sizes(seen[chosen], block), remaining)

    def singles(self, seen: Array) -> Array:
        """(run, hypothesis) evidence of each alone, from what each sees in each set of data."""
        checked = self.weight > 0
        found = 0.5 * seen**2 / (np.where(checked, self.weight, 1.0) + self._prior)
        if self._prior.any():
            found = found - 0.5 * np.log1p(self.weight / self._prior)
        return np.where(checked, found, -np.inf)

    def evidence(self, seen: Array, chosen: Indices, within: Within | None = None) -> float:
        """Of one set of faults, against none; -inf if a size is not possible or the set says a thing twice."""
        weight = self.gram[np.ix_(chosen, chosen)]
        scale = np.sqrt(np.diag(weight))
        if not scale.all() or np.linalg.det(weight / scale / scale[:, None]) < SINGULAR:
            return -np.inf
        if within is not None and not within.holds(chosen, np.asarray(np.linalg.solve(weight, seen[chosen]))):
            return -np.inf
        found = 0.5 * float(seen[chosen] @ np.linalg.solve(weight + np.diag(self._prior[chosen]), seen[chosen]))
        if self._prior.any():
            found -= 0.5 * float(np.linalg.slogdet(np.eye(chosen.size) + weight / self._prior[chosen])[1])
        return found

    def _grown(self, seen: Array, chosen: Indices, within: Within | None) -> Indices | None:
        """The best set with one fault more: all are weighed up to pairs, beyond that what is added and exchanged."""
        if chosen.size > 1:
            trials = [np.append(chosen, one) for one in range(seen.size) if one not in chosen]
            worth = [self.evidence(seen, trial, within) for trial in trials]
            best = int(np.argmax(worth))
            return self._exchanged(seen, trials[best], within) if np.isfinite(worth[best]) else None
        evidence = self._pairs(seen, within) if chosen.size else self.singles(seen)
        if within is not None and not chosen.size:
            size = seen / np.where(self.weight > 0, self.weight, 1.0)
            evidence = np.where(within.holds_each(size), evidence, -np.inf)
        place = np.unravel_index(int(evidence.argmax()), evidence.shape)
        return np.array(place) if np.isfinite(evidence[place]) else None

    def _pairs(self, seen: Array, within: Within | None) -> Array:
        """(hypothesis, hypothesis) evidence of each pair."""
        own = self.weight + self._prior
        det = np.outer(own, own) - self.gram**2
        sine = np.outer(self.weight, self.weight) - self.gram**2
        pair = sine > SINGULAR * np.outer(self.weight, self.weight)
        squares = np.outer(seen**2, own)
        fit = squares + squares.T - 2 * np.outer(seen, seen) * self.gram
        found = 0.5 * fit / np.where(pair, det, 1.0)
        if self._prior.any():
            found = found - 0.5 * np.log(np.where(pair, det, 1.0) / np.outer(self._prior, self._prior))
        if within is not None:
            first = (seen[:, None] * self.weight - self.gram * seen) / np.where(pair, sine, 1.0)  # sizes of the row's
            possible = within.holds_each(first.T).T
            pair = pair & possible & possible.T
        return np.where(pair, found, -np.inf)

    def _exchanged(self, seen: Array, chosen: Indices, within: Within | None) -> Indices:
        """The set after exchanging one member at a time for any other, while that adds evidence."""
        best, evidence = chosen, self.evidence(seen, chosen, within)
        improved = True
        while improved:
            improved = False
            for place in range(best.size):
                for one in range(seen.size):
                    trial = best.copy()
                    trial[place] = one
                    found = self.evidence(seen, trial, within)
                    if found > evidence + SINGULAR:
                        best, evidence, improved = trial, found, True
        return best
