"""Countries as a mass graph: what was mined and what was traded in a year, so that origins can be asked of imports.

A country cannot pass on more of its own metal than it mined. What it ships beyond its mine output and its imports is
*untraced*: it came by a road that is not in the tables, as ore, as oxide, from scrap, from stock or from a mine that
nobody lists. What it has and does not ship ends there: used, stocked, or turned into something else.

A year of countries has cycles, and through a cycle a kilogram may come twice; so nothing is asked of what passes a
country. Of the *imports* of a country: what enters it ends there, and what it ships comes from a source *returned*. Of
its *consumption*: what stays there of all that it has. Both are on no cycle, and can be bounded exactly. A tonnage that
is not published is an interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE, UNTRACED, MassGraph, Origin
from lodeline.world.country import alpha2, country_name
from lodeline.world.statistics.commodity import Commodity
from lodeline.world.statistics.edition import OTHER, WORLD, Row, Table
from lodeline.world.trade.traded import Traded, TradeTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

MG_PER_TONNE = 10**9
Asked = Literal["imports", "consumption"]
"""What is asked of a country: all that it imported, or what stayed there of its imports and its mines."""


class Span(NamedTuple):
    """A mass that may be known as limits only, milligrams: what counts, and what it is at least and at most."""

    mg: int
    low: int
    high: int


class Intervals(NamedTuple):
    """Every arc with what it carries at least and at most; (arc,) each, as in a mass graph.

    The first arcs are those of the graph; the rest carry nothing by what counts, and may carry something.
    """

    tail: Rows
    head: Rows
    origin: Rows
    low_mg: Rows
    high_mg: Rows


class Form(NamedTuple):
    """A form in which an element is traded.

    Attributes:
        hs: Six digits.
        content: Element per gross tonne, kg/kg, above 0 and at most 1. Unwrought metal: 1.
        least_usd_per_kg: It is never worth less, so that a shipment with a value and without a tonnage is at most value
            over it. None: nobody says so.
    """

    hs: str
    content: Decimal
    least_usd_per_kg: Decimal | None


class CountryGraph(NamedTuple):
    """The trade of a year in one form as a mass graph, of which one country is asked.

    Attributes:
        graph: Nodes are ``countries``; masses are those that count, and close.
        limits: What arcs carry at least and at most.
        countries: (node,) ISO 3166-1 alpha-3, or a code of the publisher's own.
        at: Node of the country that is asked; of its imports the graph is cut there.
        rows: (arc,) the row of the table that an arc of the graph is of; None for mine output, untraced and ends.
        mined: The published mine output of each country that is listed, by its code.
        untold: Countries that are listed with an output which is not told; what they ship counts as untraced.
        loops: Countries that only ship to each other what none of them mined or bought from elsewhere: what circles
            there reaches nobody, and is left out.
    """

    graph: MassGraph
    limits: Intervals
    countries: tuple[str, ...]
    at: int
    rows: tuple[Traded | None, ...]
    mined: dict[str, Row]
    untold: tuple[str, ...]
    loops: tuple[str, ...]

    @property
    def arrivals(self) -> tuple[Traded, ...]:
        """What was shipped to the asked country, the largest first."""
        rows = (self.rows[arc] for arc in np.flatnonzero(self.graph.head == self.at).tolist())
        return tuple(sorted((row for row in rows if row is not None), key=lambda row: -(row.tonnes or 0)))

    @property
    def target(self) -> int:
        """The arc of what is asked: all that arrived, or what stayed."""
        return int(np.flatnonzero((self.graph.tail == self.at) & (self.graph.head == OUTSIDE))[0])

    def mines(self, code: str) -> bool:
        """Whether a country is listed with a mine output that may be more than nothing."""
        row = self.mined.get(code)
        return row is not None and (row.value is None or row.value > 0)


class _Arc(NamedTuple):
    tail: int
    head: int
    origin: int
    mass: Span
    row: Traded | None


def country_graph(
    trade: TradeTable,
    table: Table,
    commodity: Commodity,
    *,
    hs: str,
    year: str,
    at: str,
    content: Decimal,
    least_usd_per_kg: Decimal | None,
    asked: Asked = "imports",
    also: Sequence[Form] = (),
) -> CountryGraph:
    """The mass graph of a year's trade, of which one country is asked.

    Args:
        trade: Who shipped what to whom.
        table: National statistics, of which the mine output is taken.
        commodity: Whose mine output; its tonnes count its element.
        hs: The traded form, six digits. year: of both tables.
        at: Alpha-3 of the country whose imports are asked, or its consumption.
        content, least_usd_per_kg: Of the form; see :class:`Form`.
        asked: Of the country.
        also: Further forms by which the element went from country to country, ore and oxide say. Each country may turn
            one into another. Of the imports of the asked country only ``hs`` is asked.

    Raises:
        NotFoundError: ``world.trade_not_in_table``. InputError: ``world.content``, ``world.tonnage_without_limit``,
            ``world.country_not_in_trade``, ``world.nothing_stays``.
    """
    shipments = _shipments(trade, (Form(hs, content, least_usd_per_kg), *also), year)
    rows = [row for row, _ in shipments]
    listed = {
        row.country: row
        for row in table.select(commodity=commodity.name, measure="mine-production", form="", period=year)
        if row.country not in (WORLD, OTHER) and not row.has("blank")
    }
    output = {code: _mined(row) for code, row in listed.items()}
    mined = {code: span for code, span in output.items() if span is not None}
    trading = {code for row in rows for code in (row.exporter, row.importer)}
    codes = sorted(trading | {code for code, span in mined.items() if span.high})
    if all((row.importer, row.hs) != (at, hs) for row in rows):
        raise InputError(
            "world.country_not_in_trade", f"{country_name(at)} imported nothing under {hs} in {year} by these tables."
        )
    node = {code: number for number, code in enumerate(codes)}
    every, origins = _arcs(shipments, mined, node, at, hs if asked == "imports" else None)
    fed = _fed(every, len(codes))
    arcs = [arc for arc in every if arc.tail == OUTSIDE or fed[arc.tail]]
    counted = [arc for arc in arcs if arc.mass.mg > 0]
    if all((arc.tail, arc.head) != (node[at], OUTSIDE) for arc in counted):
        raise InputError(
            "world.nothing_stays",
            f"{country_name(at)} shipped all that it mined and imported under {hs} in {year} by these tables, or more; "
            "ask for its imports.",
        )
    return CountryGraph(
        graph=_graph(commodity.element, len(codes), counted, origins),
        limits=_intervals([*counted, *(arc for arc in arcs if arc.mass.mg == 0 < arc.mass.high)]),
        countries=tuple(codes),
        at=node[at],
        rows=tuple(arc.row for arc in counted),
        mined=listed,
        untold=tuple(sorted(code for code, span in output.items() if span is None)),
        loops=tuple(code for code, number in node.items() if not fed[number]),
    )


def _shipments(trade: TradeTable, forms: Sequence[Form], year: str) -> list[tuple[Traded, Span]]:
    """What countries shipped to others in all forms, each with its mass of the element."""
    found = []
    for form in forms:
        if not 0 < form.content <= 1:
            raise InputError(
                "world.content", "content is kilograms of the element per kilogram; above 0 and at most 1."
            )
        for row in trade.of(form.hs, year):
            if row.exporter != row.importer:
                found.append((row, _traded(row, form.content, form.least_usd_per_kg)))
    return found


def _traded(row: Traded, content: Decimal, least: Decimal | None) -> Span:
    """A shipment; one without a tonnage is from nothing to its value over the least price, and counts as the middle."""
    if row.tonnes is not None:
        mg = _mg(row.tonnes * content)
        return Span(mg, mg, mg)
    if least is None or least <= 0:
        raise InputError(
            "world.tonnage_without_limit",
            f"{row.key} has a value and no tonnage; say what the form is worth at least, in US dollars per kilogram, "
            "and it is an interval.",
        )
    high = _mg(row.kusd / least * content)  # thousand dollars over dollars per kilogram are tonnes
    return Span(max(high // 2, 1), 0, max(high, 1))


def _mined(row: Row) -> Span | None:
    """A published mine output; limits count as their middle, and None is one that is not told or has no upper limit."""
    if row.value is not None:
        mg = _mg(row.value)
        return Span(mg, mg, mg)
    if row.high is None:
        return None
    low, high = _mg(row.low or Decimal(0)), _mg(row.high)
    return Span((low + high) // 2, low, high)


def _mg(tonnes: Decimal) -> int:
    return round(tonnes * MG_PER_TONNE)


def _arcs(
    shipments: list[tuple[Traded, Span]], mined: dict[str, Span], node: dict[str, int], at: str, cut: str | None
) -> tuple[list[_Arc], tuple[Origin, ...]]:
    """Every arc, and the origins: untraced, what the asked country sent back, and each country that mines.

    Where the graph is ``cut``, it is at this form of the imports of the country; other forms of them just end.
    """
    returned = Origin("untraced", alpha2(at) or "", "returned")
    origins = [UNTRACED, returned]
    into: dict[str, list[Span]] = defaultdict(list)
    out: dict[str, list[Span]] = defaultdict(list)
    arcs = []
    for row, span in shipments:
        ends = cut is not None and row.importer == at and row.hs != cut
        if not ends:
            into[row.importer].append(span)
        if cut is not None and row.exporter == at:
            arcs.append(_Arc(OUTSIDE, node[row.importer], 1, span, row))
        else:
            out[row.exporter].append(span)
            arcs.append(_Arc(node[row.exporter], OUTSIDE if ends else node[row.importer], -1, span, row))
    for code, number in node.items():
        own = Span(0, 0, 0) if cut is not None and code == at else mined.get(code, Span(0, 0, 0))
        if own.high:
            origins.append(Origin("country", alpha2(code) or "", ""))
            arcs.append(_Arc(OUTSIDE, number, len(origins) - 1, own, None))
        have, ship = _sum([own, *into[code]]), _sum(out[code])
        arcs.append(_Arc(OUTSIDE, number, 0, _excess(ship, have), None))
        arcs.append(_Arc(number, OUTSIDE, -1, _excess(have, ship), None))
    return arcs, tuple(origins)


def _fed(arcs: list[_Arc], nodes: int) -> list[bool]:
    """Whether anything from outside reaches each country."""
    next_of: dict[int, list[int]] = defaultdict(list)
    for arc in arcs:
        if arc.mass.high > 0 and arc.head != OUTSIDE:
            next_of[arc.tail].append(arc.head)
    fed, waiting = [False] * nodes, next_of[OUTSIDE]
    while waiting:
        number = waiting.pop()
        if not fed[number]:
            fed[number] = True
            waiting += next_of[number]
    return fed


def _sum(spans: list[Span]) -> Span:
    return Span(*(sum(one[k] for one in spans) for k in range(3)))


def _excess(of: Span, over: Span) -> Span:
    """``max(of - over, 0)``: what is untraced, or what stays."""
    return Span(max(of.mg - over.mg, 0), max(of.low - over.high, 0), max(of.high - over.low, 0))


def _graph(element: str, nodes: int, arcs: list[_Arc], origins: tuple[Origin, ...]) -> MassGraph:
    tail, head, origin = _ends(arcs)
    return MassGraph(
        element=element,
        nodes=nodes,
        tail=tail,
        head=head,
        mg=np.array([arc.mass.mg for arc in arcs], dtype=np.int64),
        origin=origin,
        flow=np.full(len(arcs), -1, dtype=np.int64),
        own=np.ones(len(arcs), dtype=np.bool_),
        origins=origins,
        cyclic=True,
    )


def _intervals(arcs: list[_Arc]) -> Intervals:
    low, high = (np.array([getattr(arc.mass, name) for arc in arcs], dtype=np.int64) for name in ("low", "high"))
    return Intervals(*_ends(arcs), low, high)


def _ends(arcs: list[_Arc]) -> tuple[Rows, Rows, Rows]:
    tail, head, origin = (
        np.array([getattr(arc, name) for arc in arcs], dtype=np.int64) for name in ("tail", "head", "origin")
    )
    return tail, head, origin
