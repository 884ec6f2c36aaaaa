"""What could be wrong: each suspicion as a direction in which measured values and balances would be off together.

A bias of a measurement shifts one value, a bias of an instrument shifts all that it measured, a leak leaves one
balance open, and a receipt that was booked twice does both. What can be written so is tested, grouped and compensated
alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lodeline.metal.reconciliation.model import Model


class Directions(NamedTuple):
    """Suspicions, one a column.

    Attributes:
        labels: (hypothesis,) what each is called.
        kinds: (hypothesis,) a word: ``measurement``, ``leak``, ``instrument``, or the caller's own.
        shift: (observation, hypothesis) by how much a value is too high if the fault has size one.
        leak: (constraint, hypothesis) what a constraint then really comes to, where it should be 0: for a balance of
            what enters less what leaves, what is lost.
    """

    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    shift: sparse.csc_array
    leak: sparse.csc_array

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.labels)

    @classmethod
    def of(
        cls,
        model: Model,
        labels: Sequence[str],
        kinds: Sequence[str],
        shifts: Sequence[Mapping[int, float]],
        leaks: Sequence[Mapping[int, float]],
    ) -> Directions:
        """From one sparse vector of shifts and one of leaks a hypothesis, each by row."""
        found = cls(
            tuple(labels), tuple(kinds), _columns(shifts, model.value.size), _columns(leaks, model.constant.size)
        )
        found.check(model)
        return found

    def check(self, model: Model) -> None:
        """Refuse what does not fit the problem.

        Raises:
            InputError: ``detection.shape``, ``detection.no_direction``.
        """
        shapes = ((model.value.size, self.size), (model.constant.size, self.size))
        if len(self.kinds) != self.size or (self.shift.shape, self.leak.shape) != shapes:
            raise InputError(
                "detection.shape", "Give a hypothesis one label, one kind, and a column over all values and balances."
            )
        entries = np.concatenate([self.shift.data, self.leak.data])
        if not np.isfinite(entries).all():
            raise InputError("detection.shape", "The shifts of a hypothesis are finite numbers.")
        whole = abs(self.shift).sum(axis=0) + abs(self.leak).sum(axis=0)
        if (whole == 0).any():
            raise InputError(
                "detection.no_direction",
                "A hypothesis shifts at least one value or balance; leave out those that shift none.",
                hypothesis=self.labels[int(np.flatnonzero(whole == 0)[0])],
            )


def biases(model: Model, labels: Sequence[str]) -> Directions:
    """A bias of each single measurement, in its unit."""
    size = model.value.size
    return _checked(model, labels, "measurement", sparse.eye_array(size, format="csc"), None)


def leaks(model: Model, labels: Sequence[str]) -> Directions:
    """A leak at each constraint, in its unit; of size above 0 where more enters than leaves."""
    size = model.constant.size
    return _checked(model, labels, "leak", None, sparse.eye_array(size, format="csc"))


def common(model: Model, instruments: Mapping[str, Mapping[int, float]]) -> Directions:
    """A bias of each instrument: which values it shifts, and by how much for a bias of one.

    A relative bias of a scale shifts every value by the value itself, an offset each by 1.
    """
    return _checked(model, list(instruments), "instrument", _columns(instruments.values(), model.value.size), None)


def joined(*parts: Directions) -> Directions:
    """All hypotheses of several lists, in order."""
    return Directions(
        tuple(label for part in parts for label in part.labels),
        tuple(kind for part in parts for kind in part.kinds),
        sparse.csc_array(sparse.hstack([part.shift for part in parts])),
        sparse.csc_array(sparse.hstack([part.leak for part in parts])),
    )


def _checked(
    model: Model,
    labels: Sequence[str],
    kind: str,
    shift: sparse.csc_array | None,
    leak: sparse.csc_array | None,
) -> Directions:
    nothing = (sparse.csc_array((rows, len(labels))) for rows in (model.value.size, model.constant.size))
    shifts, left = (empty if given is None else given for empty, given in zip(nothing, (shift, leak), strict=True))
    found = Directions(tuple(labels), (kind,) * len(labels), shifts, left)
    found.check(model)
    return found


def _columns(entries: Iterable[Mapping[int, float]], rows: int) -> sparse.csc_array:
    """One column a mapping of row to number."""
    listed = list(entries)
    column = np.repeat(np.arange(len(listed)), [len(one) for one in listed])
    row = np.array([index for one in listed for index in one], dtype=np.int64)
    number = np.array([value for one in listed for value in one.values()], dtype=np.float64)
    if row.size and not 0 <= row.min() <= row.max() < rows:
        raise InputError("detection.shape", "A hypothesis shifts a value or a balance that there is not.")
    return sparse.csc_array((number, (row, column)), shape=(rows, len(listed)))
