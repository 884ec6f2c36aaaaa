"""Programme: what was promised, what the book evidences of it, and where those who speak do not agree."""

from __future__ import annotations

from collections.abc import Iterator

from lodeline.report.given import Contradiction, Given, SeenAgreement, SeenPledge, SeenStep, Source
from lodeline.report.model import Block, Card, Cards, Chart, Column, Grid, Part, Prose, Section, Sentence
from lodeline.report.wording import (
    cell,
    counted,
    date,
    figure,
    figure_cell,
    is_money,
    link,
    listed,
    name,
    sentence,
    shown,
    strong,
)
from lodeline.units.figure import Figure

VOICES_NAMED = 3
"""Sources of one statement that are named; of more it gives the number."""
STATEMENTS_SHOWN = 12
"""Statements on one subject that stand side by side."""
STEPS = ("phase", "project", "milestone")
"""In the order in which they are shown."""


def programme(given: Given, before: tuple[Section, ...]) -> Section:
    """What was promised, and what is evidenced."""
    title = "Pledged and evidenced"
    told = given.programme
    if not (told.agreements or told.pledges or told.steps):
        said = sentence("No agreement, pledge or milestone is in the book.")
        blocks: list[Block] = [Prose(sentences=(said,), weight="lead")]
        blocks += _contradictions(given)
        return Section(name="programme", title=title, blocks=tuple(blocks))
    figures: dict[str, Figure] = {}
    for pledge in told.pledges:
        figures[f"programme/{pledge.key}/pledged"] = pledge.pledged
        figures[f"programme/{pledge.key}/evidenced"] = pledge.evidenced
    for step in told.steps:
        figures |= {f"programme/{step.key}/{what}": of for what, of in step.figures.items()}
    blocks = [Prose(sentences=_lead(given), weight="lead")]
    chart = _chart(given)
    if chart is not None:
        blocks.append(chart)
    elif told.pledges:
        blocks.append(_pledges(given))
    if told.agreements:
        blocks.append(_agreements(given))
    if told.steps:
        blocks.append(_steps(given))
    blocks += _contradictions(given)
    return Section(name="programme", title=title, blocks=tuple(blocks), figures=figures)


def pledged_line(given: Given) -> Sentence:
    """What is pledged, in one line."""
    pledges = given.programme.pledges
    if not pledges:
        return sentence("nothing: no pledge is in the book")
    first = pledges[0]
    more = len(pledges) - 1
    whom = ["from ", *listed([name(who, limit=48) for who in first.by])] if first.by else ["from whom is not stated"]
    return sentence(
        "about " if first.approximate else "",
        figure(f"programme/{first.key}/pledged", first.pledged),
        ", ",
        *whom,
        *said_by(first.source),
        f"; {counted(more, 'further pledge')}" if more else "",
    )


def said_by(source: Source) -> list[str | Part]:
    """Who says so, as the end of a sentence; nothing where nobody is named."""
    if not source.by:
        return []
    every = (source, *source.others)
    who: list[str | Part] = [name(one.by, limit=60) for one in every[:VOICES_NAMED]]
    who += [counted(len(every) - VOICES_NAMED, "other")] if len(every) > VOICES_NAMED else []
    return ["; source: " if len(every) == 1 else "; sources: ", *listed(who)]


def evidenced_line(given: Given) -> Sentence:
    """What of it is evidenced, in one line."""
    pledges, steps = given.programme.pledges, given.programme.steps
    milestones = [step.state for step in steps if step.kind == "milestone"]
    proved, noted = milestones.count("evidenced"), milestones.count("recorded")
    beside = ""
    if milestones:
        beside = f"; of {counted(len(milestones), 'milestone')} {proved or 'none'} {_is(proved)} evidenced by papers"
        beside += f", {noted:,} {_is(noted)} recorded without any" if noted else ""
    if not pledges:
        return sentence(f"no money to set beside it{beside}")
    first = pledges[0]
    shows = ": no document in the book shows a payment" if not first.evidenced.known else " by documents in the book"
    return sentence(figure(f"programme/{first.key}/evidenced", first.evidenced), shows, beside)


def _is(count: int) -> str:
    return "are" if count > 1 else "is"


def _lead(given: Given) -> tuple[Sentence, ...]:
    told = given.programme
    kinds = [step.kind for step in told.steps]
    first = sentence(
        f"{counted(len(told.pledges), 'pledge').capitalize()}, {counted(kinds.count('project'), 'project')} and "
        f"{counted(kinds.count('milestone'), 'milestone')} are in the book, each as a dated statement of somebody."
    )
    open_pledges = [pledge for pledge in told.pledges if not pledge.evidenced.known]
    if not open_pledges:
        return (first,)
    return (
        first,
        sentence(
            "What is evidenced of ",
            "the pledge" if len(told.pledges) == 1 else f"{len(open_pledges):,} of the pledges",
            " is ",
            figure("", open_pledges[0].evidenced),
            ".",
        ),
    )


def _chart(given: Given) -> Chart | None:
    """Pledged against evidenced, of the pledges in the currency of the first."""
    money = [pledge for pledge in given.programme.pledges if pledge.pledged.value and _currency(pledge)]
    if not money:
        return None
    first = money[0]
    unit = first.pledged.unit
    bars = []
    for pledge in [one for one in money if one.pledged.unit == unit][:STATEMENTS_SHOWN]:
        bars.append(_bar("Pledged", pledge, pledge.pledged, "known"))
        bars.append(_bar("Evidenced", pledge, pledge.evidenced, "other"))
    divide = next((size for size in (1e9, 1e6) if (first.pledged.value or 0.0) >= size), 1.0)
    words = {1e9: f"{unit} billion", 1e6: f"{unit} million", 1.0: unit}
    said = "; ".join(f"{bar['label']}: {bar['text']}" for bar in bars)
    return Chart(
        name="pledged",
        kind="pledged",
        title="Pledged against evidenced",
        below=name(first.title, limit=120).text,
        alt=f"Bars. {said}.",
        data={"bars": bars, "unit": words[divide], "divide": divide},
        behind=_pledges(given),
    )


def _currency(pledge: SeenPledge) -> bool:
    return is_money(pledge.pledged.unit)


def _bar(label: str, pledge: SeenPledge, of: Figure, tone: str) -> dict[str, object]:
    return {
        "label": label,
        "value": of.value,
        "text": shown(of),
        "told": name(f"{label}: {shown(of)}. {pledge.title}", limit=240).text,
        "tone": tone,
    }


def _pledges(given: Given) -> Grid:
    return Grid(
        title="Pledges",
        columns=(
            Column("Pledge"),
            Column("Pledged", numeric=True),
            Column("Evidenced", numeric=True),
            Column("Said by"),
        ),
        rows=tuple(
            (
                cell(name(pledge.title, limit=160), below=name(pledge.over, limit=120).text),
                figure_cell(
                    f"programme/{pledge.key}/pledged", pledge.pledged, below="about" if pledge.approximate else ""
                ),
                figure_cell(f"programme/{pledge.key}/evidenced", pledge.evidenced),
                cell(*_by(pledge.source)),
            )
            for pledge in given.programme.pledges
        ),
    )


def _agreements(given: Given) -> Grid:
    return Grid(
        title="Agreements",
        columns=(Column("Agreement"), Column("Parties"), Column("Said by")),
        rows=tuple(
            (
                cell(name(one.title, limit=160), below=_form(one)),
                cell(*listed([name(party) for party in one.parties] or ["not named"])),
                cell(*_by(one.source)),
            )
            for one in given.programme.agreements
        ),
    )


def _form(one: SeenAgreement) -> str:
    signed = f"{one.form}, signed {one.signed}" if one.signed else f"{one.form}, date of signing not stated"
    return signed if one.part else f"{signed}; context, not part of this programme"


def _steps(given: Given) -> Grid:
    steps = sorted(given.programme.steps, key=lambda step: STEPS.index(step.kind))
    return Grid(
        title="Phases, projects and milestones",
        columns=(Column("What"), Column("State"), Column("Stated by nobody"), Column("Stated"), Column("Said by")),
        rows=tuple(
            (
                cell(name(step.title, limit=200), below=step.kind),
                cell(strong(step.state) if step.state == "evidenced" else step.state, below=name(step.on).text),
                cell(*listed([Part(name(what, limit=40).text, "unknown") for what in step.missing] or ["–"])),
                cell(*_known(step)),
                cell(*_by(step.source)),
            )
            for step in steps
        ),
    )


def _known(step: SeenStep) -> list[str | Part]:
    """The figures somebody gives of a step."""
    return listed(
        [
            Part(
                f"{name(what, limit=40).text} {'about ' if what in step.about else ''}{shown(of)}",
                "figure",
                f"programme/{step.key}/{what}",
            )
            for what, of in step.figures.items()
            if of.known
        ]
        or ["–"]
    )


def _contradictions(given: Given) -> Iterator[Block]:
    for one in given.programme.contradictions:
        rest = len(one.statements) - STATEMENTS_SHOWN
        subject = name(one.subject).text
        beside = f"Side by side: {subject}" if len(one.statements) > 1 else f"One source only: {subject}"
        yield Cards(title=beside, cards=tuple(_cards(one)))
        if rest > 0:
            yield Prose(sentences=(sentence(f"Not shown: {counted(rest, 'further statement')}."),), weight="note")


def _cards(one: Contradiction) -> Iterator[Card]:
    for statement in one.statements[:STATEMENTS_SHOWN]:
        yield Card(
            value=sentence(name(statement.value, limit=60)) if statement.value else sentence(),
            said=sentence(name(statement.said, limit=280)),
            by=sentence(*_by(statement.source)),
            differs=one.differ and statement.value != "",
        )


def _by(source: Source) -> list[str | Part]:
    """Everybody who says so, each with a date and an address of their own."""
    said: list[str | Part] = []
    shown, rest = (source, *source.others)[:VOICES_NAMED], len(source.others) + 1 - VOICES_NAMED
    for one in shown:
        said += ["; "] if said else []
        said.append(name(one.by) if one.by else "not named")
        said += [", ", date(one.dated)] if one.dated else []
        said += [". ", link(one.address)] if one.address else []
    return [*said, f"; and {counted(rest, 'other')}"] if rest > 0 else said
