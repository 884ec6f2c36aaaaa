"""The metal of a lot: what is held of it at the end of the book, or where none is, what was made of it, or left."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from itertools import takewhile
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, NoReturn

import numpy as np

from lodeline.errors import InputError, NotFoundError
from lodeline.ids.epc import canonical
from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.traced import Traced
    from lodeline.metal.flows.flows import Flows
    from lodeline.origin.building import Built

    Rows = NDArray[np.int64]

State = Literal["held", "used", "ended"]
NEAR: Final = 3
"""How many lots of a like name a refusal names."""
USED, ENDED, CLOSING = (FLOW[word] for word in ("process_in", "ending", "closing"))


class LotMetal(NamedTuple):
    """The metal of one element in a lot.

    Attributes:
        lot: Its URI, as the flows spell it.
        state: ``held`` at the end of the book; ``used``: nothing is held, and it is what went into processes;
            ``ended``: nothing is held and nothing was used, and it is what left the book.
        rows: Flows of it whose mass is known and more than nothing. arcs: theirs in the mass graph.
        unknown: Flows of it whose mass nobody knows.
        places, owners: Where it is held, or was last; URIs, each once.
    """

    lot: str
    state: State
    rows: Rows
    arcs: Rows
    unknown: Rows
    places: tuple[str, ...]
    owners: tuple[str, ...]


def lot_metal(traced: Traced, lot: str) -> LotMetal:
    """The metal of a lot.

    Args:
        lot: Its id, in any spelling.

    Raises:
        NotFoundError: ``origin.no_lot``, with near names. InputError: ``origin.lot_unknown``, ``origin.lot_empty``.
    """
    flows, built = traced.flows, traced.built
    index = lot_index(flows, lot)
    state, rows = _last(flows, built, index)
    known = rows[built.arc[rows] >= 0]
    unknown = rows[built.unknown[rows]]
    if not known.size:
        refuse_lot(traced, flows.names[index], unknown)
    at = flows.flows["tail"][known]
    return LotMetal(
        lot=flows.names[index],
        state=state,
        rows=known,
        arcs=built.arc[known],
        unknown=unknown,
        places=_named(flows, flows.nodes["place"][at]),
        owners=_named(flows, flows.nodes["owner"][at]),
    )


def lot_index(flows: Flows, lot: str) -> int:
    """The index of the name of a lot, in any spelling.

    Raises:
        NotFoundError: ``origin.no_lot``.
    """
    for spelling in (lot, canonical(lot)):
        index = flows.index(spelling)
        if index >= 0 and (flows.lots["lot"] == index).any():
            return index
    names = [flows.names[one] for one in flows.lots["lot"].tolist()]
    near = nlargest(NEAR, names, key=lambda name: _alike(name, lot))
    raise NotFoundError(
        "origin.no_lot",
        f"No event of the book moves a lot {lot}. Near it: {', '.join(near)}."
        if near
        else f"No event of the book moves a lot {lot}; it moves none at all.",
        lot=lot,
    )


def _alike(name: str, wanted: str) -> int:
    """Characters in common at the beginning and at the end: a missing digit, or one too many, changes neither much."""
    return _same(name, wanted) + _same(reversed(name), reversed(wanted))


def _same(one: Iterable[str], other: Iterable[str]) -> int:
    """How many characters are the same until the first that is not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _last(flows: Flows, built: Built, index: int) -> tuple[State, Rows]:
    """Rows of the flows by which it is held, was used or left, whichever comes first and is not nothing."""
    rows = np.flatnonzero(flows.flows["lot"] == index)
    kind = flows.flows["kind"][rows]
    found: tuple[tuple[State, Rows], ...] = (
        ("held", rows[kind == CLOSING]), ("used", rows[kind == USED]), ("ended", rows[kind == ENDED])
    )  # fmt: skip
    for state, of_state in found:
        if ((built.arc[of_state] >= 0) | built.unknown[of_state]).any():
            return state, of_state
    return next(((state, of_state) for state, of_state in found if of_state.size), ("held", rows[:0]))


def refuse_lot(traced: Traced, lot: str, unknown: Rows) -> NoReturn:
    """Refuse a lot of which no mass is known.

    Raises:
        InputError: ``origin.lot_unknown``, ``origin.lot_empty``.
    """
    from lodeline.origin.unknowns import why

    if not unknown.size:
        raise InputError(
            "origin.lot_empty",
            f"The lot holds no {traced.element}, as far as the book knows; ask for another.",
            lot=lot,
        )
    reason = why(traced.built, int(unknown[0]))
    if reason is None:
        raise AssertionError("unreachable: the flow is unknown")
    remedy = " ".join(dict.fromkeys(one.detail for one in reason.settle))
    raise InputError(
        "origin.lot_unknown",
        f"{reason.sentence} So nothing can be said of where it is from; what would settle it: {remedy}",
        lot=lot,
        why=reason.code,
    )


def _named(flows: Flows, names: Rows) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flows.names[one] for one in names.tolist() if one >= 0))
