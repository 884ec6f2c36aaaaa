"""Metal by stage: every station closes, and loss and gain are never set off against each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.accounts import (
    BROUGHT,
    GAIN,
    HELD,
    LEFT,
    LOSS,
    RETURNED,
    ROAD,
    UNFOLLOWED,
    UNTOLD,
    Stages,
    Station,
    brought_in,
)
from lodeline.metal.flows.flows import Flows
from lodeline.metal.stages import stages
from lodeline.metal.stations import stations
from tests.metal.drawn import MASTER, Arc, Made, Node, drawn

LOTS = {
    "ore": Made(stage="mined", material="urn:ore", deposit="urn:deposit", country="PK"),
    "con": Made(stage="concentrated", material="urn:concentrate"),
    "tails": Made(material="urn:tailings"),
    "scrap": Made(stage="collected", scrap_source="urn:scrap", country="US"),
    "ingot": Made(stage="refined", material="urn:ingot"),
    "slag": Made(stage="refined", material="urn:slag"),
}
DEPOSIT, SCRAP = Station("origin", "urn:deposit", "deposit"), Station("origin", "urn:scrap", "scrap_source")
MINED, COLLECTED = Station("raw", "mined"), Station("raw", "collected")
CONCENTRATED, WAY, RECEIVED = Station("concentrated"), Station("way"), Station("received")
PLANT = Station("plant", "urn:refinery")
PRODUCT, SLAG, TAILINGS = Station("outlet", "product"), Station("outlet", "slag"), Station("outlet", "tailings")
NODES = (
    Node("holding", "mine", "urn:mine", "ore"),
    Node("transit", "haul", "urn:mill", "ore"),
    Node("holding", "mill yard", "urn:mill", "ore"),
    Node("process", "milling", "urn:mill"),
    Node("holding", "concentrate", "urn:mill", "con"),
    Node("holding", "dam", "urn:mill", "tails"),
    Node("transit", "road", "urn:port", "con"),
    Node("holding", "port", "urn:port", "con"),
    Node("transit", "sea", "urn:refinery", "con"),
    Node("holding", "refinery yard", "urn:refinery", "con"),
    Node("holding", "scrapyard", "urn:scrapyard", "scrap"),
    Node("process", "smelting", "urn:furnace"),
    Node("holding", "ingots", "urn:refinery", "ingot"),
    Node("holding", "slags", "urn:refinery", "slag"),
    Node("transit", "delivery", "urn:buyer", "ingot"),
    Node("holding", "delivered", "urn:buyer", "ingot"),
)
ARCS = (
    Arc("outside", "mine", "arising", "ore", 100.0),
    Arc("mine", "haul", "ship", "ore", 99.0),
    Arc("haul", "mill yard", "receive", "ore", 100.0),
    Arc("mill yard", "milling", "process_in", "ore", 100.0, label="concentrate"),
    Arc("milling", "concentrate", "process_out", "con", 90.0, label="concentrate"),
    Arc("milling", "dam", "process_out", "tails", 6.0, label="concentrate"),
    Arc("dam", "closing", "closing", "tails", 6.0),
    Arc("concentrate", "road", "ship", "con", 90.0),
    Arc("road", "port", "receive", "con", 89.0),
    Arc("port", "sea", "ship", "con", 89.0),
    Arc("sea", "refinery yard", "receive", "con", 87.0),
    Arc("refinery yard", "smelting", "process_in", "con", 87.0, label="smelt"),
    Arc("outside", "scrapyard", "arising", "scrap", 20.0),
    Arc("scrapyard", "smelting", "process_in", "scrap", 20.0, label="smelt"),
    Arc("smelting", "ingots", "process_out", "ingot", 95.0, label="smelt"),
    Arc("smelting", "slags", "process_out", "slag", 5.0, label="smelt"),
    Arc("slags", "closing", "closing", "slag", 5.0),
    Arc("ingots", "delivery", "ship", "ingot", 60.0),
    Arc("ingots", "closing", "closing", "ingot", 35.0),
    Arc("delivery", "delivered", "receive", "ingot", 60.0),
    Arc("delivered", "outside", "ending", "ingot", 60.0),
)


def bands(flows: Flows) -> dict[tuple[Station, Station], float | None]:
    return {(band.source, band.target): band.mass.value for band in followed(flows).bands}


def followed(flows: Flows) -> Stages:
    return stages(flows, stations(flows, MASTER), "Sb")


def without(arcs: Sequence[Arc], **changed: Arc | None) -> list[Arc]:
    """The arcs with those into a node changed or left out."""
    return [one for arc in arcs if (one := changed.get(arc.head.replace(" ", "_"), arc)) is not None]


def test_from_deposit_and_scrap_to_the_end_by_hand():
    assert bands(drawn(NODES, ARCS, LOTS)) == {
        (DEPOSIT, MINED): 100,
        (MINED, LOSS): 1,  # 100 at the mine, 99 loaded
        (GAIN, MINED): 1,  # 99 loaded, 100 at the mill: another record, another error, and no comfort to the first
        (MINED, CONCENTRATED): 100,
        (CONCENTRATED, TAILINGS): 6,
        (CONCENTRATED, LOSS): 4,
        (TAILINGS, HELD): 6,
        (CONCENTRATED, WAY): 90,
        (WAY, LOSS): 3,  # a kilogram on the road, two at sea
        (WAY, RECEIVED): 87,
        (RECEIVED, PLANT): 87,
        (SCRAP, COLLECTED): 20,
        (COLLECTED, PLANT): 20,
        (PLANT, PRODUCT): 95,
        (PLANT, SLAG): 5,
        (PLANT, LOSS): 7,
        (SLAG, HELD): 5,
        (PRODUCT, HELD): 35,
        (PRODUCT, LEFT): 60,
    }
    assert brought_in(followed(drawn(NODES, ARCS, LOTS))) == 120


def test_the_order_of_rows_changes_nothing():
    assert bands(drawn(NODES, ARCS[::-1], LOTS)) == bands(drawn(NODES, ARCS, LOTS))


def test_what_did_not_arrive_is_on_the_way_at_the_end():
    lost = Arc("sea", "closing", "closing", "con", 89.0)
    found = bands(drawn(NODES, without(ARCS, refinery_yard=lost), LOTS))

    assert found[WAY, ROAD] == 89
    # Nothing arrived, and yet 87 went into the furnace: of concentrate that no receipt brought there.
    assert found[GAIN, CONCENTRATED] == 87


def test_an_unknown_flow_is_no_loss_and_no_gain():
    """Nobody weighed the concentrate at the port: what went into it goes on unknown, and comes back unknown."""
    blind = Arc("road", "port", "receive", "con", None)
    one = followed(drawn(NODES, without(ARCS, port=blind), LOTS))
    found = {(band.source, band.target): band.mass.value for band in one.bands}

    assert found[WAY, UNFOLLOWED] == 90
    assert found[UNTOLD, WAY] == 89
    assert found[WAY, LOSS] == 2
    assert (one.unknown_flows, one.unknown_lots) == (1, 1)


def test_slag_that_goes_back_to_a_mill_is_cut_in_two_and_counted():
    back = Arc("slags", "milling", "process_in", "slag", 5.0, label="concentrate")
    found = bands(drawn(NODES, [*without(ARCS, closing=None), back], LOTS))

    assert found[SLAG, RETURNED] == 5
    assert found[BROUGHT, CONCENTRATED] == 5


def test_a_declared_loss_without_an_assay_is_among_the_unaccounted_and_its_material_said():
    fume = Arc("smelting", "outside", "loss", "", 30.0, None, label="fume")
    one = followed(drawn(NODES, [*ARCS, fume], LOTS))

    assert one.declared.value == 30
    assert {band.source: band.mass.value for band in one.bands if band.target == LOSS}[PLANT] == 7


def test_an_element_nobody_looked_for_has_no_bands():
    flows = drawn(NODES, ARCS, LOTS)

    assert stages(flows, stations(flows, MASTER), "Cu").bands == ()


kilograms = st.floats(min_value=0, max_value=1e6, allow_subnormal=False) | st.none()


@given(masses=st.lists(kilograms, min_size=len(ARCS), max_size=len(ARCS)))
@settings(deadline=None, max_examples=200)
def test_every_station_closes_whatever_was_recorded_and_all_that_comes_goes(masses: list[float | None]):
    arcs = [arc._replace(kg=kg) for arc, kg in zip(ARCS, masses, strict=True)]
    one = followed(drawn(NODES, arcs, LOTS))

    most = max((kg or 0.0 for kg in masses), default=0.0)
    inner = {band.source for band in one.bands} & {band.target for band in one.bands}
    for station in inner | {MINED, CONCENTRATED, WAY, RECEIVED, PLANT, PRODUCT}:
        assert one.total(into=station) == pytest.approx(one.total(out_of=station), rel=1e-9, abs=1e-9 * most + 1e-12)
    beginnings = sum(one.total(out_of=s) for s in {b.source for b in one.bands} if s.kind == "origin")
    ends = sum(one.total(into=s) for s in {b.target for b in one.bands} if s.kind == "end")
    assert beginnings == pytest.approx(ends, rel=1e-9, abs=1e-8 * most + 1e-12)
    assert all((band.mass.value or 0) > 0 for band in one.bands)
    columns = ("origin", "raw", "concentrated", "way", "received", "plant", "outlet", "end")
    assert all(columns.index(band.source.kind) < columns.index(band.target.kind) for band in one.bands)
