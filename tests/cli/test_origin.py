"""``lodeline origin``, ``destinations``, ``why``, ``claims`` and ``check``: what they print, and their exit codes."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lodeline.book.origin_answers import Doubt
from lodeline.cli.commands import check as check_command
from lodeline.cli.commands import claims as claims_command
from lodeline.cli.commands import destinations as destinations_command
from lodeline.cli.commands import origin as origin_command
from lodeline.cli.commands import why as why_command
from lodeline.cli.origins import doubt_told
from tests.book.small_origin import HALVED, JOPLIN, LOT, OTHER, A, B, founded
from tests.book.test_crediting import FACTOR, PERIODS, credit, use

CLAIMS = f"""
[[claim]]
buyer = "urn:example:buyer:1"
lot = "{A}"
element = "Sb"
origin = "PK"
at_least = 1
custody = "segregated"
[[claim]]
lot = "{B}"
element = "Sb"
origin = "PK"
at_least = 0.9
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """3 kg of Pakistan and 2 kg of scrap of the United States became two equal lots."""
    found = tmp_path_factory.mktemp("book") / "book.db"
    founded(found, HALVED).close()
    return found


def run(command, capsys, *arguments):
    """What a command prints, called in this process."""
    command.command.main([str(one) for one in arguments], standalone_mode=False)
    return capsys.readouterr().out


def test_origin_is_a_table_of_shares_with_bounds_and_says_on_what_it_rests(lodeline, path):
    ran = lodeline("origin", path, A, "--element", "Sb", "--bounds", "--claim", "PK>=0.2")

    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"{A}: 2.5000 ± 0.00")
    for told in ("held at urn:example:mine", "least kg", "most kg", "PK", "US", "60.0", "40.0"):
        assert told in ran.out
    assert "shares: mixing as kept; masses as reconciled; as of entry" in ran.out
    assert "certainty: proved, whatever the mixing was; masses taken as they are" in ran.out


def test_origin_in_json_and_csv_has_every_digit(path, capsys):
    told = json.loads(run(origin_command, capsys, path, A, "--element", "Sb", "--by", "deposit", "--bounds", "--json"))
    rows = list(
        csv.DictReader(
            io.StringIO(run(origin_command, capsys, path, A, "--element", "Sb", "--by", "deposit", "--bounds", "--csv"))
        )
    )

    assert [one["name"] for one in told["parts"]] == [row["deposit"] for row in rows]
    assert told["parts"][1]["name"] == JOPLIN
    assert told["parts"][1]["limits"]["most"] == float(rows[1]["most_kg"])


def test_all_rules_of_mixing_are_shown_side_by_side(path, capsys):
    out = run(origin_command, capsys, path, A, "--element", "Sb", "--mixing", "all", "--recorded")

    assert "share fifo" in out
    assert "masses as recorded" in out


def test_destinations_name_the_lots_in_which_the_metal_is(path, capsys):
    out = run(destinations_command, capsys, path, LOT, "--element", "Sb")
    assert f"{LOT}: 3 kg of Sb" in out
    assert [line.split()[:2] for line in out.splitlines() if "held" in line] == [["held", A], ["held", B]]

    rows = list(csv.DictReader(io.StringIO(run(destinations_command, capsys, path, LOT, "--element", "Sb", "--csv"))))
    assert [row["how"] for row in rows] == ["held", "held"]
    assert "gone" in json.loads(run(destinations_command, capsys, path, LOT, "--element", "Sb", "--json"))


def test_why_tells_the_way_in_plain_words_and_what_is_summed(path, capsys):
    lines = run(why_command, capsys, path, A, "Sb").splitlines()
    assert lines[1].endswith(f"{A}: was made (smelt) at urn:example:mine on 2026-03-05; is held")
    assert any(f"(60 %) {LOT}, from PK (mined): arose" in line for line in lines)
    assert any(f"(40 %) {OTHER}, from US, {JOPLIN} (scrap): arose" in line for line in lines)

    short = run(why_command, capsys, path, A, "Sb", "--depth", "1")
    assert "came in 2 other ways" in short
    assert "--least and --depth tell more" in short
    assert json.loads(run(why_command, capsys, path, A, "Sb", "--least", "0.5", "--json"))["least"] == 0.5


def test_claims_that_cannot_all_be_true_are_named_with_kilograms(lodeline, path, tmp_path):
    (tmp_path / "claims.toml").write_text(CLAIMS)
    ran = lodeline("claims", path, "claims.toml", "--certificate", "certificate.json")

    assert ran.code == 0, ran.err
    assert ran.out.startswith(
        "Sb: the claims cannot all be true: 1.7500 ± 0.0020 kg at least must be given up, at these masses"
    )
    assert (
        "these contradict each other by 1.7500 ± 0.0020 kg; without any one of them the others can be true:" in ran.out
    )
    assert f"  claim 1 (urn:example:buyer:1), lot {A}: if it alone gives way, by 1.75 kg" in ran.out
    assert "claimed: segregated; metal that does not count may have come from" in ran.out

    checked = lodeline("check", "certificate.json", path)
    assert checked.code == 0, checked.err
    assert "these claims cannot all be true" in checked.out


def test_claims_in_csv_and_json(path, tmp_path, capsys):
    (tmp_path / "claims.toml").write_text(CLAIMS)
    rows = list(csv.DictReader(io.StringIO(run(claims_command, capsys, path, tmp_path / "claims.toml", "--csv"))))
    told = json.loads(run(claims_command, capsys, path, tmp_path / "claims.toml", "--json"))

    assert [row["certainty"] for row in rows] == ["undecided", "undecided"]
    assert [float(row["too_much_kg"]) for row in rows] == [1.75, 1.75]
    assert told["together"][0]["verdict"] == "contradictory"


def test_a_certificate_holds_and_a_changed_one_ends_with_six(lodeline, path, tmp_path, capsys):
    made = lodeline("origin", path, A, "--element", "Sb", "--claim", "PK>=0.2", "--certificate", "certificate.json")
    assert made.code == 0, made.err
    content = (tmp_path / "certificate.json").read_text()

    out = run(check_command, capsys, tmp_path / "certificate.json", path)
    assert "holds at least 0.5 kg of 2.5 from PK" in out
    assert "nothing: every mass rests on an assay of its own" in out
    (tmp_path / "certificate.json").write_text(content.replace('"value_mg":500', '"value_mg":600', 1))
    refused = lodeline("check", "certificate.json", path)
    assert (refused.code, "certificate.digest" in refused.err) == (6, True)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (("origin", "BOOK", "urn:example:lot:zz", "--element", "Sb"), 3, "origin.no_lot"),
        (("origin", "BOOK", A, "--element", "Cu"), 2, "origin.lot_unknown"),
        (("origin", "BOOK", A, "--element", "Xx"), 2, "chemistry.element_unknown"),
        (("origin", "BOOK", A, "--element", "Sb", "--claim", "Pakistan>=0.8"), 2, "origin.country"),
        (("origin", "BOOK", A, "--element", "Sb", "--csv", "--json"), 2, "--csv or --json"),
        (("origin", "BOOK", A, "--element", "Sb", "--certificate", "x.json"), 2, "add one --claim"),
        (("why", "BOOK", A, "Sb", "--depth", "-1"), 2, "--depth"),
        (("claims", "BOOK", "missing.toml"), 3, "input.no_such_file"),
        (("check", "missing.json", "BOOK"), 3, "input.no_such_file"),
    ],
)
def test_what_cannot_be_answered_ends_with_its_code(lodeline, path, arguments, exit_code, told):
    ran = lodeline(*(path if one == "BOOK" else one for one in arguments))

    assert (ran.code, told in ran.err) == (exit_code, True), ran.err


def test_a_claim_that_rests_on_lots_in_doubt_says_which_and_how_much():
    doubt = Doubt(lots=(LOT, OTHER, A, B), codes=("origin.foreign_mass",), most_kg=2.5, least_kg=0.5, lacking_kg=1.0)
    told = doubt_told(doubt)

    assert told.startswith(f"the declared origin of {LOT}, {OTHER}, {A} and 1 more is in doubt")
    assert told.endswith("(origin.foreign_mass): 2.5 kg of it at most; without them 0.5 kg are sure")


def test_credits_that_were_used_for_a_claim_are_told_with_its_custody(lodeline, path, tmp_path):
    """2 of 2.5 kg of a half are sold as Pakistani by credits; of more than that nothing is borne out."""
    credits = tmp_path / "credits.toml"
    credits.write_text(PERIODS + FACTOR + credit() + use(2, more=f'lot = "{A}"'))
    ran = lodeline("origin", path, A, "--element", "Sb", "--recorded", "--claim", "PK>=0.8", "--credits", credits)
    claims = tmp_path / "claims.toml"
    claims.write_text(CLAIMS)
    listed = lodeline("claims", path, claims, "--recorded", "--credits", credits)
    without = lodeline("origin", path, A, "--element", "Sb", "--credits", credits)

    assert "custody: mass balance; credits of 2 kg were used for it; metal that does not count" in ran.out
    assert "credits of 2 kg were used for it" in listed.out
    assert (without.code, "--credits is of claims" in without.err) == (2, True)
