"""What is held where under whom, and its figures: mass, dry mass, grades and mass of each element.

A figure that cannot be given is unknown, and names the acts that would settle it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from lodeline.errors import Settle
from lodeline.metal.belief import UNKNOWN
from lodeline.metal.ranking import RANKING
from lodeline.metal.values import Assay, Mass, Moisture
from lodeline.record.metal_vocabulary import Basis, TimeKnown
from lodeline.units.figure import Figure, Standing, product, ratio, unknown


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A lot at a place under an owner, as of the last event.

    Attributes:
        lot: URI of the lot.
        place: Where it lies; None while on the road, or if no event says.
        owner, holder: Whose it is and in whose hands; None if no event says.
        material: URI of the material; None if no event says.
        elements: Symbols of the elements it is asked for: those its material is held for, and those assayed.
        mass: Its mass, as measured or stated.
        count: Declared number of pieces, where it was declared so.
        moistures, assays: What was determined of it, or of what it was split from, in order of time.
        in_transit: It has left and not arrived.
        bound_for: Where to, while in transit.
        left_at, left_known: When it left, while in transit, ISO 8601, and whether that is the time or a limit.
        container: What it is packed in.
        events: Hash ids of the events that touched it.
        ranks: Which determination counts: the ranks in order, None for unranked.
    """

    lot: str
    place: str | None
    owner: str | None
    holder: str | None
    material: str | None = None
    elements: tuple[str, ...] = ()
    mass: Mass = UNKNOWN
    count: str | None = None
    moistures: tuple[Moisture, ...] = ()
    assays: tuple[Assay, ...] = ()
    in_transit: bool = False
    bound_for: str | None = None
    left_at: str | None = None
    left_known: TimeKnown | None = None
    container: str | None = None
    events: tuple[str, ...] = ()
    ranks: tuple[str | None, ...] = RANKING.order()

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """What makes it this holding and no other: lot, place, owner."""
        return self.lot, self.place, self.owner


def mass(holding: Holding) -> Figure:
    """The mass of a holding as it was measured or stated, kg, on its own basis."""
    return _figure(holding.mass, weigh(holding))


def dry_mass(holding: Holding) -> Figure:
    """The mass of a holding without its water, kg: as measured dry, else ``wet * (1 - moisture)``."""
    found = _figure(holding.mass, weigh(holding))
    if holding.mass.basis == "dry" or not found.known:
        return found
    if holding.mass.basis is None:
        return unknown("KGM", weigh(holding), rests_on=found.rests_on)
    return product(found, _dry_per_wet(holding), unit="KGM")


def grade(holding: Holding, symbol: str) -> Figure:
    """The mass fraction of an element, percent, as determined, on the basis of :func:`grade_basis`.

    An oxide or sulfide counts as its element by the factor of the table of atomic weights, taken as exact. Below
    detection the figure is bounded.
    """
    found = chosen_assay(holding, symbol)
    if found is None:
        return unknown("P1", take_assay(holding, symbol))
    factor = found.species.element_factor * 100
    if found.fraction is None:
        return Figure(
            value=None,
            unit="P1",
            standing="bounded",
            low=float(factor * (found.low or Decimal(0))),
            high=None if found.high is None else float(factor * found.high),
            rests_on=(found.event,),
            settle=(take_assay(holding, symbol),),
        )
    return Figure(
        value=float(factor * found.fraction),
        u=None if found.u is None else float(factor * found.u),
        unit="P1",
        standing="measured",
        rests_on=(found.event,),
    )


def grade_basis(holding: Holding, symbol: str) -> Basis | None:
    """On which basis the grade of an element is; None if there is none, or nobody said."""
    found = chosen_assay(holding, symbol)
    return None if found is None else found.basis


def element_mass(holding: Holding, symbol: str) -> Figure:
    """The mass of an element in a holding, kg: ``mass * grade``, both on one basis, else by way of the moisture.

    ``wet * dry grade = wet * (1 - moisture) * grade``; ``dry * wet grade = dry * grade / (1 - moisture)``. First-order
    uncertainty, the factors taken as independent. Source: JCGM 100:2008, 5.1.2.
    """
    found, of = mass(holding), grade(holding, symbol)
    graded = chosen_assay(holding, symbol)
    if not found.known or graded is None:
        return unknown("KGM", *dict.fromkeys(found.settle + of.settle), rests_on=found.rests_on + of.rests_on)
    if holding.mass.basis is None or graded.basis is None:
        acts = ([weigh(holding)] if holding.mass.basis is None else []) + (
            [take_assay(holding, symbol)] if graded.basis is None else []
        )
        return unknown("KGM", *acts, rests_on=found.rests_on + of.rests_on)
    drying: tuple[Figure, ...] = ()
    if holding.mass.basis != graded.basis:
        drying = (_dry_per_wet(holding),)
        if not drying[0].known:
            return unknown("KGM", *drying[0].settle, rests_on=found.rests_on + of.rests_on)
    if of.standing == "bounded":
        return _bounded(found, of, drying, dividing=graded.basis == "wet")
    if drying and graded.basis == "wet":
        return ratio(product(found, of, unit="KGM", scale=0.01), drying[0], unit="KGM")
    return product(found, of, *drying, unit="KGM", scale=0.01)


def figures(holding: Holding) -> Mapping[str, Figure]:
    """Every figure of a holding by name: ``mass``, ``dry_mass``, and per element ``grade/Sb``, ``element_mass/Sb``."""
    named = {"mass": mass(holding), "dry_mass": dry_mass(holding)}
    for symbol in holding.elements:
        named[f"grade/{symbol}"] = grade(holding, symbol)
        named[f"element_mass/{symbol}"] = element_mass(holding, symbol)
    return named


def chosen_assay(holding: Holding, symbol: str) -> Assay | None:
    """The assay of an element that counts: the highest rank, and of equal rank the latest."""
    for rank in holding.ranks:
        of_rank = [one for one in holding.assays if one.species.symbol == symbol and one.rank == rank]
        if of_rank:
            return of_rank[-1]
    return None


def weigh(holding: Holding) -> Settle:
    """The act that would make the mass known."""
    return Settle(
        act="weighing",
        subject=holding.lot,
        detail=f"Weigh lot {holding.lot}{_at(holding)} net, and state the dry mass, or the wet mass and its moisture.",
    )


def take_moisture(holding: Holding) -> Settle:
    """The act that would lead from wet to dry."""
    return Settle(
        act="moisture",
        subject=holding.lot,
        detail=f"Determine the moisture of lot {holding.lot}{_at(holding)}, per wet mass.",
    )


def take_assay(holding: Holding, symbol: str) -> Settle:
    """The act that would make the grade of an element known."""
    return Settle(
        act="assay",
        subject=holding.lot,
        detail=f"Assay lot {holding.lot}{_at(holding)} for {symbol}, on a stated basis.",
    )


def _at(holding: Holding) -> str:
    return f" at {holding.place}" if holding.place is not None else ""


def _figure(found: Mass, settle: Settle) -> Figure:
    if found.kg is None:
        if found.low is None and found.high is None:
            return unknown("KGM", settle, rests_on=found.rests_on)
        return Figure(
            value=None,
            unit="KGM",
            standing="bounded",
            low=None if found.low is None else float(found.low),
            high=None if found.high is None else float(found.high),
            rests_on=found.rests_on,
            settle=(settle,),
        )
    standing: Standing = found.standing
    return Figure(
        value=float(found.kg),
        u=None if found.u is None else float(found.u),
        unit="KGM",
        standing=standing,
        rests_on=found.rests_on,
    )


def _dry_per_wet(holding: Holding) -> Figure:
    """kg of dry mass per kg of wet mass, 1 less the moisture that counts."""
    found = None
    for rank in holding.ranks:
        of_rank = [one for one in holding.moistures if one.rank == rank]
        if of_rank:
            found = of_rank[-1]
            break
    if found is None:
        return unknown("C62", take_moisture(holding))
    u = None if found.u is None else float(found.u)
    return Figure(value=float(1 - found.fraction), u=u, unit="C62", standing="computed", rests_on=(found.event,))


def _bounded(found: Figure, of: Figure, drying: tuple[Figure, ...], *, dividing: bool) -> Figure:
    """Limits of an element's mass where its grade has only limits; the mass is taken at its value."""
    scale = (found.value or 0.0) * 0.01
    for step in drying:
        scale = scale / (step.value or 1.0) if dividing else scale * (step.value or 1.0)
    return Figure(
        value=None,
        unit="KGM",
        standing="bounded",
        low=None if of.low is None else scale * of.low,
        high=None if of.high is None else scale * of.high,
        rests_on=tuple(dict.fromkeys(found.rests_on + of.rests_on)),
        settle=of.settle,
    )
