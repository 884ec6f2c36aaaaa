"""A certificate held against the book: whether its masses are those of a graph made anew, and none is left out.

Which arcs there are and what they weigh cannot be seen in a certificate. The graph is made again from the book as it
was at the certificate's chain head; the same facts give the same graph, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

import numpy as np

from lodeline.errors import IntegrityError
from lodeline.origin.certificate import (
    ELSEWHERE,
    Basis,
    BoundArc,
    BoundCertificate,
    Certificate,
    Ground,
    JointArc,
    RefutationCertificate,
    RoutingCertificate,
)
from lodeline.origin.graph import OUTSIDE

if TYPE_CHECKING:
    from lodeline.origin.graph import MassGraph, Rows


def check_against(it: Certificate, graph: MassGraph, basis: Basis) -> None:
    """Refuse a certificate whose masses are not the book's.

    Args:
        graph: Made anew, as of the certificate's instant and chain head; it closes.
        basis: What a certificate made of it now would say of where its masses come from.

    Raises:
        IntegrityError: ``certificate.basis``, ``certificate.graph``, ``certificate.incomplete``.
    """
    for field in Basis.__struct_fields__:
        said, is_ = getattr(it.basis, field), getattr(basis, field)
        if said != is_:
            raise IntegrityError(
                "certificate.basis", "The certificate rests on another book, or another state of it.", field=field
            )
    if it.basis.element != graph.element or it.basis.cyclic != graph.cyclic:
        raise IntegrityError("certificate.basis", "The certificate is of another element.", field="element")
    numbers = _numbers(it, graph)
    arcs: tuple[BoundArc | JointArc, ...] = it.arcs
    for place, arc in enumerate(arcs):
        _check_arc(it, numbers, place, arc, graph)
    _check_into(graph, numbers, _complete(it), {arc.row: arc.head for arc in arcs})


def check_grounds(it: Certificate, event: Callable[[str], Mapping[str, Any] | None]) -> int:
    """Refuse a certificate that names recorded values which the events do not hold; how many it names.

    Args:
        event: The event of a hash id as it was recorded, numbers as Decimal or whole; None where there is none.

    Raises:
        IntegrityError: ``certificate.event``, ``certificate.recorded``.
    """
    count = 0
    for place, ground in _grounds(it):
        found = event(ground.event)
        if found is None:
            raise IntegrityError("certificate.event", "The book has no such event.", arc=place, event=ground.event)
        if not _same(pointed(found, ground.pointer), ground.value):
            raise IntegrityError(
                "certificate.recorded", "The event holds another value there.", arc=place, event=ground.event,
                pointer=ground.pointer,
            )  # fmt: skip
        count += 1
    return count


def pointed(document: Any, pointer: str) -> Any:
    """What a JSON pointer leads to; None where it leads nowhere. Source: RFC 6901."""
    if pointer and not pointer.startswith("/"):
        return None
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            return None
    return document


def _same(found: Any, value: str) -> bool:
    """Numbers are the same if they are the same number, text if it is the same text."""
    if isinstance(found, str):
        return found == value
    if isinstance(found, int | Decimal) and not isinstance(found, bool):
        try:
            return Decimal(found) == Decimal(value)
        except InvalidOperation:
            return False
    return False


def _grounds(it: Certificate) -> Iterator[tuple[int, Ground]]:
    arcs: tuple[BoundArc | JointArc, ...] = it.arcs
    for place, arc in enumerate(arcs):
        for ground in arc.grounds:
            yield place, ground


class _Numbers(NamedTuple):
    """Nodes of a certificate by their place, and the other way round; by number of the graph, the last is outside."""

    node: list[int]
    place: Rows


def _numbers(it: Certificate, graph: MassGraph) -> _Numbers:
    numbers = [node.node for node in it.nodes]
    if any(not 0 <= one < graph.nodes for one in numbers) or len(set(numbers)) != len(numbers):
        raise IntegrityError("certificate.graph", "The book has no such node.")
    place = np.full(graph.nodes + 1, ELSEWHERE, dtype=np.int64)
    place[numbers] = np.arange(len(numbers))
    place[OUTSIDE] = OUTSIDE
    return _Numbers(numbers, place)


def _check_arc(it: Certificate, numbers: _Numbers, place: int, arc: BoundArc | JointArc, graph: MassGraph) -> None:
    row = arc.row
    same = row < graph.mg.size and arc.mg == graph.mg[row] and arc.own == bool(graph.own[row])
    if same and arc.origin >= 0:
        same = graph.origin[row] >= 0 and it.origins[arc.origin] == graph.origins[graph.origin[row]]
    same = same and arc.tail == numbers.place[graph.tail[row]]
    if same:
        there = int(numbers.place[graph.head[row]])
        if isinstance(it, BoundCertificate):
            same = arc.head in (there, len(numbers.node))  # that it is the target's was compared with its rows
        else:
            # Where a claimed lot goes binds nothing, so that there it may end.
            same = arc.head == there or (arc.head == OUTSIDE and there == ELSEWHERE)
    if not same:
        raise IntegrityError("certificate.graph", "The book has another arc there.", arc=place, row=row)


def _check_into(graph: MassGraph, numbers: _Numbers, complete: list[int], heads: dict[int, int]) -> None:
    """That every arc into some nodes is listed as leading there."""
    asked = np.zeros(graph.nodes + 1, dtype=np.bool_)  # the last is outside
    asked[[numbers.node[place] for place in complete]] = True
    for row in np.flatnonzero(asked[graph.head]).tolist():
        place = int(numbers.place[graph.head[row]])
        if heads.get(row) != place:
            raise IntegrityError("certificate.incomplete", "What enters a node is not all listed.", node=place, row=row)


def _complete(it: Certificate) -> list[int]:
    """Places of the nodes of which the proof needs every arc that enters; a routing needs none."""
    match it:
        case BoundCertificate():
            return [place for place, node in enumerate(it.nodes) if node.near or it.form == "whole"]
        case RefutationCertificate():
            return list(range(len(it.nodes)))
        case RoutingCertificate():
            return []
        case _:
            assert_never(it)
