"""Wording: figures and names as a person reads them. Every sentence of a report is composed with these."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from math import floor, log10

import msgspec

from lodeline.chemistry.elements import elements
from lodeline.errors.visible import visible
from lodeline.report.model import Cell, Part, Sentence, standing_tone
from lodeline.units.figure import Figure

NAME_SHOWN = 90
"""How many characters of one foreign name are shown."""

DIGITS = 3
"""Significant digits of a computed figure without an uncertainty; with one, two digits of the uncertainty decide."""

DRAWN_DIGITS = 6
"""Significant digits of a number that is only drawn."""
MOST_DIGITS = 5
"""Significant digits of limits that are close together: more tells a reader nothing, and they are in the file."""
DATE_SHOWN = 32
"""Characters of a date that are shown."""
TEXT_SHOWN = 2000
"""Characters of one run of text."""
IDENTIFIER = re.compile(r"(?:https?://|urn:)[^\s,;()'\"]*[^\s,;()'\".]")
"""An identifier inside a sentence, without the stop that may end it."""
SHORT = 36
"""Characters of an identifier that stands under a name."""
UNIT_WORDS = {"KGM": "kg", "TNE": "t", "P1": "%", "C62": "", "USD/KGM": "USD/kg", "USD/LBR": "USD/lb"}
MONEY_WORDS = ((Decimal(10) ** 12, "trillion"), (Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))
TONNE_KG = 1000.0
DUST_KG = 1e-9
"""What is less than a microgram is no metal, but what adding large numbers leaves."""
PERCENT = 100.0


UNKNOWN_MASS = Figure(value=None, unit="KGM", standing="unknown")
"""For sentences that speak of an unknown mass and of no one figure."""


def name(text: object, *, limit: int = NAME_SHOWN) -> Part:
    """Foreign text, safe to show: one line, hazards written out, cut with its length named."""
    return Part(visible(str(text), limit=limit), "name")


def element_name(symbol: str) -> str:
    """``Antimony (Sb)``."""
    known = elements().get(symbol)
    return f"{known.name.capitalize()} ({symbol})" if known is not None else harmless(symbol)


def element_plain(symbol: str) -> str:
    """``antimony``, as a sentence names it."""
    known = elements().get(symbol)
    return known.name if known is not None else harmless(symbol)


def harmless(text: str) -> str:
    """Any text as a heading or a run of words may show it; what lodeline itself writes comes back as it is."""
    return visible(text, limit=TEXT_SHOWN)


def strong(text: str) -> Part:
    """Words that carry the sentence."""
    return Part(harmless(text), "strong")


def date(text: str) -> Part:
    """A date, which does not break over two lines."""
    return Part(visible(text, limit=DATE_SHOWN), "date")


def link(address: str, *, whole: bool = False) -> Part:
    """A source's address, by its host or ``whole``; only web addresses become links, others are shown as text."""
    if visible(address) == address and address.startswith(("https://", "http://")):
        path = address.split("://", 1)[1].rstrip("/")
        return Part(path if whole else path.partition("/")[0].removeprefix("www."), "link", href=address)
    if visible(address) == address and address.startswith("doi:10."):
        return Part(address, "link", href=f"https://doi.org/{address[4:]}")
    return name(address)


def figure(key: str, of: Figure) -> Part:
    """A figure with its unit, as far as it is known."""
    return Part(shown(of), standing_tone(of.standing), figure=key)


def sentence(*parts: str | Part) -> Sentence:
    """Parts as one sentence. Plain strings are lodeline's own words; a foreign one is harmless all the same."""
    runs: list[Part] = []
    for part in parts:
        run = part if isinstance(part, Part) else Part(harmless(part))
        if runs and _plain(run) and _plain(runs[-1]):
            runs[-1] = Part(runs[-1].text + run.text)
        elif run.text:
            runs.append(run)
    return Sentence("".join(run.text for run in runs), () if all(map(_plain, runs)) else tuple(runs))


def _plain(run: Part) -> bool:
    return run == Part(run.text)


def opening(of: Sentence) -> Sentence:
    """The sentence with a capital at its beginning, unless it begins with foreign text."""
    first, *rest = of.runs
    if first.tone == "name":
        return of
    return sentence(Part(first.text[:1].upper() + first.text[1:], first.tone, first.figure, first.href), *rest)


def cell(*parts: str | Part, below: str = "", state: str = "") -> Cell:
    """A cell of a table."""
    return Cell(sentence(*parts), harmless(below), state)  # type: ignore[arg-type]


def figure_cell(key: str, of: Figure, *, below: str = "") -> Cell:
    """A cell that shows one figure."""
    return Cell(sentence(figure(key, of)), harmless(below), "")


def shown(of: Figure) -> str:
    """A figure in words: ``12.34 t ± 0.05``, ``at most 3 %``, ``unknown``."""
    of = swept(of)
    if of.unit == "KGM":
        of = _in_tonnes(of)
    unit = UNIT_WORDS.get(of.unit, of.unit)
    if of.value is not None:
        text = stated(of.value) if of.standing == "stated" and of.u is None else number(of.value, of.u)
        if is_money(of.unit):
            return money(Decimal(repr(of.value)), of.unit)
        spread = f" ± {_spread(of.u)}" if of.u else ""
        return f"{text}{spread} {unit}".strip()
    if of.low is not None and of.high is not None and of.low != 0:
        return f"{_apart(of.low, of.high)} {unit}".strip()
    if of.high is not None:
        return f"at most {number(of.high)} {unit}".strip()
    if of.low is not None:
        return f"at least {number(of.low)} {unit}".strip()
    return "unknown"


def swept(of: Figure) -> Figure:
    """A mass whose uncertainty is but dust is known, and one that is dust itself is nothing."""
    if of.unit != "KGM" or of.value is None or of.u is None or of.u >= DUST_KG:
        return of
    return msgspec.structs.replace(of, value=0.0 if abs(of.value) < DUST_KG else of.value, u=0.0)


def _apart(low: float, high: float) -> str:
    """Two limits with as many digits as tell them apart, at least three; one number where all that are shown agree."""
    for digits in range(DIGITS, MOST_DIGITS + 1):
        texts = [number(limit, digits=digits) for limit in (low, high)]
        if texts[0] != texts[1]:
            return " to ".join(texts)
    return texts[0]


def number(value: float, u: float | None = None, *, digits: int = DIGITS) -> str:
    """A number with thousands commas: two digits of its uncertainty, else three significant ``digits``."""
    if value == 0 and not u:
        return "0"
    scale = u if u else abs(value)
    digits = 2 if u else digits
    places = digits - 1 - floor(log10(scale))
    text = _grouped(Decimal(repr(value)), places)
    # Without an uncertainty, a trailing zero behind the point would claim a digit that nobody has vouched for.
    return text if u or "." not in text else text.rstrip("0").rstrip(".")


def sigmas(value: float) -> str:
    """How many standard uncertainties something is: finer than a tenth of one means nothing."""
    text = f"{value:,.1f}"
    return "0.0" if text == "-0.0" else text


def drawn(value: float) -> float:
    """A number for a picture: six significant digits are finer than any screen."""
    return float(f"{value:.{DRAWN_DIGITS}g}")


def percent(probability: float) -> str:
    """A probability, or a part of something, in percent: two significant digits."""
    return f"{number(PERCENT * probability, digits=2)} %"


def stated(value: float | Decimal) -> str:
    """A number as it was published: every digit, no others."""
    return f"{Decimal(str(value)).normalize():,f}"


def money(amount: Decimal, currency: str) -> str:
    """``USD 500 million``, ``USD 7.1 billion``, ``USD 9,815``: every digit that was stated."""
    for size, word in MONEY_WORDS:
        if abs(amount) >= size:
            return f"{currency} {stated(amount / size)} {word}"
    return f"{currency} {stated(amount)}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 lot``, ``3 lots``, ``no lots``."""
    many = many or f"{one}s"
    return f"no {many}" if count == 0 else f"{count:,} {one if count == 1 else many}"


def listed(words: Iterable[str | Part], *, last: str = "and") -> list[str | Part]:
    """``a, b and c``."""
    items = list(words)
    out: list[str | Part] = []
    for index, item in enumerate(items):
        if index:
            out.append(f" {last} " if index == len(items) - 1 else ", ")
        out.append(item)
    return out


def short(identifier: str) -> str:
    """The end of a long identifier, by which a person tells it from its neighbours."""
    shown = visible(identifier, limit=NAME_SHOWN)
    if len(shown) <= SHORT:
        return shown
    tail = "/".join(shown.rstrip("/").split("/")[-2:])
    return f"…{tail[-SHORT:]}"


def shortly(text: str, labels: Mapping[str, str]) -> str:
    """A sentence with every long identifier by what master data call it, else by its end."""
    return IDENTIFIER.sub(lambda match: labels.get(match.group()) or short(match.group()), text)


def key_of(identifier: str) -> str:
    """An identifier as a part of a figure's name: itself where it is short and harmless, else its hash."""
    if visible(identifier) == identifier:
        return identifier
    return f"sha-256:{hashlib.sha256(identifier.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _in_tonnes(of: Figure) -> Figure:
    """Masses of a tonne and more are read in tonnes; kilograms stay where they are fewer."""
    largest = max((abs(x) for x in (of.value, of.low, of.high) if x is not None), default=0.0)
    if largest < TONNE_KG:
        return of

    def t(kg: float | None) -> float | None:
        return None if kg is None else kg / TONNE_KG

    return Figure(
        value=t(of.value),
        u=t(of.u),
        low=t(of.low),
        high=t(of.high),
        unit="TNE",
        standing=of.standing,
    )


def is_money(unit: str) -> bool:
    """Whether a unit is a currency."""
    return len(unit) == 3 and unit.isalpha() and unit not in UNIT_WORDS


def _spread(u: float) -> str:
    return _grouped(Decimal(repr(u)), 1 - floor(log10(u)))


def _grouped(value: Decimal, places: int) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    rounded = rounded if rounded else abs(rounded)  # nothing has no sign
    return f"{rounded:,.{max(places, 0)}f}" if places > 0 else f"{rounded.to_integral_value():,f}"


def as_points(of: Figure, unit: str = "percentage points") -> Figure:
    """A difference of two percentages is a number of points; the unit is written out."""
    return Figure(value=of.value, u=of.u, low=of.low, high=of.high, unit=unit, standing=of.standing)
