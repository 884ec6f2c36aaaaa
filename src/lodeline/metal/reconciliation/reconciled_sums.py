"""Sums of reconciled masses over flows, as figures: what all weighings and assays together say, biases included.

The counterpart of :class:`lodeline.metal.sums.Sums`, with the same questions. A sum that nothing determines is unknown,
and says which measurement would settle it; one whose parts are unknown and whose total is not, is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import InputError, Settle
from lodeline.metal.reconciliation.reconciled import CHECKED, COMPUTED, STANDINGS
from lodeline.metal.reconciliation.weights import Weights, spread, weights
from lodeline.metal.sums import ENTRIES_NAMED, Signed
from lodeline.units.figure import Figure, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.reconciled import Reconciled

    Rows = NDArray[np.int64]


class ReconciledSums:
    """Sums of one quantity over the flows of a reconciled book.

    Args:
        reconciled: The book.
        of: Symbols, each with the factor it is counted by; None: the dry mass.
        settling: Whether an unknown sum says what would settle it, which takes longest of all.

    Raises:
        InputError: ``reconcile.element_left_out``.
    """

    def __init__(
        self, reconciled: Reconciled, of: Sequence[tuple[str, float]] | None, *, settling: bool = True
    ) -> None:
        for symbol, _ in of or ():
            if symbol not in reconciled.elements:
                raise InputError(
                    "reconcile.element_left_out",
                    f"{symbol} was not reconciled, since nothing was assayed for it or only others were asked for; ask "
                    "for it too.",
                    element=symbol,
                )
        self._reconciled = reconciled
        self._of = None if of is None else tuple(of)
        self._settling = settling
        self._seq = reconciled.flows.flows["seq"]

    @classmethod
    def dry(cls, reconciled: Reconciled) -> ReconciledSums:
        """Sums of dry mass."""
        return cls(reconciled, None)

    @classmethod
    def element(cls, reconciled: Reconciled, symbol: str) -> ReconciledSums:
        """Sums of an element."""
        return cls(reconciled, [(symbol, 1.0)])

    @classmethod
    def group(cls, reconciled: Reconciled, members: Sequence[str]) -> ReconciledSums:
        """Sums of a declared group: each member counted as the element or compound it is named by.

        Args:
            members: Symbols or formulas: ``["Nd", "Pr"]``, or ``["Nd2O3", "Pr6O11"]`` to count oxides.

        Raises:
            InputError: ``chemistry.substance_unknown``, ``flows.group_empty``, ``reconcile.element_left_out``.
        """
        return cls(reconciled, factors(members))

    def of(self, plus: Rows, minus: Rows | None = None) -> Figure:
        """The sum over the flows ``plus`` less that over ``minus``, KGM; see :meth:`of_many`."""
        return self.of_many([(plus, np.zeros(0, dtype=np.int64) if minus is None else minus)])[0]

    def of_many(self, sums: Sequence[Signed]) -> list[Figure]:
        """The figure of each sum: (plus, minus), rows of the flows; KGM.

        Nothing at all sums to 0, and so does what stands on both sides, known or unknown. ``u`` holds what weighings
        and assays have in common: the same reading, the bias of one scale, the balances. A part that nobody assayed is
        at least nothing, so that what is known of the rest is a limit.
        """
        found = weights(self._reconciled, sums, self._of)
        kept, again = _different(found)
        own_u, own_lost = spread(self._reconciled.solution, found.weight[kept])
        u, lost = own_u[again], own_lost[again]
        open_ones = np.flatnonzero(lost | found.silent)
        limits = {int(one): _limits(found, int(one)) for one in open_ones if not lost[one]}
        settle = self._settle(found, open_ones)
        standing = self._standings(found)
        figures = []
        for at, rows in enumerate(sums):
            rests_on = self._rests_on(np.concatenate(rows))
            if at in settle:
                low, high = limits.get(at, (None, None))
                how: Standing = "unknown" if low is None and high is None else "bounded"
                figures.append(
                    Figure(
                        value=None,
                        low=low,
                        high=high,
                        unit="KGM",
                        standing=how,
                        rests_on=rests_on,
                        settle=settle[at],
                    )
                )
            else:
                value, own = float(found.value[at]), float(u[at])
                figures.append(Figure(value=value, u=own, unit="KGM", standing=standing[at], rests_on=rests_on))
        return figures

    def _settle(self, found: Weights, sums: Rows) -> dict[int, tuple[Settle, ...]]:
        """What would make each unknown sum known; nothing where that was not asked."""
        if not self._settling:
            return dict.fromkeys(sums.tolist(), ())
        from lodeline.metal.reconciliation.settling import settles

        return settles(self._reconciled, found, sums, [symbol for symbol, _ in self._of or ()])

    def _standings(self, found: Weights) -> list[Standing]:
        """Of each sum the worst of its parts that did not cancel; of nothing, computed."""
        worst = np.full(found.value.size, CHECKED)
        np.minimum.at(worst, found.used[:, 0], self._of_flows[found.used[:, 1]])
        some = np.zeros(found.value.size, dtype=bool)
        some[found.used[:, 0]] = True
        # A sum may be known although its parts are not.
        codes = np.where(some, np.maximum(worst, COMPUTED), COMPUTED)
        return [STANDINGS[code] for code in codes.tolist()]

    @cached_property
    def _of_flows(self) -> Rows:
        """(flow,) codes of how each flow is known."""
        one = self._reconciled
        parts = [one.dry] if self._of is None else [one.element(symbol) for symbol, _ in self._of]
        return np.asarray(np.minimum.reduce([part.standing for part in parts]), dtype=np.int64)

    def _rests_on(self, rows: Rows) -> tuple[str, ...]:
        entries = np.unique(self._seq[rows])
        if entries.size > ENTRIES_NAMED:
            return (f"entries {entries[0]} to {entries[-1]}, {entries.size} of them",)
        return tuple(f"entry {entry}" for entry in entries.tolist())


def factors(members: Sequence[str]) -> list[tuple[str, float]]:
    """Members of a group as symbols, each with the mass that it is counted as per mass of its element.

    Raises:
        InputError: ``chemistry.substance_unknown``, ``flows.group_empty``.
    """
    from lodeline.chemistry.species import species

    if not members:
        raise InputError("flows.group_empty", "A group has at least one member; name elements or compounds.")
    counted = [species(member) for member in members]
    return [(one.symbol, 1 / float(one.element_factor)) for one in counted]


def _limits(found: Weights, one: int) -> tuple[float | None, float | None]:
    """Limits of a sum of which some parts are at least nothing and the rest is known, kg."""
    signs = found.silent_sign[found.silent_flow[:, 0] == one]
    value = float(found.value[one])
    if found.weight.indptr[one] == found.weight.indptr[one + 1] or (signs > 0).any() == (signs < 0).any():
        return None, None  # at least nothing is nothing that is known
    return (value, None) if (signs > 0).all() else (None, value)


def _different(found: Weights) -> tuple[Rows, Rows]:
    """The first of each kind of equal weights, and which kind each sum is: a closing stock opens the next period."""
    weight = found.weight
    seen: dict[bytes, int] = {}
    kept: list[int] = []
    again = np.zeros(weight.shape[0], dtype=np.int64)
    for row in range(weight.shape[0]):
        part = slice(int(weight.indptr[row]), int(weight.indptr[row + 1]))
        key = weight.indices[part].tobytes() + weight.data[part].tobytes()
        if key not in seen:
            seen[key] = len(kept)
            kept.append(row)
        again[row] = seen[key]
    return np.array(kept, dtype=np.int64), again
