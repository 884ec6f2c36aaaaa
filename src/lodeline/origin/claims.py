"""Claims about where metal comes from: so much of some origins, at least or at most, in one holding or in several.

A claim is about arcs of a mass graph: a lot is the arc that leaves the event it was made in, a store the arc that
carries its stock forward, and what passes an event is all that enters it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.graph import UNTRACED, MassGraph, Origin
from lodeline.origin.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

Sense = Literal["at least", "at most"]


class Claim(NamedTuple):
    """That arcs together hold at least, or at most, so much of some origins.

    Attributes:
        name: How it is called in what is said of it: the lot, the certificate, the buyer.
        arcs: Rows of the graph, each once; their masses add up.
        origins: What counts surely.
        sense: ``at least`` or ``at most``.
        mg: How much, whole milligrams, >= 0.
        perhaps: Origins of which nobody knows whether they count. What may be is no contradiction, so they help the one
            who claims; but each kilogram of them is of one origin, and counts for all claims alike.
    """

    name: str
    arcs: tuple[int, ...]
    origins: frozenset[Origin]
    sense: Sense
    mg: int
    perhaps: frozenset[Origin] = frozenset({UNTRACED})

    def needs_mg(self, held: int) -> int:
        """How much of what helps it the claim needs, if its arcs hold so much together, milligrams.

        At least c of some origins needs c of them; at most c needs the rest of the mass of all others.
        """
        return self.mg if self.sense == "at least" else held - self.mg


def into(graph: MassGraph, node: int) -> tuple[int, ...]:
    """The arcs by which metal enters a node: what a claim about all that passes it is about.

    Raises:
        InputError: ``claim.node``.
    """
    if not 0 <= node < graph.nodes:
        raise InputError("claim.node", "Claim something of a node that is there.", node=node)
    return tuple(np.flatnonzero(graph.head == node).tolist())


def held_mg(graph: MassGraph, arcs: Iterable[int]) -> int:
    """What arcs hold together, milligrams."""
    return sum(int(graph.mg[arc]) for arc in arcs)


def share_claim(
    graph: MassGraph,
    name: str,
    arcs: tuple[int, ...],
    of: Wanted,
    *,
    sense: Sense,
    share: Fraction | Decimal | int,
) -> Claim:
    """A claim of a share of what arcs hold.

    Args:
        of: What counts surely, and what perhaps; made over :func:`possible` origins, so that untraced metal may be of
            one that the graph does not name.
        share: From 0 to 1, exact: 0.8 is Decimal("0.8"), not a float.

    The milligrams are rounded so that the claim is never made stronger than it is, by less than one.

    Raises:
        InputError: ``claim.share``, and what :func:`check_claim` refuses.
    """
    exact = Fraction(share)
    if not 0 <= exact <= 1:
        raise InputError("claim.share", "Claim a share from 0 to 1.", claim=name, share=str(share))
    _check_arcs(graph, name, arcs)
    amount = exact * held_mg(graph, arcs)
    mg = amount.__floor__() if sense == "at least" else amount.__ceil__()
    claim = Claim(name, arcs, of.surely, sense, mg, of.perhaps)
    check_claim(graph, claim)
    return claim


def check_claim(graph: MassGraph, claim: Claim) -> None:
    """Refuse a claim that says nothing, or speaks of what is not there.

    Raises:
        InputError: ``claim.arcs``, ``claim.origins``, ``claim.sense``, ``claim.mg``.
    """
    _check_arcs(graph, claim.name, claim.arcs)
    if not claim.origins:
        raise InputError("claim.origins", "Name at least one origin.", claim=claim.name)
    if claim.sense not in ("at least", "at most"):
        raise InputError("claim.sense", "Claim 'at least' or 'at most'.", claim=claim.name, sense=claim.sense)
    if claim.mg < 0:
        raise InputError("claim.mg", "Claim zero milligrams or more.", claim=claim.name, mg=claim.mg)


def _check_arcs(graph: MassGraph, name: str, arcs: tuple[int, ...]) -> None:
    if not arcs or len(set(arcs)) != len(arcs) or not all(0 <= arc < graph.mg.size for arc in arcs):
        raise InputError("claim.arcs", "Name arcs that the graph has, each once.", claim=name, arcs=arcs)


class Commodities(NamedTuple):
    """Kinds of metal that claims tell apart, by which claims they help.

    A kilogram helps a claim of at least so much if it counts, and one of at most so much if it does not. Two origins
    that help the same claims are one kind: any routing of the two is one of their sum, and the other way round. The
    first kind helps none. Metal of every origin may pass for it, since what helps is never too much.

    Attributes:
        helps: (kind, claim) whether it helps the claim.
        allowed: (origin, kind) what metal of an origin may pass for; several, where it is not known for each claim
            whether it counts.
    """

    helps: NDArray[np.bool_]
    allowed: NDArray[np.bool_]


def possible(origins: Iterable[Origin], countries: Iterable[str]) -> tuple[Origin, ...]:
    """Origins that metal of unknown origin may be of: those there are, and of each country mined or collected metal.

    Claims that are asked together must all be made over the same, with the countries of all of them: an origin that one
    names and another was never asked about would count as none of the other's, and what both count of unknown metal
    would be lost.

    Args:
        origins: Of a graph.
        countries: That any of the claims names, ISO 3166-1 alpha-2; those of the origins are added.
    """
    there = tuple(origins)
    codes = sorted({*countries, *(one.country for one in there)})
    more = [Origin(kind, code, "") for code in codes for kind in ("country", "scrap")]
    return tuple(dict.fromkeys([*there, *more]))


def commodities(origins: Sequence[Origin], claims: Sequence[Claim]) -> Commodities:
    """The kinds of metal that these claims tell apart, for these origins in their order."""
    known = {*origins, *(one for claim in claims for one in claim.origins)} - {UNTRACED}
    # What there is in the world: the origins named, and one that nobody names.
    world = {tuple(one in claim.origins for claim in claims) for one in known} | {(False,) * len(claims)}
    may = [_may_pass_for(one, claims, world) for one in origins]
    kinds = sorted({(False,) * len(claims)}.union(*may))  # what helps none comes first
    place = {kind: number for number, kind in enumerate(kinds)}
    allowed = np.zeros((len(origins), len(kinds)), dtype=np.bool_)
    allowed[:, 0] = True
    for row, of_one in enumerate(may):
        allowed[row, [place[kind] for kind in of_one]] = True
    return Commodities(np.array(kinds, dtype=np.bool_).reshape(len(kinds), len(claims)), allowed)


def _may_pass_for(origin: Origin, claims: Sequence[Claim], world: set[tuple[bool, ...]]) -> set[tuple[bool, ...]]:
    """Which claims metal of an origin helps: as known where it is known, and as some origin where it is not."""
    return {
        tuple(
            (origin in claim.origins or (origin in claim.perhaps and counts)) == (claim.sense == "at least")
            for claim, counts in zip(claims, one, strict=True)
        )
        for one in world
    }
