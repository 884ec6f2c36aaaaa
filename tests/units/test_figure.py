"""A figure is known with an uncertainty, or unknown with what would settle it; it is never a silent zero."""

import math

import pytest

from lodeline.errors import InputError, Settle
from lodeline.units.figure import Figure, product, ratio, total, unknown

WEIGH = Settle(act="weighing", subject="lot", detail="Weigh it.")


def measured(value: float, u: float | None, unit: str = "KGM", rests_on: str = "e") -> Figure:
    return Figure(value=value, u=u, unit=unit, standing="measured", rests_on=(rests_on,))


def test_a_product_carries_first_order_uncertainty() -> None:
    """By hand: 100 +- 1 kg at 0.5 +- 0.01: u = hypot(0.5 x 1, 100 x 0.01) = sqrt(1.25)."""
    got = product(measured(100, 1), measured(0.5, 0.01, "C62", "f"), unit="KGM")

    assert (got.value, got.u) == (50, pytest.approx(math.sqrt(1.25)))
    assert got.rests_on == ("e", "f")


def test_an_unknown_factor_makes_the_product_unknown_and_says_what_settles_it() -> None:
    got = product(measured(100, 1), unknown("C62", WEIGH), unit="KGM")

    assert (got.value, got.standing, got.settle) == (None, "unknown", (WEIGH,))
    assert not got.known


def test_an_uncertainty_nobody_gave_is_not_zero() -> None:
    assert product(measured(2, None), measured(3, 0.1), unit="KGM").u is None
    assert ratio(measured(2, 0.1), measured(4, None), unit="C62").u is None
    assert total([measured(2, None), measured(3, 0.1)], unit="KGM").u is None


def test_a_ratio_to_zero_is_unknown() -> None:
    assert ratio(measured(1, 0.1), measured(0, 0.1), unit="C62").value is None
    assert ratio(measured(1, 0.1), measured(4, 0.4), unit="P1", scale=100).value == 25


def test_a_total_leaves_nothing_out() -> None:
    assert total([measured(2, 3), measured(4, 4)], unit="KGM").u == 5
    assert total([measured(2, 3), unknown("KGM", WEIGH)], unit="KGM").value is None
    assert total([], unit="KGM").value is None


def test_units_do_not_mix_in_a_total() -> None:
    with pytest.raises(InputError) as refusal:
        total([measured(2, 3, "TNE")], unit="KGM")
    assert refusal.value.code == "figure.mixed_units"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"value": math.nan, "standing": "measured"}, "figure.not_finite"),
        ({"value": 1.0, "standing": "measured", "u": -0.1}, "figure.uncertainty"),
        ({"value": None, "standing": "measured"}, "figure.standing"),
        ({"value": 0.0, "standing": "unknown"}, "figure.standing"),
    ],
)
def test_a_figure_that_contradicts_itself_is_refused(fields: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as refusal:
        Figure(unit="KGM", **fields)  # type: ignore[arg-type]
    assert refusal.value.code == code


def bounded(low: float | None, high: float | None, unit: str = "KGM") -> Figure:
    return Figure(value=None, low=low, high=high, unit=unit, standing="bounded", rests_on=("b",), settle=(WEIGH,))


def test_limits_go_through_a_product_a_ratio_and_a_sum() -> None:
    """By hand: 2 to 5 kg, times 3, over 4, and 10 kg added; a factor below zero changes the limits over."""
    some = bounded(2, 5)
    three, four = measured(3, None, "C62"), measured(4, None, "C62")

    of = product(some, three, unit="KGM")
    assert (of.standing, of.value, of.low, of.high, of.settle) == ("bounded", None, 6, 15, (WEIGH,))
    assert [(got.low, got.high) for got in (ratio(some, four, unit="KGM"),)] == [(0.5, 1.25)]
    assert [(got.low, got.high) for got in (total((some, measured(10, 1)), unit="KGM"),)] == [(12, 15)]
    assert [(got.low, got.high) for got in (product(some, unit="KGM", scale=-1),)] == [(-5, -2)]


def test_half_a_limit_stays_half_and_no_limit_stays_unknown() -> None:
    assert total((bounded(2, None), bounded(None, 5)), unit="KGM").standing == "unknown"
    assert total((bounded(2, None), measured(1, 1)), unit="KGM").low == 3
    assert total((bounded(2, 3), unknown("KGM")), unit="KGM").standing == "unknown"
    assert product(bounded(2, 3), bounded(2, 3), unit="KGM").standing == "unknown"
    assert ratio(bounded(2, 3), measured(0, 1), unit="C62").standing == "unknown"
