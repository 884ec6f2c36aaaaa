"""Flowsheets of masses by hand: meters, limits, equations, and what the results say."""

import numpy as np
import pytest

import lodeline
from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Equation,
    Fixed,
    Measured,
    Network,
    Quantity,
    Reading,
    reconcile,
)
from tests.metal.reconciliation.flowsheets import uncertainties, values
from tests.metal.reconciliation.hand_networks import exchanger, split, stream


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
