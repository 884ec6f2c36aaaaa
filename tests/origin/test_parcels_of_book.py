"""The parcels of a book, from events."""

from types import SimpleNamespace

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.parcels import gross, supported
from lodeline.origin.parcels_of_book import parcels_of
from lodeline.origin.wanted import wanted
from lodeline.record import metal
from lodeline.record.metal import Act
from tests.metal.reconciliation.small_reconciled import PARTS, split
from tests.metal.small_book import LOT, MINE, book, kg, mined, net, on, weighed
from tests.origin.test_building import assayed, flow_of

OTHER, HEAP = "urn:example:lot:2", "urn:example:lot:heap"
STOCKS = (
    mined(),
    weighed(2, net("10")),
    assayed(3, "10"),
    metal.lot_mined(on(1), [kg(None, OTHER)], basis=None, country="CN", deposit=None),
    weighed(2, net("10"), lot=OTHER),
    assayed(3, "50", OTHER),
)


def laid_together(process, day=4):
    return metal.transformation(
        Act(at=on(day).at, place=MINE), process=process, inputs=[kg(None), kg(None, OTHER)], outputs=[kg(None, HEAP)],
        basis=None,
    )  # fmt: skip


PARTED = (
    weighed(5, net("20"), lot=HEAP),
    split(6, lot=HEAP),
    weighed(7, net("10"), lot=PARTS[0]),
    assayed(8, "40", PARTS[0]),
    weighed(7, net("10"), lot=PARTS[1]),
    assayed(8, "20", PARTS[1]),
)


def asked(process):
    """What homogeneous parcels say of the first part, kg, and what a gross claim can be."""
    flows = book(*STOCKS, laid_together(process), *PARTED).flows
    found = parcels_of(flows, ["Sb"])
    found.parcels.check()
    arc = int(found.arc[flow_of(SimpleNamespace(flows=flows), PARTS[0])])
    pk = wanted(found.parcels.origins, country="PK")
    return (
        [one / 1e6 for one in supported(found.parcels, arc, "Sb", pk, within=0.0)[:2]],
        [one / 1e6 for one in gross(found.parcels, arc, pk)[:2]],
    )


def test_a_blend_of_homogeneous_ores_is_told_apart():
    """Hand case 7 from events, in kg: 2.5 kg of the first ore with 0.25 kg of antimony; gross 1 to 7 kg unsupposed."""
    supposed, whatever = asked("blend")

    np.testing.assert_allclose(supposed, [0.25, 0.25], atol=1e-5)
    np.testing.assert_allclose(whatever, [1, 7], atol=1e-5)


def test_a_separation_leaves_nothing_to_suppose():
    supposed, whatever = asked("concentrate")

    np.testing.assert_allclose(supposed, [0, 1], atol=1e-5)
    np.testing.assert_allclose(whatever, [1, 7], atol=1e-5)


def test_where_an_element_is_unknown_nothing_is_supposed_of_the_composition():
    """Copper was assayed in one ore only: its parcel keeps no composition that is known, and the range widens."""
    flows = book(*STOCKS, assayed(3, "1", LOT, of="Cu"), laid_together("blend"), *PARTED).flows
    found = parcels_of(flows, ["Sb", "Cu"])
    found.parcels.check()
    arc = int(found.arc[flow_of(SimpleNamespace(flows=flows), PARTS[0])])
    told = supported(found.parcels, arc, "Sb", wanted(found.parcels.origins, country="PK"), within=0.0)

    np.testing.assert_allclose(told[:2], [0, 1e6], atol=10)
    assert not found.parcels.whole[found.arc[flow_of(SimpleNamespace(flows=flows), OTHER)]]


def test_masses_of_other_flows_are_refused():
    flows = book(*STOCKS).flows
    with pytest.raises(InputError) as refusal:
        parcels_of(flows, ["Sb"], reconciled=SimpleNamespace(flows=flows, elements=("Cu",)))

    assert refusal.value.code == "origin.not_reconciled"
