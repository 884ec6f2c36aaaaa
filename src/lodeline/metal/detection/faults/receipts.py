"""Receipts that the books did not count, judged by the balances they would be in: booked twice, or left out?

A lot came where it had come already (``metal.received_again``), and it was counted once. If that load was another
one, its dry mass is missing where it came to: on the road that much seems lost, and in the yard that much comes from
nowhere. Let e be by how many standard deviations that would move T. If the load was booked twice, T is about 0, else
about e:

    left out, though it was booked twice:       Phi(-T)
    booked twice, though it was another load:   Phi((T - e) / sqrt(1 + (e u(v) / v)^2)),  v its mass
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import log_ndtr

from lodeline.metal.detection.faults.field import Direction
from lodeline.metal.detection.faults.series import MASS
from lodeline.metal.flows.words import FLOW, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.field import Left
    from lodeline.metal.detection.faults.series import Listed
    from lodeline.metal.detection.limits.consignments import Uncounted
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Load(NamedTuple):
    """A load that was not counted.

    Attributes:
        receipt: As it was booked in.
        node: The road it came by.
        dry_kg, dry_kg_u: What it brought, without water, and its standard uncertainty.
        direction: What the books look like without it if it came; of size one.
    """

    receipt: Uncounted
    node: int
    dry_kg: float
    dry_kg_u: float
    direction: Direction


class Judged(NamedTuple):
    """A load that was not counted, beside the balances.

    Attributes:
        load: It.
        statistic: T. effect: what T would be about if the load came.
        log_twice: Logarithm of how likely T would be at most so large if the load came: low, it was booked twice.
        log_left_out: Of how likely at least so large if it did not: low, it was left out.
    """

    load: Load
    statistic: float
    effect: float
    log_twice: float
    log_left_out: float


def loads(flows: Flows, ledger: LedgerModel, of: Listed, x: Array, uncounted: Iterable[Uncounted]) -> list[Load]:
    """Each load that was not counted and whose road is known, in the order given.

    Args:
        of: All readings.
        x: (variable,) the place of the field, for moistures.
    """
    flow = flows.flows
    row_of = {int(node): int(row) for node, row in zip(ledger.streams.nodes, ledger.balance, strict=True)}
    found = []
    for one in uncounted:
        road = _road(flows, one)
        came = np.flatnonzero((flow["tail"] == road) & (flow["kind"] == FLOW["receive"]))
        if road not in row_of or not came.size or not np.isfinite(one.kg):
            continue
        tickets = np.flatnonzero((of.kind == MASS) & np.isin(of.flow, came))
        # The same scale weighed what was counted: where a ticket gives no uncertainty, theirs stands in.
        u_kg = one.u_kg
        if not np.isfinite(u_kg):
            if not tickets.size:
                continue
            u_kg = float(ledger.model.u[of.observation[tickets]].max())
        dry = 1.0 if one.basis == "dry" else 1 - _moisture(ledger, x, came)
        yard = row_of.get(int(flow["head"][came[-1]]), -1)
        if yard >= 0:
            direction = Direction.of_leak(np.array([row_of[road], yard]), np.array([1.0, -1.0]) * one.kg * dry)
        elif tickets.size:
            # What lies in the yard is one and the same unknown as what came: the tickets read a part of it.
            wet = np.where(of.wet[tickets] == (one.basis != "dry"), 1.0, dry if one.basis != "dry" else 1.0)
            direction = Direction.of_readings(of.observation[tickets], -one.kg * wet)
        else:
            continue
        found.append(Load(one, road, one.kg * dry, u_kg * dry, direction))
    return found


def judged(left: Left, of: Sequence[Load], weights: Sequence[float]) -> list[Judged]:
    """Each load that anything checks.

    Args:
        left: What is left of the field beside the faults that were found.
        weights: (load,) ``d'M d`` of their directions, of the field.
    """
    found = []
    for one, whole in zip(of, weights, strict=True):
        seen, weight = left.seen(one.direction), left.weight(one.direction, whole)
        if weight <= 0:
            continue
        effect = float(np.sqrt(weight))
        statistic = seen / effect
        spread = np.hypot(1.0, effect * one.dry_kg_u / one.dry_kg)
        found.append(
            Judged(one, statistic, effect, float(log_ndtr((statistic - effect) / spread)), float(log_ndtr(-statistic)))
        )
    return found


def _road(flows: Flows, of: Uncounted) -> int:
    """The road that a receipt is of, by lot and papers; -1 where there is none, or more than one."""
    nodes = flows.nodes
    papers = [index for paper in of.papers if (index := flows.index(paper)) >= 0]
    found = np.flatnonzero(
        (nodes["kind"] == NODE["transit"]) & (nodes["lot"] == flows.index(of.lot)) & np.isin(nodes["name"], papers)
    )
    return int(found[0]) if found.size == 1 else -1


def _moisture(ledger: LedgerModel, x: Array, came: Rows) -> float:
    """kg per kg, of what arrived; 0 where nothing says that it was wet."""
    water = ledger.moisture[ledger.streams.water[came]]
    known = water[water >= 0]
    return float(x[known[0]]) if known.size else 0.0
