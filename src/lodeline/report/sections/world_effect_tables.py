"""Tables of what deliveries change: points removed, tonnes for a point, the three cases, and what settles the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from lodeline.report.model import Cell, Column, Grid
from lodeline.report.sections.folding import first
from lodeline.report.wording import (
    as_points,
    cell,
    element_plain,
    figure_cell,
    key_of,
    name,
    number,
    sentence,
    shown,
    strong,
)
from lodeline.units.figure import Figure
from lodeline.world.country import country_name
from lodeline.world.effect.answer import MEASURES, Effect, Effects, Removed
from lodeline.world.effect.displacement import AT_HOME

ROUTES = {
    "imported": "imported as it is",
    "raw": "stays ore or concentrate",
    "smelted": "made into metal at home",
    "made": "made at home",
}
UNSAID = "form not said"
CASES = {"rival": "", "in-proportion": "all imports alike", "in-addition": "nothing: it comes on top"}
"""What a delivery takes the place of; of the first, what the rival ships."""
AMOUNTS = ("tonnes", "share_of_use")
"""Fields of an effect that are shown besides the points."""
REFERENCES = (
    "origin_output",
    "output_of_use",
    "rival_share",
    "form_imports",
    "form_share",
    "form_mined",
    "form_point",
    "mined_point",
)
"""Fields of what it is set against that are shown."""
LONG = 300
"""Characters of what is needed."""


class Told(msgspec.Struct, frozen=True):
    """A delivery of the book, or all that a country is reported to mine; then ``of``, a part of the name, says so."""

    effect: Effect
    of: str

    @property
    def label(self) -> str:
        """What it is called."""
        one = self.effect
        form = one.form.replace("-", " ") or UNSAID
        if one.route in AT_HOME:
            form += f", {ROUTES[one.route]}"
        if self.of:
            return f"All of {country_name(one.origin)}'s reported {one.plain}, as {form}"
        return f"{element_plain(one.element).capitalize()}, {form}"

    @property
    def below(self) -> str:
        """When and how it came."""
        one = self.effect
        how = ROUTES[one.route] if one.form and one.route not in AT_HOME else ""
        return ", ".join(part for part in (one.period, how) if part)

    def key(self, *field: str) -> str:
        """The name of one of its figures."""
        one = self.effect
        parts = (self.of, key_of(one.element), one.form or UNSAID, one.route, one.origin or "nowhere", one.period)
        return "/".join(("effect", *(part for part in parts if part), *field))

    def figures(self, cases: Iterable[str] = tuple(CASES)) -> Iterator[tuple[str, Figure]]:
        """Its own figures, and the points of some cases."""
        for field in AMOUNTS:
            yield self.key(field), getattr(self.effect, field)
        for field in REFERENCES if self.of or not self.effect.period or tuple(cases) == tuple(CASES) else ():
            yield self.key("reference", field), getattr(self.effect.reference, field)
        for case in cases:
            for measure in MEASURES:
                yield self.key(case, measure), getattr(self.effect.case(case), measure)


def points_of(of: Figure) -> Figure:
    """A difference of two percentages as points, for short."""
    return as_points(of, "points")


def limits(of: Figure, unit: str = "points") -> str:
    """The limits of a figure that has a value too; empty where it has none, or where they read as the value does."""
    ends = [end for end in (of.low, of.high) if end is not None]
    if of.value is None or not ends or all(number(end) == number(of.value) for end in ends):
        return ""
    return shown(Figure(value=None, low=of.low, high=of.high, unit=unit, standing="bounded"))


def points(found: Effects, told: Sequence[Told], older: Sequence[Told]) -> Grid:
    rival = country_name(found.rival)
    moving = [one for one in told if one.effect.route != "raw"]
    others = [*(one for one in told if one.effect.route == "raw"), *older]
    page = first(
        [*moving, *others],
        len(moving),
        "delivery, still ore or of earlier years",
        "deliveries, still ore or of earlier years",
    )
    return Grid(
        title=f"Points removed in the place of what {rival} ships",
        columns=(
            Column("Delivery"),
            Column("Mass", numeric=True),
            Column("of use", numeric=True),
            *_measured(rival),
        ),
        rows=tuple(_amounts(one) for one in page.kept),
        folded=page.said,
        rest=tuple(_amounts(one) for one in page.left),
    )


def _measured(rival: str) -> tuple[Column, ...]:
    return (
        Column("Import dependence", numeric=True),
        Column(f"{rival}, all forms", numeric=True),
        Column(f"{rival}, shipped of this form", numeric=True),
        Column(f"{rival}, mined of this form", numeric=True),
    )


def _amounts(told: Told) -> tuple[Cell, ...]:
    return (
        cell(strong(told.label), below=told.below),
        figure_cell(told.key("tonnes"), told.effect.tonnes),
        figure_cell(told.key("share_of_use"), told.effect.share_of_use),
        *_removed_cells(told, "rival"),
    )


def _removed_cells(told: Told, case: str) -> Iterator[Cell]:
    of: Removed = told.effect.case(case)
    for measure in MEASURES:
        value: Figure = getattr(of, measure)
        yield figure_cell(told.key(case, measure), points_of(value), below=limits(value))


def takes(found: Effects, told: Sequence[Told]) -> Iterator[Grid]:
    """How many tonnes a point takes in each form of which imports are told."""
    rival = country_name(found.rival)
    seen: dict[tuple[str, str], Told] = {}
    for one in told:
        if one.effect.form and one.effect.route == "imported" and one.effect.reference.form_imports.known:
            seen.setdefault((one.effect.commodity, one.effect.form), one)
    if not seen:
        return
    fields = ("form_imports", "form_share", "form_mined", "form_point", "mined_point")
    yield Grid(
        title="One point in tonnes, form by form",
        columns=(
            Column("Form"),
            Column("Imports", numeric=True),
            Column(f"{rival} shipped", numeric=True),
            Column(f"{rival} mined", numeric=True),
            Column("A point of what it ships", numeric=True),
            Column("A point of what it mined", numeric=True),
        ),
        rows=tuple(
            (
                cell(strong(one.effect.plain.capitalize()), below=one.effect.form.replace("-", " ")),
                *(figure_cell(one.key("reference", field), getattr(one.effect.reference, field)) for field in fields),
            )
            for one in seen.values()
        ),
    )


def cases_apart(found: Effects, told: Sequence[Told]) -> Iterator[Grid]:
    """All three cases of every delivery that moves anything, as far as it is known how much it is."""
    rival = country_name(found.rival)
    told = [one for one in told if one.effect.route != "raw" and one.effect.tonnes.standing != "unknown"]
    if not told:
        return
    places = {case: words or f"what {rival} ships" for case, words in CASES.items()}
    yield Grid(
        title="The same by what it takes the place of",
        columns=(Column("Delivery"), Column("In the place of"), *_measured(rival)),
        rows=tuple(
            (cell(strong(one.label), below=one.below), cell(places[case]), *_removed_cells(one, case))
            for one in told
            for case in CASES
        ),
        folded=(sentence("Below zero it adds to it: what comes on top makes a country import more."),),
        closed=True,
    )


def settled(told: Sequence[Told]) -> Iterator[Grid]:
    """What would make known what is not, each once, with the deliveries that wait for it."""
    wanted: dict[str, dict[str, None]] = {}
    for one in told:
        case = one.effect.case("rival")
        figures = (one.effect.tonnes, *(getattr(case, measure) for measure in MEASURES))
        for act in (act for of in figures if not of.known for act in of.settle):
            wanted.setdefault(act.detail, {})[one.label] = None
    if wanted:
        yield Grid(
            title="What would settle what is unknown",
            columns=(Column("Needed"), Column("For")),
            rows=tuple((cell(name(detail, limit=LONG)), cell("; ".join(of))) for detail, of in wanted.items()),
            closed=True,
        )
