"""Many sets of data with faults in a network, and who names them rightly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.case import Promise
from lodeline.metal.detection.gross_errors.compensation import compensated
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.detection.gross_errors.search import Search

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Share(NamedTuple):
    """A share of runs and its Monte Carlo error."""

    value: float
    error: float

    @classmethod
    def of(cls, hits: Mask | Array) -> Share:
        """Of runs that hit, or of paired differences."""
        return cls(float(hits.mean()), float(hits.std() / np.sqrt(hits.size)))

    def __str__(self) -> str:
        return f"{100 * self.value:.2f} ± {100 * self.error:.2f}"


class Duel(NamedTuple):
    """The same runs named by both: the share of right ones, and of the difference."""

    network: str
    what: str
    peer: str
    ours: Share
    theirs: Share
    difference: Share
    promised: bool

    @classmethod
    def of(cls, network: str, what: str, peer: str, ours: Mask, theirs: Mask, *, promised: bool = True) -> Duel:
        """From (run,) whether each was right."""
        difference = Share.of(ours.astype(float) - theirs)
        return cls(network, what, peer, Share.of(ours), Share.of(theirs), difference, promised)

    def promise(self) -> Promise:
        """That ours is better by more than three Monte Carlo errors of the difference."""
        bound = self.theirs.value + 3 * self.difference.error
        what = f"{self.network}, {self.what}: named, against {self.peer} + 3 errors"
        return Promise(what=what, value=100 * self.ours.value, unit="%", at_least=100 * bound)


class Runs(NamedTuple):
    """Sets of data with faults.

    Attributes:
        true: (run, k) the hypotheses that are true.
        seen: (run, hypothesis) what each hypothesis sees.
        value: (run, observation) what was measured.
    """

    true: Indices
    seen: Array
    value: Array

    @classmethod
    def of(
        cls, projection: Projection, gram: Array, true: Indices, size: Array, generator: np.random.Generator
    ) -> Runs:
        """Draw errors, and add the faults with sizes (run, k), of either sign."""
        size = size * generator.choice([-1.0, 1.0], size.shape)
        model = projection.solution.model
        errors = generator.standard_normal((true.shape[0], model.value.size))
        seen = projection.sees(errors)
        value = model.value + model.u * errors
        shift = projection.directions.shift.T.toarray()  # (hypothesis, observation)
        for place in range(true.shape[1]):
            seen = seen + size[:, place, None] * gram[true[:, place]]
            value = value + size[:, place, None] * shift[true[:, place]]
        return cls(true, seen, value)


class Judge:
    """Whether two sets of faults explain the same data: each lies in the span of the other."""

    def __init__(self, search: Search) -> None:
        self._weight, self._gram = search.weight, search.gram
        self._known: dict[tuple[bytes, bytes], bool] = {}

    def right(self, named: list[Indices], true: Indices) -> Mask:
        """(run,) of each run whether what was named is what is true, (run, k)."""
        return np.array([self._same(some, others) for some, others in zip(named, true, strict=True)])

    def _same(self, some: Indices, others: Indices) -> bool:
        key = (np.sort(some).tobytes(), np.sort(others).tobytes())
        if key not in self._known:
            self._known[key] = self._spans(some, others) and self._spans(others, some)
        return self._known[key]

    def _spans(self, some: Indices, others: Indices) -> bool:
        kept = np.zeros(0, dtype=np.int64)
        for one in some:
            if self._left(kept)[one] > 0:
                kept = np.append(kept, one)
        return bool((self._left(kept)[others] == 0).all())

    def _left(self, chosen: Indices) -> Array:
        none = np.zeros((0, self._weight.size))
        return compensated(none, self._weight, self._gram[:, chosen], chosen).weight


def independent(cosines: Array) -> Array:
    """(k, hypothesis) F with F'F = cosines: independent errors times F are statistics."""
    values, vectors = np.linalg.eigh(cosines)
    kept = values > 1e-9
    return np.asarray(np.sqrt(values[kept])[:, None] * vectors[:, kept].T)


def table(columns: list[str], rows: list[list[str]]) -> str:
    """In Markdown."""
    lines = ["| " + " | ".join(row) + " |" for row in (columns, ["---"] * len(columns), *rows)]
    return "\n".join(lines)
