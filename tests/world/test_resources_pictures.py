"""The pictures of the page on resources are what the functions of the package give."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from lodeline.world.resources.deposit import named, parse_deposits, shipped_deposits
from lodeline.world.resources.ladder import Ladder, ladder_of
from lodeline.world.resources.ladder_picture import ladder_picture
from lodeline.world.resources.tract import parse_tract, undiscovered
from lodeline.world.resources.undiscovered import Undiscovered
from lodeline.world.resources.undiscovered_picture import undiscovered_picture
from tests.world.small_resources import small

PAGES = Path(__file__).resolve().parents[2] / "docs" / "reference"
WRITTEN = re.compile(r"<!-- writes: (?P<name>\S+) -->\n+```toml\n(?P<text>.*?)```", re.DOTALL)
TITLES = {
    "reko-diq": "Reko Diq: from the value of all metal in the reserve to what is known of its net",
    "small": "A made-up deposit: from gross metal value to net present value",
    "tract": "A made-up tract: ore and metal that is not found yet",
}


@cache
def written() -> dict[str, str]:
    """The files that the page writes, by name."""
    page = (PAGES / "world-resources.md").read_text(encoding="utf-8")
    return {match["name"]: match["text"] for match in WRITTEN.finditer(page)}


@cache
def page_ladder() -> Ladder:
    """The ladder of the page's deposit."""
    return ladder_of(parse_deposits(written()["hill.toml"])[0])


@cache
def page_simulation() -> Undiscovered:
    """The simulation of the page's tract."""
    return undiscovered(parse_tract(written()["tract.toml"]), samples=100_000, seed=7, shape="lognormal")


def test_the_committed_pictures_are_what_the_tables_give():
    drawn = {
        "ladder-reko-diq": ladder_picture(TITLES["reko-diq"], ladder_of(named(shipped_deposits(), "reko-diq"))),
        "ladder-small": ladder_picture(TITLES["small"], page_ladder()),
        "undiscovered": undiscovered_picture(TITLES["tract"], page_simulation()),
    }
    for name, picture in drawn.items():
        assert (PAGES / f"resources-{name}.svg").read_text(encoding="utf-8") == picture


def test_a_bar_is_as_long_as_its_rung_and_an_unknown_one_has_none():
    picture = ladder_picture("small", ladder_of(small(without="royalty")))
    bars = [float(match) for match in re.findall(r'width="([\d.]+)" height="16"', picture)]

    assert len(bars) == 9
    assert bars[1] / bars[0] == pytest.approx(0.95, abs=0.001)
    assert "unknown: royalty" in picture
    assert "illustrative" not in picture


def test_a_loss_is_drawn_to_the_left_and_ranges_as_whiskers():
    dear = ladder_picture("dear", ladder_of(small(mining_cost="low = 100\nvalue = 200\nhigh = 300")))

    assert "#b3541e" in dear
    assert dear.count('stroke-width="1.4"') == 13


def test_foreign_text_is_harmless_in_a_picture():
    picture = ladder_picture("<script>", ladder_of(small()))

    assert "<script>" not in picture
    assert "&lt;script&gt;" in picture


def test_a_picture_of_nothing_can_be_drawn():
    tract = written()["tract.toml"].replace('method = "mark3"', 'method = "custom"')
    tract = re.sub(r"at_least = .*\n", "numbers = [0]\nweights = [1]\n", tract)
    found = undiscovered(parse_tract(tract), samples=1_000, seed=1, shape="drawn")

    assert "Nothing at all: 100.0 %" in undiscovered_picture("none", found)
