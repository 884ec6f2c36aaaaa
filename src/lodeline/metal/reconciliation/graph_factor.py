"""The factor of ``S = A V A'``, the matrix of balances joined by flows, to nearly all digits of each of its entries.

It is a :class:`~lodeline.metal.reconciliation.factor.Factor`, made from the flows instead of the sums on its diagonal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from lodeline.errors import InputError
from lodeline.metal.reconciliation import factor_kernels, graph_kernels
from lodeline.metal.reconciliation.factor import Factor, Pattern, canonical, pattern_of, require_finite
from lodeline.metal.reconciliation.factor_kernels import Floats, Longs


class GraphFactor(Factor):
    """The factor of a symmetric matrix whose entries off the diagonal are not above zero, and whose rows sum to excess.

    Args:
        matrix: Its upper triangle; the values on the diagonal are not read.
        excess: (n,) sum of each row, >= 0: the variances of the flows between a balance and the outside.
        order: (n,) the columns in the order in which to eliminate them; approximate minimum degree if not given.

    Raises:
        InputError: as ``Factor``; ``factor.singular`` where a part of the graph has no flow to the outside.
    """

    def __init__(self, matrix: sp.csc_matrix, excess: Floats, order: Longs | None = None) -> None:
        held = canonical(matrix)
        pattern = pattern_of(held, order)
        into = graph_kernels.filled(pattern.starts, pattern.rows, pattern.parent, pattern.columns)
        self._fill_graph(held, pattern, into, excess)

    def _fill_graph(self, matrix: sp.csc_matrix, pattern: Pattern, into: Any, excess: Floats) -> None:
        self.matrix, self.pattern, self.into = matrix, pattern, into
        require_finite(excess)
        self.lower, self.pivot, self.outward, lost = graph_kernels.graph_factored(
            pattern.starts, pattern.rows, pattern.origin, matrix.data, excess[pattern.order], pattern.columns, into
        )
        self._inverse = None
        self._whole = None
        self._resistances: tuple[Floats, Floats] | None = None
        if lost >= 0:
            raise InputError(
                "factor.singular",
                "a part of the graph has no flow to the outside with an uncertainty",
                column=int(pattern.order[lost]),
            )

    def reweighted(self, values: Floats, excess: Floats) -> GraphFactor:
        """The factor of the same graph with other variances, without ordering.

        Args:
            values: (entries,) of the upper triangle, as in ``matrix.data``.
            excess: (n,)

        Raises:
            InputError: ``factor.not_finite``, ``factor.singular``.
        """
        require_finite(values)
        made = GraphFactor.__new__(GraphFactor)
        held = sp.csc_matrix((values, self.matrix.indices, self.matrix.indptr), shape=self.matrix.shape)
        made._fill_graph(held, self.pattern, self.into, excess)
        return made

    def resistances(self, first: Any, second: Any) -> Floats:
        """``Z_ii + Z_jj - 2 Z_ij`` for pairs of balances, Z the inverse; with -1, the outside, ``Z_ii``.

        Args:
            first, second: (pair,) balances that a flow joins; 0 where they are the same.

        Raises:
            InputError: ``factor.off_pattern``.
        """
        if self._resistances is None:
            self._resistances = graph_kernels.resistances(
                self.pattern.columns, self.into, self.lower, self.pivot, self.outward
            )
        apart, grounded = self._resistances
        one, two = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
        position = self.pattern.position
        found = np.zeros(one.size)
        outer = (one < 0) ^ (two < 0)
        found[outer] = grounded[position[np.maximum(one, two)[outer]]]
        inner = (one >= 0) & (two >= 0) & (one != two)
        found[inner], off = factor_kernels.looked_up(
            self.pattern.columns, self.into, apart, grounded, position, one[inner], two[inner]
        )
        if off >= 0:
            raise InputError(
                "factor.off_pattern", "no flow joins these two balances; solve for their difference instead"
            )
        return found
