"""A problem with the sizes of faults as further unknowns, so that everything is estimated as if they were not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.faults.scan import DRIFT, rise
from lodeline.metal.detection.faults.series import MOISTURE
from lodeline.metal.reconciliation.model import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.hypotheses import Hypotheses
    from lodeline.metal.detection.faults.search import Sized
    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Refit(NamedTuple):
    """The problem, and the variables of the sizes."""

    model: Model
    sizes: Rows


def refit(model: Model, hypotheses: Hypotheses, found: Sequence[Sized], x: Array) -> Refit:
    """The problem with further unknowns.

    Args:
        model: To begin with.
        hypotheses: That were tried.
        found: The faults.
        x: (variable,) where the search begins.
    """
    first = model.start.size
    observed: list[tuple[Rows, Array, Rows, Rows]] = []
    leaking: list[tuple[Rows, Array, Rows, Rows]] = []
    for number, one in enumerate(found):
        direction, size = one.hypothesis.direction, first + number
        rows = direction.rows
        factor, of = direction.shift, np.full(rows.size, -1, dtype=np.int64)
        if one.hypothesis.family == "instrument":
            series, begin, end, shape = (int(part) for part in one.hypothesis.key)
            reading = hypotheses.series[series].reading[begin:end]
            at = hypotheses.listed.at[reading].astype(np.float64)
            factor = rise(at) if shape == DRIFT else np.ones(reading.size)
            # A part of what is read, whatever that turns out to be; of a moisture, kg per kg.
            of = np.where(hypotheses.listed.kind[reading] == MOISTURE, -1, hypotheses.listed.variable[reading])
        both = (np.full(rows.size, size), of)
        observed.append((rows, factor, *both))
        leaks = direction.balances
        # A constraint with a leak says that what it comes to, less the leak, is nothing.
        leaking.append((leaks, -direction.leak, np.full(leaks.size, size), np.full(leaks.size, -1)))
    sizes = np.array([one.size for one in found])
    scales = np.array([max(abs(one.size), one.size_u) for one in found])
    free = np.full(len(found), np.inf)
    return Refit(
        model._replace(
            start=np.concatenate([x, sizes]),
            scale=np.concatenate([model.scale, scales]),
            lower=np.concatenate([model.lower, -free]),
            upper=np.concatenate([model.upper, free]),
            terms=_more(model.terms, observed),
            constraint_terms=_more(model.constraint_terms, leaking),
        ),
        np.arange(first, first + len(found)),
    )


def _more(terms: Terms, further: Sequence[tuple[Rows, Array, Rows, Rows]]) -> Terms:
    columns = zip(terms, *further, strict=True)
    row, coefficient, one, two = (np.concatenate(parts) for parts in columns)
    return Terms(row.astype(np.int64), coefficient, one.astype(np.int64), two.astype(np.int64))
