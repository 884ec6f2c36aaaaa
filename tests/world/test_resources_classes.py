"""Classes of resources: they are never added, and what nobody classified has no one number."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import LodelineError, NotFoundError
from lodeline.units.figure import Figure
from lodeline.world.resources.classes import CLASSES, UNCLASSIFIED, Contained, within_class
from lodeline.world.resources.deposit import (
    contained_figure,
    lacking,
    named,
    parse_deposits,
    read_deposits,
    settled_by,
    shipped_deposits,
)
from lodeline.world.resources.ladder import ladder_of
from lodeline.world.resources.listing import known_element, listed, of_classes
from lodeline.world.resources.lognormal import LogNormal, of_mean, product
from lodeline.world.resources.national_reserves import national_reserves
from lodeline.world.resources.said_units import UNITS
from lodeline.world.statistics.edition import Row, shipped, table
from tests.outside import DATA, needs_data
from tests.world.small_resources import refused, text

CLASSED = [name for name in CLASSES if name != UNCLASSIFIED]

SMALL = text()
OWN = """
[[deposit]]
name = "hill"
title = "Hill"
country = "PAK"
[[deposit.estimate]]
class = "inferred"
element = "Sb"
ore = { value = 100000, u = 20000, unit = "t" }
grade = { value = 4, u = 1, unit = "percent" }
correlation = -0.5
as_of = "2026-01-31"
source = "a report"
"""


def metal(
    *, resource_class="inferred", element="Sb", deposit="hill", value=10.0, low=None, high=None, **more: str
) -> Contained:
    return Contained(
        element=element,
        resource_class=resource_class,
        figure=Figure(value=value, low=low, high=high, unit="TNE", standing="stated", rests_on=(deposit,)),
        deposits=(deposit,),
        as_of=("2026",),
        sources=("a report",),
        **more,
    )


@pytest.mark.parametrize(("one", "other"), list(combinations(CLASSED, 2)))
def test_no_two_classes_are_ever_added(one, other):
    with refused("world.resource_classes_added") as caught:
        metal(resource_class=one) + metal(resource_class=other, deposit="vale")

    assert one in caught.value.sentence
    assert other in caught.value.sentence


@pytest.mark.parametrize("one", CLASSED)
def test_within_a_class_deposits_are_added_with_dates_and_sources(one):
    found = metal(resource_class=one) + metal(resource_class=one, deposit="vale", value=5.0)

    assert (found.figure.value, found.deposits, found.as_of) == (15.0, ("hill", "vale"), ("2026",))
    assert found.figure.rests_on == ("hill", "vale")
    assert found.sources == ("a report",)


@given(values=st.lists(st.floats(0, 1e9), min_size=1, max_size=6), odd=st.integers(0, 5))
def test_a_class_leaks_into_no_sum_in_whatever_order(values, odd):
    parts = [metal(deposit=f"d{at}", value=value) for at, value in enumerate(values)]

    assert within_class(parts).figure.value == pytest.approx(math.fsum(values))
    assert within_class(parts[::-1]).figure.value == pytest.approx(within_class(parts).figure.value)
    mixed = parts.copy()
    mixed.insert(min(odd, len(parts)), metal(resource_class="indicated", deposit="odd"))
    with refused("world.resource_classes_added"):
        within_class(mixed)


def test_ranges_add_up_and_a_limit_is_not_taken_for_a_value():
    ranged = metal(low=8.0, high=12.0) + metal(deposit="vale", value=5.0)
    half = Contained(
        element="Sb",
        resource_class="inferred",
        figure=Figure(value=None, low=1.0, high=3.0, unit="TNE", standing="bounded"),
        deposits=("moor",),
        as_of=("2026",),
        sources=("another",),
    )

    assert (ranged.figure.low, ranged.figure.value, ranged.figure.high) == (13.0, 15.0, 17.0)
    assert (ranged + half).figure == Figure(
        value=None, low=14.0, high=20.0, unit="TNE", standing="bounded", rests_on=("hill", "vale")
    )


def test_with_an_unknown_part_the_sum_is_at_least_the_others():
    gap = Contained(
        element="Sb", resource_class="inferred", figure=Figure(value=None, unit="TNE", standing="unknown"),
        deposits=("moor",), as_of=("2026",), sources=("another",),
    )  # fmt: skip

    assert (metal() + gap).figure == Figure(value=None, low=10.0, unit="TNE", standing="bounded", rests_on=("hill",))
    assert (metal(low=8.0, high=12.0) + gap).figure.low == 8.0
    nothing = Contained(
        element="Sb", resource_class="inferred", figure=gap.figure, deposits=("fen",), as_of=(), sources=()
    )
    assert (gap + nothing).figure.standing == "unknown"


def test_elements_are_not_added_and_a_deposit_is_not_counted_twice():
    with refused("world.resource_elements_added"):
        metal() + metal(element="Cu", deposit="vale")
    with refused("world.resource_counted_twice"):
        metal() + metal()


def test_of_nothing_there_is_no_sum():
    with refused("world.resources_none"):
        within_class([])


def test_sums_of_inclusive_and_exclusive_resources_are_not_said_to_be_either():
    both = metal(reserves="inclusive") + metal(deposit="vale", reserves="exclusive")

    assert both.reserves == "not stated"
    assert (metal(reserves="inclusive") + metal(deposit="vale", reserves="inclusive")).reserves == "inclusive"


@pytest.mark.parametrize("name", ["qila-abdullah", "krinj", "pakistan-minerals", "madison"])
def test_what_nobody_classified_has_no_one_number_and_says_what_it_needs(name):
    deposit = named(shipped_deposits(), name)
    for estimate in deposit.estimate:
        assert estimate.said
        assert lacking(estimate)
        assert settled_by(deposit, estimate)
        with refused("world.resource_unclassified"):
            deposit.contained(estimate)
    assert all(line.figure is None for line in listed([deposit]).lines if line.resource_class == UNCLASSIFIED)


def test_tonnes_that_a_file_gives_without_a_class_are_no_number_either():
    (deposit,) = parse_deposits(OWN.replace('"inferred"', '"unclassified"'))

    with refused("world.resource_unclassified"):
        contained_figure(deposit, deposit.estimate[0])
    with refused("world.resource_unclassified"):
        deposit.contained(deposit.estimate[0])
    assert listed([deposit]).lines[0].figure is None


@pytest.mark.parametrize(("said", "near"), [("copper", "Cu"), ("Xx", "X"), ("cu", "Cu"), ("antimny", "Sb")])
def test_what_is_no_element_names_the_nearest(said, near):
    with refused("world.resources_element") as caught:
        known_element(said)

    assert near in caught.value.sentence
    assert known_element("Sb") == "Sb"
    assert known_element("NdPr") == "NdPr"
    assert known_element("Sb2O3", parse_deposits(OWN.replace('"Sb"', '"Sb2O3"'))) == "Sb2O3"


def test_what_is_classified_has_a_number():
    deposit = named(shipped_deposits(), "reko-diq")

    assert all(deposit.contained(one).figure.value for one in deposit.estimate)
    assert lacking(deposit.estimate[0]) == ()


def test_half_of_an_owner_is_told_as_the_whole_deposit():
    """By hand: 7.3 Mt are Barrick's half; 18,000 million lb of 0.45359237 kg are 8.165 Mt, twice that is 16.33."""
    deposit = named(shipped_deposits(), "reko-diq")
    tonnes = {(one.resource_class, one.element): contained_figure(deposit, one).value for one in deposit.estimate}

    assert tonnes["probable", "Cu"] == pytest.approx(14.6e6)
    assert tonnes["indicated", "Cu"] == pytest.approx(2 * 18e9 * 0.45359237 / 1000)
    assert tonnes["recoverable", "Au"] == pytest.approx(17.9e6 * 31.1034768e-6)
    assert tonnes["inferred", "Cu"] == pytest.approx(2.9e9 * 0.0035)


def test_a_printed_digit_is_a_range_of_the_product():
    deposit = named(shipped_deposits(), "reko-diq")
    inferred = contained_figure(deposit, deposit.estimate[2])

    assert (inferred.low, inferred.high) == pytest.approx((2.85e9 * 0.00345, 2.95e9 * 0.00355))


def test_contained_metal_of_lognormal_tonnage_and_grade_keeps_their_correlation():
    """By hand: s1^2 = ln 1.04, s2^2 = ln 1.0625, r = -0.5; mean 4,000 times exp(r s1 s2)."""
    (deposit,) = parse_deposits(OWN)
    figure = contained_figure(deposit, deposit.estimate[0])
    s1, s2 = math.sqrt(math.log(1.04)), math.sqrt(math.log(1.0625))
    variance = s1**2 + s2**2 - s1 * s2

    assert figure.value == pytest.approx(4000)
    assert figure.u == pytest.approx(4000 * math.exp(-0.5 * s1 * s2) * math.sqrt(math.expm1(variance)))
    (other,) = parse_deposits(OWN.replace("correlation = -0.5\n", ""))
    assert contained_figure(other, other.estimate[0]).u is None


@given(first=st.floats(0.01, 1), second=st.floats(0.01, 1), correlation=st.floats(-1, 1), scale=st.floats(0.1, 1e6))
def test_a_product_of_lognormals_scales_and_is_widest_where_both_go_together(first, second, correlation, scale):
    one, other = of_mean(10.0, 10 * first), of_mean(0.02, 0.02 * second)
    got = product(one, other, correlation=correlation)
    scaled = product(of_mean(10 * scale, 10 * scale * first), other, correlation=correlation)

    assert scaled.mean == pytest.approx(scale * got.mean)
    assert scaled.log_sd == pytest.approx(got.log_sd)
    assert got.log_sd <= product(one, other, correlation=1).log_sd + 1e-12
    assert of_mean(10.0, 10 * first).mean == pytest.approx(10.0)
    assert of_mean(10.0, 10 * first).sd == pytest.approx(10 * first)
    assert got.part_below(got.quantile(0.3)) == pytest.approx(0.3)


def test_the_product_agrees_with_samples():
    """Second route: a million draws of the pair."""
    chance = np.random.default_rng(11)
    one, other, correlation = LogNormal(2.0, 0.6), LogNormal(-4.0, 0.4), -0.7
    normal = chance.multivariate_normal(
        [one.log_mean, other.log_mean], [[0.36, -0.7 * 0.24], [-0.7 * 0.24, 0.16]], size=1_000_000
    )
    drawn = np.exp(normal.sum(axis=1))
    got = product(one, other, correlation=correlation)

    assert drawn.mean() == pytest.approx(got.mean, rel=3e-3)
    assert drawn.std() == pytest.approx(got.sd, rel=1e-2)


def test_a_correlation_beyond_one_is_refused():
    with refused("world.correlation"):
        product(LogNormal(0, 1), LogNormal(0, 1), correlation=1.1)
    with refused("world.correlation"):
        parse_deposits(OWN.replace("-0.5", "-1.5"))


def test_a_quantity_without_scatter_is_one_value():
    assert LogNormal(math.log(5), 0).part_below(6) == 1.0
    assert LogNormal(math.log(5), 0).part_below(4) == 0.0


def test_a_total_is_of_one_class_over_deposits():
    probable = within_class(of_classes(shipped_deposits(), ["probable"], "Cu"))

    assert probable.figure.value == pytest.approx(14.6e6)
    with refused("world.resource_classes_added"):
        within_class(of_classes(shipped_deposits(), ["probable", "inferred"], "Cu"))
    with refused("world.resource_unclassified"):
        of_classes(shipped_deposits(), [UNCLASSIFIED], "Sb")
    with refused("world.resource_class_unknown") as caught:
        of_classes(shipped_deposits(), ["probble"], "Cu")
    assert "did you mean probable" in caught.value.sentence


def test_national_reserves_are_a_class_of_their_own_and_cite_their_row():
    (pakistan,) = national_reserves(shipped(), country="PAK", element="Sb")

    assert pakistan.resource_class == "reserves-usgs"
    assert pakistan.figure.value == 26_000
    assert pakistan.figure.rests_on[0].startswith("usgs-mcs-2026:antimony:PAK:reserves")
    with refused("world.resource_classes_added"):
        pakistan + metal()
    with refused("world.no_reserves"):
        national_reserves(shipped(), country="PAK", element="Xx")


def test_reserves_of_all_countries_are_at_least_those_that_are_told():
    """The 2026 edition has antimony reserves of Guatemala and others as not available."""
    total = within_class(of_classes(shipped_deposits(), ["reserves-usgs"], "Sb"))

    assert total.figure.standing == "bounded"
    assert any("Guatemala" in act.detail for act in total.figure.settle)
    known = [one for one in national_reserves(shipped(), element="Sb") if one.figure.value is not None]
    assert within_class(known).figure.value == pytest.approx(math.fsum(one.figure.value for one in known))
    assert (total.figure.low, total.figure.high) == (pytest.approx(within_class(known).figure.value), None)


def test_another_edition_moves_the_reserves_in_the_list():
    rows = [row for row in shipped().rows if row.measure == "reserves" and row.element == "Sb"]
    changed = table(
        Row(
            **{name: getattr(row, name) for name in Row.__struct_fields__}
            | {"value": row.value * 2 if row.value else None}
        )
        for row in rows
    )
    deposit = named(shipped_deposits(), "qila-abdullah")
    values = [
        [one.figure.value for one in listed([deposit], edition=edition).lines if one.figure is not None]
        for edition in (shipped(), changed)
    ]

    assert values == [[26_000], [52_000]]


def test_the_list_can_be_of_one_element_and_is_a_table():
    found = listed(shipped_deposits(), "Sb")
    frame = found.table()

    assert {one.element for one in found.lines} == {"Sb", ""}
    assert frame.height == len(found.lines)
    assert frame.filter(frame["resource_class"] == UNCLASSIFIED)["value_t"].null_count() == 3
    assert found.placed == ()
    assert [one.deposit for one in listed(shipped_deposits(), "Au").placed] == ["reko-diq"]


@needs_data
def test_shipped_statements_are_those_of_the_claims():
    import csv

    with (DATA / "claims" / "public_claims.csv").open(encoding="utf-8") as stream:
        claims = {row["claim_id"]: row for row in csv.DictReader(stream)}
    reko_diq = named(shipped_deposits(), "reko-diq")
    said = {one.claim: one for one in (*reko_diq.estimate, *reko_diq.input) if one.claim}

    assert float(claims["C13"]["value"]) == said["C13"].value
    assert float(claims["C14"]["value"]) == said["C14"].value
    assert "9815" in claims["C15"]["statement"]
    assert "3016" in claims["C15"]["statement"]
    for name, claim in (("qila-abdullah", "C11"), ("krinj", "C12"), ("pakistan-minerals", "C08")):
        (estimate,) = named(shipped_deposits(), name).estimate
        assert estimate.claim == claim
        assert claims[claim]["value"] in estimate.said.replace(",", "")
    assert all(one.claim == "C22" for one in named(shipped_deposits(), "madison").estimate)


def test_every_shipped_block_names_its_source_and_date():
    for deposit in shipped_deposits():
        for one in (*deposit.estimate, *deposit.published):
            assert one.source
            assert one.as_of
        assert all(one.source and one.as_of for one in deposit.input)


BAD = [
    ('class = "inferred"', 'class = "infered"', "world.resource_class_unknown", "did you mean inferred"),
    ('element = "Sb"\n', "", "world.resources_field", "which element"),
    ('source = "a report"\n', "", "world.resources_field", "source"),
    ('source = "a report"', 'sauce = "a report"', "world.resources_field", "sauce"),
    ('source = "a report"', 'source = "a report"\nshare = 0', "world.resources_range", "share"),
    ('source = "a report"', 'source = "a report"\nreserves = "maybe"', "world.resources_field", "inclusive"),
    ("u = 20000", "u = nan", "world.resources_range", "u from 0"),
    ("correlation = -0.5", "correlation = nan", "world.correlation", "correlation"),
    ("value = 100000", 'value = "many"', "world.resources_field", "float"),
    ('unit = "t"', 'unit = "mt"', "world.resources_unit", "million t"),
    ("value = 4,", "value = 400,", "world.resources_range", "1 is 100 percent"),
    ("[[deposit]]", "[[deposit]", "world.resources_toml", "TOML"),
    (OWN, "", "world.resources_field", "at least one"),
    (OWN, OWN + OWN, "world.resources_twice", "name them apart"),
    (OWN, OWN + OWN.partition('country = "PAK"\n')[2], "world.resources_twice", "date them apart"),
]


@pytest.mark.parametrize(("good", "bad", "code", "word"), BAD)
def test_a_bad_file_of_deposits_is_refused_with_the_place(good, bad, code, word, tmp_path):
    assert good in OWN
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(good, bad), encoding="utf-8")
    with refused(code) as caught:
        read_deposits(path)

    assert word in str(caught.value)
    assert caught.value.where["file"] == str(path)


@settings(max_examples=150, deadline=None)
@given(
    at=st.integers(0, len(OWN + SMALL)),
    cut=st.integers(0, 12),
    put=st.sampled_from(["", "nan", "-1", "1e400", '"', "[", "\x00"]),
)
def test_a_file_with_a_slip_anywhere_is_read_or_refused_and_never_a_fault(at, cut, put):
    whole = OWN + SMALL
    code = "world.read"
    try:
        for deposit in parse_deposits(whole[:at] + put + whole[at + cut :]):
            ladder_of(deposit)
    except LodelineError as refusal:
        code = refusal.code

    assert code.startswith(("world.", "figure."))


def test_a_good_file_of_deposits_is_read(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")

    assert [one.name for one in read_deposits(path)] == ["hill"]


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    with refused("world.no_such_resources_file"):
        read_deposits(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes('title = "Zürich"'.encode("latin-1"))
    with refused("world.resources_toml"):
        read_deposits(path)


def test_a_name_that_is_not_there_names_the_nearest():
    with refused("world.no_such_deposit") as caught:
        named(shipped_deposits(), "reko-dik")

    assert "reko-diq" in caught.value.sentence
    assert named(shipped_deposits(), "Reko Diq").name == "reko-diq"


def test_units_are_exact_by_definition():
    assert UNITS["mass"]["million lb"] == pytest.approx(453.59237)
    assert UNITS["mass"]["ozt"] == pytest.approx(31.1034768e-6)
    assert UNITS["price"]["USD/lb"] == pytest.approx(2204.6226218)


@pytest.mark.parametrize(
    ("element", "counted"), [("Zr", "ZrO2"), ("Mg", "gross"), ("B", "does not name"), ("Ti", "TiO2")]
)
def test_reserves_that_count_an_oxide_or_an_ore_are_none_of_the_metal(element: str, counted: str):
    """71,790,000 t of zirconium oxide, and of boron the ores of five kinds, were added up as metal."""
    with pytest.raises(NotFoundError) as refusal:
        national_reserves(shipped(), element=element)

    assert refusal.value.code == "world.no_reserves"
    assert counted in str(refusal.value)


def test_reserves_of_iron_are_those_by_iron_content():
    (russia,) = national_reserves(shipped(), country="RUS", element="Fe")
    (row,) = shipped().select(measure="reserves", commodity="iron-ore", country="RUS", form="iron-content")

    assert russia.figure.value == float(row.value or 0)
