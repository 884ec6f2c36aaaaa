"""Instants: when each flow leaves the node at its tail for the one at its head, as far as that is known.

A flow that lies still (``stock``) leaves when it is moved into the next state, what is received leaves the road when it
arrives, and what is still held has not left. Of an instant that nobody knows there are limits: it is not before what
went into its tail came there, nor after anything left its head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.balance.periods import FAR
from lodeline.metal.flows.words import CLOSING, FLOW, NO_TIME, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Times = NDArray[np.int64]


class Instants(NamedTuple):
    """When each flow moves; UTC microseconds, (flow,) each, equal where the instant is known.

    Attributes:
        low, high: Not before, and not after. Both are :data:`lodeline.metal.balance.periods.FAR` of what is still
            held.
        first, last: The first and the last known instant of the book.
    """

    low: Times
    high: Times
    first: int
    last: int


def instants(flows: Flows) -> Instants:
    """When each flow moves."""
    known = _known(flows)
    first, last = _extent(flows, known)
    low, high = _limits(flows, known, last)
    return Instants(*_together(flows, low, high), first, last)


def _known(flows: Flows) -> Times:
    """(flow,) the instant as recorded; ``NO_TIME`` where nobody knows it."""
    flow, node = flows.flows, flows.nodes
    kind, arrived = flow["kind"], flow["arrived_at"]
    arrives = np.isin(kind, [FLOW["stock"], FLOW["receive"], FLOW["transit_loss"]])
    # What went onto the road left when it was shipped; of a receipt without shipment nobody knows when that was.
    both = np.where((flow["left_at"] == NO_TIME) | (arrived == NO_TIME), NO_TIME, flow["left_at"])
    found = np.where(arrives, arrived, both)
    found = np.where(flow["head"] == CLOSING, FAR, found)
    # What went into a process of which nobody saw the feed is taken in when the process is first seen.
    unseen = (kind == FLOW["arising"]) & (node["kind"][flow["head"]] == NODE["process"]) & (found == NO_TIME)
    return np.where(unseen, node["at"][flow["head"]], found).astype(np.int64)


def _extent(flows: Flows, known: Times) -> tuple[int, int]:
    """The first and the last instant that anything in the flows has; the first is not after the last."""
    measured, node = flows.measurements["at"], flows.nodes["at"]
    every = np.concatenate([one[(one != NO_TIME) & (one != FAR)] for one in (known, measured, node)])
    return (int(every.min()), int(every.max())) if every.size else (0, 0)


def _limits(flows: Flows, known: Times, last: int) -> tuple[Times, Times]:
    """(flow,) twice: the known instants, and limits of the others from what went into the tail and out of the head."""
    flow, process = flows.flows, flows.nodes["kind"] == NODE["process"]
    tail, head, measured = flow["tail"], flow["head"], flows.measurements
    own = ~measured["inherited"] & (measured["at"] != NO_TIME)
    unknown = known == NO_TIME
    low, high = np.where(unknown, -FAR, known), np.where(unknown, last, known)
    silent = np.flatnonzero(unknown)
    while silent.size:
        # Into a process some may go after others came out, so only its first inlet and its last outlet say anything.
        into = np.where(process, FAR, -FAR)
        np.maximum.at(into, head[~process[head]], low[~process[head]])
        np.minimum.at(into, head[process[head]], low[process[head]])
        out = np.where(process, -FAR, FAR)
        np.minimum.at(out, tail[~process[tail]], high[~process[tail]])
        np.maximum.at(out, tail[process[tail]], high[process[tail]])
        # What was measured in a state had come into it.
        np.minimum.at(out, tail[measured["flow"][own]], measured["at"][own])
        into[: CLOSING + 1], out[: CLOSING + 1] = -FAR, FAR
        into, out = np.where(into == FAR, -FAR, into), np.where(out == -FAR, FAR, out)
        lower, upper = np.maximum(low[silent], into[tail[silent]]), np.minimum(high[silent], out[head[silent]])
        if (lower == low[silent]).all() and (upper == high[silent]).all():
            break
        low[silent], high[silent] = lower, upper
    return np.minimum(low, high), np.maximum(low, high)


def _together(flows: Flows, low: Times, high: Times) -> tuple[Times, Times]:
    """All that comes into one state of a holding comes at one instant: that of the event that made the state."""
    head = flows.flows["head"]
    holding = (flows.nodes["kind"] == NODE["holding"])[head]
    least = np.full(flows.nodes.rows, FAR, dtype=np.int64)
    most = np.full(flows.nodes.rows, -FAR, dtype=np.int64)
    np.minimum.at(least, head[holding], low[holding])
    np.maximum.at(most, head[holding], high[holding])
    return np.where(holding, least[head], low), np.where(holding, most[head], high)
