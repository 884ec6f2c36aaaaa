"""The effect of deliveries: points of import dependence and of the rival's share that tonnes a year remove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from typing import NamedTuple

import msgspec

from lodeline.errors import Settle
from lodeline.units.figure import Figure, product, ratio, unknown
from lodeline.world.effect import displacement
from lodeline.world.effect.answer import Effect, Effects, Removed
from lodeline.world.effect.displacement import DISPLACEMENTS, Displacement, Route
from lodeline.world.effect.forms import SMELTED, UNSAID, DeliveredForm, is_counted
from lodeline.world.effect.market import Market
from lodeline.world.effect.reference import Setting, setting
from lodeline.world.effect.saying import said_of
from lodeline.world.effect.span import HUNDRED, NOTHING, Span, figure, span
from lodeline.world.effect.supplied import Supplied, on_basis
from lodeline.world.effect.trading import Traders, untold
from lodeline.world.national import share
from lodeline.world.statistics.edition import Table
from lodeline.world.trade.traded import TradeTable


class Against(NamedTuple):
    """What deliveries are set against.

    Attributes:
        table: National statistics.
        importer, rival: ISO 3166-1 alpha-3.
        year: Of the figures; None: of each commodity the newest that the edition does not mark as estimated.
        trades: Trade tables that are asked before the shipped ones.
    """

    table: Table
    importer: str
    rival: str
    year: str | None = None
    trades: tuple[TradeTable, ...] = ()


def effects_of(supplies: Iterable[Supplied], against: Against) -> Effects:
    """What each delivery changes, by each route that its form leaves open and in each case of what it displaces.

    Raises:
        NotFoundError: ``world.effect_year``. InputError: ``world.tonnage_without_limit``.
    """
    made, editions, years = [], [against.table.edition], []
    traders = Traders(against.trades, against.table, against.importer, against.rival)
    for supplied in supplies:
        for one in _routes(supplied):
            found = setting(one, against.table, against.importer, against.rival, against.year, traders)
            years.append(found.year)
            if found.traded is not None:
                editions.append(found.traded.edition)
            made.append(_effect(one, found, against))
    return Effects(
        importer=against.importer,
        rival=against.rival,
        year=", ".join(dict.fromkeys(years)) or against.year or "",
        editions=tuple(dict.fromkeys(editions)),
        effects=tuple(made),
        said=tuple(
            f"Nothing here is from the trade table given, {one.edition} of {_periods(one)}: it has no imports of "
            "what is asked in the year of the figures, or nobody says how much of the element is in them."
            for one in traders.unused
        ),
    )


def _periods(of: TradeTable) -> str:
    """What a table holds: ``2023``, ``2019 to 2023``."""
    periods = sorted({row.period for row in of.rows})
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"


def _routes(of: Supplied) -> Iterator[Supplied]:
    """A delivery by the routes that its form leaves open: ore may stay what it is, or be made into metal at home."""
    replaced = msgspec.structs.replace
    if not of.form.name or is_counted(of.commodity, of.form):
        yield of
        return
    yield replaced(of, route="raw")
    if of.form.stage in SMELTED and of.commodity.smelted:
        yield replaced(of, route="smelted")


def _metal(of: Supplied) -> Figure:
    """The tonnes that count: of ore that is smelted at home what becomes metal, and at most all of it."""
    tonnes = on_basis(of)
    if of.route != "smelted":
        return tonnes
    if of.recovery is not None:
        return product(tonnes, of.recovery, unit="TNE", scale=0.01)
    if tonnes.standing == "unknown":
        return tonnes
    act = Settle(act="document", subject=of.element, detail=f"What part of the {of.element} the smelter recovers.")
    most = span(tonnes).high
    return Figure(
        value=None,
        unit="TNE",
        standing="unknown" if most == inf else "bounded",
        low=None if most == inf else 0.0,
        high=None if most == inf else most,
        rests_on=tonnes.rests_on,
        settle=(*tonnes.settle, act),
    )


def _effect(of: Supplied, to: Setting, against: Against) -> Effect:
    tonnes = _metal(of)
    of_rival = of.origin == against.rival
    removed = tuple(_removed(case, of, tonnes, to, of_rival=of_rival) for case in DISPLACEMENTS)
    reference = to.reference
    effect = Effect(
        element=of.element,
        commodity=of.commodity.name,
        plain=of.commodity.plain,
        form=of.form.name,
        stage=of.form.stage,
        route=of.route,
        origin=of.origin,
        period=of.period,
        tonnes=tonnes,
        own=of.own,
        adds=_adds(of, tonnes, to),
        share_of_output=share(tonnes, reference.origin_output),
        share_of_use=share(tonnes, reference.use),
        share_of_imports=share(tonnes, reference.imports),
        share_of_form=ratio(tonnes, reference.form_imports, unit="P1", scale=100.0),
        removed=removed,
        reference=reference,
        said=(),
        notes=(),
    )
    return said_of(effect, of, to, against.importer, against.rival)


def _removed(case: Displacement, of: Supplied, tonnes: Figure, to: Setting, *, of_rival: bool) -> Removed:
    if not of.form.name:
        form = unknown("P1", *_which_form(of), *tonnes.settle, rests_on=tonnes.rests_on)
        return Removed(case=case, reliance=form, rival_all=form, rival_form=form, rival_mined=form)
    route, t = of.route, span(tonnes)
    home = to.reference
    percent, use = span(home.reliance, floor=-inf), span(home.use)
    dependence = displacement.reliance(case, route, t, use, percent, span(home.imports))
    every = Market(imports=home.imports, rival=to.rival, share=home.rival_share)
    return Removed(
        case=case,
        reliance=_points(dependence, *_of_reliance(case, route, tonnes, to)),
        # Ore is not among the imports that count, and is an import like any other among those of ore.
        rival_all=_points(NOTHING) if route == "raw" else _direct(case, route, tonnes, every, of_rival=of_rival),
        rival_form=_form(case, of, tonnes, to, of_rival=of_rival),
        rival_mined=_mined(case, of, tonnes, to),
    )


def _of_reliance(case: Displacement, route: Route, tonnes: Figure, to: Setting) -> tuple[Figure, ...]:
    """What points of reliance rest on; those that are nothing by definition rest on nothing."""
    home = to.reference
    if route == "raw" or (route == "imported" and case != "in-addition"):
        return ()
    if case == "in-addition":
        return tonnes, home.use, home.reliance
    return tonnes, home.use, home.imports


def _direct(case: Displacement, route: Route, tonnes: Figure, of: Market, *, of_rival: bool) -> Figure:
    if _is_share_kept(case, route):
        return _points(NOTHING)
    found = displacement.direct(case, route, span(tonnes), span(of.imports), span(of.rival), of_rival=of_rival)
    return _points(found, tonnes, of.imports, of.rival)


def _is_share_kept(case: Displacement, route: Route) -> bool:
    """Whether shares of imports stay as they are: metal made at home takes from all suppliers alike, or from none."""
    return route in displacement.AT_HOME and case != "rival"


def _form(case: Displacement, of: Supplied, tonnes: Figure, to: Setting, *, of_rival: bool) -> Figure:
    if _is_share_kept(case, of.route):
        return _points(NOTHING)
    if to.form_market is None:
        return _form_untold(of, to, of.route)
    return _direct(case, of.route, tonnes, to.form_market, of_rival=of_rival)


def _mined(case: Displacement, of: Supplied, tonnes: Figure, to: Setting) -> Figure:
    if _is_share_kept(case, of.route):
        return _points(NOTHING)
    if to.traded is None:
        return _form_untold(of, to, of.route)
    market, mined = to.traded.of, to.traded.mined
    part = span(of.rivals) / HUNDRED
    found = displacement.mined(
        case,
        of.route,
        span(tonnes),
        imports=span(market.imports),
        rival=span(market.rival),
        whole=span(mined.whole),
        shipped=span(mined.shipped),
        own=Span(part.value, part.low, min(part.high, 1.0)),
    )
    return _points(found, tonnes, market.imports, mined.whole, of.rivals)


def _adds(of: Supplied, tonnes: Figure, to: Setting) -> Figure:
    """Points of the form's imports that are metal of the origin's mines."""
    if not of.form.name:
        return unknown("P1", *_which_form(of))
    if of.route in displacement.AT_HOME:
        return _points(NOTHING)
    imports = to.reference.form_imports
    t, m = span(tonnes), span(imports)
    return _points(span(of.own) * t / t.at_least(m), tonnes, imports, of.own)


def _form_untold(of: Supplied, to: Setting, route: Route) -> Figure:
    form: DeliveredForm = UNSAID if route == "smelted" else of.form
    return untold(of.commodity, form, to.year)


def _which_form(of: Supplied) -> tuple[Settle, ...]:
    said = (
        f"The form in which the {of.element} comes: its code of the Harmonized System, in the material's master data."
    )
    return (Settle(act="registration", subject=of.element, detail=said),)


def _points(of: Span, *parts: Figure) -> Figure:
    return figure(of, "P1", of_figures=parts)
