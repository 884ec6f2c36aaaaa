"""Planted faults and what was found: which finding is of which fault, and how each would show to one who knows it.

The truth of a programme is read here and in the tests, and nowhere in the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.metal.detection.faults.field import Direction
from lodeline.metal.detection.faults.ledger import Faults
from lodeline.metal.detection.faults.series import FRACTION, MASS, MOISTURE
from lodeline.metal.detection.faults.told import Fault
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.words import FLOW

Array = NDArray[np.float64]

KINDS = (
    "biased weighbridge",
    "biased laboratory",
    "moisture drift",
    "double receipt",
    "lost consignment",
    "oxide as element",
)
"""The faults that are of metal; foreign material is one of origin."""
PURE_U = 0.001
"""Relative standard uncertainty up to which a line is of a pure metal, which is reported as what impurities leave."""


class Planted(NamedTuple):
    """One planted fault.

    Attributes:
        kind, subject, element, start, end, size, size_u, lots: As in the truth.
        entries: Of its false events.
    """

    kind: str
    subject: str
    element: str | None
    start: float
    end: float
    size: float
    size_u: float
    lots: frozenset[str]
    entries: frozenset[int]


class Told(NamedTuple):
    """One finding, as it is held against the truth.

    Attributes:
        code, weight, element, lots, entries: As it says.
        instrument, begins, ends: Of a window; else None.
        size, size_u: As estimated; NaN where nothing was.
        group: What the data do not tell from it: the same of each, without sizes.
    """

    code: str
    weight: str
    element: str | None
    lots: frozenset[str]
    entries: frozenset[int]
    instrument: str | None
    begins: float
    ends: float
    size: float
    size_u: float
    group: tuple[Told, ...] = ()


def planted(summary: Mapping[str, Any], entry_of: Mapping[str, int]) -> list[Planted]:
    """The faults of a programme, foreign material too.

    Args:
        summary: Of the truth.
        entry_of: The entry of each event, by its hash id.
    """
    return [
        Planted(
            kind=one["kind"],
            subject=one["subject"] or "",
            element=one["element"],
            start=one["start"],
            end=one["end"],
            size=one["size"],
            size_u=one["size_u"],
            lots=frozenset(one["lots"]),
            entries=frozenset(entry_of[event] for event in one["events"] if event in entry_of),
        )
        for one in summary["faults"]
    ]


def told(fault: Fault) -> Told:
    """A fault of the search."""
    code = {"instrument": "window", "lost": "metal.lost_on_road", "gained": "metal.gained_on_road"}
    own = _told(fault.suspicion, fault.instrument, fault.begins, fault.ends)
    # The lots and entries of a suspicion are those of its group too.
    group = tuple(
        Told(
            code=_window_code(one.element, moisture=one.moisture)
            if code.get(one.family) == "window"
            else {"species": "metal.oxide_as_element", "receipt": "metal.received_twice"}.get(
                one.family, code.get(one.family, one.family)
            ),
            weight=fault.suspicion.weight,
            element=one.element,
            lots=frozenset(one.lots),
            entries=frozenset(one.entries),
            instrument=one.instrument if one.family == "instrument" else None,
            begins=one.begins / 1e6,
            ends=one.ends / 1e6,
            size=np.nan,
            size_u=np.nan,
        )
        for one in fault.rivals
    )
    others = frozenset(lot for one in group for lot in one.lots)
    lots = frozenset(fault.suspicion.lots[:1]) | (own.lots - others)
    return own._replace(size=fault.size, size_u=fault.size_u, group=group, lots=lots)


def told_limit(one: Suspicion) -> Told:
    """A finding of a limit."""
    return _told(one, None, None, None)


def _told(one: Suspicion, instrument: str | None, begins: int | None, ends: int | None) -> Told:
    return Told(
        code=one.code,
        weight=one.weight,
        element=one.element,
        lots=frozenset(one.lots),
        entries=frozenset(one.entries),
        instrument=instrument,
        begins=-np.inf if begins is None else begins / 1e6,
        ends=np.inf if ends is None else ends / 1e6,
        size=np.nan,
        size_u=np.nan,
    )


def _window_code(element: str | None, *, moisture: bool) -> str:
    if moisture:
        return "metal.moisture_drift"
    return "metal.scale_off" if element is None else "metal.laboratory_off"


CODES: Mapping[str, tuple[str, ...]] = {
    "biased weighbridge": ("metal.scale_off", "reconcile.bias_far"),
    "biased laboratory": ("metal.laboratory_off", "reconcile.bias_far"),
    "moisture drift": ("metal.moisture_drift", "reconcile.bias_far"),
    "double receipt": ("metal.received_twice", "metal.gained_on_road"),
    "lost consignment": ("metal.lost_on_road", "metal.overdue_on_road"),
    "oxide as element": ("metal.oxide_as_element",),
    "foreign material": ("metal.unlike_peers",),
}
"""The codes by which each kind is named."""
INSTRUMENTS = ("biased weighbridge", "biased laboratory", "moisture drift")


def names(finding: Told, fault: Planted) -> bool:
    """Whether a finding is of the right kind and about the right thing: the instrument in its time, or the lot."""
    if finding.code not in CODES[fault.kind]:
        return False
    if fault.kind not in INSTRUMENTS:
        same_element = finding.element == fault.element or fault.kind == "foreign material"
        return bool(finding.lots & fault.lots) and same_element
    overlaps = finding.begins <= fault.end and finding.ends >= fault.start
    same = (finding.instrument or "").endswith("/" + fault.subject) and finding.element == fault.element
    return overlaps and same


def in_group(finding: Told, fault: Planted) -> bool:
    """Whether the fault is among what the data do not tell from a finding."""
    return any(names(one, fault) for one in finding.group)


def right(finding: Told, faults: Sequence[Planted]) -> bool:
    """Whether a finding is no false one: it names a fault or its group does, it rests on an event that is false, or it
    says that a load came which did.
    """
    if any(names(finding, one) or in_group(finding, one) for one in faults):
        return True
    if finding.code == "metal.receipt_left_out":
        return not any(one.kind == "double receipt" and finding.lots & one.lots for one in faults)
    alone = finding.instrument is None
    return alone and any(finding.entries & one.entries for one in faults if one.kind in KINDS)


def shows(found: Faults, fault: Planted) -> float:
    """How far T would be off to one who knows the fault's place, time and shape: no test does better.

    Infinite where nothing came of a whole consignment, which needs no statistics.
    """
    hypotheses = found.search.hypotheses
    listed, model, flows = hypotheses.listed, hypotheses.field.model, hypotheses.flows
    entry = flows.measurements["seq"][listed.row]
    mine = np.isin(entry, list(fault.entries))
    if fault.kind in ("lost consignment", "double receipt"):
        return _road_shows(found, fault)
    kind = {"biased weighbridge": MASS, "moisture drift": MOISTURE}.get(fault.kind, FRACTION)
    reading = np.flatnonzero(mine & (listed.kind == kind))
    if kind == FRACTION:
        reading = reading[listed.subject[reading] == hypotheses.ledger.elements.index(fault.element or "")]
    if kind == MASS:
        names_of = np.array([*flows.names, ""])
        reading = reading[[str(name).endswith("/" + fault.subject) for name in names_of[listed.by[reading]]]]
    if not reading.size:
        return 0.0
    rows = listed.observation[reading]
    value = model.value[rows]
    shift = fault.size * value / (1 + fault.size)
    if fault.kind == "biased laboratory":
        # A pure metal is reported as what its impurities leave.
        shift = np.where(model.u[rows] <= 1.5 * PURE_U * value, 0.0, fault.size * value)
    elif fault.kind == "moisture drift":
        at = listed.at[reading] / 1e6
        shift = fault.size * np.clip((at - fault.start) / (fault.end - fault.start), 0.1, 1.0)
    return found.search.shows(Direction.of_readings(rows, shift))


def _road_shows(found: Faults, fault: Planted) -> float:
    """A load, or a part of it, that did not come or came twice, as a leak of its road."""
    hypotheses = found.search.hypotheses
    flow, ledger = hypotheses.flows.flows, hypotheses.ledger
    kind = FLOW["ship"] if fault.kind == "lost consignment" else FLOW["receive"]
    rows = np.flatnonzero(np.isin(flow["seq"], list(fault.entries)) & (flow["kind"] == kind))
    if not rows.size:
        return 0.0
    road = int(flow["head" if kind == FLOW["ship"] else "tail"][rows[0]])
    if not (flow["kind"][flow["tail"] == road] == FLOW["receive"]).any():
        return np.inf
    at = np.flatnonzero(ledger.streams.nodes == road)
    if not at.size:
        return 0.0
    leak = Direction.of_leak(ledger.balance[at], np.array([fault.size]))
    uncounted = [one for one in hypotheses.again.loads if one.node == road]
    of_uncounted = max((found.search.shows(one.direction) for one in uncounted), default=0.0)
    return max(found.search.shows(leak), of_uncounted if fault.kind == "double receipt" else 0.0)
