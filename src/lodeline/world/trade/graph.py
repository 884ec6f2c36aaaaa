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

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE, UNTRACED, MassGraph, Origin
from lodeline.world.country import alpha2, country_name
from lodeline.world.statistics.edition import OTHER, WORLD, Row
from lodeline.world.trade.asking import TradeQuestion
from lodeline.world.trade.goods import COUNTS, HIGH, LOW, Goods, goods, milligrams
from lodeline.world.trade.traded import Traded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Intervals(NamedTuple):
    """Every arc with what it carries at least and at most; (arc,) each, as in a mass graph.

    The first arcs are those of the graph; the rest carry nothing by what counts, and may carry something.
    """

    tail: Rows
    head: Rows
    origin: Rows
    low_mg: Rows
    high_mg: Rows


class CountryGraph(NamedTuple):
    """The trade of a year in one form as a mass graph, of which one country is asked.

    Attributes:
        graph: Nodes are ``countries``; masses are those that count, and close.
        limits: What arcs carry at least and at most.
        countries: (node,) ISO 3166-1 alpha-3, or a code of the publisher's own.
        at: Node of the country that is asked; of its imports the graph is cut there.
        shipped: The rows of the trade table.
        shipment: (arc,) place of the row that an arc of the graph is of; -1 for mine output, untraced and ends.
        mined: The published mine output of each country that is listed, by its code.
        untold: Countries that are listed with an output which is not told; what they ship counts as untraced.
        loops: Countries that only ship to each other what none of them mined or bought from elsewhere: what circles
            there reaches nobody, and is left out.
    """

    graph: MassGraph
    limits: Intervals
    countries: tuple[str, ...]
    at: int
    shipped: tuple[Traded, ...]
    shipment: Rows
    mined: dict[str, Row]
    untold: tuple[str, ...]
    loops: tuple[str, ...]

    @property
    def arrivals(self) -> tuple[Traded, ...]:
        """What was shipped to the asked country, the largest first."""
        places = self.shipment[self.graph.head == self.at]
        rows = (self.shipped[place] for place in places[places >= 0].tolist())
        return tuple(sorted(rows, key=lambda row: -(row.tonnes or 0)))

    @property
    def target(self) -> int:
        """The arc of what is asked: all that arrived, or what stayed."""
        return int(np.flatnonzero((self.graph.tail == self.at) & (self.graph.head == OUTSIDE) & (self.shipment < 0))[0])

    def mines(self, code: str) -> bool:
        """Whether a country is listed with a mine output that may be more than nothing."""
        row = self.mined.get(code)
        return row is not None and (row.value is None or row.value > 0)


class Laid(NamedTuple):
    """A year as columns, before what is untraced and what stays are known.

    Attributes:
        countries: (node,) codes. at: node of the asked country.
        goods: The shipments. tail, head: (shipment,) nodes; outside where the asked country sends, or where it takes in
            what is not asked.
        own_mg: (3, node) what each mined: what counts, the least and the most.
        mined: Published rows by country. untold: Countries whose output is not told.
        cut: Whether imports are asked, so that the graph is cut at the country.
    """

    countries: tuple[str, ...]
    at: int
    goods: Goods
    tail: Rows
    head: Rows
    own_mg: Rows
    mined: dict[str, Row]
    untold: tuple[str, ...]
    cut: bool


class _Arcs(NamedTuple):
    """Arcs of all kinds, (arc,) each: shipments, then mines, then what is untraced, then what ends."""

    tail: Rows
    head: Rows
    origin: Rows
    good: Rows
    mg: Rows


def country_graph(asking: TradeQuestion) -> CountryGraph:
    """The mass graph of a year's trade, of which one country is asked.

    Raises:
        NotFoundError: ``world.trade_not_in_table``. InputError: ``world.content``, ``world.tonnage_without_limit``,
            ``world.country_not_in_trade``, ``world.nothing_stays``.
    """
    of = laid_out(asking)
    nodes = len(of.countries)
    mines = np.flatnonzero(of.own_mg[HIGH] > 0)
    arcs = _arcs(of, mines)
    fed, perhaps = (reached(arcs.tail, arcs.head, arcs.mg[which] > 0, nodes) for which in (COUNTS, HIGH))
    counted = (arcs.mg[COUNTS] > 0) & ((arcs.tail == OUTSIDE) | fed[arcs.tail])
    further = ~counted & (arcs.mg[HIGH] > 0) & ((arcs.tail == OUTSIDE) | perhaps[arcs.tail])
    if not (counted & (arcs.tail == of.at) & (arcs.head == OUTSIDE) & (arcs.good < 0)).any():
        raise InputError(
            "world.nothing_stays",
            f"{country_name(asking.at)} shipped all that it mined and imported under {asking.form.hs} in {asking.year} "
            "by these tables, or more; ask for its imports.",
        )
    first = np.flatnonzero(counted)
    every = np.concatenate([first, np.flatnonzero(further)])
    return CountryGraph(
        graph=MassGraph(
            element=asking.commodity.element,
            nodes=nodes,
            tail=arcs.tail[first],
            head=arcs.head[first],
            mg=arcs.mg[COUNTS, first],
            origin=arcs.origin[first],
            flow=np.full(first.size, -1, dtype=np.int64),
            own=np.ones(first.size, dtype=np.bool_),
            origins=_origins(of, mines),
            cyclic=True,
        ),
        limits=Intervals(
            arcs.tail[every], arcs.head[every], arcs.origin[every], arcs.mg[LOW, every], arcs.mg[HIGH, every]
        ),
        countries=of.countries,
        at=of.at,
        shipped=of.goods.rows,
        shipment=arcs.good[first],
        mined=of.mined,
        untold=of.untold,
        loops=tuple(code for code, is_fed in zip(of.countries, fed.tolist(), strict=True) if not is_fed),
    )


def laid_out(asking: TradeQuestion) -> Laid:
    """The shipments and the mines of a year as columns; refusals as of :func:`country_graph`."""
    of = goods(asking.trade, (asking.form, *asking.also), asking.year)
    mined = {
        row.country: row
        for row in asking.table.select(
            commodity=asking.commodity.name, measure="mine-production", form=asking.mines, period=asking.year
        )
        if row.country not in (WORLD, OTHER) and not row.has("blank")
    }
    spans = {code: _mined(row) for code, row in mined.items()}
    codes = tuple(sorted({*of.codes, *(code for code, span in spans.items() if span is not None and span[HIGH])}))
    node = {code: number for number, code in enumerate(codes)}
    to = np.array([node[code] for code in of.codes], dtype=np.int64)
    at, cut = node.get(asking.at, OUTSIDE), asking.asked == "imports"
    exporter, importer = to[of.exporter], to[of.importer]
    if not ((importer == at) & (of.form == 0)).any():
        raise InputError(
            "world.country_not_in_trade",
            f"{country_name(asking.at)} imported nothing under {asking.form.hs} in {asking.year} by these tables.",
        )
    own = np.zeros((3, len(codes)), dtype=np.int64)
    for code, span in spans.items():
        if span is not None and span[HIGH] and not (cut and code == asking.at):
            own[:, node[code]] = span
    return Laid(
        countries=codes,
        at=at,
        goods=of,
        tail=np.where(cut & (exporter == at), OUTSIDE, exporter),
        head=np.where(cut & (importer == at) & (of.form > 0), OUTSIDE, importer),
        own_mg=own,
        mined=mined,
        untold=tuple(sorted(code for code, span in spans.items() if span is None)),
        cut=cut,
    )


def excess_mg(of: Laid, mg: Rows) -> tuple[Rows, Rows]:
    """(3, node) what each country ships beyond what it has, which is untraced, and what stays of what it has.

    Args:
        mg: (3, shipment) as those of the goods.
    """
    have, ship = of.own_mg.copy(), np.zeros_like(of.own_mg)
    into, out = of.head >= 0, of.tail >= 0
    for which in range(3):
        np.add.at(have[which], of.head[into], mg[which, into])
        np.add.at(ship[which], of.tail[out], mg[which, out])
    return _excess(ship, have), _excess(have, ship)


def reached(tail: Rows, head: Rows, carries: Flags, nodes: int) -> Flags:
    """(node,) whether anything from outside gets there."""
    tail, head = tail[carries], head[carries]
    found = np.zeros(nodes + 1, dtype=np.bool_)  # the last one is outside
    found[head[tail == OUTSIDE]] = True
    found[OUTSIDE] = False
    inner = (tail >= 0) & (head >= 0)
    tail, head = tail[inner], head[inner]
    while True:
        further = head[found[tail] & ~found[head]]
        if not further.size:
            return found[:-1]
        found[further] = True


def _mined(row: Row) -> tuple[int, int, int] | None:
    """A published mine output; limits count as their middle, and None is one that is not told or has no upper limit."""
    if row.value is not None:
        mg = milligrams(row.value)
        return mg, mg, mg
    if row.high is None:
        return None
    low, high = 0 if row.low is None else milligrams(row.low), milligrams(row.high)
    return (low + high) // 2, low, high


def _arcs(of: Laid, mines: Rows) -> _Arcs:
    """Every arc, those that carry nothing too. What the asked country sends comes from origin 1, a mine from 2 on."""
    untraced, stays = excess_mg(of, of.goods.mg)
    shipments, nodes = len(of.goods.rows), np.arange(len(of.countries))
    outside = np.full(nodes.size, OUTSIDE)
    plain = np.full(mines.size + 2 * nodes.size, -1)
    return _Arcs(
        tail=np.concatenate([of.tail, outside[mines], outside, nodes]),
        head=np.concatenate([of.head, mines, nodes, outside]),
        origin=np.concatenate(
            [np.where(of.tail == OUTSIDE, 1, -1), np.arange(2, mines.size + 2), np.zeros(nodes.size, int), outside]
        ),
        good=np.concatenate([np.arange(shipments), plain]),
        mg=np.concatenate([of.goods.mg, of.own_mg[:, mines], untraced, stays], axis=1),
    )


def _origins(of: Laid, mines: Rows) -> tuple[Origin, ...]:
    """Untraced, what the asked country sent back, and each country that mines."""
    returned = Origin("untraced", alpha2(of.countries[of.at]) or "", "returned")
    countries = (Origin("country", alpha2(of.countries[node]) or "", "") for node in mines.tolist())
    return (UNTRACED, returned, *countries)


def _excess(of: Rows, over: Rows) -> Rows:
    """(3, node) ``max(of - over, 0)``."""
    return np.asarray(np.maximum(of - over[[COUNTS, HIGH, LOW]], 0))
