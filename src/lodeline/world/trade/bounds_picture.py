"""A picture of imports by origin: what came directly, what is traced, and a whisker from the least to the most."""

from __future__ import annotations

from lodeline.world.country import country_name
from lodeline.world.trade.imports import RETURNED, UNTRACED, Imports, Line

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 150, 30, 84, 40
DIRECT, TRACED, WHISKER = "#b9c4cc", "#1b5e8c", "#b3541e"
STEPS = (1, 2, 5)


def bounds_picture(title: str, of: Imports, *, least_part: float) -> str:
    """An SVG: for each origin a bar of what it shipped itself, one of what is traced, and its bounds.

    Args:
        title: What stands above it.
        least_part: Origins whose direct and traced tonnes are both a smaller part of all that arrived are left out, and
            counted below.
    """
    shown = [line for line in of.lines if max(line.direct_t, line.traced_t) >= least_part * of.total_t]
    left_out = len(of.lines) - len(shown)
    most = max(max(line.most_t, line.direct_t) for line in shown)
    bottom = TOP + ROW * len(shown)
    height = bottom + 64
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{title}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="20" y="26" font-size="15" font-weight="bold" fill="#222">{title}</text>',
        *_legend(),
        *_axis(most, bottom),
    ]
    for number, line in enumerate(shown):
        parts += _row(line, TOP + ROW * number, most)
    words = f"{left_out} smaller ones are left out. " if left_out else ""
    parts.append(f'<text x="{LEFT}" y="{bottom + 46}" fill="#555">{words}Tonnes of the element.</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(tonnes: float, most: float) -> float:
    return LEFT + tonnes / most * (WIDTH - LEFT - RIGHT)


def _legend() -> list[str]:
    words = ((DIRECT, "shipped by it"), (TRACED, "traced to it"), (WHISKER, "least to most, whatever was mixed"))
    parts = []
    for number, (colour, word) in enumerate(words):
        x = LEFT + 150 * number
        parts.append(f'<rect x="{x}" y="47" width="14" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="57" fill="#444">{word}</text>')
    return parts


def _axis(most: float, bottom: int) -> list[str]:
    """Lines at round tonnes, some four to eight of them."""
    power = 10.0 ** (len(str(int(most))) - 2)
    step = next(base * power for base in (*STEPS, 10) if most / (base * power) <= 8)
    parts = []
    for number in range(int(most / step) + 1):
        x = _x(number * step, most)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#555">{number * step:,.0f}</text>'
        )
    return parts


def _row(line: Line, y: int, most: float) -> list[str]:
    name = line.origin if line.origin in (UNTRACED, RETURNED) else country_name(line.origin)
    least, middle, far = (_x(tonnes, most) for tonnes in (line.least_t, line.traced_t, line.most_t))
    parts = [
        f'<text x="{LEFT - 8}" y="{y + 19}" text-anchor="end" fill="#222">{name}</text>',
        f'<rect x="{LEFT}" y="{y + 2}" width="{_x(line.direct_t, most) - LEFT:.1f}" height="9" fill="{DIRECT}"/>',
    ]
    if line.most_t > 0:
        parts += [
            f'<rect x="{LEFT}" y="{y + 14}" width="{middle - LEFT:.1f}" height="9" fill="{TRACED}"/>',
            f'<path d="M{least:.1f},{y + 18.5} H{far:.1f} M{least:.1f},{y + 13} v11 M{far:.1f},{y + 13} v11" '
            f'stroke="{WHISKER}" stroke-width="1.6" fill="none"/>',
        ]
    return parts
