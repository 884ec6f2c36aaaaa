"""Promises: the programme that documents tell, as sections read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from lodeline.report.given import (
    Contradiction,
    SeenAgreement,
    SeenPledge,
    SeenProgramme,
    SeenStep,
    Source,
    Statement,
)
from lodeline.report.names import Names
from lodeline.report.wording import MONEY_WORDS, is_money, key_of, money, shown, stated
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from lodeline.deal import documents as deal
    from lodeline.deal.programme import Agreement, Milestone, Pledge, Programme, Project, Subject

SIZES = {word: size for size, word in MONEY_WORDS}
NOBODY = Source(by="", dated="", address="")


def seen_programme(programme: Programme, names: Names) -> SeenProgramme:
    """Agreements, pledges, steps and statements, in the order of their documents; those of this programme first."""
    agreements = sorted(programme.agreements, key=lambda one: one.context)
    return SeenProgramme(
        agreements=tuple(_agreement(one, names) for one in agreements),
        pledges=tuple(_pledge(one, names) for one in programme.pledges),
        steps=(
            *(_phases(one) for one in agreements if not one.context),
            *(_project(one, names) for one in programme.projects),
            *(_milestone(one) for one in programme.milestones),
        ),
        contradictions=tuple(_subject(one) for one in programme.subjects),
    )


def _agreement(one: Agreement, names: Names) -> SeenAgreement:
    return SeenAgreement(
        title=one.name,
        form=one.form.replace("_", " "),
        signed=one.signed or "",
        parties=tuple(names.label(party) for party in one.parties),
        part=not one.context,
        source=_source(one.sources),
    )


def _pledge(one: Pledge, names: Names) -> SeenPledge:
    return SeenPledge(
        key=key_of(one.id),
        title=one.name,
        by=tuple(names.label(party) for party in one.by),
        over=one.over,
        approximate=one.approximate,
        pledged=one.pledged,
        evidenced=one.evidenced,
        source=_source(one.sources),
    )


def _phases(one: Agreement) -> SeenStep:
    return SeenStep(
        key=f"{key_of(one.id)}/phases",
        kind="phase",
        title=f"Phases of {one.name}",
        state="described" if one.phases.known else "spoken of",
        on="",
        figures={"phases described": one.phases},
        missing=() if one.phases.known else ("number", "content", "dates"),
        source=_source(one.phase_sources),
    )


def _project(one: Project, names: Names) -> SeenStep:
    figures = {"capacity": one.capacity, **({"cost": one.cost} if one.cost is not None else {}), **one.expects}
    lacks = [("site", one.site is None), ("start", one.start is None)]
    lacks += [(what, not of.known) for what, of in figures.items()]
    site = f", {names.label(one.site)}" if one.site else ""
    return SeenStep(
        key=key_of(one.id),
        kind="project",
        title=f"{one.name}{site}",
        state="planned",
        on=one.start or "",
        figures=figures,
        about=("cost",) if one.approximate else (),
        missing=tuple(what for what, absent in lacks if absent),
        source=_source(one.sources),
    )


def _milestone(one: Milestone) -> SeenStep:
    return SeenStep(
        key=key_of(one.id),
        kind="milestone",
        title=one.name,
        state=one.state,
        on=one.on or "",
        figures={},
        missing=() if one.on else ("date",),
        source=_source(one.sources),
    )


def _subject(one: Subject) -> Contradiction:
    return Contradiction(
        subject=one.about,
        differ=one.numbers_differ,
        statements=tuple(
            Statement(
                value="" if said.figure is None else _value(said.figure, said.unit),
                said=said.says,
                source=_source(said.sources),
            )
            for said in one.statements
        ),
    )


def _value(of: Figure, unit: str) -> str:
    """A stated number with its unit in the words of its document."""
    if of.value is None:
        return shown(of)
    if is_money(unit):
        return money(Decimal(repr(of.value)), unit)
    size, _, currency = unit.partition(" ")
    if size in SIZES and is_money(currency):
        # "0.06 trillion USD" and "60 billion USD" are one amount and must read alike, side by side.
        return money(Decimal(repr(of.value)) * SIZES[size], currency)
    return f"{stated(of.value)} {unit}".strip()


def _source(sources: Sequence[deal.Source] | Iterable[deal.Source]) -> Source:
    """The first source, and the others behind it."""
    every = [Source(by=one.who, dated=one.dated, address=one.where) for one in sources]
    if not every:
        return NOBODY
    return msgspec.structs.replace(every[0], others=tuple(every[1:]))
