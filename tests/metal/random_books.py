"""Random books of valid acts, and a tally of what is held that knows nothing of flows: one dictionary, act by act."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from lodeline.metal.facts import Facts, facts
from lodeline.record import metal
from lodeline.record.metal import Act, Amount, End, Event, Loss
from tests.metal.small_book import NOBODY, START, SeenHere, net, percent

PLACES = [f"urn:example:place:{name}" for name in "abc"]
OWNERS = [f"urn:example:party:{name}" for name in "pq"]
Key = tuple[str, str, str, str | None]
"""Lot, place, owner, container."""


class Step(msgspec.Struct, frozen=True):
    """One act: what it is called, and its arguments."""

    name: str
    args: tuple[Any, ...]


class Tally:
    """What is held, by hand. A mass is a Decimal, or None where nobody said."""

    def __init__(self) -> None:
        self.held: dict[Key, Decimal | None] = {}
        self.road: dict[str, tuple[Key, str, Decimal | None]] = {}  # bill -> what left, where to, how much

    def put(self, key: Key, kg: Decimal | None) -> None:
        if key in self.held:
            before = self.held[key]
            self.held[key] = None if before is None or kg is None else before + kg
        else:
            self.held[key] = kg

    def take(self, key: Key, part: Decimal | None) -> Decimal | None:
        """All of it, or a part of it: what was taken."""
        there = self.held[key]
        if part is None or there == part:
            del self.held[key]
            return there if part is None else part
        self.held[key] = None if there is None else there - part
        return part

    def do(self, step: Step) -> None:
        match step.name, step.args:
            case "mine", (lot, place, owner, kg):
                self.put((lot, place, owner, None), kg)
            case "weigh", (key, kg):
                self.held[key] = kg
            case "ship", (key, part, to, bill):
                self.road[bill] = (key, to, self.take(key, part))
            case "receive", (bill, loads):
                (lot, _, owner, _), to, sent = self.road.pop(bill)
                for load in loads:
                    self.put((lot, to, owner, None), sent if load is None else load)
            case "transfer", (key, part, buyer):
                self.put((key[0], key[1], buyer, key[3]), self.take(key, part))
            case "end", (key, part):
                self.take(key, part)
            case "process", (inputs, outputs, place, owner, _, _, _):
                for key, part in inputs:
                    self.take(key, part)
                for lot, kg in outputs:
                    self.put((lot, place, owner, None), kg)
            case "pack", (key, part, box):
                self.put((*key[:3], box), self.take(key, part))
            case "unpack", (key,):
                self.put((*key[:3], None), self.take(key, None))
            case "move", (box, to):
                for key in [key for key in self.held if key[3] == box]:
                    self.put((key[0], to, key[2], box), self.held.pop(key))
            case "assay", _:
                pass
            case other:
                raise AssertionError(other)


def steps(random: Random, length: int) -> list[Step]:
    """A book's worth of acts, each possible where it stands. Every mass is known."""
    tally, found = Tally(), []
    for number in range(1, length + 1):
        step = _one(random, tally, number)
        tally.do(step)
        found.append(step)
    return found


def _one(random: Random, tally: Tally, number: int) -> Step:
    def mined() -> Step:
        owner = random.choice(OWNERS)
        return Step("mine", (f"urn:example:lot:{number}", random.choice(PLACES), owner, _mass(random, 1000)))

    # A lot that is loose in several holdings at a place needs an owner or a quantity to be told; acts keep to one.
    where: dict[tuple[str, str], int] = {}
    for lot, place, _, _ in tally.held:
        where[lot, place] = where.get((lot, place), 0) + 1
    loose = [key for key in tally.held if key[3] is None and where[key[0], key[1]] == 1]
    packed = [key for key in tally.held if key[3] is not None]
    kind = random.choice(["mine", "weigh", "ship", "ship", "receive", "receive", "transfer", "end", "process", "pile"])
    kind = random.choice([kind, kind, "pack", "unpack", "move", "assay"])
    if kind in ("weigh", "ship", "transfer", "end", "process", "pile", "pack", "assay") and loose:
        return _of_holding(random, tally, kind, random.choice(loose), loose, number)
    if kind == "receive" and tally.road:
        bill = random.choice(sorted(tally.road))
        sent = tally.road[bill][2]
        assert sent is not None
        first = _part(random, sent)
        loads = random.choice([(None,), (sent,), (sent - Decimal("0.001"),), (first, sent - first)])
        return Step("receive", (bill, loads))
    if kind == "unpack" and packed:
        return Step("unpack", (random.choice(packed),))
    if kind == "move" and packed:
        box = random.choice(sorted({str(key[3]) for key in packed}))
        here = next(key[1] for key in packed if key[3] == box)
        return Step("move", (box, random.choice([place for place in PLACES if place != here])))
    return mined()


def _of_holding(random: Random, tally: Tally, kind: str, key: Key, loose: list[Key], number: int) -> Step:
    there = tally.held[key]
    assert there is not None
    part = random.choice([None, _part(random, there)])
    if kind == "weigh":
        return Step("weigh", (key, _mass(random, 1000)))
    if kind == "assay":
        return Step("assay", (key, Decimal(random.randint(1, 99)), random.choice(["Sb", "Cu"])))
    if kind == "ship":
        to = random.choice([place for place in PLACES if place != key[1]])
        return Step("ship", (key, part, to, f"urn:example:bol:{number}"))
    if kind == "transfer":
        return Step("transfer", (key, part, OWNERS[1 - OWNERS.index(key[2])]))
    if kind == "end":
        return Step("end", (key, part))
    if kind == "pack":
        # A box stands at one place.
        return Step("pack", (key, part, f"urn:example:box:{PLACES.index(key[1])}:{number}"))
    others = [one for one in loose if one[1] == key[1] and one != key and one[0] != key[0]]
    inputs = [(key, part), *((one, None) for one in others[: random.randint(0, 2)])]
    outputs = [(f"urn:example:lot:{number}:{n}", _mass(random, 100)) for n in range(random.randint(1, 2))]
    word = random.choice(["blend", "smelt", "split"] if len(inputs) == 1 else ["blend", "smelt"])
    pile = None if kind == "process" else f"urn:example:pile:{random.randint(0, 1)}"
    if pile is not None:
        word = ["smelt", "store"][int(pile[-1])]
    return Step("process", (tuple(inputs), tuple(outputs), key[1], key[2], word, _mass(random, 9), pile))


def _mass(random: Random, most: int) -> Decimal:
    return Decimal(random.randint(1, most * 1000)) / 1000


def _part(random: Random, whole: Decimal) -> Decimal | None:
    """A part of a mass, or None for all of it, where it is too small to be parted."""
    thousandths = int(whole * 1000)
    return Decimal(random.randint(1, thousandths - 1)) / 1000 if thousandths > 1 else whole


def events(acts: Sequence[Step]) -> list[Event]:
    """The acts as events, an hour apart; a receipt in loads is as many events."""
    found: list[Event] = []
    places: dict[str, tuple[Key, str]] = {}
    boxes: dict[str, str] = {}
    for number, step in enumerate(acts):
        at = START + timedelta(hours=number)
        found += _events(step, at, places, boxes)
    return found


def _events(step: Step, at: Any, left: dict[str, tuple[Key, str]], boxes: dict[str, str]) -> list[Event]:
    def act(place: str, **more: Any) -> Act:
        return Act(at=at, place=place, **more)

    def amount(lot: str, kg: Decimal | None) -> Amount:
        return Amount(lot) if kg is None else Amount(lot, kg, "KGM")

    match step.name, step.args:
        case "mine", (lot, place, owner, kg):
            lots = [amount(lot, kg)]
            return [metal.lot_mined(act(place), lots, basis="dry", country="PK", deposit=None, owner=owner)]
        case "weigh", (key, kg):
            return [metal.weighing(act(key[1]), key[0], [net(str(kg), "0.5")])]
        case "assay", (key, value, symbol):
            return [metal.assay(act(key[1]), key[0], [percent(str(value), of=symbol, u="0.1")], NOBODY)]
        case "ship", (key, part, to, bill):
            left[bill] = (key, to)
            papers = (("bol", bill),)
            ends = {"left": End(owner=key[2], place=key[1]), "to": End(place=to)}
            return [metal.shipment(Act(at=at, transactions=papers), [amount(key[0], part)], basis="dry", **ends)]
        case "receive", (bill, loads):
            key, to = left[bill]
            return [
                metal.receipt(
                    Act(at=at + timedelta(minutes=n), place=to, transactions=(("bol", bill),)),
                    [amount(key[0], load)],
                    basis="dry",
                    left=End(),
                    to=End(place=to),
                )
                for n, load in enumerate(loads)
            ]
        case "transfer", (key, part, buyer):
            lots = [amount(key[0], part)]
            return [metal.ownership_change(act(key[1]), lots, basis="dry", seller=key[2], buyer=buyer)]
        case "end", (key, part):
            return [metal.lot_ended(act(key[1]), [amount(key[0], part)], basis="dry", reason="sold", destroyed=False)]
        case "process", (inputs, outputs, place, _, word, lost, pile):
            return [
                metal.transformation(
                    act(place),
                    process=word,
                    inputs=[amount(key[0], part) for key, part in inputs],
                    outputs=[amount(lot, kg) for lot, kg in outputs],
                    basis="dry",
                    losses=[Loss("dust", lost, "KGM")],
                    transformation_id=pile,
                    made=metal.Made(owner=step.args[3]),
                )
            ]
        case "pack", (key, part, box):
            boxes[box] = key[1]
            return [metal.pack(act(key[1]), box, [amount(key[0], part)], basis="dry")]
        case "unpack", (key,):
            return [metal.unpack(act(boxes[str(key[3])]), str(key[3]), [Amount(key[0])], basis=None)]
        case "move", (box, to):
            here, boxes[box] = boxes[box], to
            ends = {"left": End(place=here), "to": End(place=to)}
            gone = metal.shipment(Act(at=at), [], basis=None, containers=[box], **ends)
            come = metal.receipt(
                Act(at=at + timedelta(minutes=1), place=to),
                [],
                basis=None,
                containers=[box],
                left=End(),
                to=End(place=to),
            )
            return [gone, come]
    raise AssertionError(step)


def seen(found: Sequence[Event], order: Sequence[int] | None = None) -> list[SeenHere]:
    """The events as recorded, in this order."""
    numbers = range(len(found)) if order is None else order
    return [SeenHere(seq, f"h{which}", found[which]) for seq, which in enumerate(numbers, 1)]


def followed(found: Sequence[Event], order: Sequence[int] | None = None) -> Facts:
    return facts(seen(found, order), ())


def tallied(acts: Sequence[Step]) -> Tally:
    tally = Tally()
    for step in acts:
        tally.do(step)
    return tally
