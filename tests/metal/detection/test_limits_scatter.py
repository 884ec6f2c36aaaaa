"""Assays that agree better than their own uncertainties let them, and consignments that never come."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, poisson

from tests.metal.detection.small_limits import (
    FAR,
    MINE_LAB,
    WORKS_LAB,
    assayed,
    by,
    comes,
    found,
    leaves,
    lot,
    mined,
)
from tests.metal.small_book import MINE

ALIKE, OVERDUE = ["assays too alike"], ["overdue on the road"]


def twice(
    values: list[tuple[str, str]], u: str | None = "0.3", laboratories: tuple[str, str] = (MINE_LAB, MINE_LAB)
) -> list[Any]:
    """Lots, each assayed twice: percent Sb."""
    events: list[Any] = []
    for number, both in enumerate(values, 1):
        events.append(mined(number, lot(number)))
        for place, (value, laboratory) in enumerate(zip(both, laboratories, strict=True)):
            of = by(laboratory, f"{number}-{place}", "provisional" if place else "final")
            events.append(assayed(number + 0.1 * (place + 1), lot(number), [("Sb", value, u)], MINE, of))
    return events


# Twenty pairs of 50 % with a standard uncertainty of 0.3, drawn once.
DRAWN = [
    tuple(f"{value:.2f}" for value in pair)
    for pair in np.random.Generator(np.random.PCG64(3)).normal(50, 0.3, (20, 2)).tolist()
]
COPIED = [(first, f"{Decimal(first) + Decimal('0.01') * (number % 3 - 1)}") for number, (first, _) in enumerate(DRAWN)]


def test_repeats_that_scatter_as_the_certificates_say_are_in_order():
    of = found(*twice(DRAWN), only=ALIKE)

    assert of.suspicions == ()
    assert of.compared["assays too alike"] == 2  # spread and digits of one family


def test_repeats_that_hardly_differ_are_too_alike_by_hand():
    """Differences of 0 or 0.01, to which rounding may add 0.01: each is at most 0.02 of 0.42."""
    (one,) = [one for one in found(*twice(COPIED), only=ALIKE).suspicions if "differ by" in one.sentence]

    far = sum(((0.01 if number % 3 != 1 else 0.0) + 0.01) ** 2 for number in range(20)) / (2 * 0.3**2)
    assert (one.code, one.weight, one.element) == ("metal.assays_too_alike", "strong", "Sb")
    assert one.p == pytest.approx(chi2.cdf(far, 20), rel=1e-3)
    assert one.instruments == (MINE_LAB,)
    assert len(one.entries) == 40


def test_the_same_digits_again_and_again():
    """Eight of twenty pairs print the same number, of which 0.01 / 0.424 / 2.507 = 0.0094 would each."""
    values = [(first, first if number < 8 else second) for number, (first, second) in enumerate(DRAWN)]
    (one,) = found(*twice(values), only=ALIKE).suspicions

    assert "8 of 20 pairs print the same number" in one.sentence
    assert one.p == pytest.approx(poisson.sf(7, 20 * 0.01 / (0.3 * 2**0.5) / 2.5066), rel=1e-3)
    assert one.lots == tuple(lot(number) for number in range(1, 9))


def test_a_buyer_who_copies_the_seller_is_seen_too():
    of = found(*twice(COPIED, laboratories=(MINE_LAB, WORKS_LAB)), only=ALIKE)

    assert {one.instruments for one in of.suspicions} == {(MINE_LAB, WORKS_LAB)}


def test_an_uncertainty_that_is_not_on_the_certificate_says_nothing_of_the_method():
    of = found(*twice(COPIED, u=None), only=ALIKE)

    assert of.compared["assays too alike"] == 0
    assert of.unbound["assays too alike"] == {
        "two assays of one material whose certificates state their uncertainties": 1
    }


def test_a_pure_metal_cannot_scatter_above_everything():
    """99.9 % with 0.3: half of what it might be is more than everything."""
    pure = [("99.90", "99.91")] * 20

    assert found(*twice(pure), only=ALIKE).compared["assays too alike"] == 0


def roads(*days: float, last: float | None = None) -> list[Any]:
    """Consignments that took so many days, and one that left on a day and has not come."""
    events: list[Any] = []
    for number, took in enumerate(days, 1):
        bill = f"urn:example:desadv:{number}"
        events += [mined(number, lot(number)), leaves(number + 0.1, lot(number), bill)]
        events.append(comes(number + 0.1 + took, lot(number), bill))
    if last is not None:
        events += [mined(last, lot(99)), leaves(last + 0.1, lot(99), "urn:example:desadv:99")]
    return events


TIMES = (1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98, 1.2, 0.85, 1.0)


def test_what_left_long_ago_and_has_not_come_is_overdue():
    """Others took about a day; this one left nine days before the last event."""
    late = found(*roads(*TIMES, last=2), only=OVERDUE)
    (one,) = late.suspicions

    assert (one.code, one.weight, one.lots) == ("metal.overdue_on_road", "strong", (lot(99),))
    assert "9 days" in one.sentence
    assert one.z is not None
    assert one.z > 10


def test_what_left_a_little_ago_is_on_the_road():
    of = found(*roads(*TIMES, last=10), only=OVERDUE)

    assert (of.suspicions, of.compared["overdue on the road"]) == ((), 1)


def test_a_road_on_which_too_few_have_come_says_nothing():
    of = found(*roads(1.0, 1.1, last=2), only=OVERDUE)

    assert (of.suspicions, of.compared["overdue on the road"]) == ((), 0)
    assert of.unbound["overdue on the road"] == {"consignments on roads on which too few have come": 1}
    assert FAR.false_alarms == Decimal("0.01")
