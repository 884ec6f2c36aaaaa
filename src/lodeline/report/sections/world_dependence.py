"""Where imports come from: who shipped them and where they were mined, form by form, and what no table at hand has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from lodeline.report.given import Given
from lodeline.report.model import Cell, Chart, Choice, Column, Grid, Panel, Part, Prose, Section, Sentence
from lodeline.report.sections.folding import first
from lodeline.report.wording import (
    cell,
    counted,
    drawn,
    figure,
    figure_cell,
    harmless,
    name,
    opening,
    sentence,
    shown,
)
from lodeline.units.figure import Figure, total
from lodeline.world.country import country_name, with_article
from lodeline.world.dependence.answer_shapes import Dependence, FormAnswer, PublishedShares, Supplier, TradeShares

TITLE = "Where imports come from"
WORDS = {"untraced": "Untraced", "returned": "Had been there before"}
"""What stands among countries and is none."""
DRAWN = 10
"""Countries of one form that are drawn: those with the largest share of either kind."""
KEPT = 12
"""Rows of the table behind it."""
OTHERS = "OTH"


def world_dependence(given: Given, before: tuple[Section, ...]) -> Section:
    """Of each commodity of the book direct shares against traced ones, with bounds and what is untraced."""
    of = given.world
    if not of.dependences:
        return Section(name="dependence", title=TITLE, blocks=())
    figures = {key: value for one in of.dependences for key, value in _figures(one)}
    leads = [lead for one in of.dependences if (lead := tuple(_lead(one, of.rival)))]
    return Section(
        name="dependence",
        title=TITLE,
        blocks=(
            *([Prose(sentences=leads[0], weight="lead")] if leads else []),
            Prose(sentences=tuple(_how(given)), weight="note"),
            Choice(
                title="Imports by commodity",
                panels=tuple(
                    Panel(label=one.plain.capitalize(), blocks=tuple(_blocks(one, given))) for one in of.dependences
                ),
            ),
        ),
        figures=figures,
    )


def key_for(of: Dependence, form: FormAnswer, *field: str) -> str:
    """The name of a figure of one form."""
    return "/".join(("dependence", of.commodity, form.form.name, *field))


def _key_published(of: Dependence, line: PublishedShares, field: str) -> str:
    return f"dependence/{of.commodity}/as published/{line.form}/{field}"


def _figures(of: Dependence) -> Iterator[tuple[str, Figure]]:
    for form in of.forms:
        if form.trade is not None:
            yield from _of_form(of, form, form.trade)
    for line in _published(of):
        yield _key_published(of, line, "largest"), line.shares[_largest(line)]
        for code, share in line.shares.items():
            yield _key_published(of, line, code), share
        index = _index(line.concentration)
        if index is not None:
            yield _key_published(of, line, "concentration"), index


def _of_form(of: Dependence, form: FormAnswer, trade: TradeShares) -> Iterator[tuple[str, Figure]]:
    yield key_for(of, form, "arrived"), trade.arrived
    if trade.unlisted is not None:
        yield key_for(of, form, "unlisted"), _resting(trade.unlisted, trade)
    for which, indicators in (("direct", trade.concentration), ("mined", trade.concentration_of_mines)):
        index = _index(indicators)
        if index is not None:
            yield key_for(of, form, "concentration", which), _resting(index, trade) if which == "mined" else index
    for one in trade.suppliers:
        for field, value in _of_supplier(one, trade):
            yield key_for(of, form, one.country, field), value


def _of_supplier(one: Supplier, trade: TradeShares) -> Iterator[tuple[str, Figure]]:
    """Direct and traced share, and at least and at most whatever was mixed with what, P1."""
    yield "direct", one.direct
    if one.traced is None or one.origin is None:
        return
    yield "traced", _resting(one.traced, trade)
    arrived = sum(each.origin.value or 0.0 for each in trade.suppliers if each.origin is not None)
    for field, end in (("least", one.origin.low), ("most", one.origin.high)):
        if end is not None and arrived:
            limit = Figure(value=100.0 * end / arrived, unit="P1", standing="computed", rests_on=one.origin.rests_on)
            yield field, _resting(limit, trade)


def _resting(of: Figure, trade: TradeShares) -> Figure:
    """The figure with the mine output of every country: what is traced rests on all of them, for they mix."""
    mines = (key for one in trade.suppliers if one.mined is not None for key in one.mined.rests_on)
    return msgspec.structs.replace(of, rests_on=tuple(dict.fromkeys((*of.rests_on, *mines))))


def _index(indicators: Sequence[Any]) -> Figure | None:
    """The index of Herfindahl and Hirschman."""
    return next((one.figure for one in indicators if one.name.endswith("hhi")), None)


def label(country: str) -> str:
    """What a country is called, or what is none."""
    return WORDS.get(country) or country_name(country) or country


def _lead(of: Dependence, rival: str) -> Iterator[Sentence]:
    """The form that is traced and most of which came: what the rival shipped, and what was mined there."""
    told = [one for one in of.forms if one.trade is not None]
    traced = [one for one in told if one.trade is not None and one.trade.unlisted is not None] or told
    if not traced:
        return
    form = max(traced, key=_arrived)
    trade = form.trade
    assert trade is not None
    whole = (
        figure(key_for(of, form, "arrived"), trade.arrived),
        f" of {form.form.plain} that {with_article(of.importer)} imported in {of.year}, ",
    )
    one = next((each for each in trade.suppliers if each.country == rival), None)
    if one is None:
        yield sentence("Of the ", *whole, f"nothing was shipped by {country_name(rival)}, nor is it traced there.")
    else:
        yield sentence("Of the ", *whole, *_of_rival(of, form, one, trade))
    largest = max(trade.suppliers, key=lambda each: each.direct.value or each.direct.low or 0.0)
    key = key_for(of, form, largest.country, "direct")
    yield sentence(f"Most was shipped by {with_article(largest.country)}, ", figure(key, largest.direct), ".")
    if trade.unlisted is not None:
        yield sentence(
            figure(key_for(of, form, "unlisted"), trade.unlisted),
            " of it came from countries of which no mine is listed.",
        )


def _of_rival(of: Dependence, form: FormAnswer, one: Supplier, trade: TradeShares) -> Iterator[Any]:
    figures = dict(_of_supplier(one, trade))
    keys = {field: key_for(of, form, one.country, field) for field in figures}
    yield f"{country_name(one.country)} shipped "
    yield figure(keys["direct"], figures["direct"])
    if "traced" not in figures:
        yield "; where it was mined is not traced."
        return
    yield ", and "
    yield figure(keys["traced"], figures["traced"])
    yield " is traced to its mines"
    if "most" in figures:
        yield ": at least "
        yield figure(keys["least"], figures["least"])
        yield " and at most "
        yield figure(keys["most"], figures["most"])
        yield ", whatever was mixed with what"
    yield "."


def _arrived(one: FormAnswer) -> float:
    return 0.0 if one.trade is None else one.trade.arrived.value or one.trade.arrived.low or 0.0


def _how(given: Given) -> Iterator[Sentence]:
    yield sentence(
        "None of this is of the lots of this book: it is what they come beside. Shipped is what customs see. Mined "
        "follows what each shipper bought itself, if each country mixes what it has in a year; the least and the most "
        "suppose nothing about mixing. Untraced metal may be of any country."
    )
    for said in given.world.untold:
        yield sentence("Not told: ", name(said, limit=300))


def _blocks(of: Dependence, given: Given) -> Iterator[Prose | Grid | Chart]:
    told = [one for one in of.forms if one.trade is not None]
    for form in told:
        assert form.trade is not None
        yield _chart(of, form, form.trade)
        yield Prose(sentences=tuple(_sources(of, form, form.trade, given)), weight="note")
    if not told:
        said = f"No trade table at hand has imports of {of.plain} by {with_article(of.importer)} in {of.year}."
        yield Prose(sentences=(sentence(said),))
    lines = list(_published(of))
    if lines:
        yield _of_edition(of, lines, given.world.rival)
    missing = [one for one in of.forms if one.missing is not None]
    if missing:
        yield _not_at_hand(missing)


def _chart(of: Dependence, form: FormAnswer, trade: TradeShares) -> Chart:
    title = f"{form.form.plain.capitalize()}: who shipped it, and where it was mined"
    traced = trade.unlisted is not None
    why = "" if traced else f" Nothing is traced: {trade.not_traced}."
    return Chart(
        name=f"dependence-{of.commodity}-{form.form.name}",
        kind="shares",
        title=title if traced else f"{form.form.plain.capitalize()}: who shipped it",
        below=harmless(
            f"Imports of {with_article(of.importer)} in {of.year} under HS {form.form.hs}, "
            f"{shown(trade.arrived)} in all, in percent.{why}"
        ),
        alt="; ".join(_told(of, one, trade) for one in _drawn(trade)[0]),
        data=picture(of, trade),
        behind=_table(of, form, trade, title),
    )


def picture(of: Dependence, trade: TradeShares) -> dict[str, Any]:
    """What the browser draws: a row a country, in percent of what arrived."""
    some, rest = _drawn(trade)
    rows = [_row(of, one, trade) for one in some]
    if rest:
        direct = total((one.direct for one in rest), unit="P1")
        rows.append(
            {
                "label": counted(len(rest), "further country", "further countries"),
                "said": f"shipped {shown(direct)}",
                "direct": _part(direct),
                "traced": None,
                "limits": None,
                "tone": "known",
                "told": ", ".join(label(one.country) for one in rest),
            }
        )
    traced = trade.unlisted is not None
    ends = [end for row in rows for end in (row["direct"], row["traced"], *(row["limits"] or ())) if end is not None]
    return {
        "rows": rows,
        "reach": max(ends, default=0.0),
        "words": {
            "x": "% of what arrived",
            "direct": "shipped by",
            "traced": "mined in" if traced else "",
            "limits": "at least and at most" if traced else "",
            "open": "untraced" if traced else "",
        },
    }


def _row(of: Dependence, one: Supplier, trade: TradeShares) -> dict[str, Any]:
    figures = dict(_of_supplier(one, trade))
    none = one.country in WORDS
    limits = None
    if "most" in figures:
        limits = [drawn(figures[end].value or 0.0) for end in ("least", "most")]
    said = [] if none else [f"shipped {shown(one.direct)}"]
    said += [shown(figures["traced"]) if none else f"mined {shown(figures['traced'])}"] if "traced" in figures else []
    return {
        "label": label(one.country),
        "said": ", ".join(said),
        "direct": None if none else _part(one.direct),
        "traced": _part(figures["traced"]) if "traced" in figures else None,
        "limits": limits,
        "tone": "unknown" if none else "known",
        "told": _told(of, one, trade).replace(": ", "\n").replace("; ", "\n"),
    }


def _told(of: Dependence, one: Supplier, trade: TradeShares) -> str:
    figures = dict(_of_supplier(one, trade))
    said = [] if one.country in WORDS else [f"shipped {shown(one.direct)}"]
    if "traced" in figures:
        said.append(f"mined there {shown(figures['traced'])}" if said else shown(figures["traced"]))
    elif trade.unlisted is not None:
        said.append("no mine is listed")
    if "most" in figures:
        said.append(f"at least {shown(figures['least'])}, at most {shown(figures['most'])}")
    return f"{label(one.country)}: {'; '.join(said)}"


def _drawn(trade: TradeShares) -> tuple[list[Supplier], list[Supplier]]:
    """The countries with the largest share of either kind, what is none at the end, and the others."""
    apart = [one for one in trade.suppliers if one.country in WORDS]
    every = sorted((one for one in trade.suppliers if one.country not in WORDS), key=_size, reverse=True)
    return [*every[:DRAWN], *apart], every[DRAWN:]


def _size(one: Supplier) -> float:
    return max(_part(one.direct) or 0.0, 0.0 if one.traced is None else _part(one.traced) or 0.0)


def _part(of: Figure) -> float | None:
    """Where a bar ends: at the value; of a share with limits only, at the least that it is."""
    value = of.value if of.value is not None else of.low
    return None if value is None else drawn(value)


def _table(of: Dependence, form: FormAnswer, trade: TradeShares, title: str) -> Grid:
    some, rest = _drawn(trade)
    rows = tuple(_cells(of, form, one, trade) for one in (*some, *rest))
    page = first(rows, KEPT, "country", "countries")
    return Grid(
        title=title,
        columns=(
            Column("Country"),
            Column("Shipped", numeric=True),
            Column("Mined there", numeric=True),
            Column("At least", numeric=True),
            Column("At most", numeric=True),
        ),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _cells(of: Dependence, form: FormAnswer, one: Supplier, trade: TradeShares) -> tuple[Cell, ...]:
    figures = dict(_of_supplier(one, trade))
    none = "" if one.country in WORDS or trade.unlisted is None else "no mine is listed"
    return (
        cell(name(label(one.country))),
        cell("–") if one.country in WORDS else figure_cell(key_for(of, form, one.country, "direct"), one.direct),
        *(
            figure_cell(key_for(of, form, one.country, field), figures[field])
            if field in figures
            else cell(none if field == "traced" and none else "–")
            for field in ("traced", "least", "most")
        ),
    )


def _sources(of: Dependence, form: FormAnswer, trade: TradeShares, given: Given) -> Iterator[Sentence]:
    """Concentration, what the figures suppose, and where the tables were published."""
    direct, mined = (_index(each) for each in (trade.concentration, trade.concentration_of_mines))
    if direct is not None:
        said: list[str | Part] = [figure(key_for(of, form, "concentration", "direct"), direct), " by who shipped it"]
        if mined is not None:
            said += [", ", figure(key_for(of, form, "concentration", "mined"), mined), " by where it was mined"]
        yield sentence("Concentration, the sum of squared shares, ten thousand for one supplier alone: ", *said, ".")
    for supposed in trade.supposes[1:]:
        yield sentence(name(supposed, limit=600))
    editions = [(words, each) for words, each in (("trade", trade.edition), ("mine output", trade.mines)) if each]
    parts: list[str | Part] = []
    for words, edition in editions:
        source = given.world.sources.get(edition, "source not at hand")
        parts += ["; " if parts else "", f"{words}: ", name(edition), " (", name(source, limit=200), ")"]
    yield sentence("Sources: ", *parts, ".")


def _published(of: Dependence) -> Iterator[PublishedShares]:
    """The lines of the edition that have shares, each once."""
    lines = [*(one.published for one in of.forms if one.published is not None), *of.also_published]
    yield from {line.form: line for line in lines if line.shares}.values()


def _largest(of: PublishedShares) -> str:
    named = [code for code in of.shares if code != OTHERS] or list(of.shares)
    return max(named, key=lambda code: _part(of.shares[code]) or 0.0)


def _of_edition(of: Dependence, lines: Sequence[PublishedShares], rival: str) -> Grid:
    rows = []
    for line in lines:
        share, index = line.shares.get(rival), _index(line.concentration)
        largest = _largest(line)
        rows.append(
            (
                cell(name(line.form.replace("-", " ") or of.plain), below=line.period.replace("-", "–")),
                figure_cell(
                    _key_published(of, line, "largest"), line.shares[largest], below=country_name(largest) or largest
                ),
                cell("not named") if share is None else figure_cell(_key_published(of, line, rival), share),
                cell("–") if index is None else figure_cell(_key_published(of, line, "concentration"), index),
            )
        )
    return Grid(
        title=harmless(f"Import shares as {lines[0].edition} publishes them"),
        columns=(
            Column("Form"),
            Column("Largest supplier", numeric=True),
            Column(country_name(rival), numeric=True),
            Column("Concentration", numeric=True),
        ),
        rows=tuple(rows),
        folded=(sentence("By who shipped it. A country that is not named is one of the others."),),
    )


def _not_at_hand(missing: Sequence[FormAnswer]) -> Grid:
    return Grid(
        title="Not at hand",
        columns=(Column("Form"), Column("What would tell")),
        rows=tuple(
            (
                cell(opening(sentence(one.form.plain)).text, below=f"HS {one.form.hs}"),
                cell(name(one.missing.detail, limit=200)),
            )
            for one in missing
            if one.missing is not None
        ),
        closed=True,
    )
