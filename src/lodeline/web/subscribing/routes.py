"""``/queries`` and what lies below: named queries, their events, and the subscriptions to them.

Source: GS1 EPCIS 2.0, REST bindings (OpenAPI).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, delete, get, post
from litestar.handlers import route

from lodeline.book.service import NamedQuery, Subscription
from lodeline.errors import InputError, NotFoundError, RequestError
from lodeline.record.codec import encode
from lodeline.web.access import Caller, requires
from lodeline.web.answers import EVENT_FORMS, events_answer
from lodeline.web.bodies import body
from lodeline.web.discovery import discovery, offered
from lodeline.web.headers import extensions
from lodeline.web.negotiation import JSON, accepted, sent
from lodeline.web.paging import links, page, pairs
from lodeline.web.serving import caller, path_word, serving
from lodeline.web.subscribing.controls import (
    BODY_BYTES,
    asks_for_websocket,
    query_definition,
    webhook_controls,
)
from lodeline.web.subscribing.making import make_subscription
from lodeline.web.subscribing.shown import query_path, shown_query, shown_subscription, subscription_path
from lodeline.web.subscribing.sockets import watch_query
from lodeline.web.subscribing.standing import query_of

if TYPE_CHECKING:
    from lodeline.web.subscribing.runner import Runner

READER = [requires("reader")]


def runner(request: Request[Any, Any, Any]) -> Runner:
    """What delivers to the webhooks of the book."""
    found: Runner = request.app.state.runner
    return found


@get("/queries", guards=READER)
async def queries(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Named queries, by name."""
    accepted(request, (JSON,))
    held, wanted = serving(request), await page(request)
    found = await held.off_loop(lambda: held.service.queries.page(after=wanted.at or "", limit=wanted.size + 1))
    kept = found[: wanted.size]
    more = kept[-1].name if len(found) > wanted.size else None
    return _json([shown_query(named) for named in kept], headers=links(request, more, wanted.size))


@post("/queries", status_code=201, guards=READER)
async def create_query(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Put a query under a name. It can be asked and subscribed to from then on."""
    accepted(request, (JSON,))
    sent(request, (JSON,))
    held, who, bound = serving(request), caller(request), extensions(request)
    async with body(request, largest=BODY_BYTES) as stream:
        raw = stream.read()

    def keep() -> NamedQuery:
        name, parameters = query_definition(raw)
        now = held.settings.clock()
        named = NamedQuery(name=name, parameters=parameters, extensions=bound, created_at=now, created_by=who.who)
        query_of(named)
        held.service.queries.add(named)
        return named

    named = await held.off_loop(keep)
    request.scope["state"]["done"] = f"query {named.name}"
    return Response(b"", status_code=201, media_type=JSON, headers={"Location": query_path(named.name)})


@get("/queries/{name:str}", guards=READER)
async def query(request: Request[Any, Any, Any]) -> Response[bytes]:
    """One named query, as a list of one: GS1's schema says a list, which a client made from it expects."""
    accepted(request, (JSON,))
    named = await _named(request)
    return _json([shown_query(named)])


@delete("/queries/{name:str}", status_code=204, guards=READER)
async def remove_query(request: Request[Any, Any, Any]) -> None:
    """Remove a query and end every subscription to it: webhooks hear no more, websockets are closed."""
    held, who, named = serving(request), caller(request), await _named(request)
    _require_owner(who, named.created_by)
    await held.off_loop(lambda: held.service.queries.remove(named.name))
    runner(request).wake()
    request.scope["state"]["done"] = f"query {named.name}"


@get("/queries/{name:str}/events", guards=READER)
async def query_events(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What a named query finds now, in pages."""
    accepted(request, EVENT_FORMS)
    held, given = serving(request), pairs(request)
    if asks_for_websocket(given):
        raise InputError(
            "subscription.needs_websocket",
            "stream, a schedule and what goes with them open a websocket: send Upgrade: websocket, or leave them out.",
        )
    if given:
        raise InputError("query.named", "A named query takes no parameters of its own here.", field=given[0][0])
    named, wanted = await _named(request), await page(request)

    def ask() -> Any:
        return held.book.query(query_of(named), token=wanted.at, per_page=wanted.size)

    got = await held.off_loop(ask)
    return await events_answer(
        request, got.events, query_name=named.name, headers=links(request, got.next_token, wanted.size)
    )


@get("/queries/{name:str}/subscriptions", guards=READER)
async def subscriptions(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Subscriptions to a query: the caller's own; an auditor or administrator sees all."""
    accepted(request, (JSON,))
    held, named, wanted, who = serving(request), await _named(request), await page(request), caller(request)
    of = None if _sees_all(who) else who.who
    found = await held.off_loop(
        lambda: held.service.subscriptions.of_query(named.name, by=of, after=wanted.at or "", limit=wanted.size + 1)
    )
    kept = found[: wanted.size]
    more = kept[-1].id if len(found) > wanted.size else None
    base = _base(request)
    return _json([shown_subscription(each, base=base) for each in kept], headers=links(request, more, wanted.size))


@post("/queries/{name:str}/subscriptions", status_code=201, guards=READER)
async def subscribe(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Have what a query matches posted to an address, from now on or from an earlier time on."""
    accepted(request, (JSON,))
    sent(request, (JSON,))
    held, who, named = serving(request), caller(request), await _named(request)
    async with body(request, largest=BODY_BYTES) as stream:
        controls = webhook_controls(stream.read())
    await runner(request).check(controls.dest)
    epc_format = request.headers.get("GS1-EPC-Format", "")

    def keep() -> Subscription:
        made = make_subscription(
            held.book,
            named,
            controls,
            who,
            dest=str(controls.dest),
            secret=controls.secret,
            epc_format=epc_format,
            now=held.settings.clock(),
        )
        held.service.subscriptions.add(made)
        return made

    made = await held.off_loop(keep)
    runner(request).wake()
    request.scope["state"]["done"] = f"subscription {made.id}"
    base = _base(request)
    return _json(shown_subscription(made, base=base), status=201, headers={"Location": base + subscription_path(made)})


@get("/queries/{name:str}/subscriptions/{subscription_id:str}", guards=READER)
async def subscription(request: Request[Any, Any, Any]) -> Response[bytes]:
    """One subscription: whether it lives, what was last delivered, and what fails."""
    accepted(request, (JSON,))
    return _json(shown_subscription(await _own(request), base=_base(request)))


@delete("/queries/{name:str}/subscriptions/{subscription_id:str}", status_code=204, guards=READER)
async def unsubscribe(request: Request[Any, Any, Any]) -> None:
    """End a subscription. A delivery that is on its way may still arrive."""
    held, found = serving(request), await _own(request)
    _require_owner(caller(request), found.created_by)
    await held.off_loop(lambda: held.service.subscriptions.remove(found.id))
    runner(request).wake()
    request.scope["state"]["done"] = f"subscription {found.id}"


@route("/queries/{name:str}", http_method="OPTIONS", status_code=204, guards=READER)
async def _query_options(request: Request[Any, Any, Any]) -> Response[None]:
    """What this path offers."""
    await _named(request)
    return offered(request, "GET, DELETE")


@route("/queries/{name:str}/events", http_method="OPTIONS", status_code=204, guards=READER)
async def _events_options(request: Request[Any, Any, Any]) -> Response[None]:
    """What this path offers."""
    await _named(request)
    return offered(request, "GET")


@route("/queries/{name:str}/subscriptions", http_method="OPTIONS", status_code=204, guards=READER)
async def _subscriptions_options(request: Request[Any, Any, Any]) -> Response[None]:
    """What this path offers."""
    await _named(request)
    return offered(request, "GET, POST")


@route("/queries/{name:str}/subscriptions/{subscription_id:str}", http_method="OPTIONS", status_code=204, guards=READER)
async def _subscription_options(request: Request[Any, Any, Any]) -> Response[None]:
    """What this path offers, and since when the subscription has everything."""
    found = await _own(request)
    answer = offered(request, "GET, DELETE")
    answer.headers["GS1-Query-Min-Record-Time"] = shown_subscription(found, base="")["minRecordTime"]
    return answer


async def _named(request: Request[Any, Any, Any]) -> NamedQuery:
    held = serving(request)
    return await held.off_loop(lambda: held.service.queries.get(path_word(request, "name")))


async def _own(request: Request[Any, Any, Any]) -> Subscription:
    """A subscription that the caller may see.

    Raises:
        NotFoundError: ``query.unknown_name``, ``subscription.unknown``; of another's nothing is said, not even that it
            is there.
    """
    held, who, named = serving(request), caller(request), await _named(request)
    found = await held.off_loop(lambda: held.service.subscriptions.get(path_word(request, "subscription_id")))
    if found.query_name != named.name or not (_sees_all(who) or found.created_by == who.who):
        raise NotFoundError("subscription.unknown", "There is no subscription of this id; it may have been removed.")
    return found


def _sees_all(who: Caller) -> bool:
    return who.may("auditor") or who.may("administrator")


def _require_owner(who: Caller, created_by: str) -> None:
    if created_by != who.who and not who.may("administrator"):
        raise RequestError("access.owner", "Only whoever made it, or an administrator, may remove it.")


def _base(request: Request[Any, Any, Any]) -> str:
    return str(request.base_url).rstrip("/")


def _json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(encode(value), status_code=status, media_type=JSON, headers=headers or {})


# OPTIONS first, or Litestar makes one of its own for each path.
route_handlers = [
    discovery("/queries", "GET, POST"),
    _query_options,
    _events_options,
    _subscriptions_options,
    _subscription_options,
    queries,
    create_query,
    query,
    remove_query,
    query_events,
    subscriptions,
    subscribe,
    subscription,
    unsubscribe,
    watch_query,
]
