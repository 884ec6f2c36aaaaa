"""``origin.foreign_mass``: how much of what is declared to be from a deposit is ore of another, in all loads together.

Two cases. Where the grades of the foreign ore are known, the estimate is two-sided and supposes nothing more. Where
they are not, its direction is that of the loads that are unlike their deposit, and its length is not to be had from
loads that may all be mixed: the most unlike of them is then supposed to be wholly foreign; if it is not, there is less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from math import exp
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import InputError, Settle
from lodeline.metal.detection.limits.judging import SMALLEST, Compared
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.flows.words import NO_TIME
from lodeline.origin.plausibility_campaign import Campaign, Loads, Way, campaign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.origin.plausibility_history import Distances
    from lodeline.origin.plausibility_lots import History, Mined

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

KG_PER_TONNE = 1000.0
LEAST_EVIDENCE = 3.0
"""Natural logarithm of how much likelier foreign ore makes what was found, from which on its mass is told."""
LIKELY = 0.5
"""A load counts as of the stretch from this chance on."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Known(NamedTuple):
    """What is known of foreign ore.

    Attributes:
        grade: kg/kg by symbol. relative_sd: how much each varies from load to load.
    """

    grade: Mapping[str, float]
    relative_sd: Mapping[str, float]


class Laundered(NamedTuple):
    """Foreign ore among what is declared to be from a deposit.

    Attributes:
        history: Of the deposit. found: its mass.
        lots: (load,) rows of the lots, in order of time, that ``found`` counts.
        whole: Row of the lot that is supposed to be wholly foreign; -1 where nothing is supposed.
    """

    history: History
    found: Campaign
    lots: Rows
    whole: int

    def stretch(self, flows: Flows) -> Rows:
        """Rows of all lots of the deposit that arose while foreign ore is more likely than not, ascending."""
        likely = self.lots[self.found.inside >= LIKELY]
        if not likely.size:
            likely = self.lots[self.found.first : self.found.last + 1]
        at, lots = flows.lots["made_at"], flows.lots
        same = (lots["deposit"] == self.history.deposit) & (lots["material"] == self.history.material)
        return np.flatnonzero(same & (at >= at[likely].min()) & (at <= at[likely].max()) & (at != NO_TIME))


def laundered(
    flows: Flows,
    history: History,
    of: Distances,
    mined: Mined,
    *,
    named: Flags | None = None,
    known: Known | None = None,
) -> Laundered | None:
    """The foreign ore in the loads of a deposit; None where no load has a known time.

    Loads of unknown time are left out; one of unknown mass counts as the mean of the others.

    Args:
        history: Of one material and deposit. of: its distances. mined: dry mass of every lot.
        named: (lot of the history,) which are unlike the deposit; or
        known: what the foreign ore is.

    Raises:
        InputError: ``origin.foreign_unknown``.
    """
    at = flows.lots["made_at"].astype(np.int64)
    own = history.lots
    timed = np.flatnonzero(at[own] != NO_TIME)
    order = timed[np.argsort(at[own[timed]], kind="stable")]
    if not order.size or (named is not None and not named[order].any()):
        return None
    every = (flows.lots["deposit"] == history.deposit) & (flows.lots["material"] == history.material)
    bare = np.setdiff1d(np.flatnonzero(every & (at != NO_TIME)), own)
    weighed = mined.kg[own][np.isfinite(mined.kg[own])]
    usual = float(weighed.mean()) if weighed.size else 0.0
    loads = Loads(
        at=at[own[order]].astype(np.float64),
        kg=np.nan_to_num(mined.kg[own[order]], nan=usual),
        grades=history.grades[order],
        extra=of.extra[order],
        like=of.like[order],
        bare_at=at[bare].astype(np.float64),
        bare_kg=np.nan_to_num(mined.kg[bare], nan=usual),
    )
    whole = -1
    if known is not None:
        found = campaign(loads, partial(_known_way, known, history.symbols))
    elif named is not None:
        place = _most_unlike(of, named, order)
        found = campaign(loads, partial(_way_of, loads.grades[named[order]], place))
        whole = int(own[order[place]])
    else:
        raise InputError(
            "origin.foreign_unknown", "Say what the foreign ore is, or which lots are unlike their deposit."
        )
    return Laundered(history, found, own[order], whole)


def _known_way(known: Known, symbols: Sequence[str], centre: Array) -> Way:
    missing = [one for one in symbols if one not in known.grade or one not in known.relative_sd]
    if missing:
        raise InputError(
            "origin.foreign_unknown",
            f"Give grade and spread of {', '.join(missing)} in the foreign ore too; the deposit's lots have them.",
            elements=", ".join(missing),
        )
    factor = np.array([known.grade[one] for one in symbols]) / centre
    sd = np.array([known.relative_sd[one] for one in symbols])
    return Way(factor - 1, np.diag((factor * sd) ** 2))


def _way_of(grades: Array, whole: int, centre: Array) -> Way:
    return Way((grades / centre - 1).mean(axis=0), None, whole)


def _most_unlike(of: Distances, named: Flags, order: Rows) -> int:
    """The named load that goes farthest in their direction, by its place in the order."""
    weight = np.linalg.solve(of.spread, of.off[named].mean(axis=0))
    far = np.where(named[order], (of.factor[order] - 1) @ weight, -np.inf)
    return int(np.argmax(far))


def compared(flows: Flows, found: Sequence[tuple[Laundered, Flags, float]], unbound: dict[str, int]) -> Compared:
    """The mass as evidence.

    How much likelier it makes what was found than no foreign ore does is by Markov's inequality as rare in a sound book
    as its inverse; since the direction is that of lots of the same book, no p below theirs is claimed.

    Args:
        found: Of each deposit with named lots: its mass, which lots are named, and the smallest p of them.
    """
    kept = [one for one in found if one[0].found.evidence >= LEAST_EVIDENCE and one[0].found.kg > 0]
    p = [min(max(exp(-one.found.evidence), least, SMALLEST), 1.0) for one, _, least in kept]
    z = [one.found.kg / one.found.kg_u for one, _, _ in kept]

    def told(place: int) -> Suspicion:
        one, named, _ = kept[place]
        return _told(flows, one, named)

    return Compared(len(found), np.array(z), np.array(p), told, unbound)


def _told(flows: Flows, one: Laundered, named: Flags) -> Suspicion:
    history, found = one.history, one.found

    def name(row: int) -> str:
        return flows.name(int(flows.lots["lot"][row])) or ""

    stretch = one.stretch(flows)
    first, last = stretch_days(flows, stretch)
    # Those that are named alone stand first.
    rows = [*history.lots[named].tolist(), *np.setdiff1d(stretch, history.lots[named]).tolist()]
    names = [name(row) for row in rows]
    entries = {entry for place in np.flatnonzero(named).tolist() for entry in history.entries(place)}
    most, deposit = name(one.whole), flows.name(history.deposit) or ""
    return Suspicion(
        code="origin.foreign_mass",
        sentence=f"What is declared to be from {deposit} holds some {found.kg / KG_PER_TONNE:,.0f} ± "
        f"{found.kg_u / KG_PER_TONNE:,.0f} t of ore that is unlike it, most likely from {first} to {last}, with loads "
        f"too weak to name and those not assayed, supposing that lot {most} is wholly of the other ore; if that is "
        "mixed itself, it is less.",
        kg=found.kg,
        kg_u=found.kg_u,
        entries=tuple(sorted(entries)),
        lots=tuple(names),
        settle=(
            Settle(act="assay", subject=most, detail="Its traces, beside ore of whatever source is suspected."),
            Settle(act="document", subject=deposit, detail="The record of the working for that time."),
        ),
    )


def stretch_days(flows: Flows, stretch: Rows) -> tuple[str, str]:
    """The days of the first and of the last of some lots."""
    at = flows.lots["made_at"][stretch]
    return _day(int(at.min())), _day(int(at.max()))


def _day(microseconds: int) -> str:
    return (EPOCH + timedelta(microseconds=microseconds)).date().isoformat()
