"""Published problems: the optimum, standard deviations, what cannot be known, and the verdict of the global test."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from lodeline import reconcile
from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Correlated,
    Equation,
    Fixed,
    Given,
    Measured,
    Network,
    Quantity,
    Stream,
    Transfer,
)
from lodeline.metal.reconciliation.network_files import read_network
from tests.metal.reconciliation.flowsheets import balances, by_lagrange, by_null_space, uncertainties, values
from tests.outside import CASES, needs_cases

pytestmark = [pytest.mark.cases, needs_cases]

FOLDER = CASES / "reconcile"
LINEAR = sorted(path.stem for path in FOLDER.glob("dr-linear-[0-9]*.json"))


def case(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def linear(name: str, unmeasured: tuple[str, ...] = (), sd: Mapping[str, float] | None = None) -> Network:
    """A published linear problem; some of its streams may be taken as unmeasured."""
    given = case(name)
    ends = {stream["stream"]: {"from": None, "to": None} for stream in given["streams"]}
    for node in given["nodes"]:
        for stream in node["in"]:
            ends[stream]["to"] = node["node"]
        for stream in node["out"]:
            ends[stream]["from"] = node["node"]
    return Network(
        nodes=[node["node"] for node in given["nodes"]],
        streams=[
            Stream(
                name=one["stream"],
                from_node=ends[one["stream"]]["from"],
                to_node=ends[one["stream"]]["to"],
                mass=UNMEASURED if one["stream"] in unmeasured else Measured(one["measured"], one["sd"]),
            )
            for one in given["streams"]
        ],
    )


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_problem_has_the_stored_and_the_printed_solution(name: str) -> None:
    given = case(name)
    streams, test = given["streams"], given["global_test"]
    found = reconcile(linear(name), significance=0.05)
    names = [one["stream"] for one in streams]

    np.testing.assert_allclose(values(found, names), [one["our_wls"] for one in streams], rtol=1e-6)
    np.testing.assert_allclose(
        values(found, names),
        [one["published_wls"] for one in streams],
        rtol=0,
        atol=given["check"]["suggested_abs_tolerance"],
    )
    np.testing.assert_allclose(uncertainties(found, names), [one["our_wls_sd"] for one in streams], rtol=1e-6)
    # The stored z is of measured less reconciled, ours of the shift the other way.
    np.testing.assert_allclose(
        [found[stream].z for stream in names], [-one["our_measurement_test_z"] for one in streams], rtol=1e-6, atol=1e-6
    )
    assert found.chi2 == pytest.approx(test["objective"], rel=1e-6)
    assert found.dof == test["dof"]
    assert found.verdict == ("rejected" if test["reject_at_95"] else "accepted")
    assert {found[stream].klass for stream in names} == {"redundant"}
    assert found.findings == ()
    assert max(abs(one.after) for one in found.closure) <= 1e-9 * max(values(found, names))


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_problem_is_solved_alike_by_the_formula_of_kuehn_and_davidson(name: str) -> None:
    network = linear(name)
    found = reconcile(network)
    names = [stream.name for stream in network.streams]
    read = np.array([(one["measured"], one["sd"]) for one in case(name)["streams"]])
    x, u = by_lagrange(balances(network), read[:, 0], read[:, 1])

    np.testing.assert_allclose(values(found, names), x, rtol=1e-9)
    np.testing.assert_allclose(uncertainties(found, names), u, rtol=1e-9)


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_problem_that_is_read_from_a_table_is_the_same(name: str) -> None:
    network = linear(name)
    lines = ["name,from,to,measured,u"]
    for stream in network.streams:
        assert isinstance(stream.mass, Measured)
        ends = (stream.from_node or "", stream.to_node or "")
        lines.append(",".join([stream.name, *ends, repr(stream.mass.value), repr(stream.mass.u)]))
    read = reconcile(read_network("\n".join(lines).encode(), "streams.csv"))

    assert read.chi2 == pytest.approx(reconcile(network).chi2, rel=1e-12)
    assert [one.name for one in read.figures] == [stream.name for stream in network.streams]


def test_without_the_streams_that_the_paper_did_not_measure_the_recycle_network_is_as_noted() -> None:
    """Yang, Ten & Jao: streams 7 and 8 unmeasured, and stream 1, whose gross error they found."""
    found = reconcile(linear("dr-linear-05", unmeasured=("1", "7", "8")))
    noted = [98.426, 41.1, 78.626, 30.376, 109.002, 19.8, 57.326, 37.526]

    np.testing.assert_allclose(values(found, [str(number) for number in range(1, 9)]), noted, atol=5e-4)
    paper = case("dr-linear-05")["other_published_solutions"]["paper_reconciled"]
    np.testing.assert_allclose(values(found, list(paper)), list(paper.values()), atol=0.17)
    assert [one.name for one in found.figures if one.klass == "observable"] == ["1", "7", "8"]
    # Only the balance around 3, 4 and 5 is left to check anything; 2 and 6 are taken as they were read.
    assert (found.dof, found["2"].klass, found["6"].klass) == (1, "measured only", "measured only")


def test_a_flotation_circuit_without_its_grades_leaves_three_streams_unobservable() -> None:
    found = reconcile(linear("dr-linear-09", unmeasured=("3", "5", "8", "9", "10")))

    assert [one.name for one in found.figures if one.value is None] == ["8", "9", "10"]
    assert {one.klass for one in found.figures if one.value is None} == {"unobservable"}
    (finding,) = (one for one in found.findings if one.code == "network.unobservable")
    assert finding.figures == ("8", "9", "10")
    assert [(one.act, one.subject) for one in finding.settle] == [("weighing", name) for name in ("8", "9", "10")]


def vdi(*, correlated: bool) -> Network:
    given = case("dr-linear-vdi2048-sheet1")
    readings = {name: Measured(value, (half or 0.1) / 1.96) for name, (value, half) in given["measured"].items()}
    pairs = [(*names.split("|"), r) for names, r in given["correlation"].items()]
    return Network(
        nodes=[],
        streams=[Stream(name=name, mass=mass) for name, mass in readings.items()],
        equations=[Equation(text=text) for text in given["balances"]],
        correlations=[Correlated(*pair) for pair in pairs] if correlated else [],
    )


@pytest.mark.parametrize("correlated", [True, False])
def test_the_heat_circuit_of_vdi_2048(correlated: bool) -> None:
    given = case("dr-linear-vdi2048-sheet1")
    stored = given["our_solution"]["with_correlation" if correlated else "independent"]
    found = reconcile(vdi(correlated=correlated), significance=0.05)
    names = list(stored["values"])

    np.testing.assert_allclose(values(found, names), list(stored["values"].values()), atol=5.1e-5)
    assert found.chi2 == pytest.approx(stored["objective"], rel=1e-6)
    assert (found.dof, found.verdict) == (3, "accepted")
    if correlated:
        np.testing.assert_allclose(1.96 * uncertainties(found, names), stored["half_width"], atol=5.1e-5)
    # What appears in no constraint comes back as it was read, and is said to be unchecked.
    alone = found["mD"]
    assert (alone.value, alone.klass, alone.adjustment, alone.z) == (2.092, "measured only", 0.0, None)
    assert [(one.code, one.figures) for one in found.findings] == [("network.unchecked", ("mD",))]


def test_the_heat_circuit_with_correlations_is_solved_alike_with_a_whole_covariance_matrix() -> None:
    given = case("dr-linear-vdi2048-sheet1")
    names = [name for name in given["measured"] if name != "mD"]
    read = np.array([given["measured"][name] for name in names])
    constraint = np.array(
        [
            [1, 1, -1, -1, 0.4, 0, 0, 0, 0, 0],
            [0, 0, 1, 1, -1, -1, -1, -1, -1, 0],
            [0, 0, 0, 0, 0, 0, 1, 1, 1, -1],
        ]
    )
    r = np.eye(10)
    r[2, 3] = r[3, 2] = 0.39951
    r[0, 1] = r[1, 0] = 0.2
    spread = np.diag(read[:, 1] / 1.96)
    x, covariance, chi2 = by_null_space(constraint, np.eye(10), read[:, 0], spread @ r @ spread)
    found = reconcile(vdi(correlated=True))

    np.testing.assert_allclose(values(found, names), x, rtol=1e-9)
    np.testing.assert_allclose(uncertainties(found, names), np.sqrt(np.diag(covariance)), rtol=1e-9)
    assert found.chi2 == pytest.approx(chi2, rel=1e-9)


def stan(*equations: str, as_equation: bool = False) -> Network:
    given = case("dr-nonlinear-cencic-2016-stan")
    ends: dict[str, dict[str, str | None]] = {}
    for process, sides in given["processes"].items():
        for side, word in (("in", "to"), ("out", "from")):
            for flow in sides[side]:
                ends.setdefault(flow, {"from": None, "to": None})[word] = process

    def said(one: Any) -> Given:
        if one == "unknown":
            return UNMEASURED
        return Fixed(one["value"]) if one.get("constant") else Measured(one["value"], one["sd"])

    coefficient = said(given["given"]["TC"])
    return Network(
        nodes=list(given["processes"]),
        streams=[
            Stream(name=name, from_node=ends[name]["from"], to_node=ends[name]["to"], mass=said(given["given"][name]))
            for name in sorted(ends)
        ],
        transfers=[]
        if as_equation
        else [Transfer(name="TC", from_stream="F3", to_stream="F4", coefficient=coefficient)],
        quantities=[Quantity(name="TC", value=coefficient)] if as_equation else [],
        equations=[Equation(text=text) for text in (*equations, *([given["extra_constraint"]] if as_equation else ()))],
    )


@pytest.mark.parametrize("as_equation", [False, True])
def test_stan_s_example_has_two_flows_without_a_number(as_equation: bool) -> None:
    given = case("dr-nonlinear-cencic-2016-stan")
    found = reconcile(stan(as_equation=as_equation), significance=0.05)
    ours = given["our_solution"]

    np.testing.assert_allclose(values(found, ["F1", "F3", "F5", "TC"]), ours["x"], rtol=1e-6)
    np.testing.assert_allclose(uncertainties(found, ["F1", "F3", "F5", "TC"]), ours["sd"], rtol=1e-6)
    np.testing.assert_allclose([found["F4"].value, found["F4"].u], [ours["F4"], ours["F4_sd"]], rtol=1e-6)
    for name, wanted in given["expected"].items():
        if wanted == "unobservable":
            assert (found[name].value, found[name].u, found[name].klass) == (None, None, "unobservable")
        else:
            assert found[name].value == pytest.approx(wanted["value"], rel=1e-6)
            assert found[name].u == pytest.approx(wanted.get("sd", 0.0), rel=1e-6)
    assert found.chi2 == pytest.approx(ours["objective"], rel=1e-6)
    assert (found.dof, found.verdict, found["F2"].klass) == (ours["dof"], "accepted", "fixed")


def test_stan_s_example_with_an_equal_split_has_all_its_flows() -> None:
    given = case("dr-nonlinear-cencic-2016-stan")["variant_equal_split"]
    found = reconcile(stan(given["add"]))

    for name, wanted in given["expected"].items():
        assert found[name].value == pytest.approx(wanted["value"], rel=1e-6)
        assert found[name].u == pytest.approx(wanted["sd"], rel=1e-6)
        assert found[name].klass == "observable"
    assert found.findings == ()


def rao_narasimhan() -> Network:
    given = case("dr-bilinear-rao-narasimhan-ex3")
    fractions = given["mass_fraction_measured"]
    components = fractions["components"]

    def grade(row: int, column: int) -> Given | None:
        value = fractions["rows_are_components_cols_are_streams"][row][column]
        if fractions["fixed_zero"][row][column]:
            return Fixed(0.0)
        return None if value is None else Measured(value, max(0.01 * value, 1e-6))

    streams = []
    for column, flow in enumerate(given["flows"]):
        grades = {name: known for row, name in enumerate(components) if (known := grade(row, column)) is not None}
        ends = {"to_node": "node"} if flow["stream"] in given["node"]["in"] else {"from_node": "node"}
        streams.append(Stream(name=flow["stream"], mass=Measured(flow["measured"], flow["sd"]), grades=grades, **ends))
    return Network(nodes=["node"], streams=streams, components=components, components_sum="one")


def test_the_bilinear_splitter_of_rao_and_narasimhan() -> None:
    """Eight components, fixed zeros, unmeasured compositions, and gross errors of tens of standard deviations."""
    given = case("dr-bilinear-rao-narasimhan-ex3")
    found = reconcile(rao_narasimhan(), significance=0.05)
    flows = values(found, ["1", "2", "3"])

    np.testing.assert_allclose(flows, given["our_solution"]["flows"], rtol=1e-6)
    np.testing.assert_allclose(flows, given["published_flows"]["nonlinear_full_wls"], atol=0.01)
    assert found.chi2 == pytest.approx(given["our_solution"]["objective"], rel=1e-6)
    assert found.verdict == "rejected"
    assert max(abs(one.after) for one in found.closure) <= 1e-12
    # The two compositions that nobody measured follow from the balances: all that comes in leaves there.
    assert [found[f"2/{name}"].klass for name in ("c1", "c2")] == ["observable"] * 2
    assert found["2/c1/mass"].value == pytest.approx(found["1/c1/mass"].value, rel=1e-9)
    for stream in ("1", "2", "3"):
        assert sum(found[f"{stream}/c{number}"].value or 0 for number in range(1, 9)) == pytest.approx(1, abs=1e-12)
