"""Limits of a plant: no more comes out of it in a day than its capacity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from lodeline.errors import Settle
from lodeline.ids.epc import canonical
from lodeline.metal.detection.limits.gaps import gaps
from lodeline.metal.detection.limits.grouping import summed
from lodeline.metal.detection.limits.judging import Compared, nothing, upper_tail
from lodeline.metal.detection.limits.range import NO_LIMIT
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.words import NO_TIME
from lodeline.metal.weighed import weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Days(NamedTuple):
    """What came out of plants, day by day; (day,) each unless said otherwise.

    Attributes:
        plant, date: In words.
        limit_kg: What the plant can make.
        over_kg, u_kg: What came out with a known uncertainty, less the limit, and its standard uncertainty.
        all_over_kg: The same of all that came out, declared or weighed.
        rows, of: (outlet,) flows, and the day of each.
        unknown: How many outlets have no uncertainty, or no mass.
    """

    plant: tuple[str, ...]
    date: tuple[str, ...]
    limit_kg: Array
    over_kg: Array
    u_kg: Array
    all_over_kg: Array
    rows: Rows
    of: Rows
    unknown: int

    @property
    def only_declared(self) -> Flags:
        """(day,) whether only declarations without an uncertainty lift it above the limit."""
        return np.asarray((self.over_kg <= 0) & (self.all_over_kg > 0))


def over_capacity(flows: Flows, policy: Policy, context: Context) -> Compared:
    """``metal.over_capacity``: more dry mass came out of a plant in a day than the policy says it can make.

    ``z = (out - capacity) / u``, one-sided, over what came out that day with a known uncertainty. A day ends at
    midnight of the zone of the site, else of the policy, else of UTC. Where only what was declared without an
    uncertainty lifts it above the capacity there is no z, and the evidence is weak.
    """
    days = _days(flows, policy, context)
    if days is None:
        return nothing(NO_LIMIT)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where((days.u_kg > 0) & ~days.only_declared, days.over_kg / days.u_kg, np.nan)
    told_of = np.flatnonzero(~np.isnan(z) | days.only_declared)

    def told(place: int) -> Suspicion:
        return _told(flows, days, int(told_of[place]))

    unbound = {"outlets with a mass, a moisture or an uncertainty missing": days.unknown} if days.unknown else {}
    return Compared(told_of.size, z[told_of], upper_tail(z[told_of]), told, unbound)


def _days(flows: Flows, policy: Policy, context: Context) -> _Days | None:
    runs, capacity_kg = context.runs, context.capacity_kg()
    at = flows.flows["arrived_at"][runs.rows]
    part = np.flatnonzero(runs.out & ~np.isnan(capacity_kg)[runs.of] & (at != NO_TIME))
    if not part.size:
        return None
    zones: dict[str | None, ZoneInfo] = {}
    found: dict[tuple[str, str], int] = {}
    of = np.empty(part.size, dtype=np.int64)
    limit_kg: list[float] = []
    for place, (run, instant) in enumerate(zip(runs.of[part].tolist(), at[part].tolist(), strict=True)):
        site, word = context.site(int(runs.place[run])), flows.name(int(runs.word[run]))
        if site not in zones:
            zones[site] = _zone(policy, context, site)
        date = (_EPOCH + timedelta(microseconds=instant)).astimezone(zones[site]).date().isoformat()
        # A limit of a process is of each place that does it; one of a site of all that the site does.
        plant = site if site is not None and canonical(site) in policy.limits else f"{word} at {site or 'no place'}"
        of[place] = found.setdefault((plant, date), len(found))
        if of[place] == len(limit_kg):
            limit_kg.append(float(capacity_kg[run]))
    rows, mass = runs.rows[part], weighed(flows, flows.dry())
    kg = mass.kg[rows]
    sure = ~np.isnan(kg) & ~np.isnan(mass.u_kg[rows])
    one = np.ones(int(sure.sum()))
    sums = gaps(flows, context, mass, rows=rows[sure], group=of[sure], weight=one, count=len(found))
    limit = np.array(limit_kg)
    return _Days(
        plant=tuple(plant for plant, _ in found),
        date=tuple(date for _, date in found),
        limit_kg=limit,
        over_kg=sums.kg - limit,
        u_kg=sums.u_kg,
        all_over_kg=summed(np.nan_to_num(kg), of, len(found)) - limit,
        rows=rows,
        of=of,
        unknown=int((~sure).sum()),
    )


def _zone(policy: Policy, context: Context, site: str | None) -> ZoneInfo:
    said = context.given.master.get(("site", canonical(site or "")), {}).get("time_zone")
    return ZoneInfo(str(said or policy.zone or "UTC"))


def _told(flows: Flows, days: _Days, day: int) -> Suspicion:
    rows = days.rows[days.of == day]
    only = bool(days.only_declared[day])
    kg, limit_kg = float((days.all_over_kg if only else days.over_kg)[day]), float(days.limit_kg[day])
    lots = tuple(dict.fromkeys(flows.names[lot] for lot in flows.flows["lot"][rows].tolist() if lot >= 0))
    return Suspicion(
        code="metal.over_capacity",
        sentence=f"{days.plant[day]} gave {(kg + limit_kg) / 1000:,.2f} t of dry mass on {days.date[day]}, and the "
        f"policy says that it can make {limit_kg / 1000:,.2f} t a day"
        + ("; part of it was only declared." if only else "."),
        weight="weak" if only else "note",
        kg=kg,
        kg_u=None if only else float(days.u_kg[day]),
        entries=tuple(sorted({int(entry) for entry in flows.flows["seq"][rows]} - {-1})),
        lots=lots,
        settle=(Settle(act="weighing", subject=days.plant[day], detail="Weigh what came out that day."),),
    )
