"""A book becomes the mass graph of an element: by hand, from events."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from lodeline.chemistry.species import species
from lodeline.errors import InputError
from lodeline.metal.flows.words import FLOW
from lodeline.origin.bounds import Bounds
from lodeline.origin.building import mass_graph
from lodeline.origin.graph import UNTRACED, Origin
from lodeline.origin.unknowns import findings, reasons, why
from lodeline.origin.wanted import wanted
from lodeline.record import metal
from lodeline.record.metal import Act, Result
from tests.metal.reconciliation.small_reconciled import PARTS, reconciled, split
from tests.metal.small_book import LOT, MINE, NOBODY, book, kg, mined, net, on, percent, received, shipped, weighed

LOST = FLOW["transit_loss"]
OTHER, PRODUCT, TAILINGS = "urn:example:lot:2", "urn:example:lot:product", "urn:example:lot:tailings"


def assayed(day, value, lot=LOT, of="Sb", u=None, place=MINE):
    return metal.assay(on(day, place), lot, [percent(value, of, u)], NOBODY)


def flow_of(built, lot):
    """The last flow of a lot that was not lost."""
    flows = built.flows
    return int(np.flatnonzero((flows.flows["lot"] == flows.index(lot)) & (flows.flows["kind"] != LOST))[-1])


def bound(built, lot, **asked):
    """Bounds of what is held of a lot, kg."""
    found = Bounds(built.graph).arc(int(built.arc[flow_of(built, lot)]), wanted(built.graph.origins, **asked))
    return found.mg / 1e6, found.least / 1e6, found.most / 1e6


def smelted(*outputs, day=5):
    """The lots become a product and tailings."""
    return metal.transformation(
        Act(at=on(day).at, place=MINE),
        process="smelt",
        inputs=[kg(None), kg(None, OTHER)],
        outputs=[kg(None, one) for one in outputs],
        basis=None,
    )


FED = (
    mined(),
    weighed(2, net("6")),
    assayed(3, "50"),
    metal.lot_collected(on(1), [kg(None, OTHER)], basis=None, country="US", scrap_source="urn:example:scrap"),
    weighed(2, net("4"), lot=OTHER),
    assayed(3, "50", OTHER),
)


def test_a_smelter_of_ore_and_scrap_is_hand_case_one():
    """3 kg of PK and 2 of scrap: the product has 4, so that 2 to 3 of it are from PK; the rest was lost."""
    built = mass_graph(
        book(*FED, smelted(PRODUCT), weighed(6, net("5"), lot=PRODUCT), assayed(7, "80", PRODUCT)).flows, "Sb"
    )

    assert bound(built, PRODUCT, country="PK") == (4, 2, 3)
    assert bound(built, PRODUCT, kind="scrap") == (4, 1, 2)
    assert set(built.graph.origins) == {
        UNTRACED, Origin("country", "PK", ""), Origin("scrap", "US", "urn:example:scrap")
    }  # fmt: skip
    gap = built.gap_mg[built.gap_mg != 0]
    assert gap.tolist() == [1_000_000]
    assert built.own[flow_of(built, PRODUCT)]
    assert not findings(built)


def test_tailings_that_nobody_assayed_are_found_by_difference():
    """5 kg in, 4 in the product: 1 in the tailings, of which 0 to 1 are from PK."""
    built = mass_graph(
        book(*FED, smelted(PRODUCT, TAILINGS), weighed(6, net("5"), lot=PRODUCT), assayed(7, "80", PRODUCT)).flows,
        "Sb",
    )

    assert bound(built, TAILINGS, country="PK") == (1, 0, 1)
    at = flow_of(built, TAILINGS)
    assert (built.derived[at], built.own[at]) == (True, True)


def test_an_element_that_nobody_assayed_is_unknown_and_never_taken_from_gross_mass():
    flows = book(*FED, smelted(PRODUCT, TAILINGS), weighed(6, net("5"), lot=PRODUCT)).flows
    built = mass_graph(flows, "Sb")

    at = flow_of(built, PRODUCT)
    assert (built.arc[at], built.unknown[at]) == (-1, True)
    reason = why(built, at)
    assert reason is not None
    assert reason.code == "origin.never_assayed"
    assert [(one.act, one.subject) for one in reason.settle] == [("assay", PRODUCT)]
    assert [one.code for one in findings(built)] == ["origin.never_assayed"]
    assert mass_graph(flows, "Cu").graph.tail.size == 0


def test_what_was_never_weighed_or_is_below_detection_says_so():
    built = mass_graph(book(mined(), assayed(3, "50")).flows, "Sb")
    assert set(reasons(built)) == {"origin.mass_unknown"}
    assert why(built, 0).settle[0].act == "weighing"

    nothing = Result(substance=species("Sb"), value=None, u=None, uom="P1", basis="dry", detection_limit=Decimal("0.1"))
    found = metal.assay(on(3), LOT, [nothing], NOBODY)
    built = mass_graph(book(mined(), weighed(2, net("6")), found).flows, "Sb")
    assert "origin.below_detection" in set(reasons(built))

    wet = (weighed(2, net("6", basis="wet")), assayed(3, "50"))
    built = mass_graph(book(mined(), *wet).flows, "Sb")
    assert set(reasons(built)) == {"origin.not_determined"}


def test_parts_that_inherit_their_assay_rest_on_the_lot_being_homogeneous():
    """A split inherits; what is assayed again does not, and the rest of a closed split follows."""
    whole = (mined(), weighed(2, net("6")), assayed(3, "50"), split(4))
    parts = (weighed(5, net("2"), lot=PARTS[0]), weighed(5, net("4"), lot=PARTS[1]))
    inherited = mass_graph(book(*whole, *parts).flows, "Sb")
    own = mass_graph(book(*whole, *parts, assayed(6, "50", PARTS[0])).flows, "Sb")

    assert [inherited.own[flow_of(inherited, lot)] for lot in (LOT, *PARTS)] == [True, False, False]
    assert [own.own[flow_of(own, lot)] for lot in (LOT, *PARTS)] == [True, True, True]


def test_what_came_off_the_road_heavier_is_untraced():
    """6 kg sent, 7 received, half of it antimony: half a kilogram may be of anywhere."""
    built = mass_graph(
        book(
            mined(), weighed(2, net("6")), assayed(3, "50"), shipped(4), received(6),
            weighed(7, net("7"), place="urn:example:works"),
        ).flows,
        "Sb",
    )  # fmt: skip

    assert bound(built, LOT, country="PK") == (3.5, 3, 3.5)
    assert [one.code for one in findings(built)] == ["origin.gain"]


def test_a_lot_that_no_event_makes_lay_there_when_the_book_began():
    built = mass_graph(book(weighed(2, net("6")), assayed(3, "50")).flows, "Sb")

    assert Origin("stock", "", MINE) in built.graph.origins
    assert bound(built, LOT, country="PK") == (3, 0, 3)
    assert bound(built, LOT, kind="stock") == (3, 3, 3)


def test_reconciled_masses_close_without_gaps():
    """100 in, 60 + 41 out, each ± 1: after reconciliation nothing is untraced and nothing lost."""
    events = (
        mined(), weighed(2, net("100", "1")), assayed(3, "50", u="0.1"), split(4),
        *(weighed(5, net(one, "1"), lot=lot) for one, lot in zip(("60", "41"), PARTS, strict=True)),
    )  # fmt: skip
    found = reconciled(*events)
    built = mass_graph(found.flows, "Sb", reconciled=found)

    assert mass_graph(found.flows, "Sb").gap_mg.any()
    assert not built.gap_mg.any()
    np.testing.assert_allclose(built.kg[flow_of(built, PARTS[0])], found.element("Sb").kg[flow_of(built, PARTS[0])])
    assert (built.graph.origin == 0).sum() == 0
    for other, element in ((book(*events).flows, "Sb"), (found.flows, "Cu")):
        with pytest.raises(InputError) as refusal:
            mass_graph(other, element, reconciled=found)
        assert refusal.value.code == "origin.not_reconciled"


def test_a_mass_below_zero_is_a_finding_and_has_no_bounds():
    flows = book(*FED).flows
    said = flows.element("Sb").kg.copy()
    at = int(np.flatnonzero(flows.flows["lot"] == flows.index(OTHER))[0])
    said[at] = -0.5
    found = SimpleNamespace(flows=flows, elements=("Sb",), element=lambda _: SimpleNamespace(kg=said))
    built = mass_graph(flows, "Sb", reconciled=found)

    assert (built.arc[at], built.unknown[at]) == (-1, True)
    assert why(built, at).code == "origin.negative_stock"
    assert "origin.negative_stock" in [one.code for one in findings(built)]
