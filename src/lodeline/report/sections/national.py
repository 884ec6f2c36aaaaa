"""National figures: what the lots are against output, imports and use, and what a point of dependence takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lodeline.chemistry.elements import elements
from lodeline.report.given import Compared, Given
from lodeline.report.model import Block, Chart, Column, Grid, Part, Prose, Section, Sentence
from lodeline.report.wording import (
    cell,
    counted,
    drawn,
    figure,
    figure_cell,
    harmless,
    listed,
    name,
    number,
    sentence,
    shown,
    strong,
)
from lodeline.units.figure import Figure, ratio
from lodeline.world.country import country_name, with_article
from lodeline.world.national import Comparison, figure_of, share_of_world
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import OTHER, WORLD, Table

FIGURES = (
    "origin_output",
    "share_of_origin_output",
    "imports",
    "share_of_imports",
    "consumption",
    "share_of_consumption",
    "reliance",
    "reliance_point",
    "rival_share",
    "rival_point",
    "rival_points",
)
"""Fields of a comparison that are shown; each is a figure ``national/<element>/from <country>/<field>``."""

ELEMENTS_SAID = 2
"""Elements of one commodity whose masses stand beside its name in the picture."""
WORLD_SHARE = "national/world share"
"""What the names of figures begin with that are shares of a country in the world's mine output."""
LARGEST = 3
"""Countries beside the rival and the origin of which two editions are compared."""
TICKS = tuple(10.0**power for power in range(-6, 10))


def national(given: Given, before: tuple[Section, ...]) -> Section:
    """What the lots of the book are against national figures."""
    title = "How it compares with national figures"
    if not given.compared:
        said = sentence(
            "Nothing is compared: ",
            "nothing that is held names an element the edition reports."
            if given.holdings
            else "the book holds no lot.",
        )
        return Section(name="national", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    figures = {key_for(one, field): getattr(one.comparison, field) for one in given.compared for field in FIGURES}
    figures |= {key_for(one, "mass"): one.mass for one in given.compared}
    figures |= {key_for(one, "output_points"): output_points(one) for one in given.compared}
    blocks: list[Block] = [Prose(sentences=(_lead(given),), weight="lead")]
    # The chart carries its table with it; without one the table stands by itself.
    blocks += [_chart(given) or _points(given), _sources(given.table)]
    blocks += [_lots(given), *_stories(given), *_editions(given, figures)]
    return Section(name="national", title=title, blocks=tuple(blocks), figures=figures)


def key_for(one: Compared, field: str) -> str:
    """The name of a figure of one comparison."""
    whence = f"from {one.comparison.origin or 'nowhere that is known'}{'' if one.stated else ', origin not stated'}"
    return f"national/{one.comparison.element}/{whence}/{field}"


def is_world_share(key: str) -> bool:
    """Whether a figure is a share of the world, and so rests on the rows of all its countries."""
    return key.startswith(f"{WORLD_SHARE}/")


def output_points(one: Compared) -> Figure:
    """What the whole reported output of the origin would move the rival's share of imports by, P1."""
    return ratio(one.comparison.origin_output, one.comparison.rival_point, unit="P1")


def _lead(given: Given) -> Sentence:
    """The most telling thing that can be said without a single weighing: how far the whole output would go."""
    told = [one for one in given.compared if one.comparison.origin_output.known]
    if not told:
        return sentence(
            "The edition names no output of the country the lots are from, "
            "so nothing can be said of how far all of it would go."
        )
    one = next((one for one in told if output_points(one).known), told[0])
    of = one.comparison
    output = (
        f"All the {one.plain} that {country_name(of.origin)} is reported to have mined in {of.year} is ",
        figure(key_for(one, "origin_output"), of.origin_output),
    )
    imported = f"the {commodities()[of.commodity].imported} that {with_article(of.destination)} imports"
    if not output_points(one).known:
        return sentence(
            *output,
            "; how far that would go is ",
            figure(key_for(one, "output_points"), output_points(one)),
            f", for this edition does not give how much there is of {imported}.",
        )
    return sentence(
        *output,
        f". It would move {country_name(of.rival)}'s share of {imported} by at most ",
        figure(key_for(one, "output_points"), as_points(output_points(one))),
        f": that much if all of it came in such a form, in the place of material from {country_name(of.rival)}.",
    )


def as_points(of: Figure) -> Figure:
    """A difference of two percentages is a number of points; the unit is written out."""
    return Figure(value=of.value, u=of.u, low=of.low, high=of.high, unit="percentage points", standing=of.standing)


def _points(given: Given) -> Grid:
    """What one percentage point takes, by commodity."""
    first = given.compared[0].comparison
    rival, home = country_name(first.rival), with_article(first.destination)
    rows = []
    for one in _by_commodity(given):
        of = one.comparison
        rows.append(
            (
                cell(strong(one.plain.capitalize()), below=_counts(one)),
                figure_cell(
                    key_for(one, "imports"), of.imports, below=f"{commodities()[of.commodity].imported}, {of.year}"
                ),
                figure_cell(key_for(one, "rival_share"), of.rival_share, below=of.share_period.replace("-", "–")),
                figure_cell(key_for(one, "rival_point"), of.rival_point, below="a year"),
                figure_cell(key_for(one, "reliance"), of.reliance, below=of.year),
                figure_cell(key_for(one, "reliance_point"), of.reliance_point, below="a year"),
            )
        )
    return Grid(
        title="What one percentage point takes",
        columns=(
            Column("Commodity"),
            Column(f"Imports of {home}", numeric=True),
            Column(f"of them from {rival}", numeric=True),
            Column(f"One point of {rival}'s share", numeric=True),
            Column("Net import reliance", numeric=True),
            Column("One point of reliance", numeric=True),
        ),
        rows=tuple(rows),
        folded=(
            sentence(
                f"A point of {rival}'s share is a hundredth of the imports: so much must come from elsewhere instead, "
                "at an unchanged total. A point of reliance is a hundredth of apparent consumption: so much must be "
                "made at home instead of imported. Material from another country moves the first, not the second."
            ),
        ),
    )


def _lots(given: Given) -> Grid:
    """The lots of the book against the figures of their element."""
    home = with_article(given.compared[0].comparison.destination)
    rival = country_name(given.compared[0].comparison.rival)
    rows = []
    for one in given.compared:
        of = one.comparison
        rows.append(
            (
                cell(
                    strong(_element(one)),
                    below=f"{counted(one.holdings, 'lot')}, {_whence(one)}",
                ),
                figure_cell(key_for(one, "mass"), one.mass),
                figure_cell(key_for(one, "share_of_origin_output"), of.share_of_origin_output, below=_of_group(one)),
                figure_cell(key_for(one, "share_of_imports"), of.share_of_imports, below=_of_group(one)),
                figure_cell(key_for(one, "share_of_consumption"), of.share_of_consumption, below=_of_group(one)),
                figure_cell(key_for(one, "rival_points"), of.rival_points, below=_of_group(one)),
            )
        )
    unstated = sum(not one.stated for one in given.compared)
    note = (
        "Where the lots marked as shipped from a country were mined nobody states: they are set against the mine "
        "output of that country, which is no origin."
    )
    return Grid(
        title="The lots of this book",
        columns=(
            Column("Contained"),
            Column("Mass", numeric=True),
            Column("of that country's mine output", numeric=True),
            Column(f"of imports of {home}", numeric=True),
            Column(f"of use in {home}", numeric=True),
            Column(f"Points of {rival}'s share", numeric=True),
        ),
        rows=tuple(rows),
        folded=(sentence(note),) if unstated else (),
    )


def _stories(given: Given) -> Iterator[Block]:
    """What the edition says of each commodity, and what it does not."""
    for one in _by_commodity(given):
        of = one.comparison
        said = [
            sentence(
                strong(f"{one.plain.capitalize()}. "),
                f"{country_name(of.origin) or 'The unknown origin'}'s mine output in {of.year}: ",
                figure(key_for(one, "origin_output"), of.origin_output),
                *(
                    [", which is what all countries have together that this edition does not name"]
                    if of.origin_output.standing == "bounded"
                    else []
                ),
                f". Apparent consumption of {with_article(of.destination)} in {of.year}: ",
                figure(key_for(one, "consumption"), of.consumption),
                ".",
            )
        ]
        if not of.separate:
            others = sorted(
                {each.comparison.element for each in given.compared if each.comparison.commodity == of.commodity}
            )
            said.append(
                sentence(
                    *listed(others),
                    " are not reported by themselves" if len(others) > 1 else " is not reported by itself",
                    ": the edition gives all rare earths together, as rare-earth-oxide equivalent. "
                    "A share of those is no share of the use of any one of them, which stays ",
                    figure("", Figure(value=None, unit="P1", standing="unknown")),
                    ".",
                )
            )
        commodity = commodities()[of.commodity]
        said.append(
            sentence(
                f"Imports are those of {commodity.imported}; {commodity.apart} are counted apart and not among them. "
                f"By the publisher's definition, {commodity.smelted}."
            )
        )
        yield Prose(sentences=tuple(said))


def _sources(*tables: Table) -> Prose:
    """Where the editions that a picture rests on were published."""
    parts: list[str | Part] = []
    for table in tables:
        source = "; ".join(dict.fromkeys(row.source for row in table.rows))
        parts += ["; " if parts else "", name(table.edition), " (", name(source, limit=200), ")"]
    return Prose(sentences=(sentence("Sources: " if tables[1:] else "Source: ", *parts, "."),), weight="note")


def _editions(given: Given, figures: dict[str, Figure]) -> Iterator[Chart | Prose]:
    """The same year in another edition, where lodeline ships one: who mined how much of the world's output."""
    other = given.other_edition
    if other is None or other.edition == given.table.edition:
        return
    told = [one for of in _by_commodity(given) for one in _told_twice(of.comparison, of.plain, other, given.table)]
    if not told:
        return
    figures |= {key: of for one in told for key, of in one.figures()}
    old, new = harmless(other.edition), harmless(given.table.edition)
    ends = [of.value for one in told for of in (one.old, one.new) if of.value is not None]
    plains = list(dict.fromkeys(one.plain for one in told))
    yield Chart(
        name="editions",
        kind="editions",
        title="Editions matter: shares of the world's mine output",
        below=(
            f"The same year, as {old} and {new} give it: {country_name(given.compared[0].comparison.rival)}, the "
            "origin of the lots, and who mined most by the older one. The publisher revises."
        ),
        alt="; ".join(f"{country_name(one.country)}, {one.plain}: {shown(one.old)}, {shown(one.new)}" for one in told),
        data={
            "groups": [
                {"label": plain.capitalize(), "rows": [one.row(old, new) for one in told if one.plain == plain]}
                for plain in plains
            ],
            "reach": max(ends, default=0.0),
            "words": {"x": "% of the world's mine output", "old": old, "new": new},
        },
        behind=_twice(told, old, new),
    )
    yield _sources(other, given.table)


class Twice(NamedTuple):
    """A country's share of the world's mine output in two editions, P1, with its output as each prints it."""

    commodity: str
    plain: str
    country: str
    year: str
    old: Figure
    new: Figure
    editions: tuple[str, str]
    printed: tuple[str, str]

    @property
    def moved(self) -> Figure:
        """By how many points."""
        return Figure(
            value=(self.new.value or 0.0) - (self.old.value or 0.0),
            unit="P1",
            standing="computed",
            rests_on=tuple(dict.fromkeys((*self.old.rests_on, *self.new.rests_on))),
        )

    def key(self, what: str) -> str:
        """The name of one of its figures."""
        return f"{WORLD_SHARE}/{self.commodity}/{self.country}/{what}"

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Both shares, and by how much they differ."""
        yield self.key(self.editions[0]), self.old
        yield self.key(self.editions[1]), self.new
        yield self.key("moved"), self.moved

    def row(self, old: str, new: str) -> dict[str, Any]:
        """What the browser draws."""
        moved = shown(as_points(self.moved))
        said = [f"{old}: {shown(self.old)}, {self.printed[0]}", f"{new}: {shown(self.new)}, {self.printed[1]}", moved]
        return {
            "label": country_name(self.country),
            "said": f"{shown(self.old)} to {shown(self.new)}",
            "old": drawn(self.old.value or 0.0),
            "new": drawn(self.new.value or 0.0),
            "told": "\n".join((country_name(self.country), *said)),
        }


def _told_twice(of: Comparison, plain: str, other: Table, table: Table) -> Iterator[Twice]:
    """Of one commodity the rival, the origin, and who mined most by the older edition, as far as both tell."""
    commodity = commodities()[of.commodity]
    mined = other.select(commodity=of.commodity, measure="mine-production", form="", period=of.year)
    largest = sorted(
        (row for row in mined if row.value is not None and row.country not in (WORLD, OTHER)),
        key=lambda row: (-(row.value or 0), row.country),
    )
    countries = (of.rival, of.origin, *(row.country for row in largest[:LARGEST]))
    for country in dict.fromkeys(one for one in countries if one):
        old, new = (share_of_world(each, commodity, country, of.year) for each in (other, table))
        if old.known and new.known:
            printed = [_printed(each, of.commodity, country, of.year) for each in (other, table)]
            editions = (other.edition, table.edition)
            yield Twice(of.commodity, plain, country, of.year, old, new, editions, (printed[0], printed[1]))


def _printed(table: Table, commodity: str, country: str, year: str) -> str:
    row = table.row(commodity, country, "mine-production", "", year)
    return "" if row is None else shown(figure_of(row))


def _twice(told: Sequence[Twice], old: str, new: str) -> Grid:
    return Grid(
        title="Shares of the world's mine output in two editions",
        columns=(
            Column("Country"),
            Column(old, numeric=True),
            Column(new, numeric=True),
            Column("Moved by", numeric=True),
        ),
        rows=tuple(
            (
                cell(strong(country_name(one.country)), below=f"{one.plain}, mined in {one.year}"),
                figure_cell(one.key(one.editions[0]), one.old, below=one.printed[0]),
                figure_cell(one.key(one.editions[1]), one.new, below=one.printed[1]),
                figure_cell(one.key("moved"), as_points(one.moved)),
            )
            for one in told
        ),
        folded=(sentence("A figure without its edition says little."),),
    )


def _chart(given: Given) -> Chart | None:
    """A point of dependence in tonnes: how much each commodity takes."""
    rows = [one for one in _by_commodity(given) if one.comparison.rival_point.known]
    values = [x.value for one in rows for x in (one.comparison.rival_point, one.comparison.reliance_point) if x.value]
    if not values:
        return None
    low = max(tick for tick in TICKS if tick <= min(values))
    high = min(tick for tick in TICKS if tick >= max(values) and tick > low)
    first = rows[0].comparison
    rival = country_name(first.rival)
    home = with_article(first.destination)
    facets = []
    for field, title in (
        ("rival_point", f"One point of {rival}'s share of imports of {home}"),
        ("reliance_point", f"One point of net import reliance of {home}"),
    ):
        points = []
        for one in rows:
            of: Figure = getattr(one.comparison, field)
            points.append(
                {"value": of.value, "text": shown(of), "told": f"{one.plain.capitalize()}: {shown(of)} a year"}
            )
        facets.append({"title": title, "points": points})
    ticks = {f"{tick:.12g}": number(tick) for tick in TICKS if low <= tick <= high}
    said = "; ".join(
        f"{one.plain} {shown(one.comparison.rival_point)} for {rival}'s share, "
        f"{shown(one.comparison.reliance_point)} for reliance"
        for one in rows
    )
    return Chart(
        name="point",
        kind="point",
        title="A point of dependence in tonnes",
        below=f"Contained tonnes a year, on a logarithmic scale, by the figures of {first.year}",
        alt=f"Dots on a logarithmic scale. {said}.",
        data={
            "rows": [{"label": one.plain.capitalize(), "said": _in_book(given, one)} for one in rows],
            "facets": facets,
            "low": low,
            "high": high,
            "ticks": ticks,
        },
        behind=_points(given),
    )


def _of_group(one: Compared) -> str:
    """What a share is really of, where the edition reports no element of the group by itself."""
    return "" if one.comparison.separate else f"of all {one.plain}"


def _whence(one: Compared) -> str:
    country = country_name(one.comparison.origin)
    if not country:
        return "from a country nobody states"
    return f"mined in {country}" if one.stated else f"shipped from {country}"


def _in_book(given: Given, one: Compared) -> str:
    """What the book holds of a commodity, element by element where it is asked for several."""
    masses = [each for each in given.compared if each.comparison.commodity == one.comparison.commodity]
    if len(masses) == 1 or not any(each.mass.known for each in masses):
        return f"in this book: {shown(masses[0].mass)}"
    return ", ".join(f"{each.comparison.element} {shown(each.mass)}" for each in masses[:ELEMENTS_SAID])


def _by_commodity(given: Given) -> list[Compared]:
    """One comparison a commodity: what does not depend on the mass is the same for all of them."""
    first: dict[str, Compared] = {}
    for one in given.compared:
        first.setdefault(one.comparison.commodity, one)
    return list(first.values())


def _counts(one: Compared) -> str:
    return "oxide equivalent" if one.comparison.basis == "REO" else f"contained {one.comparison.counted_as}"


def _element(one: Compared) -> str:
    """An element by its name and symbol; a declared group by its own word."""
    known = elements().get(one.comparison.element)
    return f"{known.name.capitalize()}, {known.symbol}" if known else one.comparison.element
