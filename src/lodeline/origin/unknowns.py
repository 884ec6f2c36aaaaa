"""What of a mass graph nobody knows, why, and what would settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.errors import Finding, Settle
from lodeline.origin.building import passing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.building import Built

    Rows = NDArray[np.int64]

NAMED: Final = 10
"""How many lots a finding names; how many there are it says in its sentence."""


def findings(built: Built) -> tuple[Finding, ...]:
    """What of the graph is unknown or does not fit, a finding for each reason, and what left more than came."""
    reason = reasons(built)
    found = [
        _of_flows(built, code, np.flatnonzero(reason == code), heaviest=True)
        for code in REASONS
        if (reason == code).any()
    ]
    return (*found, *_gains(built))


def why(built: Built, flow: int) -> Finding | None:
    """Why the mass of a flow is unknown, and what would settle it; None where it is known."""
    code = str(reasons(built)[flow])
    return _of_flows(built, code, np.array([flow]), heaviest=False) if code else None


def reasons(built: Built) -> NDArray[np.str_]:
    """(flow,) the code of why its mass is unknown; empty where it is known."""
    flows, unknown = built.flows, built.unknown
    chosen = flows.composition.fraction(built.graph.element)
    weighed = passing(flows, ~np.isnan(flows.flows["mass_kg"]))
    return np.select(
        [~unknown, built.negative, chosen.row < 0, np.isnan(chosen.value), ~weighed],
        ["", "origin.negative_stock", "origin.never_assayed", "origin.below_detection", "origin.mass_unknown"],
        "origin.not_determined",
    )


REASONS: Final = {
    "origin.negative_stock": (
        "More {element} was taken than there was",
        "by the masses that count it would be below zero, {below} kg in all",
        ("weighing", "The weighings and assays of what came and of what was taken."),
    ),
    "origin.never_assayed": (
        "How much {element} there is is unknown",
        "nobody assayed it there or in what it was made from unchanged, and no balance tells it",
        ("assay", "An assay for {element}."),
    ),
    "origin.below_detection": (
        "How much {element} there is is known only within limits",
        "its assay is below detection",
        ("assay", "An assay for {element} by a method with a lower limit."),
    ),
    "origin.mass_unknown": (
        "How much {element} there is is unknown",
        "nobody weighed it, and no balance tells it",
        ("weighing", "A weighing."),
    ),
    "origin.not_determined": (
        "How much {element} there is is unknown",
        "mass and assay are not on one basis, or their reconciliation does not determine it",
        ("moisture", "A moisture, or a weighing that says whether it includes water."),
    ),
}
"""By code: what is found, why, and which act settles it, in plain words."""


def _of_flows(built: Built, code: str, rows: Rows, *, heaviest: bool) -> Finding:
    """A finding of flows, the heaviest lots named."""
    flows, element = built.flows, built.graph.element
    what, reason, (act, detail) = REASONS[code]
    below = f"{np.minimum(np.nan_to_num(built.said_kg[rows]), 0.0).sum():,.3f}"
    kg = np.nan_to_num(flows.flows["mass_kg"][rows])
    lots = flows.flows["lot"][rows][np.argsort(-kg, kind="stable")] if heaviest else flows.flows["lot"][rows]
    named = [flows.names[lot] for lot in dict.fromkeys(lots[lots >= 0].tolist())]
    first = f"of lot {named[0]}" if named else "of what is in process or lost"
    others = f" and {rows.size - 1:,} flows more, of {len(named):,} lots in all" if rows.size > 1 else ""
    return Finding(
        code=code,
        sentence=f"{what.format(element=element)} in a flow {first}{others}: {reason.format(below=below)}.",
        weight="weak" if code == "origin.negative_stock" else "note",
        settle=tuple(Settle(act=act, subject=lot, detail=detail.format(element=element)) for lot in named[:NAMED]),
    )


def _gains(built: Built) -> tuple[Finding, ...]:
    """What leaves nodes more than is known to come."""
    gained = np.flatnonzero(built.gap_mg < 0)
    if not gained.size:
        return ()
    flows, most = built.flows, int(gained[np.argmin(built.gap_mg[gained])])
    node = int(np.flatnonzero(built.node == most)[0])
    names = [flows.name(int(flows.nodes[column][node])) for column in ("lot", "name", "place")]
    where = next((one for one in names if one), "a place without a name")
    total, largest = (-int(built.gap_mg[at].sum()) / 1e6 for at in (gained, most))
    return (
        Finding(
            code="origin.gain",
            sentence=f"{total:,.3f} kg of {built.graph.element} left {gained.size:,} states more than is known to have "
            f"come, {largest:,.3f} kg of it at {where}; it counts as untraced.",
            weight="note",
            settle=(
                Settle(act="weighing", subject=where, detail="What came that is not recorded, or weighings again."),
            ),
        ),
    )
