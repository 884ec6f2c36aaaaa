"""What holds of every reconciled book: closure, limits, units, more readings, two formulations, and what it rests on.

The book is a mill of which everything is drawn: how much came, how rich it was, and how far each reading was off.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.reconciliation.explaining import explain
from lodeline.metal.reconciliation.figures import asked
from lodeline.metal.reconciliation.narrowing import WORTH
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.metal.reconciliation.solving import solve
from lodeline.record import metal
from lodeline.record.metal import Amount, Event, Made
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
from tests.metal.small_book import LOT, kg, on

CONCENTRATE, TAILINGS = "urn:example:lot:concentrate", "urn:example:lot:tailings"
RECORDS = [
    record("scale", SCALE, bias_u="3", bias_load="1000"),
    record("scale", OTHER_SCALE, bias_u="1", bias_load="1000"),
    record("laboratory", SELLERS, bias_u="0.6"),
    record("laboratory", BUYERS, bias_u="0.4"),
]


class Mill(NamedTuple):
    """What is drawn: kg of ore, parts, percent of the feed and the products, and errors in u of eight readings."""

    ore: float
    part: float
    pull: float
    grades: tuple[float, float]
    off: tuple[float, ...]

    def events(self, unit: str = "KGM") -> list[Event]:
        """The book."""
        feed = self.ore * self.part
        out, rest = feed * self.pull, feed * (1 - self.pull)
        head = self.pull * self.grades[0] + (1 - self.pull) * self.grades[1]
        kilograms = [(self.ore, 2.0), (feed, 1.0), (out, 0.5), (rest, 5.0)]
        ore, fed, made, left = (
            (f"{max(value + u * off, 0.0):.3f}", f"{u}") for (value, u), off in zip(kilograms, self.off, strict=False)
        )
        rich, poor = self.grades
        percents = [(head, 0.2), (rich, 0.3), (poor, 0.1), (rich, 0.3)]
        of_feed, of_made, of_left, again = (
            (f"{min(max(value + u * off, 0.0), 100.0):.3f}", f"{u}")
            for (value, u), off in zip(percents, self.off[4:], strict=True)
        )
        mill = metal.transformation(
            on(5), process="concentrate", inputs=[kg(None, PARTS[0])],
            outputs=[Amount(CONCENTRATE), Amount(TAILINGS)], basis=None, made=Made(stage="concentrated"),
        )  # fmt: skip
        found = [
            arises(),
            weighed(2, *ore, device=SCALE),
            assayed(3, *of_feed, by=SELLERS),
            split(4),
            weighed(4, *fed, lot=PARTS[0], device=SCALE),
            mill,
            weighed(6, *made, lot=CONCENTRATE, device=OTHER_SCALE),
            assayed(6, *of_made, lot=CONCENTRATE, by=SELLERS),
            weighed(6, *left, lot=TAILINGS, device=OTHER_SCALE),
            assayed(6, *of_left, lot=TAILINGS, by=BUYERS),
            assayed(7, *again, lot=CONCENTRATE, by=BUYERS),
        ]
        return [_in(unit, event) for event in found]


def _in(unit: str, event: Event) -> Event:
    """The event with its weights in tonnes."""
    if unit == "KGM" or "sensorElementList" not in event:
        return event
    (element,) = event["sensorElementList"]
    reports = [
        {**one, "uom": unit, **{key: _thousandth(one[key]) for key in ("value", "sDev") if key in one}}
        if one.get("uom") == "KGM"
        else one
        for one in element["sensorReport"]
    ]
    return {**event, "sensorElementList": [{**element, "sensorReport": reports}]}


def _thousandth(number: Any) -> Any:
    return type(number)(Decimal(str(number)) / 1000)


mills = st.builds(
    Mill,
    ore=st.floats(500.0, 2000.0),
    part=st.sampled_from([0.3, 0.7, 0.999]),
    pull=st.sampled_from([0.15, 0.3, 0.6]),
    grades=st.sampled_from([(50.0, 2.0), (70.0, 0.1), (99.8, 30.0)]),
    off=st.tuples(*[st.floats(-2.0, 2.0)] * 8),
)


def book(of: Mill, *more: Event, unit: str = "KGM") -> Reconciled:
    return reconciled(*of.events(unit), *more, records=RECORDS)


@given(mills)
@settings(deadline=None, max_examples=25)
def test_every_node_closes_to_a_billionth_of_the_largest_flow_and_every_limit_is_kept(of: Mill) -> None:
    found = book(of)
    model, x = found.ledger.model, found.solution.x
    largest = np.nanmax(found.dry.kg)
    balances = [*found.ledger.balance.tolist(), *found.ledger.metal_balance[:, 2].tolist()]

    assert np.abs(found.solution.closure[balances]).max() <= 1e-9 * largest
    grain = 1e-8 * model.scale
    assert ((x >= model.lower - grain) & (x <= model.upper + grain)).all()
    assert (model.ceiling_terms.values(x, model.ceiling.size) <= model.ceiling + 1e-8 * largest).all()


@given(mills)
@settings(deadline=None, max_examples=15)
def test_the_unit_of_the_tickets_does_not_matter(of: Mill) -> None:
    in_kg, in_t = book(of), book(of, unit="TNE")

    np.testing.assert_allclose(in_t.dry.kg, in_kg.dry.kg, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(in_t.dry.u_kg, in_kg.dry.u_kg, rtol=1e-9, atol=1e-9)


@given(mills)
@settings(deadline=None, max_examples=20)
def test_orthogonal_factors_and_a_sparse_one_say_the_same(of: Mill) -> None:
    """Two formulations: null space and shortest step, and the matrix of all conditions with block exchange."""
    found = book(of)
    other = solve(found.ledger.model, dense_up_to=0, limits_inform=False)
    scale = found.ledger.model.scale

    assert (found.solution.method, other.method) == ("dense", "sparse")
    assert other.chi2 == pytest.approx(found.solution.chi2, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(other.x / scale, found.solution.x / scale, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(other.u / scale, found.solution.u / scale, rtol=2e-3, atol=1e-6)
    assert (other.at_limit == found.solution.at_limit).all()


@given(mills, st.sampled_from(["weight", "assay"]))
@settings(deadline=None, max_examples=15)
def test_one_more_reading_never_widens_an_uncertainty(of: Mill, what: str) -> None:
    """What is read is what was to be expected, so that everything stays where it is."""
    less = book(of)
    row = int(np.flatnonzero(less.flows.flows["lot"] == less.flows.index(TAILINGS))[0])
    expected, sb = less.dry.kg[row], less.element("Sb").kg[row]
    more = {
        "weight": weighed(8, f"{expected:.9f}", "3", lot=TAILINGS),
        "assay": assayed(8, f"{100 * sb / expected if expected > 1e-6 else 0.0:.9f}", "0.1", lot=TAILINGS),
    }[what]
    found = book(of, more)

    assert (found.dry.u_kg <= less.dry.u_kg * (1 + 1e-5) + 1e-9).all()
    assert (found.element("Sb").u_kg <= less.element("Sb").u_kg * (1 + 1e-5) + 1e-9).all()


NAMES = (f"dry of {LOT} made", f"Sb of {PARTS[0]} used", f"dry of {TAILINGS} held at urn:example:mine")


@given(mills, st.sampled_from(NAMES))
@settings(deadline=None, max_examples=6)
def test_a_figure_moves_without_an_event_that_it_rests_on_and_without_no_other(of: Mill, name: str) -> None:
    """Every reading is taken away in its turn, and the whole reconciled again; by its value or its uncertainty."""
    found = book(of)
    if found.solution.at_limit.any() or found.solution.full.any():
        return  # then what one reading holds up may be taken up by a limit
    named, measured = explain(found, name).entries, found.flows.measurements
    value, u = _figure(found, name)
    for entry in np.unique(measured["seq"]).tolist():
        rows = np.flatnonzero(measured["seq"] == entry)
        other, other_u = _figure(without(found, rows, RECORDS), name)
        moved = not (abs(other - value) <= 1e-6 * u and abs(other_u - u) <= 1e-6 * u)
        assert moved == (entry in named), (entry, value, other, u, other_u)


@given(mills, st.sampled_from(NAMES))
@settings(deadline=None, max_examples=8)
def test_the_suggested_measurement_is_the_best_of_all_by_brute_force(of: Mill, name: str) -> None:
    found = book(of)
    if found.solution.at_limit.any() or found.solution.full.any():
        return  # then another reading may let go of a limit, which no derivative foretells
    told, tried = explain(found, name), sorted(narrowed_by(found, name).values())
    listed = [one.u_after for one in told.suggestions[:3]]

    np.testing.assert_allclose(listed, tried[: len(listed)], rtol=1e-6)
    worth_telling = _figure(found, name)[1] * np.sqrt(1 - WORTH)
    assert len(listed) == 3 or tried[len(listed)] >= worth_telling * (1 - 1e-9)


def _figure(of: Reconciled, name: str) -> tuple[float, float]:
    wanted = asked(name, of)
    figure = ReconciledSums(of, wanted.of).of(wanted.plus, wanted.minus)
    return (np.nan if figure.value is None else figure.value), (np.nan if figure.u is None else figure.u)


def test_an_assay_that_found_nothing_at_all_is_no_obstacle_to_either_route() -> None:
    """Read as 0.000 % by a laboratory with a bias: its size is how far that may be off, and not nothing."""
    nothing = Mill(1402.0, 0.7, 0.6, (70.0, 0.1), (1.0, 1.8, 0.3, -1.7, 1.0, -0.7, -1.6, 1.0))
    found = book(nothing)
    other = solve(found.ledger.model, dense_up_to=0, limits_inform=False)

    assert other.chi2 == pytest.approx(found.solution.chi2, rel=1e-6)
