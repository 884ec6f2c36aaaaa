"""Origins: the mass graphs of a reconciled book into what the section on origins reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.metal.flows.words import CLOSING
from lodeline.report.given_origins import SeenOrigin, SeenOrigins
from lodeline.report.origin_tree import tree
from lodeline.units.figure import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.book.origin_answers import Limits
    from lodeline.book.traced import Traced
    from lodeline.book.view import View
    from lodeline.metal.reconciliation.reconciled import Reconciled
    from lodeline.report.names import Names

    Rows = NDArray[np.int64]

MG_PER_KG: Final = 1_000_000
PERCENT: Final = 100.0
PASSES: Final = 20_000_000
"""Arcs that are passed for the uncertainty of shares at most: each part that is held costs a pass over the graph."""


def origins(view: View, names: Names, found: Reconciled, elements: Sequence[str]) -> tuple[SeenOrigins, ...]:
    """Where what is held of each element at the end is from; of an element of which nothing is held, nothing."""
    from lodeline.book.traced import Traced
    from lodeline.metal.registered import latest

    master, seen = latest(view.master), []
    for element in elements:
        traced = Traced(element, view.as_of, view.supposing, master, found.flows, found)
        flow, built = found.flows.flows, traced.built
        held = np.flatnonzero(flow["head"] == CLOSING)
        known = held[built.arc[held] >= 0]
        if known.size:
            lots = len({int(lot) for lot in flow["lot"][known] if lot >= 0})
            seen.append(_held(traced, names, known, lots, int(built.unknown[held].sum())))
    return tuple(seen)


def _held(traced: Traced, names: Names, rows: Rows, lots: int, unknown: int) -> SeenOrigins:
    from lodeline.book.bounding import limits_of
    from lodeline.book.mixed import mixed
    from lodeline.book.tracing import shares_under

    built, rule = traced.built, mixed(traced, None)
    arcs = built.arc[rows]
    kg = float(built.graph.mg[arcs].sum()) / MG_PER_KG
    shared = shares_under(traced, arcs, rule, "country", uncertain=arcs.size * built.graph.mg.size <= PASSES)
    seen = []
    for place, country in enumerate(shared.classes.names):
        asked, part, u = shared.classes.asked[place], float(shared.share[place]), float(shared.share_u[place])
        limits = None if asked is None else limits_of(traced, traced.bounds.arcs(arcs, asked), asked)
        if part > 0 or (limits is not None and limits.most > 0):
            seen.append(_seen(country, part, None if np.isnan(u) else u, kg, limits))
    slope = np.zeros((built.graph.mg.size, 1))
    slope[arcs] = 1 / MG_PER_KG
    return SeenOrigins(
        element=traced.element,
        held=_known(kg, float(traced.spread(slope)[0]), "KGM"),
        lots=lots,
        unknown=unknown,
        mixing=rule.rule,
        origins=tuple(sorted(seen, key=lambda one: (-(one.share.value or 0.0), one.country))),
        tree=tree(traced, names),
    )


def _seen(country: str, part: float, u: float | None, kg: float, limits: Limits | None) -> SeenOrigin:
    return SeenOrigin(
        country=country,
        share=_known(part * PERCENT, None if u is None else u * PERCENT, "P1"),
        mass=_known(part * kg, None if u is None else u * kg, "KGM"),
        least=None if limits is None else _known(limits.least, limits.least_u, "KGM"),
        most=None if limits is None else _known(limits.most, limits.most_u, "KGM"),
        supposes=limits is not None and (limits.least_supposes or limits.most_supposes),
    )


def _known(value: float, u: float | None, unit: str) -> Figure:
    return Figure(value=value, u=None if u is None or np.isnan(u) else u, unit=unit, standing="computed")
