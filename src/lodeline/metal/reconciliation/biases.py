"""Biases: what each instrument, and each standard that several share, is off by between two calibrations.

One unknown for each instrument and calibration, and of a laboratory for each element and method; one for each standard,
so that what all scales have from one set of masses does not average away. Each has the prior of its certificate. What
is known of an instrument without one is nothing, unless the policy supposes something; that is said and never zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lodeline.metal.instruments import Calibration, Instruments, Kind
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.building import Building
    from lodeline.metal.reconciliation.readings import Readings

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

WATER = "H2O"
"""The subject of a laboratory's moistures."""
LOOSE_PRIOR = 10.0
"""A bias is written in units of so many of its prior standard uncertainties; it sets what counts as small only."""


class Bias(NamedTuple):
    """One unknown bias.

    Attributes:
        kind: ``scale``, ``laboratory`` or ``standard``.
        id: URI of the instrument or standard.
        subject: Of a laboratory the element or ``H2O``; else empty.
        method: Of a laboratory; else empty.
        period: Which calibration, from 0 on; begins: instant from which it holds, UTC microseconds.
        unit: ``relative``, or ``kg`` of a scale that is off by the same at every load.
        prior, prior_u: What is known of it before any balance.
        supposed: Whether a policy supposes the prior.
    """

    kind: str
    id: str
    subject: str
    method: str
    period: int
    begins: int
    unit: str
    prior: float
    prior_u: float
    supposed: bool


class Biases:
    """The biases of a problem while it is built.

    Attributes:
        listed: Each bias. variable: its number among the variables; observation: that of its prior.
        without: Indices of names of instruments of whose bias nothing is known.
    """

    def __init__(self, building: Building, instruments: Instruments, policy: Policy, names: Sequence[str]) -> None:
        self._building, self._instruments, self._policy, self._names = building, instruments, policy, names
        self.listed: list[Bias] = []
        self.variable: list[int] = []
        self.observation: list[int] = []
        self.without: set[int] = set()
        self._at: dict[tuple[str, str, str, str, int, str], int] = {}

    def apply(self, observed: Readings, rows: Rows, variable: Rows, subjects: Sequence[str] | None = None) -> None:
        """Say that these observations read ``variable * (1 + bias) + offset``.

        Args:
            observed: The readings.
            rows: (reading,) their observations; the term ``variable`` itself is there already.
            variable: (reading,) what was read.
            subjects: Of a laboratory, what ``observed.subject`` indexes; None for masses.
        """
        keys = np.stack([observed.by, observed.method, observed.subject], axis=1)
        if subjects is None:
            keys[:, 1:] = -1
        unique, inverse = np.unique(keys, axis=0, return_inverse=True)
        for number, (by, method, subject) in enumerate(unique.tolist()):
            these = np.flatnonzero(inverse.ravel() == number)
            said = subjects[subject] if subjects is not None else ""
            name = self._names[method] if method >= 0 else ""
            self._instrument(by, said, name, observed.at[these], rows[these], variable[these], subjects is not None)

    def _instrument(
        self, by: int, subject: str, method: str, at: Rows, rows: Rows, variable: Rows, laboratory: bool
    ) -> None:
        kind: Kind = "laboratory" if laboratory else "scale"
        calibrations = [one for one in self._instruments.all(kind) if by >= 0 and one.id == _id(self._names[by])]
        begins = np.array([one.begins for one in calibrations], dtype=np.int64)
        place = np.searchsorted(begins, at, side="right") - 1
        for number in np.unique(place).tolist():
            these = np.flatnonzero(place == number)
            calibration = calibrations[number] if number >= 0 else None
            own = self._own(kind, by, subject, method, calibration)
            if own is None:
                if by >= 0:
                    self.without.add(by)
                continue
            if own.unit == "kg":
                self._building.measures(rows[these], 1.0, np.full(these.size, self._number(own)))
            else:
                self._building.measures(rows[these], 1.0, variable[these], np.full(these.size, self._number(own)))
            if calibration is not None:
                self._standards(calibration, at[these], rows[these], variable[these])

    def _standards(self, calibration: Calibration, at: Rows, rows: Rows, variable: Rows) -> None:
        """What the readings share with all that were calibrated against the same standard."""
        # Of a dated calibration the standard is that of its day; of another one that of the reading.
        shared = [self._instruments.shared(calibration, instant) for instant in np.unique(at).tolist()]
        for one in dict.fromkeys(one for one in shared if one is not None and one.relative_u is not None):
            these = np.array([self._instruments.shared(calibration, instant) == one for instant in at.tolist()])
            bias = Bias(
                "standard", one.id, "", "", one.period, one.begins, "relative", one.relative, one.relative_u or 0.0,
                False,
            )  # fmt: skip
            number = self._number(bias)
            self._building.measures(rows[these], 1.0, variable[these], np.full(int(these.sum()), number))

    def _own(self, kind: Kind, by: int, subject: str, method: str, calibration: Calibration | None) -> Bias | None:
        """The bias of an instrument with its prior; None where nobody says or supposes how large it may be."""
        if by < 0:
            return None
        if calibration is None or not calibration.known:
            supposed = self._policy.uncertainty.bias
            laboratory = supposed.moisture if subject == WATER else supposed.laboratory
            assumed = supposed.scale if kind == "scale" else laboratory
            if assumed is None:
                return None
            period, begins = (0, 0) if calibration is None else (calibration.period, calibration.begins)
            prior = 0.0 if calibration is None else calibration.relative
            return Bias(kind, self._names[by], subject, method, period, begins, "relative", prior, float(assumed), True)
        if calibration.offset_u_kg is not None:
            prior, u, unit = calibration.offset_kg, calibration.offset_u_kg, "kg"
        else:
            assert calibration.relative_u is not None
            prior, u, unit = calibration.relative, calibration.relative_u, "relative"
        return Bias(
            kind, calibration.id, subject, method, calibration.period, calibration.begins, unit, prior, u, False
        )

    def _number(self, bias: Bias) -> int:
        """The variable of a bias, made with its prior at first mention."""
        key = (bias.kind, bias.id, bias.subject, bias.method, bias.period, bias.unit)
        found = self._at.get(key)
        if found is None:
            prior, u = np.array([bias.prior]), np.array([bias.prior_u])
            variable = self._building.variable(prior, LOOSE_PRIOR * u)
            row = self._building.observation(prior, u)
            self._building.measures(row, 1.0, variable)
            found = self._at[key] = int(variable[0])
            self.listed.append(bias)
            self.variable.append(found)
            self.observation.append(int(row[0]))
        return found


def _id(name: str) -> str:
    from lodeline.ids.epc import canonical

    return canonical(name)
