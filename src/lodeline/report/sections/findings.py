"""Findings: what does not fit in the books, with what it rests on. A finding never says guilt."""

from __future__ import annotations

from collections import Counter

from lodeline.report.given import Given
from lodeline.report.model import Block, Column, Grid, Prose, Section
from lodeline.report.wording import cell, counted, name, sentence

SHOWN = 40
"""Findings shown one by one; of the others, how many there are of each code."""
WEIGHTS = ("certain", "strong", "weak", "note")
"""In the order in which they are shown."""


def findings(given: Given, before: tuple[Section, ...]) -> Section:
    """Everything that was found wrong or unclear, by weight of evidence."""
    title = "What does not fit"
    found = sorted(given.findings, key=lambda one: WEIGHTS.index(one.weight))
    if not found:
        said = sentence(
            f"No finding was made in {counted(given.events, 'event')}."
            if given.events
            else "There is no event to check."
        )
        return Section(name="findings", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    shown, rest = found[:SHOWN], found[SHOWN:]
    folded = []
    if rest:
        codes = ", ".join(f"{code} {count:,}" for code, count in sorted(Counter(one.code for one in rest).items()))
        folded.append(sentence(f"Not shown: {counted(len(rest), 'further finding')} ({codes})."))
    weights: Counter[str] = Counter(one.weight for one in found)
    summary = ", ".join(f"{weights[weight]:,} {weight}" for weight in WEIGHTS if weights[weight])
    blocks: list[Block] = [
        Prose(sentences=(sentence(f"{counted(len(found), 'finding').capitalize()}: {summary}."),), weight="lead"),
        Grid(
            title="Findings",
            columns=(Column("Finding"), Column("Weight"), Column("What would settle it")),
            rows=tuple(
                (
                    cell(name(one.sentence, limit=400), below=one.code),
                    cell(one.weight),
                    cell(
                        *([name("; ".join(act.detail for act in one.settle[:3]), limit=300)] if one.settle else ["–"])
                    ),
                )
                for one in shown
            ),
            folded=tuple(folded),
        ),
    ]
    return Section(name="findings", title=title, blocks=tuple(blocks))
