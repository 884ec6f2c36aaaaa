"""Lines of the publisher's tables get names by one rule; the names that there were before it are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.world.statistics.edition import shipped
from lodeline.world.statistics.lines import line_of, slug, stage_of

US = "Salient Statistics—United States"
SHARES = "Import Sources"
MINES = "World Mine Production and Reserves"


NAMED_BEFORE = {
    "antimony": """
        production: mine smelter-primary smelter-secondary
        imports: ore-and-concentrates oxide unwrought articles waste-and-scrap
        exports: ore-and-concentrates oxide unwrought articles waste-and-scrap
        apparent-consumption: -
        price: metal
        net-import-reliance: -
        import-share: ore-and-concentrates oxide unwrought metal-and-oxide
        mine-production: -
        reserves: -
    """,
    "copper": """
        production: mine refinery-primary refinery-secondary old-scrap
        imports: ore-and-concentrates refined
        exports: ore-and-concentrates refined
        reported-consumption: refined
        apparent-consumption: primary-refined-and-old-scrap
        price: us-producer-cathode comex-high-grade lme-grade-a-cash
        stocks: refined
        employment: mine-and-plant
        net-import-reliance: -
        import-share: blister-and-anodes matte-ash-and-precipitate ore-and-concentrates scrap refined
        mine-production: -
        refinery-production: -
        reserves: -
    """,
    "rare-earths": """
        production: mineral-concentrates compounds-and-metals
        imports: compounds ferrocerium-and-alloys metals-and-alloys
        exports: ores-and-compounds ferrocerium-and-alloys metals-and-alloys
        apparent-consumption: compounds-and-metals
        price: lanthanum-oxide cerium-oxide mischmetal praseodymium-oxide neodymium-oxide ndpr-oxide
            samarium-oxide europium-oxide gadolinium-oxide
        employment: mine-and-mill
        net-import-reliance: compounds-and-metals mineral-concentrates
        import-share: compounds-and-metals
        mine-production: -
        reserves: -
    """,
}
"""Measures and forms of the three commodities that were read before the rule; ``-`` is a form without a name."""


@pytest.mark.parametrize("commodity", NAMED_BEFORE)
def test_the_names_that_there_were_before_the_rule_are_kept_and_no_others_came(commodity: str):
    named: dict[str, set[str]] = {}
    for row in shipped("usgs_mcs_2026").select(commodity=commodity):
        named.setdefault(row.measure, set()).add(row.form or "-")
    kept: dict[str, set[str]] = {}
    forms: set[str] = set()
    for word in NAMED_BEFORE[commodity].split():
        if word.endswith(":"):
            forms = kept.setdefault(word.removesuffix(":"), set())
        else:
            forms.add(word)

    assert named == kept


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("RARE EARTHS (Heavy)", "rare-earths-heavy"),
        ("NITROGEN (FIXED)—AMMONIA", "nitrogen-fixed-ammonia"),
        ("Fuller’s earth, 99.5% minimum", "fullers-earth-99-5-percent-minimum"),
        ("average U.S. market (spot)", "average-us-market-spot"),
        ("1?gram ampoules", "1-gram-ampoules"),
        ("  ", ""),
    ],
)
def test_words_become_a_name(text: str, name: str):
    assert slug(text) == name


@given(st.text(max_size=40))
def test_a_name_is_small_letters_digits_and_dashes_and_its_own_name(text: str):
    name = slug(text)

    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug(name) == name
    assert ":" not in name


@pytest.mark.parametrize(
    ("section", "statistics", "detail", "measure", "form"),
    [
        (US, "Production", "Production: Mine", "production", "mine"),
        (
            US,
            "Production",
            "Refinery: Secondary (new and old scrap)",
            "production",
            "refinery-secondary-new-and-old-scrap",
        ),
        (US, "Import", "Imports for consumption: Ores and concentrates", "imports", "ores-and-concentrates"),
        (US, "Import", "Imports for consumption", "imports", ""),
        (US, "Export", "Exports: Zirconium ores (ZrO2 content)", "exports", "zirconium-ores"),
        (US, "Export", "Exports: Tin alloys, gross weight", "exports", "tin-alloys"),
        (US, "Consumption", "Consumption: Reported, ore", "reported-consumption", "ore"),
        (US, "Consumption", "Consumption of metal, apparent", "apparent-consumption", "metal"),
        (US, "Consumption", "Consumption (includes recycling): Apparent", "apparent-consumption", "includes-recycling"),
        (US, "Supply", "Supply, apparent", "apparent-supply", ""),
        (US, "Shipment", "Shipments from Government stockpile", "shipments", "from-government-stockpile"),
        (US, "Sold or used", "Sold or Used: Neon, million liters", "sold-or-used", "neon"),
        (US, "Stock", "Stocks, yearend: LME, U.S. warehouse", "stocks", "lme-us-warehouse"),
        (US, "Employment", "Employment, mine and mill, annual average, number", "employment", "mine-and-mill"),
        (US, "Price", "Price, average, cents per pound: New York dealer", "price", "new-york-dealer"),
        (US, "Price", "Price, LME, cash: Dollars per pound", "price", "lme-cash-dollars-per-pound"),
        (
            US,
            "Net import reliance",
            "Net import reliance as a percentage of apparent consumption",
            "net-import-reliance",
            "",
        ),
        (
            US,
            "Net import reliance",
            "Net import relianceas a percentage of apparent consumption",
            "net-import-reliance",
            "",
        ),
        (
            US,
            "Net import reliance",
            "Net import reliance as a percentage of estimated consumption, all forms",
            "net-import-reliance",
            "of-estimated-consumption-all-forms",
        ),
        (
            US,
            "Net import reliance",
            "Net import reliance as a percentage of total apparent consumption",
            "net-import-reliance",
            "total",
        ),
        (SHARES, "Import sources 2021-2024", "All", "import-share", ""),
        (SHARES, "Import sources 2021-2024", "All forms", "import-share", "all-forms"),
        (MINES, "Production", "Mine production", "mine-production", ""),
        (MINES, "Production", "Production", "mine-production", ""),
        (MINES, "Reserves", "Reserves: Ore", "reserves", "ore"),
        ("World Production and Reserves", "Production", "Production—crude ore", "production-by-country", "crude-ore"),
        ("World Refinery Production and Capacity", "Capacity", "Refinery capacity", "refinery-capacity", ""),
        ("World Smelter Production and Capacity", "Capacity", "Yearend capacity", "capacity", ""),
        ("World Refinery Production and Capacity", "Capacity", "Production capacity", "capacity", ""),
    ],
)
def test_a_line_is_called_by_the_rule(section: str, statistics: str, detail: str, measure: str, form: str):
    assert line_of("unobtainium", "", section, statistics, detail)[:2] == (measure, form)


@pytest.mark.parametrize("mark", [": rounded", ", rounded", " (rounded)"])
def test_a_rounded_total_has_the_name_of_its_line_and_is_said_to_be_rounded(mark: str):
    plain = line_of("unobtainium", "", MINES, "Production", "Mine production: Bentonite")
    rounded = line_of("unobtainium", "", MINES, "Production", f"Mine production: Bentonite{mark}")

    assert (plain.rounded, rounded) == (False, plain._replace(rounded=True))


def test_the_part_of_a_chapter_stands_in_front_unless_it_is_in_the_form():
    assert line_of("x", "bauxite", US, "Production", "Production, mine").form == "bauxite-mine"
    assert line_of("x", "palladium", US, "Production", "Mine production: Palladium").form == "mine-palladium"
    assert line_of("x", "alumina", US, "Import", "Imports for consumption").form == "alumina"


@pytest.mark.parametrize(
    ("measure", "form", "stage"),
    [
        ("mine-production", "", "mined"),
        ("production", "mine-lead-in-concentrates", "mined"),
        ("imports", "ore-and-concentrates", "concentrated"),
        ("production", "refinery-secondary", "recycled"),
        ("production", "refinery-primary", "refined"),
        ("smelter-production", "", "smelted"),
        ("apparent-consumption", "primary-refined-and-old-scrap", ""),
        ("stocks", "industry-concentrate-and-other-forms", ""),
        ("apparent-consumption", "includes-secondary", ""),
        ("imports", "oxide", ""),
        ("employment", "mine-and-mill", ""),
        ("reserves", "ore", ""),
    ],
)
def test_the_stage_is_what_the_words_name_and_nothing_where_they_name_two(measure: str, form: str, stage: str):
    assert stage_of(measure, form) == stage


@pytest.mark.parametrize(
    ("commodity", "country", "measure", "form", "period", "value"),
    [
        ("antimony", "PAK", "mine-production", "", "2024", 260),
        ("antimony", "USA", "imports", "oxide", "2024", 24_000),
        ("copper", "USA", "apparent-consumption", "primary-refined-and-old-scrap", "2024", 1_860_000),
        ("rare-earths", "USA", "net-import-reliance", "compounds-and-metals", "2024", 53),
        ("platinum-group-metals", "ZAF", "mine-production", "platinum", "2024", 126),
        ("bauxite-and-alumina", "CHN", "refinery-production", "alumina", "2024", 85_500_000),
    ],
)
def test_a_figure_is_found_by_its_name(commodity, country, measure, form, period, value):
    row = shipped("usgs_mcs_2026").row(commodity, country, measure, form, period)

    assert row is not None
    assert row.value is not None
    assert (round(row.value), row.has("W")) == (value, False)
