"""``lodeline world reliance``: what it prints, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import msgspec

from lodeline.world.dependence.reliance_answers import COLUMNS
from lodeline.world.statistics.edition import shipped, tidy_csv


def test_how_many_agree_stands_first_and_every_line_has_a_row(lodeline):
    ran = lodeline("world", "reliance")
    lines = ran.out.splitlines()

    assert ran.code == 0
    assert lines[0] == "usgs-mcs-2026: 527 figures of net import reliance in 107 lines"
    assert lines[1] == "391 of the 401 that its own figures decide agree, 10 differ"
    assert sum(line.startswith(("antimony ", "rare-earths ", "rare-earths-heavy ")) for line in lines) == 4


def test_one_commodity_is_told_by_year_with_its_definition(lodeline):
    ran = lodeline("world", "reliance", "Sb", "--year", "2024")

    assert ran.code == 0
    assert ran.out.splitlines()[4].split() == ["antimony", "2024", "86", "86.3", "86.2", "86.3", "agrees"]
    assert "definition  Notes of both lines: primary production" in ran.out


def test_csv_and_json_hold_every_figure(lodeline):
    table = list(csv.DictReader(io.StringIO(lodeline("world", "reliance", "--csv").out)))
    told = json.loads(lodeline("world", "reliance", "copper", "--json").out)

    assert len(table) == 527
    assert list(table[0]) == list(COLUMNS)
    assert told["counts"]["agrees"] == len(told["rows"]) == 5
    assert told["rows"][0]["reliance"]["computed"]["rests_on"]


def test_an_edition_with_a_changed_figure_moves_the_answer(lodeline, tmp_path):
    """Ten times the exports of antimony oxide in 2024: 450 of 4,368 t."""
    key = "usgs-mcs-2026:antimony:USA:exports:oxide:2024"
    rows = [
        msgspec.structs.replace(row, value=Decimal(26_900), published="26,900") if row.key == key else row
        for row in shipped("usgs_mcs_2026").rows
    ]
    (tmp_path / "changed.csv").write_text(tidy_csv(rows), encoding="utf-8")

    ran = lodeline("world", "reliance", "Sb", "--year", "2024", "--edition", "changed.csv")

    assert ran.code == 0
    assert "10.3 against 86" in ran.out


def test_csv_and_json_together_are_refused(lodeline):
    assert lodeline("world", "reliance", "--csv", "--json").code == 2


def test_a_commodity_or_a_year_that_is_not_there_is_refused_with_its_code(lodeline):
    year, commodity = lodeline("world", "reliance", "--year", "2019"), lodeline("world", "reliance", "antimny")

    assert (year.code, commodity.code) != (0, 0)
    assert "[world.reliance_year" in year.err
    assert "perhaps antimony" in commodity.err


def test_an_edition_imported_under_the_shipped_name_is_the_one_that_is_asked(lodeline, tmp_path, monkeypatch):
    monkeypatch.setenv("LODELINE_EDITIONS", str(tmp_path))
    key = "usgs-mcs-2026:antimony:USA:exports:oxide:2024"
    rows = [
        msgspec.structs.replace(row, value=Decimal(26_900), published="26,900") if row.key == key else row
        for row in shipped("usgs_mcs_2026").rows
    ]
    (tmp_path / "usgs-mcs-2026.csv").write_text(tidy_csv(rows), encoding="utf-8")

    assert "10.3 against 86" in lodeline("world", "reliance", "Sb", "--year", "2024").out
