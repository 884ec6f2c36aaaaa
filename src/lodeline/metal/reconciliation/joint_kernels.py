"""Loops over flows that carry several components, compiled.

Of flow i the components ``z = (dry mass, mass of each element)`` have the covariance ``v a a' + diag(q)``: a error of
the dry mass moves all of them along ``a = (1, grades)``, and each assay its own. Multipliers are held as
(component, balance, column), so that one component of all balances lies together, and a row of columns too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def net(tail: Any, head: Any, z: Any, count: Any) -> Any:
    """What enters each balance less what leaves it: z (flow, component) to (component, balance)."""
    total = np.zeros((z.shape[1], count), np.float64)
    for flow in range(tail.size):
        first, second = tail[flow], head[flow]
        if first == second:
            continue
        for component in range(z.shape[1]):
            if first >= 0:
                total[component, first] -= z[flow, component]
            if second >= 0:
                total[component, second] += z[flow, component]
    return total


@njit(cache=True)
def moved(tail: Any, head: Any, a: Any, v: Any, q: Any, multiplier: Any) -> Any:
    """``C A' x``: how multipliers x (component, balance) move each flow. (flow, component)"""
    components = a.shape[1]
    result = np.zeros((tail.size, components), np.float64)
    for flow in range(tail.size):
        first, second = tail[flow], head[flow]
        if first == second:
            continue
        along = 0.0
        for component in range(components):
            difference = 0.0
            if second >= 0:
                difference += multiplier[component, second]
            if first >= 0:
                difference -= multiplier[component, first]
            along += a[flow, component] * difference
            result[flow, component] = q[flow, component] * difference
        for component in range(components):
            result[flow, component] += v[flow] * a[flow, component] * along
    return result


@njit(cache=True)
def times(tail: Any, head: Any, a: Any, v: Any, q: Any, x: Any) -> Any:
    """``S x = A C A' x`` for x (component, balance, column)."""
    components, _, columns = x.shape
    result = np.zeros(x.shape, np.float64)
    along = np.empty(columns, np.float64)
    for flow in range(tail.size):
        first, second = tail[flow], head[flow]
        if first == second:
            continue
        along[:] = 0.0
        for component in range(components):
            share = a[flow, component] * v[flow]
            if second >= 0:
                for column in range(columns):
                    along[column] += share * x[component, second, column]
            if first >= 0:
                for column in range(columns):
                    along[column] -= share * x[component, first, column]
        for component in range(components):
            share, own = a[flow, component], q[flow, component]
            if first >= 0 and second >= 0:
                for column in range(columns):
                    change = share * along[column] + own * (x[component, second, column] - x[component, first, column])
                    result[component, second, column] += change
                    result[component, first, column] -= change
            else:
                only = max(first, second)
                sign = 1.0 if second >= 0 else -1.0
                for column in range(columns):
                    change = share * along[column] * sign + own * x[component, only, column]
                    result[component, only, column] += change
    return result


@njit(cache=True)
def net_of_instruments(
    tail: Any, head: Any, instrument: Any, of: Any, reference: Any, count: Any, instruments: Any
) -> Any:
    """``A B``: what a unit of each bias does to each balance. (component, balance, instrument)

    Args:
        instrument: (flow, place), -1 where there is none.
        of: (instrument,) the component whose grade it biases, or 0: the mass, and with it all of them.
        reference: (flow, component) masses at which the effect is taken.
    """
    components = reference.shape[1]
    total = np.zeros((components, count, instruments), np.float64)
    for flow in range(tail.size):
        first, second = tail[flow], head[flow]
        if first == second:
            continue
        for place in range(instrument.shape[1]):
            one = instrument[flow, place]
            if one < 0:
                continue
            low, high = (0, components) if of[one] == 0 else (of[one], of[one] + 1)
            for component in range(low, high):
                if first >= 0:
                    total[component, first, one] -= reference[flow, component]
                if second >= 0:
                    total[component, second, one] += reference[flow, component]
    return total


@njit(cache=True)
def of_biases(instrument: Any, of: Any, reference: Any, bias: Any) -> Any:
    """``B b``: what biases add to each reading. (flow, component)"""
    added = np.zeros(reference.shape, np.float64)
    for flow in range(instrument.shape[0]):
        for place in range(instrument.shape[1]):
            one = instrument[flow, place]
            if one >= 0:
                low, high = (0, reference.shape[1]) if of[one] == 0 else (of[one], of[one] + 1)
                for component in range(low, high):
                    added[flow, component] += bias[one] * reference[flow, component]
    return added


@njit(cache=True)
def blocks(tail: Any, head: Any, starts: Any, place: Any, a: Any, v: Any, q: Any) -> Any:
    """Values of S on the pattern of the balances' upper triangle, a square of components in each. (entry, c, c)"""
    components = a.shape[1]
    values = np.zeros((starts[-1], components, components), np.float64)
    for flow in range(tail.size):
        first, second = tail[flow], head[flow]
        if first == second:
            continue
        for one in range(components):
            for two in range(components):
                both = v[flow] * a[flow, one] * a[flow, two]
                if one == two:
                    both += q[flow, one]
                if first >= 0:
                    values[starts[first + 1] - 1, one, two] += both
                if second >= 0:
                    values[starts[second + 1] - 1, one, two] += both
                if place[flow] >= 0:
                    values[place[flow], one, two] -= both
    return values
