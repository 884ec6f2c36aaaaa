"""Terms: a signed sum over flows, written by the masses that stand for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.derived import Derived

    Rows = NDArray[np.int64]


class Terms(NamedTuple):
    """Parts of several sums; (term,) each.

    Attributes:
        sum: Which sum it is a part of.
        flow: Whose mass it is.
        composition: Of which composition (:attr:`lodeline.metal.balance.derived.Derived.composition`).
        whole: How many times it is in the sum: a whole number, so that what cancels, cancels exactly.
    """

    sum: Rows
    flow: Rows
    composition: Rows
    whole: Rows


def eliminated(terms: Terms, by: Derived) -> Terms:
    """The same sums with every flow that follows from others replaced by them; in order of sum, flow, composition.

    A flow is replaced when all that rests on it has been, so each is replaced once a sum, however they are linked.
    """
    waiting: dict[int, list[Terms]] = {}

    def put(some: Terms) -> None:
        level = by.level[some.flow]
        for step in np.unique(level).tolist():
            at = level == step
            waiting.setdefault(step, []).append(Terms(*(column[at] for column in some)))

    put(terms)
    while (step := max(waiting, default=0)) > 0:
        some = merged(_joined(waiting.pop(step)))
        several = by.start[some.flow + 1] - by.start[some.flow]
        first = np.repeat(by.start[some.flow] - np.cumsum(several) + several, several)
        term = first + np.arange(several.sum())
        which = np.repeat(np.arange(several.size), several)
        other = by.other[term]
        # What has the composition of its flow has those of the others where nobody determined it; else it keeps it.
        follows = by.whole[some.flow] & (some.composition == by.composition[some.flow])
        composition = np.where(follows[which], by.composition[other], some.composition[which])
        put(Terms(some.sum[which], other, composition, some.whole[which] * by.sign[term]))
    return merged(_joined(waiting.get(0, [])))


def _joined(several: list[Terms]) -> Terms:
    if not several:
        none = np.zeros(0, dtype=np.int64)
        return Terms(none, none, none, none)
    return Terms(*(np.concatenate(columns) for columns in zip(*several, strict=True)))


def merged(terms: Terms) -> Terms:
    """Equal terms as one, and those that cancel as none; in order of sum, flow, composition."""
    order = np.lexsort((terms.composition, terms.flow, terms.sum))
    number, flow, composition, whole = (column[order] for column in terms)
    new = np.ones(number.size, dtype=bool)
    new[1:] = (number[1:] != number[:-1]) | (flow[1:] != flow[:-1]) | (composition[1:] != composition[:-1])
    starts = np.flatnonzero(new)
    if not starts.size:
        return terms
    whole = np.add.reduceat(whole, starts)
    kept = whole != 0
    return Terms(number[starts][kept], flow[starts][kept], composition[starts][kept], whole[kept])
