"""Indicators: what is registered answers by its name, says what it rests on, and moves with its edition."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from lodeline.errors import NotFoundError
from lodeline.units.figure import Figure, ratio
from lodeline.world import Table, shipped, table
from lodeline.world.dependence.indicator import Indicator, Question, Registered, answers, as_table
from lodeline.world.dependence.indicator_answer import indicators_of
from lodeline.world.dependence.indicator_asked import importer_asked
from lodeline.world.dependence.registered import INDICATORS
from lodeline.world.dependence.reliance import reliance
from lodeline.world.dependence.supply import import_concentration, output
from lodeline.world.governance.score import MEAN, STABILITY, scores, scores_of
from lodeline.world.national import figure_of
from lodeline.world.statistics.commodity import commodities
from lodeline.world.trade.traded import shipped_trade, trade_table


def asked(rows: Table | None = None, **changes) -> Question:
    given_ = {"commodity": "antimony", "country": "USA", "year": "2024", "trade": shipped_trade(), "hs": "811010"}
    return Question(table=shipped() if rows is None else rows, **(given_ | changes))


def changed() -> Table:
    """The shipped edition with the output of China a hundredfold."""
    return table(
        msgspec.structs.replace(row, value=row.value * 100)
        if (row.country, row.measure) == ("CHN", "mine-production") and row.value is not None
        else row
        for row in shipped().rows
    )


def by_name(question: Question) -> dict[str, Indicator]:
    return {one.name: one for one in answers(question, INDICATORS)}


def test_every_row_answers_by_its_own_name_with_method_and_edition():
    found = answers(asked(), INDICATORS)

    assert [one.name for one in found] == [row.name for row in INDICATORS]
    assert all(one.method and one.editions for one in found)
    assert all(one.inputs or one.figure.standing == "unknown" for one in found)


def test_one_written_outside_the_package_is_one_function_and_one_row():
    def pakistan_of_china(question: Question) -> Indicator | None:
        made = output(question.table, question.commodity, "mine-production", "", question.year)
        if "PAK" not in made or "CHN" not in made:
            return None
        figure = ratio(made["PAK"], made["CHN"], unit="P1", scale=100)
        return Indicator(
            name="pakistan-of-china",
            method="Output of Pakistan over that of China",
            figure=figure,
            inputs=figure.rests_on,
            editions=(question.table.edition,),
        )

    rows = (*INDICATORS, Registered("pakistan-of-china", pakistan_of_china))

    assert answers(asked(), rows)[-1].figure.value == pytest.approx(100 * 260 / 40000)
    assert [one.name for one in answers(asked(commodity="copper"), rows)][-1] != "pakistan-of-china"


def test_antimony_of_2024_by_hand():
    """China and Russia 40,000 t each of 118,990 t listed; with Tajikistan's 22,000 t they are the three largest."""
    found = by_name(asked())

    assert found["top-1"].figure.value == pytest.approx(100 * 40000 / 118990)
    assert found["top-3"].figure.value == pytest.approx(100 * 102000 / 118990)
    assert found["hhi"].figure.value == pytest.approx(2644.756, abs=1e-3)


def test_import_sources_of_antimony_have_limits_from_their_lump():
    """By hand: 55, 12, 8 and 6 percent, and 19 of others: 3269, and 361 more if the others are one country."""
    found = by_name(asked())["import-hhi"].figure

    assert (found.low, found.high) == (pytest.approx(3269), pytest.approx(3630))


def test_a_source_of_more_than_99_percent_and_others_of_less_than_one_add_up():
    found = import_concentration(asked(commodity="copper", form="ore-and-concentrates"))

    assert found.leaders == ("CAN",)
    assert 9800 < found.hhi.low < found.hhi.high <= 10000


def test_a_test_edition_with_other_output_moves_every_answer_that_rests_on_it():
    before, after = by_name(asked()), by_name(asked(changed()))

    for name in ("hhi", "effective-suppliers", "top-1", "top-3", "eu-supply-risk", "geopolrisk"):
        assert after[name].figure != before[name].figure, name
    assert after["import-hhi"].figure == before["import-hhi"].figure


def test_the_editions_of_2025_and_2026_disagree_and_each_answer_names_its_own():
    old, new = (by_name(asked(shipped(f"usgs_mcs_{year}"))) for year in ("2025", "2026"))

    assert (old["hhi"].editions, new["hhi"].editions) == (("usgs-mcs-2025",), ("usgs-mcs-2026",))
    assert old["top-1"].figure != new["top-1"].figure


def test_geopolrisk_names_the_code_and_the_year_of_the_governance_that_it_used():
    found = by_name(asked())["geopolrisk"]

    assert "HS 811010" in found.note
    assert "political stability of 2022" in found.note
    assert found.editions == ("usgs-mcs-2026", "baci-hs17-v202601", "wgi-political-stability-1996-2022")
    assert 0 < found.figure.low <= found.figure.high < 1


def test_a_shipment_without_a_tonnage_is_at_most_its_value_at_the_least_price():
    """Belgium's 11 dollars of 2024 have no tonnage; at half a dollar a kilogram they are 22 kg at the most."""
    question = asked()
    told = by_name(question)["geopolrisk"]
    silent = [row for row in question.trade.of("811010", "2024") if row.importer == "USA" and row.tonnes is None]

    assert [(row.exporter, float(row.kusd)) for row in silent] == [("BEL", 0.011)]
    assert "0.5 USD/kg" in told.note
    assert told.figure.high / told.figure.low < 1.001


def test_where_nobody_assumes_a_least_price_such_a_shipment_may_be_anything():
    renamed = trade_table(msgspec.structs.replace(row, hs="000000") for row in shipped_trade().rows)
    told, bare = (by_name(one)["geopolrisk"].figure for one in (asked(), asked(trade=renamed, hs="000000")))

    assert bare.high == pytest.approx(told.high)
    assert bare.low < 0.8 * told.low


def test_what_has_no_trade_no_output_or_another_reporter_is_not_answered():
    assert "geopolrisk" not in by_name(asked(trade=None))
    assert "geopolrisk" not in by_name(asked(year="2025"))
    assert "import-hhi" not in by_name(asked(country="DEU"))
    assert by_name(asked(commodity="vibranium")) == {}
    assert "hhi" not in by_name(asked(stage="smelted"))


def test_a_country_without_listed_output_is_taken_as_making_none_and_that_is_said():
    assert "taken as none" in by_name(asked(country="DEU"))["geopolrisk"].note


def test_every_indicator_is_a_row_of_the_table_and_unknown_is_null():
    found = as_table(answers(asked(), INDICATORS))

    assert found.columns == ["name", "value", "low", "high", "unit", "standing", "method", "editions", "note"]
    assert found.height == len(INDICATORS)
    (row,) = found.filter(found["name"] == "months-of-cover").to_dicts()
    assert (row["value"], row["standing"]) == (None, "unknown")
    assert as_table(()).height == 0


def test_a_withheld_producer_leaves_limits_and_names_what_would_settle_it():
    """The United States withhold their antimony of 2025."""
    found = by_name(asked(year="2025"))["hhi"].figure
    (withheld,) = shipped().select(commodity="antimony", country="USA", measure="mine-production", period="2025")

    assert (found.standing, found.high) == ("bounded", pytest.approx(10000))
    assert found.settle == figure_of(withheld).settle
    assert isinstance(found, Figure)


def test_one_call_answers_for_an_element_in_its_own_words():
    found = indicators_of("antimony", importer="US", year="2024")

    assert (found.element, found.importer, found.form) == ("Sb", "USA", "unwrought")
    assert [one.name for one in found.indicators] == [row.name for row in INDICATORS]
    assert found.table().height == len(INDICATORS)


def test_a_code_that_holds_other_goods_too_is_no_trade_in_the_element():
    """Magnets of HS 850511 need not have neodymium in them."""
    found = indicators_of("Nd", importer="US", year="2024")

    assert found.form == ""
    assert "geopolrisk" not in {one.name for one in found.indicators}


def test_the_year_is_the_newest_of_which_not_all_output_is_estimated_whoever_imports():
    """Of 2025 the edition estimates all; of cobalt it estimates 2024 too; boron has no output by country."""
    assert indicators_of("Sb", importer="DE").year == indicators_of("Sb", importer="US").year == "2024"
    assert indicators_of("phosphate-rock", importer="US").year == "2024"
    assert indicators_of("boron", importer="US").year == "2024"
    cobalt = indicators_of("Co", importer="DE")
    assert cobalt.year == "2025"
    assert "All of it is estimated by the publisher." in cobalt.indicators[0].note


def test_every_commodity_that_the_editions_have_can_be_asked():
    for name in commodities():
        found = indicators_of(name, importer="US")
        assert found.commodity == name
        assert len(found.indicators) + len(found.left_out) == len(INDICATORS)


def test_an_element_is_itself_by_its_name_and_a_group_is_told_to_be_one():
    by_symbol, by_word = (indicators_of(one, importer="US", year="2024") for one in ("Pt", "platinum"))
    neodymium = {one.name: one for one in indicators_of("neodymium", importer="US", year="2024").indicators}
    every = {one.name: one for one in indicators_of("REE", importer="US", year="2024").indicators}

    assert by_word == by_symbol
    for name in ("hhi", "import-top-1", "net-import-reliance"):
        assert neodymium[name].note.startswith("Counts rare earths all together: usgs-mcs-2026 does not tell neodymium")
        assert neodymium[name].figure == every[name].figure
        assert "all together" not in every[name].note
    assert "all together" not in neodymium["eu-supply-risk-published"].note


@pytest.mark.parametrize(
    ("asked_as", "code"),
    [("Türkiye", "TUR"), ("Turkey", "TUR"), ("DR Congo", "COD"), ("Burma", "MMR"), ("UK", "GBR"),
     ("the Netherlands", "NLD"),
     ("Congo (Kinshasa)", "COD"), ("Korea, Republic of", "KOR"), ("south korea", "KOR"), ("Kosovo", "XKX")],
)  # fmt: skip
def test_an_importer_is_known_by_the_names_that_people_and_publishers_use(asked_as: str, code: str):
    assert importer_asked(asked_as) == code


@pytest.mark.parametrize(
    ("asked_as", "hint"),
    [("Korea", "South Korea, KOR"), ("EU", "no one country"), ("Germny", "Germany, DEU"), ("Atlantis", "such as USA")],
)
def test_an_importer_that_is_not_known_is_refused_with_what_may_be_meant(asked_as: str, hint: str):
    with pytest.raises(NotFoundError) as refusal:
        importer_asked(asked_as)

    assert refusal.value.code == "world.importer_unknown"
    assert hint in str(refusal.value)


def test_what_is_no_commodity_is_refused_with_the_nearest():
    with pytest.raises(NotFoundError) as refusal:
        indicators_of("antimoni", importer="US")

    assert refusal.value.code == "world.commodity_unknown"
    assert "antimony" in str(refusal.value)


def test_of_a_group_the_lines_of_the_element_are_taken_and_of_several_lines_none_is_guessed():
    """USGS prints reliance on platinum and on palladium, on zinc ore and on refined zinc."""
    platinum, group, zinc, kyanite = (
        {one.name: one for one in indicators_of(asked_as, importer="US", year="2024").indicators}
        for asked_as in ("platinum", "PGM", "zinc", "kyanite-and-related-minerals")
    )

    assert platinum["net-import-reliance"].figure.value == pytest.approx(85.3, abs=0.05)
    for found, name, told in (
        (group, "hhi", "palladium, platinum"),
        (group, "net-import-reliance", "palladium, platinum"),
        (zinc, "net-import-reliance", "ores and concentrates, refined zinc"),
        (kyanite, "hhi", "andalusite, andalusite crude ore, kyanite, kyanite and sillimanite"),
    ):
        assert found[name].figure.standing == "unknown"
        assert told in found[name].figure.settle[0].detail


def test_a_net_exporter_is_told_to_be_one():
    (found,) = (
        one
        for one in indicators_of("thallium", importer="US", year="2025").indicators
        if one.name == "net-import-reliance"
    )

    assert found.figure.value is not None
    assert found.figure.value < 0
    assert found.note.startswith("Below zero: a net exporter")


def test_the_reliance_of_an_edition_without_written_definitions_is_unknown_with_what_is_published():
    later = table(msgspec.structs.replace(row, edition="usgs-mcs-2027") for row in shipped().rows)
    (found,) = (
        one
        for one in indicators_of("Sb", importer="US", year="2024", table=later).indicators
        if one.name == "net-import-reliance"
    )

    assert found.figure.standing == "unknown"
    assert found.note == "Published: 86 percent. It cannot be computed again."
    assert "usgs-mcs-2027 defines" in found.figure.settle[0].detail


def test_a_country_whose_output_is_given_in_another_form_is_not_added_and_is_named():
    """USGS gives Peru's mercury as exports, everybody else's as mine output."""
    (peru,) = shipped().select(commodity="mercury", measure="mine-production", country="PER", period="2024")

    assert peru.form == "exports"
    assert "Not counted, given in another form: Peru (exports)." in by_name(asked(commodity="mercury"))["hhi"].note
    assert by_name(asked())["hhi"].note == ""


def test_where_no_stage_is_named_and_nobody_mines_it_the_only_output_there_is_counts_and_is_named():
    """Bismuth is a by-product; only refineries are listed."""
    found = by_name(asked(commodity="bismuth"))

    assert found["top-1"].note == "Output: refinery production."
    assert found["top-1"].figure == by_name(asked(commodity="bismuth", stage="refined"))["top-1"].figure
    assert "hhi" not in by_name(asked(commodity="bismuth", stage="mined"))


def test_of_a_group_the_output_of_the_element_is_taken_where_it_is_listed_by_itself():
    platinum, palladium = (indicators_of(one, importer="US", year="2024").indicators[0] for one in ("Pt", "Pd"))

    assert (platinum.name, palladium.name) == ("hhi", "hhi")
    assert platinum.figure != palladium.figure
    assert all(":platinum:" in key for key in platinum.inputs)


def test_output_of_refineries_is_not_put_into_a_supply_risk_of_extraction():
    """Copper without its mines: the only output left is that of refineries, which is not what is asked."""
    rows = [row for row in shipped().rows if (row.commodity, row.measure) != ("copper", "mine-production")]

    found = by_name(asked(table(rows), commodity="copper"))

    assert found["hhi"].note.startswith("Output: refinery production.")
    assert "eu-supply-risk" not in found


def test_net_import_reliance_is_the_one_of_its_own_page():
    found = by_name(asked())["net-import-reliance"]

    assert found == reliance(shipped(), "antimony", "2024").indicator
    assert "net-import-reliance" not in by_name(asked(country="DEU"))
    assert "net-import-reliance" not in by_name(asked(commodity="antimony", form="vibranium"))


def test_other_governance_moves_every_score_that_rests_on_it():
    """A test edition in which China is as stable and as well governed as can be."""
    other = [
        scores(
            msgspec.structs.replace(row, edition="test", value=Decimal("2.5"))
            if row.country == "CHN"
            else msgspec.structs.replace(row, edition="test")
            for row in scores_of(indicator).rows
        )
        for indicator in (MEAN, STABILITY)
    ]

    before, after = (
        {one.name: one for one in indicators_of("Sb", importer="US", year="2024", governance=given).indicators}
        for given in ((), other)
    )

    for name in ("eu-supply-risk", "geopolrisk"):
        assert high(after[name].figure) < high(before[name].figure), name
        assert "test" in after[name].editions
    assert after["hhi"].figure == before["hhi"].figure


def high(figure: Figure) -> float:
    return figure.high if figure.value is None else figure.value
