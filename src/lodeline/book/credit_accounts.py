"""The accounts of a file of credits, entered in order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from lodeline.book.credit_files import Carried, Document, Key, Received, Used
from lodeline.errors import InputError, LodelineError
from lodeline.origin.credits import Account, Period, account, carried, received, used

Row = Carried | Received | Used
ORDER: Final = (Carried, Received, Used)
"""At one instant what is carried over is there first, then what is received, then what is used."""


def entered(document: Document, *, file: str) -> dict[tuple[Key, str], Account]:
    """The accounts after all of a file was entered, in order of time.

    Raises:
        InputError: ``credit.period``, ``credit.twice``, ``credit.mg``, ``credit.unknown``, ``credit.early``,
            ``credit.overdrawn``, ``credit.factor_range``, ``credit.factor_missing``, ``credit.factor_twice``.
    """
    by_name = {one.name: one for one in document.periods}
    if len(by_name) != len(document.periods):
        raise InputError("credit.twice", "A period is given once; give another its own name.", file=file)
    books: dict[tuple[Key, str], Account] = {}

    def of(key: Key, period: Period) -> Account:
        return books.get((key, period.name)) or account(key.element, period)

    def when(one: Carried | Received | Used) -> tuple[datetime, int, int]:
        at = _named(by_name, one.since).ends if isinstance(one, Carried) else one.at
        return at, ORDER.index(type(one)), one.row

    for one in _located((*document.carried, *document.received, *document.used), when, file):
        try:
            if isinstance(one, Carried):
                old, new = _named(by_name, one.since), _named(by_name, one.into)
                books[one.key, old.name], books[one.key, new.name] = carried(of(one.key, old), of(one.key, new))
                continue
            period = period_of(document, one.at)
            before = of(one.key, period)
            if isinstance(one, Received):
                after = received(before, one.id, at=one.at, mg=one.mg, process=one.process, factors=document.factors)
            else:
                _check_arisen(document, one)
                after = used(before, one.id, at=one.at, draws=one.draws)
            books[one.key, period.name] = after
        except LodelineError as refusal:
            raise refusal.located(file=file, row=one.row) from refusal
    return books


def _check_arisen(document: Document, use: Used) -> None:
    """The account is entered in order of time, so that it does not know yet what arises later."""
    drawn = {name for name, _ in use.draws}
    for one in document.received:
        if one.key == use.key and one.id in drawn and one.at > use.at:
            raise InputError("credit.early", "A credit cannot be used before it arose.", credit=one.id)


def _located(rows: tuple[Row, ...], when: Callable[[Row], tuple[datetime, int, int]], file: str) -> list[Row]:
    """In order of time."""
    placed = []
    for one in rows:
        try:
            placed.append((when(one), one))
        except LodelineError as refusal:
            raise refusal.located(file=file, row=one.row) from refusal
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def _named(periods: Mapping[str, Period], name: str) -> Period:
    if name not in periods:
        raise InputError("credit.period", "The file has no period of that name.", period=name)
    return periods[name]


def period_of(document: Document, at: datetime) -> Period:
    """The one period of an instant."""
    found = [one for one in document.periods if one.begins <= at < one.ends]
    if len(found) != 1:
        raise InputError(
            "credit.period", "Every instant is in one period of the file, and in no second one.", at=at.isoformat()
        )
    return found[0]
