"""Claims over several lots and buyers: how certain each is by itself, and whether all can be true at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from lodeline.book.bounding import MG_PER_KG, known
from lodeline.book.claim_files import ClaimOf, claims_in
from lodeline.book.doubting import Suspects, doubt_of, suspects
from lodeline.book.judging import coverage, judged, to_claim
from lodeline.book.lot_metal import lot_metal
from lodeline.book.origin_answers import Doubt, Judged, Unheld
from lodeline.book.tables import Table
from lodeline.book.traced import Traced, traced
from lodeline.book.unheld import unheld_lots, unheld_of
from lodeline.errors import InputError, LodelineError

if TYPE_CHECKING:
    from decimal import Decimal

    import polars
    from numpy.typing import NDArray

    from lodeline.book.credit_claims import Allotted
    from lodeline.ledger.store import Store
    from lodeline.metal.policy import Policy
    from lodeline.origin.certificate import Certificate
    from lodeline.origin.joint import Joint, Verdict

Progress = Callable[[int], None]
Stage = Callable[[str], None]


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """A claim by itself.

    Attributes:
        place: Which of the file, from 1. buyer: who was told so; empty where nobody is named.
        judged: How certain it is, whatever is claimed of other lots.
        doubt: The lots that it rests on and whose own origin is in doubt; None where there are none.
        unheld: The lots that it counts by their declaration alone; None where there are none.
    """

    place: int
    buyer: str
    judged: Judged
    doubt: Doubt | None = None
    unheld: Unheld | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A claim of a contradicting set: which, and by how much it alone would have to be lowered, kg, at least."""

    place: int
    buyer: str
    lot: str
    alone_kg: float


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """The claims about one element, all at once.

    Attributes:
        element: Symbol. masses: ``reconciled`` or ``recorded``. not_reconciled: why not, where they should have been.
        verdict: ``consistent``: a way was found that all metal can have gone; ``contradictory``; ``undecided``.
        over_kg: So much, at least, must be given up of all claims together; 0 unless they contradict each other.
        members: Claims that contradict each other; none unless they do. members_over_kg: by how much they do.
        over_kg_u, members_over_kg_u: Standard uncertainties (k = 1), those of the masses; None where not known, or
            where nothing contradicts.
        within: Whether that is within as many standard uncertainties as the policy's chance of a false alarm allows
            for, so that with other masses all could be true; False where nothing contradicts, None where not known.
        irreducible: Whether without any one of them the others were shown to be possible.
        supposing: What it rests on: ``homogeneous lots`` where a mass was computed from the assay of another lot.
    """

    element: str
    masses: str
    not_reconciled: str
    verdict: Verdict
    over_kg: float
    members: tuple[Member, ...]
    members_over_kg: float
    irreducible: bool
    supposing: str
    over_kg_u: float | None = None
    members_over_kg_u: float | None = None
    within: bool | None = False


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of claims comes to.

    Attributes:
        as_of: The entry. policy: how the policy it rests on is cited.
        alone: Each claim by itself. together: of each element.
    """

    as_of: int
    policy: str
    alone: tuple[Alone, ...]
    together: tuple[Together, ...]

    @property
    def consistent(self) -> bool:
        """Whether all claims of every element were shown to be possible at once."""
        return all(one.verdict == "consistent" for one in self.together)

    def table(self) -> Table:
        """A row a claim."""
        each = [one.judged for one in self.alone]
        members = {one.place: one.alone_kg for of in self.together for one in of.members}
        rows: dict[str, Any] = {
            "claim": np.array([one.place for one in self.alone], dtype=np.int64),
            "buyer": [one.buyer for one in self.alone],
            "lot": [one.lot for one in each],
            "element": [one.element for one in each],
            "claimed": [one.claim for one in each],
            "claimed_kg": np.array([one.claimed_kg for one in each]),
            "lot_kg": np.array([one.lot_kg for one in each]),
            "least_kg": np.array([one.limits.least for one in each]),
            "most_kg": np.array([one.limits.most for one in each]),
            "certainty": [one.certainty for one in each],
            "supported_by": ["; ".join(one.supported_by) for one in each],
            "contradicted_by": ["; ".join(one.contradicted_by) for one in each],
            "custody": [one.custody for one in each],
            "custody_stated": [one.custody_stated for one in each],
            "credits_kg": np.array([np.nan if one.credits_kg is None else one.credits_kg for one in each]),
            "too_much_kg": np.array([members.get(one.place, np.nan) for one in self.alone]),
            "in_doubt": ["" if one.doubt is None else " ".join(one.doubt.lots) for one in self.alone],
            "in_doubt_kg": np.array([np.nan if one.doubt is None else one.doubt.most_kg for one in self.alone]),
            "declared_only": ["" if one.unheld is None else " ".join(one.unheld.lots) for one in self.alone],
            "declared_only_kg": np.array([np.nan if one.unheld is None else one.unheld.most_kg for one in self.alone]),
        }
        return Table(rows)

    def to_polars(self) -> polars.DataFrame:
        """A row a claim; ``too_much_kg`` is by how much a claim of a contradicting set would have to be lowered alone.

        Raises:
            InputError: ``flows.library_missing``.
        """
        return self.table().to_polars()


class Answered(NamedTuple):
    """Claims with what they were found by, for who wants certificates of them."""

    claims: Claims
    traced: Mapping[str, Traced]
    joint: Mapping[str, Joint]

    def certificate(self, store: Store) -> Certificate:
        """That the claims contradict each other, or can all be true.

        Raises:
            InputError: ``claim.elements``, ``certificate.undecided``, ``certificate.too_large``.
        """
        from lodeline.book.certifying import joint_certificate_of

        if len(self.joint) != 1:
            raise InputError(
                "claim.elements", "A certificate is of claims about one element; give a file for each.",
                elements=", ".join(self.joint),
            )  # fmt: skip
        ((element, joint),) = self.joint.items()
        return joint_certificate_of(store, self.traced[element], joint)


def answered(
    store: Store,
    content: bytes,
    *,
    file: str,
    as_of: int | None,
    credits: tuple[bytes, str] | None = None,
    recorded: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> Answered:
    """Hold a file of claims against a book.

    Args:
        content, file: Of claims, and how it is called. credits: a file of mass-balance credits likewise, which may have
            been used for what is claimed.

    Raises:
        InputError: What :func:`~lodeline.book.claim_files.claims_in` and
            :func:`~lodeline.book.credit_claims.allotted` refuse; ``origin.lot_unknown``,
            ``origin.lot_empty``, ``origin.country``, ``claim.origin_unknown``, ``chemistry.element_unknown``,
            ``origin.solver``. NotFoundError: ``origin.no_lot``. Each with the claim.
    """
    listed = claims_in(content, file=file)
    by_element: dict[str, list[ClaimOf]] = {}
    for one in listed:
        by_element.setdefault(one.element, []).append(one)
    of: dict[str, Traced] = {}
    joint: dict[str, Joint] = {}
    alone: list[Alone] = []
    together: list[Together] = []
    suspected: Suspects | None = None
    silent: Suspects | None = None
    every = {
        element: traced(store, as_of, element, recorded=recorded, progress=progress, stage=stage)
        for element in by_element
    }
    used = None
    if credits is not None:
        from lodeline.book.credit_claims import allotted

        used = allotted(credits[0], {made.element: made for made in every.values()}, file=credits[1])
    for element, claims in by_element.items():
        made = of[every[element].element] = every[element]
        if stage is not None:
            stage("weighing the claims")
        if suspected is None or silent is None:
            suspected, silent = suspects(made), unheld_lots(made)  # of the flows, the same for every element
        alone += [_alone(made, one, file, suspected, silent, used) for one in claims]
        joint[made.element], told = _together(made, claims)
        together.append(told)
    first = next(iter(of.values()))
    return Answered(
        Claims(
            as_of=first.as_of,
            policy=first.policy.cited,
            alone=tuple(sorted(alone, key=lambda one: one.place)),
            together=tuple(together),
        ),
        of,
        joint,
    )


def _alone(
    made: Traced, one: ClaimOf, file: str, suspected: Suspects, silent: Suspects, used: Allotted | None
) -> Alone:
    try:
        of = lot_metal(made, one.lot)
        return Alone(
            place=one.place,
            buyer=one.buyer,
            judged=judged(made, of, one.stated, stated=one.custody, credits=used),
            doubt=doubt_of(made, of, one.stated, suspected),
            unheld=unheld_of(made, of, one.stated, silent),
        )
    except LodelineError as refusal:
        raise refusal.located(file=file, claim=one.place) from refusal


def _together(made: Traced, listed: Sequence[ClaimOf]) -> tuple[Joint, Together]:
    from lodeline.origin.joint import contradiction, together

    graph = made.built.graph
    # All over the same origins: unknown metal may be of a country that another claim names.
    named = [one.stated.origin for one in listed]
    found = together(graph, [to_claim(made, lot_metal(made, one.lot), one.stated, one.name, named) for one in listed])
    against = contradiction(graph, found)
    members = []
    if against is not None:
        for place, alone_mg in zip(against.members, against.each_mg, strict=True):
            one = listed[place]
            members.append(Member(place=one.place, buyer=one.buyer, lot=one.lot, alone_kg=float(alone_mg) / MG_PER_KG))
    shares = [one.stated.share for one in listed]
    over_u = _over_u(made, found, shares)
    members_u = None if against is None else _over_u(made, against.alone, [shares[one] for one in against.members])
    # A certificate of the members names no other claim.
    return (found if against is None else against.alone), Together(
        element=made.element,
        masses=made.masses,
        not_reconciled=made.not_reconciled,
        verdict=found.verdict,
        over_kg=float(found.over_mg) / MG_PER_KG,
        members=tuple(members),
        members_over_kg=0.0 if against is None else float(against.over_mg) / MG_PER_KG,
        irreducible=against is not None and against.irreducible,
        supposing=_supposing(made, found if against is None else against.alone),
        over_kg_u=over_u,
        members_over_kg_u=members_u,
        within=_within(made.policy, found, over_u),
    )


def _over_u(made: Traced, found: Joint, shares: Sequence[Decimal | None]) -> float | None:
    """The standard uncertainty of what is claimed too much, kg: for fixed multipliers it is a sum of masses.

    What is claimed as a share of a lot grows with the lot.
    """
    if found.multipliers is None or found.verdict != "contradictory":
        return None
    slope = over_slope(found, shares, made.built.graph.mg.size)
    return known(float(made.spread(slope[:, None] / MG_PER_KG)[0]))


def over_slope(found: Joint, shares: Sequence[Decimal | None], arcs: int) -> NDArray[np.float64]:
    """(arc,) how much more is claimed too much for each milligram that an arc of the graph weighs more.

    Args:
        found: Claims that contradict each other. shares: what each claims of its lot; None where kilograms are.
        arcs: How many the graph has.
    """
    from lodeline.origin.multipliers import per_mg

    up, proof, slope = found.program.upstream, found.multipliers, np.zeros(arcs)
    if proof is None:
        return slope
    weight = per_mg(found.program, proof)
    for place, (claim, share) in enumerate(zip(found.program.claims, shares, strict=True)):
        if share is not None:
            sign = 1.0 if claim.sense == "at least" else -1.0
            weight[up.place(claim.arcs)] += sign * proof.y[place] / proof.denominator * float(share)
    there = up.row >= 0
    np.add.at(slope, up.row[there], weight[there])
    return slope


def _within(policy: Policy, found: Joint, over_u: float | None) -> bool | None:
    """Whether a contradiction is within the uncertainty of the masses."""
    if found.verdict != "contradictory":
        return False
    k = coverage(policy)
    if k is None or over_u is None:
        return None
    return float(found.over_mg) / MG_PER_KG <= k * over_u


def _supposing(made: Traced, found: Joint) -> str:
    """Whether a mass that a contradiction rests on was computed from the assay of another lot."""
    from lodeline.book.judging import HOMOGENEOUS
    from lodeline.origin.multipliers import prices
    from lodeline.origin.unconditional import assayed

    if found.multipliers is None:
        return ""
    rows = found.program.upstream.row[prices(found.program, found.multipliers.y, found.multipliers.pi) != 0]
    own = assayed(made.built.graph)
    return "" if own[rows[rows >= 0]].all() else HOMOGENEOUS
