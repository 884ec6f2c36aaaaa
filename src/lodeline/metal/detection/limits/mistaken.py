"""Mistaken species: the number of an oxide on a certificate as that of the element, or of any species as any other.

A number that was worked out for ``t`` and stands as that of ``s`` makes the element ``F = f_s / f_t`` too much, with f
the mass of the element per mass of the species. What that does to each equation the determination stands in is known:
``e_k`` of its standard uncertainties. So ``z = sum(e_k z_k) / sqrt(sum(e_k^2))`` is normal about 0 where nothing is
wrong, and about ``A = sqrt(sum(e_k^2))`` where it is so; the logarithm of the likelihood ratio of the two is
``sum(z_k^2 - (z_k - e_k)^2) / 2``. Where a standard uncertainty was itself estimated, Student's t takes the place of
the normal: in z by what is as unlikely. Source: Neyman & Pearson (1933), Phil. Trans. R. Soc. A 231, 289-337.

What could not show is not looked for: only effects A so large that among all that are at least so large chance alone
gives less than one. The choice does not look at z.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.chemistry.species import species
from lodeline.metal.detection.limits.equations import Equations, equations
from lodeline.metal.detection.limits.judging import both_tails, upper_tail
from lodeline.metal.detection.limits.usual import as_normal, log_density

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.context import Context
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Suspect(NamedTuple):
    """A determination whose number seems to be of another species.

    Attributes:
        element: Symbol.
        rows: The determination that explains it best, and then those that the data do not tell from it.
        said, meant: Formulas: what the certificate says, and what the number is of.
        factor: How many times too much of the element it gives.
        z, effect: How far the equations are from holding in the direction of this mistake, and how far they would be
            if it were made, in standard uncertainties.
        evidence: Logarithm of the likelihood ratio of the mistake against none.
    """

    element: str
    rows: tuple[int, ...]
    said: str
    meant: str
    factor: float
    z: float
    effect: float
    evidence: float


class Mistaken(NamedTuple):
    """All suspects.

    Attributes:
        suspects: Each with its evidence above 0.
        compared: How many mistakes were looked for.
        rows: Determinations that are beyond what the policy allows as chance, each the only one that explains it.
        blind: Determinations in which no mistake could show.
        alone: Processes with too few of their kind.
    """

    suspects: tuple[Suspect, ...]
    compared: int
    rows: Rows
    blind: int
    alone: int


class _Tries(NamedTuple):
    """Every mistake of one element, whether it could show or not.

    Attributes:
        row, meant, factor: (try,) the determination, the species that its number would be of, and how many times too
            much of the element it then gives.
        effect: (try,) how far off the equations would be, in standard uncertainties.
        start: (try + 1,) where the terms of each begin, and the end.
        equation, moved: (term of a try,) the equation, and by how much its z would be larger.
    """

    row: Rows
    meant: tuple[str, ...]
    factor: Array
    effect: Array
    start: Rows
    equation: Rows
    moved: Array

    def summed(self, of_terms: Array) -> Array:
        """(try,) sums over the terms of each."""
        return np.asarray(np.add.reduceat(of_terms, self.start[:-1]) if of_terms.size else np.zeros(0))

    def score(self, z: Array) -> Array:
        """(try,) how far the equations are off in the direction of the mistake, from ``z`` of each term."""
        size = np.sqrt(self.summed(self.moved**2))
        return self.summed(self.moved * z) / np.where(size > 0, size, np.inf)


def mistaken(flows: Flows, policy: Policy, context: Context) -> Mistaken:
    """Every mistake of species that the determinations of a book betray."""
    alarm = None if policy.false_alarms is None else float(policy.false_alarms)
    of_element = equations(flows, context)
    tries = {symbol: _tries(flows, symbol, of) for symbol, of in of_element.items()}
    least, compared = _least(np.concatenate([one.effect for one in tries.values()]) if tries else np.zeros(0))
    found: list[Suspect] = []
    for symbol, of in of_element.items():
        found += _suspects(flows, symbol, of, tries[symbol], least, compared, alarm)
    sure = [
        one.rows[0]
        for one in found
        if alarm is not None and len(one.rows) == 1 and upper_tail(np.array([one.z]))[0] * compared <= alarm
    ]
    seen = sum(np.unique(one.row[one.effect >= least]).size for one in tries.values())
    return Mistaken(
        suspects=tuple(found),
        compared=compared,
        rows=np.array(sure, dtype=np.int64),
        blind=context.determinations.row.size - seen,
        alone=sum(of.alone for of in of_element.values()),
    )


@cache
def _forms(symbol: str) -> tuple[str, ...]:
    """The element, and every compound of the chemistry tables in which it is reported."""
    text = (resources.files("lodeline.chemistry") / "tables" / "compounds.csv").read_text("utf-8")
    listed = (row["formula"] for row in csv.DictReader(text.splitlines()) if row["element"] == symbol)
    return symbol, *listed


def _tries(flows: Flows, symbol: str, of: Equations) -> _Tries:
    """Each determination of an element with each other species of it."""
    said = flows.measurements["species"][of.row]
    f_said = np.full(len(flows.names) + 1, np.nan)
    for code in np.unique(said).tolist():
        f_said[code] = float(species(flows.names[code]).element_factor)
    # The terms of one determination stand together.
    order = np.argsort(of.row, kind="stable")
    row, first = np.unique(of.row[order], return_index=True)
    forms = _forms(symbol)
    factors = [f_said[said] / float(species(form).element_factor) for form in forms]
    starts = [first + number * order.size for number in range(len(forms))]
    tries = _Tries(
        row=np.tile(row, len(forms)),
        meant=tuple(form for form in forms for _ in range(row.size)),
        factor=np.concatenate([factor[order][first] for factor in factors]),
        effect=np.zeros(0),
        start=np.concatenate([*starts, [len(forms) * order.size]]).astype(np.int64),
        equation=np.tile(of.of[order], len(forms)),
        moved=np.concatenate([of.moved(factor)[order] for factor in factors]),
    )
    return tries._replace(effect=tries.score(as_normal(tries.moved, of.freedom[tries.equation])))


def _least(effect: Array) -> tuple[float, int]:
    """The least effect that is looked for, and how many are."""
    sizes, number = np.unique(effect, return_counts=True)
    at_least = np.cumsum(number[::-1])[::-1]  # how many are of each size or larger
    kept = np.flatnonzero(upper_tail(sizes) * at_least < 1)
    return (float(sizes[kept[0]]), int(at_least[kept[0]])) if kept.size else (math.inf, 0)


def _suspects(
    flows: Flows, symbol: str, of: Equations, tries: _Tries, least: float, compared: int, alarm: float | None
) -> list[Suspect]:
    """The mistakes of one element, the best explained first; each is taken out before the next is looked for."""
    z, freedom, found = of.z.copy(), of.freedom[tries.equation], []
    wanted = tries.effect >= least
    while wanted.any():
        here = z[tries.equation]
        score = tries.score(as_normal(here, freedom))
        likelier = log_density(here - tries.moved, freedom) - log_density(here, freedom)
        evidence = np.where(wanted, tries.summed(likelier), -np.inf)
        best = int(np.argmax(evidence))
        if not evidence[best] > 0 or upper_tail(score[best : best + 1])[0] * compared >= 1:
            break
        terms = slice(tries.start[best], tries.start[best + 1])
        left = tries.score(as_normal(here - tries.moved, freedom))[best : best + 1]
        if alarm is None or both_tails(left)[0] >= alarm:
            tied = _tied(tries, evidence, best, np.unique(tries.equation[terms]), alarm)
            said = flows.names[flows.measurements["species"][tries.row[best]]]
            found.append(
                Suspect(symbol, tied, said, tries.meant[best], float(tries.factor[best]), float(score[best]),
                        float(tries.effect[best]), float(evidence[best]))
            )  # fmt: skip
            touched = tries.equation[terms]
            # The others of the material were off because this one was.
            z[np.isin(of.material, of.material[touched][of.material[touched] >= 0])] = 0.0
            z[touched] = np.where(of.material[touched] >= 0, 0.0, z[touched] - tries.moved[terms])
            wanted &= tries.row != tries.row[best]
        else:
            # They are off by something, and it is no species for another: they say nothing of the rest either.
            z[tries.equation[terms]] = 0.0
    return found


def _tied(tries: _Tries, evidence: Array, best: int, touched: Rows, alarm: float | None) -> tuple[int, ...]:
    """The determination that explains it best, and those in the same equations that are not told from it.

    Two are told apart where one is so much likelier that taking the other for it has at most the probability of a false
    alarm. Source: Wald (1945), Ann. Math. Stat. 16, 117-186, equation 3:32.
    """
    far = 0.0 if alarm is None else math.log(1 / alarm)
    near = np.flatnonzero((evidence > 0) & (evidence >= evidence[best] - far))
    ordered = near[np.argsort(-evidence[near], kind="stable")].tolist()
    together = [
        int(tries.row[one])
        for one in ordered
        if np.isin(tries.equation[tries.start[one] : tries.start[one + 1]], touched).any()
    ]
    return tuple(dict.fromkeys([int(tries.row[best]), *together]))
