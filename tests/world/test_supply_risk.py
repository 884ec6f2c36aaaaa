"""EU supply risk: by hand, against the Commission's own figure, and with limits where inputs are not known."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from importlib import resources

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from lodeline.errors import InputError, NotFoundError
from lodeline.units.figure import Figure, unknown
from lodeline.world import shipped, table
from lodeline.world.dependence import supply_risk_published as study
from lodeline.world.dependence import weighted
from lodeline.world.dependence.indicator import Question
from lodeline.world.dependence.supply_risk import Supply, scaled, supply_risk
from lodeline.world.dependence.supply_risk_asked import eu_supply_risk, eu_supply_risk_published
from lodeline.world.dependence.supply_risk_file import parse_risk, read_risk_file
from lodeline.world.governance.score import SHIPPED, Score, scores, shipped_scores
from lodeline.world.statistics import tidy
from tests.outside import CASES, needs_cases

EU2023 = CASES / "world" / "eu_crm2023"


def stated(value: float) -> Figure:
    return Figure(value=value, unit="TNE", standing="stated", rests_on=(f"row:{value:g}",))


def between(low: float | None, high: float | None) -> Figure:
    return Figure(value=None, low=low, high=high, unit="TNE", standing="bounded")


GOVERNANCE = scores(
    Score(
        edition="wgi",
        indicator="mean-of-six",
        country=country,
        year="2020",
        value=Decimal(value),
        published=value,
        source="made up for a test",
    )
    for country, value in (("CHN", "-0.5"), ("AUS", "1.5"), ("COD", "-1.5"))
)


def supply(amounts, trade=None, elsewhere=1.0) -> Supply:
    return Supply(amounts=amounts, trade=trade or {}, trade_elsewhere=elsewhere)


def risk(world=None, eu=None, reliance=None, recycling=0.0, substitution=1.0):
    return supply_risk(
        global_supply=world,
        eu_sourcing=eu,
        import_reliance_percent=reliance,
        recycling_percent=recycling,
        substitution=substitution,
        governance=GOVERNANCE,
        year="2020",
    )


WORLD = supply({"CHN": stated(80), "AUS": stated(20)}, {"CHN": 1.1})
EU = supply({"AUS": stated(5), "COD": stated(5)})


def test_governance_is_turned_over_and_scaled():
    """By hand: a score of -0.5 is 10 * 3 / 5 = 6, one of 1.5 is 2, one of 2.5 is 0."""
    assert [scaled(score) for score in (-0.5, 1.5, 2.5, -2.5)] == [6, 2, 0, 10]


def test_global_supply_alone_is_squared_shares_by_governance_and_trade():
    """By hand: 0.64 * 6 * 1.1 + 0.04 * 2 = 4.304; recycling of 25 % and a substitution of 0.9: 4.304 * 0.675."""
    found = risk(WORLD, recycling=25, substitution=0.9)

    assert found.global_part.value == pytest.approx(4.304)
    assert found.risk.value == pytest.approx(4.304 * 0.675)
    assert (found.scope, found.eu_part) == ("GS", None)
    assert found.risk.rests_on == ("row:80", "wgi:CHN:2020", "row:20", "wgi:AUS:2020")


def test_both_supplies_are_weighted_by_half_the_import_reliance():
    """By hand: the EU part is 0.25 * 2 + 0.25 * 8 = 2.5; at 60 % reliance 0.3 * 4.304 + 0.7 * 2.5 = 3.0412."""
    found = risk(WORLD, EU, reliance=60)

    assert found.eu_part.value == pytest.approx(2.5)
    assert found.risk.value == pytest.approx(3.0412)
    assert found.scope == "GS+EU"


def test_the_eu_alone_and_the_indicator_say_so():
    found = risk(eu=EU)
    told = found.indicator(editions=("e",), inputs=("more",), note="More.")

    assert found.risk.value == pytest.approx(2.5)
    assert (told.name, told.editions, told.inputs[-1]) == ("eu-supply-risk", ("e", "wgi"), "more")
    assert told.note == "Scope EU (EU sourcing only); governance wgi of 2020. More."


@given(st.floats(0.001, 1000))
def test_the_unit_of_the_amounts_does_not_matter(scale):
    other = supply({code: stated(one.value * scale) for code, one in WORLD.amounts.items()}, WORLD.trade)

    assert risk(other).risk.value == pytest.approx(risk(WORLD).risk.value)


def test_a_lump_counts_for_nothing_at_the_least_and_as_one_country_of_the_worst_governance_at_the_most():
    """By hand: 50 China, 50 others: 0.25 * 6 * 1.1 = 1.65 at the least, and 0.25 * 10 * 1.1 = 2.75 more at the most."""
    found = risk(supply({"CHN": stated(50), "OTH": stated(50)}, {"CHN": 1.1}))

    assert (found.risk.low, found.risk.high) == (pytest.approx(1.65), pytest.approx(4.4))


def test_a_country_without_a_score_is_anything_from_best_to_worst():
    """By hand: 0.25 * 2 = 0.5, and 0.25 * 10 = 2.5 more at the most."""
    found = risk(supply({"AUS": stated(1), "ATA": stated(1)}))

    assert (found.risk.low, found.risk.high) == (pytest.approx(0.5), pytest.approx(3))


def test_a_withheld_amount_leaves_limits():
    """By hand: Australia has 1, China w: (2 + 6 w^2) / (1 + w)^2 is least at w = 1/3: (8/3) / (16/9) = 1.5; most 6."""
    found = risk(supply({"AUS": stated(1), "CHN": unknown("TNE")}))

    assert (found.risk.low, found.risk.high) == (pytest.approx(1.5), pytest.approx(6))


LIMIT = st.tuples(st.integers(0, 5), st.integers(0, 4)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(LIMIT, st.integers(0, 4)), min_size=1, max_size=4))
def test_weighted_squares_of_all_whole_amounts_are_within_the_limits_and_reach_the_upper_one(case):
    limits, weights = [one for one, _ in case], np.array([float(weight) for _, weight in case])
    points = [np.array(one) for one in itertools.product(*(range(a, b + 1) for a, b in limits)) if sum(one)]
    if not points:
        return
    low, high = (np.array(side, dtype=float) for side in zip(*limits, strict=True))
    values = [float((weights * one**2).sum() / one.sum() ** 2) for one in points]

    assert weighted.most(weights, low, high) == (pytest.approx(max(values)), True)
    assert weighted.least(weights, low, high) <= min(values) + 1e-9


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 5), st.floats(0.1, 4), st.floats(0.1, 8)), min_size=2, max_size=4),
)
def test_the_least_weighted_squares_are_where_a_general_optimiser_ends(case):
    """A second route: sequential quadratic programming from the middle; the function has one least only."""
    low = np.array([one[0] for one in case])
    high = low + np.array([one[1] for one in case])
    weights = np.array([one[2] for one in case])

    def value(q):
        return float((weights * q**2).sum() / q.sum() ** 2)

    end = minimize(value, (low + high) / 2, method="SLSQP", bounds=list(zip(low, high, strict=True)), tol=1e-13)

    assert weighted.least(weights, low, high) == pytest.approx(value(np.clip(end.x, low, high)), rel=1e-5)


def test_the_most_beyond_the_corners_that_are_visited_is_an_outer_limit():
    weights, low, high = np.full(20, 3.0), np.full(20, 1.0), np.full(20, 2.0)

    found, exact = weighted.most(weights, low, high)

    assert not exact
    assert 3 * 24 / 22**2 <= found <= 3


def test_a_supply_with_many_uncertain_amounts_says_that_its_upper_limit_is_an_outer_one():
    codes = [f"{first}{second}Z" for first in "ABCD" for second in "ABCDE"]

    found = risk(supply({code: between(1, 2) for code in codes}))

    assert not found.exact
    assert "outer" in found.indicator().note
    assert "outer" not in risk(WORLD).indicator().note


@needs_cases
def test_cobalt_extraction_of_the_2023_study_comes_out_within_a_tenth():
    """Published: 2.8. The governance here is the latest and not the study's 2016-2020: 2.818."""
    case = json.loads((EU2023 / "input_cobalt_extraction.json").read_text(encoding="utf-8"))
    row = study.published()["cobalt", "extraction"]
    trade = {
        one.country: float(one.parameter)
        for one in study.trade_parameters()
        if (one.material, one.stage, one.supply) == ("cobalt", "extraction", "global")
    }

    found = supply_risk(
        global_supply=supply({code: stated(share) for code, share in case["shares_2016_2020"].items()}, trade),
        eu_sourcing=None,
        import_reliance_percent=None,
        recycling_percent=float(row.recycling_percent),
        substitution=float(row.si_sr),
        governance=shipped_scores(SHIPPED[0]),
        year="2015-2024",
    )

    assert (row.scope, row.supply_risk) == ("GS", Decimal("2.8"))
    assert found.risk.value == pytest.approx(case["published_sr"], abs=0.1)
    assert found.risk.value == pytest.approx(2.818, abs=5e-4)


@needs_cases
def test_the_shipped_tables_are_what_the_importers_make_of_the_copy_of_the_study():
    results = study.import_results((EU2023 / "eu_crm2023_results_subset.csv").read_text(encoding="utf-8"))
    trade = study.import_trade_parameters(
        (EU2023 / "eu_crm2023_trade_parameters_sb_cu_co.csv").read_text(encoding="utf-8")
    )
    folder = resources.files("lodeline.world") / "tables"

    assert tidy.text_of(study.COLUMNS, results) == (folder / "supply_risk_eu_2023.csv").read_text(encoding="utf-8")
    assert tidy.text_of(study.TRADE_COLUMNS, trade) == (folder / "supply_risk_trade_2023.csv").read_text(
        encoding="utf-8"
    )


def test_the_study_has_forty_materials_and_the_wrong_recycling_rates_of_its_copy_are_put_right():
    rows = study.published()

    assert len({material for material, _ in rows}) == 40
    assert [rows[name, "processing"].recycling_percent for name in ("yttrium", "terbium")] == [31, 6]
    assert "copy" in rows["yttrium", "processing"].note
    assert sum(row.used == "yes" for row in rows.values()) == 40


def test_the_used_stage_has_the_risk_of_the_material_to_the_last_digit_that_is_given():
    far = [
        key
        for key, row in study.published().items()
        if row.used == "yes" and row.supply_risk is not None and abs(row.supply_risk - row.overall) > Decimal("0.05")
    ]

    assert far == []


RESULTS = (
    "material,supply_risk,economic_importance,stage_used,supply_scope_primary,sr_primary,supply_scope_refined,"
    "sr_refined,si_ei,si_sr,import_reliance_primary_pct,import_reliance_refined_pct,eol_rir_pct\n"
    "Natural graphite,1.8,3.4,Extraction,GSonly,1.8,,,0.97,0.98,99,,3\n"
)


def test_a_stage_that_the_study_has_nothing_on_is_left_out_and_a_rate_that_is_not_given_is_unknown():
    (row,) = study.import_results(RESULTS.replace(",99,,3", ",,,"))

    assert (row.material, row.stage, row.scope, row.supply_risk) == (
        "natural-graphite",
        "extraction",
        "GS",
        Decimal("1.8"),
    )
    assert row.import_reliance_percent is row.recycling_percent is None


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (study.import_results, "material\nX\n", "world.supply_risk_layout"),
        (study.import_results, RESULTS.replace("1.8", "high"), "world.not_a_number"),
        (study.import_trade_parameters, "material,t\nX,1\n", "world.supply_risk_layout"),
        (
            study.import_trade_parameters,
            "material,country,t,category,scope\nCopper,China,,primary,world\n",
            "world.supply_risk_layout",
        ),
        (
            study.import_trade_parameters,
            "material,country,t,category,scope\nCopper,Atlantis,1.1,primary,world\n",
            "world.country_unknown",
        ),
        (study.parse_published, "edition\neu\n", "world.column_missing"),
    ],
)
def test_what_is_not_such_a_file_is_refused(read, text, code):
    with pytest.raises(InputError) as refused:
        list(read(text))

    assert refused.value.code == code


FILE = """
material = "made up"
stage = "extraction"
source = "a test"
recycling_percent = 25
substitution = 0.9
import_reliance_percent = 60

[global.amounts]
CHN = 80
AUS = 20

[global.trade]
CHN = 1.1
other = 1

[eu.amounts]
AUS = 1
COD = 1

[eu.trade]
other = 1
"""


def test_a_file_of_inputs_gives_the_same_as_the_same_inputs_typed(tmp_path):
    path = tmp_path / "risk.toml"
    path.write_text(FILE, encoding="utf-8")

    found = read_risk_file(path).risk(GOVERNANCE, "2020")

    assert found.risk.value == pytest.approx(3.0412 * 0.675)
    assert "a test:made up:extraction:global:CHN" in found.risk.rests_on


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("recycling_percent = 25\n", "", "world.supply_risk_file"),
        ("recycling_percent = 25", "recycled = 25", "world.supply_risk_file"),
        ("recycling_percent = 25", "recycling_percent = ", "world.supply_risk_file"),
        ("CHN = 1.1\nother = 1", "CHN = 1.1", "world.supply_risk_file"),
        ("CHN = 80", "CN = 80", "world.country_unknown"),
    ],
)
def test_a_file_of_another_form_is_refused(old, new, code):
    with pytest.raises(InputError) as refused:
        parse_risk(FILE.replace(old, new))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("recycling_percent = 25", "recycling_percent = 125", "world.supply_risk_range"),
        ("substitution = 0.9", "substitution = 9", "world.supply_risk_range"),
        ("import_reliance_percent = 60", "import_reliance_percent = -1", "world.supply_risk_range"),
        ("CHN = 1.1", "CHN = 0", "world.supply_risk_range"),
        ("CHN = 80\nAUS = 20", "CHN = 0\nAUS = 0", "world.supply_risk_range"),
        ("CHN = 80", "CHN = -80", "world.supply_risk_range"),
        ("import_reliance_percent = 60\n", "", "world.supply_risk_parts"),
    ],
)
def test_inputs_that_cannot_be_are_refused(old, new, code):
    with pytest.raises(InputError) as refused:
        parse_risk(FILE.replace(old, new)).risk(GOVERNANCE, "2020")

    assert refused.value.code == code


def test_no_supply_at_all_and_a_file_that_is_not_there_or_not_text_are_refused(tmp_path):
    (tmp_path / "bad.toml").write_bytes(b"\xff")

    with pytest.raises(InputError) as refused:
        risk()
    assert refused.value.code == "world.supply_risk_parts"
    with pytest.raises(NotFoundError):
        read_risk_file(tmp_path / "none.toml")
    with pytest.raises(InputError):
        read_risk_file(tmp_path / "bad.toml")


def asked(rows=None, **changes) -> Question:
    given_ = {"commodity": "antimony", "country": "USA", "year": "2024"} | changes
    return Question(table=shipped() if rows is None else table(rows), **given_)


def test_the_published_figure_of_antimony_is_1_8_and_names_its_stage():
    found = eu_supply_risk_published(asked())

    assert (found.figure.value, found.figure.standing, found.editions) == (1.8, "stated", ("eu-crm-2023",))
    assert "extraction" in found.note


def test_the_computed_figure_of_antimony_names_every_edition_and_what_was_published():
    found = eu_supply_risk(asked())

    assert found.figure.value is not None
    assert found.editions == ("usgs-mcs-2026", "eu-crm-2023", "wgi-mean-of-six-2015-2024")
    assert "Published there: 1.8" in found.note
    assert any(key.startswith("usgs-mcs-2026:antimony:CHN") for key in found.inputs)


def test_a_test_edition_in_which_all_antimony_is_chinese_has_a_higher_risk():
    rows = [
        msgspec.structs.replace(row, value=row.value * 100)
        if (row.country, row.measure) == ("CHN", "mine-production") and row.value is not None
        else row
        for row in shipped().rows
    ]

    assert eu_supply_risk(asked(rows)).figure.value > eu_supply_risk(asked()).figure.value


def test_a_commodity_that_the_study_does_not_have_is_not_answered():
    assert eu_supply_risk(asked(commodity="rare-earths")) is None
    assert eu_supply_risk_published(asked(commodity="rare-earths")) is None
    assert eu_supply_risk_published(asked(stage="smelted")) is None


HEAVY = (
    "dysprosium",
    "erbium",
    "europium",
    "gadolinium",
    "holmium",
    "lutetium",
    "terbium",
    "thulium",
    "ytterbium",
    "yttrium",
)


def supply_of(row: study.Published, recycling: float) -> tuple[float, float]:
    """The bracket of the formula that a published risk leaves, by what the printed digits of all three allow."""
    risk_, si = float(row.supply_risk), float(row.si_sr)
    least = (risk_ - 0.05) / ((1 - (recycling - 0.5) / 100) * min(1.0, si + 0.005))
    most = (risk_ + 0.05) / ((1 - (recycling + 0.5) / 100) * (si - 0.005))
    return least, most


def test_ten_heavy_rare_earths_that_are_refined_together_leave_one_supply_behind_their_ten_risks():
    """Global supply only, and the same refineries: risk / ((1 - EoL_RIR) SI_SR) is one number, to printed digits."""
    rows = [study.published()[name, "processing"] for name in HEAVY]
    limits = [supply_of(row, float(row.recycling_percent)) for row in rows]
    low, high = max(low for low, _ in limits), min(high for _, high in limits)

    assert {row.scope for row in rows} == {"GS"}
    assert 5.6 < low < high < 5.8


def test_the_recycling_rates_of_the_copy_do_not_fit_that_supply_and_those_put_in_their_place_do():
    others = [name for name in HEAVY if name not in study.corrections()]
    low = max(supply_of(study.published()[name, "processing"], 1)[0] for name in others)
    high = min(supply_of(study.published()[name, "processing"], 1)[1] for name in others)

    for name, (read, right) in study.corrections().items():
        row = study.published()[name, "processing"]
        wrong, mended = supply_of(row, float(read)), supply_of(row, float(right))
        assert not (wrong[0] < high and wrong[1] > low), name
        assert mended[0] < high, name
        assert mended[1] > low, name
