"""A picture of how many faults are found by their size, with what chance allows for so few."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import NamedTuple

from scipy.stats import binomtest

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 64, 56
LOW, HIGH = 0.5, 64.0
"""Sizes at the two ends of the axis, which grows by doublings."""
COLOURS = ("#1b5e8c", "#b3541e")


class Bin(NamedTuple):
    """Some of one size: how many there are, how many were found."""

    low: float
    high: float
    number: int
    found: int


class Series(NamedTuple):
    """One curve, and what its sizes are."""

    name: str
    bins: Sequence[Bin]


def binned(sized: Sequence[tuple[float, bool]]) -> list[Bin]:
    """By doublings of the size; what is smaller or larger than the axis is at its ends."""
    found = []
    for step in range(round(log2(HIGH / LOW))):
        low, high = LOW * 2**step, LOW * 2 ** (step + 1)
        first, last = low == LOW, high == HIGH
        of = [hit for size, hit in sized if (first or low <= size) and (last or size < high)]
        if of:
            found.append(Bin(low, high, len(of), sum(of)))
    return found


def picture(title: str, series: Sequence[Series]) -> str:
    """An SVG: the part found of each size as a dot, with its 95 % interval (Wilson)."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{title}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="bold" fill="#222">{title}</text>',
        *_axes(),
    ]
    for turn, (one, colour) in enumerate(zip(series, COLOURS, strict=False)):
        parts += _curve(one, colour, turn - (len(series) - 1) / 2)
        x = LEFT + turn * (WIDTH - LEFT - RIGHT) / 2
        parts.append(f'<circle cx="{x + 6:.1f}" cy="41" r="4.5" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16:.1f}" y="45" fill="#444">{one.name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _axes() -> list[str]:
    parts = []
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{percent} %</text>')
    for step in range(round(log2(HIGH / LOW)) + 1):
        size = LOW * 2**step
        x = _x(size)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(0):.1f}" y2="{_y(0) + 5:.1f}" stroke="#888"/>')
        parts.append(f'<text x="{x:.1f}" y="{_y(0) + 20:.1f}" text-anchor="middle" fill="#555">{size:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    words = "standard uncertainties; each step doubles, smaller and larger ones are at the ends"
    parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - 12}" text-anchor="middle" fill="#444">{words}</text>')
    return parts


def _curve(of: Series, colour: str, aside: float) -> list[str]:
    dots, parts = [], []
    for one in of.bins:
        x = _x((one.low * one.high) ** 0.5) + 8 * aside
        part = one.found / one.number
        low, high = binomtest(one.found, one.number).proportion_ci(method="wilson")
        dots.append(f"{x:.1f},{_y(part):.1f}")
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(low):.1f}" y2="{_y(high):.1f}" stroke="{colour}" '
            'stroke-opacity=".45" stroke-width="2"/>'
        )
        parts.append(
            f'<circle cx="{x:.1f}" cy="{_y(part):.1f}" r="4.5" fill="{colour}">'
            f"<title>{one.low:g} to {one.high:g}: {one.found} of {one.number}</title></circle>"
        )
    return [f'<polyline points="{" ".join(dots)}" fill="none" stroke="{colour}" stroke-width="1.5"/>', *parts]


def _x(size: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * log2(size / LOW) / log2(HIGH / LOW)


def _y(part: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - part)
