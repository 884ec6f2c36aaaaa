"""Explaining: what a figure rests on is what moves it, and what is suggested is the best by brute force."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest

from lodeline.metal.flows.flows import Flows
from lodeline.metal.instruments import Instruments
from lodeline.metal.policy import NO_POLICY
from lodeline.metal.reconciliation.candidates import KINDS
from lodeline.metal.reconciliation.explaining import explain
from lodeline.metal.reconciliation.figures import asked
from lodeline.metal.reconciliation.narrowing import WORTH
from lodeline.metal.reconciliation.reconciled import Reconciled, reconcile_flows
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.metal.reconciliation.solving import solve
from lodeline.record import metal
from lodeline.record.metal import Act, Amount, Made
from tests.metal.reconciliation.brute_force import narrowed_by
from tests.metal.reconciliation.small_reconciled import (
    BUYERS,
    OTHER_SCALE,
    PARTS,
    SCALE,
    SELLERS,
    arises,
    assayed,
    reconciled,
    record,
    split,
    weighed,
    without,
)
from tests.metal.small_book import LOT, NOBODY, WORKS, kg, on, received, shipped

CONCENTRATE, TAILINGS, OTHER = "urn:example:lot:concentrate", "urn:example:lot:tailings", "urn:example:lot:other"
RECORDS = [
    record("scale", SCALE, bias_u="3", bias_load="1000"),
    record("scale", OTHER_SCALE, bias_u="1", bias_load="1000"),
    record("laboratory", SELLERS, bias_u="0.6"),
    record("laboratory", BUYERS, bias_u="0.4"),
]


def mill(day: int = 5, feed: str = PARTS[0]) -> metal.Event:
    return metal.transformation(
        on(day), process="concentrate", inputs=[kg(None, feed)],
        outputs=[Amount(CONCENTRATE), Amount(TAILINGS)], basis=None, made=Made(stage="concentrated"),
    )  # fmt: skip


PLANT = (
    arises(),
    weighed(2, "1000", "2", basis="wet", device=SCALE),
    metal.moisture(on(2), LOT, NOBODY, value=Decimal(8), u=Decimal("0.3"), uom="P1"),
    assayed(3, "10", "0.2", by=SELLERS),
    split(4),
    weighed(4, "500", "1", lot=PARTS[0], device=SCALE),
    mill(),
    weighed(6, "80", "0.5", lot=CONCENTRATE, device=OTHER_SCALE),
    assayed(6, "50", "0.3", lot=CONCENTRATE, by=SELLERS),
    weighed(6, "418", "5", lot=TAILINGS, device=OTHER_SCALE),
    assayed(6, "2.2", "0.1", lot=TAILINGS, by=BUYERS),
    assayed(7, "50.5", "0.3", lot=CONCENTRATE, by=BUYERS),
    arises(OTHER),
    weighed(8, "40", "0.2", lot=OTHER, device=SCALE),
)
NAMES = (
    f"dry of {LOT} made",
    f"Sb of {PARTS[0]} used",
    f"Sb of {CONCENTRATE} held at urn:example:mine",
    "Sb held",
    f"bias of {SELLERS} in Sb",
    f"bias of {SCALE}",
)


@pytest.fixture(scope="module")
def plant() -> Reconciled:
    return reconciled(*PLANT, records=RECORDS)


def value_of(one: Reconciled, name: str) -> tuple[float, float]:
    """Value and u by another route than explaining: sums, or the estimate of a bias."""
    wanted = asked(name, one)
    if wanted.bias >= 0:
        bias = one.biases()[wanted.bias]
        return 100 * bias.value, 100 * bias.u
    figure = ReconciledSums(one, wanted.of).of(wanted.plus, wanted.minus)
    return (math.nan if figure.value is None else figure.value), (math.nan if figure.u is None else figure.u)


NAMES_HERE = tuple(name for name in NAMES if name != "Sb held")


def test_the_shares_of_what_a_figure_rests_on_are_all_of_its_variance(plant):
    for name in NAMES_HERE:
        found = explain(plant, name)
        assert sum(one.share for one in found.rests) == pytest.approx(1, rel=1e-9)
        assert found.figure.u == pytest.approx(value_of(plant, name)[1], rel=1e-9)
        assert list(found.entries.values()) == sorted(found.entries.values(), reverse=True)


def test_by_hand_thirds_rest_on_the_whole_for_two_thirds_of_the_variance():
    """100 in, 60 + 41 out, each ± 1: the whole moves by 2/3 of its own reading and by 1/3 of each part's."""
    found = explain(
        reconciled(
            arises(),
            weighed(2, "100", "1"),
            split(3),
            weighed(4, "60", "1", lot=PARTS[0]),
            weighed(4, "41", "1", lot=PARTS[1]),
        ),
        f"dry of {LOT} made",
    )

    assert [(one.entry, round(one.sensitivity, 9), round(one.share, 9)) for one in found.rests] == [
        (2, round(2 / 3, 9), round(2 / 3, 9)),
        (4, round(1 / 3, 9), round(1 / 6, 9)),
        (5, round(1 / 3, 9), round(1 / 6, 9)),
    ]
    assert [one.without for one in found.rests] == [pytest.approx(101), pytest.approx(100), pytest.approx(100)]
    # By hand: the whole weighed again, ± 1: 1 / (1/1 + 1/1 + 1/2) = 0.4.
    assert found.suggestions[0].lot == LOT
    assert found.suggestions[0].u_after == pytest.approx(math.sqrt(0.4))


@pytest.mark.parametrize("name", NAMES_HERE)
def test_without_a_named_event_the_figure_moves_and_without_any_other_it_does_not(plant, name):
    """Every reading is taken away in its turn, and the whole reconciled again."""
    found = explain(plant, name)
    named = found.entries
    value, u = value_of(plant, name)
    measured = plant.flows.measurements
    for entry in np.unique(measured["seq"]).tolist():
        rows = np.flatnonzero(measured["seq"] == entry)
        other, other_u = value_of(without(plant, rows, RECORDS), name)
        moved = not (abs(other - value) <= 1e-6 * u and abs(other_u - u) <= 1e-6 * u)
        assert moved == (entry in named), (entry, value, other, u, other_u)


def test_what_a_figure_would_be_without_a_reading_is_what_it_then_is():
    """Exact where the book is linear: weighings alone, each taken away in its turn."""
    found = reconciled(
        arises(), weighed(2, "100", "1"), weighed(2, "99", "2"), split(3),
        weighed(4, "60", "1", lot=PARTS[0]), weighed(4, "41", "1", lot=PARTS[1]),
    )  # fmt: skip
    for one in explain(found, f"dry of {PARTS[0]} made").rests:
        rows = np.flatnonzero(found.flows.measurements["seq"] == one.entry)
        kg_then, _ = value_of(without(found, rows), f"dry of {PARTS[0]} made")
        assert kg_then == pytest.approx(one.without, rel=1e-9)


def test_a_reading_that_alone_holds_a_figure_up_says_that_nothing_would_be_known_without_it():
    (only,) = explain(reconciled(arises(), weighed(2, "100", "1")), f"dry of {LOT} made").rests

    assert (only.share, only.without) == (pytest.approx(1), None)


@pytest.mark.parametrize("name", NAMES_HERE)
def test_the_suggested_measurements_are_the_best_by_brute_force(plant, name):
    found, tried = explain(plant, name), narrowed_by(plant, name)
    best = sorted(tried.values())
    listed = [one.u_after for one in found.suggestions[:5]]
    least = found.figure.u * math.sqrt(1 - WORTH)  # what is not listed would narrow it by less than this

    np.testing.assert_allclose(listed, best[: len(listed)], rtol=1e-6)
    assert len(listed) == 5 or best[len(listed)] >= least * (1 - 1e-9)
    assert len(tried) > 5


def test_weighing_again_on_the_same_scale_is_worth_what_the_ledger_then_says(plant):
    """Another route: the suggested reading is written into the book as a ticket of the same scale."""
    name = f"dry of {LOT} made"
    found = explain(plant, name)
    again = next(one for one in found.suggestions if one.kind == "weighing" and one.lot == LOT)
    measured = plant.flows.measurements
    (row,) = [one.row for one in plant.readings() if measured["seq"][one.row] == 2]
    expected = next(one.expected for one in plant.readings() if one.row == row)
    tables = plant.flows.tables()
    more = {column: np.append(values, values[row : row + 1]) for column, values in tables["measurements"].items()}
    more["value"][-1] = expected
    flows = Flows.from_tables(plant.flows.names, {**tables, "measurements": more})
    after = reconcile_flows(flows, Instruments.of(RECORDS), NO_POLICY)

    assert (again.instrument, again.u_from) == (SCALE, "the last reading of it")
    assert value_of(after, name)[1] == pytest.approx(again.u_after, rel=1e-3)
    assert again.u_after > 0.003 * found.figure.value * 0.5  # the bias of the scale stays


def test_an_unknown_figure_says_which_single_measurement_makes_it_known(plant):
    """The other half of the split was never weighed; the moisture of the whole and its weight leave it known, so take
    the weighing of the whole away: then a weighing of the part, or of the whole, settles it."""
    name = f"dry of {PARTS[1]} held"
    less = without(plant, np.flatnonzero(plant.flows.measurements["seq"] == 2), RECORDS)
    found, tried = explain(less, name), narrowed_by(less, name)
    known = sorted(u for u in tried.values() if not math.isnan(u))

    assert found.figure.standing == "unknown"
    assert (found.figure.value, found.rests) == (None, ())
    assert [one.kind for one in found.suggestions] == ["weighing"] * 2
    np.testing.assert_allclose([one.u_after for one in found.suggestions], known, rtol=1e-6)
    assert {one.lot for one in found.suggestions} == {LOT, PARTS[1]}
    assert [one.act for one in found.figure.settle] == ["weighing"]


def test_a_lot_that_nobody_assayed_needs_an_assay_and_of_what_it_holds_nothing_is_said_before(plant):
    found = explain(plant, f"Sb of {OTHER} held")
    (one,) = found.suggestions

    assert (one.kind, one.lot, one.element, one.u_after, one.now) == ("assay", OTHER, "Sb", None, True)
    assert found.figure.settle == (found.figure.settle[0],)
    total = explain(plant, "Sb held")
    assert total.figure.standing == "bounded"
    assert [(one.kind, one.lot) for one in total.suggestions] == [("assay", OTHER)]


def test_what_needs_two_measurements_suggests_no_single_one():
    """Two lots, neither assayed: no single assay makes their sum known."""
    second = "urn:example:lot:9"
    found = explain(
        reconciled(
            *PLANT, arises(second), weighed(8, "40", "0.2", lot=second, device=SCALE), records=RECORDS, elements=("Sb",)
        ),
        "Sb held",
    )

    assert found.suggestions == ()
    assert [(one.act, one.subject) for one in found.figure.settle] == [("assay", OTHER), ("assay", second)]


def test_what_a_policy_supposes_of_the_road_is_a_row_of_its_own():
    found = explain(
        reconciled(
            arises(),
            weighed(2, "1000", "1", device=SCALE),
            shipped(3),
            received(5),
            weighed(6, "999", "1", place=WORKS, device=OTHER_SCALE),
            records=RECORDS,
            policy="[transit]\nloss = {expected = 0.001, u = 0.0005}",
        ),
        f"bias of {SCALE}",
    )
    kinds = {one.kind for one in found.rests}

    assert kinds == {"weighing", "bias", "supposition"}
    (supposed,) = [one for one in found.rests if one.kind == "supposition"]
    assert "[transit] loss" in supposed.what
    assert supposed.share > 0.05
    assert (supposed.sensitivity, supposed.without) == (None, None)
    assert (found.figure.unit, found.figure.standing) == ("P1", "computed")


def test_drying_is_told_apart_from_loss():
    wet = metal.moisture(Act(at=on(6).at, place=WORKS), LOT, NOBODY, value=Decimal(7), u=Decimal("0.3"), uom="P1")
    found = explain(
        reconciled(
            arises(),
            weighed(2, "1000", "1", basis="wet"),
            metal.moisture(on(2), LOT, NOBODY, value=Decimal(8), u=Decimal("0.3"), uom="P1"),
            shipped(3),
            received(5),
            wet,
            weighed(6, "990", "1", place=WORKS, basis="wet"),
            policy="[transit]\nloss = {expected = 0, u = 0.0005}\ndrying = {expected = 0.1, u = 0.05}",
        ),
        f"dry of {LOT} made",
    )

    assert {"drying", "loss"} <= {word for one in found.rests for word in ("drying", "loss") if word in one.what}


def test_a_bias_of_which_the_data_say_nothing_is_as_stated():
    found = explain(reconciled(arises(), weighed(2, "100", "0.1", device=SCALE), records=RECORDS), f"bias of {SCALE}")

    assert (found.figure.value, found.figure.u, found.figure.standing) == (
        pytest.approx(0),
        pytest.approx(0.3),
        "stated",
    )


def test_a_declared_mass_rests_on_its_declaration_and_the_policy_that_says_how_sure_it_is():
    declared = metal.lot_mined(
        on(1), [kg("100")], basis="dry", country="PK", deposit=None, material="urn:example:stibnite", owner=None
    )
    (only,) = explain(
        reconciled(declared, policy="[uncertainty]\ndeclared = {relative = 0.05}"), f"dry of {LOT} made"
    ).rests

    assert (only.kind, only.entry, only.u) == ("declaration", 1, pytest.approx(5))


def test_a_sparse_factor_explains_as_orthogonal_ones_do(plant):
    """Two formulations: the same book by a sparse factor."""
    found = Reconciled(plant.flows, plant.ledger, solve(plant.solution.model, dense_up_to=0))
    for name in (*NAMES_HERE, "dry held"):
        ours, dense = explain(found, name), explain(plant, name)
        assert ours.figure.value == pytest.approx(dense.figure.value, rel=1e-7)
        assert ours.figure.u == pytest.approx(dense.figure.u, rel=1e-6)
        assert [one.entry for one in ours.rests if one.share > 1e-6] == [
            one.entry for one in dense.rests if one.share > 1e-6
        ]
        assert [one.u_after for one in ours.suggestions] == pytest.approx(
            [one.u_after for one in dense.suggestions], rel=1e-4
        )


def test_kinds_of_candidates_cover_weighing_moisture_and_assay(plant):
    assert set(plant.candidates.kind.tolist()) == set(range(len(KINDS)))
