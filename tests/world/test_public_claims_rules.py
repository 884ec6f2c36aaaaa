"""Every rule of suspicion and of rivals: a small register that triggers it, and one that does not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.world.claims import RULES, Case, Suspected, judge, parse_toml

HEAD = 'statement = "said"\nwho = "someone"\nas_of = "2025"\nsource = "a paper"\n'


def claim(claim_id: str, body: str) -> str:
    return f'[[claim]]\nid = "{claim_id}"\n{HEAD}{body}\n'


def number(name: str, value: object, unit: str) -> str:
    return f'[[input]]\nname = "{name}"\nvalue = {value}\nunit = "{unit}"\nsource = "a table"\n'


def recomputed(claim_id: str, expression: str, more: str = "") -> str:
    return f'[[recomputation]]\nclaim = "{claim_id}"\nexpression = "{expression}"\n{more}\n'


def verdict(text: str, claim_id: str = "A"):
    return judge(parse_toml(text)).of(claim_id)


def rules(text: str, claim_id: str = "A") -> set[str]:
    return {one.rule for one in verdict(text, claim_id).suspected}


def parts(gold: int, copper: int) -> str:
    return (
        claim("A", f'value = {gold + copper}\nunit = "billion USD"\nkind = "valuation"')
        + f'[[claim.part]]\nname = "gold"\nvalue = {gold}\nunit = "billion USD"\n'
        + f'[[claim.part]]\nname = "copper"\nvalue = {copper}\nunit = "billion USD"\n'
        + number("gold", 54, "billion USD")
        + number("copper", 129, "billion USD")
        + recomputed("A", "gold", 'part = "gold"')
        + recomputed("A", "copper", 'part = "copper"')
    )


def test_parts_exchanged_between_their_names_are_seen():
    got = verdict(parts(129, 54))

    assert got.verdict == "contradicted"
    assert {one.rule for one in got.suspected} == {"swapped-parts"}


def test_parts_that_are_right_and_alike_are_not_called_exchanged():
    text = parts(54, 54).replace("value = 129", "value = 54")

    assert rules(text) == set()


@pytest.mark.parametrize("said", [(54, 129), (54, 6), (6, 54)])
def test_parts_in_place_or_simply_wrong_are_not_called_exchanged(said):
    assert "swapped-parts" not in rules(parts(*said))


ORE = claim("B", 'value = 26000\nunit = "t[ore]"\ncountry = "PAK"\ngrade = "grade"') + (
    '[[input]]\nname = "grade"\nlow = 7\nhigh = 12\nunit = "% t[Sb]/t[ore]"\nsource = "a survey"\n'
)


def metal(value: int, country: str = "PAK", unit: str = "t[Sb]") -> str:
    return claim("A", f'value = {value}\nunit = "{unit}"\ncountry = "{country}"')


def test_tonnes_of_metal_that_stand_elsewhere_as_tonnes_of_ore_are_suspected():
    got = verdict(metal(26_000) + ORE)

    assert [one.rule for one in got.suspected] == ["ore-for-metal"]
    assert "1,820 to 3,120 t[Sb]" in got.suspected[0].sentence


@pytest.mark.parametrize(
    "other",
    [
        metal(2_500),  # another number
        metal(26_000, country="CHN"),  # another country
        metal(26_000, unit="t[ore]"),  # ore, and said so
        metal(26_000, unit="t[Cu]"),  # another element than the grade's
        metal(26_000, unit="t"),  # nobody says metal
    ],
)
def test_other_numbers_countries_and_substances_are_not_suspected_of_it(other):
    assert "ore-for-metal" not in rules(other + ORE)


def test_the_ore_itself_is_not_suspected():
    assert rules(metal(26_000) + ORE, "B") == set()


def element(value: float, computed: float) -> str:
    return (
        claim("A", f'value = {value}\nunit = "t[Sb]"\nrounded_to = 1')
        + number("found", computed, "t[Sb]")
        + recomputed("A", "found")
    )


def test_oxide_reported_as_its_element_is_seen_by_atomic_weights():
    """By hand: Sb2O3 is 2 x 121.760 / (2 x 121.760 + 3 x 15.999) = 0.8353 antimony, so 1,000 t of it hold 835 t."""
    assert rules(element(1000, 835)) == {"oxide-for-element"}


@pytest.mark.parametrize("found", [1000, 900])
def test_what_agrees_or_is_off_by_another_factor_is_no_oxide(found):
    assert "oxide-for-element" not in rules(element(1000, found))


def rivals(unit_a: str, value_a: float, unit_b: str, value_b: float, more_a: str = "", more_b: str = "") -> str:
    about = 'about = "one thing"\nrounded_to = 1\n'
    return claim("A", f'value = {value_a}\nunit = "{unit_a}"\n{about}{more_a}') + claim(
        "B", f'value = {value_b}\nunit = "{unit_b}"\n{about}{more_b}'
    )


def test_rivals_with_one_number_for_oxide_and_for_element_are_seen():
    assert "oxide-for-element" in rules(rivals("t[Sb2O3]", 1000, "t[Sb]", 1000))
    assert "oxide-for-element" not in rules(rivals("t[Sb2O3]", 1000, "t[Sb]", 835))


def test_ore_with_a_grade_is_no_oxide():
    graded = rivals("t[ore]", 1000, "t[Sb]", 1000, more_a='grade = "grade"') + ORE[ORE.index("[[input]]") :]

    assert "oxide-for-element" not in rules(graded)


def test_rivals_in_oxide_and_element_agree_where_atomic_weights_say_so():
    agreeing = verdict(rivals("t[Sb2O3]", 1000, "t[Sb]", 835))
    apart = verdict(rivals("t[Sb2O3]", 1000, "t[Sb]", 1000))

    assert [one.standing for one in agreeing.rivals] == ["agree"]
    assert (apart.verdict, [one.standing for one in apart.rivals]) == ("contradicted", ["conflict"])


def test_rivals_in_ore_and_metal_compare_only_by_a_grade():
    bare = verdict(rivals("t[ore]", 26_000, "t[Sb]", 2_500))
    graded = verdict(
        rivals("t[ore]", 26_000, "t[Sb]", 2_500, more_a='grade = "grade"')
        + '[[input]]\nname = "grade"\nlow = 7\nhigh = 12\nunit = "% t[Sb]/t[ore]"\nsource = "a survey"\n'
    )

    assert [one.standing for one in bare.rivals] == ["not comparable"]
    assert bare.verdict == "not checkable"
    assert [one.standing for one in graded.rivals] == ["agree"]


def test_rivals_that_count_different_things_are_not_compared():
    got = verdict(
        rivals(
            "t[Cu]",
            100,
            "t[Cu]",
            200,
            more_a='basis = { extent = "in-place" }',
            more_b='basis = {extent="recoverable"}',
        )
    )

    assert [one.standing for one in got.rivals] == ["not comparable"]
    assert got.verdict == "not checkable"


def test_two_rivals_apart_contradict_each_other_with_their_ratio():
    got = verdict(rivals("t[Cu]", 100, "kg[Cu]", 200_000))

    assert (got.verdict, got.rivals[0].ratio) == ("contradicted", 2.0)
    assert "2 times" in got.reason


def test_a_rival_that_figures_refute_contradicts_nobody_and_one_borne_out_stands():
    text = rivals("t[Cu]", 100, "t[Cu]", 200) + number("found", 100, "t[Cu]")
    borne_out = text + recomputed("A", "found")
    refuted = text + recomputed("B", "found")

    assert (verdict(borne_out).verdict, verdict(borne_out, "B").verdict) == ("consistent", "contradicted")
    assert (verdict(refuted).verdict, verdict(refuted, "B").verdict) == ("not checkable", "contradicted")


def valued(worth: str, said: int, found: int) -> str:
    return (
        claim("A", f'value = {said}\nunit = "billion USD"\nkind = "valuation"\nbasis = {{ worth = "{worth}" }}')
        + number("found", found, "billion USD")
        + recomputed("A", "found", 'basis = { worth = "gross" }')
    )


@pytest.mark.parametrize("worth", ["net", "investment"])
def test_a_gross_value_given_as_net_or_as_money_to_invest_is_seen_and_not_called_consistent(worth):
    got = verdict(valued(worth, 183, 183))

    assert {one.rule for one in got.suspected} == {"gross-for-net"}
    assert got.verdict == "not checkable"


@pytest.mark.parametrize(("worth", "found", "comes"), [("gross", 183, "consistent"), ("net", 900, "not checkable")])
def test_a_gross_value_given_as_gross_and_another_number_are_not(worth, found, comes):
    got = verdict(valued(worth, 183, found))

    assert (got.suspected, got.verdict) == ((), comes)


def test_a_net_value_is_not_suspected_where_nobody_says_that_the_figure_is_gross():
    got = verdict(valued("net", 183, 183).replace('basis = { worth = "gross" }', ""))

    assert (got.suspected, got.verdict) == ((), "consistent")


def amount(said: str, said_unit: str, found: str, found_unit: str) -> str:
    return (
        claim("A", f'value = {said}\nunit = "{said_unit}"')
        + number("found", found, found_unit)
        + recomputed("A", "found")
    )


@pytest.mark.parametrize(
    ("said", "slip"),
    [
        (("5.5", "million USD", "5.5", "billion USD"), "million for billion"),
        (("5.5", "billion USD", "5.5", "million USD"), "billion for million"),
        (("5512", "t[Co]", "5512", "thousand t[Co]"), "million for billion"),
        (("100.0", "kg[Co]", "100", "lb[Co]"), "kilograms that were pounds"),
        (("100.0", "lb[Co]", "100", "kg[Co]"), "pounds that were kilograms"),
        (("100.0", "t[Co]", "100", "short_ton[Co]"), "short tons"),
        (("100.0", "ONZ[Au]", "100", "troy_oz[Au]"), "troy ounces"),
        (("0.71", "", "71", "%"), None),
        (("71", "", "71", "%"), "percent"),
        (("71.0", "%", "71", ""), "percent"),
        (("5.00", "USD/kg[Co]", "5", "USD/lb[Co]"), "kilograms that were pounds"),
    ],
)
def test_a_slip_of_unit_or_power_of_ten_is_named(said, slip):
    got = verdict(amount(*said))
    named = [one.sentence for one in got.suspected if one.rule == "slip-of-magnitude"]

    if slip is None:
        assert (named, got.verdict) == ([], "consistent")
    else:
        assert got.verdict == "contradicted"
        assert any(slip in one for one in named)


@pytest.mark.parametrize(
    "said", [("5.5", "million USD", "17", "million USD"), ("100.0", "USD", "45.4", "USD"), ("100.0", "USD", "1", "USD")]
)
def test_any_other_ratio_is_no_slip_and_money_has_no_pounds_or_percent(said):
    got = verdict(amount(*said))

    assert (got.verdict, got.suspected) == ("contradicted", ())


def test_a_value_without_method_stands_alone_where_nothing_can_be_recomputed():
    got = verdict(claim("A", 'value = 6\nunit = "trillion USD"\nkind = "valuation"'))

    assert [one.rule for one in got.suspected] == ["no-method"]
    assert got.suspected[0].ratio is None
    assert got.missing[0].detail.startswith("The method")


def test_a_value_with_a_method_is_not_said_to_lack_one():
    assert "no-method" not in rules(valued("gross", 183, 183))


def test_parts_that_do_not_add_up_contradict_their_own_total():
    text = parts(54, 6).replace("value = 60", "value = 80")
    got = verdict(text)

    assert any(one.says == "sum of the parts" and one.outcome == "contradicts" for one in got.recomputed)


def test_over_is_open_upwards_but_not_for_a_sum_of_stated_parts():
    alone = claim("A", 'value = 60\nunit = "billion USD"\nsense = "over"')
    found = number("total", 183, "billion USD") + recomputed("A", "total")
    summed = parts(54, 6).replace('kind = "valuation"', 'kind = "valuation"\nsense = "over"', 1)

    assert verdict(alone + found).verdict == "consistent"
    total = next(one for one in verdict(summed + found).recomputed if not one.part and one.says != "sum of the parts")
    assert total.outcome == "contradicts"


@pytest.mark.parametrize(
    ("sense", "found", "comes"),
    [
        ("over", 90, "contradicted"),
        ("over", 150, "consistent"),
        ("under", 150, "contradicted"),
        ("under", 20, "consistent"),
    ],
)
def test_over_and_under_are_open_on_one_side(sense, found, comes):
    text = claim("A", f'value = 100\nunit = "t[Cu]"\nsense = "{sense}"\nrounded_to = 1') + number(
        "found", found, "t[Cu]"
    )

    assert verdict(text + recomputed("A", "found")).verdict == comes


@pytest.mark.parametrize(
    ("relation", "found", "comes"),
    [
        ("at-most", 99, "contradicted"),
        ("at-most", 150, "consistent"),
        ("at-least", 99, "consistent"),
        ("at-least", 150, "contradicted"),
        ("restates", 100, "not checkable"),
        ("restates", 150, "contradicted"),
        ("beside", 150, "not checkable"),
    ],
)
def test_each_relation_tests_what_it_says(relation, found, comes):
    text = claim("A", 'value = 100\nunit = "t[Cu]"\nrounded_to = 1') + number("found", found, "t[Cu]")

    assert verdict(text + recomputed("A", "found", f'relation = "{relation}"')).verdict == comes


@pytest.mark.parametrize(
    ("relation", "low", "high", "comes"),
    [
        ("at-most", 50, 150, "consistent"),
        ("at-most", 50, 90, "contradicted"),
        ("at-least", 50, 150, "consistent"),
        ("at-least", 110, 150, "contradicted"),
        ("equal", 50, 150, "consistent"),
        ("equal", 100.5, 150, "consistent"),  # limits that touch overlap
        ("equal", 100.51, 150, "contradicted"),
        ("equal", 50, 99.5, "consistent"),
        ("equal", 0, 150, "not checkable"),  # limits from nothing up test nothing
    ],
)
def test_of_a_range_the_limit_that_is_kindest_to_the_claim_decides(relation, low, high, comes):
    """The claim is 100, printed to one: from 99.5 to 100.5."""
    found = f'[[input]]\nname = "found"\nlow = {low}\nhigh = {high}\nunit = "t[Cu]"\nsource = "a table"\n'
    text = claim("A", 'value = 100\nunit = "t[Cu]"\nrounded_to = 1') + found
    got = verdict(text + recomputed("A", "found", f'relation = "{relation}"'))

    assert got.verdict == comes
    (one,) = got.recomputed
    assert (one.difference, one.difference_low, one.difference_high) == (None, low - 100, high - 100)
    assert (one.ratio, one.ratio_low, one.ratio_high) == (None, low / 100, high / 100)


def test_a_further_rule_is_one_function():
    def odd(case: Case):
        if case.claim.value == Decimal(13):
            yield Suspected(rule="unlucky", weight="likely", sentence="Thirteen.")

    register = parse_toml(amount("13", "t[Cu]", "13", "t[Cu]"))

    assert judge(register).of("A").verdict == "consistent"
    assert judge(register, rules=(*RULES, odd)).of("A").verdict == "not checkable"


MASSES = ("kg", "t", "lb", "kt", "troy_oz", "short_ton", "million t")


@given(
    said=st.integers(1, 10**6),
    off=st.sampled_from([1, 2, Decimal("0.5"), Decimal("1.00013")]),
    units=st.tuples(*[st.sampled_from(MASSES)] * 3),
)
def test_the_verdict_is_the_same_whatever_units_claim_input_and_result_are_written_in(said, off, units):
    """One claim and one figure in kilograms, and both again in any units: same verdict, same ratio."""
    from lodeline.world.claims.measure import unit

    def written(kg, in_):
        # A whole multiple of the unit's kilograms, so that every number is an exact decimal.
        return f"{Decimal(kg) * scale / Decimal(unit(in_).factor.numerator) * Decimal(unit(in_).factor.denominator)}"

    def text(a, b, c):
        one = f'low = {written(low, a)}\nhigh = {written(high, a)}\nvalue = {written(said, a)}\nunit = "{a}"'
        return claim("A", one) + number("found", written(said * off, b), b) + recomputed("A", "found", f'unit = "{c}"')

    low, high = said - Decimal("0.25"), said + Decimal("0.25")
    # 480 grains, 2,000 pounds …: the product of all numerators, so that dividing by any of them ends.
    scale = Decimal(1)
    for name in MASSES:
        scale *= unit(name).factor.numerator
    scale = scale.scaleb(-38)

    plain, other = verdict(text("kg", "kg", "kg")), verdict(text(*units))
    assert plain.verdict == other.verdict
    assert plain.recomputed[0].ratio == pytest.approx(other.recomputed[0].ratio, rel=1e-12)
    assert {one.rule for one in plain.suspected} == {one.rule for one in other.suspected}


def test_a_figure_counts_what_all_its_inputs_count_and_is_open_where_they_differ():
    both = (
        claim("A", 'value = 100\nunit = "t[Cu]"\nbasis = { extent = "in-place", worth = "net" }')
        + number("dug", 60, "t[Cu]")
        + 'basis = { extent = "recoverable", paid = "contained" }\n'
        + number("left", 40, "t[Cu]")
    )
    alike = both + 'basis = { extent = "recoverable" }\n' + recomputed("A", "dug + left")
    mixed = both + 'basis = { extent = "in-place" }\n' + recomputed("A", "dug + left")

    (one,), (other,) = verdict(alike).recomputed, verdict(mixed).recomputed
    assert (one.basis.extent, one.basis.paid, one.outcome) == ("recoverable", "contained", "other basis")
    assert (other.basis.extent, other.outcome) == ("", "agrees")
    assert "claimed in-place, recomputed recoverable" in verdict(alike).reason
