"""Remarks: what a reconciled book says of itself: what was left out, what cannot be told, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import chdtrc, erfc

from lodeline.errors import Settle
from lodeline.metal.detection.suspicion import Suspicion, Weight
from lodeline.metal.flows.words import QUANTITIES, QUANTITY
from lodeline.metal.reconciliation.at_limits import at_limits
from lodeline.metal.reconciliation.contributions import refined, seen
from lodeline.metal.reconciliation.figure_names import bias_name, described, name_of
from lodeline.metal.reconciliation.solution import CHECKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.biases import Bias
    from lodeline.metal.reconciliation.reconciled import BiasEstimate, Reconciled

    Rows = NDArray[np.int64]

UNTOLD = 0.99
"""Data that leave more than this part of the prior's uncertainty of a bias do not tell it."""
LIKELIER_THAN_NOT = 0.5
"""Beyond this probability chance is the likelier reason, and nothing is said."""
HALF = 0.5
"""A bias of which a single reading makes this part or more is no bias."""
LEAST_DRY = 1e-3
"""The least dry part by which water is counted from a dry mass."""
NAMED = 5
"""Masses that one remark names."""


def remarks(reconciled: Reconciled, policy: Policy) -> tuple[Suspicion, ...]:
    """Everything there is to say.

    Args:
        policy: Says how likely a false alarm may be; without that what does not fit is a note with its probability.
    """
    return (
        *_rejected(reconciled, policy),
        *_far(reconciled, policy),
        *_left_out(reconciled),
        *_without_bias(reconciled),
        *_untold(reconciled),
        *_unobservable(reconciled),
        *at_limits(reconciled),
        *_in_parts(reconciled),
    )


def p_value(reconciled: Reconciled) -> float | None:
    """Chance that readings in order disagree this much or more; None where none can disagree."""
    solution = reconciled.solution
    return float(chdtrc(solution.dof, solution.chi2)) if solution.dof else None


def parts(reconciled: Reconciled) -> tuple[int, ...]:
    """How many flows each part of the book has that has nothing to do with the others, the largest first.

    Two masses have to do with each other if a balance, a lot's composition or an instrument joins them.
    """
    model = reconciled.solution.model
    terms, constrained = model.terms, model.constraint_terms
    rows = [terms.row, terms.row, constrained.row + model.value.size, constrained.row + model.value.size]
    columns = [terms.first, terms.second, constrained.first, constrained.second]
    row, column = np.concatenate(rows), np.concatenate(columns)
    row, column = row[column >= 0], column[column >= 0]
    size = model.value.size + model.constant.size
    whole = size + model.start.size
    graph = sparse.coo_array((np.ones(row.size), (row, size + column)), shape=(whole, whole))
    _, part = connected_components(graph, directed=False)
    of_flow = part[size + reconciled.ledger.dry[reconciled.ledger.streams.mass]]
    _, counts = np.unique(of_flow, return_counts=True)
    return tuple(sorted(counts.tolist(), reverse=True))


def _weight(p: float, policy: Policy) -> Weight | None:
    """What evidence is worth that chance alone would give with probability p; None: nothing."""
    if p >= LIKELIER_THAN_NOT:
        return None
    if policy.false_alarms is None:
        return "note"
    return "strong" if p <= float(policy.false_alarms) else "weak"


def _rejected(reconciled: Reconciled, policy: Policy) -> Iterator[Suspicion]:
    """The global test."""
    p, solution = p_value(reconciled), reconciled.solution
    weight = None if p is None else _weight(p, policy)
    if weight is None or weight == "weak":
        return
    yield Suspicion(
        code="reconcile.rejected",
        sentence="The readings of the book disagree more than their uncertainties allow: chi2 is "
        f"{solution.chi2:,.0f} at {solution.dof:,} degrees of freedom, which chance gives with probability {p:.2g}.",
        weight=weight,
        p=p,
        family_p=p,
    )


def _far(reconciled: Reconciled, policy: Policy) -> Iterator[Suspicion]:
    """Biases far from their priors. Steady theft looks like bias, so the kilograms are told and nobody is named.

    Each counts for what it is among all (Holm); evidence that is weak among hundreds of instruments is none. And where
    one reading makes half of it or more, that reading is wrong rather than the instrument.
    """
    # Of what the data do not tell, a limit that holds elsewhere is all that moved it.
    told = [one for one in reconciled.biases() if one.z and one.told < UNTOLD]
    p = np.array([erfc(abs(one.z) / np.sqrt(2)) for one in told])
    order = np.argsort(p, kind="stable")
    bound = 0.0
    for rank, at in enumerate(order.tolist()):
        bound = max(bound, min(1.0, float(p[at]) * (len(told) - rank)))
        weight = _weight(bound, policy)
        if weight is None or weight == "weak":
            return
        if _without_one(reconciled, told[at]) > HALF * abs(told[at].z):
            yield _far_one(reconciled, told[at], weight, float(p[at]), bound, len(told))


def _without_one(reconciled: Reconciled, one: BiasEstimate) -> float:
    """The z of a bias without the one reading that pulls it most; 0 where without one nothing tells it."""
    solution, biases = reconciled.solution, reconciled.ledger.biases
    at = biases.listed.index(one.bias)
    weight = sparse.csr_array(([1.0], ([0], [biases.variable[at]])), shape=(1, solution.x.size))
    moved = seen(solution, refined(solution, weight)[:, 0])
    rows = np.concatenate([row for _, _, row in reconciled.observed()])
    kept = solution.checked_part[rows]
    pull = moved[rows] * solution.residual[rows] / np.where(kept > CHECKED, kept, np.inf)
    left = (one.value - pull - one.bias.prior) * np.sign(one.value - one.bias.prior)
    own = solution.residual_u[biases.observation[at]]
    return max(0.0, float(left.min(initial=abs(one.value - one.bias.prior)) / own))


def _far_one(
    reconciled: Reconciled, one: BiasEstimate, weight: Weight, p: float, bound: float, compared: int
) -> Suspicion:
    bias, off = one.bias, one.value - one.bias.prior
    rows, read_kg = _read_by(reconciled, one)
    much = f"{off:+,.1f} kg" if bias.unit == "kg" else f"{off:+.2%}"
    of = f"{bias.kind} {bias.id}" + (
        f" in {'moisture' if bias.subject == 'H2O' else bias.subject}" if bias.subject else ""
    )
    kg = abs(off) * (rows.size if bias.unit == "kg" else read_kg)
    return Suspicion(
        code="reconcile.bias_far",
        sentence=f"By the balances of the book {of} reads {much} beside its calibration of ± "
        f"{_spread(bias.prior_u, bias.unit)}: {abs(one.z):.1f} standard uncertainties, in {rows.size:,} readings. A "
        "bias, or something that looks like one, such as a steady loss.",
        weight=weight,
        kg=kg,
        kg_u=kg * one.u / abs(off) if off else None,
        z=one.z,
        p=p,
        family_p=bound,
        compared=compared,
        element=bias.subject if bias.subject not in ("", "H2O") else None,
        entries=_entries(reconciled, rows),
        instruments=(bias.id,) if bias.kind != "standard" else (),
        settle=(
            Settle(act="document", subject=bias.id, detail=f"A new calibration: {bias_name(bias)}."),
            Settle(
                act="weighing" if bias.kind == "scale" else "assay", subject=bias.id, detail="A reference read by it."
            ),
        ),
    )


def _spread(u: float, unit: str) -> str:
    return f"{u:,.1f} kg" if unit == "kg" else f"{u:.2%}"


def _read_by(reconciled: Reconciled, one: BiasEstimate) -> tuple[Rows, float]:
    """Rows of the measurements that have a bias in them, and the kilograms that they read, of what they are of."""
    biases, terms = reconciled.ledger.biases, reconciled.solution.model.terms
    number = biases.variable[biases.listed.index(one.bias)]
    observed = np.unique(terms.row[(terms.second == number) | ((terms.first == number) & (terms.second < 0))])
    rows, kg = [np.zeros(0, dtype=np.int64)], 0.0
    for kind, read, row in reconciled.observed():
        ours = np.isin(row, observed)
        rows.append(read.row[ours])
        if kind == "mass":
            kg += float(np.abs(read.value[ours]).sum())
            continue
        # A laboratory is off in what it sampled: each composition or water once, as the lot was then.
        first = np.unique(read.flow[ours])
        if kind == "moisture":
            part = {int(flow): float(value) for flow, value in zip(read.flow[ours], read.value[ours], strict=True)}
            water = np.array([part[int(flow)] for flow in first])
            kg += float(np.nansum(reconciled.dry.kg[first] * water / np.maximum(1 - water, LEAST_DRY)))
        else:
            symbols = {reconciled.elements[subject] for subject in np.unique(read.subject[ours]).tolist()}
            kg += sum(float(np.nansum(np.abs(reconciled.element(symbol).kg[first]))) for symbol in symbols)
    return np.concatenate(rows), kg


def _entries(reconciled: Reconciled, rows: Rows) -> tuple[int, ...]:
    return tuple(np.unique(reconciled.flows.measurements["seq"][rows]).tolist())


def _left_out(reconciled: Reconciled) -> Iterator[Suspicion]:
    """Readings without an uncertainty or a basis, by quantity and instrument."""
    measured, read = reconciled.flows.measurements, reconciled.ledger.read
    for rows, without_u in ((read.without_u, True), (read.without_basis, False)):
        scales = np.isin(measured["quantity"][rows], [QUANTITY[word] for word in ("net", "gross", "declared")])
        by = np.where(scales, measured["device"][rows], measured["laboratory"][rows])
        keys = np.stack([measured["quantity"][rows].astype(np.int64), by.astype(np.int64)], axis=1)
        for quantity, who in np.unique(keys, axis=0).tolist():
            ours = rows[(keys == [quantity, who]).all(axis=1)]
            yield _left_out_of(reconciled, ours, _WORDS[QUANTITIES[quantity]], who, without_u=without_u)


_WORDS = {
    "net": "weighings",
    "gross": "weighings",
    "declared": "declared masses",
    "moisture": "moistures",
    "fraction": "assays",
}


def _left_out_of(reconciled: Reconciled, rows: Rows, word: str, who: int, *, without_u: bool) -> Suspicion:
    name = reconciled.flows.name(who)
    by = f" by {name}" if name else ""
    if without_u:
        return Suspicion(
            code="reconcile.no_uncertainty",
            sentence=f"{rows.size:,} {word}{by} have no standard uncertainty, so that they have no weight in the "
            "reconciliation.",
            entries=_entries(reconciled, rows),
            instruments=(name,) if name else (),
            settle=(
                Settle(
                    act="policy",
                    subject=name or word,
                    detail=f"The standard uncertainty of its {word}: in the events, or in the policy: [uncertainty].",
                ),
            ),
        )
    return Suspicion(
        code="reconcile.no_basis",
        sentence=f"{rows.size:,} {word}{by} do not say whether they include water, so that they have no part in the "
        "reconciliation.",
        entries=_entries(reconciled, rows),
        instruments=(name,) if name else (),
        settle=(Settle(act="document", subject=name or word, detail="The certificate or ticket: wet or dry."),),
    )


def _without_bias(reconciled: Reconciled) -> Iterator[Suspicion]:
    """Instruments of whose bias nothing is known: counted as having none, which is said."""
    measured = reconciled.flows.measurements
    for code in sorted(reconciled.ledger.biases.without):
        name = reconciled.flows.names[code]
        rows = np.flatnonzero((measured["device"] == code) | (measured["laboratory"] == code))
        yield Suspicion(
            code="reconcile.bias_unknown",
            sentence=f"Nothing is known of the bias of {name}, so that its {rows.size:,} readings count as without "
            "one, and every figure that rests on them is surer than it should be.",
            entries=_entries(reconciled, rows),
            instruments=(name,),
            settle=(
                Settle(
                    act="registration",
                    subject=name,
                    detail=f"Register the bias_u of {name} from its calibration, or suppose one in the policy under "
                    "[uncertainty.bias].",
                ),
            ),
        )


def _untold(reconciled: Reconciled) -> Iterator[Suspicion]:
    """Biases that the data do not tell, together."""
    untold = [one.bias for one in reconciled.biases() if one.told >= UNTOLD]
    if untold:
        yield Suspicion(
            code="reconcile.bias_untold",
            sentence=f"The data do not tell {len(untold):,} of {len(reconciled.biases()):,} biases, for too little was "
            f"read beside what their instruments read. They stay as their calibrations say: {_listed(untold)}.",
            instruments=tuple(dict.fromkeys(bias.id for bias in untold)),
        )


def _listed(biases: list[Bias]) -> str:
    shown = "; ".join(bias_name(bias) for bias in biases[:NAMED])
    return shown + (f" and {len(biases) - NAMED:,} more" if len(biases) > NAMED else "")


def _unobservable(reconciled: Reconciled) -> Iterator[Suspicion]:
    """Dry masses that nothing determines, together."""
    streams, flows = reconciled.ledger.streams, reconciled.flows
    unknown = np.flatnonzero(np.isnan(reconciled.dry.kg))
    if not unknown.size:
        return
    _, first = np.unique(streams.mass[unknown], return_index=True)
    some = unknown[np.sort(first)]
    shown = [int(flow) for flow in some[:NAMED]]
    more = f" and {some.size - NAMED:,} more" if some.size > NAMED else ""
    yield Suspicion(
        code="reconcile.unobservable",
        sentence=f"Nothing determines {some.size:,} of {streams.masses:,} dry masses, so that they get no number: "
        f"{'; '.join(name_of(flows, 'dry', flow) for flow in shown)}{more}.",
        lots=tuple(dict.fromkeys(flows.name(int(flows.flows["lot"][flow])) or "" for flow in shown)),
        settle=tuple(
            Settle(
                act="weighing",
                subject=flows.name(int(flows.flows["lot"][flow])) or "",
                detail=f"Weigh {described(flows, flow)}.",
            )
            for flow in shown
        ),
    )


def _in_parts(reconciled: Reconciled) -> Iterator[Suspicion]:
    found = parts(reconciled)
    if len(found) > 1:
        yield Suspicion(
            code="reconcile.in_parts",
            sentence=f"The book is in {len(found):,} parts that say nothing of each other; the largest has "
            f"{found[0]:,} of {sum(found):,} flows.",
        )
