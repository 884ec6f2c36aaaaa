"""UN Comtrade's files become statements: who said what of one trade, never added, and never nothing for not told."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.world.statistics.importers import import_file
from lodeline.world.trade.comtrade import edition_of, is_comtrade, parse_comtrade
from lodeline.world.trade.statements import Statement, mirrored, one_statement_each
from lodeline.world.trade.traded import parse_trade, read_trade, trade_csv

EDITION = "comtrade-2025-02-20"
NAME = "TradeData_2_20_2025_10_30_9.csv"
PRESENT = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,"
    "partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,"
    "classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,"
    "mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,"
    "isAltQtyEstimated,netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,"
    "legacyEstimationFlag,isReported,isAggregate"
)
OLDER = (
    "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,Trade Flow,Reporter Code,"
    "Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,2nd Partner Code,2nd Partner,2nd Partner ISO,Customs Proc. "
    "Code,Customs,Mode of Transport Code,Mode of Transport,Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Alt Qty "
    "Unit Code,Alt Qty Unit,Alt Qty,Netweight (kg),Gross weight (kg),Trade Value (US$),CIF Trade Value (US$),FOB Trade "
    "Value (US$),Flag"
)
USA = {"reporterCode": "842", "reporterISO": "USA", "reporterDesc": "USA"}
THA = {"reporterCode": "764", "reporterISO": "THA", "reporterDesc": "Thailand"}
FROM_THA = {"partnerCode": "764", "partnerISO": "THA", "partnerDesc": "Thailand"}
TO_USA = {"partnerCode": "842", "partnerISO": "USA", "partnerDesc": "USA"}
ANY = {
    "typeCode": "C", "freqCode": "A", "refYear": "2024", "period": "2024", "classificationCode": "H6",
    "cmdCode": "811010", "partner2Code": "0", "customsCode": "C00", "mosCode": "0", "motCode": "0",
    "primaryValue": "2000", "netWgt": "1000", "isNetWgtEstimated": "false",
}  # fmt: skip


def lines(head: str, *rows: dict[str, str], end: str = "") -> list[str]:
    """The lines of a file; the site ends rows with a comma more than the head has."""
    out = io.StringIO(newline="")
    names = next(csv.reader([head]))
    writer = csv.writer(out, lineterminator=f"{end}\n")
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return [head, *out.getvalue().splitlines()]


def present(*rows: dict[str, str]) -> list[Statement]:
    return list(parse_comtrade(lines(PRESENT, *({**ANY, **row} for row in rows), end=","), edition=EDITION))


IMPORT = {**USA, **FROM_THA, "flowCode": "M"}
EXPORT = {**THA, **TO_USA, "flowCode": "X", "netWgt": "1100", "primaryValue": "1900"}


def test_what_both_sides_report_is_two_statements_of_one_trade():
    by_importer, by_exporter = present(IMPORT, EXPORT)

    assert [(one.exporter, one.importer, one.reporter) for one in (by_importer, by_exporter)] == [
        ("THA", "USA", "USA"), ("THA", "USA", "THA"),
    ]  # fmt: skip
    assert (by_importer.tonnes, by_importer.kusd, by_exporter.tonnes) == (1, 2, Decimal("1.1"))
    (both,) = mirrored([by_importer, by_exporter])
    assert (both.by_importer, both.by_exporter) == (by_importer, by_exporter)


def test_the_two_are_never_added_and_the_importer_s_counts_first():
    both = present(IMPORT, EXPORT)

    assert [(row.tonnes, row.reporter) for row in one_statement_each(both, "importers-first")] == [(1, "USA")]
    assert [row.reporter for row in one_statement_each(both, "exporters")] == ["THA"]
    (row,) = one_statement_each(both, "importers")
    assert row.key == "comtrade-hs22-2025-02-20:811010:THA:USA:2024"


def test_the_exporter_counts_where_the_importer_reported_nothing_of_the_code_in_the_year():
    """The United States reported imports, so what only Thailand says to have sent there is not among them."""
    laos = {**THA, "partnerCode": "418", "partnerISO": "LAO", "partnerDesc": "Lao", "flowCode": "X"}
    vietnam = {**USA, "partnerCode": "704", "partnerISO": "VNM", "partnerDesc": "Viet Nam", "flowCode": "M"}
    rows = list(one_statement_each(present(vietnam, EXPORT, laos), "importers-first"))

    assert [(row.exporter, row.importer, row.reporter) for row in rows] == [
        ("VNM", "USA", "USA"), ("THA", "LAO", "THA"),
    ]  # fmt: skip


def test_re_exports_are_kept_apart_since_they_are_part_of_exports():
    again = present(EXPORT, {**EXPORT, "flowCode": "RX", "netWgt": "500"}, {**IMPORT, "flowCode": "RM"})

    assert [one.flow for one in again] == ["export", "re-export", "re-import"]
    assert [row.tonnes for row in one_statement_each(again, "exporters")] == [Decimal("1.1")]
    assert list(one_statement_each(again, "importers")) == []


@pytest.mark.parametrize(("weight", "unit", "quantity", "tonnes"), [
    ("", "", "", None), ("0", "", "", None), ("0", "8", "1500", Decimal("1.5")), ("", "5", "30", None),
    ("2000", "8", "1", 2),
])  # fmt: skip
def test_a_weight_that_nobody_told_is_unknown_and_never_nothing(
    weight: str, unit: str, quantity: str, tonnes: Decimal | None
):
    (one,) = present({**IMPORT, "netWgt": weight, "qtyUnitCode": unit, "qty": quantity})

    assert one.tonnes == tonnes


def test_the_world_and_groups_are_left_out_and_what_is_no_country_keeps_its_words():
    found = present(
        {**USA, "flowCode": "M", "partnerCode": "0", "partnerISO": "W00", "partnerDesc": "World"},
        {**USA, "flowCode": "M", "partnerCode": "899", "partnerISO": "_X", "partnerDesc": "Areas, nes"},
        {"reporterCode": "97", "reporterISO": "EUR", **FROM_THA, "flowCode": "M"},
        {**USA, "flowCode": "M", "partnerCode": "490", "partnerISO": "S19", "partnerDesc": "Other Asia, nes"},
    )

    assert [one.exporter for one in found] == ["Areas, nes", "S19"]


def test_headings_of_two_and_four_digits_are_not_read_beside_their_parts():
    assert present({**IMPORT, "cmdCode": "8110"}, {**IMPORT, "cmdCode": "TOTAL"}) == []


def test_a_trade_that_is_cut_up_counts_once_by_its_total_and_is_refused_without_one():
    by_sea = {**IMPORT, "motCode": "2100", "netWgt": "400"}
    assert [one.tonnes for one in present(by_sea, IMPORT)] == [1]

    with pytest.raises(InputError) as refused:
        present(by_sea)
    assert (refused.value.code, refused.value.where["line"]) == ("world.comtrade_cut_up", 2)


def test_the_layout_before_2022_says_the_same():
    row = {
        "Classification": "H4", "Year": "2016", "Period": "2016", "Trade Flow Code": "1", "Reporter Code": "842",
        "Reporter ISO": "USA", "Partner Code": "764", "Partner ISO": "THA", "Commodity Code": "811010",
        "Netweight (kg)": "1000", "Trade Value (US$)": "2000", "Flag": "4",
    }  # fmt: skip
    (one,) = parse_comtrade(lines(OLDER, row), edition=EDITION)

    assert (one.exporter, one.importer, one.flow, one.tonnes, one.kusd) == ("THA", "USA", "import", 1, 2)
    assert (one.version, one.period, one.estimated) == ("12", "2016", True)


def test_a_file_is_read_by_its_name_in_either_encoding_and_stands_as_a_tidy_table(tmp_path: Path):
    ivory = {**USA, "partnerCode": "384", "partnerISO": "CIV", "partnerDesc": "Côte d'Ivoire", "flowCode": "M"}
    text = "\n".join(lines(PRESENT, {**ANY, **ivory}, {**ANY, **IMPORT}))
    for encoding in ("utf-8-sig", "latin-1"):
        (tmp_path / NAME).write_bytes(text.encode(encoding))
        table = read_trade(tmp_path / NAME, hs=["811010"])

        assert (table.edition, [row.exporter for row in table.rows]) == ("comtrade-hs22-2025-02-20", ["CIV", "THA"])
        assert parse_trade(trade_csv(table.rows)) == table
    with pytest.raises(InputError) as refused:
        read_trade(tmp_path / NAME, hs=["740311"])
    assert refused.value.code == "world.table_empty"


def test_the_day_of_the_download_is_the_edition():
    assert edition_of(NAME) == EDITION
    assert edition_of("comtrade_20250220.csv") == EDITION
    for name in ("comtrade.csv", "TradeData_13_45_2025.csv"):
        with pytest.raises(InputError) as refused:
            edition_of(name)
        assert refused.value.code == "world.comtrade_edition"


def test_a_file_of_another_layout_an_unknown_flow_and_a_statement_twice_are_refused():
    assert not is_comtrade("t,i,j,k,v,q")
    assert is_comtrade(PRESENT)
    with pytest.raises(InputError) as layout:
        list(parse_comtrade(["a,b", "1,2"], edition=EDITION))
    assert layout.value.code == "world.comtrade_layout"
    with pytest.raises(InputError) as flow:
        present({**IMPORT, "flowCode": "Q"})
    assert flow.value.code == "world.comtrade_flow"
    with pytest.raises(InputError) as empty:
        present({**IMPORT, "primaryValue": ""})
    assert empty.value.code == "world.cell_missing"
    with pytest.raises(InputError) as twice:
        list(one_statement_each(present(IMPORT, IMPORT), "importers"))
    assert twice.value.code == "world.statement_twice"


def test_a_file_of_several_versions_of_the_harmonized_system_names_none():
    rows = one_statement_each(present(IMPORT, {**EXPORT, "classificationCode": "H5"}), "importers")

    assert {row.edition for row in rows} == {EDITION}


@given(
    said=st.lists(
        st.tuples(st.sampled_from(["USA", "THA", "VNM"]), st.sampled_from(["USA", "THA", "VNM"]), st.booleans()),
        unique=True,
        max_size=12,
    )
)
def test_whoever_counts_each_trade_stands_once_with_a_weight_that_one_side_stated(said: list[tuple[str, str, bool]]):
    numbers = {"USA": "842", "THA": "764", "VNM": "704"}
    rows = [
        {"reporterISO": a, "reporterCode": numbers[a], "partnerISO": b, "partnerCode": numbers[b],
         "flowCode": "M" if inward else "X", "netWgt": str(1000 * (n + 1))}
        for n, (a, b, inward) in enumerate(said) if a != b
    ]  # fmt: skip
    stated = present(*rows)
    weights = {(one.exporter, one.importer, one.reporter): one.tonnes for one in stated}
    for side in ("importers-first", "importers", "exporters"):
        counted = list(one_statement_each(stated, side))
        assert len({row.key for row in counted}) == len(counted)
        assert all(weights[row.exporter, row.importer, row.reporter] == row.tonnes for row in counted)


def test_a_download_is_known_by_its_first_line_and_imported_under_its_edition_and_year(tmp_path: Path):
    (tmp_path / NAME).write_text("\n".join(lines(PRESENT, {**ANY, **IMPORT})), encoding="utf-8")
    found = import_file(tmp_path / NAME)

    assert (found.name, found.what, found.about) == ("comtrade-hs22-2025-02-20-2024", "trade", ("811010",))
