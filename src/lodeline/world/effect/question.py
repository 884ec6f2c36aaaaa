"""The question as somebody types it: tonnes of elements a year, in a form, from a country to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.units.figure import Figure
from lodeline.world.dependence.answer_asked import country_of, nearest_country, subject
from lodeline.world.effect.answer import Effects
from lodeline.world.effect.asking import Against, effects_of
from lodeline.world.effect.counting import counted, counted_as
from lodeline.world.effect.forms import form_named, is_counted, usual_forms
from lodeline.world.effect.supplied import SUPPOSED, Supplied, percent, typed
from lodeline.world.statistics.commodity import Commodity
from lodeline.world.statistics.edition import Table, shipped
from lodeline.world.trade.traded import TradeTable


def effect(
    tonnes: Mapping[str, float | Figure],
    *,
    origin: str,
    importer: str,
    rival: str = "CHN",
    form: str | None = None,
    made: bool = False,
    recovery: float | None = None,
    year: str | None = None,
    table: Table | None = None,
    trades: Iterable[TradeTable] = (),
) -> Effects:
    """What tonnes a year change, supposing that they were mined in the country they come from.

    Args:
        tonnes: Contained tonnes a year by element, its symbol or its name: ``{"Sb": 260}``; a figure of unit ``TNE``
            where it has an uncertainty or limits. Of a commodity that is counted as oxide (``TREO``), tonnes of oxide.
        origin: Where it comes from. importer: to whom. rival: dependence on whom is told. Codes of two or three
            letters, or names.
        form: By its name (``unwrought``), or the line of the edition it is counted on (``refined``); None: as mined,
            and every form that imports count.
        made: It is made at home, in the importer's own works, and not imported: of forms that imports count.
        recovery: What part of ore becomes metal where it is smelted at home, 0 to 1; None: not known.
        year: Of the figures it is set against; None: the newest that the edition does not mark as estimated.
        table: National statistics; None: the newest edition that comes with lodeline.
        trades: Trade tables that are asked before those that come with lodeline.

    Raises:
        NotFoundError: ``world.commodity_unknown``, ``world.effect_element``, ``world.effect_form``,
            ``world.effect_country``, ``world.effect_year``, ``world.effect_commodity``. InputError:
            ``world.effect_tonnes``, ``world.effect_home``, ``world.effect_recovery``.
    """
    who = [country(one) for one in (origin, importer, rival)]
    if who[0] == who[1] and not made:
        raise InputError(
            "world.effect_home", "What comes from the importing country is no import; say that it is made there."
        )
    said = recovered(recovery)
    supplies = [
        one
        for element, mass in tonnes.items()
        for one in _supplied(element, mass, form, who[0], who[2], made=made, recovery=said)
    ]
    against = Against(table or shipped(), who[1], who[2], year, tuple(trades))
    return effects_of(supplies, against)


def _supplied(
    asked: str, mass: float | Figure, form: str | None, origin: str, rival: str, *, made: bool, recovery: Figure | None
) -> Iterator[Supplied]:
    element, commodity = element_asked(asked)
    whole = mass if isinstance(mass, Figure) else typed(mass)
    if whole.unit != "TNE":
        raise InputError(
            "world.effect_tonnes", f"The mass is in {visible(whole.unit)}; give tonnes, TNE.", unit=whole.unit
        )
    every = usual_forms(commodity, element) if form is None else (form_named(commodity, element, form),)
    counted = [one for one in every if is_counted(commodity, one)]
    if made and not counted:
        raise NotFoundError(
            "world.effect_form",
            f"{every[0].plain} made at home are no metal that imports count; ask for what is made of them.",
            form=every[0].name,
        )
    for one in counted if made else every:
        yield Supplied(
            element=element,
            commodity=commodity,
            tonnes=whole,
            basis=commodity.basis if element == commodity.element else "element",
            form=one,
            route="made" if made else "imported",
            origin=origin,
            own=percent(100.0, *SUPPOSED),
            rivals=percent(100.0 if origin == rival and not made else 0.0, *SUPPOSED),
            recovery=recovery,
        )


def element_asked(asked: str) -> tuple[str, Commodity]:
    """An element or group by its symbol or name, and the commodity under which it is set against imports and use.

    Raises:
        NotFoundError: ``world.commodity_unknown``, with the nearest; ``world.effect_element``.
    """
    element = asked if counted_as(asked) else subject(asked).element
    commodity = counted_as(element)
    if commodity is None:
        raise NotFoundError(
            "world.effect_element",
            f"No edition at hand tells how {visible(element)} enters imports and use; it does of "
            f"{', '.join(one.element for one in counted())}.",
            element=element,
        )
    return element, commodity


def country(asked: str) -> str:
    """An alpha-3 code by a code of two or three letters, or a name.

    Raises:
        NotFoundError: ``world.effect_country``, with the nearest.
    """
    found = country_of(asked)
    if found is None:
        raise NotFoundError(
            "world.effect_country",
            f"{visible(asked)!r} is no country; write a code such as PK, or a name{nearest_country(asked)}.",
            country=asked,
        )
    return found


def recovered(part: float | None) -> Figure | None:
    """What part of ore becomes metal, as a share, P1; None where nobody says.

    Raises:
        InputError: ``world.effect_recovery``.
    """
    if part is None:
        return None
    if not 0 < part <= 1:
        raise InputError("world.effect_recovery", "Recovery is a part: above 0 and at most 1.", recovery=str(part))
    return percent(100 * part, "typed in")
