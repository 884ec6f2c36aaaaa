"""Which single weighing or assay would settle most: found by trying each, not by rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from lodeline.chemistry.species import AsElement
from lodeline.errors import Settle
from lodeline.metal.holdings import Holding, figures, take_assay, take_moisture, weigh
from lodeline.metal.values import Assay, Mass, Moisture
from lodeline.record.metal_vocabulary import Basis
from lodeline.units.figure import Figure

FiguresOf = Callable[[Holding], Mapping[str, Figure]]
"""Every figure that rests on one holding, by name. A report passes its own, so that what it computes from a holding
counts too: shares of national output, a value, a bound."""

_TRIED = "tried"
# What a try supposes is never shown; only which figures become known by it. The values are of no account, save that
# none of them is zero, which would leave a ratio unknown.
_SUPPOSED_AT = datetime.max.replace(tzinfo=UTC)


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """One act, with what it would settle.

    Attributes:
        settle: The act.
        lot, place: Of which holding.
        makes_known: Names of the figures that would become known by this act alone, as ``lot: figure``.
        then: The best act after it, on the same holding; None if none makes anything more known.
        both_make_known: How many figures would be known by both.
    """

    settle: Settle
    lot: str
    place: str | None
    makes_known: tuple[str, ...]
    then: Settle | None
    both_make_known: int


def rank(holdings: Iterable[Holding], figures_of: FiguresOf = figures) -> tuple[Ranked, ...]:
    """Single acts in order of how many unknown figures each would make known, the most first.

    Each weighing (of the dry mass, and of the wet one), moisture and assay (one certificate for every element asked of
    the holding) is supposed in turn and all figures are computed again. Acts that settle nothing by themselves are left
    out. Of equal acts the one that settles more with a second one comes first, then by lot.
    """
    ranked = [found for holding in holdings for found in _of_holding(holding, figures_of)]
    return tuple(sorted(ranked, key=lambda one: (-len(one.makes_known), -one.both_make_known, one.lot, one.settle.act)))


def _of_holding(holding: Holding, figures_of: FiguresOf) -> list[Ranked]:
    unknown = {name for name, figure in figures_of(holding).items() if not figure.known}
    if not unknown:
        return []
    found: dict[Settle, Ranked] = {}
    for settle, supposed in _tries(holding):
        gained = _gained(supposed, unknown, figures_of)
        if not gained:
            continue
        then, most = None, len(gained)
        for second, both in _tries(supposed):
            known = len(_gained(both, unknown, figures_of))
            if known > most:
                then, most = second, known
        one = Ranked(
            settle=settle,
            lot=holding.lot,
            place=holding.place,
            makes_known=tuple(f"{holding.lot}: {name}" for name in gained),
            then=then,
            both_make_known=most,
        )
        # The weighing of the dry mass and of the wet one are one act to whoever orders it; the better counts.
        before = found.get(settle)
        if before is None or len(before.makes_known) < len(one.makes_known):
            found[settle] = one
    return list(found.values())


def _gained(supposed: Holding, unknown: set[str], figures_of: FiguresOf) -> list[str]:
    return [name for name, figure in figures_of(supposed).items() if name in unknown and figure.known]


def _tries(holding: Holding) -> list[tuple[Settle, Holding]]:
    """Each act that could be done on a holding, and the holding as it would then stand."""
    replace = msgspec.structs.replace
    told: dict[str, Any] = {"event": _TRIED, "seq": 0, "at": _SUPPOSED_AT, "lot": holding.lot}
    tries: list[tuple[Settle, Holding]] = []
    bases: tuple[Basis, ...] = ("dry", "wet")
    for basis in bases:
        weighed = Mass(kg=Decimal(1), u=None, basis=basis, standing="measured", rests_on=(_TRIED,))
        tries.append((weigh(holding), replace(holding, mass=weighed)))
    water = Moisture(**told, fraction=Decimal("0.5"), u=None, rank="umpire")
    tries.append((take_moisture(holding), replace(holding, moistures=(*holding.moistures, water))))
    if holding.elements:
        lines = tuple(
            Assay(**told, species=AsElement(symbol), fraction=Decimal("0.5"), u=None, basis="dry", rank="umpire")
            for symbol in holding.elements
        )
        act = take_assay(holding, " and ".join(holding.elements))
        tries.append((act, replace(holding, assays=holding.assays + lines)))
    return tries
