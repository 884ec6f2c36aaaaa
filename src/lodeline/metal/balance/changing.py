"""Changing: which lines of which periods late evidence changed, by how much, and which entries did it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from lodeline.metal.balance.account import NONE, SPECS, Spec
from lodeline.metal.balance.entries import GAP, STOCK
from lodeline.metal.balance.evidence import Evidence
from lodeline.metal.balance.layout import AccountKey
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from lodeline.metal.balance.accounting import Accounts
    from lodeline.metal.balance.evidence import Share

SAME = 1e-9
"""Share of a figure, and kg, within which two are the same: what is beyond it is the order of a sum."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of one period that is not what it was.

    Attributes:
        key, period, line: Which line. of: the line it is a part of; empty where it is none.
        before, after: The recorded figures, KGM; 0 where nothing stood in the line.
        kg: By how much it grew; None where either is unknown.
        reopened: The period had ended when the earlier entry was recorded; else it is what went on happening in it.
        lots: The lots, and stores, of which it has more, less, or others.
        entries: The entries in between that caused it.
    """

    key: AccountKey
    period: str
    line: str
    of: str
    before: Figure
    after: Figure
    kg: float | None
    reopened: bool
    lots: tuple[str, ...]
    entries: tuple[int, ...]


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger says of the entries between two.

    Attributes:
        since, until: Entries after the first and up to the second.
        withdrawn_by: The entry that withdraws an entry, as of ``until``; None where it stands.
        rules: Gives the entries in between that hold a policy or master data; asked only where no event is the cause.
    """

    since: int
    until: int
    withdrawn_by: Callable[[int], int | None]
    rules: Callable[[], Sequence[int]]

    def holds(self, entry: int | None) -> bool:
        """Whether an entry lies in between."""
        return entry is not None and self.since < entry <= self.until


def changes(before: Accounts, after: Accounts, between: Between) -> tuple[Change, ...]:
    """The lines that changed between two entries, with what changed them.

    A lot that adds otherwise to a line than it did is changed by the entries in between that moved it there or measured
    it; by those that withdrew what had; and where neither is, by those that moved it at all, or else by the policy and
    the master data. Of periods later than all that the book held as of the earlier entry nothing was said yet, and so
    nothing changed.

    Args:
        before, after: The accounts as of both, by the same keys and periods.
    """
    return tuple(_Comparing(before, after, between).all())


class _Comparing:
    def __init__(self, before: Accounts, after: Accounts, between: Between) -> None:
        self._accounts = before, after
        self._evidence = Evidence(before.sheets), Evidence(after.sheets)
        self._between = between
        self._over = {one.period: not one.so_far for one in before.accounts}
        labels, last = after.sheets.calendar.labels, before.sheets.calendar.labels[-1]
        self._told = labels[: labels.index(last) + 1] if last in labels else labels

    def all(self) -> Iterator[Change]:
        """Every change, in order of accounts, periods and lines."""
        of = [{(one.key, one.period): one for one in each.accounts} for each in self._accounts]
        for key, period in dict.fromkeys([*of[1], *of[0]]):
            if period not in self._told and period not in self._over:
                continue
            for spec in SPECS:
                figures = [NONE if (key, period) not in each else each[key, period].recorded(spec.name) for each in of]
                if not same(*figures):
                    yield self._change(key, period, spec, *figures)

    def _change(self, key: AccountKey, period: str, spec: Spec, before: Figure, after: Figure) -> Change:
        shares = [self._shares(number, key, period, spec) for number in (0, 1)]
        changed = [name for name in {**shares[1], **shares[0]} if _what(shares[0], name) != _what(shares[1], name)]
        causes: set[int] = set()
        for name in changed:
            causes |= self._causes(name, period, spec, shares[0].get(name), shares[1].get(name))
        known = before.value is not None and after.value is not None
        return Change(
            key=key,
            period=period,
            line=spec.name,
            of=spec.of,
            before=before,
            after=after,
            kg=(after.value or 0.0) - (before.value or 0.0) if known else None,
            reopened=self._over.get(period, True),
            lots=tuple(changed),
            entries=tuple(sorted(causes)) or tuple(self._between.rules()),
        )

    def _shares(self, number: int, key: AccountKey, period: str, spec: Spec) -> dict[str, Share]:
        """What each lot adds to a line; nothing where the account or the period is not there."""
        found = self._accounts[number].sheets
        if key not in found.place.keys or period not in found.calendar.labels:
            return {}
        at = found.calendar.labels.index(period) - (spec.at == "begin")
        return self._evidence[number].shares(found.place.keys.index(key), spec.codes, at) if at >= 0 else {}

    def _causes(self, name: str, period: str, spec: Spec, before: Share | None, after: Share | None) -> set[int]:
        old = frozenset[int]() if before is None else before.entries
        new = frozenset[int]() if after is None else after.entries
        found = {entry for entry in new - old if self._between.holds(entry)}
        withdrawn = (self._between.withdrawn_by(entry) for entry in old - new)
        found |= {entry for entry in withdrawn if entry is not None and self._between.holds(entry)}
        if found or not set(spec.codes) & {*STOCK.values(), *GAP.values()}:
            return found
        # It went away, and what took it is in no line of the stock.
        labels = self._accounts[1].sheets.calendar.labels
        if period not in labels:
            return found
        at = labels.index(period) - (spec.at == "begin")
        return {entry for entry in self._evidence[1].moves(name, at) if self._between.holds(entry)}


def _what(shares: dict[str, Share], name: str) -> object:
    return shares[name].what if name in shares else None


def same(one: Figure, other: Figure) -> bool:
    """Whether two figures are the same but for rounding."""
    for a, b in zip(_numbers(one), _numbers(other), strict=True):
        if (a is None) != (b is None):
            return False
        if a is not None and b is not None and not math.isclose(a, b, rel_tol=SAME, abs_tol=SAME):
            return False
    return one.standing == other.standing


def _numbers(of: Figure) -> tuple[float | None, ...]:
    return of.value, of.u, of.low, of.high
