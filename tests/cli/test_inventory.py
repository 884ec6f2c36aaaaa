"""``lodeline inventory``: what is held where, and what nobody knows of it, in a table, in CSV and in JSON."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lodeline.book import open as open_book
from lodeline.examples.programme import programme


@pytest.fixture
def plant(lodeline, book, tmp_path):
    """The synthetic programme, small and without faults."""
    with open_book(tmp_path / book) as opened:
        programme(200, 7, faults=()).build(opened, by="clerk")
        opened.set_policy(b'[groups]\nNdPr = ["Nd", "Pr"]\n[uncertainty]\nweighing = {kg = 10}', by="clerk")
    return book


def test_lines_add_up_to_the_sum_by_place_in_every_form(lodeline, plant):
    each = json.loads(lodeline("inventory", plant, "--element", "Sb", "--json").out)
    summed = json.loads(lodeline("inventory", plant, "--by", "place", "--element", "Sb", "--json").out)
    rows = list(csv.DictReader(io.StringIO(lodeline("inventory", plant, "--by", "place", "--csv").out)))

    places = {line["place"] for line in each["lines"]}
    assert {line["place"] for line in summed["lines"]} == places
    assert sum(line["holdings"] for line in summed["lines"]) == sum(line["holdings"] for line in each["lines"]) > 0
    assert each["asked"] == ["Sb"]
    assert {row["place"] for row in rows} == {place or "" for place in places}
    by_place = {row["place"]: row for row in rows}
    for line in summed["lines"]:
        row, wet = by_place[line["place"] or ""], line["wet"]
        assert row["wet_kg_standing"] == wet["standing"]
        assert (row["wet_kg_value"] or None) == (None if wet["value"] is None else str(wet["value"]))


def test_a_sum_with_an_unknown_part_says_at_least_and_cites_the_policy(lodeline, plant):
    out = lodeline("inventory", plant, "--by", "state").out
    version = json.loads(lodeline("policy", "show", plant, "--json").out)["version"]

    assert "at least" in out or "unknown" in out
    assert out.splitlines()[-1].endswith(f"policy of entry {version}")


def test_a_declared_group_is_asked_for_by_name_and_an_unknown_element_is_refused(lodeline, plant):
    found = json.loads(lodeline("inventory", plant, "--element", "NdPr", "--by", "material", "--json").out)
    wrong = lodeline("inventory", plant, "--element", "Xx")

    assert found["asked"] == ["NdPr"]
    assert all(set(line["elements"]) == {"NdPr"} for line in found["lines"])
    assert (wrong.code, "[chemistry.element_unknown" in wrong.err) == (2, True)


def test_an_empty_book_holds_nothing_and_says_so(lodeline, book):
    assert "nothing is held" in lodeline("inventory", book).out
    assert lodeline("inventory", book, "--csv", "--json").code == 2


def test_the_inventory_as_of_an_entry_is_that_of_then(lodeline, plant):
    early = json.loads(lodeline("inventory", plant, "--as-of", "0", "--json").out)

    assert (early["as_of"], early["lines"], early["policy"]) == (0, [], "no policy")
