"""Flows: where metal went, as four tables of columns; what later parts of lodeline build on, and on it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lodeline.errors import InputError
from lodeline.metal.flows.columns import Columns
from lodeline.metal.flows.schema import SCHEMA, TableName
from lodeline.metal.ranking import RANKING, Ranking

if TYPE_CHECKING:
    import numpy as np
    import pandas  # type: ignore[import-untyped]
    import polars
    import pyarrow  # type: ignore[import-untyped]
    from numpy.typing import NDArray

    from lodeline.metal.flows.composition import Composition
    from lodeline.metal.flows.element import ElementMass


class Flows:
    """Nodes, flows between them, measurements of flows, and lots. Nothing in it changes.

    Mass that enters a node leaves it by a flow: what is still there at the end goes to node 1, closing. Rows are in
    order of time; no flow leads back in time. The columns are those of :data:`lodeline.metal.flows.schema.SCHEMA`.

    Args:
        names: What the name columns index.
        tables: The four tables.
        ranking: Which of several determinations counts.

    Raises:
        InputError: ``flows.tables``.
    """

    def __init__(
        self, names: Sequence[str], tables: Mapping[TableName, Columns], *, ranking: Ranking = RANKING
    ) -> None:
        if set(tables) != set(SCHEMA):
            raise InputError("flows.tables", f"Want the tables {', '.join(SCHEMA)}, and got {', '.join(tables)}.")
        self.names = tuple(names)
        self.nodes = tables["nodes"]
        self.flows = tables["flows"]
        self.measurements = tables["measurements"]
        self.lots = tables["lots"]
        self.ranking = ranking

    def tables(self) -> dict[TableName, dict[str, NDArray[Any]]]:
        """The columns of each table, for storing; with the names, :meth:`from_tables` gives equal flows."""
        return {table.table: dict(table) for table in (self.nodes, self.flows, self.measurements, self.lots)}

    @classmethod
    def from_tables(
        cls,
        names: Sequence[str],
        tables: Mapping[TableName, Mapping[str, NDArray[Any]]],
        *,
        ranking: Ranking = RANKING,
    ) -> Flows:
        """The flows that were stored.

        Raises:
            InputError: ``flows.tables``, ``flows.columns``, ``flows.dtype``, ``flows.length``.
        """
        return cls(names, {name: Columns(name, arrays) for name, arrays in tables.items()}, ranking=ranking)

    def name(self, index: int) -> str | None:
        """A name by its index; None for -1, which nobody said."""
        return None if index < 0 else self.names[index]

    def index(self, name: str) -> int:
        """The index of a name; -1 if the flows know no such name."""
        return self._indices.get(name, -1)

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {one: number for number, one in enumerate(self.names)}

    @cached_property
    def composition(self) -> Composition:
        """Which determination counts for each flow."""
        from lodeline.metal.flows.composition import Composition

        return Composition(self)

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """(flow,) index of the name of the place where each is said to be; -1: nobody said."""
        from lodeline.metal.flows.places import places

        return places(self)

    def element(self, symbol: str) -> ElementMass:
        """The mass of one element in each flow, by the determination that counts.

        Args:
            symbol: ``Sb``.

        Raises:
            InputError: ``chemistry.element_unknown``.
        """
        from lodeline.metal.flows.element import element_mass

        return element_mass(self, symbol)

    def group(self, members: Sequence[str]) -> ElementMass:
        """The mass of a declared group in each flow: the sum of its members, each counted as it is named.

        Args:
            members: Symbols or formulas: ``["Nd", "Pr"]``, or ``["Nd2O3", "Pr6O11"]`` to count oxides.

        Raises:
            InputError: ``chemistry.substance_unknown``, ``flows.group_empty``.
        """
        from lodeline.metal.flows.element import group_mass

        return group_mass(self, members)

    def dry(self) -> ElementMass:
        """The dry mass of each flow, by the moisture that counts where the mass is wet."""
        from lodeline.metal.flows.element import dry_mass

        return dry_mass(self)

    def elements(self) -> tuple[str, ...]:
        """Symbols of the elements that any measurement is of, in order of first mention."""
        from lodeline.metal.flows.element import elements_of

        return elements_of(self)

    def to_polars(self) -> dict[str, polars.DataFrame]:
        """The tables as polars frames, names, words and instants resolved; what nobody said is null.

        Raises:
            InputError: ``flows.library_missing``.
        """
        from lodeline.metal.flows.frames import to_polars

        return to_polars(self)

    def to_pandas(self) -> dict[str, pandas.DataFrame]:
        """The tables as pandas frames, as :meth:`to_polars`.

        Raises:
            InputError: ``flows.library_missing``.
        """
        from lodeline.metal.flows.frames import to_pandas

        return to_pandas(self)

    def to_arrow(self) -> dict[str, pyarrow.Table]:
        """The tables as Arrow tables, as :meth:`to_polars`.

        Raises:
            InputError: ``flows.library_missing``.
        """
        from lodeline.metal.flows.frames import to_arrow

        return to_arrow(self)

    def __eq__(self, other: object) -> bool:
        """Equal names, and equal columns bit for bit; an unknown equals an unknown."""
        if not isinstance(other, Flows):
            return NotImplemented
        ours, theirs = self.tables(), other.tables()
        return self.names == other.names and all(
            ours[table][column].tobytes() == theirs[table][column].tobytes()
            for table in SCHEMA
            for column in ours[table]
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Flows({self.nodes.rows} nodes, {self.flows.rows} flows, {self.measurements.rows} measurements)"
