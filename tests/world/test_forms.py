"""Which forms there are is data: each has a code, and contents are stoichiometry or a named convention."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lodeline.chemistry.formula import atoms, element_per_compound
from lodeline.world.statistics.commodity import commodities
from lodeline.world.statistics.edition import shipped
from lodeline.world.trade.forms import TradedForm, commodity_name, forms, forms_of
from lodeline.world.trade.traded import SHIPPED, shipped_trade, shipped_with

EVERY = [form for of in forms().values() for form in of]


def named(element: str, name: str) -> TradedForm:
    return next(form for form in forms_of(element) if form.name == name)


def test_antimony_trioxide_is_83_5_percent_antimony_and_the_pentoxide_75_3():
    """By hand: 2 × 121.760 / (2 × 121.760 + 3 × 15.999) = 0.8354, and with five oxygens 0.7527."""
    form = named("Sb", "oxide").traced_as()

    assert form is not None
    assert float(form.content) == pytest.approx(243.52 / (243.52 + 47.997), abs=1e-5)
    assert (form.low, form.high) == (element_per_compound("Sb2O5", "Sb"), form.content)
    figure = named("Sb", "oxide").figure
    assert (figure.standing, round(figure.low or 0, 4), figure.rests_on) == ("computed", 0.7527, ("Sb2O5", "Sb2O3"))


def test_unwrought_metal_counts_whole_and_an_ore_is_unknown_with_what_would_settle_it():
    assert named("Sb", "unwrought").figure.value == 1
    ore = named("Sb", "ore-and-concentrates")
    assert ore.traced_as() is None
    assert ore.figure.standing == "unknown"
    assert ore.figure.settle[0].subject == "HS 261710"


def test_a_code_that_holds_other_things_too_is_never_traced():
    magnets = named("Nd", "permanent-magnets")

    assert (magnets.hs, magnets.traced_as()) == ("850511", None)
    assert "iron" in magnets.shared
    assert all(form.traced_as() is None for form in EVERY if form.shared)


def test_a_range_without_a_compound_that_counts_is_bounded_and_not_traced():
    oxides = named("Co", "oxides")

    assert (oxides.figure.standing, oxides.traced_as()) == ("bounded", None)


@pytest.mark.parametrize("form", EVERY, ids=lambda form: f"{form.commodity}:{form.name}")
def test_every_form_has_a_code_of_six_digits_and_its_element_in_each_compound(form: TradedForm):
    assert (len(form.hs), form.hs.isdigit()) == (6, True)
    assert not (form.content and form.compounds)
    for compound in (*form.compounds, *([form.counts_as] if form.counts_as else [])):
        assert atoms(compound)[form.element] >= 1
    assert not form.counts_as or form.counts_as in form.compounds


def test_within_a_commodity_each_code_stands_once():
    for of in forms().values():
        assert len({form.hs for form in of}) == len(of)


@pytest.mark.parametrize("form", EVERY, ids=lambda form: f"{form.commodity}:{form.name}")
def test_lines_of_the_edition_that_a_form_names_are_in_it(form: TradedForm):
    rows = shipped().select(commodity=form.commodity)
    for measure, names in (("imports", form.imports), ("import-share", (form.share,)), ("production", form.production)):
        there = {row.form for row in rows if row.measure == measure}
        assert {name for name in names if name} <= there
    assert not form.mines or any((row.measure, row.form) == ("mine-production", form.mines) for row in rows)


def test_members_and_single_metals_have_the_forms_that_may_be_theirs():
    assert commodity_name("Dy") == "rare-earths"
    assert [form.name for form in forms_of("Pd")] == ["palladium"]
    assert len(forms_of("PGM")) == 3
    assert (commodity_name("Xx"), forms_of("Xx")) == (None, ())


@pytest.mark.parametrize("hs", sorted(SHIPPED))
def test_nineteen_of_twenty_shipments_are_worth_more_than_the_least_price_that_is_assumed(hs: str):
    form = next(form for form in EVERY if form.hs == hs)
    table = shipped_with(hs)
    assert table is not None
    worth = [row.kusd / row.tonnes for row in table.of(hs, "2024") if row.tonnes]

    assert form.least_usd_per_kg is not None
    above = sum(one > form.least_usd_per_kg for one in worth)
    assert above / len(worth) >= 0.95


def test_a_shipped_table_is_found_by_its_code_and_is_read_once():
    assert shipped_with("811010") == shipped_trade()
    assert shipped_with("811010") is shipped_with("811010")
    assert shipped_with("282580") is None


def test_the_contents_of_all_forms_are_parts():
    for form in EVERY:
        traced = form.traced_as()
        if traced is not None:
            assert all(Decimal(0) < one <= 1 for one in traced.contents)


def test_every_commodity_on_the_us_list_of_critical_minerals_has_forms():
    missing = [one.name for one in commodities().values() if one.critical and one.name not in forms()]

    assert missing == []
