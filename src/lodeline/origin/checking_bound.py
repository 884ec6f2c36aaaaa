"""A bound checked by arithmetic alone: sums and comparisons of whole numbers, in one pass, without tolerance.

A flow of the class reaches the target, so that much can be there; no more can pass the cut, so not more. Both being the
same number proves it. What the flow leaves of the masses can be routed on, since masses close.
"""

from __future__ import annotations

from itertools import pairwise

from lodeline.errors import IntegrityError
from lodeline.origin.certificate import ELSEWHERE, BoundArc, BoundCertificate
from lodeline.origin.graph import OUTSIDE


def check_bound(it: BoundCertificate) -> None:
    """Refuse a bound that its own numbers do not prove.

    Raises:
        IntegrityError: ``certificate.index``, ``certificate.order``, ``certificate.complete``, ``certificate.open``,
            ``certificate.flow``, ``certificate.mass``, ``certificate.cut``, ``certificate.value``.
    """
    if any(one.row >= other.row for one, other in pairwise(it.arcs)) or any(
        one.node >= other.node for one, other in pairwise(it.nodes)
    ):
        raise IntegrityError("certificate.order", "Arcs and nodes do not stand in their order, each once.")
    for place, arc in enumerate(it.arcs):
        _check_arc(it, place, arc)
    if any((node.leaves_mg is None) == (it.form == "whole") for node in it.nodes):
        raise IntegrityError(
            "certificate.complete", "The whole form says what leaves each node, the short form nowhere."
        )
    if it.form == "whole":
        _check_closes(it)
    _check_flow(it)
    target = len(it.nodes)
    aims = [arc for arc in it.arcs if arc.head == target]
    if it.mass_mg != sum(arc.mg for arc in aims) or it.rows != tuple(arc.row for arc in aims):
        raise IntegrityError("certificate.mass", "The target's arcs are not those that lead to it, or weigh otherwise.")
    arrives = sum(arc.flow_mg for arc in aims)
    passes = sum(arc.mg for arc in it.arcs if _crosses(it, arc))
    if arrives != passes:
        raise IntegrityError("certificate.cut", "The cut lets through other than arrives.", cut=passes, flow=arrives)
    if it.value_mg != (arrives if it.side == "most" else it.mass_mg - arrives):
        raise IntegrityError("certificate.value", "The value is not what the flow comes to.", value=it.value_mg)


def _check_arc(it: BoundCertificate, place: int, arc: BoundArc) -> None:
    target, lowest = len(it.nodes), OUTSIDE if it.form == "whole" else ELSEWHERE
    source = arc.tail == OUTSIDE
    ends = lowest <= arc.tail < target and 0 <= arc.head <= target and arc.row >= 0
    if not ends or source != (arc.origin >= 0) or not -1 <= arc.origin < len(it.origins):
        raise IntegrityError("certificate.index", "An arc names a node or an origin that is not listed.", arc=place)
    if not it.basis.cyclic and arc.tail >= arc.head:
        raise IntegrityError("certificate.order", "An arc leads back in time.", arc=place)
    if arc.mg <= 0 or not 0 <= arc.flow_mg <= arc.mg or (arc.flow_mg and arc.tail == ELSEWHERE):
        raise IntegrityError("certificate.flow", "An arc carries other than its mass allows.", arc=place)
    if source and arc.flow_mg and not it.counts(arc.origin):
        raise IntegrityError("certificate.flow", "The flow comes from an origin that does not count.", arc=place)


def _check_closes(it: BoundCertificate) -> None:
    gap = [-(node.leaves_mg or 0) for node in it.nodes]
    for arc in it.arcs:
        if arc.head < len(gap):
            gap[arc.head] += arc.mg
        if arc.tail >= 0:
            gap[arc.tail] -= arc.mg
    for place, mg in enumerate(gap):
        if mg or (it.nodes[place].leaves_mg or 0) < 0:
            raise IntegrityError("certificate.open", "What enters a node is not what leaves it.", node=place, mg=mg)


def _check_flow(it: BoundCertificate) -> None:
    gap = [0] * len(it.nodes)
    for arc in it.arcs:
        if arc.head < len(gap):
            gap[arc.head] += arc.flow_mg
        if arc.tail >= 0:
            gap[arc.tail] -= arc.flow_mg
    for place, mg in enumerate(gap):
        if mg:
            raise IntegrityError("certificate.flow", "The flow does not conserve at a node.", node=place, mg=mg)


def _crosses(it: BoundCertificate, arc: BoundArc) -> bool:
    """Whether the class can come through it to the target's side."""
    if arc.head < len(it.nodes) and not it.nodes[arc.head].near:
        return False
    if arc.tail == OUTSIDE:
        return it.counts(arc.origin)
    return arc.tail == ELSEWHERE or not it.nodes[arc.tail].near
