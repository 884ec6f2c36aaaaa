"""What nobody weighed, assayed or dated: lines have limits or are unknown, never zero, and say what would settle it."""

from __future__ import annotations

from lodeline.metal.balance.layout import AccountKey
from lodeline.record import metal
from tests.metal.balance.hand import PLACES, accounted, at, at_site, on_road
from tests.metal.small_book import (
    BUYER,
    LOT,
    MINE,
    SELLER,
    STIBNITE,
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


def limits(figure):
    return figure.value, figure.low, figure.high, figure.standing


def test_a_lot_that_nobody_weighed_is_unknown_where_it_came_and_where_it_lies_and_nothing_is_missing():
    one = at_site(accounted(mined()), MINE)

    assert limits(one.recorded("in")) == limits(one.recorded("closing")) == (None, None, None, "unknown")
    # What came is what lies there, whatever it weighs.
    assert (one.recorded("unaccounted").value, one.recorded("unaccounted").u) == (0, 0)
    assert one.recorded("closing").settle[0].subject == LOT


def test_what_is_left_of_an_unknown_lot_is_unknown_and_what_came_is_at_least_what_went():
    sold = metal.ownership_change(on(4), [kg("40")], basis="dry", seller=SELLER, buyer=BUYER)
    by_owner = accounted(mined(), sold, by=("owner",))
    seller = by_owner.of(AccountKey(owner=SELLER), "2026-03")

    assert limits(seller.recorded("in")) == (None, 40, None, "bounded")
    assert (seller.recorded("out").value, seller.recorded("closing").standing) == (40, "unknown")
    assert seller.recorded("unaccounted").value == 0


def test_a_sum_with_an_unknown_part_is_at_least_the_rest():
    one = at_site(accounted(mined("30", basis="dry"), mined(lot="urn:example:lot:2")), MINE)

    assert limits(one.recorded("closing")) == (None, 30, None, "bounded")
    assert [settle.subject for settle in one.recorded("closing").settle] == ["urn:example:lot:2"]


def test_an_unassayed_lot_has_no_more_of_an_element_than_it_weighs():
    one = at_site(accounted(mined("30", basis="dry"), of="Sb"), MINE)

    assert limits(one.recorded("closing")) == (None, None, 30, "bounded")
    assert (one.recorded("closing").settle[0].act, one.recorded("closing").settle[0].subject) == ("assay", LOT)


def test_a_wet_lot_of_unknown_moisture_has_no_more_than_if_it_were_dry():
    found = accounted(mined(), weighed(2, net("30", basis="wet")), assayed(3, percent("50")), of="Sb")

    assert limits(at_site(found, MINE).recorded("closing")) == (None, None, 15, "bounded")
    assert limits(at_site(accounted(mined(), weighed(2, net("30", basis="wet"))), MINE).recorded("closing")) == (
        None,
        None,
        30,
        "bounded",
    )


def test_what_is_missing_in_a_process_of_which_the_feed_is_unassayed_has_limits():
    """Nobody assayed the 399 kg that came; 199.5 kg of antimony were made of them: 199.5 too much, or too little."""
    ore = metal.transformation(
        on(7, WORKS), process="blend", inputs=[kg(None)], outputs=[kg("399", "urn:example:lot:3")], basis="dry"
    )
    events = [mined("400", basis="dry"), shipped(4), received(6, "399"), ore]
    events.append(assayed(8, percent("50"), lot="urn:example:lot:3", place=WORKS))
    works = at_site(accounted(*events, of="Sb"), WORKS)

    assert limits(works.recorded("in")) == (None, None, 399, "bounded")
    assert limits(works.recorded("unaccounted")) == (None, -199.5, 199.5, "bounded")
    assert (works.recorded("closing").value, works.recorded("made").value) == (199.5, 199.5)


def before(instant: str, event: metal.Event) -> metal.Event:
    """The event as one that happened at that instant or earlier."""
    return {**event, "eventTime": instant, "lode:eventTimeKnown": "not_after"}


def test_a_sale_at_an_unknown_time_leaves_open_whose_the_stock_was_as_the_month_ended():
    """Sold by 10 April at the latest, and after 2 March: at the end of March the buyer had it or had not."""
    sold = before(
        "2026-04-10T00:00:00Z",
        metal.ownership_change(on(4), [kg(None)], basis=None, seller=SELLER, buyer=BUYER),
    )
    seen = weighed(45, net("100", "1"))
    found = accounted(mined("100", basis="dry", day=2), sold, seen, by=("owner",))
    march = found.of(AccountKey(owner=SELLER), "2026-03")
    buyers = found.of(AccountKey(owner=BUYER), "2026-03")

    assert limits(march.recorded("closing")) == (None, 0, 100, "bounded")
    assert limits(march.recorded("out")) == (None, 0, 100, "bounded")
    assert limits(buyers.recorded("closing")) == (None, 0, 100, "bounded")
    april = found.of(AccountKey(owner=SELLER), "2026-04")
    assert (april.recorded("closing").value, april.recorded("opening").low, april.recorded("opening").high) == (
        0,
        0,
        100,
    )
    assert found.of(AccountKey(owner=BUYER), "2026-04").recorded("closing").value == 100
    (finding,) = [one for one in found.findings if one.code == "balance.time_unknown"]
    assert finding.settle[0].subject == LOT


def test_an_unknown_time_that_cannot_matter_is_no_finding():
    """It left after it was mined and before it came, all in March."""
    late = before("2026-03-20T00:00:00Z", shipped(4))
    found = accounted(mined("100", basis="dry"), late, received(22))

    assert [one.code for one in found.findings if one.code == "balance.time_unknown"] == []
    assert on_road(found).recorded("out").value == 100


def test_a_receipt_that_nobody_announced_left_at_an_unknown_time():
    """It was mined in March and came in April: as March ended it was still at the mine, or on the road."""
    found = accounted(mined("100", basis="dry"), received(40, "100"))

    assert limits(at_site(found, MINE).recorded("closing")) == (None, 0, 100, "bounded")
    assert limits(on_road(found).recorded("closing")) == (None, 0, 100, "bounded")
    assert (at_site(found, WORKS, "2026-04").recorded("in").value, MINE) == (100, MINE)


def test_a_process_of_which_nobody_saw_the_feed_leaves_what_is_missing_unknown():
    out = metal.transformation(
        at("2026-03-05T00:00:00+00:00"),
        process="smelt",
        inputs=[],
        outputs=[kg("60", "urn:example:lot:5")],
        basis="dry",
        transformation_id="urn:example:melt",
        made=metal.Made(owner=SELLER, material=STIBNITE),
    )
    one = at_site(accounted(out, master=PLACES), MINE)

    assert limits(one.recorded("unaccounted")) == (None, -60, None, "bounded")
    assert one.recorded("in").standing == "unknown"
    assert one.recorded("closing").value == 60
