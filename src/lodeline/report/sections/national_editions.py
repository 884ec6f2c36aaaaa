"""Editions matter: a country's share of the world's mine output in the same year, as two editions give it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lodeline.report.given import Compared, Given
from lodeline.report.model import Chart, Column, Grid, Part, Prose
from lodeline.report.wording import as_points, cell, drawn, figure_cell, harmless, name, sentence, shown, strong
from lodeline.units.figure import Figure
from lodeline.world.country import country_name
from lodeline.world.national import Comparison, figure_of, share_of_world
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import OTHER, WORLD, Table

WORLD_SHARE = "national/world share"
"""What the names of figures begin with that are shares of a country in the world's mine output."""
LARGEST = 3
"""Countries beside the rival and the origin of which two editions are compared."""


def is_world_share(key: str) -> bool:
    """Whether a figure is a share of the world, and so rests on the rows of all its countries."""
    return key.startswith(f"{WORLD_SHARE}/")


def by_commodity(given: Given) -> list[Compared]:
    """One comparison a commodity: what does not depend on the mass is the same for all of them."""
    first: dict[str, Compared] = {}
    for one in given.compared:
        first.setdefault(one.comparison.commodity, one)
    return list(first.values())


def sources(*tables: Table) -> Prose:
    """Where the editions that a picture rests on were published."""
    parts: list[str | Part] = []
    for table in tables:
        source = "; ".join(dict.fromkeys(row.source for row in table.rows))
        parts += ["; " if parts else "", name(table.edition), " (", name(source, limit=200), ")"]
    return Prose(sentences=(sentence("Sources: " if tables[1:] else "Source: ", *parts, "."),), weight="note")


def editions_apart(given: Given, figures: dict[str, Figure]) -> Iterator[Chart | Prose]:
    """The same year in another edition, where lodeline ships one: who mined how much of the world's output."""
    other = given.other_edition
    if other is None or other.edition == given.table.edition:
        return
    told = [one for of in by_commodity(given) for one in _told_twice(of.comparison, of.plain, other, given.table)]
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
    yield sources(other, given.table)


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
