"""The faults of a reconciled book: what explains best that its readings and balances do not agree, one after another.

A reconciliation says how far each reading is from what all others lead to. One fault shows in many of them: a lost
load in both weighings of its road and in what dried up on it; a scale that is off in everything it read. So all
explanations are tried together, the likeliest is taken out, and what is left is looked at again, until chance alone
would leave as much. Then the book is reconciled with the sizes of those faults as unknowns, and searched again from
there, since at masses that a lost load has bent the readings beside it look wrong too.

Nothing is corrected by it: what was recorded stays, and the reconciled figures stay those of the readings as they are.
:attr:`Faults.without` is what they would be if the faults are what they seem.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.ids.epc import canonical
from lodeline.metal.detection.faults.field import Field
from lodeline.metal.detection.faults.hypotheses import Hypotheses
from lodeline.metal.detection.faults.null import Judge
from lodeline.metal.detection.faults.receipts import judged
from lodeline.metal.detection.faults.refit import refit
from lodeline.metal.detection.faults.rivals import READING
from lodeline.metal.detection.faults.search import Search, Sized
from lodeline.metal.detection.faults.told import Fault, Teller
from lodeline.metal.detection.faults.usual import with_usual
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.solving import solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from lodeline.metal.detection.faults.field import Left
    from lodeline.metal.detection.faults.hypothesis import Hypothesis
    from lodeline.metal.detection.faults.receipts import Judged
    from lodeline.metal.detection.limits.consignments import Uncounted
    from lodeline.metal.policy import Policy
    from lodeline.metal.registered import Master

    Array = NDArray[np.float64]

ROUNDS = 4
"""How often the book is reconciled with the faults found so far; two do, unless one hid another."""

SPARSE = 0
"""Unknowns up to which orthogonal factors would be taken: never, since the search itself goes by sparse ones."""


class Faults(NamedTuple):
    """What was found.

    Attributes:
        found: Every fault, the strongest evidence first; the suspicion of each is what a book shows.
        without: The reconciled book with the sizes of the strong faults as unknowns; the same as was given if there
            are none. tests: How many tests each family is worth: of windows by draws, of others by their number.
            supposed: How many suppositions of what is usual the search rested on, by kind. rounds: How often the book
            was searched.
    """

    found: tuple[Fault, ...]
    without: Reconciled
    tests: Mapping[str, float]
    supposed: Mapping[str, int]
    rounds: int
    search: Search


def ledger_faults(
    reconciled: Reconciled,
    policy: Policy,
    generator: np.random.Generator,
    *,
    mixed: Iterable[str] = (),
    uncounted: Sequence[Uncounted] = (),
    weak: float = 1.0,
) -> Faults:
    """Look for the faults of a reconciled book.

    Args:
        reconciled: The book.
        policy: In force. ``false_alarms`` is the probability of any strong suspicion in a sound book; where it names
            none, everything is a note.
        generator: For the draws from which limits of windows are made.
        mixed: URIs of stores of which lots mix; see :func:`mixed_stores`.
        uncounted: Receipts that were not counted; see :func:`~lodeline.metal.detection.limits.context.uncounted`.
        weak: How many weak suspicions (or notes) a sound book may raise on the average.

    Raises:
        InputError: as of :func:`lodeline.metal.reconciliation.solving.solve`.
    """
    flows, base = reconciled.flows, reconciled.ledger
    supposed = with_usual(flows, base, reconciled.solution.x, mixed)
    # Faults are looked for in what the readings say: a limit that holds has changed what they are compared with.
    supposed = supposed._replace(model=supposed.model.without_limits())
    ledger = base._replace(model=supposed.model)
    judge = Judge(None if policy.false_alarms is None else float(policy.false_alarms), weak)
    start = np.concatenate([reconciled.solution.x, supposed.model.start[reconciled.solution.x.size :]])
    x = solve(supposed.model._replace(start=start), dense_up_to=SPARSE).x
    known: set[tuple[str, int | str]] | None = None
    for rounds in range(1, ROUNDS + 1):
        field = Field(supposed.model, x)
        hypotheses = Hypotheses(flows, ledger, field, supposed=supposed, uncounted=uncounted, generator=generator)
        search = Search(field, hypotheses)
        sure = search.found(judge.sure)
        now = {(one.family, one.key[0]) for one in sure}
        if now == known or rounds == ROUNDS or not sure:
            break
        known = now
        bent = refit(supposed.model, search.hypotheses, search.sized(sure), x)
        x = solve(bent.model, dense_up_to=SPARSE).x[: x.size]
    chosen = search.found(judge.weak, sure) if judge.weak > judge.sure else sure
    teller, again = Teller(search, judge, search.sized(chosen)), hypotheses.again
    others = sorted(set(range(again.count())) - {int(one.key[0]) for one in chosen if one.family == "again"})
    found = [*teller.faults(), *teller.receipts(_receipts(search, chosen, others))]
    return Faults(
        found=tuple(sorted(found, key=Fault.rank)),
        without=_without(reconciled, search, search.sized(sure), x),
        tests=hypotheses.counts(),
        supposed=supposed.counts(),
        rounds=rounds,
        search=search,
    )


def _receipts(search: Search, chosen: Sequence[Hypothesis], others: Sequence[int]) -> list[Judged]:
    """Loads that were not counted, beside the faults that were found, but for those of the same road.

    A loss there of any size would leave nothing to judge by: any load may have come if as much was lost again.
    """
    again, found = search.hypotheses.again, []
    lefts: dict[tuple[int, ...], Left] = {}
    for place in others:
        load = again.loads[place]
        kept = tuple(number for number, one in enumerate(chosen) if not _of_road(search, one, load.node))
        if kept not in lefts:
            lefts[kept] = search.left([chosen[number] for number in kept])
        found += judged(lefts[kept], [load], [float(again.weights[place])])
    return found


def _of_road(search: Search, one: Hypothesis, node: int) -> bool:
    """Whether a fault is of what passes a road: its loss or gain, or a reading at either end."""
    if one.family in ("lost", "gained"):
        return int(one.key[0]) == node
    if one.family not in READING:
        return False
    row = int(search.hypotheses.listed.flow[int(one.key[0])])
    flow = search.hypotheses.flows.flows
    return node in (int(flow["tail"][row]), int(flow["head"][row]))


def mixed_stores(policy: Policy, master: Master) -> list[str]:
    """URIs of the stores whose lots mix: by the master data, else by the policy."""
    said = {canonical(uri): word for uri, word in policy.mixing.items()}
    said |= {uri: word["mixing"] for (kind, uri), word in master.items() if kind == "store" and word.get("mixing")}
    return [uri for uri, word in said.items() if word == "mixed"]


def _without(reconciled: Reconciled, search: Search, sure: Sequence[Sized], x: Array) -> Reconciled:
    """The book as it was reconciled, without what is usual, and with the sizes of the faults as unknowns."""
    # What is not as usual is a fault of nothing that was read: without the suppositions there is none.
    read = [one for one in sure if one.hypothesis.family != "usual"]
    if not read:
        return reconciled
    base = reconciled.ledger
    bent = refit(base.model, search.hypotheses, read, x[: base.model.start.size])
    return Reconciled.of(reconciled.flows, base._replace(model=bent.model))
