"""Sharing: what all readings of one instrument have in common, in what is unaccounted for in each account and period.

The covariance of an account as recorded has in it what is random, and an assay that serves several flows. What a
scale, a laboratory or a standard is off by all the time stands in every mass it touches, and does not average away: it
is said here, as far as certificates and the policy tell it. With e_pb the kilograms by which the gap of period p is off
where bias b is one, and u_b how well it is known, what is known is ``sum_b e_pb known_b`` and the covariance
``sum_b e_pb e_qb u_b^2``. Source: JCGM 100:2008, 5.2.2 and F.1.2.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from lodeline.chemistry.species import species
from lodeline.metal.balance.entries import GAP
from lodeline.metal.flows.words import NO_TIME, QUANTITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.balance.accounting import Accounts
    from lodeline.metal.balance.layout import AccountKey
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.instruments import Calibration, Instruments
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]

WATER = "H2O"
"""The subject of what a laboratory is off by in moistures."""

Key = tuple[str, str, int, str, str]
"""Whose bias it is: kind, id, calibration, and of a laboratory what it found and by which method."""


class Off(NamedTuple):
    """What an instrument may be off by.

    Attributes:
        key: Whose bias it is. relative: a part of the value; else kg. known: what is known of it. u: how well, k = 1.
    """

    key: Key
    relative: bool
    known: float
    u: float


class Shared(NamedTuple):
    """What biases do to an account.

    Attributes:
        known_kg: (period,) what is missing by what is known of them.
        covariance_kg2: (period, period) by how well it is known.
    """

    known_kg: Array
    covariance_kg2: Array


def offs(
    instruments: Instruments,
    policy: Policy,
    kind: Literal["scale", "laboratory"],
    uri: str,
    at: int,
    subject: str = "",
    method: str = "",
) -> Iterator[Off]:
    """What a reading shares with the others of its instrument, and with all of its standard; nothing where nobody says.

    Args:
        at: Instant of the reading, UTC microseconds.
        subject: Of a laboratory the element, or :data:`WATER`. method: of a laboratory.
    """
    of = instruments.in_force(kind, uri, at)
    if of is not None and of.known:
        yield from _own(of, subject, method)
    else:
        supposed = policy.uncertainty.bias
        laboratory = supposed.moisture if subject == WATER else supposed.laboratory
        assumed = supposed.scale if kind == "scale" else laboratory
        if assumed is not None:
            period = 0 if of is None else of.period
            known = 0.0 if of is None else of.relative
            yield Off((kind, uri, period, subject, method), True, known, float(assumed))
    standard = None if of is None else instruments.shared(of, at)
    if standard is not None and standard.relative_u is not None:
        key = ("standard", standard.id, standard.period, "", "")
        yield Off(key, True, standard.relative, standard.relative_u)


def _own(of: Calibration, subject: str, method: str) -> Iterator[Off]:
    key = (of.kind, of.id, of.period, subject, method)
    if of.relative_u is not None:
        yield Off(key, True, of.relative, of.relative_u)
    if of.offset_u_kg is not None:
        yield Off(key, False, of.offset_kg, of.offset_u_kg)


class Sharing:
    """The readings that accounts rest on, with what each is off by; asked of one account after another.

    Args:
        flows: Of the book.
    """

    def __init__(self, flows: Flows, instruments: Instruments, policy: Policy) -> None:
        self._flows, self._instruments, self._policy = flows, instruments, policy
        measured = flows.measurements
        chosen = measured["chosen"].astype(bool)
        self._weighed = np.full(flows.flows.rows, -1, dtype=np.int64)
        for word in ("gross", "net"):
            rows = np.flatnonzero(chosen & (measured["quantity"] == QUANTITY[word]))
            self._weighed[measured["flow"][rows]] = rows
        self._offs: dict[int, tuple[Off, ...]] = {}

    def of(self, accounts: Accounts, key: AccountKey, periods: tuple[str, ...]) -> Shared:
        """What biases do to the gap of an account in some periods, by their labels."""
        sheets = accounts.sheets
        account, labels = sheets.place.keys.index(key), sheets.calendar.labels
        sums = []
        for label in periods:
            gaps = sheets.entries(account, tuple(GAP.values()), labels.index(label))
            sums.append((gaps.row[gaps.sign > 0], gaps.row[gaps.sign < 0]))
        parts = sheets.recorded.parts(sums)
        masses = sheets.recorded.mass.kg.size
        numbers: dict[Key, int] = {}
        known: list[float] = []
        u: list[float] = []
        effects: list[tuple[int, int, float]] = []
        for period, source, off_by in zip(parts.sum.tolist(), parts.source.tolist(), parts.u_kg.tolist(), strict=True):
            if not off_by > 0 and not off_by < 0:
                continue  # it cancels, or nobody gave an uncertainty, so that the period has no balance to judge
            row, per_unit, value = self._reading(source, masses, off_by)
            for one in self.offs(row) if row >= 0 else ():
                if one.key not in numbers:
                    numbers[one.key] = len(numbers)
                    known.append(one.known)
                    u.append(one.u)
                effects.append((period, numbers[one.key], per_unit * (value if one.relative else 1.0)))
        effect = np.zeros((len(periods), len(numbers)))
        for period, number, kg in effects:
            effect[period, number] += kg
        spread = effect * np.array(u)
        return Shared(effect @ np.array(known), spread @ spread.T)

    def _reading(self, source: int, masses: int, off_by: float) -> tuple[int, float, float]:
        """The row of a source, by how much the sum is off per unit of its reading, and what the reading counts as."""
        measured, flow = self._flows.measurements, self._flows.flows
        if source >= masses:
            row = source - masses
            return row, off_by / float(measured["u"][row]), float(measured["value"][row])
        if source >= flow.rows or self._weighed[source] < 0:
            return -1, 0.0, 0.0
        return int(self._weighed[source]), off_by / float(flow["mass_u_kg"][source]), float(flow["mass_kg"][source])

    def offs(self, row: int) -> tuple[Off, ...]:
        """What the reading in a row of the measurements shares with others."""
        if row not in self._offs:
            self._offs[row] = tuple(self._off_of(row))
        return self._offs[row]

    def _off_of(self, row: int) -> Iterator[Off]:
        measured, names = self._flows.measurements, self._flows.names
        quantity = int(measured["quantity"][row])
        laboratory = quantity in (QUANTITY["moisture"], QUANTITY["fraction"])
        by = int(measured["laboratory" if laboratory else "device"][row])
        if by < 0:
            return
        at = int(measured["at"][row])
        if at == NO_TIME:
            at = int(self._flows.nodes["at"][self._flows.flows["tail"][measured["flow"][row]]])
        subject = method = ""
        if laboratory:
            subject = WATER
            if quantity == QUANTITY["fraction"]:
                subject = species(names[int(measured["species"][row])]).symbol
            method = names[int(measured["method"][row])] if measured["method"][row] >= 0 else ""
        kind: Literal["scale", "laboratory"] = "laboratory" if laboratory else "scale"
        yield from offs(self._instruments, self._policy, kind, names[by], at, subject, method)
