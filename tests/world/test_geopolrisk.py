"""GeoPolRisk: by hand, against the published workbook to its last digit, and with limits."""

from __future__ import annotations

import csv
import itertools
from decimal import Decimal

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.units.figure import Figure, unknown
from lodeline.world.dependence.geopolrisk import Import, geopolrisk, instability, references
from lodeline.world.governance.score import SHIPPED, Score, scores, shipped_scores
from lodeline.world.trade.baci import NUMBERED
from tests.outside import CASES, needs_cases

WORKBOOK = CASES / "world" / "geopolrisk"


def tonnes(value: float) -> Figure:
    return Figure(value=value, unit="TNE", standing="stated", rests_on=(f"row:{value:g}",))


def between(low: float | None, high: float | None) -> Figure:
    return Figure(value=None, low=low, high=high, unit="TNE", standing="bounded")


STABILITY = scores(
    Score(
        edition="wgi",
        indicator="political-stability",
        country=country,
        year="2022",
        value=None if value is None else Decimal(value),
        published=value or "nan",
        source="made up for a test",
    )
    for country, value in (("CHN", "-0.5"), ("AUS", "1"), ("COD", "-2"), ("QQQ", None))
)
WORLD = {"CHN": tonnes(60), "AUS": tonnes(40)}
BOUGHT = (Import(country="CHN", tonnes=tonnes(30), kusd=120.0), Import(country="AUS", tonnes=tonnes(10), kusd=40.0))
COPPER = Figure(value=0.4, unit="USD/KGM", standing="stated", rests_on=("copper",))


def risk(imports=BOUGHT, domestic=None, production=None, copper=COPPER):
    return geopolrisk(
        production=production or WORLD,
        domestic=tonnes(10) if domestic is None else domestic,
        imports=imports,
        stability=STABILITY,
        year="2022",
        copper=copper,
    )


def test_instability_is_a_half_for_mean_stability_and_grows_as_that_falls():
    assert [instability(score) for score in (2.5, 0, -2.5)] == [0, 0.5, 1]


def test_every_step_by_hand():
    """g is 0.6 and 0.3, so 30 and 10 t are 18 + 3 = 21 at risk; of 40 imported and 10 made at home: 0.42.

    The index is 0.36 + 0.16 = 0.52, the score 0.2184; 160,000 dollars for 40 t are 4 dollars a kilogram.
    """
    found = risk()

    assert found.at_risk.value == pytest.approx(21)
    assert found.imported.value == pytest.approx(40)
    assert found.import_risk.value == pytest.approx(0.42)
    assert found.hhi.value == pytest.approx(0.52)
    assert found.score.value == pytest.approx(0.2184)
    assert found.price.value == pytest.approx(4)
    assert found.midpoint.value == pytest.approx(0.8736)
    assert found.potential.value == pytest.approx(2.184)
    assert set(found.score.rests_on) >= {"row:60", "row:30", "wgi:CHN:2022", "row:10"}
    assert "copper" in found.potential.rests_on


def test_more_made_at_home_lowers_the_score_and_nothing_bought_leaves_it_unknown():
    assert risk(domestic=tonnes(40)).score.value < risk().score.value
    assert risk(imports=()).score.standing == "unknown"
    assert risk(imports=(Import(country="CHN", tonnes=tonnes(0), kusd=0.0),)).import_risk.standing == "unknown"


def test_without_a_midpoint_of_copper_there_is_a_score_and_no_potential():
    found = risk(copper=None)

    assert found.score.value is not None
    assert found.potential.standing == "unknown"


def test_an_exporter_without_a_score_is_from_stable_to_unstable():
    """By hand: 30 t at 0.6 and 10 t at 0 to 1, of 50: 18 / 50 to 28 / 50."""
    found = risk((BOUGHT[0], Import(country="QQQ", tonnes=tonnes(10), kusd=40.0)))

    assert (found.import_risk.low, found.import_risk.high) == (pytest.approx(0.36), pytest.approx(0.56))
    assert found.score.settle


def test_a_tonnage_that_is_not_published_is_from_none_on():
    """By hand: 30 t at 0.6, home 10: 0.45 with nothing from Australia (0.3), near 0.3 with endlessly much."""
    found = risk((BOUGHT[0], Import(country="AUS", tonnes=unknown("TNE"), kusd=40.0)))

    assert (found.import_risk.low, found.import_risk.high) == (pytest.approx(0.3), pytest.approx(0.45))
    assert (found.price.low, found.price.high) == (0, pytest.approx(160 / 30))
    assert found.imported.low == pytest.approx(30)


def test_a_world_total_with_a_lump_gives_limits_of_the_score():
    found = risk(production={"CHN": tonnes(60), "OTH": tonnes(40)})

    assert (found.hhi.low, found.hhi.high) == (pytest.approx(0.36), pytest.approx(0.52))
    assert (found.score.low, found.score.high) == (pytest.approx(0.36 * 0.42), pytest.approx(0.52 * 0.42))


def test_home_production_that_is_withheld_leaves_the_risk_between_nothing_and_that_of_the_imports():
    found = risk(domestic=unknown("TNE"))

    assert (found.import_risk.low, found.import_risk.high) == (0, pytest.approx(21 / 40))


AMOUNT = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=100, deadline=None)
@given(st.lists(AMOUNT, min_size=1, max_size=3), AMOUNT)
def test_the_limits_are_those_of_all_corners(limits, home):
    """A fraction of linear functions has its least and its most at corners; all of them are tried here."""
    countries = ("CHN", "AUS", "COD")[: len(limits)]
    if not any(high for _, high in limits):
        return
    g = {"CHN": 0.6, "AUS": 0.3, "COD": 0.9}
    corners = [
        sum(g[code] * amount for code, amount in zip(countries, amounts, strict=True)) / (made + sum(amounts))
        for amounts in itertools.product(*limits)
        for made in home
        if made + sum(amounts)
    ]

    found = risk(
        tuple(
            Import(country=code, tonnes=between(*one), kusd=1.0) for code, one in zip(countries, limits, strict=True)
        ),
        domestic=between(*home),
    ).import_risk

    low, high = (found.value, found.value) if found.value is not None else (found.low, found.high)
    assert (low, high) == (pytest.approx(min(corners), abs=1e-12), pytest.approx(max(corners)))


@given(st.floats(0.01, 1000))
def test_the_unit_of_production_does_not_matter_and_the_price_scales_the_midpoint(scale):
    dearer = tuple(Import(country=one.country, tonnes=one.tonnes, kusd=one.kusd * scale) for one in BOUGHT)
    other = {code: tonnes(one.value * scale) for code, one in WORLD.items()}

    assert risk(production=other).score.value == pytest.approx(risk().score.value)
    assert risk(dearer).midpoint.value == pytest.approx(scale * risk().midpoint.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"domestic": tonnes(-1)},
        {"imports": (Import(country="CHN", tonnes=tonnes(-1), kusd=1.0),)},
        {"imports": (Import(country="CHN", tonnes=tonnes(1), kusd=-1.0),)},
        {"domestic": Figure(value=1.0, unit="KGM", standing="stated")},
        {"copper": unknown("USD/KGM")},
        {"copper": Figure(value=0.0, unit="USD/KGM", standing="stated")},
    ],
)
def test_what_cannot_be_is_refused(changes):
    with pytest.raises(InputError) as refused:
        risk(**changes)

    assert refused.value.code == "world.geopolrisk_range"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((WORKBOOK / name).read_text(encoding="utf-8").splitlines()))


def country_of(number: str) -> str:
    return NUMBERED.get(number) or pycountry.countries.get(numeric=number.zfill(3)).alpha_3


@needs_cases
@pytest.mark.parametrize("material", ["Nickel", "Manganese"])
def test_the_workbook_comes_out_to_its_last_digit_from_the_shipped_governance(material):
    """Every column from HHI to CF, USA 2022; g is computed from the shipped political stability, not read."""
    (expected,) = (row for row in rows("expected_results.csv") if row["Raw Material"] == material)
    produced = {
        row["Country_ISO"]: tonnes(float(row["2022"]))
        for row in rows(f"production_{material.lower()}_2022.csv")
        if row["Country_ISO"] != "DELETE"
    }
    bought = tuple(
        Import(
            country=country_of(row["Exporting Country"]),
            tonnes=tonnes(float(row["Quantity (mTonnes)"])),
            kusd=float(row["Trade Value (1000 USD)"]),
        )
        for row in rows("trade_rows.csv")
        if row["rawMaterial"] == material
    )
    (copper,) = references()

    found = geopolrisk(
        production=produced,
        domestic=produced.get("USA", tonnes(0)),
        imports=bought,
        stability=shipped_scores(SHIPPED[1]),
        year="2022",
        copper=copper.figure,
    )

    for figure, column in (
        (found.hhi, "HHI"),
        (found.domestic, "Domestic Production"),
        (found.at_risk, "Numerator"),
        (found.imported, "Total Trade"),
        (found.import_risk, "Import Risk (WTA)"),
        (found.score, "GeoPolRisk Score"),
        (found.price, "Price"),
        (found.midpoint, "Midpoint"),
        (found.potential, "CF"),
    ):
        assert figure.value == pytest.approx(float(expected[column]), rel=1e-13), column


@needs_cases
def test_the_instability_of_each_exporter_of_the_workbook_is_a_half_less_a_fifth_of_its_stability():
    stability = shipped_scores(SHIPPED[1])

    for row in rows("trade_rows.csv"):
        score = stability.of(country_of(row["Exporting Country"]), "2022")
        assert instability(score.value) == pytest.approx(float(row["WGI"]), abs=1e-14)
