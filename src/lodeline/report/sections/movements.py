"""Movements: what moved on which route, as far as the record tells it."""

from __future__ import annotations

from lodeline.report.given import Given, Place, SeenMove
from lodeline.report.model import Block, Cell, Chart, Column, Grid, Part, Prose, Section, Sentence
from lodeline.report.sections.folding import FEW, ROWS_SHOWN, first, folded
from lodeline.report.wording import cell, counted, date, figure, figure_cell, listed, name, sentence
from lodeline.units.figure import total
from lodeline.world.country import country_name, numeric

GOODS_NAMED = 4
"""Goods of a consignment that are named; of more it gives the number."""
LABEL_LETTERS = 24
"""Letters of a name on a map."""
LABELS_DRAWN = 12
"""Places that a map names."""


def movements(given: Given, before: tuple[Section, ...]) -> Section:
    """What moved on which route."""
    title = "What moved on which route"
    if not given.moves:
        said = sentence("No shipment and no receipt is in the book.")
        return Section(name="movements", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    figures = {f"movements/{index}/mass": move.mass for index, move in enumerate(given.moves, start=1)}
    blocks: list[Block] = [Prose(sentences=(_lead(given),), weight="lead")]
    if len(given.moves) > ROWS_SHOWN:
        blocks.append(_by_route(given))
    chart = route(given)
    if chart is not None:
        blocks.append(chart)
        blocks.append(Prose(sentences=_told(given), weight="note"))
    else:
        blocks.append(_table(given))
    return Section(name="movements", title=title, blocks=tuple(blocks), figures=figures)


def _lead(given: Given) -> Sentence:
    known = [move for move in given.moves if move.left and move.to]
    pairs = list(dict.fromkeys((where(move.left), where(move.to)) for move in known if move.left and move.to))
    count = counted(len(given.moves), "consignment").capitalize()
    if not pairs:
        return sentence(f"{count}; for none of them the book tells both ends.")
    routes = [f"{start} to {end}" for start, end in pairs[:3]]
    more = len(pairs) - len(routes)
    return sentence(
        f"{count}: ", *listed([name(one) for one in routes]), f" and {more:,} further routes." if more else "."
    )


def _by_route(given: Given) -> Grid:
    """Consignments of one route as one row."""
    groups: dict[tuple[str, str], list[SeenMove]] = {}
    for move in given.moves:
        groups.setdefault((where(move.left), where(move.to)), []).append(move)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = []
    for (left, to), moves in ranked:
        known = [move.mass for move in moves if move.mass.known]
        mass = figure("", total(known, unit="KGM")) if known else Part("unknown", "unknown")
        open_ends = sum(not move.received for move in moves)
        rows.append(
            (
                cell(name(left)),
                cell(name(to)),
                cell(f"{len(moves):,}"),
                cell(f"{open_ends:,}" if open_ends else "none"),
                cell(mass, below=f"{len(moves) - len(known):,} of unknown mass" if len(known) < len(moves) else ""),
            )
        )
    page = first(rows, ROWS_SHOWN, "route")
    return Grid(
        title="Consignments by route",
        columns=(
            Column("From"),
            Column("To"),
            Column("Consignments", numeric=True),
            Column("Not received", numeric=True),
            Column("Known masses together, wet and dry as recorded", numeric=True),
        ),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _goods(move: SeenMove) -> list[str | Part]:
    goods = list(dict.fromkeys(move.goods))
    if len(goods) > GOODS_NAMED:
        return [counted(len(move.goods), "lot")]
    return listed([name(one, limit=48) for one in goods])


def _end(party: str, place: Place | None) -> Cell:
    said = where(place)
    if not party:
        return cell(name(said))
    return cell(name(party), below="" if said == party else name(said).text)


def where(place: Place | None) -> str:
    """A place with its country, where that adds something."""
    if place is None:
        return "unknown"
    country = country_name(place.country)
    return place.label if not country or country in place.label else f"{place.label}, {country}"


def _told(given: Given) -> tuple[Sentence, ...]:
    """What the picture leaves open."""
    places = _places(given)
    coarse = [name(f"{place.label} ({place.known})") for place in places if place.known != "site" and place.country]
    nowhere = [name(place.label) for place in places if place.at is None and not place.country]
    said = [
        sentence("A dashed line joins the two ends that the record names; the legs between them are not in the book.")
    ]
    if coarse:
        said.append(sentence("A ring stands for an area, because no place in it is named: ", *listed(coarse[:6]), "."))
    if nowhere:
        said.append(sentence("Not drawn, because not even the country is known: ", *listed(nowhere[:6]), "."))
    return tuple(said)


def _places(given: Given) -> list[Place]:
    found: dict[str, Place] = {}
    for move in given.moves:
        for place in (move.left, move.to):
            if place is not None:
                found.setdefault(place.id, place)
    return list(found.values())


def route(given: Given) -> Chart | None:
    """The route map; None where no end of a consignment has a known country."""
    places = [place for place in _places(given) if place.country and (place.at or numeric(place.country))]
    if not places:
        return None
    index = {place.id: position for position, place in enumerate(places)}
    legs: dict[tuple[int, int], int] = {}
    for move in given.moves:
        if move.left and move.to and move.left.id in index and move.to.id in index:
            leg = (index[move.left.id], index[move.to.id])
            legs[leg] = legs.get(leg, 0) + 1
    routes = "; ".join(f"{places[a].label} to {places[b].label}" for a, b in legs)
    return Chart(
        name="route",
        kind="route",
        title="The route, as far as it is told",
        below="The ends of each consignment. A filled dot is a known place, a ring an area with no place named in it.",
        alt=name(f"A world map with {counted(len(places), 'place')}. {routes}.", limit=400).text,
        data={
            "places": [_drawn(place, drawn=position < LABELS_DRAWN) for position, place in enumerate(places)],
            "legs": [
                {
                    "from": a,
                    "to": b,
                    "told": name(
                        f"{places[a].label} to {places[b].label}: {counted(n, 'consignment')}", limit=200
                    ).text,
                }
                for (a, b), n in legs.items()
            ],
        },
        behind=_table(given),
    )


def _drawn(place: Place, *, drawn: bool) -> dict[str, object]:
    country = country_name(place.country)
    return {
        "label": _map_label(place.label) if drawn else "",
        "said": _said(place, country),
        "told": name(f"{place.label}, {country}" if place.label != country else country).text,
        "country": numeric(place.country) or "",
        "level": "site" if place.known == "site" else "area",
        "at": list(place.at) if place.at else None,
    }


def _map_label(label: str) -> str:
    """A name as short as a map has room for; the table behind it has all of it."""
    shown = name(label).text
    return shown if len(shown) <= LABEL_LETTERS else f"{shown[: LABEL_LETTERS - 1]}…"


def _said(place: Place, country: str) -> str:
    """What stands under a place's name: its country, and how finely it is known."""
    beside = "" if country in place.label else country
    if place.known == "site":
        return beside
    coarse = f"only the {name(place.known, limit=20).text} is known"
    return f"{beside}: {coarse}" if beside else coarse


def _table(given: Given) -> Grid:
    keys = [f"movements/{index}/mass" for index in range(1, len(given.moves) + 1)]
    pairs = list(zip(keys, given.moves, strict=True))
    limit = FEW if len(pairs) > ROWS_SHOWN else ROWS_SHOWN
    shown, rest, left = folded(pairs, [move.mass for move in given.moves], "consignment", limit=limit)
    return Grid(
        title="Consignments",
        columns=(
            Column("Consignment"),
            Column("From"),
            Column("To"),
            Column("Shipped"),
            Column("Received"),
            Column("Mass", numeric=True),
        ),
        rows=tuple(_row(key, move) for key, move in shown),
        folded=rest,
        rest=tuple(_row(key, move) for key, move in left),
    )


def _row(key: str, move: SeenMove) -> tuple[Cell, ...]:
    return (
        cell(
            *_goods(move), below=name(", ".join(move.papers), limit=64).text if move.papers else "no papers in the book"
        ),
        _end(move.sender, move.left),
        _end(move.receiver, move.to),
        cell(date(move.shipped or "unknown")),
        cell(date(move.received or "unknown")),
        figure_cell(key, move.mass),
    )
