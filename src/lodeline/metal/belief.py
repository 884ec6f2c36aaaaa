"""Arithmetic of what is held: masses that may be unknown or bounded, with uncertainty and basis, exact in kilograms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec

from lodeline.metal.values import Mass, Portion, Weighing
from lodeline.record.metal_vocabulary import Basis
from lodeline.units.exact import plus

UNKNOWN = Mass(kg=None, u=None, basis=None, standing="unknown")
"""Nobody has weighed or declared it."""

Rests = str | tuple[Any, ...]
"""Hash ids of events, nested as masses were put together, so that putting two together costs the same however much
they rest on."""

_ZERO = Decimal(0)


class Belief(msgspec.Struct, frozen=True, gc=False):
    """A mass as the follower carries it.

    Attributes:
        kg: Kilograms, exact; None if unknown.
        u: Standard uncertainty (k = 1), kg; None where nobody gave one.
        basis: Wet or dry; None if nobody said.
        standing: How it is known.
        low, high: Limits, kg, where ``kg`` is None and they are known.
        rests: The events it was taken from.
    """

    kg: Decimal | None
    u: Decimal | None
    basis: Basis | None
    standing: Literal["measured", "stated", "computed", "bounded", "unknown"]
    low: Decimal | None = None
    high: Decimal | None = None
    rests: Rests = ()


NOTHING_KNOWN = Belief(None, None, None, "unknown")


def mass_of(belief: Belief) -> Mass:
    """The belief as a fact shows it."""
    return Mass(
        kg=belief.kg,
        u=belief.u,
        basis=belief.basis,
        standing=belief.standing,
        low=belief.low,
        high=belief.high,
        rests_on=flat(belief.rests),
    )


def believed(mass: Mass) -> Belief:
    """A mass that was read, as the follower carries it."""
    return Belief(mass.kg, mass.u, mass.basis, mass.standing, mass.low, mass.high, mass.rests_on)


def flat(rests: Rests) -> tuple[str, ...]:
    """The events, each once, in order of first mention."""
    found: dict[str, None] = {}
    waiting: list[Rests] = [rests]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found[one] = None
        else:
            waiting.extend(reversed(one))
    return tuple(found)


def declared(portion: Portion, event: str) -> Belief:
    """What an event declares of a lot: stated, and of unknown uncertainty until a named policy gives one."""
    if portion.kg is None:
        return NOTHING_KNOWN
    return Belief(portion.kg, None, portion.basis, "stated", None, None, event)


def computed(mass: Belief) -> Belief:
    """The same mass, as one that follows from others and nobody said of this."""
    return Belief(mass.kg, mass.u, mass.basis, "computed", mass.low, mass.high, mass.rests)


def net_of(weighing: Weighing) -> Belief | None:
    """The net mass of a weighing: as read, else gross less tare on one basis; None if it has neither.

    ``u(net)^2 = u(gross)^2 + u(tare)^2``, unknown if either is.
    """
    if weighing.net is not None:
        return believed(weighing.net)
    if weighing.gross is None or weighing.tare is None:
        return None
    return gross_less_tare(weighing.gross, weighing.tare)


def gross_less_tare(gross: Mass, tare: Mass) -> Belief | None:
    """The net mass of two readings; None if they are on two bases, or the tare is the heavier.

    Tare has no water of its own: an unstated basis there takes the one of the gross.
    """
    if gross.kg is None or tare.kg is None or tare.basis not in (None, gross.basis) or tare.kg > gross.kg:
        return None
    kg = plus(gross.kg, tare.kg.copy_negate())
    rests = (gross.rests_on, tare.rests_on)
    return Belief(kg, root_of_squares(gross.u, tare.u), gross.basis, "measured", None, None, rests)


def difference(whole: Belief, part: Belief) -> Belief:
    """What is left of a mass when a part of it is gone.

    Known if both are, on one basis; it may then be negative, and whoever asked reports it. Else what the limits of both
    allow: at least nothing, at most the whole. ``u^2 = u_whole^2 + u_part^2``.
    """
    rests = (whole.rests, part.rests)
    if whole.kg is not None and part.kg is not None and whole.basis == part.basis:
        kg = plus(whole.kg, part.kg.copy_negate())
        return Belief(kg, root_of_squares(whole.u, part.u), whole.basis, "computed", None, None, rests)
    if part.standing == "unknown" and whole.standing != "unknown":
        return _between(_ZERO, _most(whole), whole.basis, rests)
    if whole.standing == "unknown" or whole.basis != part.basis:
        return Belief(None, None, None, "unknown", None, None, rests)
    low, high = _less(_least(whole), _most(part)), _less(_most(whole), _least(part))
    return _between(_ZERO if low is None else max(low, _ZERO), high, whole.basis, rests)


def together(a: Belief, b: Belief) -> Belief:
    """Two masses laid together: known if both are, on one basis; else at least what of them is known.

    ``u^2 = u_a^2 + u_b^2``.
    """
    rests = (a.rests, b.rests)
    if a.kg is not None and b.kg is not None and a.basis == b.basis:
        return Belief(plus(a.kg, b.kg), root_of_squares(a.u, b.u), a.basis, "computed", None, None, rests)
    known = [one for one in (a, b) if one.standing != "unknown"]
    if len({one.basis for one in known}) != 1:
        return Belief(None, None, None, "unknown", None, None, rests)
    low = _ZERO
    for one in known:
        low = plus(low, _least(one) or _ZERO)
    highs = [_most(one) for one in (a, b)]
    high = None if highs[0] is None or highs[1] is None else plus(highs[0], highs[1])
    return _between(low, high, known[0].basis, rests)


def shared(whole: Belief, rests: Rests) -> Belief:
    """A part of a mass of which nobody said how much it is: between nothing and the whole."""
    return _between(_ZERO, _most(whole), whole.basis, (whole.rests, rests))


def at_least(whole: Belief, part: Belief) -> Belief:
    """A mass of which a known part was taken; it stays as it is where that says nothing new."""
    least, before = _least(part), _least(whole)
    if whole.kg is not None or least is None or (whole.standing != "unknown" and whole.basis != part.basis):
        return whole
    if before is not None and before >= least:
        return whole
    return Belief(None, None, part.basis, "bounded", least, whole.high, (whole.rests, part.rests))


def root_of_squares(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    """The uncertainty of a sum of two independent masses; None if either is not known."""
    if a is None or b is None:
        return None
    # An uncertainty has no digits worth keeping beyond the 28 of Python's context.
    return (a * a + b * b).sqrt()


def _between(low: Decimal | None, high: Decimal | None, basis: Basis | None, rests: Rests) -> Belief:
    if (low is None or low == 0) and high is None:
        return Belief(None, None, None, "unknown", None, None, rests)
    return Belief(None, None, basis, "bounded", low, high, rests)


def _least(one: Belief) -> Decimal | None:
    return one.kg if one.kg is not None else one.low


def _most(one: Belief) -> Decimal | None:
    return one.kg if one.kg is not None else one.high


def _less(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return None if a is None or b is None else plus(a, b.copy_negate())
