"""Accounts of small books: events by the constructors, and what `lodeline.metal.balance` makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lodeline.metal.balance.account import Account
from lodeline.metal.balance.accounting import Accounts, accounts
from lodeline.metal.balance.layout import AccountKey
from lodeline.metal.balance.quantity import quantity
from lodeline.metal.registered import latest
from lodeline.record import metal
from lodeline.record.metal import Act, End, Event
from tests.metal.small_book import MINE, PORT, SELLER, STIBNITE, WORKS, Record, SeenHere, book

YARD, FURNACE = "urn:example:store:yard", "urn:example:store:furnace"
KARACHI, CHICAGO = "Asia/Karachi", "America/Chicago"
PLACES = (
    Record("material", STIBNITE, {"elements": ["Sb"]}),
    Record("site", MINE, {"time_zone": "UTC"}),
    Record("site", PORT, {"time_zone": KARACHI}),
    Record("site", WORKS, {"time_zone": CHICAGO}),
    Record("store", YARD, {"site": MINE}),
    Record("store", FURNACE, {"site": MINE}),
)


def at(instant: str, place: str | None = MINE, **more: Any) -> Act:
    """An act at an instant with its offset."""
    return Act(at=datetime.fromisoformat(instant), place=place, **more)


def accounted(
    *events: Event,
    of: str = "dry",
    by: Sequence[Any] = ("site",),
    period: str | None = "month",
    master: Sequence[Record] = PLACES,
    groups: dict[str, Sequence[str]] | None = None,
    **how: Any,
) -> Accounts:
    """The accounts of a book of these events, recorded in this order, as entries 1, 2 …"""
    flows = book(*events, master=master).flows
    known = latest(master)
    counted = quantity(flows, of, master=known, groups=groups or {})
    return accounts(flows, counted, by=by, period=period, master=known, **how)


def at_site(found: Accounts, site: str, period: str = "2026-03") -> Account:
    return found.of(AccountKey(site=site), period)


def on_road(found: Accounts, period: str = "2026-03") -> Account:
    return found.of(AccountKey(state="on the road"), period)


def values(one: Account) -> dict[str, float | None]:
    """The recorded values of the lines in which there is anything."""
    return {name: line.recorded.value for name, line in one.lines.items() if line.flows and not line.of}


def moved(act: Act, lots: Sequence[metal.Amount], start: str, end: str, bill: str = "urn:example:bol:9") -> list[Event]:
    """A shipment and its receipt, the receipt at the instant of the act and the shipment an hour before it."""
    from datetime import timedelta

    papers = (("bol", bill),)
    left = Act(at=act.at - timedelta(hours=1), transactions=papers)
    come = Act(at=act.at, place=end, transactions=papers)
    ends = End(owner=SELLER, place=start), End(owner=SELLER, place=end)
    return [
        metal.shipment(left, lots, basis="dry", left=ends[0], to=ends[1]),
        metal.receipt(come, lots, basis="dry", left=End(), to=ends[1]),
    ]


def seen(*events: Event) -> list[SeenHere]:
    return [SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(events, 1)]
