"""Moves: consignments, as finely as their ends, times and masses are known."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from lodeline.metal.values import Mass
from lodeline.report.given import SeenMove
from lodeline.report.names import Names
from lodeline.units.figure import Figure, total, unknown

if TYPE_CHECKING:
    from lodeline.metal.facts import Facts
    from lodeline.metal.movements import Movement

PRECISIONS = {"day": "%-d %B %Y", "month": "%B %Y", "year": "%Y"}
"""How an instant is written that is known only so finely."""


def seen_moves(facts: Facts, names: Names) -> tuple[SeenMove, ...]:
    """Movements of lots, those of one shipment and one receipt together."""
    together: dict[tuple[str | None, str | None], list[Movement]] = {}
    for movement in facts.movements:
        together.setdefault((movement.shipment, movement.receipt), []).append(movement)
    # A lot that was split or used up since then is held no more, and still has its name.
    labels = {lot.id: names.label(lot.material) or lot.id for lot in facts.lots}
    return tuple(_seen_move(moves, names, labels) for moves in together.values())


def _seen_move(moves: list[Movement], names: Names, labels: dict[str, str]) -> SeenMove:
    first = moves[0]
    sender = first.source.owner or first.source.holder
    receiver = first.destination.owner or first.destination.holder
    return SeenMove(
        goods=tuple(labels.get(move.lot, move.lot) for move in moves),
        sender=names.label(sender),
        receiver=names.label(receiver),
        left=names.place(first.source.place, party=sender),
        to=names.place(first.destination.place, party=receiver),
        shipped=when(first.left_at, first.left_known, first.left_precision),
        received=when(first.arrived_at, first.arrived_known, first.arrived_precision),
        papers=first.bill_of_lading,
        lots=tuple(move.lot for move in moves),
        mass=_together([move.received if move.received.kg is not None else move.sent for move in moves]),
    )


def _together(masses: list[Mass]) -> Figure:
    """What lots weigh together, KGM; unknown where some are wet and some are dry, for water is no metal."""
    if len({mass.basis for mass in masses if mass.kg is not None}) > 1:
        return unknown("KGM", rests_on=dict.fromkeys(key for mass in masses for key in mass.rests_on))
    return total((_mass(mass) for mass in masses), unit="KGM")


def _mass(found: Mass) -> Figure:
    if found.kg is None or found.standing == "unknown":
        return unknown("KGM", rests_on=found.rests_on)
    return Figure(
        value=float(found.kg),
        u=None if found.u is None else float(found.u),
        unit="KGM",
        standing=found.standing,
        rests_on=found.rests_on,
    )


def when(instant: datetime | None, known: str | None, precision: str | None) -> str:
    """An instant as finely as it is known: ``2 October 2025``, ``before 2 October 2025``; empty where it is not."""
    if instant is None:
        return ""
    text = instant.strftime(PRECISIONS.get(precision or "", "%-d %B %Y, %H:%M %z")).strip()
    return text if known in (None, "at") else f"{known.replace('_', ' ')} {text}"
