"""Which figures of a book are at a limit: what the readings alone would put below nothing, or above the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.errors import Settle
from lodeline.metal.detection.suspicion import Suspicion
from lodeline.metal.reconciliation.figure_names import described, name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.reconciled import Reconciled

    Rows = NDArray[np.int64]

NAMED = 5
"""Figures that the remark names."""


class Held(NamedTuple):
    """Figures of one kind that are at a limit.

    Attributes:
        words: What they are, of one and of several, and where the readings would put them.
        figures: Name of each. flows: a flow that has it. act: what would settle it.
    """

    words: tuple[str, str, str]
    figures: list[str]
    flows: list[int]
    act: str


def at_limits(reconciled: Reconciled) -> tuple[Suspicion, ...]:
    """One remark for all of them, or that limits could not be kept; none where no limit holds."""
    if reconciled.unlimited is not None:
        return (
            Suspicion(
                code="reconcile.limits_left",
                sentence="No search kept masses above zero and fractions between zero and one, so that figures beyond "
                f"them are shown as the readings give them: {reconciled.unlimited.sentence}",
            ),
        )
    found = [one for one in _held(reconciled) if one.figures]
    if not found:
        return ()
    flows = reconciled.flows
    counted = ", ".join(f"{len(one.figures):,} {one.words[len(one.figures) > 1]} {one.words[2]}" for one in found)
    shown = [pair for one in found for pair in zip(one.figures, one.flows, strict=True)][:NAMED]
    total = sum(len(one.figures) for one in found)
    more = f" and {total - NAMED:,} more" if total > NAMED else ""
    acts = [(one.act, flow) for one in found for flow in one.flows][:NAMED]
    return (
        Suspicion(
            code="reconcile.at_limit",
            sentence=f"The readings alone would put {counted}. They stay at that limit, with the uncertainty that the "
            f"readings leave them: {'; '.join(name for name, _ in shown)}{more}.",
            lots=tuple(dict.fromkeys(flows.name(int(flows.flows["lot"][flow])) or "" for _, flow in shown)),
            settle=tuple(
                Settle(
                    act=act,
                    subject=flows.name(int(flows.flows["lot"][flow])) or "",
                    detail=f"{'Weigh' if act == 'weighing' else 'Measure again'} {described(flows, flow)}.",
                )
                for act, flow in dict.fromkeys(acts)
            ),
        ),
    )


def _held(reconciled: Reconciled) -> list[Held]:
    of, flows, solution = reconciled.ledger, reconciled.flows, reconciled.solution
    held, first, elements = solution.at_limit, of.streams.mass_of_first, reconciled.elements
    dry = first[np.flatnonzero(held[of.dry])].tolist()
    mass, own = _marked(of.metal, held)
    composition, graded = _marked(of.grade, held)
    of_water, of_composition = (
        _first(of.streams.water, of.streams.waters),
        _first(of.streams.composition, of.streams.compositions),
    )
    (water,) = np.nonzero((of.moisture >= 0) & held[np.maximum(of.moisture, 0)])
    whole = of_composition[of.whole[solution.full[of.whole[:, 1]], 0]].tolist()
    content = first[of.content[solution.full[of.content[:, 1]], 0]].tolist()
    graded_in, metal_in, wet = of_composition[composition].tolist(), first[mass].tolist(), of_water[water].tolist()
    below, above = "below zero", "above the whole"
    return [
        Held(("dry mass", "dry masses", below), [name_of(flows, "dry", one) for one in dry], dry, "weighing"),
        Held(
            ("mass of an element", "masses of elements", below),
            [name_of(flows, elements[one], flow) for one, flow in zip(own.tolist(), metal_in, strict=True)],
            metal_in,
            "assay",
        ),
        Held(
            ("fraction", "fractions", "below zero or above one"),
            [name_of(flows, elements[one], flow) for one, flow in zip(graded.tolist(), graded_in, strict=True)],
            graded_in,
            "assay",
        ),
        Held(
            ("moisture", "moistures", "below zero or above one"), [described(flows, one) for one in wet], wet, "assay"
        ),
        Held(("sum of assays", "sums of assays", above), [described(flows, one) for one in whole], whole, "assay"),
        Held(
            ("content of elements", "contents of elements", above),
            [described(flows, one) for one in content],
            content,
            "assay",
        ),
    ]


def _marked(variable: Rows, held: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Places of a table of variables, -1 where there is none, that are held."""
    row, column = np.nonzero((variable >= 0) & held[np.maximum(variable, 0)])
    return row, column


def _first(part: Rows, count: int) -> Rows:
    """(part,) the first flow of each."""
    found = np.full(count, part.size, dtype=np.int64)
    np.minimum.at(found, part, np.arange(part.size))
    return found
