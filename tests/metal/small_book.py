"""Small books for tests: events by the constructors, as they would be seen once recorded."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from lodeline.chemistry.species import species
from lodeline.metal.facts import Facts, facts
from lodeline.record import metal
from lodeline.record.context import Context
from lodeline.record.metal import Act, Amount, Certificate, End, Event, Made, Reading, Result

MINE, PORT, WORKS = "urn:example:mine", "urn:example:port", "urn:example:works"
SELLER, BUYER = "urn:example:seller", "urn:example:buyer"
LOT = "urn:example:lot:1"
STIBNITE = "urn:example:stibnite"
START = datetime(2026, 3, 1, tzinfo=UTC)
NOBODY = Certificate(laboratory=None, method=None, certificate=None, rank=None)
BOUND = Context.parse({"lode": metal.NAMESPACE})


class SeenHere(msgspec.Struct, frozen=True):
    seq: int
    hash_id: str
    event: dict[str, Any]
    context: Context = BOUND


class Record(msgspec.Struct, frozen=True):
    kind: str
    id: str
    attributes: dict[str, Any]


MASTER = (
    Record("material", STIBNITE, {"elements": ["Sb"]}),
    *(Record("site", uri, {}) for uri in (MINE, PORT, WORKS)),
    *(Record("party", uri, {}) for uri in (SELLER, BUYER)),
)


def book(*events: Event, master: Sequence[Record] = MASTER) -> Facts:
    """The facts of a book of these events, recorded in this order."""
    return facts([SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(events, 1)], master)


def on(day: int, place: str | None = MINE, **more: Any) -> Act:
    """An act on a day of March 2026."""
    return Act(at=START + timedelta(days=day - 1), place=place, **more)


def kg(quantity: str | None, lot: str = LOT) -> Amount:
    return Amount(lot) if quantity is None else Amount(lot, Decimal(quantity), "KGM")


def mined(quantity: str | None = None, lot: str = LOT, day: int = 1, basis: Any = None) -> Event:
    return metal.lot_mined(
        on(day), [kg(quantity, lot)], basis=basis, country="PK", deposit=None, material=STIBNITE, owner=SELLER
    )


def net(value: str, u: str | None = None, basis: Any = "dry", weight: Any = "net") -> Reading:
    return Reading(weight=weight, value=Decimal(value), u=None if u is None else Decimal(u), uom="KGM", basis=basis)


def weighed(day: int, *readings: Reading, lot: str = LOT, place: str | None = MINE) -> Event:
    return metal.weighing(on(day, place), lot, readings)


def percent(value: str, of: str = "Sb", u: str | None = None, basis: Any = "dry") -> Result:
    return Result(
        substance=species(of), value=Decimal(value), u=None if u is None else Decimal(u), uom="P1", basis=basis
    )


def ranked(rank: Any) -> Certificate:
    return Certificate(laboratory=None, method=None, certificate=None, rank=rank)


def assayed(
    day: int, *results: Result, lot: str = LOT, place: str | None = MINE, certificate: Certificate = NOBODY
) -> Event:
    return metal.assay(on(day, place), lot, results, certificate)


def dried(day: int, value: str, u: str | None = None, place: str | None = MINE) -> Event:
    return metal.moisture(
        on(day, place), LOT, NOBODY, value=Decimal(value), u=None if u is None else Decimal(u), uom="P1"
    )


def shipped(
    day: int,
    quantity: str | None = None,
    lot: str = LOT,
    bill: str | None = "urn:example:bol:1",
    to: str | None = WORKS,
) -> Event:
    papers = () if bill is None else (("bol", bill),)
    act = Act(at=START + timedelta(days=day - 1), read_point=MINE, transactions=papers)
    left, end = End(owner=SELLER, holder=SELLER, place=MINE), End(owner=BUYER, place=to)
    return metal.shipment(act, [kg(quantity, lot)], basis="dry" if quantity else None, left=left, to=end)


def received(
    day: int, quantity: str | None = None, lot: str = LOT, bill: str | None = "urn:example:bol:1", to: str = WORKS
) -> Event:
    papers = () if bill is None else (("bol", bill),)
    act = Act(at=START + timedelta(days=day - 1), place=to, transactions=papers)
    end = End(owner=BUYER, holder=BUYER, place=to)
    return metal.receipt(act, [kg(quantity, lot)], basis="dry" if quantity else None, left=End(), to=end)


def made() -> Made:
    return Made(stage="refined")


def codes(found: Facts) -> set[str]:
    return {finding.code for finding in found.findings}


def changed(event: Event, **fields: Any) -> Event:
    """The event with fields of its own changed."""
    return {**event, **fields}


def report(event: Event, **fields: Any) -> Event:
    """The event with fields of its first sensor report changed; None takes a field away."""
    old = event["sensorElementList"][0]["sensorReport"]
    first = {key: value for key, value in {**old[0], **fields}.items() if value is not None}
    return {**event, "sensorElementList": [{"sensorReport": [first, *old[1:]]}]}
