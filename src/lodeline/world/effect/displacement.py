"""What a delivery changes, by what it takes the place of: formulas only, in points of a percentage.

Nobody knows whose material is bought less because other material is on offer. So there are three cases, which the
question names and every answer shows side by side:

- ``rival``: it takes the place of what the rival ships, as far as that goes, and of the others beyond it;
- ``in-proportion``: it takes the place of all imports alike;
- ``in-addition``: it takes the place of nothing, and imports, or use, grow by it.

With M imports, R the rival's, A apparent consumption, r net import reliance and T the delivery, of one year, the points
are in the order of the cases:

- metal that is imported: of reliance 0, 0 and -(100 - r) T / (A + T); of the rival's share of imports 100 T / M,
  100 R T / M^2 and 100 (R / M - R / (M + T));
- metal that is made at home: of reliance 100 T / A, 100 T / A and r T / (A + T); of the rival's share of imports
  100 (R / M - (R - T) / (M - T)), 0 and 0.

Positive points are removed. Source: the definitions of the Mineral Commodity Summaries: net import reliance is imports
less exports over apparent consumption, which is production and imports less exports.
"""

from __future__ import annotations

from typing import Final, Literal

from lodeline.world.effect.market import part_of
from lodeline.world.effect.span import HUNDRED, NOTHING, Span, exactly

Displacement = Literal["rival", "in-proportion", "in-addition"]
DISPLACEMENTS: Final[tuple[Displacement, ...]] = ("rival", "in-proportion", "in-addition")
Route = Literal["imported", "raw", "smelted", "made"]
"""How metal comes: in a form that the imports count; as ore or concentrate, which is an import of its own form only;
the same, smelted at home; or made at home by the partnership itself."""
AT_HOME: Final = ("smelted", "made")


def reliance(case: Displacement, route: Route, t: Span, use: Span, percent: Span, imports: Span) -> Span:
    """Points of net import reliance removed.

    Args:
        t: The delivery, t. use: apparent consumption, t. percent: net import reliance. imports: that count, t.
    """
    if route == "raw":
        return NOTHING
    # Of what is added to use: T / (A + T), with T in it once.
    added = exactly(1.0) - exactly(1.0) / (exactly(1.0) + t / use)
    if case == "in-addition":
        return percent * added if route in AT_HOME else NOTHING - (HUNDRED - percent) * added
    if route in AT_HOME:
        return HUNDRED * t.at_most(imports) / use
    return NOTHING


def direct(case: Displacement, route: Route, t: Span, imports: Span, rival: Span, *, of_rival: bool = False) -> Span:
    """Points of the rival's share of imports removed.

    Args:
        t: The delivery. imports: all. rival: what the rival shipped itself; t.
        of_rival: Whether the rival ships the delivery too, so that all of it comes back to its share.
    """
    if route in AT_HOME and case != "rival":
        return NOTHING
    share, back = HUNDRED * rival / imports, HUNDRED if of_rival else NOTHING
    if case == "in-addition":
        return (share - back) * (exactly(1.0) - exactly(1.0) / (exactly(1.0) + t / imports))
    if route not in AT_HOME:
        part = share if case == "in-proportion" else HUNDRED
        taken = t.at_most(imports if case == "in-proportion" else rival) / imports
        return part * taken - back * (t / t.at_least(imports))
    # (1 - R/M) x / (1 - x) with x = T/M, in which x stands once; less is imported, and others have more of it.
    kept = exactly(1.0) - t.at_most(rival) / imports
    if kept.high <= 0:
        return share
    return ((HUNDRED - share) * (exactly(1.0) / kept.at_least(NOTHING) - exactly(1.0))).at_most(share)


def mined(
    case: Displacement,
    route: Route,
    t: Span,
    *,
    imports: Span,
    rival: Span,
    whole: Span,
    shipped: Span,
    own: Span,
) -> Span:
    """Points of the share that was mined in the rival's country, removed; bounds hold whatever was mixed.

    Args:
        t: The delivery. imports, rival: as of :func:`direct`. whole, shipped: how much of either was mined in the
            rival's country; t. own: the part of the delivery itself that was, 0 to 1.
    """
    if route in AT_HOME and case != "rival":
        return NOTHING
    if case == "in-addition":
        kept = exactly(1.0) / (exactly(1.0) + t / imports)
        return (HUNDRED * whole / imports - HUNDRED * own) * (exactly(1.0) - kept)
    if case == "in-proportion":
        after = t.at_least(imports)
        return HUNDRED * (whole * (t / imports).at_most(exactly(1.0)) / imports - own * t / after)
    first = t.at_most(rival)
    beyond = (t - rival).at_least(NOTHING).at_most((imports - rival).at_least(NOTHING))
    others = (whole - shipped).at_least(NOTHING)
    rest = (imports - rival).at_least(NOTHING)
    taken = part_of(first, rival, shipped) + (part_of(beyond, rest, others) if beyond.high > 0 else NOTHING)
    taken = taken.at_most(whole)
    if route not in AT_HOME:
        return HUNDRED * (taken / imports - own * t / t.at_least(imports))
    left = imports - first - beyond
    if left.low <= 0:
        return HUNDRED * whole / imports
    return HUNDRED * (taken * imports - (first + beyond) * whole) / (imports * left)
