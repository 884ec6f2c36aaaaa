"""An answer about dependence as one table: a row a figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lodeline.units.figure import Figure
from lodeline.world.dependence.answer_shapes import Dependence, FormAnswer, Output, PublishedShares, TradeShares
from lodeline.world.dependence.indicator import Indicator

TEXTS = ("part", "form", "hs", "stage", "period", "country", "measure", "unit", "standing", "editions")
NUMBERS = ("value", "low", "high")


class Told(NamedTuple):
    """One figure of an answer.

    Attributes:
        part: ``trade``, ``published``, ``national`` or ``world``. form, hs, stage: empty where there is none.
        period: A year or a span. country: whose figure; the importer's for figures of all imports.
        measure: What it says. unit, standing, value, low, high: of the figure. editions: which ones it is from.
    """

    part: str
    form: str
    hs: str
    stage: str
    period: str
    country: str
    measure: str
    unit: str
    standing: str
    editions: str
    value: float | None
    low: float | None
    high: float | None


def rows(of: Dependence) -> Iterator[Told]:
    """Every figure: those of the forms, then published shares, those of the importer, and those of the world."""
    for one in of.forms:
        if one.trade is not None:
            yield from _trade(of, one, one.trade)
        if one.published is not None:
            yield from _published(of, one.published, one)
    for share in of.also_published:
        yield from _published(of, share, None)
    national = of.national
    place = ("national", "", "", "", of.year, of.importer)
    for measure in ("consumption", "reliance", "imports", "point_of_imports", "point_of_consumption"):
        yield _told(*place, measure.replace("_", "-"), getattr(national, measure), national.edition)
    yield from _indicators(place, national.computed)
    for output in of.outputs:
        yield from _output(of, output)


def _trade(of: Dependence, one: FormAnswer, trade: TradeShares) -> Iterator[Told]:
    place = ("trade", one.form.name, one.form.hs, one.form.stage, of.year)
    both = " ".join(edition for edition in (trade.edition, trade.mines) if edition)
    yield _told(*place, of.importer, "arrived", trade.arrived, trade.edition)
    yield _told(*place, of.importer, "value", trade.value, trade.edition)
    yield _told(*place, of.importer, "point", trade.point, trade.edition)
    if trade.unlisted is not None:
        yield _told(*place, of.importer, "shipped-without-listed-mine", trade.unlisted, both)
    for supplier in trade.suppliers:
        code = supplier.country
        yield _told(*place, code, "shipped", supplier.shipped, trade.edition)
        yield _told(*place, code, "direct", supplier.direct, trade.edition)
        yield _told(*place, code, "direct-by-value", supplier.direct_by_value, trade.edition)
        if supplier.traced is not None and supplier.origin is not None:
            yield _told(*place, code, "traced", supplier.traced, both)
            yield _told(*place, code, "mined-there", supplier.origin, both)
    yield from _indicators((*place, of.importer), (*trade.concentration, *trade.concentration_of_mines))


def _published(of: Dependence, share: PublishedShares, one: FormAnswer | None) -> Iterator[Told]:
    hs, stage = ("", "") if one is None else (one.form.hs, one.form.stage)
    place = ("published", share.form, hs, stage, share.period)
    for code, figure in share.shares.items():
        yield _told(*place, code, "import-share", figure, share.edition)
    yield from _indicators((*place, of.importer), share.concentration)


def _output(of: Dependence, output: Output) -> Iterator[Told]:
    place = ("world", output.form, "", output.stage, of.year)
    for code, figure in output.tonnes.items():
        yield _told(*place, code, output.measure, figure, output.edition)
        yield _told(*place, code, f"{output.measure}-share", output.shares[code], output.edition)
    yield from _indicators((*place, "WLD"), output.concentration)


def _indicators(place: tuple[str, str, str, str, str, str], of: tuple[Indicator, ...]) -> Iterator[Told]:
    for one in of:
        yield _told(*place, one.name, one.figure, " ".join(one.editions))


def _told(
    part: str, form: str, hs: str, stage: str, period: str, country: str, measure: str, of: Figure, editions: str
) -> Told:
    return Told(
        part, form, hs, stage, period, country, measure, of.unit, of.standing, editions, of.value, of.low, of.high
    )
