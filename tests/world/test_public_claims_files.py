"""Claims of one's own, in TOML and CSV: what is read, and every refusal with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError, LodelineError, NotFoundError
from lodeline.world.claims import (
    EXAMPLE,
    Claim,
    Input,
    judge,
    parse_csv,
    parse_toml,
    read,
    register,
    shipped,
)
from lodeline.world.claims.files import _document

CLAIM = """
[[claim]]
id = "A"
statement = "said"
who = "someone"
as_of = 2025-03-01
source = "a paper"
value = 100
unit = "t[Cu]"
"""
FOUND = '[[input]]\nname = "found"\nvalue = 100\nunit = "t[Cu]"\nsource = "a table"\n'
HOW = '[[recomputation]]\nclaim = "A"\nexpression = "found"\n'
WHOLE = CLAIM + FOUND + HOW


def refusal(text: str) -> LodelineError:
    """What refuses a register, in reading or in judging it."""
    with pytest.raises(LodelineError) as refused:
        judge(parse_toml(text))
    return refused.value


def test_the_plain_file_that_every_mutant_below_is_made_from_is_fine():
    got = judge(parse_toml(WHOLE)).of("A")

    assert got.verdict == "consistent"
    assert got.claim.as_of == "2025-03-01"


def test_the_example_is_a_file_that_can_be_judged():
    """By hand: 3 to 5 % of 5,000 t of ore are at most 250 t, and 400 are claimed."""
    got = judge(parse_toml(EXAMPLE)).of("mine-1")

    assert got.verdict == "contradicted"
    assert got.recomputed[0].figure.high == 250.0
    assert "at most 250 t[Sb]/year" in got.reason


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("[[claim]\n", "world.claims_toml", {}),
        ("x = " + "9" * 5000, "world.claims_toml", {}),
        ("", "world.claims_empty", {}),
        (WHOLE.replace("value = 100\n", 'value = "many"\n', 1), "world.claims_field", {}),
        (WHOLE.replace("value = 100\n", "valeu = 100\n", 1), "world.claims_field", {}),
        (CLAIM + 'kind = "rumour"\n', "world.claims_field", {}),
        (CLAIM + 'sense = "roughly"\n', "world.claims_field", {}),
        (WHOLE + "[other]\n", "world.claims_field", {}),
        (WHOLE.replace('who = "someone"\n', ""), "world.claims_missing", {"claim": "A", "field": "who"}),
        (WHOLE.replace("as_of = 2025-03-01\n", ""), "world.claims_missing", {"claim": "A", "field": "as_of"}),
        (WHOLE.replace('"a paper"', '" "'), "world.claims_missing", {"claim": "A", "field": "source"}),
        (WHOLE.replace('statement = "said"\n', ""), "world.claims_missing", {"claim": "A", "field": "statement"}),
        (WHOLE.replace('id = "A"\n', ""), "world.claims_missing", {"field": "id"}),
        (WHOLE.replace('source = "a table"\n', ""), "world.claims_missing", {"input": "found"}),
        (CLAIM + CLAIM, "world.claims_twice", {"claim": "A"}),
        (WHOLE + FOUND, "world.claims_twice", {"input": "found"}),
        (CLAIM + '[[claim.part]]\nname = "x"\n[[claim.part]]\nname = "x"\n', "world.claims_twice", {"part": "x"}),
        (WHOLE.replace('"t[Cu]"', '"tt"', 1), "world.claims_unit", {"claim": "A"}),
        (CLAIM + FOUND.replace("t[Cu]", "ton"), "world.claims_unit", {"input": "found"}),
        (WHOLE + 'unit = "tons"\n', "world.claims_unit", {"claim": "A"}),
        (CLAIM.replace("t[Cu]", "trillion trillion trillion trillion"), "world.claims_unit", {"claim": "A"}),
        (CLAIM + FOUND + HOW.replace('"found"', '"fuond"'), "world.claims_name", {"claim": "A", "name": "fuond"}),
        (CLAIM + 'grade = "nowhere"\n', "world.claims_name", {"claim": "A"}),
        (WHOLE + 'part = "gold"\n', "world.claims_name", {"part": "gold"}),
        (CLAIM + FOUND + HOW.replace('"found"', '"found +"'), "world.claims_expression", {"claim": "A"}),
        (CLAIM + FOUND + HOW.replace('"found"', '"found / 0"'), "world.claims_zero", {"claim": "A"}),
        (CLAIM + FOUND + HOW.replace('"found"', '"found / (found - 100)"'), "world.claims_dimension", {"claim": "A"}),
        (CLAIM + FOUND + HOW.replace('"found"', '"found * found / (found - found)"'), "world.claims_zero", {}),
        (WHOLE.replace('"t[Cu]"\nsource', '"USD"\nsource'), "world.claims_dimension", {"claim": "A"}),
        (WHOLE.replace('"t[Cu]"\nsource', '"t[ore]"\nsource'), "world.claims_dimension", {"claim": "A"}),
        (WHOLE + 'unit = "USD"\n', "world.claims_dimension", {"claim": "A"}),
        (WHOLE.replace('claim = "A"', 'claim = "B"'), "world.claims_no_such_claim", {"id": "B"}),
        (CLAIM + "low = 200\n", "world.claims_range", {"claim": "A"}),
        (CLAIM + "rounded_to = -1\n", "world.claims_range", {"claim": "A"}),
        (CLAIM + 'country = "Pakistan"\n', "world.claims_country", {"claim": "A"}),
        (CLAIM.replace("100", "true"), "world.claims_field", {}),
        (WHOLE.replace("value = 100\nunit", "low = 9\nhigh = 3\nunit", 1), "world.claims_range", {"claim": "A"}),
        (CLAIM.replace("100", "nan"), "world.claims_number", {"claim": "A"}),
        (CLAIM.replace("100", "1e400"), "world.claims_number", {"claim": "A"}),
        (CLAIM.replace("100", "1" * 61), "world.claims_number", {"claim": "A"}),
        (CLAIM + '[[input]]\nname = "x"\n', "world.claims_input", {"input": "x"}),
        (CLAIM + FOUND + 'claim = "A"\n', "world.claims_input", {"input": "found"}),
        (CLAIM + '[[input]]\nname = "x"\nrow = "a:b"\n', "world.claims_input", {"input": "x"}),
        (
            CLAIM + '[[input]]\nname = "found"\nrow = "a:b"\nunit = "t[Cu]"\n' + HOW,
            "world.claims_input",
            {"claim": "A", "input": "found"},
        ),
    ],
)
def test_a_file_with_one_thing_wrong_is_refused_with_its_place(text, code, where):
    refused = refusal(text)

    assert refused.code == code
    assert {name: refused.where.get(name) for name in where} == where


KEYS = ("claim", "input", "recomputation", "id", "value", "unit", "part", "row", "expression", "low", "says", "basis")
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(["A", "t", "a + b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=20,
)


@given(plain)
def test_whatever_a_document_holds_it_is_a_register_or_refused(value):
    """Structure of any kind in place of the tables of a file."""
    try:
        _document({"claim": value} if not isinstance(value, dict) else value)
    except InputError as refused:
        code = refused.code
    else:
        code = ""

    assert code in ("", "world.claims_field")


@given(st.data())
def test_a_file_with_any_piece_cut_or_doubled_is_judged_or_refused(data):
    lines = EXAMPLE.splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    piece = lines[at]
    cut = data.draw(st.integers(0, len(piece)))
    text = "".join(lines[:at]) + data.draw(st.sampled_from([piece[:cut], piece[cut:], piece * 2, "\x00", "[" * 50]))
    text += "".join(lines[at + 1 :])
    try:
        judge(parse_toml(text))
    except LodelineError as refused:
        code = refused.code
    else:
        code = "world.claims_"

    assert code.startswith("world.claims_")


def ring(*names: str) -> str:
    after = [*names[1:], names[0]]
    return "".join(f'[[input]]\nname = "{a}"\nexpression = "{b} * 2"\n' for a, b in zip(names, after, strict=True))


@pytest.mark.parametrize("names", [("x",), ("x", "y"), ("x", "y", "z")])
def test_inputs_computed_from_each_other_in_a_ring_are_refused(names):
    refused = refusal(CLAIM + ring(*names))

    assert refused.code == "world.claims_cycle"
    assert " → ".join((*names, names[0])) in refused.sentence


def chain(length: int) -> str:
    links = "".join(f'[[input]]\nname = "x{n}"\nexpression = "x{n + 1} * 1"\n' for n in range(length))
    return CLAIM + links + FOUND.replace("found", f"x{length}") + HOW.replace('"found"', '"x0"')


def test_a_diamond_is_no_ring_and_a_long_chain_is_worked_out_or_refused_but_never_breaks():
    diamond = (
        CLAIM
        + '[[input]]\nname = "top"\nexpression = "left + right"\n'
        + '[[input]]\nname = "left"\nexpression = "found * 1"\n[[input]]\nname = "right"\nexpression = "found * 0"\n'
        + FOUND
        + HOW.replace('"found"', '"top"')
    )

    assert judge(parse_toml(diamond)).of("A").verdict == "consistent"
    assert judge(parse_toml(chain(40))).of("A").verdict == "consistent"
    assert refusal(chain(3000)).code == "world.claims_cycle"


def test_a_figure_beyond_all_numbers_is_refused():
    big = FOUND.replace("value = 100", "value = 1e59").replace('unit = "t[Cu]"', 'unit = ""')
    text = CLAIM.replace('unit = "t[Cu]"', "") + big + HOW.replace('"found"', f'"{" * ".join(["found"] * 9)}"')

    assert refusal(text).code == "world.claims_number"


def test_a_row_that_no_edition_has_is_unknown_and_says_what_would_settle_it():
    text = (
        CLAIM + '[[input]]\nname = "found"\nrow = "usgs-mcs-2026:antimony:XXX:smelting::1900"\nunit = "t[Cu]"\n' + HOW
    )
    got = judge(parse_toml(text)).of("A")

    assert (got.verdict, got.recomputed[0].outcome) == ("not checkable", "unknown")
    assert got.recomputed[0].figure.standing == "unknown"
    assert any("not in usgs-mcs-2026" in act.detail for act in got.missing)


def test_an_edition_that_is_not_at_hand_is_unknown_too():
    text = CLAIM + '[[input]]\nname = "found"\nrow = "usgs-mcs-1999:copper:USA:reserves::1998"\nunit = "t[Cu]"\n' + HOW

    assert judge(parse_toml(text)).of("A").recomputed[0].outcome == "unknown"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"fuond": 1}, "world.claims_name"),
        ({"found": (9, 3)}, "world.claims_range"),
        ({"found": float("nan")}, "world.claims_number"),
        ({"found": Decimal("1e999999")}, "world.claims_number"),
    ],
)
def test_what_a_reader_sets_must_be_an_input_and_in_order(given, code):
    with pytest.raises(InputError) as refused:
        judge(parse_toml(WHOLE), inputs=given)
    assert refused.value.code == code


def test_what_a_reader_sets_is_in_the_unit_of_the_input():
    assert judge(parse_toml(WHOLE), inputs={"found": 200}).of("A").recomputed[0].figure.value == 200.0
    assert judge(parse_toml(WHOLE), inputs={"found": 0.1}).of("A").recomputed[0].figure.value == 0.1
    computed = CLAIM + FOUND + '[[input]]\nname = "twice"\nexpression = "found * 2"\n' + HOW
    with pytest.raises(InputError) as refused:
        judge(parse_toml(computed.replace('expression = "found"', 'expression = "twice"')), inputs={"twice": 5})
    assert refused.value.code == "world.claims_input"


HEADER = "id,statement,who,as_of,source,value,unit,kind,country,worth,expression,recomputed_unit\n"
ROW = "mine,Copper is worth 6 billion.,a friend,2026,a letter,6,billion USD,valuation,PAK,gross,copper_value,\n"


def test_a_csv_of_claims_uses_the_inputs_of_the_register_beside_it():
    got = judge(parse_csv(HEADER + ROW, beside=shipped())).of("mine")

    assert got.verdict == "contradicted"
    assert got.deciding.ratio == pytest.approx(128.5765 / 6)
    assert got.claim.value == Decimal(6)


def test_a_csv_with_the_required_columns_alone_is_enough():
    got = judge(parse_csv("id,statement,who,as_of,source\nx,It is big.,me,2026,here\n")).of("x")

    assert (got.verdict, got.missing[0].detail) == ("not checkable", "No quantity is published.")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (HEADER.replace("who,", "") + ROW, "world.claims_column", None),
        (HEADER.replace("kind", "knid") + ROW, "world.claims_column", None),
        (HEADER.replace("kind", "value") + ROW, "world.claims_column", None),
        (HEADER + ROW.replace(",a friend", ""), "world.claims_column", 2),
        (HEADER + ROW + '"open\n', "world.claims_column", 3),
        (HEADER + ROW.replace(",6,", ',"6,000",'), "world.claims_number", 2),
        (HEADER + ROW.replace("valuation", "guess"), "world.claims_field", 2),
        (HEADER + ROW.replace("a friend", ""), "world.claims_missing", 2),
        (HEADER + ROW + ROW.replace("mine", ""), "world.claims_missing", 3),
        (HEADER + ROW.replace("mine", "C15"), "world.claims_twice", None),
        (HEADER, "world.claims_empty", None),
        (HEADER + ROW.replace("copper_value", "coper_value"), "world.claims_name", None),
    ],
)
def test_a_csv_with_one_thing_wrong_is_refused_with_its_line(text, code, line):
    with pytest.raises(InputError) as refused:
        parse_csv(text, beside=shipped())
    assert (refused.value.code, refused.value.where.get("line")) == (code, line)


def test_files_are_read_by_their_ending_and_refused_by_name(tmp_path):
    (tmp_path / "claims.toml").write_text(WHOLE)
    (tmp_path / "claims.CSV").write_text(HEADER + ROW)
    (tmp_path / "latin.toml").write_bytes(CLAIM.replace("someone", "Señor").encode("latin-1"))
    (tmp_path / "broken.toml").write_text("[[claim]")

    assert read(tmp_path / "claims.toml").by_id.keys() == {"A"}
    assert "mine" in read(tmp_path / "claims.CSV", beside=shipped()).by_id
    for name, code in (
        ("latin.toml", "world.claims_not_utf8"),
        ("broken.toml", "world.claims_toml"),
        ("absent.toml", "world.claims_no_such_file"),
        ("", "world.claims_no_such_file"),
    ):
        with pytest.raises((InputError, NotFoundError)) as refused:
            read(tmp_path / name)
        assert refused.value.code == code
        assert refused.value.where["file"] == str(tmp_path / name)


def test_registers_made_in_python_join_and_refuse_doubles():
    own = register(
        [Claim(id="P", statement="said", who="me", as_of="2026", source="here", value=Decimal(1), unit="t[Cu]")],
        [Input(name="own", value=Decimal(1), unit="t[Cu]", source="here")],
    )

    assert len(shipped().plus(own).claims) == len(shipped().claims) + 1
    with pytest.raises(InputError) as refused:
        own.plus(own)
    assert refused.value.code == "world.claims_twice"


def test_a_claim_by_id_is_found_or_the_nearest_named():
    assert shipped().claim("C15").kind == "valuation"
    with pytest.raises(NotFoundError) as refused:
        shipped().claim("C155")
    assert refused.value.code == "world.claims_no_such_claim"
    assert "C15" in refused.value.sentence


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_csv_that_a_spreadsheet_parted_otherwise_is_refused_with_that(mark: str):
    with pytest.raises(InputError) as refusal:
        parse_csv(f"id{mark}statement{mark}who\n")

    assert refusal.value.code == "world.claims_column"
    assert "save it as CSV with commas" in str(refusal.value)
