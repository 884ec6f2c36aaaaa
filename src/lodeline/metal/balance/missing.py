"""What is missing for an account to be known: weighings, assays, times of events, stock-takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import Finding, Settle
from lodeline.metal.balance.quantity import DRY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.counts import Counts
    from lodeline.metal.balance.entries import Entries
    from lodeline.metal.balance.layout import Layout
    from lodeline.metal.balance.periods import Calendar
    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

    Rows = NDArray[np.int64]

LOTS_NAMED = 12
"""Lots that one line asks for; what would settle the rest is asked for when these are settled."""


def settled(flows: Flows, name: str, mass: ElementMass, rows: Rows) -> tuple[Settle, ...]:
    """What would make a sum over these flows known: a weighing or an assay of each lot of which one is missing.

    Args:
        name: Of what is accounted for.
        mass: Of it, by the flow that counts.
    """
    open_rows = rows[rows < flows.flows.rows]
    open_rows = open_rows[np.isnan(mass.kg[open_rows])]
    found: dict[str, Settle] = {}
    for row in open_rows.tolist():
        lot = flows.name(int(flows.flows["lot"][row]))
        if lot is None or lot in found:
            continue
        unweighed, undetermined = np.isnan(flows.flows["mass_kg"][row]), np.isnan(mass.fraction[row])
        found[lot] = _settle(lot, name, weigh=bool(unweighed), determine=bool(undetermined))
        if len(found) == LOTS_NAMED:
            break
    return tuple(found.values())


def _settle(lot: str, name: str, *, weigh: bool, determine: bool) -> Settle:
    if not determine:
        return Settle(act="weighing", subject=lot, detail=f"Weigh lot {lot}, and say whether wet or dry.")
    if name == DRY:
        return Settle(act="moisture", subject=lot, detail=f"Weigh lot {lot} dry, or wet with its moisture.")
    how = f"Weigh lot {lot} and assay it for {name}" if weigh else f"Assay lot {lot} for {name}"
    return Settle(act="assay", subject=lot, detail=f"{how}, each on a stated basis.")


def time_unknown(
    flows: Flows, perhaps: Entries, calendar: Calendar, event_of: Callable[[int], str] | None
) -> list[Finding]:
    """One note for each entry whose time is known only within limits that lie in several periods.

    Args:
        perhaps: Entries of flows that may stand in a period, and may not.
        event_of: The hash id of an entry's event; None: the finding names none.
    """
    seq = flows.flows["seq"][perhaps.row]
    found = []
    for entry in np.unique(seq[seq >= 0]).tolist():
        of = perhaps.take(seq == entry)
        lots = dict.fromkeys(flows.name(int(lot)) or "" for lot in flows.flows["lot"][of.row])
        first, last = int(of.first.min()), min(int(of.last.max()), len(calendar.labels) - 1)
        when = calendar.labels[first] if first == last else f"{calendar.labels[first]} to {calendar.labels[last]}"
        subject = next(iter(lots)) or f"entry {entry}"
        found.append(
            Finding(
                code="balance.time_unknown",
                sentence=f"When lot {subject} moved is known only within limits (entry {entry}), so lines of {when} "
                "have limits and no value.",
                weight="note",
                events=() if event_of is None else (event_of(entry),),
                settle=(
                    Settle(
                        act="document",
                        subject=subject,
                        detail=f"Record the event of entry {entry} with its time, or a document that says when it was.",
                    ),
                ),
            )
        )
    return found


def uncounted(
    stock: Entries, counts: Counts, place: Layout, calendar: Calendar, over: NDArray[np.bool_]
) -> list[Finding]:
    """One note for each site and period at whose end something lay there that no stock-take counted.

    Args:
        stock: The entries of stocks.
        counts: The counts.
        over: (period,) whether the period has ended.
    """
    found = []
    site = place.site[stock.holder]
    for period in np.flatnonzero(over).tolist():
        there = (stock.first <= period) & (stock.last >= period) & (site >= 0)
        pairs = np.unique(np.stack([site[there], stock.holder[there]], axis=1), axis=0)
        of_site = np.bincount(pairs[:, 0], minlength=len(place.sites))
        counted = np.bincount(counts.site[(counts.period == period) & (counts.site >= 0)], minlength=len(place.sites))
        for number in np.flatnonzero(of_site > counted).tolist():
            found.append(_book_only(place.sites[number], calendar.labels[period], of_site[number], counted[number]))
    return found


def _book_only(site: str, label: str, held: int, counted: int) -> Finding:
    when = f"at the end of {label}" if label else "at the end"
    said = "nothing of it was counted" if not counted else f"{counted} of them were counted"
    return Finding(
        code="balance.no_stocktake",
        sentence=f"What lay at {site} {when} is book stock: {held} holdings, stores or processes, and {said}. What is "
        "missing of it would not show.",
        weight="note",
        figures=(f"closing stock of {site}{f', {label}' if label else ''}",),
        settle=(
            Settle(
                act="stock-take", subject=site, detail=f"Count what lies at {site} {when}, before anything is moved."
            ),
        ),
    )
