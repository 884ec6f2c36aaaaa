"""Counts: what stock-takes counted of the stock that lay there when a period ended, beside what the books hold.

A count stands beside the end of the period that is nearest to it, as long as what was counted lay there then just as it
was counted: nothing had been added to it or taken from it in between. It never resets the books.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.metal.balance.recorded import Counted
from lodeline.metal.flows.words import BASIS, NO_TIME, QUANTITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.entries import Times
    from lodeline.metal.balance.holders import Holders
    from lodeline.metal.balance.layout import Layout
    from lodeline.metal.balance.periods import Calendar
    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]


class Counts(NamedTuple):
    """Counts that stand beside the end of a period; (count,) each.

    Attributes:
        counted: What was counted.
        account: Index of the account. period: at whose end. holder: the first node of the holder.
        site: Index of the site.
    """

    counted: Counted
    account: Rows
    period: Rows
    holder: Rows
    site: Rows


def taken(flows: Flows, stocktakes: Sequence[int]) -> tuple[Counted, Rows]:
    """Every mass that a stock-take counted, in order of entries, and (count,) when; UTC microseconds.

    ``net = gross - tare`` where only these were read, on one basis.

    Args:
        stocktakes: The entries that are stock-takes.
    """
    measured = flows.measurements
    read = np.isin(measured["seq"], np.asarray(stocktakes, dtype=np.int64)) & ~measured["inherited"]
    rows = np.flatnonzero(read & (measured["at"] != NO_TIME))
    found: dict[tuple[int, int], dict[int, int]] = {}
    for row in rows.tolist():
        of = (int(measured["seq"][row]), int(measured["flow"][row]))
        found.setdefault(of, {})[int(measured["quantity"][row])] = row
    counted: list[tuple[int, float, float, int, int, bool]] = []
    at: list[int] = []
    for (seq, flow), by_quantity in sorted(found.items()):
        one = _net(flows, by_quantity)
        if one is not None:
            kg, u, row = one
            # Halves of a count are marked as chosen even where the books kept their own mass.
            adopted = bool(measured["chosen"][row]) and kg == flows.flows["mass_kg"][flow]
            counted.append((flow, kg, u, int(measured["basis"][row]), seq, adopted))
            at.append(int(measured["at"][row]))
    columns = list(zip(*counted, strict=True)) or [()] * 6
    dtypes = (np.int64, np.float64, np.float64, np.uint8, np.int64, np.bool_)
    arrays: list[NDArray[Any]] = [np.array(one, dtype=of) for one, of in zip(columns, dtypes, strict=True)]
    return Counted(*arrays), np.array(at, dtype=np.int64)


def _net(flows: Flows, by_quantity: dict[int, int]) -> tuple[float, float, int] | None:
    """The mass that one stock-take read of one holder, with its uncertainty, and the row that says so."""
    measured = flows.measurements
    for word in ("net", "declared"):
        row = by_quantity.get(QUANTITY[word])
        if row is not None:
            return float(measured["value"][row]), float(measured["u"][row]), row
    gross, tare = by_quantity.get(QUANTITY["gross"]), by_quantity.get(QUANTITY["tare"])
    if gross is None or tare is None or measured["basis"][tare] not in (measured["basis"][gross], BASIS[""]):
        return None
    kg = float(measured["value"][gross] - measured["value"][tare])
    return kg, float(np.hypot(measured["u"][gross], measured["u"][tare])), gross


def counts(
    flows: Flows,
    stocktakes: Sequence[int],
    place: Layout,
    held: Holders,
    when: Times,
    begins: Rows,
    calendar: Calendar,
) -> Counts:
    """The counts that stand beside the end of a period; of several of one holder, the one that is nearest to it.

    Args:
        begins: (node,) the period in which the stock that leaves each node began to lie there.
    """
    counted, at = taken(flows, stocktakes)
    node = flows.flows["tail"][counted.flow].astype(np.int64)
    first, last = begins[node], when.left_low[counted.flow] - 1
    zone = place.zone[node]
    within = calendar.period_of(zone, at)
    before, after = (np.clip(period, first, last) for period in (within - 1, within))
    ends = [np.abs(calendar.bounds[zone, np.maximum(period, 0) + 1] - at) for period in (before, after)]
    period = np.where(ends[0] < ends[1], before, after)
    distance = np.minimum(*ends)
    # Of one holder and period the nearest, and of two as near the later entry.
    holder = held.of[node]
    order = np.lexsort((-counted.seq, distance, period, holder))
    order = order[(first <= last)[order] & (first >= 0)[order] & (place.account[node] >= 0)[order]]
    new = np.ones(order.size, dtype=bool)
    new[1:] = (holder[order][1:] != holder[order][:-1]) | (period[order][1:] != period[order][:-1])
    kept = order[new]
    columns: list[NDArray[Any]] = [column[kept] for column in counted]
    return Counts(
        counted=Counted(*columns),
        account=place.account[node[kept]],
        period=period[kept],
        holder=holder[kept],
        site=place.site[node[kept]],
    )
