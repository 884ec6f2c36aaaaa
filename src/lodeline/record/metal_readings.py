"""Events in which something is measured: weighing, sampling, assay, moisture, stock-take."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from lodeline.chemistry.species import WATER_URI, Species, substance_uri
from lodeline.errors import RecordError
from lodeline.record.metal_act import Act, Amount, Event, allowed, base, not_negative, require_uri, uncertainty
from lodeline.record.metal_vocabulary import Basis, Rank, Weight, name
from lodeline.units.fraction import mass_fraction
from lodeline.units.mass import kilograms


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One mass off one scale.

    Attributes:
        weight: Whether it is gross, tare or net.
        value: In ``uom``, as printed on the ticket, >= 0.
        u: Standard uncertainty (k = 1) in ``uom``, > 0; None if unknown. It has no default.
        uom: UN/ECE Rec 20 code of a unit of mass.
        basis: Wet or dry; None if nobody said. It has no default.
        device: URI of the scale.
        mean: Whether ``value`` is the mean of several readings.

    Raises:
        RecordError: ``event.negative``, ``event.uncertainty``, ``event.vocabulary``, ``event.not_uri``.
        UnitError: ``unit.not_decimal``, ``unit.not_finite``, ``unit.unknown``, ``unit.not_mass``.
    """

    weight: Weight
    value: Decimal | int
    u: Decimal | int | None
    uom: str
    basis: Basis | None
    device: str | None = None
    mean: bool = False

    def report(self) -> Event:
        """The reading as an EPCIS sensor report."""
        kilograms(not_negative(self.value, field="value"), self.uom, field="value")
        report: Event = {"type": "Mass", "meanValue" if self.mean else "value": self.value}
        if uncertainty(self.u, field="u") is not None:
            report["sDev"] = self.u
        report["uom"] = self.uom
        if self.device is not None:
            report["deviceID"] = require_uri(self.device, field="deviceID")
        report[name("weight")] = allowed("weight", self.weight)
        if self.basis is not None:
            report[name("basis")] = allowed("basis", self.basis)
        return report


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an assay certificate.

    Attributes:
        substance: What was determined: element, oxide or sulfide. A URI where no table here knows it.
        value: Mass fraction in ``uom``; None if it was below detection.
        u: Standard uncertainty (k = 1) in ``uom``, > 0; None if unknown. It has no default.
        uom: UN/ECE Rec 20 code of a mass fraction: ``P1`` percent, ``59`` ppm …
        basis: Wet (as received) or dry; None if nobody said. It has no default.
        detection_limit: In ``uom``; given exactly when ``value`` is None.

    Raises:
        RecordError: ``event.value_missing``, ``event.negative``, ``event.uncertainty``, ``event.vocabulary``,
            ``event.not_uri``.
        UnitError: ``unit.not_decimal``, ``unit.not_finite``, ``unit.not_fraction``, ``unit.fraction_range``.
    """

    substance: Species | str
    value: Decimal | int | None
    u: Decimal | int | None
    uom: str
    basis: Basis | None
    detection_limit: Decimal | int | None = None

    def report(self) -> Event:
        """The line as an EPCIS sensor report."""
        if (self.value is None) == (self.detection_limit is None):
            raise RecordError(
                "event.value_missing",
                "Give either a value or, if the substance was not detected, the limit of detection.",
            )
        uri = self.substance if isinstance(self.substance, str) else substance_uri(self.substance)
        report: Event = {"type": name("MassFraction"), "chemicalSubstance": require_uri(uri, field="chemicalSubstance")}
        if self.value is not None:
            mass_fraction(not_negative(self.value, field="value"), self.uom, field="value")
            report["value"] = self.value
        elif self.detection_limit is not None:
            mass_fraction(not_negative(self.detection_limit, field="detection_limit"), self.uom)
            report |= {"minValue": 0, "maxValue": self.detection_limit, name("belowDetection"): True}
        if uncertainty(self.u, field="u") is not None:
            report["sDev"] = self.u
        report["uom"] = self.uom
        if self.basis is not None:
            report[name("basis")] = allowed("basis", self.basis)
        return report


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """Who found it, how, and what it is good for. None says that it is not known.

    Attributes:
        laboratory: URI of the laboratory.
        method: A standard's number, or the laboratory's own word.
        certificate: URI of the certificate; a document id where the book holds it.
        rank: Provisional, final or umpire.
    """

    laboratory: str | None
    method: str | None
    certificate: str | None
    rank: Rank | None

    def fields(self) -> Event:
        """As it stands in each report of the certificate."""
        written: Event = {}
        if self.laboratory is not None:
            written[name("laboratory")] = require_uri(self.laboratory, field="laboratory")
        if self.method is not None:
            written[name("method")] = self.method
        if self.certificate is not None:
            written[name("certificate")] = require_uri(self.certificate, field="certificate")
        if self.rank is not None:
            written[name("rank")] = allowed("rank", self.rank)
        return written


def weighing(act: Act, lot: str, readings: Sequence[Reading]) -> Event:
    """A lot is weighed: net, or gross and tare, in one event.

    Raises:
        RecordError: ``event.no_readings``, ``event.weight_twice``, ``event.tare``, and those of :class:`Reading`.
    """
    _check_readings(readings)
    return _observed(act, lot, "inspecting", [reading.report() for reading in readings])


def assay(
    act: Act, lot: str, results: Sequence[Result], certificate: Certificate, *, sample: str | None = None
) -> Event:
    """A lot is assayed: one certificate, one or more substances.

    Raises:
        RecordError: ``event.no_readings``, and those of :class:`Result`.
    """
    if not results:
        raise RecordError("event.no_readings", "The event reports no result; give at least one.")
    fields = certificate.fields()
    event = _observed(act, lot, "inspecting", [result.report() | fields for result in results])
    return event if sample is None else event | {name("sample"): require_uri(sample, field="sample")}


def moisture(
    act: Act,
    lot: str,
    certificate: Certificate,
    *,
    value: Decimal | int,
    u: Decimal | int | None,
    uom: str,
    sample: str | None = None,
) -> Event:
    """The water of a lot is determined: mass of water per wet mass, which is the only basis a moisture has.

    Raises:
        RecordError: ``event.negative``, ``event.uncertainty``.
        UnitError: ``unit.not_decimal``, ``unit.not_finite``, ``unit.not_fraction``, ``unit.fraction_range``.
    """
    result = Result(substance=WATER_URI, value=value, u=u, uom=uom, basis="wet")
    return assay(act, lot, (result,), certificate, sample=sample)


def sampling(act: Act, lot: str, *, sample: str, method: str | None) -> Event:
    """A sample is taken from a lot; what is found in it is a later event.

    Raises:
        RecordError: ``event.not_uri``.
    """
    event = base("ObjectEvent", act) | {
        "action": "OBSERVE",
        "bizStep": "sampling",
        "quantityList": [Amount(lot).element()],
        name("sample"): require_uri(sample, field="sample"),
    }
    return event if method is None else event | {name("samplingMethod"): method}


def stocktake(act: Act, lot: str, readings: Sequence[Reading]) -> Event:
    """The stock of a lot at a place is counted by mass: a measurement, which never resets the books.

    Raises:
        RecordError: ``event.no_readings``, ``event.weight_twice``, ``event.tare``, and those of :class:`Reading`.
    """
    _check_readings(readings)
    return _observed(act, lot, "stock_taking", [reading.report() for reading in readings])


def _observed(act: Act, lot: str, step: str, reports: list[Event]) -> Event:
    return base("ObjectEvent", act) | {
        "action": "OBSERVE",
        "bizStep": step,
        "quantityList": [Amount(lot).element()],
        "sensorElementList": [{"sensorReport": reports}],
    }


def _check_readings(readings: Sequence[Reading]) -> None:
    if not readings:
        raise RecordError("event.no_readings", "The event reports no mass; give at least one reading.")
    weights = [reading.weight for reading in readings]
    if len(set(weights)) < len(weights):
        raise RecordError("event.weight_twice", "One weighing has at most one gross, one tare and one net.")
    by_weight = {reading.weight: reading for reading in readings}
    if "gross" in by_weight and "tare" in by_weight:
        gross, tare = by_weight["gross"], by_weight["tare"]
        if kilograms(tare.value, tare.uom, field="tare") > kilograms(gross.value, gross.uom, field="gross"):
            raise RecordError("event.tare", "The tare is heavier than the gross; check which is which.", field="tare")
