"""Undiscovered deposits: numbers from percentiles, tonnage and grades with their correlation, and sums of both."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.world.resources.deposit import named, shipped_deposits
from lodeline.world.resources.grade_tonnage import parse_grade_tonnage, read_grade_tonnage, shipped_grade_tonnage
from lodeline.world.resources.model import Drawn, Model, fitted
from lodeline.world.resources.number import ELICITED, Expert, Number, custom, mark3, mark4, negative_binomial
from lodeline.world.resources.place import place_of
from lodeline.world.resources.tract import parse_tract, read_tract, undiscovered
from lodeline.world.resources.undiscovered import PARTS, compound, draw, simulate
from tests.outside import DATA, needs_data
from tests.world.small_resources import GUIDE, refused

TRACT = """
[tract]
name = "Hills"
source = "a team"
as_of = "2026"
method = "mark3"
at_least = [1, 2, 4]
grade_tonnage = "porphyry-cu-au"
"""
SMALL = """deposit,location,ore_t,Cu_percent,Au_g_per_t,source
A,X,1000000,0.5,0.3,by hand
B,X,2000000,0.4,0.2,by hand
C,X,8000000,0.6,0.5,by hand
D,X,500000,1.2,0.1,by hand
"""
falling = st.lists(st.integers(0, 12), min_size=3, max_size=3).map(sorted)


def test_mark3_gives_the_tables_of_root_menzie_and_scott():
    """Pmf A and B of tables 3 and 4 of the article, to the printed thousandth."""
    np.testing.assert_allclose(mark3((1, 2, 4)).probability, [0.067, 0.233, 0.300, 0.200, 0.200], atol=5e-4)
    np.testing.assert_allclose(mark3((0, 2, 2)).probability, [0.2, 0.2, 0.6], atol=5e-4)


def test_mark3_by_hand():
    """1, 2, 4: 0.1 as 2:1 on 0 and 1; 0.4 in halves on 1 and 2; 0.4 as 1:2:1 on 2 to 4; 0.1 on 4."""
    got = mark3((1, 2, 4))

    np.testing.assert_allclose(got.probability, [0.2 / 3, 0.1 / 3 + 0.2, 0.2 + 0.1, 0.2, 0.1 + 0.1])
    assert got.mean == pytest.approx(0.7 / 3 + 2 * 0.3 + 3 * 0.2 + 4 * 0.2)
    assert got.zero == pytest.approx(0.2 / 3)


def test_mark4_by_hand_and_as_in_mapmark4():
    """1, 7, 20 and at most 23: 0.1 on 0; 0.4 on 1 to 6; 0.4 on 7 to 19; 0.1 on 20 to 23."""
    got = mark4((1, 7, 20), most=23)

    np.testing.assert_allclose(got.probability[:2], [0.1, 0.4 / 6])
    np.testing.assert_allclose(got.probability[[7, 20, 23]], [0.4 / 13, 0.025, 0.025])
    np.testing.assert_allclose([got.at_least(one) for one in (1, 7, 20)], [0.9, 0.5, 0.1])


@given(numbers=falling, more=st.integers(0, 5))
def test_probabilities_add_up_and_none_is_negative(numbers, more):
    for got in (mark3(numbers), mark4(numbers, most=numbers[-1] + more)):
        assert got.probability.sum() == pytest.approx(1)
        assert (got.probability >= 0).all()
        assert got.at_least(0) == pytest.approx(1)


@given(steps=st.lists(st.integers(1, 9), min_size=9, max_size=9), count=st.sampled_from([3, 5, 7, 9]))
def test_mark4_holds_exactly_what_was_elicited(steps, count):
    numbers = np.cumsum(steps)[:count].tolist()
    got = mark4(numbers, most=numbers[-1] + 3)

    np.testing.assert_allclose([got.at_least(one) for one in numbers], ELICITED[:count], rtol=1e-9)


@given(steps=st.lists(st.integers(1, 9), min_size=5, max_size=5))
def test_mark3_lies_on_both_sides_of_what_was_elicited(steps):
    """Half the mass of a stretch lies on each of its ends, so the number itself holds and one more does not."""
    numbers = np.cumsum(steps).tolist()
    got = mark3(numbers)

    for at, one in enumerate(numbers[:-1]):
        assert got.at_least(one) >= ELICITED[at] - 1e-12
        assert got.at_least(one + 1) <= ELICITED[at] + 1e-12


@pytest.mark.parametrize(
    ("numbers", "want"),
    [((0, 0, 0), [1.0]), ((0, 0, 2), [0.9 * 2 / 4 + 0.0, 0, 0]), ((2, 2, 2), [0.04, 0.04, 0.92])],
)
def test_equal_and_zero_numbers_are_allowed(numbers, want):
    """2, 2, 2: 0.1 as 2:2:1, the rest on 2."""
    got = mark3(numbers)

    assert got.probability.sum() == pytest.approx(1)
    if numbers != (0, 0, 2):
        np.testing.assert_allclose(got.probability, want)
    assert mark4(numbers, most=numbers[-1]).probability.sum() == pytest.approx(1)


def test_the_negative_binomial_of_the_guide_to_mapmark4_is_reproduced():
    """USGS TM 7-C14: mean 10.6613, variance 43.0923, mode 7, from 0 to 42, 0.00787 for none and 0.0204 for one."""
    got = negative_binomial(GUIDE)

    assert round(got.mean, 4) == 10.6613
    assert round(got.variance, 4) == 43.0923
    assert int(np.argmax(got.probability)) == 7
    assert (np.flatnonzero(got.probability)[[0, -1]] == [0, 42]).all()
    assert f"{got.probability[0]:.5f} {got.probability[1]:.4f}" == "0.00787 0.0204"
    entropy = -(got.probability * np.log(got.probability)).sum()
    assert round(float(entropy), 5) == 3.19684


def test_one_expert_more_often_said_is_as_one_of_more_weight():
    twice = negative_binomial([Expert((2, 5, 12)), Expert((2, 5, 12)), Expert((1, 3, 9))])
    heavy = negative_binomial([Expert((2, 5, 12), 2.0), Expert((1, 3, 9))])

    np.testing.assert_allclose(twice.probability, heavy.probability)


def test_numbers_too_close_together_are_no_negative_binomial():
    with refused("world.deposits_not_spread"):
        negative_binomial([Expert((5, 5, 6))])


def test_a_custom_distribution_is_in_proportion():
    np.testing.assert_allclose(custom([1, 2, 3], [1, 1.5, 0.75]).probability, np.array([0, 1, 1.5, 0.75]) / 3.25)


@pytest.mark.parametrize(
    "make",
    [
        lambda: mark3((1, 2)),
        lambda: mark3((2, 1, 4)),
        lambda: mark3((-1, 1, 4)),
        lambda: mark4((1, 2, 4), most=3),
        lambda: mark4((1, 2, 4), most=10**9),
        lambda: mark3((1, 2, 10**9)),
        lambda: custom([10**9], [1]),
        lambda: negative_binomial([]),
        lambda: negative_binomial([Expert((1, 2, 9), 0.0)]),
        lambda: custom([1, 1], [1, 1]),
        lambda: custom([1, 2], [0, 0]),
        lambda: custom([1], [1, 2]),
    ],
)
def test_numbers_that_cannot_be_are_refused(make):
    with refused("world.deposits_elicited"):
        make()


def guide_model() -> Model:
    """The model of the user's guide, from its printed statistics: tonnage and grades independent, as in MapMark4.

    Median and deviation of tonnage 1.87e8 t and 1.49; centre 0.443 % Cu, 3.76e-5 % Au; variation of ln(Cu/Au) 0.510,
    ln(Cu/gangue) 0.278, ln(Au/gangue) 0.301.
    """
    rest = 100 - 0.443 - 3.76e-5
    covariance = np.zeros((3, 3))
    covariance[0, 0] = 1.49**2
    covariance[1, 1], covariance[2, 2] = 0.278, 0.301
    covariance[1, 2] = covariance[2, 1] = (0.278 + 0.301 - 0.510) / 2
    mean = np.array([math.log(1.87e8), math.log(0.443 / rest), math.log(3.76e-5 / rest)])
    return Model(("Cu", "Au"), mean, covariance, "USGS TM 7-C14")


def test_the_totals_of_the_guide_to_mapmark4_are_reproduced_from_its_statistics():
    """Formula: means 6.06e9, 3.07e7, 2.64e3; deviations 6.44e9, 3.58e7, 3.14e3; correlations 0.903, 0.892, 0.819.

    Its statistics are printed with three digits, so its totals come out within two percent.
    """
    got = compound(negative_binomial(GUIDE), guide_model().moments())
    deviation = np.sqrt(np.diag(got.covariance))
    correlation = got.covariance / np.outer(deviation, deviation)

    np.testing.assert_allclose(got.mean, [6.06e9, 3.07e7, 2.64e3], rtol=0.02)
    np.testing.assert_allclose(deviation, [6.44e9, 3.58e7, 3.14e3], rtol=0.03)
    np.testing.assert_allclose(correlation[[0, 0, 1], [1, 2, 2]], [0.903, 0.892, 0.819], atol=0.01)


def test_the_quantiles_of_the_guide_to_mapmark4_are_reproduced_by_simulation():
    found = simulate(
        negative_binomial(GUIDE), guide_model(), samples=100_000, chance=np.random.default_rng(7), tract="PT001"
    )
    printed = {
        "ore": [4.1e8, 8.2e8, 2.0e9, 4.3e9, 8.0e9, 1.3e10, 1.7e10],
        "Cu": [1.8e6, 3.7e6, 9.5e6, 2.1e7, 4.0e7, 6.6e7, 9.0e7],
        "Au": [1.5e2, 3.1e2, 8.0e2, 1.8e3, 3.4e3, 5.8e3, 7.8e3],
    }

    for quantity, values in printed.items():
        np.testing.assert_allclose([one.tonnes for one in found.total(quantity).quantiles], values, rtol=0.06)
        assert round(found.total(quantity).zero, 3) == 0.008
        assert found.total(quantity).above_mean == pytest.approx(0.36, abs=0.015)


def test_simulated_means_and_deviations_agree_with_the_exact_ones():
    """``E[N] E[X]`` within four Monte Carlo errors."""
    found = simulate(
        mark3((1, 2, 4)), fitted(shipped_grade_tonnage()), samples=200_000, chance=np.random.default_rng(3), tract="t"
    )

    for one in found.totals:
        assert abs(one.mean_t - one.exact_mean_t) < 4 * one.mean_error_t
        assert one.sd_t == pytest.approx(one.exact_sd_t, rel=0.1)


def test_quantiles_agree_with_the_exact_compound_distribution():
    """Second route: ore of N lognormal deposits by convolution on a grid, ``P(S <= x) = sum p_n F^n(x)``."""
    from scipy.signal import fftconvolve
    from scipy.stats import norm

    number = mark3((1, 2, 4))
    model = Model(("Cu",), np.array([math.log(1e8), -5.0]), np.array([[0.64, 0.0], [0.0, 0.1]]), "by hand")
    step, cells = 2e5, 20_000
    edges = np.arange(cells + 1) * step
    held = norm.cdf((np.log(np.maximum(edges, 1e-9)) - model.mean[0]) / 0.8)
    one = np.diff(held)  # (cell,) the chance that a deposit has (k + 1/2) steps of ore
    total = np.zeros(cells)
    folded = np.zeros(cells)
    folded[0] = 1.0
    for count, chance in enumerate(number.probability):
        if count:
            folded = fftconvolve(folded, one)[:cells]
        total += chance * folded
    # A sum of n deposits lies n / 2 steps above its cell; two thousandths of the median.
    cumulative = np.cumsum(total)
    found = simulate(number, model, samples=400_000, chance=np.random.default_rng(5), tract="t").total("ore")

    for at in found.quantiles[1:]:
        exact = float(edges[np.searchsorted(cumulative, at.part)] + step)
        assert abs(at.tonnes - exact) < 4 * at.error_t + 3 * step


def test_the_correlation_of_tonnage_and_grades_is_kept():
    table = shipped_grade_tonnage()
    model = fitted(table)
    drawn = model.sample(400_000, np.random.default_rng(1))
    grades = drawn[:, 1:] / drawn[:, :1]
    logs = np.log(np.concatenate([drawn[:, :1], grades / (1 - grades.sum(axis=1, keepdims=True))], axis=1))

    np.testing.assert_allclose(logs.mean(axis=0), model.mean, atol=0.01)
    np.testing.assert_allclose(np.cov(logs, rowvar=False), model.covariance, atol=0.02)


def test_moments_by_quadrature_agree_with_samples():
    """Second route, of high grades that are correlated with tonnage, where no formula is at hand."""
    covariance = np.array([[0.5, -0.3, 0.1], [-0.3, 0.6, 0.2], [0.1, 0.2, 0.4]])
    model = Model(("Sb", "Pb"), np.array([10.0, -0.5, -1.0]), covariance, "by hand")
    drawn = model.sample(1_000_000, np.random.default_rng(2))
    exact = model.moments()

    np.testing.assert_allclose(drawn.mean(axis=0), exact.mean, rtol=5e-3)
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), exact.covariance, rtol=3e-2)
    assert (drawn[:, 1:].sum(axis=1) < drawn[:, 0]).all()


def test_moments_of_small_grades_are_those_of_lognormals():
    """Closed form: ``E[T g] = exp(m + s^2 / 2)`` of ln T + ln g."""
    covariance = np.array([[1.5, 0.2], [0.2, 0.3]])
    model = Model(("Au",), np.array([18.0, math.log(3e-7)]), covariance, "by hand")
    exact = model.moments()

    assert exact.mean[0] == pytest.approx(math.exp(18 + 0.75))
    assert exact.mean[1] == pytest.approx(math.exp(18 + math.log(3e-7) + (1.5 + 0.3 + 0.4) / 2), rel=1e-5)
    variance = 1.5 + 0.3 + 0.4
    assert math.sqrt(exact.covariance[1, 1]) == pytest.approx(exact.mean[1] * math.sqrt(math.expm1(variance)), rel=1e-5)


def test_of_many_elements_the_moments_are_not_at_hand_and_the_rest_is():
    model = Model(tuple("ABCD"), np.array([10.0, -3, -3, -3, -3]), np.eye(5), "by hand")
    found = simulate(mark3((1, 2, 4)), model, samples=1_000, chance=np.random.default_rng(1), tract="t")

    assert model.moments() is None
    assert found.total("A").exact_mean_t is None
    assert found.total("A").mean_t > 0


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(0.01, 100), seed=st.integers(0, 2**32 - 1))
def test_ten_times_the_tonnage_is_ten_times_the_metal_and_the_grade_stays(scale, seed):
    table = parse_grade_tonnage(SMALL, name="small")
    larger = table._replace(ore_t=table.ore_t * scale)
    one, other = (
        simulate(mark3((0, 1, 3)), fitted(each), samples=1_000, chance=np.random.default_rng(seed), tract="t")
        for each in (table, larger)
    )

    for a, b in zip(one.totals, other.totals, strict=True):
        assert b.mean_t == pytest.approx(scale * a.mean_t, rel=1e-6)
        assert [at.tonnes for at in b.quantiles] == pytest.approx([scale * at.tonnes for at in a.quantiles], rel=1e-6)


def test_gold_in_percent_and_in_grams_is_the_same_table():
    grams = parse_grade_tonnage(SMALL, name="small")
    text = SMALL.replace("Au_g_per_t", "Au_percent")
    for g_per_t in ("0.3", "0.2", "0.5", "0.1"):
        text = text.replace(f",{g_per_t},by", f",{float(g_per_t) * 1e-4:.8f},by")

    np.testing.assert_allclose(parse_grade_tonnage(text, name="small").grade, grams.grade)
    np.testing.assert_allclose(grams.contained_t()[0], [5000, 0.3])


def test_the_same_seed_gives_the_same_answer_and_another_does_not():
    tract = parse_tract(TRACT)
    one, again, other = (undiscovered(tract, samples=2_000, seed=seed, shape="lognormal") for seed in (7, 7, 8))

    assert one == again
    assert one.totals != other.totals


def test_nothing_is_drawn_where_there_is_nothing():
    none = Number("as given", np.array([1.0]))
    found = simulate(none, fitted(shipped_grade_tonnage()), samples=1_000, chance=np.random.default_rng(0), tract="t")

    assert all(at.tonnes == 0 for one in found.totals for at in one.quantiles)
    assert (found.zero, found.total("Cu").exact_mean_t, found.total("Cu").exact_sd_t) == (1.0, 0.0, 0.0)


def test_the_probability_of_nothing_is_what_was_elicited():
    drawn = draw(mark3((1, 2, 4)), fitted(shipped_grade_tonnage()), samples=100_000, chance=np.random.default_rng(9))

    assert np.mean(drawn.deposits == 0) == pytest.approx(0.2 / 3, abs=4 * math.sqrt(0.067 * 0.933 / 1e5))
    assert ((drawn.tonnes[:, 0] == 0) == (drawn.deposits == 0)).all()


def test_many_deposits_are_drawn_in_stretches(monkeypatch):
    """Small stretches draw the same counts and sums that agree in the mean."""
    model, number = fitted(shipped_grade_tonnage()), mark3((1, 2, 4))
    whole = draw(number, model, samples=20_000, chance=np.random.default_rng(4))
    monkeypatch.setattr("lodeline.world.resources.undiscovered.AT_ONCE", 97)
    parts = draw(number, model, samples=20_000, chance=np.random.default_rng(4))

    assert (whole.deposits == parts.deposits).all()
    np.testing.assert_allclose(whole.tonnes, parts.tonnes)


def test_deposits_drawn_from_the_table_are_those_of_the_table():
    table = parse_grade_tonnage(SMALL, name="small")
    drawn = Drawn(table).sample(10_000, np.random.default_rng(1))
    moments = Drawn(table).moments()

    assert set(drawn[:, 0].tolist()) == set(table.ore_t.tolist())
    np.testing.assert_allclose(moments.mean, [table.ore_t.mean(), *table.contained_t().mean(axis=0)])
    np.testing.assert_allclose(drawn.mean(axis=0), moments.mean, rtol=0.05)
    found = undiscovered(parse_tract(TRACT), samples=5_000, seed=1, shape="drawn")
    assert found.model == "drawn from the table"
    assert abs(found.total("Cu").mean_t - found.total("Cu").exact_mean_t) < 4 * found.total("Cu").mean_error_t


def test_the_monte_carlo_error_falls_with_the_root_of_the_samples():
    few, many = (
        undiscovered(parse_tract(TRACT), samples=n, seed=1, shape="drawn").total("Cu") for n in (2_000, 200_000)
    )

    assert few.mean_error_t / many.mean_error_t == pytest.approx(10, rel=0.2)
    assert [at.part for at in many.quantiles] == list(PARTS)
    assert all(at.error_t > 0 for at in many.quantiles[3:])


def test_the_error_of_a_quantile_covers_the_scatter_between_seeds():
    medians = [
        undiscovered(parse_tract(TRACT), samples=2_000, seed=seed, shape="lognormal").total("Cu").quantiles[3]
        for seed in range(60)
    ]
    scatter = np.std([one.tonnes for one in medians], ddof=1)

    assert np.mean([one.error_t for one in medians]) == pytest.approx(scatter, rel=0.35)


def test_undiscovered_metal_adds_to_no_other_class():
    found = undiscovered(parse_tract(TRACT), samples=1_000, seed=1, shape="lognormal").contained("Cu")
    other = undiscovered(parse_tract(TRACT.replace("Hills", "Vales")), samples=1_000, seed=2, shape="lognormal")
    reko_diq = named(shipped_deposits(), "reko-diq")

    assert (found + other.contained("Cu")).figure.value == pytest.approx(found.figure.value + other.total("Cu").mean_t)
    with refused("world.resource_classes_added"):
        found + reko_diq.contained(reko_diq.estimate[0])


def test_too_few_samples_are_refused():
    with refused("world.samples"):
        undiscovered(parse_tract(TRACT), samples=999, seed=1, shape="lognormal")
    with refused("world.samples"):
        many = TRACT.replace("[1, 2, 4]", "[90000, 90000, 90000]")
        undiscovered(parse_tract(many), samples=100_000, seed=1, shape="lognormal")
    with refused("world.seed"):
        undiscovered(parse_tract(TRACT), samples=1_000, seed=-1, shape="lognormal")


def test_reko_diq_is_the_sixth_largest_of_115_and_its_gold_grade_is_low():
    """By hand from the table: 2,420 Mt at 0.51 % Cu and 0.000027 %, that is 0.27 g/t, Au."""
    places = {one.measure: one for one in place_of(shipped_grade_tonnage(), "Reko Diq")}

    assert (places["ore"].rank, places["ore"].of) == (6, 115)
    assert places["Cu"].value == pytest.approx(2_420_000_000 * 0.0051)
    assert places["Au"].value == pytest.approx(2_420_000_000 * 0.27e-6)
    assert places["Au grade"].percentile < 25 < 60 < places["Cu grade"].percentile
    assert places["ore"].percentile == pytest.approx(100 * 110 / 115)
    with refused("world.no_such_deposit"):
        place_of(shipped_grade_tonnage(), "Reko Dik")


@needs_data
def test_the_shipped_table_is_the_publisher_s_file():
    with (DATA / "mapmark4" / "ExampleGatm.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    table = shipped_grade_tonnage()

    assert table.deposits == tuple(" ".join(row[0].split()) for row in rows)
    assert table.locations == tuple(row[1] for row in rows)
    assert table.elements == ("Cu", "Au")
    np.testing.assert_array_equal(table.ore_t, [float(row[2]) for row in rows])
    np.testing.assert_allclose(table.grade, [[float(row[3]) / 100, float(row[4]) / 100] for row in rows], rtol=1e-15)
    assert "10.3133/tm7C14" in table.source


def test_a_table_of_one_s_own_is_read_and_is_a_frame(tmp_path):
    path = tmp_path / "skarn.csv"
    path.write_text(SMALL, encoding="utf-8")
    table = read_grade_tonnage(path)

    assert (table.name, table.elements) == ("skarn", ("Cu", "Au"))
    assert table.table()["Cu_t"].to_list() == pytest.approx([5000, 8000, 48000, 6000])
    tract = tmp_path / "tract.toml"
    tract.write_text(TRACT.replace("porphyry-cu-au", "skarn.csv"), encoding="utf-8")
    assert undiscovered(read_tract(tract), samples=1_000, seed=1, shape="lognormal").grade_tonnage == "by hand"


BAD = [
    ("Cu_percent", "Cu_ppm", "world.grade_column"),
    (",Cu_percent,Au_g_per_t", "", "world.grade_column"),
    ("1000000,0.5", "1000000,0", "world.grade_range"),
    ("1000000,0.5", "0,0.5", "world.grade_range"),
    ("1000000,0.5", "1000000,100", "world.grade_range"),
    ("1000000,0.5", "1000000,a lot", "world.not_a_number"),
    ("1000000,0.5", "1000000,", "world.cell_missing"),
    ("ore_t", "tonnes", "world.grade_column"),
    (",source\n", "\n", "world.column_missing"),
    ("C,X,8000000,0.6,0.5,by hand\nD,X,500000,1.2,0.1,by hand\n", "", "world.grade_tonnage_small"),
]


@pytest.mark.parametrize(("good", "bad", "code"), BAD)
def test_a_bad_table_is_refused(good, bad, code, tmp_path):
    assert good in SMALL
    path = tmp_path / "bad.csv"
    path.write_text(SMALL.replace(good, bad), encoding="utf-8")
    with refused(code):
        read_grade_tonnage(path)


def test_a_table_that_is_not_there_or_not_text_is_refused(tmp_path):
    with refused("world.no_such_resources_file"):
        read_grade_tonnage(tmp_path / "none.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes("deposit,Zürich".encode("latin-1"))
    with refused("world.not_utf8"):
        read_grade_tonnage(path)


def test_a_table_without_scatter_has_no_model():
    flat = "\n".join([SMALL.splitlines()[0], *(f"{name},X,1000000,0.5,0.3,by hand" for name in "ABCD")]) + "\n"
    with refused("world.grade_tonnage_flat"):
        fitted(parse_grade_tonnage(flat, name="flat"))


def test_tracts_say_what_each_method_needs():
    four = TRACT.replace('method = "mark3"', 'method = "mark4"')
    with refused("world.deposits_elicited"):
        parse_tract(four).number()
    assert parse_tract(four.replace("at_least", "most = 6\nat_least")).number().at_least(4) == pytest.approx(0.1)
    team = TRACT.replace('method = "mark3"\nat_least = [1, 2, 4]', 'method = "negative-binomial"')
    team += '[[tract.expert]]\nname = "a"\nat_least = [1, 4, 9]\n'
    assert parse_tract(team).number().method.startswith("negative binomial")
    own = TRACT.replace('method = "mark3"\nat_least = [1, 2, 4]', 'method = "custom"\nnumbers = [1]\nweights = [1]')
    assert parse_tract(own).number().mean == 1


def test_a_bad_tract_is_refused_with_its_place(tmp_path):
    path = tmp_path / "tract.toml"
    path.write_text(TRACT.replace("mark3", "mark9"), encoding="utf-8")
    with refused("world.resources_field") as caught:
        read_tract(path)
    assert caught.value.where == {"file": str(path), "field": "$.tract.method"}
    with refused("world.resources_toml"):
        parse_tract("[tract")


def test_answers_are_tables():
    found = undiscovered(parse_tract(TRACT), samples=1_000, seed=1, shape="lognormal")
    frame, numbers = found.table(), mark3((1, 2, 4)).table()

    assert frame["quantity"].to_list() == ["ore", "Cu", "Au"]
    assert set(frame["class"]) == {"undiscovered"}
    assert frame["q0.5_t"].to_list() == [one.quantiles[3].tonnes for one in found.totals]
    assert numbers["at_least"].to_list()[:3] == pytest.approx([1, 1 - 0.2 / 3, 0.7])
