"""What the report reads beside the flows: movements, parents of lots, determinations of flows, ids of events."""

from __future__ import annotations

from lodeline.metal.movements import Movement
from lodeline.metal.values import Assay, Moisture


class Journal:
    """Kept while a book is followed for its facts; flows alone need none of it.

    Attributes:
        events: Hash id by entry.
        movements: Every lot that left or arrived.
        parents: By lot, those that went into the process it came out of.
        determined: By flow, its own determinations in order of time.
        by_row: By row of the measurements, the determination.
    """

    def __init__(self) -> None:
        self.events: dict[int, str] = {}
        self.movements: list[Movement] = []
        self.parents: dict[int, tuple[int, ...]] = {}
        self.determined: dict[int, list[Assay | Moisture]] = {}
        self.by_row: dict[int, Assay | Moisture] = {}

    def determines(self, row: int, flow: int, fact: Assay | Moisture) -> None:
        """A determination of a flow."""
        self.by_row[row] = fact
        self.determined.setdefault(flow, []).append(fact)

    def copied(self, row: int, copy: int, flow: int) -> None:
        """A determination of one flow stands for another too."""
        self.determines(copy, flow, self.by_row[row])
