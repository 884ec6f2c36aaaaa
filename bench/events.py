"""Documents of metal events, of any size, for the cases to capture: plausible in form, invented in every figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from random import Random

from lodeline.chemistry.species import AsElement
from lodeline.record import codec
from lodeline.record.metal import (
    Act,
    Amount,
    Certificate,
    End,
    Event,
    Reading,
    Result,
    assay,
    document,
    lot_mined,
    moisture,
    receipt,
    shipment,
    weighing,
)

SEED = 20251002
PKT = timezone(timedelta(hours=5))
START = datetime(2025, 1, 1, 6, 0, tzinfo=PKT)
HERE = "https://id.example.org"
ANTIMONY = AsElement("Sb")
EVENTS_OF_A_LOT = 6


def lot_uri(number: int) -> str:
    """The id of lot ``number``; lots are numbered from 0 in the order in which they are mined."""
    return f"urn:epc:class:lgtin:952000.1012345.L{number:07d}"


def events() -> Iterator[Event]:
    """Events without end, lot after lot: mined, weighed, dried, assayed, shipped, received."""
    draw = Random(SEED)
    for number in count():
        yield from story(number, draw)


def story(number: int, draw: Random) -> Iterator[Event]:
    """What happens to one lot."""
    lot, at = lot_uri(number), START + timedelta(minutes=7 * number)
    mine, works = f"{HERE}/place/mine-{number % 40}", f"{HERE}/place/works"
    owner, buyer = f"{HERE}/party/miner-{number % 40}", f"{HERE}/party/works"
    net_kg = Decimal(draw.randrange(18_000_000, 26_000_000)).scaleb(-3)
    tare_kg = Decimal(draw.randrange(9_000_000, 11_000_000)).scaleb(-3)
    ticket = Reading(
        weight="net", value=net_kg, u=Decimal("7.5"), uom="KGM", basis="wet", device=f"{HERE}/scale/{number % 12}"
    )
    bill = ("bol", f"{HERE}/bill-of-lading/{number:07d}")
    sheet = Certificate(
        laboratory=f"{HERE}/laboratory/{number % 3}",
        method="ISO 12744",
        certificate=f"{HERE}/certificate/{number:07d}",
        rank="provisional",
    )

    def act(hours: int, place: str | None, *transactions: tuple[str, str]) -> Act:
        return Act(at=at + timedelta(hours=hours), place=place, read_point=place or mine, transactions=transactions)

    yield lot_mined(
        act(0, mine), [Amount(lot, net_kg, "KGM")], basis="wet", country="PK", deposit=f"{HERE}/deposit/{number % 9}",
        material=f"{HERE}/material/stibnite", permit=f"ML-{number % 97}", owner=owner,
    )  # fmt: skip
    gross = Reading(
        weight="gross", value=net_kg + tare_kg, u=Decimal("7.5"), uom="KGM", basis="wet", device=ticket.device
    )
    tare = Reading(weight="tare", value=tare_kg, u=Decimal("7.5"), uom="KGM", basis="wet", device=ticket.device)
    yield weighing(act(2, mine), lot, [gross, tare])
    water = Decimal(draw.randrange(300, 1_200)).scaleb(-2)
    yield moisture(act(9, mine), lot, sheet, value=water, u=Decimal("0.15"), uom="P1")
    grade = Decimal(draw.randrange(45_00, 62_00)).scaleb(-2)
    yield assay(
        act(30, mine), lot, [Result(substance=ANTIMONY, value=grade, u=Decimal("0.20"), uom="P1", basis="dry")], sheet
    )
    ends = End(owner=owner, place=mine), End(owner=buyer, place=works)
    yield shipment(act(48, None, bill), [Amount(lot, net_kg, "KGM")], basis="wet", left=ends[0], to=ends[1])
    lost_kg = Decimal(draw.randrange(0, 40_000)).scaleb(-3)
    yield receipt(act(900, works, bill), [Amount(lot, net_kg - lost_kg, "KGM")], basis="wet", left=ends[0], to=ends[1])


def write_document(path: Path, size: int) -> Path:
    """An EPCIS document of ``size`` events, streamed to ``path``; the same bytes for the same size."""
    frame = codec.encode(document([], created=datetime(2026, 1, 1, tzinfo=UTC)))
    head, mark, tail = frame.partition(b'"eventList":[')
    if not mark:
        raise ValueError("the document's frame holds no empty eventList")
    with path.open("wb") as file:
        file.write(head + mark)
        for i, event in enumerate(islice(events(), size)):
            file.write((b"," if i else b"") + codec.encode(event))
        file.write(tail)
    return path
