"""Sheets: all that the accounts of one quantity rest on; lines, their causes and their series are read off it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.metal.balance.counts import Counts, counts
from lodeline.metal.balance.derived import derived
from lodeline.metal.balance.entries import GAP, Entries, begins, entries, times
from lodeline.metal.balance.holders import holders
from lodeline.metal.balance.instants import instants
from lodeline.metal.balance.layout import Key, Layout, layout
from lodeline.metal.balance.periods import Calendar, calendar
from lodeline.metal.balance.quantity import Quantity
from lodeline.metal.balance.recorded import AT_ONCE, Recorded
from lodeline.metal.weighed import counts_as, weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.registered import Master

    Rows = NDArray[np.int64]


class Sheets(NamedTuple):
    """What the accounts rest on.

    Attributes:
        flows: Of the book.
        quantity: What is accounted for.
        place: Where nodes stand.
        calendar: The periods.
        sure: Entries that stand in their lines.
        perhaps: Entries that may, and may not, since an instant is known only within limits.
        counts: What stock-takes counted.
        recorded: Sums as recorded; row ``flows.flows.rows + i`` is count i.
        lost: (loss, 3) account, period and row of each declared loss of unknown content.
    """

    flows: Flows
    quantity: Quantity
    place: Layout
    calendar: Calendar
    sure: Lines
    perhaps: Lines
    counts: Counts
    recorded: Recorded
    lost: Rows

    def entries(self, account: int, codes: Sequence[int], period: int, *, perhaps: bool = False) -> Entries:
        """The entries of some lines of an account in a period."""
        lines = self.perhaps if perhaps else self.sure
        some = [lines.at(account, code, period) for code in codes if lines.has(account, code)]
        return joined(some) if some else _NONE

    def counted(self, account: int, period: int) -> Rows:
        """The counts that stand beside the end of a period; index of each."""
        return np.flatnonzero((self.counts.account == account) & (self.counts.period == period))


class Lines:
    """Entries by account and line, found again by period.

    Args:
        found: In any order.
    """

    def __init__(self, found: Entries) -> None:
        order = np.lexsort((found.row, found.first, found.line, found.account))
        self.entries = found.take(order)
        pair = self.entries.account * _CODES + self.entries.line
        numbers, starts = np.unique(pair, return_index=True)
        ends = np.append(starts, pair.size)[1:]
        self._slices = dict(zip(numbers.tolist(), zip(starts.tolist(), ends.tolist(), strict=True), strict=True))
        span = self.entries.last - self.entries.first
        self._span = {number: int(span[start:end].max()) for number, (start, end) in self._slices.items()}

    def has(self, account: int, code: int) -> bool:
        """Whether anything stands in a line of an account, in any period."""
        return account * _CODES + code in self._slices

    def at(self, account: int, code: int, period: int) -> Entries:
        """The entries of a line in a period, in order of when they began to stand there."""
        pair = account * _CODES + code
        start, end = self._slices.get(pair, (0, 0))
        first = self.entries.first[start:end]
        low = start + int(np.searchsorted(first, period - self._span.get(pair, 0), side="left"))
        high = start + int(np.searchsorted(first, period, side="right"))
        here = np.flatnonzero(self.entries.last[low:high] >= period) + low
        return self.entries.take(here)

    def active(self, account: int, periods: int) -> NDArray[np.bool_]:
        """(period,) whether anything of an account stands in any line."""
        low, high = np.searchsorted(self.entries.account, [account, account + 1])
        change = np.zeros(periods + 1, dtype=np.int64)
        np.add.at(change, self.entries.first[low:high], 1)
        np.subtract.at(change, np.minimum(self.entries.last[low:high] + 1, periods), 1)
        found: NDArray[np.bool_] = np.cumsum(change[:-1]) > 0
        return found


_CODES = 32
_EMPTY: Rows = np.zeros(0, dtype=np.int64)
_NONE = Entries(_EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, np.zeros(0, dtype=bool), _EMPTY)


def joined(several: Sequence[Entries]) -> Entries:
    """Entries one after the other."""
    if len(several) == 1:
        return several[0]
    columns: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*several, strict=True)]
    return Entries(*columns)


def sheets(
    flows: Flows,
    quantity: Quantity,
    *,
    by: Sequence[Key],
    period: str | None,
    master: Master,
    zone: str | None,
    stocktakes: Sequence[int],
) -> Sheets:
    """All that the accounts rest on; see :func:`lodeline.metal.balance.accounting.accounts`."""
    of = counts_as(flows)
    mass = weighed(flows, quantity.mass)
    follows = derived(flows, mass, of)
    held = holders(flows, mass, follows, of)
    place, at = layout(flows, by, master, zone), instants(flows)
    days = calendar(period, place.zones, at.first, at.last)
    when = times(flows, place, at, days)
    found = entries(flows, place, held, when, len(days.labels), quantity.asked & ~quantity.silent)
    beside = counts(flows, stocktakes, place, held, when, begins(flows, held, when), days)
    recorded = Recorded(flows, quantity.mass, beside.counted, by=follows)
    found = _of_gaps(found, recorded)
    silent = np.flatnonzero(quantity.silent)
    tail = flows.flows["tail"][silent]
    return Sheets(
        flows=flows,
        quantity=quantity,
        place=place,
        calendar=days,
        sure=Lines(found.take(found.sure)),
        perhaps=Lines(found.take(~found.sure)),
        counts=beside,
        recorded=recorded,
        lost=np.stack([place.account[tail], when.left_high[silent], silent], axis=1),
    )


def _of_gaps(found: Entries, recorded: Recorded) -> Entries:
    """Without the gaps that come to nothing: of what came and what went, nothing was known from two sides."""
    gap = np.flatnonzero(np.isin(found.line, list(GAP.values())))
    order = gap[np.argsort(found.holder[gap], kind="stable")]
    holder = found.holder[order]
    numbers, number = np.unique(holder, return_inverse=True)
    real = np.zeros(numbers.size, dtype=bool)
    start = 0
    while start < order.size:
        # Whole holders at a time, so that all of a gap is seen together.
        stop = int(np.searchsorted(number, number[min(start + AT_ONCE, order.size) - 1], side="right"))
        some = order[start:stop]
        terms = recorded.terms_of(number[start:stop], found.row[some], found.sign[some])
        real[terms.sum] = True
        start = stop
    kept = np.ones(found.line.size, dtype=bool)
    kept[order[~real[number]]] = False
    return found.take(kept)
