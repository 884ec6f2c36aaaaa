"""Given: what all sections of a report read, gathered once from a book's view and a table of national figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from lodeline.errors import Finding
from lodeline.report.given_metal import SeenReconciliation
from lodeline.report.given_world import SeenWorld
from lodeline.units.figure import Figure
from lodeline.world.national import Comparison
from lodeline.world.statistics.edition import Table

if TYPE_CHECKING:
    from lodeline.ledger.values import Head, StoredDocument, StoredPolicy
    from lodeline.metal.accounts import Plant, Stages


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is, as finely as the book says.

    Attributes:
        id: Of the site, store, party, or country.
        label: Its name.
        country: ISO 3166-1 alpha-3; empty where not even the country is known.
        at: Longitude and latitude in degrees; None where none is recorded.
        known: How finely the position is known: ``site``, or the area it stands for: ``state``, ``country`` …
    """

    id: str
    label: str
    country: str
    at: tuple[float, float] | None
    known: str


class SeenHolding(msgspec.Struct, frozen=True, kw_only=True):
    """A lot at a place under an owner: one row of what is held.

    Attributes:
        key: Its part of a figure's name. lot: its id. label: the name of its material, else the lot's id.
        place: None where no event says. owner: name of the owner; empty where no event says. on_the_road: left and
            not arrived.
        elements: What it is asked for. origin: ISO 3166-1 alpha-3 of the stated origin; empty where none is stated.
        shipped_from: country its last movement left, as far as it is recorded; empty where it is not.
        mass: KGM, on its own basis. basis: ``wet`` or ``dry``; empty where nobody said. dry_mass: KGM.
        moisture: P1, None where the mass is dry and needs none. grades, contained: by element, P1 and KGM.
        origin_document: Title of a document that proves the origin; empty where the book holds none.
    """

    key: str
    lot: str
    label: str
    place: Place | None
    owner: str
    on_the_road: bool
    elements: tuple[str, ...]
    origin: str
    shipped_from: str
    mass: Figure
    basis: str
    dry_mass: Figure
    moisture: Figure | None
    grades: Mapping[str, Figure]
    contained: Mapping[str, Figure]
    origin_document: str


class SeenMove(msgspec.Struct, frozen=True, kw_only=True):
    """A consignment: lots that left one place and, where that is recorded, arrived at another.

    Attributes:
        goods: Labels of its lots. lots: their ids. sender, receiver: names; empty where no event says.
        left, to: the places; None where no event says. shipped, received: when, as finely as it is known.
        papers: Bills of lading and despatch advices. mass: as received, else as sent, KGM.
    """

    goods: tuple[str, ...]
    lots: tuple[str, ...]
    sender: str
    receiver: str
    left: Place | None
    to: Place | None
    shipped: str
    received: str
    papers: tuple[str, ...]
    mass: Figure


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One element of one origin against national figures.

    Attributes:
        plain: The commodity as a sentence names it. holdings: how many of them it sums.
        stated: Whether the origin is stated; else it is the country the lots were shipped from.
        mass: Contained mass of the element in them, KGM.
    """

    plain: str
    holdings: int
    stated: bool
    mass: Figure
    comparison: Comparison


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Who says so, when, and where it is to be found; empty where that is not known. ``others`` say so too."""

    by: str
    dated: str
    address: str
    others: tuple[Source, ...] = ()


class SeenAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement; ``part`` is False for one that is context and not of this programme. ``signed``: when, if told."""

    title: str
    form: str
    signed: str
    parties: tuple[str, ...]
    part: bool
    source: Source


class SeenPledge(msgspec.Struct, frozen=True, kw_only=True):
    """Money promised, and how much of it the book evidences.

    Attributes:
        by: Who pledges; empty where nobody is named. over: which phase or time. approximate: the source says "about".
    """

    key: str
    title: str
    by: tuple[str, ...]
    over: str
    approximate: bool
    pledged: Figure
    evidenced: Figure
    source: Source


class SeenStep(msgspec.Struct, frozen=True, kw_only=True):
    """A phase, a project or a milestone: what is said of it, and whether the book evidences it.

    Attributes:
        kind: ``phase``, ``project`` or ``milestone``. state: ``evidenced``, ``stated``, ``planned`` …
        on: When it was, or is to be; empty where nobody says. figures: what is said or expected of it, by name.
        missing: What nobody has stated of it: site, capacity, date. about: figures of which the source says "about".
    """

    key: str
    kind: str
    title: str
    state: str
    on: str
    figures: Mapping[str, Figure]
    missing: tuple[str, ...]
    source: Source
    about: tuple[str, ...] = ()


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says on a subject."""

    value: str
    said: str
    source: Source


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Statements on one subject, side by side; ``differ`` if they give different numbers in one unit."""

    subject: str
    differ: bool
    statements: tuple[Statement, ...]


class SeenProgramme(msgspec.Struct, frozen=True, kw_only=True):
    """What was promised, and what is evidenced of it."""

    agreements: tuple[SeenAgreement, ...] = ()
    pledges: tuple[SeenPledge, ...] = ()
    steps: tuple[SeenStep, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement that would make figures known.

    Attributes:
        act: ``weighing``, ``assay`` or ``moisture``. lot, label: of which lot.
        alone: How many figures it makes known by itself. then: the act that best follows it; empty where none adds.
        both: How many both make known. alike: how many further lots stand in the same state and gain the same.
    """

    act: str
    lot: str
    label: str
    alone: int
    then: str
    both: int
    alike: int


NOTHING_MEASURED = "nothing in the book was weighed, dried or assayed"
"""Why most books that are not reconciled are not."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """All that sections read.

    Attributes:
        head: Of the book. title: of the book. illustrative: whether it is made up.
        events: How many stand. documents: beside them. policy: the one in force, None where none was set.
        lots: How many ever arose. holdings, moves, programme: what the book says.
        findings: Everything found. table: national figures. other_edition: another one, for comparison.
        compared: Elements of the holdings against the table.
        acts: Measurements that would make most known, the first one first.
        code: Version of lodeline.
        plants: Every plant with its accounts. stages: every element by stage.
        labels: What master data call the sites, deposits and scrap sources of these, by URI.
        reconciled: The book reconciled, or why it could not be.
        world: What of the world has to do with the book.
    """

    head: Head
    title: str
    illustrative: bool
    events: int
    documents: tuple[StoredDocument, ...]
    policy: StoredPolicy | None
    lots: int
    holdings: tuple[SeenHolding, ...]
    moves: tuple[SeenMove, ...]
    programme: SeenProgramme
    findings: tuple[Finding, ...]
    table: Table
    other_edition: Table | None
    compared: tuple[Compared, ...]
    acts: tuple[Act, ...]
    code: str
    plants: tuple[Plant, ...] = ()
    stages: tuple[Stages, ...] = ()
    labels: Mapping[str, str] = {}
    reconciled: SeenReconciliation = SeenReconciliation(why_not=NOTHING_MEASURED)
    world: SeenWorld = SeenWorld()
