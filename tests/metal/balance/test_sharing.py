"""What all readings of one scale have in common, in what is missing period after period: worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest

from lodeline.metal.balance.layout import AccountKey
from lodeline.metal.balance.series import MufSeries, muf_series
from lodeline.metal.balance.sharing import Sharing
from lodeline.metal.instruments import Instruments
from lodeline.metal.policy import NO_POLICY, Policy
from lodeline.record.metal import Event, Reading
from tests.metal.balance.hand import PLACES, accounted
from tests.metal.small_book import WORKS, Record, book, mined, received, shipped, weighed

BRIDGE, GATE = "urn:example:scale:bridge", "urn:example:scale:gate"
ROAD = AccountKey(state="on the road")
CALIBRATED = (
    Record("scale", BRIDGE, {"bias": Decimal(2), "bias_u": Decimal(5), "bias_load": Decimal(1000)}),
    Record("scale", GATE, {"bias_u": Decimal(4)}),
)


class Registered(Record, frozen=True):
    """A record of a scale, for good."""

    valid_from: str | None = None


def loads(left: str, came: str) -> list[Event]:
    """1,000 ± 3 kg leave in March and in April; 990 and 1,000 ± 4 kg come a day later. Read on two scales."""
    events: list[Event] = []
    for number, (day, kg) in enumerate(((1, "990"), (40, "1000"))):
        lot, bill = f"urn:example:lot:{number}", f"urn:example:bol:{number}"
        events += [
            mined(lot=lot, day=day, basis=None),
            weighed(day + 1, on_scale("1000", "3", left), lot=lot),
            shipped(day + 2, lot=lot, bill=bill),
            received(day + 3, lot=lot, bill=bill),
            weighed(day + 4, on_scale(kg, "4", came), lot=lot, place=WORKS),
        ]
    return events


def on_scale(kg: str, u: str, scale: str) -> Reading:
    return Reading(weight="net", value=Decimal(kg), u=Decimal(u), uom="KGM", basis="dry", device=scale)


def series_of(events: Sequence[Event], records: Sequence[Record] = CALIBRATED, policy: Policy = NO_POLICY) -> MufSeries:
    scales = Instruments.of(Registered(one.kind, one.id, one.attributes) for one in records)
    # The readings are those of the same flows that the accounts are of.
    return muf_series(accounted(*events), ROAD, Sharing(book(*events, master=PLACES).flows, scales, policy))


def test_two_scales_at_two_ends_are_off_in_every_period_alike():
    """The bridge is known to 0.5 % of 1,000 kg, which is 5 kg a load, and the gate to 4 kg at any load."""
    found = series_of(loads(BRIDGE, GATE))

    assert found.periods == ("2026-03", "2026-04")
    np.testing.assert_allclose(found.kg, [10, 0])
    np.testing.assert_allclose(found.random_kg2, [3**2 + 4**2] * 2)
    shared = 5**2 + 4**2
    np.testing.assert_allclose(found.covariance_kg2, [[25 + shared, shared], [shared, 25 + shared]])
    # It is known to read 0.2 % too much, so that of what seems to be missing 2 kg a load never left.
    np.testing.assert_allclose(found.known_kg, [2, 2])


def test_one_scale_at_both_ends_is_off_only_by_its_part_of_what_is_missing():
    found = series_of(loads(BRIDGE, BRIDGE))

    shared = np.outer([0.05, 0], [0.05, 0])  # 0.5 % of 10 kg, and of nothing
    np.testing.assert_allclose(found.covariance_kg2, np.diag([25, 25]) + shared)
    np.testing.assert_allclose(found.known_kg, [0.02, 0], atol=1e-12)


def test_of_a_scale_of_which_nobody_says_how_far_it_may_be_off_nothing_is_shared():
    found, random = series_of(loads(BRIDGE, GATE), ()), muf_series(accounted(*loads(BRIDGE, GATE)), ROAD, None)

    np.testing.assert_array_equal(found.covariance_kg2, random.covariance_kg2)
    np.testing.assert_array_equal(found.known_kg, [0, 0])


def test_what_a_policy_supposes_of_scales_counts_where_no_certificate_says():
    """0.3 % of each load, on either scale: 3 kg and 2.97 kg in March, 3 and 3 in April."""
    supposed = Policy.parse(b'name = "supposed"\n[uncertainty.bias]\nscale = 0.003\n', version=1)
    found = series_of(loads(BRIDGE, GATE), (), supposed)

    shared = np.outer([3, 3], [3, 3]) + np.outer([2.97, 3], [2.97, 3])
    np.testing.assert_allclose(found.covariance_kg2, np.diag([25, 25]) + shared)


@pytest.mark.parametrize("records", [CALIBRATED, ()])
def test_all_of_the_book_is_as_uncertain_as_the_sum_of_its_periods(records: tuple[Record, ...]):
    """Metamorphic: all of the book has the variance of the sum of its months."""
    months = series_of(loads(BRIDGE, GATE), records)
    events = loads(BRIDGE, GATE)
    flows = book(*events, master=PLACES).flows
    scales = Instruments.of(Registered(one.kind, one.id, one.attributes) for one in records)
    whole = muf_series(accounted(*events, period=None), ROAD, Sharing(flows, scales, NO_POLICY))

    np.testing.assert_allclose(whole.covariance_kg2, [[months.covariance_kg2.sum()]])
    np.testing.assert_allclose(whole.kg, [months.kg.sum()])
