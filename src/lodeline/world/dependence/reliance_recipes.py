"""Recipes of net import reliance: which lines of an edition make it up, and where the edition says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources

import msgspec

from lodeline.errors import NotFoundError
from lodeline.world.dependence.reliance_printed import Rounding
from lodeline.world.statistics.edition import Table


class Missing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a definition names and the edition has no line of.

    Attributes:
        what: In words.
        years: In which years the definition names it; empty for every year.
        in_net: Whether it counts in net imports, and not in consumption alone.
    """

    what: str
    years: tuple[str, ...] = ()
    in_net: bool = True


class Parts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lines of one sum, each as ``measure:form``.

    Attributes:
        production, imports, exports: Production and imports are added, exports subtracted.
        stocks: Stocks at the end of a year: those of the year before are added, those of the year subtracted.
        released: What left a stock in the year, added.
    """

    production: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    stocks: tuple[str, ...] = ()
    released: tuple[str, ...] = ()


class Recipe(Parts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the publisher makes up one line of net import reliance; a block of ``tables/usgs_reliance.toml``.

    Attributes:
        commodity, form: Of the line of net import reliance.
        production, imports, exports, stocks, released: What makes up consumption; all but production make up net
            imports too.
        net: What makes up net imports, where that is not so.
        consumption: The published line that they make up, as ``measure:form``; empty where none is published.
        percent_of: The published line that net imports are a percentage of, where that is not what they make up.
        released_until: The last year in which the definition counts ``released``; empty where it always does.
        missing: What the definition names and the edition has no line of.
        none_produced: Where it is told that nothing is produced, where no line says so; empty elsewhere.
        digits: Significant digits of a line, where its note says so; ``measure:form:year`` where it does of one year.
        steps: To the nearest so many, in the row's unit.
        unpublished: Years in which the cell of net import reliance holds no figure, with the reason.
        read: Where the definition stands, and what else was read. readings: What else the words may mean; empty where
            they leave no choice.
    """

    commodity: str
    form: str = ""
    net: Parts | None = None
    consumption: str = ""
    percent_of: str = ""
    released_until: str = ""
    missing: tuple[Missing, ...] = ()
    none_produced: str = ""
    digits: Mapping[str, int] = {}
    steps: Mapping[str, Decimal] = {}
    unpublished: Mapping[str, str] = {}
    read: str
    readings: str = ""

    @property
    def net_parts(self) -> Parts:
        """What makes up net imports."""
        return self if self.net is None else self.net

    @property
    def lines(self) -> frozenset[str]:
        """Every line that the recipe names, as ``measure:form``."""
        parts = (self, self.net_parts)
        named = (one.production + one.imports + one.exports + one.stocks + one.released for one in parts)
        return frozenset(line for lines in named for line in lines) | {self.consumption, self.percent_of} - {""}

    def missing_in(self, year: str) -> tuple[Missing, ...]:
        """What the definition names in a year and the edition has no line of."""
        return tuple(one for one in self.missing if not one.years or year in one.years)


class Recipes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The recipes of one edition.

    Attributes:
        edition: Of which. source: Where its definitions stand.
        country: Of whose imports they are, ISO 3166-1 alpha-3.
        digits, estimated_digits: Significant digits of figures and of estimates, where no note says else.
        rounding_read: How that is known.
        recipe: One block a line of net import reliance.
    """

    edition: str
    source: str
    country: str
    digits: int
    estimated_digits: int
    rounding_read: str
    recipe: tuple[Recipe, ...]

    @property
    def rounding(self) -> Rounding:
        """How figures are rounded where no note says else."""
        return Rounding(self.digits, self.estimated_digits)


@cache
def shipped_recipes() -> Recipes:
    """The recipes that come with lodeline."""
    text = (resources.files("lodeline.world") / "tables" / "usgs_reliance.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text, parse_float=Decimal), Recipes)


def recipes_of(table: Table) -> Recipes:
    """The recipes that hold for an edition.

    Raises:
        NotFoundError: ``world.reliance_edition``.
    """
    recipes = shipped_recipes()
    if table.edition != recipes.edition:
        raise NotFoundError(
            "world.reliance_edition",
            f"Lodeline has the definitions of net import reliance of {recipes.edition} alone; give a table of it.",
            edition=table.edition,
        )
    return recipes
