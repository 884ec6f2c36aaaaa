"""Accounts worked by hand: each line of a small book, and what is unaccounted for with its uncertainty."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lodeline.metal.balance.layout import AccountKey
from lodeline.record import metal
from lodeline.record.metal import Loss, Made
from tests.metal.balance.hand import FURNACE, YARD, accounted, at_site, moved, on_road, values
from tests.metal.small_book import (
    BUYER,
    LOT,
    MINE,
    PORT,
    SELLER,
    WORKS,
    assayed,
    kg,
    mined,
    net,
    on,
    percent,
    received,
    shipped,
    weighed,
)

OTHER = "urn:example:lot:2"


def test_in_out_and_stock_of_a_lot_that_is_shipped_in_part():
    """1000 kg at 50 % Sb; 400 kg leave and 399 kg come: 200 out, 300 stay, and the road is short of half a kilogram."""
    found = accounted(
        mined(), weighed(2, net("1000", "2")), assayed(3, percent("50", u="0.3")), shipped(4, "400"),
        received(6, "399"), of="Sb",
    )  # fmt: skip

    assert values(at_site(found, MINE)) == {"in": 500, "out": 200, "closing": 300}
    assert values(on_road(found)) == {"in": 200, "out": 199.5, "unaccounted": 0.5}
    assert values(at_site(found, WORKS)) == {"in": 199.5, "closing": 199.5}
    assert at_site(found, MINE).recorded("arising").u == pytest.approx(math.hypot(0.5 * 2, 1000 * 0.003))
    # Nobody said how well the 400 kg and the 399 kg are known.
    assert (at_site(found, MINE).recorded("closing").u, on_road(found).recorded("unaccounted").u) == (None, None)


def test_what_one_assay_says_of_both_ends_of_a_road_is_no_doubt_about_what_is_missing_between_them():
    """402 +- 1 kg left, 400 +- 1 kg came, at 50 +- 0.3 %: each end is known to 1.3 kg, and the 1 kg between to 0.71."""
    found = accounted(
        mined(), weighed(2, net("402", "1")), assayed(3, percent("50", u="0.3")), shipped(4), received(6),
        weighed(7, net("400", "1"), place=WORKS), of="Sb",
    )  # fmt: skip
    road = on_road(found)

    assert values(road) == {"in": 201, "out": 200, "unaccounted": 1}
    assert road.recorded("in").u == pytest.approx(math.hypot(0.5, 402 * 0.003))
    assert road.recorded("unaccounted").u == pytest.approx(math.sqrt(0.5**2 + 0.5**2 + (2 * 0.003) ** 2))
    assert (road.checks, at_site(found, MINE).checks, at_site(found, WORKS).checks) == (1, 0, 0)


def test_a_lot_that_was_weighed_once_closes_without_doubt_however_it_was_parted_and_joined():
    """60 of 100 +- 3 kg change hands and come back: one weighing, so nothing is missing, and the stock is 100 +- 3."""
    sold = metal.ownership_change(on(4), [kg("60")], basis="dry", seller=SELLER, buyer=BUYER)
    back = metal.ownership_change(on(5), [kg(None)], basis="dry", seller=BUYER, buyer=SELLER)
    one = at_site(accounted(mined(), weighed(2, net("100", "3")), sold, back), MINE)

    assert (one.recorded("closing").value, one.recorded("closing").u) == (100, 3)
    assert (one.recorded("unaccounted").value, one.recorded("unaccounted").u, one.checks) == (0, 0, 0)


def test_a_change_of_owner_is_out_of_one_account_and_into_the_other_and_no_move_of_the_site():
    sold = metal.ownership_change(on(4), [kg("40")], basis="dry", seller=SELLER, buyer=BUYER)
    events = [mined("100", basis="dry"), sold]
    by_owner = accounted(*events, by=("site", "owner"))
    seller, buyer = (by_owner.of(AccountKey(site=MINE, owner=owner), "2026-03") for owner in (SELLER, BUYER))

    assert values(seller) == {"in": 100, "out": 40, "closing": 60}
    assert values(buyer) == {"in": 40, "closing": 40}
    assert (seller.recorded("sold").value, buyer.recorded("bought").value) == (40, 40)
    assert values(at_site(accounted(*events), MINE)) == {"in": 100, "closing": 100}


def test_goods_that_are_on_the_road_as_a_month_ends_are_there_and_nowhere_else():
    found = accounted(mined("100", basis="dry"), shipped(30), received(35))

    assert values(at_site(found, MINE)) == {"in": 100, "out": 100}
    assert values(on_road(found)) == {"in": 100, "closing": 100}
    assert values(on_road(found, "2026-04")) == {"opening": 100, "out": 100}
    assert values(at_site(found, WORKS, "2026-04")) == {"in": 100, "closing": 100}
    assert on_road(found).key.owner is None
    by_owner = accounted(mined("100", basis="dry"), shipped(30), received(35), by=("site", "owner"))
    road = by_owner.of(AccountKey(owner=SELLER, state="on the road"), "2026-03")
    assert road.recorded("closing_on_the_way").value == 100


def test_a_consignment_that_comes_in_loads_is_on_the_road_until_the_last_of_them():
    """100 kg leave in March; 60 come in March, and 39.5 in April: then 0.5 is missing, and not before."""
    found = accounted(mined("100", basis="dry"), shipped(20), received(25, "60"), received(33, "39.5"))

    assert values(on_road(found)) == {"in": 100, "out": 60, "closing": 40}
    assert values(on_road(found, "2026-04")) == {"opening": 40, "out": 39.5, "unaccounted": 0.5}


def melt(day: float, inputs: list[Any], outputs: list[Any], losses: list[Loss] | None = None) -> metal.Event:
    return metal.transformation(
        on(day, FURNACE),
        process="smelt",
        inputs=inputs,
        outputs=outputs,
        basis="dry",
        losses=losses or [],
        transformation_id="urn:example:melt",
        made=Made(owner=SELLER),
    )


def test_what_is_in_a_furnace_as_a_month_ends_is_in_process_and_what_never_comes_out_is_unaccounted():
    """70 kg fed in March give 40; 30 fed in April give 55, and 4 are lost: 1 is missing when the last came out."""
    found = accounted(
        mined("100", basis="dry"),
        *moved(on(2, FURNACE), [kg(None)], MINE, FURNACE),
        melt(20, [kg("70")], [kg("40", "urn:example:metal:1")]),
        melt(33, [kg(None)], [kg("55", "urn:example:metal:2")], [Loss("fume", 4, "KGM")]),
    )
    march, april = at_site(found, MINE), at_site(found, MINE, "2026-04")

    assert values(march) == {"in": 100, "closing": 100, "fed": 70, "made": 40}
    assert {part: march.recorded(f"closing_{part}").value for part in ("held", "in_process")} == {
        "held": 70,
        "in_process": 30,
    }
    assert values(april) == {"opening": 100, "losses": 4, "closing": 95, "unaccounted": 1, "fed": 30, "made": 55}
    assert april.recorded("unaccounted_in_process").value == 1


def test_processes_told_apart_by_state_consume_and_produce():
    """The same furnace as an account of its own: opening + in + produced = out + consumed + losses + closing + MUF."""
    found = accounted(
        mined("100", basis="dry"),
        metal.transformation(
            on(3),
            process="smelt",
            inputs=[kg("70")],
            outputs=[kg("60", OTHER)],
            basis="dry",
            losses=[Loss("slag", 9, "KGM")],
        ),
        by=("site", "state"),
    )
    held, inside = (found.of(AccountKey(site=MINE, state=state), "2026-03") for state in ("held", "in process"))

    assert values(held) == {"in": 100, "produced": 60, "consumed": 70, "closing": 90}
    assert values(inside) == {"in": 70, "out": 60, "losses": 9, "unaccounted": 1}
    assert (inside.recorded("charged").value, inside.recorded("discharged").value) == (70, 60)


def test_a_declared_loss_that_nobody_assayed_is_material_and_what_was_in_it_is_unaccounted():
    smelted = metal.transformation(
        on(4),
        process="smelt",
        inputs=[kg(None)],
        outputs=[kg("50", OTHER)],
        basis="dry",
        losses=[Loss("dust", 9, "KGM")],
    )
    found = accounted(
        mined("100", basis="dry"), assayed(2, percent("50")), smelted, assayed(5, percent("96"), lot=OTHER), of="Sb"
    )
    one = at_site(found, MINE)

    assert values(one)["unaccounted"] == 2
    assert "losses" not in values(one)
    assert (one.recorded("lost_material").value, one.lines["lost_material"].sign) == (9, 0)


def test_a_move_between_two_stores_is_none_of_their_site_and_is_one_of_the_stores():
    events = [
        mined("100", basis="dry"),
        *moved(on(2, YARD), [kg(None)], MINE, YARD),
        *moved(on(3, FURNACE), [kg("30")], YARD, FURNACE, bill="urn:example:bol:10"),
    ]
    by_site, by_store = accounted(*events), accounted(*events, by=("store",))

    assert [one.key.site for one in by_site.accounts] == [MINE]
    assert values(at_site(by_site, MINE)) == {"in": 100, "closing": 100, "unaccounted": 0}
    yard, furnace = (by_store.of(AccountKey(store=store), "2026-03") for store in (YARD, FURNACE))
    assert values(yard) == {"in": 100, "out": 30, "closing": 70}
    assert values(furnace) == {"in": 30, "closing": 30}


def test_goods_on_their_way_inside_a_site_are_a_part_of_its_stock():
    left, come = moved(on(33, YARD), [kg(None)], MINE, YARD)
    left = {**left, "eventTime": "2026-03-31T12:00:00Z"}
    march = at_site(accounted(mined("100", basis="dry"), left, come), MINE)

    assert values(march) == {"in": 100, "closing": 100}
    assert march.recorded("closing_on_the_way").value == 100


def store(day: float, inputs: list[Any], outputs: list[Any], place: str = YARD) -> metal.Event:
    return metal.transformation(
        on(day, place),
        process="store",
        inputs=inputs,
        outputs=outputs,
        basis="dry",
        transformation_id="urn:example:pile",
        made=Made(owner=SELLER),
    )


def pile(*more: metal.Event) -> list[metal.Event]:
    """100 kg of 50 % and 60 kg of 40 % are laid down: 74 kg of antimony, in a pile that nobody assayed."""
    return [
        mined("100", basis="dry"),
        mined("60", OTHER, basis="dry"),
        assayed(2, percent("50")),
        assayed(2, percent("40"), lot=OTHER),
        *moved(on(3, YARD), [kg(None), kg(None, OTHER)], MINE, YARD),
        store(4, [kg(None)], []),
        store(5, [kg(None, OTHER)], []),
        *more,
    ]


def test_a_pile_that_nobody_assayed_has_what_was_laid_down_in_it_and_not_taken():
    taken = store(33, [], [kg("20", "urn:example:lot:3")])
    assay = assayed(34, percent("45"), lot="urn:example:lot:3", place=YARD)
    found = accounted(*pile(taken, assay), of="Sb")

    assert at_site(found, MINE).recorded("closing_in_process").value == 74
    assert at_site(found, MINE, "2026-04").recorded("closing_in_process").value == pytest.approx(74 - 9)
    assert at_site(found, MINE, "2026-04").recorded("closing_held").value == 9
    assert at_site(found, MINE, "2026-04").checks == 0


def test_a_pile_that_was_emptied_has_given_all_it_had_and_the_rest_is_unaccounted():
    taken = store(33, [], [kg("160", "urn:example:lot:3")])
    assay = assayed(34, percent("45"), lot="urn:example:lot:3", place=YARD)
    april = at_site(accounted(*pile(taken, assay), of="Sb"), MINE, "2026-04")

    assert values(april) == {"opening": 74, "closing": 72, "unaccounted": 2, "made": 72}


def test_a_port_between_two_roads_takes_in_and_gives():
    bill = "urn:example:bol:2"
    onward = metal.shipment(
        on(8, transactions=(("bol", bill),)), [kg("99")], basis="dry",
        left=metal.End(owner=BUYER, place=PORT), to=metal.End(owner=BUYER, place=WORKS),
    )  # fmt: skip
    found = accounted(mined("100", basis="dry"), shipped(2, to=PORT), received(5, "99", to=PORT), onward)

    # Both say 99 kg, so that was checked, and nothing is missing.
    assert values(at_site(found, PORT)) == {"in": 99, "out": 99, "unaccounted": 0}
    assert values(on_road(found)) == {"in": 199, "out": 99, "closing": 99, "unaccounted": 1}


def test_a_lot_that_ends_is_out_and_no_loss():
    end = metal.lot_ended(on(9), [kg("25")], basis="dry", reason="sold", destroyed=False)
    one = at_site(accounted(mined("100", basis="dry"), end), MINE)

    assert (values(one), one.recorded("ended").value) == ({"in": 100, "out": 25, "closing": 75}, 25)


def test_a_lot_that_is_weighed_again_as_it_lies_is_what_was_read_last_and_the_rest_is_unaccounted():
    """The stock is 97 +- 2 by the scale of the works, 100 +- 1 came by its gate: 3 +- 2.2 are missing."""
    again = weighed(8, net("97", "2"), place=WORKS)
    gate = {**received(5, "100"), "sensorElementList": weighed(5, net("100", "1"), place=WORKS)["sensorElementList"]}
    part = metal.ownership_change(on(7, WORKS), [kg("40")], basis="dry", seller=BUYER, buyer=SELLER)
    found = accounted(mined(), weighed(2, net("101", "1")), shipped(3), gate, again)
    one = at_site(found, WORKS)

    assert values(one) == {"in": 100, "closing": 97, "unaccounted": 3}
    assert one.recorded("unaccounted").u == pytest.approx(math.hypot(1, 2))
    parted = at_site(accounted(mined(), weighed(2, net("101", "1")), shipped(3), gate, part), WORKS)
    assert (parted.recorded("closing").value, parted.recorded("closing").u, parted.checks) == (100, 1, 0)


def test_a_group_is_the_sum_of_its_members():
    events = [mined("100", basis="dry"), assayed(2, percent("20", of="Nd2O3"), percent("5", of="Pr6O11"))]
    found = accounted(*events, of="oxides", groups={"oxides": ["Nd2O3", "Pr6O11"]})

    assert at_site(found, MINE).recorded("closing").value == pytest.approx(25)


def test_a_lot_held_for_another_element_holds_none_and_that_is_said():
    copper = metal.lot_mined(
        on(1), [kg("50", OTHER)], basis="dry", country="PK", deposit=None, material="urn:example:copper", owner=SELLER
    )
    from tests.metal.balance.hand import PLACES
    from tests.metal.small_book import Record

    master = (*PLACES, Record("material", "urn:example:copper", {"elements": ["Cu"]}))
    found = accounted(mined("100", basis="dry"), assayed(2, percent("50")), copper, of="Sb", master=master)

    assert (found.unasked, at_site(found, MINE).recorded("closing").value) == (1, 50)
    assert accounted(copper, of="dry", master=master).unasked == 0


def test_an_account_that_is_not_there_is_refused():
    from lodeline.errors import InputError

    with pytest.raises(InputError) as refused:
        at_site(accounted(mined("1", basis="dry")), WORKS)
    assert refused.value.code == "balance.no_account"


def test_the_whole_book_is_one_period_where_none_is_asked_for():
    found = accounted(mined("100", basis="dry"), shipped(30, "40"), received(35, "39"), by=(), period=None)

    assert [(one.key.state, one.period) for one in found.accounts] == [("", ""), ("on the road", "")]
    assert values(found.accounts[0]) == {"in": 139, "out": 40, "closing": 99}
    assert values(found.accounts[1]) == {"in": 40, "out": 39, "unaccounted": 1}
    assert LOT in (found.sheets.flows.names)
