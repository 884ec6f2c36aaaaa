"""Whether a deposit delivered more than its licence lets out."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from lodeline.errors import Settle
from lodeline.ids.epc import canonical
from lodeline.metal.detection.limits.judging import Compared, upper_tail
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.words import NO_TIME
from lodeline.origin.plausibility_lots import mined

if TYPE_CHECKING:
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.registered import Master

KG_PER_TONNE = 1000.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_LICENCE = "deposits of which the master data give no licensed output"
NO_DEPOSIT = "no lot names its deposit"
NO_DATE = "lots of which nobody says when they arose"
NO_MASS = "lots whose dry mass is unknown, which count as nothing"


def above_licence(flows: Flows, policy: Policy, master: Master) -> Compared:
    """``origin.above_licence``: lots declared to be from a deposit in a calendar year weigh more than its licence.

    ``z = (sum of dry masses - licence) / u``, one-sided, with the masses taken as independent. Lots whose mass is
    unknown add nothing, so that it is a lower limit of what came. The year is that of the policy's zone, else of UTC.
    """
    lots, of = flows.lots, mined(flows)
    zone = UTC if policy.zone is None else ZoneInfo(policy.zone)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    unbound: dict[str, int] = defaultdict(int)
    licensed: dict[int, float] = {}
    for row in np.flatnonzero(lots["deposit"] >= 0).tolist():
        deposit, made = int(lots["deposit"][row]), int(lots["made_at"][row])
        said = master.get(("deposit", canonical(flows.name(deposit) or "")), {}).get("licensed_t_per_year")
        if said is None:
            continue
        licensed[deposit] = float(said) * KG_PER_TONNE
        if made == NO_TIME:
            unbound[NO_DATE] += 1
            continue
        if not np.isfinite(of.kg[row]):
            unbound[NO_MASS] += 1
        groups[deposit, (EPOCH + timedelta(microseconds=made)).astimezone(zone).year].append(row)
    silent = len(set(lots["deposit"][lots["deposit"] >= 0].tolist()) - licensed.keys())
    if silent:
        unbound[NO_LICENCE] = silent
    elif not licensed:
        unbound[NO_DEPOSIT] = 1
    listed = sorted(groups.items())
    over, z = [], []
    for (deposit, _), rows in listed:
        known = [row for row in rows if np.isfinite(of.kg[row])]
        over.append(float(of.kg[known].sum()) - licensed[deposit])
        u = float(np.sqrt((of.u_kg[known] ** 2).sum()))
        z.append(over[-1] / u if u > 0 else np.nan)
    # Where an uncertainty is unknown, only what is above the licence is told at all.
    kept = [place for place in range(len(listed)) if over[place] > 0]

    def told(place: int) -> Suspicion:
        (deposit, year), rows = listed[kept[place]]
        return _told(flows, deposit, year, rows, over[kept[place]], licensed[deposit])

    far = np.array([z[place] for place in kept], dtype=np.float64)
    return Compared(len(listed), far, upper_tail(far), told, dict(unbound))


def _told(flows: Flows, deposit: int, year: int, rows: list[int], over_kg: float, licensed_kg: float) -> Suspicion:
    lots, name = flows.lots, flows.name(deposit) or ""
    return Suspicion(
        code="origin.above_licence",
        sentence=f"{len(rows)} lots that are declared to be from {name} arose in {year} and weigh "
        f"{(licensed_kg + over_kg) / KG_PER_TONNE:,.1f} t dry at least; its licence lets out "
        f"{licensed_kg / KG_PER_TONNE:,.1f} t a year.",
        kg=over_kg,
        entries=tuple(sorted({int(lots["made_seq"][row]) for row in rows} - {-1})),
        lots=tuple(flows.name(int(lots["lot"][row])) or "" for row in rows),
        settle=(
            Settle(act="document", subject=name, detail="The licence, and the working's own record of what left it."),
        ),
    )
