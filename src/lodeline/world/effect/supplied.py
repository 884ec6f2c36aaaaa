"""What a partnership supplies: tonnes of an element in a form, to a country, in a year."""

from __future__ import annotations

import msgspec

from lodeline.chemistry.formula import compound_per_element
from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, product, unknown
from lodeline.world.effect.displacement import Route
from lodeline.world.effect.forms import DeliveredForm
from lodeline.world.statistics.commodity import Commodity

SUPPOSED = ("supposed",)
"""What a share rests on that nobody says: typed tonnes are supposed to be mined where they come from."""


class Supplied(msgspec.Struct, frozen=True, kw_only=True):
    """Metal that comes to a country, or is made there, in one year.

    Attributes:
        element: Symbol or declared group. commodity: under which the editions report it.
        tonnes: Contained, on ``basis``, TNE. basis: ``element`` or ``REO``.
        form: In which it comes; its name is empty where nobody says.
        route: ``imported``, or ``made`` at home by the partnership; ore is turned into ``raw`` and ``smelted`` later.
        origin: ISO 3166-1 alpha-3 of the country it comes from, whose metal counts as the partner's.
        period: The calendar year it came in; empty for tonnes a year that somebody typed.
        own: What of it was mined in the origin's country, P1; what is foreign or untraced does not count.
        rivals: What of it was mined in the rival's country, P1.
        recovery: What of ore becomes metal, P1; None where nobody says.
        note: What a reader must know of it besides.
    """

    element: str
    commodity: Commodity
    tonnes: Figure
    form: DeliveredForm
    origin: str
    basis: str = "element"
    route: Route = "imported"
    period: str = ""
    own: Figure
    rivals: Figure
    recovery: Figure | None = None
    note: str = ""


def on_basis(of: Supplied) -> Figure:
    """The tonnes as the editions count the commodity; one rare earth becomes its oxide by atomic weights.

    Unknown, with what it needs, where nobody says of which compounds the mass is.
    """
    commodity = of.commodity
    if of.tonnes.standing == "unknown" or of.basis == commodity.basis:
        return of.tonnes
    oxide = commodity.oxides.get(of.element)
    if of.basis == "element" and oxide is not None:
        return product(of.tonnes, unit="TNE", scale=float(compound_per_element(oxide, of.element)))
    wanted = "rare-earth oxide" if commodity.basis == "REO" else f"contained {commodity.element}"
    act = Settle(act="assay", subject=of.element, detail=f"The mass of {of.element} stated as {wanted}.")
    return unknown("TNE", act, rests_on=of.tonnes.rests_on)


def typed(tonnes: float, *, u: float | None = None) -> Figure:
    """Tonnes that somebody typed, as a figure.

    Raises:
        InputError: ``world.effect_tonnes``.
    """
    if not 0 <= tonnes < float("inf") or (u is not None and not 0 <= u < float("inf")):
        raise InputError(
            "world.effect_tonnes", "Tonnes are a number from 0 up, and so is their uncertainty.", tonnes=str(tonnes)
        )
    return Figure(value=tonnes, u=u, unit="TNE", standing="stated", rests_on=("typed in",))


def percent(value: float, *rests_on: str, low: float | None = None, high: float | None = None) -> Figure:
    """A share, P1."""
    return Figure(value=value, low=low, high=high, unit="P1", standing="stated", rests_on=rests_on)
