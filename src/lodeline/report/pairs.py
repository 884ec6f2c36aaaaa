"""Pairs: lots that two laboratories assayed, with how far apart they are and how far that is from chance.

Two findings are compared per dry mass, or per wet mass of the same water; a road may change the water, so wet ones of
its two ends are not. Of several findings of one laboratory for one owner the latest counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.flows.words import RANK
from lodeline.report.days import day_of
from lodeline.report.given_metal import SeenPair
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from lodeline.metal.balance.sharing import Key, Sharing
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.report.names import Names

PERCENT = 100.0


class _Found(NamedTuple):
    """What a laboratory found of a lot, kg per kg, with its random uncertainty.

    Attributes:
        laboratory, owner: Indices of names; the owner is -1 where nobody said. side: which side of its roads it lay on.
        bias_u: Standard uncertainty of what it may be off by all the time, a part of the value, by whose bias it is: a
            standard that two laboratories share makes no difference between them.
    """

    laboratory: int
    owner: int
    side: int
    at: int
    value: float
    u: float
    seq: int
    bias_u: Mapping[Key, float]


def pairs(of: Reconciled, sharing: Sharing, names: Names) -> tuple[SeenPair, ...]:
    """Every two laboratories on one lot, element by element, in order of time. An umpire is neither of two sides."""
    flows = of.flows
    two = [
        (of.elements[subject], flows.names[lot], first, second)
        for (subject, lot, *_), each in _found(of, sharing).items()
        for first, second in _two(each)
    ]
    # Where the book tells of no change of owner, the two ends of a road stand for seller and buyer.
    sold = any(_sold(first, second) for *_, first, second in two)
    made = []
    for element, lot, first, second in two:
        between = _sold(first, second) if sold else first.side != second.side
        made.append(_pair(flows.names, names, (element, lot), first, second, between))
    return tuple(sorted(made, key=lambda one: (one.element, one.at, one.lot, one.first_id, one.second_id)))


def _found(of: Reconciled, sharing: Sharing) -> dict[tuple[int, int, int, int], dict[tuple[int, int], _Found]]:
    """What was found by element, lot, composition and (of what is per wet mass) water; by laboratory and owner."""
    read, flows = of.ledger.read.fractions, of.flows
    owner = flows.nodes["owner"].astype(np.int64)[flows.flows["tail"]]
    lot = flows.flows["lot"].astype(np.int64)
    composition, water = of.ledger.streams.composition, of.ledger.streams.water
    usable = (read.by >= 0) & (flows.measurements["rank"][read.row] != RANK["umpire"])
    usable &= (lot[read.flow] >= 0) & (read.value > 0)
    rows = np.flatnonzero(usable)
    found: dict[tuple[int, int, int, int], dict[tuple[int, int], _Found]] = {}
    for row in rows[np.lexsort((read.row[rows], read.at[rows]))].tolist():
        flow, by, measurement = int(read.flow[row]), int(read.by[row]), int(read.row[row])
        state = int(water[flow]) if read.wet[row] else -1
        key = (int(read.subject[row]), int(lot[flow]), int(composition[flow]), state)
        one = _Found(
            laboratory=by,
            owner=int(owner[flow]),
            side=int(water[flow]),
            at=int(read.at[row]),
            value=float(read.value[row]),
            u=float(read.u[row]),
            seq=int(flows.measurements["seq"][measurement]),
            bias_u={off.key: off.u for off in sharing.offs(measurement)},
        )
        each = found.setdefault(key, {})
        # The later one takes the place of the earlier one, at its own time.
        each.pop((by, one.owner), None)
        each[by, one.owner] = one
    return found


def _two(each: Mapping[tuple[int, int], _Found]) -> Iterator[tuple[_Found, _Found]]:
    """Every two findings of different laboratories, the earlier first."""
    return ((a, b) for a, b in combinations(each.values(), 2) if a.laboratory != b.laboratory)


def _sold(first: _Found, second: _Found) -> bool:
    """Whether the lot had another owner at the later one."""
    return first.owner >= 0 and second.owner >= 0 and first.owner != second.owner


def _pair(
    texts: tuple[str, ...], names: Names, of: tuple[str, str], first: _Found, second: _Found, between: bool
) -> SeenPair:
    """``apart = (second - first) / mean``; first order: ``u^2 = r1^2 + r2^2 + sum of what is not shared``, r relative.

    Source: JCGM 100:2008, 5.1.2 and 5.2.2.
    """
    mean = (first.value + second.value) / 2
    apart = (second.value - first.value) / mean
    signs = ((first, -1.0), (second, 1.0))
    shared: dict[Key, float] = {}
    for one, sign in signs:
        for key, u in one.bias_u.items():
            shared[key] = shared.get(key, 0.0) + sign * u
    u = math.sqrt(sum((one.u / one.value) ** 2 for one, _ in signs) + sum(part**2 for part in shared.values()))
    rests_on = tuple(f"entry {seq}" for seq in sorted({first.seq, second.seq}))
    read = [
        Figure(
            value=PERCENT * one.value, u=PERCENT * one.u, unit="P1", standing="measured", rests_on=(f"entry {one.seq}",)
        )
        for one, _ in signs
    ]
    return SeenPair(
        element=of[0],
        lot=of[1],
        at=day_of(second.at),
        first_id=texts[first.laboratory],
        second_id=texts[second.laboratory],
        first=names.label(texts[first.laboratory]),
        second=names.label(texts[second.laboratory]),
        between=between,
        first_found=read[0],
        second_found=read[1],
        apart=Figure(value=PERCENT * apart, u=PERCENT * u, unit="P1", standing="computed", rests_on=rests_on),
        sigma=apart / u,
    )
