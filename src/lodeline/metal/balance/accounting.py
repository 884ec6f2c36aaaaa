"""Accounting: from flows to the accounts of an element, line by line and period by period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from lodeline.errors import Finding, InputError
from lodeline.metal.balance.account import SPECS, Account, Line, Spec, Summing
from lodeline.metal.balance.asking import Asking, widened
from lodeline.metal.balance.entries import GAP, STOCK
from lodeline.metal.balance.layout import AccountKey, Key
from lodeline.metal.balance.missing import settled, time_unknown, uncounted
from lodeline.metal.balance.places import without_zone
from lodeline.metal.balance.sheets import Sheets, sheets
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.entries import Entries
    from lodeline.metal.balance.quantity import Quantity
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.registered import Master

    Rows = NDArray[np.int64]


class Accounts(NamedTuple):
    """The accounts of one quantity.

    Attributes:
        name: Symbol, name of the group, or ``dry``.
        by: What accounts are told apart by. period: the word of their periods; None for the whole book as one.
        accounts: By account in order of first mention, and by period; none that nothing ever stood in.
        findings: Zones that nobody named, instants that nobody knows, closing stocks that nobody counted.
        unasked: Lots of materials that are registered for other elements only, and counted as holding none.
        sheets: What they rest on.
    """

    name: str
    by: tuple[Key, ...]
    period: str | None
    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...]
    unasked: int
    sheets: Sheets

    def of(self, key: AccountKey, period: str = "") -> Account:
        """The account of a key in a period.

        Raises:
            InputError: ``balance.no_account``.
        """
        for one in self.accounts:
            if (one.key, one.period) == (key, period):
                return one
        raise InputError("balance.no_account", f"There is no account of {key} in period {period!r}.", key=key)


def accounts(
    flows: Flows,
    of: Quantity,
    *,
    by: Sequence[Key] = ("site",),
    period: str | None = "month",
    master: Master,
    zone: str | None = None,
    stocktakes: Sequence[int] = (),
    through: int | None = None,
    reconciled: Summing | None = None,
    event_of: Callable[[int], str] | None = None,
) -> Accounts:
    """The accounts of an element, a declared group, or dry mass.

    Args:
        flows: Of the book.
        of: What is accounted for, from :func:`lodeline.metal.balance.quantity.quantity`.
        by: What accounts are told apart by; none for one account, beside that of the road.
        period: ``day``, ``week``, ``month``, ``quarter``, ``year``; None for the whole book as one period.
        master: Registered sites, stores and materials.
        zone: IANA zone of all midnights, where the policy names one; None: of each site its own.
        stocktakes: The entries that are stock-takes.
        through: UTC microseconds until which events are recorded; a period that ends later is one *so far*. None: all
            have ended.
        reconciled: Sums over the reconciled flows, shown beside the recorded ones.
        event_of: The hash id of an entry's event, for findings; None: they name none.
    """
    found = sheets(flows, of, by=by, period=period, master=master, zone=zone, stocktakes=stocktakes)
    return Accounts(
        name=of.name,
        by=tuple(by),
        period=period,
        accounts=tuple(_Writing(found, reconciled, through).all()),
        findings=tuple(_findings(found, through, event_of)),
        unasked=int(np.unique(flows.flows["lot"][~of.asked & (flows.flows["lot"] >= 0)]).size),
        sheets=found,
    )


def _over(found: Sheets, through: int | None) -> NDArray[np.bool_]:
    """(period,) whether it has ended everywhere."""
    ends = found.calendar.bounds[:, 1:].max(axis=0)
    return np.ones(ends.size, dtype=bool) if through is None else ends <= through


def _findings(found: Sheets, through: int | None, event_of: Callable[[int], str] | None) -> list[Finding]:
    stock = found.sure.entries.take(np.isin(found.sure.entries.line, list(STOCK.values())))
    perhaps = found.perhaps.entries
    some = ~(found.recorded.mass.kg[perhaps.row] == 0)
    return [
        *without_zone(found.place.places.values()),
        *time_unknown(found.flows, perhaps.take(some), found.calendar, event_of),
        *uncounted(stock, found.counts, found.place, found.calendar, _over(found, through)),
    ]


class _Asked(NamedTuple):
    """One line of one account in one period: its sums, recorded and reconciled, and what may be in it besides."""

    name: str
    sign: int
    of: str
    rows: Rows
    recorded: int
    reconciled: int
    perhaps: tuple[tuple[int, int, int], ...]
    """For each part that may be in it: its sums, recorded and reconciled, and whether it only adds or takes away."""


class _Writing:
    """Writes all accounts: first what is asked of the sums, and then, all summed, the lines."""

    def __init__(self, found: Sheets, reconciled: Summing | None, through: int | None) -> None:
        self._of = found
        self._recorded = Asking(found.recorded)
        self._reconciled = None if reconciled is None else Asking(reconciled)
        self._over = _over(found, through)
        zones = found.place.zone[found.place.account >= 0], found.place.account[found.place.account >= 0]
        self._zones: dict[int, list[int]] = {}
        for account, zone in sorted(set(zip(zones[1].tolist(), zones[0].tolist(), strict=True))):
            self._zones.setdefault(account, []).append(zone)

    def all(self) -> Iterator[Account]:
        """The accounts, in order."""
        periods = len(self._of.calendar.labels)
        asked: list[tuple[int, int, list[_Asked]]] = []
        for account in range(len(self._of.place.keys)):
            memo: dict[tuple[object, ...], _Asked] = {}
            active = self._of.sure.active(account, periods) | self._of.perhaps.active(account, periods)
            for period in np.flatnonzero(active).tolist():
                asked.append((account, period, [self._ask(account, period, spec, memo) for spec in SPECS]))
        for account, period, lines in asked:
            yield self._account(account, period, lines)

    def _ask(self, account: int, period: int, spec: Spec, memo: dict[tuple[object, ...], _Asked]) -> _Asked:
        at = period - (spec.at == "begin")
        # A line that is made of one part is that part, and what opens a period closed the one before it.
        stock = spec.at != "during"
        key = (spec.codes, at, stock)
        if key not in memo:
            memo[key] = self._asked(account, at, spec)
        return memo[key]._replace(name=spec.name, sign=spec.sign, of=spec.of)

    def _asked(self, account: int, period: int, spec: Spec) -> _Asked:
        sure = self._of.entries(account, spec.codes, period)
        perhaps = self._of.entries(account, spec.codes, period, perhaps=True)
        return _Asked(
            name=spec.name,
            sign=spec.sign,
            of=spec.of,
            rows=sure.row,
            recorded=self._recorded.ask(sure.row, sure.sign),
            reconciled=-1 if self._reconciled is None else self._reconciled.ask(sure.row, sure.sign),
            perhaps=tuple(self._each(perhaps, gap=spec.codes[0] in GAP.values())),
        )

    def _each(self, perhaps: Entries, *, gap: bool) -> Iterator[tuple[int, int, int]]:
        """What may be in a line: flow by flow, but all of a gap together."""
        if not perhaps.row.size:
            return
        groups = perhaps.holder if gap else np.arange(perhaps.row.size)
        for group in np.unique(groups).tolist():
            one = perhaps.take(groups == group)
            numbers = [
                -1 if asking is None else asking.ask(one.row, np.ones_like(one.sign) if not gap else one.sign)
                for asking in (self._recorded, self._reconciled)
            ]
            yield numbers[0], numbers[1], 0 if gap else int(one.sign[0])

    def _account(self, account: int, period: int, asked: list[_Asked]) -> Account:
        place, calendar = self._of.place, self._of.calendar
        zones = self._zones[account]
        label = calendar.labels[period]
        spans = calendar.spans(period, zones[0]) if label and len(zones) == 1 else None
        stock = self._of.entries(account, tuple(STOCK.values()), period)
        gaps = self._of.entries(account, tuple(GAP.values()), period)
        beside = self._of.counted(account, period)
        lines = {one.name: self._line(one) for one in asked if not one.of or one.rows.size or one.perhaps}
        lines |= {one.name: one for one in self._beside(account, period, stock, beside)}
        return Account(
            key=place.keys[account],
            period=label,
            begins=None if spans is None else spans[0],
            ends=None if spans is None else spans[1],
            zone=calendar.zones[zones[0]] if len(zones) == 1 else None,
            so_far=not bool(self._over[period]),
            lines=lines,
            holders=int(np.unique(stock.holder).size),
            counted=int(beside.size),
            checks=int(np.unique(gaps.holder).size),
        )

    def _line(self, one: _Asked) -> Line:
        recorded = widened(
            self._recorded.figure(one.recorded), [(self._recorded.figure(a), sign) for a, _, sign in one.perhaps]
        )
        reconciled = None
        if self._reconciled is not None:
            figure = self._reconciled.figure
            reconciled = widened(figure(one.reconciled), [(figure(b), sign) for _, b, sign in one.perhaps])
        if not recorded.known:
            settle = settled(self._of.flows, self._of.quantity.name, self._of.recorded.mass, one.rows)
            recorded = msgspec.structs.replace(recorded, settle=settle)
        return Line(
            name=one.name, sign=one.sign, of=one.of, recorded=recorded, reconciled=reconciled, flows=one.rows.size
        )

    def _beside(self, account: int, period: int, stock: Entries, beside: Rows) -> Iterator[Line]:
        """What stands beside an account: losses of unknown content, and stock-takes."""
        line = partial(Line, sign=0, of="")
        lost = self._of.lost
        rows = lost[(lost[:, 0] == account) & (lost[:, 1] == period), 2]
        if rows.size:
            yield line(name="lost_material", recorded=_material(self._of.flows.flows["mass_kg"][rows]), flows=rows.size)
        if not beside.size:
            return
        counted = self._of.flows.flows.rows + beside
        book = stock.take(np.isin(stock.holder, self._of.counts.holder[beside]))
        plus, minus = book.row[book.sign > 0], book.row[book.sign < 0]
        none = np.zeros(0, dtype=np.int64)
        sums = [(counted, none), (plus, minus), (np.concatenate([counted, minus]), plus)]
        figures = self._of.recorded.of_many(sums)
        for name, figure in zip(("counted", "counted_book", "counted_gap"), figures, strict=True):
            yield line(name=name, recorded=figure, flows=beside.size)


def _material(kg: NDArray[np.float64]) -> Figure:
    """The declared masses of losses, KGM; at least the known ones where one is unknown. Nobody gave an uncertainty."""
    known = float(np.nansum(kg))
    if np.isnan(kg).any():
        return Figure(value=None, low=known or None, unit="KGM", standing="bounded" if known else "unknown")
    return Figure(value=known, unit="KGM", standing="computed")
