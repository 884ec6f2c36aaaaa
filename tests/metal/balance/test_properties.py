"""What must hold of the accounts of every book: they close, add up, and do not depend on the order of capture."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.balance.account import SPECS, Account
from lodeline.metal.balance.accounting import Accounts, accounts
from lodeline.metal.balance.changing import same
from lodeline.metal.balance.layout import AccountKey
from lodeline.metal.balance.quantity import quantity
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.words import CLOSING, FLOW, OUTSIDE
from lodeline.metal.registered import Master
from lodeline.metal.weighed import weighed
from tests.metal.random_books import PLACES, Step, events, followed, steps
from tests.metal.test_random_books import muddled

BOOKS = st.builds(lambda seed, length: steps(Random(seed), length), st.integers(0, 10**9), st.integers(1, 45))
MASTER: Master = {
    ("site", PLACES[0]): {"time_zone": "Asia/Karachi"},
    ("site", PLACES[1]): {"time_zone": "America/Chicago"},
    ("store", PLACES[2]): {"site": PLACES[0]},
}
KEYS = st.sampled_from(
    [("site",), ("store", "owner"), (), ("owner",), ("site", "state"), ("site", "owner", "material")]
)
PERIOD = st.sampled_from(["day", "week", "month", None])
OF = st.sampled_from(["dry", "Sb"])
FEW = settings(max_examples=25, deadline=None)


def told(flows: Flows, of: str, by: tuple[str, ...], period: str | None) -> Accounts:
    counted = quantity(flows, of, master=MASTER, groups={})
    return accounts(flows, counted, by=by, period=period, master=MASTER)  # type: ignore[arg-type]


def known(one: Account) -> bool:
    return all(line.recorded.known for line in one.lines.values() if line.sign)


@FEW
@given(acts=BOOKS, of=OF, by=KEYS, period=PERIOD, disorder=st.none() | st.integers(0, 10**9))
def test_every_account_closes(acts: list[Step], of: str, by: tuple[str, ...], period: str | None, disorder: int | None):
    """Also of books in disorder; and where a line is only limited, the others allow it."""
    found = events(acts) if disorder is None else muddled(events(acts), Random(disorder))
    flows = followed(found).flows
    largest = float(np.nanmax(flows.flows["mass_kg"], initial=1.0))
    for one in told(flows, of, by, period).accounts:
        lines = [line for line in one.lines.values() if line.sign]
        if known(one):
            total = math.fsum(line.sign * (line.recorded.value or 0.0) for line in lines)
            assert abs(total) <= 1e-9 * largest * flows.flows.rows
        ends = [_ends(line.sign, line.recorded) for line in lines]
        assert sum(low for low, _ in ends) <= 1e-6 * largest
        assert sum(high for _, high in ends) >= -1e-6 * largest
        for spec in SPECS:
            parts = [line.recorded for line in one.lines.values() if line.of == spec.name]
            whole = one.recorded(spec.name)
            if parts and whole.known and all(part.known for part in parts):
                assert math.fsum(part.value or 0.0 for part in parts) == pytest.approx(whole.value, abs=1e-9 * largest)


def _ends(sign: int, figure) -> tuple[float, float]:
    if figure.known:
        return sign * figure.value, sign * figure.value
    low = -math.inf if figure.low is None else figure.low
    high = math.inf if figure.high is None else figure.high
    return (low, high) if sign > 0 else (-high, -low)


@FEW
@given(acts=BOOKS, by=KEYS, period=PERIOD)
def test_all_accounts_together_close_with_what_came_into_the_book_and_what_left_it(
    acts: list[Step], by: tuple[str, ...], period: str | None
):
    """What one account ships another receives, so of all of them only the outside is left; every mass is known."""
    flows = followed(events(acts)).flows
    found = told(flows, "dry", by, period)
    kg, kind = weighed(flows, flows.dry()).kg, flows.flows["kind"]
    outside = {
        "arising": kg[(flows.flows["tail"] == OUTSIDE) & (kind == FLOW["arising"])].sum(),
        "ended": kg[kind == FLOW["ending"]].sum(),
        "losses": kg[kind == FLOW["loss"]].sum(),
    }
    if not all(known(one) for one in found.accounts) or np.isnan(list(outside.values())).any():
        return
    last = max(one.period for one in found.accounts)
    total = {
        name: math.fsum(
            one.recorded(name).value or 0.0 for one in found.accounts if name != "closing" or one.period == last
        )
        for name in ("arising", "ended", "losses", "unaccounted", "closing")
    }
    for name, whole in outside.items():
        assert total[name] == pytest.approx(whole, abs=1e-6)
    left = total["arising"] - total["ended"] - total["losses"] - total["closing"] - total["unaccounted"]
    assert left == pytest.approx(0, abs=1e-6)


@FEW
@given(acts=BOOKS, of=OF, by=KEYS)
def test_days_add_up_to_weeks_and_open_as_the_day_before_closed(acts: list[Step], of: str, by: tuple[str, ...]):
    flows = followed(events(acts)).flows
    days, whole = told(flows, of, by, "day"), told(flows, of, by, None)
    moved = [spec.name for spec in SPECS if spec.at == "during" and spec.name != "unaccounted"]
    for one in whole.accounts:
        each = [day for day in days.accounts if day.key == one.key]
        if not (known(one) and all(map(known, each))):
            continue
        for name in (*moved, "unaccounted"):
            parts = [day.recorded(name) for day in each]
            if all(figure.known for figure in (*parts, one.recorded(name))):
                total = math.fsum(figure.value or 0.0 for figure in parts)
                assert total == pytest.approx(one.recorded(name).value, abs=1e-6), name
        assert each[-1].recorded("closing").value == pytest.approx(one.recorded("closing").value, abs=1e-6) or (
            each[-1].period < max(day.period for day in days.accounts)
        )
        for before, after in pairwise(each):
            if after.recorded("opening").value:
                assert before.recorded("closing") == after.recorded("opening")


@FEW
@given(acts=BOOKS, seed=st.integers(0, 10**9), of=OF, by=KEYS, period=PERIOD)
def test_the_order_of_capture_makes_no_difference(
    acts: list[Step], seed: int, of: str, by: tuple[str, ...], period: str | None
):
    found = events(acts)
    order = list(range(len(found)))
    Random(seed).shuffle(order)
    one, two = (told(followed(found, way).flows, of, by, period) for way in (None, order))

    assert [(each.key, each.period) for each in one.accounts] == [(each.key, each.period) for each in two.accounts]
    for a, b in zip(one.accounts, two.accounts, strict=True):
        assert a.lines.keys() == b.lines.keys()
        for name in a.lines:
            x, y = a.recorded(name), b.recorded(name)
            assert same(x, y), name


@FEW
@given(acts=BOOKS)
def test_what_the_last_period_closes_with_is_what_the_flows_leave(acts: list[Step]):
    """A second route: the flows that close the books, roads and processes left aside."""
    flows = followed(events(acts)).flows
    (one,) = [each for each in told(flows, "dry", (), None).accounts if not each.key.state] or [None]
    if one is None:
        return
    closing = (flows.flows["head"] == CLOSING) & (flows.nodes["kind"][flows.flows["tail"]] == 2)

    assert one.recorded("closing_held").value == pytest.approx(float(flows.flows["mass_kg"][closing].sum()), abs=1e-6)


def test_the_random_books_are_worth_accounting():
    """Every line is used in them, and by far most accounts are known."""
    used: set[str] = set()
    sure = []
    for seed in range(8):
        flows = followed(events(steps(Random(seed), 80))).flows
        for by in (("store", "owner"), ("site", "state"), ("site",)):
            for one in told(flows, "dry", by, "day").accounts:
                used |= {name for name, line in one.lines.items() if line.flows}
                sure.append(known(one))
                assert isinstance(one.key, AccountKey)

    assert used >= {"arising", "received", "bought", "produced", "shipped", "ended", "sold", "consumed", "losses"}
    assert used >= {"fed", "made", "charged", "discharged", "closing_on_the_way", "closing_in_process"}
    assert used >= {"unaccounted_held", "unaccounted_in_process", "unaccounted_on_the_way"}
    assert np.mean(sure) > 0.9
