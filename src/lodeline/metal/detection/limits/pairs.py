"""Pairs: two determinations of one material, by certificates that state their own uncertainties."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.accounts import COVERAGE
from lodeline.metal.detection.limits.equations import materials

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs of determinations of one material and species; (pair,) each.

    Attributes:
        first, second: Rows of the measurements.
        d, u: Their difference and its standard uncertainty, both of the species as it is reported.
        digit: The larger last digit of the two, in the same unit.
        family: Number of the family: species, and the laboratories with their methods. Within a family no determination
            is in two pairs.
    """

    first: Rows
    second: Rows
    d: Array
    u: Array
    digit: Array
    family: Rows


def pairs(flows: Flows, context: Context) -> Pairs:
    """Of each laboratory and method one determination after the other, and the first of each two of them.

    A policy's uncertainty is not what a method allows, so only certificates with their own count. A fraction so near to
    everything that it could not have come out higher by two standard uncertainties is left out: its scatter is cut off.
    """
    measured = flows.measurements
    row = context.determinations.row
    value, u = measured["value"][row], measured["u"][row]
    row = row[(u > 0) & (measured["u_policy"][row] < 0) & (value + COVERAGE * u <= 1)]
    who = measured["laboratory"][row].astype(np.int64) * (len(flows.names) + 1) + measured["method"][row]
    of = np.stack([materials(flows)[measured["flow"][row]], measured["species"][row], measured["basis"][row]])
    order = np.lexsort((row, measured["at"][row], who, *of))
    row, who, of = row[order], who[order], of[:, order]
    place = _places(np.concatenate([of, who[None]]))
    first, second = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    step = 1
    while step < row.size:
        one, other = np.arange(row.size - step), np.arange(step, row.size)
        alike = (of[:, one] == of[:, other]).all(axis=0)
        if not alike.any():
            break
        own = (who[one] == who[other]) & (place[one] % 2 == 0) & (step == 1)
        apart = (who[one] != who[other]) & (place[one] == 0) & (place[other] == 0)
        first.append(one[alike & (own | apart)])
        second.append(other[alike & (own | apart)])
        step += 1
    one, other = np.concatenate(first), np.concatenate(second)
    digit = _digits(flows, row)
    _, family = np.unique(np.stack([of[1, one], who[one], who[other]]), axis=1, return_inverse=True)
    value, u = measured["value"][row], measured["u"][row]
    return Pairs(
        row[one],
        row[other],
        value[one] - value[other],
        np.hypot(u[one], u[other]),
        np.maximum(digit[one], digit[other]),
        family.ravel().astype(np.int64),
    )


def _places(key: Rows) -> Rows:
    """The how-manieth of its key each is, from 0; equal keys stand together."""
    at = np.arange(key.shape[1])
    begins = np.append(True, (key[:, 1:] != key[:, :-1]).any(axis=0)) if at.size else at > 0
    return at - np.maximum.accumulate(np.where(begins, at, 0))


def _digits(flows: Flows, row: Rows) -> Array:
    """The last digit that is printed, as a fraction: the finest of a laboratory for a species in a material.

    One number does not tell it, since zeros at its end are lost.
    """
    measured = flows.measurements
    material = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    material[flows.lots["lot"]] = flows.lots["material"]
    kind = np.stack(
        [measured["laboratory"][row], measured["species"][row], material[flows.flows["lot"][measured["flow"][row]]]]
    )
    _, at = np.unique(kind, axis=1, return_inverse=True)
    finest = np.zeros(int(at.max(initial=-1)) + 1, dtype=np.int64)
    exponent = [int(Decimal(repr(one)).normalize().as_tuple().exponent) for one in measured["value"][row].tolist()]
    np.minimum.at(finest, at.ravel(), np.array(exponent, dtype=np.int64))
    return np.asarray(10.0 ** finest[at.ravel()], dtype=np.float64)
