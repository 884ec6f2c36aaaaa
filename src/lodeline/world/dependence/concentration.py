"""Concentration: how much of a supply comes from few countries, with limits where amounts are folded or withheld.

The Herfindahl-Hirschman index is ``10,000 sum(s^2)`` of the shares ``s``: 10,000 where one country supplies all, and
``10,000 / n`` where ``n`` supply alike; ``10,000 / HHI`` is therefore the number of equal suppliers that would be as
concentrated. Top-1 and top-3 are what the largest, and the three largest, supply together.

A lump of "other countries" is not a country. The most concentrated that it can be is one country; the least is
endlessly many, unless somebody names how many at the most (:class:`Unnamed`). A withheld amount has the limits that are
known of it. All limits here are reached, or come as near as one likes, by amounts that agree with what is known; see
:mod:`lodeline.world.dependence.spread`.
Source: Herfindahl (1950), Concentration in the steel industry; Hirschman (1964), The paternity of an index, Am. Econ.
Rev. 54(5), 761; the scale of 10,000 as in US Department of Justice and FTC (2023), Merger Guidelines, 2.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from lodeline.errors import InputError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure, unknown
from lodeline.world.dependence import spread
from lodeline.world.dependence.indicator import Indicator
from lodeline.world.dependence.limits import between, limits_of
from lodeline.world.dependence.spread import Box, Floats, Measure
from lodeline.world.statistics.edition import OTHER, WORLD
from lodeline.world.statistics.published import SYMBOLS

METHOD = "Herfindahl-Hirschman index, 10,000 times the sum of squared shares (Herfindahl 1950, Hirschman 1964)"
TOP = "Share of the largest {n} suppliers together, percent"
EFFECTIVE = "Effective suppliers, 10,000 / HHI (the number of equal ones that are as concentrated)"


METHODS = {"hhi": METHOD, "effective-suppliers": EFFECTIVE, "top-1": TOP.format(n=1), "top-3": TOP.format(n=3)}
UNITS = {"hhi": "C62", "effective-suppliers": "C62", "top-1": "P1", "top-3": "P1"}
"""Methods and units of the four measures, by name."""


class Unnamed(NamedTuple):
    """What is taken for granted of the countries in a lump; nothing, where both are None.

    Attributes:
        countries: They are at most so many, >= 1.
        none_above: None of them supplies more than this, in the unit of the amounts, > 0. A publisher who names the
            largest gives it (:func:`smallest_named`), others do not. It is heeded where the lump's amount is known.
    """

    countries: int | None = None
    none_above: float | None = None

    def said(self, unit: str) -> str:
        """As a sentence."""
        if self.countries is None and self.none_above is None:
            return "Other countries may be one or any number of countries."
        many = "any number of" if self.countries is None else f"at most {self.countries}"
        above = "" if self.none_above is None else f", none above {self.none_above:g} {SYMBOLS.get(unit, unit)}"
        return f"Assumed: other countries are {many} countries{above}."


class Concentration(msgspec.Struct, frozen=True, kw_only=True):
    """How concentrated a supply is.

    Attributes:
        hhi: C62, 0 to 10,000. effective: suppliers, C62, >= 1. top_1, top_3: P1.
        leaders: The countries that can be the largest, by code; one where it is certain, ``OTH`` where an unnamed one
            can be.
        exact: Whether the upper limits are the true ones; else they are outer limits.
        note: What is taken for granted of other countries; empty where there are none.
    """

    hhi: Figure
    effective: Figure
    top_1: Figure
    top_3: Figure
    leaders: tuple[str, ...]
    exact: bool
    note: str


def concentration(
    supply: Mapping[str, Figure], *, total: Figure | None = None, unnamed: Unnamed | None = None
) -> Concentration:
    """How concentrated a supply is, as values or limits.

    Args:
        supply: What each country supplies, by alpha-3 code, all in one unit, tonnes or percent; ``OTH`` is a lump of
            countries that are not named. ``WLD`` is not a supplier and is refused.
        total: What they supply together, where that is known better than by adding up; its limits count, or its value.
        unnamed: What is taken for granted of the lump; None: nothing.

    Raises:
        InputError: ``world.shares_none``, ``world.shares_mixed_units``, ``world.share_negative``,
            ``world.share_of_world``, ``world.unnamed_too_few``, ``world.shares_do_not_add_up``.
    """
    unit = _checked(supply, total)
    assumed = unnamed or Unnamed()
    case = _Case(supply, total, assumed)
    if math.fsum(case.high) + case.lump[1] == 0 or case.total[1] == 0:
        nothing = unknown("C62", _settle("WLD", "Who supplies: all amounts are zero."))
        percent = unknown("P1", *nothing.settle)
        return Concentration(
            hhi=nothing, effective=nothing, top_1=percent, top_3=percent, leaders=(), exact=True, note=""
        )
    (squares_least, squares_most, exact) = case.limits(_squares, _block_of_squares)
    if squares_least == 0 and squares_most == 1:
        return _says_nothing(case, assumed.said(unit) if case.lump[1] else "")
    (one_least, one_most, _) = case.limits(_top(1), _block_of_top(1))
    (three_least, three_most, _) = case.limits(_top(3), _block_of_top(3))
    return Concentration(
        hhi=case.figure(1e4 * squares_least, 1e4 * squares_most, "C62"),
        effective=case.figure(1 / squares_most, 1 / squares_least if squares_least else math.inf, "C62"),
        top_1=case.figure(100 * one_least, 100 * one_most, "P1"),
        top_3=case.figure(100 * three_least, 100 * three_most, "P1"),
        leaders=case.leaders(),
        exact=exact,
        note=assumed.said(unit) if case.lump[1] else "",
    )


def _says_nothing(case: _Case, note: str) -> Concentration:
    """Where all that is left open could be anything, from endlessly many countries to one, nothing is known."""
    number, percent = (unknown(unit, *case.settle, rests_on=case.rests_on) for unit in ("C62", "P1"))
    return Concentration(
        hhi=number, effective=number, top_1=percent, top_3=percent, leaders=case.leaders(), exact=True, note=note
    )


def smallest_named(supply: Mapping[str, Figure]) -> float | None:
    """The least amount that a named country is known to supply; None where none is known, or one is zero.

    It is what no unnamed country is above where the publisher names the largest. That they do so is for the reader to
    know, so it is nowhere taken by itself.
    """
    named = [one.value for code, one in supply.items() if code != OTHER and one.value is not None]
    return min(named, default=None) or None


def indicators(found: Concentration, *, editions: tuple[str, ...], prefix: str = "") -> tuple[Indicator, ...]:
    """The four as indicators: ``hhi``, ``effective-suppliers``, ``top-1``, ``top-3``, after a prefix."""
    note = found.note if found.exact else f"{found.note} The upper limits are outer ones.".strip()
    figures = (found.hhi, found.effective, found.top_1, found.top_3)
    return tuple(
        Indicator(
            name=prefix + name, method=method, figure=figure, inputs=figure.rests_on, editions=editions, note=note
        )
        for (name, method), figure in zip(METHODS.items(), figures, strict=True)
    )


class _Case:
    """Amounts as limits, the lump apart from the named."""

    def __init__(self, supply: Mapping[str, Figure], total: Figure | None, unnamed: Unnamed) -> None:
        self.codes = tuple(code for code in supply if code != OTHER)
        limits = [limits_of(supply[code]) for code in self.codes]
        self.low = np.array([low for low, _ in limits], dtype=np.float64)
        self.high = np.array([high for _, high in limits], dtype=np.float64)
        self.lump = limits_of(supply[OTHER]) if OTHER in supply else (0.0, 0.0)
        self.total = (0.0, math.inf) if total is None else limits_of(total)
        self.unnamed = unnamed
        self.rests_on = tuple(dict.fromkeys(key for one in supply.values() for key in one.rests_on))
        asked = [settle for one in supply.values() for settle in one.settle]
        if self.lump[1]:
            asked.append(_settle(OTHER, "Which countries the lump of other countries is, and what each supplies."))
        self.settle = tuple(dict.fromkeys(asked))
        cap, many = unnamed.none_above, unnamed.countries
        if (many is not None and many < 1) or (cap is not None and cap <= 0):
            raise InputError("world.unnamed_too_few", "Other countries are at least one, and supply more than nothing.")
        if cap is not None and many is not None and many * cap < self.lump[0] * (1 - 1e-12):
            raise InputError(
                "world.unnamed_too_few",
                f"{many} countries of at most {cap:g} each do not make the {self.lump[0]:g} of other countries; allow "
                "more of them, or larger ones.",
            )

    def limits(
        self, measure: Callable[[Floats], Measure], block: Callable[[float, int], Floats]
    ) -> tuple[float, float, bool]:
        """Least and most of a measure, and whether the most is exact."""
        return self._least(measure(np.zeros(0))), *self._most(measure, block)

    def _least(self, measure: Measure) -> float:
        many, cap = self.unnamed.countries, self.unnamed.none_above or math.inf
        if many is None or not self.lump[1]:
            return spread.least(measure, Box(self.low, self.high, *self.total), self.lump)
        # Alike is least: a measure that treats unnamed countries alike is least where their limits are alike too.
        low = np.concatenate([self.low, np.full(many, self.lump[0] / many)])
        high = np.concatenate([self.high, np.full(many, min(self.lump[1] / many, cap))])
        return spread.least(measure, Box(low, np.maximum(low, high), *self.total))

    def _most(self, measure: Callable[[Floats], Measure], block: Callable[[float, int], Floats]) -> tuple[float, bool]:
        cap, (low, high) = self.unnamed.none_above, self.lump
        if not high or cap is None or low != high:
            one = ([low], [high]) if high else ([], [])
            amounts = Box(np.append(self.low, one[0]), np.append(self.high, one[1]), *self.total)
            found, exact = spread.most(measure(np.zeros(0)), amounts)
            return found, exact and (cap is None or not high)
        # Full countries, each at the cap, and one with the rest: no way to cut the lump up is more uneven.
        full = int(low / cap * (1 + 1e-12))
        rest = [max(0.0, low - full * cap)]
        amounts = Box(np.append(self.low, rest), np.append(self.high, rest), *self.total)
        return spread.most(measure(block(cap, full)), amounts, full * cap)

    def leaders(self) -> tuple[str, ...]:
        """Who can be the largest."""
        floor = float(self.low.max(initial=0.0))
        cap = self.unnamed.none_above or math.inf
        can = [code for code, high in zip(self.codes, self.high, strict=True) if high >= floor and high > 0]
        return tuple(can + ([OTHER] if min(self.lump[1], cap) > floor else []))

    def figure(self, low: float, high: float, unit: str) -> Figure:
        """A value where nothing is left open, or where what is makes no difference; else limits."""
        return between(low, high, unit, rests_on=self.rests_on, settle=self.settle)


def _squares(more: Floats) -> Measure:
    """Sum of squared shares; ``more`` are amounts that count besides."""
    extra = float((more**2).sum())
    return lambda amounts, total: ((amounts**2).sum(axis=1) + extra) / total**2


def _top(n: int) -> Callable[[Floats], Measure]:
    """Share of the ``n`` largest together; ``more`` are amounts that count besides."""

    def of(more: Floats) -> Measure:
        def measure(amounts: Floats, total: Floats) -> Floats:
            every = np.concatenate([amounts, np.tile(more, (amounts.shape[0], 1))], axis=1)  # (case, supplier and more)
            largest: Floats = np.sort(every, axis=1)[:, -n:].sum(axis=1)
            return largest / total

        return measure

    return of


def _block_of_squares(each: float, many: int) -> Floats:
    """One amount whose square is that of many equal ones together."""
    return np.array([each * math.sqrt(many)])


def _block_of_top(n: int) -> Callable[[float, int], Floats]:
    """Of many equal ones, as many as can be among the ``n`` largest."""
    return lambda each, many: np.full(min(n, many), each)


def _settle(subject: str, detail: str) -> Settle:
    return Settle(act="document", subject=subject, detail=detail)


def _checked(supply: Mapping[str, Figure], total: Figure | None) -> str:
    """The one unit of all amounts."""
    if not supply:
        raise InputError("world.shares_none", "There are no suppliers; give the amount of one at least.")
    if WORLD in supply:
        raise InputError("world.share_of_world", "WLD is no supplier; give it as the total.")
    units = sorted({one.unit for one in (*supply.values(), *([] if total is None else [total]))})
    if len(units) > 1:
        raise InputError(
            "world.shares_mixed_units",
            f"The amounts are in {', '.join(visible(unit) for unit in units)}; convert them to one unit.",
        )
    for code, one in supply.items():
        if any(limit is not None and limit < 0 for limit in (one.value, one.low, one.high)):
            raise InputError("world.share_negative", f"{visible(code)} supplies less than nothing; correct the amount.")
    return units[0]
