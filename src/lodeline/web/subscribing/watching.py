"""A standing query over one websocket: documents go out as events come in, and the client may say what it has.

Without acknowledging, a document counts as delivered when the connection took it; a client that lost the connection
comes back with ``initialRecordTime``. With it, a document counts when the client sent ``{"acknowledged": ID}``; the
next one is sent only then, and a client that comes back with its subscriptionID is sent the unacknowledged one again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from lodeline.book.service import Subscription
from lodeline.errors import LodelineError
from lodeline.web.subscribing.batches import Batch, Find, Written, next_batch, same_batch
from lodeline.web.subscribing.delivering import NO_DELIVERY, document_of, next_run

if TYPE_CHECKING:
    from litestar.connection import WebSocket

    from lodeline.ledger.values import StoredEvent
    from lodeline.web.serving import Serving
    from lodeline.web.subscribing.runner import Runner

GOING_AWAY, UNEXPECTED, NOT_ALLOWED, FAULT = 1001, 1003, 1008, 1011
"""Closing codes of RFC 6455, section 7.4.1."""
REMOVED, NOT_ACKNOWLEDGED, TAKEN_OVER = 4404, 4408, 4409
"""Closing codes of our own."""

ACKNOWLEDGE_S = 60.0
"""How long a client may take to acknowledge a document, seconds."""
LOOK_S = 1.0
"""How often a quiet connection looks whether it may go on, seconds."""
TOUCH = timedelta(hours=1)


class Acknowledged(msgspec.Struct, forbid_unknown_fields=True):
    """What a client says of a document: its ``id``."""

    acknowledged: str


class Closing(Exception):  # noqa: N818  an end, not always an error
    """The connection is to be closed by us."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Watch:
    """One connection and what it has been told.

    Attributes:
        ended: Set when it is over and all that came of it is written down.

    Args:
        held: What is subscribed to.
        durable: Whether it is kept in the service store, so that the client may come back.
    """

    def __init__(
        self,
        socket: WebSocket[Any, Any, Any],
        serving: Serving,
        runner: Runner,
        *,
        held: Subscription,
        durable: bool,
        find: Find,
        write: Callable[[StoredEvent], Written],
        made_at: Any,
    ) -> None:
        self._socket, self._serving, self._runner = socket, serving, runner
        self._held, self._durable, self._find, self._write = held, durable, find, write
        self._made_at = made_at
        self._clock = serving.settings.clock
        self._said: asyncio.Queue[str | None] = asyncio.Queue()
        self._settling = self._gone = self._taken_over = False
        self.ended = asyncio.Event()

    def take_over(self) -> None:
        """End this connection, since its client has come back by another one."""
        self._taken_over = True
        self._said.put_nowait(None)

    async def run(self) -> None:
        """Serve the connection until either side ends it."""
        listening = asyncio.create_task(self._listen())
        speaking = asyncio.create_task(self._speak())
        try:
            await asyncio.wait((listening, speaking), return_when=asyncio.FIRST_COMPLETED)
            self._gone = listening.done()
            if self._settling and not speaking.done():
                # What the client acknowledged before it went is still written down.
                self._said.put_nowait(None)
                await asyncio.wait((speaking,), timeout=ACKNOWLEDGE_S)
            for task in (listening, speaking):
                if task.done() and (ended := task.exception()) is not None:
                    await self._close(ended)
                    break
        finally:
            for task in (listening, speaking):
                task.cancel()
            await asyncio.gather(listening, speaking, return_exceptions=True)

    async def _close(self, ended: BaseException) -> None:
        """Say why to the client, where it is still there."""
        if self._socket.connection_state == "disconnect":
            return
        match ended:
            case Closing():
                await self._socket.close(ended.code, ended.reason)
            case LodelineError():
                await self._socket.close(FAULT, ended.code)
            case _:
                await self._socket.close(FAULT, "internal.fault")
                raise ended

    async def _listen(self) -> None:
        """Take what the client says; returns when it has gone."""
        while True:
            message: Any = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                heard = msgspec.json.decode(message.get("text") or b"", type=Acknowledged)
            except msgspec.DecodeError as flaw:
                raise Closing(UNEXPECTED, 'only {"acknowledged": ID} is understood here') from flaw
            if not self._durable:
                raise Closing(UNEXPECTED, "subscribe with acknowledge=true to acknowledge")
            if self._said.qsize() > 1:
                raise Closing(UNEXPECTED, "acknowledge each document once")
            self._said.put_nowait(heard.acknowledged)

    async def _speak(self) -> None:
        """Send what there is, then wait for more."""
        await self._runner.news(-1, LOOK_S)
        seen = self._held.position
        while True:
            await self._look()
            seen = await self._tell(seen)
            await self._runner.news(seen, self._pause_s())

    def _pause_s(self) -> float:
        if self._held.schedule is None:
            return LOOK_S
        until_due = (self._held.due_at - self._clock()).total_seconds()
        return min(LOOK_S, max(0.01, until_due))

    async def _look(self) -> None:
        """Whether this may go on: the query and the token still stand, and nobody took it over."""
        if self._runner.stopped:
            raise Closing(GOING_AWAY, "the server stops; connect again")
        self._require_client()
        await self._serving.off_loop(self._check)

    def _require_client(self) -> None:
        if self._taken_over:
            raise Closing(TAKEN_OVER, "another connection took this subscription up")
        if self._gone:
            raise Closing(GOING_AWAY, "the client went")

    def _check(self) -> None:
        held, service, now = self._held, self._serving.service, self._clock()
        try:
            stands = service.queries.get(held.query_name).created_at == self._made_at
        except LodelineError:
            stands = False
        if not stands or (self._durable and service.subscriptions.find(held.id) is None):
            raise Closing(REMOVED, "the query or the subscription was removed")
        if held.token is not None:
            token = service.tokens.get(held.token)
            if (
                token is None
                or token.revoked_at is not None
                or (token.expires_at is not None and token.expires_at <= now)
            ):
                raise Closing(NOT_ALLOWED, "the token was revoked or has expired")
        if self._durable and now - held.touched_at > TOUCH:
            self._change(touched_at=now)

    async def _tell(self, seen: int) -> int:
        """Send every document that is due; returns the entry up to which all was sent."""
        head, sent = self._runner.head, False
        while self._held.delivery_id is not None or self._due(seen, head):
            before, told = seen, sent
            prepared = await self._serving.off_loop(lambda: self._prepare(before, head, told))  # noqa: B023
            if prepared is None:
                return max(seen, head)
            batch, document = prepared
            await self._socket.send_text(document)
            self._settling = True
            if self._durable:
                await self._acknowledged()
            await self._serving.off_loop(lambda: self._done(batch))  # noqa: B023
            self._settling = False
            self._require_client()
            seen, sent = max(seen, batch.upto), True
        return seen

    def _due(self, seen: int, head: int) -> bool:
        return seen < head if self._held.schedule is None else self._held.due_at <= self._clock()

    def _prepare(self, seen: int, head: int, sent: bool) -> tuple[Batch, str] | None:
        """The document to send; None where there is none."""
        held = self._held
        if held.delivery_id is not None:
            again = same_batch(self._find, self._write, held)
            return again, document_of(held, again).decode()
        until, now = max(head, held.position), self._clock()
        batch = next_batch(
            self._find,
            self._write,
            after=max(seen, held.position),
            until=until,
            most_events=held.batch_events,
            not_before=held.initial_record_time,
        )
        if not batch.events and (sent or not held.report_if_empty):
            if held.schedule is not None:
                self._change(position=batch.upto, due_at=next_run(held, now), min_record_time=now, touched_at=now)
            return None
        self._change(
            delivery_id=str(uuid4()),
            delivery_upto=batch.upto,
            delivery_until=until,
            delivery_at=now,
            touched_at=now,
        )
        return batch, document_of(self._held, batch).decode()

    async def _acknowledged(self) -> None:
        """Wait for the client to say that it has the document."""
        wanted = f"urn:uuid:{self._held.delivery_id}"
        try:
            async with asyncio.timeout(ACKNOWLEDGE_S):
                said = await self._said.get()
        except TimeoutError as late:
            raise Closing(NOT_ACKNOWLEDGED, f"no acknowledgement within {ACKNOWLEDGE_S:g} s") from late
        if said is None:
            self._require_client()
        if said != wanted:
            raise Closing(NOT_ALLOWED, "acknowledge the document that was sent, by its id")

    def _done(self, batch: Batch) -> None:
        now = self._clock()
        self._change(
            position=batch.upto,
            last_notified_at=now,
            min_record_time=now,
            due_at=next_run(self._held, now) if batch.whole else now,
            touched_at=now,
            **NO_DELIVERY,
        )

    def _change(self, **values: Any) -> None:
        if not self._durable:
            self._held = msgspec.structs.replace(self._held, **values)
            return
        changed = self._serving.service.subscriptions.change(self._held, **values)
        if changed is None:
            raise Closing(TAKEN_OVER, "another connection took this subscription up, or it was removed")
        self._held = changed
