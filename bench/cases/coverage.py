"""Whether 95 % intervals hold the truth 95 times in a hundred, over many seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.graphs import KINDS, Kind, assays, truth, weighed
from lodeline.metal.reconciliation.balances import System
from lodeline.metal.reconciliation.components import reconcile_components
from lodeline.metal.reconciliation.linear import Masses, reconcile_masses

SEED = 20260117
MASS_BALANCES, ELEMENT_BALANCES = 4_000, 400
INSTRUMENTS = 20
ASKED = 10
"""Flows whose intervals of dry mass and elements are asked for, each by a solve."""
SIDE = 1.959964


class Drawn(NamedTuple):
    """Shares of intervals that hold in one draw, and seconds."""

    flows: float
    biases: float
    total: float
    elements: float
    laboratories: float
    at_readings: float
    seconds: float
    peer_s: float


@case(title="Coverage of 95 % intervals; seeds of each graph", small=4, full=200)
def coverage(size: int, folder: Path) -> Outcome:
    """Draw truth, biases and readings anew for each seed, reconcile, and see which intervals hold the truth."""
    seeds = np.random.SeedSequence(SEED).spawn(size)
    draws = {kind: [draw(kind, np.random.default_rng(seed)) for seed in seeds] for kind in KINDS}
    whole = [one for some in draws.values() for one in some]
    return Outcome(
        timings=(
            Timing(
                what="masses, biases and variances",
                who="lodeline",
                count=len(whole),
                of="books",
                seconds=sum(one.seconds for one in whole),
            ),
            Timing(
                what="masses and biases, linearised at the readings",
                who="SciPy",
                count=len(whole),
                of="books",
                seconds=sum(one.peer_s for one in whole),
            ),
        ),
        promises=tuple(
            promise
            for kind, some in draws.items()
            for what, shares in (
                ("flows", [one.flows for one in some]),
                ("biases", [one.biases for one in some]),
                ("all that was shipped", [one.total for one in some]),
                ("dry mass and elements", [one.elements for one in some]),
                ("biases of scales and laboratories", [one.laboratories for one in some]),
            )
            for promise in between(f"{kind}: {what}", shares)
        ),
        notes=(
            f"Mass over {MASS_BALANCES:,} balances with {INSTRUMENTS} biases; dry mass and two elements over "
            f"{ELEMENT_BALANCES} with 8. Limits are 95 % and three Monte Carlo errors, taken over seeds, since what "
            "shares a bias holds or fails together.",
            *(
                f"{kind}: biases linearised at the readings hold in "
                f"{100 * np.mean([one.at_readings for one in some]):.1f} %."
                for kind, some in draws.items()
            ),
        ),
    )


def between(what: str, shares: list[float]) -> tuple[Promise, Promise]:
    """95 % within three Monte Carlo errors, from below and from above."""
    spread = float(np.std(shares))
    # A share that is one interval a seed, or a few, may by chance be the same in all; its spread is then the expected.
    error = 300.0 * (spread if spread > 0 else np.sqrt(0.95 * 0.05)) / np.sqrt(len(shares))
    share = 100 * float(np.mean(shares))
    return (
        Promise(what=f"{what}, least", value=share, unit="%", at_least=95 - error),
        Promise(what=f"{what}, most", value=share, unit="%", at_most=95 + error),
    )


def draw(kind: Kind, rng: np.random.Generator) -> Drawn:
    """One truth of masses and one of elements, and the intervals that hold it."""
    made = truth(kind, MASS_BALANCES, rng)
    given, bias = weighed(made, rng, instruments=INSTRUMENTS)
    took, got = seconds(lambda: reconcile_masses(given), collect=False)
    u_s, u_kg = seconds(lambda: got.u_kg, collect=False)
    shipped = sp.csr_matrix((made.head < 0).astype(np.float64))
    total_u = np.sqrt(got.covariance(shipped)[0, 0])
    total = float((shipped @ (got.kg - made.kg[:, 0]))[0])
    peer_s, (other, other_u) = seconds(lambda: at_readings(given), collect=False)
    elements, laboratories = of_elements(kind, rng)
    return Drawn(
        flows=held(got.kg - made.kg[:, 0], u_kg),
        biases=held(got.biases.bias - bias, got.biases.bias_u),
        total=held(total, total_u),
        elements=elements,
        laboratories=laboratories,
        at_readings=held(other - bias, other_u),
        seconds=took + u_s,
        peer_s=peer_s,
    )


def of_elements(kind: Kind, rng: np.random.Generator) -> tuple[float, float]:
    """Shares of intervals that hold: of dry mass and two elements of some flows, and of all biases."""
    made = truth(kind, ELEMENT_BALANCES, rng, elements=2)
    given, bias = assays(made, rng, scales=4, laboratories=2)
    got = reconcile_components(given)
    asked = rng.integers(0, made.tail.size, ASKED)
    elements = held((got.kg - made.kg)[asked], got.u_of(asked))
    return elements, held(got.biases.bias - bias, got.biases.bias_u)


def held(error: Any, u: Any) -> float:
    """The share of 95 % intervals that hold the truth."""
    return float(np.mean(np.abs(error) < SIDE * np.asarray(u)))


def at_readings(given: Masses) -> tuple[Any, Any]:
    """Biases and their uncertainties by SciPy's factor, linearised where it seems natural: at what was read."""
    system = System(given.tail, given.head, given.balances)
    flows = given.kg.size
    upper = system.matrix((given.u_relative * given.kg) ** 2)
    factor = splu(sp.csc_matrix(upper + sp.triu(upper, 1).T))
    effect = sp.csr_matrix((given.kg, (np.arange(flows), given.instrument[:, 0])), shape=(flows, INSTRUMENTS))
    incidence = system.incidence()
    shared = (incidence @ effect).toarray()
    known = factor.solve(shared)
    covariance = np.linalg.inv(np.diag(given.prior_u**-2.0) + shared.T @ known)
    return covariance @ (known.T @ (incidence @ given.kg)), np.sqrt(np.diag(covariance))
