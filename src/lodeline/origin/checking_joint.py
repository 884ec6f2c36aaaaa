"""Refutations and routings checked by arithmetic alone, in whole numbers.

A refutation: whatever the metal did, claims that are true satisfy an inequality that these do not (``multipliers``). A
routing: no arc holds more than its mass, no more of a kind leaves a node than enters it, and all claims hold.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from lodeline.errors import IntegrityError
from lodeline.origin.certificate import ELSEWHERE, JointArc, RefutationCertificate, RoutingCertificate
from lodeline.origin.claims import Claim, Commodities, commodities
from lodeline.origin.graph import OUTSIDE

Joint = RefutationCertificate | RoutingCertificate


def check_refutation(it: RefutationCertificate) -> None:
    """Refuse a refutation that its own numbers do not carry.

    Raises:
        IntegrityError: ``certificate.index``, ``certificate.order``, ``certificate.mass``, ``certificate.claim``,
            ``certificate.multiplier``, ``certificate.value``.
    """
    claims, kinds = _checked(it)
    named = len(kinds.helps) - 1
    wrong = any(not 0 <= claim.y <= it.denominator for claim in it.claims)
    if wrong or any(len(node.pi) != named or min(node.pi, default=0) < 0 for node in it.nodes):
        raise IntegrityError("certificate.multiplier", "A multiplier is missing, below 0 or above 1.")
    needed = sum(stated.y * mg for stated, mg in zip(it.claims, _needs_mg(it, claims), strict=True))
    by_row = {row: [(spot, it.claims[spot].y) for spot in spots] for row, spots in _claimed(claims).items()}
    possible = sum(arc.mg * _price(it, arc, kinds, by_row.get(arc.row, [])) for arc in it.arcs)
    over = Fraction(needed - possible, it.denominator)
    if over <= 0 or str(over) != it.over_mg:
        raise IntegrityError("certificate.value", "The multipliers refute other than is said.", over=str(over))


def check_routing(it: RoutingCertificate) -> None:
    """Refuse a routing that is none, or on which a claim does not hold.

    Raises:
        IntegrityError: ``certificate.index``, ``certificate.order``, ``certificate.mass``, ``certificate.claim``,
            ``certificate.multiplier``, ``certificate.flow``.
    """
    claims, kinds = _checked(it)
    gained = [[0] * (len(kinds.helps) - 1) for _ in it.nodes]
    for place, arc in enumerate(it.arcs):
        if not _may_hold(it, arc, kinds):
            raise IntegrityError("certificate.flow", "An arc holds what it cannot, or more than its mass.", arc=place)
        for end, sign in ((arc.head, 1), (arc.tail, -1)):
            if end >= 0:
                gained[end] = [one + sign * mg for one, mg in zip(gained[end], arc.held, strict=True)]
    for place, of_kinds in enumerate(gained):
        if min(of_kinds, default=0) < 0:
            raise IntegrityError("certificate.flow", "More of a kind leaves a node than enters it.", node=place)
    held = [0] * len(claims)
    by_row = _claimed(claims)
    for arc in it.arcs:
        for spot in by_row.get(arc.row, []):
            held[spot] += sum(mg for mg, helps in zip(arc.held, kinds.helps[1:, spot], strict=True) if helps)
    for claim, has, needs in zip(claims, held, _needs_mg(it, claims), strict=True):
        if has < needs * it.denominator:
            raise IntegrityError("certificate.claim", "A claim does not hold on the routing.", claim=claim.name)


def _checked(it: Joint) -> tuple[list[Claim], Commodities]:
    """The claims and the kinds of metal, after what both have in common was checked."""
    if it.denominator < 1:
        raise IntegrityError("certificate.multiplier", "A denominator is a whole number above 0.")
    if any(one.row >= other.row for one, other in pairwise(it.arcs)) or any(
        one.node >= other.node for one, other in pairwise(it.nodes)
    ):
        raise IntegrityError("certificate.order", "Arcs and nodes do not stand in their order, each once.")
    for place, arc in enumerate(it.arcs):
        _check_arc(it, place, arc)
    claims = [
        Claim(one.name, one.rows, frozenset(one.surely), one.sense, one.mg, frozenset(one.perhaps)) for one in it.claims
    ]
    there = {arc.row for arc in it.arcs}
    for claim in claims:
        once = claim.arcs and len(set(claim.arcs)) == len(claim.arcs)
        if not once or not there.issuperset(claim.arcs) or claim.mg < 0:
            raise IntegrityError("certificate.claim", "A claim is about arcs that are not listed.", claim=claim.name)
    return claims, commodities(it.origins, claims)


def _check_arc(it: Joint, place: int, arc: JointArc) -> None:
    count = len(it.nodes)
    ends = ELSEWHERE <= arc.tail < count and ELSEWHERE <= arc.head < count and arc.row >= 0
    if not ends or (arc.tail == OUTSIDE) != (arc.origin >= 0) or not -1 <= arc.origin < len(it.origins):
        raise IntegrityError("certificate.index", "An arc names a node or an origin that is not listed.", arc=place)
    if not it.basis.cyclic and arc.tail >= arc.head >= 0:
        raise IntegrityError("certificate.order", "An arc leads back in time.", arc=place)
    if arc.mg <= 0:
        raise IntegrityError("certificate.mass", "An arc carries nothing, or less.", arc=place)


def _claimed(claims: list[Claim]) -> dict[int, list[int]]:
    """The claims about each arc that has any."""
    by_row: dict[int, list[int]] = {}
    for spot, claim in enumerate(claims):
        for row in claim.arcs:
            by_row.setdefault(row, []).append(spot)
    return by_row


def _needs_mg(it: Joint, claims: list[Claim]) -> list[int]:
    mass = {arc.row: arc.mg for arc in it.arcs}
    return [claim.needs_mg(sum(mass[row] for row in claim.arcs)) for claim in claims]


def _allowed(arc: JointArc, kinds: Commodities) -> list[bool]:
    may: list[bool] = kinds.allowed[arc.origin].tolist() if arc.origin >= 0 else [True] * len(kinds.helps)
    return may


def _may_hold(it: RoutingCertificate, arc: JointArc, kinds: Commodities) -> bool:
    if len(arc.held) != len(kinds.helps) - 1 or min(arc.held, default=0) < 0:
        return False
    if arc.tail == ELSEWHERE and any(arc.held):
        return False
    may = _allowed(arc, kinds)[1:]
    return sum(arc.held) <= arc.mg * it.denominator and not any(
        mg and not one for mg, one in zip(arc.held, may, strict=True)
    )


def _price(it: RefutationCertificate, arc: JointArc, kinds: Commodities, on: list[tuple[int, int]]) -> int:
    """The largest price among the kinds that the arc may hold, times the denominator; that of the first kind is 0."""
    zeros = (0,) * (len(kinds.helps) - 1)
    head, tail = (it.nodes[end].pi if end >= 0 else zeros for end in (arc.head, arc.tail))
    may = _allowed(arc, kinds)
    prices = [
        sum(y for spot, y in on if kinds.helps[kind, spot]) + head[kind - 1] - tail[kind - 1]
        for kind in range(1, len(may))
        if may[kind]
    ]
    return max(0, *prices) if prices else 0
