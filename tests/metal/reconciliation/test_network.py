"""Flowsheets by hand: masses, grades, moistures, transfer coefficients, biases, limits, and what the results say."""

import re
from typing import Any

import numpy as np
import pytest

import lodeline
from lodeline.errors import InputError
from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Correlated,
    Equation,
    Fixed,
    Given,
    Instrument,
    Measured,
    Network,
    Quantity,
    Reading,
    Standard,
    Stream,
    Transfer,
    reconcile,
)
from tests.metal.reconciliation.flowsheets import uncertainties, values


def stream(name: str, source: str | None, to: str | None, mass: Given = UNMEASURED, **more: Any) -> Stream:
    return Stream(name=name, from_node=source, to_node=to, mass=mass, **more)


def split(**more: Any) -> Network:
    """100 in, 60 and 41 out, each known to 1."""
    fields: dict[str, Any] = {
        "nodes": ["N"],
        "streams": [
            stream("feed", None, "N", Measured(100, 1)),
            stream("left", "N", None, Measured(60, 1)),
            stream("right", "N", None, Measured(41, 1)),
        ],
    }
    return Network(**{**fields, **more})


def exchanger(*measured: str) -> Network:
    """Narasimhan & Jordache (2000), example 1-1: a heat exchanger with a bypass; unit variances."""
    read = {"1": 101.91, "2": 64.45, "3": 34.65, "4": 64.20, "5": 36.44, "6": 98.88}
    ends = {"1": (None, "split"), "2": ("split", "exchanger"), "3": ("split", "valve")}
    ends |= {"4": ("exchanger", "mix"), "5": ("valve", "mix"), "6": ("mix", None)}
    return Network(
        nodes=["split", "exchanger", "valve", "mix"],
        streams=[
            stream(name, *ends[name], Measured(value, 1) if name in measured else UNMEASURED)
            for name, value in read.items()
        ],
    )


# -- masses --------------------------------------------------------------------------------------------------------


def test_the_gap_is_shared_and_every_line_says_how() -> None:
    """By hand: the gap of 1 in thirds; each u falls to sqrt(2/3), each shift is 1/sqrt(3) of its standard deviation."""
    found = lodeline.reconcile(split(), significance=0.05)
    left = found["left"]

    assert (left.value, left.measured, left.measured_u) == (pytest.approx(60 - 1 / 3), 60, 1)
    assert (left.u, left.adjustment, left.z) == tuple(map(pytest.approx, ((2 / 3) ** 0.5, -1 / 3, -(3**-0.5))))
    assert (left.kind, left.stream, left.component, left.klass) == ("mass", "left", None, "redundant")
    assert (found.chi2, found.dof) == (pytest.approx(1 / 3), 1)
    assert found.p_value == pytest.approx(0.5637028616507731)  # erfc(sqrt(1/6))
    assert (found.verdict, found.findings) == ("accepted", ())
    (node,) = found.closure
    assert (node.node, node.component, node.before, node.after) == ("N", None, pytest.approx(-1), pytest.approx(0))
    assert found.parts == (("N", "feed", "left", "right"),)
    assert found.total({"left": 1, "right": 1}) == (pytest.approx(100 + 1 / 3), pytest.approx((2 / 3) ** 0.5))


@pytest.mark.parametrize(
    ("measured", "printed", "classes"),
    [
        ("123456", [100.22, 64.50, 35.72, 64.50, 35.72, 100.22], "rrrrrr"),
        # By hand: 1 and 6 average 100.395 with variance 1/2, 2 + 5 is 100.89 with variance 2; the gap of 0.495 is
        # shared 1 to 4.
        ("1256", [100.494, 64.252, 36.242, 64.252, 36.242, 100.494], "rroorr"),
        ("12", [101.91, 64.45, 37.46, 64.45, 37.46, 101.91], "mmoooo"),
        ("16", [100.395, None, None, None, None, 100.395], "ruuuur"),
    ],
)
def test_a_bypass_with_fewer_and_fewer_meters(measured: str, printed: list[float | None], classes: str) -> None:
    found = reconcile(exchanger(*measured))
    words = {"r": "redundant", "m": "measured only", "o": "observable", "u": "unobservable"}

    for name, value in zip("123456", printed, strict=True):
        got = found[name].value
        assert (got is None) if value is None else got == pytest.approx(value, abs=0.0051)
    wanted = [words[one] for one in classes]
    unmeasured = [name for name in "123456" if name not in measured]
    assert [found[name].klass for name in "123456"] == [
        "observable" if name in unmeasured and word == "redundant" else word
        for name, word in zip("123456", wanted, strict=True)
    ]


def test_without_redundancy_there_is_no_test_and_that_is_said() -> None:
    found = reconcile(exchanger("1", "2"), significance=0.05)

    assert (found.dof, found.p_value, found.verdict) == (0, None, "untested")
    assert [(one.code, one.figures) for one in found.findings] == [("network.unchecked", ("1", "2"))]
    assert reconcile(exchanger("1", "2")).verdict is None


def test_a_network_in_parts_is_a_finding_that_names_them() -> None:
    both = split(
        nodes=["N", "M"],
        streams=[*split().streams, stream("in", None, "M", Measured(5, 0.1)), stream("out", "M", None)],
    )
    (finding,) = (one for one in reconcile(both).findings if one.code == "network.in_parts")

    assert "N, feed, left, right; M, in, out" in finding.sentence
    assert finding.figures == ("N", "M")
    assert reconcile(split()).findings == ()


def test_a_fixed_flow_is_as_good_as_perfectly_weighed() -> None:
    """By hand: 100 fixed, so the gap of 1 is halved between the two others."""
    fixed = split(streams=[stream("feed", None, "N", Fixed(100)), *split().streams[1:]])
    found = reconcile(fixed)

    np.testing.assert_allclose(values(found, ["feed", "left", "right"]), [100, 59.5, 40.5])
    np.testing.assert_allclose(uncertainties(found, ["feed", "left", "right"]), [0, 0.5**0.5, 0.5**0.5])
    assert found["feed"].klass == "fixed"


def test_a_second_reading_counts_beside_the_first() -> None:
    """By hand: two readings of 60 and 62 are one of 61 with a variance of 1/2; the gap is then 2, shared 2 : 1 : 2."""
    found = reconcile(split(readings=[Reading(name="again", of="left", value=Measured(62, 1))]))

    np.testing.assert_allclose(values(found, ["feed", "left", "right"]), [100.8, 60.6, 40.2])
    assert [(one.name, one.of, one.adjustment) for one in found.measurements[-1:]] == [
        ("again", "left", pytest.approx(-1.4))
    ]
    assert found.dof == 2


def test_equations_may_have_coefficients_constants_and_names() -> None:
    """Half of the left stream and 10 is the right one: 0.5 x + 10 = y and x + y = 100 give x = 60, y = 40."""
    free = [stream(name, None, None) for name in ("x", "1 of 2")]
    equations = [Equation(text='0.5 x + 10 = "1 of 2"', name="half"), Equation(text='x + "1 of 2" = 100')]
    found = reconcile(Network(nodes=[], streams=free, equations=equations))

    np.testing.assert_allclose(values(found, ["x", "1 of 2"]), [60, 40])
    assert {one.klass for one in found.figures} == {"observable"}


def test_ripps_heat_and_mass_balances() -> None:
    """Three balances with coefficients over four measurements, against the dense formula of Kuehn & Davidson.

    Source of the figures: Ripps (1965), Chem. Eng. Prog. Symp. Ser. 61(55), 8-13, as carried in later papers.
    """
    from tests.metal.reconciliation.flowsheets import by_lagrange

    constraint = np.array([[0.1, 0.6, -0.2, -0.7], [0.8, 0.1, -0.2, -0.1], [0.1, 0.3, -0.6, -0.2]])
    read, u = np.array([0.1858, 4.7935, 1.2295, 3.88]), np.sqrt([0.000289, 0.0025, 0.000576, 0.04])
    equations = [
        Equation(text=" ".join(f"{number:+} x{column}" for column, number in enumerate(row)) + " = 0")
        for row in constraint
    ]
    streams = [
        stream(f"x{column}", None, None, Measured(*pair)) for column, pair in enumerate(zip(read, u, strict=True))
    ]
    found = reconcile(Network(nodes=[], streams=streams, equations=equations))
    x, spread = by_lagrange(constraint, read, u)

    np.testing.assert_allclose(values(found, [f"x{column}" for column in range(4)]), x, rtol=1e-9)
    np.testing.assert_allclose(uncertainties(found, [f"x{column}" for column in range(4)]), spread, rtol=1e-9)
    assert found.dof == 3


def test_pai_and_fisher_s_six_nonlinear_equations() -> None:
    """Squares, products of three and a square root, with parts of them named as quantities; eight unknowns.

    Source: Pai & Fisher (1988), AIChE J. 34(5), 873-876; their solution to the digits printed.
    """
    read = {"x1": 4.4, "x2": 5.5, "x3": 1.7, "x4": 1.6, "x5": 5.0}
    guesses = {"u1": 11.0, "u2": 0.6, "u3": 2.0, "root": 1.4, "x3u3": 3.5, "x3u1": 20.0, "u1u2": 6.0, "x2x2": 30.0}
    guesses |= {"u2u3": 1.2}
    named = ["root * root = u3", "x3u3 = x3 * u3", "x3u1 = x3 * u1", "u1u2 = u1 * u2", "x2x2 = x2 * x2"]
    named += ["u2u3 = u2 * u3"]
    model = [
        "0.5 x1*x1 - 0.7 x2 + x3u1 + x2x2 * u1u2 + 2 x3u3 * u3 = 255.8",
        "x1 - 2 x2 + 3 x1*x3 - 2 x2*u1 - x2 * u2u3 + 111.2 = 0",
        "x3u1 - x1 + 3 x2 + x1*u2 - x3*root = 33.57",
        "x4 - x1 - x3*x3 + u2 + 3 u3 = 0",
        "x5 = 2 x3 * u2u3",
        "2 x1 + x2 * x3u1 + u2 - u3 = 126.6",
    ]
    quantities = [Quantity(name=name, value=Measured(value, 0.1)) for name, value in read.items()]
    quantities += [Quantity(name=name, guess=guess) for name, guess in guesses.items()]
    network = Network(
        nodes=[],
        streams=[],
        quantities=quantities,
        equations=[Equation(text=text) for text in (*named, *model)],
    )
    found = reconcile(network)

    assert found.dof == 3
    printed = {"x1": "4.5124", "x2": "5.5819", "x3": "1.9260", "x4": "1.4560", "x5": "4.8545"}
    printed |= {"u1": "11.070", "u2": "0.61467", "u3": "2.0504"}
    for name, digits in printed.items():
        assert found[name].value == pytest.approx(float(digits), abs=0.51 * 10 ** -len(digits.partition(".")[2]))


# -- grades --------------------------------------------------------------------------------------------------------


def flotation(**more: Any) -> Network:
    """Feed of 100 fixed; two products, of which only the grades were measured: the two-product formula."""
    fields: dict[str, Any] = {
        "nodes": ["cells"],
        "components": ["Cu"],
        "streams": [
            stream("feed", None, "cells", Fixed(100), grades={"Cu": Measured(0.02, 0.0002)}),
            stream("concentrate", "cells", None, grades={"Cu": Measured(0.25, 0.002)}),
            stream("tailings", "cells", None, grades={"Cu": Measured(0.002, 0.0001)}),
        ],
    }
    return Network(**{**fields, **more})


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


def test_a_mass_below_zero_is_held_at_zero() -> None:
    """By hand: 10 in, 12 out on one side measured well, so the other would be -2."""
    network = split(
        streams=[
            stream("feed", None, "N", Measured(10, 1)),
            stream("left", "N", None, Measured(12, 1)),
            stream("right", "N", None),
        ]
    )
    found = reconcile(network)
    assert (found["right"].value, found["right"].u, found["right"].klass) == (0, 0, "at limit")
    np.testing.assert_allclose(values(found, ["feed", "left"]), [11, 11])

    free = split(streams=[*network.streams[:2], stream("right", "N", None, low=None)])
    assert reconcile(free)["right"].value == pytest.approx(-2)
    high = split(streams=[*split().streams[:2], stream("right", "N", None, Measured(41, 1), high=30.0)])
    assert reconcile(high)["right"].value == pytest.approx(30)


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


# -- instruments ---------------------------------------------------------------------------------------------------


def scales(**more: Any) -> Network:
    """Ten loads over scale A come in, 1 % light, and go out in one stream over scale B."""
    fields: dict[str, Any] = {
        "nodes": ["N"],
        "streams": [
            *(stream(f"load {number}", None, "N", Measured(99, 0.1, "A")) for number in range(10)),
            stream("out", "N", None, Measured(1000, 0.1, "B")),
        ],
        "instruments": [Instrument(name="A", relative_u=0.01), Instrument(name="B", relative_u=0.001)],
    }
    return Network(**{**fields, **more})


def test_a_thousand_weighings_on_one_scale_do_not_average_its_bias_away() -> None:
    """By hand: the gap of 1 % is shared by the variances of the two biases, 100 to 1, but for the random errors:
    -1 % * 100/101 and 1 % / 101."""
    found = reconcile(scales())
    a, b = found["A"], found["B"]

    assert (a.value, b.value) == (pytest.approx(-0.0099, rel=0.02), pytest.approx(0.000099, rel=0.02))
    # The difference of the two is known to what ten loads leave; the level only to the better calibration.
    assert a.u == pytest.approx(0.001, rel=0.05)
    assert found["out"].u == pytest.approx(1000 * 0.001, rel=0.01)
    assert (a.kind, a.measured, a.measured_u, a.klass) == ("bias", 0.0, 0.01, "redundant")
    load = found.measurements[2]
    assert (load.name, load.instrument) == ("load 0", "A")
    # What should have been read is the mass with the bias of the scale.
    assert load.expected == pytest.approx((found["load 0"].value or 0) * (1 + (a.value or 0)))


def test_one_standard_behind_two_scales_keeps_the_total_as_uncertain_as_it_is() -> None:
    """Closure never shows the level: what both scales share stays in every mass in full."""
    standard = [Standard(name="weights", relative_u=0.002)]
    both = [Instrument(name=name, relative_u=1e-5, standard="weights") for name in ("A", "B")]
    found = reconcile(scales(instruments=both, standards=standard))

    assert found["weights"].u == pytest.approx(0.002, rel=1e-6)
    assert found["out"].u == pytest.approx((found["out"].value or 0) * 0.002, rel=2e-3)
    assert found["weights"].value == pytest.approx(0, abs=1e-5)
    alone = reconcile(split(streams=[stream("feed", None, "N", Measured(100, 1, "W")), *split().streams[1:2],
                                     stream("right", "N", None)],
                            instruments=[Instrument(name="W", relative_u=0.01)]))  # fmt: skip
    (untold,) = (one for one in alone.findings if one.code == "network.untold")
    assert untold.figures == ("W",)
    assert [one.code for one in found.findings] == []


def test_an_offset_is_the_same_as_a_correlation_of_all_its_readings() -> None:
    """``y = x + a`` with a known to t is ``cov(y_i, y_j) = t^2``: two formulations of one problem."""
    offset = split(
        streams=[
            stream("feed", None, "N", Measured(100, 1)),
            stream("left", "N", None, Measured(60, 1, "W")),
            stream("right", "N", None, Measured(41, 0.5, "W")),
        ],
        instruments=[Instrument(name="W", offset_u=2.0)],
    )
    u = {"left": np.hypot(1, 2), "right": np.hypot(0.5, 2)}
    covariance = split(
        streams=[
            stream("feed", None, "N", Measured(100, 1)),
            stream("left", "N", None, Measured(60, u["left"])),
            stream("right", "N", None, Measured(41, u["right"])),
        ],
        correlations=[Correlated("left", "right", 4 / (u["left"] * u["right"]))],
    )
    one, other = reconcile(offset), reconcile(covariance)
    names = ["feed", "left", "right"]

    np.testing.assert_allclose(values(one, names), values(other, names), rtol=1e-10)
    np.testing.assert_allclose(uncertainties(one, names), uncertainties(other, names), rtol=1e-10)
    assert one.findings == ()
    assert (one.chi2, one.dof) == (pytest.approx(other.chi2, rel=1e-10), other.dof)
    assert one["W/offset"].kind == "offset"


def test_a_bias_of_a_laboratory_is_shared_by_its_assays() -> None:
    """Two products of one feed, all three assayed by one laboratory: a common factor never shows in the balance."""
    grades = {"feed": 0.02, "concentrate": 0.25, "tailings": 0.002}
    streams = [
        stream(
            one.name,
            one.from_node,
            one.to_node,
            one.mass,
            grades={"Cu": Measured(grades[one.name], 0.01 * grades[one.name], "lab")},
        )
        for one in flotation().streams
    ]
    plain, biased = (
        reconcile(flotation(streams=streams, instruments=[Instrument(name="lab", relative_u=u)])) for u in (1e-9, 0.05)
    )

    assert biased["concentrate"].u == pytest.approx(plain["concentrate"].u, rel=1e-6)
    assert biased["concentrate/Cu"].u == pytest.approx(0.25 * np.hypot(0.01, 0.05), rel=0.01)


# -- figures by name -----------------------------------------------------------------------------------------------


def test_equations_speak_of_every_kind_of_figure() -> None:
    """A grade, a mass of a component and a moisture that were not measured are variables once an equation asks."""
    streams = [
        stream("in", None, "N", Fixed(100), grades={"Cu": Measured(0.02, 0.001)}),
        stream("out", "N", None, Measured(104, 1), moisture=UNMEASURED),
    ]
    asked = ["copper = in/Cu/mass", "water = out/moisture", "grade = out/Cu"]
    network = Network(
        nodes=["N"],
        components=["Cu"],
        streams=streams,
        quantities=[Quantity(name=name) for name in ("copper", "water", "grade")],
        equations=[Equation(text=text) for text in asked],
    )
    found = reconcile(network)

    assert found["copper"].value == pytest.approx(2)
    assert found["water"].value == pytest.approx(4 / 104)
    assert found["grade"].value == pytest.approx(0.02)
    for one, other in (("copper", "in/Cu/mass"), ("water", "out/moisture"), ("grade", "out/Cu")):
        assert found[one].u == pytest.approx(found[other].u, rel=1e-9)


def test_tables_carry_every_line_and_leave_unknown_cells_empty() -> None:
    found = reconcile(exchanger("1", "6"), significance=0.05)
    frames = found.to_polars()

    assert frames["figures"].columns[:7] == ["name", "kind", "stream", "component", "value", "u", "class"]
    assert frames["figures"]["value"].null_count() == 4
    assert frames["measurements"].height == 2
    assert frames["closure"]["before"].null_count() == 4


# -- refusals and findings -----------------------------------------------------------------------------------------


def refused(code: str) -> Any:
    return pytest.raises(InputError, match=re.escape(code))


N = "N"
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("network.empty", {"nodes": [], "streams": []}, ""),
    ("network.name_missing", {"streams": [*split().streams, stream(" ", N, None)]}, ""),
    ("network.name_twice", {"streams": [*split().streams, stream("left", N, None)]}, "left"),
    ("network.name_twice", {"nodes": [N, N]}, "N"),
    ("network.name_twice", {"quantities": [Quantity(name="feed")]}, "feed"),
    ("network.node_unknown", {"streams": [*split().streams, stream("x", "M", None)]}, "M"),
    ("network.stream_returns", {"streams": [*split().streams, stream("x", N, N)]}, "x"),
    ("network.node_without_streams", {"nodes": [N, "M"]}, "M"),
    ("network.node_one_sided", {"streams": list(split().streams[1:])}, "N"),
    ("network.uncertainty", {"streams": [stream("feed", None, N, Measured(100, None)), *split().streams[1:]]}, "feed"),
    ("network.uncertainty", {"quantities": [Quantity(name="q", value=Measured(1, 0.0))]}, "q"),
    ("network.uncertainty", {"instruments": [Instrument(name="A", relative_u=-1.0)]}, "A"),
    ("network.not_finite", {"quantities": [Quantity(name="q", value=Measured(float("nan"), 1.0))]}, "q"),
    ("network.not_finite", {"quantities": [Quantity(name="q", high=float("inf"))]}, "q"),
    ("network.fraction", {"transfers": [Transfer(name="t", from_stream="feed", to_stream="left",
                                                 coefficient=Fixed(1.2))]}, "t"),
    ("network.limits", {"quantities": [Quantity(name="q", low=2.0, high=1.0)]}, "q"),
    ("network.beyond_limits", {"quantities": [Quantity(name="q", value=Fixed(3.0), high=1.0)]}, "q"),
    ("network.component_unknown", {"streams": [stream("feed", None, N, grades={"Cu": Fixed(0.1)}),
                                               *split().streams[1:]]}, "Cu"),
    ("network.stream_unknown", {"transfers": [Transfer(name="t", from_stream="feed", to_stream="x")]}, "x"),
    ("network.instrument_unknown", {"quantities": [Quantity(name="q", value=Measured(1.0, 0.1, "A"))]}, "A"),
    ("network.standard_unknown", {"instruments": [Instrument(name="A", standard="S")]}, "S"),
    ("network.instrument_without_bias", {"instruments": [Instrument(name="A")]}, "A"),
    ("network.correlation", {"correlations": [Correlated("feed", "left", 1.0)]}, "feed"),
    ("network.correlation", {"correlations": [Correlated("feed", "x", 0.5)]}, "x"),
    ("network.correlation", {"correlations": [Correlated("feed", "left", 0.1), Correlated("left", "feed", 0.2)]}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("code", "change", "named"), REFUSED)
def test_what_is_no_flowsheet_is_refused_by_name(code: str, change: dict[str, Any], named: str) -> None:
    split()
    with refused(code) as refusal:
        split(**change)
    assert named in str(refusal.value)


def test_a_grade_above_one_is_refused() -> None:
    grades: Any = {"Cu": Measured(25, 0.2)}
    with refused("network.fraction") as refusal:
        flotation(streams=[stream("feed", None, "cells", grades=grades), *flotation().streams[1:]])
    assert "write 25 % as 0.25" in refusal.value.sentence


SOLVED: list[tuple[str, dict[str, Any], str]] = [
    ("network.equation", {"equations": [Equation(text="feed = left +")]}, "feed = left +"),
    ("network.figure_unknown", {"equations": [Equation(text="feed = middle")]}, "middle"),
    ("network.figure_unknown", {"readings": [Reading(name="r", of="feed/Cu", value=Measured(1, 1))]}, "feed/Cu"),
    ("reconcile.constraints_disagree", {"streams": [stream("feed", None, N, Fixed(100)),
        stream("left", N, None, Fixed(60)), stream("right", N, None, Fixed(41))]}, "balance of N"),
    ("reconcile.correlation", {"correlations": [Correlated("feed", "left", -0.9), Correlated("feed", "right", -0.9),
                                                Correlated("left", "right", -0.9)]}, "right"),
    ("reconcile.not_converged", {"quantities": [Quantity(name="a", guess=0.7)],
                                 "equations": [Equation(text="a * a = -1")]}, "a"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "change", "named"), SOLVED)
def test_what_cannot_be_solved_is_refused_by_name(code: str, change: dict[str, Any], named: str) -> None:
    with refused(code) as refusal:
        reconcile(split(**change))
    assert named in str(refusal.value.where)


@pytest.mark.parametrize("significance", [0.0, 1.0, 5.0, float("nan")])
def test_a_significance_is_a_chance(significance: float) -> None:
    reconcile(split(), significance=0.01)
    with refused("network.significance"):
        reconcile(split(), significance=significance)


def test_a_figure_that_there_is_not_is_refused() -> None:
    found = reconcile(split())
    for ask in (lambda: found["middle"], lambda: found.total({"feed": 1, "middle": 1})):
        with refused("network.figure_unknown"):
            ask()


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a = b = c", 1),
        ("a + b", 1),
        ("a = b ? c", 7),
        ("a = 2 * ", 7),
        ("a = * b", 5),
        ("a = + - b", 7),
        ("a = b c d", 5),
        ("a = b 2", 7),
        ("= a", 1),
    ],
)
def test_an_equation_that_cannot_be_read_says_where(text: str, column: int) -> None:
    from lodeline.metal.reconciliation.network_equations import terms_of

    with refused("network.equation") as refusal:
        terms_of(text)
    assert refusal.value.where["column"] == column


def test_an_equation_is_read_as_it_is_written() -> None:
    from lodeline.metal.reconciliation.network_equations import terms_of

    assert terms_of('-2e-1 a + 3·b * "c d" − 4 = F/Cu/mass') == [
        (-0.2, ("a",)),
        (3.0, ("b", "c d")),
        (-4.0, ()),
        (-1.0, ("F/Cu/mass",)),
    ]
