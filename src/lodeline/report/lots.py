"""Lots: holdings with their figures, where they are from, and what proves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from lodeline.metal import holdings as metal
from lodeline.report.given import SeenHolding
from lodeline.report.names import Names, alpha3_of
from lodeline.report.wording import key_of
from lodeline.units.figure import Figure, total, unknown

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredDocument
    from lodeline.metal.facts import Facts
    from lodeline.metal.holdings import Holding

ORIGIN_ROLES = ("certificate_of_origin", "origin_certificate", "mining_permit")
"""Roles of a document that proves an origin; its ``meta`` names the lot."""
RANKS = ("umpire", "final", "provisional", None)
"""Which moisture counts, as for assays: an umpire's, then a final one, then a provisional; of these the latest."""


def seen_holdings(
    facts: Facts, names: Names, documents: Iterable[StoredDocument], origins: Mapping[str, Origin]
) -> tuple[SeenHolding, ...]:
    """Every holding with its figures."""
    several: dict[str, int] = {}
    for holding in facts.holdings:
        several[holding.lot] = several.get(holding.lot, 0) + 1
    proofs = {document.meta.get("lot", ""): document.title for document in documents if document.role in ORIGIN_ROLES}
    seen = []
    for index, holding in enumerate(facts.holdings, start=1):
        key = key_of(holding.lot) + (f"/holding {index}" if several[holding.lot] > 1 else "")
        place = names.place(holding.bound_for if holding.in_transit else holding.place)
        seen.append(
            SeenHolding(
                key=key,
                lot=holding.lot,
                label=names.label(holding.material) or holding.lot,
                place=place,
                owner=names.label(holding.owner),
                on_the_road=holding.in_transit,
                elements=holding.elements,
                origin=origins[holding.lot].stated,
                shipped_from=origins[holding.lot].shipped_from,
                mass=metal.mass(holding),
                basis=holding.mass.basis or "",
                dry_mass=metal.dry_mass(holding),
                moisture=moisture(holding),
                grades={symbol: metal.grade(holding, symbol) for symbol in holding.elements},
                contained={symbol: metal.element_mass(holding, symbol) for symbol in holding.elements},
                origin_document=proofs.get(holding.lot, ""),
            )
        )
    return tuple(seen)


def together(seen: Iterable[SeenHolding]) -> tuple[Figure, str]:
    """What holdings weigh together, KGM, and on which basis; empty where nobody said.

    Masses of one basis are added as they are. Where some are wet and some are dry, what they weigh dry is added, which
    is unknown as long as the moisture of one of them is: water is no metal.
    """
    held = tuple(seen)
    bases = {one.basis for one in held if one.mass.known}
    if len(bases) > 1:
        return total((one.dry_mass for one in held), unit="KGM"), "dry"
    return total((one.mass for one in held), unit="KGM"), next(iter(bases), "")


class Origin(NamedTuple):
    """Where a lot is from: as stated, and as shipped; ISO 3166-1 alpha-3, empty where not known."""

    stated: str
    shipped_from: str

    @property
    def compared(self) -> str:
        """The country whose output a lot is set against: of its origin, else the one it was shipped from."""
        return self.stated or self.shipped_from


def origins_of(facts: Facts, names: Names) -> dict[str, Origin]:
    """Where each lot is from. Where it was shipped from is no origin: it says only whose exports it is among."""
    left: dict[str, str] = {}
    gone: dict[str, datetime | None] = {}
    for move in facts.movements:
        place = names.place(move.source.place, party=move.source.owner or move.source.holder)
        if place is not None and place.country:
            left.setdefault(move.lot, place.country)
            gone.setdefault(move.lot, move.left_at or move.arrived_at)
    # A part of a lot that was split after it had come was shipped with the whole.
    for made in (one for one in facts.transformations if one.process == "split" and len(one.inputs) == 1):
        whole = made.inputs[0].lot
        went = gone.get(whole)
        for part in made.outputs if went is not None and went <= made.at else ():
            left.setdefault(part.lot, left[whole])
            gone.setdefault(part.lot, went)
    return {lot.id: Origin(alpha3_of(lot.country) if lot.country else "", left.get(lot.id, "")) for lot in facts.lots}


def moisture(holding: Holding) -> Figure | None:
    """The water of a holding per wet mass, P1; None where its mass is dry and needs none."""
    if holding.mass.kg is not None and holding.mass.basis == "dry":
        return None
    found = next((one for rank in RANKS for one in reversed(holding.moistures) if one.rank == rank), None)
    if found is None:
        return unknown("P1", metal.take_moisture(holding))
    return Figure(
        value=float(found.fraction * 100),
        u=None if found.u is None else float(found.u * 100),
        unit="P1",
        standing="measured",
        rests_on=(found.event,),
    )
