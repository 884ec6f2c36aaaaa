"""Refutations and routings checked by arithmetic alone, in whole numbers.

A refutation: whatever the metal did, claims that are true satisfy an inequality that these do not (``multipliers``). A
routing: every kind of metal conserves at every node, fills every arc together with the others, and all claims hold.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from lodeline.errors import IntegrityError
from lodeline.origin.certificate import ELSEWHERE, JointArc, RefutationCertificate, RoutingCertificate, StatedClaim
from lodeline.origin.claims import Claim, Commodities, commodities
from lodeline.origin.graph import OUTSIDE

Joint = RefutationCertificate | RoutingCertificate


def check_refutation(it: RefutationCertificate) -> None:
    """Refuse a refutation that its own numbers do not carry.

    Raises:
        IntegrityError: As :func:`check_routing`, and ``certificate.multiplier``, ``certificate.value``.
    """
    kinds = _checked(it)
    named = len(kinds.counts) - 1
    if any(not 0 <= claim.y <= it.denominator for claim in it.claims) or any(len(one.pi) != named for one in it.nodes):
        raise IntegrityError("certificate.multiplier", "A multiplier is missing, below 0 or above 1.")
    _check_closes(it)
    claimed = sum(claim.y * _sign(claim) * claim.mg for claim in it.claims)
    possible = sum(arc.mg * _price(it, arc, kinds) for arc in it.arcs)
    over = Fraction(claimed - possible, it.denominator)
    if over <= 0 or str(over) != it.over_mg:
        raise IntegrityError("certificate.value", "The multipliers refute other than is said.", over=str(over))


def check_routing(it: RoutingCertificate) -> None:
    """Refuse a routing that is none, or on which a claim does not hold.

    Raises:
        IntegrityError: ``certificate.index``, ``certificate.order``, ``certificate.mass``, ``certificate.open``,
            ``certificate.flow``, ``certificate.claim``.
    """
    kinds = _checked(it)
    for place, arc in enumerate(it.arcs):
        wrong = len(arc.held) != len(kinds.counts) or min(arc.held) < 0 or sum(arc.held) != arc.mg * it.denominator
        if wrong or any(one and not may for one, may in zip(arc.held, _allowed(arc, kinds), strict=True)):
            raise IntegrityError("certificate.flow", "An arc holds what it cannot, or other than its mass.", arc=place)
        if ELSEWHERE in (arc.tail, arc.head):
            raise IntegrityError("certificate.index", "A routing lists every node.", arc=place)
    gap = [[0] * len(kinds.counts) for _ in it.nodes]
    for arc in it.arcs:
        for end, sign in ((arc.head, 1), (arc.tail, -1)):
            if end >= 0:
                gap[end] = [one + sign * mg for one, mg in zip(gap[end], arc.held, strict=True)]
    for place, kind in enumerate(gap):
        if any(kind):
            raise IntegrityError("certificate.flow", "A kind of metal does not conserve at a node.", node=place)
    for spot, claim in enumerate(it.claims):
        rows = set(claim.rows)
        counted = kinds.counts[:, spot].tolist()
        held = sum(mg for arc in it.arcs if arc.row in rows for mg, one in zip(arc.held, counted, strict=True) if one)
        if _sign(claim) * held < _sign(claim) * claim.mg * it.denominator:
            raise IntegrityError("certificate.claim", "A claim does not hold on the routing.", claim=claim.name)


def _checked(it: Joint) -> Commodities:
    """The kinds of metal, after what both have in common was checked."""
    if it.denominator < 1:
        raise IntegrityError("certificate.multiplier", "A denominator is a whole number above 0.")
    listed = [arc.row for arc in it.arcs if arc.row >= 0]
    nodes = [one.node for one in it.nodes]
    if any(one >= other for rows in (listed, nodes) for one, other in pairwise(rows)):
        raise IntegrityError("certificate.order", "Arcs and nodes do not stand in their order, each once.")
    there = set(listed)
    for claim in it.claims:
        if (
            not claim.rows
            or len(set(claim.rows)) != len(claim.rows)
            or not there.issuperset(claim.rows)
            or claim.mg < 0
        ):
            raise IntegrityError("certificate.claim", "A claim is about arcs that are not listed.", claim=claim.name)
    for place, arc in enumerate(it.arcs):
        _check_arc(it, place, arc)
    return commodities(
        it.origins,
        [
            Claim(one.name, one.rows, frozenset(one.surely), one.sense, one.mg, frozenset(one.perhaps))
            for one in it.claims
        ],
    )


def _check_arc(it: Joint, place: int, arc: JointArc) -> None:
    count = len(it.nodes)
    ends = ELSEWHERE <= arc.tail < count and ELSEWHERE <= arc.head < count
    # What leaves a node in one arc is no arc of the graph, and rests on nothing.
    ends &= arc.row >= 0 or (arc.row == -1 and arc.head == OUTSIDE and arc.own and not arc.grounds)
    if not ends or (arc.tail == OUTSIDE) != (arc.origin >= 0) or not -1 <= arc.origin < len(it.origins):
        raise IntegrityError("certificate.index", "An arc names a node or an origin that is not listed.", arc=place)
    if not it.basis.cyclic and arc.tail >= arc.head >= 0:
        raise IntegrityError("certificate.order", "An arc leads back in time.", arc=place)
    if arc.mg <= 0:
        raise IntegrityError("certificate.mass", "An arc carries nothing, or less.", arc=place)


def _check_closes(it: Joint) -> None:
    """That all arcs beside the listed nodes are there: else a node would not close."""
    gap = [0] * len(it.nodes)
    for arc in it.arcs:
        if arc.head >= 0:
            gap[arc.head] += arc.mg
        if arc.tail >= 0:
            gap[arc.tail] -= arc.mg
    for place, mg in enumerate(gap):
        if mg:
            raise IntegrityError("certificate.open", "What enters a node is not what leaves it.", node=place, mg=mg)


def _sign(claim: StatedClaim) -> int:
    return 1 if claim.sense == "at least" else -1


def _allowed(arc: JointArc, kinds: Commodities) -> list[bool]:
    may: list[bool] = kinds.allowed[arc.origin].tolist() if arc.origin >= 0 else [True] * len(kinds.counts)
    return may


def _price(it: RefutationCertificate, arc: JointArc, kinds: Commodities) -> int:
    """The largest price among the kinds that the arc may hold, times the denominator."""
    head, tail = (it.nodes[end].pi if end >= 0 else () for end in (arc.head, arc.tail))
    prices = []
    for kind, may in enumerate(_allowed(arc, kinds)):
        if may:
            price = sum(
                claim.y * _sign(claim)
                for spot, claim in enumerate(it.claims)
                if arc.row in claim.rows and kinds.counts[kind, spot]
            )
            if kind:
                price += (head[kind - 1] if head else 0) - (tail[kind - 1] if tail else 0)
            prices.append(price)
    return max(prices)
