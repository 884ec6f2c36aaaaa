"""``lodeline world claims``: the table, one claim with its working, CSV, JSON, claims of one's own, wrong calls."""

from __future__ import annotations

import csv
import io
import json

import pytest


def test_the_table_has_every_claim_with_its_verdict(lodeline):
    ran = lodeline("world", "claims")
    rows = ran.out.splitlines()[2:-2]

    assert (ran.code, len(rows)) == (0, 33)
    (line,) = [row for row in rows if row.startswith("C15")]
    assert "contradicted" in line
    assert "182.6 billion USD" in line
    assert ran.out.splitlines()[-1] == "33 claims: 1 contradicted, 2 consistent, 30 not checkable"


def test_one_claim_is_shown_with_every_step_and_source(lodeline):
    out = lodeline("world", "claims", "--id", "C15").out

    for text in ("128.5765 (128.085", "copper_value + gold_value", "input:cu_price", "quoted by Dawn"):
        assert text in out


def test_a_price_that_is_set_changes_the_verdict(lodeline):
    ran = lodeline("world", "claims", "--id", "C15", "--set", "cu_price=458", "--json")
    (got,) = json.loads(ran.out)

    assert got["verdict"] == "consistent"
    ranged = lodeline("world", "claims", "--id", "C15", "--set", "cu_price=9000..11000").out
    assert "117.4" in ranged
    assert "144.6" in ranged


def test_csv_and_json_say_the_same_verdicts(lodeline):
    rows = list(csv.DictReader(io.StringIO(lodeline("world", "claims", "--csv").out)))
    plain = json.loads(lodeline("world", "claims", "--json").out)

    assert {row["id"]: row["verdict"] for row in rows} == {one["claim"]["id"]: one["verdict"] for one in plain}
    assert [row["id"] for row in rows if row["value"] == ""] != []


@pytest.mark.parametrize("verdict", ["contradicted", "consistent", "not-checkable"])
def test_only_claims_of_a_verdict_are_shown_when_asked(lodeline, verdict):
    rows = list(csv.DictReader(io.StringIO(lodeline("world", "claims", "--verdict", verdict, "--csv").out)))

    assert rows
    assert {row["verdict"] for row in rows} == {verdict.replace("-", " ")}


def test_the_example_is_a_file_to_start_from_and_own_claims_stand_alone_unless_all_are_asked_for(lodeline, tmp_path):
    (tmp_path / "own.toml").write_text(lodeline("world", "claims", "--example").out)
    own = json.loads(lodeline("world", "claims", "own.toml", "--json").out)
    every = json.loads(lodeline("world", "claims", "own.toml", "--all", "--json").out)
    one = json.loads(lodeline("world", "claims", "own.toml", "--id", "C15", "--json").out)

    assert [judged["claim"]["id"] for judged in own] == ["mine-1"]
    assert len(every) == 34
    assert [judged["claim"]["id"] for judged in one] == ["C15"]


def test_another_table_of_an_edition_moves_the_verdict(lodeline, tmp_path):
    from lodeline.world import shipped
    from lodeline.world.statistics.edition import tidy_csv

    text = tidy_csv(shipped("usgs_mcs_2026").rows)
    line = next(one for one in text.splitlines() if "antimony,Sb,PAK,mine-production,,2024," in one)
    (tmp_path / "other.csv").write_text(text.replace(line, line.replace(",260,", ",300,")))

    (got,) = json.loads(lodeline("world", "claims", "--id", "C09", "--edition", "other.csv", "--json").out)
    assert got["verdict"] == "contradicted"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--csv", "--json"], 2, "not both"),
        (["--set", "cu_price"], 2, "[world.claims_set"),
        (["--set", "cu_price=x"], 2, "[world.claims_set"),
        (["--set", "cu_price=nan"], 2, "[world.claims_set"),
        (["--set", "=1"], 2, "[world.claims_set"),
        (["--set", "cu_pric=1"], 2, "is it cu_price"),
        (["--set", "cu_price=2..1"], 2, "[world.claims_range"),
        (["--set", "cu_price=-5"], 2, "[world.claims_range"),
        (["--set", "cu_price=-5..9000"], 2, "[world.claims_range"),
        (["--id", "C99"], 3, "[world.claims_no_such_claim"),
        (["absent.toml"], 3, "[world.claims_no_such_file"),
        (["--verdict", "true"], 2, "verdict"),
    ],
)
def test_a_wrong_call_is_refused_in_one_sentence(lodeline, arguments, code, says):
    ran = lodeline("world", "claims", *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
