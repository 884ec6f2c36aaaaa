"""``lodeline world indicators``: what it prints, and how it refuses."""

from __future__ import annotations

import csv
import io
import json

import msgspec

from lodeline.world.statistics.edition import shipped, tidy_csv
from tests.world.test_supply_risk import FILE


def table_of(told: str) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in csv.DictReader(io.StringIO(told))}


def test_every_indicator_of_antimony_has_a_line_and_what_would_settle_more_comes_last(lodeline):
    ran = lodeline("world", "indicators", "Sb", "--importer", "US", "--year", "2024")
    lines = ran.out.splitlines()

    assert ran.code == 0, ran.err
    assert lines[0] == "Antimony, United States, 2024"
    (hhi,) = (line for line in lines if line.startswith("hhi "))
    assert " ".join(hhi.split()) == "hhi 2,645 output: concentration, 10,000 is one country usgs-mcs-2026"
    assert not any(line.startswith("left out") for line in lines)
    assert any(line.startswith("months-of-cover             unknown") for line in lines)
    assert "- United States, stocks of antimony in 2024: not one figure in this edition." in lines


def test_limits_that_are_close_are_told_in_as_many_digits_as_it_takes(lodeline):
    ran = lodeline("world", "indicators", "Nd", "--importer", "United States", "--year", "2024")

    assert "hhi                         5,192.36 to 5,192.43" in ran.out
    assert "eu-supply-risk-published    4.5" in ran.out


def test_csv_and_json_have_method_inputs_and_limits(lodeline):
    rows = table_of(lodeline("world", "indicators", "Sb", "--importer", "USA", "--year", "2024", "--csv").out)
    told = json.loads(lodeline("world", "indicators", "antimony", "--importer", "US", "--json").out)

    assert (round(float(rows["import-hhi"]["low"])), rows["months-of-cover"]["value"]) == (3269, "")
    assert "usgs-mcs-2026:antimony:CHN:mine-production::2024" in rows["hhi"]["inputs"]
    assert all(row["method"] for row in rows.values())
    assert (told["commodity"], told["importer"], told["form"]) == ("antimony", "USA", "unwrought")
    assert [one["name"] for one in told["indicators"]] == list(rows)


def test_another_edition_and_another_stage_move_the_answer(lodeline, tmp_path):
    rows = [
        msgspec.structs.replace(row, value=row.value * 10)
        if (row.commodity, row.country, row.measure) == ("copper", "CHL", "mine-production") and row.value is not None
        else row
        for row in shipped().rows
    ]
    (tmp_path / "mine.csv").write_text(tidy_csv(rows), encoding="utf-8")
    asked = ("world", "indicators", "Cu", "--importer", "US", "--csv")

    plain, other, refined = (
        float(table_of(lodeline(*asked, *more).out)["top-1"]["value"])
        for more in ((), ("--edition", str(tmp_path / "mine.csv")), ("--stage", "refined"))
    )

    assert other > 2 * plain
    assert refined != plain


def test_inputs_of_one_s_own_take_the_place_of_the_edition_s(lodeline, tmp_path):
    path = tmp_path / "risk.toml"
    path.write_text(FILE, encoding="utf-8")

    rows = table_of(lodeline("world", "indicators", "Sb", "--importer", "US", "--inputs", str(path), "--csv").out)

    assert round(float(rows["eu-supply-risk"]["value"]), 2) == 1.99
    assert "made up, extraction; inputs: a test" in rows["eu-supply-risk"]["note"]


def test_governance_of_one_s_own_is_used_and_named(lodeline, tmp_path):
    path = tmp_path / "wgi_mean_of_six_2016_2020.csv"
    path.write_text("iso2,wgi_mean_of_six\nCN,-0.3\nRU,-0.7\n", encoding="utf-8")

    rows = table_of(lodeline("world", "indicators", "Sb", "--importer", "US", "--governance", str(path), "--csv").out)
    refused = lodeline("world", "indicators", "Sb", "--importer", "US", "--governance", "none")

    assert "wgi-mean-of-six-2016-2020" in rows["eu-supply-risk"]["editions"]
    assert (refused.code, "world.governance_unknown" in refused.err) == (3, True)


def test_a_material_that_the_study_used_at_another_stage_is_told_with_that_stage(lodeline):
    rows = table_of(lodeline("world", "indicators", "Pt", "--importer", "US", "--csv").out)

    assert rows["eu-supply-risk-published"]["value"] == "2.1"
    assert rows["eu-supply-risk-published"]["note"].startswith("Of the EU, processing (the stage that the study uses)")


def test_a_stage_that_nobody_reports_leaves_nothing_to_say(lodeline):
    ran = lodeline("world", "indicators", "Pt", "--importer", "DE", "--stage", "smelted")

    assert ran.out.splitlines()[1].startswith("usgs-mcs-2026 has nothing on it")


def test_what_cannot_be_is_refused(lodeline):
    unknown = lodeline("world", "indicators", "antimoni", "--importer", "US")
    year = lodeline("world", "indicators", "Sb", "--importer", "US", "--year", "2031")
    form = lodeline("world", "indicators", "Sb", "--importer", "US", "--form", "ingot")
    both = lodeline("world", "indicators", "Sb", "--importer", "US", "--csv", "--json")

    assert (unknown.code, "world.commodity_unknown" in unknown.err) == (3, True)
    assert (year.code, "world.year_not_at_hand" in year.err) == (3, True)
    assert (form.code, "world.form_unknown" in form.err) == (3, True)
    assert (both.code, "not both" in both.err) == (2, True)


def test_what_has_an_upper_limit_alone_is_not_told_as_nothing(lodeline):
    """By USGS boron is exported on balance: reliance is at most 0, and not 0."""
    ran = lodeline("world", "indicators", "boron", "--importer", "US", "--year", "2024")

    (reliance,) = (line for line in ran.out.splitlines() if line.startswith("net-import-reliance "))
    assert "at most 0" in reliance


def test_a_commodity_that_is_no_element_can_be_asked_beside_a_trade_table(lodeline, tmp_path):
    ran = lodeline("world", "indicators", "cement", "--importer", "Turkey", "--trade", str(tmp_path / "none.csv"))

    assert ran.code == 0, ran.err
    assert ran.out.startswith("Cement, T\N{LATIN SMALL LETTER U WITH DIAERESIS}rkiye")


def test_an_edition_imported_under_the_shipped_name_is_the_one_that_is_asked(lodeline, tmp_path, monkeypatch):
    monkeypatch.setenv("LODELINE_EDITIONS", str(tmp_path))
    asked = ("world", "indicators", "Cu", "--importer", "US", "--csv")
    before = table_of(lodeline(*asked).out)["top-1"]["value"]
    rows = [
        msgspec.structs.replace(row, value=row.value * 10)
        if (row.commodity, row.country, row.measure) == ("copper", "CHL", "mine-production") and row.value is not None
        else row
        for row in shipped().rows
    ]
    (tmp_path / "usgs-mcs-2026.csv").write_text(tidy_csv(rows), encoding="utf-8")

    assert float(table_of(lodeline(*asked).out)["top-1"]["value"]) > 2 * float(before)
