"""Stress scenarios: what they may say, their base year, their steps, and what is answered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from lodeline.errors import InputError, LodelineError, NotFoundError
from lodeline.world.statistics.edition import Row, shipped, table
from lodeline.world.stress.answer import UNITS, stress
from lodeline.world.stress.base import market
from lodeline.world.stress.clearing import allowed_part, run
from lodeline.world.stress.equilibrium import Network
from lodeline.world.stress.parameters import NAMES, Range, draws, shipped_parameters
from lodeline.world.stress.scenario import Cut, Licence, parse_scenario, preset, presets, steps
from lodeline.world.trade.traded import Traded, trade_table

TEXT = """
title = "a test"
at = "USA"

[base]
commodity = "antimony"
trade_year = "2024"
national_year = "2023"

[horizon]
start = 2024-01-01
months = 12

[[measure]]
kind = "cut"
exporter = "CHN"
importer = "USA"
percent = 100
from = 2024-01-01
"""


FILLED = '[[measure]]\nkind = "stockpile"\ncountry = "USA"\ntonnes_per_year = -1\nfrom = 2024-01-01\n'


def shipments(**tonnes):
    """A trade table of ``CHN_USA=10``; None for a tonnage that nobody gives."""
    return trade_table(
        Traded(
            edition="trade-test",
            hs="811010",
            exporter=pair[:3],
            importer=pair[4:],
            period="2024",
            tonnes=None if mass is None else Decimal(str(mass)),
            kusd=Decimal(10),
            published="",
            source="made up",
        )
        for pair, mass in tonnes.items()
    )


def figures(**values):
    """An edition of antimony: ``CHN__mine_production=20`` or ``USA__imports__oxide=30``; all of 2023."""
    rows = []
    for name, value in values.items():
        country, measure, *form = name.split("__")
        measure = measure.replace("_", "-")
        rows.append(
            Row(
                edition="figures-test",
                commodity="antimony",
                element="Sb",
                country=country,
                measure=measure,
                form=form[0].replace("_", "-") if form else "",
                period="2020-2023" if measure == "import-share" else "2023",
                value=None if value is None else Decimal(str(value)),
                low=None,
                high=None,
                unit="TNE",
                basis="element",
                qualifiers="W" if value is None else "",
                published=str(value),
                published_unit="",
                note="",
                source="made up",
            )
        )
    return table(rows)


TRADE = shipments(CHN_USA=10, CHN_THA=5, THA_USA=4, USA_THA=1)
FIGURES = figures(CHN__mine_production=20)
FOLLOWED = {
    "CHN__mine_production": 20,
    "USA__imports__oxide": 30,
    "USA__imports__unwrought": 10,
    "USA__exports__oxide": 3,
    "USA__exports__unwrought": 1,
    "USA__production__smelter_secondary": 3,
    "CHN__import_share__metal_and_oxide": 50,
    "OTH__import_share__metal_and_oxide": 50,
}


def base_of(text=TEXT, trade=TRADE, tables=(FIGURES,)):
    return market(parse_scenario(text), tables, lambda _: trade)


def of(found, name, country):
    return float(getattr(found.network, name)[found.place(country)])


def shipped_t(found, exporter, importer):
    network = found.network
    at = (network.exporter == found.place(exporter)) & (network.importer == found.place(importer))
    return float(network.flow_t[at].sum())


def answer(text, *, trade=TRADE, tables=(FIGURES,), samples=8, seed=1):
    return stress(parse_scenario(text), tables, samples=samples, seed=seed, trade_of=lambda _: trade)


# Parameters


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_names_its_sources_and_says_which_were_read(name):
    one = shipped_parameters().ranges[name]

    assert one.low < one.middle < one.high
    assert one.source
    assert one.meaning
    for source in one.source:
        assert source.publication
        assert source.figure
        assert source.read or source.analogy


def test_each_stratum_is_drawn_once_and_a_seed_draws_the_same():
    ranges = {"a": Range(low=1, high=16, scale="log"), "b": Range(low=0, high=8)}

    got = draws(ranges, 8, 7)

    assert sorted((np.log2(got["a"]) * 2).astype(int)) == list(range(8))
    assert sorted(got["b"].astype(int)) == list(range(8))
    np.testing.assert_array_equal(draws(ranges, 8, 7)["b"], got["b"])
    assert (draws(ranges, 8, 8)["b"] != got["b"]).any()


@pytest.mark.parametrize(("low", "high", "scale"), [(2, 1, "linear"), (-1, 1, "linear"), (0, 1, "log")])
def test_a_range_that_is_none_is_refused(low, high, scale):
    with pytest.raises(InputError, match=r"\[world.stress_range"):
        Range(low=low, high=high, scale=scale)


def test_no_draws_give_no_range():
    for samples, seed in ((0, 1), (-3, 1), (5, -1)):
        with pytest.raises(InputError, match=r"\[world.stress_samples"):
            answer(TEXT, samples=samples, seed=seed)


# Scenarios


@pytest.mark.parametrize("name", presets())
def test_every_scenario_that_comes_along_is_read_and_names_its_sources(name):
    found = preset(name)

    assert found.measure
    assert all(one.source for one in found.measure)


def test_an_unknown_scenario_is_refused_with_the_nearest():
    with pytest.raises(NotFoundError, match="did you mean china-antimony-ban-2024") as refused:
        preset("antimony-ban")

    assert refused.value.code == "world.stress_preset"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("percent = 100", "percent = -1", "world.stress_cut"),
        ("percent = 100", "percent = 100.5", "world.stress_cut"),
        ("percent = 100", "percent = { low = 50, high = 101 }", "world.stress_cut"),
        ("percent = 100", "percent = { low = 60, high = 50 }", "world.stress_range"),
        ("percent = 100", "tonnes_per_year = -5", "world.stress_cut"),
        ("percent = 100", "tonnes_per_year = inf", "world.stress_cut"),
        ("percent = 100", "percent = nan", "world.stress_cut"),
        ("percent = 100", "percent = { low = 0, high = nan }", "world.stress_range"),
        ("months = 12", "years = 9000", "world.stress_horizon"),
        ("percent = 100", "percent = 100\ntonnes_per_year = 5", "world.stress_units_mixed"),
        ("percent = 100", "", "world.stress_units_mixed"),
        ("months = 12", "months = 12\nyears = 1", "world.stress_units_mixed"),
        ("months = 12", "months = 0", "world.stress_horizon"),
        ("months = 12", "months = 12\nstep_months = 5", "world.stress_horizon"),
        ("from = 2024-01-01", "from = 2024-01-01\nuntil = 2023-12-31", "world.stress_horizon"),
        ("title =", "titel =", "world.stress_scenario"),
        ("at =", "at", "world.stress_scenario"),
        ('kind = "cut"', 'kind = "war"', "world.stress_scenario"),
        ("[base]", "[parameters]\ngravity = { low = 9, high = 10 }\n\n[base]", "world.stress_scenario"),
        ("[horizon]", f"{FILLED}\n[horizon]", "world.stress_cut"),
        ("[base]", '[[flow]]\nexporter = "PAK"\nimporter = "USA"\ntonnes_per_year = 0\n\n[base]', "world.stress_cut"),
    ],
)
def test_a_scenario_that_cannot_be_meant_is_refused(old, new, code):
    assert old in TEXT

    with pytest.raises(InputError) as refused:
        parse_scenario(TEXT.replace(old, new, 1))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('exporter = "CHN"', 'exporter = "China"', "world.stress_country"),
        ('at = "USA"', 'at = "XXX"', "world.stress_country"),
        ('exporter = "CHN"\nimporter = "USA"', 'exporter = "THA"\nimporter = "CHN"', "world.stress_no_trade"),
        ('commodity = "antimony"', 'commodity = "antimon"', "world.stress_commodity"),
        ('national_year = "2023"', 'national_year = "1999"', "world.stress_base_missing"),
        ("[horizon]", 'follows = "USA"\n\n[horizon]', "world.stress_base_missing"),
        ("[horizon]", 'follows = "XXX"\n\n[horizon]', "world.stress_country"),
        ('trade_year = "2024"', 'trade_year = "1999"', "world.trade_not_in_table"),
    ],
)
def test_what_the_base_year_does_not_have_is_refused(old, new, code):
    with pytest.raises(LodelineError) as refused:
        answer(TEXT.replace(old, new, 1))

    assert refused.value.code == code


def test_a_country_by_its_name_is_refused_with_its_code():
    with pytest.raises(NotFoundError, match=r"did you mean CHN \(China\)"):
        answer(TEXT.replace('exporter = "CHN"', 'exporter = "China"'))


def test_steps_are_calendar_months_and_fill_the_horizon():
    found = steps(parse_scenario(TEXT.replace("months = 12", "months = 3\nstep_months = 1")).horizon)

    assert found == (
        (date(2024, 1, 1), date(2024, 2, 1)),
        (date(2024, 2, 1), date(2024, 3, 1)),
        (date(2024, 3, 1), date(2024, 4, 1)),
    )


TEN = Network(np.zeros(2), np.zeros(2), np.array([0]), np.array([1]), np.array([10.0]))
YEAR = date(2024, 1, 1), date(2025, 1, 1)


def test_a_ban_counts_for_the_days_it_is_in_force():
    """From 3 December, 29 days of 366."""
    ban = Cut(exporter="CHN", since=date(2024, 12, 3), percent=100.0)

    assert allowed_part(ban, 0, {}, TEN, np.array([0]), *YEAR) == pytest.approx(1 - 29 / 366)
    assert allowed_part(ban, 0, {}, TEN, np.array([0]), date(2025, 1, 1), date(2026, 1, 1)) == 0
    assert allowed_part(ban, 0, {}, TEN, np.array([0]), date(2023, 1, 1), date(2024, 1, 1)) == 1


def test_a_licence_stops_all_and_then_refuses_a_part():
    """From 1 January: two months (60 whole days) of nothing, then 306 days of three quarters."""
    licence = Licence(exporter="CHN", since=date(2024, 1, 1), delay_months=2.0, refused_percent=25.0)

    assert allowed_part(licence, 0, {}, TEN, np.array([0]), *YEAR) == pytest.approx(0.75 * 306 / 366)


def test_a_licence_that_never_comes_stops_all():
    licence = Licence(exporter="CHN", since=date(2024, 1, 1), delay_months=1e12)

    assert allowed_part(licence, 0, {}, TEN, np.array([0]), *YEAR) == 0


def test_a_cut_in_tonnes_is_a_part_of_what_was_shipped():
    cut = Cut(exporter="CHN", since=date(2024, 1, 1), tonnes_per_year=4.0)

    assert allowed_part(cut, 0, {}, TEN, np.array([0]), *YEAR) == pytest.approx(0.6)


# The base year


def test_use_is_output_plus_imports_minus_exports():
    found = base_of()

    assert (of(found, "supply_t", "CHN"), of(found, "demand_t", "CHN")) == (20, 5)
    assert (of(found, "supply_t", "THA"), of(found, "demand_t", "THA")) == (0, 2)
    assert (of(found, "supply_t", "USA"), of(found, "demand_t", "USA")) == (0, 13)


def test_what_a_country_ships_beyond_its_imports_was_made_there():
    found = base_of(trade=shipments(VNM_USA=7, CHN_USA=1))

    assert (of(found, "supply_t", "VNM"), of(found, "demand_t", "VNM")) == (7, 0)


def test_a_country_that_is_followed_has_its_national_figures():
    """40 t of imports, half from China, the other half from Thailand, the only other; 4 t of exports; 3 t made."""
    found = base_of(TEXT.replace("[horizon]", 'follows = "USA"\n\n[horizon]'), tables=(figures(**FOLLOWED),))

    assert [shipped_t(found, one, "USA") for one in ("CHN", "THA")] == [20, 20]
    assert shipped_t(found, "USA", "THA") == 4
    assert (of(found, "supply_t", "USA"), of(found, "demand_t", "USA")) == (3, 39)
    assert "figures-test:antimony:USA:imports:oxide:2023" in found.rests_on


def test_what_has_no_partner_is_left_out_and_said():
    found = base_of(
        TEXT.replace("[horizon]", 'follows = "USA"\n\n[horizon]'),
        trade=shipments(CHN_USA=10),
        tables=(figures(**FOLLOWED),),
    )

    assert shipped_t(found, "CHN", "USA") == 20
    assert [note.split(" t ")[0] for note in found.notes] == ["20", "4"]


def test_a_shipment_without_a_tonnage_is_left_out_and_said():
    found = base_of(trade=shipments(CHN_USA=10, THA_USA=None))

    assert found.notes[0].startswith("1 shipments have a value and no tonnage (5e+01 percent")
    assert "THA" not in found.countries


def test_a_withheld_output_is_not_zero_but_what_is_shipped():
    found = base_of(tables=(figures(CHN__mine_production=None, THA__mine_production=1),))

    assert of(found, "supply_t", "CHN") == 15


def test_a_flow_is_made_and_used_in_addition():
    more = '[[flow]]\nexporter = "PAK"\nimporter = "USA"\ntonnes_per_year = 3\n\n[base]'
    found = base_of(TEXT.replace("[base]", more, 1))

    assert (of(found, "supply_t", "PAK"), of(found, "demand_t", "USA")) == (3, 16)


def test_the_shipped_base_year_is_at_rest_until_something_happens():
    scenario = msgspec.structs.replace(preset("china-antimony-ban-2024"), measure=(), fact=())
    found = stress(scenario, EDITIONS, samples=2, seed=1)

    assert found.line(1, "imports").figure.value == pytest.approx(20_060)
    for one in found.lines:
        if one.base is not None:
            assert one.figure.value == pytest.approx(one.base, rel=1e-4, abs=1e-2), one


def test_copper_has_a_base_year_too():
    """USGS 2026: the United States refined 921,000 t in 2024, and imported as much as its figures say."""
    found = stress(preset("chile-cathodes"), EDITIONS, samples=2, seed=1)

    assert found.line(1, "output").base == 921_000
    assert found.line(1, "imports").base == pytest.approx(903_000)
    assert found.line(1, "price-factor").figure.low > 1


EDITIONS = (shipped("usgs_mcs_2026"), shipped("usgs_mcs_2025"))

# Answers


def test_a_cut_of_nothing_moves_nothing():
    found = answer(TEXT.replace("percent = 100", "percent = 0"))

    for one in found.lines:
        assert one.base is not None
        if one.quantity != "months-of-cover":
            assert one.figure.value == pytest.approx(one.base, abs=1e-6), one


def test_the_naive_model_takes_the_share_away_and_moves_nothing():
    """China ships 10 of the 14 that arrive."""
    found = answer(TEXT)

    assert found.line(1, "imports-if-share-removed").figure.value == 4
    assert found.line(1, "imports").figure.low > 4
    assert found.line(1, "imports-from", "THA").figure.low > 4
    assert found.line(1, "imports-from", "CHN").figure.value == 0


def test_imports_by_partner_add_up_and_use_is_made_of_all_that_is_there():
    found = answer(TEXT, samples=1)
    at = {one.quantity: one.figure.value for one in found.lines if one.country == "USA"}
    partners = sum(one.figure.value for one in found.lines if one.quantity == "imports-from")

    assert partners == pytest.approx(at["imports"])
    assert at["unmet"] == pytest.approx(13 - at["use"])
    assert at["output"] + at["imports"] + at["stock-released"] >= at["use"] - 1e-9


def test_a_stock_is_carried_on_and_sold_once():
    scenario = parse_scenario(TEXT.replace("months = 12", "months = 24\nstep_months = 6"))
    base = market(scenario, [FIGURES], lambda _: TRADE)
    drawn = {name: np.array([shipped_parameters().ranges[name].middle]) for name in NAMES}

    (ran,) = run(scenario, base, drawn, ceiling=100.0).ran

    begun = base.network.demand_t / 12 * drawn["stock_months"][0]
    np.testing.assert_allclose(ran[0].held_t, begun)
    for before, after in pairwise(ran):
        np.testing.assert_allclose(after.held_t, before.held_t - before.cleared.release_t)
    assert (sum(one.cleared.release_t for one in ran) <= begun * (1 + 1e-9)).all()
    assert ran[0].cleared.release_t[base.place("USA")] > ran[1].cleared.release_t[base.place("USA")]


def test_a_closed_port_holds_exports_and_imports_of_its_country():
    port = 'kind = "port"\ncountry = "THA"\npercent = 50\nfrom = 2024-01-01\n'
    scenario = parse_scenario(TEXT[: TEXT.index("kind")] + port)
    base = market(scenario, [FIGURES], lambda _: TRADE)
    drawn = {name: np.array([shipped_parameters().ranges[name].middle]) for name in NAMES}

    (cleared,) = (one.cleared for one in run(scenario, base, drawn, ceiling=100.0).ran[0])

    place = base.place("THA")
    assert cleared.flow_t[base.network.exporter == place].sum() <= 2 * (1 + 1e-6)
    assert cleared.flow_t[base.network.importer == place].sum() <= 3 * (1 + 1e-6)


def test_a_country_that_fills_stores_pays_more_and_stores_what_it_said():
    """Half of the year at 4 t a year is 2 t; what is stored is not sold."""
    more = '\n[[measure]]\nkind = "stockpile"\ncountry = "USA"\ntonnes_per_year = 4\nfrom = 2024-07-02\n'
    plain, filled = answer(TEXT), answer(TEXT + more)

    assert filled.line(1, "stored").figure.value == pytest.approx(2)
    assert filled.line(1, "price-factor").figure.value > plain.line(1, "price-factor").figure.value
    assert filled.line(1, "use").figure.value < plain.line(1, "use").figure.value
    with pytest.raises(KeyError):
        plain.line(1, "stored")


def test_a_price_beyond_the_ceiling_is_at_least_that():
    own = "[parameters]\ndemand_elasticity = { low = 0.01, high = 0.011 }\n"
    found = answer(TEXT + own, trade=shipments(CHN_USA=10, CHN_THA=5))
    price = found.line(1, "price-factor").figure

    assert (price.standing, price.value, price.low, price.high) == ("bounded", None, 100, None)


def test_another_edition_moves_the_answer():
    """With half the output China has less at home, and its price falls less when it cannot sell."""
    less = figures(CHN__mine_production=15.5)

    here, there = (answer(TEXT, tables=(one,)).line(1, "exporter-price-factor", "CHN") for one in (FIGURES, less))

    assert here.figure.value != pytest.approx(there.figure.value, rel=1e-3)


def test_more_draws_of_a_narrower_range_stay_within_it():
    wide = answer(TEXT, samples=30).line(1, "price-factor").figure
    one = "[parameters]\n" + "".join(
        f"{name} = {{ low = {value}, high = {value} }}\n"
        for name, value in (("demand_elasticity", 0.2), ("supply_elasticity", 0.4), ("stock_months", 2))
    )
    narrow = answer(TEXT + one, samples=30).line(1, "price-factor").figure

    assert narrow.high - narrow.low < wide.high - wide.low


def test_a_fact_stands_beside_its_prediction_inside_or_outside():
    fact = '\n[[fact]]\nstep = 1\nquantity = "imports"\nof = ["antimony:USA:imports:oxide:2023"]\n'
    at_rest = TEXT.replace("percent = 100", "percent = 0")

    def held(tonnes):
        told = figures(CHN__mine_production=20, USA__imports__oxide=tonnes)
        return answer(at_rest + fact, tables=(told,)).facts[0]

    assert (held(14).inside, held(15).inside, held(15).fact) == (True, False, 15)
    assert held(14).naive == 14
    assert held(14).rests_on == ("figures-test:antimony:USA:imports:oxide:2023",)


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        ('step = 9\nquantity = "imports"\nof = ["antimony:CHN:mine-production::2023"]', "world.stress_scenario"),
        ('step = 1\nquantity = "imports"\nof = ["antimony:USA:imports:oxide:1900"]', "world.stress_base_missing"),
    ],
)
def test_a_fact_about_nothing_is_refused(fact, code):
    with pytest.raises(LodelineError) as refused:
        answer(f"{TEXT}\n[[fact]]\n{fact}\n")

    assert refused.value.code == code


def test_the_table_has_a_row_a_line_with_the_unit_of_its_quantity():
    found = answer(TEXT)
    got = found.table()

    assert got.height == len(found.lines)
    assert set(zip(got["quantity"], got["unit"], strict=True)) <= set(UNITS.items())
    with pytest.raises(KeyError):
        found.line(1, "imports", "FRA")


def test_facts_of_the_back_test_are_those_that_usgs_publishes():
    """10.24 / 5.49, 25 / 5.49; 24,000 + 4,920 and 39,000 + 4,500 t."""
    from lodeline.world.stress.backtest import held_against

    scenario = preset("china-antimony-ban-2024")
    lines = stress(scenario, EDITIONS, samples=1, seed=1).lines
    got = {(one.step, one.quantity): one.fact for one in held_against(scenario.fact, EDITIONS, "USA", lines)}

    assert got[1, "price-factor"] == pytest.approx(10.24 / 5.49)
    assert got[2, "price-factor"] == pytest.approx(25 / 5.49)
    assert (got[1, "imports"], got[2, "imports"]) == (28_920, 43_500)
