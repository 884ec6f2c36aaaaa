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
        origins: What counts. Untraced metal that is not named may be of any origin, so it helps the one who claims.
        sense: ``at least`` or ``at most``.
        mg: How much, whole milligrams, >= 0.
    """

    name: str
    arcs: tuple[int, ...]
    origins: frozenset[Origin]
    sense: Sense
    mg: int

    @property
    def sign(self) -> int:
        """+1 for at least, -1 for at most: ``sign * held >= sign * mg`` is what is claimed."""
        return 1 if self.sense == "at least" else -1


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
    origins: Iterable[Origin],
    *,
    sense: Sense,
    share: Fraction | Decimal | int,
) -> Claim:
    """A claim of a share of what arcs hold.

    Args:
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
    claim = Claim(name, arcs, frozenset(origins), sense, mg)
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
    """Kinds of metal that claims tell apart; the first is all that no claim counts.

    Two origins that the same claims count are one kind, which changes no answer: any routing of the two is one of their
    sum, and the other way round.

    Attributes:
        counts: (commodity, claim) whether the claim counts it.
        allowed: (origin, commodity) what metal of an origin of the graph may be: itself, and where it is untraced
            whatever there is.
    """

    counts: NDArray[np.bool_]
    allowed: NDArray[np.bool_]


def commodities(graph: MassGraph, claims: Sequence[Claim]) -> Commodities:
    """The kinds of metal that these claims tell apart."""
    others: tuple[bool, ...] = (False,) * len(claims)
    known = {*graph.origins, *(origin for claim in claims for origin in claim.origins)} - {UNTRACED}
    pattern = {origin: tuple(origin in claim.origins for claim in claims) for origin in known}
    # An untraced kilogram is of one origin, whichever it is, and counts besides where a claim names the untraced.
    named = tuple(UNTRACED in claim.origins for claim in claims)
    untraced = {
        tuple(one or other for one, other in zip(kind, named, strict=True)) for kind in {others, *pattern.values()}
    }
    kinds = [others, *sorted({*pattern.values(), *untraced} - {others})]
    place = {kind: number for number, kind in enumerate(kinds)}
    allowed = np.zeros((len(graph.origins), len(kinds)), dtype=np.bool_)
    for row, origin in enumerate(graph.origins):
        for kind in untraced if origin == UNTRACED else {pattern[origin]}:
            allowed[row, place[kind]] = True
    return Commodities(np.array(kinds, dtype=np.bool_).reshape(len(kinds), len(claims)), allowed)
