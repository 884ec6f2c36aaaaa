"""How certain a claim of origin about one lot is, and which model of the chain of custody the record bears out."""

from __future__ import annotations

import math
from decimal import Decimal
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.book.bounding import MG_PER_KG, limits_of
from lodeline.book.claim_text import KINDS, Stated, asked_of
from lodeline.book.mixed import AS_KEPT, mixed
from lodeline.book.origin_answers import Judged
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lodeline.book.credit_claims import Allotted
    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.origin_answers import Limits
    from lodeline.book.parcel_bounds import ParcelBounds
    from lodeline.book.traced import Traced
    from lodeline.metal.policy import Policy
    from lodeline.metal.sums import Signed
    from lodeline.origin.bounds import Bound
    from lodeline.origin.claims import Claim
    from lodeline.origin.custody import Evidence, Model
    from lodeline.origin.cut_uncertainty import Uncertain
    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

HOMOGENEOUS: Final = "homogeneous lots"
KEPT: Final = "stores that keep an order kept to it"
MIXING: Final = f"mixing {AS_KEPT}"


def judged(
    traced: Traced,
    of: LotMetal,
    it: Stated,
    *,
    stated: Model | None = None,
    parcels: ParcelBounds | None = None,
    credits: Allotted | None = None,
) -> Judged:
    """How certain a claim is.

    Args:
        credits: Mass-balance credits that may have been used for it; None where no accounts are given.
        parcels: What homogeneous parcels would bear out; None where that is not supposed.
        stated: The model of the chain of custody that is claimed; None where none is.

    Raises:
        InputError: ``origin.country``, ``claim.origin_unknown``, ``origin.series``, and those of
            :func:`lodeline.origin.claims.check_claim`.
    """
    from lodeline.origin.custody import custody, standing
    from lodeline.origin.proportion import known_proportion

    claim = to_claim(traced, of, it, str(it))
    asked = asked_of(possible_origins(traced, it.origin), it.origin)
    bound = traced.bounds.arcs(of.arcs, asked)
    limits, k = limits_of(traced, bound, asked), coverage(traced.policy)
    share = 0.0 if it.share is None else float(it.share)
    apart = _Apart(traced, of, share, k or 0.0)
    evidence = [
        *_bounds(traced, of, bound, limits, apart),
        *kept_to(traced, of, asked, share, k=k or 0.0),
        *_alike(parcels, asked),
        as_kept(traced, of, claim, share),
    ]
    stands = standing(claim, evidence, k=k or 0.0)
    rule = known_proportion(traced.built.graph, traced.flows, traced.rules, claim)
    drawn = None if credits is None else credits.of(traced, of.lot, claim, it)
    credited = drawn is not None and drawn.bears_out
    kept = custody(traced.built.graph, claim, stated=stated, proportion=rule, credited=credited)
    return Judged(
        claim=str(it),
        lot=of.lot,
        element=traced.element,
        claimed_kg=claim.mg / MG_PER_KG,
        lot_kg=bound.mg / MG_PER_KG,
        limits=limits,
        certainty=stands.certainty,
        supported_by=stands.supported_by,
        contradicted_by=stands.contradicted_by,
        k=k,
        custody=kept.borne_out,
        custody_stated=stated,
        foreign=tuple(_named(one) for one in kept.foreign),
        credits_kg=None if drawn is None else drawn.mg / MG_PER_KG,
        credits_against=() if drawn is None else drawn.against,
    )


def coverage(policy: Policy) -> float | None:
    """Within how many standard uncertainties claims are judged, by the policy's chance of a false alarm; None: it
    names none, and masses are taken as they are."""
    alarms = policy.false_alarms
    return None if alarms is None else max(0.0, NormalDist().inv_cdf(1 - float(alarms)))


def to_claim(traced: Traced, of: LotMetal, it: Stated, name: str, beside: Iterable[str] = ()) -> Claim:
    """The claim as one about arcs of the mass graph, milligrams.

    Args:
        beside: Origins that claims name with which it is asked together.

    Raises:
        InputError: ``origin.country``, ``claim.origin_unknown``, and those of
            :func:`lodeline.origin.claims.check_claim`.
    """
    from lodeline.origin.claims import Claim, check_claim, share_claim

    graph, arcs = traced.built.graph, tuple(of.arcs.tolist())
    asked = asked_of(possible_origins(traced, it.origin, *beside), it.origin)
    if it.share is not None:
        return share_claim(graph, name, arcs, asked, sense=it.sense, share=it.share)
    # Rounded so that the claim is never made stronger than it is.
    exact = (it.kg or Decimal(0)) * MG_PER_KG
    mg = exact.__floor__() if it.sense == "at least" else exact.__ceil__()
    claim = Claim(name, arcs, asked.surely, it.sense, mg, asked.perhaps)
    check_claim(graph, claim)
    return claim


def possible_origins(traced: Traced, *named: str) -> tuple[Origin, ...]:
    """Origins that metal can be of: countries that only claims name among them."""
    from lodeline.origin.claims import possible

    return possible(traced.built.graph.origins, [one for one in named if one not in KINDS and ":" not in one])


def _named(origin: Origin) -> str:
    return origin.name or origin.country or origin.kind


def _bounds(traced: Traced, of: LotMetal, bound: Bound, limits: Limits, apart: _Apart) -> list[Evidence]:
    """What holds whatever the mixing was; and apart from it, what holds only if lots are homogeneous."""
    from lodeline.origin.custody import Evidence
    from lodeline.origin.cut_uncertainty import uncertain

    u_least, u_most = (apart.milligrams(one) for one in uncertain(traced.built, traced.bounds, bound, apart))
    if not (limits.least_supposes or limits.most_supposes):
        return [Evidence(bound.least, bound.most, u_least, u_most)]
    least, most = bound.least, bound.most
    if limits.least_supposes:
        least = 0 if limits.loose_least is None else math.floor(limits.loose_least * MG_PER_KG)
    if limits.most_supposes:
        most = bound.mg if limits.loose_most is None else math.ceil(limits.loose_most * MG_PER_KG)
    plain = Evidence(min(least, most), most, u_least, u_most)
    return [plain, Evidence(bound.least, bound.most, u_least, u_most, assumption=HOMOGENEOUS)]


def kept_to(traced: Traced, of: LotMetal, asked: Wanted, share: float, *, k: float) -> list[Evidence]:
    """What holds if stores that keep an order kept to it; nothing where none is said to.

    Args:
        share: That is claimed; 0 where kilograms are. k: standard uncertainties that are allowed for; a side of which
            nobody knows how uncertain it is says nothing then.
    """
    from lodeline.book.kept_bounds import kept_limits
    from lodeline.origin.custody import Evidence

    by = traced.kept
    if by is None:
        return []
    found, mg = kept_limits(traced, of, by, asked), int(traced.built.graph.mg[of.arcs].sum())
    # A share that is claimed varies with the lot; its own uncertainty is added as if both went the same way.
    slope = np.zeros((traced.built.graph.mg.size, 1))
    slope[of.arcs] = share
    moved = float(np.nan_to_num(traced.spread(slope))[0])
    u = [0.0 if one is None else one * MG_PER_KG + moved for one in (found.least_u, found.most_u)]
    least = 0 if k and found.least_u is None else round(found.least * MG_PER_KG)
    most = mg if k and found.most_u is None else round(found.most * MG_PER_KG)
    alike = f", and {HOMOGENEOUS}" if found.least_supposes or found.most_supposes else ""
    return [Evidence(least, most, u[0], u[1], assumption=KEPT + alike)]


def _alike(parcels: ParcelBounds | None, asked: Wanted) -> list[Evidence]:
    """What holds if parcels are homogeneous, at the masses as they are."""
    from lodeline.origin.custody import Evidence

    if parcels is None:
        return []
    found = parcels.limits(asked)
    least, most = math.floor(found.least * MG_PER_KG), math.ceil(found.most * MG_PER_KG)
    return [Evidence(least, max(most, least), assumption=str(parcels.alike))]


class _Apart:
    """How uncertain it is how far a bound is from what is claimed: a share of the lot varies with the lot.

    Args:
        share: That is claimed; 0 where kilograms are. k: standard uncertainties that are allowed for.
    """

    def __init__(self, traced: Traced, of: LotMetal, share: float, k: float) -> None:
        self._traced, self._of, self._share, self._k = traced, of, share, k

    def of_many(self, sums: Sequence[Signed]) -> list[Figure]:
        """Of the least and of the most, each followed by what two of its cuts are apart, which no claim is in."""
        weight = np.zeros((self._traced.flows.flows.rows, len(sums)))
        for column, (plus, minus) in enumerate(sums):
            np.add.at(weight[:, column], plus, 1.0)
            np.subtract.at(weight[:, column], minus, 1.0)
        weight[np.ix_(self._of.rows, np.arange(0, len(sums), 2))] -= self._share
        u = self._traced.spread_of_flows(weight / MG_PER_KG)
        kg = np.nan_to_num(self._traced.built.kg) @ weight
        return [
            Figure(value=value, u=None if math.isnan(off) else off, unit="KGM", standing="computed")
            for value, off in zip(kg.tolist(), u.tolist(), strict=True)
        ]

    def milligrams(self, one: Uncertain) -> float:
        """As a standard uncertainty, larger where it has to be allowed for at two cuts; what nobody knows is none."""
        if math.isnan(one.u_kg) or one.u_kg * MG_PER_KG < 1 or not self._k:
            return 0.0
        normal = NormalDist()
        both = normal.inv_cdf(normal.cdf(self._k) ** (1 / one.cuts))
        return one.u_kg * MG_PER_KG * both / self._k


def as_kept(traced: Traced, of: LotMetal, claim: Claim, share: float) -> Evidence:
    """What the lot holds of the origins if stores mix as they are kept; untraced metal is none of them."""
    from lodeline.origin.custody import Evidence
    from lodeline.origin.shares import labelled
    from lodeline.origin.uncertainty import slopes

    rule = mixed(traced, None)
    graph, at = rule.graph, rule.arcs(of.arcs)
    counts = np.array([one in claim.origins for one in graph.origins] + [False])
    label = np.where(graph.origin >= 0, counts[graph.origin].astype(np.int64), -1)
    found = labelled(graph, label, 2)
    held, mg = found.of_arcs(at)[:, 1], graph.mg[at].astype(np.float64)
    slope = np.zeros((graph.mg.size, 1))
    for place, arc in enumerate(at.tolist()):
        slope += mg[place] * slopes(found, arc)[:, 1:]
        slope[arc] += held[place] - share
    of_old, _ = rule.slopes(slope)
    kept = round(float(mg @ held))
    # What nobody knows is not taken into account, and below a milligram is rounding.
    off = float(np.nan_to_num(traced.spread(of_old))[0])
    u = off if off >= 1 else 0.0
    return Evidence(kept, kept, u, u, assumption=MIXING)
