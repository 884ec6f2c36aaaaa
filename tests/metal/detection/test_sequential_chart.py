"""The control chart of closure: its numbers by hand, its gaps, and that it is plain data."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.closure_chart import ChartPoint, closure_chart
from lodeline.metal.detection.sequential.false_alarms import given_limit
from lodeline.metal.detection.sequential.muf import muf
from lodeline.metal.detection.sequential.sequential import PageTest, apply

PAGE = PageTest("both", 0.5)


def limit(account, value: float = 4.0):
    return given_limit(PAGE, account, value=value, runs=100, generator=np.random.default_rng(1))


def test_a_chart_of_three_periods():
    """By hand: u = 2 kg, nothing shared, so SITMUF 0.5, 2.5 and -3.5 and Page's sums 0, 2, 0 and 0, 0, 3."""
    account = muf(np.array([1.0, 5.0, -7.0]), np.eye(3) * 4)

    chart = closure_chart(account, PAGE, limit(account, 2.5))

    assert [point.bands_kg for point in chart.points] == [(2, 4, 6)] * 3
    assert [point.outside for point in chart.points] == [0, 2, 3]
    assert [point.cumuf_kg for point in chart.points] == pytest.approx([1, 6, -1])
    assert [point.cumuf_kg_u for point in chart.points] == pytest.approx([2, math.sqrt(8), math.sqrt(12)])
    assert [point.sitmuf for point in chart.points] == pytest.approx([0.5, 2.5, -3.5])
    assert [point.page_loss for point in chart.points] == pytest.approx([0, 2, 0])
    assert [point.page_gain for point in chart.points] == pytest.approx([0, 0, 3])
    assert [point.alarm for point in chart.points] == [False, False, True]
    assert chart.first_alarm == 2


def test_an_unknown_period_is_a_gap():
    account = muf(np.array([1.0, math.nan, 5.0]), np.eye(3) * 4)

    gap, after = closure_chart(account, PAGE, limit(account)).points[1:]

    assert gap == ChartPoint(
        period=1,
        first=None,
        muf_kg=None,
        bands_kg=None,
        outside=None,
        cumuf_kg=None,
        cumuf_kg_u=None,
        sitmuf=None,
        page_loss=None,
        page_gain=None,
        alarm=None,
    )
    assert (after.first, after.muf_kg) == (1, 5.0)


def test_a_chart_is_data_that_a_page_can_carry():
    account = muf(np.array([1.0, math.nan, 5.0]), np.eye(3) * 4)
    chart = closure_chart(account, PAGE, limit(account))

    assert msgspec.json.decode(msgspec.json.encode(chart), type=type(chart)) == chart


def test_the_chart_and_the_test_tell_the_same():
    rng = np.random.default_rng(2)
    account = muf(rng.normal(size=30) * 2, np.eye(30) + 0.3)
    asked = limit(account, 3.0)

    chart, outcome = closure_chart(account, PAGE, asked), apply(PAGE, account, asked)

    told = [max(point.page_loss, point.page_gain) for point in chart.points]
    np.testing.assert_allclose(told, outcome.statistic)
    assert [point.alarm for point in chart.points] == outcome.over.tolist()
    assert chart.first_alarm == outcome.first_alarm


def test_a_chart_of_nothing_is_refused():
    account = muf(np.zeros(2), np.eye(2))

    with pytest.raises(InputError) as refusal:
        closure_chart(muf(np.full(2, math.nan), np.eye(2)), PAGE, limit(account))

    assert refusal.value.code == "sequential.nothing_known"
