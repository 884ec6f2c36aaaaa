"""Settling: what to weigh or assay where nothing determines a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.reconciliation.candidates import KINDS
from lodeline.metal.reconciliation.narrowing import settling, touching

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.candidates import Candidates
    from lodeline.metal.reconciliation.narrowing import Touching
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.metal.reconciliation.weights import Weights

    Rows = NDArray[np.int64]

ACTS = 6
"""Acts that a figure asks for at most; the last then says how many more there are."""


def settles(
    reconciled: Reconciled, found: Weights, sums: Rows, symbols: Sequence[str]
) -> dict[int, tuple[Settle, ...]]:
    """What would make each of some unknown sums known: one act where one is enough, else all that are needed."""
    if not sums.size:
        return {}
    loose = touching(reconciled.solution, reconciled.candidates)
    return {int(one): settles_one(reconciled, found, int(one), symbols, loose) for one in sums}


def settles_one(
    reconciled: Reconciled, found: Weights, one: int, symbols: Sequence[str], touching: Touching
) -> tuple[Settle, ...]:
    """What would make one unknown sum known.

    Of parts that nobody assayed, an assay each, and a weighing where nothing determines their dry mass either. Of the
    rest the one measurement that settles it and is the surest; where none does alone, a weighing of each part whose
    mass nothing determines.
    """
    flows = found.silent_flow[found.silent_flow[:, 0] == one, 1]
    acts: dict[Settle, None] = {}
    streams = reconciled.ledger.streams
    _, first = np.unique(streams.composition[flows], return_index=True)
    for flow in flows[np.sort(first)].tolist():
        acts[_act(reconciled, "assay", flow, symbols)] = None
    loose = np.isnan(reconciled.dry.kg)
    for flow in flows[loose[flows]].tolist():
        acts[_act(reconciled, "weighing", flow, ())] = None
    made = reconciled.candidates
    which, times = settling(found.weight[[one]], touching)
    if which.size:
        best = int(which[np.argmin(np.nan_to_num(np.abs(times) * made.u[which], nan=np.inf))])
        acts[act_of(reconciled, made, best)] = None
    else:
        used = found.used[found.used[:, 0] == one, 1]
        for flow in used[loose[used]].tolist():
            acts[_act(reconciled, "weighing", flow, ())] = None
    return _few(tuple(acts))


def act_of(reconciled: Reconciled, made: Candidates, one: int) -> Settle:
    """A candidate as an act."""
    element = int(made.element[one])
    symbols = [reconciled.elements[element]] if element >= 0 else []
    return _act(reconciled, KINDS[made.kind[one]], int(made.flow[one]), symbols)


def _act(reconciled: Reconciled, kind: str, flow: int, symbols: Sequence[str]) -> Settle:
    from lodeline.metal.reconciliation.figure_names import described

    subject = reconciled.flows.name(int(reconciled.flows.flows["lot"][flow])) or ""
    of = described(reconciled.flows, flow)
    said = {
        "weighing": f"Weigh {of}.",
        "moisture": f"Determine the moisture of {of}.",
        "assay": f"Assay {of} for {', '.join(symbols)}.",
    }
    return Settle(act=kind, subject=subject, detail=said[kind])


def _few(acts: tuple[Settle, ...]) -> tuple[Settle, ...]:
    if len(acts) <= ACTS:
        return acts
    last = acts[ACTS - 1]
    more = Settle(act=last.act, subject=last.subject, detail=f"{last.detail} And {len(acts) - ACTS} more acts like it.")
    return (*acts[: ACTS - 1], more)
