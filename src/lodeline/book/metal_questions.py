"""What a book is asked about its metal: where it is, whether it closes, and what does not fit; a part of
:class:`lodeline.book.Book`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodeline.book.balancing import Balance
    from lodeline.book.finding import Findings
    from lodeline.book.held import Inventory
    from lodeline.book.reconciling import Explained, Reconciliation
    from lodeline.ledger.lineage import Lineage
    from lodeline.ledger.store import Store
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.inventory import By

Progress = Callable[[int], None]
Stage = Callable[[str], None]


class MetalQuestions:
    """Questions of metal. Every one takes ``as_of``, an entry number, as all reads of a book do."""

    _store: Store

    def flows(self, as_of: int | None = None, *, progress: Progress | None = None) -> Flows:
        """Where metal went: nodes, flows between them, measurements and lots, as columns.

        Kept beside the entries for the next reader, unless the book is open for reading only or asked as of an earlier
        entry.

        Raises:
            PolicyError: the policy in force is one that today's lodeline cannot read; set another.
        """
        from lodeline.book.flows import flows_of

        return flows_of(self._store, as_of, progress=progress)

    def inventory(
        self,
        as_of: int | None = None,
        *,
        by: Sequence[By] | None = None,
        elements: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> Inventory:
        """What is held where, wet, dry and of each element; see `lodeline.book.held.inventory_of`.

        Args:
            by: Sum by these (lot, place, owner, material, state); None for each holding by itself.
            elements: Symbols, or groups that the policy declares; None for every element that was assayed.
        """
        from lodeline.book.held import inventory_of

        return inventory_of(self._store, as_of, by=by, wanted=elements, progress=progress)

    def balance(
        self,
        element: str,
        *,
        by: Sequence[str] = ("site",),
        period: str | None = "month",
        as_of: int | None = None,
        since: int | None = None,
        reconciled: bool = False,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Balance:
        """The account of an element, group or ``dry`` mass; see `lodeline.book.balancing.balance_of`.

        Args:
            reconciled: Reconcile the book too, and put each reconciled figure beside the recorded one.
            progress: Called with the events done so far where they have to be followed.
            stage: Called with what is done next, in words.
        """
        from lodeline.book.balancing import balance_of

        sums = None
        if reconciled:
            from lodeline.book.reconciling import summing

            sums = summing(self._store, as_of, progress=progress, stage=stage)
        if stage is not None:
            stage("accounting")
        return balance_of(
            self._store, as_of, element, by=by, period=period, since=since, reconciling=sums, progress=progress
        )

    def reconcile(
        self,
        elements: Sequence[str] | None = None,
        as_of: int | None = None,
        *,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Reconciliation:
        """Set every reading against every other; see `lodeline.book.reconciling.reconciliation_of`.

        Args:
            elements: Symbols, or groups that the policy declares; None for every element that was assayed.
        """
        from lodeline.book.reconciling import reconciliation_of

        return reconciliation_of(self._store, as_of, elements, progress=progress, stage=stage)

    def explain(
        self,
        figure: str | Sequence[str],
        as_of: int | None = None,
        *,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Explained:
        """On what a reconciled figure rests; see `lodeline.book.reconciling.explained`, also for the names of figures.

        Raises:
            NotFoundError: ``explain.figure_unknown``. InputError: ``explain.figure_form`` …
        """
        from lodeline.book.reconciling import explained

        return explained(self._store, figure, as_of, progress=progress, stage=stage)

    def findings(
        self,
        as_of: int | None = None,
        *,
        element: str | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Findings:
        """All that was found wrong or unclear, ranked by evidence; see `lodeline.book.finding.findings_of`."""
        from lodeline.book.finding import findings_of

        return findings_of(self._store, as_of, element=element, progress=progress, stage=stage)

    def ancestry(self, lot: str, *, descendants: bool = False, as_of: int | None = None) -> Lineage:
        """The lots that a lot, in any spelling of its id, was made of; with ``descendants`` those that it became.

        Raises:
            NotFoundError: ``ledger.no_lot``.
        """
        from lodeline.book.flows import ancestry

        return ancestry(self._store, lot, as_of, descendants=descendants)
