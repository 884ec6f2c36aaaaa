"""The sensor reports of one event to weighings, assays and moistures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lodeline.chemistry.species import WATER_URI, species_of
from lodeline.ids.epc import canonical
from lodeline.metal.terms import Report, local_name, ours
from lodeline.metal.values import HEAVIEST_KG, AnyFact, Assay, Mass, Moisture, Sampled, Weighing
from lodeline.record.context import Context
from lodeline.record.validation.words import MEASUREMENTS
from lodeline.record.vocabulary import bare
from lodeline.units.exact import exact, plus, times
from lodeline.units.fraction import FRACTION_UNITS
from lodeline.units.mass import MASS_UNITS

# Amounts and concentrations of matter say something about metal, in ways that are not read here.
_OF_MATTER = frozenset(
    [
        "AmountOfSubstance",
        "AmountOfSubstancePerUnitVolume",
        "Count",
        "Density",
        "Dimensionless",
        "Mass",
        "MassConcentration",
        "MassFlowRate",
        "MassPerAreaTime",
        "MolalityOfSolute",
        "MolarMass",
        "Volume",
        "VolumeFlowRate",
        "VolumeFraction",
    ]
)
# Temperature, humidity and the like say nothing about metal.
_SAYS_NOTHING = MEASUREMENTS - _OF_MATTER


def readings(
    event: Mapping[str, Any],
    context: Context,
    told: dict[str, Any],
    said: Mapping[str, Any],
    lot: str | None,
    step: str | None,
    report: Report,
) -> tuple[list[AnyFact], bool]:
    """What an event measures of its one lot, and whether it measures metal but has not exactly one lot.

    Args:
        event, context: The event, and the names bound for it.
        told: The fields every fact of the event has.
        said: Our words at the top of the event.
        lot: The lot of the event; None if it has none or several.
        step: Bare bizStep.
        report: Takes findings.
    """
    masses: list[tuple[str, Mass, str | None]] = []
    compositions: list[tuple[Mapping[str, Any], dict[str, Any]]] = []
    for sensor in event.get("sensorElementList") or ():
        for item in sensor.get("sensorReport") or ():
            kind, words = _kind(item, context), ours(item, context, "sensorReport", report)
            if kind == "Mass" and "chemicalSubstance" in item:
                report(
                    "metal.mass_of_substance",
                    "A mass is reported of a substance in the lot, and was not read; report its fraction.",
                )
            elif kind == "Mass":
                mass = _mass(item, words, told["event"], report)
                if mass is not None:
                    masses.append((words.get("weight", ""), mass, _canonical(item.get("deviceID"))))
            elif kind == "MassFraction":
                compositions.append((item, words))
            elif kind not in _SAYS_NOTHING:
                report(
                    "metal.report_type",
                    f"A report of type {item.get('type', '(none)')} may say something about metal, and was not read.",
                )
    if lot is None:
        return [], bool(masses or compositions)
    facts: list[AnyFact] = []
    if step == "sampling":
        facts.append(Sampled(**told, lot=lot, sample=said.get("sample")))
    if masses:
        weighing = _weighing(masses, told, lot, step == "stock_taking", report)
        facts += [] if weighing is None else [weighing]
    found = [_composition(item, words, told, lot, report) for item, words in compositions]
    _fits(found, report)
    return facts + [fact for fact in found if fact is not None], False


def _fits(found: list[Assay | Moisture | None], report: Report) -> None:
    """What one event finds in a kilogram is a kilogram at the most."""
    most: dict[str | None, dict[str, Decimal]] = {}
    for one in found:
        if isinstance(one, Assay) and one.fraction is not None:
            symbol, of_basis = one.species.symbol, most.setdefault(one.basis, {})
            # An element and its oxide are one and the same element, reported twice.
            of_basis[symbol] = max(of_basis.get(symbol, Decimal(0)), one.fraction * one.species.element_factor)
    for basis, fractions in most.items():
        whole = sum(fractions.values(), Decimal(0))
        if whole > 1:
            report(
                "metal.more_than_all",
                f"The elements that were found are {whole:.4f} kg per kg ({basis or 'basis not said'}), more than all.",
            )


def _canonical(uri: str | None) -> str | None:
    return None if uri is None else canonical(uri)


def _kind(item: Mapping[str, Any], context: Context) -> str:
    written = str(item.get("type", ""))
    return local_name(written, context) or bare(written)


def _mass(item: Mapping[str, Any], words: Mapping[str, Any], event: str, report: Report) -> Mass | None:
    uom = str(item.get("uom", ""))
    if uom not in MASS_UNITS:
        report(
            "metal.report_unit",
            f"A mass is reported in {uom or 'no unit'}, which is no unit of mass, and was not read.",
        )
        return None
    value = item.get("value", item.get("meanValue"))
    if value is None:
        report("metal.report_no_value", "A mass is reported without value or meanValue, and was not read.")
        return None
    factor = MASS_UNITS[uom].kg
    kg = times(exact(value, field="value"), factor)
    if kg > HEAVIEST_KG:
        report("metal.mass_impossible", "A mass is heavier than the Earth, and was not read.")
        return None
    u = _u(item, factor, HEAVIEST_KG, report)
    if kg < 0:
        report("metal.report_range", f"A mass of {value} {uom} is below zero, and was not read.")
        return None
    return Mass(kg=kg, u=u, basis=words.get("basis"), standing="measured", rests_on=(event,))


def _u(item: Mapping[str, Any], factor: Decimal, most: Decimal, report: Report) -> Decimal | None:
    """The standard uncertainty, kg or kg per kg; None where there is none, or it is not above 0 and up to ``most``."""
    u = item.get("sDev")
    if u is None:
        return None
    if not 0 < times(exact(u, field="sDev"), factor) <= most:
        report(
            "metal.report_uncertainty",
            f"A standard deviation of {u} says nothing; the uncertainty is taken as unknown.",
        )
        return None
    return times(exact(u, field="sDev"), factor)


def _weighing(
    masses: list[tuple[str, Mass, str | None]], told: dict[str, Any], lot: str, stocktake: bool, report: Report
) -> Weighing | None:
    by_weight: dict[str, Mass] = {}
    devices = {device for _, _, device in masses}
    for weight, mass, _ in masses:
        if weight == "":
            report("metal.weight_unsaid", "A mass is reported without saying gross, tare or net, and was not read.")
        elif weight in by_weight:
            report("metal.weight_twice", f"One event reports two {weight} masses of one lot; neither was read.")
            return None
        else:
            by_weight[weight] = mass
    if not by_weight:
        return None
    gross, tare, net = by_weight.get("gross"), by_weight.get("tare"), by_weight.get("net")
    if gross is not None and tare is not None and gross.kg is not None and tare.kg is not None:
        left = plus(gross.kg, tare.kg.copy_negate())
        if left < 0:
            report("metal.tare_heavier", "The tare is heavier than the gross; neither was read.")
            gross = tare = None
        elif net is not None and net.kg != left:
            report("metal.net_differs", f"The net mass is {net.kg} kg, and gross less tare is {left} kg.")
    device = devices.pop() if len(devices) == 1 else None
    return Weighing(**told, lot=lot, gross=gross, tare=tare, net=net, device=device, stocktake=stocktake)


def _composition(
    item: Mapping[str, Any], words: Mapping[str, Any], told: dict[str, Any], lot: str, report: Report
) -> Assay | Moisture | None:
    uom, substance = str(item.get("uom", "")), item.get("chemicalSubstance")
    if uom not in FRACTION_UNITS:
        report("metal.report_unit", f"A mass fraction is reported in {uom or 'no unit'}, and was not read.")
        return None
    factor = FRACTION_UNITS[uom][1]
    below = bool(words.get("belowDetection"))
    if below and ("value" in item or "meanValue" in item):
        report("metal.detection_contradicts", "A mass fraction is below detection and has a value; it was not read.")
        return None
    value = item.get("maxValue") if below else item.get("value", item.get("meanValue"))
    if value is None:
        report("metal.report_no_value", "A mass fraction is reported without value, and was not read.")
        return None
    fraction = times(exact(value, field="value"), factor)
    if not 0 <= fraction <= 1:
        report(
            "metal.report_range", f"A mass fraction of {fraction} kg per kg is not between 0 and 1, and was not read."
        )
        return None
    u = _u(item, factor, Decimal(1), report)
    if substance == WATER_URI:
        return _moisture(fraction, u, below, words, told, lot, report)
    species = species_of(substance) if isinstance(substance, str) else None
    if species is None:
        report("metal.substance_unknown", f"What a mass fraction is of, {substance or 'nothing'}, is in no table here.")
        return None
    return Assay(
        **told,
        lot=lot,
        species=species,
        fraction=None if below else fraction,
        u=u,
        basis=words.get("basis"),
        low=Decimal(0) if below else None,
        high=fraction if below else None,
        laboratory=_canonical(words.get("laboratory")),
        method=words.get("method"),
        certificate=words.get("certificate"),
        rank=words.get("rank"),
    )


def _moisture(
    fraction: Decimal,
    u: Decimal | None,
    below: bool,
    words: Mapping[str, Any],
    told: dict[str, Any],
    lot: str,
    report: Report,
) -> Moisture | None:
    if below or fraction == 1:
        report(
            "metal.report_range", "A moisture that is only a limit, or is everything, dries nothing, and was not read."
        )
        return None
    if words.get("basis") != "wet":
        # A moisture per dry mass exists in other trades, and taking it for one per wet mass would be silent.
        report(
            "metal.moisture_basis",
            "A moisture is mass of water per wet mass; this one does not say so, and was not read.",
        )
        return None
    return Moisture(
        **told,
        lot=lot,
        fraction=fraction,
        u=u,
        laboratory=_canonical(words.get("laboratory")),
        method=words.get("method"),
        certificate=words.get("certificate"),
        rank=words.get("rank"),
    )
