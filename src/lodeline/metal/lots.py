"""Lots: what the events say of their making."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from lodeline.metal.follower import Follower


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot, as far as events say how it was made; None where none does.

    Attributes:
        id: URI.
        stage, country, material, deposit, scrap_source, permit: From the event in which it arose.
        made_by: Hash id of that event; None if the lot is only ever mentioned.
        ended_by: Hash id of the event that ended it.
        parents: Lots that went into the process it came out of.
        first_place: Where the first event that names it finds it, which need not be where it came from.
    """

    id: str
    stage: str | None = None
    country: str | None = None
    material: str | None = None
    deposit: str | None = None
    scrap_source: str | None = None
    permit: str | None = None
    made_by: str | None = None
    ended_by: str | None = None
    parents: tuple[str, ...] = ()
    first_place: str | None = None


NAMED = ("stage", "country", "material", "deposit", "scrap_source", "permit", "first_place")


def lots_of(books: Follower) -> tuple[Lot, ...]:
    """Every lot of books that kept a journal, in order of first mention."""
    graph, journal = books.graph, books.journal
    parents = {} if journal is None else journal.parents
    columns = graph.lots.columns
    found = []
    for row, lot in enumerate(columns["lot"]):
        made, ended = books.event_of(columns["made_seq"][row]), books.event_of(columns["ended_seq"][row])
        found.append(
            Lot(
                id=graph.names[lot],
                made_by=made[0] if made else None,
                ended_by=ended[0] if ended else None,
                parents=tuple(graph.names[parent] for parent in parents.get(lot, ())),
                **{column: graph.text(columns[column][row]) for column in NAMED},
            )
        )
    return tuple(found)
