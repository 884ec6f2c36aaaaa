"""Tables of a reconciled book: masses, readings and biases, with the names that figures go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.book.tables import Table
from lodeline.metal.reconciliation.figure_names import DRY, NEVER, acts, bias_name, day, names
from lodeline.metal.reconciliation.reconciled import STANDINGS, Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.reconciled import Reconciled

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


def masses(of: Reconciled) -> Table:
    """A row for each flow and each of dry mass and elements."""
    flows = of.flows
    kinds = (DRY, *of.elements)
    estimates = [_estimate(of, what) for what in kinds]
    recorded = [flows.dry(), *(flows.element(symbol) for symbol in of.elements)]
    count, many = flows.flows.rows, len(kinds)
    lots, at = _named(flows, flows.flows["lot"]), _named(flows, flows.places)
    columns = {
        "figure": [name for what in kinds for name in names(flows, what)],
        "flow": np.tile(np.arange(count), many),
        "of": [what for what in kinds for _ in range(count)],
        "lot": lots * many,
        "act": acts(flows) * many,
        "place": at * many,
        "entry": np.tile(flows.flows["seq"].astype(np.int64), many),
        "recorded_kg": np.concatenate([one.kg for one in recorded]),
        "recorded_kg_u": np.concatenate([one.u_kg for one in recorded]),
        "reconciled_kg": np.concatenate([one.kg for one in estimates]),
        "reconciled_kg_u": np.concatenate([one.u_kg for one in estimates]),
        "class": [STANDINGS[code] for one in estimates for code in one.standing.tolist()],
    }
    return Table(columns)


def readings(of: Reconciled) -> Table:
    """A row for each reading that has a weight."""
    flows, measured, solution = of.flows, of.flows.measurements, of.solution
    words, rows, subjects, by, row = [], [], [], [], []
    for kind, read, observed in of.observed():
        words += [kind] * read.row.size
        subjects += [of.elements[subject] if subject >= 0 else None for subject in read.subject.tolist()]
        rows.append(observed)
        row.append(read.row)
        by.append(read.by)
    observed, row_of, who = (np.concatenate(parts).astype(np.int64) for parts in (rows, row, by))
    flow = measured["flow"][row_of].astype(np.int64)
    residual, own = solution.residual[observed], solution.residual_u[observed]
    dry = names(flows, DRY)
    value = solution.model.value[observed]
    return Table(
        {
            "figure": [dry[one] for one in flow.tolist()],
            "kind": words,
            "element": subjects,
            "lot": _named(flows, flows.flows["lot"][flow]),
            "place": _named(flows, flows.places[flow]),
            "instrument": _named(flows, who),
            "entry": measured["seq"][row_of].astype(np.int64),
            "measurement": row_of,
            "value": value,
            "u": solution.model.u[observed],
            "expected": value - residual,
            "adjustment": -residual,
            # How many of its own standard deviations a reading was off; unknown where nothing checks it.
            "z": np.where(own > 0, residual / np.where(own > 0, own, 1.0), np.nan),
        }
    )


def biases(of: Reconciled) -> Table:
    """A row for each bias; relative ones as parts of the value."""
    found = of.biases()
    return Table(
        {
            "figure": [bias_name(one.bias) for one in found],
            "kind": [one.bias.kind for one in found],
            "instrument": [one.bias.id for one in found],
            "of": [one.bias.subject or None for one in found],
            "method": [one.bias.method or None for one in found],
            "since": [None if one.bias.begins in NEVER else day(one.bias.begins) for one in found],
            "unit": [one.bias.unit for one in found],
            "prior": np.array([one.bias.prior for one in found], dtype=np.float64),
            "prior_u": np.array([one.bias.prior_u for one in found], dtype=np.float64),
            "supposed": ["policy" if one.bias.supposed else "calibration" for one in found],
            "value": np.array([one.value for one in found], dtype=np.float64),
            "u": np.array([one.u for one in found], dtype=np.float64),
            "z": np.array([one.z for one in found], dtype=np.float64),
            "left_of_prior_u": np.array([one.told for one in found], dtype=np.float64),
        }
    )


def classes(of: Reconciled) -> dict[str, dict[str, int]]:
    """How many flows are known how, of the dry mass and of each element, the best first."""
    found = {}
    for what in (DRY, *of.elements):
        counts = np.bincount(_estimate(of, what).standing, minlength=len(STANDINGS)).tolist()
        found[what] = dict(reversed(list(zip(STANDINGS, counts, strict=True))))
    return found


def closure_kg(of: Reconciled) -> float:
    """The largest imbalance of dry mass that is left at any node, kg."""
    return float(np.abs(of.solution.closure[of.ledger.balance]).max(initial=0.0))


def unknown(of: Reconciled) -> tuple[str, ...]:
    """Names of the dry masses that nothing determines, one for each, those of which most was recorded first."""
    flows, mass = of.flows, of.ledger.streams.mass
    lost = np.flatnonzero(np.isnan(of.dry.kg))
    recorded = np.nan_to_num(flows.dry().kg)
    lost = lost[np.lexsort((lost, -recorded[lost]))]
    _, first = np.unique(mass[lost], return_index=True)
    told = names(flows, DRY)
    return tuple(told[flow] for flow in lost[np.sort(first)].tolist())


def _estimate(of: Reconciled, what: str) -> Estimate:
    return of.dry if what == DRY else of.element(what)


def _named(flows: Flows, codes: NDArray[np.integer]) -> list[str | None]:
    return [flows.name(code) for code in codes.tolist()]
