"""How much foreign ore the loads of a deposit hold in all while somebody passes it off: also in loads too weak to name.

Grades mix in proportion. So each load tells, in the direction of the foreign ore, what part of it is foreign, to some
tenth; no single one of the weak ones tells it, and their sum does. When the foreign ore began and ended is not known:
every stretch of time counts by how likely it makes what was found,

    product over its loads of (1 - r + r E(p_i)),   E(p) = mean over parts q of N(p; q, u_q) / N(p; 0, u_0)

with r the part of its loads that hold any, and q as likely to be in each doubling. The estimate of a stretch is the
plain sum of ``part * mass``, which supposes nothing of how the parts are distributed; the answer is their mean, and its
variance that within stretches and that between them (law of total variance).

Sources: Fisher (1936), Ann. Eugenics 7, 179-188 (the direction); Barry & Hartigan (1993), J. Am. Stat. Assoc. 88, 309
(averages over where a change lies).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm
from scipy.stats import t as student

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

PARTS = np.linspace(0.025, 1.0, 40)
"""Foreign parts of a load that holds any."""
SOME = (0.1, 0.2, 0.35, 0.5, 0.75)
"""Parts of the loads of a stretch that hold any."""
ENDS = 600
"""Instants at which a stretch may begin or end, at most."""
ROUNDS = 4
NEGLIGIBLE = 1e-6
"""Stretches that are so much less likely than the best are left out."""


class Loads(NamedTuple):
    """Assayed loads of one material and deposit, in order of time.

    Attributes:
        at: (load,) when each arose. kg: its dry mass.
        grades: (load, element) kg/kg. extra: (load, element) relative variance that a badly read one has beside others.
        like: (load,) whether its composition is among those that are like most.
        bare_at, bare_kg: (other,) of loads that were not assayed.
    """

    at: Array
    kg: Array
    grades: Array
    extra: Array
    like: Flags
    bare_at: Array
    bare_kg: Array


class Way(NamedTuple):
    """The direction of the foreign ore.

    Attributes:
        excess: (element,) its grades over those of the deposit, less one; or in its direction.
        spread: (element, element) how much that varies from load to load; None: as the deposit does.
        whole: Place of the load that is taken to be wholly foreign, so that it gives the length; -1: ``excess`` does.
    """

    excess: Array
    spread: Array | None = None
    whole: int = -1


class Campaign(NamedTuple):
    """What loads hold of foreign ore in all.

    Attributes:
        kg, kg_u: Dry mass and its standard uncertainty (k = 1).
        bare_kg: Of it in loads that were not assayed, as the others of the stretch have it.
        first, last: The likeliest stretch, by the places of its first and last load.
        inside: (load,) how likely each is in the stretch, whichever it is.
        evidence: Natural logarithm of how much likelier some stretch makes what was found than none.
        part: (load,) foreign part of each. part_u: its standard uncertainty if it has none.
    """

    kg: float
    kg_u: float
    bare_kg: float
    first: int
    last: int
    inside: Array
    evidence: float
    part: Array
    part_u: Array


def campaign(of: Loads, toward: Callable[[Array], Way]) -> Campaign:
    """The foreign ore in the loads of a deposit.

    The centre and the spread of the deposit are those of the loads that are like most and that are likely outside the
    stretch, so that weak foreign loads do not draw the centre towards them.

    Args:
        toward: The direction, by the deposit's usual grades, (element,).
    """
    weight = of.like.astype(np.float64)
    for _ in range(ROUNDS):
        read = _read(of, weight, toward)
        found = _stretches(of, read)
        inside = found.inside(of.at.size)
        outside = of.like * (1 - inside)
        if outside.sum() < 2 * (of.grades.shape[1] + 3):
            break
        weight = outside
    return _summed(of, read, found, float(weight.sum()))


class _Read(NamedTuple):
    """Foreign part of each load by its grades, with its variance if it has none, and the log of E."""

    part: Array
    own_v: Array
    foreign_v: float
    length_u: float
    log_e: Array


def _read(of: Loads, weight: Array, toward: Callable[[Array], Way]) -> _Read:
    centre = weight @ of.grades / weight.sum()
    x = of.grades / centre - 1
    spread = (x * weight[:, None]).T @ x / weight.sum()
    way = toward(centre)
    w = np.linalg.solve(spread, way.excess)
    w /= float(w @ way.excess)
    if way.whole >= 0:
        w /= float(x[way.whole] @ w)
    part = x @ w
    usual_v = float(w @ spread @ w)
    own_v = usual_v + (of.extra * w**2).sum(axis=1)
    foreign_v = usual_v if way.spread is None else float(w @ way.spread @ w)
    # What one load is taken for is itself only a load of such ore.
    length_u = float(np.sqrt(foreign_v)) if way.whole >= 0 else 0.0
    chance = 1 / PARTS / (1 / PARTS).sum()
    sd = np.sqrt((1 - PARTS) ** 2 * own_v[:, None] + PARTS**2 * foreign_v)
    log_e = logsumexp(norm.logpdf(part[:, None], PARTS, sd) + np.log(chance), axis=1)
    without = norm.logpdf(part, 0.0, np.sqrt(own_v))
    if way.spread is not None:
        without = _sound(part, x, w, weight, own_v, usual_v)
    return _Read(part, own_v, foreign_v, length_u, log_e - without)


def _sound(part: Array, x: Array, w: Array, weight: Array, own_v: Array, usual_v: float) -> Array:
    """(load,) log density of what each load shows if it is sound, in a direction that no load of the deposit gave.

    By grades or by their logarithms, whichever has it nearer, since lognormal grades are far above now and then; and by
    Student's t, since the spread is only known from as many loads.
    """
    near = np.where(x > 0, np.log1p(np.maximum(x, 0.0)), x) @ w
    near_v = float(weight @ (near - weight @ near / weight.sum()) ** 2 / weight.sum())
    off = np.minimum(np.abs(part) / np.sqrt(usual_v), np.abs(near) / np.sqrt(near_v)) * np.sqrt(usual_v / own_v)
    freedom = max(float(weight.sum()) - x.shape[1] - 1, 1.0)
    return np.asarray(student.logpdf(off, freedom) - np.log(own_v) / 2, dtype=np.float64)


class _Stretches(NamedTuple):
    """Stretches that are not negligible, from a load up to another, with how likely each is; (stretch,) each."""

    begin: Rows
    end: Rows
    chance: Array
    evidence: float

    def inside(self, loads: int) -> Array:
        """(load,) how likely it lies in the stretch."""
        change = np.zeros(loads + 1)
        np.add.at(change, self.begin, self.chance)
        np.subtract.at(change, self.end, self.chance)
        return np.asarray(np.clip(np.cumsum(change)[:loads], 0.0, 1.0))


def _stretches(of: Loads, read: _Read) -> _Stretches:
    n = of.at.size
    edges = np.unique(np.linspace(0, n, min(n, ENDS) + 1).round().astype(np.int64))
    first, last = np.triu_indices(edges.size, 1)
    begin, end = edges[first], edges[last]
    gain = []
    for some in SOME:
        total = _running(np.logaddexp(np.log1p(-some), np.log(some) + read.log_e))
        gain.append(total[end] - total[begin])
    each = logsumexp(np.array(gain), axis=0) - np.log(len(SOME))
    evidence = float(logsumexp(each)) - float(np.log(each.size))
    kept = each > each.max() + np.log(NEGLIGIBLE)
    chance = np.exp(each[kept] - each.max())
    return _Stretches(begin[kept], end[kept], chance / chance.sum(), evidence)


def _summed(of: Loads, read: _Read, at: _Stretches, outside: float) -> Campaign:
    """Sums over each stretch, and their mean.

    Loads that were not assayed hold what the others of the stretch do in the mean. A part with mean p varies by
    ``p (1 - p)`` at most, which is what theirs is taken to vary by.
    """

    def over(values: Array) -> Array:
        total = _running(values)
        return np.asarray(total[at.end] - total[at.begin])

    part, kg = read.part, of.kg
    within = np.clip(part, 0.0, 1.0)
    sum_kg, all_kg, count = over(part * kg), over(kg), (at.end - at.begin).astype(np.float64)
    v = over(kg**2 * ((1 - within) ** 2 * read.own_v + within**2 * read.foreign_v))
    v += all_kg**2 * float(np.median(read.own_v)) / outside
    # Of those between two assayed loads, half goes with each.
    edge = np.concatenate(([-np.inf], (of.at[1:] + of.at[:-1]) / 2, [np.inf]))
    order = np.argsort(of.bare_at, kind="stable")
    low, high = (np.searchsorted(of.bare_at[order], edge[one]) for one in (at.begin, at.end))
    bare, bare_2 = (_running(one[order]) for one in (of.bare_kg, of.bare_kg**2))
    bare_kg, mean = bare[high] - bare[low], sum_kg / all_kg
    kept = np.clip(mean, 0.0, 1.0)
    v += kept * (1 - kept) * (bare_2[high] - bare_2[low] + bare_kg**2 / count)
    total = sum_kg + bare_kg * mean
    kg_of = float(at.chance @ total)
    u2 = float(at.chance @ v + at.chance @ (total - kg_of) ** 2) + (kg_of * read.length_u) ** 2
    best = int(np.argmax(at.chance))
    return Campaign(
        kg=kg_of,
        kg_u=float(np.sqrt(u2)),
        bare_kg=float(at.chance @ (bare_kg * mean)),
        first=int(at.begin[best]),
        last=int(at.end[best]) - 1,
        inside=at.inside(of.at.size),
        evidence=at.evidence,
        part=part,
        part_u=np.sqrt(read.own_v),
    )


def _running(values: Array) -> Array:
    return np.concatenate(([0.0], np.cumsum(values)))
