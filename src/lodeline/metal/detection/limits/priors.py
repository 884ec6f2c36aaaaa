"""Priors: how far off scales and laboratories may be, from the records of their calibrations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.ids.epc import canonical
from lodeline.metal.flows.words import QUANTITY

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.instruments import Calibration, Instruments, Kind


class Priors(NamedTuple):
    """Standard uncertainty (k = 1) of a bias, as a part of the value, by the URI of the instrument.

    Attributes:
        scale_u: Of scales.
        laboratory_u: Of laboratories, in each element and in moisture.
    """

    scale_u: dict[str, float]
    laboratory_u: dict[str, float]


def priors(flows: Flows, instruments: Instruments) -> Priors:
    """What the master data say of the instruments that the flows name; the largest of all their calibrations.

    The bias of the standard is in it: two instruments of one standard are then compared as if each had its own, which
    makes what they differ by less telling than it is. A bias that is the same at every load is taken at the median load
    of that scale.
    """
    measured = flows.measurements
    scale_u: dict[str, float] = {}
    laboratory_u: dict[str, float] = {}
    tables: tuple[tuple[str, Kind, dict[str, float]], ...] = (
        ("device", "scale", scale_u),
        ("laboratory", "laboratory", laboratory_u),
    )
    for column, kind, found in tables:
        for index in np.unique(measured[column]).tolist():
            name = flows.name(index)
            if name is None:
                continue
            load_kg = _load(flows, index) if kind == "scale" else math.nan
            calibrations = [one for one in instruments.all(kind) if one.id == canonical(name)]
            u = max((_u(instruments, one, load_kg) for one in calibrations if one.known), default=0.0)
            if u > 0:
                found[name] = u
    return Priors(scale_u, laboratory_u)


def _load(flows: Flows, device: int) -> float:
    measured = flows.measurements
    read = (measured["device"] == device) & (measured["quantity"] == QUANTITY["net"]) & (measured["value"] > 0)
    return float(np.median(measured["value"][read])) if read.any() else math.nan


def _u(instruments: Instruments, one: Calibration, load_kg: float) -> float:
    own = one.relative_u if one.relative_u is not None else (one.offset_u_kg or 0.0) / load_kg
    standard = instruments.shared(one, one.begins)
    return math.hypot(own, (standard.relative_u if standard is not None else None) or 0.0)
