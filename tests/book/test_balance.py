"""The account of an element in a book: as of an entry, by its policy and master data; and what changed it since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lodeline.book import Book, create
from lodeline.book.balancing import Balance
from lodeline.errors import InputError
from lodeline.metal.balance.account import BESIDE
from lodeline.metal.balance.layout import AccountKey
from lodeline.record import codec, metal
from lodeline.record.metal import document
from tests.metal.small_book import (
    LOT,
    MINE,
    START,
    WORKS,
    assayed,
    mined,
    net,
    on,
    percent,
    ranked,
    received,
    shipped,
    weighed,
)

MASTER = f"""
[[site]]
id = "{MINE}"
name = "Mine"
country = "PK"
time_zone = "Asia/Karachi"
[[site]]
id = "{WORKS}"
name = "Works"
country = "US"
time_zone = "America/Chicago"
"""
NOW = START + timedelta(days=75)
EARLY = [mined("1000", basis="dry"), assayed(3, percent("50", u="0.3")), shipped(40, "400"), received(45, "399")]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book that is written in the middle of May."""
    master = tmp_path / "master.toml"
    master.write_text(MASTER)
    with create(tmp_path / "book.db", title="x", by="me", clock=lambda: NOW) as opened:
        opened.register(master, by="me")
        yield opened


def capture(book: Book, *events: metal.Event) -> int:
    """Record these; the last entry."""
    book.capture(codec.encode(document(list(events), created=datetime(2026, 6, 1, tzinfo=UTC))), by="clerk")
    return book.head().seq


def value(found: Balance, site: str | None, period: str, line: str) -> float | None:
    (one,) = [each for each in found.accounts if (each.key.site, each.period) == (site, period)]
    return one.recorded(line).value


def test_the_account_of_a_book_closes_by_the_midnights_of_its_sites(book: Book):
    capture(book, *EARLY)
    found = book.balance("Sb")

    assert (found.element, found.by, found.period, found.policy) == ("Sb", ("site",), "month", "no policy")
    assert value(found, MINE, "2026-03", "closing") == 500
    assert value(found, None, "2026-04", "unaccounted") == 0.5
    assert value(found, WORKS, "2026-04", "in") == 199.5
    assert {(one.period, one.zone) for one in found.accounts if one.key.site == MINE} == {
        ("2026-03", "Asia/Karachi"),
        ("2026-04", "Asia/Karachi"),
    }
    assert not any(one.so_far for one in found.accounts)


def test_as_of_an_entry_it_is_that_of_a_book_that_ends_there(book: Book):
    then = capture(book, *EARLY[:2])
    before = book.balance("Sb")
    capture(book, *EARLY[2:])

    assert book.balance("Sb", as_of=then) == before != book.balance("Sb")


def test_a_late_assay_reopens_march_and_the_trace_names_that_entry(book: Book):
    """March closed with 500 kg; an umpire of 3 March says 52 %. What else came with it changed nothing there."""
    since = capture(book, *EARLY)
    capture(book, mined("70", "urn:example:lot:2", day=62, basis="dry"))
    late = capture(book, assayed(3.5, percent("52", u="0.1"), certificate=ranked("umpire")))
    capture(book, weighed(63, net("71", "1"), lot="urn:example:lot:2"))
    found = book.balance("Sb", since=since)

    march = [one for one in found.changes if one.period == "2026-03" and not one.of]
    assert [(one.line, one.before.value, one.after.value) for one in march] == [("in", 500, 520), ("closing", 500, 520)]
    assert {one.entries for one in found.changes} == {(late,)}
    assert all(one.reopened for one in found.changes)


def test_a_corrected_receipt_is_traced_to_the_withdrawal_and_to_what_stands_in_its_place(book: Book):
    since = capture(book, *EARLY)
    wrong = metal.correction(EARLY[3], declared_at=NOW, reason="incorrect_data")
    withdrawal = capture(book, wrong)
    right = capture(book, received(45, "390"))
    (closing,) = [
        one for one in book.balance("dry", since=since).changes if (one.key.site, one.line) == (WORKS, "closing")
    ]

    assert (closing.before.value, closing.after.value, closing.entries) == (399, 390, (withdrawal, right))


def test_a_policy_that_supposes_an_uncertainty_is_what_changed_it(book: Book):
    capture(book, mined(), weighed(2, net("100")))
    since = book.head().seq
    policy = book.set_policy(b"[uncertainty]\nweighing = {kg = 3}", by="me").seq
    (closing,) = [one for one in book.balance("dry", since=since).changes if one.line == "closing"]

    assert (closing.before.u, closing.after.u, closing.kg, closing.entries) == (None, 3, 0, (policy,))


def test_a_zone_that_is_registered_late_moves_what_happened_near_midnight(book: Book, tmp_path: Path):
    place = "urn:example:port"
    event = metal.lot_mined(on(31.9, place), [metal.Amount(LOT, 10, "KGM")], basis="dry", country="PK", deposit=None)
    since = capture(book, event)
    assert {one.code for one in book.balance("dry").findings} >= {"balance.zone_unknown"}
    more = tmp_path / "more.toml"
    more.write_text(f'[[site]]\nid = "{place}"\nname = "Port"\ncountry = "PK"\ntime_zone = "Asia/Karachi"\n')
    book.register(more, by="me")
    found = book.balance("dry", since=since)

    assert value(found, place, "2026-04", "in") == 10
    assert "balance.zone_unknown" not in {one.code for one in found.findings}
    assert {one.entries for one in found.changes} == {(since + 1,)}


def test_stock_takes_of_the_book_stand_beside_its_account(book: Book):
    then = capture(book, *EARLY[:2])
    capture(book, metal.stocktake(on(30, MINE), LOT, [net("990", "3")]))
    (one,) = book.balance("Sb").accounts

    assert (one.recorded("counted").value, one.recorded("counted_gap").value, one.counted) == (495, -5, 1)
    assert "balance.no_stocktake" not in {finding.code for finding in book.balance("Sb").findings}
    assert "balance.no_stocktake" in {finding.code for finding in book.balance("Sb", as_of=then).findings}


def test_a_finding_names_the_event_whose_time_is_unknown(book: Book):
    sold = metal.ownership_change(on(45), [metal.Amount(LOT)], basis=None, seller="urn:a:a", buyer="urn:a:b")
    capture(book, EARLY[0], {**sold, "lode:eventTimeKnown": "not_after"})
    found = book.balance("dry", by=("owner",))
    (finding,) = [one for one in found.findings if one.code == "balance.time_unknown"]

    assert finding.events == ([event.hash_id for event in book.events()][1],)


def test_a_declared_group_and_an_unfinished_month(book: Book):
    book.set_policy(b'[groups]\npair = ["Sb", "Cu"]', by="me")
    capture(book, mined("10", basis="dry", day=70), assayed(70.1, percent("50"), percent("10", of="Cu")))
    (one,) = book.balance("pair", by=("site", "material")).accounts

    assert (one.recorded("closing").value, one.so_far, one.period) == (pytest.approx(6), True, "2026-05")
    assert one.key == AccountKey(site=MINE, material="urn:example:stibnite")


def test_lines_and_accounts_as_polars_frames(book: Book):
    assert book.balance("Sb").to_polars().is_empty()
    capture(book, *EARLY)
    found = book.balance("Sb", by=("site", "owner"))
    long, wide = found.to_polars(), found.to_polars(wide=True)

    assert wide.height == len(found.accounts)
    assert long.height == sum(len(one.lines) for one in found.accounts)
    closing = long.filter((long["line"] == "closing") & (long["site"] == MINE) & (long["period"] == "2026-03"))
    assert closing["recorded_kg"].to_list() == [500]
    assert closing["reconciled_kg"].to_list() == [None]
    assert closing["recorded_class"].to_list() == ["computed"]
    assert wide.filter(wide["site"] == MINE)["closing_kg"].to_list() == [500, 300]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"by": ("colour",)}, "balance.key_unknown"),
        ({"by": ("site", "week")}, "balance.periods_several"),
        ({"since": 99}, "balance.since_later"),
    ],
)
def test_what_cannot_be_asked_is_refused(book: Book, asked: dict[str, object], code: str):
    capture(book, *EARLY)
    with pytest.raises(InputError) as refused:
        book.balance("Sb", **asked)  # type: ignore[arg-type]
    assert refused.value.code == code
    with pytest.raises(InputError) as refused:
        book.balance("Xx")
    assert refused.value.code == "chemistry.element_unknown"


def test_reconciled_sums_stand_beside_the_recorded_ones_and_change_none(book: Book):
    """The interface of whoever reconciles: an object with of_many, by rows of the flows."""
    from lodeline.book.balancing import balance_of
    from lodeline.metal.sums import Sums
    from lodeline.units.figure import Figure

    capture(book, *EARLY)

    def half(flows, of):
        class Half(Sums):
            def of(self, plus, minus=None) -> Figure:
                found = super().of(plus, minus)
                return Figure(value=(found.value or 0) / 2, u=1.0, unit="KGM", standing="computed")

        return Half(flows, of.mass)

    plain, both = (
        balance_of(book._store, None, "Sb", by=["site"], period="month", reconciling=one) for one in (None, half)
    )
    for a, b in zip(plain.accounts, both.accounts, strict=True):
        for name, line in b.lines.items():
            assert line.recorded == a.recorded(name)
            if line.flows and line.recorded.value:
                assert line.reconciled is not None
                assert line.reconciled.value == line.recorded.value / 2
            assert a.lines[name].reconciled is None


@pytest.mark.parametrize(
    ("by", "period"),
    [
        (("site",), "month"),
        (("owner", "site"), "week"),
        (("store", "state"), None),
        (("material",), "year"),
        ((), None),
    ],
)
def test_explain_takes_the_name_of_every_line_and_says_what_the_account_says(
    book: Book, by: tuple[str, ...], period: str | None
):
    readings = [weighed(2, net("1000", "1")), weighed(3, net("997", "1")), assayed(4, percent("50", u="0.3"))]
    capture(book, mined(), *readings, shipped(40), received(45), weighed(46, net("995", "2"), place=WORKS))
    found = book.balance("Sb", by=by, period=period, reconciled=True)

    asked = 0
    for account in found.accounts:
        for name, line in account.lines.items():
            figure = found.figure(account, name)
            if name in BESIDE:
                assert figure is None
                continue
            assert figure is not None
            assert line.reconciled is not None
            explained = book.explain(figure).explanation
            asked += 1
            assert explained.name == figure
            assert explained.figure.value == pytest.approx(line.reconciled.value, abs=1e-9)
    assert asked > 8
    rows = {row["figure"] for row in found.to_polars().rows(named=True)}
    assert rows == {found.figure(one, line) for one in found.accounts for line in one.lines}
