"""Small books for the search of faults: consignments with what chance adds to them, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from lodeline.ledger.values import MasterRecord
from lodeline.metal.detection.faults.ledger import Faults, ledger_faults
from lodeline.metal.detection.limits.consignments import Uncounted
from lodeline.metal.detection.limits.context import uncounted
from lodeline.metal.facts import facts
from lodeline.metal.follower import Matching
from lodeline.metal.instruments import Instruments
from lodeline.metal.interpret import interpret
from lodeline.metal.policy import Policy
from lodeline.metal.reconciliation.reconciled import Reconciled, reconcile_flows
from lodeline.metal.values import Arrived
from lodeline.record.metal import Event
from tests.metal.detection.small_limits import MINE_LAB, WORKS_LAB, assayed, by, consignment, lot
from tests.metal.small_book import MINE, WORKS, SeenHere

SUPPOSED = Policy.parse(
    b"""
[transit]
loss = {expected = 0, u = 0.0001}
drying = {expected = 0, u = 0.01}
[detection]
false_alarms = 0.01
"""
)
"""Dry mass does not change on a road but for 0.01 %, nor water but for 1 %; a false alarm in a hundred sound books."""
MASS_U, WATER_U = 3.0, 0.2
"""Standard uncertainties of a weighing, kg, and of a moisture, percent."""
MANY = 60
"""Consignments in a book, one a day."""


class Sent(NamedTuple):
    """What was read of one consignment: wet masses at both ends, kg, moistures in percent, antimony in percent."""

    sent: float
    came: float
    water: float
    water_came: float
    antimony: float
    antimony_came: float


def sound(seed: int, many: int = MANY) -> list[Sent]:
    """Consignments of about ten tonnes, a tenth of it water, half of the rest antimony, with nothing but chance."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(many):
        kg, water, antimony = generator.uniform(9000, 11000), generator.uniform(8, 12), generator.uniform(45, 55)
        chance = generator.standard_normal(6)
        found.append(
            Sent(
                kg + MASS_U * chance[0],
                kg + MASS_U * chance[1],
                water + WATER_U * chance[2],
                water + WATER_U * chance[3],
                antimony * (1 + 0.005 * chance[4]),
                antimony * (1 + 0.005 * chance[5]),
            )
        )
    return found


def events_of(of: Sequence[Sent]) -> list[Event]:
    """The events of consignments, numbered from 1 and a day apart."""
    events: list[Event] = []
    for number, one in enumerate(of, 1):
        events += consignment(
            number,
            number,
            sent=f"{one.sent:.1f}",
            came=f"{one.came:.1f}",
            water=(f"{one.water:.3f}", f"{one.water_came:.3f}"),
        )
        for day, place, laboratory, value in (
            (number + 0.25, MINE, MINE_LAB, one.antimony),
            (number + 0.6, WORKS, WORKS_LAB, one.antimony_came),
        ):
            line = ("Sb", f"{value:.4f}", f"{0.005 * value:.4f}")
            events.append(assayed(day, lot(number), [line], place, by(laboratory, str(number) + laboratory[-5:])))
    return events


def changed(of: Sequence[Sent], numbers: Sequence[int], change: Callable[[Sent, int], Sent]) -> list[Sent]:
    """Consignments of which some, by number from 1, are changed; ``change`` is told their place among them."""
    places = {number: place for place, number in enumerate(numbers)}
    return [change(one, places[number]) if number in places else one for number, one in enumerate(of, 1)]


def book(
    events: Sequence[Event],
    *,
    records: Sequence[MasterRecord] = (),
    tolerance: str | None = None,
    policy: Policy = SUPPOSED,
) -> tuple[Reconciled, tuple[Uncounted, ...]]:
    """A reconciled book, and the receipts that it did not count."""
    seen = [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(events, 1)]
    matching = Matching(transit_tolerance=None if tolerance is None else Decimal(tolerance))
    found = facts(seen, (), matching=matching)
    again = {one.events[0] for one in found.findings if one.code == "metal.received_again"}
    arrived = [fact for one in seen for fact in interpret(one)[0] if isinstance(fact, Arrived) and one.hash_id in again]
    return reconcile_flows(found.flows, Instruments.of(records), policy), uncounted(arrived)


def faults(
    events: Sequence[Event],
    *,
    records: Sequence[MasterRecord] = (),
    tolerance: str | None = None,
    policy: Policy = SUPPOSED,
    weak: float = 0.0,
) -> Faults:
    """What is found in a book; by default what is strong alone."""
    reconciled, again = book(events, records=records, tolerance=tolerance, policy=policy)
    return ledger_faults(reconciled, policy, np.random.default_rng(1), uncounted=again, weak=weak)


def codes(of: Faults) -> list[str]:
    """The codes of what was found, the strongest evidence first."""
    return [one.suspicion.code for one in of.found]
