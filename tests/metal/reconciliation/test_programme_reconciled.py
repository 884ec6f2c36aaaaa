"""A synthetic programme of 200 lots, reconciled: what small books are too small to show."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

import lodeline
from lodeline.examples.programme import programme
from lodeline.metal.instruments import Instruments
from lodeline.metal.policy import Policy
from lodeline.metal.reconciliation.reconciled import Reconciled, reconcile_flows
from lodeline.metal.reconciliation.solution import CLASSES
from lodeline.metal.reconciliation.weights import spread

LOTS, SEED = 200, 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: Any) -> Reconciled:
    made = programme(LOTS, seed=SEED, faults=())
    with lodeline.create(tmp_path_factory.mktemp("programme") / "book.db", title="A programme", by="tests") as book:
        made.build(book)
        return reconcile_flows(book.flows(), Instruments.of(book.master()), Policy.parse(made.policy, version=1))


def test_each_mass_is_as_uncertain_by_the_factor_as_by_a_solution_of_its_own(whole: Reconciled) -> None:
    """Of unweighed parts of heaps too, where the recursion over single pivots loses all digits, and beside limits."""
    solution = whole.solution
    known = whole.ledger.dry[~solution.loose[whole.ledger.dry]]
    one_each = sparse.csr_array(
        (np.ones(known.size), (np.arange(known.size), known)), shape=(known.size, solution.x.size)
    )
    u, lost = spread(solution, one_each)

    assert solution.method == "sparse"
    assert not lost.any()
    assert (solution.klass == CLASSES.index("at limit")).any()
    scale = solution.model.scale[known]
    np.testing.assert_allclose(solution.u[known] / scale, u / scale, rtol=1e-3, atol=1e-7)
