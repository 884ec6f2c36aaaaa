"""Masses over very large graphs with 50 shared biases and all variances, against a bare factorisation by SuperLU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.child import in_child, peak_gb
from bench.graphs import KINDS, Kind, truth, weighed
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.linear import Masses, reconcile_masses

SEED = 20260115
INSTRUMENTS = 50
DENSE = 1_000
"""Balances of the comparison with dense matrices at most, whose time grows with the cube."""
WIDE = 5_000
"""Window of the lots whose factor explodes."""


@case(title="Linear mass, 50 shared biases, all variances; balances", small=2_000, full=1_000_000)
def reconcile_mass(size: int, folder: Path) -> Outcome:
    """Both graphs at a tenth of ``size`` and at ``size``, each beside SuperLU's factorisation of the same matrix."""
    sizes = [size // 10, size] if size >= 10_000 else [size]
    runs = {(kind, count): run for count in sizes for kind, run in in_child(__name__, "measured", count).items()}
    wide = in_child(__name__, "wide", max(2_000, size // 10))
    small = min(DENSE, size // 5)
    dense_s, own_s, apart = against_dense(small)
    return Outcome(
        timings=(
            *(timing for (kind, count), run in runs.items() for timing in timings(kind, count, run)),
            Timing(what="all variances, by dense matrices", who="numpy", count=small, of="balances", seconds=dense_s),
            Timing(what="the same", who="lodeline", count=small, of="balances", seconds=own_s),
            Timing(
                what=f"lots that mix within {WIDE:,}: {wide['method']}",
                who="lodeline",
                count=wide["balances"],
                of="balances",
                seconds=wide["seconds"],
            ),
        ),
        promises=tuple(promise for (kind, count), run in runs.items() for promise in promises(kind, count, run)),
        notes=(
            "The bare factorisation is SuperLU's of the same S = A V A', symmetric mode, no pivoting, by the faster of "
            "its orderings MMD_AT_PLUS_A and COLAMD; it has neither biases nor variances. SciPy's solve is that factor "
            "with 51 right sides; it gives no variances.",
            f"Largest imbalance left over the largest mass: {max(run['closure'] for run in runs.values()):.1e}. "
            f"Dense and sparse variances differ by {apart:.1e} of the largest.",
            *(
                f"{kind}, {count:,}: factor of {run['entries']:,} entries, SuperLU's of {run['splu_entries']:,}; "
                f"{run['covered']:.2f} % of the 95 % intervals hold; median posterior over prior of a bias "
                f"{run['narrowed']:.2f}."
                for (kind, count), run in runs.items()
            ),
            f"Lots within {WIDE:,}: {wide['said']}; {wide['iterations']} iterations, closure {wide['closure']:.1e}.",
        ),
    )


def timings(kind: str, count: int, run: dict[str, Any]) -> tuple[Timing, ...]:
    """The rows of one graph."""
    rows = (
        ("reconcile", "lodeline", count, "balances", run["reconcile_s"]),
        ("all variances", "lodeline", 5 * count, "flows", run["u_s"]),
        ("factor", f"SuperLU, {run['ordering']}", count, "balances", run["splu_s"]),
        ("factor, masses and biases", "SciPy", count, "balances", run["scipy_s"]),
    )
    return tuple(
        Timing(what=f"{kind}, {count:,}: {what}", who=who, count=many, of=of, seconds=took)
        for what, who, many, of, took in rows
    )


def promises(kind: str, count: int, run: dict[str, Any]) -> tuple[Promise, ...]:
    """What is promised of one graph."""
    ratio = (run["reconcile_s"] + run["u_s"]) / run["splu_s"]
    return (
        Promise(what=f"{kind}, {count:,}: all of it / bare factor", value=ratio, unit="times", at_most=4),
        Promise(what=f"{kind}, {count:,}: memory", value=run["peak_gb"], unit="GB", at_most=6),
    )


def measured(balances: int) -> dict[str, dict[str, Any]]:
    """Both graphs of one size, each measured once; run in a process of its own."""
    warm()
    return {kind: measure(kind, balances) for kind in KINDS}


def warm() -> None:
    """Compile or load what is compiled, which is done once and no matter of size."""
    given, _ = weighed(truth("piles", 400, np.random.default_rng(0)), np.random.default_rng(0), instruments=5)
    assert np.isfinite(reconcile_masses(given).u_kg).all()


def measure(kind: Kind, balances: int) -> dict[str, Any]:
    """Reconcile one graph, then factor and solve the same with SciPy."""
    rng = np.random.default_rng(SEED)
    made = truth(kind, balances, rng)
    given, _ = weighed(made, rng, instruments=INSTRUMENTS)
    turns = 3 if balances <= 100_000 else 1
    found = [(reconcile_s, u_s, got) for reconcile_s, u_s, got in (reconciled(given) for _ in range(turns))]
    reconcile_s, u_s, got = min(found, key=lambda one: one[0] + one[1])
    peak = peak_gb()
    inside = np.abs(got.kg - made.kg[:, 0]) < 1.96 * got.u_kg
    result = {
        "reconcile_s": reconcile_s,
        "u_s": u_s,
        "peak_gb": peak,
        "covered": 100 * float(inside.mean()),
        "closure": got.closure_kg / float(np.abs(got.kg).max()),
        "entries": got.fill,
        "narrowed": float(np.median(got.biases.narrowed)),
    }
    bias = got.biases.bias
    del found, got
    return result | bare(given, bias, turns)


def reconciled(given: Masses) -> tuple[float, float, Any]:
    """Seconds of masses and biases, of all variances, and the result."""
    reconcile_s, got = seconds(lambda: reconcile_masses(given))
    u_s, _ = seconds(lambda: got.u_kg)
    return reconcile_s, u_s, got


def bare(given: Masses, bias: Any, turns: int) -> dict[str, Any]:
    """SuperLU on the same matrix, by its faster ordering, and a plain solve by it for masses and biases."""
    system = System(given.tail, given.head, given.balances)
    v = (given.u_relative * given.kg) ** 2
    upper = system.matrix(v)
    matrix = sp.csc_matrix(upper + sp.triu(upper, 1).T)
    options = {"SymmetricMode": True}
    best: tuple[str, float, Any] = ("", np.inf, None)
    for ordering in ("MMD_AT_PLUS_A", "COLAMD"):
        for _ in range(turns):
            took, factor = seconds(lambda: splu(matrix, permc_spec=ordering, diag_pivot_thresh=0, options=options))  # noqa: B023
            best = min(best, (ordering, took, factor), key=lambda one: one[1])
    ordering, splu_s, factor = best
    incidence = system.incidence()
    solve_s, found = seconds(lambda: solved_by(factor, incidence, given, v))
    # Weighed at the readings where ours are weighed at reconciled masses: near, that is, a fraction of a prior.
    if not np.abs(found - bias).max() < 0.5 * given.prior_u.max():
        raise AssertionError("SciPy finds other biases")
    return {
        "ordering": ordering,
        "splu_s": splu_s,
        "scipy_s": splu_s + solve_s,
        "splu_entries": int(factor.L.nnz),
    }


def solved_by(factor: Any, incidence: Any, given: Masses, v: Any) -> Any:
    """Biases, linearised at masses that close, by solves with a factor."""
    flows, open_kg = given.kg.size, incidence @ given.kg
    told = factor.solve(open_kg)
    x0 = given.kg - v * (incidence.T @ told)
    effect = sp.csr_matrix((x0, (np.arange(flows), given.instrument[:, 0])), shape=(flows, INSTRUMENTS))
    shared = (incidence @ effect).toarray()
    known = shared.T @ factor.solve(shared) + np.diag(given.prior_u**-2.0)
    return np.linalg.solve(known, shared.T @ told)


def against_dense(balances: int) -> tuple[float, float, float]:
    """Seconds of dense matrices for all variances, ours, and the largest difference over the largest."""
    rng = np.random.default_rng(SEED)
    made = truth("lots", balances, rng)
    given, _ = weighed(made, rng, instruments=INSTRUMENTS)
    warm()
    own_s, u_kg = seconds(lambda: reconcile_masses(given).u_kg)
    dense_s, dense_u_kg = seconds(lambda: dense(given))
    return dense_s, own_s, float(np.abs(u_kg - dense_u_kg).max() / u_kg.max())


def dense(given: Masses) -> Any:
    """All standard uncertainties by dense matrices of balances, blocks of flows in turn."""
    incidence = System(given.tail, given.head, given.balances).incidence()
    whole = incidence.toarray()
    v = (given.u_relative * given.kg) ** 2
    x0 = given.kg - v * (whole.T @ np.linalg.solve((whole * v) @ whole.T, whole @ given.kg))
    v = (given.u_relative * np.clip(x0, given.kg / 2, given.kg * 2)) ** 2
    inverse = np.linalg.inv((whole * v) @ whole.T)
    effect = np.zeros((given.kg.size, INSTRUMENTS))
    effect[np.arange(given.kg.size), given.instrument[:, 0]] = x0
    shared = whole @ effect
    biases = np.linalg.inv(shared.T @ inverse @ shared + np.diag(given.prior_u**-2.0))
    rest = effect - v[:, None] * (whole.T @ (inverse @ shared))
    variance = v - v**2 * np.einsum("bf,bf->f", whole, inverse @ whole) + np.einsum("fi,ij,fj->f", rest, biases, rest)
    return np.sqrt(variance)


def wide(balances: int) -> dict[str, Any]:
    """Lots that mix within a wide window; run in a process of its own."""
    warm()
    rng = np.random.default_rng(SEED)
    given, _ = weighed(truth("lots", balances, rng, window=WIDE), rng, instruments=5)
    took, got = seconds(lambda: reconcile_masses(given))
    return {
        "balances": balances,
        "seconds": took,
        "method": got.method,
        "said": got.said,
        "iterations": got.iterations,
        "closure": got.closure_kg / float(np.abs(got.kg).max()),
    }
