"""Origins of what comes into a book, from what the book says of its lots."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeline.metal.flows.words import NO_ENTRY
from lodeline.metal.flows.words import OUTSIDE as BEFORE
from lodeline.origin.graph import IN_DOUBT, UNTRACED, Origin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]


def sources(flows: Flows, in_doubt: Collection[int] = ()) -> tuple[tuple[Origin, ...], Rows]:
    """The origins of a book, untraced first, and (flow,) which one each flow from outside is of; -1 of all others.

    Args:
        flows: Of the book.
        in_doubt: Names of lots whose declared origin is in doubt: theirs is :data:`~lodeline.origin.graph.IN_DOUBT`.

    A lot is of the deposit or the scrap source that its making names; else of its country, mined or collected. A lot
    of which no event says that it arose lay there when the book began: a stock, by the place where it was first seen.
    """
    table, coming = flows.flows, flows.flows["tail"] == BEFORE
    lots: Any = flows.lots
    row_of = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    row_of[lots["lot"]] = np.arange(lots.rows)
    row = row_of[table["lot"]]  # an unsaid lot takes the last, which is none
    used = np.unique(row[coming])
    numbers: dict[Origin, int] = {UNTRACED: 0}
    place = np.zeros(lots.rows + 1, dtype=np.int64)
    for one in used[used >= 0].tolist():
        doubtful = int(lots["lot"][one]) in in_doubt
        place[one] = numbers.setdefault(IN_DOUBT if doubtful else _origin(flows, one), len(numbers))
    return tuple(numbers), np.where(coming, place[row], -1)


def _origin(flows: Flows, row: int) -> Origin:
    """Where a lot is from."""

    def said(column: str) -> str:
        return flows.name(int(flows.lots[column][row])) or ""

    country = said("country")
    if said("deposit"):
        return Origin("deposit", country, said("deposit"))
    if said("scrap_source") or said("stage") == "collected":
        return Origin("scrap", country, said("scrap_source"))
    if country or said("stage") == "mined":
        return Origin("country", country, "")
    if flows.lots["made_seq"][row] == NO_ENTRY:
        return Origin("stock", "", said("first_place"))
    return UNTRACED
