"""The worked example: US imports of unwrought antimony in 2024, each figure again from the tables."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from lodeline.world import shipped
from lodeline.world.trade.asking import Form, TradeQuestion
from lodeline.world.trade.bounds_picture import bounds_picture
from lodeline.world.trade.imports import Imports, origins_of_imports
from lodeline.world.trade.picture import import_picture
from lodeline.world.trade.traded import shipped_trade
from tests.world.small_trade import ANTIMONY, HS, YEAR

QUESTION = TradeQuestion(shipped_trade(), shipped(), ANTIMONY, Form(HS, Decimal(1), Decimal("0.5")), YEAR, "USA")
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "reference"


@cache
def us_imports() -> Imports:
    return origins_of_imports(QUESTION)


def tonnes(exporter: str | None, importer: str | None) -> Decimal:
    rows = shipped_trade().of(HS, YEAR)
    return sum(
        (row.tonnes or Decimal(0) for row in rows
         if exporter in (None, row.exporter) and importer in (None, row.importer)),
        Decimal(0),
    )  # fmt: skip


def test_two_thirds_of_the_imports_came_from_countries_without_a_listed_mine():
    """By hand: 4,696.485 t came, and 1,592.684 t of them from countries that mine."""
    found = us_imports()
    listed = sum(tonnes(code, "USA") for code in ("BOL", "CHN", "MEX", "MMR", "TJK", "TUR", "VNM"))

    assert tonnes(None, "USA") == Decimal("4696.485")
    assert listed == Decimal("1592.684")
    assert found.total_t == pytest.approx(4696.485, abs=0.02)
    assert found.unlisted == pytest.approx(100 * (1 - float(listed) / 4696.485), abs=0.01)
    assert round(found.unlisted) == 66


def test_vietnam_mined_220_t_shipped_6667_t_and_imported_80_t():
    row = shipped().row("antimony", "VNM", "mine-production", "", YEAR)

    assert row is not None
    assert row.value == 220
    assert round(tonnes("VNM", None)) == 6667
    assert round(tonnes(None, "VNM")) == 80
    of = us_imports().of
    at = (of.graph.head == of.countries.index("VNM")) & (of.graph.origin == 0)
    assert of.graph.mg[at].sum() / 1e9 == pytest.approx(6667.049 - 220 - 79.965)


def test_thailand_has_no_listed_mine_and_sells_burmese_and_vietnamese_metal():
    """It bought 5,410 t, of which 55 % from Myanmar and 44 % from Vietnam, and shipped 6,067 t."""
    assert shipped().row("antimony", "THA", "mine-production", "", YEAR) is None
    assert [round(tonnes(code, "THA")) for code in ("MMR", "VNM", None)] == [2979, 2360, 5410]
    assert round(tonnes("THA", None)) == 6067

    found = us_imports()
    assert found.line("THA").direct == pytest.approx(32.3, abs=0.05)
    # A little more than 2,979 of 6,067, since India and others sold some of it back.
    assert found.by_exporter["THA", "MMR"] / found.line("THA").direct_t == pytest.approx(2979.134 / 6067.417, abs=0.01)
    assert found.line("MMR").direct < 3 < 24 < found.line("MMR").traced


def test_traced_shares_add_up_and_lie_between_the_bounds():
    found = us_imports()

    assert sum(line.traced for line in found.lines) == pytest.approx(100, abs=1e-9)
    assert sum(line.direct for line in found.lines) == pytest.approx(100, abs=1e-9)
    for line in found.lines:
        assert line.least_t - 1e-6 <= line.traced_t <= line.most_t + 1e-6
        assert line.doubt < 0.2
    assert found.line("VNM").most_t == pytest.approx(220, abs=0.01)
    assert (round(found.line("untraced").least_t), round(found.line("untraced").most_t)) == (960, 4351)


def test_what_stayed_in_the_united_states_is_less_certain_than_what_arrived():
    """4,696 t came and 1,787 t were sent on: of the 2,909 t that stayed any may be Burmese, or none."""
    stayed = origins_of_imports(QUESTION._replace(asked="consumption"))
    line = stayed.line("MMR")

    assert stayed.total_t == pytest.approx(4696.485 - float(tonnes("USA", None)), abs=0.02)
    assert (round(stayed.total_t), line.least_t, round(line.most_t)) == (2909, 0, 2909)
    assert stayed.unlisted == pytest.approx(us_imports().unlisted)


def test_pakistan_bought_609_t_from_china_and_mined_260_t():
    row = shipped().row("antimony", "PAK", "mine-production", "", YEAR)

    assert row is not None
    assert row.value == 260
    assert round(tonnes("CHN", "PAK")) == 609


def test_the_committed_pictures_are_what_the_tables_give():
    title = "US imports of unwrought antimony in 2024"
    flows, bounds = (
        (PICTURES / f"antimony-to-the-united-states{which}.svg").read_text(encoding="utf-8")
        for which in ("", "-bounds")
    )

    assert flows == import_picture(title, us_imports(), least_part=0.01)
    assert bounds == bounds_picture(f"{title}, by origin", us_imports(), least_part=0.01)


def test_the_picture_of_bounds_says_how_many_it_leaves_out():
    picture = bounds_picture("By origin", us_imports(), least_part=0.1)

    assert f"{len(us_imports().lines) - 6} smaller ones are left out." in picture
    assert all(name in picture for name in ("untraced", "Myanmar", "China", "Vietnam", "Thailand", "India"))
    assert "Tajikistan" not in picture


def test_small_ones_are_folded_in_the_picture_with_their_mass_kept():
    picture = import_picture("All in two", us_imports(), least_part=0.2)

    assert "Thailand 1,517 t" in picture
    assert "others 3,180 t" in picture
    assert "Tajikistan" not in picture
