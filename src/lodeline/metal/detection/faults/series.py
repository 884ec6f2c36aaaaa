"""Readings of a book as one list, and by instrument in order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.ledger_model import LedgerModel
    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

KINDS: Final = ("mass", "moisture", "fraction")
MASS, MOISTURE, FRACTION = range(3)
DAY = 86_400_000_000
"""Microseconds in a day."""
MOST = 1000
"""Bundles of readings of one instrument: of more readings, some that follow each other are taken together, so that what
is kept of their covariance stays within bounds. A window then begins and ends between bundles."""


class Listed(NamedTuple):
    """Every reading that has a weight; (reading,) each.

    Attributes:
        observation: Its row in the problem. kind: code of :data:`KINDS`. variable: what it read.
        row: Of the measurements. flow: which it is of. wet: whether it is of wet mass, or per wet mass.
        by, method: Names of scale or laboratory, and of the method; -1 where nobody said.
        at: UTC microseconds. subject: of a fraction the number of the element; else -1.
    """

    observation: Rows
    kind: Rows
    variable: Rows
    row: Rows
    flow: Rows
    wet: NDArray[np.bool_]
    by: Rows
    method: Rows
    at: Rows
    subject: Rows


class Series(NamedTuple):
    """The readings of one instrument in order of time.

    Attributes:
        kind: Code of :data:`KINDS`. by: its name. method: the only one, or -1 for all. subject: the element, or -1.
        reading: (reading,) which of the list.
        start: (bundle + 1,) the first reading of each bundle, and the end.
    """

    kind: int
    by: int
    method: int
    subject: int
    reading: Rows
    start: Rows

    @property
    def bundled(self) -> bool:
        """Whether any bundle is of more than one reading."""
        return self.start.size <= self.reading.size


def listed(ledger: LedgerModel) -> Listed:
    """All readings of a book: masses, moistures, fractions."""
    read = ledger.read
    parts = (
        (read.masses, ledger.mass_row),
        (read.moistures, ledger.moisture_row),
        (read.fractions, ledger.fraction_row),
    )
    readings, rows = [part[0] for part in parts], [part[1] for part in parts]
    observation = np.concatenate(rows)
    return Listed(
        observation=observation,
        kind=np.repeat(np.arange(3), [one.size for one in rows]),
        variable=_read_of(ledger.model)[observation],
        row=np.concatenate([one.row for one in readings]),
        flow=np.concatenate([one.flow for one in readings]),
        wet=np.concatenate([one.wet for one in readings]),
        by=np.concatenate([one.by for one in readings]),
        method=np.concatenate([one.method for one in readings]),
        at=np.concatenate([one.at for one in readings]),
        subject=np.concatenate([one.subject for one in readings]),
    )


def _read_of(model: Model) -> Rows:
    """(observation,) the variable that each reads: that of its first term, which is ``1 * x``."""
    terms = model.terms
    first = np.full(model.value.size, terms.row.size, dtype=np.int64)
    np.minimum.at(first, terms.row, np.arange(terms.row.size))
    return np.asarray(terms.first[np.minimum(first, terms.row.size - 1)])


def series(of: Listed) -> tuple[Series, ...]:
    """Of each scale; of each laboratory its moistures, and each element, by method and by all methods together."""
    found: list[Series] = []
    for kind in (MASS, MOISTURE, FRACTION):
        known = np.flatnonzero((of.kind == kind) & (of.by >= 0))
        methods = [-1]
        if kind == FRACTION:
            methods = [*np.unique(of.method[known]).tolist(), -1]
        keys: set[tuple[int, ...]] = set()
        for method in dict.fromkeys(methods):
            some = known[of.method[known] == method] if kind == FRACTION and method >= 0 else known
            for by, subject in np.unique(np.stack([of.by[some], of.subject[some]], axis=1), axis=0).tolist():
                these = some[(of.by[some] == by) & (of.subject[some] == subject)]
                key = tuple(np.sort(these).tolist())
                if key in keys:
                    continue  # It has one method only.
                keys.add(key)
                ordered = these[np.lexsort((of.row[these], of.at[these]))]
                bundles = min(ordered.size, MOST)
                start = np.arange(bundles + 1) * ordered.size // bundles
                found.append(Series(kind, by, method, subject, ordered, start))
    return tuple(found)


def shifts(of: Listed, readings: Rows, x: Array) -> Array:
    """(reading,) by how much a fault of one shifts each: of a moisture by 1 kg/kg, of others by the whole of what is
    read."""
    return np.where(of.kind[readings] == MOISTURE, 1.0, x[of.variable[readings]])
