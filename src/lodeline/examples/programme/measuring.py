"""Weighing, moisture and assay: what the instruments show of a true lot, written down as a ticket or certificate."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from lodeline.examples.programme.faults import Fault
from lodeline.examples.programme.instruments import (
    ELEMENT_OF,
    FRACTION,
    MOISTURE_U,
    OMITS_U,
    PLAIN_OXIDE,
    Laboratory,
    Line,
)
from lodeline.examples.programme.lots import Lot
from lodeline.examples.programme.matter import MG_PER_KG, by_element
from lodeline.examples.programme.run import DAY, Run, year_of
from lodeline.examples.programme.tables import IDS
from lodeline.record import metal
from lodeline.record.metal import Certificate, Event, Reading, Result
from lodeline.record.metal_vocabulary import Basis, Rank

Vehicle = Literal["truck", "container", "drum", "none"]

# kg: mean and relative standard deviation of what is weighed with the load. Assumed, of the usual size.
_TARES: dict[Vehicle, tuple[float, float]] = {
    "truck": (14_600.0, 0.04),
    "container": (2_250.0, 0.02),  # a 20-foot container
    "drum": (21.0, 0.05),
}

PURE_U = 0.001
"""Relative standard uncertainty up to which a line is that of a pure metal."""

MISTYPED = 0.004
"""How often a ticket is typed in wrong and put right some days later; assumed."""


class Ticket(NamedTuple):
    """What a scale printed for one load.

    Attributes:
        readings: Gross, tare and net, or net alone.
        net: In ``uom``.
        fault: The fault of the scale, if it has one now, and by how many kilograms the net is false by it.
    """

    readings: tuple[Reading, ...]
    net: Decimal
    uom: str
    fault: Fault | None
    false_kg: float

    def note(self, run: Run, event: Event, lot: Lot) -> None:
        """Remember in the truth that an event with this ticket is false, if it is."""
        if self.fault is not None:
            self.fault.note(run.journal.name(event), lot.uri, self.false_kg)


def ticket(run: Run, key: str, kg: float, at: int, *, basis: Basis, vehicle: Vehicle) -> Ticket:
    """Weigh so many true kilograms."""
    instruments = run.instruments
    scale = instruments.scales[key]
    factor = instruments.factor(scale, year_of(at), at)
    fault = run.faults.of_scale(key, at)
    says_u = not run.clerks.happens(OMITS_U)
    false_kg = 0.0 if fault is None else kg * fault.size
    if vehicle == "none":
        net = scale.steps(kg, factor, run.errors)
        lines: tuple[Reading, ...] = (scale.reading("net", net, basis, says_u=says_u),)
    else:
        empty = run.times.near(*_TARES[vehicle])
        tare = scale.steps(empty, factor, run.errors)
        gross = max(scale.steps(empty + kg, factor, run.errors), tare)
        net = gross - tare
        lines = (
            scale.reading("gross", gross, basis, says_u=says_u),
            scale.reading("tare", tare, basis, says_u=says_u),
            scale.reading("net", net, basis, says_u=says_u),
        )
    return Ticket(lines, scale.printed(net), scale.row.unit, fault, false_kg)


def weigh(run: Run, lot: Lot, key: str, at: int, vehicle: Vehicle) -> None:
    """Weigh a lot where it lies; now and then the ticket is mistyped, and corrected some days later."""
    basis = lot.material.basis
    shown = ticket(run, key, lot.wet_kg if basis == "wet" else lot.dry_kg, at, basis=basis, vehicle=vehicle)
    lot.ticket = (shown.net, shown.uom)
    if not run.clerks.happens(MISTYPED):
        event = metal.weighing(run.act(lot.place, at), lot.uri, shown.readings)
        run.write(event, at, "scale house")
        shown.note(run, event, lot)
        return
    wrong = metal.weighing(run.act(lot.place, at), lot.uri, [_mistyped(run, line) for line in shown.readings[-1:]])
    event_id = f"{IDS}/event/corrective-{run.number('corrective'):06d}"
    right = metal.weighing(run.act(lot.place, at, event_id=event_id), lot.uri, shown.readings)
    seen = run.write(wrong, at, "scale house") + run.times.whole(2 * DAY, 20 * DAY)
    declared = metal.correction(
        wrong,
        declared_at=run.local(lot.place, seen),
        reason="incorrect_data",
        corrective_event_ids=[event_id],
    )
    run.journal.write_at(declared, seen)
    run.journal.write_at(right, seen)
    shown.note(run, right, lot)


def moisture(run: Run, lot: Lot, key: str, at: int, rank: Rank | None) -> None:
    """Dry a sample of a lot."""
    laboratory = run.instruments.laboratories[key]
    fault, drift = run.faults.of_oven(key, at)
    true = lot.moisture
    seen = true * (1.0 + laboratory.bias["H2O"][year_of(at)]) + drift + MOISTURE_U * 0.01 * run.errors.normal()
    certificate = _certificate(run, laboratory, "ISO 9599", rank)
    says_u = not run.clerks.happens(OMITS_U)
    event = metal.moisture(
        run.act(lot.place, at),
        lot.uri,
        certificate,
        value=Decimal(max(round(seen * 10_000), 1)).scaleb(-2),
        u=Decimal(str(MOISTURE_U)) if says_u else None,
        uom="P1",
    )
    run.write(event, at, "laboratory")
    if fault is not None:
        fault.note(run.journal.name(event), lot.uri, drift * lot.wet_kg)


def assay(run: Run, lot: Lot, key: str, at: int, rank: Rank, *, wanted: bool = True) -> float:
    """Assay a lot; gives back what its main element was found to be, relative to the truth.

    Args:
        wanted: False: nobody asked for it. It then takes its draws and is not written, so that what one laboratory
            finds leaves all later chance as it was.
    """
    laboratory, year = run.instruments.laboratories[key], year_of(at)
    masses, dry = by_element(lot.matter), lot.dry_kg * MG_PER_KG
    says_u = not run.clerks.happens(OMITS_U)
    results: list[Result] = []
    notes: list[tuple[Fault, float]] = []
    # The main element comes first on the certificate and last in the laboratory: see below.
    for row in reversed(lot.material.assay):
        line = _line(run, lot, row)
        # A pure metal is reported as what its impurities leave, and so never as more than everything.
        pure = line.relative_u <= PURE_U
        shift = laboratory.bias[line.element][year] * line.biased
        fault = run.faults.of_laboratory(key, line.element, at)
        if fault is not None:
            # A fault is what was done wrong, however precise the method; in a pure metal it shows as little as a bias.
            wrong = fault.size * (line.biased if pure else 1.0)
            shift += wrong
            notes.append((fault, wrong * masses[line.column] / MG_PER_KG))
        factor = 1.0 + shift
        value = masses[line.column] / dry * line.per_element * factor
        others = _together(results) if pure else 0.0
        results.insert(0, line.result(value, run.errors, others=others, says_u=says_u))
    results, mistaken = _oxide_as_element(run, lot, results, at) if wanted else (results, [])
    certificate = _certificate(run, laboratory, "fusion" if lot.material.basis == "wet" else "GDMS", rank)
    event = metal.assay(run.act(lot.place, at), lot.uri, results, certificate)
    run.journal.write(event, at, "laboratory", wanted=wanted)
    for fault, kg in (notes + mistaken) if wanted else ():
        fault.note(run.journal.name(event), lot.uri, kg)
    return factor


def _together(results: list[Result]) -> float:
    """What the lines of a certificate add up to, kg per kg."""
    return sum(float(one.value) * FRACTION[one.uom] for one in results if one.value is not None)


def _line(run: Run, lot: Lot, row: tuple[str, str, int, float, float]) -> Line:
    """A line as this lot's certificates have it: an oxide, or its element where the buyer asked for elements."""
    substance, unit, decimals, relative_u, limit = row
    if not lot.oxides:
        substance = ELEMENT_OF.get(substance, substance)
    return run.instruments.line(substance, unit, decimals, relative_u, limit)


def _oxide_as_element(
    run: Run, lot: Lot, results: list[Result], at: int
) -> tuple[list[Result], list[tuple[Fault, float]]]:
    """The fault: a number that was worked out for an oxide stands on the certificate as the element's."""
    if not run.faults.awaited("oxide as element", at):
        return results, []
    masses, dry = by_element(lot.matter), lot.dry_kg * MG_PER_KG
    rows = []
    for index, (result, row) in enumerate(zip(results, lot.material.assay, strict=True)):
        line = _line(run, lot, row)
        if result.value is None or line.element not in PLAIN_OXIDE or line.substance.formula != line.element:
            continue
        oxide = run.instruments.line(PLAIN_OXIDE[line.element], *row[1:])
        value = masses[line.column] / dry * oxide.per_element
        if value < oxide.most:  # of a pure metal, the oxide's number would be more than everything
            rows.append((index, line, oxide, value))
    if not rows or not run.faults.due("oxide as element", at):
        return results, []
    index, line, oxide, value = run.faults.chance.one_of(rows)
    ratio = oxide.per_element / line.per_element
    changed = [*results]
    changed[index] = line.result(value, run.faults.chance, others=0.0, says_u=results[index].u is not None)
    fault = run.faults.happened(
        "oxide as element", at, size=ratio - 1.0, unit="relative", size_u=(ratio - 1.0) / line.relative_u,
        element=line.element,
    )  # fmt: skip
    return changed, [(fault, (ratio - 1.0) * masses[line.column] / MG_PER_KG)]


def sampled(run: Run, lot: Lot, at: int) -> None:
    """Take a sample."""
    sample = f"{IDS}/sample/{run.number('sample'):07d}"
    run.write(metal.sampling(run.act(lot.place, at), lot.uri, sample=sample, method="ISO 12743"), at, "office")


def _certificate(run: Run, laboratory: Laboratory, method: str, rank: Rank | None) -> Certificate:
    number = run.number(f"certificate/{laboratory.row.key}")
    return Certificate(
        laboratory=laboratory.uri,
        method=method,
        certificate=f"{IDS}/certificate/{laboratory.row.key}-{number:06d}",
        rank=rank,
    )


def _mistyped(run: Run, line: Reading) -> Reading:
    """A net weight with a wrong figure."""
    wrong = Decimal(line.value) * (run.clerks.whole(1, 6) + 10) / 10
    return Reading(
        weight=line.weight,
        value=wrong.quantize(Decimal(line.value)),
        u=line.u,
        uom=line.uom,
        basis=line.basis,
        device=line.device,
    )
