"""When the search of a large problem ends: a step that falls no further is rounding only if no reading sees it."""

import numpy as np
import pytest
from scipy import sparse

from lodeline.metal.reconciliation.sparse_search import Large


@pytest.mark.parametrize(
    ("step", "ends"),
    [
        ([0.0, 5e-9], True),  # below what rounding does to any variable
        ([0.0, 6e-8], True),  # of what nothing reads, ten times that is rounding too
        ([6e-8, 0.0], False),  # a reading would still move by 6e-8 of its uncertainty
        ([0.0, 2e-6], False),  # too far to be rounding
    ],
)
def test_a_step_that_falls_no_further_is_rounding_where_no_reading_sees_it(step, ends):
    """Two variables in units of their scale; one reading is of the first alone."""
    large = Large.__new__(Large)
    large._jacobian = sparse.csr_array(np.array([[1.0, 0.0]]))

    assert large._rounding(np.array(step), max(step)) is ends
