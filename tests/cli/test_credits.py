"""``lodeline credits``: what it prints, and what it refuses."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.book.small_origin import HALVED, LOT, founded
from tests.book.test_crediting import FACTOR, PERIODS, credit, use


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """3 kg of Pakistan and 2 kg of scrap of the United States became two equal lots."""
    found = tmp_path_factory.mktemp("book") / "book.db"
    founded(found, HALVED).close()
    return found


def file(path, *parts):
    written = path.parent / "credits.toml"
    written.write_text("".join((PERIODS, FACTOR, *parts)))
    return written


def test_an_account_is_a_row_and_what_is_not_borne_out_stands_below(lodeline, path):
    ran = lodeline("credits", path, file(path, credit(3.5), use(1)))

    assert ran.code == 0, ran.err
    assert "March" in ran.out
    assert "strong: Credits of 3.500 kg of Sb from PK in March are 0.500 kg more" in ran.out
    assert "(credit.not_covered)" in ran.out
    assert "bears out every credit" in lodeline("credits", path, file(path, credit(), use(1)), "--recorded").out


def test_json_and_csv_have_every_digit(lodeline, path):
    said = file(path, credit(), use(1))
    told = json.loads(lodeline("credits", path, said, "--json").out)
    (row,) = csv.DictReader(io.StringIO(lodeline("credits", path, said, "--csv").out))

    assert told["accounts"][0]["left_kg"] == float(row["left_kg"]) == 1.7
    assert lodeline("credits", path, said, "--csv", "--json").code == 2


def test_a_file_that_overdraws_is_refused_with_its_row(lodeline, path):
    ran = lodeline("credits", path, file(path, credit(), use(2.8)))

    assert ran.code == 2
    assert "credit.overdrawn" in ran.err
    assert "row 5" in ran.err
    assert LOT in ran.err
