"""``lodeline flows`` and ``lodeline ancestry``: tables that other programs read, and the lots behind a lot."""

from __future__ import annotations

import json

import polars
import pytest

from lodeline.book import open as open_book
from tests.ledger.epcis import LOT
from tests.ledger.epcis import document as document_of
from tests.ledger.test_edges import made

FILES = {"parquet": polars.read_parquet, "arrow": polars.read_ipc, "csv": polars.read_csv}


@pytest.fixture
def plant(lodeline, book):
    """A book in which A and B became C, and C became D."""
    done = lodeline("capture", book, "-", stdin=document_of([made(1, "AB", "C"), made(2, "C", "D")]))
    assert done.code == 0
    return book


@pytest.mark.parametrize("ending", FILES)
def test_a_file_holds_what_the_book_says(lodeline, plant, tmp_path, ending):
    done = lodeline("flows", plant, "--out", f"out.{ending}")

    frame = FILES[ending](tmp_path / f"out.{ending}")
    assert done.out == f"out.{ending}: {frame.height} rows\n"
    with open_book(tmp_path / plant, read_only=True) as opened:
        expected = opened.flows().to_polars()["flows"]
        assert opened._store.columns("flows") is not None, "kept for the next reader"
    assert frame["kind"].to_list() == expected["kind"].to_list()
    assert frame["mass_kg"].to_list() == expected["mass_kg"].to_list()


def test_a_folder_holds_all_tables_and_nothing_is_overwritten(lodeline, plant, tmp_path):
    done = lodeline("flows", plant, "--out", "tables", "--format", "csv")
    again = lodeline("flows", plant, "--out", "tables", "--format", "csv")

    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [
        "flows.csv",
        "lots.csv",
        "measurements.csv",
        "nodes.csv",
    ]
    assert len(done.out.splitlines()) == 4
    assert (again.code, "[output.exists" in again.err) == (2, True)
    assert polars.read_csv(tmp_path / "tables" / "lots.csv")["lot"].to_list()[0].endswith("LotA")


@pytest.mark.parametrize("arguments", [("--out", "out.xls"), ("--out", "out.csv", "--format", "parquet")])
def test_an_ending_that_says_no_format_is_refused(lodeline, plant, arguments):
    done = lodeline("flows", plant, *arguments)

    assert (done.code, "[output.ending" in done.err) == (2, True)


def test_one_table_is_written_by_name(lodeline, plant, tmp_path):
    lodeline("flows", plant, "--out", "lots.csv", "--table", "lots", "--as-of", "2")

    assert polars.read_csv(tmp_path / "lots.csv").height == 3


def test_ancestors_and_descendants_are_listed_by_generation(lodeline, plant):
    found = json.loads(lodeline("ancestry", plant, f"{LOT}D", "--json").out)
    table = lodeline("ancestry", plant, f"{LOT}D").out.splitlines()
    became = json.loads(lodeline("ancestry", plant, f"{LOT}A", "--descendants", "--json").out)
    none = lodeline("ancestry", plant, f"{LOT}A")

    assert [(one["generation"], one["lot"][-4:]) for one in found["kin"]] == [(1, "LotC"), (2, "LotA"), (2, "LotB")]
    assert table[2].split()[0] == "1"
    assert "LotC" in table[2]
    assert [one["lot"][-4:] for one in became["kin"]] == ["LotC", "LotD"]
    assert none.out == "it was made of no other lot\n"
    missing = lodeline("ancestry", plant, "urn:example:none")
    assert (missing.code, "[ledger.no_lot" in missing.err) == (3, True)


def test_a_lot_that_came_later_is_not_known_as_of_an_earlier_entry(lodeline, plant):
    early = lodeline("ancestry", plant, f"{LOT}D", "--as-of", "2")
    then = json.loads(lodeline("ancestry", plant, f"{LOT}C", "--as-of", "2", "--json").out)

    assert (early.code, "[ledger.no_lot" in early.err) == (3, True)
    assert [one["lot"][-4:] for one in then["kin"]] == ["LotA", "LotB"]
