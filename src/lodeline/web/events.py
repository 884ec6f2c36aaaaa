"""``/events``: query them, read one, record one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from litestar import Request, Response, get, post
from msgspec import structs

from lodeline.book.intake import Intake, foretold, look
from lodeline.book.results import result_event
from lodeline.book.results_xml import event_xml
from lodeline.book.spelling import spell_event
from lodeline.errors import NotFoundError, RecordError, RequestError
from lodeline.web.access import requires
from lodeline.web.answers import event_form, events_answer, spelling
from lodeline.web.bodies import body
from lodeline.web.headers import extensions
from lodeline.web.negotiation import JSON, LD_JSON, TEXT_XML, XML, require_sent, sent
from lodeline.web.paging import links, page, pairs
from lodeline.web.serving import Serving, caller, path_word, serving

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredEvent

EVENT_BYTES = 8 * 1024 * 1024
EVENT_TYPES = (JSON, LD_JSON, XML, TEXT_XML)
QUERY_NAME = "SimpleEventQuery"


@get("/events", guards=[requires("reader")])
async def events(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Events that a query in the address finds, in pages."""
    return await found(request, pairs(request))


async def found(
    request: Request[Any, Any, Any], parameters: Sequence[tuple[str, str]], *, of: tuple[str, str] | None = None
) -> Response[bytes]:
    """A page of the events that query parameters find.

    Args:
        of: A parameter and a value of it that must hold besides, whatever the parameters say; the path names it.

    Raises:
        QueryError: ``query.…``, as `lodeline.record.query.from_url` and `lodeline.book.Book.query` say.
    """
    from lodeline.record.query import from_url, parse

    event_form(request)
    held, wanted, bound = serving(request), await page(request), extensions(request)
    query = from_url(parameters, extensions=bound)
    if of is not None:
        # The token of a page is bound to its path, and so to this too.
        named_by_path = parse({of[0]: [of[1]]}, extensions={})
        query = structs.replace(query, conditions=query.conditions + named_by_path.conditions)
    got = await held.off_loop(lambda: held.book.query(query, token=wanted.at, per_page=wanted.size))
    return await events_answer(
        request, got.events, query_name=QUERY_NAME, headers=links(request, got.next_token, wanted.size)
    )


@get("/events/{event_id:str}", guards=[requires("reader")])
async def event(request: Request[Any, Any, Any]) -> Response[bytes]:
    """One event by its eventID, or by its hash id; with it, what declares it an error."""
    event_form(request)
    held = serving(request)
    stored = await held.off_loop(lambda: named(held, path_word(request, "event_id")))
    return await events_answer(request, stored, query_name=QUERY_NAME)


def named(held: Serving, event_id: str) -> list[StoredEvent]:
    """The events of an id.

    Raises:
        NotFoundError: ``http.no_event``, ``ledger.no_event``.
    """
    if event_id.isdigit():
        # The book's own numbers are not ids of events.
        raise NotFoundError("http.no_event", "There is no event of this id; GET /events finds events.")
    return held.book.event(event_id)


@post("/events", status_code=201, guards=[requires("recorder")])
async def create_event(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Record one event, now. It is in the book when the answer is 201."""
    held, read = serving(request), sent(request, EVENT_TYPES)
    media_type = event_form(request)
    by, how = caller(request).who, spelling(request)

    def write(stored: StoredEvent) -> bytes:
        made = result_event(stored, lambda said: spell_event(said, how, held.settings.company_prefixes))
        return event_xml(made) if media_type == XML else made[0]

    def record(document: BinaryIO) -> StoredEvent:
        require_sent(_one_event(document), read)
        if media_type == XML or how in ("digital_link", "urn"):
            # A form that this event does not have is refused before the event is recorded, and not after.
            write(foretold(document, at=held.settings.clock()))
            document.seek(0)
        return _record(held, document, by)

    async with body(request, largest=min(EVENT_BYTES, held.settings.capture_bytes)) as document:
        stored = await held.off_loop(lambda: record(document))
    held.worker.captured()
    name = stored.event_id or stored.hash_id
    request.scope["state"]["done"] = f"entry {stored.seq}"

    raw = await held.off_loop(lambda: write(stored))
    return Response(
        raw, media_type=media_type, status_code=201, headers={"Location": f"/events/{quote(name, safe='')}"}
    )


def _one_event(document: BinaryIO) -> Intake:
    """What a body holds, which must be one event; the body is at its beginning again.

    Raises:
        RecordError: ``http.not_one_event``.
    """
    found = look(document)
    if not found.bare:
        raise RecordError("http.not_one_event", "POST a document of events to /capture; /events takes one event.")
    document.seek(0)
    return found


def _record(held: Serving, document: BinaryIO, by: str) -> StoredEvent:
    captured = held.book.capture(document, by=by)
    if captured.first_seq is None:
        raise RequestError(
            "http.known_event", "The book holds this very event already; nothing was recorded.", status="known"
        )
    return next(held.book.events(after=captured.first_seq - 1, limit=1))


ROUTES = [events, event, create_event]
