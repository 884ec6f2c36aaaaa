"""Whether a lot's composition is that of the deposit it is declared to be from, by the deposit's own history."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import t as student

from lodeline.errors import Settle
from lodeline.metal.detection.limits.judging import SMALLEST, Compared, holm, nothing
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.origin.plausibility_history import Distances, Toward, calibrations, distances, toward
from lodeline.origin.plausibility_lots import History, Mined, histories, mined
from lodeline.origin.plausibility_mass import compared, laundered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LEAST_LOTS = 12
LOTS_PER_ELEMENT = 3
"""Assayed lots of a deposit, at least, and so many more for each element: fewer are no history."""
STANDS_OUT = 2.0
"""Standard deviations from which on an element is named, beside the one that is farthest off."""
TOO_FEW = "deposits of which too few lots were assayed"
NO_HISTORY = "no lot that names its deposit was assayed"
NONE_NAMED = "deposits of which no lot is unlike the others, so that none can be like it"
NO_ELEMENT = "lots that were not assayed for what most of their deposit were"


class _Judged(NamedTuple):
    """A deposit that was compared: its history, the distances, and the tail probability of each lot."""

    history: History
    of: Distances
    grades: Array
    ratios: Array


class Composition(NamedTuple):
    """What was compared: grades, ratios, the way toward lots that are unlike their deposit by their grades, and the
    mass of the like in all."""

    grades: Compared
    ratios: Compared
    toward: Compared
    mass: Compared


def composition(flows: Flows, rng: np.random.Generator, alarm: float | None) -> Composition:
    """``origin.grades_unlike_deposit``, ``origin.ratios_unlike_deposit``, ``origin.like_what_is_unlike`` and
    ``origin.foreign_mass``.

    The squared distance of a lot's grades from the other lots of its material and deposit, in their spread, against the
    scaled F that sound deposits of as many lots give in a simulation. For the ratios it is the part of that distance
    that no change of all grades alike explains, as waste that is mixed in would be. The other lots of a deposit are
    then held against the direction of those that are unlike it, which shows less of the same in them.

    Args:
        alarm: How likely the lots that give the direction are to be any false ones; None: nobody said, and there is
            none.
    """
    judged, unbound = [], Counter[str]()
    for history in histories(flows):
        if history.left_out:
            unbound[NO_ELEMENT] += history.left_out
        if not comparable(history):
            unbound[TOO_FEW] += 1
            continue
        judged.append(_judged(history, rng))
    of_lots, named = mined(flows), _named(judged, alarm)
    kg = of_lots.kg
    return Composition(
        _compared(flows, judged, kg, "grades", dict(unbound)),
        _compared(flows, [one for one in judged if len(one.history.symbols) > 1], kg, "ratios", dict(unbound)),
        _toward(flows, named, kg),
        _mass(flows, named, of_lots),
    )


def comparable(history: History) -> bool:
    """Whether enough lots of a deposit were assayed to hold each against the others."""
    return bool(history.symbols) and history.lots.size >= LEAST_LOTS + LOTS_PER_ELEMENT * len(history.symbols)


def _judged(history: History, rng: np.random.Generator) -> _Judged:
    of = distances(history.grades, history.reading_v)
    by_grade, by_ratio = calibrations(history.lots.size, len(history.symbols), rng)
    return _Judged(
        history,
        of,
        by_grade.tail(of.grades, len(history.symbols)),
        by_ratio.tail(of.ratios, max(len(history.symbols) - 1, 1)),
    )


def _compared(flows: Flows, judged: list[_Judged], kg: Array, what: str, unbound: dict[str, int]) -> Compared:
    """All lots of all deposits, by grades or by ratios."""
    listed = [(one, lot) for one in judged for lot in range(one.history.lots.size)]
    p = np.array([max(float(getattr(one, what)[lot]), SMALLEST) for one, lot in listed])
    z = np.array([float(np.sqrt(getattr(one.of, what)[lot] * len(one.history.symbols))) for one, lot in listed])

    def told(place: int) -> Suspicion:
        one, lot = listed[place]
        return _told(flows, one, lot, float(kg[one.history.lots[lot]]), what)

    return Compared(len(listed), z, p, told, unbound or ({} if listed else {NO_HISTORY: 1}))


def _named(judged: list[_Judged], alarm: float | None) -> list[tuple[_Judged, Flags]]:
    """Deposits of which some lots are unlike the others by their grades, with which."""
    every = np.concatenate([one.grades for one in judged]) if judged else np.zeros(0)
    named = holm(every, every.size) <= (0.0 if alarm is None else alarm)
    ends = np.cumsum([one.grades.size for one in judged])
    own = np.split(named, ends[:-1]) if judged else []
    return [(one, flags) for one, flags in zip(judged, own, strict=True) if flags.any()]


def _mass(flows: Flows, named: list[tuple[_Judged, Flags]], of_lots: Mined) -> Compared:
    """How much there is in all of what some lots of a deposit are like."""
    found = []
    for one, own in named:
        mass = laundered(flows, one.history, one.of, of_lots, named=own)
        if mass is not None:
            found.append((mass, own, float(one.grades.min())))
    return compared(flows, found, {}) if found else nothing(NONE_NAMED)


def _toward(flows: Flows, named: list[tuple[_Judged, Flags]], kg: Array) -> Compared:
    """The lots that are not named, of deposits of which some are, in their direction; one-sided."""
    listed: list[tuple[_Judged, Toward, Flags, int]] = []
    for one, own in named:
        way = toward(one.of, own)
        listed += [(one, way, own, lot) for lot in np.flatnonzero(~own).tolist()]
    if not listed:
        return nothing(NONE_NAMED)
    t = np.array([float(way.t[lot]) for _, way, _, lot in listed])
    p = np.array([max(float(student.sf(way.t[lot], way.freedom)), SMALLEST) for _, way, _, lot in listed])

    def told(place: int) -> Suspicion:
        one, way, own, lot = listed[place]
        return _told_toward(
            flows, one, lot, float(way.part[lot]), float(t[place]), own, float(kg[one.history.lots[lot]])
        )

    return Compared(len(listed), t, p, told, {})


def _told_toward(flows: Flows, of: _Judged, lot: int, part: float, t: float, own: Flags, kg: float) -> Suspicion:
    name = _name(flows, of, lot)
    others = [_name(flows, of, place) for place in np.flatnonzero(own).tolist()]
    some = others[0] if len(others) == 1 else f"{len(others)} lots, {others[0]} among them,"
    return Suspicion(
        code="origin.like_what_is_unlike",
        sentence=f"Lot {name} differs from other lots of {flows.name(of.history.deposit)} in the same way as {some} "
        f"that {'is' if len(others) == 1 else 'are'} unlike them; {100 * part:.0f} % of the like would explain it.",
        kg=max(min(part, 1.0), 0.0) * kg if np.isfinite(kg) else None,
        kg_u=abs(part / t) * kg if np.isfinite(kg) else None,
        entries=_entries(flows, of, lot),
        lots=(name, *others),
        settle=_settle(name),
    )


def _name(flows: Flows, of: _Judged, lot: int) -> str:
    return flows.name(int(flows.lots["lot"][of.history.lots[lot]])) or ""


def _entries(flows: Flows, of: _Judged, lot: int) -> tuple[int, ...]:
    made = int(flows.lots["made_seq"][of.history.lots[lot]])
    return tuple(sorted({*of.history.entries(lot), *([made] if made >= 0 else [])}))


def _settle(name: str) -> tuple[Settle, ...]:
    return (
        Settle(
            act="assay",
            subject=name,
            detail="An umpire's assay of the traces in what was kept of its sample, beside one of the working.",
        ),
        Settle(act="document", subject=name, detail="The record of the working on the day that it was mined."),
    )


def _told(flows: Flows, of: _Judged, lot: int, kg: float, what: str) -> Suspicion:
    history, name = of.history, _name(flows, of, lot)
    words = _ratios(of, lot) if what == "ratios" else _grades(of, lot)
    usual = f"what is usual in {history.lots.size - 1} other lots from there"
    tail = "; waste that was mixed in does not explain it." if what == "ratios" else "."
    return Suspicion(
        code="origin.ratios_unlike_deposit" if what == "ratios" else "origin.grades_unlike_deposit",
        sentence=f"Lot {name} is declared to be from {flows.name(history.deposit)} and has {words} {usual}{tail}",
        kg=kg if np.isfinite(kg) else None,
        entries=_entries(flows, of, lot),
        lots=(name,),
        settle=_settle(name),
    )


def _grades(of: _Judged, lot: int) -> str:
    """``2.3 times the As and 2.2 times the Bi of``: the farthest off first."""
    off = np.abs(of.of.z[lot])
    named = [place for place in np.argsort(-off).tolist() if off[place] >= STANDS_OUT] or [int(np.argmax(off))]
    parts = [f"{of.of.factor[lot, place]:.2g} times the {of.history.symbols[place]}" for place in named]
    return " and ".join(parts) + " of"


def _ratios(of: _Judged, lot: int) -> str:
    """The two elements whose ratio is farthest off: ``an As to Sb of 2.4 times``."""
    x, symbols = np.log(of.of.factor[lot]), of.history.symbols
    sd = np.abs(x / np.where(of.of.z[lot] == 0, np.inf, of.of.z[lot]))
    apart = np.abs(x[:, None] - x) / np.sqrt(np.maximum(sd[:, None] ** 2 + sd**2, 1e-12))
    first, second = (int(one) for one in np.unravel_index(int(np.argmax(apart)), apart.shape))
    if x[first] < x[second]:
        first, second = second, first
    factor = float(np.exp(x[first] - x[second]))
    return f"a ratio of {symbols[first]} to {symbols[second]} of {factor:.2g} times"
