"""Public claims about the countries of a book, recomputed: each with its verdict, by what and by how much."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from lodeline.report.given import Given
from lodeline.report.model import Cell, Column, Grid, Prose, Section, Sentence
from lodeline.report.wording import cell, counted, figure, key_of, link, listed, name, sentence, strong
from lodeline.units.figure import Figure, Standing
from lodeline.world.claims.judged import Judged, Line, Recomputed, Verdict
from lodeline.world.claims.register import Stated
from lodeline.world.country import with_article

TITLE = "Public claims, recomputed"
ORDER: tuple[Verdict, ...] = ("contradicted", "consistent", "not checkable")
"""Verdicts in the order of the table: what is wrong first, and what nobody can check last."""
WEIGHED = re.compile(r"(?P<unit>[A-Za-z_]+)\[(?P<what>[^\]]+)\]")
"""A unit with what it weighs, as the register writes it."""
RELATIONS = {"at-most": "at most ", "at-least": "at least ", "beside": "beside it "}
"""What a recomputed figure says of a claim, where it is not what is claimed."""
REASON = 700
"""Characters of what a verdict turns on."""


def world_claims(given: Given, before: tuple[Section, ...]) -> Section:
    """The register of claims as a table, and how each number is computed again."""
    judged = sorted(given.world.verdicts, key=lambda one: ORDER.index(one.verdict))
    if not judged:
        return Section(name="claims", title=TITLE, blocks=())
    counts = _counts(judged)
    figures = {f"claims/{verdict}": of for verdict, of in counts.items()}
    figures |= {key: of for one in judged for key, of in _figures(one)}
    return Section(
        name="claims",
        title=TITLE,
        blocks=(
            Prose(sentences=(_lead(judged, counts, given.world.countries),), weight="lead"),
            Prose(sentences=(_how(),), weight="note"),
            Grid(
                title="Claims with their verdicts",
                columns=(
                    Column("Claim"),
                    Column("Verdict: by what, and by how much"),
                    Column("Claimed"),
                    Column("Recomputed"),
                ),
                rows=tuple(_row(one) for one in judged if _counted(one)),
            ),
            *_without_number([one for one in judged if not _counted(one)]),
            *_steps(judged),
        ),
        figures=figures,
    )


def key_for(one: Judged, part: str, field: str, number: int = 0) -> str:
    """The name of a figure of a claim; ``number`` tells several recomputations of one number apart."""
    parts = (key_of(one.claim.id), key_of(part) if part else "", f"{number}" if number else "", field)
    return f"claims/{'/'.join(each for each in parts if each)}"


def _counts(judged: Sequence[Judged]) -> dict[str, Figure]:
    """How many claims have each verdict; they rest on the claims."""
    found = Counter(one.verdict for one in judged)
    rests = tuple(f"claim:{one.claim.id}" for one in judged)
    return {
        verdict: Figure(value=float(found[verdict]), unit="C62", standing="computed", rests_on=rests)
        for verdict in ORDER
    }


def _figures(one: Judged) -> Iterator[tuple[str, Figure]]:
    for part, stated in _stated(one):
        yield key_for(one, part, "claimed"), stated
    for number, of in enumerate(one.recomputed):
        yield key_for(one, of.part, "recomputed", number), of.figure


def _stated(one: Judged) -> Iterator[tuple[str, Figure]]:
    """The numbers of a claim as they were said; one without a number has none."""
    for part, of in (("", one.claim), *((part.name, part) for part in one.claim.part)):
        if of.value is not None or of.low is not None or of.high is not None:
            yield part, _said(of, one)


def _said(of: Stated, one: Judged) -> Figure:
    value, low, high = (None if end is None else float(end) for end in (of.value, of.low, of.high))
    return Figure(
        value=value,
        low=low,
        high=high,
        unit=of.unit,
        standing="bounded" if value is None else "stated",
        rests_on=(f"claim:{one.claim.id}",),
    )


def _lead(judged: Sequence[Judged], counts: dict[str, Figure], countries: Sequence[str]) -> Sentence:
    said = [
        part
        for verdict in ORDER
        for part in (", " if verdict != ORDER[0] else "", figure(f"claims/{verdict}", counts[verdict]), f" {verdict}")
    ]
    about = listed([with_article(one) for one in countries])
    return sentence(f"Of {counted(len(judged), 'public claim')} about ", *about, ": ", *said, ".")


def _how() -> Sentence:
    return sentence(
        "None of them is of the lots of this book. A verdict follows by rule from numbers whose sources are named: "
        "contradicted where what is claimed and what is computed again cannot both be, consistent where a figure bears "
        "it out, else not checkable, with what is missing. A likely slip is named as one, and nobody's guilt."
    )


def _row(one: Judged) -> tuple[Cell, ...]:
    claim = one.claim
    return (
        cell(
            name(claim.statement, limit=REASON),
            " ",
            link(claim.source),
            below=f"{claim.id}: {claim.who}, {claim.as_of}",
        ),
        cell(strong(one.verdict), ": ", name(readable(one.reason), limit=REASON)),
        _claimed(one),
        _deciding(one),
    )


def _counted(one: Judged) -> bool:
    """Whether a claim names a number, or was decided without one."""
    return one.verdict != "not checkable" or any(True for _ in _stated(one))


def _without_number(judged: Sequence[Judged]) -> Iterator[Grid]:
    if judged:
        yield Grid(
            title="Claims that name no number",
            columns=(Column("Claim"), Column("Verdict")),
            rows=tuple(_row(one)[:2] for one in judged),
            closed=True,
        )


def readable(text: str) -> str:
    """``t[Sb]`` and ``troy_oz[Au]`` as a person reads them: t of Sb, troy oz of Au."""
    return WEIGHED.sub(lambda found: f"{found['unit'].replace('_', ' ')} of {found['what']}", text)


def _shown(of: Figure) -> Figure:
    return msgspec.structs.replace(of, unit=readable(of.unit))


def _claimed(one: Judged) -> Cell:
    """The first number of a claim, with its parts below."""
    stated = list(_stated(one))
    if not stated:
        return cell("no number")
    part, of = stated[0]
    others = [f"{other} {figure('', _shown(number)).text}" for other, number in stated[1:]]
    said = [f"{one.claim.sense} "] if one.claim.sense and not part else [f"{part} "] if part else []
    return cell(*said, figure(key_for(one, part, "claimed"), _shown(of)), below=", ".join(others))


def _deciding(one: Judged) -> Cell:
    by = one.deciding
    if by is None:
        return cell("–")
    below = ", ".join(part for part in (by.part, by.says) if part)
    key = key_for(one, by.part, "recomputed", one.recomputed.index(by))
    # One that has limits only says itself that it is at most, or at least.
    said = RELATIONS.get(by.relation, "") if by.figure.known else ""
    return cell(said, figure(key, _shown(by.figure)), below=below)


def _steps(judged: Sequence[Judged]) -> Iterator[Grid]:
    """Every step of every recomputation, to be done again by hand."""
    rows = tuple(
        (cell(name(_number(one, of))), cell(name(line.text, limit=REASON)), _value(line), _source(line))
        for one in judged
        for of in one.recomputed
        for line in of.lines
    )
    if not rows:
        return
    yield Grid(
        title="Every step, to be done again by hand",
        columns=(Column("Claim"), Column("Step"), Column("Value", numeric=True), Column("Source")),
        rows=rows,
        folded=(sentence("A line with a source is an input; one without is an operation on lines above it."),),
        closed=True,
    )


def _number(one: Judged, of: Recomputed) -> str:
    return f"{one.claim.id}, {of.part}" if of.part else one.claim.id


def _value(line: Line) -> Cell:
    none = line.value is None and line.low is None and line.high is None
    standing: Standing = "unknown" if none else "bounded" if line.value is None else "computed"
    of = Figure(value=line.value, low=line.low, high=line.high, unit=line.unit, standing=standing)
    return cell(figure("", _shown(of)))


def _source(line: Line) -> Cell:
    return cell(name(line.source, limit=REASON) if line.source else "–")
