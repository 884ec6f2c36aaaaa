"""Limits of instruments: scales, ovens and laboratories that disagreed for a time with the other ends of the roads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.limits.judging import Compared, both_tails
from lodeline.metal.detection.limits.offsets import Offset
from lodeline.metal.detection.limits.series import Instrument, Series
from lodeline.metal.detection.suspicion import Suspicion

if TYPE_CHECKING:
    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy


def instruments_off(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.scale_off``, ``metal.moisture_drift``, ``metal.laboratory_off``: an instrument was off for a time.

    ``metal.one_reading_off``: it was so in one reading, at which two roads meet.

    See :mod:`lodeline.metal.detection.limits.offsets`. Where the policy names no false alarms, only the stretch that is
    furthest off in each series is told, and nothing is taken off the contrasts for it.
    """
    found: list[Offset] = []
    for system in context.explained.values():
        found += system.offsets or ([system.best] if policy.false_alarms is None and system.best is not None else [])
    z = np.array([one.z for one in found], dtype=np.float64)
    compared = sum(system.tried for system in context.explained.values())

    def told(place: int) -> Suspicion:
        return _told(flows, context, found[place])

    unbound = {} if compared else {"instruments with a reading that another one checked": 0}
    return Compared(compared, z, both_tails(z), told, unbound)


def _told(flows: Flows, context: Context, of: Offset) -> Suspicion:
    """An offset in words, with the kilograms that all its consignments are off by."""
    contrasts = context.contrasts
    series = contrasts.mass if of.system == "mass" else contrasts.grades[of.system]
    what, name = of.instrument.what, flows.names[of.instrument.name]
    kg, entries, lots = _touched(flows, context, series, of)
    begins, ends = (datetime.fromtimestamp(at / 1e6, tz=UTC).date().isoformat() for at in (of.begins, of.ends))
    which = _named(flows, of.instrument)
    others = [_named(flows, one) for one in of.also]
    much = f"{abs(of.size):.2%}" + (" of the wet mass" if what == "moisture" else "")
    went = (
        "went away from the other ends of its roads, to"
        if of.drifts
        else "differed from the other ends of its roads by"
    )
    common: dict[str, Any] = {
        "sentence": f"{which} {went} {much} too {'much' if of.size > 0 else 'little'}, from {begins} to {ends}, in "
        f"{len(lots)} lots: {abs(of.z):.1f} standard uncertainties"
        + (f"; {' or '.join(others)} would explain it nearly as well." if others else "."),
        "kg": kg,
        "kg_u": kg * of.u / abs(of.size) if of.size else None,
        "entries": entries,
        "lots": lots,
        "instruments": tuple(dict.fromkeys((name, *(flows.names[one.name] for one in of.also)))),
        "settle": (
            Settle(act="document", subject=name, detail="Its calibration before and after that time."),
            Settle(
                act="weighing" if what == "scale" else "assay",
                subject=name,
                detail="A reference read by it and by another.",
            ),
        ),
    }
    if of.begins == of.ends and len(lots) == 1:
        common["sentence"] = (
            f"One reading, {which}, differs from the other ends of its roads by {much} too "
            f"{'much' if of.size > 0 else 'little'}, on {begins}, lot {lots[0]}: {abs(of.z):.1f} standard uncertainties"
            + (f"; {' or '.join(others)} would explain it nearly as well." if others else ".")
        )
        common["settle"] = (Settle(act="document", subject=lots[0], detail="The ticket, or the certificate."),)
        element = what if of.system != "mass" else None
        return Suspicion(code="metal.one_reading_off", element=element, **common)
    if what == "scale":
        return Suspicion(code="metal.scale_off", **common)
    if what == "moisture":
        return Suspicion(code="metal.moisture_drift", **common)
    return Suspicion(code="metal.laboratory_off", element=what, **common)


def _named(flows: Flows, of: Instrument) -> str:
    """An instrument in words."""
    name, method = flows.names[of.name], flows.name(of.method)
    if of.what == "scale":
        return f"Scale {name}"
    if of.what == "moisture":
        return f"The moistures of laboratory {name}"
    return f"{of.what} by laboratory {name}" + (f" and method {method}" if method else "")


def _touched(
    flows: Flows, context: Context, series: Series, of: Offset
) -> tuple[float, tuple[int, ...], tuple[str, ...]]:
    """Kilograms by which its readings are off all together, entries of them, and lots."""
    consignments, measured = context.consignments, flows.measurements
    reading, first = np.unique(series.reading[of.readings], return_index=True)
    at = of.readings[first]
    lines, size = series.line[series.row[at]], np.abs(of.at(series.at[at]))
    what, name, _ = of.instrument
    rows = set(reading[reading < measured.rows].tolist())
    grade = context.contrasts.read.get(what)
    if grade is not None:
        read_kg, lot = grade.kg[lines], grade.lot[lines]
    else:
        sent, received = consignments.sent, consignments.received
        ours = (sent.device if what == "scale" else sent.laboratory)[lines] == name
        read_kg, lot = np.where(ours, sent.kg[lines], received.kg[lines]), consignments.lot[lines]
    if what == "scale":
        # What came in several loads was read load by load.
        loads = [consignments.lines[line].receipts for line in lines.tolist()]
        rows |= {
            row for load in loads if len(load) > 1 for flow in load
            if (row := int(context.sides.mass_row[flow])) >= 0 and measured["device"][row] == name
        }  # fmt: skip
    entries = sorted({int(measured["seq"][row]) for row in rows})
    lots = dict.fromkeys(flows.names[one] for one in lot.tolist() if one >= 0)
    return float(np.nansum(size * read_kg)), tuple(entries), tuple(lots)
