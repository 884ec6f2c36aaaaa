"""Where the metal of a lot is from: shares by what is asked, and the least and the most whatever the mixing was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lodeline.book.bounding import MG_PER_KG, known, limits_of
from lodeline.book.claim_text import Stated, stated
from lodeline.book.classes import OF_ORIGINS, Classes, classes
from lodeline.book.judging import judged
from lodeline.book.kept_bounds import Kept, kept, kept_limits
from lodeline.book.lot_metal import LotMetal, lot_metal
from lodeline.book.mixed import ALL, EVERYWHERE, Mixed, mixed
from lodeline.book.origin_answers import Doubt, Part, Traces, Unheld
from lodeline.book.parcel_bounds import Alike, ParcelBounds
from lodeline.book.unsettled import unsettled
from lodeline.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.credit_claims import Allotted
    from lodeline.book.traced import Traced

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]


def traces(
    traced: Traced,
    lot: str,
    *,
    by: str = "country",
    mixing: str | None = None,
    bounds: bool = False,
    claims: Sequence[str] = (),
    alike: Alike | None = None,
    credits: Allotted | None = None,
) -> Traces:
    """Where the metal of a lot is from.

    Args:
        lot: Its id, in any spelling.
        by: One of :data:`lodeline.book.classes.BY`.
        mixing: A rule for all stores, or ``all``; None: as each is kept by master data or policy.
        bounds: Give the least and the most of each class too, which suppose nothing about mixing.
        claims: Say how certain each of these is: ``PK>=0.8``.
        alike: Give bounds and weigh claims supposing homogeneous parcels too.
        credits: Mass-balance credits that may have been used for what is claimed.

    Raises:
        NotFoundError: ``origin.no_lot``. InputError: ``origin.lot_unknown``, ``origin.lot_empty``,
            ``origin.by_unknown``, ``origin.bounds_by``, ``origin.mixing_unknown``, ``origin.series``, ``claim.text``,
            ``claim.share``, ``claim.origin_unknown``, ``origin.country``.
    """
    said = [stated(one) for one in claims]
    bounds = bounds or alike is not None
    if bounds and by not in OF_ORIGINS:
        raise InputError(
            "origin.bounds_by", f"Bounds are of origins; tell them apart by {', '.join(OF_ORIGINS)}.", by=by
        )
    of = lot_metal(traced, lot)
    parcels = None if alike is None else ParcelBounds(traced, of, alike)
    main = mixed(traced, None if mixing == ALL else mixing)
    found = shares_under(traced, of.arcs, main, by)
    by_rule = {}
    if mixing == ALL:
        under = {rule: shares_under(traced, of.arcs, mixed(traced, rule), by, uncertain=False) for rule in EVERYWHERE}
        by_rule = {main.rule: found, **under}
    return Traces(
        lot=of.lot,
        element=traced.element,
        as_of=traced.as_of,
        policy=traced.policy.cited,
        state=of.state,
        places=of.places,
        owners=of.owners,
        kg=mass_kg(traced, of),
        kg_u=mass_u(traced, of),
        by=by,
        mixing=main.rule,
        masses=traced.masses,
        not_reconciled=traced.not_reconciled,
        parts=_parts(traced, of, found, by_rule, kept(traced, main) if bounds else None, parcels, bounds=bounds),
        unknown=unsettled(traced.built, np.union1d(of.rows, of.unknown)),
        left_out=int(of.unknown.size),
        claims=tuple(judged(traced, of, one, parcels=parcels, credits=credits) for one in said),
        doubts=_doubts(traced, of, said),
        unheld=_unheld(traced, of, said),
    )


def _doubts(traced: Traced, of: LotMetal, said: Sequence[Stated]) -> tuple[Doubt | None, ...]:
    """What each claim rests on that is in doubt; plausibility is looked at only if there is a claim."""
    if not said:
        return ()
    from lodeline.book.doubting import doubt_of, suspects

    suspected = suspects(traced)
    return tuple(doubt_of(traced, of, one, suspected) for one in said)


def _unheld(traced: Traced, of: LotMetal, said: Sequence[Stated]) -> tuple[Unheld | None, ...]:
    """What each claim counts by declarations alone."""
    if not said:
        return ()
    from lodeline.book.unheld import unheld_lots, unheld_of

    alone = unheld_lots(traced)
    return tuple(unheld_of(traced, of, one, alone) for one in said)


NUMBERS: Final = 50_000_000
"""Arcs times classes up to which shares have an uncertainty: what is beyond it would not fit into memory."""


class Shared(NamedTuple):
    """Shares of some arcs together by class: (class,) each; an uncertainty that is not known is NaN."""

    classes: Classes
    share: Floats
    share_u: Floats


def shares_under(traced: Traced, arcs: Rows, rule: Mixed, by: str, *, uncertain: bool = True) -> Shared:
    """Shares of some arcs together, under a rule of mixing."""
    from lodeline.origin.shares import labelled
    from lodeline.origin.uncertainty import slopes

    into = classes(rule.graph, traced.flows, by)
    found = labelled(rule.graph, into.label, len(into.names))
    at = rule.arcs(arcs)
    of_arcs, mg = found.of_arcs(at), rule.graph.mg[at].astype(np.float64)
    share = mg @ of_arcs / mg.sum()  # (class,)
    if not uncertain or rule.graph.mg.size * share.size > NUMBERS:
        return Shared(into, share, np.full(share.size, np.nan))
    # A share of several is a mean weighed by their masses, each of which moves it towards its own.
    slope = np.zeros((rule.graph.mg.size, share.size))
    for place, arc in enumerate(at.tolist()):
        slope += mg[place] / mg.sum() * slopes(found, arc)
        slope[arc] += (of_arcs[place] - share) / mg.sum()
    of_old, unknown = rule.slopes(slope)
    return Shared(into, share, np.where(unknown, np.nan, traced.spread(of_old)))


def _parts(
    traced: Traced,
    of: LotMetal,
    found: Shared,
    by_rule: Mapping[str, Shared],
    keeping: Kept | None,
    parcels: ParcelBounds | None,
    *,
    bounds: bool,
) -> tuple[Part, ...]:
    under = {rule: dict(zip(one.classes.names, one.share.tolist(), strict=True)) for rule, one in by_rule.items()}
    kg, parts = mass_kg(traced, of), []
    for place, name in enumerate(found.classes.names):
        asked, share = found.classes.asked[place], float(found.share[place])
        limits = as_kept = together = None
        if bounds and asked is not None:
            limits = limits_of(traced, traced.bounds.arcs(of.arcs, asked), asked)
            as_kept = None if keeping is None else kept_limits(traced, of, keeping, asked)
            together = None if parcels is None else parcels.limits(asked)
        rules = {rule: one.get(name, 0.0) for rule, one in under.items()}
        # What cannot be in it is not listed, unless somebody asked how much can.
        if share > 0 or any(rules.values()) or (limits is not None and limits.most > 0):
            parts.append(
                Part(
                    name=name,
                    share=share,
                    share_u=known(float(found.share_u[place])),
                    kg=share * kg,
                    limits=limits,
                    kept=as_kept,
                    alike=together,
                    by_rule=rules,
                )
            )
    return tuple(sorted(parts, key=lambda one: (-one.share, one.name)))


def mass_kg(traced: Traced, of: LotMetal) -> float:
    """The mass of the element in the metal of a lot, kg."""
    return float(traced.built.graph.mg[of.arcs].sum()) / MG_PER_KG


def mass_u(traced: Traced, of: LotMetal) -> float | None:
    """Its standard uncertainty (k = 1), kg; None where it is not known."""
    slope = np.zeros((traced.built.graph.mg.size, 1))
    slope[of.arcs] = 1 / MG_PER_KG
    return known(float(traced.spread(slope)[0]))
