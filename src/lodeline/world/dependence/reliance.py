"""Net import reliance after USGS: published figures against what the edition's own figures give, by its definitions.

Apparent consumption is what is produced, and imported, and taken out of stock, less what is exported; net import
reliance is the part of it that is not produced::

    consumption = production + imports - exports + (stocks at the beginning - stocks at the end)
    net imports =              imports - exports + (stocks at the beginning - stocks at the end)
    reliance    = 100 * net imports / consumption = 100 * (consumption - production) / consumption

Which lines of the edition these are is said commodity by commodity in its notes, and kept as data in
``tables/usgs_reliance.toml``. Every figure is taken with the limits that its rounding leaves; what is withheld is 0 or
more, and never 0.

Source: the notes of each line of USGS, Mineral Commodity Summaries 2026, doi:10.5066/P1WKQ63T.
"""

from __future__ import annotations

from collections.abc import Sequence

from lodeline.errors import NotFoundError, Settle
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure, unknown
from lodeline.world.dependence.reliance_answers import Agreement, Compared, Reliance, Way
from lodeline.world.dependence.reliance_limits import NOTHING_KNOWN, Span, share_span, sum_span
from lodeline.world.dependence.reliance_recipes import Recipe, Recipes, recipes_of
from lodeline.world.dependence.reliance_terms import Counted, Year, untold
from lodeline.world.dependence.reliance_verdict import Otherwise, compared, in_whole_points, of_percent, why
from lodeline.world.statistics.commodity import commodity_named
from lodeline.world.statistics.edition import Row, Table


def reliance(table: Table, commodity: str, year: str, form: str | None = None) -> Reliance:
    """Net import reliance on one commodity in one year, published and computed.

    Args:
        table: The edition, or one with changed figures.
        commodity: Its name, or the symbol of its element: ``antimony``, ``Sb``.
        year: A year of the edition.
        form: Which of its lines of net import reliance; None where it has one only.

    Raises:
        NotFoundError: ``world.reliance_edition``, ``world.reliance_commodity``, ``world.reliance_form``,
            ``world.reliance_year``, ``world.commodity_unknown``. InputError: ``world.commodity_ambiguous``.
    """
    recipes = recipes_of(table)
    found = _recipes(recipes, commodity)
    chosen = [one for one in found if form is None or one.form == form]
    if len(chosen) != 1:
        raise NotFoundError(
            "world.reliance_form",
            f"{found[0].commodity} has {len(found)} line(s) of net import reliance; name the form of one: "
            f"{', '.join(one.form or 'the empty one' for one in found)}.",
            form=visible(form or ""),
        )
    (answer,) = _answers(table, recipes, chosen, year)
    return answer


def agreement(table: Table, commodity: str = "", year: str = "") -> Agreement:
    """Every net import reliance that an edition publishes against what its own figures give.

    Args:
        table: The edition, or one with changed figures.
        commodity: Only of this, by its name or the symbol of its element; empty for all.
        year: Only of this year; empty for all.

    Raises:
        NotFoundError, InputError: as :func:`reliance`.
    """
    recipes = recipes_of(table)
    chosen = _recipes(recipes, commodity) if commodity else recipes.recipe
    return Agreement(
        edition=table.edition, source=recipes.source, rows=tuple(_answers(table, recipes, chosen, year or None))
    )


def _recipes(recipes: Recipes, commodity: str) -> tuple[Recipe, ...]:
    """The recipes of a commodity, at least one."""
    name = commodity_named(commodity).name
    found = tuple(one for one in recipes.recipe if one.commodity == name)
    if not found:
        raise NotFoundError(
            "world.reliance_commodity",
            f"{recipes.edition} has no net import reliance of {name}; lodeline world reliance lists those it has.",
            commodity=name,
        )
    return found


def _answers(table: Table, recipes: Recipes, chosen: Sequence[Recipe], year: str | None) -> list[Reliance]:
    """What is answered of some recipes in a year, or in all that the edition publishes."""
    answers, years = [], dict[str, None]()
    for recipe in chosen:
        rows = table.select(
            commodity=recipe.commodity, country=recipes.country, measure="net-import-reliance", form=recipe.form
        )
        every = tuple(row.period for row in rows)
        years.update(dict.fromkeys(every))
        answers += [
            _answer(Year(table=table, recipes=recipes, recipe=recipe, year=row.period, years=every), row)
            for row in rows
            if year in (None, row.period)
        ]
    if not answers:
        raise NotFoundError(
            "world.reliance_year",
            f"{table.edition} has no such net import reliance in {visible(year or 'any year')}; "
            f"it has {', '.join(years) or 'no year'}.",
        )
    return answers


def _answer(asked: Year, row: Row) -> Reliance:
    """One published figure and the computed one."""
    way, counted = _way(asked)
    said, rounded = _shares(counted) if way else (NOTHING_KNOWN, NOTHING_KNOWN)
    settle = _settle(asked) if way in ("", "limits") else ()
    inputs = tuple(one.row.key for one in counted if one.row is not None)
    computed = _figure(of_percent(said), of_percent(rounded), "P1", inputs, settle)
    limits = way == "limits" or any(one.only_limits for one in counted)
    unpublished = asked.recipe.unpublished.get(asked.year, "")
    found = compared(
        row, in_whole_points(row), computed, of_percent(said), limits=limits, unpublished=bool(unpublished)
    )
    used = _consumption(asked)
    return Reliance(
        commodity=asked.recipe.commodity,
        form=asked.recipe.form,
        year=asked.year,
        edition=asked.table.edition,
        way=way,
        reliance=found,
        consumption=used,
        nothing_produced=rounded == Span(1.0, 1.0),
        why=(unpublished,) if unpublished else why(asked, way, found, used, _otherwise(asked, found, way), row),
        read=asked.recipe.read,
        readings=asked.recipe.readings,
        inputs=inputs,
    )


def _otherwise(asked: Year, found: Compared, way: Way) -> Otherwise:
    """What other ways give of a figure that differs by its lines."""
    if found.verdict != "differs" or way != "lines":
        return Otherwise()
    whole = asked.published(asked.recipe.consumption)
    over = () if whole is None or not whole.told else (*asked.net, whole)
    return Otherwise(
        over_published=of_percent(_shares(over)[0]),
        less_production=of_percent(_shares(_less_production(asked) or ())[1]),
    )


def _way(asked: Year) -> tuple[Way, tuple[Counted, ...]]:
    """The first way that what is told allows, and what it counts.

    The order is fixed: by lines, over the published consumption, by the published consumption less production, by
    limits. So no way is taken because its answer fits.
    """
    by_lines, in_net = asked.lines, [one for one in asked.missing if one.in_net]
    percent_of = asked.published(asked.recipe.percent_of)
    if asked.recipe.percent_of:
        by_lines = () if percent_of is None else (*asked.net, percent_of)
    every_line = bool(by_lines) and all(one.row is not None for one in by_lines)
    complete = every_line and not (in_net if percent_of is not None else asked.missing)
    if complete and not untold(by_lines) and asked.net:
        return "lines", by_lines
    whole = percent_of or asked.published(asked.recipe.consumption)
    if whole is not None and whole.told and asked.net and not in_net and not untold(asked.net):
        return "published consumption", (*asked.net, whole)
    less = _less_production(asked)
    if less is not None:
        return "less production", less
    if complete and asked.net:
        return "limits", by_lines
    return "", ()


def _less_production(asked: Year) -> tuple[Counted, ...] | None:
    """Published consumption less production; None where either is not told, or that is not what net imports are."""
    recipe = asked.recipe
    if recipe.net is not None or any(not one.in_net for one in asked.missing):
        return None
    if untold(asked.production) or not (asked.production or recipe.none_produced):
        return None
    whole, over = asked.published(recipe.consumption), asked.published(recipe.percent_of)
    if whole is None and all(one.printed is not None and one.printed.most == 0 for one in asked.production):
        # What users report is not what is left of production and trade; but where nothing is produced it is known that
        # all of it came from elsewhere.
        whole = over
    if whole is None or not whole.told or (over is not None and not over.told):
        return None
    made = [one._replace(net=-1, used=0) for one in asked.production]
    if over is None or over == whole:
        return (whole._replace(net=1), *made)
    return (whole._replace(net=1, used=0), over, *made)


def _shares(counted: Sequence[Counted]) -> tuple[Span, Span]:
    """Net imports over consumption, from figures as printed and with their rounding."""
    if not counted:
        return NOTHING_KNOWN, NOTHING_KNOWN
    return share_span([one.said() for one in counted]), share_span([one.rounded() for one in counted])


def _consumption(asked: Year) -> Compared | None:
    """The published consumption against the sum of its lines; None where there is no such line or sum."""
    published = asked.published(asked.recipe.consumption)
    if published is None or published.row is None or published.printed is None:
        return None
    used = [one for one in asked.lines if one.used]
    told = used and not untold(used) and not asked.missing
    said, rounded = (
        (sum_span([(one.used, one.said()) for one in used]), sum_span([(one.used, one.rounded()) for one in used]))
        if told
        else (NOTHING_KNOWN, NOTHING_KNOWN)
    )
    keys = tuple(one.row.key for one in used if one.row is not None)
    computed = _figure(said, rounded, published.row.unit, keys, ())
    limits = any(one.only_limits for one in used)
    printed = Span(published.printed.least, published.printed.most) if published.told else NOTHING_KNOWN
    return compared(published.row, printed, computed, said, limits=limits, relative=True)


def _figure(said: Span, rounded: Span, unit: str, rests_on: tuple[str, ...], settle: tuple[Settle, ...]) -> Figure:
    """A value where printed inputs give one, with the limits that rounding leaves; else limits, or unknown."""
    low, high = rounded
    if said.low is not None and said.low == said.high:
        return Figure(value=said.low, low=low, high=high, unit=unit, standing="computed", rests_on=rests_on)
    if low is None and high is None:
        return unknown(unit, *settle, rests_on=rests_on)
    return Figure(value=None, low=low, high=high, unit=unit, standing="bounded", rests_on=rests_on, settle=settle)


def _settle(asked: Year) -> tuple[Settle, ...]:
    """What would make it known: the lines that are withheld, and what the edition has no line of."""
    over = asked.published(asked.recipe.percent_of)
    counted = asked.lines if over is None else (*asked.net, over)
    lines = [f"{one.line.replace(':', ' ').strip()} in {one.year}" for one in untold(counted)]
    wanted = [*lines, *(f"{one.what} in {asked.year}" for one in asked.missing if one.in_net or over is None)]
    subject = f"{asked.table.edition}:{asked.recipe.commodity}"
    return tuple(Settle(act="document", subject=subject, detail=f"{text[0].upper()}{text[1:]}.") for text in wanted)
