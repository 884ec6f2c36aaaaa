"""Uncertainties against a second route: every reading is moved by hand, the book is followed again, and lines differ.

The variance of a line is the sum of the squares of what each reading moves it by, and so are the covariances of what is
unaccounted for between periods: no formula of the account is used for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import numpy as np
import pytest

from lodeline.metal.balance.accounting import Accounts
from lodeline.metal.balance.layout import AccountKey
from lodeline.metal.balance.series import muf_series
from lodeline.record import metal
from lodeline.record.metal import Made
from tests.metal.balance.hand import PLACES, accounted
from tests.metal.small_book import (
    BUYER,
    LOT,
    MINE,
    NOBODY,
    PORT,
    SELLER,
    WORKS,
    kg,
    mined,
    on,
    received,
    shipped,
    weighed,
)
from tests.metal.small_book import net as read

OTHER, PART, REST, METAL = (f"urn:example:lot:{name}" for name in ("2", "part", "rest", "metal"))
READINGS: Mapping[str, tuple[str, str]] = {
    "ore kg": ("1000", "2"),
    "ore %": ("50", "0.3"),
    "ore water %": ("8", "0.5"),
    "part kg": ("402", "1.5"),
    "gate kg": ("399", "1"),
    "gate water %": ("7", "0.4"),
    "other kg": ("300", "2"),
    "other %": ("40", "0.2"),
    "again kg": ("297", "1"),
    "metal kg": ("240", "0.5"),
    "metal %": ("99", "0.1"),
}


def story(value: Mapping[str, Decimal], u: Mapping[str, str]) -> list[metal.Event]:
    """Ore is split, a part is shipped wet and weighed and dried at both ends, joined by dry ore, smelted and sold."""

    def scale(name: str, basis: str) -> metal.Reading:
        return read(str(value[name]), u[name], basis=basis)

    def assay(day: float, name: str, lot: str, place: str) -> metal.Event:
        from tests.metal.small_book import percent

        return metal.assay(on(day, place), lot, [percent(str(value[name]), u=u[name])], NOBODY)

    def water(day: float, name: str, lot: str, place: str) -> metal.Event:
        return metal.moisture(on(day, place), lot, NOBODY, value=value[name], u=Decimal(u[name]), uom="P1")

    return [
        mined(),
        weighed(2, scale("ore kg", "wet")),
        water(2.1, "ore water %", LOT, MINE),
        assay(3, "ore %", LOT, MINE),
        metal.split(on(4), kg(None), [kg(None, PART), kg(None, REST)], basis=None),
        weighed(5, scale("part kg", "wet"), lot=PART),
        shipped(29, lot=PART),
        received(34, lot=PART),
        weighed(34.1, scale("gate kg", "wet"), lot=PART, place=WORKS),
        water(34.2, "gate water %", PART, WORKS),
        metal.lot_mined(on(35, WORKS), [kg(None, OTHER)], basis=None, country="PK", deposit=None, owner=BUYER),
        weighed(35.1, scale("other kg", "dry"), lot=OTHER, place=WORKS),
        assay(35.2, "other %", OTHER, WORKS),
        metal.ownership_change(on(36, WORKS), [kg(None, OTHER)], basis=None, seller=BUYER, buyer=SELLER),
        weighed(37, scale("again kg", "dry"), lot=OTHER, place=WORKS),
        metal.transformation(
            on(70, WORKS),
            process="smelt",
            inputs=[kg(None, PART), kg(None, OTHER)],
            outputs=[kg(None, METAL)],
            basis=None,
            made=Made(owner=BUYER, stage="refined"),
        ),
        weighed(71, scale("metal kg", "dry"), lot=METAL, place=WORKS),
        assay(72, "metal %", METAL, WORKS),
        metal.lot_ended(on(75, WORKS), [kg(None, METAL)], basis=None, reason="sold", destroyed=False),
    ]


def told(values: Mapping[str, Decimal], of: str, by: tuple[str, ...]) -> Accounts:
    u = {name: u for name, (_, u) in READINGS.items()}
    return accounted(*story(values, u), of=of, by=by, period="month", master=PLACES)


def moved(of: str, by: tuple[str, ...], read_off: Callable[[Accounts], np.ndarray]) -> np.ndarray:
    """(reading, figure) by how much each figure moves where a reading is off by its standard uncertainty."""
    values = {name: Decimal(value) for name, (value, _) in READINGS.items()}
    small = Decimal("0.001")
    rows = []
    for name, (_, u) in READINGS.items():
        up, down = (read_off(told(values | {name: values[name] + way * small * Decimal(u)}, of, by)) for way in (1, -1))
        rows.append((up - down) / (2 * float(small)))
    return np.array(rows)


@pytest.mark.parametrize("of", ["Sb", "dry"])
@pytest.mark.parametrize("by", [("site",), ("site", "owner"), ()])
def test_every_line_is_as_uncertain_as_its_readings_make_it(of: str, by: tuple[str, ...]):
    found = told({name: Decimal(value) for name, (value, _) in READINGS.items()}, of, by)
    known = [
        (one.key, one.period, name)
        for one in found.accounts
        for name, line in one.lines.items()
        if line.recorded.known and line.recorded.u is not None and line.flows
    ]
    assert len(known) > 20

    def read_off(accounts: Accounts) -> np.ndarray:
        return np.array([accounts.of(key, period).recorded(name).value for key, period, name in known])

    by_hand = np.sqrt((moved(of, by, read_off) ** 2).sum(axis=0))
    ours = np.array([found.of(key, period).recorded(name).u for key, period, name in known])
    np.testing.assert_allclose(ours, by_hand, rtol=2e-4, atol=1e-6, err_msg=str(known))


def test_what_is_missing_in_one_period_and_in_the_next_is_off_together_as_the_readings_make_it():
    """Sb at the works: April lacks what was weighed again, May what the smelter did not give, and both rest on it."""
    key = AccountKey(site=WORKS)
    found = told({name: Decimal(value) for name, (value, _) in READINGS.items()}, "Sb", ("site",))
    series = muf_series(found, key, None)

    def read_off(accounts: Accounts) -> np.ndarray:
        return muf_series(accounts, key, None).kg

    derivatives = moved("Sb", ("site",), read_off)  # (reading, period)
    assert series.periods == ("2026-04", "2026-05")
    assert series.checks.tolist() == [1, 1]
    np.testing.assert_allclose(series.covariance_kg2, derivatives.T @ derivatives, rtol=2e-4, atol=1e-6)
    assert series.covariance_kg2[0, 1] < 0
    unaccounted = [found.of(key, month).recorded("unaccounted") for month in series.periods]
    np.testing.assert_allclose(series.kg, [one.value for one in unaccounted])
    np.testing.assert_allclose(np.sqrt(np.diagonal(series.covariance_kg2)), [one.u for one in unaccounted])


def test_a_period_in_which_nothing_was_known_from_two_sides_has_no_muf_of_its_own():
    found = told({name: Decimal(value) for name, (value, _) in READINGS.items()}, "Sb", ("site",))
    mine = muf_series(found, AccountKey(site=MINE), None)

    assert mine.periods == ("2026-03", "2026-04", "2026-05")
    # In March the rest of the split is unknown, and so is what is missing; then it only lies there.
    assert mine.checks.tolist() == [1, 0, 0]
    assert np.isnan(mine.kg).all()
    assert np.isnan(mine.covariance_kg2).all()
    assert PORT not in [one.key.site for one in found.accounts]


def test_a_series_of_an_account_that_is_not_there_is_refused():
    from lodeline.errors import InputError

    with pytest.raises(InputError) as refused:
        muf_series(accounted(mined("1", basis="dry")), AccountKey(site=WORKS), None)
    assert refused.value.code == "balance.no_account"


def test_masses_that_nobody_gave_an_uncertainty_leave_their_period_without_a_covariance():
    found = accounted(mined("100", basis="dry"), shipped(4), received(6, "99"), shipped(40, lot=LOT, bill=None))
    road = muf_series(found, AccountKey(state="on the road"), None)

    assert road.kg[0] == 1
    assert np.isnan(road.covariance_kg2).all()
