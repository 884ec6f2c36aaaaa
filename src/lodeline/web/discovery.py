"""OPTIONS: what each path offers, and what the service reads, writes and takes at the most."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler, route

from lodeline.book.listing import Collection
from lodeline.web.access import requires
from lodeline.web.events import named
from lodeline.web.headers import DISCOVERY, capture_discovery
from lodeline.web.resources import COLLECTIONS, require_member
from lodeline.web.serving import path_word, serving


def discovery(path: str, allow: str) -> HTTPRouteHandler:
    """The OPTIONS of a path that is always there.

    Args:
        allow: Its other methods, such as ``GET, POST``.
    """

    @route(path, http_method="OPTIONS", status_code=204, guards=[requires("reader")], name=f"options {path}")
    async def options(request: Request[Any, Any, Any]) -> Response[None]:
        """What this path offers."""
        return offered(request, allow)

    return options


def offered(request: Request[Any, Any, Any], allow: str) -> Response[None]:
    """The answer to OPTIONS."""
    said = {**DISCOVERY, "Allow": f"OPTIONS, {allow}"}
    if request.scope["path"] == "/capture":
        said |= capture_discovery(serving(request).settings)
    return Response(None, status_code=204, headers=said)


def _member_discovery(collection: Collection, rest: str) -> HTTPRouteHandler:
    path = f"/{collection}/{{member:str}}{rest}"

    @route(path, http_method="OPTIONS", status_code=204, guards=[requires("reader")], name=f"options {path}")
    async def options(request: Request[Any, Any, Any]) -> Response[None]:
        """What this path offers."""
        await require_member(request, collection, path_word(request, "member"))
        return offered(request, "GET")

    return options


@route("/events/{event_id:str}", http_method="OPTIONS", status_code=204, guards=[requires("reader")])
async def _event_options(request: Request[Any, Any, Any]) -> Response[None]:
    """What this path offers."""
    held = serving(request)
    await held.off_loop(lambda: named(held, path_word(request, "event_id")))
    return offered(request, "GET")


@route("/capture/{capture_id:str}", http_method="OPTIONS", status_code=204, guards=[requires("reader")])
async def _job_options(request: Request[Any, Any, Any]) -> Response[None]:
    """What this path offers."""
    held = serving(request)
    await held.off_loop(lambda: held.service.jobs.get(path_word(request, "capture_id")))
    return offered(request, "GET")


ROUTES = [
    discovery("/", "GET"),
    discovery("/capture", "GET, POST"),
    _job_options,
    discovery("/events", "GET, POST"),
    _event_options,
    *(discovery(f"/{collection}", "GET") for collection in COLLECTIONS),
    *(_member_discovery(collection, rest) for collection in COLLECTIONS for rest in ("", "/events")),
    discovery("/nextPageToken/{token:str}", "DELETE"),
    discovery("/audit", "GET"),
]
