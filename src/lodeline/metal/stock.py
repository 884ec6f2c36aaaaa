"""What is held where, followed event by event: the state that facts move, split, weigh and end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from lodeline.errors import Finding
from lodeline.metal.mass import UNKNOWN
from lodeline.metal.values import Arisen, Assay, Departed, Fact, Mass, Moisture, Portion


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot, as far as events say how it was made; None where none does.

    Attributes:
        id: URI.
        stage, country, material, deposit, scrap_source, permit: From the event in which it arose.
        made_by: Hash id of that event; None if the lot is only ever mentioned.
        ended_by: Hash id of the event that ended it.
        parents: Lots that went into the process it came out of.
        first_place: Where the first event that names it finds it, which need not be where it came from.
    """

    id: str
    stage: str | None = None
    country: str | None = None
    material: str | None = None
    deposit: str | None = None
    scrap_source: str | None = None
    permit: str | None = None
    made_by: str | None = None
    ended_by: str | None = None
    parents: tuple[str, ...] = ()
    first_place: str | None = None


class Held(msgspec.Struct, kw_only=True):
    """A holding while it is being followed: one lot, at one place, under one owner. It changes; nobody outside sees it.

    Attributes:
        place: None if no event says where, or while it is on the road.
        departed, movement: The departure, and the number of the movement, while it is on the road.
        container: URI of the container it is packed in.
        gross, tare: Masses read alone, waiting for the other.
        count: Declared number of pieces, where the declaration was no mass.
    """

    lot: str
    place: str | None
    owner: str | None
    holder: str | None
    mass: Mass = UNKNOWN
    count: str | None = None
    gross: Mass | None = None
    tare: Mass | None = None
    moistures: tuple[Moisture, ...] = ()
    assays: tuple[Assay, ...] = ()
    departed: Departed | None = None
    movement: int | None = None
    container: str | None = None
    events: tuple[str, ...] = ()

    def note(self, event: str) -> None:
        """Remember that an event touched this holding."""
        if event not in self.events[-1:]:
            self.events += (event,)


class Stock:
    """All lots and holdings at one instant, with the findings made on the way."""

    def __init__(self) -> None:
        self.lots: dict[str, Lot] = {}
        self.held: dict[str, list[Held]] = {}
        self.contents: dict[str, list[Held]] = {}
        self.findings: list[Finding] = []

    def report(
        self,
        code: str,
        sentence: str,
        fact: Fact,
        *,
        weight: Literal["certain", "strong", "weak", "note"] = "certain",
        others: Iterable[str] = (),
    ) -> None:
        """Add a finding that rests on this fact's event, and on others."""
        events = tuple(dict.fromkeys((fact.event, *others)))
        self.findings.append(Finding(code=code, sentence=sentence, weight=weight, events=events))

    def add(self, held: Held) -> Held:
        """Put a new holding on the books."""
        self.held.setdefault(held.lot, []).append(held)
        return held

    def drop(self, held: Held) -> None:
        """Take a holding off the books."""
        self.held[held.lot] = [other for other in self.held[held.lot] if other is not held]
        if held.container is not None:
            self.contents[held.container] = [one for one in self.contents[held.container] if one is not held]

    def make(self, portion: Portion, fact: Fact, made: Arisen | None, parents: tuple[str, ...] = ()) -> None:
        """A lot arises; one that exists already keeps what is known of it, and the event is a finding."""
        known = self.lots.get(portion.lot)
        if known is not None and known.made_by is not None:
            self.report(
                "metal.lot_arises_again",
                f"Lot {portion.lot} arises again, although it is in the book already; its first making stands.",
                fact,
                others=(known.made_by,),
            )
            return
        self.lots[portion.lot] = Lot(
            id=portion.lot,
            stage=made.stage if made else None,
            country=made.country if made else None,
            material=made.material if made else None,
            deposit=made.deposit if made else None,
            scrap_source=made.scrap_source if made else None,
            permit=made.permit if made else None,
            made_by=fact.event,
            parents=parents,
            first_place=fact.place,
        )

    def one(
        self, lot: str, place: str | None, fact: Fact, *, owner: str | None = None, moves: bool = False
    ) -> Held | None:
        """The holding of a lot that a fact is about; None, and a finding, if that cannot be told.

        A lot that no event has brought into the book is taken to be where the fact finds it, which is a finding.

        Args:
            lot: URI of the lot.
            place: Where the fact says it is; None if it does not say.
            fact: For the finding.
            owner: Whose it is, where the fact says so: it chooses among several holdings.
            moves: The fact takes the lot away, so a lot booked elsewhere is taken from there.
        """
        if lot not in self.lots:
            self.lots[lot] = Lot(id=lot, first_place=place)
            self.report(
                "metal.lot_without_origin", f"Lot {lot} is in use, and no event says how it arose.", fact, weight="note"
            )
            return self.add(Held(lot=lot, place=place, owner=owner, holder=None, events=(fact.event,)))
        everywhere = self.held.get(lot, [])
        if not everywhere:
            ended = self.lots[lot].ended_by
            self.report(
                "metal.act_after_end",
                f"Lot {lot} is used after nothing of it is left in the book.",
                fact,
                others=() if ended is None else (ended,),
            )
            return None
        here = [held for held in everywhere if place is None or held.place == place]
        here = here or [held for held in everywhere if held.place is None]
        if len(here) > 1 and owner is not None:
            here = [held for held in here if held.owner == owner] or here
        if len(here) == 1:
            return here[0]
        if not here:
            self.report(
                "metal.not_at_place", f"Lot {lot} is booked elsewhere than {place}, where the event finds it.", fact
            )
            return everywhere[0] if moves and len(everywhere) == 1 else None
        self.report(
            "metal.holding_ambiguous",
            f"Lot {lot} is held in {len(here)} holdings, and the event does not say which one it is about.",
            fact,
        )
        return None
