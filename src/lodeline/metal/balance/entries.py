"""Entries: every flow, in the lines of the accounts that it touches, for the periods in which it stands there.

An account is made of what lies in it when a period ends, and of what comes into it and leaves it in between. Both are
lists of flows; a stock is one for all periods at whose end it lies there. Where the instant of a flow is known only
within limits, it may stand in a line and may not, and the entry says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodeline.metal.balance.layout import HELD, PROCESS, WAY
from lodeline.metal.flows.words import CLOSING, FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.holders import Holders
    from lodeline.metal.balance.instants import Instants
    from lodeline.metal.balance.layout import Layout
    from lodeline.metal.balance.periods import Calendar
    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

STOCK = {HELD: 0, PROCESS: 1, WAY: 2}
ARISING, RECEIVED, BOUGHT, MOVED_IN, CHARGED, PRODUCED = range(3, 9)
SHIPPED, ENDED, SOLD, MOVED_OUT, DISCHARGED, CONSUMED, LOSSES = range(9, 16)
GAP = {HELD: 16, PROCESS: 17, WAY: 18}
FED, MADE = 19, 20
"""Lines, as entries number them."""

_INTO = {
    "arising": ARISING,
    "receive": RECEIVED,
    "ship": RECEIVED,
    "transfer": BOUGHT,
    "stock": MOVED_IN,
    "process_in": CHARGED,
    "process_out": PRODUCED,
}
_OUT = {
    "ship": SHIPPED,
    "receive": SHIPPED,
    "ending": ENDED,
    "transfer": SOLD,
    "stock": MOVED_OUT,
    "process_in": CONSUMED,
    "process_out": DISCHARGED,
    "loss": LOSSES,
}


class Entries(NamedTuple):
    """Flows in lines; (entry,) each.

    Attributes:
        account: Index of the account. line: of the line, as numbered above.
        first, last: The periods in which it stands there, both included.
        row: The flow. sign: +1, or -1 where the line is less by it.
        sure: Whether it stands there in all of these periods; else in each it may, and may not.
        holder: The first node of the holder of a stock or gap; -1 of a move.
    """

    account: Rows
    line: Rows
    first: Rows
    last: Rows
    row: Rows
    sign: Rows
    sure: Flags
    holder: Rows

    def take(self, which: Flags | NDArray[np.intp]) -> Entries:
        """Some of the entries."""
        columns: list[NDArray[Any]] = [column[which] for column in self]
        return Entries(*columns)


class Times(NamedTuple):
    """When flows move, as periods: from low to high, by the midnights of each end; (flow,) each.

    Attributes:
        left_low, left_high: Of leaving the tail.
        came_low, came_high: Of entering the head.
    """

    left_low: Rows
    left_high: Rows
    came_low: Rows
    came_high: Rows


def times(flows: Flows, place: Layout, at: Instants, calendar: Calendar) -> Times:
    """When flows move, as periods."""
    tail, head = place.zone[flows.flows["tail"]], place.zone[flows.flows["head"]]
    found = [calendar.period_of(zone, of) for zone in (tail, head) for of in (at.low, at.high)]
    return Times(*found)


def entries(flows: Flows, place: Layout, held: Holders, when: Times, periods: int, counted: Flags) -> Entries:
    """All entries of all accounts.

    Args:
        periods: How many periods there are.
        counted: (flow,) which flows are of the element that is accounted for, and of known or asked content.
    """
    # What is lost on a road is what the two ends say, and has no mass of its own.
    counted = counted & (flows.flows["kind"] != FLOW["transit_loss"]) & ~held.inside
    found = [
        *_moves(flows, place, when, counted),
        *_turnover(flows, place, when, counted),
        *_lying(flows, place, held, when, periods, counted),
        *_summed(flows, place, held, when, periods, counted),
        *_gaps_of_states(flows, place, held, when, counted),
    ]
    columns: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*found, strict=True)]
    return Entries(*columns)


def begins(flows: Flows, held: Holders, when: Times) -> Rows:
    """(node,) the period in which what leaves each node next began to lie there, at the latest."""
    found: Rows = np.where(held.by_row, _begins(flows, when)[1], _made(flows, when)[1])
    return found


def _entries(
    account: Rows,
    line: Rows | int,
    first: Rows,
    last: Rows,
    row: Rows,
    sign: int,
    *,
    sure: Flags | bool,
    holder: Rows | int = -1,
) -> Entries:
    """Those of them that stand in at least one period of an account."""
    size = row.size
    whole = Entries(
        account,
        np.broadcast_to(np.asarray(line, dtype=np.int64), size),
        np.maximum(first, 0),
        last,
        row,
        np.full(size, sign, dtype=np.int64),
        np.broadcast_to(np.asarray(sure, dtype=bool), size),
        np.broadcast_to(np.asarray(holder, dtype=np.int64), size),
    )
    return whole.take((first <= last) & (account >= 0) & (last >= 0))


def _moves(flows: Flows, place: Layout, when: Times, counted: Flags) -> list[Entries]:
    """What comes into an account from elsewhere, and what leaves it."""
    flow = flows.flows
    tail, head = flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    out, into = place.account[tail], place.account[head]
    # One account may have places in two zones: what moves between them as a month ends has left, and has not come.
    crossing = (out != into) | (when.left_low != when.came_low) | (when.left_high != when.came_high)
    rows = np.flatnonzero(counted & crossing & (head != CLOSING))
    found = []
    words = flow["kind"][rows]
    for table, of, low, high, sign in (
        (_INTO, into, when.came_low, when.came_high, head),
        (_OUT, out, when.left_low, when.left_high, tail),
    ):
        line = np.full(words.size, -1, dtype=np.int64)
        for word, number in table.items():
            line[words == FLOW[word]] = number
        inner = (out[rows] == into[rows]) & (out[rows] >= 0)
        line[inner] = MOVED_IN if table is _INTO else MOVED_OUT
        there = sign[rows] > CLOSING
        some, what = rows[there], line[there]
        found.append(_entries(of[some], what, low[some], high[some], some, 1, sure=low[some] == high[some]))
    return found


def _turnover(flows: Flows, place: Layout, when: Times, counted: Flags) -> list[Entries]:
    """What went into the processes of an account itself, and what came out of them: within it, and in no sum."""
    flow = flows.flows
    out, into = place.account[flow["tail"]], place.account[flow["head"]]
    found = []
    for word, line, of, low, high in (
        ("process_in", FED, into, when.came_low, when.came_high),
        ("process_out", MADE, out, when.left_low, when.left_high),
    ):
        rows = np.flatnonzero(counted & (flow["kind"] == FLOW[word]) & (out == into))
        found.append(_entries(of[rows], line, low[rows], high[rows], rows, 1, sure=low[rows] == high[rows]))
    return found


def _begins(flows: Flows, when: Times) -> tuple[Rows, Rows]:
    """(node,) the period in which each state begins: when what came into it came; -1 of the special nodes."""
    head = flows.flows["head"]
    low = np.full(flows.nodes.rows, -1, dtype=np.int64)
    high = np.full(flows.nodes.rows, -1, dtype=np.int64)
    low[head], high[head] = when.came_low, when.came_high
    low[: CLOSING + 1], high[: CLOSING + 1] = -1, -1
    return low, high


def _lying(flows: Flows, place: Layout, held: Holders, when: Times, periods: int, counted: Flags) -> list[Entries]:
    """Stocks that are flows by themselves: of holdings all that leaves them next, of others what was found in them."""
    tail = flows.flows["tail"].astype(np.int64)
    rows = np.flatnonzero(counted & (tail > CLOSING) & (held.by_row[tail] | held.found))
    begin_low, begin_high = (of[tail[rows]] for of in _begins(flows, when))
    stock = held.found[rows]
    # A stock of a store begins at the event of its node, the last of what was before it.
    own = _made(flows, when)
    begin_low, begin_high = (
        np.where(stock, own[0][tail[rows]], begin_low),
        np.where(stock, own[1][tail[rows]], begin_high),
    )
    leave_low, leave_high = when.left_low[rows], when.left_high[rows]
    account, holder = place.account[tail[rows]], held.of[tail[rows]]
    line = _line_of(STOCK, place.part[tail[rows]])
    sure_first, sure_last = begin_high, leave_low - 1
    found = [_entries(account, line, sure_first, sure_last, rows, 1, sure=True, holder=holder)]
    empty = sure_first > sure_last
    spans = (
        (begin_low, np.where(empty, leave_high - 1, begin_high - 1)),
        (np.where(empty, periods, leave_low), leave_high - 1),
    )
    return found + [_entries(account, line, low, high, rows, 1, sure=False, holder=holder) for low, high in spans]


def _made(flows: Flows, when: Times) -> tuple[Rows, Rows]:
    """(node,) the period of the last flow into or out of each node at its own event, stocks out of it left aside."""
    flow = flows.flows
    tail, head = flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    moved = ~np.isin(flow["kind"], [FLOW["stock"], FLOW["closing"]])
    low = np.full(flows.nodes.rows, -1, dtype=np.int64)
    high = np.full(flows.nodes.rows, -1, dtype=np.int64)
    np.maximum.at(low, head, when.came_low)
    np.maximum.at(high, head, when.came_high)
    np.maximum.at(low, tail[moved], when.left_low[moved])
    np.maximum.at(high, tail[moved], when.left_high[moved])
    return low, high


def _summed(flows: Flows, place: Layout, held: Holders, when: Times, periods: int, counted: Flags) -> list[Entries]:
    """Stocks of processes, stores and roads: what went in and did not come out yet; and what at last is missing."""
    flow = flows.flows
    tail, head = flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    apart = counted & (held.of[tail] != held.of[head])
    into = np.flatnonzero(apart & (head > CLOSING) & ~held.by_row[head])
    out = np.flatnonzero(apart & (tail > CLOSING) & ~held.by_row[tail])
    made = _made(flows, when)
    end_low, end_high = (np.full(flows.nodes.rows, -1, dtype=np.int64) for _ in range(2))
    for end, of in ((end_low, made[0]), (end_high, made[1])):
        nodes = np.flatnonzero(~held.by_row)
        np.maximum.at(end, held.of[nodes], of[nodes])
    end_low, end_high = (np.where(held.goes_on, periods, end) for end in (end_low, end_high))
    found: list[Entries] = []
    for rows, near, low, high, sign in (
        (into, head, when.came_low, when.came_high, 1),
        (out, tail, when.left_low, when.left_high, -1),
    ):
        node = near[rows]
        holder, account, part = held.of[node], place.account[node], place.part[node]
        last = end_high[holder] - 1
        moving = ~held.found[rows] if sign < 0 else np.ones(rows.size, dtype=bool)
        stock, gap = _line_of(STOCK, part), _line_of(GAP, part)
        for first, until, sure in ((high[rows], last, True), (low[rows], np.minimum(high[rows] - 1, last), False)):
            some = _entries(account, stock, first, np.where(moving, until, -1), rows, sign, sure=sure, holder=holder)
            found.append(some)
        at, sure_gap = end_high[holder], end_low[holder] == end_high[holder]
        over = np.where(held.goes_on[holder] | (at >= periods), -1, at)
        found.append(_entries(account, gap, end_low[holder], over, rows, sign, sure=sure_gap, holder=holder))
    return found


def _gaps_of_states(flows: Flows, place: Layout, held: Holders, when: Times, counted: Flags) -> list[Entries]:
    """What came into a state of a holding and is not what left it: weighed or assayed differently."""
    flow = flows.flows
    begin_low, begin_high = _begins(flows, when)
    open_state = held.by_row & ~held.closed
    found = []
    for end, sign in (("head", 1), ("tail", -1)):
        node = flow[end].astype(np.int64)
        rows = np.flatnonzero(counted & open_state[node])
        at = node[rows]
        low, high = begin_low[at], begin_high[at]
        found.append(
            _entries(
                place.account[at],
                _line_of(GAP, place.part[at]),
                low,
                high,
                rows,
                sign,
                sure=low == high,
                holder=held.of[at],
            )
        )
    return found


def _line_of(table: dict[int, int], part: Rows) -> Rows:
    """The line of each part of a stock."""
    numbers = np.array([table[HELD], table[PROCESS], table[WAY]], dtype=np.int64)
    found: Rows = numbers[part]
    return found
