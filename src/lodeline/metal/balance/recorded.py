"""Recorded: signed sums of an element over flows, with the uncertainty that is left where weighings and assays cancel.

Every flow is written as masses that somebody measured or stated (:mod:`lodeline.metal.balance.derived`) times a
composition that somebody determined. A sum is then

    sum_jc a_jc m_j f_c,   u^2 = sum_j (sum_c a_jc f_c u_j)^2 + sum_d (sum_jc a_jc m_j df_c/dd u_d)^2

over masses j, compositions c and determinations d, with whole numbers a: what stands on both sides of an account has
a = 0, and then nothing of it is in the sum, known or unknown. Masses are independent of each other: what all readings
of one scale have in common is not in it. Source: JCGM 100:2008, 5.2.2, with correlation 1 within a determination.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.balance.compositions import Compositions
from lodeline.metal.balance.derived import ROUNDING, Derived, derived
from lodeline.metal.balance.terms import Terms, eliminated
from lodeline.metal.sums import Signed, Sums
from lodeline.metal.weighed import counts_as, weighed
from lodeline.units.figure import Figure, Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

AT_ONCE = 2_000_000
"""Rows of sums that are worked on together: a bound of the memory, which changes no figure."""

NOTHING: Rows = np.zeros(0, dtype=np.int64)


class Counted(NamedTuple):
    """Masses that were counted at stock-takes, beside those that the books hold; (count,) each.

    Attributes:
        flow: The flow that was counted.
        kg, u: As read, kg.
        basis: Code of the basis it was read on.
        seq: The entry.
        adopted: The books hold what was counted, since nothing was known before.
    """

    flow: Rows
    kg: Array
    u: Array
    basis: NDArray[np.uint8]
    seq: Rows
    adopted: NDArray[np.bool_]


class Parts(NamedTuple):
    """What each sum is made of; (part,) each.

    Attributes:
        sum: Which sum. source: a number for the mass or the determination. u_kg: signed, by how much the sum is off
            where that source is off by one standard uncertainty; NaN where it has none.
    """

    sum: Rows
    source: Rows
    u_kg: Array


class Recorded(Sums):
    """Sums of one element over the flows as recorded.

    Args:
        flows: Of the book.
        mass: Of the element, as :meth:`lodeline.metal.flows.flows.Flows.element` gives it.
        by: How flows follow from others, where that is known already.
        counted: Stock-takes; row ``flows.flows.rows + i`` is count i, of the composition of what was counted.
    """

    def __init__(
        self, flows: Flows, mass: ElementMass, counted: Counted | None = None, *, by: Derived | None = None
    ) -> None:
        of = counts_as(flows)
        super().__init__(flows, weighed(flows, mass))
        self._of = of
        self._derived = derived(flows, self.mass, of) if by is None else by
        self._m, self._m_u = flows.flows["mass_kg"], flows.flows["mass_u_kg"]
        self._low, self._high = flows.flows["mass_low_kg"], flows.flows["mass_high_kg"]
        self._chosen = Compositions(self._derived.composition, self.mass, self._m[of])
        if counted is not None and counted.flow.size:
            self._count(counted, flows.flows["mass_basis"])

    def of(self, plus: Rows, minus: Rows | None = None) -> Figure:
        """The sum over the flows ``plus`` less that over ``minus``, KGM; see :meth:`of_many`."""
        return self.of_many([(plus, NOTHING if minus is None else minus)])[0]

    def of_many(self, sums: Sequence[Signed]) -> list[Figure]:
        """The figure of each sum, KGM.

        Nothing at all sums to 0, and so does what stands on both sides, even where it is unknown. Any other part with
        limits gives limits, and one of which nothing is known is at least 0. With both limits, ``u`` is that of the
        known parts: how far both limits may be off together.
        """
        found: list[Figure] = []
        for some in _batches(sums):
            terms = self.terms(some)
            u = self._u_of(terms, len(some))
            ends = np.searchsorted(terms.sum, np.arange(len(some) + 1))
            kg, low, high = self._values(terms)
            for at, one in enumerate(some):
                part = slice(int(ends[at]), int(ends[at + 1]))
                rests_on = self._rests_on(np.concatenate(one))
                number = None if math.isnan(u[at]) else float(u[at])
                found.append(self._figure(one, kg[part], low[part], high[part], number, rests_on))
        return found

    def terms(self, sums: Sequence[Signed]) -> Terms:
        """What the sums come down to, in order of the sums: masses that stand for themselves, each of a composition."""
        rows = [np.concatenate(one) for one in sums]
        number = np.repeat(np.arange(len(sums)), [one.size for one in rows])
        sign = [np.repeat([1, -1], [plus.size, minus.size]) for plus, minus in sums]
        return self.terms_of(number, np.concatenate([NOTHING, *rows]), np.concatenate([NOTHING, *sign]))

    def terms_of(self, number: Rows, rows: Rows, sign: Rows) -> Terms:
        """The same, of flows with the number of their sum and their sign in it; (row,) each."""
        flow = self._of[rows]
        return eliminated(Terms(number, flow, self._derived.composition[flow], sign), self._derived)

    def determinations(self, composition: Rows) -> list[Rows]:
        """For each kind of determination, (n,) its row for each of some compositions; -1 where there is none."""
        return [row[composition] for row, _ in self._chosen.shares]

    def parts(self, sums: Sequence[Signed]) -> Parts:
        """What each sum is off by with each of its sources; parts of one source are off together."""
        return self._parts(self.terms(sums))

    def covariance(self, sums: Sequence[Signed]) -> Array:
        """(sum, sum) covariance of the sums, kg^2; NaN in row and column of one that is unknown, or has no uncertainty.

        The values are those of :meth:`of_many`.
        """
        from scipy.sparse import coo_array

        terms = self.terms(sums)
        unknown = np.zeros(len(sums), dtype=bool)
        unknown[terms.sum[np.isnan(self._values(terms)[0])]] = True
        parts = self._parts(terms)
        unknown[parts.sum[np.isnan(parts.u_kg)]] = True
        kept = ~unknown[parts.sum]
        _, column = np.unique(parts.source[kept], return_inverse=True)
        shape = (len(sums), int(column.max(initial=-1)) + 1)
        by_source = coo_array((parts.u_kg[kept], (parts.sum[kept], column)), shape=shape).tocsr()
        found: Array = (by_source @ by_source.T).toarray()  # (sum, sum)
        found[unknown], found[:, unknown] = math.nan, math.nan
        return found

    def _count(self, counted: Counted, basis: NDArray[np.uint8]) -> None:
        """Put the counts behind the flows, as masses that stand for themselves."""
        new = np.arange(self._m.size, self._m.size + counted.flow.size)
        self._of = np.concatenate([self._of, np.where(counted.adopted, self._of[counted.flow], new)])
        old = self._derived
        # A count on another basis than the book's is of a composition that nobody gave on it.
        same = counted.basis == basis[counted.flow]
        unknown = old.composition.max(initial=0) + 1 + np.arange(new.size)
        composition = np.where(same, old.composition[counted.flow], unknown)
        self._derived = old._replace(
            level=np.concatenate([old.level, np.zeros(new.size, dtype=np.int64)]),
            start=np.concatenate([old.start, np.full(new.size, old.start[-1])]),
            whole=np.concatenate([old.whole, np.zeros(new.size, dtype=bool)]),
            composition=np.concatenate([old.composition, composition]),
        )
        self._chosen = self._chosen.extended(int(unknown[-1]) + 1)
        none = np.full(new.size, np.nan)
        self._m, self._m_u = np.concatenate([self._m, counted.kg]), np.concatenate([self._m_u, counted.u])
        self._low, self._high = np.concatenate([self._low, none]), np.concatenate([self._high, none])
        kg = counted.kg * self._chosen.fraction[composition]
        self.mass = self.mass._replace(
            kg=np.concatenate([self.mass.kg, kg]),
            low_kg=np.concatenate([self.mass.low_kg, none]),
            high_kg=np.concatenate([self.mass.high_kg, none]),
        )
        self._seq = np.concatenate([self._seq, counted.seq])

    def _values(self, terms: Terms) -> tuple[Array, Array, Array]:
        """(term,) thrice: what each term comes to, kg, NaN where unknown; and limits of it, 0 and infinity at worst."""
        fraction = self._chosen.fraction[terms.composition]
        own = terms.composition == self._derived.composition[terms.flow]
        m, low, high = (of[terms.flow] for of in (self._m, self._low, self._high))
        kg = np.where(own, self.mass.kg[terms.flow], m * fraction)
        least = np.where(own, self.mass.low_kg[terms.flow], low * fraction)
        most = np.where(own, self.mass.high_kg[terms.flow], high * fraction)
        least, most = np.nan_to_num(least, nan=0.0), np.nan_to_num(most, nan=np.inf)
        least, most = (np.where(np.isnan(kg), limit, kg) for limit in (least, most))
        up, times = terms.whole > 0, terms.whole.astype(np.float64)
        return times * kg, times * np.where(up, least, most), times * np.where(up, most, least)

    def _parts(self, terms: Terms) -> Parts:
        """What known terms are off by with each source; (part,) of masses first, of determinations after them."""
        known = ~np.isnan(self._values(terms)[0])
        of = Terms(*(column[known] for column in terms))
        fraction = of.whole * self._chosen.fraction[of.composition]
        at, slope, size = _summed(of.sum, of.flow, fraction)
        # What cancels but for rounding is not in the sum, and needs no uncertainty.
        slope = np.where(np.abs(slope) <= ROUNDING * size, 0.0, slope)
        with np.errstate(invalid="ignore"):
            u = np.where(slope == 0, 0.0, slope * self._m_u[at[1]])
        found = [Parts(at[0], at[1], u)]
        for row, per_kg in self._chosen.shares:
            mass = of.whole * self._m[of.flow]
            pairs, kg, kg_size = _summed(of.sum, of.composition, mass)
            kg = np.where(np.abs(kg) <= ROUNDING * kg_size, 0.0, kg)
            with np.errstate(invalid="ignore"):
                u = np.where(kg == 0, 0.0, kg * per_kg[pairs[1]])
            used = row[pairs[1]] >= 0
            found.append(Parts(pairs[0][used], self._m.size + row[pairs[1]][used], u[used]))
        return Parts(*(np.concatenate(columns) for columns in zip(*found, strict=True)))

    def _u_of(self, terms: Terms, sums: int) -> Array:
        """(sum,) standard uncertainty of the known part of each sum, kg; NaN where that of any part is unknown."""
        parts = self._parts(terms)
        pairs, u, _ = _summed(parts.sum, parts.source, parts.u_kg)
        found: Array = np.sqrt(np.bincount(pairs[0], weights=u**2, minlength=sums))
        return found

    def _figure(
        self, one: Signed, kg: Array, low: Array, high: Array, u: float | None, rests_on: tuple[str, ...]
    ) -> Figure:
        """The figure of one sum, by its terms."""
        plus, minus = one
        each = self.mass.kg[plus], -self.mass.kg[minus]
        if not np.isnan(kg).any():
            plain = np.concatenate(each)
            # The sum of what is shown, to the last digit, as far as all of it is known by itself.
            value = math.fsum(kg.tolist() if np.isnan(plain).any() else plain.tolist())
            return Figure(value=value, u=u, unit="KGM", standing="computed", rests_on=rests_on)
        least, most = self._limits(one, math.fsum(low.tolist()), math.fsum(high.tolist()))
        if not minus.size and np.isnan(each[0]).all() and least == 0:
            least = -math.inf  # at least nothing is nothing that is known
        standing: Standing = "bounded" if math.isfinite(least) or math.isfinite(most) else "unknown"
        return Figure(
            value=None,
            u=u if math.isfinite(least) and math.isfinite(most) else None,
            low=least if math.isfinite(least) else None,
            high=most if math.isfinite(most) else None,
            unit="KGM",
            standing=standing,
            rests_on=rests_on,
        )

    def _limits(self, one: Signed, low: float, high: float) -> tuple[float, float]:
        """The closer of two kinds of limits: those of what the sum comes down to, and those of the flows themselves."""
        least = most = 0.0
        for rows, sign in zip(one, (1, -1), strict=True):
            kg = self.mass.kg[rows]
            ends = (
                sign * float(np.where(np.isnan(kg), np.nan_to_num(limit[rows], nan=worst), kg).sum())
                for limit, worst in ((self.mass.low_kg, 0.0), (self.mass.high_kg, np.inf))
            )
            below, above = sorted(ends)
            least, most = least + below, most + above
        return max(low, least), min(high, most)


def _summed(first: Rows, second: Rows, value: Array) -> tuple[tuple[Rows, Rows], Array, Array]:
    """The different pairs in order, the sum of the values of each, and of their sizes."""
    order = np.lexsort((second, first))
    first, second, value = first[order], second[order], value[order]
    new = np.ones(first.size, dtype=bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    starts = np.flatnonzero(new)
    if not starts.size:
        return (first, second), value, value
    return (first[starts], second[starts]), np.add.reduceat(value, starts), np.add.reduceat(np.abs(value), starts)


def _batches(sums: Sequence[Signed]) -> list[list[Signed]]:
    """The sums in order, so many together that their rows fit in memory."""
    found: list[list[Signed]] = []
    rows = AT_ONCE
    for one in sums:
        size = one[0].size + one[1].size
        # The first sum may be of nothing, and opens a batch all the same.
        if not found or rows + size > AT_ONCE:
            found.append([])
            rows = 0
        found[-1].append(one)
        rows += size
    return found
