"""The reconciled book: every reading set against every other, as of an entry, and on what each figure rests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from lodeline.book.flows import flows_of, policy_of
from lodeline.book.tables import Table

if TYPE_CHECKING:
    import polars

    from lodeline.ledger.store import Store
    from lodeline.metal.balance.account import Summing
    from lodeline.metal.balance.quantity import Quantity
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.explaining import Explanation
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.registered import Master

Progress = Callable[[int], None]
Stage = Callable[[str], None]
Verdict = Literal["accepted", "rejected", "untested"]
STOCK_TAKING = "stock_taking"


class Solved(NamedTuple):
    """A reconciled book with what it was reconciled by."""

    as_of: int
    flows: Flows
    master: Master
    policy: Policy
    reconciled: Reconciled


def solved(
    store: Store,
    as_of: int | None,
    elements: Sequence[str] | None = None,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Solved:
    """Reconcile a book as of an entry.

    Args:
        elements: Symbols, or groups that the policy declares, of which the members are taken; None for every element
            that was assayed.
        progress: Called with the events done so far where they have to be followed.
        stage: Called with what is done next, in words.

    Raises:
        InputError: ``chemistry.element_unknown``, ``chemistry.substance_unknown``, ``reconcile.not_converged``,
            ``reconcile.constraints_disagree``.
    """
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.reconciliation.reconciled import reconcile_flows
    from lodeline.metal.reconciliation.reconciled_sums import factors
    from lodeline.metal.registered import latest

    head = store.head(as_of)
    policy, records = policy_of(store, head.seq), store.master(head.seq)
    flows = flows_of(store, as_of, progress=progress)
    wanted = None
    if elements is not None:
        members = [one for name in elements for one in _members(name, policy)]
        wanted = tuple(dict.fromkeys(symbol for symbol, _ in factors(members))) if members else ()
    if stage is not None:
        stage("reconciling")
    found = reconcile_flows(flows, Instruments.of(records), policy, wanted)
    return Solved(head.seq, flows, latest(records), policy, found)


def _members(name: str, policy: Policy) -> tuple[str, ...]:
    from lodeline.chemistry.elements import element

    if name in policy.groups:
        return tuple(policy.groups[name])
    element(name)
    return (name,)


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A reconciled book. What was recorded stays as it is; contracts use the certificate, not these figures.

    Attributes:
        as_of: The entry.
        policy: How its figures cite the policy they rest on.
        elements: Symbols of what was reconciled together with the dry mass.
        chi2, dof: How far the readings disagree, and in how many independent ways they could.
        p: Chance that readings in order disagree so much or more; None where nothing could disagree.
        false_alarms: The chance at which the policy lets the verdict be wrong; None: nobody said.
        method: ``dense`` or ``sparse``: by which factors it was solved. rounds: in how many rounds.
        unknowns, readings_used, balances: The size of the problem.
        closure_kg: The largest imbalance of dry mass that is left anywhere, kg: rounding.
        parts: How many flows each part has that has nothing to do with the others, the largest first.
        classes: Of the dry mass and of each element, how many flows are known how: checked, measured, computed,
            unknown.
        solved: The reconciled book itself, for those who go on from it.
    """

    as_of: int
    policy: str
    elements: tuple[str, ...]
    chi2: float
    dof: int
    p: float | None
    false_alarms: float | None
    method: str
    rounds: int
    unknowns: int
    readings_used: int
    balances: int
    closure_kg: float
    parts: tuple[int, ...]
    classes: Mapping[str, Mapping[str, int]]
    solved: Reconciled

    @property
    def verdict(self) -> Verdict | None:
        """Of the global test, at the policy's false alarms; None where it names none."""
        if self.false_alarms is None:
            return None
        if self.p is None:
            return "untested"
        return "rejected" if self.p < self.false_alarms else "accepted"

    @cached_property
    def masses(self) -> Table:
        """A row for each flow and each of dry mass and elements: recorded and reconciled, kg, and how it is known."""
        from lodeline.book.reconciled_tables import masses

        return masses(self.solved)

    @cached_property
    def readings(self) -> Table:
        """A row for each reading: what was read and what should have been, and how far they are apart."""
        from lodeline.book.reconciled_tables import readings

        return readings(self.solved)

    @cached_property
    def biases(self) -> Table:
        """A row for each bias of an instrument or standard: before and after, and what is left of its uncertainty."""
        from lodeline.book.reconciled_tables import biases

        return biases(self.solved)

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Names of the dry masses that nothing determines, one for each, those of which most was recorded first."""
        from lodeline.book.reconciled_tables import unknown

        return unknown(self.solved)

    def to_polars(self) -> dict[str, polars.DataFrame]:
        """``masses``, ``readings`` and ``biases`` as polars frames; what is unknown is null.

        Raises:
            InputError: ``flows.library_missing``.
        """
        return {name: getattr(self, name).to_polars() for name in ("masses", "readings", "biases")}

    def told(self) -> dict[str, Any]:
        """All of it as plain values, for JSON."""
        plain = {name: getattr(self, name) for name in self.__struct_fields__ if name != "solved"}
        tables = {name: list(getattr(self, name).rows()) for name in ("masses", "readings", "biases")}
        return {**plain, "verdict": self.verdict, "unknown": self.unknown, **tables}


def reconciliation_of(
    store: Store,
    as_of: int | None,
    elements: Sequence[str] | None = None,
    *,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Reconciliation:
    """Reconcile a book as of an entry; see :func:`solved` for what is refused."""
    from lodeline.book.reconciled_tables import classes, closure_kg
    from lodeline.metal.reconciliation.remarks import p_value, parts

    found = solved(store, as_of, elements, progress, stage)
    solution, false_alarms = found.reconciled.solution, found.policy.false_alarms
    return Reconciliation(
        as_of=found.as_of,
        policy=found.policy.cited,
        elements=found.reconciled.elements,
        chi2=solution.chi2,
        dof=solution.dof,
        p=p_value(found.reconciled),
        false_alarms=None if false_alarms is None else float(false_alarms),
        method=solution.method,
        rounds=solution.iterations,
        unknowns=solution.x.size,
        readings_used=solution.model.value.size,
        balances=solution.model.constant.size,
        closure_kg=closure_kg(found.reconciled),
        parts=parts(found.reconciled),
        classes=classes(found.reconciled),
        solved=found.reconciled,
    )


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """On what a figure of a book rests.

    Attributes:
        as_of: The entry. policy: how the figure cites the policy it rests on.
        explanation: Value, uncertainty, what it rests on, and which single measurement would narrow it most.
        events: Hash ids of the events that readings it rests on are in, by their entry.
    """

    as_of: int
    policy: str
    explanation: Explanation
    events: Mapping[int, str]


def explained(
    store: Store,
    figure: str | Sequence[str],
    as_of: int | None,
    *,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Explained:
    """Say on what a figure rests.

    Args:
        figure: Its name, as one text or in its words; see :mod:`lodeline.metal.reconciliation.figure_names`.

    Raises:
        InputError: ``explain.figure_form``, ``explain.figure_ambiguous``, ``explain.line_open``, and those of
            :func:`solved`. NotFoundError: ``explain.figure_unknown``, with near names.
    """
    from lodeline.book.entries import hash_ids
    from lodeline.metal.balance.quantity import quantity
    from lodeline.metal.reconciliation.account_lines import line_finder
    from lodeline.metal.reconciliation.explaining import explain

    found = solved(store, as_of, None, progress, stage)
    if stage is not None:
        stage("looking for what it rests on")

    def stocktakes() -> list[int]:
        return [one.seq for one in store.events(as_of=found.as_of, biz_step=STOCK_TAKING, counted=True)]

    def holds(what: str) -> Any:
        return quantity(found.flows, what, master=found.master, groups=found.policy.groups).asked

    explanation = explain(
        found.reconciled,
        figure,
        groups=found.policy.groups,
        lines=line_finder(found.flows, found.master, found.policy, stocktakes),
        holds=holds,
    )
    return Explained(
        as_of=found.as_of,
        policy=found.policy.cited,
        explanation=explanation,
        events=hash_ids(store, found.as_of, explanation.entries),
    )


def summing(
    store: Store, as_of: int | None, *, progress: Progress | None = None, stage: Stage | None = None
) -> Callable[[Flows, Quantity], Summing | None]:
    """What sums the reconciled flows of a book for an account: give it to `lodeline.book.balancing.balance_of`.

    Of an element that nothing was assayed for there is no reconciled side.
    """
    from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums, factors

    found = solved(store, as_of, progress=progress, stage=stage)

    def sums(flows: Flows, of: Quantity) -> Summing | None:
        if of.name == "dry":
            return ReconciledSums.dry(found.reconciled)
        members = factors(_members(of.name, found.policy))
        if any(symbol not in found.reconciled.elements for symbol, _ in members):
            return None
        return ReconciledSums(found.reconciled, members)

    return sums
