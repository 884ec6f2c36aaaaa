"""``lodeline world import`` and ``editions``, as a user types them."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from lodeline.cli.main import cli
from lodeline.errors import NotFoundError
from lodeline.world.statistics import edition as tables
from tests.world.test_edition import ROW


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LODELINE_EDITIONS", str(tmp_path / "shelf"))

    def call(*words: str) -> str:
        done = CliRunner().invoke(cli, ["world", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return call


def test_an_edition_of_ones_own_is_imported_listed_and_compared(run, tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text(tables.tidy_csv([ROW]), encoding="utf-8")

    first = run("import", str(path))
    again = run("import", str(path))
    listed = json.loads(run("editions", "--json"))
    compared = json.loads(run("editions", "--diff", "x-1", "usgs-mcs-2026", "--commodity", "Sb", "--json"))

    assert "imported into" in first
    assert "known already" in again
    assert [(one["edition"], one["figures"]) for one in listed if one["holds"] == "statistics"] == [
        ("x-1", 1),
        ("usgs-mcs-2026", 8_886),
        ("usgs-mcs-2025", 3_365),
    ]
    # Pakistan mined 260 t by both; every other country is newly told.
    assert {one["kind"] for one in compared["differences"]} == {"newly told"}


def test_the_table_of_differences_says_what_each_edition_says(run):
    text = run("editions", "--diff", "usgs-mcs-2025", "usgs-mcs-2026", "--commodity", "Sb", "--top", "1")
    rows = list(
        csv.DictReader(io.StringIO(run("editions", "--diff", "usgs-mcs-2025", "usgs-mcs-2026", "--csv"))),
    )

    assert "60,000 t" in text
    assert "58 %" in text
    assert "34 %" in text
    assert rows[0]["country"] == "CHN"
    assert rows[0]["new"] == "40000.0"


def test_the_commodities_are_listed_with_what_their_tonnes_count(run):
    rows = {one["commodity"]: one for one in json.loads(run("editions", "--commodities", "--json"))}

    assert (len(rows), rows["antimony"]["basis"], rows["antimony"]["critical"]) == (89, "element", True)
    assert "PLATINUM-GROUP METALS" in run("editions", "--commodities")


@pytest.mark.parametrize(
    "words", [("--csv",), ("--commodity", "Sb"), ("--diff", "usgs-mcs-2025", "usgs-mcs-2026", "--commodities")]
)
def test_options_that_do_not_go_together_are_refused(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch):
    assert CliRunner().invoke(cli, ["world", "editions", *words]).exit_code == 2


def test_an_import_is_reported_for_programs_too(run, tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text(tables.tidy_csv([ROW]), encoding="utf-8")
    told = json.loads(run("import", str(path), "--into", str(tmp_path / "other"), "--json"))

    assert (told["edition"], told["was"], told["figures"]) == ("x-1", "new", 1)
    assert Path(told["file"]).is_file()


def test_two_files_of_one_edition_are_told_apart_and_a_small_share_is_not_nothing(run, tmp_path: Path):
    small = msgspec.structs.replace(ROW, value=Decimal(1))
    large = msgspec.structs.replace(ROW, country="CHN", value=Decimal(9_999))
    for name, made in (("old.csv", 1), ("new.csv", 2)):
        world = msgspec.structs.replace(ROW, country="WLD", value=Decimal(10_000))
        rows = [msgspec.structs.replace(small, value=Decimal(made)), large, world]
        (tmp_path / name).write_text(tables.tidy_csv(rows), encoding="utf-8")

    told = run(
        "editions", "--diff", str(tmp_path / "old.csv"), str(tmp_path / "new.csv"), "--measure", "Mine production"
    )

    assert "old.csv" in told.splitlines()[0]
    assert "new.csv" in told.splitlines()[0]
    assert told.count("under 0.5 %") == 2


def test_a_measure_that_no_edition_has_is_refused_with_the_nearest(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("LODELINE_EDITIONS", str(tmp_path))
    words = ["world", "editions", "--diff", "usgs-mcs-2025", "usgs-mcs-2026", "--measure", "mine"]
    done = CliRunner().invoke(cli, words)

    assert isinstance(done.exception, NotFoundError)
    assert "perhaps mine-production" in str(done.exception)


def test_an_import_says_what_it_is_about(run, tmp_path: Path):
    path = tmp_path / "many.csv"
    path.write_text(tables.tidy_csv([msgspec.structs.replace(ROW, commodity=f"c-{at}") for at in range(13)]), "utf-8")

    assert "on 13 commodities" in run("import", str(path))


@pytest.mark.parametrize(
    "words",
    [
        ("indicators", "Sb", "--importer", "US", "--year", "2024"),
        ("reliance", "Sb"),
        ("dependence", "Sb", "--importer", "US", "--year", "2024"),
        ("effect", "--tonnes", "Sb=260", "--form", "unwrought", "--from", "PK", "--importer", "US"),
        ("claims",),
        ("resources", "--element", "Sb"),
    ],
)
def test_an_edition_that_is_imported_under_the_shipped_name_moves_every_answer(run, tmp_path: Path, words):
    """Ten times of all antimony, by the same name: no command may go on telling the figures that came along."""
    before = run(*words, "--json")
    rows = [
        msgspec.structs.replace(row, value=row.value * (10 if row.country in ("CHN", "PAK") else 3))
        if row.commodity == "antimony" and row.unit == "TNE" and row.value is not None
        else row
        for row in tables.shipped().rows
    ]
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "usgs-mcs-2026.csv").write_text(tables.tidy_csv(rows), encoding="utf-8")

    assert run(*words, "--json") != before
