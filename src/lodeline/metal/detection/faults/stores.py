"""Draws from mixed stores: how what was drawn differs from what the book has laid down there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.ids.epc import canonical
from lodeline.metal.flows.words import FLOW, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

    Array = NDArray[np.float64]


class Drawn(NamedTuple):
    """One draw, of one element.

    Attributes:
        place: Name of the store. element: which. out, rest: flows of what was drawn and of what stays.
        apart: ``ln`` of the grade of the draw over that of the stock; NaN where not all of the stock was assayed.
        reading_v: Its variance by the assays.
    """

    place: int
    element: int
    out: int
    rest: int
    apart: float
    reading_v: float


class _Stock(NamedTuple):
    """What lies in a store: dry mass, element mass and its variance by assays; NaN where not all was assayed."""

    dry_kg: float
    kg: float
    variance: float


def drawn(flows: Flows, ledger: LedgerModel, x: Array, grade_u: Array, mixed: Iterable[str]) -> list[Drawn]:
    """Every draw of one lot from a mixed store that leaves something, in order of time.

    Args:
        x: (variable,) of a solution.
        grade_u: (composition, element) by readings.
        mixed: URIs of stores that mix.
    """
    flow, nodes = flows.flows, flows.nodes
    wanted = {canonical(uri) for uri in mixed}
    places = {index for index, name in enumerate(flows.names) if canonical(name) in wanted}
    of_store = np.flatnonzero((nodes["kind"] == NODE["process"]) & np.isin(nodes["place"], list(places)))
    into: dict[int, list[int]] = defaultdict(list)
    out_of: dict[int, list[int]] = defaultdict(list)
    there = np.zeros(nodes.rows, dtype=bool)
    there[of_store] = True
    for column, held in (("head", into), ("tail", out_of)):
        for row in np.flatnonzero(there[flow[column]]).tolist():
            held[int(flow[column][row])].append(row)
    rests = (FLOW["stock"], FLOW["closing"])
    dry_kg = x[ledger.dry[ledger.streams.mass]]
    composition = ledger.streams.composition
    stocks: dict[tuple[int, int], _Stock] = {}
    found: list[Drawn] = []
    for node in of_store[np.argsort(nodes["at"][of_store], kind="stable")].tolist():
        kept = [row for row in out_of[node] if flow["kind"][row] in rests]
        out = [row for row in out_of[node] if flow["kind"][row] == FLOW["process_out"]]
        if len(kept) != 1 or len(out) > 1:
            continue
        for element in range(len(ledger.elements)):
            parts = [
                stocks.get((row, element))
                if flow["kind"][row] == FLOW["stock"]
                else _assayed(ledger, x, grade_u, int(composition[row]), element, float(dry_kg[row]))
                for row in into[node]
            ]
            stock = _together(parts)
            if out:
                apart, variance = _apart(ledger, x, grade_u, int(composition[out[0]]), element, stock)
                found.append(Drawn(int(nodes["place"][node]), element, out[0], kept[0], apart, variance))
                if stock is not None and stock.dry_kg > 0:
                    rest = 1 - float(dry_kg[out[0]]) / stock.dry_kg
                    stock = _Stock(stock.dry_kg * rest, stock.kg * rest, stock.variance * rest**2)
            if stock is not None:
                stocks[kept[0], element] = stock
    return found


def _assayed(
    ledger: LedgerModel, x: Array, grade_u: Array, composition: int, element: int, dry_kg: float
) -> _Stock | None:
    if not ledger.assayed[composition, element]:
        return None
    grade = int(ledger.grade[composition, element])
    return _Stock(dry_kg, dry_kg * float(x[grade]), (dry_kg * float(grade_u[composition, element])) ** 2)


def _together(parts: list[_Stock | None]) -> _Stock | None:
    """The sum; None where a part is unknown."""
    if not parts or any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    return _Stock(*(sum(column) for column in zip(*known, strict=True)))


def _apart(
    ledger: LedgerModel, x: Array, grade_u: Array, composition: int, element: int, stock: _Stock | None
) -> tuple[float, float]:
    grade = int(ledger.grade[composition, element])
    if not ledger.assayed[composition, element] or stock is None or stock.dry_kg <= 0 or stock.kg <= 0 or x[grade] <= 0:
        return np.nan, np.nan
    own = float(grade_u[composition, element] / x[grade]) ** 2
    return float(np.log(x[grade] * stock.dry_kg / stock.kg)), own + stock.variance / stock.kg**2
