"""What shares are told apart by: country, deposit, kind of origin, where a stage was done, owner, certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.book.claim_text import at
from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.origin.graph import MassGraph, Origin
    from lodeline.origin.wanted import Wanted

    Rows = NDArray[np.int64]

OF_ORIGINS: Final = ("country", "deposit", "kind")
"""Classes of origins, which have bounds."""
STAGES: Final = ("mined", "concentrated", "refined", "separated", "collected", "recycled")
BY: Final = (*OF_ORIGINS, *(f"stage:{stage}" for stage in STAGES), "owner", "certificate")
UNTRACED_NAME: Final = "untraced"
NOT_SAID: Final = "not said"
KIND_WORDS: Final = {"deposit": "mined", "country": "mined", "scrap": "scrap", "stock": "stock at the beginning"}


class Classes(NamedTuple):
    """Classes of metal.

    Attributes:
        label: (arc,) class; -1 where an arc carries what its tail holds.
        names: Of each class, as it is shown.
        asked: Of each class what it is a bound of; None where it has none.
        origins: Of each class the origins that are of it; none where classes are not of origins.
    """

    label: Rows
    names: tuple[str, ...]
    asked: tuple[Wanted | None, ...]
    origins: tuple[tuple[Origin, ...], ...]


def classes(graph: MassGraph, flows: Flows, by: str) -> Classes:
    """The classes of a graph of these flows.

    Args:
        graph: As it was built, or routed by a rule of mixing.
        by: One of :data:`BY`.

    Raises:
        InputError: ``origin.by_unknown``.
    """
    from lodeline.origin import by as labels

    if by in OF_ORIGINS:
        return _of_origins(graph, by)
    if by not in BY:
        raise InputError("origin.by_unknown", f"Tell shares apart by one of {', '.join(BY)}.", by=by)
    if by == "owner":
        found = labels.first_owner(graph, flows)
    elif by == "certificate":
        found = labels.certificate(graph, flows, graph.element)
    else:
        found = labels.stage(graph, flows, by.partition(":")[2])
    names = tuple("none in this book" if name is None else name or NOT_SAID for name in found.names)
    return Classes(found.label, names, (None,) * len(names), ((),) * len(names))


def _of_origins(graph: MassGraph, by: str) -> Classes:
    numbers: dict[str, int] = {}
    place = np.array([numbers.setdefault(_name(one, by), len(numbers)) for one in graph.origins] + [-1])
    members = tuple(
        tuple(one for one, at in zip(graph.origins, place.tolist(), strict=False) if at == number)
        for number in numbers.values()
    )
    asked = tuple(_asked(graph, by, name, of) for name, of in zip(numbers, members, strict=True))
    return Classes(place[graph.origin].astype(np.int64), tuple(numbers), asked, members)


def _name(origin: Origin, by: str) -> str:
    if origin.kind == "untraced":
        return UNTRACED_NAME
    if by == "kind":
        return KIND_WORDS[origin.kind]
    if by == "country":
        return origin.country or NOT_SAID
    return origin.name or f"{origin.country or 'country not said'}, {KIND_WORDS[origin.kind]}, {NOT_SAID} where"


def _asked(graph: MassGraph, by: str, name: str, of: tuple[Origin, ...]) -> Wanted | None:
    """What a class is a bound of; untraced metal may be of any, and so may what nobody said more of."""
    from lodeline.origin.wanted import wanted

    one = of[0]
    if one.kind == "untraced":
        return None
    if by == "kind":
        match one.kind:
            case "scrap" | "stock":
                return wanted(graph.origins, kind=one.kind)
            case _:
                return wanted(graph.origins, kind="mined")
    if by == "country":
        return wanted(graph.origins, country=one.country) if one.country else None
    return at(graph.origins, one) if one.name else None
