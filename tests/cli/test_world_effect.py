"""``lodeline world effect``: what it prints for typed tonnes and for a book, and what it refuses."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lodeline.cli.commands.world import effect as effect_command
from lodeline.examples.programme import programme

SB = ("--tonnes", "Sb=260", "--form", "unwrought", "--from", "PK")


def run(capsys, *arguments):
    """What the command prints, called in this process."""
    effect_command.command.main([str(one) for one in arguments], standalone_mode=False)
    return capsys.readouterr().out


def test_typed_tonnes_are_three_tables_and_the_sentences_under_them(lodeline):
    ran = lodeline("world", "effect", *SB, "--importer", "US")

    assert ran.code == 0, ran.err
    assert "usgs-mcs-2026, baci-hs17-v202601" in ran.out
    for words in ("What it is", "What one percentage point takes", "all imports alike", "nothing: in addition"):
        assert words in ran.out
    assert "is 260 t, 0.909 % of what the United States uses" in ran.out
    assert "a year  Sb       unwrought  imported  refined  260" in ran.out, "element, form and stage"
    assert "China: shipped of this form" in ran.out, "a column says of whom it is"


def test_json_has_every_figure_with_what_it_rests_on(capsys):
    told = json.loads(run(capsys, *SB, "--json"))

    (one,) = told["effects"]
    got = one["removed"][0]["rival_mined"]
    assert got["low"] <= got["value"] <= got["high"]
    assert one["reference"]["origin_output"]["rests_on"] == ["usgs-mcs-2026:antimony:PAK:mine-production::2024"]


def test_csv_has_a_row_for_each_case(capsys):
    rows = list(csv.DictReader(io.StringIO(run(capsys, *SB, "--csv"))))

    assert [row["in_place_of"] for row in rows] == ["rival", "in-proportion", "in-addition"]
    assert float(rows[0]["rival_all_points"]) == pytest.approx(100 * 260 / 28_920)
    assert rows[0]["reliance_t_per_point"] == ""


def test_ore_is_answered_as_it_comes_and_smelted_at_home(capsys):
    out = run(capsys, "--tonnes", "Cu=1,000", "--form", "ore-and-concentrates", "--from", "PK", "--recovery", "0.9")

    assert "as it comes" in out
    assert "smelted at home" in out
    assert "  900  " in out


def test_what_is_alike_in_all_cases_is_one_line(capsys):
    """Nothing removes nothing, whatever it takes the place of."""
    out = run(capsys, "--tonnes", "Sb=0", "--form", "unwrought", "--from", "PK")

    assert out.count("any of these") == 1


def test_a_made_up_book_says_so_first(capsys, tmp_path):
    import lodeline

    path = tmp_path / "programme.db"
    example = programme(200, seed=1)
    with lodeline.create(path, title=example.title, by="clerk") as book:
        example.build(book)
    out = run(capsys, path, "--element", "Sb", "--recorded")

    assert out.splitlines()[0] == effect_command.MARK
    assert "2021  Sb       ore-and-concentrates" in out


def test_a_table_of_your_own_is_asked_first(capsys, tmp_path):
    from lodeline.world.statistics.edition import tidy_csv
    from lodeline.world.trade.traded import trade_csv
    from tests.world.small_effect import TRADE, edition

    own, trade = tmp_path / "own.csv", tmp_path / "trade.csv"
    own.write_text(tidy_csv(edition().rows), encoding="utf-8")
    trade.write_text(trade_csv(TRADE), encoding="utf-8")
    told = json.loads(run(capsys, *SB, "--edition", own, "--trade", trade, "--year", "2024", "--json"))

    assert told["editions"] == ["by-hand", "baci-hs17-v202601"]
    assert told["effects"][0]["reference"]["form_imports"]["value"] == 400


def test_an_edition_and_a_year_of_baci_are_taken_by_name_and_for_the_goods_that_are_known(lodeline, tmp_path):
    rows = ["t,i,j,k,v,q", "2024,156,842,811010,900,90", "2024,764,842,811010,100,10", "2024,4,842,010121,5,"]
    (tmp_path / "BACI_HS17_Y2024_V202601.csv").write_text("\n".join(rows))
    (tmp_path / "BACI_HS17_Y2023_V202601.csv").write_text("\n".join((rows[0], rows[3])))
    asked = ("world", "effect", *SB, "--edition", "usgs-mcs-2025", "--trade")
    ran = lodeline(*asked, "BACI_HS17_Y2024_V202601.csv")
    horses = lodeline(*asked, "BACI_HS17_Y2023_V202601.csv")

    assert ran.code == 0, ran.err
    assert "usgs-mcs-2025, baci-hs17-v202601" in ran.out
    assert "China shipped 90 %" in ran.out
    assert (horses.code, "world.trade_not_in_table" in horses.err) == (3, True)


def test_a_refusal_says_what_to_write(lodeline):
    ran = lodeline("world", "effect", "--tonnes", "Sb", "--from", "PK")

    assert ran.code != 0
    assert "world.effect_text" in ran.err
    assert "Sb=260" in ran.err
    twice = lodeline("world", "effect", "--tonnes", "Sb=1", "--tonnes", "Sb=2", "--from", "PK")
    assert "Sb is typed twice" in twice.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give a BOOK, or --tonnes"),
        (("book.db", "--tonnes", "Sb=1"), "Give a BOOK, or --tonnes"),
        (("--tonnes", "Sb=1"), "--from PK"),
        (("book.db", "--form", "oxide"), "a book says these itself"),
        ((*SB, "--json", "--csv"), "not both"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, said):
    import click

    with pytest.raises(click.UsageError) as refused:
        effect_command.command.main(list(arguments), standalone_mode=False)

    assert said in refused.value.message
