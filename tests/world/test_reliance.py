"""Net import reliance: worked by hand, against a second route, and against every figure that USGS publishes of it."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec
import polars
import pytest

from lodeline.errors import NotFoundError
from lodeline.world.dependence.reliance import agreement, reliance
from lodeline.world.dependence.reliance_recipes import shipped_recipes
from lodeline.world.statistics.edition import Table, read, shipped
from lodeline.world.statistics.edition import table as table_of
from tests.outside import DATA, needs_data

FILE = DATA / "usgs" / "MCS2026_Commodities_Data.cp1252.csv"


@pytest.fixture(scope="module")
def edition() -> Table:
    return shipped("usgs_mcs_2026")


@pytest.fixture(scope="module")
def every(edition):
    return agreement(edition)


def changed(table: Table, key: str, **columns: object) -> Table:
    """The edition with one row changed."""
    assert key in table.by_key
    return table_of(msgspec.structs.replace(row, **columns) if row.key == key else row for row in table.rows)


def without(table: Table, part: str) -> Table:
    """The edition with nothing in the lines that the recipes count as this part."""
    lines = {
        (one.commodity, line)
        for one in shipped_recipes().recipe
        for line in (*getattr(one, part), *getattr(one.net_parts, part))
    }
    return table_of(
        msgspec.structs.replace(row, value=Decimal(0), published="—", qualifiers="")
        if (row.commodity, f"{row.measure}:{row.form}") in lines and row.value is not None
        else row
        for row in table.rows
    )


def test_antimony_of_2024_comes_out_as_by_hand(edition):
    """588 + 3,330 made; 24,000 + 4,920 in; 2,690 + 1,570 out: 24,660 of 28,578 t, 86.29 %; published 86 and 28,600."""
    found = reliance(edition, "Sb", "2024")

    assert found.reliance.computed.value == pytest.approx(100 * 24_660 / 28_578)
    assert found.consumption is not None
    assert found.consumption.computed.value == pytest.approx(28_578)
    assert (found.reliance.published, found.reliance.verdict, found.way) == ("86", "agrees", "lines")
    assert found.reliance.off == pytest.approx(0.2901, abs=1e-4)


def test_what_leaves_a_stock_counts_as_copper_of_2022_by_hand(edition):
    """917 + 152 kt made, 732 in, 27 out, stocks from 117 to 84: 738 of 1,807 kt, 40.84 %; published 41 and 1,810."""
    found = reliance(edition, "copper", "2022")

    assert found.reliance.computed.value == pytest.approx(100 * 738 / 1_807)
    assert found.consumption is not None
    assert found.consumption.computed.value == pytest.approx(1_807_000)
    assert found.consumption.verdict == found.reliance.verdict == "agrees"


def test_the_limits_of_a_figure_are_those_of_its_rounded_inputs(edition):
    """Lead of 2024, in kt: 1,030 ± 5 made, 410 ± 0.5 in, 37 ± 0.5 out: least 372 / 1,407, most 374 / 1,399."""
    found = reliance(edition, "lead", "2024").reliance.computed

    assert found.value == pytest.approx(100 * 373 / 1_403)
    assert (found.low, found.high) == (pytest.approx(100 * 372 / 1_407), pytest.approx(100 * 374 / 1_399))


def test_a_figure_without_the_stocks_of_the_year_before_is_consumption_less_production(edition):
    """Stocks at the end of 2020 are not in the edition. Nitrogen: 14,600 - 12,700 of 14,600 kt is 13.0 %."""
    found = reliance(edition, "nitrogen-fixed-ammonia", "2021")

    assert (found.way, found.reliance.published) == ("less production", "13")
    assert found.reliance.computed.value == pytest.approx(100 * 1_900 / 14_600)
    assert found.why == ("stocks (producer) of 2020 is not in the edition",)


def test_withheld_production_is_never_nothing_and_leaves_limits(edition):
    """Barite of 2021: 1,598 kt net, production withheld: from above 0 to 100 %, which does not decide >75."""
    found = reliance(edition, "barite", "2021")

    assert (found.reliance.verdict, found.way) == ("inputs missing", "limits")
    assert found.reliance.computed.value is None
    assert (found.reliance.computed.low, found.reliance.computed.high) == (0.0, 100.0)
    assert found.reliance.computed.settle[0].detail == "Production sold-or-used-mine in 2021."


def test_limits_decide_where_all_that_they_allow_is_published(edition):
    """Cadmium of 2021: 104 t net and at least 241 t made, so at most 104.5 / 345 (rounding aside) below 50."""
    found = reliance(edition, "cadmium", "2021")

    assert found.reliance.verdict == "agrees"
    assert found.reliance.computed.high == pytest.approx(100 * 105 / (105 + 240.5))
    assert (found.way, found.why) == ("limits", ("production (secondary) is withheld",))


def test_a_net_exporter_is_one_whatever_is_produced(edition):
    found = reliance(edition, "boron", "2024")

    assert (found.reliance.published, found.reliance.verdict) == ("E", "agrees")
    assert found.reliance.computed.high == 0.0


def test_where_nothing_is_produced_the_figure_says_nothing_else_and_that_is_marked(edition):
    assert reliance(edition, "graphite-natural", "2024").nothing_produced
    assert not reliance(edition, "antimony", "2024").nothing_produced


def test_a_code_beside_a_note_that_no_figure_can_be_made_is_no_figure(edition):
    """Gold of 2025 prints the letter that elsewhere is less than half a unit."""
    found = reliance(edition, "gold", "2025")

    assert (found.reliance.published, found.reliance.verdict) == ("s", "not published")
    assert reliance(edition, "gold", "2024").reliance.verdict == "agrees"


def test_so_many_of_the_published_figures_agree(every):
    """What the page says. A change of a recipe, of a rounding rule or of a figure moves these."""
    counts = every.counts

    assert (counts.lines, counts.cells) == (107, 527)
    assert (counts.agrees, counts.differs, counts.inputs_missing, counts.not_published) == (391, 10, 100, 26)
    assert (counts.within_a_point, counts.same_percent) == (396, 375)
    assert (counts.only_by_rounding, counts.beyond_a_point) == (16, 1)
    assert (counts.nothing_produced, counts.as_limits, counts.by_limits) == (61, 103, 12)
    assert (counts.telling, counts.telling_agree, counts.telling_same_percent) == (242, 232, 216)
    assert counts.ways == {"less production": 63, "limits": 12, "lines": 306, "published consumption": 20}
    assert (counts.consumption_agrees, counts.consumption_differs) == (290, 8)


def test_these_and_no_others_differ(every):
    found = [(one.commodity, one.year) for one in every.rows if one.reliance.verdict == "differs"]

    assert found == [
        ("cobalt", "2025"),
        *[("gemstones", year) for year in ("2021", "2022", "2023", "2024")],
        ("mica-natural", "2022"),
        ("phosphate-rock", "2024"),
        ("phosphate-rock", "2025"),
        ("potash", "2024"),
        ("tin", "2025"),
    ]


def test_these_published_consumptions_and_no_others_are_not_the_sum_of_their_lines(every):
    found = [
        (one.commodity, one.year, round(one.consumption.off, 1))
        for one in every.rows
        if one.consumption is not None and one.consumption.verdict == "differs" and one.consumption.off is not None
    ]

    assert found == [
        ("chromium", "2024", 1.1),
        ("cobalt", "2025", 14.1),
        ("diamond-industrial", "2024", 1.4),
        ("gemstones", "2023", 3.0),
        ("iron-and-steel", "2022", 0.6),
        ("tin", "2025", 3.1),
        ("yttrium", "2021", 21.3),
        ("yttrium", "2023", 51.5),
    ]


def test_so_many_lines_agree_in_every_year(every):
    verdicts: dict[tuple[str, str], set[str]] = {}
    for one in every.rows:
        verdicts.setdefault((one.commodity, one.form), set()).add(one.reliance.verdict)
    lines = list(verdicts.values())

    assert sum(line == {"agrees"} for line in lines) == 73
    assert sum("differs" in line for line in lines) == 6
    assert sum(line == {"inputs missing"} for line in lines) == 19
    assert sum(line == {"not published"} for line in lines) == 5


def test_so_many_agree_within_wide_limits_only(every):
    """Limits by rounding of 389 figures; production of vermiculite leaves 2023 from 22 to 46."""
    wide = [
        one.reliance.computed.high - one.reliance.computed.low
        for one in every.rows
        if one.reliance.verdict in ("agrees", "differs")
        and one.way != "limits"
        and one.reliance.computed.low is not None
        and one.reliance.computed.high is not None
    ]

    assert (len(wide), sum(one > 2 for one in wide), sum(one > 5 for one in wide)) == (389, 75, 28)


def test_every_figure_that_does_not_agree_says_why(every):
    assert [one for one in every.rows if one.reliance.verdict != "agrees" and not one.why] == []


def test_figures_by_lines_are_what_plain_sums_of_the_printed_numbers_give(edition, every):
    """A second route: the recipes' lines summed as printed, in decimal, without limits or routes."""
    recipes = {(one.commodity, one.form): one for one in shipped_recipes().recipe}

    def sum_of(lines: tuple[str, ...], commodity: str, year: str) -> Decimal:
        keys = [f"usgs-mcs-2026:{commodity}:USA:{line}:{year}" for line in lines]
        return sum((edition.by_key[key].value or Decimal(0) for key in keys), Decimal(0))

    compared = 0
    for one in every.rows:
        recipe = recipes[one.commodity, one.form]
        if one.way != "lines" or one.reliance.computed.value is None or recipe.net or recipe.percent_of:
            continue
        year, before = one.year, str(int(one.year) - 1)
        net = sum_of(recipe.imports, recipe.commodity, year) - sum_of(recipe.exports, recipe.commodity, year)
        if recipe.stocks:
            net += sum_of(recipe.stocks, recipe.commodity, before) - sum_of(recipe.stocks, recipe.commodity, year)
        if recipe.released and year <= recipe.released_until:
            net += sum_of(recipe.released, recipe.commodity, year)
        made = sum_of(recipe.production, recipe.commodity, year)
        assert one.reliance.computed.value == pytest.approx(float(100 * net / (net + made)), abs=1e-9)
        compared += 1
    assert compared == 271


def test_every_line_of_reliance_has_one_recipe_and_every_recipe_a_line(edition):
    published = {(row.commodity, row.form) for row in edition.rows if row.measure == "net-import-reliance"}
    recipes = [(one.commodity, one.form) for one in shipped_recipes().recipe]

    assert len(recipes) == len(set(recipes))
    assert set(recipes) == published


def test_every_line_that_a_recipe_names_is_in_the_edition(edition):
    there = {(row.commodity, f"{row.measure}:{row.form}") for row in edition.rows if row.country == "USA"}
    named = {(one.commodity, line) for one in shipped_recipes().recipe for line in one.lines}

    assert named - there == set()


def test_what_a_recipe_says_of_rounding_is_of_lines_that_it_names():
    odd = [
        (one.commodity, line)
        for one in shipped_recipes().recipe
        for line in (*one.digits, *one.steps)
        if ":".join(line.split(":")[:2]) not in one.lines
    ]

    assert odd == []


def notes(table: Table, commodity: str, line: str) -> str:
    """Every footnote of a line."""
    measure, form = line.split(":")
    rows = table.select(commodity=commodity, country="USA", measure=measure, form=form)
    return " ".join(dict.fromkeys(row.note for row in rows))


def test_stocks_count_where_the_note_of_reliance_names_them_and_nowhere_else(edition):
    """Two notes say stock and mean what investors and users hold; that of zinc in ores is read so by its recipe."""
    odd = {
        one.commodity
        for one in shipped_recipes().recipe
        if ("stock" in notes(edition, one.commodity, f"net-import-reliance:{one.form}").lower())
        != (bool(one.net_parts.stocks or one.net_parts.released) or any("stock" in lack.what for lack in one.missing))
    }

    assert odd == {"gold", "yttrium", "zinc"}


def test_government_stocks_count_where_the_note_of_reliance_names_them(edition):
    """Of manganese no stocks are printed by content; the Treasury holds the silver."""
    odd = {
        f"{one.commodity} {one.form}".strip()
        for one in shipped_recipes().recipe
        if ("Government" in notes(edition, one.commodity, f"net-import-reliance:{one.form}"))
        != (bool(one.net_parts.released) or any("Government" in lack.what for lack in one.missing))
    }

    assert odd == {"manganese manganese-content", "silver", "zinc ores-and-concentrates"}


def test_every_note_that_says_how_a_line_is_rounded_is_heeded(edition):
    """The note of cement is of its estimates, which have two digits by the rule of the edition."""
    told = re.compile(r"rounded to|nearest \S*\d|nearest hundred|significant digit", re.IGNORECASE)
    unheeded = {
        (one.commodity, line)
        for one in shipped_recipes().recipe
        for line in one.lines
        if told.search(notes(edition, one.commodity, line))
        and not any(key.startswith(line) for key in (*one.digits, *one.steps))
    }

    assert unheeded == {("cement", "apparent-consumption:")}


def test_the_lines_named_are_rounded_as_the_recipes_say(edition):
    """627 of 633 figures from 1,000 up that are no estimates, and 397 of 400 estimates of the newest year."""
    recipes = shipped_recipes()
    named = {(one.commodity, line) for one in recipes.recipe for line in one.lines}
    figures: list[tuple[bool, int]] = []
    for row in edition.rows:
        digits = row.published.replace(",", "")
        if (row.commodity, f"{row.measure}:{row.form}") not in named or row.country != "USA":
            continue
        if not digits.replace(".", "", 1).isdigit():
            continue
        number = Decimal(digits)
        if row.has("e") and row.period == "2025":
            figures.append((True, len(number.normalize().as_tuple().digits)))
        elif not row.has("e") and number >= 1000:
            figures.append((False, len(number.normalize().as_tuple().digits)))

    stated = [digits for estimated, digits in figures if not estimated]
    estimates = [digits for estimated, digits in figures if estimated]
    assert (len(stated), sum(digits <= recipes.digits for digits in stated)) == (633, 627)
    assert (len(estimates), sum(digits <= recipes.estimated_digits for digits in estimates)) == (400, 397)


def test_a_changed_figure_moves_the_answer_and_the_count(edition, every):
    """Ten times the exports of antimony oxide: 24,660 - 24,210 = 450 net of 4,368 t, 10.3 %, and 86 is published."""
    key = "usgs-mcs-2026:antimony:USA:exports:oxide:2024"
    other = changed(edition, key, value=Decimal(26_900), published="26,900")

    found = reliance(other, "antimony", "2024")
    assert found.reliance.computed.value == pytest.approx(100 * 450 / 4_368)
    assert (found.reliance.verdict, found.reliance.off) == ("differs", pytest.approx(86 - 100 * 450 / 4_368))
    assert agreement(other).counts.differs == every.counts.differs + 1


def test_a_figure_that_becomes_withheld_is_not_nothing(edition):
    """Without imports of oxide the published consumption less production is taken: 28,600 - 3,918 of 28,600 t."""
    key = "usgs-mcs-2026:antimony:USA:imports:oxide:2024"
    found = reliance(changed(edition, key, value=None, published="W", qualifiers="W"), "antimony", "2024")

    assert found.way == "less production"
    assert found.reliance.computed.value == pytest.approx(100 * (28_600 - 3_918) / 28_600)
    assert found.said == "by the published consumption less production: imports (oxide) is withheld"


def test_production_that_becomes_withheld_leaves_the_published_consumption(edition):
    key = "usgs-mcs-2026:antimony:USA:production:smelter-secondary:2024"
    found = reliance(changed(edition, key, value=None, published="W", qualifiers="W"), "antimony", "2024")

    assert found.way == "published consumption"
    assert found.reliance.computed.value == pytest.approx(100 * 24_660 / 28_600)


def test_leaving_exports_out_of_every_recipe_is_noticed(edition, every):
    """Agreement is not for free: with no exports 192 figures of reliance differ, and 201 consumptions."""
    counts = agreement(without(edition, "exports")).counts

    assert (counts.differs, counts.consumption_differs) == (192, 201)
    assert every.counts.differs == 10


def test_leaving_stock_changes_out_is_noticed_in_consumption_rather_than_in_reliance(edition, every):
    """Stocks change little beside what is used: 21 figures of reliance differ without, and 30 consumptions."""
    counts = agreement(without(edition, "stocks")).counts

    assert (counts.differs, counts.consumption_differs) == (21, 30)
    assert every.counts.consumption_differs == 8


def test_an_answer_is_a_table_and_an_indicator(edition, every):
    one = reliance(edition, "antimony", "2024")
    table = every.table()

    assert isinstance(table, polars.DataFrame)
    assert table.height == 527
    assert table.filter(polars.col("verdict") == "differs").height == 10
    assert one.table().row(0, named=True)["computed"] == one.reliance.computed.value
    assert one.indicator.editions == ("usgs-mcs-2026",)
    assert one.indicator.inputs == one.reliance.computed.rests_on
    assert one.indicator.figure == one.reliance.computed
    assert one.consumption_indicator is not None
    assert one.consumption_indicator.figure.value == pytest.approx(28_578)


def test_what_would_settle_an_unknown_figure_is_named(edition):
    """Germanium of 2023 is a share of a consumption that is not available."""
    found = reliance(edition, "germanium", "2023").reliance.computed

    assert found.value is None
    assert [one.detail for one in found.settle] == ["Estimated-consumption in 2023."]


def test_a_period_that_is_no_year_has_no_year_before_it(edition):
    """The stocks that it begins with are not in the edition, and nothing breaks."""
    span = [
        msgspec.structs.replace(row, period="2021-2022")
        for row in edition.select(commodity="tin", country="USA", period="2022")
    ]

    found = reliance(table_of((*edition.rows, *span)), "tin", "2021-2022")

    assert found.way == "less production"


def test_one_year_or_one_commodity_is_asked_alone(edition, every):
    assert len(agreement(edition, "rare-earths").rows) == 10
    assert {one.year for one in agreement(edition, year="2023").rows} == {"2023"}
    assert agreement(edition, "Cu", "2023").rows == (reliance(edition, "copper", "2023"),)


def test_an_edition_whose_definitions_nobody_read_is_refused():
    with pytest.raises(NotFoundError) as refused:
        agreement(shipped("usgs_mcs_2025"))

    assert refused.value.code == "world.reliance_edition"


def test_a_commodity_without_a_line_of_it_is_refused(edition):
    with pytest.raises(NotFoundError) as refused:
        reliance(edition, "rubidium", "2024")

    assert refused.value.code == "world.reliance_commodity"


def test_a_commodity_of_several_lines_asks_for_a_form(edition):
    with pytest.raises(NotFoundError, match="compounds-and-metals, mineral-concentrates") as refused:
        reliance(edition, "rare-earths", "2024")

    assert refused.value.code == "world.reliance_form"
    assert reliance(edition, "rare-earths", "2024", "compounds-and-metals").reliance.published == "53"


def test_a_year_that_is_not_there_is_refused(edition):
    with pytest.raises(NotFoundError, match="2021, 2022, 2023, 2024, 2025") as refused:
        reliance(edition, "antimony", "2019")

    assert refused.value.code == "world.reliance_year"


@needs_data
def test_the_publishers_own_file_gives_the_same_answers(every):
    assert agreement(read(FILE)).rows == every.rows
