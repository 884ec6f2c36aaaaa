"""What a policy may suppose, as typed values: uncertainties, losses, what counts as closed, what a plant can do."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

Period = Literal["day", "week", "month", "quarter", "year"]
"""How long a period of balances is."""


class Uncertain(msgspec.Struct, frozen=True, kw_only=True):
    """A supposed standard uncertainty (k = 1): a part of the value, an amount, or both, which add in quadrature.

    Attributes:
        relative: As a part of the value, > 0; None if not said.
        absolute: In the unit of the value (kg, or kg per kg), > 0; None if not said.
    """

    relative: Decimal | None = None
    absolute: Decimal | None = None

    def of(self, value: Decimal) -> Decimal:
        """The standard uncertainty of a value, in its unit: ``sqrt((relative * value)^2 + absolute^2)``."""
        return (((self.relative or 0) * value) ** 2 + (self.absolute or Decimal(0)) ** 2).sqrt()


class Biases(msgspec.Struct, frozen=True, kw_only=True):
    """Supposed standard uncertainties (k = 1) of the bias of instruments whose master data give none.

    Each is a part of the value, > 0; None: unknown.

    Attributes:
        scale: Of a scale.
        laboratory: Of a laboratory in each line of an assay.
        moisture: Of a laboratory in a moisture.
    """

    scale: Decimal | None = None
    laboratory: Decimal | None = None
    moisture: Decimal | None = None


class Uncertainties(msgspec.Struct, frozen=True, kw_only=True):
    """Standard uncertainties where an event gives none; the more particular one holds.

    Attributes:
        declared: Of a declared mass that no weighing backs, kg. None: unknown, and it is no measurement.
        weighing: Of any weighing, kg. moisture: of any moisture, kg per kg. assay: of any line of an assay, kg per kg.
        device: Of weighings on a scale, by its id; before ``weighing``. None: unknown for this one.
        laboratory: Of assays and moistures of a laboratory, by its id; before ``assay`` and ``moisture``.
        method: Of assays and moistures by a method, by its name; before ``laboratory``.
        bias: Of what an instrument is off by all the time, where the master data give none.
    """

    declared: Uncertain | None = None
    weighing: Uncertain | None = None
    moisture: Uncertain | None = None
    assay: Uncertain | None = None
    device: Mapping[str, Uncertain | None] = {}
    laboratory: Mapping[str, Uncertain | None] = {}
    method: Mapping[str, Uncertain | None] = {}
    bias: Biases = Biases()

    def of_weighing(self, device: str | None) -> Uncertain | None:
        """What is supposed of a weighing on a scale."""
        return self.device.get(device or "", self.weighing)

    def of_moisture(self, laboratory: str | None, method: str | None) -> Uncertain | None:
        """What is supposed of a moisture."""
        return self.method.get(method or "", self.laboratory.get(laboratory or "", self.moisture))

    def of_assay(self, laboratory: str | None, method: str | None) -> Uncertain | None:
        """What is supposed of one line of an assay."""
        return self.method.get(method or "", self.laboratory.get(laboratory or "", self.assay))


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What is supposed to be lost on the road, as a part of what left (dry mass or water): expected, ± u (k = 1)."""

    expected: Decimal
    u: Decimal


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """The largest imbalance that counts as closed: the larger of a part of the largest flow and an amount.

    Attributes:
        relative: As a part of the largest flow of the balance, > 0; None if not said.
        kg: Kilograms, > 0; None if not said.
    """

    relative: Decimal | None = None
    kg: Decimal | None = None

    def of(self, largest_kg: float) -> float:
        """The largest imbalance, kg, of a balance whose largest flow is given, kg."""
        return max(float(self.relative or 0) * abs(largest_kg), float(self.kg or 0))


class Range(NamedTuple):
    """From ``low`` to ``high``, both included and not below zero."""

    low: Decimal
    high: Decimal


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a process or a plant can do; what it is not said of has no limit.

    Attributes:
        mass_yield: Dry mass of all that comes out, declared losses left out, per dry mass that goes in.
        recovery: By symbol of the element: the part of it that reaches the product.
        upgrade: By symbol of the element: its fraction in the dry product over that in the dry feed.
        capacity_t_per_day: Most dry mass that comes out in a day, t.
    """

    mass_yield: Range | None = None
    recovery: Mapping[str, Range] = {}
    upgrade: Mapping[str, Range] = {}
    capacity_t_per_day: Decimal | None = None
