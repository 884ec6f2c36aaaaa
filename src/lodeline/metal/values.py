"""What events say about metal, as typed facts: a closed set of immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

from lodeline.chemistry.species import Species
from lodeline.record.context import Context
from lodeline.record.metal_vocabulary import Basis, Precision, Process, Rank, Stage, TimeKnown

HEAVIEST_KG = Decimal("5.9722e24")
"""The mass of the Earth, kg: no lot of anything is heavier. Source: IAU 2015 nominal GM over CODATA 2018 G."""


class Seen(Protocol):
    """A recorded event, decoded: what :func:`lodeline.metal.facts.facts` reads."""

    @property
    def seq(self) -> int:
        """Its entry number."""

    @property
    def hash_id(self) -> str:
        """Its CBV event hash id."""

    @property
    def event(self) -> Mapping[str, Any]:
        """JSON values; numbers with a fraction are Decimal."""

    @property
    def context(self) -> Context:
        """The names that are bound for it."""


class Registered(Protocol):
    """A record of the master data."""

    @property
    def kind(self) -> str:
        """party, site, store, scale, laboratory, standard, material or deposit."""

    @property
    def id(self) -> str:
        """Its identifier."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What is recorded of it."""


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """A lot in an event, with as much of it as the event declares.

    Attributes:
        lot: URI of the lot.
        kg: Declared mass, kg; None if none was declared in a unit of mass.
        basis: Wet or dry; None if nobody said.
        count: Declared number, where the unit is not one of mass.
    """

    lot: str
    kg: Decimal | None = None
    basis: Basis | None = None
    count: Decimal | None = None


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something an event says. A later event corrects it; nothing edits it.

    Attributes:
        event: Hash id of the event.
        seq: Its entry number; events of one instant keep this order.
        at: The instant, with its offset.
        known: Whether ``at`` is the time, or a limit of it.
        precision: How finely ``at`` is known; None: as finely as it is written.
        place: URI of the place, None if not said.
    """

    event: str
    seq: int
    at: datetime
    known: TimeKnown = "at"
    precision: Precision | None = None
    place: str | None = None


class Arisen(Fact, frozen=True, kw_only=True, tag="arisen"):
    """Lots came into the book, with what is known of their making."""

    portions: tuple[Portion, ...]
    stage: Stage | None = None
    country: str | None = None
    material: str | None = None
    deposit: str | None = None
    scrap_source: str | None = None
    permit: str | None = None
    owner: str | None = None


class Ended(Fact, frozen=True, kw_only=True, tag="ended"):
    """Lots left the book."""

    portions: tuple[Portion, ...]
    reason: str | None


class Mass(msgspec.Struct, frozen=True, kw_only=True):
    """A mass with what is known about it.

    Attributes:
        kg: Kilograms, exact; None if unknown.
        u: Standard uncertainty (k = 1), kg; None where nobody gave one.
        basis: Wet or dry; None if nobody said.
        standing: Measured by a scale, stated by somebody, computed from others, bounded or unknown.
        rests_on: Hash ids of the events it was taken from.
        low, high: Limits, kg, where only they are known; either may be None.
        u_policy: The entry of the policy that supposes u, where no event gives it; else None.
    """

    kg: Decimal | None
    u: Decimal | None
    basis: Basis | None
    standing: Literal["measured", "stated", "computed", "bounded", "unknown"]
    rests_on: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    u_policy: int | None = None


class Weighing(Fact, frozen=True, kw_only=True, tag="weighing"):
    """One act of weighing of one lot.

    Attributes:
        gross, tare, net: What was read; None where it was not.
        device: URI of the scale; None if not said.
        stocktake: Whether the stock was counted, which never resets the books.
    """

    lot: str
    gross: Mass | None = None
    tare: Mass | None = None
    net: Mass | None = None
    device: str | None = None
    stocktake: bool = False


class Assay(Fact, frozen=True, kw_only=True, tag="assay"):
    """One line of an assay of one lot.

    Attributes:
        species: What was determined.
        fraction: kg of it per kg of material; None if below detection.
        u: Standard uncertainty (k = 1), kg per kg; None where nobody gave one.
        low, high: Limits, where it was below detection; kg per kg.
        basis: Wet or dry; None if nobody said.
    """

    lot: str
    species: Species
    fraction: Decimal | None
    u: Decimal | None
    basis: Basis | None
    low: Decimal | None = None
    high: Decimal | None = None
    laboratory: str | None = None
    method: str | None = None
    certificate: str | None = None
    rank: Rank | None = None
    u_policy: int | None = None


class Moisture(Fact, frozen=True, kw_only=True, tag="moisture"):
    """The water of one lot: kg of water per kg of wet mass, with its standard uncertainty."""

    lot: str
    fraction: Decimal
    u: Decimal | None
    laboratory: str | None = None
    method: str | None = None
    certificate: str | None = None
    rank: Rank | None = None
    u_policy: int | None = None


class Sampled(Fact, frozen=True, kw_only=True, tag="sampled"):
    """A sample was taken of a lot."""

    lot: str
    sample: str | None


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What a process declared as lost, kg, on the basis of the event's quantities."""

    kind: str | None
    kg: Decimal
    basis: Basis | None = None


class Transformed(Fact, frozen=True, kw_only=True, tag="transformed"):
    """Lots became other lots, or went into or came out of a process that spans several events.

    Attributes:
        emptied: Nothing is left in the process.
    """

    process: Process | None
    inputs: tuple[Portion, ...]
    outputs: tuple[Portion, ...]
    losses: tuple[Loss, ...] = ()
    transformation_id: str | None = None
    made: Arisen | None = None
    emptied: bool = False


class Observed(Fact, frozen=True, kw_only=True, tag="observed"):
    """A lot was seen somewhere, or declared to weigh something, and nothing was done to it.

    Attributes:
        stocktake: Whether the stock was counted.
    """

    portion: Portion
    stocktake: bool = False


class Packed(Fact, frozen=True, kw_only=True, tag="packed"):
    """Lots went into a container, or came out of it.

    Attributes:
        portions: The lots.
        named: What is named one by one: lots, or containers that go in with what they hold.
        out: They came out; without portions and names, all of them did.
    """

    container: str
    portions: tuple[Portion, ...]
    out: bool
    named: tuple[str, ...] = ()


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """Who and where, at one end of a movement; None where the event does not say."""

    owner: str | None = None
    holder: str | None = None
    place: str | None = None


class Moved(Fact, frozen=True, kw_only=True):
    """Lots, or containers with what they hold, at one end of a movement.

    Attributes:
        portions: The lots.
        containers: URIs of containers, and of whatever else is named one by one.
        source, destination: The two ends.
        transactions: Bills of lading, despatch advices and others: (bare type, URI).
        read: The net mass that the event itself reads of its one lot; None if it reads none.
    """

    portions: tuple[Portion, ...]
    containers: tuple[str, ...]
    source: Ends
    destination: Ends
    transactions: tuple[tuple[str, str], ...]
    read: Mass | None = None


class Departed(Moved, frozen=True, kw_only=True, tag="departed"):
    """They left."""


class Arrived(Moved, frozen=True, kw_only=True, tag="arrived"):
    """They arrived."""


class OwnerChanged(Moved, frozen=True, kw_only=True, tag="owner_changed"):
    """They changed hands where they lie."""


AnyFact = (
    Arisen
    | Ended
    | Weighing
    | Assay
    | Moisture
    | Sampled
    | Observed
    | Transformed
    | Packed
    | Departed
    | Arrived
    | OwnerChanged
)
"""Closed: whoever matches on it can be exhaustive."""
