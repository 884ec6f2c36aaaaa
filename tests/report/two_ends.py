"""A small book that knows things from two sides: lots weighed and assayed where they leave and where they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import lodeline
from lodeline.book import Book
from lodeline.chemistry.species import AsElement
from lodeline.record import metal
from lodeline.record.codec import encode
from lodeline.record.metal import Act, Amount, Certificate, End, Event, Made, Reading, Result

BASE = "urn:example:"
MINE, WORKS = f"{BASE}site:mine", f"{BASE}site:works"
MINER, REFINER = f"{BASE}party:miner", f"{BASE}party:refiner"
BRIDGE, GATE = f"{BASE}scale:bridge", f"{BASE}scale:gate"
SELLERS, BUYERS = f"{BASE}laboratory:sellers", f"{BASE}laboratory:buyers"
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
MASTER = """
[[party]]
id = "urn:example:party:miner"
name = "The miner"
country = "PK"

[[party]]
id = "urn:example:party:refiner"
name = "The refiner"
country = "US"

[[site]]
id = "urn:example:site:mine"
name = "Upper mine"
country = "PK"
time_zone = "UTC"

[[site]]
id = "urn:example:site:works"
name = "Lower works"
country = "US"
time_zone = "UTC"

[[material]]
id = "urn:example:material:ore"
name = "Stibnite ore"
elements = ["Sb"]
form = "ore"

[[scale]]
id = "urn:example:scale:bridge"
name = "Mine weighbridge"
bias_u = 5
bias_load = 1000

[[scale]]
id = "urn:example:scale:gate"
name = "Gate of the works"
bias_u = 5
bias_load = 1000

[[standard]]
id = "urn:example:standard:ores"
name = "Reference ores"
bias_u = 0.9

[[laboratory]]
id = "urn:example:laboratory:sellers"
name = "The seller's laboratory"
bias_u = 0.6
standard = "urn:example:standard:ores"

[[laboratory]]
id = "urn:example:laboratory:buyers"
name = "The buyer's laboratory"
bias_u = 0.8
standard = "urn:example:standard:ores"
"""
POLICY = """
name = "two ends"

[transit]
loss = { expected = 0, u = 0.000001 }

[detection]
false_alarms = 0.01
periods = "month"
"""


def events(received: tuple[str, ...] = ("990", "1000"), buyers: str = "52") -> Iterator[Event]:
    """Lots of 1,000 ± 3 kg at 50 ± 0.5 %, one a month; received as told, ± 4 kg, and found at ``buyers`` ± 0.5 %."""
    for number, kg in enumerate(received):
        lot, at = f"{BASE}lot:{number}", START + timedelta(days=31 * number)
        bill = (("bol", f"{BASE}bol:{number}"),)
        left, to = End(holder=MINER, place=MINE), End(holder=REFINER, place=WORKS)
        made = Made(stage="mined", country="PK", material=f"{BASE}material:ore", owner=MINER)
        yield metal.lot_arises(Act(at=at, place=MINE), [Amount(lot)], basis=None, made=made)
        yield metal.weighing(Act(at=at + timedelta(hours=1), place=MINE), lot, [_net("1000", "3", BRIDGE)])
        yield _assay(at + timedelta(hours=2), MINE, lot, SELLERS, "50")
        yield metal.shipment(
            Act(at=at + timedelta(hours=3), read_point=MINE, transactions=bill), [Amount(lot)], basis=None,
            left=left, to=to,
        )  # fmt: skip
        yield metal.receipt(
            Act(at=at + timedelta(days=3), place=WORKS, transactions=bill), [Amount(lot)], basis=None,
            left=left, to=to, weighed=[_net(kg, "4", GATE)],
        )  # fmt: skip
        yield _assay(at + timedelta(days=4), WORKS, lot, BUYERS, buyers)


def _net(kg: str, u: str, scale: str) -> Reading:
    return Reading(weight="net", value=Decimal(kg), u=Decimal(u), uom="KGM", basis="dry", device=scale)


def _assay(at: datetime, place: str, lot: str, laboratory: str, percent: str) -> Event:
    line = Result(substance=AsElement("Sb"), value=Decimal(percent), u=Decimal("0.5"), uom="P1", basis="dry")
    certificate = Certificate(laboratory=laboratory, method="fusion", certificate=None, rank="final")
    return metal.assay(Act(at=at, place=place), lot, [line], certificate)


def two_ends(
    path: Path, *, policy: str | None = POLICY, received: tuple[str, ...] = ("990", "1000"), buyers: str = "52"
) -> Book:
    """The book, open; ``policy`` None sets none."""
    ticks = iter(range(10**6))
    book = lodeline.create(
        path,
        title="Two ends",
        by="test",
        clock=lambda: datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=next(ticks)),
    )
    book.register(MASTER.encode(), by="test")
    if policy is not None:
        book.set_policy(policy.encode(), by="test")
    book.capture(encode(metal.document(list(events(received, buyers)), created=START)), by="test")
    return book
