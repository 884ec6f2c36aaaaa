"""Loops over flows and the balances that they leave and enter, compiled; -1 is outside of all balances.

The incidence A has -1 where a flow leaves a balance and +1 where it enters one. It is never formed: a product with it
is one pass over the flows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def net(tail: Any, head: Any, x: Any, count: Any) -> Any:
    """``A @ x``: what enters each balance less what leaves it. (balance,)"""
    total = np.zeros(count, np.float64)
    for flow in range(tail.size):
        if tail[flow] >= 0:
            total[tail[flow]] -= x[flow]
        if head[flow] >= 0:
            total[head[flow]] += x[flow]
    return total


@njit(cache=True)
def spread(tail: Any, head: Any, z: Any) -> Any:
    """``A' @ z``: of each flow, z where it enters less z where it leaves. (flow,)"""
    difference = np.zeros(tail.size, np.float64)
    for flow in range(tail.size):
        if head[flow] >= 0:
            difference[flow] += z[head[flow]]
        if tail[flow] >= 0:
            difference[flow] -= z[tail[flow]]
    return difference


@njit(cache=True)
def net_of_instruments(tail: Any, head: Any, instrument: Any, effect: Any, count: Any, instruments: Any) -> Any:
    """``A @ B`` (balance, instrument), B the effect of each instrument's unit bias on each flow it measures.

    Args:
        instrument: (flow, place) index, -1 where there is none.
        effect: (flow, place) kg per unit of bias.
    """
    total = np.zeros((count, instruments), np.float64)
    for flow in range(tail.size):
        if tail[flow] == head[flow]:
            continue
        for place in range(instrument.shape[1]):
            one = instrument[flow, place]
            if one >= 0:
                if tail[flow] >= 0:
                    total[tail[flow], one] -= effect[flow, place]
                if head[flow] >= 0:
                    total[head[flow], one] += effect[flow, place]
    return total


@njit(cache=True)
def told_of_instruments(tail: Any, head: Any, instrument: Any, effect: Any, x: Any, instruments: Any) -> Any:
    """``B' A' x`` (instrument, column) for multipliers x (balance, column), in one pass over the flows.

    The matrix ``A B`` is nearly empty, and a dense product with it would be all zeros.
    """
    columns = x.shape[1]
    total = np.zeros((instruments, columns), np.float64)
    for flow in range(tail.size):
        first, second = tail[flow], head[flow]
        if first == second:
            continue
        for place in range(instrument.shape[1]):
            one = instrument[flow, place]
            if one >= 0:
                size = effect[flow, place]
                if second >= 0:
                    for column in range(columns):
                        total[one, column] += size * x[second, column]
                if first >= 0:
                    for column in range(columns):
                        total[one, column] -= size * x[first, column]
    return total


@njit(cache=True)
def pattern(tail: Any, head: Any, count: Any) -> Any:
    """Upper triangle of ``A V A'`` by columns, and where each flow stands in it.

    Returns:
        starts (balance + 1,), rows (entry,), place (flow,) of a flow between two balances or -1; the last entry of a
        column is its diagonal.
    """
    flows = tail.size
    low = np.empty(flows, np.int32)
    high = np.empty(flows, np.int32)
    by_low = np.zeros(count + 1, np.int64)
    by_high = np.zeros(count + 1, np.int64)
    inner = 0
    for flow in range(flows):
        if tail[flow] >= 0 and head[flow] >= 0 and tail[flow] != head[flow]:
            low[flow] = min(tail[flow], head[flow])
            high[flow] = max(tail[flow], head[flow])
            by_low[low[flow] + 1] += 1
            by_high[high[flow] + 1] += 1
            inner += 1
        else:
            low[flow] = -1
    for balance in range(count):
        by_low[balance + 1] += by_low[balance]
        by_high[balance + 1] += by_high[balance]
    first = np.empty(inner, np.int64)
    for flow in range(flows):
        if low[flow] >= 0:
            first[by_low[low[flow]]] = flow
            by_low[low[flow]] += 1
    second = np.empty(inner, np.int64)
    for turn in range(inner):
        flow = first[turn]
        second[by_high[high[flow]]] = flow
        by_high[high[flow]] += 1
    # by_high now holds where each balance's flows end, in the order of high, then of low.
    starts = np.zeros(count + 1, np.int64)
    rows = np.empty(inner + count, np.int32)
    place = np.full(flows, -1, np.int64)
    entry = 0
    turn = 0
    for balance in range(count):
        last = -1
        while turn < by_high[balance]:
            flow = second[turn]
            if low[flow] != last:
                last = low[flow]
                rows[entry] = last
                entry += 1
            place[flow] = entry - 1
            turn += 1
        rows[entry] = balance
        entry += 1
        starts[balance + 1] = entry
    return starts, rows[:entry].copy(), place


@njit(cache=True)
def assembled(tail: Any, head: Any, starts: Any, place: Any, v: Any) -> Any:
    """Values of ``A V A'`` on its pattern, V the diagonal v (flow,)."""
    values = np.zeros(starts[-1], np.float64)
    for flow in range(tail.size):
        if tail[flow] == head[flow]:
            continue
        if tail[flow] >= 0:
            values[starts[tail[flow] + 1] - 1] += v[flow]
        if head[flow] >= 0:
            values[starts[head[flow] + 1] - 1] += v[flow]
        if place[flow] >= 0:
            values[place[flow]] -= v[flow]
    return values


@njit(cache=True)
def excess(tail: Any, head: Any, v: Any, count: Any) -> Any:
    """Row sums of ``A V A'``: the variances of the flows between each balance and the outside. (balance,)"""
    total = np.zeros(count, np.float64)
    for flow in range(tail.size):
        if tail[flow] >= 0 and head[flow] < 0:
            total[tail[flow]] += v[flow]
        elif head[flow] >= 0 and tail[flow] < 0:
            total[head[flow]] += v[flow]
    return total


@njit(cache=True)
def bias_variances(tail: Any, head: Any, v: Any, instrument: Any, effect: Any, known: Any, root: Any) -> Any:
    """What unknown biases add to the variance of each flow: the squared length of its row of ``(B - V A' W) root``.

    Args:
        known: (balance, instrument) ``W @ root``, with W the biases' effect on the balances' multipliers.
        root: (instrument, instrument) with ``root @ root.T`` the covariance of the biases.
    """
    added = np.zeros(tail.size, np.float64)
    row = np.empty(root.shape[1], np.float64)
    for flow in range(tail.size):
        row[:] = 0.0
        if tail[flow] != head[flow]:
            if head[flow] >= 0:
                for one in range(row.size):
                    row[one] -= v[flow] * known[head[flow], one]
            if tail[flow] >= 0:
                for one in range(row.size):
                    row[one] += v[flow] * known[tail[flow], one]
        for place in range(instrument.shape[1]):
            index = instrument[flow, place]
            if index >= 0:
                for one in range(row.size):
                    row[one] += effect[flow, place] * root[index, one]
        for one in range(row.size):
            added[flow] += row[one] * row[one]
    return added
