"""The sparse factor: it solves, inverts where asked, counts before it works, and refuses what has no inverse."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import qdldl
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.factor import Factor, fill_of
from lodeline.metal.reconciliation.graph_factor import GraphFactor
from lodeline.metal.reconciliation.ordering import order_of


def arrow(n: int) -> sp.csc_matrix:
    """A diagonal with one full row and column, the first."""
    dense = np.eye(n) * n
    dense[0, :] = dense[:, 0] = 1
    dense[0, 0] = n
    return sp.csc_matrix(dense)


def drawn(seed: int, n: int = 40, share: float = 0.08) -> sp.csc_matrix:
    """A random positive definite matrix."""
    lower = sp.random(n, n, share, random_state=np.random.default_rng(seed), format="csc")
    return sp.csc_matrix(lower @ lower.T + sp.eye(n))


def saddle(seed: int, n: int = 30, m: int = 12) -> sp.csc_matrix:
    """A random quasi-definite matrix: n positive and m negative eigenvalues."""
    rng = np.random.default_rng(seed)
    rows = sp.random(m, n, 0.2, random_state=rng, format="csc")
    weights = sp.diags(rng.uniform(0.1, 10, n))
    return sp.csc_matrix(sp.bmat([[weights, rows.T], [rows, -1e-8 * sp.eye(m)]]))


def test_two_equations_worked_by_hand():
    """4x + 2y = 10, 2x + 3y = 9 has x = 1.5, y = 2; the inverse is [[3, -2], [-2, 4]] / 8."""
    factor = Factor(sp.csc_matrix([[4.0, 2.0], [2.0, 3.0]]))

    np.testing.assert_allclose(factor.solve([10.0, 9.0]), [1.5, 2.0], rtol=1e-15)
    np.testing.assert_allclose(factor.inverse_diagonal(), [3 / 8, 4 / 8], rtol=1e-15)
    np.testing.assert_allclose(factor.inverse_at([0, 1], [1, 0]), [-2 / 8, -2 / 8], rtol=1e-15)
    assert factor.fill == 1


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), make=st.sampled_from([drawn, saddle]))
def test_solutions_and_the_inverse_on_the_pattern_equal_the_dense_ones(seed, make):
    matrix = make(seed)
    inverse = np.linalg.inv(matrix.toarray())
    scale = abs(inverse).max()
    right = np.random.default_rng(seed).normal(size=(matrix.shape[0], 5))
    entries = matrix.tocoo()

    factor = Factor(matrix)

    # A row of the saddle that is empty but for -1e-8 makes the largest entry of the inverse 1e8.
    np.testing.assert_allclose(factor.solve(right), inverse @ right, atol=1e-11 * scale)
    np.testing.assert_allclose(factor.solve(right[:, 0]), factor.solve(right)[:, 0], atol=1e-13 * scale)
    np.testing.assert_allclose(factor.inverse_diagonal(), np.diag(inverse), atol=1e-11 * scale)
    np.testing.assert_allclose(
        factor.inverse_at(entries.row, entries.col), inverse[entries.row, entries.col], atol=1e-11 * scale
    )


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), make=st.sampled_from([drawn, saddle]))
def test_the_factors_multiply_to_the_matrix_in_eliminated_order(seed, make):
    matrix = make(seed)
    factor = Factor(matrix)
    n, order = factor.n, factor.pattern.order
    lower = sp.csc_matrix((factor.lower, factor.into, factor.pattern.columns), shape=(n, n)) + sp.eye(n)

    rebuilt = (lower @ sp.diags(factor.pivot) @ lower.T).toarray()

    np.testing.assert_allclose(rebuilt, matrix.toarray()[np.ix_(order, order)], atol=1e-12 * abs(matrix).max())


def test_a_saddle_point_has_as_many_negative_pivots_as_constraints():
    assert Factor(saddle(3, 30, 12)).negative == 12
    assert Factor(drawn(3)).negative == 0


def test_constraints_that_share_their_variables_keep_their_digits():
    """Two constraints on the same two variables, one met right after the other: the second's pivot would be -2e-8."""
    rows = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    dense = np.block([[np.eye(3), rows.T], [rows, -1e-8 * np.eye(2)]])

    factor = Factor(sp.csc_matrix(dense))

    assert abs(factor.lower).max() < 1e4
    np.testing.assert_allclose(factor.inverse_diagonal(), np.diag(np.linalg.inv(dense)), atol=1e-14)


def test_a_constraint_said_twice_is_carried_by_its_regularisation():
    """x1 + x2 = 0 twice: the multipliers share, and the solution is that of saying it once, to the size of -d."""
    rows = np.array([[1.0, 1.0], [1.0, 1.0]])
    dense = np.block([[np.eye(2), rows.T], [rows, -1e-8 * np.eye(2)]])

    solution = Factor(sp.csc_matrix(dense)).solve([3.0, 1.0, 0.0, 0.0], refine=2)

    np.testing.assert_allclose(solution, [1.0, -1.0, 1.0, 1.0], atol=1e-7)


def test_refinement_does_not_move_what_is_solved_already():
    matrix, right = saddle(9), np.ones(42)

    for held in (matrix, sp.triu(matrix, format="csc")):
        refined = Factor(held).solve(right, refine=2)

        np.testing.assert_allclose(matrix @ refined, right, atol=1e-12)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), make=st.sampled_from([drawn, saddle]))
def test_the_upper_triangle_says_as_much_as_the_whole(seed, make):
    matrix = make(seed)
    right = np.ones(matrix.shape[0])

    whole, upper = Factor(matrix), Factor(sp.triu(matrix, format="csc"))

    np.testing.assert_array_equal(whole.solve(right), upper.solve(right))
    assert whole.fill == upper.fill
    assert fill_of(matrix) == fill_of(sp.triu(matrix, format="csc"))
    # The order of a saddle may be mended, and then has another fill.
    assert whole.fill == fill_of(matrix) or whole.negative


def test_fill_is_counted_before_it_happens():
    """By hand: an arrow that points at the first column fills wholly if that goes first, and not at all if last."""
    n = 50

    assert fill_of(arrow(n), np.arange(n)) == n * (n - 1) // 2
    assert fill_of(arrow(n), np.arange(n)[::-1]) == n - 1
    assert fill_of(arrow(n)) == n - 1
    assert Factor(arrow(n)).fill == n - 1


@pytest.mark.parametrize("seed", range(6))
def test_the_order_fills_no_more_than_that_of_amd(seed):
    """A second route: the order of the AMD library, which ``qdldl`` uses, on grids and on random graphs."""
    rng = np.random.default_rng(seed)
    line = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(30, 30))
    tangle = sp.random(900, 900, 0.002, random_state=rng, format="csc")
    matrix = sp.csc_matrix(sp.kronsum(line, line) if seed == 0 else tangle @ tangle.T + 2 * sp.eye(900))

    fill = fill_of(matrix)

    assert fill <= 1.1 * qdldl.Solver(matrix).factors()[0].nnz


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.0, 0.3))
def test_an_order_names_every_column_once(seed, share):
    matrix = drawn(seed, 40, share)

    assert sorted(order_of(matrix)) == list(range(40))


def test_a_column_that_touches_all_others_comes_last():
    """A bias in every balance: eliminated first it would join all of them."""
    n = 2_000
    line = sp.lil_matrix(sp.diags([-1.0, 4.0, -1.0], [-1, 0, 1], shape=(n, n)))
    line[7, :] = line[:, 7] = 0.5

    assert order_of(sp.csc_matrix(line))[-1] == 7


def test_the_same_pattern_with_other_values_needs_no_ordering(monkeypatch):
    first, second = saddle(1), saddle(1)
    second.data = second.data * 3.0
    factor = Factor(first)
    monkeypatch.setattr("lodeline.metal.reconciliation.factor.order_of", None)

    again = factor.refactor(second.data)

    right = np.ones(factor.n)
    np.testing.assert_allclose(second @ again.solve(right), right, atol=1e-9)
    np.testing.assert_allclose(first @ factor.solve(right), right, atol=1e-9)


def test_neither_the_matrix_nor_the_right_side_is_touched():
    matrix, right = drawn(5), np.arange(40.0)
    before = matrix.toarray()

    Factor(matrix).solve(right)

    np.testing.assert_array_equal(matrix.toarray(), before)
    np.testing.assert_array_equal(right, np.arange(40.0))


def test_entries_that_are_given_twice_are_added():
    twice = sp.csc_matrix((np.array([1.0, 1.0, 4.0]), np.array([0, 0, 1]), np.array([0, 2, 3])), shape=(2, 2))

    np.testing.assert_allclose(Factor(twice).solve([2.0, 4.0]), [1.0, 1.0])


def test_a_matrix_without_rows_has_an_empty_solution():
    factor = Factor(sp.csc_matrix((0, 0)))

    assert factor.solve(np.empty(0)).shape == (0,)
    assert factor.fill == 0


def refused(work) -> InputError:
    with pytest.raises(InputError) as refusal:
        work()
    return refusal.value


@pytest.mark.parametrize(
    ("matrix", "code"),
    [
        (np.eye(2), "factor.shape"),
        (sp.csc_matrix((2, 3)), "factor.shape"),
        (sp.csc_matrix([[1.0, 0.0], [0.0, np.nan]]), "factor.not_finite"),
        (sp.csc_matrix([[1.0, 0.5], [0.4, 1.0]]), "factor.asymmetric"),
        (sp.csc_matrix([[1.0, 0.0], [0.5, 1.0]]), "factor.asymmetric"),
        (sp.csc_matrix([[1.0, 1.0], [1.0, 1.0]]), "factor.singular"),
        (sp.csc_matrix([[0.1, -0.1], [-0.1, 0.1 + 1e-17]]), "factor.singular"),
        (sp.csc_matrix([[1.0, 0.0], [0.0, 0.0]]), "factor.singular"),
    ],
)
def test_a_matrix_that_cannot_be_factored_is_refused(matrix, code):
    assert refused(lambda: Factor(matrix)).code == code


def test_a_loop_that_no_balance_grounds_is_singular_and_its_column_is_named():
    """Three balances that exchange among themselves only, beside one that stands alone."""
    loop = sp.csc_matrix([[3.0, 0, 0, 0], [0, 0.2, -0.1, -0.1], [0, -0.1, 0.2, -0.1], [0, -0.1, -0.1, 0.2]])

    refusal = refused(lambda: Factor(loop))

    assert refusal.code == "factor.singular"
    assert refusal.where["column"] in (1, 2, 3)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda factor: factor.solve(np.ones(3)), "factor.shape"),
        (lambda factor: factor.solve(np.ones((4, 2, 2))), "factor.shape"),
        (lambda factor: factor.refactor(np.ones(2)), "factor.shape"),
        (lambda factor: factor.refactor(np.full(4, np.inf)), "factor.not_finite"),
        (lambda factor: factor.refactor(np.zeros(4)), "factor.singular"),
        (lambda factor: factor.inverse_at([0, 1], [0]), "factor.shape"),
        (lambda factor: factor.inverse_at([0], [4]), "factor.index"),
        (lambda factor: factor.inverse_at([-1], [0]), "factor.index"),
        (lambda factor: factor.inverse_at([0, 2], [0, 3]), "factor.off_pattern"),
    ],
)
def test_what_does_not_fit_the_factor_is_refused(ask, code):
    assert refused(lambda: ask(Factor(sp.eye(4, format="csc")))).code == code


def test_an_order_that_names_a_column_twice_is_refused():
    assert refused(lambda: Factor(sp.eye(3, format="csc"), np.array([0, 1, 1]))).code == "factor.order"


def graph(seed: int, n: int = 7, flows: int = 16) -> tuple[System, np.ndarray]:
    """Balances joined by flows whose variances differ by up to 1e16, each part with a flow to the outside."""
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(-1, n, (2, flows))
    tail[:n], head[:n] = np.arange(n), np.arange(n) - 1
    return System(tail, head, n), 10.0 ** rng.integers(-8, 9, flows)


def exact_inverse(system: System, v: np.ndarray) -> list[list[Fraction]]:
    """The inverse of A V A' in rational numbers, by Gauss-Jordan."""
    n = system.count
    rows = [[Fraction(0)] * n + [Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    for tail, head, one in zip(system.tail, system.head, v, strict=True):
        for first, second in ((tail, head), (head, tail)):
            if first >= 0 and first != second:
                rows[first][first] += Fraction(one)
                if second >= 0:
                    rows[first][second] -= Fraction(one)
    for k in range(n):
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(n):
            if i != k:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[n:] for row in rows]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_the_factor_of_a_graph_keeps_its_digits_whatever_stands_beside_what(seed):
    """Against rational numbers: a stock known to 10,000 kg beside weighings known to 0.0001 kg."""
    system, v = graph(seed)
    inverse = exact_inverse(system, v)

    def apart(first: int, second: int) -> float:
        one = inverse[first][first] if first >= 0 else 0
        two = inverse[second][second] if second >= 0 else 0
        both = inverse[first][second] if first >= 0 and second >= 0 else 0
        return float(one + two - 2 * both)

    factor = GraphFactor(system.matrix(v), system.excess(v))

    expected = [apart(*pair) for pair in zip(system.tail, system.head, strict=True)]
    np.testing.assert_allclose(factor.resistances(system.tail, system.head), expected, rtol=1e-12)
    np.testing.assert_allclose(factor.inverse_diagonal(), [float(row[i]) for i, row in enumerate(inverse)], rtol=1e-12)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_factor_of_a_graph_equals_that_of_its_matrix(seed):
    system, v = graph(seed, 30, 90)
    v = np.log(v) ** 2 + 1
    matrix = system.matrix(v)
    right = np.random.default_rng(seed).normal(size=(30, 3))

    made, plain = GraphFactor(matrix, system.excess(v)), Factor(matrix)
    again = GraphFactor(system.matrix(v * 7), system.excess(v * 7)).reweighted(matrix.data, system.excess(v))

    np.testing.assert_allclose(made.solve(right, refine=1), plain.solve(right), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(made.inverse_diagonal(), plain.inverse_diagonal(), rtol=1e-9)
    np.testing.assert_array_equal(again.lower, made.lower)


def test_a_graph_without_the_outside_has_no_factor():
    """By hand: two balances that exchange 1 with each other, and the outside gets nothing from either."""
    pair = System(np.array([0, 1]), np.array([1, 0]), 2)

    refusal = refused(lambda: GraphFactor(pair.matrix(np.ones(2)), pair.excess(np.ones(2))))

    assert refusal.code == "factor.singular"
    assert refusal.where["column"] in (0, 1)


def test_a_difference_that_no_flow_measures_is_off_the_pattern():
    apart = System(np.array([-1, -1]), np.array([0, 1]), 2)
    factor = GraphFactor(apart.matrix(np.ones(2)), apart.excess(np.ones(2)))

    assert factor.resistances([0, -1, 1], [-1, 1, 1]).tolist() == [1.0, 1.0, 0.0]
    assert refused(lambda: factor.resistances([0], [1])).code == "factor.off_pattern"
    assert refused(lambda: factor.reweighted(np.full(2, np.nan), np.ones(2))).code == "factor.not_finite"
