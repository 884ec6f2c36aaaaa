"""Several gross errors: serial elimination and compensation as published, and the searches that do better."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.elimination import eliminate as eliminated
from lodeline.metal.detection.gross_errors.calibration import sidak
from lodeline.metal.detection.gross_errors.compensation import compensated
from lodeline.metal.detection.gross_errors.directions import biases
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.detection.gross_errors.search import Search, Within
from lodeline.metal.detection.gross_errors.serial import Bounds, compensate, eliminate, with_unknown, without
from lodeline.metal.reconciliation.model import Correlation
from lodeline.metal.reconciliation.solving import solve
from tests.metal.detection.flow_networks import drawn, everything, flowsheet, published, refused, splitter
from tests.outside import needs_cases

LADDER = [((0,), (1, 2)), ((1,), (3,)), ((2,), (4,)), ((3, 4), (5,))]
"""One stream is split, both parts are measured twice, and joined."""
TRUE = [10.0, 6.0, 4.0, 6.0, 4.0, 10.0]


def ladder(**off):
    """The ladder with u 0.1 everywhere and some meters off: ``s1=1.0`` reads stream 1 too high by 1."""
    value = np.array(TRUE)
    for name, size in off.items():
        value[int(name[1:])] += size
    return flowsheet(LADDER, value, [0.1] * 6)


def free(model):
    return Bounds(np.full(model.start.size, -np.inf), np.full(model.start.size, np.inf))


def searched(model, directions, *, typical=None, most=3, draws=2000, false_alarms=0.05):
    projection = Projection(solve(model), directions)
    size = None if typical is None else np.full(directions.size, typical)
    search = Search(
        projection,
        typical=size,
        false_alarms=false_alarms,
        most=most,
        draws=draws,
        generator=np.random.default_rng(4),
    )
    return search, projection


def test_one_bias_is_taken_out_with_its_size():
    """By hand: the other five say 6 of stream 1 exactly, so it is 1 too high."""
    found = eliminate(ladder(s1=1.0), false_alarms=0.05, bounds=free(ladder()))

    assert [(one.kind, one.row) for one in found.taken] == [("measurement", 1)]
    assert found.taken[0].size == pytest.approx(1.0)
    np.testing.assert_allclose(found.solution.x, TRUE, rtol=1e-9)


def test_two_biases_are_compensated_together_but_not_one_after_the_other():
    """Collective compensation ends with both sizes exact; else the first keeps the size it had before the second."""
    model = ladder(s1=1.0, s5=2.0)

    together = compensate(model, false_alarms=0.05, collective=True, bounds=free(model))
    apart = compensate(model, false_alarms=0.05, collective=False, bounds=free(model))

    named = {(one.kind, one.row): one.size for one in together.taken}
    assert named == {("measurement", 1): pytest.approx(1.0), ("measurement", 5): pytest.approx(2.0)}
    first = apart.taken[0]
    assert first.size != pytest.approx(named[(first.kind, first.row)], abs=0.01)


def test_a_leak_is_compensated_as_a_leak():
    """0.9 is lost where the parts of 6 and 4 are joined; the balance is inside, so no stream looks like it."""
    model = flowsheet([*LADDER, ((5,), (6,))], [10.0, 6.0, 4.0, 6.0, 4.0, 9.1, 9.1], [0.1] * 7)

    found = compensate(model, false_alarms=0.05, collective=True, bounds=free(model))

    assert [(one.kind, one.row) for one in found.taken] == [("leak", 3)]
    assert found.taken[0].size == pytest.approx(0.9)


def test_nothing_is_taken_out_where_nothing_is_wrong():
    for found in (
        eliminate(ladder(), false_alarms=0.05, bounds=free(ladder())),
        compensate(ladder(), false_alarms=0.05, collective=True, bounds=free(ladder())),
    ):
        assert found.taken == ()


def test_a_bound_turns_elimination_to_the_next():
    """A splitter of 9 into 8 and 2, the last at least 1.5: to take it out would make it 1, so that another goes."""
    model = flowsheet([((0,), (1, 2))], [9.0, 8.0, 2.0], [0.05, 0.05, 0.051])
    bounds = Bounds(np.array([0.0, 7.5, 1.5]), np.full(3, np.inf))

    freely, bounded = (eliminate(model, false_alarms=0.05, bounds=one).taken for one in (free(model), bounds))

    assert [one.size for one in freely] == [pytest.approx(1.0, abs=2.1)]
    assert [(one.row, one.size) for one in bounded] == [(0, pytest.approx(-1.0))]


@pytest.mark.cases
@needs_cases
def test_the_three_gross_errors_of_a_published_plant_are_found():
    """Alhaj-Dibo, Maquin & Ragot (2008): streams 3, 7 and 16 read 29.2, 20.8 and 7.69 where 22, 14 and 3 flow."""
    model, case = published("dr-linear-13")
    names = [one["stream"] for one in case["streams"]]

    serial = eliminate(model, false_alarms=0.01, bounds=Bounds(np.zeros(16), np.full(16, np.inf))).taken
    search, projection = searched(model, biases(model, names), most=4, false_alarms=0.01)
    found = search.explain(projection.seen)

    assert {names[one.row] for one in serial} == {"3", "7", "16"}
    assert {names[one] for one in found.faults} == {"3", "7", "16"}
    by_name = {names[one]: size for one, size in zip(found.faults, found.size, strict=True)}
    true = {one["stream"]: one["measured"] - one["true"] for one in case["streams"]}
    assert all(abs(by_name[one] - true[one]) < 3 for one in by_name)


@given(seed=st.integers(0, 10_000), where=st.integers(0, 50), size=st.floats(0, 12))
@settings(max_examples=20, deadline=None)
def test_elimination_by_what_hypotheses_see_is_elimination_by_solving_anew(seed, where, size):
    """The peer of the benchmark does the same arithmetic without solving, here at Sidak's limit in each round."""
    model = drawn(seed)
    value = model.value.copy()
    value[where % value.size] += size * model.u[where % value.size]
    model = model._replace(value=value)
    projection = Projection(solve(model), biases(model, [str(one) for one in range(value.size)]))
    gram = projection.gram(np.arange(value.size))

    def limit(chosen):
        left = compensated(np.zeros((0, value.size)), projection.weight, gram[:, chosen], chosen)
        return sidak(0.05, int((left.weight > 0).sum()))

    peer = eliminated(projection.seen, projection.weight, gram, limit=limit, most=99, plausible=lambda *_: True)
    taken = eliminate(model, false_alarms=0.05, bounds=free(model)).taken

    # What is alike may be named either way: one explains the other.
    assert len(taken) == peer.size
    left = compensated(np.zeros((0, value.size)), projection.weight, gram[:, peer], peer)
    assert all(left.weight[one.row] == 0 for one in taken)


def test_bounds_of_another_problem_are_refused():
    for method in (
        lambda: eliminate(splitter(), false_alarms=0.05, bounds=Bounds(np.zeros(2), np.ones(2))),
        lambda: compensate(splitter(), false_alarms=0.05, collective=True, bounds=Bounds(np.zeros(2), np.ones(2))),
    ):
        with refused("detection.bounds"):
            method()


def test_a_measurement_that_is_left_out_takes_its_correlations_along():
    model = splitter()._replace(correlation=Correlation(np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.2])))

    left = without(model, np.array([0]))

    assert [column.tolist() for column in left.correlation] == [[0], [1], [0.2]]
    assert left.terms.first.tolist() == [1, 2]
    assert left.terms.row.tolist() == [0, 1]


def test_an_unknown_bias_is_the_same_as_no_measurement():
    model = ladder(s2=0.3)

    unknown, gone = solve(with_unknown(model, "measurement", 2)), solve(without(model, np.array([2])))

    np.testing.assert_allclose(unknown.x[:6], gone.x, rtol=1e-9)
    assert unknown.chi2 == pytest.approx(gone.chi2, abs=1e-12)


def test_the_search_finds_two_biases_that_mislead_elimination():
    """Stream 0 reads 0.6 too high and stream 5 0.6 too low: between them the four others look wrong by half of it."""
    found = {}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        model = ladder(s1=0.5, s4=0.5)
        model = model._replace(value=model.value + 0.1 * rng.standard_normal(6))
        search, projection = searched(model, biases(model, list("abcdef")), typical=0.5, draws=399, most=2)
        ours = set(search.explain(projection.seen).faults.tolist()) == {1, 4}
        theirs = {one.row for one in eliminate(model, false_alarms=0.05, bounds=free(model)).taken} == {1, 4}
        found[seed] = (ours, theirs)

    assert sum(ours for ours, _ in found.values()) >= sum(theirs for _, theirs in found.values())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_best_pair_is_the_best_of_all_pairs(seed):
    """By brute force over all pairs, by the evidence of each alone."""
    model = drawn(seed)
    search, projection = searched(model, everything(model), typical=0.5, draws=399, most=2)

    pair = search._grown(projection.seen, np.array([0]), None)

    every = range(projection.directions.size)
    pairs = np.array([[a, b] for a in every for b in every if a < b])
    best = search.evidence(projection.seen, pairs).max()
    if pair is None:
        assert best == -np.inf
    else:
        assert search.evidence(projection.seen, pair[None, :])[0] == pytest.approx(best, rel=1e-9, abs=1e-9)


def test_the_evidence_of_one_fault_is_the_ratio_of_two_normal_densities():
    """By hand: what is seen is N(0, w) without the fault and N(0, w + w**2 t**2) with one of typical size t."""
    search, projection = searched(splitter(), everything(splitter()), typical=2.0, draws=399)
    weight, seen = projection.weight[0], projection.seen[0]

    def density(variance):
        return -0.5 * (np.log(variance) + seen**2 / variance)

    expected = density(weight + 4 * weight**2) - density(weight)
    assert search.singles(projection.seen)[0] == pytest.approx(expected)
    assert search.evidence(projection.seen, np.array([[0]]))[0] == pytest.approx(expected)


def test_a_size_that_is_not_possible_is_not_considered():
    """1.17 too much into the splitter is more than its meter can be off, and so is what either outlet would need."""
    search, projection = searched(splitter(), everything(splitter()), typical=1.0, draws=399)

    def kinds(low, high):
        return [projection.directions.labels[one] for one in search.explain(projection.seen, Within(low, high)).faults]

    assert kinds(np.full(4, -1.0), np.array([1.0, 1.0, 1.0, np.inf])) == ["leak 0"]
    assert kinds(np.full(4, -1.0), np.full(4, 1.0)) == []


def test_three_faults_are_found_by_adding_and_exchanging():
    model = flowsheet([*LADDER, ((5,), (6, 7)), ((6,), (8,))], [*TRUE, 7.0, 3.0, 7.0], [0.1] * 9)
    value = model.value + np.array([0, 2.0, 0, 0, 0, 0, -1.5, 0, 0])
    value[4] += 1.8
    search, projection = searched(model._replace(value=value), biases(model, list("abcdefghi")), typical=1.0, most=4)

    found = search.explain(projection.seen)

    by_fault = dict(zip(found.faults.tolist(), found.size.tolist(), strict=True))
    assert by_fault == {1: pytest.approx(2.0), 4: pytest.approx(1.8), 6: pytest.approx(-1.5)}
    assert found.remaining == pytest.approx(0.0, abs=1e-6)


def test_a_typical_size_is_given_for_every_hypothesis():
    projection = Projection(solve(splitter()), everything(splitter()))
    for typical in (np.ones(3), np.array([1.0, 1.0, 0.0, 1.0])):
        with refused("detection.typical"):
            Search(
                projection,
                typical=typical,
                false_alarms=0.05,
                most=1,
                draws=399,
                generator=np.random.default_rng(1),
            )
