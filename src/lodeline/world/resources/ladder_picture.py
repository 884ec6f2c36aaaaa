"""A picture of the ladder: a bar a rung, with its range, and an empty place where a rung is unknown."""

from __future__ import annotations

from html import escape

from lodeline.world.resources.ladder import Ladder, Rung

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 170, 40, 70, 30
KNOWN, ASSUMED, BELOW, WHISKER = "#1b5e8c", "#8fb3c9", "#b3541e", "#222"
STEPS = (1, 2, 5, 10)
SCALES = ((1e9, "billion USD"), (1e6, "million USD"), (1.0, "USD"))
"""Dollars are shown in the largest of which there is one."""
LINES = 6
"""Lines of the axis, at most."""


def ladder_picture(title: str, of: Ladder) -> str:
    """An SVG: the value of each rung in dollars.

    A rung that rests on what a user supposes is paler; one below zero has another colour; of an unknown rung the
    picture names what is missing.
    """
    known = [one for one in of.rungs if one.figure.value is not None or one.figure.high is not None]
    ends = [end for one in known for end in (_low(one), _high(one))]
    least, most = min(0.0, *ends), max(0.0, *ends)
    scale, unit = next((one for one in SCALES if max(most, -least) >= one[0]), SCALES[-1])
    bottom = TOP + ROW * len(of.rungs)
    height = bottom + 52
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{escape(title)}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="20" y="26" font-size="15" font-weight="bold" fill="#222">{escape(title)}</text>',
        f'<text x="{LEFT}" y="50" fill="#444">{unit}{"; paler: illustrative" if of.assumed else ""}</text>',
        *_axis(least, most, bottom, scale),
    ]
    for number, one in enumerate(of.rungs):
        parts += _row(one, TOP + ROW * number, least, most)
    words = "Gross value in the ground is not wealth."
    parts.append(f'<text x="{LEFT}" y="{bottom + 42}" fill="#555">{words}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(usd: float, least: float, most: float) -> float:
    return LEFT + (usd - least) / ((most - least) or 1.0) * (WIDTH - LEFT - RIGHT)


def _axis(least: float, most: float, bottom: int, scale: float) -> list[str]:
    """Lines at round dollars."""
    span = most - least
    if span <= 0:
        return []
    power = 10.0 ** (len(str(int(span))) - 2)
    step = next(base * power for base in (*STEPS, 20, 50) if span / (base * power) <= LINES)
    parts = []
    for number in range(int(least // step), int(most // step) + 1):
        x = _x(number * step, least, most)
        if x >= LEFT - 1:
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}" stroke="#ddd"/>')
            told = f"{number * step / scale:g}"
            parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#555">{told}</text>')
    return parts


def _row(one: Rung, y: int, least: float, most: float) -> list[str]:
    parts = [f'<text x="{LEFT - 8}" y="{y + 16}" text-anchor="end" fill="#222">{one.name}</text>']
    if one.figure.value is None and one.figure.high is None:
        words = f"unknown: {', '.join(_plain(key) for key in one.missing)}" if one.missing else "unknown"
        return [*parts, f'<text x="{LEFT + 6}" y="{y + 16}" fill="#777" font-style="italic">{escape(words)}</text>']
    zero = _x(0.0, least, most)
    if one.figure.value is not None:
        end = _x(one.figure.value, least, most)
        colour = BELOW if one.figure.value < 0 else ASSUMED if one.assumed else KNOWN
        parts.append(
            f'<rect x="{min(zero, end):.1f}" y="{y + 4}" width="{max(abs(end - zero), 0.5):.1f}" height="16" '
            f'fill="{colour}"/>'
        )
    if one.figure.low is not None:
        low, high = (_x(end, least, most) for end in (_low(one), _high(one)))
        parts.append(
            f'<path d="M{low:.1f},{y + 12} H{high:.1f} M{low:.1f},{y + 7} v10 M{high:.1f},{y + 7} v10" '
            f'stroke="{WHISKER}" stroke-width="1.4" fill="none"/>'
        )
    return parts


def _plain(key: str) -> str:
    return key.replace("_", " ").replace(":", " of ")


def _low(one: Rung) -> float:
    return one.figure.low if one.figure.low is not None else one.figure.value or 0.0


def _high(one: Rung) -> float:
    return one.figure.high if one.figure.high is not None else one.figure.value or 0.0
