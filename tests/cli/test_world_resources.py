"""``lodeline world resources``: what it prints, as a table, JSON and CSV, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import click
import msgspec
import pytest

from lodeline.cli.commands.world import resources as resources_command
from lodeline.world.statistics.edition import shipped, tidy_csv
from tests.world.small_resources import refused, text

TRACT = """
[tract]
name = "Hills"
source = "a team"
as_of = "2026"
method = "mark3"
at_least = [1, 2, 4]
grade_tonnage = "porphyry-cu-au"
"""
SUPPOSED = """
[[input]]
name = "payable"
element = "Cu"
value = 96.5
unit = "percent"
source = "supposed"
[[input]]
name = "payable"
element = "Au"
value = 97
unit = "percent"
source = "supposed"
"""


def run(capsys, *arguments: object) -> str:
    """What the command prints, called in this process."""
    resources_command.command.main([str(one) for one in arguments], standalone_mode=False)
    return capsys.readouterr().out


def rows(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


@pytest.fixture
def tract(tmp_path):
    path = tmp_path / "tract.toml"
    path.write_text(TRACT, encoding="utf-8")
    return path


def test_the_list_keeps_classes_apart_and_makes_no_number_of_what_is_unclassified(capsys):
    out = run(capsys)
    lines = out.splitlines()

    assert any(line.startswith("reko-diq ") and "probable" in line and "14,600,000" in line for line in lines)
    assert any(line.startswith("krinj ") and "no one number" in line for line in lines)
    assert any("reserves-usgs" in line and "26,000" in line for line in lines)
    assert "6 trillion USD" in out
    assert "No one number follows from that [world.resource_unclassified]" in out
    # Nothing is added up: no line holds the sum of two classes of copper.
    assert f"{14_600_000 + 16_329_325:,}" not in out


def test_a_refused_sum_ends_with_2_and_says_why(lodeline):
    ran = lodeline("world", "resources", "--total", "probable", "--total", "inferred", "--element", "Cu")

    assert ran.code == 2
    assert "are not added, since they are not known in the same way" in ran.err
    assert "world.resource_classes_added" in ran.err


def test_a_sum_within_a_class_names_dates_and_sources(capsys):
    out = run(capsys, "--total", "indicated", "--element", "Cu")

    assert out.startswith("indicated, Cu: 16,329,325 t (15,875,733 to 16,782,918) in reko-diq")
    assert "as of 2022-12-31; stated inclusive of reserves" in out
    assert "source: MQ World" in out
    told = json.loads(run(capsys, "--total", "indicated", "--element", "Cu", "--json"))
    (row,) = rows(run(capsys, "--total", "indicated", "--element", "Cu", "--csv"))
    assert told["resource_class"] == row["class"] == "indicated"
    assert told["figure"]["value"] == float(row["metal_t"])


def test_one_deposit_is_shown_with_its_place(capsys):
    out = run(capsys, "Reko Diq")

    assert "6 of 115" in out
    assert "0.27 g/t" in out
    assert "Barrick's half" in out


def test_the_list_in_json_and_csv(capsys):
    told = json.loads(run(capsys, "--element", "Sb", "--json"))
    table = rows(run(capsys, "--element", "Sb", "--csv"))

    assert [one["deposit"] for one in told["lines"]] == [row["deposit"] for row in table]
    assert [row["value_t"] for row in table if row["resource_class"] == "unclassified"] == ["", "", ""]
    assert told["lines"][0]["figure"] is None


def test_the_ladder_says_what_is_missing_and_what_others_published(capsys):
    out = run(capsys, "reko-diq", "--ladder")

    assert "182.56" in out
    assert "payable Cu, payable Au" in out
    assert "Gross value in the ground is not wealth" in out
    assert "nothing stands in for it" in out
    assert "published, not used: net present value" in out
    assert "ILLUSTRATIVE" not in out


def test_what_is_supposed_is_marked(capsys, tmp_path):
    path = tmp_path / "supposed.toml"
    path.write_text(SUPPOSED, encoding="utf-8")
    out = run(capsys, "reko-diq", "--ladder", "--assume", path)

    assert "payable *" in out
    assert "* ILLUSTRATIVE" in out
    assert "payable Cu (assumed)" in out
    frame = rows(run(capsys, "reko-diq", "--ladder", "--assume", path, "--csv"))
    assert [row["rung"] for row in frame if row["assumed"] == "True"] == ["payable"]


def test_a_file_of_one_s_own_is_a_deposit(capsys, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(text(), encoding="utf-8")
    told = json.loads(run(capsys, path, "--ladder", "--json"))

    assert round(told["rungs"][-1]["figure"]["value"], 2) == 10_217_234.31
    two = tmp_path / "two.toml"
    two.write_text(text() + text().replace('name = "small"', 'name = "other"'), encoding="utf-8")
    with pytest.raises(click.UsageError, match="name it"):
        run(capsys, two, "--ladder")
    assert json.loads(run(capsys, two, "--deposit", "other", "--ladder", "--json"))["deposit"] == "other"


def test_a_bad_file_is_refused_with_file_place_and_remedy(lodeline, tmp_path):
    (tmp_path / "own.toml").write_text(text().replace('"royalty"', '"royalti"'), encoding="utf-8")
    ran = lodeline("world", "resources", "own.toml", "--ladder")

    assert ran.code == 2
    assert "the nearest name is royalty" in ran.err
    assert "file own.toml" in ran.err
    assert "$.deposit[0].input[13].name" in ran.err


def test_a_simulation_needs_a_tract_and_a_seed_and_repeats_itself(capsys, tract):
    with pytest.raises(click.UsageError, match="--tract"):
        run(capsys, "--undiscovered", "--seed", "1")
    with pytest.raises(click.UsageError, match="--seed"):
        run(capsys, "--undiscovered", "--tract", tract)
    options = ("--undiscovered", "--tract", tract, "--seed", "5", "--samples", "2000")
    out = run(capsys, *options)

    assert out == run(capsys, *options)
    assert "none at all with a probability of 0.0667" in out
    assert "ILLUSTRATIVE" not in out
    told = json.loads(run(capsys, *options, "--json"))
    table = rows(run(capsys, *options, "--shape", "lognormal", "--csv"))
    assert told["seed"] == 5
    assert [float(row["q0.5_t"]) for row in table] == [one["quantiles"][3]["tonnes"] for one in told["totals"]]
    assert {row["class"] for row in table} == {"undiscovered"}
    assert "drawn from the table" in run(capsys, *options, "--shape", "drawn")


def test_samples_out_of_range_are_refused(capsys, tract):
    with refused("world.samples"):
        run(capsys, "--undiscovered", "--tract", tract, "--seed", "5", "--samples", "10")


def test_the_host_country_s_part_is_a_range_with_its_sources(capsys):
    out = run(capsys, "--host", "--element", "Cu", "--tonnes", "240000", "--capital", "5.6e9")

    assert "jobs in operation" in out
    assert "Saindak" in out
    assert "would be settled by: The part of the metal that the buyer pays" in out
    told = json.loads(
        run(capsys, "--host", "--element", "Cu", "--tonnes", "240000", "--price", "9000", "--payable", "96", "--json")
    )
    assert told["effects"][0]["figure"]["value"] == pytest.approx(240_000 * 9000 * 0.96)
    table = rows(run(capsys, "--host", "--element", "Cu", "--tonnes", "240000", "--csv"))
    assert {row["operation"] for row in table} >= {"Saindak", "Oyu Tolgoi"}


def test_without_an_operation_the_host_country_s_part_is_unknown(capsys):
    out = run(capsys, "--host", "--element", "Sb", "--tonnes", "260")

    assert "No operation is at hand that mines Sb and publishes its jobs in operation" in out


def test_operations_of_one_s_own_turn_unknown_into_a_range(capsys, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "operation,country,element,measure,low,high,unit,period,note,claim,source\n"
        "Hill,PAK,Sb,output,100,100,t/y,2025,,,a report\nHill,PAK,Sb,jobs-operation,50,60,jobs,2025,,,a report\n",
        encoding="utf-8",
    )
    told = json.loads(run(capsys, "--host", "--element", "Sb", "--tonnes", "260", "--operations", path, "--json"))
    jobs = next(one for one in told["effects"] if one["name"] == "jobs in operation")

    assert (jobs["figure"]["low"], jobs["figure"]["high"]) == pytest.approx((130, 156))
    with refused("world.no_such_resources_file"):
        run(capsys, "--host", "--element", "Sb", "--tonnes", "260", "--operations", tmp_path / "none.csv")


def test_another_edition_moves_reserves_and_prices(capsys, tmp_path):
    from lodeline.world.statistics.edition import shipped, tidy_csv

    rows = [row for row in shipped().rows if row.element == "Sb" and row.measure in ("reserves", "price")]
    changed = tidy_csv(rows).replace(",26000,", ",13000,").replace(",10.24,", ",20.48,")
    path = tmp_path / "edition.csv"
    path.write_text(changed, encoding="utf-8")

    assert "13,000" in run(capsys, "qila-abdullah", "--edition", path)
    host = ("--host", "--element", "Sb", "--tonnes", "100", "--payable", "100", "--json")
    before, after = (
        json.loads(run(capsys, *host, *more))["effects"][0]["figure"]["value"] for more in ((), ("--edition", path))
    )
    assert after == pytest.approx(2 * before)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--csv", "--json"), "not both"),
        (("--ladder", "--host"), "one at a time"),
        (("--ladder",), "name it"),
        (("reko-diq", "--assume", "x.toml"), "--assume goes with --ladder"),
        (("--price", "9000"), "--price goes with --host"),
        (("--seed", "1"), "--seed goes with --undiscovered"),
        (("--host", "--element", "Cu"), "--tonnes"),
        (("--total", "probable"), "--element"),
    ],
)
def test_wrong_use_says_what_to_write(capsys, arguments, word):
    with pytest.raises(click.UsageError, match=word):
        run(capsys, *arguments)


def test_an_unknown_deposit_names_the_nearest(lodeline):
    ran = lodeline("world", "resources", "reko-dik")

    assert ran.code == 3
    assert "the nearest name is reko-diq" in ran.err


def test_foreign_text_cannot_harm_a_terminal(capsys, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(text().replace('title = "Small"', 'title = "Small\\u001b[2J"'), encoding="utf-8")
    out = run(capsys, path, "--ladder")

    assert "\x1b" not in out


def test_a_deposit_that_nothing_is_near_is_refused_with_those_there_are(lodeline):
    ran = lodeline("world", "resources", "saindak")

    assert ran.code == 3
    assert "there are reko-diq, qila-abdullah, krinj" in ran.err
    assert "TOML" in ran.err


def test_a_country_that_is_no_code_is_refused_with_its_place(lodeline, tmp_path):
    (tmp_path / "own.toml").write_text(text().replace('country = "PAK"', 'country = "PK"'), encoding="utf-8")
    ran = lodeline("world", "resources", "own.toml")

    assert (ran.code, "$.deposit[0].country" in ran.err) == (2, True)


def test_the_price_that_an_export_value_was_taken_at_is_told_with_its_row(lodeline):
    """By hand: antimony was 10.24 USD/lb in 2024, which is 22,575 USD/t; of 2025 there is an estimate only."""
    of_edition = lodeline("world", "resources", "--host", "--element", "Sb", "--tonnes", "260")
    typed = lodeline("world", "resources", "--host", "--element", "Sb", "--tonnes", "260", "--price", "50000")

    assert "at 22,600 USD/t, by usgs-mcs-2026:antimony:USA:price:" in of_edition.out
    assert "at 50,000 USD/t, as typed in" in typed.out


def test_reserves_are_those_of_an_edition_imported_under_the_shipped_name(lodeline, tmp_path, monkeypatch):
    monkeypatch.setenv("LODELINE_EDITIONS", str(tmp_path))
    (row,) = shipped().select(commodity="antimony", country="PAK", measure="reserves")
    twice = msgspec.structs.replace(row, value=Decimal(52_000), published="52,000")
    (tmp_path / "usgs-mcs-2026.csv").write_text(tidy_csv([twice]), encoding="utf-8")

    ran = lodeline("world", "resources", "--total", "reserves-usgs", "--element", "Sb")

    assert "reserves-usgs, Sb: 52,000 t in Pakistan" in ran.out
