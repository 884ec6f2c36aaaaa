"""A picture of a back-test: what was said with its range, what a model that only removes a share says, and the fact."""

from __future__ import annotations

from collections.abc import Sequence

from lodeline.world.stress.answer import Held, Stress

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 210, 90, 92, 44
RANGE, MIDDLE, NAIVE, FACT, BASE = "#9dbbd1", "#1b5e8c", "#8c7a1b", "#b3541e", "#9a9a9a"


def backtest_picture(title: str, of: Stress) -> str:
    """An SVG: a row a fact, each on a scale of its own from 0 to the largest figure of its quantity."""
    height = TOP + ROW * len(of.facts) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{title}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="20" y="26" font-size="15" font-weight="bold" fill="#222">{title}</text>',
        *_legend(),
    ]
    ordered = sorted(of.facts, key=lambda one: (list(_quantities(of.facts)).index(one.quantity), one.step))
    since = {line.step: line.since[:4] for line in of.lines}
    for number, one in enumerate(ordered):
        most = max(_largest(other) for other in of.facts if other.quantity == one.quantity)
        parts += _row(one, since[one.step], TOP + ROW * number, most)
    return "\n".join([*parts, "</svg>", ""])


def _quantities(facts: Sequence[Held]) -> dict[str, None]:
    return dict.fromkeys(one.quantity for one in facts)


def _largest(one: Held) -> float:
    of = one.predicted
    return max(number for number in (one.fact, of.high, of.value, of.low, one.base, one.naive) if number is not None)


def _legend() -> list[str]:
    words = ((BASE, "base year"), (RANGE, "predicted: 90 of 100 draws"), (NAIVE, "share removed"), (FACT, "fact"))
    x, parts = 20, []
    for colour, word in words:
        parts.append(f'<rect x="{x}" y="50" width="14" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="61" fill="#444">{word}</text>')
        x += 50 + 7 * len(word)
    return parts


def _row(one: Held, year: str, y: int, most: float) -> list[str]:
    of, wide = one.predicted, WIDTH - LEFT - RIGHT

    def x(number: float) -> float:
        return LEFT + number / most * wide

    low, high = of.low or 0.0, most if of.high is None else of.high
    parts = [
        f'<text x="{LEFT - 12}" y="{y + 17}" text-anchor="end" fill="#222">{one.quantity}, {year}</text>',
        f'<line x1="{LEFT}" y1="{y + 12}" x2="{LEFT + wide}" y2="{y + 12}" stroke="#ddd"/>',
        f'<rect x="{x(low):.1f}" y="{y + 4}" width="{max(x(high) - x(low), 1):.1f}" height="16" fill="{RANGE}"/>',
    ]
    marks = [(one.base, BASE), (of.value, MIDDLE), (one.naive, NAIVE)]
    parts += [
        f'<rect x="{x(number) - 1.5:.1f}" y="{y}" width="3" height="24" fill="{colour}"/>'
        for number, colour in marks
        if number is not None
    ]
    parts.append(f'<circle cx="{x(one.fact):.1f}" cy="{y + 12}" r="6" fill="{FACT}"/>')
    said = f"{one.fact:.2f}" if of.unit == "C62" else f"{one.fact:,.0f} t"
    parts.append(f'<text x="{LEFT + wide + 12}" y="{y + 17}" fill="{FACT}">{said}</text>')
    return parts
