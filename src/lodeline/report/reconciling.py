"""Reconciling: a book's flows into what the sections on the reconciled book read. Heavy, and asked for only where
something was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lodeline.errors import LodelineError, Settle
from lodeline.report.given_metal import LINES, SeenAccount, SeenReconciliation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.view import View
    from lodeline.metal.accounts import Plant
    from lodeline.metal.balance.account import Account, Summing
    from lodeline.metal.balance.accounting import Accounts
    from lodeline.metal.balance.layout import AccountKey
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.reconciliation.weights import Weights
    from lodeline.metal.registered import Master
    from lodeline.report.closures import Named
    from lodeline.report.names import Names
    from lodeline.report.shared import Shared, Sharing
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


def reconciliation(view: View, names: Names, ordered: Sequence[str], plants: Sequence[Plant]) -> SeenReconciliation:
    """The book reconciled, or why it could not be: a book that contradicts itself still has a report.

    Args:
        view: The book as of an entry.
        ordered: Symbols of the elements, the one with most metal first.
        plants: Every plant with its accounts.
    """
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.reconciliation.reconciled import reconcile_flows

    flows, policy = view.facts.flows, view.supposing
    instruments = Instruments.of(view.master)
    try:
        found = reconcile_flows(flows, instruments, policy)
    except LodelineError as refusal:
        return SeenReconciliation(why_not=f"{refusal.sentence.rstrip('.')} [{refusal.code}]")
    read = found.ledger.read
    if not any(part.row.size for part in (read.masses, read.moistures, read.fractions)):
        return SeenReconciliation(
            why_not="no reading in the book has both an uncertainty and a basis, wet or dry, so none has a weight",
            silent=int(read.without_u.size),
            baseless=int(read.without_basis.size),
        )
    return _told(view, names, found, instruments, main_elements(tuple(ordered), plants))


def _told(
    view: View, names: Names, found: Reconciled, instruments: Instruments, elements: tuple[str, ...]
) -> SeenReconciliation:
    from scipy.special import chdtrc, ndtri

    from lodeline.metal.reconciliation.reconciled import STANDINGS
    from lodeline.report.biases import biases
    from lodeline.report.closures import closures
    from lodeline.report.pairs import pairs
    from lodeline.report.shared import Sharing

    policy, read, solution = view.supposing, found.ledger.read, found.solution
    false_alarms = None if policy.false_alarms is None else float(policy.false_alarms)
    period = policy.periods or LENGTH
    sharing = Sharing(view.facts.flows, instruments, policy)
    seen, series = _accounts(view, names, found, sharing, elements[:MAIN], period)
    off = biases(found, names)
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
        period=period,
        false_alarms=false_alarms,
        far=far,
    )


def _accounts(
    view: View, names: Names, found: Reconciled, sharing: Sharing, elements: Sequence[str], period: str
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
        known = element in found.elements
        whole = _accounted(view, master, element, None, ReconciledSums.element(found, element) if known else None)
        by_period = _accounted(view, master, element, period, plain_sums(found, element) if known else None)
        for of in (whole, by_period):
            for key in dict.fromkeys(one.key for one in of.accounts):
                mine = [one for one in of.accounts if one.key == key]
                shared = sharing.of(of, key, tuple(one.period for one in mine))
                seen += [_seen(one, element, names, shared, at) for at, one in enumerate(mine)]
        for key in dict.fromkeys(one.key for one in by_period.accounts):
            gaps = muf_series(by_period, key)
            shared = sharing.of(by_period, key, gaps.periods)
            series.append(Named(key.site or "", _label(key, names), element, gaps, shared))
    return seen, series


def plain_sums(found: Reconciled, element: str) -> Summing:
    """Sums that do not look for what would settle them: asked of every line of every period, that takes longest of all,
    and the same is said of the whole book."""
    from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums

    class Plain(ReconciledSums):
        def _settle(self, found: Weights, sums: NDArray[np.int64]) -> dict[int, tuple[Settle, ...]]:
            return dict.fromkeys(sums.tolist(), ())

    return Plain(found, [(element, 1.0)])


def _accounted(view: View, master: Master, element: str, period: str | None, sums: Summing | None) -> Accounts:
    from lodeline.metal.balance.accounting import accounts
    from lodeline.metal.balance.quantity import quantity

    flows, policy = view.facts.flows, view.supposing
    of = quantity(flows, element, master=master, groups=policy.groups)
    return accounts(flows, of, by=("site",), period=period, master=master, zone=policy.zone, reconciled=sums)


def _seen(one: Account, element: str, names: Names, shared: Shared, at: int) -> SeenAccount:
    settled = {line: one.reconciled(line) for line in LINES}
    recorded: dict[str, Figure] = {line: one.recorded(line) for line in LINES}
    gap, sigma = recorded["unaccounted"], None
    if gap.value is not None and gap.u:
        u = math.sqrt(gap.u**2 + float(shared.covariance_kg2[at, at]))
        recorded["unaccounted"] = msgspec.structs.replace(gap, u=u)
        sigma = (gap.value - float(shared.known_kg[at])) / u
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
