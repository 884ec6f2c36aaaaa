"""``lodeline world stress``: presets, a scenario of one's own, CSV, JSON, facts beside predictions, wrong calls."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import msgspec

from lodeline.world.stress.answer import Stress
from lodeline.world.stress.picture import backtest_picture
from tests.world.test_stress import TEXT

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "stress-antimony-backtest.svg"
OWN = TEXT.replace('national_year = "2023"', 'national_year = "2024"\nfollows = "USA"')


def test_the_scenarios_that_come_along_are_listed(lodeline):
    table, plain = (
        lodeline("world", "stress", "--list"),
        json.loads(lodeline("world", "stress", "--list", "--json").out),
    )

    assert "karachi-closed" in table.out
    assert [one["preset"] for one in plain] == [
        "antimony-licence-delay",
        "antimony-stores-after-the-fact",
        "chile-cathodes",
        "china-antimony-ban-2024",
        "karachi-closed",
    ]


def test_the_back_test_and_its_picture_are_what_the_documentation_shows(lodeline):
    ran = lodeline("world", "stress", "--preset", "china-antimony-ban-2024", "--json")
    found = msgspec.json.decode(ran.out, type=Stress)

    assert [one.inside for one in found.facts] == [False] * 6
    assert found.editions == ("baci-hs17-v202601", "usgs-mcs-2026", "usgs-mcs-2025")
    title = "Antimony in the United States: what was predicted, and what happened"
    assert PICTURE.read_text(encoding="utf-8") == backtest_picture(title, found)


def test_a_model_that_only_removes_the_share_fails_by_more(lodeline):
    ran = lodeline("world", "stress", "--preset", "china-antimony-ban-2024", "--samples", 40, "--json")
    found = msgspec.json.decode(ran.out, type=Stress)

    for one in found.facts:
        if one.quantity == "imports":
            assert one.naive < one.predicted.low < one.base < one.fact


def test_the_same_seed_says_the_same_and_another_something_else(lodeline, tmp_path):
    (tmp_path / "own.toml").write_text(OWN)
    asked = ("world", "stress", "own.toml", "--samples", 20, "--csv", "--seed")

    first, again, other = (lodeline(*asked, seed).out for seed in (3, 3, 4))

    assert first == again != other
    rows = list(csv.DictReader(io.StringIO(first)))
    (price,) = [row for row in rows if row["quantity"] == "price-factor"]
    assert 1 < float(price["low"]) < float(price["middle"]) < float(price["high"])


def test_an_edition_that_is_named_is_the_one_that_answers(lodeline, tmp_path):
    (tmp_path / "own.toml").write_text(OWN)

    good = lodeline("world", "stress", "own.toml", "--samples", 2, "--edition", "usgs-mcs-2026", "--json")
    lacking = lodeline("world", "stress", "own.toml", "--samples", 2, "--edition", "usgs-mcs-2025")

    assert json.loads(good.out)["editions"] == ["baci-hs17-v202601", "usgs-mcs-2026"]
    assert (lacking.code, "world.stress_base_missing" in lacking.err) == (3, True)


def test_parameters_are_printed_with_their_sources(lodeline):
    table = lodeline("world", "stress", "--parameters").out
    plain = json.loads(lodeline("world", "stress", "--parameters", "--json").out)

    assert "quoted from memory, not read again" in table
    assert plain["stock_months"]["source"][0]["read"] is True


def test_wrong_calls_say_what_to_do(lodeline, tmp_path):
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")

    for arguments, code, words in (
        ((), 2, "Name a scenario"),
        (("own.toml", "--preset", "karachi-closed"), 2, "Name a scenario"),
        (("own.toml", "--csv", "--json"), 2, "not both"),
        (("own.toml",), 2, "world.stress_scenario"),
        (("none.toml",), 3, "world.stress_no_file"),
        (("--preset", "karachi"), 3, "did you mean karachi-closed"),
        (("--preset", "karachi-closed", "--samples", 0), 2, "world.stress_samples"),
    ):
        ran = lodeline("world", "stress", *arguments)
        assert (ran.code, ran.out, words in ran.err) == (code, "", True), (arguments, ran.err)
