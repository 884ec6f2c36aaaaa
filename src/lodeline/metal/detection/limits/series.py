"""Series: contrasts that share readings, with what readings and instruments do to each.

Two contrasts that rest on one reading are off together: what a port weighed ends one road and begins the next. The
covariance of all is ``C = J J^T + diag(own)``, with J what each reading does per standard uncertainty. It falls into
blocks of contrasts that hang together, which are small, so its inverse is found block by block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

DRY, WATER, WET, GRADE = range(4)
"""Kinds of contrasts; see :mod:`lodeline.metal.detection.limits.contrasts`."""


class Instrument(NamedTuple):
    """What may be off.

    Attributes:
        what: ``scale``, ``moisture``, or the symbol of an element.
        name: Of the scale or laboratory.
        method: Of the assay; -1 unsaid. A laboratory that is off by one method need not be by another.
    """

    what: str
    name: int
    method: int = -1


class Readings(NamedTuple):
    """Readings of one kind in some contrasts, one of each; arrays are (contrast,).

    Attributes:
        what: Of the instrument.
        reading: Row of the measurement, or a number of its own; -1 where there is none.
        name, method: Of the instrument; -1 for none.
        by, u, at: As those of a series.
    """

    what: str
    reading: Rows
    name: Rows
    method: Rows
    by: Array
    u: Array
    at: Rows


class Part(NamedTuple):
    """Contrasts of one kind; as the attributes of a series."""

    kind: int
    line: Rows
    x: Array
    own: Array
    freedom: Array
    readings: tuple[Readings, ...]


class Series(NamedTuple):
    """Contrasts, and the readings of instruments in them.

    Attributes:
        kind: (row,) code of dry, water, wet or grade.
        line: (row,) the consignment, or the pair of grades.
        x: (row,) the contrast, 0 where nothing is wrong.
        own: (row,) variance of its own, of no reading: of the loss that is expected, or of what is usual.
        freedom: (row,) degrees of freedom of its variance; infinite where it was not estimated from the book.
        row: (reading of a row,) the contrast it is in.
        reading: (reading of a row,) row of the measurement; a number of its own where several were summed.
        instrument: (reading of a row,) by which; -1 where nobody says.
        by: (reading of a row,) how much of the instrument's offset is in the contrast.
        u: (reading of a row,) what one standard uncertainty of the reading does to the contrast, signed.
        at: (reading of a row,) when it was read, microseconds since 1970 in UTC.
        prior_u: (instrument,) standard uncertainty of the offset.
        instruments: Which they are. The offset of a scale, and of a laboratory in an element, is a part of the value;
            that in moisture is in kg per kg.
    """

    kind: NDArray[np.int8]
    line: Rows
    x: Array
    own: Array
    freedom: Array
    row: Rows
    reading: Rows
    instrument: Rows
    by: Array
    u: Array
    at: Rows
    prior_u: Array
    instruments: tuple[Instrument, ...]

    @property
    def v(self) -> Array:
        """(row,) variance of each contrast by its readings."""
        return np.asarray(self.own + self._by_reading(np.ones(self.row.size, dtype=bool)).power(2).sum(axis=1))

    def _by_reading(self, kept: Flags) -> csr_array:
        """(row, reading) what each reading does to each contrast; a reading at both ends of one does what is left."""
        _, reading = np.unique(self.reading, return_inverse=True)
        reading = reading.ravel()
        shape = (self.x.size, int(reading.max(initial=-1)) + 1)
        return csr_array((self.u[kept], (self.row[kept], reading[kept])), shape=shape)

    def offsets(self) -> csr_array:
        """(row, instrument) how much of each instrument's offset is in each contrast."""
        known = self.instrument >= 0
        shape = (self.x.size, len(self.instruments))
        return csr_array((self.by[known], (self.row[known], self.instrument[known])), shape=shape)

    def variance(self) -> Array:
        """(row,) variance of each contrast, with the biases of its instruments."""
        biased = self.offsets().power(2) @ self.prior_u**2
        return np.asarray(self.v + biased, dtype=np.float64)

    def blocks(self) -> Rows:
        """(row,) the number of the block of contrasts that hang together by readings."""
        by_reading = self._by_reading(np.ones(self.row.size, dtype=bool))
        return _blocks(coo_array(by_reading @ by_reading.T))

    def weights(self, apart: Flags) -> csr_array:
        """(row, row) the inverse of the covariance of all contrasts that are not apart; 0 for those that are."""
        count = self.x.size
        if not count:
            return csr_array((0, 0))
        by_reading = self._by_reading(~apart[self.row])
        covariance = coo_array(by_reading @ by_reading.T)
        own, block = np.where(apart, 1.0, self.own), _blocks(covariance)
        size = np.bincount(block)[block]
        place = _places(block)
        found = [
            _inverse(covariance, own, block, place, np.flatnonzero(size == of_size), of_size)
            for of_size in np.unique(size).tolist()
        ]
        left, right, data = (np.concatenate(each) for each in zip(*found, strict=True))
        data[apart[left] | apart[right]] = 0.0
        return csr_array((data, (left, right)), shape=(count, count))


def _blocks(covariance: coo_array) -> Rows:
    number: Rows = connected_components(covariance, directed=False)[1].astype(np.int64)
    return number


def _places(block: Rows) -> Rows:
    """(row,) which in its block each contrast is."""
    order = np.argsort(block, kind="stable")
    place = np.empty(block.size, dtype=np.int64)
    place[order] = np.arange(block.size) - np.searchsorted(block[order], block[order])
    return place


def _inverse(
    covariance: coo_array, own: Array, block: Rows, place: Rows, rows: Rows, size: int
) -> tuple[Rows, Rows, Array]:
    """The inverse of all blocks of one size, entry by entry: row, column, value."""
    number = np.full(block.size, -1, dtype=np.int64)
    members, at = np.unique(block[rows], return_inverse=True)
    number[rows] = at.ravel()
    blocks = np.zeros((members.size, size, size))
    here = number[covariance.row] >= 0
    i, j = covariance.row[here], covariance.col[here]
    blocks[number[i], place[i], place[j]] = covariance.data[here]
    blocks[number[rows], place[rows], place[rows]] += own[rows]
    of_block = np.empty((members.size, size), dtype=np.int64)
    of_block[number[rows], place[rows]] = rows
    left, right = np.repeat(of_block, size, axis=1), np.tile(of_block, (1, size))
    inverse = np.asarray(np.linalg.inv(blocks), dtype=np.float64)
    return left.ravel(), right.ravel(), inverse.ravel()


def series(parts: Sequence[Part], prior_u: Mapping[str, Array]) -> Series:
    """Parts put together.

    Args:
        prior_u: By the ``what`` of an instrument: (name,) the standard uncertainty of its offset.
    """
    numbers: dict[Instrument, int] = {}
    start = np.cumsum([0, *(part.line.size for part in parts)])
    listed: list[tuple[Rows, Rows, Rows, Array, Array, Rows]] = []
    for begins, part in zip(start, parts, strict=False):
        for of in part.readings:
            told = np.flatnonzero(of.reading >= 0)
            name, method = of.name[told], of.method[told]
            number = np.full(told.size, -1, dtype=np.int64)
            for by_whom, by_which in np.unique(np.stack([name, method]), axis=1).T.tolist():
                if by_whom >= 0:
                    instrument = Instrument(of.what, by_whom, by_which)
                    number[(name == by_whom) & (method == by_which)] = numbers.setdefault(instrument, len(numbers))
            listed.append((begins + told, of.reading[told], number, of.by[told], of.u[told], of.at[told]))
    row, reading, instrument_of, by, u, at = (np.concatenate(each) for each in zip(*listed, strict=True))
    return Series(
        kind=np.concatenate([np.full(part.line.size, part.kind, dtype=np.int8) for part in parts]),
        line=np.concatenate([part.line for part in parts]),
        x=np.concatenate([part.x for part in parts]),
        own=np.concatenate([part.own for part in parts]),
        freedom=np.concatenate([part.freedom for part in parts]),
        row=row,
        reading=reading,
        instrument=instrument_of,
        by=by,
        u=u,
        at=at,
        prior_u=np.array([prior_u[one.what][one.name] for one in numbers], dtype=np.float64),
        instruments=tuple(numbers),
    )
