"""Oxide as element: the limit that tells of certificates on which a number is that of another species."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.limits.judging import Compared, upper_tail
from lodeline.metal.detection.limits.mistaken import Suspect
from lodeline.metal.detection.suspicion import Suspicion

if TYPE_CHECKING:
    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy


def oxide_as_element(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.oxide_as_element``: a number stands on a certificate as that of another species.

    See :mod:`lodeline.metal.detection.limits.mistaken`.
    """
    found = context.mistaken
    z = np.array([one.z for one in found.suspects], dtype=np.float64)
    unbound = {}
    if found.blind:
        unbound["determinations in which a mistaken species would not show"] = found.blind
    if found.alone:
        unbound["processes with too few of their kind to say what is usual"] = found.alone
    return Compared(found.compared, z, upper_tail(z), lambda place: _told(flows, found.suspects[place]), unbound)


def _told(flows: Flows, of: Suspect) -> Suspicion:
    measured, rows = flows.measurements, list(of.rows)
    first, others = rows[0], len(rows) - 1
    certificate = flows.name(int(measured["certificate"][first])) or f"entry {int(measured['seq'][first])}"
    kg = float(flows.element(of.element).kg[measured["flow"][first]])
    lots = flows.flows["lot"][measured["flow"][rows]].tolist()
    laboratories = measured["laboratory"][rows].tolist()
    return Suspicion(
        code="metal.oxide_as_element",
        sentence=f"The number for {of.said} on certificate {certificate} is {of.z:.1f} standard uncertainties from "
        f"what the rest of the book leads to, and fits as one for {of.meant}: as it stands it gives {of.factor:.4f} "
        f"times the {of.element}, and that it is so is e^{of.evidence:.1f} times as likely as that it is not"
        + (f"; {others} other determinations would explain it nearly as well." if others else "."),
        kg=abs(kg * (1 - 1 / of.factor)) if math.isfinite(kg) else None,
        element=of.element,
        entries=tuple(sorted({int(entry) for entry in measured["seq"][rows]})),
        lots=tuple(dict.fromkeys(flows.names[lot] for lot in lots if lot >= 0)),
        instruments=tuple(dict.fromkeys(flows.names[name] for name in laboratories if name >= 0)),
        settle=(
            Settle(
                act="document",
                subject=certificate,
                detail=f"Ask the laboratory of which substance its number for {of.said} is.",
            ),
        ),
    )
