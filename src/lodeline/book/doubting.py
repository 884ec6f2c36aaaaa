"""Claims that rest on lots whose own origin is in doubt: the lots are named, and what is left of the claim without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.book.bounding import MG_PER_KG
from lodeline.book.claim_text import asked_of
from lodeline.book.judging import possible_origins, to_claim
from lodeline.book.origin_answers import Doubt
from lodeline.origin.doubting import Doubted, doubted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lodeline.book.claim_text import Stated
    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.traced import Traced
    from lodeline.metal.detection.suspicion import Suspicion

OF_A_LOT: Final = frozenset(
    {"origin.grades_unlike_deposit", "origin.ratios_unlike_deposit", "origin.like_what_is_unlike", "origin.too_fast"}
)
"""Findings whose first lot is the one in doubt."""
OF_ALL: Final = frozenset({"origin.foreign_mass"})
"""Findings of which all lots are: foreign ore is among those of a stretch of time, and nobody knows in which."""
WEIGHED: Final = ("strong", "weak")


class Suspects:
    """Lots in doubt.

    Args:
        codes: By the name of each as in the flows, the codes of what weighs against it.
    """

    def __init__(self, codes: Mapping[int, frozenset[str]]) -> None:
        self.codes = codes
        self._made: dict[tuple[str, frozenset[int]], Doubted | None] = {}

    def graph(self, traced: Traced, lots: frozenset[int]) -> Doubted | None:
        """The mass graph with some of them in doubt, of one book; drawn once for each element and set of lots."""
        key = (traced.element, lots)
        if key not in self._made:
            self._made[key] = doubted(traced.built, lots, reconciled=traced.reconciled)
        return self._made[key]


def suspects(traced: Traced) -> Suspects:
    """The lots of a book against whose declared origin its findings weigh, strong or weak."""
    from lodeline.book.finding import SEED
    from lodeline.origin.plausibility import plausibility

    found = plausibility(traced.flows, traced.policy, traced.master, np.random.default_rng(SEED))
    return in_doubt(traced, found.suspicions)


def in_doubt(traced: Traced, found: tuple[Suspicion, ...]) -> Suspects:
    """The same, of suspicions at hand."""
    codes: dict[int, set[str]] = {}
    for one in found:
        doubtful = one.lots if one.code in OF_ALL else one.lots[:1] if one.code in OF_A_LOT else ()
        if one.weight in WEIGHED:
            for lot in doubtful:
                codes.setdefault(traced.flows.index(lot), set()).add(one.code)
    return Suspects({lot: frozenset(of) for lot, of in codes.items() if lot >= 0})


def doubt_of(traced: Traced, of: LotMetal, it: Stated, suspected: Suspects) -> Doubt | None:
    """What a claim of at least so much of an origin rests on that is in doubt; None where nothing is.

    Raises:
        InputError: As :func:`lodeline.book.judging.to_claim`.
    """
    if it.sense != "at least" or not suspected.codes:
        return None
    asked = asked_of(possible_origins(traced, it.origin), it.origin)
    graph = traced.built.graph
    counts = {place for place, one in enumerate(graph.origins) if one in asked.surely}
    declared = _declared(traced, suspected, counts)
    made = suspected.graph(traced, declared) if declared else None
    names = () if made is None else made.lots(of.arcs)
    if made is None or not names:
        return None
    claim = to_claim(traced, of, it, str(it))
    least = made.bounds.arcs(of.arcs, asked).least
    sure = min(traced.bounds.arcs(of.arcs, asked).least, claim.mg)
    return Doubt(
        lots=tuple(traced.flows.name(one) or "" for one in names),
        codes=tuple(sorted(frozenset().union(*(suspected.codes[one] for one in names)))),
        most_kg=made.mg(of.arcs) / MG_PER_KG,
        least_kg=least / MG_PER_KG,
        lacking_kg=max(sure - least, 0) / MG_PER_KG,
    )


def _declared(traced: Traced, suspected: Suspects, counts: set[int]) -> frozenset[int]:
    """Lots in doubt of which the declared origin counts."""
    built = traced.built
    lot, source = traced.flows.flows["lot"], built.source
    return frozenset(
        one for one in suspected.codes if counts.intersection(source[(lot == one) & (source >= 0)].tolist())
    )
