"""A tidy table is read whole or refused, and writes back what it was."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError, NotFoundError
from lodeline.world.statistics import edition
from lodeline.world.statistics.edition import Row

ROW = Row(
    edition="x-1",
    commodity="antimony",
    element="Sb",
    country="PAK",
    measure="mine-production",
    form="",
    period="2024",
    value=Decimal(260),
    low=None,
    high=None,
    unit="TNE",
    basis="element",
    qualifiers="",
    published="260",
    published_unit="metric tons",
    note="",
    source="by hand",
)

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
numbers = st.none() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)


def csv_of(**changes: object) -> str:
    return edition.tidy_csv([msgspec.structs.replace(ROW, **changes)])


@given(note=texts, published=texts, value=numbers, low=numbers, high=numbers)
def test_a_table_writes_back_what_it_was(note: str, published: str, value, low, high):
    row = msgspec.structs.replace(ROW, note=note, published=published, value=value, low=low, high=high)

    assert edition.parse(edition.tidy_csv([row])).rows == (row,)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (edition.tidy_csv([]), "world.table_empty"),
        (edition.tidy_csv([ROW, ROW]), "world.row_twice"),
        (edition.tidy_csv([ROW, msgspec.structs.replace(ROW, edition="x-2")]), "world.editions_mixed"),
        ("edition,commodity\nx,y\n", "world.column_missing"),
        (csv_of(country=""), "world.cell_missing"),
        (csv_of(qualifiers="maybe"), "world.qualifier_unknown"),
        (csv_of().replace(",260,,,", ",2_6x,,,"), "world.not_a_number"),
        (csv_of().replace(",260,,,", ",Infinity,,,"), "world.not_a_number"),
        (csv_of().replace(",260,,,", ",NaN,,,"), "world.not_a_number"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(text: str, code: str):
    with pytest.raises(InputError) as refusal:
        edition.parse(text)

    assert refusal.value.code == code


def test_a_file_that_is_missing_or_not_utf8_is_refused(tmp_path: Path):
    path = tmp_path / "edition.csv"
    with pytest.raises(NotFoundError) as missing:
        edition.read(path)
    path.write_bytes(b"edition,\xff\xfe")
    with pytest.raises(InputError) as broken:
        edition.read(path)
    path.write_text(edition.tidy_csv([ROW]), encoding="utf-8")

    assert (missing.value.code, broken.value.code) == ("world.no_such_file", "world.not_utf8")
    assert edition.read(path).rows == (ROW,)


def test_a_table_that_does_not_come_with_lodeline_is_named():
    with pytest.raises(NotFoundError) as refusal:
        edition.shipped("usgs_mcs_1899")

    assert refusal.value.code == "world.no_such_table"


@pytest.mark.parametrize("name", ["usgs_mcs_2026", "usgs_mcs_2025"])
def test_every_shipped_row_names_its_source_and_an_unknown_one_says_why(name: str):
    for row in edition.shipped(name).rows:
        assert "doi:10.5066/" in row.source
        assert row.value is not None or row.qualifiers, row.key
        assert row.unit == "TNE" or not row.basis, row.key
