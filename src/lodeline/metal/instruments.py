"""Instruments by day: what the master data say of the bias of scales, laboratories and standards.

What an instrument reads is ``truth * (1 + relative) + offset``, and on top of that the same of the standard it was
calibrated with. What the master data give of ``relative`` and ``offset`` is what is known, and how well.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, Protocol

from lodeline.ids.epc import canonical
from lodeline.metal.values import Registered

Kind = Literal["scale", "laboratory", "standard"]
KINDS: tuple[Kind, ...] = ("scale", "laboratory", "standard")
ALWAYS = -(2**63)
"""When a record without ``valid_from`` begins: before everything."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Dated(Registered, Protocol):
    """A record of the master data that says from when it holds."""

    @property
    def valid_from(self) -> str | None:
        """The day, ISO 8601, at whose beginning in UTC it comes into force; None: always."""


class Calibration(NamedTuple):
    """What is known of the bias of an instrument (its own) or of a standard (shared), from one record to the next.

    Attributes:
        kind: ``scale``, ``laboratory`` or ``standard``.
        id: Its URI, in canonical spelling.
        period: Its place, from 0 on, among the records of this instrument by the day they begin. The bias is another
            in each: whoever estimates it has one unknown for each ``(kind, id, period)``.
        begins: Instant from which it holds, microseconds since 1970 in UTC; :data:`ALWAYS` where no day is said.
        standard: Canonical URI of the standard it was calibrated with; None where none is named.
        relative: Known bias as a part of the value; 0 where none is known.
        offset_kg: Known bias that is the same at every load, kg; 0 where none is known.
        relative_u: Standard uncertainty (k = 1) of ``relative``, > 0; None where it is not of this kind or unknown.
        offset_u_kg: Standard uncertainty (k = 1) of ``offset_kg``, kg, > 0; None where it is not of this kind or
            unknown.
    """

    kind: Kind
    id: str
    period: int
    begins: int
    standard: str | None
    relative: float
    offset_kg: float
    relative_u: float | None
    offset_u_kg: float | None

    @property
    def known(self) -> bool:
        """Whether the record says how well the bias is known. If it does not, the prior is unknown, and never zero."""
        return self.relative_u is not None or self.offset_u_kg is not None


class Instruments:
    """The calibrations of every registered scale, laboratory and standard; made by :meth:`of`."""

    def __init__(self, calibrations: Mapping[tuple[Kind, str], tuple[Calibration, ...]]) -> None:
        self._calibrations = calibrations
        self._begins = {key: [one.begins for one in listed] for key, listed in calibrations.items()}

    @classmethod
    def of(cls, records: Iterable[Dated]) -> Instruments:
        """The calibrations that master data hold.

        A record holds from its day on until the day of the next; of two of one day the one recorded later, which is
        how a mistake is mended. One without a day holds always: it replaces all that was recorded of the id before it.

        Args:
            records: Master data of any kind, in ledger order.
        """
        by_day: dict[tuple[Kind, str], dict[int, Mapping[str, Any]]] = {}
        for record in records:
            kind = next((one for one in KINDS if one == record.kind), None)
            if kind is None:
                continue
            begins = ALWAYS if record.valid_from is None else instant(date.fromisoformat(record.valid_from))
            days = by_day.setdefault((kind, canonical(record.id)), {})
            if begins == ALWAYS:
                days.clear()
            days[begins] = record.attributes
        return cls(
            {
                (kind, uri): tuple(
                    _calibration(kind, uri, period, begins, days[begins]) for period, begins in enumerate(sorted(days))
                )
                for (kind, uri), days in by_day.items()
            }
        )

    def scale(self, uri: str, at: int | date) -> Calibration | None:
        """The calibration of a scale in force at an instant; None: not registered, or not yet.

        Args:
            uri: Its identifier, in any spelling.
            at: Microseconds since 1970 in UTC, a datetime with its offset, or a day, which stands for its beginning
                in UTC.
        """
        return self.in_force("scale", uri, at)

    def laboratory(self, uri: str, at: int | date) -> Calibration | None:
        """As :meth:`scale`, of a laboratory: ``relative_u`` is of each element, and of moisture, on its own."""
        return self.in_force("laboratory", uri, at)

    def standard(self, uri: str, at: int | date) -> Calibration | None:
        """As :meth:`scale`, of a standard: the bias that all instruments calibrated with it share."""
        return self.in_force("standard", uri, at)

    def in_force(self, kind: Kind, uri: str, at: int | date) -> Calibration | None:
        """As :meth:`scale`, of any kind."""
        key = (kind, canonical(uri))
        place = bisect_right(self._begins.get(key, ()), instant(at))
        return self._calibrations[key][place - 1] if place else None

    def shared(self, calibration: Calibration, at: int | date) -> Calibration | None:
        """The standard an instrument was calibrated with, as it was on the day of the calibration.

        A standard that is renewed changes no instrument before its next calibration. An instrument whose calibration
        has no day takes the standard as it is at the instant.

        Args:
            calibration: Of the instrument.
            at: The instant of the reading, which counts where the calibration has no day.

        Returns:
            None where no standard is named, or the one named is not registered, or not from that day on.
        """
        if calibration.standard is None:
            return None
        return self.standard(calibration.standard, at if calibration.begins == ALWAYS else calibration.begins)

    def all(self, kind: Kind) -> tuple[Calibration, ...]:
        """Every calibration of a kind: by id in the order in which each was first recorded, then by day."""
        return tuple(one for (found, _), listed in self._calibrations.items() if found == kind for one in listed)


def instant(at: int | date) -> int:
    """Microseconds since 1970 in UTC of an instant, or of the beginning of a day in UTC."""
    if isinstance(at, int):
        return at
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return (at - _EPOCH) // timedelta(microseconds=1)


def _calibration(kind: Kind, uri: str, period: int, begins: int, attributes: Mapping[str, Any]) -> Calibration:
    """The calibration of a record. Exact until here; from here on it is computed with, and so float."""
    bias, u, load_kg = (_number(attributes.get(name)) for name in ("bias", "bias_u", "bias_load"))
    offset = kind == "scale" and load_kg is None
    # In kg at a load, or in percent of the value.
    whole = Decimal(100) if kind != "scale" else load_kg or Decimal(1)
    part = None if bias is None else float(bias / whole)
    part_u = None if u is None else float(u / whole)
    standard = attributes.get("standard")
    return Calibration(
        kind=kind,
        id=uri,
        period=period,
        begins=begins,
        standard=canonical(standard) if isinstance(standard, str) and standard else None,
        relative=0.0 if offset else part or 0.0,
        offset_kg=part or 0.0 if offset else 0.0,
        relative_u=None if offset else part_u,
        offset_u_kg=part_u if offset else None,
    )


def _number(said: Any) -> Decimal | None:
    """A number of the master data; None where none is recorded."""
    return said if isinstance(said, Decimal) else None
