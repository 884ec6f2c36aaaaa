"""What an answer rests on moves it, and nothing else does; three facts come out of the shipped figures."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from lodeline.errors import InputError, NotFoundError
from lodeline.units.figure import Figure
from lodeline.world.effect import Effect, effect
from lodeline.world.effect.asking import Against, effects_of
from lodeline.world.effect.counting import counted, counted_as
from lodeline.world.effect.forms import UNSAID, form_named, form_of, forms_of
from lodeline.world.statistics.commodity import commodities, compared
from lodeline.world.statistics.edition import Table, shipped, table
from lodeline.world.trade.traded import trade_table
from tests.world.small_effect import NOT_ASKED, ROWS, TRADE, edition, effects, supply, trading
from tests.world.small_trade import ANTIMONY

WHO = {"origin": "PK", "importer": "US"}
MORE = Decimal("1.1")


def figures(found: list[Effect]) -> dict[str, Figure]:
    return {f"{one.route}.{name}": figure for one in found for name, figure in one.figures()}


def moved(before: dict[str, Figure], after: dict[str, Figure]) -> set[str]:
    def numbers(of: Figure) -> tuple[object, ...]:
        return of.value, of.low, of.high

    return {name for name in before if numbers(before[name]) != numbers(after[name])}


def citing(of: dict[str, Figure], key: str) -> set[str]:
    return {name for name, figure in of.items() if key in figure.rests_on}


def more(row, by=MORE):
    return msgspec.structs.replace(row, value=row.value * by)


DELIVERIES = {
    "imported": supply(40),
    "beyond the rival": supply(150),
    "oxide": supply(40, "oxide"),
    "ore": supply(40, "ore-and-concentrates", recovery=90),
    "made": supply(40, made=True),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
@pytest.mark.parametrize("asked", DELIVERIES.values(), ids=DELIVERIES.keys())
def test_a_changed_figure_of_the_edition_moves_what_cites_it_and_nothing_else(asked, row):
    before, after = figures(effects(asked)), figures(effects(asked, edition(more(row))))

    changed = moved(before, after)
    assert changed <= citing(before, row.key), "what does not cite a row does not move with it"
    # China mines twice what it ships: a tenth more of that changes nothing.
    if citing(before, row.key) and (row.country, row.measure) != ("CHN", "mine-production"):
        assert changed, "a row that is cited moves something"


@pytest.mark.parametrize("row", NOT_ASKED, ids=lambda row: row.key)
def test_a_figure_that_was_not_asked_moves_nothing(row):
    for asked in DELIVERIES.values():
        before = figures(effects(asked))
        assert citing(before, row.key) == set()
        assert moved(before, figures(effects(asked, edition(more(row))))) == set()


@pytest.mark.parametrize("of", ["import-share", "mine-production"])
def test_less_of_china_moves_the_shares(of):
    """Of its share in imports a tenth less; of its mines so little that they no longer reach for what it ships."""
    (row,) = [one for one in ROWS if one.measure == of and one.country == "CHN" and one.form in ("", "metal-and-oxide")]
    before, after = figures(effects(supply(40))), figures(effects(supply(40), edition(more(row, Decimal("0.1")))))

    changed = moved(before, after)
    assert changed
    assert changed <= citing(before, row.key)


@pytest.mark.parametrize("row", TRADE, ids=lambda row: row.key)
def test_a_changed_shipment_moves_the_traced_share(row):
    rows = [msgspec.structs.replace(one, tonnes=one.tonnes * MORE) if one is row else one for one in TRADE]
    before = figures(effects(supply(40)))
    after = figures(effects(supply(40), trades=(trade_table(rows),)))

    changed = moved(before, after)
    assert "imported.in-proportion.rival_mined" in changed
    if row.importer == "USA":
        assert "imported.in-proportion.rival_form" in changed
        assert citing(before, row.key) & changed
    assert not changed & {"imported.rival.rival_all", "imported.reference.rival_share", "imported.share_of_use"}


def test_every_dependent_answer_moves_with_an_edition_of_other_figures():
    """All figures of a test edition are a tenth larger: every figure that rests on tonnes of it is another."""
    rows = [more(one) if one.unit == "TNE" else one for one in ROWS]
    before, after = figures(effects(supply(40))), figures(effects(supply(40), edition(*rows)))

    dependent = {
        "share_of_output", "share_of_use", "share_of_imports", "reference.use", "reference.imports",
        "reference.origin_output", "reference.reliance_point", "reference.rival_point", "rival.rival_all",
        "in-proportion.rival_all", "in-addition.rival_all", "in-addition.reliance",
    }  # fmt: skip
    assert {f"imported.{name}" for name in dependent} <= moved(before, after)


# -- three facts of the shipped figures


@pytest.fixture(scope="module")
def usgs() -> Table:
    return shipped()


def test_all_antimony_of_pakistan_is_under_one_percent_of_what_the_united_states_use(usgs):
    """260 t of 28,600 t of apparent consumption: 0.909 %."""
    (one,) = effect({"Sb": 260}, form="unwrought", table=usgs, **WHO).effects

    assert one.reference.origin_output.value == 260
    assert one.reference.output_of_use.value == pytest.approx(100 * 260 / 28_600)
    assert one.reference.output_of_use.value < 1
    assert one.share_of_imports.value < 1
    assert any("260 t, 0.909 % of what the United States uses" in sentence for sentence in one.said)


def test_the_facts_follow_the_figures_and_are_not_written_in(usgs):
    """Were 2,600 t mined in Pakistan, it would be nine percent, and the sentence says so."""
    key = "usgs-mcs-2026:antimony:PAK:mine-production::2024"
    other = table(more(row, Decimal(10)) if row.key == key else row for row in usgs.rows)
    (one,) = effect({"Sb": 260}, form="unwrought", table=other, **WHO).effects

    assert one.reference.output_of_use.value == pytest.approx(9.0909, abs=1e-4)
    assert any("2,600 t, 9.09 % of what" in sentence for sentence in one.said)


def test_refined_copper_of_the_united_states_has_no_chinese_share_to_lower(usgs):
    """The edition names no China; the trade table shows three parts in a thousand, and no tonnage removes more."""
    found = effect({"Cu": 400_000}, form="refined", table=usgs, **WHO)
    (one,) = found.effects

    assert one.reference.rival_share.standing == "bounded"
    assert (one.reference.rival_share.low, one.reference.rival_share.high) == (0, 3)
    assert one.case("rival").rival_all.low == 0
    assert one.reference.hs == "740311"
    assert one.reference.form_share.value == pytest.approx(100 * 2994.123 / 892_282, rel=1e-4)
    assert one.case("rival").rival_form.value == pytest.approx(one.reference.form_share.value)
    assert any("China is not named among the suppliers of refined copper" in sentence for sentence in one.said)


def test_no_output_of_rare_earths_is_reported_for_pakistan(usgs):
    (one,) = effect({"NdPr": 100}, form="other-compounds", table=usgs, **WHO).effects

    assert one.reference.origin_output.standing == "bounded"
    assert one.reference.origin_output.low == 0
    assert any(s.startswith("No output of rare earths is reported for Pakistan") for s in one.said)
    assert not any("is reported to have mined" in sentence for sentence in one.said)
    assert one.tonnes.standing == "unknown", "of which oxides 100 t of NdPr are nobody says"


def test_of_a_commodity_told_only_by_the_definition_of_reliance_by_hand(usgs):
    """Lead: 410,000 t imported, 1,410,000 t used; how smelted ore counts nobody wrote down, so it is not said."""
    found = effect({"Pb": 4_100}, origin="PK", importer="US", year="2024", table=usgs)

    assert {one.route for one in found.effects} == {"raw", "imported"}
    metal = found.effects[-1]
    assert metal.share_of_use.value == pytest.approx(100 * 4_100 / 1_410_000)
    assert (metal.reference.rival_point.value, metal.reference.reliance_point.value) == (4_100, 14_100)
    assert metal.case("in-addition").reliance.value == pytest.approx(-(100 - 27) * 4_100 / 1_414_100)


def test_what_a_chapter_does_not_tell_stays_unknown_while_the_rest_is_known(usgs):
    """Of gallium no apparent consumption is published; 11 t of metal were imported, 18 % of it from China."""
    (one,) = effect({"Ga": 1.1}, origin="PK", importer="US", year="2024", table=usgs).effects

    assert one.share_of_use.standing == "unknown"
    assert one.share_of_imports.value == pytest.approx(10)
    assert one.case("rival").rival_all.value == pytest.approx(10)


def test_an_element_counts_only_where_its_lines_are_told_apart():
    names = {one.name for one in counted()}

    assert {"antimony", "copper", "rare-earths", "gallium", "nickel", "tin", "zinc", "lead"} <= names
    assert not names & {"cobalt", "lithium", "tantalum", "silver"}, "their imports are one line of all forms"
    assert counted_as("Co") is None


def test_every_line_that_counts_is_of_the_basis_of_its_commodity(usgs):
    """Tonnes of ore and tonnes of metal are never set against each other."""
    for one in counted():
        rows = [
            row
            for measure, lines in (
                ("imports", one.traded),
                ("apparent-consumption", (one.consumption_form,)),
                ("mine-production", ("",)),
            )
            for line in lines
            for row in usgs.select(commodity=one.name, measure=measure, form=line)
            if row.value is not None
        ]
        assert rows
        assert {(row.basis, row.unit) for row in rows} == {(one.basis, "TNE")}, one.name


def test_a_share_of_several_forms_together_is_none_of_one(usgs):
    """China's 71 % is of rare-earth compounds and metals; of the metals alone the edition tells no supplier."""
    (one,) = effect({"TREO": 10}, form="metals-and-alloys", table=usgs, **WHO).effects

    assert one.reference.rival_share.value == 71
    assert one.reference.form_imports.value == 96
    assert one.reference.form_share.standing == "unknown"
    assert one.case("rival").rival_form.standing == "unknown"


def test_a_year_of_estimates_gives_other_figures_and_says_so(usgs):
    early, late = (effect({"Sb": 260}, form="unwrought", year=year, table=usgs, **WHO) for year in ("2024", "2025"))

    assert (early.year, late.year) == ("2024", "2025")
    assert late.effects[0].share_of_use.value == pytest.approx(100 * 260 / 45_000)
    assert late.effects[0].case("rival").rival_mined.standing == "unknown", "no trade table of 2025 is at hand"
    assert late.effects[0].case("rival").rival_form.value is not None


def test_each_answer_names_its_editions(usgs):
    found = effect({"Sb": 1}, form="unwrought", table=usgs, **WHO)

    assert found.editions == ("usgs-mcs-2026", "baci-hs17-v202601")
    assert {row["editions"] for row in found.rows()} == {"usgs-mcs-2026 baci-hs17-v202601"}


def test_of_a_country_whose_use_the_edition_does_not_report_the_trade_still_tells_the_form(usgs):
    (one,) = effect({"Sb": 100}, form="unwrought", origin="PK", importer="FR", table=usgs).effects

    assert one.reference.use.standing == "unknown"
    assert one.reference.rival_share.standing == "unknown"
    assert one.case("in-addition").reliance.standing == "unknown"
    assert one.case("rival").rival_form.known


def test_tonnes_without_a_form_are_answered_in_every_form(usgs):
    found = effect({"Sb": 260}, table=usgs, **WHO)

    assert [(one.form, one.route) for one in found.effects] == [
        ("ore-and-concentrates", "raw"),
        ("ore-and-concentrates", "smelted"),
        ("oxide", "imported"),
        ("unwrought", "imported"),
    ]


def test_the_table_has_a_row_for_each_case_with_tonnes_a_point(usgs):
    frame = effect({"Sb": 260}, form="unwrought", table=usgs, **WHO).table()

    assert frame["in_place_of"].to_list() == ["rival", "in-proportion", "in-addition"]
    assert frame["rival_all_t_per_point"][0] == pytest.approx(289.2)
    assert frame["reliance_t_per_point"].null_count() == 3, "no tonnage that is imported lowers dependence"
    low, value, high = (frame[f"rival_mined_points{end}"][1] for end in ("_low", "", "_high"))
    assert low <= value <= high


def test_tonnes_of_one_rare_earth_become_oxide():
    (one,) = effect({"Nd": 100}, form="other-compounds", **WHO).effects

    assert one.tonnes.value == pytest.approx(100 * 336.48 / 288.48, rel=1e-4)


# -- refusals


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"tonnes": {"Xx": 1}}, "world.commodity_unknown", "Xx"),
        ({"tonnes": {"antimny": 1}}, "world.commodity_unknown", "nearest: Sb"),
        ({"tonnes": {"Nb": 1}}, "world.effect_element", "how Nb enters imports and use; it does of Sb, Cu"),
        ({"form": "unwrough"}, "world.effect_form", "nearest: unwrought"),
        ({"origin": "Pakistn"}, "world.effect_country", "nearest: Pakistan, PAK"),
        ({"importer": "XX"}, "world.effect_country", "XX"),
        ({"year": "1999"}, "world.effect_year", "2024"),
        ({"tonnes": {"Sb": -1}}, "world.effect_tonnes", "from 0 up"),
        ({"tonnes": {"Sb": float("nan")}}, "world.effect_tonnes", "from 0 up"),
        ({"tonnes": {"Sb": Figure(value=1.0, unit="KGM", standing="stated")}}, "world.effect_tonnes", "give tonnes"),
        ({"origin": "US"}, "world.effect_home", "made there"),
        ({"recovery": 1.5}, "world.effect_recovery", "at most 1"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(change, code, said):
    asked = {"tonnes": {"Sb": 1}, "form": "unwrought", **WHO, "table": edition(), "year": "2024", **change}
    with pytest.raises((InputError, NotFoundError)) as refused:
        effect(asked.pop("tonnes"), **asked)

    assert refused.value.code == code
    assert said in refused.value.sentence


@pytest.mark.parametrize("element", ["sb", "antimony", "Antimony", " SB "])
def test_elements_and_countries_are_asked_by_any_usual_name(element):
    plain = effect({"Sb": 1}, form="unwrought", table=edition(), year="2024", **WHO)
    named = effect(
        {element: 1}, form="unwrought", table=edition(), year="2024", origin="Pakistan", importer="united states",
        rival="China",
    )  # fmt: skip

    assert named == plain


def test_an_edition_that_reports_nothing_of_the_commodity_is_refused():
    with pytest.raises(NotFoundError) as refused:
        effect({"Cu": 1}, form="refined", table=edition(), **WHO)

    assert refused.value.code == "world.effect_commodity"


def test_that_typed_tonnes_are_mined_where_they_come_from_is_said_to_be_supposed(usgs):
    said = "That all of it is mined in Pakistan is supposed."

    assert said in effect({"Sb": 1}, form="unwrought", table=usgs, **WHO).effects[0].notes
    assert said not in effect({"Sb": 1}, form="unwrought", made=True, table=usgs, **WHO).effects[0].notes


def test_what_the_rival_sends_of_its_own_mines_removes_nothing_of_its_share(usgs):
    (one,) = effect({"Sb": 260}, form="unwrought", table=usgs, origin="CN", importer="US").effects

    for case in one.removed:
        for measure in ("rival_all", "rival_form", "rival_mined"):
            assert getattr(case, measure).value <= 0.08, "and where it is not traced to its mines, hardly anything"
    assert one.case("rival").rival_all.value == 0
    assert one.case("in-proportion").rival_mined.value < 0
    assert not any("points of the share" in said for said in one.said)


def test_no_more_points_of_a_share_are_promised_than_it_has(usgs):
    """Chile mines three times what the United States use of copper; China's share of that is three percent at most."""
    (one,) = effect({"Cu": 1}, form="refined", table=usgs, origin="CL", importer="US").effects

    assert any("and at most 3 points of the share of China" in said for said in one.said)
    (of_us,) = effect({"Cu": 1}, form="refined", table=usgs, origin="CL", importer="DE", rival="US").effects
    assert any("the United States shipped" in said for said in of_us.said)


def test_a_good_question_is_not_refused():
    assert effect({"Sb": 0}, form="unwrought", recovery=1, table=edition(), year="2024", **WHO).effects


# -- forms


def test_a_material_is_of_the_form_of_its_code_else_of_its_word():
    assert form_of(ANTIMONY, "Sb", hs="8110.10", word=None).name == "unwrought"
    assert form_of(ANTIMONY, "Sb", hs="8110.10.00", word="concentrate").name == "unwrought", "the code is asked first"
    assert form_of(ANTIMONY, "Sb", hs=None, word="Concentrate").name == "ore-and-concentrates"
    assert form_of(ANTIMONY, "Sb", hs="8110", word=None) is UNSAID, "a heading has other forms too"
    assert form_of(ANTIMONY, "Sb", hs=None, word="powder") is UNSAID
    assert form_of(commodities()["rare-earths"], "TREO", hs=None, word="compound") is UNSAID, "two forms are"


def test_a_line_of_the_edition_names_the_first_form_on_it_that_can_be_traced():
    assert form_named(commodities()["copper"], "Cu", "refined").name == "cathodes"
    assert form_named(commodities()["copper"], "Cu", "billets").hs == "740313"


def test_a_line_of_several_forms_of_which_none_can_be_traced_is_asked_whole(usgs):
    """8,120 t of compounds, of cerium and of others, are one line of imports; who supplies them is not told apart."""
    (one,) = effect({"TREO": 812}, form="compounds", table=usgs, **WHO).effects

    assert (one.form, one.stage, one.route) == ("compounds", "refined", "imported")
    assert one.share_of_form.value == pytest.approx(10)
    assert one.reference.form_share.standing == "unknown"
    assert form_named(commodities()["rare-earths"], "Nd", "compounds").name == "other-compounds", (
        "no cerium is neodymium"
    )
    asked = [one.form for one in effect({"TREO": 812}, table=usgs, **WHO).effects if one.route == "imported"]
    assert asked == ["compounds", "ferrocerium-and-alloys", "metals-and-alloys"]


def test_a_form_that_is_none_of_the_commodity_is_refused_with_those_there_are():
    with pytest.raises(NotFoundError) as refused:
        form_named(commodities()["vanadium"], "V", "ingots")

    assert refused.value.code == "world.effect_form"
    assert "oxides or ferrovanadium or unwrought" in refused.value.sentence


def test_every_line_of_imports_that_counts_has_a_form():
    for commodity in compared():
        lines = {line for one in forms_of(commodity, commodity.element) for line in one.imports}
        assert set(commodity.traded) <= lines


def test_several_deliveries_are_answered_one_by_one():
    both = [supply(40), supply(20, "oxide")]
    found = effects_of(both, Against(edition(), "USA", "CHN", "2024", (trading(),)))

    assert [one.form for one in found.effects] == ["unwrought", "oxide"]
    assert found.effects[0] == effects(supply(40))[0]


def test_made_at_home_is_asked_of_metal_only():
    found = effect({"Sb": 1}, made=True, table=edition(), year="2024", **WHO)

    assert {(one.form, one.route) for one in found.effects} == {("oxide", "made"), ("unwrought", "made")}
    with pytest.raises(NotFoundError) as refused:
        effect({"Sb": 1}, made=True, form="ore-and-concentrates", table=edition(), **WHO)
    assert refused.value.code == "world.effect_form"
