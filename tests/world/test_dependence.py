"""Dependence of a country on others for an element: what is at hand is told with its edition, the rest is named."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError, LodelineError
from lodeline.units.figure import Figure, unknown
from lodeline.world.dependence.answer import Dependence, FormAnswer, TradeShares, dependence
from lodeline.world.dependence.answer_asked import country_code, subject
from lodeline.world.dependence.answer_shares import shares
from lodeline.world.dependence.answer_table import rows
from lodeline.world.statistics.edition import Table, shipped
from lodeline.world.trade.asking import Form, TradeQuestion
from lodeline.world.trade.imports import origins_of_imports
from lodeline.world.trade.traded import Traded, TradeTable, shipped_trade, trade_table
from tests.world.small_trade import ANTIMONY
from tests.world.small_trade import shipped as sent


def trade_of(found: FormAnswer) -> TradeShares:
    assert found.trade is not None
    return found.trade


@pytest.fixture(scope="module")
def antimony() -> Dependence:
    return dependence("Sb", importer="US", year="2024")


def test_the_shares_of_antimony_are_those_of_the_origin_engine(antimony: Dependence):
    found = trade_of(antimony.form("unwrought"))
    engine = origins_of_imports(
        TradeQuestion(shipped_trade(), shipped(), ANTIMONY, Form("811010", Decimal(1), Decimal("0.5")), "2024", "USA")
    )

    assert found.unlisted is not None
    assert found.unlisted.value == engine.unlisted
    for code in ("MMR", "CHN", "TJK", "untraced"):
        one, line = found.supplier(code), engine.line(code)
        assert one.traced is not None
        assert one.origin is not None
        assert (one.traced.value, one.doubt, one.origin.value) == (line.traced, line.doubt, line.traced_t)
        assert (one.origin.low, one.origin.high) == pytest.approx((line.least_t, line.most_t))
        assert one.direct.value == pytest.approx(line.direct, abs=1e-9)


def test_two_thirds_of_antimony_came_from_countries_without_a_listed_mine_and_the_first_sentence_says_so(
    antimony: Dependence,
):
    assert antimony.sentence.startswith(
        "The United States imported 4,696 t of unwrought antimony in 2024: 32.3 % was shipped by Thailand, 66.1 % by "
        "countries without a listed mine; 24.9 % is traced to mines of Myanmar, which shipped 2.6 % itself; 54.8 % is "
        "untraced."
    )
    assert "a point of it is 286 t a year" in antimony.sentence


def test_a_country_without_a_listed_mine_has_a_direct_share_and_no_traced_one(antimony: Dependence):
    thailand = trade_of(antimony.form("unwrought")).supplier("THA")

    assert (thailand.mined, thailand.traced, thailand.origin) == (None, None, None)
    assert thailand.direct.value == pytest.approx(32.3, abs=0.05)


def test_what_no_table_at_hand_has_is_named_with_what_would_settle_it(antimony: Dependence):
    details = [settle.detail for settle in antimony.missing]

    assert "Imports of antimony oxides: give BACI or Comtrade for HS 282580, 2024." in details
    assert "Imports of antimony ores and concentrates: give BACI or Comtrade for HS 261710, 2024." in details
    assert not any("811010" in detail for detail in details)
    oxide = antimony.form("oxide")
    assert oxide.trade is None
    assert oxide.published is not None
    assert oxide.published.shares["CHN"].value == 66
    assert oxide.imports["oxide"].value == 24_000


def test_every_figure_names_its_edition_and_the_rows_it_rests_on(antimony: Dependence):
    told = list(rows(antimony))

    assert antimony.editions == ("usgs-mcs-2026", "baci-hs17-v202601")
    assert all(set(row.editions.split()) <= set(antimony.editions) and row.editions for row in told)
    traced = [row for row in told if row.measure == "traced"]
    assert {row.editions for row in traced} == {"baci-hs17-v202601 usgs-mcs-2026"}
    thailand = trade_of(antimony.form("unwrought")).supplier("THA")
    assert thailand.shipped.rests_on == ("baci-hs17-v202601:811010:THA:USA:2024",)


def test_national_figures_are_those_published_and_a_point_is_a_hundredth(antimony: Dependence):
    of = antimony.national

    assert (of.consumption.value, of.reliance.value, of.imports.value) == (28_600, 86, 24_000 + 4_920)
    assert (of.point_of_consumption.value, of.point_of_imports.value) == (286, 289.2)
    recomputed = next(one for one in of.computed if one.name == "net-import-reliance")
    assert recomputed.figure.value == pytest.approx(86.3, abs=0.05)


def test_the_world_s_mine_output_of_antimony_is_a_third_chinese(antimony: Dependence):
    (mined,) = antimony.outputs

    assert (mined.measure, mined.stage) == ("mine-production", "mined")
    assert round(mined.shares["CHN"].value or 0, 1) == 33.6
    hhi = next(one for one in mined.concentration if one.name == "hhi")
    assert hhi.figure.known or hhi.figure.standing == "bounded"


def test_months_of_cover_are_told_where_stocks_are():
    """By hand: 123,000 t of refined copper over 1,860,000 t a year are 0.79 months."""
    found = dependence("Cu", importer="USA", year="2024")
    cover = next(one for one in found.national.computed if one.name == "months-of-cover")

    assert cover.figure.value == pytest.approx(12 * 123 / 1860)


def test_us_refined_copper_has_next_to_no_chinese_share_direct_or_traced():
    found = trade_of(dependence("copper", importer="United States", year="2024", form="cathodes").form("cathodes"))
    china, chile = found.supplier("CHN"), found.supplier("CHL")

    assert china.traced is not None
    assert (china.direct.value or 0) < 0.5
    assert (china.traced.value or 0) < 0.5
    assert chile.traced is not None
    assert round(chile.traced.value or 0) == 71


def test_magnets_have_direct_shares_only_and_say_why():
    found = trade_of(dependence("Nd", importer="US", year="2024").form("permanent-magnets"))

    assert (found.unlisted, found.mines, found.concentration_of_mines) == (None, "", ())
    assert "mostly iron" in found.not_traced
    assert all(one.traced is None and one.origin is None for one in found.suppliers)
    assert found.suppliers[0].country == "CHN"
    assert sum(one.direct_by_value.value or 0 for one in found.suppliers) == pytest.approx(100)


def test_another_importer_gets_trade_and_not_reported_for_the_rest():
    found = dependence("Sb", importer="DE", year="2024")

    assert trade_of(found.form("unwrought")).arrived.value
    assert found.national.consumption.standing == "unknown"
    assert any("not reported" in settle.detail for settle in found.missing)
    assert (found.form("oxide").published, found.also_published) == (None, ())


def test_pakistan_bought_609_t_of_antimony_from_china():
    found = trade_of(dependence("Sb", importer="Pakistan", year="2024").form("unwrought"))

    assert round(found.supplier("CHN").shipped.value or 0) == 609


def test_no_rare_earth_output_is_reported_for_pakistan():
    found = dependence("rare earths", importer="US", year="2024")

    assert all("PAK" not in output.tonnes for output in found.outputs)


def test_a_country_that_imported_nothing_of_a_form_is_told_apart_from_a_form_that_is_not_at_hand():
    found = dependence("Sb", importer="Tuvalu", year="2024")

    assert (found.form("unwrought").trade, found.form("unwrought").missing) == (None, None)
    assert found.form("oxide").missing is not None


def test_the_trade_of_ore_that_a_user_gives_is_followed_where_its_content_is_said():
    """By hand: India ships 10 t of metal and mined none; with 20 t of ore at half from Tajikistan it is all Tajik."""
    trade = trade_table([sent("IND", "USA", "10"), sent("TJK", "IND", "20", hs="261710")])
    blind = trade_of(dependence("Sb", importer="US", year="2024", trade=trade).form("unwrought"))
    seeing = trade_of(
        dependence("Sb", importer="US", year="2024", trade=trade, contents={"261710": Decimal("0.5")}).form("unwrought")
    )

    assert blind.followed == ("811010",)
    assert [one.country for one in blind.suppliers] == ["untraced", "IND"]
    assert seeing.followed == ("811010", "261710")
    tajik = seeing.supplier("TJK")
    assert tajik.traced is not None
    assert tajik.traced.value == pytest.approx(100)
    assert "261710" in blind.supposes[1]
    assert "261710" not in seeing.supposes[1]


def test_oxide_is_traced_with_its_range_of_content_where_its_trade_is_given():
    """By hand: 10 t of oxide from China, which mined more than that: all of it is Chinese at any content."""
    trade = trade_table([sent("CHN", "USA", "10", hs="282580"), sent("IND", "USA", "4")])
    found = trade_of(dependence("Sb", importer="US", year="2024", trade=trade).form("oxide"))
    china = found.supplier("CHN")

    assert china.traced is not None
    assert china.origin is not None
    assert (china.traced.value, china.doubt) == (pytest.approx(100), pytest.approx(0))
    assert (china.origin.low, china.origin.high) == (pytest.approx(7.527, abs=1e-3), pytest.approx(8.354, abs=1e-3))


def test_a_test_edition_with_changed_mine_output_moves_the_traced_share():
    changed = tuple(
        msgspec.structs.replace(row, value=Decimal(0))
        if (row.commodity, row.country, row.measure) == ("antimony", "MMR", "mine-production")
        else row
        for row in shipped().rows
    )
    table = Table(edition="usgs-mcs-2026", rows=changed)
    found = trade_of(dependence("Sb", importer="US", year="2024", table=table).form("unwrought"))

    assert all(one.country != "MMR" or one.traced is None for one in found.suppliers)
    assert (found.supplier("untraced").traced or unknown("P1")).value == pytest.approx(79.7, abs=0.2)


def doubled() -> tuple[TradeTable, Table]:
    """Every tonnage twice: of the trade, of mines, of what is used."""
    trade = tuple(
        msgspec.structs.replace(row, tonnes=None if row.tonnes is None else 2 * row.tonnes, kusd=2 * row.kusd)
        for row in shipped_trade().rows
    )
    rows = tuple(
        msgspec.structs.replace(row, value=2 * row.value) if row.unit == "TNE" and row.value is not None else row
        for row in shipped().select(commodity="antimony")
    )
    return TradeTable(edition="doubled", rows=trade), Table(edition="usgs-mcs-2026", rows=rows)


def test_twice_the_tonnes_of_all_are_the_same_shares_of_twice_as_much(antimony: Dependence):
    trade, table = doubled()
    twice = dependence("Sb", importer="US", year="2024", trade=trade, table=table)

    before, after = (trade_of(of.form("unwrought")) for of in (antimony, twice))
    assert after.arrived.value == pytest.approx(2 * (before.arrived.value or 0))
    assert [one.country for one in after.suppliers] == [one.country for one in before.suppliers]
    for one, other in zip(before.suppliers, after.suppliers, strict=True):
        assert (other.direct.value, other.direct_by_value.value) == pytest.approx(
            (one.direct.value, one.direct_by_value.value)
        )
        if one.traced is not None and one.origin is not None:
            assert other.traced is not None
            assert other.origin is not None
            assert other.traced.value == pytest.approx(one.traced.value, abs=1e-9)
            assert (other.origin.low, other.origin.high) == pytest.approx(
                (2 * (one.origin.low or 0), 2 * (one.origin.high or 0)), abs=1e-6
            )
    assert twice.national.point_of_consumption.value == 2 * 286
    assert twice.national.reliance.value == antimony.national.reliance.value


def test_the_order_of_rows_changes_nothing(antimony: Dependence):
    trade = TradeTable(edition="baci-hs17-v202601", rows=shipped_trade().rows[::-1])

    assert dependence("Sb", importer="US", year="2024", trade=trade).sentence == antimony.sentence
    before, after = (
        {one.country: one.origin for one in trade_of(of.form("unwrought")).suppliers}
        for of in (antimony, dependence("Sb", importer="US", year="2024", trade=trade))
    )
    assert before.keys() == after.keys()
    assert all(
        one is None or (one.low, one.high) == ((after[code] or one).low, (after[code] or one).high)
        for code, one in before.items()
    )


def test_to_a_mine_whose_output_is_withheld_nothing_is_traced_and_its_output_is_unknown():
    changed = tuple(
        msgspec.structs.replace(row, value=None, qualifiers="W")
        if (row.commodity, row.country, row.measure) == ("antimony", "CHN", "mine-production")
        else row
        for row in shipped().rows
    )
    table = Table(edition="usgs-mcs-2026", rows=changed)
    china = trade_of(dependence("Sb", importer="US", year="2024", table=table).form("unwrought")).supplier("CHN")

    assert (china.traced, china.origin) == (None, None)
    assert china.mined is not None
    assert china.mined.standing == "unknown"
    assert round(china.direct.value or 0) == 10


def test_of_platinum_only_platinum_is_told():
    found = dependence("Pt", importer="US", year="2024")

    assert [one.form.name for one in found.forms] == ["platinum"]
    assert [output.form for output in found.outputs] == ["platinum"]


def test_of_a_metal_that_the_edition_does_not_tell_apart_nothing_of_its_kin_is_told():
    found = dependence("Rh", importer="US", year="2024")

    assert (found.outputs, found.also_published) == ((), ())
    assert found.national.reliance.standing == "unknown"
    assert len(dependence("PGM", importer="US", year="2024").outputs) == 2


def test_an_older_edition_gives_another_share_of_the_world_s_output():
    """China's share of the antimony mined in 2024: 58 % in the edition of 2025, 34 % in that of 2026."""
    old = dependence("Sb", importer="US", year="2024", table=shipped("usgs_mcs_2025"))

    assert "usgs-mcs-2025" in old.editions
    assert round(old.outputs[0].shares["CHN"].value or old.outputs[0].shares["CHN"].high or 0) == 58


def test_the_table_has_a_row_for_each_figure_and_unknown_is_null():
    found = dependence("Sb", importer="US", year="2024", form="oxide")
    table = found.table()

    assert table.height == len(list(rows(found)))
    cover = table.filter(table["measure"] == "months-of-cover")
    assert cover["value"].to_list() == [None]


@pytest.mark.parametrize(
    ("asked", "code", "hint"),
    [
        ({"element": "antimoni"}, "world.commodity_unknown", "Sb"),
        ({"element": "Xq"}, "world.commodity_unknown", "such as Sb"),
        ({"importer": "Germny"}, "world.importer_unknown", "Germany, DEU"),
        ({"form": "unwrougt"}, "world.form_unknown", "nearest: unwrought"),
        ({"element": "Mg"}, "world.commodity_ambiguous", "magnesium-compounds and magnesium-metal"),
        ({"element": "titanium"}, "world.commodity_ambiguous", "titanium-mineral-concentrates"),
        ({"year": "1999"}, "world.year_not_at_hand", "2021"),
        ({"year": "1850"}, "world.year_not_at_hand", "2021"),
        ({"year": "last"}, "world.year_unreadable", "2024"),
        ({"contents": {"740311": Decimal(1)}}, "world.content_of_no_form", "811010"),
        ({"contents": {"261710": Decimal(2)}}, "world.content", "at most 1"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest(asked: dict[str, object], code: str, hint: str):
    with pytest.raises(LodelineError) as refused:
        dependence(**{"element": "Sb", "importer": "US", "year": "2024", **asked})  # type: ignore[arg-type]

    assert refused.value.code == code
    assert hint in refused.value.sentence


@pytest.mark.parametrize("word", ["US", "usa", "United States", "the united states"])
def test_a_country_is_known_by_any_of_its_names(word: str):
    assert country_code(word) == "USA"


@pytest.mark.parametrize("word", ["sb", "Sb", "antimony", "ANTIMONY"])
def test_an_element_is_known_by_any_of_its_names(word: str):
    assert subject(word).element == "Sb"


def test_a_group_that_a_chapter_names_is_known_too():
    assert subject("NdPr") == subject("ndpr") == ("NdPr", "rare-earths", "NdPr")
    assert dependence("NdPr", importer="US", form="permanent-magnets").form("permanent-magnets").trade is not None


@pytest.mark.parametrize("word", ["magnesium-metal", "magnesium metal", "titanium mineral concentrates"])
def test_of_several_commodities_of_one_element_each_is_known_by_its_name(word: str):
    assert subject(word).commodity == word.replace(" ", "-")


def test_of_two_metals_of_one_chapter_each_has_its_own_forms():
    assert [one.form.name for one in dependence("hafnium", importer="US").forms] == ["unwrought-hafnium"]
    assert "unwrought-hafnium" not in [one.form.name for one in dependence("Zr", importer="US").forms]


def test_a_commodity_that_is_no_metal_is_known_too():
    assert subject("graphite").commodity == subject("C").commodity == "graphite-natural"
    assert len(dependence("fluorspar", importer="US").forms) == 2


def test_a_point_of_a_direct_share_is_a_hundredth_of_what_came_for_any_importer():
    found = trade_of(dependence("Sb", importer="DE", form="unwrought").form("unwrought"))

    assert found.point.value == pytest.approx((found.arrived.value or 0) / 100)


def test_a_table_that_lacks_the_year_leaves_it_to_the_one_that_has_it():
    other = trade_table([msgspec.structs.replace(sent("CHN", "USA", "5"), period="2019")])
    asked = {"importer": "US", "trade": other, "form": "unwrought"}

    assert trade_of(dependence("Sb", year="2024", **asked).form("unwrought")).edition == "baci-hs17-v202601"  # type: ignore[arg-type]
    old = dependence("Sb", year="2019", **asked)  # type: ignore[arg-type]
    assert "no mine output" in trade_of(old.form("unwrought")).not_traced


def test_without_a_year_the_newest_with_trade_is_taken():
    assert dependence("Sb", importer="US").year == "2024"
    assert dependence("Zn", importer="US").year == "2024", "of 2025 the edition has estimates only"


def known(value: float) -> Figure:
    return Figure(value=value, unit="TNE", standing="stated")


def between(low: float, high: float | None) -> Figure:
    return Figure(value=None, low=low, high=high, unit="TNE", standing="bounded")


def test_shares_of_known_parts_are_values_and_a_limit_makes_limits():
    """By hand: 3 of 4 are 75 %; with another of 0 to 2 beside 3 and 1 they are 50 to 75."""
    assert [one.value for one in shares({"A": known(3), "B": known(1)}).values()] == [75, 25]

    found = shares({"A": known(3), "B": known(1), "C": between(0, 2)})
    assert (found["A"].low, found["A"].high) == (50, 75)
    assert (found["C"].low, found["C"].high) == (0, pytest.approx(100 / 3))
    open_ = shares({"A": known(3), "C": between(0, None)})
    assert (open_["A"].low, open_["A"].high, open_["C"].high) == (0, 100, 100)
    assert shares({"A": known(0)})["A"].standing == "unknown"


@given(
    ends=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5),
    data=st.data(),
)
def test_limits_of_shares_hold_for_whatever_the_parts_were(ends: list[tuple[int, int]], data: st.DataObject):
    parts = {str(n): between(min(pair), max(pair)) for n, pair in enumerate(ends)}
    were = {str(n): data.draw(st.integers(min(pair), max(pair))) for n, pair in enumerate(ends)}
    whole = sum(were.values())
    if whole:
        for name, one in shares(parts).items():
            assert (one.low or 0) - 1e-9 <= 100 * were[name] / whole <= (one.high or 0) + 1e-9


def test_a_code_of_another_version_of_the_harmonized_system_is_not_taken_for_the_form():
    """Rhenium left 811292 with the version of 2022."""
    row: Traded = sent("CHL", "USA", "3", hs="811292")
    newer = trade_table([msgspec.structs.replace(row, edition="baci-hs22-v202601")])
    older = trade_table([row])

    given_old = trade_of(dependence("Re", importer="US", year="2024", trade=older).form("unwrought"))
    given_new = trade_of(dependence("Re", importer="US", year="2024", trade=newer).form("unwrought"))
    assert [one.country for one in given_old.suppliers] == ["CHL"]
    assert len(given_new.suppliers) > 1


def test_all_that_arrived_has_limits_where_a_tonnage_is_not_published():
    """By hand: 3 t, and 2,000 dollars at half a dollar a kilogram at least, which are at most 4 t."""
    trade = trade_table([sent("CHN", "USA", None, kusd="2"), sent("TJK", "USA", "3")])
    arrived = trade_of(dependence("Sb", importer="US", year="2024", trade=trade).form("unwrought")).arrived

    assert (arrived.low, arrived.value, arrived.high) == (3, 5, 7)
    whole = trade_of(
        dependence("Sb", importer="US", year="2024", trade=trade_table([sent("TJK", "USA", "3")])).form("unwrought")
    ).arrived
    assert (whole.low, whole.value, whole.high) == (None, 3, None)


def test_of_imports_that_are_rounded_to_nothing_no_share_is_told():
    trade = trade_table([sent("CHN", "USA", "0"), sent("TJK", "USA", "0")])
    found = dependence("Sb", importer="US", year="2024", trade=trade, form="unwrought")

    assert "in 2024: whose it was by mass is unknown; where it was mined is not traced." in found.sentence
    assert trade_of(found.form("unwrought")).supplier("CHN").direct.standing == "unknown"


def test_a_shipment_without_a_tonnage_and_without_a_least_price_leaves_the_direct_shares():
    trade = trade_table([sent("CHN", "USA", None, hs="261710"), sent("TJK", "USA", "3", hs="261710")])
    found = trade_of(
        dependence("Sb", importer="US", year="2024", trade=trade, contents={"261710": Decimal("0.5")}).form(
            "ore-and-concentrates"
        )
    )

    assert "no tonnage" in found.not_traced
    assert found.supplier("TJK").direct.high == 100
    assert found.supplier("CHN").direct_by_value.value == 50
    with pytest.raises(InputError):
        dependence("Sb", importer="US", year="2024", contents={"261710": Decimal(0)})
