"""``origin.foreign_mass`` of a known ore: how much of what is declared to be from a deposit is like that of another.

Master data may say what the ore of a deposit holds. Then the loads of every other deposit are held against it: their
sum shows what no load shows by itself, and no load has to be unlike its deposit first. The estimate is two-sided, and
supposes that what is foreign is that ore.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import exp
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import Settle
from lodeline.ids.epc import canonical
from lodeline.metal.detection.limits.judging import SMALLEST, Compared, nothing
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.ore_grades import ore_grade
from lodeline.origin.plausibility_history import Distances, distances
from lodeline.origin.plausibility_lots import History, histories, mined
from lodeline.origin.plausibility_mass import KG_PER_TONNE, LEAST_EVIDENCE, Known, Laundered, laundered, stretch_days

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.registered import Master

NO_ORE = "the master data say of no deposit what its ore holds"
NOTHING_SHARED = "deposits whose lots were assayed for nothing that is known of another ore"


class _Like(NamedTuple):
    """Loads of a deposit against the ore of another: the deposit's URI, and what there is of it."""

    other: str
    mass: Laundered


def known_ores(master: Master) -> dict[str, Known]:
    """What the ore of each deposit holds, by its URI, as far as the master data say."""
    found = {}
    for (kind, uri), attributes in master.items():
        if kind == "deposit" and attributes.get("grades"):
            each = [ore_grade(str(one)) for one in attributes["grades"]]
            found[uri] = Known(
                {one.symbol: float(one.percent) / 100 for one in each},
                {one.symbol: float(one.relative_sd_percent) / 100 for one in each},
            )
    return found


def like_known_ore(flows: Flows, master: Master, least: int, per_element: int) -> Compared:
    """The loads of each deposit against the known ore of every other.

    How much likelier it makes what was found than no such ore does is by Markov's inequality as rare in a sound book as
    its inverse.

    Args:
        least, per_element: Assayed lots that a history must have, and so many more for each element.
    """
    ores = known_ores(master)
    if not ores:
        return nothing(NO_ORE)
    unbound: Counter[str] = Counter()
    compared, found = 0, []
    of_lots = mined(flows)
    for history in histories(flows):
        own = canonical(flows.name(history.deposit) or "")
        for uri, known in ores.items():
            if uri == own:
                continue
            shared = _shared(history, known)
            if shared is None:
                unbound[NOTHING_SHARED] += 1
                continue
            if shared.lots.size < least + per_element * len(shared.symbols):
                continue
            mass = laundered(flows, shared, _of_all(shared), of_lots, known=known)
            compared += 1
            if mass is not None and mass.found.evidence >= LEAST_EVIDENCE and mass.found.kg > 0:
                found.append(_Like(uri, mass))
    p = np.array([min(max(exp(-one.mass.found.evidence), SMALLEST), 1.0) for one in found])
    z = np.array([one.mass.found.kg / one.mass.found.kg_u for one in found])
    return Compared(compared, z, p, lambda place: _told(flows, found[place], ores), dict(unbound))


def _shared(history: History, known: Known) -> History | None:
    """A history in the elements of which the other ore is known; None where it has none of them."""
    columns = [place for place, symbol in enumerate(history.symbols) if symbol in known.grade]
    if not columns:
        return None
    return history._replace(
        symbols=tuple(history.symbols[place] for place in columns),
        grades=history.grades[:, columns],
        reading_v=history.reading_v[:, columns],
    )


def _of_all(history: History) -> Distances:
    """Its distances, with no lot left out of its spread: what is odd in a sound deposit is odd in this direction too,
    and a spread of those that are like most would make foreign ore of it."""
    of = distances(history.grades, history.reading_v)
    return of._replace(like=np.ones_like(of.like))


def _told(flows: Flows, one: _Like, ores: Mapping[str, Known]) -> Suspicion:
    history, found = one.mass.history, one.mass.found
    stretch = one.mass.stretch(flows)
    first, last = stretch_days(flows, stretch)
    lots = tuple(flows.name(int(flows.lots["lot"][row])) or "" for row in stretch.tolist())
    inside = np.flatnonzero(np.isin(history.lots, stretch)).tolist()
    deposit = flows.name(history.deposit) or ""
    told = ", ".join(f"{symbol} {100 * ores[one.other].grade[symbol]:g} %" for symbol in history.symbols)
    return Suspicion(
        code="origin.foreign_mass",
        sentence=f"What is declared to be from {deposit} holds some {found.kg / KG_PER_TONNE:,.0f} ± "
        f"{found.kg_u / KG_PER_TONNE:,.0f} t of ore like that of {one.other} ({told}), most likely from {first} to "
        f"{last}, with loads too weak to name and those not assayed, supposing that what is unlike {deposit} is that "
        "ore.",
        kg=found.kg,
        kg_u=found.kg_u,
        entries=tuple(sorted({entry for place in inside for entry in history.entries(place)})),
        lots=lots,
        settle=(
            Settle(
                act="assay", subject=deposit, detail=f"Traces of its loads of that time, beside ore of {one.other}."
            ),
            Settle(act="document", subject=deposit, detail="The record of the working for that time."),
        ),
    )
