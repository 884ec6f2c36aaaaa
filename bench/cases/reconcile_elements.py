"""Dry mass and four elements at once with 20 shared biases, exactly and in blocks of time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.child import in_child, peak_gb
from bench.graphs import KINDS, Kind, assays, truth
from lodeline.metal.reconciliation.assayed import Assayed, linearised, readings
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.blocks import Plan, reconcile_blocks
from lodeline.metal.reconciliation.components import reconcile_components
from lodeline.metal.reconciliation.joint_system import JointSystem, effects

SEED = 20260116
ELEMENTS = 4
SCALES, LABORATORIES = 8, 3
PLAIN = 5_000
"""Balances at most at which SciPy factors the whole system of components, and solves for masses and biases."""
DENSE = 100
"""The same for dense matrices."""
ASKED = 40
"""Flows whose uncertainty is asked for, exactly and by blocks."""


@case(title="Dry mass and four elements, 20 shared biases; balances", small=500, full=1_000_000)
def reconcile_elements(size: int, folder: Path) -> Outcome:
    """The exact answer at a tenth of ``size``, blocks there and at ``size``; SciPy and dense matrices at some."""
    tenth = max(500, size // 10)
    exact = {kind: in_child(__name__, "exact_and_blocks", kind, tenth) for kind in KINDS}
    large = {kind: in_child(__name__, "in_blocks", kind, size) for kind in KINDS} if size > tenth else {}
    peer = {"SciPy": plain(min(PLAIN, tenth), sparse=True), "numpy": plain(min(DENSE, tenth), sparse=False)}
    return Outcome(
        timings=(
            *(
                Timing(what=f"{kind}, {tenth:,}: {what}", who="lodeline", count=tenth, of="balances", seconds=run[key])
                for kind, run in exact.items()
                for what, key in (("exactly", "exact_s"), ("in blocks", "blocks_s"))
            ),
            *(
                Timing(
                    what=f"{kind}, {size:,}: in blocks",
                    who="lodeline",
                    count=size,
                    of="balances",
                    seconds=run["seconds"],
                )
                for kind, run in large.items()
            ),
            *(
                Timing(what=f"one solve, {who} matrix", who=by, count=run["balances"], of="balances", seconds=run[key])
                for name, run in peer.items()
                for who, by, key in (("whole", name, "seconds"), ("the same, no", "lodeline", "own_s"))
            ),
        ),
        promises=(
            *(promise for kind, run in exact.items() for promise in promises(kind, tenth, run)),
            *(
                Promise(what=f"{kind}, {size:,}: memory in blocks", value=run["peak_gb"], unit="GB", at_most=6)
                for kind, run in large.items()
            ),
        ),
        notes=(
            *(told(kind, tenth, run) for kind, run in exact.items()),
            *(
                f"{kind}, {size:,}: {run['said']}; closes to {run['closure']:.1e} of the largest mass after "
                f"{run['closings']} passes; chi2 over degrees of freedom {run['chi2_dof']:.4f}."
                for kind, run in large.items()
            ),
            *(f"{who} and we differ by {run['apart']:.1e} of the largest multiplier." for who, run in peer.items()),
        ),
    )


def promises(kind: str, count: int, run: dict[str, Any]) -> tuple[Promise, ...]:
    """What is promised of one graph."""
    return (
        Promise(what=f"{kind}, {count:,}: exactly", value=run["exact_s"], unit="s", at_most=30),
        Promise(what=f"{kind}, {count:,}: memory", value=run["peak_gb"], unit="GB", at_most=4),
        Promise(
            what=f"{kind}, {count:,}: worst loss in blocks", value=run["worst"], unit="u of its reading", at_most=0.01
        ),
    )


def told(kind: str, count: int, run: dict[str, Any]) -> str:
    """One graph in words."""
    return (
        f"{kind}, {count:,}: exactly, {run['exact_said']}, linearised {run['rounds']} times more, closes to "
        f"{run['closure']:.1e}; {run['blocks_said']}: differs by {run['mean']:.1e} (root mean square) and "
        f"{run['worst']:.1e} (worst) of the uncertainty of a reading, by {run['posterior']:.1e} of what is left "
        f"uncertain (worst of {ASKED} flows); its uncertainties are {run['u_least']:.5f} to {run['u_most']:.5f} of the "
        f"exact ones; biases differ by {run['bias']:.1e} of their uncertainty."
    )


def drawn(kind: Kind, balances: int) -> Assayed:
    """Readings of one graph."""
    rng = np.random.default_rng(SEED)
    made = truth(kind, balances, rng, elements=ELEMENTS)
    return assays(made, rng, scales=SCALES, laboratories=LABORATORIES)[0]


def plan(balances: int) -> Plan:
    """Ten blocks, or of 50,000, with fifty periods of the piles on both sides where there are as many."""
    core = min(50_000, max(1, balances // 10))
    return Plan(core=core, overlap=min(2_000, 4 * core), passes=2)


def warm() -> None:
    """Compile or load what is compiled, which is done once and no matter of size."""
    given = drawn("piles", 400)
    reconcile_blocks(given, Plan(200, 80, 2))
    reconcile_components(given).u_of([0])


def exact_and_blocks(kind: Kind, balances: int) -> dict[str, Any]:
    """One graph exactly and in blocks; run in a process of its own."""
    warm()
    given = drawn(kind, balances)
    exact_s, exact = seconds(lambda: reconcile_components(given))
    peak, said = peak_gb(), exact.said
    blocks_s, parts = seconds(lambda: reconcile_blocks(given, plan(balances)))
    loss = np.abs(parts.kg - exact.kg) / np.sqrt(exact.joint.by.own)
    asked = np.random.default_rng(SEED).integers(0, given.tail.size, ASKED)
    u_kg, parts_u_kg = exact.u_of(asked), parts.u_of(asked)
    return {
        "exact_s": exact_s,
        "peak_gb": peak,
        "exact_said": said,
        "rounds": exact.rounds,
        "closure": float((exact.closure_kg / np.abs(exact.kg).max(axis=0)).max()),
        "blocks_s": blocks_s,
        "blocks_said": parts.said,
        "mean": float(np.sqrt(np.mean(loss**2))),
        "worst": float(loss.max()),
        "posterior": float((np.abs(parts.kg - exact.kg)[asked] / u_kg).max()),
        "u_least": float((parts_u_kg / u_kg).min()),
        "u_most": float((parts_u_kg / u_kg).max()),
        "bias": float((np.abs(parts.biases.bias - exact.biases.bias) / exact.biases.bias_u).max()),
    }


def in_blocks(kind: Kind, balances: int) -> dict[str, Any]:
    """One graph in blocks alone; run in a process of its own."""
    warm()
    given = drawn(kind, balances)
    took, got = seconds(lambda: reconcile_blocks(given, plan(balances)))
    return {
        "seconds": took,
        "peak_gb": peak_gb(),
        "said": got.said,
        "closings": got.closings,
        "closure": float((got.closure_kg / np.abs(got.kg).max(axis=0)).max()),
        "chi2_dof": got.chi2 / got.dof,
    }


def plain(balances: int, *, sparse: bool) -> dict[str, Any]:
    """One solve for masses and biases with the whole matrix of components, by SciPy or dense, and ours."""
    warm()
    given = drawn("lots", balances)
    by, system = linearised(given, readings(given)), System(given.tail, given.head, given.balances)
    parts = given.components
    incidence = sp.kron(system.incidence(), sp.eye(parts), format="csr")
    squares = by.v[:, None, None] * by.a[:, :, None] * by.a[:, None, :] + by.q[:, :, None] * np.eye(parts)
    flows = given.tail.size
    spread = sp.bsr_matrix((squares, np.arange(flows), np.arange(flows + 1)), shape=(flows * parts, flows * parts))
    matrix = sp.csc_matrix(incidence @ spread @ incidence.T)
    joint = JointSystem(system, by)
    right = np.concatenate([joint.net(by.z)[:, :, None], effects(joint, given.instrument, given.of)], axis=2)
    flat = np.ascontiguousarray(right.transpose(1, 0, 2)).reshape(-1, right.shape[2])
    if sparse:
        options = {"SymmetricMode": True}
        took, solved = seconds(
            lambda: splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options=options).solve(flat)
        )
    else:
        whole = matrix.toarray()
        took, solved = seconds(lambda: np.linalg.solve(whole, flat))
    own_s, own = seconds(lambda: JointSystem(system, by).solve(right))
    own = own.transpose(1, 0, 2).reshape(flat.shape)
    # Multipliers of elements are as many times larger as their masses are smaller.
    scale = np.abs(solved).reshape(-1, parts, flat.shape[1]).max(axis=0)
    apart = np.abs(own - solved).reshape(-1, parts, flat.shape[1]).max(axis=0) / np.where(scale > 0, scale, 1.0)
    return {"balances": balances, "seconds": took, "own_s": own_s, "apart": float(apart.max())}
