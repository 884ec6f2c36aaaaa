"""What the master data say, and which identifiers of the events they do not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lodeline.errors import Finding, Settle
from lodeline.ids.epc import canonical
from lodeline.metal.values import (
    AnyFact,
    Arisen,
    Arrived,
    Assay,
    Departed,
    Moisture,
    OwnerChanged,
    Registered,
    Transformed,
    Weighing,
)

Master = Mapping[tuple[str, str], Mapping[str, Any]]
"""Attributes by (kind, id), the latest record of each."""


def latest(records: Iterable[Registered]) -> Master:
    """The attributes in force: a later record of the same kind and id supersedes an earlier one."""
    return {(record.kind, canonical(record.id)): record.attributes for record in records}


def within(master: Master) -> dict[str, str]:
    """The site that each registered place is a part of: of a site its parent, of a store the site it stands on."""
    found = {}
    for (kind, uri), attributes in master.items():
        larger = attributes.get({"site": "parent", "store": "site"}.get(kind, ""))
        if isinstance(larger, str) and larger:
            found[uri] = canonical(larger)
    return found


def elements_of(master: Master, material: str | None) -> tuple[str, ...]:
    """The elements that a material is held for, as its master data list them; none if it is not registered."""
    listed = master.get(("material", material or ""), {}).get("elements", ())
    return tuple(listed) if isinstance(listed, (list, tuple)) else (str(listed),)


def unregistered(facts: Iterable[AnyFact], master: Master) -> list[Finding]:
    """One note for each identifier that is used and not registered, and each standard that an instrument in use names.

    It works all the same.
    """
    used: dict[tuple[str, str], dict[str, None]] = {}
    for fact in facts:
        for kind, uri in _named(fact):
            if uri is not None and not any((one, uri) in master for one in kind.split("|")):
                used.setdefault((kind, uri), {})[fact.event] = None
            standard = master.get((kind, uri or ""), {}).get("standard")
            if isinstance(standard, str) and ("standard", canonical(standard)) not in master:
                used.setdefault(("standard", canonical(standard)), {})[fact.event] = None
    return [
        Finding(
            code="metal.unregistered",
            sentence=f"{uri} is used as a {kind.replace('|', ' or ')}, and is not in the master data.",
            weight="note",
            events=tuple(events),
            settle=(
                Settle(act="registration", subject=uri, detail=f"Register {uri} as a {kind.replace('|', ' or ')}."),
            ),
        )
        for (kind, uri), events in used.items()
    ]


def _named(fact: AnyFact) -> Iterable[tuple[str, str | None]]:
    yield "site|store", fact.place
    match fact:
        case Arisen():
            yield from _made(fact)
        case Transformed(made=Arisen() as made):
            yield from _made(made)
        case Weighing():
            yield "scale", fact.device
        case Assay() | Moisture():
            yield "laboratory", fact.laboratory
        case Departed() | Arrived() | OwnerChanged():
            for ends in (fact.source, fact.destination):
                yield from (("party", ends.owner), ("party", ends.holder), ("site|store", ends.place))
        case _:
            pass


def _made(fact: Arisen) -> Iterable[tuple[str, str | None]]:
    yield from (("material", fact.material), ("deposit", fact.deposit), ("party", fact.owner))
