"""A named query as something that can be asked again and again, and how its events are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lodeline.book.results import result_event
from lodeline.book.spelling import spell_event
from lodeline.errors import InputError, RequestError
from lodeline.record.query import parse
from lodeline.web.answers import SPELLINGS

if TYPE_CHECKING:
    from lodeline.book import Book
    from lodeline.book.service import NamedQuery, Service
    from lodeline.ledger.values import StoredEvent
    from lodeline.record.query import Query
    from lodeline.web.subscribing.batches import Find, Written

ORDERED = ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount")
"""Parameters that shape one answer; a subscription has no one answer."""


def query_of(named: NamedQuery) -> Query:
    """The query that stands under a name.

    Raises:
        LodelineError: those of the query language.
    """
    return parse(named.parameters, extensions=named.extensions)


def check_standing(named: NamedQuery) -> None:
    """Refuse a subscription to a query that orders or cuts its answer: events are delivered as they are recorded.

    Raises:
        InputError: ``subscription.query_limited``.
    """
    for name in ORDERED:
        if name in named.parameters:
            raise InputError(
                "subscription.query_limited",
                f"A query with {name} can be asked but not subscribed to: events are delivered as they are recorded.",
                query=named.name,
                parameter=name,
            )


def finder(book: Book, service: Service, name: str) -> Find:
    """Asks a book for what a named query matches between two entries.

    Raises:
        NotFoundError: ``query.unknown_name``.
    """
    query = query_of(service.queries.get(name))

    def find(after: int, until: int) -> Iterable[StoredEvent]:
        return book.query_since(query, after=after, until=until)

    return find


def writer(epc_format: str, prefixes: Sequence[str]) -> Callable[[StoredEvent], Written]:
    """Writes events for a subscriber who wants identifiers in a format of GS1-EPC-Format.

    An event with an identifier that has no such spelling is written as it was recorded: a request can be refused, but
    a subscription must not stop there for ever.
    """
    how = SPELLINGS[epc_format or None]
    how = "digital_link_where_possible" if how == "digital_link" else how

    def spell(event: dict[str, Any]) -> dict[str, Any]:
        try:
            return spell_event(event, how, prefixes)
        except RequestError:
            return event

    return lambda stored: result_event(stored, spell)
