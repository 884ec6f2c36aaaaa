"""The first-shipment book: the public record of one consignment from Pakistan to the United States, and nothing else.

What no source gives is left out: quantities, assays, the day of departure, the route, the owner. What rivals say stands
beside the record as documents, not as facts of the consignment.
"""

from __future__ import annotations

import csv
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from importlib import resources
from typing import Any, Protocol

import msgspec

from lodeline.deal.documents import MEDIA_TYPE
from lodeline.record import metal
from lodeline.record.codec import encode
from lodeline.record.metal import Act, Amount, End, Event, Made

TITLE = "The first shipment: Pakistan to the United States, 2 October 2025"
"""The title of the book."""

IDS = "https://id.lodeline.org/first-shipment"
"""Every identifier of the book is this, a kind and a name."""

CREATED = datetime(2026, 11, 23, tzinfo=UTC)
"""When the public record was last carried over; the EPCIS document bears this date."""

_MISSOURI_IN_OCTOBER = timezone(timedelta(hours=-5))  # Central Daylight Time, until 2 November 2025
_DELIVERED = datetime(2025, 10, 2, tzinfo=_MISSOURI_IN_OCTOBER)
"""The first instant of the day of delivery, in Missouri; the hour is not published."""


class WritesBook(Protocol):
    """What an example needs of a book: :class:`lodeline.book.Book` has it."""

    def add_document(
        self,
        content: bytes,
        *,
        media_type: str,
        title: str,
        issuer: str,
        dated: str | None,
        role: str,
        meta: dict[str, str],
        by: str,
    ) -> Any:
        """Keep a document beside the events."""

    def register(self, source: bytes, *, by: str) -> Any:
        """Record master data."""

    def set_policy(self, toml: bytes, *, by: str) -> Any:
        """Put a policy in force."""

    def capture(self, source: bytes, *, by: str) -> Any:
        """Record events."""


class ExampleDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document with what the book says of it."""

    content: bytes
    media_type: str
    title: str
    issuer: str
    dated: str | None
    role: str
    meta: dict[str, str]

    @property
    def id(self) -> str:
        """The id the book will give it: its content hash."""
        return f"ni:///sha-256;{sha256(self.content).hexdigest()}"


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A book as data; the same bytes on any machine.

    Attributes:
        title: Of the book.
        documents: In the order in which they are recorded.
        master, policy: TOML.
        epcis_document: EPCIS 2.0, JSON.
    """

    title: str
    documents: tuple[ExampleDocument, ...]
    master: bytes
    policy: bytes
    epcis_document: bytes

    def build(self, book: WritesBook, *, by: str = "lodeline.examples") -> None:
        """Record everything in a book: documents, master data, policy, events."""
        for document in self.documents:
            book.add_document(
                document.content,
                media_type=document.media_type,
                title=document.title,
                issuer=document.issuer,
                dated=document.dated,
                role=document.role,
                meta=document.meta,
                by=by,
            )
        book.register(self.master, by=by)
        book.set_policy(self.policy, by=by)
        book.capture(self.epcis_document, by=by)


def first_shipment(*, created: datetime = CREATED) -> Example:
    """The first-shipment book.

    Args:
        created: The date that the EPCIS document bears.
    """
    documents = (_announcement(), _claims(), *_deal())
    sources = tuple(document.id for document in documents[:2])
    return Example(
        title=TITLE,
        documents=documents,
        master=_data("master.toml"),
        policy=_data("policy.toml"),
        epcis_document=encode(metal.document(_events(sources), created=created)),
    )


def _events(sources: tuple[str, ...]) -> list[Event]:
    """Three lots, and one consignment of them dispatched and delivered."""
    pakistan, missouri = f"{IDS}/site/pakistan", f"{IDS}/site/missouri"
    # The lots were in Pakistan and left it, and nobody published when: no later than the day of delivery is all that
    # is known. That day is known as a day.
    by_then: dict[str, Any] = {"at": _DELIVERED, "precision": "day", "known": "not_after", "documents": sources}
    # That a copper *concentrate* was delivered says its stage; of the two others none is published. Where the metal was
    # mined is not published of any, and of the antimony it is disputed: no country of origin is recorded.
    made = {
        "antimony": Made(material=f"{IDS}/material/antimony"),
        "copper-concentrate": Made(material=f"{IDS}/material/copper-concentrate", stage="concentrated"),
        "rare-earths": Made(material=f"{IDS}/material/rare-earths"),
    }
    lots = [Amount(f"{IDS}/lot/{name}") for name in made]
    arisen = [
        metal.lot_arises(Act(place=pakistan, **by_then), [lot], basis=None, made=known)
        for lot, known in zip(lots, made.values(), strict=True)
    ]
    left = End(holder=f"{IDS}/party/fwo", place=pakistan)
    to = End(holder=f"{IDS}/party/ussm", place=missouri)
    dispatched = metal.shipment(Act(read_point=pakistan, **by_then), lots, basis=None, left=left, to=to)
    on_the_day = Act(at=_DELIVERED, precision="day", place=missouri, documents=sources)
    delivered = metal.receipt(on_the_day, lots, basis=None, left=left, to=to)
    return [*arisen, dispatched, delivered]


def _announcement() -> ExampleDocument:
    content = _data("announcement.toml")
    read = tomllib.loads(content.decode())
    return ExampleDocument(
        content=content,
        media_type="application/toml",
        title=read["title"],
        issuer=read["publisher"],
        dated="2025-10",
        role="source",
        meta={"text_sha256": read["text"]["sha256"]},
    )


def _claims() -> ExampleDocument:
    content = _data("claims.csv")
    rows = len(list(csv.DictReader(content.decode().splitlines())))
    return ExampleDocument(
        content=content,
        media_type="text/csv",
        title=f"{rows} public claims about the partnership, each with who said it, when and where",
        issuer="lodeline",
        dated=CREATED.date().isoformat(),
        role="claims",
        meta={},
    )


def _deal() -> tuple[ExampleDocument, ...]:
    """The documents of the programme, in the order of their names."""
    folder = resources.files("lodeline.examples") / "data" / "first_shipment" / "deal"
    documents = []
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        content = item.read_bytes()
        read = tomllib.loads(content.decode())
        source = read["sources"][0]
        documents.append(
            ExampleDocument(
                content=content,
                media_type=MEDIA_TYPE,
                title=read["name"],
                issuer=source["who"],
                dated=source.get("dated"),
                role=read["kind"],
                meta={"where": source["where"]} if "where" in source else {},
            )
        )
    return tuple(documents)


def _data(name: str) -> bytes:
    return (resources.files("lodeline.examples") / "data" / "first_shipment" / name).read_bytes()
