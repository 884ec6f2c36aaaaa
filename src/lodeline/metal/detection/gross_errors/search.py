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
from lodeline.metal.detection.gross_errors.calibration import Null, check_rate
from lodeline.metal.detection.gross_errors.compensation import compensated, sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.gross_errors.projection import Projection

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]

SINGULAR = 1e-8
"""Two directions make a pair if the square of the sine between them is above this."""


class Within(NamedTuple):
    """Sizes that are possible, (hypothesis,); a bias of a flow that cannot be negative is at most what was read."""

    low: Array
    high: Array

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
        self._rate, self._most = false_alarms, most
        self.weight = projection.weight
        self.gram = projection.gram(np.arange(count))
        self._drawn = projection.drawn(draws, generator)
        self._prior = precision(typical, count)
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
        return evidence(seen, self.weight, self._prior)

    def evidence(self, seen: Array, sets: Indices, within: Within | None = None) -> Array:
        """(set,) of sets of faults, (set, k), against none; -inf if a size is not possible or a set repeats itself."""
        weight = self.gram[sets[:, :, None], sets[:, None, :]]  # (set, k, k)
        own, n = self.weight[sets], seen[sets]
        scale = np.sqrt(np.where(own > 0, own, 1.0))
        sound = (own > 0).all(axis=1) & (np.linalg.det(weight / scale[:, :, None] / scale[:, None, :]) > SINGULAR)
        weight = np.where(sound[:, None, None], weight, np.eye(sets.shape[1]))
        if within is not None:
            size = np.linalg.solve(weight, n[:, :, None])[:, :, 0]
            sound &= ((size >= within.low[sets]) & (size <= within.high[sets])).all(axis=1)
        prior = self._prior[sets][:, :, None] * np.eye(sets.shape[1])
        found = 0.5 * np.einsum("sk,sk->s", n, np.linalg.solve(weight + prior, n[:, :, None])[:, :, 0])
        if self._prior.any():
            ratio = np.eye(sets.shape[1]) + weight / self._prior[sets][:, None, :]
            found = found - 0.5 * np.linalg.slogdet(ratio)[1]
        return np.where(sound, found, -np.inf)

    def _grown(self, seen: Array, chosen: Indices, within: Within | None) -> Indices | None:
        """The best set with one fault more: all are weighed up to pairs, beyond that what is added and exchanged."""
        if chosen.size > 1:
            trials = self._with_any(chosen, chosen.size)
            worth = self.evidence(seen, trials, within)
            best = int(worth.argmax())
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
        best, evidence = chosen, float(self.evidence(seen, chosen[None, :], within)[0])
        improved = True
        while improved:
            improved = False
            for place in range(best.size):
                trials = self._with_any(np.delete(best, place), place)
                worth = self.evidence(seen, trials, within)
                one = int(worth.argmax())
                if worth[one] > evidence + SINGULAR:
                    best, evidence, improved = trials[one], float(worth[one]), True
        return best

    def _with_any(self, some: Indices, place: int) -> Indices:
        """(hypothesis, k + 1) some and any one at a place among them."""
        return np.insert(np.tile(some, (self.weight.size, 1)), place, np.arange(self.weight.size), axis=1)


def precision(typical: Array | None, hypotheses: int) -> Array:
    """(hypothesis,) ``typical ** -2``; zeros where no typical size is given.

    Raises:
        InputError: ``detection.typical``.
    """
    if typical is None:
        return np.zeros(hypotheses)
    if typical.shape != (hypotheses,) or not (typical > 0).all():
        raise InputError("detection.typical", "Give every hypothesis a typical size above zero, in its unit.")
    return np.asarray(typical**-2.0)


def evidence(seen: Array, weight: Array, prior: Array) -> Array:
    """(run, hypothesis) evidence of each hypothesis alone; -inf where nobody checks it.

    Args:
        seen: (run, hypothesis).
        weight: (hypothesis,).
        prior: (hypothesis,) ``typical ** -2``, or zeros for the bare likelihood ratio.
    """
    checked = weight > 0
    found = 0.5 * seen**2 / (np.where(checked, weight, 1.0) + prior)
    if prior.any():
        found = found - 0.5 * np.log1p(weight / prior)
    return np.where(checked, found, -np.inf)
