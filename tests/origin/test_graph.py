"""A mass graph on which nothing could be proved is refused, by name."""

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.graph import OUTSIDE, UNTRACED, MassGraph, Origin

PK = Origin("country", "PK", "")


def blend() -> MassGraph:
    """3 of PK and 2 of nobody knows where enter node 0; 4 go on to node 1 and end, 1 is lost."""
    return MassGraph(
        element="Sb",
        nodes=2,
        tail=np.array([OUTSIDE, OUTSIDE, 0, 0, 1]),
        head=np.array([0, 0, 1, OUTSIDE, OUTSIDE]),
        mg=np.array([3, 2, 4, 1, 4]),
        origin=np.array([1, 0, -1, -1, -1]),
        flow=np.full(5, -1),
        own=np.ones(5, dtype=bool),
        origins=(UNTRACED, PK),
    )


def test_a_graph_that_closes_is_taken():
    graph = blend()

    graph.check()

    np.testing.assert_array_equal(graph.open_mg(), [0, 0])


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("origin.shape", {"mg": np.array([3, 2, 4, 1])}),
        ("origin.index", {"head": np.array([0, 0, 2, OUTSIDE, OUTSIDE])}),
        ("origin.index", {"origin": np.array([1, 2, -1, -1, -1])}),
        ("origin.index", {"origin": np.array([1, -1, -1, -1, -1])}),
        ("origin.mass", {"mg": np.array([3, 2, 4, 0, 4])}),
        ("origin.time", {"tail": np.array([OUTSIDE, OUTSIDE, 1, 0, 0]), "head": np.array([1, 1, 0, OUTSIDE, OUTSIDE])}),
        ("origin.open", {"mg": np.array([3, 2, 4, 2, 4])}),
    ],
)
def test_what_proves_nothing_is_refused(code, change):
    with pytest.raises(InputError) as refusal:
        blend()._replace(**change).check()

    assert refusal.value.code == code


def test_countries_may_trade_both_ways():
    both = MassGraph(
        element="Sb",
        nodes=2,
        tail=np.array([OUTSIDE, 0, 1, 1]),
        head=np.array([0, 1, 0, OUTSIDE]),
        mg=np.array([5, 10, 5, 5]),
        origin=np.array([1, -1, -1, -1]),
        flow=np.full(4, -1),
        own=np.ones(4, dtype=bool),
        origins=(UNTRACED, PK),
    )

    both._replace(cyclic=True).check()
    with pytest.raises(InputError):
        both.check()
