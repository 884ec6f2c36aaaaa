"""Two generated graphs of balances, with masses that close, and readings of them with errors and biases.

``lots`` mix within a window of 50: each is fed from outside and goes into three of the 50 lots after it, and outside.
``piles``: 40 stocks over many periods; each is fed, drawn from and carried over, and feeds two others of its period.
Both have five flows a balance. Lots are processed, so that components part ways; what leaves a pile has its grade.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lodeline.metal.reconciliation.assayed import Assayed, Readings
from lodeline.metal.reconciliation.linear import Masses

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Kind = Literal["lots", "piles"]
KINDS: tuple[Kind, ...] = ("lots", "piles")

WINDOW = 50
PILES = 40
GRADES = np.array([0.3, 0.02, 1e-3, 5e-6])
SPREAD = 0.4
"""Of the logarithms of grades fed, and of the shares in which components part ways between lots."""
LAYERS = 0.05
"""The same of what leaves a pile, which has nearly the grade of the pile."""

MASS_U, STOCK_U, DRY_U, GRADE_U = 0.005, 0.02, 0.003, 0.015
MASS_PRIOR, STOCK_PRIOR, GRADE_PRIOR = 0.003, 0.01, 0.01


class Truth(NamedTuple):
    """Flows as they were.

    Attributes:
        tail, head: (flow,) balances, -1 outside; a head comes after its tail.
        balances: How many.
        kg: (flow, component) dry mass and elements; every component of every balance closes.
        stock: (flow,) whether it is carried over, and known by a survey only.
    """

    tail: Longs
    head: Longs
    balances: int
    kg: Floats
    stock: NDArray[np.bool_]


def truth(kind: Kind, balances: int, rng: np.random.Generator, *, elements: int = 0, window: int = WINDOW) -> Truth:
    """Draw a graph and its masses; lots may mix within another window."""
    tail, head, stock, share = lots(balances, rng, window) if kind == "lots" else piles(balances, rng)
    order = np.argsort(tail, kind="stable")
    tail, head, stock, share = tail[order], head[order], stock[order], share[order]
    fed = tail < 0
    shares = share[:, None] * np.exp(rng.normal(0, SPREAD if kind == "lots" else LAYERS, (tail.size, elements + 1)))
    shares[:, 0] = share
    for component in range(elements + 1):
        total = np.bincount(tail[~fed], shares[~fed, component], minlength=balances)
        shares[~fed, component] /= total[tail[~fed]]
    dry_kg = rng.uniform(50, 150, int(fed.sum()))
    grades = np.concatenate([[1.0], GRADES[:elements]]) * np.exp(rng.normal(0, SPREAD, (dry_kg.size, elements + 1)))
    grades[:, 0] = 1.0
    shares[fed] = dry_kg[:, None] * grades
    return Truth(tail, head, balances, passed_on(tail, head, shares, balances), stock)


def lots(balances: int, rng: np.random.Generator, window: int) -> tuple[Longs, Longs, NDArray[np.bool_], Floats]:
    """Tails, heads, which are stocks, and shares of what leaves."""
    index = np.arange(balances)
    into = np.repeat(index, 3) + rng.integers(1, window + 1, 3 * balances)
    tail = np.concatenate([np.full(balances, -1), np.repeat(index, 3), index])
    head = np.concatenate([index, np.where(into < balances, into, -1), np.full(balances, -1)])
    share = np.concatenate([np.ones(balances), rng.uniform(0.1, 0.3, 3 * balances), rng.uniform(0.3, 0.6, balances)])
    return tail, head, np.zeros(tail.size, np.bool_), share


def piles(balances: int, rng: np.random.Generator) -> tuple[Longs, Longs, NDArray[np.bool_], Floats]:
    """Tails, heads, which are stocks, and shares of what leaves. Balances are counted period by period."""
    index = np.arange(balances)
    period = index - index % PILES
    feeding = np.repeat(index, 2)
    into = feeding + rng.integers(1, PILES, feeding.size)
    # What would go to a pile before it in the same period is drawn from it instead.
    into = np.where(into < np.minimum(np.repeat(period, 2) + PILES, balances), into, -1)
    after = index + PILES
    tail = np.concatenate([np.full(balances, -1), index, feeding, index])
    head = np.concatenate([index, np.where(after < balances, after, -1), into, np.full(balances, -1)])
    stock = np.zeros(tail.size, np.bool_)
    stock[balances : 2 * balances] = True
    share = np.concatenate(
        [
            np.ones(balances),
            rng.uniform(1, 3, balances),
            rng.uniform(0.1, 0.3, 2 * balances),
            rng.uniform(0.3, 0.6, balances),
        ]
    )
    return tail, head, stock, share


@njit(cache=True)
def passed_on(tail: Any, head: Any, share: Any, balances: Any) -> Any:
    """Masses (flow, component) of flows sorted by tail: shares of what their balances received, or what is fed."""
    kg = np.empty(share.shape, np.float64)
    held = np.zeros((balances, share.shape[1]), np.float64)
    for flow in range(tail.size):
        for component in range(share.shape[1]):
            amount = share[flow, component]
            if tail[flow] >= 0:
                amount *= held[tail[flow], component]
            kg[flow, component] = amount
            if head[flow] >= 0:
                held[head[flow], component] += amount
    return kg


def weighed(made: Truth, rng: np.random.Generator, *, instruments: int) -> tuple[Masses, Floats]:
    """Readings of the masses by scales drawn for each flow, the last fifth of them surveys; and their true biases."""
    surveys = max(1, instruments // 5)
    scale = rng.integers(0, instruments - surveys, made.tail.size)
    scale = np.where(made.stock, instruments - 1 - scale % surveys, scale)
    prior = np.where(np.arange(instruments) < instruments - surveys, MASS_PRIOR, STOCK_PRIOR)
    bias = rng.normal(0, prior)
    u = np.where(made.stock, STOCK_U, MASS_U)
    kg = made.kg[:, 0] * (1 + bias[scale]) + made.kg[:, 0] * u * rng.normal(size=u.size)
    given = Masses(
        tail=made.tail,
        head=made.head,
        balances=made.balances,
        kg=kg,
        u_kg=np.zeros(u.size),
        u_relative=u,
        known_kg=np.zeros(made.balances),
        instrument=scale[:, None],
        prior_u=prior,
        additive=np.zeros(instruments, np.bool_),
    )
    return given, bias


def assays(made: Truth, rng: np.random.Generator, *, scales: int, laboratories: int) -> tuple[Assayed, Floats]:
    """Readings of wet mass, dry fraction and grades by scales and laboratories, and their true biases.

    Args:
        laboratories: For each element.
    """
    flows, elements = made.tail.size, made.kg.shape[1] - 1
    instruments = scales + laboratories * elements
    of = np.concatenate([np.zeros(scales, np.int64), np.repeat(np.arange(1, elements + 1), laboratories)])
    prior = np.where(of == 0, MASS_PRIOR, GRADE_PRIOR)
    bias = rng.normal(0, prior)
    scale = rng.integers(0, scales, (flows, 1))
    laboratory = rng.integers(0, laboratories, (flows, elements)) + scales + np.arange(elements) * laboratories
    dry = rng.uniform(0.85, 0.98, flows)
    wet_kg, grade = made.kg[:, 0] / dry, made.kg[:, 1:] / made.kg[:, :1]
    wet_u = np.where(made.stock, STOCK_U, MASS_U)
    noise = rng.normal(size=grade.shape)
    given = Assayed(
        tail=made.tail,
        head=made.head,
        balances=made.balances,
        wet_kg=Readings(wet_kg * (1 + bias[scale[:, 0]] + wet_u * rng.normal(size=flows)), np.zeros(flows), wet_u),
        dry=Readings(np.minimum(1.0, dry + DRY_U * rng.normal(size=flows)), np.full(flows, DRY_U), np.zeros(flows)),
        grade=Readings(
            grade * (1 + bias[laboratory] + GRADE_U * noise), np.zeros(grade.shape), np.full(grade.shape, GRADE_U)
        ),
        known_kg=np.zeros((elements + 1, made.balances)),
        instrument=np.concatenate([scale, laboratory], axis=1),
        prior_u=prior,
        of=of,
    )
    assert given.prior_u.size == instruments
    return given, bias
