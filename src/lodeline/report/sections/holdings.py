"""Holdings: what is held where, by whom, and how much of each element it contains."""

from __future__ import annotations

from collections import Counter

from lodeline.report.given import Given, SeenHolding
from lodeline.report.lots import together
from lodeline.report.model import Block, Cell, Column, Grid, Part, Prose, Section, Sentence
from lodeline.report.sections.folding import FEW, ROWS_SHOWN, Folded, first, folded
from lodeline.report.wording import (
    UNKNOWN_MASS,
    cell,
    counted,
    figure,
    figure_cell,
    harmless,
    listed,
    name,
    sentence,
    short,
    shown,
    strong,
)
from lodeline.units.figure import Figure, total
from lodeline.world.country import country_name

ELEMENTS_SHOWN = 6
"""Columns of elements; a book with more shows those of most holdings, and says so."""
GROUPS_SHOWN = 40
"""Rows of the summary by material and place."""
PLACES_NAMED = 3
"""Places that the first sentence names; of more it gives the number."""


def holdings(given: Given, before: tuple[Section, ...]) -> Section:
    """What is held where."""
    title = "What is held where"
    if not given.holdings:
        said = sentence(
            "The book holds no lot: no event says that one arose."
            if not given.lots
            else f"{counted(given.lots, 'lot').capitalize()} arose, and none of them is left."
        )
        return Section(name="holdings", title=title, blocks=(Prose(sentences=(said,), weight="lead"),))
    held, basis = together(given.holdings)
    figures = holding_figures(given.holdings) | {"holdings/total/mass": held}
    blocks: list[Block] = [Prose(sentences=_lead(given, held, basis), weight="lead")]
    if len(given.holdings) > ROWS_SHOWN:
        blocks.append(_by_material(given.holdings))
    blocks.append(_places(given))
    if any(holding.elements for holding in given.holdings):
        if len(given.holdings) > ROWS_SHOWN:
            blocks.append(_contained_by_material(given.holdings))
        blocks.append(_elements(given))
    return Section(name="holdings", title=title, blocks=tuple(blocks), figures=figures)


def holding_figures(seen: tuple[SeenHolding, ...]) -> dict[str, Figure]:
    """Mass, moisture, grades and contained masses of every holding, by name."""
    figures: dict[str, Figure] = {}
    for holding in seen:
        figures[f"lots/{holding.key}/mass"] = holding.mass
        if holding.moisture is not None:
            figures[f"lots/{holding.key}/moisture"] = holding.moisture
        for element in holding.elements:
            figures[f"lots/{holding.key}/{element}/grade"] = holding.grades[element]
            figures[f"lots/{holding.key}/{element}/mass"] = holding.contained[element]
    return figures


def _lead(given: Given, held: Figure, basis: str) -> tuple[Sentence, ...]:
    places = list(dict.fromkeys(holding.place.label for holding in given.holdings if holding.place))
    where = (
        listed([name(place) for place in places]) if len(places) <= PLACES_NAMED else [counted(len(places), "place")]
    )
    unknown = sum(not holding.mass.known for holding in given.holdings)
    road = sum(holding.on_the_road for holding in given.holdings)
    first = sentence(
        f"{counted(len(given.holdings), 'holding').capitalize()} of {counted(given.lots, 'lot')}",
        *([" at ", *where] if places else [" at no place that is named"]),
        f", {road:,} of them on the road" if road else "",
        "; together ",
        figure("holdings/total/mass", held),
        f", {basis}" if basis and held.known else "",
        ".",
    )
    if not unknown and not held.known:
        mixed = "Some of these masses are wet and some are dry; they add up once each has its moisture and its basis."
        return (first, sentence(mixed))
    if not unknown:
        return (first,)
    rest = sentence(
        f"The mass of {'each of them' if unknown == len(given.holdings) else f'{unknown:,} of them'} is ",
        figure("", UNKNOWN_MASS),
        ", and so the total is: what is unknown is not counted as nothing.",
    )
    return (first, rest)


def _by_material(seen: tuple[SeenHolding, ...]) -> Grid:
    """Holdings of one material at one place as one row, so that a large book is read at a glance."""
    groups: dict[tuple[str, str], list[SeenHolding]] = {}
    for one in seen:
        where = "on the road" if one.on_the_road else one.place.label if one.place else "not stated"
        groups.setdefault((one.label if one.label != one.lot else "material not stated", where), []).append(one)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = []
    for (label, where), held in ranked:
        known = [one for one in held if one.mass.known]
        mass, basis = together(known)
        below = basis if mass.known else "some wet, some dry" if known else ""
        rows.append(
            (
                cell(name(label)),
                cell(name(where)),
                cell(f"{len(held):,}"),
                cell(shown(mass) if known else Part("unknown", "unknown"), below=below),
                cell(f"{len(held) - len(known):,}" if len(known) < len(held) else "none"),
            )
        )
    page = first(rows, GROUPS_SHOWN, "row")
    return Grid(
        title="What is held, by material and place",
        columns=(
            Column("Material"),
            Column("Place"),
            Column("Holdings", numeric=True),
            Column("Known masses together", numeric=True),
            Column("Of unknown mass", numeric=True),
        ),
        rows=tuple(page.kept),
        folded=page.said,
        rest=tuple(page.left),
    )


def _contained_by_material(seen: tuple[SeenHolding, ...]) -> Grid:
    """What the holdings of each material contain together, as far as it is known."""
    counts = Counter(element for one in seen for element in one.elements)
    elements = [element for element, _ in counts.most_common(ELEMENTS_SHOWN)]
    groups: dict[str, list[SeenHolding]] = {}
    for one in seen:
        groups.setdefault(one.label if one.label != one.lot else "material not stated", []).append(one)
    rows = tuple(
        (
            cell(name(label)),
            *(_contained([one for one in held if element in one.elements], element) for element in elements),
        )
        for label, held in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    )
    hidden = [element for element in counts if element not in elements]
    return Grid(
        title="What is contained, by material",
        columns=(Column("Material"), *(Column(harmless(f"Contained {one}"), numeric=True) for one in elements)),
        rows=rows[:GROUPS_SHOWN],
        folded=(sentence(f"Not shown: {counted(len(hidden), 'further element')}, {', '.join(hidden)}."),)
        if hidden
        else (),
        rest=rows[GROUPS_SHOWN:],
    )


def _contained(held: list[SeenHolding], element: str) -> Cell:
    """The known contents together, and how many are not known."""
    if not held:
        return cell("–")
    known = [one.contained[element] for one in held if one.contained[element].known]
    below = f"{len(held) - len(known):,} of {len(held):,} unknown" if len(known) < len(held) else ""
    if not known:
        return cell(Part("unknown", "unknown"), below=below)
    return cell(figure("", total(known, unit="KGM")), below=below)


def _places(given: Given) -> Grid:
    kept, rest, left = _folded(given)
    return Grid(
        title="Holdings",
        columns=(Column("Lot"), Column("Place"), Column("Owner"), Column("Mass", numeric=True)),
        rows=tuple(_holding(holding) for holding in kept),
        folded=rest,
        rest=tuple(_holding(holding) for holding in left),
    )


def _holding(holding: SeenHolding) -> tuple[Cell, ...]:
    return (
        lot_cell(holding),
        _place(holding),
        cell(name(holding.owner) if holding.owner else "not stated"),
        figure_cell(f"lots/{holding.key}/mass", holding.mass, below=_standing(holding)),
    )


def _standing(holding: SeenHolding) -> str:
    """How a mass is known, and whether its water is in it."""
    if not holding.mass.known:
        return ""
    return f"{holding.mass.standing}, {holding.basis or 'wet or dry not said'}"


def _folded(given: Given) -> Folded[SeenHolding]:
    held = given.holdings
    limit = FEW if len(held) > ROWS_SHOWN else ROWS_SHOWN
    return folded(held, [one.mass for one in held], "holding", bases=[one.basis for one in held], limit=limit)


def _place(holding: SeenHolding) -> Cell:
    if holding.place is None:
        return cell("on the road" if holding.on_the_road else "not stated")
    country = country_name(holding.place.country)
    below = "" if country == holding.place.label else country
    if holding.on_the_road:
        return cell("on the road to ", name(holding.place.label), below=below)
    return cell(name(holding.place.label), below=below)


def lot_cell(holding: SeenHolding) -> Cell:
    """A lot by its label, with its id below."""
    return cell(strong(name(holding.label).text), below="" if holding.label == holding.lot else short(holding.lot))


def _elements(given: Given) -> Grid:
    """Contained mass, holding by element."""
    counts: dict[str, int] = {}
    for holding in given.holdings:
        for element in holding.elements:
            counts[element] = counts.get(element, 0) + 1
    ranked = sorted(counts, key=lambda element: -counts[element])
    elements, hidden = ranked[:ELEMENTS_SHOWN], ranked[ELEMENTS_SHOWN:]
    shown_holdings, rest, left = _folded(given)
    if hidden:
        rest = (*rest, sentence(f"Not shown: {counted(len(hidden), 'further element')}, {', '.join(hidden)}."))
    return Grid(
        title="What each lot contains",
        columns=(
            Column("Lot"),
            Column("Mass", numeric=True),
            *(Column(harmless(f"Contained {element}"), numeric=True) for element in elements),
        ),
        rows=tuple(_contents(holding, elements) for holding in shown_holdings),
        folded=rest,
        rest=tuple(_contents(holding, elements) for holding in left),
    )


def _contents(holding: SeenHolding, elements: list[str]) -> tuple[Cell, ...]:
    key = f"lots/{holding.key}"
    cells = [
        figure_cell(f"{key}/{element}/mass", holding.contained[element]) if element in holding.elements else cell("–")
        for element in elements
    ]
    return (lot_cell(holding), figure_cell(f"{key}/mass", holding.mass), *cells)
