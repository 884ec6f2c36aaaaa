"""What a query found, as one EPCIS 2.0 query document that any EPCIS reader takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lodeline.book.epcis import GS1_CONTEXT, with_context
from lodeline.record.codec import encode
from lodeline.record.stored import context_text, event_of, is_xml

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredEvent


def result_event(
    stored: StoredEvent, change: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> tuple[bytes, bytes | None]:
    """A recorded event as a query answers it, and the @context that its names need.

    It is as it was captured, numbers with every digit, but for ``recordTime``, which is ours, and ``eventID``, which
    is its hash id where it was captured without one, so that it can be asked for by it.

    Args:
        change: What else to change in it, such as the spelling of identifiers (`lodeline.book.spelling`).

    Source: EPCIS 2.0, 7.4.1, recordTime: ignored on capture, present in a result; REST bindings, POST /capture, on
    missing event IDs.
    """
    event, names = event_of(stored.raw, stored.context)
    event["recordTime"] = written(stored.recorded_at)
    event.setdefault("eventID", stored.hash_id)
    context = context_text(names) if is_xml(stored.raw) else stored.context
    return encode(event if change is None else change(event)), context


def query_document(
    events: Sequence[tuple[bytes, bytes | None]],
    *,
    created: datetime,
    query_name: str,
    subscription_id: str | None = None,
    document_id: str | None = None,
) -> bytes:
    """The answer to a query: the same arguments give the same bytes.

    The @context that all events share stands at the document; otherwise each event carries its own, so that every
    name keeps its meaning.

    Args:
        events: As `result_event` gives them, in the order of the answer.
        created: When the answer was made, with its offset.
        query_name: ``SimpleEventQuery`` where the query has no name of its own.
        document_id: Address that names this answer.
    """
    contexts = {context for _, context in events}
    common = contexts.pop() if len(contexts) == 1 else None
    parts = [raw if common is not None else with_context(raw, context) for raw, context in events]
    head: dict[str, Any] = {"id": document_id} if document_id is not None else {}
    head |= {"type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": written(created)}
    results = {"queryName": query_name}
    if subscription_id is not None:
        results["subscriptionID"] = subscription_id
    return b"".join(
        (
            b'{"@context":' + (common or GS1_CONTEXT) + b"," + encode(head)[1:-1],
            b',"epcisBody":{"queryResults":' + encode(results)[:-1] + b',"resultsBody":{"eventList":[',
            b",".join(parts),
            b"]}}}}",
        )
    )


def written(instant: datetime) -> str:
    """An instant as EPCIS writes it, in UTC and to the microsecond, since record times are that fine."""
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
