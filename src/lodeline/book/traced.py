"""The mass graph of an element in a book, with what it was made of: what every answer about origin is read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lodeline.book.flows import flows_of, policy_of
from lodeline.errors import LodelineError

if TYPE_CHECKING:
    from lodeline.book.kept_bounds import Kept
    from lodeline.ledger.store import Store
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.registered import Master
    from lodeline.origin.bounds import Bound, Bounds
    from lodeline.origin.building import Built
    from lodeline.origin.cut_uncertainty import SumsOfFlows, Uncertain
    from lodeline.origin.mixing import Rule
    from lodeline.origin.shares import Floats

Progress = Callable[[int], None]
Stage = Callable[[str], None]


class Traced:
    """One element of a book as of an entry.

    Attributes:
        element: Symbol. as_of: the entry. policy, master: in force. flows: the book's.
        reconciled: The masses that were taken; None where they are as recorded.
        not_reconciled: Why they are as recorded though reconciled ones were asked for; empty where they are not.
    """

    def __init__(
        self,
        element: str,
        as_of: int,
        policy: Policy,
        master: Master,
        flows: Flows,
        reconciled: Reconciled | None,
        not_reconciled: str = "",
    ) -> None:
        self.element, self.as_of, self.policy, self.master, self.flows = element, as_of, policy, master, flows
        self.reconciled, self.not_reconciled = reconciled, not_reconciled

    @cached_property
    def built(self) -> Built:
        """The mass graph; of elements that only stay together with the asked one nobody needs it."""
        from lodeline.origin.building import mass_graph

        return mass_graph(self.flows, self.element, reconciled=self.reconciled)

    @property
    def masses(self) -> str:
        """``reconciled`` or ``recorded``: which masses count."""
        return "recorded" if self.reconciled is None else "reconciled"

    @cached_property
    def bounds(self) -> Bounds:
        """What bounds are asked of."""
        from lodeline.origin.bounds import Bounds

        return Bounds(self.built.graph)

    @cached_property
    def kept(self) -> Kept | None:
        """What bounds are asked of where stores keep an order, by master data or policy; None where none is known."""
        from lodeline.book.kept_bounds import kept
        from lodeline.book.mixed import mixed

        return kept(self, mixed(self, None))

    @cached_property
    def sums(self) -> SumsOfFlows:
        """Sums over flows with their uncertainties."""
        if self.reconciled is None:
            from lodeline.metal.sums import Sums

            return Sums(self.flows, self.flows.element(self.element))
        from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums

        return ReconciledSums(self.reconciled, [(self.element, 1.0)], settling=False)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """How each store mixes, by its URI, as far as master data or policy say."""
        from lodeline.ids.epc import canonical
        from lodeline.origin.keeping import WORDS

        said = {canonical(uri): word for uri, word in self.policy.mixing.items()}
        said |= {
            uri: one["mixing"] for (kind, uri), one in self.master.items() if kind == "store" and one.get("mixing")
        }
        return {uri: WORDS[word] for uri, word in said.items() if word in WORDS}

    def uncertain(self, bound: Bound) -> tuple[Uncertain, Uncertain]:
        """The least and the most of a bound with the uncertainties of their cuts."""
        from lodeline.origin.cut_uncertainty import uncertain

        return uncertain(self.built, self.bounds, bound, self.sums)

    def spread(self, slope: Floats) -> Floats:
        """(k,) standard uncertainties of what depends on masses of arcs; (arc, k) derivatives, per milligram."""
        from lodeline.origin.weights import by_flow

        return self.spread_of_flows(by_flow(self.built, slope))

    def spread_of_flows(self, weight: Floats) -> Floats:
        """(k,) the same by flows of the book; (flow, k) derivatives, per milligram."""
        from lodeline.origin.weights import reconciled_u, recorded_u

        if self.reconciled is None:
            return recorded_u(self.built, weight)
        return reconciled_u(self.built, self.reconciled, weight)


def traced(
    store: Store,
    as_of: int | None,
    element: str,
    *,
    recorded: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Traced:
    """The mass graph of an element as of an entry.

    Args:
        element: Symbol.
        recorded: Take masses as recorded; else reconciled ones, as far as the book can be reconciled.

    Raises:
        InputError: ``chemistry.element_unknown``.
    """
    return traced_all(store, as_of, (element,), recorded=recorded, progress=progress, stage=stage)[0]


def traced_all(
    store: Store,
    as_of: int | None,
    elements: Sequence[str],
    *,
    recorded: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> tuple[Traced, ...]:
    """The mass graphs of several elements, which are reconciled together; as :func:`traced`."""
    from lodeline.book.reconciling import solved
    from lodeline.chemistry.elements import element as known
    from lodeline.metal.registered import latest

    symbols, why = [known(one).symbol for one in elements], ""
    if not recorded:
        try:
            found = solved(store, as_of, symbols, progress, stage)
        except LodelineError as refusal:
            if not refusal.code.startswith("reconcile."):
                raise
            why = refusal.sentence
        else:
            of, told = found.reconciled, set(found.reconciled.elements)
            return tuple(
                Traced(symbol, found.as_of, found.policy, found.master, found.flows, of)
                if symbol in told
                else Traced(symbol, found.as_of, found.policy, found.master, found.flows, None, _unassayed(symbol))
                for symbol in symbols
            )
    head = store.head(as_of)
    master, policy = latest(store.master(head.seq)), policy_of(store, head.seq)
    flows = flows_of(store, as_of, progress=progress)
    return tuple(Traced(symbol, head.seq, policy, master, flows, None, why) for symbol in symbols)


def _unassayed(symbol: str) -> str:
    return f"nothing was assayed for {symbol}"
