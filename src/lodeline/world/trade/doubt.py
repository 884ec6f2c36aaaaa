"""Doubt: how far what is not published, tonnages and contents, may move the shares of what arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.origin.elimination import eliminated
from lodeline.origin.graph import OUTSIDE
from lodeline.world.trade.asking import TradeQuestion
from lodeline.world.trade.goods import COUNTS, HIGH, LOW
from lodeline.world.trade.graph import Laid, laid_out, reached

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]


def doubt(asking: TradeQuestion) -> dict[str, float]:
    """By origin, by how much its share may move with what is not published, each at either end, added up; 0 to 1.

    The origins are countries by code, ``untraced`` and ``returned``, as of :class:`Mixed`. What is not published are
    the tonnages of single shipments, and the content of each form that has a range.
    """
    of = laid_out(asking)
    apart = np.zeros(len(of.countries) + 2)
    untold = np.array([row.tonnes is None for row in of.goods.rows], dtype=np.bool_)
    year = mixed(of, of.goods.mg[COUNTS])
    for one in np.flatnonzero(untold).tolist():
        ends = (year.moved(of, one, int(of.goods.mg[which, one])) for which in (LOW, HIGH))
        apart += np.maximum(*(np.abs(end - year.share) for end in ends))
    for form in range(len(asking.also) + 1):
        told = (of.goods.form == form) & ~untold
        if (of.goods.mg[LOW, told] < of.goods.mg[HIGH, told]).any():
            ends = (mixed(of, np.where(told, of.goods.mg[which], of.goods.mg[COUNTS])).share for which in (LOW, HIGH))
            apart += np.maximum(*(np.abs(end - year.share) for end in ends))
    return dict(zip(("untraced", "returned", *of.countries), apart.tolist(), strict=True))


class Mixed(NamedTuple):
    """A year mixed, seen from the asked country.

    Attributes:
        mg: (shipment,) masses that count.
        share: (2 + node,) of what it holds: untraced, returned, of the mines of each country; zero if it holds nothing.
        fed: (node,) whether anything reaches it.
        passed: (node, node) P, the part of what a country has that came from another.
        through: (node, node) ``inv(I - P)`` on the countries that anything reaches; zero elsewhere.
    """

    mg: Rows
    share: Array
    fed: Flags
    passed: Array
    through: Array

    def moved(self, of: Laid, shipment: int, mg: int) -> Array:
        """The shares if one shipment had another mass.

        That changes two rows of P at most, those of the exporter, who has more or less untraced, and of the importer:
        with D their change, the row of the inverse moves by ``n_R inv(1 - D N_R) D N``. Where the countries that
        anything reaches may be others then, all is solved anew.
        Source: Woodbury (1950), Inverting modified matrices.
        """
        masses = self.mg.copy()
        masses[shipment] = mg
        new = _brought(of, masses)
        if not np.array_equal(_fed(of, new, masses), self.fed):
            return mixed(of, masses).share
        rows = np.array([node for node in (of.tail[shipment], of.head[shipment]) if node >= 0])
        change = _rows(new, rows) - self.passed[rows]
        kept = change @ self.through
        small = np.identity(rows.size) - kept[:, rows]
        ours = self.through[of.at]
        return _shares(ours + np.linalg.solve(small.T, ours[rows]) @ kept, new)


class _Brought(NamedTuple):
    """What each country has, (node,) milligrams, and (node, node) what came to it from others."""

    own: Rows
    back: Rows
    untraced: Rows
    total: Rows
    flow: Rows


def mixed(of: Laid, mg: Rows) -> Mixed:
    """What the asked country holds if each country mixes what it has, at given masses of the shipments."""
    new = _brought(of, mg)
    is_fed = _fed(of, new, mg)
    passed, fed = _rows(new, np.arange(is_fed.size)), np.flatnonzero(is_fed)
    through, among = np.zeros_like(passed), np.ix_(fed, fed)
    outside = ((new.own + new.back + new.untraced) / np.maximum(new.total, 1))[fed]
    through[among] = eliminated(passed[among], np.identity(fed.size), outside)
    return Mixed(mg, _shares(through[of.at], new), is_fed, passed, through)


def _fed(of: Laid, new: _Brought, mg: Rows) -> Flags:
    """(node,) whether anything from outside gets there."""
    outside = np.flatnonzero(new.own + new.back + new.untraced > 0)
    inner = (of.tail >= 0) & (of.head >= 0) & (mg > 0)
    tails = np.concatenate([of.tail[inner], np.full(outside.size, OUTSIDE)])
    heads = np.concatenate([of.head[inner], outside])
    return reached(tails, heads, np.ones(tails.size, dtype=np.bool_), new.own.size)


def _brought(of: Laid, mg: Rows) -> _Brought:
    nodes = len(of.countries)
    flow, back, ship = np.zeros((nodes, nodes), np.int64), np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    inner, leaves = (of.tail >= 0) & (of.head >= 0), of.tail >= 0
    returned = ~leaves & (of.head >= 0)
    np.add.at(flow, (of.head[inner], of.tail[inner]), mg[inner])
    np.add.at(ship, of.tail[leaves], mg[leaves])
    np.add.at(back, of.head[returned], mg[returned])
    have = of.own_mg[COUNTS] + back + flow.sum(axis=1)
    untraced = np.maximum(ship - have, 0)
    return _Brought(of.own_mg[COUNTS], back, untraced, have + untraced, flow)


def _rows(new: _Brought, rows: Rows) -> Array:
    """(row, node) of P; zero for a country that has nothing."""
    return np.asarray(new.flow[rows] / np.maximum(new.total[rows], 1)[:, None])


def _shares(through: Array, new: _Brought) -> Array:
    """(2 + node,) shares by (node,) how much of what the asked country holds passed each."""
    through = np.maximum(through, 0) / np.maximum(new.total, 1)
    found = np.concatenate([[through @ new.untraced, through @ new.back], through * new.own])
    return np.asarray(found / (found.sum() or 1.0))
