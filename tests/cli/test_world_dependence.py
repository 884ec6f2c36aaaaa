"""``lodeline world dependence``: what it prints, and its refusals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from lodeline.world.trade.traded import trade_csv
from tests.world.small_trade import shipped


def test_the_sentence_that_matters_comes_first_and_what_is_not_at_hand_last(lodeline):
    ran = lodeline("world", "dependence", "Sb", "--importer", "US", "--year", "2024")

    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith(
        "The United States imported 4,696 t of unwrought antimony in 2024: 32.3 % was shipped by"
    )
    assert "untraced                      54.8 ± 0.1  960      4,351" in lines
    assert "returned: what had been in the United States before." in lines
    assert (
        sum(line.startswith(("untraced: what countries shipped beyond", "±: by how many points")) for line in lines)
        == 2
    )
    assert "- Imports of antimony oxides: give BACI or Comtrade for HS 282580, 2024." in lines
    assert lines[-1] == "Editions: usgs-mcs-2026, baci-hs17-v202601"


def test_words_that_do_not_stand_in_the_table_are_not_explained(lodeline):
    ran = lodeline("world", "dependence", "Nd", "--importer", "US", "--form", "permanent-magnets")

    assert not [line for line in ran.out.splitlines() if line.startswith(("untraced", "returned", "±"))]


def test_csv_has_a_row_a_figure_and_json_is_the_whole_answer(lodeline):
    told = lodeline("world", "dependence", "Cu", "--importer", "US", "--year", "2024", "--form", "cathodes", "--csv")
    rows = list(csv.DictReader(io.StringIO(told.out)))

    chile = next(row for row in rows if (row["country"], row["measure"]) == ("CHL", "traced"))
    assert round(float(chile["value"]), 1) == 71.3
    assert chile["editions"] == "baci-hs17-v202601 usgs-mcs-2026"
    whole = lodeline("world", "dependence", "Cu", "--importer", "US", "--form", "740311", "--json")
    assert json.loads(whole.out)["forms"][0]["trade"]["suppliers"][0]["country"] == "CHL"


def test_magnets_are_shown_by_mass_and_by_value_and_why_they_are_not_traced(lodeline):
    ran = lodeline("world", "dependence", "Nd", "--importer", "US", "--form", "permanent-magnets")

    assert ran.code == 0, ran.err
    assert "direct %  by value %" in ran.out
    assert "Not traced to mines: the code also holds magnets without rare earths" in ran.out


def test_a_trade_table_and_a_content_of_one_s_own_are_taken(lodeline, tmp_path: Path):
    rows = [shipped("IND", "USA", "10"), shipped("TJK", "IND", "20", hs="261710")]
    (tmp_path / "own.csv").write_text(trade_csv(rows))
    ran = lodeline(
        "world", "dependence", "Sb", "--importer", "US", "--form", "unwrought", "--trade", "own.csv", "--content",
        "261710=0.5",
    )  # fmt: skip

    assert ran.code == 0, ran.err
    assert "100 % is traced to mines of Tajikistan" in ran.out


def test_what_cannot_be_is_refused(lodeline):
    unknown = lodeline("world", "dependence", "antimoni", "--importer", "US")
    assert (unknown.code, "world.commodity_unknown" in unknown.err) == (3, True)
    missing = lodeline("world", "dependence", "Sb", "--importer", "US", "--trade", "baci-hs17-v2026")
    assert (missing.code, "world.trade_unknown" in missing.err) == (3, True)
    typed = lodeline("world", "dependence", "Sb", "--importer", "US", "--content", "261710")
    assert (typed.code, "--content 261710=0.5" in typed.err) == (2, True)
    both = lodeline("world", "dependence", "Sb", "--importer", "US", "--csv", "--json")
    assert (both.code, "not both" in both.err) == (2, True)
