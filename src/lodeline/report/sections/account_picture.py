"""The picture of accounts: what came and went at each place, bars up and down a period, and the stock below them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lodeline.report.given_metal import Line, SeenAccount
from lodeline.report.wording import TONNE_KG, name, shown
from lodeline.report.wording import drawn as picture_number
from lodeline.units.figure import Figure

PLACE = 60
"""Letters of the name of a place in a picture."""
NAMED = {
    "opening": "Opening stock",
    "in": "In",
    "produced": "Produced",
    "out": "Out",
    "consumed": "Consumed",
    "losses": "Declared losses",
    "closing": "Closing stock",
    "unaccounted": "Missing",
}
UP: tuple[Line, ...] = ("in", "produced")
DOWN: tuple[Line, ...] = ("out", "consumed", "losses")
TONES: dict[Line, str] = {
    "in": "known", "produced": "accent", "out": "other", "consumed": "gain", "losses": "unknown",
}  # fmt: skip


def through(one: SeenAccount) -> float:
    """What went through a place as far as it is known, kg."""
    return sum(best(one, line) or 0.0 for line in (*UP, *DOWN))


def best(one: SeenAccount, line: Line) -> float | None:
    """The reconciled figure of a line, else the recorded one, else nothing."""
    settled = one.reconciled.get(line)
    return settled.value if settled is not None and settled.known else one.recorded[line].value


def in_kg(value: float) -> Figure:
    """A sum of what is drawn."""
    return Figure(value=value, unit="KGM", standing="computed")


def picture(
    drawn: Sequence[SeenAccount], by_period: Sequence[SeenAccount], periods: Sequence[str]
) -> dict[str, object]:
    """What the browser draws: a frame a place, bars up and down a period, and the stock."""
    of = {(one.site, one.label, one.period): one for one in by_period}
    used = [line for line in (*UP, *DOWN) if any(best(one, line) for one in by_period)]
    most = max(
        (abs(best(one, line) or 0.0) for one in by_period for line in (*used, "closing")),
        default=0.0,
    )
    divide, unit = (TONNE_KG, "t") if most >= TONNE_KG else (1.0, "kg")
    return {
        "periods": list(periods),
        "lines": [{"name": line, "label": NAMED[line].lower(), "tone": TONES[line]} for line in used],
        "sites": [
            _frame(one, [of.get((one.site, one.label, period)) for period in periods], used, divide) for one in drawn
        ],
        "words": {"recorded": "recorded", "stock": "stock", "unit": unit},
    }


def _frame(
    site: SeenAccount, accounts: Sequence[SeenAccount | None], used: Sequence[Line], divide: float
) -> dict[str, object]:
    def amount(one: SeenAccount | None, line: Line) -> float | None:
        if one is None:
            return 0.0
        known = best(one, line)
        return None if known is None else picture_number(known / divide)

    def signed(one: SeenAccount | None, line: Line) -> float | None:
        value = amount(one, line)
        return value if value is None or line in UP else -value

    bars = [[signed(one, line) for one in accounts] for line in used]
    ups = [sum(max(bar[at] or 0.0, 0.0) for bar in bars) for at in range(len(accounts))]
    downs = [sum(min(bar[at] or 0.0, 0.0) for bar in bars) for at in range(len(accounts))]
    stock = _carried([None if one is None else amount(one, "closing") for one in accounts], accounts)
    return {
        "label": name(site.label, limit=PLACE).text,
        "bars": bars,
        "stock": stock,
        "high": _nice(max(ups, default=0.0)),
        "low": _nice(-min(downs, default=0.0)),
        "most": _nice(max((value or 0.0 for value in stock), default=0.0)),
        "unknown": [at for at in range(len(accounts)) if any(bar[at] is None for bar in bars)],
        "unknown_stock": [at for at, value in enumerate(stock) if value is None],
        "recorded": [_recorded(one, divide) for one in accounts],
        "told": [_told(site, one, used) for one in accounts],
    }


def _carried(stock: list[float | None], accounts: Sequence[SeenAccount | None]) -> list[float | None]:
    """A period in which nothing stood in the account has none; one without an entry of its own keeps the stock."""
    return [0.0 if one is None else value for value, one in zip(stock, accounts, strict=True)]


def _recorded(one: SeenAccount | None, divide: float) -> list[float | None]:
    """What came and what went as recorded, where all of it is known and there was any."""
    if one is None:
        return [None, None]
    found: list[float | None] = []
    for lines, sign in ((UP, 1.0), (DOWN, -1.0)):
        values = [one.recorded[line].value for line in lines]
        total = sum(value for value in values if value is not None)
        found.append(None if None in values or total == 0 else picture_number(sign * total / divide))
    return found


def _told(site: SeenAccount, one: SeenAccount | None, used: Sequence[Line]) -> str:
    if one is None:
        return ""
    lines = [f"{site.label}, {one.period}"]
    for line in (*used, "closing"):
        recorded, settled = one.recorded[line], one.reconciled.get(line)
        if not told_of(one, line):
            continue
        beside = f"; reconciled {shown(settled)}" if settled is not None else ""
        lines.append(f"{NAMED[line].lower()}: {shown(recorded)}{beside}")
    return name("¶".join(lines), limit=600).text.replace("¶", "\n")


def _nice(value: float) -> float:
    """The next round number above."""
    if value <= 0:
        return 0.0
    step = 10.0 ** math.floor(math.log10(value)) / 2
    return float(f"{math.ceil(value / step) * step:.12g}")


def told_of(one: SeenAccount, line: Line) -> bool:
    """Whether there is anything to tell of a line: something in it, or a gap that could be seen."""
    of = one.recorded[line]
    return bool(one.checks) if line == "unaccounted" else of.value != 0 or bool(of.u)
