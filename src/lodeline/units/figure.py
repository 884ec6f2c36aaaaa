"""A computed figure: a value with its standard uncertainty, its class, what it rests on, or what would settle it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from lodeline.errors import InputError, Settle

Standing = Literal["checked", "measured", "stated", "computed", "bounded", "unknown"]
"""How a figure is known.

``checked``: measured, and confirmed by redundant measurements. ``measured``: measured once. ``stated``: somebody
declared or published it and nothing in the book measures it. ``computed``: follows from others. ``bounded``: only
limits are known. ``unknown``: nothing is known; never 0 and never blank.
"""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a report.

    Attributes:
        value: In ``unit``; None when unknown or only bounded.
        u: Standard uncertainty (k = 1), same unit; None where nobody has given one. Not zero.
        unit: Rec 20 code (``KGM``), ISO 4217 code (``USD``), ``P1`` (percent), ``C62`` (a count or a ratio).
        standing: How it is known; see :data:`Standing`.
        low, high: Limits, where limits are known; either may be None.
        rests_on: Hash ids of events, ids of documents and keys of table rows that it was computed from.
        settle: What would make it known, or better known; empty when nothing is missing.

    Raises:
        InputError: ``figure.not_finite``, ``figure.uncertainty``, ``figure.standing``.
    """

    value: float | None
    unit: str
    standing: Standing
    u: float | None = None
    low: float | None = None
    high: float | None = None
    rests_on: tuple[str, ...] = ()
    settle: tuple[Settle, ...] = ()

    def __post_init__(self) -> None:
        for name in ("value", "u", "low", "high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise InputError("figure.not_finite", f"{name} is {number}; a figure is finite or unknown", field=name)
        if self.u is not None and self.u < 0:
            raise InputError("figure.uncertainty", "a standard uncertainty is not negative", field="u")
        if (self.value is None) != (self.standing in ("unknown", "bounded")):
            raise InputError(
                "figure.standing",
                f"value {self.value} does not go with {self.standing}: unknown and bounded have no value, others do",
                field="standing",
            )

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


def unknown(unit: str, *settle: Settle, rests_on: Iterable[str] = ()) -> Figure:
    """A figure nobody can give yet, with what would settle it."""
    return Figure(value=None, unit=unit, standing="unknown", rests_on=tuple(rests_on), settle=settle)


def product(*factors: Figure, unit: str, scale: float = 1.0) -> Figure:
    """``scale`` times the product of independent figures, in ``unit``.

    The uncertainty is first order: ``u(y)^2 = sum((y / x_i * u_i)^2)``, written without dividing by x. It is unknown
    if that of any factor is unknown. The product is unknown if any factor is, and then asks for what they ask for;
    where one factor has only limits and the others have values, so has the product.

    Source: JCGM 100:2008, 5.1.2.
    """
    rests_on, settle = _merged(factors)
    values = [factor.value for factor in factors]
    numbers = [value for value in values if value is not None]
    if len(numbers) == len(values) - 1:
        (missing,) = (factor for factor in factors if factor.value is None)
        return _scaled(missing, scale * math.prod(numbers), unit, rests_on, settle)
    if len(numbers) < len(values):
        return Figure(value=None, unit=unit, standing="unknown", rests_on=rests_on, settle=settle)
    variance: float | None = 0.0
    for i, factor in enumerate(factors):
        if factor.u is None or variance is None:
            variance = None
            break
        others = math.prod(numbers[:i] + numbers[i + 1 :])
        variance += (scale * others * factor.u) ** 2
    return Figure(
        value=scale * math.prod(numbers),
        u=None if variance is None else math.sqrt(variance),
        unit=unit,
        standing="computed",
        rests_on=rests_on,
        settle=settle,
    )


def ratio(over: Figure, under: Figure, *, unit: str, scale: float = 1.0) -> Figure:
    """``scale * over / under`` of two independent figures; unknown if either is, or if ``under`` is zero.

    Where ``over`` has only limits, so has the ratio.

    ``u(y)^2 = y^2 ((u_a / a)^2 + (u_b / b)^2)``, first order. Source: JCGM 100:2008, 5.1.2.
    """
    rests_on, settle = _merged((over, under))
    if over.value is None and under.value:
        return _scaled(over, scale / under.value, unit, rests_on, settle)
    if over.value is None or under.value is None or under.value == 0:
        return Figure(value=None, unit=unit, standing="unknown", rests_on=rests_on, settle=settle)
    value = scale * over.value / under.value
    u = None
    if over.u is not None and under.u is not None:
        u = math.hypot(scale * over.u / under.value, value * under.u / under.value)
    return Figure(value=value, u=u, unit=unit, standing="computed", rests_on=rests_on, settle=settle)


def total(parts: Iterable[Figure], *, unit: str, floor: float | None = None) -> Figure:
    """The sum of independent figures of one unit; unknown if any part is unknown, and nothing is left out of it.

    Where a part has only limits and none is without, the sum has the limits that all of them allow.

    Args:
        parts: What is added up.
        unit: Of all of them.
        floor: The least that any part can be, where nothing says so: 0 for masses. A sum with unknown parts is then at
            least what the others are together; None leaves it unknown.

    Raises:
        InputError: ``figure.mixed_units``.
    """
    parts = tuple(parts)
    for part in parts:
        if part.unit != unit:
            raise InputError("figure.mixed_units", f"cannot add {part.unit} to {unit}; convert it first")
    rests_on, settle = _merged(parts)
    numbers = [part.value for part in parts if part.value is not None]
    if not parts:
        return Figure(value=None, unit=unit, standing="unknown", rests_on=rests_on, settle=settle)
    if len(numbers) < len(parts):
        lows = [part.low if part.value is None else part.value for part in parts]
        if floor is not None and (numbers or any(low is not None for low in lows)):
            lows = [floor if low is None else low for low in lows]
        highs = [part.high if part.value is None else part.value for part in parts]
        return _between(_sum_of(lows), _sum_of(highs), unit, rests_on, settle)
    u_parts = [part.u for part in parts if part.u is not None]
    return Figure(
        value=math.fsum(numbers),
        u=math.hypot(*u_parts) if len(u_parts) == len(parts) else None,
        unit=unit,
        standing="computed",
        rests_on=rests_on,
        settle=settle,
    )


def _scaled(of: Figure, factor: float, unit: str, rests_on: tuple[str, ...], settle: tuple[Settle, ...]) -> Figure:
    """A figure without value times a known factor: its limits scaled, and changed over where the factor is negative."""
    low, high = (None if limit is None else factor * limit for limit in (of.low, of.high))
    return _between(*((low, high) if factor >= 0 else (high, low)), unit, rests_on, settle)


def _between(
    low: float | None, high: float | None, unit: str, rests_on: tuple[str, ...], settle: tuple[Settle, ...]
) -> Figure:
    """A figure of which only limits are known; unknown if there is neither."""
    standing: Standing = "unknown" if low is None and high is None else "bounded"
    return Figure(value=None, low=low, high=high, unit=unit, standing=standing, rests_on=rests_on, settle=settle)


def _sum_of(limits: list[float | None]) -> float | None:
    numbers = [limit for limit in limits if limit is not None]
    return math.fsum(numbers) if len(numbers) == len(limits) else None


def _merged(figures: Iterable[Figure]) -> tuple[tuple[str, ...], tuple[Settle, ...]]:
    """What several figures rest on and ask for, each once, in order of first mention."""
    rests_on: dict[str, None] = {}
    settle: dict[Settle, None] = {}
    for figure in figures:
        rests_on.update(dict.fromkeys(figure.rests_on))
        settle.update(dict.fromkeys(figure.settle))
    return tuple(rests_on), tuple(settle)
