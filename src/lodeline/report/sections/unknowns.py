"""Unknowns: what is not known, and which single weighing or assay would settle most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lodeline.errors import Settle
from lodeline.report.given import Act, Given, SeenHolding
from lodeline.report.model import Block, Cell, Column, Grid, Prose, Ranked, Section, Sentence
from lodeline.report.sections.folding import FEW, first
from lodeline.report.wording import cell, counted, harmless, name, sentence, short, shown, strong
from lodeline.units.figure import Figure
from lodeline.world.country import country_name

ROWS_DRAWN = 24
"""Lots drawn one by one; of the others, how much of them is known."""
GROUPS_SHOWN = 40
"""Rows of the summary by material."""
ACTS_SHOWN = 5
"""Acts that would settle most."""
DOCUMENTS_SHOWN = 12
"""Other things that are needed and that no measurement gives."""
ACTS = {"weighing": "weighing", "assay": "assay", "moisture": "moisture determination"}
"""Acts that are single measurements, and what they are called in a sentence."""


def unknowns(given: Given, before: tuple[Section, ...]) -> Section:
    """What is not known of each lot, and the acts that would settle most."""
    figures = {key: of for section in before for key, of in section.figures.items()}
    blocks: list[Block] = [Prose(sentences=(_lead(figures),), weight="lead")]
    if given.holdings:
        if len(given.holdings) > ROWS_DRAWN:
            blocks.append(_by_material(given.holdings))
        blocks.append(matrix(given.holdings))
    if given.acts:
        blocks.append(
            Ranked(
                title="Which single weighing or assay would settle most",
                items=tuple((told(one), _how_much(one)) for one in given.acts[:ACTS_SHOWN]),
            )
        )
        blocks.append(
            Prose(
                sentences=(
                    sentence(
                        "Found by trying: each act is supposed in turn, every figure that rests on the lot is computed "
                        "again, and those that become known are counted."
                    ),
                ),
                weight="note",
            )
        )
    blocks += _elsewhere(figures)
    return Section(name="unknowns", title="What is not known, and what would settle it", blocks=tuple(blocks))


def told(one: Act) -> Sentence:
    """An act in words: one assay of antimony concentrate."""
    return sentence(strong(f"One {ACTS[one.act]}"), " of ", name(one.label), _alike(one))


def then_told(one: Act) -> str:
    """The act that best follows, in words; empty where none makes more known."""
    return f"and {'an' if one.then == 'assay' else 'a'} {ACTS[one.then]} after it" if one.then else ""


def _alike(one: Act) -> str:
    return f" (and the same of each of {counted(one.alike, 'lot')} alike)" if one.alike else ""


def _how_much(one: Act) -> Sentence:
    first = (
        f"By itself it would make {counted(one.alone, 'figure')} known"
        if one.alone
        else "By itself it would make no figure known"
    )
    return sentence(first, f"; {then_told(one)}, {one.both:,} in all." if one.then else ".")


def _lead(figures: Mapping[str, Figure]) -> Sentence:
    missing = sum(not of.known for of in figures.values())
    if not figures:
        return sentence("This report shows no figure yet, so there is nothing to settle.")
    if not missing:
        return sentence(f"All {counted(len(figures), 'figure')} of this report are known.")
    bounded = sum(of.standing == "bounded" for of in figures.values())
    return sentence(
        f"Of the {counted(len(figures), 'figure')} of this report, ",
        strong(f"{missing:,} {'is' if missing == 1 else 'are'} not known"),
        f"; for {bounded:,} of these a limit is known." if bounded else ".",
    )


def matrix(holdings: tuple[SeenHolding, ...]) -> Grid:
    """What is known and unknown of each lot: one row a holding, one column a question."""
    drawn, rest = holdings[:ROWS_DRAWN], holdings[ROWS_DRAWN:]
    if rest:
        # Of many, those of which least is known are what a reader must not miss.
        ordered = sorted(holdings, key=lambda one: -_unknown_of(one))
        drawn, rest = tuple(ordered[:FEW]), tuple(ordered[FEW:])
    elements = list(dict.fromkeys(element for holding in drawn for element in holding.elements))
    folded = []
    if rest:
        weighed = sum(one.mass.known for one in rest)
        assayed = sum(bool(one.elements) and all(one.grades[e].known for e in one.elements) for one in rest)
        folded.append(
            sentence(
                f"Not drawn: {counted(len(rest), 'further lot')}; of these {weighed:,} with a mass and "
                f"{assayed:,} with every assay."
            )
        )
    return Grid(
        title="Known and unknown, lot by lot",
        columns=(
            Column("Lot"),
            Column("Mass"),
            Column("Water"),
            *(Column(harmless(f"{element} assay")) for element in elements),
            Column("Origin stated"),
            Column("Origin proved"),
        ),
        rows=tuple(_row(holding, elements) for holding in drawn),
        folded=tuple(folded),
        matrix=True,
        rest=tuple(_row(holding, elements) for holding in rest),
    )


def _unknown_of(one: SeenHolding) -> int:
    """How many questions about a holding are open."""
    open_grades = sum(not one.grades[element].known for element in one.elements)
    wet = one.moisture is not None and not one.moisture.known
    return (not one.mass.known) + wet + open_grades + (not one.origin)


def _by_material(holdings: tuple[SeenHolding, ...]) -> Grid:
    """Of how many holdings of each material each question is answered."""
    groups: dict[str, list[SeenHolding]] = {}
    for one in holdings:
        groups.setdefault(one.label if one.label != one.lot else "material not stated", []).append(one)
    ranked = sorted(groups.items(), key=lambda item: (-sum(_unknown_of(one) for one in item[1]), item[0]))
    rows = tuple(
        (
            cell(name(label)),
            cell(f"{len(held):,}"),
            _answered([one.mass.known for one in held]),
            _answered([one.moisture is None or one.moisture.known for one in held]),
            _answered([one.grades[element].known for one in held for element in one.elements]),
            _answered([bool(one.origin) for one in held]),
            _answered([bool(one.origin_document) for one in held]),
        )
        for label, held in ranked
    )
    titles = ("Holdings", "Mass known", "Water known, or dry", "Assays known", "Origin stated", "Origin proved")
    page = first(rows, GROUPS_SHOWN, "material")
    return Grid(
        title="Known and unknown, by material",
        columns=(Column("Material"), *(Column(title, numeric=True) for title in titles)),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _answered(questions: list[bool]) -> Cell:
    """How many of the questions are answered."""
    if not questions:
        return cell("–")
    known = sum(questions)
    return cell("all" if known == len(questions) else f"{known:,} of {len(questions):,}" if known else "none")


def _row(one: SeenHolding, elements: list[str]) -> tuple[Cell, ...]:
    return (
        cell(name(one.label), below="" if one.label == one.lot else short(one.lot)),
        _state(one.mass),
        cell("dry", state="none") if one.moisture is None else _state(one.moisture),
        *(_state(one.grades[element]) if element in one.elements else cell("–", state="none") for element in elements),
        cell(name(country_name(one.origin)), state="known") if one.origin else cell("unknown", state="unknown"),
        cell(name(one.origin_document, limit=40), state="known")
        if one.origin_document
        else cell("none held", state="unknown"),
    )


def _state(of: Figure) -> Cell:
    if of.known:
        return cell(shown(of), below=of.standing, state="known")
    return cell(shown(of), state="unknown")


def _elsewhere(figures: Mapping[str, Figure]) -> Iterable[Block]:
    """What no measurement settles: documents, registrations, publishers."""
    others: dict[tuple[str, str], Settle] = {}
    for of in figures.values():
        for act in () if of.known else of.settle:
            if act.act not in ACTS:
                others.setdefault((act.act, act.detail), act)
    if not others:
        return
    acts = list(others.values())
    rest = len(acts) - DOCUMENTS_SHOWN
    yield Grid(
        title="What no weighing or assay settles",
        columns=(Column("Needed"), Column("Of what")),
        rows=tuple((cell(act.act), cell(name(act.detail, limit=300))) for act in acts[:DOCUMENTS_SHOWN]),
        folded=(sentence(f"Not shown: {counted(rest, 'further need')}."),) if rest > 0 else (),
    )
