"""Points that a delivery removes, worked by hand on a small edition, and again by changing the trade itself."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lodeline.units.figure import Figure
from lodeline.world.effect import displacement
from lodeline.world.effect.displacement import DISPLACEMENTS
from lodeline.world.effect.span import exactly
from lodeline.world.trade.asking import Form, TradeQuestion
from lodeline.world.trade.imports import origins_of_imports
from lodeline.world.trade.traded import Traded
from tests.world.small_effect import ROWS, TRADE, edition, effects, points, supply, trading
from tests.world.small_trade import ANTIMONY, HS, YEAR, mined, shipped


def by_case(rival: float, alike: float, addition: float) -> dict[str, object]:
    return {
        "rival": pytest.approx(rival),
        "in-proportion": pytest.approx(alike),
        "in-addition": pytest.approx(addition),
    }


def test_forty_tonnes_of_imported_metal_move_the_shares_and_not_the_dependence():
    """1,000 t imported, 500 t from China; 400 t of the form, of which China shipped 100 t and mined 250 t."""
    (one,) = effects(supply(40))

    assert (one.route, one.stage) == ("imported", "refined")
    assert points(one, "reliance") == by_case(0, 0, -20 * 40 / 1040)
    assert points(one, "rival_all") == by_case(4, 2, 50 * 40 / 1040)
    assert points(one, "rival_form") == by_case(10, 2.5, 25 * 40 / 440)
    assert points(one, "rival_mined") == by_case(10, 6.25, 62.5 * 40 / 440)


def test_what_it_is_a_share_of():
    (one,) = effects(supply(40))

    assert [one.share_of_output.value, one.share_of_use.value, one.share_of_imports.value] == pytest.approx([200, 4, 4])
    assert (one.share_of_form.value, one.adds.value) == (pytest.approx(10), pytest.approx(10))


def test_a_point_in_tonnes_depends_on_no_delivery():
    """1,000 / 100, 1,000 / 100, 400 / 100; all that China ships is its own; alike: 400 * 400 / (100 * 250)."""
    (one,) = effects(supply(Figure(value=None, unit="TNE", standing="unknown")))

    of = one.reference
    assert [of.reliance_point.value, of.rival_point.value, of.form_point.value] == [10, 10, 4]
    assert (of.mined_point.value, of.mined_point_alike.value) == (4, pytest.approx(6.4))


def test_beyond_what_the_rival_ships_the_others_are_displaced():
    """150 t: 100 t of China's, and 50 t of India's of which half was mined in China, or all, or none."""
    (one,) = effects(supply(150))
    got = one.case("rival")

    assert got.rival_form.value == pytest.approx(25)
    assert got.rival_mined.value == pytest.approx(100 * (100 + 25) / 400)
    assert (got.rival_mined.low, got.rival_mined.high) == (pytest.approx(25), pytest.approx(37.5))


def test_more_than_all_imports_leaves_no_share_to_remove():
    (one,) = effects(supply(10_000))

    assert points(one, "rival_form") == by_case(25, 25, 25 * 10_000 / 10_400)
    mined_in = points(one, "rival_mined")
    assert (mined_in["rival"], mined_in["in-proportion"]) == (pytest.approx(62.5), pytest.approx(62.5)), (
        "all is displaced"
    )


def test_ore_as_it_comes_moves_only_the_share_of_ore():
    """40 t of 50 t of ore that are imported; China is at most a tenth of them, 5 t."""
    raw, _ = effects(supply(40, "ore-and-concentrates"))
    got = raw.case("rival")

    assert raw.route == "raw"
    assert {value for name in ("reliance", "rival_all") for value in points(raw, name).values()} == {0}
    assert (got.rival_form.low, got.rival_form.high) == (0, pytest.approx(10))
    assert raw.case("in-proportion").rival_form.high == pytest.approx(10 * 40 / 50)
    assert got.rival_mined.standing == "unknown", "the trade of ore is not at hand"
    assert any("counted apart" in sentence for sentence in raw.said)


def test_ore_smelted_at_home_lowers_dependence_by_what_becomes_metal():
    """40 t of which half becomes metal: 20 t of 1,000 t used; China's share 500/1,000 becomes 480/980."""
    _, smelted = effects(supply(40, "ore-and-concentrates", recovery=50))

    assert (smelted.route, smelted.tonnes.value) == ("smelted", 20)
    assert points(smelted, "reliance") == by_case(2, 2, 80 * 20 / 1020)
    assert points(smelted, "rival_all") == by_case(50 - 100 * 480 / 980, 0, 0)


def test_without_a_recovery_it_is_at_most_that_of_all():
    _, smelted = effects(supply(40, "ore-and-concentrates"))
    got = smelted.case("rival").reliance

    assert (got.standing, got.low, got.high) == ("bounded", 0, pytest.approx(4))
    assert any("recovers" in act.detail for act in got.settle)


def test_into_which_form_antimony_is_smelted_nobody_says():
    _, smelted = effects(supply(40, "ore-and-concentrates", recovery=50))

    assert smelted.case("rival").rival_form.standing == "unknown"
    assert smelted.case("rival").rival_mined.settle


def test_metal_made_at_home_displaces_imports_of_its_form():
    """China's 100/400 becomes 60/360; mined there 250/400 becomes 210/360."""
    (one,) = effects(supply(40, made=True))

    assert points(one, "reliance") == by_case(4, 4, 80 * 40 / 1040)
    assert points(one, "rival_form") == by_case(25 - 100 * 60 / 360, 0, 0)
    assert points(one, "rival_mined") == by_case(62.5 - 100 * 210 / 360, 0, 0)


def test_the_rivals_own_metal_in_the_delivery_is_taken_off():
    """Of 40 t half was mined in China: 40 t leave its share and 20 t come back."""
    (one,) = effects(supply(40, rivals=50, own=50))

    assert points(one, "rival_mined") == by_case(100 * 20 / 400, 6.25 - 5, (62.5 - 50) * 40 / 440)
    assert one.adds.value == pytest.approx(5)
    assert any("not traced to mines in Pakistan" in note for note in one.notes)


def test_what_the_rival_ships_itself_comes_back_to_its_share():
    """40 t more from China: in its own place nothing is moved; in the place of all alike it adds 40 t less 10 t."""
    of = supply(40, rivals=100, own=100)
    (one,) = effects(type(of)(**{name: getattr(of, name) for name in of.__struct_fields__} | {"origin": "CHN"}))

    assert points(one, "rival_form") == by_case(0, 2.5 - 10, (25 - 100) * 40 / 440)
    assert points(one, "rival_all") == by_case(0, 2 - 4, (50 - 100) * 40 / 1040)
    assert points(one, "rival_mined") == by_case(0, 6.25 - 10, (62.5 - 100) * 40 / 440)


def test_what_may_be_the_rivals_makes_an_interval():
    of = supply(40)
    may_be = Figure(value=0.0, low=0.0, high=25.0, unit="P1", standing="computed")
    (one,) = effects(type(of)(**{name: getattr(of, name) for name in of.__struct_fields__} | {"rivals": may_be}))
    got = one.case("rival").rival_mined

    assert (got.value, got.low, got.high) == (pytest.approx(10), pytest.approx(7.5), pytest.approx(10))


def test_a_delivery_of_unknown_mass_is_unknown_and_says_what_would_settle_it():
    from lodeline.errors import Settle

    act = Settle(act="weighing", subject="urn:example:lot:1", detail="A weighing of the lot.")
    (one,) = effects(supply(Figure(value=None, unit="TNE", standing="unknown", settle=(act,))))

    got = one.case("rival")
    assert {got.rival_all.standing, got.rival_form.standing, got.rival_mined.standing} == {"unknown"}
    assert act in got.rival_all.settle
    assert any("A weighing of the lot." in note for note in one.notes)
    assert got.reliance.value == 0, "what is imported moves no dependence, however much it is"


def test_a_mass_with_limits_gives_points_with_limits():
    (one,) = effects(supply(Figure(value=None, low=20.0, high=40.0, unit="TNE", standing="bounded")))
    got = one.case("rival")

    assert (got.rival_all.low, got.rival_all.high) == (pytest.approx(2), pytest.approx(4))
    assert (got.rival_form.low, got.rival_form.high) == (pytest.approx(5), pytest.approx(10))


@pytest.mark.parametrize("form", ["unwrought", "oxide"])
@given(tonnes=st.floats(0.01, 20))
@settings(max_examples=25, deadline=None)
def test_twice_the_tonnes_remove_twice_the_points_while_there_is_enough_to_displace(form, tonnes):
    (one,), (twice,) = effects(supply(tonnes, form)), effects(supply(2 * tonnes, form))

    for measure in ("rival_all", "rival_form", "rival_mined"):
        for case in ("rival", "in-proportion"):
            once = points(one, measure)[case]
            assert points(twice, measure)[case] == (None if once is None else pytest.approx(2 * once))


def test_a_shipment_without_a_tonnage_makes_the_imports_an_interval():
    """100,000 dollars at 0.5 dollars a kilogram at least are at most 200 t; the middle counts."""
    trade = trading(shipped("CHN", "USA", None, "100"), *TRADE[1:])
    (one,) = effects(supply(40), trades=(trade,))
    of, got = one.reference, one.case("in-proportion").rival_form

    assert (of.form_imports.value, of.form_imports.low, of.form_imports.high) == (400, 300, 500)
    assert got.value == pytest.approx(2.5)
    assert got.low == 0
    assert got.high >= 100 * 200 / 500 * 40 / 500


# -- an independent second route: the trade itself is changed, and traced again


def traced(*rows: Traded, mine: float) -> tuple[float, float]:
    """China's share by who shipped it, and by who mined it, %."""
    table = edition(mined("PAK", f"{mine:.9f}"))
    got = origins_of_imports(TradeQuestion(trading(*rows), table, ANTIMONY, Form(HS, Decimal(1), None), YEAR, "USA"))
    return got.line("CHN").direct, got.line("CHN").traced


def less(row: Traded, part: float) -> Traded:
    return shipped(row.exporter, row.importer, f"{float(row.tonnes or 0) * part:.9f}")


@given(
    rival=st.floats(0, 50),
    other=st.floats(1, 80),
    of_rivals=st.floats(0, 1),
    of_others=st.floats(0, 1),
    own=st.floats(0, 1),
    tonnes=st.floats(0, 200),
    case=st.sampled_from(DISPLACEMENTS),
    made=st.booleans(),
)
def test_points_are_what_is_left_when_shipments_are_counted_again(
    rival, other, of_rivals, of_others, own, tonnes, case, made
):
    """A rival and all others, each with a part that was mined in the rival's country, before and after a delivery."""
    imports, route = rival + other, "made" if made else "imported"
    own = 0.0 if made else own
    left = {
        "rival": (max(rival - tonnes, 0), max(other - max(tonnes - rival, 0), 0)),
        "in-proportion": tuple(one * max(1 - tonnes / imports, 0) for one in (rival, other)),
        "in-addition": (rival, other),
    }[case]
    after = sum(left) + (0 if made else tonnes)
    # Of what is made at home shares stay, but where it displaces the rival.
    assume(after > 1e-3 and not (made and case == "in-proportion"))
    was = rival * of_rivals + other * of_others
    now = left[0] * of_rivals + left[1] * of_others + own * tonnes

    got = displacement.direct(case, route, exactly(tonnes), exactly(imports), exactly(rival))
    assert got.value == pytest.approx(100 * (rival / imports - left[0] / after), abs=1e-6)
    got = displacement.mined(
        case, route, exactly(tonnes), imports=exactly(imports), rival=exactly(rival), whole=exactly(was),
        shipped=exactly(rival * of_rivals), own=exactly(own),
    )  # fmt: skip
    assert got.value == pytest.approx(100 * (was / imports - now / after), abs=1e-6)


@given(tonnes=st.floats(1, 90))
@settings(max_examples=20, deadline=None)
def test_the_points_are_those_of_the_changed_trade(tonnes):
    """Shipments are changed case by case, and origins computed anew, by the mass graph and not by a formula."""
    before = traced(*TRADE, mine=20)
    ours = shipped("PAK", "USA", f"{tonnes:.9f}")
    china, india, between = TRADE
    after = {
        "rival": traced(less(china, 1 - tonnes / 100), india, between, ours, mine=tonnes),
        "in-proportion": traced(
            less(china, 1 - tonnes / 400), less(india, 1 - tonnes / 400), between, ours, mine=tonnes
        ),
        "in-addition": traced(*TRADE, ours, mine=tonnes),
    }
    (one,) = effects(supply(tonnes))

    assert points(one, "rival_form") == {
        case: pytest.approx(before[0] - now[0], abs=1e-6) for case, now in after.items()
    }
    # India ships less and buys as much: what it has of China's is then a larger part of what it has. The formula holds
    # each country's mixture as it was; so the in-proportion case is compared where the mixture stays.
    assert points(one, "rival_mined")["rival"] == pytest.approx(before[1] - after["rival"][1], abs=1e-6)
    assert points(one, "rival_mined")["in-addition"] == pytest.approx(before[1] - after["in-addition"][1], abs=1e-6)


def test_no_share_of_oxide_is_more_than_all_of_it():
    """Antimony oxides hold from 75 to 84 percent: of 9 t from China and 1 t from India, China's part is 89 to 91 %."""
    trade = trading(shipped("CHN", "USA", "9", hs="282580"), shipped("IND", "USA", "1", hs="282580"))
    (one,) = effects(supply(1, "oxide"), trades=(trade,))
    share, low, high = one.reference.form_share, 0.7527 * 9, 0.8354 * 9

    assert share.value == pytest.approx(90)
    assert share.low == pytest.approx(100 * low / (low + 0.8354), abs=0.01)
    assert share.high == pytest.approx(100 * high / (high + 0.7527), abs=0.01)
    (every,) = effects(supply(1, "oxide"), trades=(trading(shipped("CHN", "USA", "10", hs="282580")),))
    assert (every.reference.form_share.value, every.reference.form_mined.high) == (100, 100)
    (none,) = effects(supply(1, "oxide"), trades=(trading(shipped("IND", "USA", "1", hs="282580")),))
    assert none.reference.form_share.value == 0


def test_the_small_edition_is_whole():
    assert len({one.key for one in ROWS}) == len(ROWS)


@given(
    tonnes=st.floats(0, 2000),
    rivals=st.floats(0, 100),
    made=st.booleans(),
    mine=st.floats(1, 600),
    direct=st.floats(1, 300),
    between=st.floats(1, 290),
)
@settings(max_examples=40, deadline=None)
def test_a_traced_value_lies_within_its_limits_and_no_share_falls_below_nothing(
    tonnes, rivals, made, mine, direct, between
):
    trade = trading(
        shipped("CHN", "USA", f"{direct:.6f}"), shipped("IND", "USA", "300"), shipped("CHN", "IND", f"{between:.6f}")
    )
    (one,) = effects(supply(tonnes, made=made, rivals=rivals), edition(mined("CHN", f"{mine:.6f}")), (trade,))
    share, of_form = one.reference.form_mined, one.reference.form_share

    for got in one.removed:
        assert got.rival_mined.value is not None
        low = got.rival_mined.value if got.rival_mined.low is None else got.rival_mined.low
        high = got.rival_mined.value if got.rival_mined.high is None else got.rival_mined.high
        assert low - 1e-6 <= got.rival_mined.value <= high + 1e-6
        assert got.rival_mined.value <= (share.value or 0.0) + 1e-6
        assert -1e-9 <= got.rival_form.value <= (of_form.value or 0.0) + 1e-6
