"""What the section on origins reads: where what is held is from, and the way of one lot, back and on."""

from __future__ import annotations

import msgspec

from lodeline.units.figure import Figure


class SeenOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """What of the held metal of an element is of one country.

    Attributes:
        country: ISO 3166-1 alpha-2, ``untraced`` or ``not said``.
        share: P1. mass: KGM. least, most: KGM, whatever the mixing was; None where nobody can say.
        supposes: Whether a limit holds only if lots are homogeneous.
    """

    country: str
    share: Figure
    mass: Figure
    least: Figure | None
    most: Figure | None
    supposes: bool


class SeenNode(msgspec.Struct, frozen=True, kw_only=True):
    """A lot, an origin or an end on the way of a lot's metal; ``column`` counts from the origins on."""

    name: str
    label: str
    column: int
    kg: float
    tone: str


class SeenLink(msgspec.Struct, frozen=True, kw_only=True):
    """Metal of the lot that went from one node to another, kg."""

    source: str
    target: str
    kg: float


class SeenTree(msgspec.Struct, frozen=True, kw_only=True):
    """The way of the metal of one lot: what it was made of, and what became of it."""

    lot: str
    kg: float
    nodes: tuple[SeenNode, ...]
    links: tuple[SeenLink, ...]


class SeenOrigins(msgspec.Struct, frozen=True, kw_only=True):
    """Where what is held of an element at the end is from.

    Attributes:
        element: Symbol. held: KGM. lots: how many hold it. unknown: of how many flows of what is held nobody knows how
            much is in them.
        mixing: The rule that shares suppose.
        origins: The largest share first.
        tree: Of the lot with most metal that was made of lots and became others; None where there is none.
    """

    element: str
    held: Figure
    lots: int
    unknown: int
    mixing: str
    origins: tuple[SeenOrigin, ...]
    tree: SeenTree | None
