"""The order in which a sparse symmetric matrix is eliminated, chosen so that little fills in."""

from __future__ import annotations

from typing import Any

import numpy as np
import qdldl
import scipy.sparse as sp
from numpy.typing import NDArray


def order_of(matrix: Any) -> NDArray[np.int64]:
    """Approximate minimum degree: the columns in the order in which they are eliminated (n,)."""
    n = matrix.shape[0]
    if n == 0:
        return np.empty(0, np.int64)
    above = sp.csc_matrix(sp.triu(matrix, 1))
    pattern = sp.csc_matrix((np.full(above.nnz, 1.0), above.indices, above.indptr), shape=(n, n))
    # Strongly dominant, so that the library's own factor, made along with its order, cannot fail.
    dominant = sp.csc_matrix(pattern + sp.diags(np.full(n, 1.0 + n)))
    return np.asarray(qdldl.Solver(dominant, upper=True).factors()[2], dtype=np.int64)


def delayed(order: NDArray[np.int64], parent: NDArray[np.int64], poor: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The order with each column that makes a poor pivot put after its parent in the elimination tree.

    Args:
        order: (n,) columns in the order of elimination.
        parent: (n,) elimination tree in that order; a root has -1 and stays where it is.
        poor: (n,) which columns, in eliminated order.
    """
    # A parent that waits too takes those that wait for it along: key is the last of the chain, then turn in it.
    key = np.arange(order.size, dtype=np.float64)
    moved = np.flatnonzero(poor & (parent >= 0))
    for column in moved[::-1]:
        key[column] = np.nextafter(key[parent[column]], np.inf)
    return order[np.argsort(key, kind="stable")]
