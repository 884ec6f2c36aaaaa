"""How certain a claim about a declared group is: by the sums of what its members can hold.

No kilogram of one member is a kilogram of another, so that the least of the group is the sum of their least, under each
assumption by itself. Uncertainties are added as if all went the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.book.bounding import MG_PER_KG, known, limits_of
from lodeline.book.claim_text import Stated, asked_of
from lodeline.book.judging import HOMOGENEOUS, KEPT, MIXING, as_kept, coverage, kept_to, possible_origins
from lodeline.book.origin_answers import Judged, Limits

if TYPE_CHECKING:
    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.traced import Traced
    from lodeline.origin.claims import Claim
    from lodeline.origin.custody import Evidence
    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted


class Held(NamedTuple):
    """What a lot holds of one member: of its element, and kilograms of the member for one of it."""

    traced: Traced
    of: LotMetal
    factor: float


class _Asked(NamedTuple):
    """What is asked of one member.

    Attributes:
        held: It. origins: that count. claim: about it alone. limits: whatever the mixing was.
        mg: How much of the element the lot holds, milligrams. moved_u_mg: how uncertain what is claimed of it is.
    """

    held: Held
    origins: Wanted
    claim: Claim
    limits: Limits
    mg: int
    moved_u_mg: float


def group_judged(name: str, held: Sequence[Held], it: Stated) -> Judged:
    """How certain a share of a group is.

    Args:
        name: Of the group. held: of each member of which the lot holds anything, from one book. it: a share.

    Raises:
        InputError: ``origin.country``, ``origin.series``, ``claim.origin_unknown``.
    """
    from lodeline.book.group_tracing import summed_limits
    from lodeline.origin.claims import Claim
    from lodeline.origin.custody import model_of, sources_of, standing
    from lodeline.origin.proportion import known_proportion

    share, k = float(it.share or 0), coverage(held[0].traced.policy)
    each = [_asked(one, it) for one in held]
    limits = summed_limits([(one.held.factor, one.limits) for one in each])
    if limits is None:
        raise AssertionError("unreachable: every member has limits")
    kg = sum(one.held.factor * one.mg / MG_PER_KG for one in each)
    # Rounded so that the claim is never made stronger than it is.
    mg = share * kg * MG_PER_KG
    claim = Claim(str(it), (), frozenset(), it.sense, math.floor(mg) if it.sense == "at least" else math.ceil(mg))
    evidence = [*_bounds(each, limits), *_kept_to(each, share, k or 0.0), _as_kept(each, share)]
    stands = standing(claim, evidence, k=k or 0.0)
    came = [(one, sources_of(one.held.traced.built.graph, one.claim.arcs)) for one in each]
    sources: set[Origin] = set().union(*(of for _, of in came))
    foreign = tuple(sorted({origin for one, of in came for origin in of - one.claim.origins}))
    known = {
        known_proportion(of.built.graph, of.flows, of.rules, one.claim) for one in each for of in (one.held.traced,)
    }
    rule = "" if "" in known else max(known)
    return Judged(
        claim=str(it),
        lot=held[0].of.lot,
        element=name,
        claimed_kg=share * kg,
        lot_kg=kg,
        limits=limits,
        certainty=stands.certainty,
        supported_by=stands.supported_by,
        contradicted_by=stands.contradicted_by,
        k=k,
        custody=model_of(sources, foreign, rule, credited=False),
        custody_stated=None,
        foreign=tuple(dict.fromkeys(one.name or one.country or one.kind for one in foreign)),
    )


def _asked(one: Held, it: Stated) -> _Asked:
    from lodeline.origin.claims import share_claim

    graph = one.traced.built.graph
    wanted = asked_of(possible_origins(one.traced, it.origin), it.origin)
    claim = share_claim(graph, str(it), tuple(one.of.arcs.tolist()), wanted, sense=it.sense, share=it.share or 0)
    limits = limits_of(one.traced, one.traced.bounds.arcs(one.of.arcs, wanted), wanted)
    slope = np.zeros((graph.mg.size, 1))
    slope[one.of.arcs] = float(it.share or 0)
    moved = known(float(one.traced.spread(slope)[0])) or 0.0
    return _Asked(one, wanted, claim, limits, int(graph.mg[one.of.arcs].sum()), moved)


def _bounds(each: Sequence[_Asked], limits: Limits) -> list[Evidence]:
    """Bounds whatever the mixing was, and apart from them those that hold if lots are homogeneous."""
    from lodeline.origin.custody import Evidence

    moved = sum(one.held.factor * one.moved_u_mg for one in each)
    u_least, u_most = (((one or 0.0) * MG_PER_KG + moved) for one in (limits.least_u, limits.most_u))

    def of(least: float, most: float, assumption: str = "") -> Evidence:
        low = math.floor(least * MG_PER_KG)
        return Evidence(low, max(low, math.ceil(most * MG_PER_KG)), u_least, u_most, assumption)

    if not (limits.least_supposes or limits.most_supposes):
        return [of(limits.least, limits.most)]
    least = sum(one.held.factor * _loose(one, least=True) for one in each)
    most = sum(one.held.factor * _loose(one, least=False) for one in each)
    return [of(min(least, most), most), of(limits.least, limits.most, HOMOGENEOUS)]


def _loose(one: _Asked, *, least: bool) -> float:
    """A limit that does not suppose homogeneous lots, kg: where none was computed nothing, or all that there is."""
    limits, value = one.limits, one.limits.loose_least if least else one.limits.loose_most
    if not (limits.least_supposes if least else limits.most_supposes):
        return limits.least if least else limits.most
    if value is None:
        return 0.0 if least else one.mg / MG_PER_KG
    return value


def _kept_to(each: Sequence[_Asked], share: float, k: float) -> list[Evidence]:
    """What holds if stores that keep an order kept to it; of members of which none is known, whatever the mixing."""
    from lodeline.origin.custody import Evidence

    found = [kept_to(one.held.traced, one.held.of, one.origins, share, k=k) for one in each]
    if not any(found):
        return []
    least = most = u_least = u_most = 0.0
    homogeneous = False
    for one, told in zip(each, found, strict=True):
        free = [Evidence(round(one.limits.least * MG_PER_KG), round(one.limits.most * MG_PER_KG),
                         (one.limits.least_u or 0.0) * MG_PER_KG + one.moved_u_mg,
                         (one.limits.most_u or 0.0) * MG_PER_KG + one.moved_u_mg)]  # fmt: skip
        by, factor = (told or free)[0], one.held.factor
        least, most = least + factor * by.least_mg, most + factor * by.most_mg
        u_least, u_most = u_least + factor * by.least_u_mg, u_most + factor * by.most_u_mg
        supposes = one.limits.least_supposes or one.limits.most_supposes
        homogeneous |= HOMOGENEOUS in by.assumption if told else supposes
    alike = f", and {HOMOGENEOUS}" if homogeneous else ""
    return [Evidence(math.floor(least), math.ceil(most), u_least, u_most, assumption=KEPT + alike)]


def _as_kept(each: Sequence[_Asked], share: float) -> Evidence:
    """What the lot holds of the origin if stores mix as they are kept."""
    from lodeline.origin.custody import Evidence

    mg = u = 0.0
    for one in each:
        found = as_kept(one.held.traced, one.held.of, one.claim, share)
        mg, u = mg + one.held.factor * found.least_mg, u + one.held.factor * found.least_u_mg
    return Evidence(round(mg), round(mg), u, u, assumption=MIXING)
