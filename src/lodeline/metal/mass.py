"""Arithmetic of what is held: masses that may be unknown, with uncertainty and basis, exact in kilograms."""

from __future__ import annotations

from decimal import Decimal

from lodeline.metal.values import Mass, Portion, Weighing
from lodeline.units.exact import plus

UNKNOWN = Mass(kg=None, u=None, basis=None, standing="unknown")
"""Nobody has weighed or declared it."""


def declared(portion: Portion, event: str) -> Mass:
    """What an event declares of a lot: stated, and of unknown uncertainty until a named policy gives one."""
    if portion.kg is None:
        return UNKNOWN
    return Mass(kg=portion.kg, u=None, basis=portion.basis, standing="stated", rests_on=(event,))


def net_of(weighing: Weighing) -> Mass | None:
    """The net mass of a weighing: as read, else gross less tare on one basis; None if it has neither.

    ``u(net)^2 = u(gross)^2 + u(tare)^2``, unknown if either is.
    """
    if weighing.net is not None:
        return weighing.net
    if weighing.gross is None or weighing.tare is None:
        return None
    return difference(weighing.gross, weighing.tare, standing_measured=True)


def difference(whole: Mass, part: Mass, *, standing_measured: bool = False) -> Mass:
    """What is left of a mass when a part of it is gone; unknown if either is, or if one is wet and the other dry.

    The result may be negative: whoever asked reports it. ``u^2 = u_whole^2 + u_part^2``.
    """
    rests_on = tuple(dict.fromkeys(whole.rests_on + part.rests_on))
    # Tare has no water of its own: an unstated basis there takes the one of the gross.
    same = whole.basis == part.basis or (standing_measured and part.basis is None)
    if whole.kg is None or part.kg is None or not same:
        return Mass(kg=None, u=None, basis=None, standing="unknown", rests_on=rests_on)
    return Mass(
        kg=plus(whole.kg, part.kg.copy_negate()),
        u=root_of_squares(whole.u, part.u),
        basis=whole.basis,
        standing="measured" if standing_measured else "computed",
        rests_on=rests_on,
    )


def together(a: Mass, b: Mass) -> Mass:
    """Two masses laid together; unknown if either is, or if one is wet and the other dry. ``u^2 = u_a^2 + u_b^2``."""
    rests_on = tuple(dict.fromkeys(a.rests_on + b.rests_on))
    if a.kg is None or b.kg is None or a.basis != b.basis:
        return Mass(kg=None, u=None, basis=None, standing="unknown", rests_on=rests_on)
    return Mass(kg=plus(a.kg, b.kg), u=root_of_squares(a.u, b.u), basis=a.basis, standing="computed", rests_on=rests_on)


def root_of_squares(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    """The uncertainty of a sum of two independent masses; None if either is not known."""
    if a is None or b is None:
        return None
    # An uncertainty has no digits worth keeping beyond the 28 of Python's context.
    return (a * a + b * b).sqrt()
