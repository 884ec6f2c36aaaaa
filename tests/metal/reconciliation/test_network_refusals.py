"""What is no flowsheet, what cannot be solved, and equations that cannot be read, refused by name."""

import re
from typing import Any

import pytest

from lodeline.errors import InputError
from lodeline.metal.reconciliation.network import (
    Correlated,
    Equation,
    Fixed,
    Instrument,
    Measured,
    Quantity,
    Reading,
    Transfer,
    reconcile,
)
from tests.metal.reconciliation.hand_networks import flotation, split, stream


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
