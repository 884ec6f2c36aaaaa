"""The first lines: who to whom, which goods, pledged and evidenced, what is unknown and what would settle it."""

from __future__ import annotations

from collections.abc import Mapping

from lodeline.report.given import Compared, Given, Place, SeenMove
from lodeline.report.lots import together
from lodeline.report.model import Line, Part, Sentence
from lodeline.report.sections.balance import balance_line
from lodeline.report.sections.movements import where
from lodeline.report.sections.national import key_for, output_points
from lodeline.report.sections.programme import evidenced_line, pledged_line
from lodeline.report.sections.unknowns import ACTS, then_told
from lodeline.report.wording import as_points, counted, figure, listed, name, opening, sentence, shown
from lodeline.units.figure import Figure, ratio
from lodeline.world.country import country_name, with_article
from lodeline.world.statistics.commodity import commodities

GOODS_NAMED = 3
"""Goods that a line names; of more it gives the number."""
TONNE = Figure(value=1.0, unit="TNE", standing="stated")


def title(given: Given) -> str:
    """What the report is about: the title of the book."""
    return name(given.title or "An untitled book").text


def standfirst(given: Given) -> str:
    """Under the title: what this is, as of when."""
    recorded = given.head.recorded_at
    return (
        "What the record shows, what it does not, and what would settle it. Computed from "
        f"{counted(given.events, 'event')} and {counted(len(given.documents), 'document')} "
        f"as of entry {given.head.seq:,}, {recorded.day} {recorded:%B %Y}."
    )


def lines(given: Given, figures: Mapping[str, Figure]) -> tuple[Line, ...]:
    """The first lines, each of which stands by itself."""
    made = [
        Line("Shipment", _shipment(given)),
        Line("Goods", _goods(given)),
        Line("Pledged", pledged_line(given)),
        Line("Evidenced", evidenced_line(given)),
        Line("Mass", _mass(given)),
        Line("Settles most", _settles(given)),
        Line("Share of use", _share(given)),
        Line("Dependence", _dependence(given)),
        Line("Route", _route(given)),
        Line("Origin", _origin(given)),
    ]
    balanced = balance_line(given)
    if balanced is not None:
        made.insert(made.index(next(line for line in made if line.label == "Mass")) + 1, Line("Balance", balanced))
    return tuple(Line(line.label, opening(line.said)) for line in made)


def _shipment(given: Given) -> Sentence:
    if not given.moves:
        return sentence("none: no shipment and no receipt is in the book")
    first = given.moves[0]
    more = len(given.moves) - 1
    return sentence(
        *_party(first, "sender"),
        " to ",
        *_party(first, "receiver"),
        _dates(first),
        f"; and {counted(more, 'further consignment')}" if more else "",
    )


def _party(move: SeenMove, end: str) -> list[str | Part]:
    party = move.sender if end == "sender" else move.receiver
    place = move.left if end == "sender" else move.to
    country = with_article(place.country) if place else ""
    if not party:
        return [name(where(place)) if place else "somebody who is not named"]
    return [name(party), f" in {country}" if country and country not in party else ""]


def _dates(move: SeenMove) -> str:
    if move.received:
        return f", received {move.received}"
    return f", shipped {move.shipped}, not received" if move.shipped else ""


def _goods(given: Given) -> Sentence:
    goods = list(dict.fromkeys(label for move in given.moves for label in move.goods))
    goods = goods or list(dict.fromkeys(holding.label for holding in given.holdings))
    if not goods:
        return sentence("none: the book holds no lot")
    # Of a book with shipments, the lots that went; one that lies somewhere else is none of these goods.
    lots = {lot for move in given.moves for lot in move.lots} or {holding.lot for holding in given.holdings}
    if len(goods) > GOODS_NAMED:
        return sentence(f"{counted(len(lots), 'lot')} of {counted(len(goods), 'material')}")
    return sentence(f"{counted(len(lots), 'lot')}: ", *listed([name(one) for one in goods]))


def _mass(given: Given) -> Sentence:
    if not given.holdings:
        return sentence("nothing is held")
    missing = [holding for holding in given.holdings if not holding.mass.known]
    graded = [holding for holding in given.holdings if holding.elements]
    unassayed = [h for h in graded if not all(h.grades[element].known for element in h.elements)]
    count = len(given.holdings)
    one = "lot" if len({holding.lot for holding in given.holdings}) == count else "holding"
    assays = _assays(len(unassayed), len(graded))
    if missing:
        return sentence(Part("unknown", "unknown"), f" for {_all_or(len(missing), count, one)}; {assays}")
    held, basis = together(given.holdings)
    if not held.known:
        return sentence(Part("unknown", "unknown"), f" together: some masses are wet and some are dry; {assays}")
    return sentence(
        figure("holdings/total/mass", held), f" {basis}" if basis else "", f" in {counted(count, one)}; {assays}"
    )


def _all_or(some: int, every: int, one: str) -> str:
    if every == 1:
        return f"the one {one}"
    return f"each of {counted(every, one)}" if some == every else f"{some:,} of {counted(every, one)}"


def _assays(missing: int, of: int) -> str:
    if not of:
        return "no lot names an element"
    if not missing:
        return "every assay is in the book"
    return (
        "no lot has all its assays"
        if missing == of
        else f"{missing:,} of {of:,} {'lacks' if missing == 1 else 'lack'} an assay"
    )


def _settles(given: Given) -> Sentence:
    if not given.acts:
        return sentence(
            "nothing that a weighing or an assay could settle is open" if given.holdings else "nothing is held"
        )
    best = given.acts[0]
    article = "an" if best.act == "assay" else "a"
    return sentence(
        f"{article} {ACTS[best.act]} of ",
        name(best.label),
        f" makes {counted(best.alone, 'figure')} known",
        f"; {then_told(best)}, {best.both:,} in all" if best.then else "",
    )


def _share(given: Given) -> Sentence:
    """The share of use of the first good with a known one, or one with a limit; else what one tonne would be."""
    known = [one for one in given.compared if one.comparison.share_of_consumption.standing != "unknown"]
    known.sort(key=lambda one: not one.comparison.share_of_consumption.known)
    if known:
        one = known[0]
        of = one.comparison
        return sentence(
            figure(key_for(one, "share_of_consumption"), of.share_of_consumption),
            f" of the {one.plain} used in {with_article(of.destination)} in {of.year}",
            _others(given, known),
        )
    for one in given.compared:
        of = one.comparison
        if of.consumption.known:
            each = ratio(TONNE, of.consumption, unit="P1", scale=100.0)
            return sentence(
                Part("unknown", "unknown"),
                f" without a contained mass; a tonne of {_content(one)} would be {shown(each)} of what "
                f"{with_article(of.destination)} used in {of.year}, ",
                figure(key_for(one, "consumption"), of.consumption),
            )
    if given.compared:
        of = given.compared[0].comparison
        return sentence(
            Part("unknown", "unknown"),
            f": this edition does not give how much {with_article(of.destination)} used in {of.year}",
        )
    return sentence(
        "nothing to compare: the edition reports none of the elements held" if given.holdings else "nothing is held"
    )


def _others(given: Given, known: list[Compared]) -> str:
    rest = len(given.compared) - len(known)
    return f"; unknown for {counted(rest, 'other element')}" if rest else ""


def _content(one: Compared) -> str:
    return "rare-earth oxide" if one.comparison.basis == "REO" else f"contained {one.plain}"


def _dependence(given: Given) -> Sentence:
    """What a point of the rival's share takes, of a good whose imports the edition says the rival has part of.

    An element of which the edition does not name the rival as a supplier says little of dependence on it.
    """
    if not given.compared:
        return sentence(
            "no element held is among the commodities of the edition" if given.holdings else "nothing is held"
        )
    named = [one for one in given.compared if one.comparison.rival_share.known] or list(given.compared)
    one = next((one for one in named if one.comparison.origin_output.known), named[0])
    of, imported = one.comparison, commodities()[one.comparison.commodity].imported
    if not of.rival_point.known:
        return sentence(
            Part("unknown", "unknown"),
            f": this edition does not give how much {imported} {with_article(of.destination)} imported in {of.year}",
        )
    points = output_points(one)
    whole: list[str | Part] = []
    if points.known:
        whole.append(f"; all that {country_name(of.origin)} is reported to mine makes at most ")
        whole.append(figure(key_for(one, "output_points"), as_points(points)))
    return sentence(
        f"one point of {country_name(of.rival)}'s share of imports is ",
        figure(key_for(one, "rival_point"), of.rival_point),
        f" of {one.plain} a year, as {imported}",
        *whole,
    )


def _route(given: Given) -> Sentence:
    told = [move for move in given.moves if move.left and move.to]
    if not told:
        return sentence(Part("unknown", "unknown"), ": no movement in the book names both its ends")
    move = told[0]
    return sentence(
        *_end(move.left),
        " to ",
        *_end(move.to),
        "; the legs between are ",
        Part("unknown", "unknown"),
        f"; and {counted(len(told) - 1, 'further movement')}" if len(told) > 1 else "",
    )


def _end(place: Place | None) -> list[str | Part]:
    """An end of a route, and for how large an area its position stands where it is no site."""
    coarse = place is not None and place.known != "site"
    return [name(where(place)), f" (only the {name(place.known, limit=20).text} is known)" if place and coarse else ""]


def _origin(given: Given) -> Sentence:
    """Who states where the lots were mined."""
    stated = {holding.lot: holding.origin for holding in given.holdings}
    count = len(stated)
    if not count:
        return sentence("nothing is held")
    silent = sum(not origin for origin in stated.values())
    proved = sum(bool(holding.origin_document) for holding in given.holdings)
    proof = f"; {counted(proved, 'document')} in the book {'proves' if proved == 1 else 'prove'} an origin"
    proof = proof if proved else ", and no document in the book proves it"
    if silent:
        return sentence(
            Part("unknown", "unknown"), f" for {_all_or(silent, count, 'lot')}: nobody states where it was mined{proof}"
        )
    countries = list(dict.fromkeys(country_name(holding.origin) for holding in given.holdings))
    return sentence("stated as ", *listed([name(country) for country in countries]), proof)
