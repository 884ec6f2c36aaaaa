"""The sentences that matter: what was found, in words, with its numbers and nothing besides."""

from __future__ import annotations

from collections.abc import Iterable

from lodeline.units.figure import Figure
from lodeline.world.country import with_article
from lodeline.world.dependence.answer_shapes import Dependence, FormAnswer, Supplier, TradeShares

NONE = ("untraced", "returned")
"""What stands among suppliers and is no country."""


def main_sentence(of: Dependence) -> str:
    """What matters most: who shipped it and who mined it, in the form that is traced and most of which came."""
    at = with_article(of.importer)
    at = at[0].upper() + at[1:]
    answered = [one for one in of.forms if one.trade is not None]
    traced = [one for one in answered if one.trade is not None and one.trade.unlisted is not None]
    first = max(traced or answered, key=_arrived, default=None)
    if first is None or first.trade is None:
        return (
            f"No trade table at hand has imports of {of.plain} by {with_article(of.importer)} in {of.year}. "
            f"{_reliance(of)}"
        ).strip()
    came = f"{at} imported {tonnes(first.trade.arrived)} t of {first.form.plain} in {of.year}"
    return f"{came}: {_direct(first.trade)}{_mined(first.trade)}. {_reliance(of)}".strip()


def unused_sentence(plain: str, edition: str, year: str, held: Iterable[str]) -> str:
    """That a trade table which was given has nothing of what is asked in the year."""
    periods = sorted(held)
    has = f"; it has {periods[0]}" if periods else ""
    last = f" to {periods[-1]}" if len(periods) > 1 else ""
    months = " by months, which are not added up: take it by years" if any(len(one) > 4 for one in periods) else ""
    return (
        f"The trade table given, {edition}, has nothing of {plain} in {year}{has}{last}{months}. Nothing here is from "
        "it."
    )


def _arrived(one: FormAnswer) -> float:
    return 0.0 if one.trade is None else one.trade.arrived.value or one.trade.arrived.low or 0.0


def _direct(of: TradeShares) -> str:
    largest = max(of.suppliers, key=lambda one: one.direct.value or one.direct.low or 0.0)
    if largest.direct.standing == "unknown":
        return "whose it was by mass is unknown"
    return f"{percent(largest.direct)} % was shipped by {with_article(largest.country)}"


def _mined(of: TradeShares) -> str:
    if of.unlisted is None:
        return "; where it was mined is not traced"
    miners = [one for one in of.suppliers if one.traced is not None and one.country not in NONE]
    first = max(miners, key=_traced, default=None)
    parts = [f"{percent(of.unlisted)} % by countries without a listed mine"]
    if first is not None:
        parts.append(
            f"{percent(first.traced)} % is traced to mines of {with_article(first.country)}, which shipped "
            f"{percent(first.direct)} % itself"
        )
    untraced = next((one for one in of.suppliers if one.country == "untraced"), None)
    if untraced is not None:
        parts.append(f"{percent(untraced.traced)} % is untraced")
    return f", {parts[0]}; {'; '.join(parts[1:])}" if parts[1:] else f", {parts[0]}"


def _traced(one: Supplier) -> float:
    return 0.0 if one.traced is None else one.traced.value or 0.0


def _reliance(of: Dependence) -> str:
    """Net import reliance with what a point of it is."""
    reliance, point = of.national.reliance, of.national.point_of_consumption
    if reliance.standing == "unknown" or point.value is None:
        return ""
    return (
        f"Net import reliance on {of.commodity.replace('-', ' ')} is {percent(reliance)} %, and a point of it is "
        f"{tonnes(point)} t a year, by {of.national.edition}."
    )


def percent(of: Figure | None) -> str:
    """A percentage to one decimal; where only limits are known, these, unless they read alike."""
    return _told(of, ".1f")


def tonnes(of: Figure | None) -> str:
    """Tonnes, whole ones from ten on."""
    ends = () if of is None else (of.value, of.low, of.high)
    small = max((abs(one) for one in ends if one is not None), default=0.0) < 10
    return _told(of, ",.2f" if small else ",.0f")


def _told(of: Figure | None, form: str) -> str:
    if of is None or of.standing == "unknown":
        return "unknown"
    if of.value is not None:
        return _number(of.value, form)
    low, high = (None if limit is None else _number(limit, form) for limit in (of.low, of.high))
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    return low if low == high else f"{low} to {high}"


def _number(value: float, form: str) -> str:
    # A published whole number is not made to look finer than it is.
    return format(value, ",.0f" if value == int(value) else form)
