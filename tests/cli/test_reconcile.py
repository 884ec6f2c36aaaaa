"""``lodeline reconcile``, ``findings`` and ``explain``: tables, CSV and JSON, and the exit code of each refusal."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lodeline.book import create
from lodeline.book import open as open_book
from lodeline.cli.commands import explain as explain_command
from lodeline.cli.commands import findings as findings_command
from lodeline.cli.commands import reconcile as reconcile_command
from tests.book.test_reconciling import ACTS, MASTER, POLICY, PRICES, capture
from tests.metal.reconciliation.small_reconciled import OTHER_SCALE, PARTS, SCALE, weighed
from tests.metal.small_book import LOT, WORKS

FLOWSHEET = """
nodes = ["N"]
[[streams]]
name = "F1"
to = "N"
measured = 100
u = 1
[[streams]]
name = "F2"
from = "N"
measured = 60
u = 1
[[streams]]
name = "F3"
from = "N"
measured = 41
u = 1
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A small book whose parts do not quite fit."""
    found = tmp_path_factory.mktemp("book") / "book.db"
    with create(found, title="Test", by="clerk") as book:
        book.register(MASTER, by="clerk")
        book.set_policy(POLICY, by="clerk")
        book.add_document(
            PRICES, media_type="text/csv", title="Prices", issuer="x", dated=None, role="price", by="clerk"
        )
        capture(book, *ACTS, weighed(11, "630", "1", lot=PARTS[1], place=WORKS, device=OTHER_SCALE))
        book.flows()
    return found


def test_a_book_is_reconciled_in_a_table_that_says_what_fits_and_what_cannot_be_known(lodeline, path):
    ran = lodeline("reconcile", path)

    assert ran.code == 0, ran.err
    assert ran.out.startswith("the readings disagree at 0.01: chi2 ")
    for told in ("what is known of how many flows", "biases, the furthest", "largest adjustments", SCALE, PARTS[1]):
        assert told in ran.out
    assert ran.out.splitlines()[-1].startswith("as of entry")


def test_the_same_in_csv_and_json(lodeline, path):
    told = json.loads(lodeline("reconcile", path, "--json").out)
    rows = list(csv.DictReader(io.StringIO(lodeline("reconcile", path, "--csv", "--element", "Sb").out)))

    assert told["verdict"] == "rejected"
    assert told["elements"] == ["Sb"]
    assert {row["of"] for row in rows} == {"dry", "Sb"}
    by_name = {row["figure"]: row for row in told["masses"]}
    for row in rows:
        same = by_name[row["figure"]]
        assert float(row["reconciled_kg"]) == pytest.approx(same["reconciled_kg"])
        assert row["class"] == same["class"]


def test_a_flowsheet_is_reconciled_without_a_ledger(lodeline, tmp_path):
    """By hand: the gap of 1 kg is shared in thirds."""
    (tmp_path / "sheet.toml").write_text(FLOWSHEET)
    table = lodeline("reconcile", "sheet.toml", "--significance", "0.05")
    told = json.loads(lodeline("reconcile", "sheet.toml", "--json").out)
    rows = list(csv.DictReader(io.StringIO(lodeline("reconcile", "sheet.toml", "--csv").out)))

    assert table.out.startswith("the readings agree at 0.05: chi2 0.3 at 1 degree of freedom")
    assert [round(figure["value"], 6) for figure in told["figures"]] == [100.333333, 59.666667, 40.666667]
    assert [row["name"] for row in rows] == ["F1", "F2", "F3"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("reconcile", "nothing.toml"), 3, "[reconcile.no_flowsheet"),
        (("reconcile", "sheet.toml", "--element", "Sb"), 2, "--element"),
        (("reconcile", "BOOK", "--significance", "0.05"), 2, "--significance"),
        (("reconcile", "BOOK", "--json", "--csv"), 2, "not both"),
        (("reconcile", "BOOK", "--table", "biases"), 2, "--table"),
        (("reconcile", "BOOK", "--element", "Xx"), 2, "[chemistry.element_unknown"),
        (("explain", "BOOK", "dry", "of", "urn:example:lot:2"), 3, "[explain.figure_unknown"),
        (("explain", "BOOK", "dry"), 2, "[explain.figure_form"),
        (("findings", "BOOK", "--json", "--csv"), 2, "not both"),
        (("findings", "BOOK", "--element", "Xx"), 2, "[chemistry.element_unknown"),
    ],
)
def test_what_cannot_be_done_ends_with_the_exit_code_of_its_family(lodeline, path, arguments, code, said):
    ran = lodeline(*(path if one == "BOOK" else one for one in arguments))

    assert (ran.code, said in ran.err) == (code, True), ran.err


def test_a_figure_is_explained_in_words_and_in_json(lodeline, path):
    ran = lodeline("explain", path, "Sb", "of", LOT, "shipped")
    told = json.loads(lodeline("explain", path, f"Sb of {LOT} shipped", "--json").out)
    explanation = told["explanation"]

    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == f"Sb of {LOT} shipped"
    assert " ± " in lines[1]
    assert "one more reading that would narrow it most:" in lines
    assert sum(one["share"] for one in explanation["rests"]) == pytest.approx(1)
    assert set(told["events"].values()) == {
        told["events"][str(one["entry"])] for one in explanation["rests"] if one["entry"] is not None
    }
    assert explanation["suggestions"][0]["kind"] in ("weighing", "moisture", "assay")


def test_findings_come_with_kilograms_and_money_the_heaviest_evidence_first(lodeline, path):
    rows = list(csv.DictReader(io.StringIO(lodeline("findings", path, "--csv").out)))
    strong = json.loads(lodeline("findings", path, "--weight", "strong", "--json").out)["findings"]
    table = lodeline("findings", path).out

    order = ["certain", "strong", "weak", "note"]
    assert [order.index(row["weight"]) for row in rows] == sorted(order.index(row["weight"]) for row in rows)
    assert {one["weight"] for one in strong} <= {"certain", "strong"}
    assert "reconcile.rejected" in {one["code"] for one in strong}
    assert "metal.unregistered" in table
    assert "the first of them" in table


def test_findings_are_chosen_by_code_and_kilograms(path, capsys):
    """In this process: the options are the command's own, and a process each would only be slow."""
    findings_command.command.callback(  # type: ignore[misc]
        book=str(path), weight=None, codes=("metal.unregistered",), element=None, with_kg=False, as_csv=True,
        as_of=None, as_json=False,
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows
    assert {row["code"] for row in rows} == {"metal.unregistered"}
    findings_command.command.callback(  # type: ignore[misc]
        book=str(path), weight=None, codes=(), element=None, with_kg=True, as_csv=True, as_of=None, as_json=False
    )
    assert all(row["kg"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out)))
    findings_command.command.callback(  # type: ignore[misc]
        book=str(path), weight=None, codes=("no.such",), element=None, with_kg=False, as_csv=False, as_of=None,
        as_json=False,
    )  # fmt: skip
    said = capsys.readouterr().out
    assert "findings none is as asked; their codes are" in said
    assert "metal.unregistered" in said


def test_a_figure_that_nothing_determines_says_what_would(path, capsys):
    with create(path.with_name("unknown.db"), title="Test", by="clerk") as book:
        capture(book, *ACTS[:1])
    explain_command.command.callback(  # type: ignore[misc]
        book=str(path.with_name("unknown.db")), figure=("dry", "of", LOT), as_of=None, as_json=False
    )
    out = capsys.readouterr().out

    assert "unknown" in out
    assert f"Weigh lot {LOT}" in out


def test_a_book_without_a_reading_that_has_a_weight_says_what_would_give_one(path, capsys):
    empty = path.with_name("empty.db")
    with create(empty, title="Test", by="clerk"):
        pass
    reconcile_command.command.callback(  # type: ignore[misc]
        what=str(empty), elements=(), significance=None, as_csv=False, table=None, as_of=None, as_json=False
    )
    assert capsys.readouterr().out.startswith("nothing is reconciled: no reading in the book has an uncertainty")
    findings_command.command.callback(  # type: ignore[misc]
        book=str(empty), weight=None, codes=(), element="Sb", with_kg=False, as_csv=False, as_of=None, as_json=False
    )
    assert capsys.readouterr().out.startswith("nothing was found as of entry 0")


def test_a_finding_is_printed_to_its_last_word(path, capsys):
    with open_book(path, read_only=True) as book:
        longest = max((one.sentence for one in book.findings().found if one.weight != "note"), key=len)
    findings_command.command.callback(  # type: ignore[misc]
        book=str(path), weight=None, codes=(), element=None, with_kg=False, as_csv=False, as_of=None, as_json=False
    )
    lines = capsys.readouterr().out.splitlines()

    assert any(line.endswith(longest) for line in lines)
    assert "characters)" not in "".join(lines)
    assert max(line.split()[-1].count("-") for line in lines[1:2]) <= 160


def test_without_a_significance_a_flowsheet_says_how_to_give_one(path, capsys):
    sheet = path.with_name("no-significance.toml")
    sheet.write_text(FLOWSHEET)
    reconcile_command.command.callback(  # type: ignore[misc]
        what=str(sheet), elements=(), significance=None, as_csv=False, table=None, as_of=None, as_json=False
    )
    assert capsys.readouterr().out.startswith("no verdict (say how likely a false alarm may be: --significance 0.05)")
