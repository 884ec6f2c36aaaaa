"""Terms of net import reliance: the printed figures of one year that a recipe counts, and what is not told of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

import msgspec

from lodeline.world.dependence.reliance_limits import Term
from lodeline.world.dependence.reliance_printed import Printed, finest_place, printed
from lodeline.world.dependence.reliance_recipes import Missing, Parts, Recipe, Recipes
from lodeline.world.statistics.edition import Row, Table


class Counted(NamedTuple):
    """A line in one year, and how often it counts.

    Attributes:
        line: ``measure:form``. year: of the figure; the year before, for the stocks that a year begins with.
        net, used: In net imports and in consumption.
        row: The figure; None where the edition has no such row.
        printed: Between which limits it lies; None where there is no row.
    """

    line: str
    year: str
    net: int
    used: int
    row: Row | None
    printed: Printed | None

    @property
    def told(self) -> bool:
        """Whether something is printed about it."""
        return self.printed is not None and self.printed.told

    @property
    def only_limits(self) -> bool:
        """Whether it is told by limits that are no rounding: more than, less than, or from one number to another."""
        return self.row is not None and any(self.row.has(code) for code in ("<", ">", ".."))

    def rounded(self) -> Term:
        """As a term, with what rounding may have done."""
        assert self.printed is not None
        return Term(self.net, self.used, self.printed.least, self.printed.most)

    def said(self) -> Term:
        """As a term, as it is printed."""
        assert self.printed is not None
        return Term(self.net, self.used, self.printed.low, self.printed.high)


class Year(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One recipe in one year of an edition."""

    table: Table
    recipes: Recipes
    recipe: Recipe
    year: str
    years: tuple[str, ...]

    @cached_property
    def lines(self) -> tuple[Counted, ...]:
        """Every line that the definition counts, by its own consumption."""
        used = _weights(self.recipe, self.year, self.recipe.released_until, production=True)
        net = _weights(self.recipe.net_parts, self.year, self.recipe.released_until, production=False)
        keys = dict.fromkeys((*used, *net))
        return tuple(
            self._counted(line, year, net.get((line, year), 0), used.get((line, year), 0)) for line, year in keys
        )

    @cached_property
    def net(self) -> tuple[Counted, ...]:
        """The lines of net imports alone."""
        return tuple(one._replace(used=0) for one in self.lines if one.net)

    @cached_property
    def production(self) -> tuple[Counted, ...]:
        """The lines of production alone."""
        return tuple(self._counted(line, self.year, 0, 1) for line in self.recipe.production)

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """What the definition names and the edition has no line of."""
        return self.recipe.missing_in(self.year)

    def published(self, line: str) -> Counted | None:
        """A published consumption as what net imports are a share of; None where the edition gives none."""
        found = self._counted(line, self.year, 0, 1) if line else None
        return None if found is None or found.row is None else found

    def printed(self, row: Row) -> Printed:
        """Between which limits a row of this recipe lies."""
        line = f"{row.measure}:{row.form}"
        recipe = self.recipe
        rows = (self._row(line, year) for year in self.years)
        return printed(
            row,
            self.recipes.rounding,
            finest_place(one for one in rows if one is not None),
            digits=recipe.digits.get(f"{line}:{row.period}", recipe.digits.get(line)),
            step=recipe.steps.get(line),
        )

    def _counted(self, line: str, year: str, net: int, used: int) -> Counted:
        row = self._row(line, year)
        return Counted(line, year, net, used, row, None if row is None else self.printed(row))

    def _row(self, line: str, year: str) -> Row | None:
        measure, form = line.split(":")
        return self.table.row(self.recipe.commodity, self.recipes.country, measure, form, year)


def untold(counted: Iterable[Counted]) -> tuple[Counted, ...]:
    """Those of which nothing is printed."""
    return tuple(one for one in counted if not one.told)


def _weights(parts: Parts, year: str, released_until: str, *, production: bool) -> Mapping[tuple[str, str], int]:
    """How often each line of a year counts in a sum."""
    before = str(int(year) - 1) if year.isdigit() else f"the year before {year}"
    released = parts.released if not released_until or year <= released_until else ()
    counts: dict[tuple[str, str], int] = {}
    for lines, when, weight in (
        (parts.production if production else (), year, 1),
        (parts.imports, year, 1),
        (parts.exports, year, -1),
        (released, year, 1),
        # What a year takes out of stock is there to be used: what it began with less what it ended with.
        (parts.stocks, before, 1),
        (parts.stocks, year, -1),
    ):
        for line in lines:
            counts[line, when] = counts.get((line, when), 0) + weight
    return counts
