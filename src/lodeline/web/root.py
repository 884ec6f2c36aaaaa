"""``/``, the end of page tokens, and the audit log."""

from __future__ import annotations

from html import escape
from typing import Any

import msgspec
from litestar import Request, Response, delete, get

from lodeline.web.access import requires
from lodeline.web.negotiation import HTML, JSON, LD_JSON, accepted
from lodeline.web.paging import end, links, only_page
from lodeline.web.resources import COLLECTIONS, written
from lodeline.web.serving import path_word, serving

TOP = ["capture", "events", *COLLECTIONS, "queries"]


@get("/", guards=[requires("reader")])
async def top(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What there is. A browser gets a page."""
    media_type = accepted(request, (JSON, LD_JSON, HTML))
    if media_type != HTML:
        return Response(written(TOP), media_type=media_type)
    return Response(_start_page(serving(request).book.title), media_type=HTML)


def _start_page(title: str) -> bytes:
    rows = "".join(f'<li><a href="/{name}">/{name}</a></li>' for name in [*TOP, "openapi.json"])
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>body{{font:16px/1.5 system-ui;max-width:40em;margin:3em auto;"
        f"padding:0 1em;color-scheme:light dark}}</style><h1>{escape(title)}</h1>"
        "<p>This is a Lodeline book, served by GS1's EPCIS 2.0 REST bindings. Programs capture and query it here:</p>"
        f"<ul>{rows}</ul>"
    ).encode()


@delete("/nextPageToken/{token:str}", status_code=204, guards=[requires("reader")])
async def end_page_token(request: Request[Any, Any, Any]) -> None:
    """End a page token before its time."""
    await end(request, path_word(request, "token"))


@get("/audit", guards=[requires("auditor")])
async def audit(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The audit log: every write and every refusal, oldest first. Not GS1's; ours."""
    media_type = accepted(request, (JSON,))
    wanted = await only_page(request)
    held, after = serving(request), wanted.after
    entries = await held.off_loop(lambda: held.service.audit.entries(after=after, limit=wanted.size + 1))
    kept = entries[: wanted.size]
    more = str(kept[-1].seq) if len(entries) > wanted.size else None
    return Response(msgspec.json.encode(kept), media_type=media_type, headers=links(request, more, wanted.size))


ROUTES = [top, end_page_token, audit]
