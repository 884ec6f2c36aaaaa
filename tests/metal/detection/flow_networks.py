"""Networks for tests of gross errors: one worked by hand, published ones, and drawn ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lodeline.errors import InputError
from lodeline.metal.detection.gross_errors.directions import Directions, biases, joined, leaks
from lodeline.metal.reconciliation.model import Correlation, Model, Terms
from tests.outside import CASES

Array = NDArray[np.float64]
Node = tuple[Sequence[int], Sequence[int]]

FOLDER = CASES / "reconcile"
LINEAR = sorted(path.stem for path in FOLDER.glob("dr-linear-[0-9]*.json"))


def flowsheet(
    nodes: Sequence[Node],
    value: Sequence[float] | Array,
    u: Sequence[float] | Array,
    measured: Sequence[int] | None = None,
) -> Model:
    """Balances of streams, of which all or some are measured."""
    measured = list(range(len(value))) if measured is None else list(measured)
    start = np.asarray(value, dtype=np.float64)
    return Model(
        start=start,
        scale=np.maximum(np.abs(start), 1e-3),
        value=start[measured],
        u=np.asarray(u, dtype=np.float64)[measured],
        terms=Terms.of([[(1.0, one)] for one in measured]),
        constant=np.zeros(len(nodes)),
        constraint_terms=Terms.of(
            [[*((1.0, one) for one in enter), *((-1.0, one) for one in leave)] for enter, leave in nodes]
        ),
        lower=np.full(start.size, -np.inf),
        upper=np.full(start.size, np.inf),
    )


SPLITTER: list[Node] = [((0,), (1, 2))]
"""One stream in, two out. Rao & Narasimhan (1996) measure 9.22, 4.83 and 3.22, u 3 % of each (dr-linear-01)."""


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[InputError]]:
    """What is done within is refused, with this code."""
    with pytest.raises(InputError) as refusal:
        yield refusal
    assert refusal.value.code == code


def splitter() -> Model:
    """An imbalance of 1.17 with u = sqrt(0.2766**2 + 0.1449**2 + 0.0966**2) = 0.32686, so that every T is 3.5796."""
    return flowsheet(SPLITTER, [9.22, 4.83, 3.22], [0.2766, 0.1449, 0.0966])


def everything(model: Model) -> Directions:
    """A bias of each value and a leak at each balance."""
    return joined(
        biases(model, [f"bias {one}" for one in range(model.value.size)]),
        leaks(model, [f"leak {one}" for one in range(model.constant.size)]),
    )


def published(name: str) -> tuple[Model, dict[str, Any]]:
    """A problem of the outside cases, and what is said of it."""
    case = dict(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    place = {one["stream"]: index for index, one in enumerate(case["streams"])}
    nodes = [([place[s] for s in node["in"]], [place[s] for s in node["out"]]) for node in case["nodes"]]
    streams = case["streams"]
    return flowsheet(nodes, [one["measured"] for one in streams], [one["sd"] for one in streams]), case


def drawn(seed: int, *, correlated: bool = False) -> Model:
    """A random connected plant with recycles, random uncertainties, and errors, which may be correlated."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 7))
    ends = [(-1, 0), (count - 1, -1)]
    ends += [(one, one + 1) for one in range(count - 1)]
    ends += [(int(a), int(b)) for a, b in rng.integers(-1, count, (int(rng.integers(1, 8)), 2)) if a != b]
    nodes = [
        (
            [at for at, (_, head) in enumerate(ends) if head == node],
            [at for at, (tail, _) in enumerate(ends) if tail == node],
        )
        for node in range(count)
    ]
    balance = np.array([[float(head == node) - float(tail == node) for tail, head in ends] for node in range(count)])
    flow = rng.uniform(1, 10, len(ends))
    flow = flow - np.linalg.pinv(balance) @ balance @ flow
    u = rng.uniform(0.02, 0.3, flow.size)
    model = flowsheet(nodes, flow + u * rng.standard_normal(flow.size), u)
    if correlated:
        model = model._replace(correlation=Correlation(np.array([0, 1]), np.array([1, 2]), np.array([0.5, -0.3])))
    return model


def with_unknowns(model: Model, directions: Directions, some: Sequence[int]) -> Model:
    """The problem with the sizes of some hypotheses as further variables, the last ones: to compensate by solving."""
    terms, balances, count = model.terms, model.constraint_terms, model.start.size
    for turn, one in enumerate(some):
        shift, leak = (column[:, [one]].tocoo() for column in (directions.shift, directions.leak))
        terms = Terms(
            np.append(terms.row, shift.row),
            np.append(terms.coefficient, shift.data),
            np.append(terms.first, np.full(shift.nnz, count + turn)),
            np.append(terms.second, np.full(shift.nnz, -1)),
        )
        balances = Terms(
            np.append(balances.row, leak.row),
            np.append(balances.coefficient, -leak.data),
            np.append(balances.first, np.full(leak.nnz, count + turn)),
            np.append(balances.second, np.full(leak.nnz, -1)),
        )
    more = len(some)
    return model._replace(
        start=np.append(model.start, np.zeros(more)),
        scale=np.append(model.scale, np.ones(more)),
        lower=np.append(model.lower, np.full(more, -np.inf)),
        upper=np.append(model.upper, np.full(more, np.inf)),
        terms=terms,
        constraint_terms=balances,
    )
