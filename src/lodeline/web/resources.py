"""GS1's top-level resources: what the book names, and the events of each."""

from __future__ import annotations

from typing import Any, cast, get_args

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from lodeline.book.listing import Collection
from lodeline.errors import NotFoundError
from lodeline.web.access import requires
from lodeline.web.answers import spelled_all
from lodeline.web.events import found
from lodeline.web.negotiation import JSON, LD_JSON, accepted
from lodeline.web.paging import links, only_page, pairs
from lodeline.web.serving import path_word, serving

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
COLLECTIONS = cast("tuple[Collection, ...]", get_args(Collection))
FORMS = (JSON, LD_JSON)

QUERY_PARAMETER: dict[Collection, str] = {
    "eventTypes": "eventType",
    "epcs": "MATCH_anyEPC",
    "bizSteps": "EQ_bizStep",
    "bizLocations": "EQ_bizLocation",
    "readPoints": "EQ_readPoint",
    "dispositions": "EQ_disposition",
}
"""What asks for the events of a member."""


class Members(msgspec.Struct, frozen=True, kw_only=True):
    """A collection, as GS1's OpenAPI writes it."""

    context: str = msgspec.field(name="@context", default=CONTEXT)
    type: str = "Collection"
    member: list[str]


def written(members: list[str]) -> bytes:
    """A collection as JSON."""
    return msgspec.json.encode(Members(member=members))


async def require_member(request: Request[Any, Any, Any], collection: Collection, member: str) -> None:
    """Refuse what the book does not name.

    Raises:
        NotFoundError: ``http.no_member``.
    """
    held = serving(request)
    if not await held.off_loop(lambda: held.book.has_member(collection, member)):
        raise NotFoundError(
            "http.no_member", f"No event of this book names this; GET /{collection} lists what they name."
        )


def routes_of(collection: Collection) -> list[HTTPRouteHandler]:
    """The three paths of a top-level resource."""

    @get(f"/{collection}", guards=[requires("reader")], name=collection)
    async def members(request: Request[Any, Any, Any]) -> Response[bytes]:
        """What events of the book name, in pages."""
        media_type = accepted(request, FORMS)
        wanted = await only_page(request)
        held, after = serving(request), wanted.after
        names, more = await held.off_loop(lambda: held.book.members(collection, after=after, limit=wanted.size))
        if collection in ("epcs", "bizLocations", "readPoints"):
            names = spelled_all(request, names)
        at = None if more is None else str(more)
        return Response(written(names), media_type=media_type, headers=links(request, at, wanted.size))

    @get(f"/{collection}/{{member:str}}", guards=[requires("reader")], name=f"{collection} member")
    async def one(request: Request[Any, Any, Any]) -> Response[bytes]:
        """What can be asked of one of them."""
        media_type = accepted(request, FORMS)
        await require_member(request, collection, path_word(request, "member"))
        return Response(written(["events"]), media_type=media_type)

    @get(f"/{collection}/{{member:str}}/events", guards=[requires("reader")], name=f"{collection} events")
    async def of_member(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The events that name it, narrowed by a query in the address."""
        name = path_word(request, "member")
        await require_member(request, collection, name)
        return await found(request, pairs(request), of=(await _asks_for(request, collection, name), name))

    return [members, one, of_member]


async def _asks_for(request: Request[Any, Any, Any], collection: Collection, member: str) -> str:
    """The query parameter for a member. A lot that events name with quantities is a class, and asked for as one."""
    held = serving(request)
    if collection == "epcs" and await held.off_loop(lambda: held.book.is_class(member)):
        return "MATCH_anyEPCClass"
    return QUERY_PARAMETER[collection]


ROUTES = [route for collection in COLLECTIONS for route in routes_of(collection)]
