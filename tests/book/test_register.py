"""Master data are registered whole or not at all, and a flaw is refused with its file, line and column."""

from decimal import Decimal
from pathlib import Path

import pytest

from lodeline.book.attributes import KINDS, reference
from lodeline.book.register import read_master
from lodeline.errors import MasterDataError

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "master-data.md"

TOML = """# a site and its scale
[[site]]
id = "urn:example:site"
name = "Loading yard"
country = "PK"
latitude = 30.25
longitude = 67
time_zone = "Asia/Karachi"
valid_from = 2026-01-31

[[scale]]
id = "urn:example:scale"
name = "Weighbridge 1"
site = "urn:example:site"
u = 12.50
"""
CSV = """kind,id,name,country,elements,hs_code,u,bias,valid_from
party,urn:example:seller,"Seller, Ltd",PK,,,,,
material,urn:example:ndpr,NdPr oxide,,Nd;Pr,2846.90,,,2026-01-31
scale,urn:example:scale,Weighbridge,,,,12.50,-3,
"""


def test_toml_is_read_with_every_digit() -> None:
    site, scale = read_master(TOML.encode(), name="sites.toml")

    assert (site.kind, site.id, site.valid_from) == ("site", "urn:example:site", "2026-01-31")
    assert site.attributes["latitude"] == Decimal("30.25")
    assert site.attributes["time_zone"] == "Asia/Karachi"
    assert str(scale.attributes["u"]) == "12.50"


def test_a_table_is_read_with_empty_cells_left_out() -> None:
    party, material, scale = read_master(CSV.encode(), name="master.csv")

    assert party.attributes == {"name": "Seller, Ltd", "country": "PK"}
    assert material.attributes == {"name": "NdPr oxide", "elements": ["Nd", "Pr"], "hs_code": "284690"}
    assert (material.valid_from, scale.attributes["bias"]) == ("2026-01-31", Decimal(-3))


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_from_a_spreadsheet_may_have_another_delimiter_and_a_byte_order_mark(mark: str) -> None:
    text = f"\ufeffkind{mark}id{mark}name\r\nparty{mark}urn:example:a{mark}A, B\r\n"
    (party,) = read_master(text.encode(), name="x.csv")

    assert party.attributes == {"name": "A, B"}


def test_content_says_what_it_is_where_the_name_does_not() -> None:
    assert len(read_master(TOML.encode(), name="bytes")) == 2
    assert len(read_master(CSV.encode(), name="-")) == 3


def refused(content: str | bytes, name: str) -> MasterDataError:
    with pytest.raises(MasterDataError) as refusal:
        read_master(content.encode() if isinstance(content, str) else content, name=name)
    assert refusal.value.where["file"] == name
    return refusal.value


# Each flaw is one replacement in the table above, and the place it must be found at.
CSV_FLAWS = [
    ("seller,\"Seller, Ltd\",PK", "seller,\"Seller, Ltd\",Pakistan", "register.country", 2, 4),
    ("party,", "person,", "register.kind", 2, 1),
    ("urn:example:seller", "the seller", "register.id", 2, 2),
    ("Nd;Pr", "Nd;Prx", "register.element", 3, 5),
    ("2846.90", "99", "register.hs_code", 3, 6),
    ("12.50", "12,50", "register.row_length", 4, 10),
    ("12.50", "heavy", "register.number", 4, 7),
    ("12.50", "0", "register.range", 4, 7),
    ("2026-01-31", "31.01.2026", "register.date", 3, 9),
    ("\"Seller, Ltd\"", "", "register.key_missing", 2, None),
    ("scale,urn:example:scale,Weighbridge,,", "scale,urn:example:scale,Weighbridge,PK,", "register.key_unknown", 4, 4),
    ("\"Seller, Ltd\"", "\"Seller, Ltd\"x", "register.csv_syntax", 2, None),
    ("kind,id,", "kind,name,", "register.header", 1, None),
    ("bias,valid_from", "bias,bias", "register.header", 1, 9),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line", "column"), CSV_FLAWS)
def test_a_broken_cell_is_refused_with_its_line_and_column(
    old: str, new: str, code: str, line: int, column: int | None
) -> None:
    assert old in CSV
    refusal = refused(CSV.replace(old, new, 1), "master.csv")

    assert (refusal.code, refusal.where.get("line")) == (code, line)
    if column is not None:
        assert refusal.where["column"] == column


TOML_FLAWS = [
    ("latitude = 30.25", "latitude = 130.25", "register.range", 6),
    ("latitude = 30.25\n", "", "register.position_half", 2),
    ("Asia/Karachi", "Karachi", "register.time_zone", 8),
    ('country = "PK"', 'country = "PK"\nsubdivision = "PK-XX"', "register.subdivision", 6),
    ('name = "Loading yard"', "name = 7", "register.value", 4),
    ("[[scale]]", "[scale]", "register.kind", 11),
    ("[[scale]]", "[[ship]]", "register.kind", 11),
    ("u = 12.50", "u = 12.50\ncolour = 'red'", "register.key_unknown", 16),
    ("u = 12.50", "u = twelve", "register.toml_syntax", 15),
    ("u = 12.50", "u = 1e400", "register.range", 15),
    ("u = 12.50", "u = nan", "register.range", 15),
    ('[[scale]]\nid = "urn:example:scale"', "[[site]]\nid = 'urn:b:1'\ncountry = 'PK'", "register.key_unknown", 15),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line"), TOML_FLAWS)
def test_a_broken_key_is_refused_with_its_line(old: str, new: str, code: str, line: int) -> None:
    assert old in TOML
    refusal = refused(TOML.replace(old, new, 1), "sites.toml")

    assert (refusal.code, refusal.where["line"]) == (code, line)


def test_the_same_record_twice_is_refused_and_a_later_validity_is_not() -> None:
    row = "party,urn:example:seller,Seller,PK,,,,,"
    assert refused(f"{CSV}{row}\n", "m.csv").code == "register.twice"
    assert len(read_master(f"{CSV}{row}2027-01-01\n".encode(), name="m.csv")) == 4


def test_a_formula_that_is_none_is_refused() -> None:
    text = "kind,id,name,compound\nmaterial,urn:example:m,Oxide,{}\n"

    assert read_master(text.format("Pr6O11").encode(), name="m.csv")[0].attributes["compound"] == "Pr6O11"
    assert refused(text.format("oxide"), "m.csv").code == "register.formula"


def test_a_file_without_records_or_of_another_encoding_is_refused() -> None:
    assert refused("kind,id,name\n", "m.csv").code == "register.empty"
    refusal = refused("kind,id,name\nparty,urn:example:a,Zürich\n".encode("latin-1"), "m.csv")
    assert (refusal.code, refusal.where["line"]) == ("register.encoding", 2)


@pytest.mark.parametrize("bomb", ["a = " + "[" * 100_000, "a = 1e99999999999999999999", "a = " + "1" * 5000])
def test_a_file_made_to_break_the_reader_is_refused(bomb: str) -> None:
    assert refused(bomb, "m.toml").code == "register.toml_syntax"


def test_a_hostile_cell_makes_a_short_and_harmless_refusal() -> None:
    refusal = refused(CSV.replace("PK", "\u202e" + "x" * 100_000, 1), "m.csv")
    assert len(refusal.sentence) < 300
    assert "\u202e" not in refusal.sentence


def test_every_flaw_of_a_file_is_counted() -> None:
    text = CSV.replace("urn:example:seller", "seller").replace("2846.90", "1").replace("12.50", "x")
    assert refused(text, "m.csv").where["more"] == 2


def test_a_cell_over_several_lines_keeps_the_lines_of_later_rows() -> None:
    text = 'kind,id,name\nparty,urn:example:a,"A\nand B"\nparty,urn:example:b,\n'
    assert refused(text, "m.csv").where["line"] == 4


def test_a_scale_names_its_standard_and_the_load_at_which_its_bias_holds() -> None:
    text = """[[standard]]
id = "urn:example:masses"
name = "Reference masses"
bias_u = 0.015

[[scale]]
id = "urn:example:scale"
name = "Weighbridge"
bias_u = 40
bias_load = 40000
standard = "urn:example:masses"
"""
    standard, scale = read_master(text.encode(), name="m.toml")

    assert (standard.kind, standard.attributes["bias_u"]) == ("standard", Decimal("0.015"))
    assert (scale.attributes["bias_load"], scale.attributes["standard"]) == (Decimal(40000), "urn:example:masses")
    for wrong, code in (("40000", "register.range"), ('"urn:example:masses"\n', "register.id")):
        refusal = refused(text.replace(wrong, "0" if wrong == "40000" else '"masses"\n'), "m.toml")
        assert refusal.code == code


def test_the_reference_page_holds_the_table_of_attributes() -> None:
    assert reference() in REFERENCE.read_text("utf-8")
    assert set(KINDS) == {"party", "site", "store", "scale", "laboratory", "standard", "material", "deposit"}
