"""From facts to flows, all at once or little by little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lodeline.errors import Finding, InputError
from lodeline.metal.belief import NOTHING_KNOWN
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.schema import TableName
from lodeline.metal.flows.words import NO_NAME, NO_TIME, OUTSIDE
from lodeline.metal.follow import follow, unsettled
from lodeline.metal.follower import Follower, Matching
from lodeline.metal.journal import Journal
from lodeline.metal.ranking import RANKING, Ranking
from lodeline.metal.values import AnyFact

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FlowBuilder:
    """Follows facts in order of time, and shows the flows so far whenever asked.

    Args:
        ranking: Which of several determinations counts.
        matching: What a policy says about movements.
        journal: Keeps what a report reads beside the flows; None where only flows are wanted.
    """

    def __init__(
        self,
        *,
        ranking: Ranking = RANKING,
        matching: Matching = Matching(),  # noqa: B008
        journal: Journal | None = None,
    ) -> None:
        self.ranking = ranking
        self.books = Follower(matching, journal)
        self._shown: Flows | None = None
        self._rows = 0

    def feed(self, facts: Iterable[AnyFact]) -> None:
        """Follow facts that are sorted by time, those of one instant in ledger order.

        Raises:
            InputError: ``flows.order``.
        """
        self._reopen()
        books = self.books
        graph = books.graph
        for fact in facts:
            now, seq = graph.now, graph.seq
            follow(books, fact)
            if graph.now < now or (graph.now == now and graph.seq < seq):
                raise InputError(
                    "flows.order",
                    "A fact is earlier than one that was followed before it; sort facts by time, and follow all "
                    "of them again where an earlier one was recorded late.",
                    event=fact.seq,
                )

    @property
    def last(self) -> tuple[int, int]:
        """Instant (UTC microseconds) and entry of the last fact: what comes later may be fed to what there is."""
        return self.books.graph.now, self.books.graph.seq

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What does not fit, in order of time, and then what stands open."""
        return (*self.books.findings, *unsettled(self.books))

    def finish(self) -> Flows:
        """The flows as they stand. More facts may be fed afterwards; what was shown does not change by it.

        A million lots take a gigabyte, so the columns are not copied until more is fed.
        """
        if self._shown is not None:
            return self._shown
        graph = self.books.graph
        self._rows = len(graph.flows)
        self._close()
        arrays: dict[TableName, dict[str, NDArray[Any]]] = {
            table.name: table.shown() for table in (graph.nodes, graph.flows, graph.measurements, graph.lots)
        }
        _choose(arrays["measurements"], self.ranking)
        self._shown = Flows.from_tables(graph.names, arrays, ranking=self.ranking)
        return self._shown

    def _close(self) -> None:
        """Add the flows by which a process that has only one side so far closes."""
        graph = self.books.graph
        seq = graph.seq
        for process in self.books.processes.values():
            if process.store or process.done:
                continue
            graph.seq = process.seq
            if process.inputs:
                graph.flow(process.node, NO_NAME, process.charged, own=False, left_at=NO_TIME)
            else:
                graph.flow(
                    OUTSIDE, NO_NAME, NOTHING_KNOWN, own=False, head=process.node, kind="arising", left_at=NO_TIME
                )
        graph.seq = seq

    def _reopen(self) -> None:
        """Go on after :meth:`finish`, without what only closed the books."""
        if self._shown is None:
            return
        self._shown = None
        graph = self.books.graph
        for table in (graph.nodes, graph.measurements, graph.lots):
            table.regrow(len(table))
        graph.flows.regrow(self._rows)

    def state(self) -> bytes:
        """What is live: holdings, consignments, containers, processes. With the tables of :meth:`finish` it goes on.

        Raises:
            InputError: ``flows.journal``, since what a report reads is not kept in it.
        """
        from lodeline.metal.flows.state import encoded

        if self.books.journal is not None:
            raise InputError("flows.journal", "A builder that keeps facts cannot be put away; build one without.")
        return encoded(self.books, len(self.books.graph.flows) if self._shown is None else self._rows)

    @classmethod
    def resume(
        cls,
        state: bytes,
        names: Sequence[str],
        tables: Mapping[TableName, Mapping[str, NDArray[Any]]],
        *,
        ranking: Ranking = RANKING,
        matching: Matching = Matching(),  # noqa: B008
    ) -> FlowBuilder:
        """The builder that gave this state and these flows, as it was.

        Raises:
            InputError: ``flows.state``.
        """
        from lodeline.metal.flows.state import restored

        builder = cls(ranking=ranking, matching=matching)
        restored(state, names, tables, builder.books)
        return builder


def _choose(measured: dict[str, NDArray[Any]], ranking: Ranking) -> None:
    """Mark the determination that counts, of each flow, quantity and species; that of a mass is marked already."""
    import numpy as np

    from lodeline.metal.flows.words import QUANTITY

    codes = [QUANTITY["moisture"], QUANTITY["fraction"]]
    rows = np.flatnonzero(np.isin(measured["quantity"], codes))
    if not rows.size:
        return
    measured["chosen"][rows] = False  # those of flows that were put away had been chosen then
    priority = np.array(ranking.priorities(), dtype=np.int64)[measured["rank"][rows]]
    keys = (measured["flow"][rows], measured["species"][rows], measured["quantity"][rows])
    order = np.lexsort((rows, priority, *keys))
    ordered = [key[order] for key in keys]
    last = np.ones(rows.size, dtype=bool)
    last[:-1] = np.logical_or.reduce([key[:-1] != key[1:] for key in ordered])
    measured["chosen"][rows[order[last]]] = True
