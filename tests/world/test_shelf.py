"""An edition is on the shelf whole or not at all; the same again is known, another under its name is refused."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from lodeline.errors import InputError, NotFoundError
from lodeline.world.statistics import edition as tables
from lodeline.world.statistics import importers, shelf
from lodeline.world.statistics.edition import shipped
from tests.outside import DATA, needs_data
from tests.world.test_edition import ROW

TEXT = tables.tidy_csv([ROW])
OTHER = tables.tidy_csv([msgspec.structs.replace(ROW, note="revised")])


def test_what_is_put_on_the_shelf_is_found_by_its_name(tmp_path: Path):
    done = shelf.put("x-1", TEXT, into=tmp_path / "new" / "shelf")

    assert done.was == "new"
    assert shelf.edition("x-1", at=tmp_path / "new" / "shelf").rows == (ROW,)
    assert list(shelf.shelved(tmp_path / "new" / "shelf")) == ["x-1"]


def test_the_same_again_is_known_and_another_content_is_refused_unless_it_replaces(tmp_path: Path):
    shelf.put("x-1", TEXT, into=tmp_path)
    assert shelf.put("x-1", TEXT, into=tmp_path).was == "known"

    with pytest.raises(InputError) as refusal:
        shelf.put("x-1", OTHER, into=tmp_path)
    assert refusal.value.code == "world.edition_differs"
    assert shelf.edition("x-1", at=tmp_path).rows == (ROW,)

    assert shelf.put("x-1", OTHER, into=tmp_path, replace=True).was == "replaced"
    assert shelf.edition("x-1", at=tmp_path).rows[0].note == "revised"


def test_a_shipped_edition_is_known_and_a_shorter_one_of_its_name_is_refused(tmp_path: Path):
    """So a file that was cut off between two lines is noticed."""
    whole = tables.shipped_text("usgs_mcs_2025")
    short = tables.tidy_csv(shipped("usgs_mcs_2025").rows[:-1])

    assert shelf.put("usgs-mcs-2025", whole, into=tmp_path) == shelf.Put(name="usgs-mcs-2025", path=None, was="known")
    with pytest.raises(InputError) as refusal:
        shelf.put("usgs-mcs-2025", short, into=tmp_path)
    assert refusal.value.code == "world.edition_differs"
    assert shelf.shelved(tmp_path) == {}


def test_an_imported_edition_goes_before_the_shipped_one_of_its_name(tmp_path: Path):
    mine = msgspec.structs.replace(ROW, edition="usgs-mcs-2025")
    shelf.put("usgs-mcs-2025", tables.tidy_csv([mine]), into=tmp_path, replace=True)

    assert shelf.edition("usgs-mcs-2025", at=tmp_path).rows == (mine,)
    statistics = [one for one in shelf.listed(at=tmp_path) if one.what == "statistics"]
    assert [(one.name, one.where == "lodeline") for one in statistics] == [
        ("usgs-mcs-2025", False),
        ("usgs-mcs-2026", True),
    ]


def test_nothing_is_left_behind_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shelf.put("x-1", TEXT, into=tmp_path)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError) as refusal:
        shelf.put("x-1", OTHER, into=tmp_path, replace=True)

    assert refusal.value.code == "world.shelf_unwritable"
    assert [path.name for path in tmp_path.iterdir()] == ["x-1.csv"]
    assert shelf.edition("x-1", at=tmp_path).rows == (ROW,)


@pytest.mark.parametrize("name", ["", "../x", "X-1", "a/b", ".hidden", "-x"])
def test_a_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path):
    with pytest.raises(InputError) as refusal:
        shelf.put(name, TEXT, into=tmp_path)

    assert refusal.value.code == "world.edition_name"
    assert list(tmp_path.iterdir()) == []


def test_an_edition_is_a_shipped_one_or_a_file_or_is_refused_with_the_nearest(tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text(TEXT, encoding="utf-8")
    empty = tmp_path / "empty"

    assert shelf.edition("usgs-mcs-2026", at=empty) == shelf.edition("usgs_mcs_2026", at=empty) == shipped()
    assert shelf.edition(path, at=empty).rows == (ROW,)
    with pytest.raises(NotFoundError) as near:
        shelf.edition("usgs-mcs-2062", at=empty)
    with pytest.raises(NotFoundError) as nowhere:
        shelf.edition(tmp_path / "not-there.csv", at=empty)

    assert tables.read("usgs-mcs-2025") == shipped("usgs_mcs_2025")
    assert near.value.code == "world.edition_unknown"
    assert "usgs-mcs-2026" in str(near.value)
    assert nowhere.value.code == "world.no_such_file"


@pytest.mark.parametrize(
    ("named", "data_home", "wanted"),
    [
        ("{tmp}/named", "{tmp}/data", "{tmp}/named"),
        ("", "{tmp}/data", "{tmp}/data/lodeline/editions"),
        ("", "", "{tmp}/.local/share/lodeline/editions"),
        ("", "not/absolute", "{tmp}/.local/share/lodeline/editions"),
    ],
)
def test_the_shelf_is_the_folder_that_is_named_or_that_of_the_platform(
    named: str, data_home: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv(shelf.VARIABLE, named.format(tmp=tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", data_home.format(tmp=tmp_path))

    assert shelf.folder() == Path(wanted.format(tmp=tmp_path))


def test_a_file_is_told_by_its_first_line(tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text(TEXT, encoding="utf-8")
    unknown = tmp_path / "letter.txt"
    unknown.write_text("Dear Sir,\n", encoding="utf-8")

    read = importers.import_file(path)
    with pytest.raises(InputError) as refusal:
        importers.import_file(unknown)
    with pytest.raises(NotFoundError) as nowhere:
        importers.import_file(tmp_path / "nothing.csv")

    assert (read.name, read.what, read.figures, read.about) == ("x-1", "statistics", 1, ("antimony",))
    assert (refusal.value.code, nowhere.value.code) == ("world.file_not_known", "world.no_such_file")


def test_a_table_that_is_cut_off_is_refused_and_one_without_the_newer_columns_is_read(tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text(TEXT.rstrip()[:-20], encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        importers.import_file(path)
    assert refusal.value.code == "world.table_cut"

    path.write_text(TEXT.replace(",stage,table,line", "").replace(",,,0\n", "\n"), encoding="utf-8")
    assert tables.read(path).rows == (ROW,)


@needs_data
@pytest.mark.parametrize(
    ("file", "name", "what", "figures"),
    [
        ("usgs/MCS2026_Commodities_Data.cp1252.csv", "usgs-mcs-2026", "statistics", 8_886),
        ("usgs/MCS2025_World_Data.csv", "usgs-mcs-2025", "statistics", 3_365),
    ],
)
def test_a_publishers_file_is_read_whole_and_is_what_is_shipped(
    file: str, name: str, what: str, figures: int, tmp_path
):
    read = importers.import_file(DATA / file)

    assert (read.name, read.what, read.figures) == (name, what, figures)
    assert read.text == tables.shipped_text(name.replace("-", "_"))
    assert shelf.put(read.name, read.text, into=tmp_path).was == "known"


@needs_data
def test_a_file_of_trade_is_told_by_its_first_line_and_named_by_its_year(tmp_path: Path):
    (file,) = (DATA / "baci").glob("*.csv")
    every = importers.import_file(file)
    some = importers.import_file(file, importers.Asked(hs=frozenset(("811010",))))

    assert (every.name, every.what) == ("baci-hs17-v202601-2024", "trade")
    assert (some.about, some.figures < every.figures) == (("811010",), True)
    assert "that lodeline knows" in every.left
    assert not some.left
    shelf.put(some.name, some.text, into=tmp_path)
    with pytest.raises(InputError) as refusal:
        shelf.edition(some.name, at=tmp_path)
    assert refusal.value.code == "world.edition_kind"
    assert next((one.name, one.what) for one in shelf.listed(at=tmp_path)) == ("baci-hs17-v202601-2024", "trade")


def test_a_file_on_the_shelf_that_is_no_text_is_refused_by_its_name(tmp_path: Path):
    (tmp_path / "x-1.csv").write_bytes(b"edition,\xff")

    for asked in (lambda: shelf.edition("x-1", at=tmp_path), lambda: shelf.listed(at=tmp_path)):
        with pytest.raises(InputError) as refusal:
            asked()
        assert refusal.value.code == "world.not_utf8"
        assert refusal.value.where["file"].endswith("x-1.csv")


def test_a_note_with_a_line_break_of_another_kind_is_known_again(tmp_path: Path):
    """What is written is what is compared, byte for byte."""
    text = tables.tidy_csv([msgspec.structs.replace(ROW, note="one\r\ntwo")])

    assert [shelf.put("x-1", text, into=tmp_path).was for _ in range(2)] == ["new", "known"]
    assert shelf.edition("x-1", at=tmp_path).rows[0].note == "one\r\ntwo"


def test_of_a_year_of_trade_the_goods_that_are_known_are_taken_and_that_is_said(tmp_path: Path):
    """Of BACI's own layout: antimony, and horses, which no form of an element is."""
    path = tmp_path / "BACI_HS17_Y2024_V202601.csv"
    path.write_text("t,i,j,k,v,q\n2024,156,842,811010,10,2\n2024,56,842,010121,5,1\n", encoding="utf-8")
    horses = tmp_path / "BACI_HS17_Y2023_V202601.csv"
    horses.write_text("t,i,j,k,v,q\n2023,56,842,010121,5,1\n", encoding="utf-8")

    known = importers.import_file(path)
    every = importers.import_file(path, importers.Asked(every=True))
    with pytest.raises(InputError) as refusal:
        importers.import_file(horses)

    assert (known.about, every.about, every.left) == (("811010",), ("010121", "811010"), "")
    assert "lodeline knows" in known.left
    assert refusal.value.code == "world.table_empty"
    assert "--hs all" in str(refusal.value)


def test_the_tables_of_trade_and_of_governance_that_come_with_lodeline_are_listed_too(tmp_path: Path):
    found = {one.name: one for one in shelf.listed(at=tmp_path)}

    assert found["baci-hs17-v202601"].what == "trade"
    assert found["baci-hs17-v202601"].figures > 6_000
    assert {one.what for one in found.values()} == {"statistics", "trade", "governance"}
    assert all(one.sources and one.where == "lodeline" for one in found.values())


def test_what_only_looks_like_an_edition_on_the_shelf_is_told_and_is_no_fault(tmp_path: Path):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "note.csv").write_text("remember the milk\n", encoding="utf-8")

    assert "folder" not in shelf.shelved(tmp_path)
    assert {one.name: one.what for one in shelf.listed(at=tmp_path)}["note"] == "no known form"
    with pytest.raises(NotFoundError) as folder:
        shelf.edition("folder", at=tmp_path)
    with pytest.raises(InputError) as note:
        shelf.edition("note", at=tmp_path)

    assert folder.value.code == "world.edition_unknown"
    assert note.value.code == "world.edition_kind"
    assert "take it away" in str(note.value)


@pytest.mark.parametrize("name", ["baci-hs17-v202601", "wgi-mean-of-six-2015-2024"])
def test_a_shipped_table_of_another_kind_is_no_unknown_edition(name: str, tmp_path: Path):
    with pytest.raises(InputError) as refusal:
        shelf.edition(name, at=tmp_path)

    assert refusal.value.code == "world.edition_kind"


def test_the_newest_is_the_shipped_one_until_it_is_imported_anew(tmp_path: Path):
    before = shelf.newest(at=tmp_path)
    row = msgspec.structs.replace(ROW, edition="usgs-mcs-2026")
    shelf.put("usgs-mcs-2026", tables.tidy_csv([row]), into=tmp_path, replace=True)

    assert before == shipped()
    assert shelf.newest(at=tmp_path).rows == (row,)


MCS = "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes"


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (MCS.replace(",", ";").encode(), "parted by semicolons"),
        (MCS.replace(",", "\t").encode(), "parted by tabs"),
        (MCS.encode("utf-16"), "save it as CSV with commas, in UTF-8"),
        (b"PK\x03\x04\x14\x00\x00", "unpack it"),
        (b"\x1f\x8b\x08\x00", "unpack it"),
        (b"name,age\nAda,36\n", "as it was downloaded"),
        (b"", "as it was downloaded"),
    ],
)
def test_a_file_that_is_not_known_is_refused_with_what_a_spreadsheet_did_to_it(content: bytes, remedy, tmp_path: Path):
    path = tmp_path / "given.csv"
    path.write_bytes(content)

    with pytest.raises(InputError) as refusal:
        importers.import_file(path)

    assert refusal.value.code == "world.file_not_known"
    assert remedy in str(refusal.value)
    assert "\\u{0}" not in str(refusal.value)


def test_whatever_a_file_is_refused_for_the_file_is_named(tmp_path: Path):
    path = tmp_path / "head.csv"
    path.write_text(MCS + "\n", encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        importers.import_file(path)

    assert refusal.value.where["file"] == str(path)


@needs_data
@pytest.mark.parametrize("file", ["wgi_mean_of_six_latest_2015_2024", "wgi_political_stability_estimate_1996_2022"])
def test_scores_that_come_with_lodeline_are_known_too_and_others_are_not_put_in_their_place(file: str, tmp_path: Path):
    read = importers.import_file(DATA / "wgi" / f"{file}.csv")

    assert shelf.put(read.name, read.text, into=tmp_path).was == "known"
    with pytest.raises(InputError) as refusal:
        shelf.put(read.name, read.text + "\n", into=tmp_path)
    assert refusal.value.code == "world.edition_differs"
