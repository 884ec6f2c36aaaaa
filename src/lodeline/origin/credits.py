"""Mass-balance accounts: what was received with a characteristic, and for what it was used, element by element.

A credit arises where metal with the characteristic enters a process: its milligrams times the factor in force for that
process on that day. Each use names the credits it draws on, each of which has arisen before. So a kilogram is used once
and no account was ever below zero, at any instant. What is left when a period ends is lost, unless it is carried over.

Source: ISO 22095:2020, 3.3.4 (mass balance); ISO 22095-2:2026, the credit method and conversion factors.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from lodeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Period(NamedTuple):
    """From an instant up to another, which is the first of the next."""

    name: str
    begins: datetime
    ends: datetime


class Factor(NamedTuple):
    """What part of an element's mass that enters a process comes out in its product.

    Attributes:
        process, element: Of which.
        value: > 0, at most 1.
        since, until: From when it is in force, and up to when; None without end.
        document: What it rests on.
    """

    process: str
    element: str
    value: Fraction
    since: datetime
    until: datetime | None
    document: str


class Credit(NamedTuple):
    """Milligrams that may be used.

    Attributes:
        at: When they arose. mg: how many. left_mg: how many are not used yet. factor: by which; None if carried over.
    """

    at: datetime
    mg: int
    left_mg: int
    factor: Factor | None


class Account(NamedTuple):
    """The account of one holder for one element and one period.

    Attributes:
        credits: By their ids. uses: what each use drew on which credits, milligrams, by its id.
    """

    element: str
    period: Period
    credits: dict[str, Credit]
    uses: dict[str, tuple[tuple[str, int], ...]]

    @property
    def left_mg(self) -> int:
        """What may be used still; never below zero."""
        return sum(one.left_mg for one in self.credits.values())


def account(element: str, period: Period) -> Account:
    """An account with nothing in it.

    Raises:
        InputError: ``credit.time``, ``credit.period``.
    """
    for instant in (period.begins, period.ends):
        _check_time(instant)
    if not period.begins < period.ends:
        raise InputError("credit.period", "A period ends after it begins.", period=period.name)
    return Account(element, period, {}, {})


def received(to: Account, credit: str, *, at: datetime, mg: int, process: str, factors: Sequence[Factor]) -> Account:
    """The account after metal with the characteristic entered a process.

    Args:
        credit: Its id, such as the hash id of the event. mg: milligrams of the element that entered.

    Milligrams of the credit are rounded down.

    Raises:
        InputError: ``credit.time``, ``credit.period``, ``credit.twice``, ``credit.mg``, and what :func:`in_force`
            refuses.
    """
    _check_within(to, at)
    _check_new(to, credit)
    if mg <= 0:
        raise InputError("credit.mg", "Give more than nothing.", credit=credit, mg=mg)
    factor = in_force(factors, process=process, element=to.element, at=at)
    made = int(factor.value * mg)
    return to._replace(credits={**to.credits, credit: Credit(at, made, made, factor)})


def used(of: Account, use: str, *, at: datetime, draws: Sequence[tuple[str, int]]) -> Account:
    """The account after credits were used for a claim.

    Args:
        use: Its id, such as the lot that is claimed of. draws: credits by their ids, and milligrams of each.

    Raises:
        InputError: ``credit.time``, ``credit.period``, ``credit.twice``, ``credit.mg``, ``credit.unknown``,
            ``credit.early``, ``credit.overdrawn``.
    """
    _check_within(of, at)
    _check_new(of, use)
    if not draws:
        raise InputError("credit.mg", "Draw on at least one credit.", use=use)
    credits = dict(of.credits)
    for name, mg in draws:
        credits[name] = _drawn(credits.get(name), name, mg, at)
    return of._replace(credits=credits, uses={**of.uses, use: tuple(draws)})


def carried(of: Account, into: Account) -> tuple[Account, Account]:
    """Both accounts after all that is left in one was carried over into the next.

    Raises:
        InputError: ``credit.element``, ``credit.period``, ``credit.twice``.
    """
    if of.element != into.element:
        raise InputError("credit.element", "Credits of one element are none of another.", element=into.element)
    if of.period.ends != into.period.begins:
        raise InputError("credit.period", "Carry over into the period that follows.", period=into.period.name)
    left = {name: one for name, one in of.credits.items() if one.left_mg}
    name_of_use = f"carried into {into.period.name}"
    _check_new(of, name_of_use)
    for name in left:
        _check_new(into, name)
    begins = into.period.begins
    moved = {name: Credit(begins, one.left_mg, one.left_mg, None) for name, one in left.items()}
    emptied = {name: one._replace(left_mg=0) for name, one in of.credits.items()}
    drawn = tuple((name, one.left_mg) for name, one in left.items())
    uses = {**of.uses, name_of_use: drawn} if drawn else of.uses
    return of._replace(credits=emptied, uses=uses), into._replace(credits={**into.credits, **moved})


def in_force(factors: Sequence[Factor], *, process: str, element: str, at: datetime) -> Factor:
    """The one factor of a process and an element that is in force at an instant.

    Raises:
        InputError: ``credit.time``, ``credit.factor_range``, ``credit.factor_missing``, ``credit.factor_twice``.
    """
    _check_time(at)
    for one in factors:
        _check_time(one.since)
        if one.until is not None:
            _check_time(one.until)
        if not 0 < one.value <= 1:
            raise InputError("credit.factor_range", "A factor is above 0 and at most 1.", document=one.document)
    found = [
        one
        for one in factors
        if (one.process, one.element) == (process, element)
        and one.since <= at
        and (one.until is None or at < one.until)
    ]
    if not found:
        raise InputError(
            "credit.factor_missing", "No conversion factor is in force; register one.", process=process, element=element
        )
    if len(found) > 1:
        raise InputError(
            "credit.factor_twice", "Two conversion factors are in force; end one.", process=process, element=element
        )
    return found[0]


def _drawn(credit: Credit | None, name: str, mg: int, at: datetime) -> Credit:
    if credit is None:
        raise InputError("credit.unknown", "The account has no such credit.", credit=name)
    if mg <= 0:
        raise InputError("credit.mg", "Draw more than nothing.", credit=name, mg=mg)
    if at < credit.at:
        raise InputError("credit.early", "A credit cannot be used before it arose.", credit=name)
    if mg > credit.left_mg:
        raise InputError(
            "credit.overdrawn", "That much is not left of the credit.", credit=name, left_mg=credit.left_mg, mg=mg
        )
    return credit._replace(left_mg=credit.left_mg - mg)


def _check_within(of: Account, at: datetime) -> None:
    _check_time(at)
    if not of.period.begins <= at < of.period.ends:
        raise InputError("credit.period", "That is not in the period of the account.", period=of.period.name, at=at)


def _check_time(at: datetime) -> None:
    if at.tzinfo is None:
        raise InputError("credit.time", "Give an instant with its time zone.", at=at)


def _check_new(of: Account, name: str) -> None:
    if name in of.credits or name in of.uses:
        raise InputError("credit.twice", "The account has that already; a credit arises once, a use is one.", id=name)
