"""Counting: which imports and which use an element's tonnes are set against, wherever that is told.

Of some commodities it is written out, with how home-made metal counts. Of others it follows from how the publisher
makes up net import reliance, where that counts imports of the element itself in forms that are told apart.
"""

from __future__ import annotations

from functools import cache

import msgspec

from lodeline.world.dependence.reliance_recipes import Recipe, shipped_recipes
from lodeline.world.statistics.commodity import Commodity, commodities, commodity_of, compared
from lodeline.world.trade.forms import TradedForm, forms

ELEMENT, IMPORTS, USE = "element", "imports", "apparent-consumption"
UNTOLD = "untold"
"""A line that no edition has, so that what is asked of it is unknown."""


@cache
def counted_as(element: str) -> Commodity | None:
    """The commodity under which an element or group is set against imports and use; None where nothing tells how."""
    return commodity_of(element) or next((one for one in _recited() if one.element == element), None)


def counted() -> tuple[Commodity, ...]:
    """Every commodity of which it is told."""
    return (*compared(), *_recited())


@cache
def _recited() -> tuple[Commodity, ...]:
    """Those of which only the definition of net import reliance tells it."""
    written = {one.name for one in compared()}
    found = []
    for name, every in forms().items():
        commodity = commodities().get(name)
        if commodity is None or name in written or commodity.basis != ELEMENT or not commodity.element:
            continue
        fitting = [one for recipe in _recipes(name) if (one := _by(commodity, recipe, every)) is not None]
        # Where there are several, nothing says which of them is meant.
        found += fitting if len(fitting) == 1 else []
    return tuple(found)


def _recipes(name: str) -> list[Recipe]:
    return [one for one in shipped_recipes().recipe if one.commodity == name]


def _by(commodity: Commodity, recipe: Recipe, every: tuple[TradedForm, ...]) -> Commodity | None:
    """The commodity as a recipe counts it; None where a line is of no form, or none of its forms is metal."""
    lines = [line.partition(":") for line in recipe.net_parts.imports]
    traded = tuple(form for measure, _, form in lines if measure == IMPORTS and form)
    on = [one for one in every if any(line in traded for line in one.imports)]
    if not traded or len(traded) < len(lines) or not any(one.stage == "refined" for one in on):
        return None
    measure, _, use = recipe.consumption.partition(":")
    # A share that is of a part of the lines only is none of the whole.
    whole = {line for one in on for line in one.imports} >= set(traded)
    shares = {one.share for one in on} if whole else set()
    return msgspec.structs.replace(
        commodity,
        traded=traded,
        imported=f"{commodity.plain} ({'; '.join(line.replace('-', ' ') for line in traded)})",
        apart="other forms",
        consumption_form=use if measure == USE else UNTOLD,
        reliance_form=recipe.form,
        share_form=shares.pop() if len(shares) == 1 else UNTOLD,
    )
