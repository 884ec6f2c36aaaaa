"""Weighed: a declared mass gives way to the weighing of the same holding that follows it.

What a process declares at its outlet, or a mine at its face, is an estimate; the ticket comes minutes later and
measures the holding as it then leaves. Where one flow enters a holding and one leaves it, both are of the same mass:
an account takes the measured one for both, or the error of the estimate would show as metal lost or gained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.metal.flows.element import Share
from lodeline.metal.flows.words import CLASS, FLOW, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows


def weighed(flows: Flows, mass: ElementMass) -> ElementMass:
    """The mass of an element in each flow, with those of flows that were only declared taken from the next weighing.

    Args:
        mass: From ``flows.element(symbol)``.
    """
    of = counts_as(flows)
    return mass._replace(
        kg=mass.kg[of],
        u_kg=mass.u_kg[of],
        low_kg=mass.low_kg[of],
        high_kg=mass.high_kg[of],
        klass=mass.klass[of],
        inherited=mass.inherited[of],
        row=mass.row[of],
        fraction=mass.fraction[of],
        shares=tuple(Share(share.row[of], share.u_kg[of]) for share in mass.shares),
    )


def counts_as(flows: Flows) -> NDArray[np.int64]:
    """(flow,) the flow whose mass counts: itself, or the one by which what entered a holding left it, weighed."""
    flow, count = flows.flows, flows.nodes.rows
    tail, head, klass = flow["tail"], flow["head"], flow["mass_class"]
    rows = np.arange(flow.rows)
    one_in, one_out = (np.bincount(flow[end], minlength=count) == 1 for end in ("head", "tail"))
    passing = (flows.nodes["kind"] == NODE["holding"]) & one_in & one_out
    leaving = np.full(count, -1, dtype=np.int64)
    leaving[tail] = rows
    after = leaving[head]
    # Only of what came into being: between a receipt and the next ticket a yard may have lost some.
    declared = np.isin(flow["kind"], [FLOW["arising"], FLOW["process_out"]])
    declared &= np.isin(klass, [CLASS[word] for word in ("unknown", "bounded", "stated")])
    taken = passing[head] & declared & (klass[after] == CLASS["measured"]) & (flow["lot"][after] == flow["lot"])
    return np.where(taken, after, rows)
