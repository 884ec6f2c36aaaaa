"""Flowsheets with grades, water and transfer coefficients, by hand."""

from typing import Any

import numpy as np
import pytest

from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Fixed,
    Measured,
    Network,
    Transfer,
    reconcile,
)
from tests.metal.reconciliation.flowsheets import uncertainties, values
from tests.metal.reconciliation.hand_networks import flotation, split, stream


def test_the_two_product_formula() -> None:
    """By hand: C / F = (f - t) / (c - t), its uncertainty from the three partial derivatives; nothing is checked."""
    found = reconcile(flotation())
    f, c, t = 0.02, 0.25, 0.002
    part = (f - t) / (c - t)
    u = np.sqrt((0.0002 / (c - t)) ** 2 + (0.002 * part / (c - t)) ** 2 + (0.0001 * (1 - part) / (c - t)) ** 2)

    assert found["concentrate"].value == pytest.approx(100 * part, rel=1e-9)
    assert found["concentrate"].u == pytest.approx(100 * u, rel=1e-9)
    assert found["concentrate"].klass == "observable"
    assert found["concentrate/Cu"].klass == "measured only"
    # The metal is mass times grade, and closes.
    metal = values(found, ["feed/Cu/mass", "concentrate/Cu/mass", "tailings/Cu/mass"])
    np.testing.assert_allclose(metal, [2, 100 * part * c, 100 * (1 - part) * t], rtol=1e-9)
    assert (found["feed/Cu/mass"].u, found["feed/Cu/mass"].kind) == (pytest.approx(0.02), "mass of component")
    assert [one.component for one in found.closure] == [None, "Cu"]
    assert found.total({"feed/Cu/mass": 1, "concentrate/Cu/mass": -1, "tailings/Cu/mass": -1})[1] == pytest.approx(
        0, abs=1e-9
    )


def test_a_grade_that_nobody_measured_follows_where_masses_are_known() -> None:
    """By hand: 100 at 2 % less 8 at 20 % leaves 92 with 0.4, of a grade of 0.4/92."""
    streams = [
        stream("feed", None, "cells", Measured(100, 1), grades={"Cu": Measured(0.02, 0.0002)}),
        stream("concentrate", "cells", None, Measured(8, 0.05), grades={"Cu": Measured(0.2, 0.001)}),
        stream("tailings", "cells", None),
    ]
    found = reconcile(flotation(streams=streams))
    grade = found["tailings/Cu"]

    assert (grade.value, grade.klass, grade.measured) == (pytest.approx(0.4 / 92), "observable", None)
    # g = (F f - C c) / (F - C), by its four partial derivatives.
    by = [(0.02 - 0.4 / 92) / 92, (-0.2 + 0.4 / 92) / 92, 100 / 92, -8 / 92]
    assert grade.u == pytest.approx(np.linalg.norm(np.array(by) * [1, 0.05, 0.0002, 0.001]), rel=1e-9)
    assert found["tailings/Cu/mass"].value == pytest.approx(0.4)


def test_grades_may_be_redundant_where_masses_are_not() -> None:
    """Two metals see one split: the second grade checks what the first says."""
    two = flotation(
        components=["Cu", "Zn"],
        streams=[
            stream("feed", None, "cells", Fixed(100), grades={"Cu": Measured(0.02, 2e-4), "Zn": Measured(0.04, 4e-4)}),
            stream("concentrate", "cells", None, grades={"Cu": Measured(0.25, 2e-3), "Zn": Measured(0.1, 1e-3)}),
            stream("tailings", "cells", None, grades={"Cu": Measured(2e-3, 1e-4), "Zn": Measured(0.035, 4e-4)}),
        ],
    )
    found = reconcile(two)

    assert found.dof == 1
    assert {found[f"{name}/Zn"].klass for name in ("feed", "concentrate", "tailings")} == {"redundant"}
    assert max(abs(one.after) for one in found.closure) < 1e-11


@pytest.mark.parametrize(("total", "rest"), [("one", None), ("at most one", 0.1)])
def test_components_are_all_of_a_stream_or_leave_a_rest(total: Any, rest: float | None) -> None:
    """By hand: 0.5 and 0.4 read with equal uncertainty. All of it: 0.05 is added to each; else it stays a rest."""
    one = Network(
        nodes=[],
        components=["a", "b"],
        components_sum=total,
        streams=[stream("F", None, None, Fixed(10), grades={"a": Measured(0.5, 0.01), "b": Measured(0.4, 0.01)})],
    )
    found = reconcile(one)
    np.testing.assert_allclose(values(found, ["F/a", "F/b"]), [0.55, 0.45] if rest is None else [0.5, 0.4])

    # More than everything is brought down to everything in both cases, and the limit is what checks it.
    grades: Any = {"a": Measured(0.7, 0.01), "b": Measured(0.4, 0.01)}
    over = Network(
        nodes=[],
        components=["a", "b"],
        components_sum=total,
        streams=[stream("F", None, None, Fixed(10), grades=grades)],
    )
    np.testing.assert_allclose(values(reconcile(over), ["F/a", "F/b"]), [0.65, 0.35])


def test_a_plant_of_which_only_grades_are_known_does_not_vanish() -> None:
    """By hand: what goes through unchanged was assayed at 1.83 and 1.93 %, so it is 1.88 %, however much it is. Zero
    would cost less, and is no answer."""
    grades: list[Any] = [{"Cu": Measured(grade, 0.001)} for grade in (0.0183, 0.0193)]
    network = Network(
        nodes=["N"],
        components=["Cu"],
        streams=[stream("in", None, "N", grades=grades[0]), stream("out", "N", None, grades=grades[1])],
    )
    found = reconcile(network)

    np.testing.assert_allclose(values(found, ["in/Cu", "out/Cu"]), [0.0188, 0.0188])
    np.testing.assert_allclose(uncertainties(found, ["in/Cu", "out/Cu"]), [0.001 / 2**0.5] * 2)
    assert (found.chi2, found.dof) == (pytest.approx(0.5), 1)
    assert [found[name].klass for name in ("in", "out", "in/Cu/mass")] == ["unobservable"] * 3


def test_proportions_that_cannot_be_leave_a_product_out() -> None:
    """By hand: feed of 1 % and products of 2 and 3 %: at best there is none of the richer one, and the other two are
    1.5 %. The masses have no size."""
    grades: list[Any] = [{"Cu": Measured(grade, 0.001)} for grade in (0.01, 0.02, 0.03)]
    streams = [
        stream("feed", None, "cells", grades=grades[0]),
        stream("middling", "cells", None, grades=grades[1]),
        stream("concentrate", "cells", None, grades=grades[2]),
    ]
    found = reconcile(flotation(streams=streams))

    np.testing.assert_allclose(values(found, ["feed/Cu", "middling/Cu"]), [0.015, 0.015])
    assert found.chi2 == pytest.approx(50)
    assert found["concentrate"].value == pytest.approx(0, abs=1e-12)
    assert (found["feed"].value, found["middling"].value) == (None, None)
    # With a basis the proportions are the same, and have numbers.
    basis = reconcile(flotation(streams=[stream("feed", None, "cells", Fixed(100), grades=grades[0]), *streams[1:]]))
    np.testing.assert_allclose(values(basis, ["feed/Cu", "middling/Cu", "middling"]), [0.015, 0.015, 100])


# -- water ---------------------------------------------------------------------------------------------------------


def test_dry_mass_balances_and_wet_mass_is_weighed() -> None:
    """By hand: 1000 wet at 8 % and 950 wet at 4 % are 920 and 912 dry; the gap of 8 is shared by their variances,
    and each is shared between scale and moisture by theirs."""
    wet = [
        stream("in", None, "yard", Measured(1000, 4), moisture=Measured(0.08, 0.003)),
        stream("out", "yard", None, Measured(950, 4), moisture=Measured(0.04, 0.003)),
    ]
    found = reconcile(Network(nodes=["yard"], streams=wet))
    u_in, u_out = np.hypot(4 * 0.92, 1000 * 0.003), np.hypot(4 * 0.96, 950 * 0.003)
    expected = 920 - 8 * u_in**2 / (u_in**2 + u_out**2)

    assert found["in"].value == pytest.approx(expected, abs=0.02)  # the product of the two shifts is left out by hand
    assert found["in"].value == pytest.approx(found["out"].value, rel=1e-12)
    assert (found["in"].kind, found["in/wet"].kind, found["in/moisture"].kind) == ("mass", "wet mass", "moisture")
    wet_in, moist_in = found["in/wet"], found["in/moisture"]
    assert wet_in.value is not None
    assert moist_in.value is not None
    assert wet_in.value * (1 - moist_in.value) == pytest.approx(found["in"].value, rel=1e-12)
    assert (wet_in.measured, wet_in.klass, found["in"].klass) == (1000, "redundant", "observable")
    assert found.closure[0].before == pytest.approx(8)


def test_a_moisture_that_nobody_determined_follows_from_the_dry_mass() -> None:
    """By hand: 920 dry came in and 1000 wet went out, so the moisture is 8 %."""
    streams = [
        stream("in", None, "yard", Measured(920, 1)),
        stream("out", "yard", None, Measured(1000, 2), moisture=UNMEASURED),
    ]
    found = reconcile(Network(nodes=["yard"], streams=streams))

    assert found["out/moisture"].value == pytest.approx(0.08)
    assert found["out/moisture"].u == pytest.approx(np.hypot(1 / 1000, 2 * 920 / 1000**2))
    assert found["out/moisture"].klass == "observable"
    assert found["out/wet"].klass == "measured only"


# -- transfer coefficients -----------------------------------------------------------------------------------------


def test_a_transfer_coefficient_of_a_component_is_its_recovery() -> None:
    """The recovery of copper in the two-product formula: R = c (f - t) / (f (c - t))."""
    recovery = Transfer(name="recovery", from_stream="feed", to_stream="concentrate", component="Cu")
    found = reconcile(flotation(transfers=[recovery]))
    f, c, t = 0.02, 0.25, 0.002

    assert found["recovery"].value == pytest.approx(c * (f - t) / (f * (c - t)), rel=1e-9)
    assert (found["recovery"].klass, found["recovery"].kind) == ("observable", "transfer coefficient")
    slopes = [c * t / (f**2 * (c - t)), -t * (f - t) / (f * (c - t) ** 2), c * (f - c) / (f * (c - t) ** 2)]
    assert found["recovery"].u == pytest.approx(np.linalg.norm(np.array(slopes) * [2e-4, 2e-3, 1e-4]), rel=1e-9)


def test_a_known_transfer_coefficient_splits_what_nobody_weighed() -> None:
    """By hand: 40 % of 100 go left."""
    streams = [stream("feed", None, "N", Measured(100, 1)), stream("left", "N", None), stream("right", "N", None)]
    part = Transfer(name="part", from_stream="feed", to_stream="left", coefficient=Measured(0.4, 0.01))
    found = reconcile(split(streams=streams, transfers=[part]))

    np.testing.assert_allclose(values(found, ["left", "right"]), [40, 60])
    np.testing.assert_allclose(uncertainties(found, ["left", "right"]), [np.hypot(0.4, 1), np.hypot(0.6, 1)])
