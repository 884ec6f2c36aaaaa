"""National figures: what the lots are against output, imports and use, and what a point of dependence takes."""

from __future__ import annotations

from collections.abc import Iterator

from lodeline.chemistry.elements import elements
from lodeline.report.given import Compared, Given
from lodeline.report.model import Block, Chart, Column, Grid, Prose, Section, Sentence
from lodeline.report.sections.national_editions import by_commodity, editions_apart, sources
from lodeline.report.wording import (
    as_points,
    cell,
    counted,
    figure,
    figure_cell,
    listed,
    number,
    sentence,
    shown,
    strong,
)
from lodeline.units.figure import Figure, ratio
from lodeline.world.country import country_name, with_article
from lodeline.world.statistics.commodity import commodities

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
    blocks += [_chart(given) or _points(given), sources(given.table)]
    blocks += [_lots(given), *_stories(given), *editions_apart(given, figures)]
    return Section(name="national", title=title, blocks=tuple(blocks), figures=figures)


def key_for(one: Compared, field: str) -> str:
    """The name of a figure of one comparison."""
    whence = f"from {one.comparison.origin or 'nowhere that is known'}{'' if one.stated else ', origin not stated'}"
    return f"national/{one.comparison.element}/{whence}/{field}"


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


def _points(given: Given) -> Grid:
    """What one percentage point takes, by commodity."""
    first = given.compared[0].comparison
    rival, home = country_name(first.rival), with_article(first.destination)
    rows = []
    for one in by_commodity(given):
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
    for one in by_commodity(given):
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


def _chart(given: Given) -> Chart | None:
    """A point of dependence in tonnes: how much each commodity takes."""
    rows = [one for one in by_commodity(given) if one.comparison.rival_point.known]
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


def _counts(one: Compared) -> str:
    return "oxide equivalent" if one.comparison.basis == "REO" else f"contained {one.comparison.counted_as}"


def _element(one: Compared) -> str:
    """An element by its name and symbol; a declared group by its own word."""
    known = elements().get(one.comparison.element)
    return f"{known.name.capitalize()}, {known.symbol}" if known else one.comparison.element
