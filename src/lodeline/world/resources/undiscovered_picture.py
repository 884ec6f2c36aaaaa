"""A picture of undiscovered metal: for each quantity the middle half, the middle nine tenths, median and mean."""

from __future__ import annotations

import math
from html import escape

from lodeline.world.resources.undiscovered import Total, Undiscovered

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 70, 40, 76, 44
BOX, LINE, MEAN = "#1b5e8c", "#222", "#b3541e"


def undiscovered_picture(title: str, of: Undiscovered) -> str:
    """An SVG on a logarithmic axis of tonnes; a quantile of nothing is at its left end, and its chance is told."""
    above = [at.tonnes for one in of.totals for at in one.quantiles if at.tonnes > 0]
    least, most = (math.floor(math.log10(min(above))), math.ceil(math.log10(max(above)))) if above else (0, 1)
    bottom = TOP + ROW * len(of.totals)
    height = bottom + 58
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{escape(title)}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="20" y="26" font-size="15" font-weight="bold" fill="#222">{escape(title)}</text>',
        f'<text x="{LEFT}" y="50" fill="#444">box: middle half; line: 5 to 95 %; stroke: median; dot: mean</text>',
    ]
    for power in range(least, most + 1):
        x = _x(10.0**power, least, most)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#555">{_power(power)}</text>')
    for number, one in enumerate(of.totals):
        parts += _row(one, TOP + ROW * number, least, most)
    words = (
        f"Tonnes, class undiscovered{'; illustrative' if of.assumed else ''}. Nothing at all: {100 * of.zero:.1f} %."
    )
    parts.append(f'<text x="{LEFT}" y="{bottom + 44}" fill="#555">{words}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(tonnes: float, least: int, most: int) -> float:
    """Where tonnes lie; nothing, and what is below the axis, at its left end."""
    part = (math.log10(tonnes) - least) / (most - least) if tonnes > 0 else 0.0
    return LEFT + max(part, 0.0) * (WIDTH - LEFT - RIGHT)


def _power(power: int) -> str:
    """``100 million``: round tonnes in words that a reader says."""
    for least, word in ((9, " billion"), (6, " million")):
        if power >= least:
            return f"{10 ** (power - least):,}{word}"
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"


def _row(one: Total, y: int, least: int, most: int) -> list[str]:
    at = {quantile.part: _x(quantile.tonnes, least, most) for quantile in one.quantiles}
    mean = _x(one.mean_t, least, most)
    return [
        f'<text x="{LEFT - 10}" y="{y + 19}" text-anchor="end" fill="#222">{escape(one.quantity)}</text>',
        f'<path d="M{at[0.05]:.1f},{y + 14} H{at[0.95]:.1f}" stroke="{LINE}" stroke-width="1.4"/>',
        f'<rect x="{at[0.25]:.1f}" y="{y + 4}" width="{at[0.75] - at[0.25]:.1f}" height="20" fill="{BOX}" '
        'fill-opacity="0.75"/>',
        f'<path d="M{at[0.5]:.1f},{y + 2} v24" stroke="#fff" stroke-width="2"/>',
        f'<circle cx="{mean:.1f}" cy="{y + 14}" r="4" fill="{MEAN}"/>',
    ]
