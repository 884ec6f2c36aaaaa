"""What a reconciled flowsheet says of itself: where it falls apart, what has no number, and what nobody checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lodeline.errors import Finding, Settle

if TYPE_CHECKING:
    from lodeline.metal.reconciliation.network_model import Written
    from lodeline.metal.reconciliation.network_result import Reconciled

ACT = {"mass": "weighing", "wet mass": "weighing", "moisture": "moisture", "mass fraction": "assay"}
"""What would settle a figure without a number, by its kind."""
OFF = {"bias", "offset", "error of standard"}
"""Figures that say what an instrument is off by."""


def parts(written: Written) -> tuple[tuple[str, ...], ...]:
    """Nodes, streams and other figures by connected part, the largest first.

    Two variables have to do with each other if one constraint, one measurement or one correlation has both.
    """
    groups = [[index for term in one.terms for index in term[1:]] for one in written.constraints]
    groups += [[index for term in one.terms for index in term[1:]] for one in written.observations]
    of = {one.name: one.of for one in written.observations if not one.calibration}
    groups += [[of[pair.first], of[pair.second]] for pair in written.network.correlations]
    row = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    column = np.array([index for group in groups for index in group], dtype=np.int64)
    count, rows = len(written.variables), len(groups)
    graph = sparse.coo_array((np.ones(row.size), (row, rows + column)), shape=(rows + count, rows + count))
    _, part = connected_components(graph, directed=False)
    network = written.network
    members: dict[int, list[str]] = {}
    for index, one in enumerate(written.constraints):
        if one.node is not None and one.component is None:
            members.setdefault(int(part[index]), []).append(one.node)
    others = (network.streams, network.quantities, network.transfers)
    for name in (one.name for some in others for one in some):
        members.setdefault(int(part[rows + written.at[name]]), []).append(name)
    return tuple(tuple(names) for names in sorted(members.values(), key=len, reverse=True))


def findings(reconciled: Reconciled) -> tuple[Finding, ...]:
    """All findings."""
    found = (_parts(reconciled), _unobservable(reconciled), _unchecked(reconciled), _untold(reconciled))
    return tuple(one for one in found if one)


def _parts(reconciled: Reconciled) -> Finding | None:
    nodes = set(reconciled.network.nodes)
    balanced = [part for part in reconciled.parts if nodes.intersection(part)]
    if len(balanced) < 2:
        return None
    listed = "; ".join(", ".join(part) for part in balanced)
    return Finding(
        code="network.in_parts",
        sentence=f"The network is in {len(balanced)} parts that say nothing of each other: {listed}.",
        weight="note",
        figures=tuple(part[0] for part in balanced),
    )


def _unobservable(reconciled: Reconciled) -> Finding | None:
    lost = [one for one in reconciled.figures if one.klass == "unobservable"]
    if not lost:
        return None
    return Finding(
        code="network.unobservable",
        sentence=f"Nothing determines {_listed([one.name for one in lost])}, so that no number is given.",
        weight="note",
        figures=tuple(one.name for one in lost),
        settle=tuple(
            Settle(act=ACT[one.kind], subject=one.name, detail=f"Measure the {one.kind} of {one.stream}.")
            for one in lost
            if one.kind in ACT
        ),
    )


def _unchecked(reconciled: Reconciled) -> Finding | None:
    alone = [one.name for one in reconciled.figures if one.klass == "measured only" and one.kind not in OFF]
    if not alone:
        return None
    return Finding(
        code="network.unchecked",
        sentence=f"Nothing checks what was measured of {_listed(alone)}: an error there would not show.",
        weight="note",
        figures=tuple(alone),
    )


def _untold(reconciled: Reconciled) -> Finding | None:
    untold = [one.name for one in reconciled.figures if one.klass == "measured only" and one.kind in OFF]
    if not untold:
        return None
    return Finding(
        code="network.untold",
        sentence=f"The measurements say nothing of what {_listed(untold)} may be off by, so that only the calibration "
        "does.",
        weight="note",
        figures=tuple(untold),
        settle=tuple(
            Settle(act="calibration", subject=one, detail=f"Compare {one} with a better reference.") for one in untold
        ),
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
