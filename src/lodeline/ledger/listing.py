"""Listing what a book names: lots, places, business steps, dispositions, types of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import exists, select

from lodeline.ledger.schema import event_index, lot_index, names

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from lodeline.ledger.backend import Backend

Kind = Literal["lot", "event_type", "biz_step", "disposition", "read_point", "biz_location"]


def listed(backend: Backend, kind: Kind, *, after: int, limit: int, until: int) -> list[tuple[int, str]]:
    """Names of a kind that events up to an entry use, each with its number, in the order in which they came in.

    Args:
        after: Only names with a larger number; a name that comes in later gets a larger one, so that going on from
            the last number leaves nothing out.
        limit: How many at the most.
        until: The entry.
    """
    if kind == "lot":
        used = exists(_uses(kind, until).where(_column(kind) == names.c.id))
        wanted = select(names.c.id, names.c.name).where(names.c.id > after, used).order_by(names.c.id).limit(limit)
    else:
        # Few names, many events: the names are found first, in one pass over the events.
        few = select(_column(kind)).where(event_index.c.seq <= until, _column(kind) > after).distinct().subquery()
        wanted = (
            select(names.c.id, names.c.name).where(names.c.id.in_(select(few.c[0]))).order_by(names.c.id).limit(limit)
        )
    return [(number, name) for number, name in backend.rows(wanted)]


def uses(backend: Backend, kind: Kind, name: str, *, until: int) -> bool:
    """Whether an event up to an entry uses a name, in its one spelling, as something of a kind."""
    number = select(names.c.id).where(names.c.name == name).scalar_subquery()
    return bool(backend.rows(_uses(kind, until).where(_column(kind) == number).limit(1)))


def _uses(kind: Kind, until: int) -> Select[tuple[int]]:
    table = lot_index if kind == "lot" else event_index
    return select(table.c.seq).where(table.c.seq <= until)


def _column(kind: Kind) -> ColumnElement[int]:
    return lot_index.c.lot if kind == "lot" else event_index.c[kind]
