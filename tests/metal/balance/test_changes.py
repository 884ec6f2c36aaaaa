"""Late evidence re-opens a period: which lines changed, by how much, and which entries did it and no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from lodeline.metal.balance.accounting import Accounts
from lodeline.metal.balance.changing import Between, Change, changes
from lodeline.record import metal
from tests.metal.balance.hand import accounted
from tests.metal.small_book import (
    BUYER,
    LOT,
    MINE,
    SELLER,
    WORKS,
    assayed,
    kg,
    mined,
    net,
    on,
    percent,
    ranked,
    received,
    shipped,
    weighed,
)

OTHER = "urn:example:lot:2"
ROAD = "on the road"
Changes = dict[tuple[str, str, str], Change]


def never(entry: int) -> int | None:
    return None


def changed(
    early: Sequence[metal.Event],
    late: Sequence[metal.Event],
    *,
    of: str = "Sb",
    withdrawn_by: Callable[[int], int | None] = never,
    rules: Sequence[int] = (),
    **how: object,
) -> Changes:
    """The changes of a book that grows by some events, by account, period and line."""
    before, after = (accounted(*events, of=of, **how) for events in (early, [*early, *late]))  # type: ignore[arg-type]
    return compared(before, after, len(early), len(early) + len(late), withdrawn_by, rules)


def compared(
    before: Accounts, after: Accounts, since: int, until: int, withdrawn_by=never, rules: Sequence[int] = ()
) -> Changes:
    between = Between(since=since, until=until, withdrawn_by=withdrawn_by, rules=lambda: rules)
    return {
        (one.key.site or one.key.owner or one.key.state, one.period, one.line): one
        for one in changes(before, after, between)
    }


EARLY = [mined("1000", basis="dry"), assayed(3, percent("50", u="0.3")), shipped(40, "400"), received(45, "399")]


def test_a_late_assay_reopens_its_month_and_the_trace_names_it_and_nothing_else():
    """March closed with 500 kg; an assay of 3 March that comes in with May's weighings says 52 %: it is 520."""
    umpire = assayed(3.5, percent("52", u="0.1"), certificate=ranked("umpire"))
    may = [mined("70", OTHER, day=62, basis="dry"), umpire, assayed(63, percent("40"), lot=OTHER)]
    found = changed(EARLY, may)
    march = {line: one for (site, period, line), one in found.items() if (site, period) == (MINE, "2026-03")}

    assert set(march) == {"in", "arising", "closing", "closing_held"}
    closing = march["closing"]
    assert (closing.before.value, closing.after.value, closing.kg) == (500, 520, pytest.approx(20))
    assert (closing.reopened, closing.lots, closing.entries) == (True, (LOT,), (6,))
    assert {one.entries for one in found.values()} == {(6,)}
    assert found[MINE, "2026-04", "out"].after.value == 208
    # What May itself brought is no re-opening.
    assert {period for _, period, _ in found} == {"2026-03", "2026-04"}


def test_a_late_receipt_moves_what_was_on_the_road():
    found = changed(EARLY[:3], [received(45, "399"), mined("70", OTHER, day=62, basis="dry")])

    road, works = found[ROAD, "2026-04", "closing_on_the_way"], found[WORKS, "2026-04", "closing_held"]
    assert (road.before.value, road.after.value, road.entries) == (200, 0, (4,))
    assert (works.after.value, works.entries) == (199.5, (4,))
    assert found[ROAD, "2026-04", "unaccounted"].entries == (4,)
    assert {period for _, period, _ in found} == {"2026-04"}


def test_a_late_shipment_takes_from_the_stock_and_is_named_as_what_did():
    """Nothing in the line of the stock says where the lot went; the shipment that took it is in another line."""
    found = changed([mined("100", basis="dry"), mined("5", OTHER, basis="dry", day=40)], [shipped(4)], of="dry")

    held = found[MINE, "2026-03", "closing_held"]
    assert (held.before.value, held.after.value, held.lots, held.entries) == (100, 0, (LOT,), (3,))


def test_a_late_weighing_of_what_was_sent_on_is_named_wherever_it_is_carried():
    sold = metal.ownership_change(on(6), [kg("40")], basis="dry", seller=SELLER, buyer=BUYER)
    found = changed([mined("100", basis="dry"), sold], [weighed(2, net("103", "1"))], of="dry", by=("owner",))

    closing = found[SELLER, "2026-03", "closing"]
    assert (closing.before.value, closing.after.value, closing.after.u, closing.entries) == (60, 63, None, (3,))


def test_a_withdrawal_is_named_by_the_entry_that_withdraws():
    """As of entry 6, entry 5 withdraws entry 4, and entry 6 corrects it."""
    before = accounted(*EARLY, of="dry")
    others = (mined("1", f"{OTHER}:{n}", day=95) for n in (4, 5))
    after = accounted(*EARLY[:3], *others, received(45, "390"), of="dry")
    found = compared(before, after, 4, 6, withdrawn_by=lambda entry: {4: 5}.get(entry))

    assert found[WORKS, "2026-04", "closing_held"].entries == (5, 6)
    assert found[ROAD, "2026-04", "unaccounted"].entries == (5, 6)


def test_where_no_event_is_the_cause_it_is_the_policy_or_the_master_data():
    before = accounted(*EARLY, of="dry")
    after = accounted(*EARLY, of="dry", zone="Pacific/Kiritimati")
    found = compared(before, after, 4, 6, rules=(5,))

    assert found == {}
    edge = [mined("10", basis="dry", day=31.8)]
    found = compared(accounted(*edge), accounted(*edge, zone="Asia/Karachi"), 1, 2, rules=(2,))
    assert {one.entries for one in found.values()} == {(2,)}
    assert found[MINE, "2026-03", "in"].kg == -10


def test_nothing_changes_where_nothing_was_recorded_that_touches_it():
    assert changed(EARLY, []) == {}
    assert changed(EARLY, [mined("70", OTHER, day=95, basis="dry")]) == {}


def test_a_period_that_has_not_ended_goes_on_and_is_not_reopened():
    from lodeline.metal.flows.graph import microseconds
    from tests.metal.small_book import START

    now = microseconds(START) + 10 * 86_400_000_000
    found = changed([mined("10", basis="dry")], [mined("5", OTHER, basis="dry", day=9)], of="dry", through=now)

    assert {(one.reopened, one.entries) for one in found.values()} == {(False, (2,))}
