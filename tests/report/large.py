"""A large made-up book through the constructors of the record: a mine, a road, a refinery that works in campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lodeline.book import Book
from lodeline.chemistry.species import AsElement
from lodeline.record import metal
from lodeline.record.codec import encode
from lodeline.record.metal import Act, Amount, Certificate, End, Event, Loss, Made, Reading, Result

BASE = "urn:example:"
START = datetime(2026, 1, 1, 6, tzinfo=UTC)
FEED = 8
"""Lots that go into one campaign of the refinery."""
UNWEIGHED = 50
"""Of so many lots one is never weighed."""
MASTER = """
[[party]]
id = "urn:example:party:miner"
name = "The miner"
country = "PK"

[[party]]
id = "urn:example:party:refiner"
name = "The refiner"
country = "PK"

[[site]]
id = "urn:example:site:mine"
name = "Upper mine"
country = "PK"
latitude = "27.2"
longitude = "65.9"

[[site]]
id = "urn:example:site:refinery"
name = "Valley refinery"
country = "PK"
latitude = "25.0"
longitude = "66.7"

[[deposit]]
id = "urn:example:deposit:upper"
name = "Upper deposit"
country = "PK"

[[material]]
id = "urn:example:material:ore"
name = "Stibnite ore"
elements = ["Sb", "Au"]
form = "ore"

[[material]]
id = "urn:example:material:ingot"
name = "Antimony ingot"
elements = ["Sb"]
form = "ingot"

[[material]]
id = "urn:example:material:slag"
name = "Antimony slag"
elements = ["Sb"]
form = "slag"

[[material]]
id = "urn:example:material:dore"
name = "Doré"
elements = ["Au"]
form = "bar"
"""


def large_book(book: Book, lots: int, *, refine: bool = True, illustrative: bool = True) -> None:
    """Record about ``lots`` lots and seven events of each."""
    if illustrative:
        book.add_document(
            b"Made up for a test.", media_type="text/plain", title="This book is made up", issuer="nobody", dated=None,
            role="illustrative", by="test",
        )  # fmt: skip
    book.register(MASTER.encode(), by="test")
    batch: list[Event] = []
    for event in events(lots, refine=refine):
        batch.append(event)
        if len(batch) == 5000:
            book.capture(encode(metal.document(batch, created=START)), by="test")
            batch = []
    if batch:
        book.capture(encode(metal.document(batch, created=START)), by="test")


def events(lots: int, *, refine: bool = True) -> Iterator[Event]:
    """Ore lots with tickets, moistures and assays of both ends; campaigns of eight lots to ingot, slag and doré."""
    mined = lots * FEED // (FEED + 3) if refine else lots
    for number in range(mined):
        yield from _ore(number)
        if refine and number % FEED == FEED - 1 and number > FEED:
            yield from _campaign(number // FEED - 1)


def _ore(number: int) -> Iterator[Event]:
    lot, at = f"{BASE}lot:ore-{number}", START + timedelta(hours=number)
    mine, refinery = f"{BASE}site:mine", f"{BASE}site:refinery"
    wet = Decimal(20000 + number % 97 * 10)
    made = Made(stage="mined", country="PK", deposit=f"{BASE}deposit:upper", material=f"{BASE}material:ore",
                owner=f"{BASE}party:miner")  # fmt: skip
    yield metal.lot_arises(Act(at=at, place=mine), [Amount(lot, wet, "KGM")], basis="wet", made=made)
    weighed = number % UNWEIGHED != UNWEIGHED - 1
    if weighed:
        yield metal.weighing(Act(at=at + timedelta(minutes=10), place=mine), lot, [_net(wet)])
        yield metal.moisture(
            Act(at=at + timedelta(minutes=20), place=mine), lot, _certificate("provisional"),
            value=Decimal("4.2"), u=Decimal("0.1"), uom="P1",
        )  # fmt: skip
        yield _assay(at + timedelta(minutes=30), mine, lot, "provisional", Sb="48.2", Au="0.0004")
    bill = (("bol", f"{BASE}bol:{number}"),)
    left, to = End(holder=f"{BASE}party:miner", place=mine), End(holder=f"{BASE}party:refiner", place=refinery)
    yield metal.shipment(
        Act(at=at + timedelta(hours=1), read_point=mine, transactions=bill), [Amount(lot)], basis=None, left=left, to=to
    )
    yield metal.receipt(
        Act(at=at + timedelta(hours=30), place=refinery, transactions=bill), [Amount(lot)], basis=None,
        left=left, to=to, weighed=[_net(wet - 15)] if weighed else [],
    )  # fmt: skip
    if weighed:
        # Water may change on the road, so the refinery determines it again.
        yield metal.moisture(
            Act(at=at + timedelta(hours=31), place=refinery), lot, _certificate("final"),
            value=Decimal("4.1"), u=Decimal("0.1"), uom="P1",
        )  # fmt: skip
        yield _assay(at + timedelta(hours=31), refinery, lot, "final", Sb="48.0", Au="0.0004")


def _campaign(number: int) -> Iterator[Event]:
    """In: eight lots, at times one that nobody weighed among them. Out: ingot, slag, doré, and fume that is lost."""
    place, at = f"{BASE}site:refinery", START + timedelta(hours=(number + 2) * FEED + 60)
    process = f"{BASE}campaign:{number}"
    inputs = [Amount(f"{BASE}lot:ore-{number * FEED + n}") for n in range(FEED)]
    yield metal.transformation(
        Act(at=at, place=place), process="refine", inputs=inputs, outputs=(), basis=None, transformation_id=process
    )
    out = (("ingot", "68000", "99.6", "0.0001"), ("slag", "70000", "4.4", "0.00001"), ("dore", "0.7", "0.5", "80"))
    for kind, mass, sb, au in out:
        lot = f"{BASE}lot:{kind}-{number}"
        made = Made(stage="refined", material=f"{BASE}material:{kind}", owner=f"{BASE}party:refiner")
        yield metal.transformation(
            Act(at=at + timedelta(hours=1), place=place), process="refine", inputs=(),
            outputs=[Amount(lot, Decimal(mass), "KGM")], basis="dry", made=made, transformation_id=process,
            losses=[Loss("fume", Decimal(120), "KGM")] if kind == "ingot" else (),
        )  # fmt: skip
        yield metal.weighing(
            Act(at=at + timedelta(hours=2), place=place), lot, [_net(Decimal(mass), basis="dry", u="0.0005")]
        )  # fmt: skip
        yield _assay(at + timedelta(hours=3), place, lot, "final", Sb=sb, Au=au)


def _net(value: Decimal, *, basis: str = "wet", u: str = "0.001") -> Reading:
    return Reading(
        weight="net", value=value, u=value * Decimal(u), uom="KGM", basis=basis, device=f"{BASE}scale:{basis}"
    )


def _assay(at: datetime, place: str, lot: str, rank: str, **grades: str) -> Event:
    lines = [
        Result(substance=AsElement(symbol), value=Decimal(value), u=Decimal(value) / 200, uom="P1", basis="dry")
        for symbol, value in grades.items()
    ]
    return metal.assay(Act(at=at, place=place), lot, lines, _certificate(rank))


def _certificate(rank: str) -> Certificate:
    return Certificate(laboratory=f"{BASE}laboratory:{rank}", method="ICP-OES", certificate=None, rank=rank)
