"""World Governance Indicators: both layouts, the odd names one by one, and what a missing score is."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError, NotFoundError
from lodeline.world.governance.score import (
    SHIPPED,
    Score,
    parse_scores,
    read_scores,
    scores,
    scores_csv,
    scores_named,
    scores_of,
    shipped_scores,
)
from lodeline.world.governance.wgi import is_wgi, parse_wgi
from lodeline.world.statistics.importers import import_file
from lodeline.world.statistics.shelf import put
from tests.outside import DATA, needs_data

MEANS = "iso2,wgi_mean_of_six\nPK,-0.9\nUS,1.061\nXK,-0.108\n"
STABILITY = (
    "Country/Territory,Code,1996,2022,country_code\n"
    "Pakistan,PAK,-1.1,-1.9,586\n"
    '"Taiwan, China",TWN,nan,1.1,NA\n'
    "Netherlands Antilles (...2010),ANT,0.5,nan,530\n"
    '"Europe EFTA, nes",R20,nan,-0.25,697\n'
    "US Misc. Pacific Isds,PUS,nan,1.62,849\n"
    "Guyana,GUY,0.04,0.33,328\n"
    "Guyana,GUY,-0.27,0.33,328\n"
)
NAME = "wgi_mean_of_six_2015_2024.csv"


def test_the_mean_of_six_is_one_row_a_country_over_the_years_that_the_name_says():
    rows = parse_wgi(MEANS, name=NAME)

    assert [(row.country, str(row.value)) for row in rows] == [("PAK", "-0.9"), ("USA", "1.061"), ("XKX", "-0.108")]
    assert {(row.edition, row.indicator, row.year) for row in rows} == {
        ("wgi-mean-of-six-2015-2024", "mean-of-six", "2015-2024")
    }
    assert all("CC BY 4.0" in row.source for row in rows)


def test_political_stability_is_one_row_a_country_and_year():
    rows = parse_wgi(STABILITY, name="any.csv")

    assert rows[1] == Score(
        edition="wgi-political-stability-1996-2022",
        indicator="political-stability",
        country="PAK",
        year="2022",
        value=rows[1].value,
        published="-1.9",
        source=rows[1].source,
    )
    assert [row.year for row in rows[:4]] == ["1996", "2022", "1996", "2022"]


@pytest.mark.parametrize("country", ["TWN", "ANT", "R20", "PUS"])
def test_what_iso_does_not_list_is_known_by_its_name(country):
    assert country in {row.country for row in parse_wgi(STABILITY, name="any.csv")}


def test_nan_is_unknown_and_never_zero():
    table = scores(parse_wgi(STABILITY, name="any.csv"))

    found = table.of("TWN", "1996")

    assert (found.standing, found.value) == ("unknown", None)
    assert found.rests_on == ("wgi-political-stability-1996-2022:TWN:1996",)
    assert "not in this edition" in found.settle[0].detail


def test_two_scores_of_one_country_and_year_are_unknown_unless_they_agree():
    """The publisher's file has two lines for Guyana; which of them is Guyana stands nowhere."""
    table = scores(parse_wgi(STABILITY, name="any.csv"))

    assert table.by_key["wgi-political-stability-1996-2022:GUY:1996"].published == "0.04 | -0.27"
    assert table.of("GUY", "1996").standing == "unknown"
    assert table.of("GUY", "2022").value == pytest.approx(0.33)


def test_a_country_that_is_not_there_is_unknown():
    assert scores(parse_wgi(MEANS, name=NAME)).of("ATA", "2015-2024").standing == "unknown"


def test_the_year_for_another_is_the_newest_that_is_not_after_it():
    table = scores(parse_wgi(STABILITY, name="any.csv"))

    assert [table.year_for(year) for year in ("1990", "1996", "2000", "2022", "2024")] == [
        "1996",
        "1996",
        "1996",
        "2022",
        "2022",
    ]


def test_tidy_text_comes_back_the_same():
    rows = parse_wgi(STABILITY, name="any.csv")

    assert parse_scores(scores_csv(rows)).rows == rows


@given(st.floats(-3, 3).map(lambda number: f"{number:.6f}"))
def test_every_digit_is_kept(number):
    (row,) = parse_wgi(f"iso2,wgi_mean_of_six\nPK,{number}\n", name=NAME)

    assert f"{row.value:f}" == number == row.published


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("a,b\n1,2\n", NAME, "world.wgi_layout"),
        ("Country/Territory,Code,country_code\nPakistan,PAK,586\n", NAME, "world.wgi_layout"),
        (MEANS, "wgi.csv", "world.wgi_edition"),
        ("iso2,wgi_mean_of_six\n", NAME, "world.wgi_no_rows"),
        ("iso2,wgi_mean_of_six\nPK,high\n", NAME, "world.wgi_value"),
        ("iso2,wgi_mean_of_six\nPK,inf\n", NAME, "world.wgi_value"),
        ("iso2,wgi_mean_of_six\nQQ,1\n", NAME, "world.country_unknown"),
        (STABILITY.replace("PAK", "QQQ"), NAME, "world.country_unknown"),
    ],
)
def test_what_is_not_such_a_file_is_refused(text, name, code):
    with pytest.raises(InputError) as refused:
        parse_wgi(text, name=name)

    assert refused.value.code == code


def test_a_file_is_known_by_its_head():
    assert is_wgi("iso2,wgi_mean_of_six\n")
    assert is_wgi("\ufeffCountry/Territory,Code,1996\r\n")
    assert not is_wgi("t,i,j,k,v,q\n")


def test_a_file_in_either_form_is_read_and_one_that_is_not_there_or_not_text_is_refused(tmp_path):
    raw, tidy = tmp_path / NAME, tmp_path / "tidy.csv"
    raw.write_text(MEANS, encoding="utf-8")
    tidy.write_text(scores_csv(parse_wgi(MEANS, name=NAME)), encoding="utf-8")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe")

    assert read_scores(raw) == read_scores(tidy)
    with pytest.raises(NotFoundError):
        read_scores(tmp_path / "none.csv")
    with pytest.raises(InputError):
        read_scores(tmp_path / "bad.csv")
    with pytest.raises(NotFoundError):
        shipped_scores("none")


def test_the_shipped_tables_know_pakistan_and_the_united_states():
    mean, stability = (shipped_scores(name) for name in SHIPPED)

    assert mean.of("PAK", "2015-2024").value < mean.of("USA", "2015-2024").value
    assert stability.of("PAK", "2022").value < stability.of("USA", "2022").value
    assert stability.of("GUY", "2022").standing == "unknown"


def test_a_file_of_scores_is_imported_by_its_head_whatever_form_it_has(tmp_path):
    raw, tidy = tmp_path / NAME, tmp_path / "tidy.csv"
    raw.write_text(MEANS.replace("1.061", "nan"), encoding="utf-8")

    first = import_file(raw)
    tidy.write_text(first.text, encoding="utf-8")

    assert (first.what, first.edition, first.figures) == ("governance", "wgi-mean-of-six-2015-2024", 3)
    assert (first.about, first.unknown) == (("mean-of-six",), {"no score": 1})
    assert import_file(tidy) == first


def test_scores_are_found_on_the_shelf_then_among_the_shipped_then_as_a_file(tmp_path):
    """An imported edition goes before the shipped one of its name."""
    shelf, raw = tmp_path / "shelf", tmp_path / NAME
    raw.write_text(MEANS, encoding="utf-8")
    taken = import_file(raw)

    shipped = scores_named("wgi_mean_of_six_2015_2024", at=shelf)

    assert shipped == shipped_scores(SHIPPED[0])
    put(taken.name, taken.text.replace("1.061", "2"), into=shelf, replace=True)

    assert scores_named("wgi-mean-of-six-2015-2024", at=shelf).of("USA", "2015-2024").value == 2
    assert scores_named(raw, at=shelf).of("USA", "2015-2024").value == pytest.approx(1.061)


def test_scores_that_nobody_has_are_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(NotFoundError) as refused:
        scores_named("wgi-mean-of-sex-2015-2024", at=tmp_path)
    with pytest.raises(NotFoundError) as missing:
        scores_of("rule-of-law")

    assert refused.value.code == missing.value.code == "world.governance_unknown"
    assert "wgi-mean-of-six-2015-2024" in refused.value.sentence


@needs_data
@pytest.mark.parametrize(
    ("shipped", "published"),
    [
        (SHIPPED[0], "wgi_mean_of_six_latest_2015_2024.csv"),
        (SHIPPED[1], "wgi_political_stability_estimate_1996_2022.csv"),
    ],
)
def test_the_shipped_tables_are_what_the_importer_makes_of_the_publishers_files(shipped, published):
    made = scores_csv(read_scores(DATA / "wgi" / published).rows)

    assert made == (resources.files("lodeline.world") / "tables" / f"{shipped}.csv").read_text(encoding="utf-8")
