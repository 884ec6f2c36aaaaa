"""A new subscription: what it takes over from its query, and from which entry on it hears."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from lodeline.book.service import Subscription
from lodeline.errors import BookError
from lodeline.web.subscribing.batches import BATCH_EVENTS
from lodeline.web.subscribing.standing import check_standing, query_of

if TYPE_CHECKING:
    from lodeline.book import Book
    from lodeline.book.service import NamedQuery
    from lodeline.web.access import Caller
    from lodeline.web.subscribing.controls import Controls


def make_subscription(
    book: Book,
    named: NamedQuery,
    controls: Controls,
    caller: Caller,
    *,
    dest: str | None,
    secret: str | None,
    epc_format: str,
    now: datetime,
) -> Subscription:
    """A subscription that has delivered nothing yet. It is not kept by this.

    Raises:
        InputError: ``subscription.query_limited``, and those of the query language.
    """
    check_standing(named)
    query_of(named)
    initial = controls.initial_record_time
    return Subscription(
        id=str(uuid4()),
        query_name=named.name,
        dest=dest,
        secret=secret,
        schedule=None if controls.schedule is None else controls.schedule.written,
        report_if_empty=controls.report_if_empty,
        initial_record_time=initial,
        epc_format=epc_format,
        created_at=now,
        created_by=caller.who,
        token=caller.token,
        position=book.head().seq if initial is None else _before(book, initial, now),
        min_record_time=now if initial is None else initial,
        due_at=now if controls.schedule is None else controls.schedule.next_after(now),
        batch_events=BATCH_EVENTS,
        touched_at=now,
    )


def _before(book: Book, initial: datetime, now: datetime) -> int:
    """The last entry that was recorded before an instant."""
    if initial > now:
        return book.head().seq
    if initial.year == 1:
        return 0
    try:
        return book.entry_at((initial - timedelta(microseconds=1)).isoformat())
    except BookError as refusal:
        if refusal.code != "ledger.as_of":
            raise
        # The book is younger than that: all of it is meant.
        return 0
