"""The order in which columns are given is kept where no search for a better one pays."""

import numpy as np
import scipy.sparse as sp

from lodeline.metal.reconciliation.factor import cheaper_work_of, work_of


def test_a_chain_in_order_of_time_is_kept_as_it_is():
    """By hand: each column of L has one entry, but for the last."""
    n = 50
    chain = sp.csc_matrix(sp.diags([np.full(n - 1, -1.0), np.full(n, 2.0)], [1, 0]))

    work = cheaper_work_of(chain)

    np.testing.assert_array_equal(work.order, np.arange(n))
    assert (work.entries, work.multiplications) == (n - 1, n - 1)


def test_a_hub_that_comes_first_is_not_eliminated_first():
    """Eliminated first it would join all others: n^3 / 3 multiplications, where one a column do."""
    n = 1_000
    hub = sp.lil_matrix((n, n))
    hub.setdiag(np.full(n, 2.0 * n))
    hub[0, 1:] = -1.0

    work = cheaper_work_of(sp.csc_matrix(hub))

    assert work.entries == n - 1
    assert work_of(sp.csc_matrix(hub), np.arange(n)).multiplications > 100_000 * n
    assert work.order[-1] == 0
