"""More published problems, their figures carried here; the optimum of each is found a second time by other means."""

from collections.abc import Sequence

import numpy as np
import pytest

from lodeline import reconcile
from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Equation,
    Fixed,
    Given,
    Measured,
    Network,
    Quantity,
    Stream,
)
from lodeline.metal.reconciliation.network_model import Written
from lodeline.metal.reconciliation.network_start import beginning
from tests.metal.reconciliation.flowsheets import balances, by_lagrange, by_penalty, uncertainties, values

N = None


def streams_of(ends: Sequence[str], masses: Sequence[Given], grades: Sequence[dict[str, Given]] = ()) -> list[Stream]:
    """Streams 1, 2 …, each by ``from>to``; a side that is empty is outside."""
    found = []
    for number, (end, mass) in enumerate(zip(ends, masses, strict=True)):
        source, _, to = end.partition(">")
        more = grades[number] if grades else {}
        found.append(Stream(name=str(number + 1), from_node=source or None, to_node=to or None, mass=mass, grades=more))
    return found


def percent(rows: Sequence[Sequence[float | None]], fixed: dict[int, float]) -> list[dict[str, Given]]:
    """Grades of each stream from rows of percents by component, each known to 1 % of itself and 0.0001 at the least."""
    found: list[dict[str, Given]] = [{} for _ in rows[0]]
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell is not None:
                found[column][f"c{row + 1}"] = Measured(cell / 100, max(0.01 * cell / 100, 1e-4))
    for column, value in fixed.items():
        found[column]["c6"] = Fixed(value)
    return found


def smith_and_ichiyen() -> Network:
    """Flotation circuit of seven nodes; only the feed is known, all else from assays of three metals.

    Source: Smith & Ichiyen (1973), CIM Bull. 66, as example 2 of Rao & Narasimhan (1996).
    """
    ends = [">1", "1>2", "2>3", "3>", "4>1", "3>4", "2>6", "5>4", "6>5", "7>6", "7>", "5>7"]
    rows = [
        [0.41, 0.86, 0.32, 0.1, 9.6, 12.4, 22, 8.1, 22.4, 23, 47.5, 34.9],
        [2.58, 2.63, 2.88, 2.94, 3.64, 4.1, 3.52, 4.38, 4, 4.82, 2.56, 3.5],
        [4, 4.38, 4.5, 4.5, 11.8, 12.8, 12.2, 13.2, 12.4, 14.8, 10.2, 12.2],
    ]
    masses: list[Given] = [Fixed(691.67), *[UNMEASURED] * 11]
    return Network(
        nodes=[str(number) for number in range(1, 8)],
        components=["c1", "c2", "c3"],
        streams=streams_of(ends, masses, percent(rows, {})),
    )


def distillation() -> Network:
    """Eleven streams, four columns, seven compounds; four flows and half the compositions unmeasured, traces fixed.

    Source: example 1 of Rao & Narasimhan (1996), Ind. Eng. Chem. Res. 35, 1362-1368.
    """
    ends = [">1", "1>2", "1>2", "2>4", "2>3", "2>", "2>", "4>", "4>", "3>", "3>"]
    rows: list[list[float | None]] = [
        [1.64, N, N, 0.0052, 7.42, 0.68, 4.19, 0.11, N, 90, 0.006],
        [17.66, N, N, 0.003, 90.6, 53.67, 43.65, 0.08, N, 0.12, 98.75],
        [0.38, N, N, 0.19, 0.001, 30.05, 7.91, 0.12, N, N, N],
        [3.44, N, N, 3.68, 1.17, 11.05, 9.05, 99.54, 0.25, N, 0.88],
        [61.47, N, N, N, 0.79, 4.4, 30.3, N, N, N, 0.7],
        [15.39, N, N, 18.01, N, N, N, N, N, N, N],
    ]
    flows = [3707, N, N, 2910, 737, 26, 7.6, 105, N, 57, N]
    masses = [UNMEASURED if flow is None else Measured(flow, 0.01 * flow) for flow in flows]
    traces = dict.fromkeys((1, 4, 5, 6, 7, 9, 10), 1e-5)
    return Network(
        nodes=["1", "2", "3", "4"],
        components=[f"c{number}" for number in range(1, 8)],
        components_sum="one",
        streams=streams_of(ends, masses, percent(rows, traces)),
    )


def exchangers() -> Network:
    """Four heat exchangers; enthalpy is a polynomial of temperature, and heat is flow times enthalpy.

    Source: Swartz (1989), 197th ACS meeting; figures as carried by later authors; flows known to 2 %, temperatures to
    0.75 K.
    """
    enthalpy = {"A": (-6.8909, 0.0991, 1.1081e-4), "B": (-14.8538, 0.1333, 7.539e-5)}
    enthalpy |= {"C": (-28.2807, 0.1385, 9.043e-5), "D": (-11.4172, 0.1229, 7.94e-5)}
    read = {"A1": (1000, 466.33), "A2": (N, N), "A3": (401.7, 481.78), "A4": (N, 530.09), "A5": (N, 616.31)}
    read |= {"A6": (552.7, N), "A7": (N, 619), "A8": (N, 614.92), "B1": (253.2, 618.11), "B2": (N, N), "B3": (N, N)}
    read |= {"C1": (308.1, 694.99), "C2": (N, N), "D1": (N, 667.84), "D2": (680.1, 558.34)}
    ends = {"A1": ">E1", "A2": "E1>S", "A3": "S>E2", "A4": "E2>E3", "A5": "E3>M", "A6": "S>E4", "A7": "E4>M"}
    ends |= {"A8": "M>", "B1": ">e2", "B2": "e2>e1", "B3": "e1>", "C1": ">e3", "C2": "e3>", "D1": ">e4", "D2": "e4>"}
    guess = {"A2": 481.78, "A6": 481.78, "B2": 570.0, "B3": 550.0, "C2": 604.0}
    streams, quantities, equations = [], [], []
    for name, (flow, kelvin) in read.items():
        source, _, to = ends[name].partition(">")
        mass: Given = UNMEASURED if flow is None else Measured(flow, 0.02 * flow)
        streams.append(Stream(name=name, from_node=source or None, to_node=to or None, mass=mass))
        warm: Given = UNMEASURED if kelvin is None else Measured(kelvin, 0.75)
        begin = kelvin or guess[name]
        a, b, c = enthalpy[name[0]]
        quantities += [
            Quantity(name=f"T{name}", value=warm, guess=begin),
            Quantity(name=f"h{name}", guess=a + b * begin + c * begin**2),
        ]
        equations.append(Equation(text=f"h{name} = {a} + {b} T{name} + {c} T{name} * T{name}"))
    meets = ["A1 hA1 + B2 hB2 = A2 hA2 + B3 hB3", "A3 hA3 + B1 hB1 = A4 hA4 + B2 hB2"]
    meets += ["A4 hA4 + C1 hC1 = A5 hA5 + C2 hC2", "A6 hA6 + D1 hD1 = A7 hA7 + D2 hD2"]
    meets += ["A5 hA5 + A7 hA7 = A8 hA8", "TA2 = TA3", "TA2 = TA6"]
    # A product of two figures needs its star.
    equations += [Equation(text=text.replace(" h", " * h")) for text in meets]
    nodes = list(dict.fromkeys(node for end in ends.values() for node in end.split(">") if node))
    return Network(nodes=nodes, streams=streams, quantities=quantities, equations=equations)


@pytest.mark.parametrize("network", [smith_and_ichiyen, distillation, exchangers], ids=lambda one: one.__name__)
def test_a_nonlinear_problem_is_solved_alike_by_penalties(network) -> None:
    found = reconcile(network(), significance=0.05)
    written = Written(found.network)
    objective, place = by_penalty(written.model(*beginning(written)), found.solution.x)

    assert objective == pytest.approx(found.chi2, rel=1e-5)
    sure = ~found.solution.loose
    np.testing.assert_allclose(place[sure], found.solution.x[sure], rtol=1e-4, atol=1e-7)
    largest = max(one.value or 0 for one in found.figures if one.kind == "mass")
    assert max(abs(one.after) for one in found.closure) <= 1e-9 * largest


def test_all_flows_of_a_flotation_circuit_follow_from_its_assays() -> None:
    """Each mass is a number, no mass but the feed was measured, and the assays check each other."""
    found = reconcile(smith_and_ichiyen(), significance=0.05)

    assert {one.klass for one in found.figures if one.kind == "mass"} == {"fixed", "observable"}
    assert all(one.value is not None for one in found.figures)
    # Twenty-one balances of metals and seven of mass determine eleven flows.
    assert found.dof == 17
    assert found["4"].value == pytest.approx(691.67 - (found["11"].value or 0), rel=1e-12)


def test_two_streams_side_by_side_without_a_meter_have_no_number() -> None:
    found = reconcile(distillation(), significance=0.05)

    assert [one.name for one in found.figures if one.kind == "mass" and one.value is None] == ["2", "3"]
    assert found.total({"2": 1, "3": 1})[0] == pytest.approx(found["1"].value, rel=1e-12)
    assert found.verdict == "rejected"


def test_a_linear_network_of_twelve_streams() -> None:
    """Source: Mitsas (2010), Measurement 43(5), 702-707."""
    read = [100.49, 29.46, 40.41, 30.05, 15.17, 4.98, 9.92, 70.68, 10.03, 19.82, 81.06, 101.57]
    u = [1, 0.3, 0.4, 0.3, 0.3, 0.1, 0.2, 0.7, 0.3, 0.4, 0.8, 1]
    ends = [">1", "1>2", "1>3", "1>4", "2>3", "2>3", "2>3", "3>5", "4>5", "4>6", "5>6", "6>"]
    masses: list[Given] = [Measured(*pair) for pair in zip(read, u, strict=True)]
    network = Network(nodes=list("123456"), streams=streams_of(ends, masses))
    found = reconcile(network)
    names = [stream.name for stream in network.streams]
    x, spread = by_lagrange(balances(network), np.array(read), np.array(u, dtype=float))

    np.testing.assert_allclose(values(found, names), x, rtol=1e-9)
    np.testing.assert_allclose(uncertainties(found, names), spread, rtol=1e-9)
    assert found.dof == 6
