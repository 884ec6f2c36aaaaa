"""Reconciling: a book's flows into what the sections on the reconciled book read. Heavy, and asked for only where
something was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lodeline.errors import LodelineError
from lodeline.report.given_metal import LINES, SeenAccount, SeenReconciliation

if TYPE_CHECKING:
    from lodeline.book.view import View
    from lodeline.metal.accounts import Plant
    from lodeline.metal.balance.account import Account, Summing
    from lodeline.metal.balance.accounting import Accounts
    from lodeline.metal.balance.layout import AccountKey
    from lodeline.metal.balance.series import MufSeries
    from lodeline.metal.balance.sharing import Sharing
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.registered import Master
    from lodeline.report.closures import Named
    from lodeline.report.names import Names
    from lodeline.units.figure import Figure

MAIN = 4
"""Elements that are accounted for period by period in a report; every other one is a question away."""
LENGTH = "year"
"""How long a period is where no policy says."""
COVERED = 2.0
"""Standard deviations beyond which a bias is far where no policy says how likely a false alarm may be. Source: JCGM
100:2008, 6.3.3."""
ROAD = "On the road"
NOWHERE = "A place that is not said"


def measured(flows: Flows) -> bool:
    """Whether anything was weighed, dried or assayed."""
    from lodeline.metal.flows.words import QUANTITY

    read = [QUANTITY[word] for word in ("gross", "net", "moisture", "fraction")]
    return bool(np.isin(flows.measurements["quantity"], read).any())


def main_elements(ordered: Sequence[str], plants: Sequence[Plant]) -> tuple[str, ...]:
    """Elements in the order in which they matter: what is made as metal, then what is concentrated, then the rest.

    Args:
        ordered: Symbols, the one with most metal first.
        plants: Every plant with its accounts.
    """
    made = {
        concentrator: {
            account.element
            for plant in plants
            if plant.concentrator == concentrator
            for account in plant.accounts
            if "product" in account.out
        }
        for concentrator in (False, True)
    }
    rank = {element: 0 if element in made[False] else 1 if element in made[True] else 2 for element in ordered}
    return tuple(sorted(ordered, key=lambda element: (rank[element], ordered.index(element))))


def reconciliation(
    view: View,
    names: Names,
    ordered: Sequence[str],
    plants: Sequence[Plant],
    *,
    stage: Callable[[str], None] | None = None,
    keep: Callable[[Reconciled], None] | None = None,
) -> SeenReconciliation:
    """The book reconciled, or why it could not be: a book that contradicts itself still has a report.

    Args:
        view: The book as of an entry.
        ordered: Symbols of the elements, the one with most metal first.
        plants: Every plant with its accounts.
        stage: Called with what is done next, in words.
        keep: Called with the reconciled book itself, for what else is computed from it.
    """
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.reconciliation.reconciled import reconcile_flows

    flows, policy = view.facts.flows, view.supposing
    instruments = Instruments.of(view.master)
    says = stage or _silent
    says("reconciling")
    try:
        found = reconcile_flows(flows, instruments, policy)
    except LodelineError as refusal:
        return SeenReconciliation(why_not=f"{refusal.sentence.rstrip('.')} [{refusal.code}]")
    if keep is not None:
        keep(found)
    read = found.ledger.read
    if not any(part.row.size for part in (read.masses, read.moistures, read.fractions)):
        return SeenReconciliation(
            why_not="no reading in the book has both an uncertainty and a basis, wet or dry, so none has a weight",
            silent=int(read.without_u.size),
            baseless=int(read.without_basis.size),
        )
    return _told(view, names, found, instruments, main_elements(tuple(ordered), plants), says)


def _silent(doing: str) -> None:
    """Nobody watches."""


def _told(
    view: View,
    names: Names,
    found: Reconciled,
    instruments: Instruments,
    elements: tuple[str, ...],
    says: Callable[[str], None],
) -> SeenReconciliation:
    from scipy.special import chdtrc, ndtri

    from lodeline.metal.balance.sharing import Sharing
    from lodeline.metal.reconciliation.reconciled import STANDINGS
    from lodeline.report.biases import biases
    from lodeline.report.closures import closures
    from lodeline.report.origins import origins
    from lodeline.report.pairs import pairs

    policy, read, solution = view.supposing, found.ledger.read, found.solution
    false_alarms = None if policy.false_alarms is None else float(policy.false_alarms)
    period = policy.periods or LENGTH
    sharing = Sharing(view.facts.flows, instruments, policy)
    seen, series = _accounts(view, names, found, sharing, elements[:MAIN], period, says)
    says("charting closure, pairs of assays and instruments")
    off = biases(found, names)
    says("tracing what is held")
    traced = origins(view, names, found, elements[:MAIN])
    far = COVERED
    if false_alarms is not None and off:
        far = -float(ndtri(-math.expm1(math.log1p(-false_alarms) / len(off)) / 2.0))
    standing = np.bincount(found.dry.standing, minlength=len(STANDINGS))
    return SeenReconciliation(
        elements=elements,
        ways=solution.dof,
        spread=solution.chi2,
        worse=float(chdtrc(solution.dof, solution.chi2)) if solution.dof else 1.0,
        standings=dict(zip(STANDINGS, standing.tolist(), strict=True)),
        silent=int(read.without_u.size),
        baseless=int(read.without_basis.size),
        unheard=tuple(sorted(names.label(found.flows.names[one]) for one in found.ledger.biases.without)),
        accounts=tuple(seen),
        closures=closures(series, false_alarms),
        pairs=pairs(found, sharing, names),
        biases=off,
        origins=traced,
        period=period,
        false_alarms=false_alarms,
        far=far,
    )


def _accounts(
    view: View,
    names: Names,
    found: Reconciled,
    sharing: Sharing,
    elements: Sequence[str],
    period: str,
    says: Callable[[str], None],
) -> tuple[list[SeenAccount], list[Named]]:
    """Every account of the elements, over all of the book and by period; and the series of what is unaccounted for."""
    from lodeline.metal.balance.series import muf_series
    from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
    from lodeline.metal.registered import latest
    from lodeline.report.closures import Named

    master = latest(view.master)
    seen: list[SeenAccount] = []
    series: list[Named] = []
    for element in elements:
        says(f"accounting for {element}")
        known = element in found.elements
        whole = _accounted(view, master, element, None, ReconciledSums.element(found, element) if known else None)
        # By period sums do not say what would settle them: that takes longest of all, and the whole book says it.
        sums = ReconciledSums(found, [(element, 1.0)], settling=False) if known else None
        by_period = _accounted(view, master, element, period, sums)
        for of in (whole, by_period):
            for key in dict.fromkeys(one.key for one in of.accounts):
                gaps = muf_series(of, key, sharing)
                seen += [_seen(one, element, names, gaps) for one in of.accounts if one.key == key]
                if of is by_period:
                    series.append(Named(key.site or "", _label(key, names), element, gaps))
    return seen, series


def _accounted(view: View, master: Master, element: str, period: str | None, sums: Summing | None) -> Accounts:
    from lodeline.metal.balance.accounting import accounts
    from lodeline.metal.balance.quantity import quantity

    flows, policy = view.facts.flows, view.supposing
    of = quantity(flows, element, master=master, groups=policy.groups)
    return accounts(flows, of, by=("site",), period=period, master=master, zone=policy.zone, reconciled=sums)


def _seen(one: Account, element: str, names: Names, gaps: MufSeries) -> SeenAccount:
    settled = {line: one.reconciled(line) for line in LINES}
    recorded: dict[str, Figure] = {line: one.recorded(line) for line in LINES}
    gap, sigma = recorded["unaccounted"], None
    at = gaps.periods.index(one.period)
    variance = float(gaps.covariance_kg2[at, at])
    if gap.value is not None and gap.u and variance > 0:
        recorded["unaccounted"] = msgspec.structs.replace(gap, u=math.sqrt(variance))
        sigma = (gap.value - float(gaps.known_kg[at])) / math.sqrt(variance)
    return SeenAccount(
        site=one.key.site or "",
        label=_label(one.key, names),
        element=element,
        period=one.period,
        recorded=recorded,
        reconciled={line: of for line, of in settled.items() if of is not None},
        checks=one.checks,
        sigma=sigma,
    )


def _label(key: AccountKey, names: Names) -> str:
    """What an account is called."""
    if key.state:
        return ROAD
    return names.label(key.site) or NOWHERE
