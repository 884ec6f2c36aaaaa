"""Shares of a whole where some parts are known by limits only, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from lodeline.units.figure import Figure, unknown


def shares(parts: Mapping[str, Figure]) -> dict[str, Figure]:
    """What percent each part is of all together, P1.

    ``100 a / sum`` where every part has a value. Where one has limits, the shares have them too, and they are reached:
    a part is most where it is at its upper end and all others at their lower, and the other way round. A part of which
    nothing is known is from nothing on.

    Args:
        parts: Masses or values by country, of one unit, >= 0.
    """
    limits = {name: _limits(part) for name, part in parts.items()}
    ends = [high for _, high in limits.values()]
    lows = sum(low for low, _ in limits.values())
    highs = None if None in ends else sum(high for high in ends if high is not None)
    values = [part.value for part in parts.values() if part.value is not None]
    whole = sum(values) if len(values) == len(parts) else None
    exact = whole is not None and highs == lows
    return {
        name: _share(part, whole, None if exact else _ends(*limits[name], lows, highs)) for name, part in parts.items()
    }


def _share(part: Figure, whole: float | None, ends: tuple[float, float] | None) -> Figure:
    if whole == 0:
        return unknown("P1", *part.settle, rests_on=part.rests_on)
    value = None if whole is None or part.value is None else 100 * part.value / whole
    return Figure(
        value=value,
        low=None if ends is None else ends[0],
        high=None if ends is None else ends[1],
        unit="P1",
        standing="bounded" if value is None else "computed",
        rests_on=part.rests_on,
        settle=part.settle,
    )


def _ends(low: float, high: float | None, lows: float, highs: float | None) -> tuple[float, float]:
    """The least and the most percent of a part by its limits and those of all together."""
    least = 0.0 if highs is None or high is None or not low else 100 * low / (low + highs - high)
    if high is None:
        return least, 100.0
    return least, 0.0 if not high else 100 * high / (high + lows - low)


def _limits(part: Figure) -> tuple[float, float | None]:
    low, high = (part.value if limit is None else limit for limit in (part.low, part.high))
    return low or 0.0, high
