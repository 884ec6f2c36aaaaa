"""Tables for people: what long identifiers share is written once, below."""

from __future__ import annotations

from lodeline.cli.output import print_table

PROGRAMME = "https://id.example.org/of/a/programme"


def test_what_all_long_identifiers_begin_with_is_written_below_and_nothing_else_is_touched(capsys):
    rows = [
        (1, f"lot {PROGRAMME}/lot/ore-1 as it is held at {PROGRAMME}/site/mill", "weighed"),
        (2, f"bias of {PROGRAMME}/scale/bridge, from 2026 on", None),
    ]
    print_table(["entry", "what", "how"], rows, wide=200, shorten=True)
    heading, _, first, second, below = capsys.readouterr().out.splitlines()

    assert heading.split() == ["entry", "what", "how"]
    assert first.split("  ")[-1] == "weighed"
    assert "lot …lot/ore-1 as it is held at …site/mill" in first
    assert second.endswith("bias of …scale/bridge, from 2026 on")
    assert below == f"… stands for {PROGRAMME}/"


def test_short_identifiers_and_tables_that_did_not_ask_stay_as_they_are(capsys):
    short, long = [("urn:example:lot:1",), ("urn:example:site:mine",)], [(f"{PROGRAMME}/lot/1",)]
    print_table(["of"], short, shorten=True)
    print_table(["of"], long, wide=200)
    out = capsys.readouterr().out

    assert "…" not in out
    assert [line for line in out.splitlines() if "/" in line or ":" in line] == [row for (row,) in (*short, *long)]


def test_one_long_identifier_keeps_its_last_word(capsys):
    print_table(["site"], [(f"{PROGRAMME}/site/refinery",)], shorten=True)
    assert capsys.readouterr().out.splitlines()[2:] == ["…refinery", f"… stands for {PROGRAMME}/site/"]


def test_the_rule_below_a_last_column_of_sentences_is_no_longer_than_it_need_be(capsys):
    print_table(["what"], [("word " * 100,)], wide=1_000)
    assert capsys.readouterr().out.splitlines()[1] == "-" * 160
