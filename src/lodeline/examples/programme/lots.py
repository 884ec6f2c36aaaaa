"""A lot while the programme runs: its true matter, where it is, and what its last ticket said."""

from __future__ import annotations

from decimal import Decimal

from lodeline.examples.programme.matter import MG_PER_KG, Masses, dry_mg, share
from lodeline.examples.programme.tables import Material
from lodeline.record.metal import Amount
from lodeline.units.mass import MASS_UNITS


class Lot:
    """One lot; it changes.

    Attributes:
        number: Its row in the truth.
        uri, material: Its id, and what it is made of.
        matter, water: True masses, mg.
        place: Key of the site or store where it lies.
        owner: Key of the party whose it is.
        ticket: Quantity and unit of its last net weight, while that is the mass the book has of it; None otherwise.
        in_parts: What all parts weighed together in which it came by truck, kg; None if it never did.
        oxides: Whether the certificates of this lot name oxides, as its laboratory was asked to.
        out: Loads of it that are on the road, or not all booked in.
    """

    __slots__ = (
        "in_parts",
        "material",
        "matter",
        "number",
        "out",
        "owner",
        "oxides",
        "place",
        "since",
        "ticket",
        "uri",
        "water",
    )

    def __init__(
        self, number: int, uri: str, material: Material, matter: Masses, water: int, place: str, owner: str
    ) -> None:
        self.number = number
        self.uri = uri
        self.material = material
        self.matter = matter
        self.water = water
        self.place = place
        self.owner = owner
        self.ticket: tuple[Decimal, str] | None = None
        self.in_parts: Decimal | None = None
        self.oxides = True
        self.since = 0
        self.out = 0

    @property
    def booked_kg(self) -> Decimal | None:
        """What the book has of it, kg; None if nobody has weighed or declared it."""
        if self.ticket is None:
            return self.in_parts
        return self.ticket[0] * MASS_UNITS[self.ticket[1]].kg

    @property
    def wet_kg(self) -> float:
        """True mass with its water, kg."""
        return (dry_mg(self.matter) + self.water) / MG_PER_KG

    @property
    def dry_kg(self) -> float:
        """True mass without water, kg."""
        return dry_mg(self.matter) / MG_PER_KG

    @property
    def moisture(self) -> float:
        """True mass of water per wet mass."""
        return self.water / (dry_mg(self.matter) + self.water)

    def amount(self) -> Amount:
        """All of the lot, with what its last ticket said."""
        return Amount(self.uri) if self.ticket is None else Amount(self.uri, *self.ticket)

    def take(self, part: float) -> tuple[Masses, int]:
        """Take a part of it out: matter and water; the rest stays."""
        matter, water = share(self.matter, part), int(self.water * part)
        self.matter = self.matter - matter
        self.water -= water
        return matter, water


def water_for(dry: int, moisture: float) -> int:
    """mg of water that give a dry mass (mg) this moisture, kg per kg of wet mass."""
    return int(dry * (moisture / (1.0 - moisture)))
