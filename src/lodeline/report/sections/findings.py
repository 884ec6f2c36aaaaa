"""Findings: what does not fit in the books, with what it rests on. A finding never says guilt."""

from __future__ import annotations

from collections import Counter

from lodeline.errors import Finding
from lodeline.report.given import Given
from lodeline.report.model import Block, Cell, Column, Grid, Part, Prose, Section, Sentence
from lodeline.report.wording import cell, counted, name, sentence

SHOWN = 40
"""Findings shown one by one; of more, how many there are of each kind, and the first of each."""
EXAMPLES = 2
"""Findings of one kind that are shown where there are many."""
WEIGHTS = ("certain", "strong", "weak", "note")
"""In the order in which they are shown."""


def findings(given: Given, before: tuple[Section, ...]) -> Section:
    """Everything that was found wrong or unclear, by weight of evidence."""
    title = "What does not fit"
    found = sorted(given.findings, key=lambda one: WEIGHTS.index(one.weight))
    note = () if given.reconciled.why_not else (Prose(sentences=(_how(),), weight="note"),)
    if not found:
        said = sentence(
            f"No finding was made in {counted(given.events, 'event')}."
            if given.events
            else "There is no event to check."
        )
        return Section(name="findings", title=title, blocks=(Prose(sentences=(said,), weight="lead"), *note))
    weights: Counter[str] = Counter(one.weight for one in found)
    summary = ", ".join(f"{weights[weight]:,} {weight}" for weight in WEIGHTS if weights[weight])
    said = sentence(f"{counted(len(found), 'finding').capitalize()}: {summary}.")
    blocks: list[Block] = [Prose(sentences=(said,), weight="lead"), *note]
    if len(found) > SHOWN:
        blocks.append(_by_code(found))
    blocks.append(_examples(found))
    return Section(name="findings", title=title, blocks=tuple(blocks))


def _how() -> Sentence:
    return sentence(
        "These were found by following the events one by one. What no plant, road or laboratory can do, and what "
        "explains best that readings do not agree, takes longer to look for: ",
        Part("lodeline findings", "name"),
        " lists all of it, in kilograms and in money.",
    )


def _by_code(found: list[Finding]) -> Grid:
    """How many findings there are of each code, those of most weight first."""
    groups: dict[str, list[Finding]] = {}
    for one in found:
        groups.setdefault(one.code, []).append(one)
    ranked = sorted(groups.items(), key=lambda item: (WEIGHTS.index(item[1][0].weight), -len(item[1]), item[0]))
    return Grid(
        title="Findings by kind",
        columns=(Column("Kind, by the first of it"), Column("Heaviest weight"), Column("How many", numeric=True)),
        rows=tuple(
            (
                cell(name(several[0].sentence, limit=200), below=code),
                cell(several[0].weight),
                cell(f"{len(several):,}"),
            )
            for code, several in ranked
        ),
    )


def _examples(found: list[Finding]) -> Grid:
    """Findings one by one: all of a few, else the first of each kind; a sheet has the others."""
    kept: list[Finding] = []
    left: list[Finding] = []
    seen: Counter[str] = Counter()
    for one in found:
        seen[one.code] += 1
        (kept if len(found) <= SHOWN or seen[one.code] <= EXAMPLES else left).append(one)
    return Grid(
        title="Findings, the first of each kind" if left else "Findings",
        columns=(Column("Finding"), Column("Weight"), Column("What would settle it")),
        rows=tuple(_row(one) for one in kept),
        folded=(sentence(f"Not shown: {counted(len(left), 'further finding')}."),) if left else (),
        rest=tuple(_row(one) for one in left),
    )


def _row(one: Finding) -> tuple[Cell, ...]:
    settles = [name("; ".join(act.detail for act in one.settle[:3]), limit=300)] if one.settle else ["–"]
    return cell(name(one.sentence, limit=400), below=one.code), cell(one.weight), cell(*settles)
