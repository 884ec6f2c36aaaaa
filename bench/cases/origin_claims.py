"""Joint claims over holdings among very many lots, and their certificates, beside the program of the textbooks.

The peer is the multicommodity program as textbooks have it, in which every kind of metal conserves and every arc is
full, given to the same solver on the same part of the book.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.child import in_child, peak_gb
from bench.lots import mass_graph
from lodeline.origin.bounds import Bounds
from lodeline.origin.certificate import Basis, Chain, Grounds, read, written
from lodeline.origin.checking import check
from lodeline.origin.claims import Claim
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.joint import contradiction, together
from lodeline.origin.joint_program import Program, program
from lodeline.origin.proving import certify
from lodeline.origin.proving_joint import certify_joint
from lodeline.origin.solver import quiet
from lodeline.origin.wanted import Wanted

SEED = 20261129
ORIGINS = 16
CLAIMS = 50
KINDS = 3
BASIS = Basis(
    element="Sb",
    as_of="2026-01-01T00:00:00Z",
    ledger=Chain(book="bench", seq=0, head="0" * 64),
    reconciliation="",
    policy="bench",
)
BARE = Grounds({}, {})


@case(title="Joint claims of origin and their certificates, lots", small=1_000, full=100_000)
def origin_claims(size: int, folder: Path) -> Outcome:
    """A tenth of ``size``, and ``size``."""
    runs = {count: in_child(__name__, "measured", count) for count in sorted({max(500, size // 10), size})}
    last = runs[size]
    return Outcome(
        timings=tuple(timing for count, run in runs.items() for timing in timings(count, run)),
        promises=(
            Promise(
                what=f"{size:,}: the textbooks' program, as often as ours",
                value=last["peer_s"] / last["apart_s"],
                unit="times",
                at_least=3,
            ),
            Promise(what=f"{size:,}: optima of both, alike", value=last["agree"], unit="of 1", at_least=1),
            *(
                Promise(what=f"{count:,}: answers that were proved", value=run["proved"], unit="of 3", at_least=3)
                for count, run in runs.items()
            ),
            *(
                Promise(what=f"{count:,}: certificates that hold", value=run["held"], unit="of 4", at_least=4)
                for count, run in runs.items()
            ),
        ),
        notes=tuple(
            f"{count:,}: {run['arcs']:,} arcs, {run['upstream']:,} upstream of {CLAIMS} claims of {KINDS} origins; "
            f"crowded claims are {run['over_kg']:,.0f} kg too much, an irreducible set has {run['members']} of them; "
            f"certificates have {run['sizes']} bytes; {run['peak_gb']:.2f} GB."
            for count, run in runs.items()
        ),
    )


def timings(count: int, run: dict[str, Any]) -> tuple[Timing, ...]:
    """The rows of one size."""
    rows = [
        ("crowded claims", "lodeline", CLAIMS, "claims", "crowded_s"),
        ("an irreducible set", "lodeline", CLAIMS, "claims", "filter_s"),
        ("claims far apart", "lodeline", CLAIMS, "claims", "apart_s"),
        ("claims far apart, all metal routed", "textbook", CLAIMS, "claims", "peer_s"),
        ("certificates checked", "lodeline", 4, "certificates", "check_s"),
    ]
    return tuple(
        Timing(what=f"{count:,}: {what}", who=who, count=many, of=of, seconds=run[key])
        for what, who, many, of, key in rows
    )


def measured(lots: int) -> dict[str, Any]:
    """One graph, in a process of its own."""
    ask(mass_graph(300, ORIGINS, np.random.default_rng(0)), np.random.default_rng(0))
    rng = np.random.default_rng(SEED)
    return ask(mass_graph(lots, ORIGINS, rng), rng)


def ask(graph: MassGraph, rng: np.random.Generator) -> dict[str, Any]:
    """Claims of all that the last holdings can hold, which share what they are made of, and of less of any holdings."""
    bounds = Bounds(graph)
    ends = np.flatnonzero((graph.head == OUTSIDE) & (graph.tail >= 0))
    crowded = claims(bounds, ends[np.argsort(graph.tail[ends], kind="stable")[-CLAIMS:]], rng)
    apart = [one._replace(mg=one.mg * 7 // 10) for one in claims(bounds, rng.choice(ends, CLAIMS, replace=False), rng)]

    crowded_s, near = seconds(partial(together, graph, crowded), collect=False)
    apart_s, far = seconds(partial(together, graph, apart), collect=False)
    filter_s, told = seconds(lambda: contradiction(graph, near), collect=False)
    made = [certify_joint(graph, one, basis=BASIS, grounds=BARE) for one in (near, far)]
    first = crowded[0]
    asked = Wanted(first.origins)
    bound = bounds.arc(first.arcs[0], asked)
    made += [
        certify(bounds, bound, asked, side="least", form=form, target="lot", basis=BASIS, grounds=BARE)
        for form in ("whole", "short")
    ]
    raw = [written(one) for one in made]
    over_kg, apart_kg = float(near.over_mg) / 1e6, float(far.over_mg) / 1e6
    peer_s, peer_kg = seconds(partial(textbook, graph, program(graph, apart)), collect=False)
    check_s, _ = seconds(partial(check_all, raw), collect=False)
    return {
        "crowded_s": crowded_s,
        "apart_s": apart_s,
        "filter_s": filter_s,
        "check_s": check_s,
        "peer_s": peer_s,
        "agree": int(abs(peer_kg - apart_kg) <= 1e-6),
        "proved": sum(one.verdict != "undecided" for one in (near, far)) + (told is None or told.irreducible),
        "held": len(raw),
        "over_kg": over_kg,
        "members": 0 if told is None else len(told.members),
        "sizes": ", ".join(f"{len(one):,}" for one in raw),
        "upstream": near.program.upstream.mg.size,
        "arcs": graph.mg.size,
        "peak_gb": peak_gb(),
    }


def check_all(raw: list[bytes]) -> None:
    """Read certificates and check them; what does not hold is refused."""
    for one in raw:
        check(read(one))


def claims(bounds: Bounds, arcs: Any, rng: np.random.Generator) -> list[Claim]:
    """Of each arc all that it can hold of one of a few origins."""
    made = []
    for arc in arcs.tolist():
        origin = frozenset({bounds.graph.origins[1 + int(rng.integers(KINDS))]})
        made.append(Claim(f"lot {arc}", (arc,), origin, "at least", bounds.arc(arc, origin).most))
    return made


def textbook(graph: MassGraph, made: Program) -> float:
    """The least to withdraw, kilograms, where all metal upstream is routed to its end."""
    up, claimed, kinds = made.upstream, made.claims, made.named
    place = np.full(graph.nodes + 1, OUTSIDE, dtype=np.int64)
    place[up.nodes] = np.arange(up.nodes.size)
    listed = np.zeros(graph.mg.size, dtype=np.bool_)
    listed[up.row] = True
    away = np.flatnonzero((place[graph.tail] >= 0) & (graph.tail >= 0) & ~listed)
    tail, head = np.append(up.tail, place[graph.tail[away]]), np.append(up.head, np.full(away.size, OUTSIDE))
    kg, origin = np.append(up.mg, graph.mg[away]) / 1e6, np.append(up.origin, np.full(away.size, -1))

    may = np.where((origin >= 0)[:, None], made.kinds.allowed[origin, 1:], True)  # (arc, kind)
    untraced = np.array([one.kind == "untraced" for one in made.origins])
    full = (origin >= 0) & ~untraced[origin]
    count, column = len(claimed), len(claimed) + np.arange(kg.size * kinds).reshape(kg.size, kinds)
    entries = [(np.arange(count), np.arange(count), np.ones(count))]
    for spot, claim in enumerate(claimed):
        of = column[up.place(claim.arcs)][:, made.kinds.helps[1:, spot]].ravel()
        entries.append((np.full(of.size, spot), of, np.ones(of.size)))
    for end, sign in ((head, 1.0), (tail, -1.0)):
        inner = end >= 0
        rows = count + end[inner][:, None] * kinds + np.arange(kinds)
        entries.append((rows.ravel(), column[inner].ravel(), np.full(rows.size, sign)))
    first = count + up.nodes.size * kinds
    entries.append((first + np.repeat(np.arange(kg.size), kinds), column.ravel(), np.ones(column.size)))
    rows, columns, values = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    shape = (first + kg.size, count + column.size)
    most = np.where(may, kg[:, None], 0.0)
    least = np.where(full[:, None], most, 0.0)
    needs = np.array(made.needs_mg) / 1e6
    return solved(
        sp.csc_array((values, (rows, columns)), shape=shape),
        cost=np.r_[np.ones(count), np.zeros(column.size)],
        columns=(np.r_[np.zeros(count), least.ravel()], np.r_[np.full(count, np.inf), most.ravel()]),
        rows=(
            np.r_[needs, np.zeros(up.nodes.size * kinds), np.full(kg.size, -np.inf)],
            np.r_[np.full(count, np.inf), np.zeros(up.nodes.size * kinds), kg],
        ),
    )


def solved(matrix: Any, *, cost: Any, columns: tuple[Any, Any], rows: tuple[Any, Any]) -> float:
    """The optimum of a linear program by HiGHS as it comes."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = columns
    model.row_lower_, model.row_upper_ = rows
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    highs = quiet()
    highs.passModel(model)
    highs.run()
    return float(highs.getInfo().objective_function_value)
