"""Every refusal over HTTP is one problem document (RFC 9457) with the refusal's own code in it."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from lodeline.errors import (
    BookError,
    IntegrityError,
    LodelineError,
    NotFoundError,
)
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from litestar import Request

MEDIA_TYPE = "application/problem+json"
SENTENCE = 1_000

STATUS = {
    "access.no_token": 401,
    "access.bad_token": 401,
    "access.role": 403,
    "access.host": 403,
    "access.origin": 403,
    "access.owner": 403,
    "access.slow_down": 429,
    "http.not_found": 404,
    "http.method": 405,
    "http.not_acceptable": 406,
    "http.version": 406,
    "http.epc_format": 406,
    "http.cbv_format": 406,
    "record.xml_cannot_say": 406,
    "http.header": 406,
    "http.body_slow": 408,
    "http.known_event": 409,
    "http.too_large": 413,
    "http.too_many_events": 413,
    "http.url_too_long": 414,
    "http.media_type": 415,
    "http.content_encoding": 415,
    "http.queue_full": 429,
    "subscription.too_many_websockets": 429,
    "query.name_taken": 409,
    "query.too_large": 413,
    "ledger.busy": 503,
    "ledger.unreachable": 503,
    "ledger.full": 507,
}
"""The status of a refusal whose family does not tell it."""

TYPES = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchNameException",
    406: "NotAcceptableException",
    409: "ResourceAlreadyExistsException",
    413: "CaptureLimitExceededException",
    414: "URITooLongException",
    415: "UnsupportedMediaTypeException",
}
"""EPCIS' own names of exceptions, by status; any other status is an ImplementationException."""

TITLES = {
    400: "This is not valid",
    401: "An access token is needed",
    403: "This is not allowed",
    404: "There is no such thing here",
    405: "This cannot be done here",
    406: "It cannot be given in this form",
    408: "The request took too long",
    409: "This exists already",
    413: "This is too large",
    414: "The address is too long",
    415: "This media type is not read here",
    429: "Too many requests",
    501: "This is not offered",
    503: "Try again",
    507: "There is no room",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document.

    Attributes:
        type: EPCIS' name of the exception, as GS1's OpenAPI lists them.
        title: What kind of problem it is.
        status: The HTTP status.
        detail: One sentence: what is wrong, and what to do.
        code: Lodeline's stable code of the refusal.
        where: The place, as far as it is known: ``event`` (index), ``field``, ``line`` …
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: dict[str, Any] = {}


def status_of(refusal: LodelineError) -> int:
    """The HTTP status of a refusal: by its code, else by its family."""
    if refusal.code in STATUS:
        return STATUS[refusal.code]
    match refusal:
        case NotFoundError():
            return 404
        case BookError() | IntegrityError():
            return 500
        case _:
            return 400


def _type(status: int, code: str) -> str:
    family = code.partition(".")[0]
    if code == "query.too_large":
        name = "QueryTooLargeException"
    elif status == 400 and family in ("query", "page"):
        name = "QueryParameterException"
    elif status == 400 and family == "subscription":
        name = "SubscriptionControlsException"
    else:
        name = TYPES.get(status, "ImplementationException")
    return f"epcisException:{name}"


def problem_of(refusal: LodelineError) -> Problem:
    """The problem document of a refusal; foreign text in it is made visible and cut."""
    status = status_of(refusal)
    where = {
        name: value if isinstance(value, (int, bool)) else visible(str(value))
        for name, value in refusal.where.items()
        # Paths on the server, and what its database says, are not the caller's business.
        if value is not None and name not in ("file", "book") and not (status >= 500 and name in ("schema", "said"))
    }
    return Problem(
        type=_type(status, refusal.code),
        title=TITLES.get(status, "This went wrong on the server"),
        status=status,
        detail=visible(refusal.sentence, limit=SENTENCE),
        code=refusal.code,
        where=where,
    )


def from_litestar(error: HTTPException) -> Problem:
    """The problem document of what the framework itself refuses: unknown paths, methods and bad parameters."""
    status = error.status_code
    code, detail = {
        401: ("access.no_token", "Send an access token: Authorization: Bearer …"),
        403: ("access.role", "The role of this token does not allow this."),
        404: (
            "http.not_found",
            "There is nothing at this path; GET / lists what there is. Percent-encode identifiers.",
        ),
        405: ("http.method", "This method is not offered here; OPTIONS says which are."),
    }.get(status, ("http.request" if status < 500 else "internal.fault", "The request cannot be read as it is."))
    if status >= 500:
        return fault()
    return Problem(
        type=_type(status, code), title=TITLES.get(status, "The request is refused"), status=status, detail=detail,
        code=code,
    )  # fmt: skip


def fault() -> Problem:
    """The problem document of a fault of lodeline's own; it says nothing of its inside."""
    return Problem(
        type=_type(500, "internal.fault"),
        title="This went wrong on the server",
        status=500,
        detail="This is a fault of lodeline; what happened stands in the server's own output.",
        code="internal.fault",
    )


def problem_for(error: BaseException) -> Problem:
    """The problem document for anything that ended a request; a fault is told on the server's standard error."""
    match error:
        case LodelineError():
            problem = problem_of(error)
            if problem.status == 500:
                print(f"lodeline: {visible(str(error), limit=SENTENCE)}", file=sys.stderr, flush=True)
            return problem
        case HTTPException():
            return from_litestar(error)
        case _:
            print(f"lodeline: fault: {type(error).__name__}: {visible(str(error))}", file=sys.stderr, flush=True)
            if os.environ.get("LODELINE_DEBUG"):
                traceback.print_exception(error)
            return fault()


def headers_for(problem: Problem, error: BaseException | None = None) -> dict[str, str]:
    """Headers that belong to a problem's status."""
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="lodeline"'
    if problem.status in (429, 503):
        seconds = error.where.get("retry_after_s", 5) if isinstance(error, LodelineError) else 5
        headers["Retry-After"] = str(seconds)
    if isinstance(error, HTTPException) and error.headers and "allow" in error.headers:
        headers["Allow"] = error.headers["allow"]
    return headers


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler: any end of a request that is not an answer."""
    problem = problem_for(error)
    request.scope["state"]["problem"] = problem
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers_for(problem, error),
    )
