"""A plant's account by hand: in, out by kind, losses, stock, and what is unaccounted with its uncertainty."""

from __future__ import annotations

import math

import pytest

from lodeline.metal.accounts import Account, Plant
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.words import CLASS
from lodeline.metal.plant import plants
from lodeline.metal.stations import stations
from tests.metal.drawn import MASTER, Arc, Made, Node, drawn

LOTS = {
    "ore": Made(stage="mined", material="urn:ore"),
    "ingot": Made(stage="refined", material="urn:ingot"),
    "cathode": Made(stage="refined", material="urn:copper"),
    "slag": Made(stage="refined", material="urn:slag"),
}
NODES = (
    Node("holding", "yard", "urn:refinery", "ore"),
    Node("process", "smelting", "urn:furnace"),
    Node("holding", "ingots", "urn:refinery", "ingot"),
    Node("holding", "slags", "urn:refinery", "slag"),
    Node("holding", "cathodes", "urn:refinery", "cathode"),
)


def smelting(*more: Arc, fed: Arc | None = None) -> Flows:
    """100 kg in; 80 in ingots, 12 in slag, 3 declared lost: 5 are unaccounted for."""
    arcs = (
        Arc("outside", "yard", "arising", "ore", 100.0),
        fed or Arc("yard", "smelting", "process_in", "ore", 100.0, 1.0, 3.0, "smelt"),
        Arc("smelting", "ingots", "process_out", "ingot", 80.0, 1.0, 2.0, "smelt"),
        Arc("smelting", "slags", "process_out", "slag", 120.0, 0.1, 10.0, "smelt"),
        Arc("smelting", "outside", "loss", "", 3.0, 1.0, 0.5, "fume"),
        *more,
    )
    return drawn(NODES, arcs, LOTS)


def account(flows: Flows) -> tuple[Plant, Account]:
    (plant,) = plants(flows, stations(flows, MASTER), ("Sb",))
    (one,) = plant.accounts
    return plant, one


def test_in_is_out_and_losses_and_what_is_unaccounted_to_the_kilogram():
    plant, one = account(smelting())

    assert (plant.site, plant.concentrator, plant.processes, plant.runs) == ("urn:refinery", False, ("smelt",), 1)
    assert one.fed.value == 100
    assert {kind: of.value for kind, of in one.out.items()} == {"product": 80, "slag": 12}
    assert (one.lost.value, one.stock.value, one.unaccounted.value) == (3, 0, 5)
    assert one.unaccounted.u == pytest.approx(math.sqrt(3**2 + 2**2 + (0.1 * 10) ** 2 + 0.5**2))
    assert one.recovery is not None
    assert one.recovery.value == pytest.approx(80)
    assert one.recovery.u == pytest.approx(100 * math.hypot(2 / 100, 80 * 3 / 100**2))


def test_five_kilograms_are_within_what_the_scales_know_and_beyond_what_better_scales_would():
    assert account(smelting())[1].verdict == "within"  # 5 of 2 x 3.77
    sure = Arc("yard", "smelting", "process_in", "ore", 120.0, 1.0, 3.0, "smelt")
    assert account(smelting(fed=sure))[1].verdict == "beyond"  # 25 of 2 x 3.77


def test_more_out_than_in_is_negative_and_beyond():
    little = Arc("yard", "smelting", "process_in", "ore", 60.0, 1.0, 3.0, "smelt")
    _, one = account(smelting(fed=little))

    assert (one.unaccounted.value, one.verdict) == (-35, "beyond")


def test_without_an_uncertainty_nothing_is_judged():
    blind = Arc("yard", "smelting", "process_in", "ore", 100.0, 1.0, None, "smelt")
    _, one = account(smelting(fed=blind))

    assert (one.unaccounted.value, one.unaccounted.u, one.verdict, one.no_uncertainty) == (5, None, "no uncertainty", 1)


def test_an_unknown_outlet_makes_limits_and_no_number():
    """Of slag nobody assayed, at least nothing is known to be in it: unaccounted is at most what is left."""
    _, one = account(smelting(Arc("smelting", "slags", "process_out", "slag", 50.0, None, 1.0, "smelt")))

    assert one.out["slag"].low == 12
    assert one.out["slag"].value is None
    assert (one.unaccounted.value, one.unaccounted.low, one.unaccounted.high) == (None, None, 5)
    assert (one.verdict, one.unknown_out, one.unknown_in) == ("unknown flows", 1, 0)


@pytest.mark.parametrize(("most", "verdict"), [(0.5, "within"), (30.0, "unknown flows")])
def test_a_slag_below_detection_gives_close_limits_that_can_be_judged(most: float, verdict: str):
    """5 kg are unaccounted, less what a slag below detection may hold: 4.5 to 5, or -25 to 5; u is 3.77."""
    flows = smelting(Arc("smelting", "slags", "process_out", "slag", 100.0, 0.1, 0.0, "smelt"))
    tables = flows.tables()
    table = {name: column.copy() for name, column in tables["measurements"].items()}
    row = table["flow"].tolist().index(5)
    table["value"][row], table["low"][row], table["high"][row] = math.nan, 0.0, most / 100
    tables["measurements"] = table
    _, one = account(Flows.from_tables(flows.names, tables))

    assert (one.unaccounted.low, one.unaccounted.high) == (pytest.approx(5 - most), 5)
    assert one.unaccounted.u == pytest.approx(math.sqrt(3**2 + 2**2 + 1 + 0.5**2))
    assert one.verdict == verdict


def test_of_a_feed_that_is_at_least_so_much_the_recovery_is_at_most_so_high():
    """100 kg known and a lot nobody assayed: 80 kg of products are at most 80 %."""
    _, one = account(smelting(Arc("yard", "smelting", "process_in", "ore", 50.0, None, 1.0, "smelt")))

    assert one.recovery is not None
    assert (one.recovery.value, one.recovery.high, one.recovery.low) == (None, pytest.approx(80), None)
    assert (one.unaccounted.low, one.unaccounted.high, one.unknown_in) == (5, None, 1)


@pytest.mark.parametrize(("klass", "product"), [("stated", 82), ("measured", 80)])
def test_a_declared_outlet_gives_way_to_the_weighing_that_follows_it(klass: str, product: float):
    """The smelter declares 80 kg of ingots and the scale shows 82; what it weighed itself at the outlet stays."""
    flows = smelting(Arc("ingots", "closing", "closing", "ingot", 82.0, 1.0, 0.1))
    tables = flows.tables()
    tables["flows"]["mass_class"] = tables["flows"]["mass_class"].copy()
    tables["flows"]["mass_class"][2] = CLASS[klass]
    _, one = account(Flows.from_tables(flows.names, tables))

    assert one.out["product"].value == product
    assert one.unaccounted.value == 85 - product


def test_a_loss_without_an_assay_is_part_of_the_unaccounted_and_said():
    _, one = account(smelting(Arc("smelting", "outside", "loss", "", 7.0, None, None, "dust")))

    assert (one.lost.value, one.unassayed_loss.value, one.unaccounted.value) == (3, 7, 5)


def test_what_is_still_inside_is_stock_and_no_loss():
    _, one = account(smelting(Arc("smelting", "closing", "closing", "", 4.0, 1.0, 0.0)))

    assert (one.stock.value, one.unaccounted.value) == (4, 1)
    assert one.recovery is not None
    assert one.recovery.value == pytest.approx(100 * 80 / 96)


def test_a_cathode_of_copper_is_asked_for_no_antimony_and_counted_as_such():
    _, one = account(smelting(Arc("smelting", "cathodes", "process_out", "cathode", 500.0, None, 1.0, "smelt")))

    assert (one.unaccounted.value, one.unasked) == (5, 1)
    assert "by-product" not in one.out


def test_a_cathode_with_an_assay_of_antimony_is_a_by_product():
    _, one = account(smelting(Arc("smelting", "cathodes", "process_out", "cathode", 500.0, 0.004, 1.0, "smelt")))

    assert one.out["by-product"].value == pytest.approx(2)
    assert one.unaccounted.value == pytest.approx(3)


def test_an_assay_that_serves_two_feeds_is_one_error_and_not_two():
    """By hand: two lots of 50 kg on one assay of 1 %: u is 1 % of 100, not sqrt(2) x 1 % of 50."""
    flows = drawn(
        NODES,
        (
            Arc("yard", "smelting", "process_in", "ore", 50.0, 1.0, 0.0, "smelt", "one"),
            Arc("yard", "smelting", "process_in", "ore", 50.0, 1.0, 0.0, "smelt", "one"),
            Arc("smelting", "ingots", "process_out", "ingot", 100.0, 1.0, 0.0, "smelt"),
        ),
        LOTS,
    )
    _, one = account(flows)

    assert one.fed.u == pytest.approx(1.0)
    assert one.unaccounted.u == pytest.approx(1.0)


def test_what_a_plant_makes_and_uses_again_is_neither_in_nor_out():
    """Slag of 12 kg goes back into a second smelting; only the ingots of both are out."""
    nodes = (*NODES, Node("process", "second", "urn:refinery"))
    arcs = (
        Arc("yard", "smelting", "process_in", "ore", 100.0, 1.0, 0.0, "smelt"),
        Arc("smelting", "ingots", "process_out", "ingot", 88.0, 1.0, 0.0, "smelt"),
        Arc("smelting", "slags", "process_out", "slag", 120.0, 0.1, 0.0, "smelt"),
        Arc("slags", "second", "process_in", "slag", 120.0, 0.1, 0.0, "smelt"),
        Arc("second", "ingots", "process_out", "ingot", 11.0, 1.0, 0.0, "smelt"),
    )
    plant, one = account(drawn(nodes, arcs, LOTS))

    assert plant.runs == 2
    assert (one.fed.value, one.out["product"].value, one.unaccounted.value) == (100, 99, pytest.approx(1))
    assert "slag" not in one.out


def test_a_book_without_a_process_has_no_plant():
    flows = drawn(NODES[:1], (Arc("outside", "yard", "arising", "ore", 100.0),), LOTS)

    assert plants(flows, stations(flows, MASTER), ("Sb",)) == ()
