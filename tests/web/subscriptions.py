"""What tests of subscriptions share: a book, its service store, a clock that stands, and a sender that keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from lodeline.book import Book, create
from lodeline.book import open as open_book
from lodeline.book.service import NamedQuery, Service, Subscription, open_service
from lodeline.web.access import Caller
from lodeline.web.subscribing.controls import WebhookControls, webhook_controls
from lodeline.web.subscribing.delivering import Delivering
from lodeline.web.subscribing.making import make_subscription
from lodeline.web.subscribing.sending import Answer
from lodeline.web.subscribing.standing import finder, writer
from tests.ledger.epcis import document, event

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WHO = Caller("tester", "reader", None)
OK = Answer(status=204)


def failure(status: int | None = 500, **more: Any) -> Answer:
    return Answer(status=status, problem=f"answered: {status}", **more)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class KeepingSender:
    """Answers in turn, then acknowledges for ever; keeps what it was given."""

    answers: list[Answer] = field(default_factory=list)
    always: Answer = OK
    sent: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    async def check(self, dest: object) -> object:
        return dest

    async def post(self, dest: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.sent.append((dest, body, dict(headers)))
        return self.answers.pop(0) if self.answers else self.always

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.sent]

    @property
    def notes(self) -> list[list[int]]:
        """The number of each event of each document."""
        return [
            [int(one["ex:note"].split()[-1]) for one in said["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
            for said in self.documents
        ]

    @property
    def deliveries(self) -> list[str]:
        return [headers["Idempotency-Key"].strip('"') for _, _, headers in self.sent]


class World:
    """One book that is served, with time in our hands."""

    def __init__(self, url: str | Path) -> None:
        self.url, self.clock, self.sender, self.chance = url, Clock(), KeepingSender(), Random(1)
        create(url, title="A trial book", by="founder", clock=self._ticking).close()
        self.captured = 0
        self.open()

    def open(self) -> None:
        self.book: Book = open_book(self.url, clock=self._ticking)
        self.service: Service = open_service(self.url)
        self.delivering = Delivering(
            self.service,
            self.sender,
            finder=lambda name: finder(self.book, self.service, name),
            writer=lambda epc_format: writer(epc_format, ()),
            clock=self.clock,
            chance=self.chance,
            off_loop=_directly,
            stopping=lambda: False,
        )

    def close(self) -> None:
        self.book.close()
        self.service.close()

    def _ticking(self) -> datetime:
        # Record times must rise.
        self.clock.move(microseconds=1)
        return self.clock.now

    def capture(self, numbers: Iterable[int], **changed: Any) -> None:
        self.book.capture(document(event(number, **changed) for number in numbers), by="tester")

    def query(self, name: str = "shipped", parameters: dict[str, Any] | None = None) -> NamedQuery:
        named = NamedQuery(
            name=name,
            parameters={"EQ_bizStep": ["shipping"]} if parameters is None else parameters,
            extensions={},
            created_at=self.clock(),
            created_by="tester",
        )
        self.service.queries.add(named)
        return named

    def subscribe(self, named: NamedQuery, caller: Caller = WHO, **said: Any) -> Subscription:
        body = {"dest": "https://hooks.example.com/", **said}
        if "schedule" not in said:
            body["stream"] = True
        controls: WebhookControls = webhook_controls(json.dumps(body).encode())
        made = make_subscription(
            self.book,
            named,
            controls,
            caller,
            dest=str(controls.dest),
            secret=controls.secret,
            epc_format="No_Preference",
            now=self.clock(),
        )
        self.service.subscriptions.add(made)
        return made

    def deliver(self, held: Subscription) -> Subscription | None:
        """One look at a subscription, to its end; what it is afterwards."""
        import asyncio

        found = self.service.subscriptions.find(held.id)
        head = self.book.head().seq
        if found is not None and found.state != "ended" and self.delivering.due(found, head):
            asyncio.run(self.delivering.serve(found, head))
        return self.service.subscriptions.find(held.id)


async def _directly(work: Any) -> Any:
    return work()
