"""Readings that may be wrong by an amount that is known beforehand."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.chemistry.species import AsElement, AsOxide, species
from lodeline.metal.detection.faults.peers import assayed, grades
from lodeline.metal.detection.faults.series import FRACTION, MASS
from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.series import Listed
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


ALIKE = 3.0
"""A lot that is unlike its peers by more of their spreads is of a kind of its own, and they say nothing of it."""


class Mistakes(NamedTuple):
    """Readings that may be wrong by an amount known beforehand; (mistake,) each.

    Attributes:
        reading: Place in the list of readings. shift: by how much it would be too high, in its unit. meant: a formula,
            or empty.
        peers: How far it is from what is usual among its peers, in how far they differ. by_peers: by how much of that
            the mistake would have moved it; 0 where peers say nothing.
    """

    reading: Rows
    shift: Array
    meant: tuple[str, ...]
    peers: Array
    by_peers: Array


def received_in_parts(flows: Flows, of: Listed) -> Mistakes:
    """Weighings of receipts of a road that had several: any of them may be of a load that was booked already."""
    flow = flows.flows
    receipt = flow["kind"] == FLOW["receive"]
    count = np.bincount(flow["tail"][receipt], minlength=flows.nodes.rows)
    parts = receipt & (count[flow["tail"]] > 1)
    reading = np.flatnonzero((of.kind == MASS) & parts[of.flow])
    value = flows.measurements["value"][of.row[reading]]
    none = np.zeros(reading.size)
    return Mistakes(reading, np.asarray(value, dtype=np.float64), ("",) * reading.size, none, none)


def other_species(flows: Flows, ledger: LedgerModel, of: Listed, x: Array) -> Mistakes:
    """Assay lines of which the number may be that of another species of the element.

    What the lot would have without the mistake is likelier or not among lots of its kind; that is evidence too.

    Args:
        ledger: The problem. x: (variable,) a solution, for what is usual.
    """
    value = ledger.model.value
    said = flows.measurements["species"]
    reading: list[Rows] = []
    shift: list[Array] = []
    meant: list[str] = []
    lines = np.flatnonzero(of.kind == FRACTION)
    for code in np.unique(said[of.row[lines]]).tolist():
        these = lines[said[of.row[lines]] == code]
        known = species(flows.names[code])
        for other in _reported(known.symbol):
            factor = float(known.element_factor) / float(other.element_factor)
            if factor == 1:
                continue
            reading.append(these)
            # What stands there is ``factor`` times what was found.
            shift.append(value[of.observation[these]] * (1 - 1 / factor))
            meant += [other.formula] * these.size
    if not reading:
        none = np.zeros(0)
        return Mistakes(none.astype(np.int64), none, (), none, none)
    readings, shifts = np.concatenate(reading), np.concatenate(shift)
    usual = grades(flows, ledger, assayed(ledger, x))
    composition, subject = ledger.streams.composition[of.flow[readings]], of.subject[readings]
    middle, apart = usual.middle[composition, subject], usual.apart[composition, subject]
    told = (apart > 0) & ~of.wet[readings]
    away = np.where(told, (value[of.observation[readings]] - middle) / np.where(told, apart, 1.0), np.inf)
    by_peers = np.where(np.abs(away) <= ALIKE, shifts / np.where(told, apart, 1.0), 0.0)
    return Mistakes(readings, shifts, tuple(meant), np.where(by_peers != 0, away, 0.0), by_peers)


@cache
def _reported(symbol: str) -> tuple[AsElement | AsOxide, ...]:
    """The element, and every oxide of the chemistry tables in which it is reported."""
    text = (resources.files("lodeline.chemistry") / "tables" / "compounds.csv").read_text("utf-8")
    formulas = [row["formula"] for row in csv.DictReader(text.splitlines()) if row["element"] == symbol]
    return tuple(one for one in map(species, (symbol, *formulas)) if isinstance(one, AsElement | AsOxide))
