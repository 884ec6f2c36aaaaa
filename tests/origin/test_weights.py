"""What depends on masses of arcs is told by the flows these rest on: by hand, and by the sums of a reconciled book."""

from __future__ import annotations

import numpy as np
import pytest

from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.origin.building import mass_graph
from lodeline.origin.weights import by_flow, reconciled_u, recorded_u
from tests.book.small_origin import HALVED, OTHERS, PAKISTAN, SCRAP, A, B, found, made_into
from tests.metal.reconciliation.small_reconciled import reconciled
from tests.metal.small_book import LOT, book


def of_arc(built, lot):
    """(arc, 1) the derivative of the mass of the last flow of a lot by itself, kg per milligram; and that flow."""
    flows = built.flows
    row = int(np.flatnonzero(flows.flows["lot"] == flows.index(lot))[-1])
    slope = np.zeros((built.graph.mg.size, 1))
    slope[built.arc[row]] = 1e-6
    return slope, row


def test_a_flow_found_by_difference_depends_on_those_it_is_the_rest_of():
    """Of B nobody knows what it holds: what A leaves of 3 and 2 kg, u = sqrt(u_1^2 + u_2^2 + u_A^2)."""
    built = mass_graph(book(*PAKISTAN, *SCRAP, *OTHERS, made_into(A, B), *found(A, "3")).flows, "Sb")
    slope, row = of_arc(built, B)
    assert built.derived[row]
    assert built.kg[row] == pytest.approx(3.5)

    u = recorded_u(built, by_flow(built, slope))
    own = [np.hypot(0.5 * weight_u, weight * 0.0005) for weight, weight_u in ((6, 0.003), (4, 0.002), (3, 0.002))]
    assert u[0] == pytest.approx(float(np.sqrt(np.square(own).sum())))


def test_what_does_not_close_is_what_the_others_at_its_node_leave():
    """3 and 2 kg go in, 1.5 and 2.5 come out: 1 kg is not accounted for, by these four."""
    built = mass_graph(book(*PAKISTAN, *SCRAP, *OTHERS, made_into(A, B), *found(A, "3"), *found(B, "5")).flows, "Sb")
    gap = np.flatnonzero(built.graph.flow < 0)
    assert built.graph.mg[gap].tolist() == [1_000_000]

    slope = np.zeros((built.graph.mg.size, 1))
    slope[gap] = 1.0
    weight = by_flow(built, slope)[:, 0]
    kg = np.nan_to_num(built.kg)
    assert float(weight @ kg) == pytest.approx(1)
    assert sorted(weight[weight != 0].tolist()) == [-1, -1, 1, 1]


def test_reconciled_masses_have_the_uncertainty_that_sums_over_the_reconciled_book_have():
    """A second route: the same quantity as a signed sum of flows."""
    done = reconciled(*HALVED)
    built = mass_graph(done.flows, "Sb", reconciled=done)
    sums = ReconciledSums.element(done, "Sb")
    (a, row_a), (b, row_b), (c, row_c) = (of_arc(built, lot) for lot in (A, B, LOT))
    none = np.zeros(0, dtype=np.int64)
    rows = [np.array([one]) for one in (row_a, row_b, row_c)]
    expected = sums.of_many([(rows[0], none), (rows[0], rows[1]), (np.concatenate(rows[:2]), rows[2])])

    u = reconciled_u(built, done, by_flow(built, np.hstack([a, a - b, a + b - c])))
    np.testing.assert_allclose(u, [one.u for one in expected], rtol=1e-9)
