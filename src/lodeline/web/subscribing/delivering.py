"""One webhook: what is next for it, sent until acknowledged, and written down before and after.

Seen from here every event is delivered exactly once: it belongs to one delivery, and a delivery that was acknowledged
is never sent again. Seen from the receiver a delivery may arrive more than once, always with the same id and the
same bytes: when it, or its acknowledgement, was lost on the way, or when the server died in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

import msgspec

from lodeline.book.results import query_document
from lodeline.book.service import ACTIVE, ENDED, FAILING, Service, Subscription
from lodeline.errors import BookError, LodelineError
from lodeline.web.problems import problem_of
from lodeline.web.subscribing.batches import Batch, Find, Written, next_batch, same_batch
from lodeline.web.subscribing.schedule import parse_schedule
from lodeline.web.subscribing.sending import Answer, Sender, signature

if TYPE_CHECKING:
    from lodeline.book.clock import Clock
    from lodeline.ledger.values import StoredEvent

T = TypeVar("T")

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 3_600.0
PASSED_ENTRIES = 1_000
"""After so many entries without a match the position is written down, so that a restart need not pass them again."""

NO_DELIVERY: dict[str, None] = dict.fromkeys(("delivery_id", "delivery_upto", "delivery_until", "delivery_at"))


class OffLoop(Protocol):
    """Does what blocks in a thread."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


def wait_s(failures: int, wished_s: float | None, chance: Random) -> float:
    """How long to wait before trying again, seconds: doubled with each failure in a row, spread by a quarter.

    Args:
        failures: Failures in a row, >= 1.
        wished_s: What the receiver asked for; it is heard up to the longest wait.
    """
    doubled = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures - 1, 30))
    return min(LONGEST_WAIT_S, max(doubled * (0.75 + 0.5 * chance.random()), wished_s or 0.0))


class Delivering:
    """Serves one webhook at a time; many may be served side by side.

    Args:
        finder: Gives the standing query of a name.
        writer: Gives how events are written for a value of GS1-EPC-Format.
        stopping: Says whether no further delivery is to be begun.
    """

    def __init__(
        self,
        service: Service,
        sender: Sender,
        *,
        finder: Callable[[str], Find],
        writer: Callable[[str], Callable[[StoredEvent], Written]],
        clock: Clock,
        chance: Random,
        off_loop: OffLoop,
        stopping: Callable[[], bool],
    ) -> None:
        self._service, self._sender = service, sender
        self._finder, self._writer = finder, writer
        self._clock, self._chance, self._off_loop, self._stopping = clock, chance, off_loop, stopping
        self._passed: dict[str, int] = {}

    def due(self, held: Subscription, head: int) -> bool:
        """Whether there may be something to do for a subscription now."""
        if held.delivery_id is not None or held.failures or held.schedule is not None:
            return held.due_at <= self._clock()
        return max(held.position, self._passed.get(held.id, 0)) < head

    async def serve(self, held: Subscription, head: int) -> None:
        """Deliver what there is up to an entry, one delivery after the other, until one fails or nothing is left."""
        current: Subscription | None = held
        sent = False
        while current is not None and not self._stopping() and self.due(current, head):
            before, told = current, sent
            try:
                prepared = await self._off_loop(lambda: self._prepare(before, head, told))  # noqa: B023
            except LodelineError as refusal:
                await self._tell(current, refusal)
                return
            if prepared is None:
                return
            under_way, batch, body = prepared
            answer = await self._sender.post(str(held.dest), body, headers_of(under_way, body))
            settled = await self._off_loop(lambda: self._settle(under_way, batch, answer))  # noqa: B023
            current, sent = settled, sent or answer.acknowledged

    def _prepare(self, held: Subscription, head: int, sent: bool) -> tuple[Subscription, Batch, bytes] | None:
        """The delivery to send, written down; None where there is none."""
        if self._ended(held):
            return None
        find, write = self._finder(held.query_name), self._writer(held.epc_format)
        if held.delivery_id is not None:
            return self._worded(held, same_batch(find, write, held))
        batch = next_batch(
            find,
            write,
            after=max(held.position, self._passed.get(held.id, 0)),
            until=max(head, held.position),
            most_events=held.batch_events,
            not_before=held.initial_record_time,
        )
        if not batch.events and (sent or not held.report_if_empty):
            self._pass(held, batch.upto)
            return None
        now = self._clock()
        under_way = self._service.subscriptions.change(
            held,
            delivery_id=str(UUID(int=self._chance.getrandbits(128), version=4)),
            delivery_upto=batch.upto,
            delivery_until=max(head, held.position),
            delivery_at=now,
            touched_at=now,
        )
        return None if under_way is None else self._worded(under_way, batch)

    def _worded(self, held: Subscription, batch: Batch) -> tuple[Subscription, Batch, bytes]:
        # What waits for a slow receiver is in memory once, as it is sent.
        return held, msgspec.structs.replace(batch, events=()), document_of(held, batch)

    def _ended(self, held: Subscription) -> bool:
        """End a subscription whose token no longer gives access: what may not be asked for is not sent either."""
        if held.token is None:
            return False
        token, now = self._service.tokens.get(held.token), self._clock()
        if token is not None and token.revoked_at is None and (token.expires_at is None or now < token.expires_at):
            return False
        self._end(held, "the token that made it was revoked or has expired")
        return True

    def _end(self, held: Subscription, reason: str) -> None:
        self._service.subscriptions.change(
            held, state=ENDED, last_error=reason, secret=None, touched_at=self._clock(), **NO_DELIVERY
        )

    def _pass(self, held: Subscription, upto: int) -> None:
        """Move on over entries that did not match; not each of them is worth a write."""
        if held.schedule is None and not held.failures and upto - held.position < PASSED_ENTRIES:
            self._passed[held.id] = upto
            return
        now = self._clock()
        self._service.subscriptions.change(
            held, position=upto, due_at=next_run(held, now), min_record_time=now, touched_at=now, **_WELL
        )
        self._passed.pop(held.id, None)

    def _settle(self, held: Subscription, batch: Batch, answer: Answer) -> Subscription | None:
        """Write down what became of a delivery; None where there is no more to do for now."""
        now = self._clock()
        if answer.acknowledged:
            self._passed.pop(held.id, None)
            return self._service.subscriptions.change(
                held,
                position=batch.upto,
                last_notified_at=now,
                min_record_time=now,
                due_at=next_run(held, now) if batch.whole else now,
                touched_at=now,
                **_WELL,
                **NO_DELIVERY,
            )
        if answer.status == 410:
            self._end(held, "the receiver answered 410 Gone")
            return None
        if answer.status == 413 and batch.count > 1:
            # Not taken as it is, so that it may be cut: another delivery, under another id.
            smaller = batch.count // 2
            return self._service.subscriptions.change(
                held, batch_events=smaller, due_at=now, touched_at=now, **NO_DELIVERY
            )
        self._failed(held, str(answer.problem), answer.retry_after_s)
        return None

    def faulted(self, subscription_id: str) -> None:
        """Have a subscription that met a fault of ours wait as after any failure, so that it shows."""
        held = self._service.subscriptions.find(subscription_id)
        if held is not None and held.state != ENDED:
            self._failed(held, "a fault of the server; its own output says which", None)

    def _failed(self, held: Subscription, reason: str, wished_s: float | None) -> None:
        now, failures = self._clock(), held.failures + 1
        later = now + timedelta(seconds=wait_s(failures, wished_s, self._chance))
        self._service.subscriptions.change(
            held, state=FAILING, failures=failures, due_at=later, last_error=reason, touched_at=now
        )

    async def _tell(self, held: Subscription, refusal: LodelineError) -> None:
        """Say to the receiver, once, that the query cannot be answered now; it is tried again later.

        That the store is busy or away for a while is no business of the receiver's.

        Source: GS1's OpenAPI: an error of the server is sent in the form of its 4xx and 5xx answers.
        """
        if not held.failures and not isinstance(refusal, BookError):
            body = msgspec.json.encode(problem_of(refusal))
            await self._sender.post(str(held.dest), body, headers_of(held, body))
        await self._off_loop(lambda: self._failed(held, str(refusal), None))


_WELL: dict[str, Any] = {"state": ACTIVE, "failures": 0, "last_error": None}


def next_run(held: Subscription, now: datetime) -> datetime:
    """When a subscription is due next, all having been delivered now."""
    return now if held.schedule is None else parse_schedule(held.schedule).next_after(now)


def document_of(held: Subscription, batch: Batch) -> bytes:
    """The body of a delivery: the same delivery gives the same bytes."""
    assert held.delivery_at is not None
    return query_document(
        batch.events,
        created=held.delivery_at,
        query_name=held.query_name,
        subscription_id=held.id,
        document_id=f"urn:uuid:{held.delivery_id}",
    )


def headers_of(held: Subscription, body: bytes) -> dict[str, str]:
    """The headers of a delivery. The id is the same in every repetition, so that a receiver can tell one."""
    headers = {
        "Content-Type": "application/json",
        "GS1-EPCIS-Version": "2.0.0",
        "GS1-CBV-Version": "2.0.0",
        "Lodeline-Subscription": held.id,
    }
    if held.delivery_id is not None:
        headers["Idempotency-Key"] = f'"{held.delivery_id}"'
    if held.secret is not None:
        headers["GS1-Signature"] = signature(held.secret, body)
    return headers
