"""Recorded values that masses of a graph rest on, each by the hash id of its event and the JSON pointer in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lodeline.book.entries import hash_ids
from lodeline.errors import UnitError
from lodeline.metal.flows.words import QUANTITY
from lodeline.record.stored import event_of

if TYPE_CHECKING:
    from lodeline.book.traced import Traced
    from lodeline.ledger.store import Store
    from lodeline.origin.certificate import Grounds

MASSES: Final = tuple(QUANTITY[word] for word in ("declared", "gross", "tare", "net"))
SAME: Final = 1e-9
"""A recorded number and the kilograms it was read as are one value if they differ by less than this part."""


def grounds(store: Store, traced: Traced, arcs: Iterable[int], nodes: Iterable[int]) -> Grounds:
    """What some arcs and nodes of the graph rest on, as far as it stands in the events by itself.

    A mass that a balance or the reconciliation gives rests on more than is named here; what is named was recorded.

    Args:
        arcs, nodes: Of the graph.
    """
    from lodeline.origin.certificate import Ground, Grounds

    asked = [(arc, int(traced.built.graph.flow[arc])) for arc in sorted(set(arcs)) if traced.built.graph.flow[arc] >= 0]
    read = _readings(traced, [flow for _, flow in asked])
    entry_of = {
        int(traced.built.node[row]): int(traced.flows.nodes["seq"][row])
        for row in np.flatnonzero(np.isin(traced.built.node, sorted(set(nodes)))).tolist()
    }
    measured = traced.flows.measurements
    entries = {int(measured["seq"][row]) for rows in read.values() for row in rows} | set(entry_of.values())
    hash_of = hash_ids(store, traced.as_of, sorted(entries - {-1}))
    found: dict[int, tuple[Ground, ...]] = {}
    held: dict[str, dict[str, Any]] = {}
    for arc, flow in asked:
        of_arc = []
        for row in read[flow]:
            event = hash_of.get(int(measured["seq"][row]))
            if event is None:
                continue
            if event not in held:
                held[event] = recorded(store, event, traced.as_of) or {}
            pointer = _pointer(
                held[event], float(measured["value"][row]), mass=int(measured["quantity"][row]) in MASSES
            )
            if pointer is not None:
                of_arc.append(Ground(event=event, pointer=pointer[0], value=str(pointer[1])))
        if of_arc:
            found[arc] = tuple(of_arc)
    return Grounds(found, {node: hash_of[entry] for node, entry in entry_of.items() if entry in hash_of})


def recorded(store: Store, hash_id: str, as_of: int) -> dict[str, Any] | None:
    """An event as it was recorded, numbers with a fraction as Decimal; None where the book has none of that hash id."""
    from lodeline.errors import NotFoundError

    try:
        stored = store.event(hash_id, as_of)[0]
    except NotFoundError:
        return None
    return event_of(stored.raw, stored.context)[0]


def _readings(traced: Traced, flows: list[int]) -> Mapping[int, list[int]]:
    """Rows of the measurements that count for the mass and the content of each flow, or of what passes whole."""
    from lodeline.metal.reconciliation.streams import streams

    measured, stream = traced.flows.measurements, streams(traced.flows).mass
    weighs = (measured["chosen"] != 0) & np.isin(measured["quantity"], MASSES)
    by_stream: dict[int, list[int]] = defaultdict(list)
    wanted = set(stream[flows].tolist())
    for row in np.flatnonzero(weighs).tolist():
        of = int(stream[measured["flow"][row]])
        if of in wanted:
            by_stream[of].append(row)
    fraction = traced.flows.element(traced.element).row
    return {
        flow: [*by_stream[int(stream[flow])], *([int(fraction[flow])] if fraction[flow] >= 0 else [])] for flow in flows
    }


def _pointer(event: Mapping[str, Any], value: float, *, mass: bool) -> tuple[str, Decimal | int] | None:
    """Where a value stands in an event, and how it is written there; None where it does not."""
    for pointer, number, unit in _numbers(event, ""):
        read = _read(number, unit, mass=mass)
        if read is not None and abs(read - value) <= SAME * max(abs(value), SAME):
            return pointer, number
    return None


def _numbers(document: Any, pointer: str) -> Iterator[tuple[str, Decimal | int, str]]:
    """Numbers that have a unit, with their pointers."""
    if isinstance(document, Mapping):
        unit = document.get("uom")
        for name, inner in document.items():
            here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if isinstance(inner, int | Decimal) and not isinstance(inner, bool):
                if isinstance(unit, str) and name in ("value", "quantity"):
                    yield here, inner, unit
            else:
                yield from _numbers(inner, here)
    elif isinstance(document, list):
        for place, inner in enumerate(document):
            yield from _numbers(inner, f"{pointer}/{place}")


def _read(number: Decimal | int, unit: str, *, mass: bool) -> float | None:
    """A number in kilograms, or kg per kg; None where its unit is of neither."""
    from lodeline.units.fraction import mass_fraction
    from lodeline.units.mass import kilograms

    try:
        return float(kilograms(number, unit) if mass else mass_fraction(number, unit))
    except UnitError:
        return None
