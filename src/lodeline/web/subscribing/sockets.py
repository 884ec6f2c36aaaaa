"""``GET /queries/{name}/events`` with ``Upgrade: websocket``: from the handshake to the connection's end.

Source: GS1 EPCIS 2.0, REST bindings (OpenAPI); RFC 6455.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import WebSocket, websocket

from lodeline.book.results import written
from lodeline.book.service import NamedQuery, Subscription
from lodeline.errors import NotFoundError, RequestError
from lodeline.web.access import NOBODY, Caller
from lodeline.web.headers import EPC_FORMATS
from lodeline.web.paging import pairs
from lodeline.web.problems import MEDIA_TYPE, headers_for, problem_for
from lodeline.web.serving import path_word
from lodeline.web.subscribing.controls import WebsocketControls, websocket_controls
from lodeline.web.subscribing.making import make_subscription
from lodeline.web.subscribing.standing import finder, writer
from lodeline.web.subscribing.watching import Watch

if TYPE_CHECKING:
    from lodeline.web.serving import Serving
    from lodeline.web.subscribing.runner import Runner

MOST = 200
"""Websockets of one server at a time."""


class Connections:
    """The websockets that are open, those that may come back by their subscription."""

    def __init__(self) -> None:
        self._open: set[Watch] = set()
        self._durable: dict[str, Watch] = {}

    def add(self, watch: Watch, durable_id: str | None) -> None:
        """Note a connection."""
        self._open.add(watch)
        if durable_id is not None:
            self._durable[durable_id] = watch

    async def take_over(self, durable_id: str) -> None:
        """End an earlier connection of a subscription, and wait until what it was told is written down."""
        earlier = self._durable.get(durable_id)
        if earlier is not None:
            earlier.take_over()
            await earlier.ended.wait()

    def remove(self, watch: Watch, durable_id: str | None) -> None:
        """Forget a connection that has ended."""
        self._open.discard(watch)
        watch.ended.set()
        if durable_id is not None and self._durable.get(durable_id) is watch:
            del self._durable[durable_id]

    def require_room(self) -> None:
        """Refuse one connection too many.

        Raises:
            RequestError: ``subscription.too_many_websockets``.
        """
        if len(self._open) >= MOST:
            raise RequestError(
                "subscription.too_many_websockets", f"At most {MOST} websockets are open here at a time; try later."
            )


@websocket("/queries/{name:str}/events")
async def watch_query(socket: WebSocket[Any, Any, Any]) -> None:
    """Send what a named query matches, as it is recorded or on a schedule, until either side closes."""
    serving: Serving = socket.app.state.serving
    runner: Runner = socket.app.state.runner
    caller: Caller = socket.scope["state"].get("caller", NOBODY)
    try:
        runner.connections.require_room()
        if not caller.may("reader"):
            raise RequestError("access.role", "This needs a token with the role reader.", role=caller.role)
        controls = websocket_controls(pairs(socket))
        epc_format = socket.headers.get("GS1-EPC-Format", "")
        if epc_format not in ("", *EPC_FORMATS):
            raise RequestError("http.header", f"GS1-EPC-Format is one of {', '.join(EPC_FORMATS)}.")
        if controls.subscription_id is not None:
            await serving.off_loop(lambda: _held(serving, path_word(socket, "name"), controls, caller, epc_format))
            await runner.connections.take_over(controls.subscription_id)
        named, held = await serving.off_loop(
            lambda: _held(serving, path_word(socket, "name"), controls, caller, epc_format)
        )
        find = await serving.off_loop(lambda: finder(serving.book, serving.service, named.name))
    except Exception as refusal:  # noqa: BLE001  every end of a handshake is a problem document, faults too
        await _refuse(socket, refusal)
        return
    durable_id = held.id if controls.acknowledge else None
    watch = Watch(
        socket,
        serving,
        runner,
        held=held,
        durable=controls.acknowledge,
        find=find,
        write=writer(held.epc_format, serving.settings.company_prefixes),
        made_at=named.created_at,
    )
    runner.connections.add(watch, durable_id)
    try:
        await socket.accept(
            headers={
                "GS1-Query-Min-Record-Time": written(held.min_record_time),
                "Lodeline-Subscription": held.id,
            }
        )
        await watch.run()
    finally:
        runner.connections.remove(watch, durable_id)


def _held(
    serving: Serving, name: str, controls: WebsocketControls, caller: Caller, epc_format: str
) -> tuple[NamedQuery, Subscription]:
    """The query, and the subscription: a new one, or the one that the client comes back to.

    Raises:
        NotFoundError: ``query.unknown_name``, ``subscription.unknown``.
    """
    named = serving.service.queries.get(name)
    if controls.subscription_id is not None:
        held = serving.service.subscriptions.find(controls.subscription_id)
        if held is None or held.dest is not None or held.query_name != name or held.created_by != caller.who:
            raise NotFoundError(
                "subscription.unknown", "There is no subscription of this id; it may have been removed."
            )
        return named, held
    held = make_subscription(
        serving.book,
        named,
        controls,
        caller,
        dest=None,
        secret=None,
        epc_format=epc_format,
        now=serving.settings.clock(),
    )
    if controls.acknowledge:
        serving.service.subscriptions.add(held)
    return named, held


async def _refuse(socket: WebSocket[Any, Any, Any], error: Exception) -> None:
    """Answer the handshake with a problem document."""
    problem = problem_for(error)
    socket.scope["state"]["problem"] = problem
    await socket.receive()
    if "websocket.http.response" not in (socket.scope.get("extensions") or {}):
        await socket.close(4000 + problem.status, problem.code)
        return
    body = msgspec.json.encode(problem)
    lines = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **headers_for(problem, error)}
    start: Any = {
        "type": "websocket.http.response.start",
        "status": problem.status,
        "headers": [(name.lower().encode(), value.encode()) for name, value in lines.items()],
    }
    end: Any = {"type": "websocket.http.response.body", "body": body, "more_body": False}
    await socket.send(start)
    await socket.send(end)
    # The server takes the handshake for unfinished, and says so, until the connection is gone.
    await asyncio.sleep(0.01)
