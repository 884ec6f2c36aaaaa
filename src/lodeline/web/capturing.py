"""``/capture``: documents are taken in at once and captured in their turn; ``/capture/{id}`` tells how it went."""

from __future__ import annotations

from typing import Any, BinaryIO
from uuid import uuid4

import msgspec
from litestar import Request, Response, get, post

from lodeline.book.intake import look
from lodeline.book.service import Job
from lodeline.errors import RecordError, RequestError
from lodeline.web.access import requires
from lodeline.web.bodies import body
from lodeline.web.headers import error_behaviour
from lodeline.web.negotiation import JSON, LD_JSON, TEXT_XML, XML, accepted, require_sent, sent
from lodeline.web.paging import links, only_page
from lodeline.web.serving import Serving, caller, path_word, serving

DOCUMENT_TYPES = (JSON, LD_JSON, XML, TEXT_XML)


class CaptureJob(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A capture job as GS1's OpenAPI writes it; ``added`` and ``known`` are ours."""

    capture_id: str = msgspec.field(name="captureID")
    created_at: str
    running: bool
    success: bool
    capture_error_behaviour: str
    errors: list[dict[str, object]]
    finished_at: str | None = None
    added: int | None = None
    known: int | None = None


def shown(job: Job) -> CaptureJob:
    """A job for its sender."""
    finished = job.finished_at
    return CaptureJob(
        capture_id=job.id,
        created_at=job.created_at.isoformat().replace("+00:00", "Z"),
        finished_at=None if finished is None else finished.isoformat().replace("+00:00", "Z"),
        running=finished is None,
        success=job.success is not False,
        capture_error_behaviour=job.behaviour,
        errors=job.errors,
        added=job.added,
        known=job.known,
    )


@post("/capture", status_code=202, guards=[requires("recorder")])
async def capture(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take in a document of any number of events, to be captured in its turn.

    202 means that the document is durably stored. GET the Location to learn whether its events were captured.
    """
    held = serving(request)
    media_type = sent(request, DOCUMENT_TYPES)
    behaviour = error_behaviour(request)
    async with body(request, largest=held.settings.capture_bytes) as document:
        job = await held.off_loop(lambda: _take_in(held, document, caller(request).who, media_type, behaviour))
    held.worker.wake()
    request.scope["state"]["done"] = f"job {job.id}"
    return Response(b"", status_code=202, media_type="text/plain", headers={"Location": f"/capture/{job.id}"})


def _take_in(held: Serving, document: BinaryIO, by: str, media_type: str, behaviour: str) -> Job:
    _require_room(held)
    intake = look(document)
    require_sent(intake, media_type)
    if intake.bare:
        raise RecordError(
            "http.not_a_document", "POST one event to /events; /capture takes an EPCISDocument or EPCISQueryDocument."
        )
    if intake.events > held.settings.capture_events:
        raise RequestError(
            "http.too_many_events",
            f"A document has at most {held.settings.capture_events} events here; send it in parts "
            "(GS1-EPCIS-Capture-Limit).",
            events=intake.events,
        )
    document.seek(0)
    return held.service.jobs.add(
        uuid4().hex, document, at=held.settings.clock(), by=by, media_type=media_type, behaviour=behaviour
    )


def _require_room(held: Serving) -> None:
    _, size = held.service.jobs.waiting()
    if size >= held.settings.waiting_bytes:
        raise RequestError("http.queue_full", "Too much waits to be captured; send this again later.", retry_after_s=30)


@get("/capture", guards=[requires("reader")])
async def capture_jobs(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Capture jobs, in the order in which they came."""
    media_type = accepted(request, (JSON,))
    wanted = await only_page(request)
    after, held = wanted.after, serving(request)
    jobs, more = await held.off_loop(lambda: held.service.jobs.page(after=after, limit=wanted.size))
    return Response(
        msgspec.json.encode([shown(job) for job in jobs]),
        media_type=media_type,
        headers=links(request, str(jobs[-1].number) if more and jobs else None, wanted.size),
    )


@get("/capture/{capture_id:str}", guards=[requires("reader")])
async def capture_job(request: Request[Any, Any, Any]) -> Response[bytes]:
    """How one capture job stands."""
    media_type = accepted(request, (JSON,))
    held = serving(request)
    job = await held.off_loop(lambda: held.service.jobs.get(path_word(request, "capture_id")))
    return Response(msgspec.json.encode(shown(job)), media_type=media_type)


ROUTES = [capture, capture_jobs, capture_job]
