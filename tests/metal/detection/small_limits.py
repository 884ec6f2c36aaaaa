"""Small books for the limits: a consignment with what was read at both ends, processes, and what a policy supposes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from lodeline.chemistry.species import species
from lodeline.metal.detection.limits.context import Given
from lodeline.metal.detection.limits.limits import LIMITS, Found, limits
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.flows import Flows
from lodeline.metal.policy import Policy
from lodeline.record import metal
from lodeline.record.metal import Act, Amount, Certificate, End, Event, Made, Reading, Result
from tests.metal.small_book import BUYER, MINE, SELLER, START, WORKS, book

MINE_SCALE, WORKS_SCALE = "urn:example:scale:mine", "urn:example:scale:works"
MINE_LAB, WORKS_LAB = "urn:example:lab:mine", "urn:example:lab:works"
FAR = Policy(false_alarms=Decimal("0.01"))
"""One false alarm in a hundred runs over sound books."""


def lot(number: int) -> str:
    return f"urn:example:lot:{number}"


def at(day: float, place: str | None = MINE, **more: Any) -> Act:
    return Act(at=START + timedelta(days=day - 1), place=place, **more)


def read(day: float, lot: str, kg: str, u: str | None, place: str, scale: str | None, basis: Any = "wet") -> Event:
    uncertain = None if u is None else Decimal(u)
    reading = Reading(weight="net", value=Decimal(kg), u=uncertain, uom="KGM", basis=basis, device=scale)
    return metal.weighing(at(day, place), lot, [reading])


def by(laboratory: str | None, number: str = "1", rank: Any = "final", method: str | None = "fusion") -> Certificate:
    return Certificate(laboratory=laboratory, method=method, certificate=f"urn:example:certificate:{number}", rank=rank)


def dried(day: float, lot: str, percent: str, u: str | None, place: str, laboratory: str) -> Event:
    uncertain = None if u is None else Decimal(u)
    return metal.moisture(at(day, place), lot, by(laboratory), value=Decimal(percent), u=uncertain, uom="P1")


def assayed(
    day: float, lot: str, lines: Sequence[tuple[str, str, str | None]], place: str, of: Certificate, basis: Any = "dry"
) -> Event:
    """Lines of a certificate: substance, percent, standard uncertainty in percent."""
    results = [
        Result(
            substance=species(name),
            value=Decimal(value),
            u=None if u is None else Decimal(u),
            uom="P1",
            basis=basis,
        )
        for name, value, u in lines
    ]
    return metal.assay(at(day, place), lot, results, of)


def mined(day: float, lot: str, material: str | None = "urn:example:ore", kg: str | None = None) -> Event:
    amount = Amount(lot) if kg is None else Amount(lot, Decimal(kg), "KGM")
    return metal.lot_mined(at(day), [amount], basis=None if kg is None else "dry", country="PK", deposit=None,
                           material=material, owner=SELLER)  # fmt: skip


def leaves(day: float, lot: str, bill: str, kg: str | None = None) -> Event:
    act = Act(at=START + timedelta(days=day - 1), read_point=MINE, transactions=(("desadv", bill),))
    left, to = End(owner=SELLER, holder=SELLER, place=MINE), End(owner=BUYER, place=WORKS)
    amount = Amount(lot) if kg is None else Amount(lot, Decimal(kg), "KGM")
    return metal.shipment(act, [amount], basis=None if kg is None else "wet", left=left, to=to)


def comes(day: float, lot: str, bill: str, kg: str | None = None, u: str | None = None) -> Event:
    """A receipt, with what the scale of the works read of it."""
    act = Act(at=START + timedelta(days=day - 1), place=WORKS, transactions=(("desadv", bill),))
    to = End(owner=BUYER, holder=BUYER, place=WORKS)
    if kg is None:
        return metal.receipt(act, [Amount(lot)], basis=None, left=End(), to=to)
    uncertain = None if u is None else Decimal(u)
    reading = Reading(weight="net", value=Decimal(kg), u=uncertain, uom="KGM", basis="wet", device=WORKS_SCALE)
    amount = Amount(lot, Decimal(kg), "KGM")
    return metal.receipt(act, [amount], basis="wet", left=End(), to=to, weighed=[reading])


def consignment(
    day: float,
    number: int,
    *,
    sent: str,
    came: str | Sequence[str] | None,
    water: tuple[str | None, str | None] = ("10", "10"),
    u: str | None = "3",
    water_u: str = "0.2",
) -> list[Event]:
    """A lot that is weighed and dried at the mine, and again where it comes; in several loads where it came in several.

    Args:
        sent, came: Wet, kg.
        water: Percent of the wet mass, at both ends; None where nobody dried it.
    """
    one, bill = lot(number), f"urn:example:desadv:{number}"
    events = [mined(day, one), read(day + 0.1, one, sent, u, MINE, MINE_SCALE)]
    if water[0] is not None:
        events.append(dried(day + 0.2, one, water[0], water_u, MINE, MINE_LAB))
    events.append(leaves(day + 0.3, one, bill))
    if came is None:
        return events
    loads = [came] if isinstance(came, str) else list(came)
    events += [comes(day + 0.4 + 0.01 * number_of, one, bill, kg, u) for number_of, kg in enumerate(loads)]
    if water[1] is not None:
        events.append(dried(day + 0.5, one, water[1], water_u, WORKS, WORKS_LAB))
    return events


def made(stage: Any = "refined", material: str | None = None) -> Made:
    return Made(stage=stage, material=material, owner=SELLER)


def process(
    day: float,
    name: str,
    word: Any,
    inputs: Sequence[str],
    outputs: Sequence[tuple[str, str, str | None]],
    place: str = WORKS,
) -> list[Event]:
    """A process: lots in, and lots of a material out of it, each weighed dry."""
    events = [
        metal.transformation(
            at(day, place), process=word, inputs=[Amount(one) for one in inputs], outputs=(), basis=None,
            transformation_id=name,
        )
    ]  # fmt: skip
    for number, (out, kg, u) in enumerate(outputs):
        events.append(
            metal.transformation(
                at(day + 0.1 + 0.01 * number, place), process=word, inputs=(), outputs=[Amount(out)], basis=None,
                transformation_id=name, made=made("concentrated", f"urn:example:{out.split(':')[2]}"),
            )
        )  # fmt: skip
        events.append(read(day + 0.2 + 0.01 * number, out, kg, u, place, WORKS_SCALE, basis="dry"))
    return events


def flows_of(*events: Event, policy: Policy = FAR) -> Flows:
    """The flows of a book, without what a policy supposes of uncertainties."""
    return book(*events, master=()).flows


def found(
    *events: Event, policy: Policy = FAR, given: Given = Given(), only: Sequence[str] = ()  # noqa: B008
) -> Found:  # fmt: skip
    """What the limits find in a book; only those of some names, so that nothing else counts among the limits."""
    rows = tuple(row for row in LIMITS if not only or row.name in only)
    return limits(flows_of(*events), policy, given, rows=rows)


def coded(of: Found, code: str) -> list[Suspicion]:
    return [one for one in of.suspicions if one.code == code]
