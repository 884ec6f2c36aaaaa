"""A picture of imports: on the left where the metal was mined as far as it is traced, on the right who shipped it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lodeline.world.country import country_name
from lodeline.world.trade.imports import RETURNED, UNTRACED, Imports

WIDTH, TOP, BAR, GAP, SCALE_PX = 760, 76, 14, 7, 400
LEFT, RIGHT = 190, 560
COLOURS = ("#1b5e8c", "#b3541e", "#3b7d4f", "#7a4b8c", "#8c7a1b", "#2f7f86")
PLAIN = {UNTRACED: "#9a9a9a", RETURNED: "#6b6b6b"}
OTHERS = "others"


class _Bar(NamedTuple):
    name: str
    tonnes: float
    y: float


def import_picture(title: str, of: Imports, *, least_part: float) -> str:
    """An SVG: a band from each origin to each country that shipped, as wide as its tonnes.

    Args:
        title: What stands above it.
        least_part: What is a smaller part of the whole is folded into *others*, with its mass kept.
    """
    by_origin, by_exporter, bands = _folded(of, least_part)
    px = SCALE_PX / of.total_t
    left, right = _stack(by_origin, px), _stack(by_exporter, px)
    colour = _colours(by_origin)
    height = max(_end(left, px), _end(right, px)) + 48
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{title}">',
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>',
        f'<text x="20" y="26" font-size="15" font-weight="bold" fill="#222">{title}</text>',
        f'<text x="{LEFT}" y="56" text-anchor="end" fill="#444">mined in, as far as traced</text>',
        f'<text x="{RIGHT + BAR}" y="56" fill="#444">shipped by</text>',
        *_bands(left, right, bands, colour, px),
    ]
    for bar in left:
        parts.append(_rect(LEFT - BAR, bar, px, colour[bar.name]))
        parts.append(_label(LEFT - BAR - 8, bar, px, "end"))
    for bar in right:
        parts.append(_rect(RIGHT, bar, px, "#444"))
        parts.append(_label(RIGHT + BAR + 8, bar, px, "start"))
    return "\n".join([*parts, "</svg>", ""])


def _folded(of: Imports, least_part: float) -> tuple[dict[str, float], dict[str, float], dict[tuple[str, str], float]]:
    """Tonnes by origin, by exporter and by both, the small ones together."""
    whole: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for (exporter, origin), tonnes in of.by_exporter.items():
        for held, name in zip(whole, (origin, exporter), strict=True):
            held[name] = held.get(name, 0.0) + tonnes
    large = [{name for name, tonnes in held.items() if tonnes >= least_part * of.total_t} for held in whole]
    bands: dict[tuple[str, str], float] = {}
    for (exporter, origin), tonnes in of.by_exporter.items():
        key = (origin if origin in large[0] else OTHERS, exporter if exporter in large[1] else OTHERS)
        bands[key] = bands.get(key, 0.0) + tonnes
    sums = [
        {
            name: sum(tonnes for key, tonnes in bands.items() if key[side] == name)
            for name in {key[side] for key in bands}
        }
        for side in (0, 1)
    ]
    return _sorted(sums[0]), _sorted(sums[1]), bands


def _sorted(held: Mapping[str, float]) -> dict[str, float]:
    """The largest first; what is untraced and the others last."""
    return dict(sorted(held.items(), key=lambda one: (one[0] == OTHERS, one[0] == UNTRACED, -one[1], one[0])))


def _stack(held: Mapping[str, float], px: float) -> list[_Bar]:
    found, y = [], float(TOP)
    for name, tonnes in held.items():
        found.append(_Bar(name, tonnes, y))
        y += max(tonnes * px, 10.0) + GAP  # room for the name of a thin one
    return found


def _end(bars: list[_Bar], px: float) -> float:
    return bars[-1].y + max(bars[-1].tonnes * px, 10.0)


def _colours(origins: Mapping[str, float]) -> dict[str, str]:
    named = [name for name in origins if name not in PLAIN and name != OTHERS]
    return {OTHERS: "#c4b8a6", **PLAIN, **{name: COLOURS[k % len(COLOURS)] for k, name in enumerate(named)}}


def _bands(
    left: list[_Bar], right: list[_Bar], bands: Mapping[tuple[str, str], float], colour: Mapping[str, str], px: float
) -> list[str]:
    start, end = {bar.name: bar.y for bar in left}, {bar.name: bar.y for bar in right}
    middle, parts = (LEFT + RIGHT) / 2, []
    for origin in left:
        for exporter in right:
            wide = bands.get((origin.name, exporter.name), 0.0) * px
            if wide < 0.2:
                continue
            a, b = start[origin.name], end[exporter.name]
            start[origin.name], end[exporter.name] = a + wide, b + wide
            parts.append(
                f'<path d="M{LEFT},{a:.1f} C{middle:.0f},{a:.1f} {middle:.0f},{b:.1f} {RIGHT},{b:.1f} V{b + wide:.1f} '
                f'C{middle:.0f},{b + wide:.1f} {middle:.0f},{a + wide:.1f} {LEFT},{a + wide:.1f} Z" '
                f'fill="{colour[origin.name]}" fill-opacity="0.45"/>'
            )
    return parts


def _rect(x: float, bar: _Bar, px: float, colour: str) -> str:
    return f'<rect x="{x}" y="{bar.y:.1f}" width="{BAR}" height="{max(bar.tonnes * px, 0.5):.1f}" fill="{colour}"/>'


def _label(x: float, bar: _Bar, px: float, anchor: str) -> str:
    name = bar.name if bar.name in (OTHERS, *PLAIN) else country_name(bar.name)
    y = bar.y + max(bar.tonnes * px, 10.0) / 2 + 4
    return f'<text x="{x}" y="{y:.1f}" text-anchor="{anchor}" fill="#222">{name} {bar.tonnes:,.0f} t</text>'
