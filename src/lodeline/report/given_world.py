"""What the sections on the world read: where imports come from, what the book changes, claims, and deposits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from lodeline.world.claims.judged import Judged
    from lodeline.world.dependence.answer_shapes import Dependence
    from lodeline.world.effect.answer import Effects
    from lodeline.world.resources.deposit import Deposit
    from lodeline.world.resources.ladder import Ladder
    from lodeline.world.resources.listing import Line


class SeenDeposit(msgspec.Struct, frozen=True, kw_only=True):
    """A published deposit with its ladder from gross value to net; none of its metal is in the book."""

    deposit: Deposit
    ladder: Ladder


class SeenWorld(msgspec.Struct, frozen=True, kw_only=True):
    """What of the world has to do with a book.

    Attributes:
        importer, rival: ISO 3166-1 alpha-3: whose dependence, and on whom; empty where nothing is told.
        countries: Countries that the book's metal is from, was shipped from or is held in, if the book holds documents
            of a programme and is no made-up one; only then claims and deposits are shown.
        dependences: One a commodity of the book. effects: what its deliveries change; None where nobody can say.
        outputs: What all the reported output of the countries of origin would change.
        untold: Why some of this is not told, in sentences.
        verdicts: Claims about ``countries``. deposits: those in ``countries`` that a ladder can be made of.
        listing: What is published of deposits in ``countries``, class by class.
        sources: Where an edition was published, by its name.
    """

    importer: str = ""
    rival: str = ""
    countries: tuple[str, ...] = ()
    dependences: tuple[Dependence, ...] = ()
    effects: Effects | None = None
    outputs: tuple[Effects, ...] = ()
    untold: tuple[str, ...] = ()
    verdicts: tuple[Judged, ...] = ()
    deposits: tuple[SeenDeposit, ...] = ()
    listing: tuple[Line, ...] = ()
    sources: Mapping[str, str] = {}
