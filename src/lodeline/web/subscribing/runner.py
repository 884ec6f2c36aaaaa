"""Delivers to every webhook of a book while it is served: each on its own, so that a dead one holds up no other."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random, SystemRandom
from typing import TYPE_CHECKING, TypeVar

from lodeline.errors import BookError
from lodeline.errors.visible import visible
from lodeline.web.subscribing.delivering import Delivering
from lodeline.web.subscribing.inward import Allowed
from lodeline.web.subscribing.sending import WebhookSender
from lodeline.web.subscribing.sockets import Connections
from lodeline.web.subscribing.standing import finder, writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lodeline.book import Book
    from lodeline.book.clock import Clock
    from lodeline.book.service import Service, Subscription
    from lodeline.web.settings import Settings
    from lodeline.web.subscribing.sending import Sender

T = TypeVar("T")

POLL_S = 0.25
"""How often the book is asked for new entries, seconds: captures by the command line are seen by this alone."""
READ_S = 1.0
"""How often the subscriptions are read again though nobody said that they changed, seconds."""
THREADS = 4
KEPT, LOOKED = timedelta(days=7), timedelta(hours=1)
"""How long a websocket that acknowledges may stay away before it is forgotten, and how often that is looked for."""
GRACE_S = 5.0
"""How long a stop waits for deliveries that are under way, seconds."""


class Runner:
    """Serves the webhooks of one book. Of several servers on one book, one does it at a time.

    Attributes:
        head: The book's last entry, as far as it was seen.
        connections: The websockets that are open here.
    """

    def __init__(
        self,
        book: Book,
        service: Service,
        *,
        sender: Sender,
        clock: Clock,
        prefixes: Sequence[str] = (),
        chance: Random | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        self._book, self._service, self._sender, self._poll_s = book, service, sender, poll_s
        self._clock, self._forget_at = clock, clock()
        self._turn = service.turn("subscriptions")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="subscriptions")
        self._delivering = Delivering(
            service,
            sender,
            finder=lambda name: finder(book, service, name),
            writer=lambda epc_format: writer(epc_format, prefixes),
            clock=clock,
            chance=chance or SystemRandom(),
            off_loop=self._off_loop,
            stopping=lambda: self._stopped,
        )
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._held: list[Subscription] = []
        self._read_at = float("-inf")
        self._stale = True
        self._stopped = False
        self._awake, self._news = asyncio.Event(), asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._own_loop: asyncio.AbstractEventLoop | None = None
        self.head = 0
        self.connections = Connections()

    async def start(self) -> None:
        """Begin. Deliveries that an earlier server left under way are sent again first."""
        self._own_loop = asyncio.get_running_loop()
        self._loop = asyncio.create_task(self._run(), name="subscriptions")

    async def stop(self) -> None:
        """Begin no delivery any more, wait a little for those under way, and let another server go on."""
        self._stopped = True
        self._awake.set()
        self._tell_news()
        if self._loop is not None:
            await self._loop
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._threads.shutdown(wait=True)
        self._turn.give()

    async def check(self, dest: object) -> None:
        """Refuse a destination to which nothing may be delivered.

        Raises:
            InputError: ``subscription.dest…``.
        """
        await self._sender.check(dest)

    def wake(self) -> None:
        """Look now: something was captured, or a subscription was made or removed. From any thread."""
        self._stale = True
        if self._own_loop is not None and not self._own_loop.is_closed():
            self._own_loop.call_soon_threadsafe(self._awake.set)

    async def news(self, seen: int, wait_s: float) -> int:
        """The book's last entry, as soon as it is later than one that was seen, or when the time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while self.head <= seen and not self._stopped:
                    await self._news.wait()
        return self.head

    @property
    def stopped(self) -> bool:
        """Whether the server is about to end."""
        return self._stopped

    async def round(self) -> None:
        """Begin what is due. Returns once it is begun; `settled` waits for its end."""
        head = await self._off_loop(lambda: self._book.head().seq)
        if head > self.head:
            self.head = head
            self._tell_news()
        if not await self._off_loop(self._turn.take):
            return
        now = asyncio.get_running_loop().time()
        if self._stale or now - self._read_at >= READ_S:
            self._stale = False
            self._held = await self._off_loop(self._service.subscriptions.webhooks)
            self._read_at = now
            await self._off_loop(self._forget)
        for held in self._held:
            if held.id not in self._busy and self._delivering.due(held, head):
                task = asyncio.create_task(self._serve(held, head), name=f"subscription {held.id}")
                self._busy[held.id] = task

    async def settled(self) -> None:
        """Wait until nothing that was begun is under way."""
        while self._busy:
            await asyncio.wait(list(self._busy.values()))

    def _forget(self) -> None:
        now = self._clock()
        if now >= self._forget_at:
            self._forget_at = now + LOOKED
            self._service.subscriptions.forget_websockets(before=now - KEPT)

    def _tell_news(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _run(self) -> None:
        while not self._stopped:
            try:
                await self.round()
            except BookError as refusal:
                # The store is busy or out of reach for a while: said, and asked again.
                print(f"lodeline: subscriptions: {refusal}", file=sys.stderr, flush=True)
                await asyncio.sleep(READ_S)
            except Exception as fault:  # noqa: BLE001  a fault of one round must not end all deliveries
                _say_fault("subscriptions", fault)
                await asyncio.sleep(READ_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), self._poll_s)
            self._awake.clear()

    async def _serve(self, held: Subscription, head: int) -> None:
        try:
            await self._delivering.serve(held, head)
        except Exception as fault:  # noqa: BLE001  a fault at one subscription must not end the others
            _say_fault(f"subscription {held.id}", fault)
            with suppress(BookError):
                await self._off_loop(lambda: self._delivering.faulted(held.id))
        finally:
            self._stale = True
            del self._busy[held.id]
            self._awake.set()

    async def _off_loop(self, work: Callable[[], T], /) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _say_fault(where: str, fault: Exception) -> None:
    print(f"lodeline: fault: {where}: {type(fault).__name__}: {visible(str(fault))}", file=sys.stderr, flush=True)


def runner_for(book: Book, service: Service, settings: Settings) -> Runner:
    """The runner of a service that is told how to serve by its settings.

    Raises:
        InputError: ``subscription.allow``.
    """
    sender = WebhookSender(allowed=Allowed.of(settings.allow_inward), clock=settings.clock)
    return Runner(book, service, sender=sender, clock=settings.clock, prefixes=settings.company_prefixes)
