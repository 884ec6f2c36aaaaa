"""Sequential tests on the MUF of a year: false alarms against what was wanted, and how often a loss is found."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from bench.case import Outcome, Promise, Timing, case, seconds
from lodeline.metal.detection.sequential.false_alarms import BLOCK, Rate, alarm_rate, find_limit
from lodeline.metal.detection.sequential.muf import Muf, independent, known
from lodeline.metal.detection.sequential.sequential import (
    CumufTest,
    GemufTest,
    Limit,
    MufTest,
    PageTest,
    SitmufTest,
    Test,
)
from lodeline.metal.detection.sequential.stocks import Measured, from_stocks

SEED = 20251002
MONTHS = 12
WANTED = 0.05
"""Probability of any false alarm within the year."""
STOCK_KG_U = NET_KG_U = 1_000.0
SHARED_KG_U = {"no bias": 0.0, "a shared bias": 500.0}
"""Uncertainty of a bias that is in the net mass of every month, kg a month."""
TESTS: dict[str, Test] = {
    "MUF": MufTest("loss"),
    "CUMUF": CumufTest("loss"),
    "SITMUF": SitmufTest("loss"),
    "Page, k 0.25": PageTest("loss", 0.25),
    "Page, k 0.5": PageTest("loss", 0.5),
    "Page, k 0.5, both sides": PageTest("both", 0.5),
    "GEMUF": GemufTest(),
}
SIZES = (2, 4, 6, 8)
"""What is lost in all, in standard uncertainties of one month's MUF."""
PATTERNS = {
    "in the sixth month": slice(5, 6),
    "evenly over the last six": slice(6, 12),
    "evenly over all twelve": slice(0, 12),
}


class Found(NamedTuple):
    """A test with its limit, and its power by pattern and size."""

    limit: Limit
    power: dict[tuple[str, int], Rate]


@case(title="Slow loss over twelve months, simulated years", small=2_000, full=200_000)
def slow_loss(size: int, folder: Path) -> Outcome:
    """Find each limit in ``size`` years and try it in as many others; then lose metal in as many again."""
    del folder
    generator = np.random.default_rng(SEED)
    found: dict[tuple[str, str], Found] = {}
    limits_s = 0.0
    for world, bias_u in SHARED_KG_U.items():
        account = year(bias_u)
        for name, test in TESTS.items():
            took, limit = seconds(
                lambda test=test, account=account: find_limit(  # type: ignore[misc]
                    test, account, probability=WANTED, runs=size, generator=generator
                )
            )
            limits_s += took
            power = {
                lost: alarm_rate(test, account, limit, loss_kg=loss_kg, runs=size, generator=generator)
                for lost, loss_kg in losses(account).items()
            }
            found[world, name] = Found(limit, power)
    drawn = sum(2 if one.limit.how == "simulated" else 1 for one in found.values()) * size
    bare_s, _ = seconds(lambda: draw(drawn, generator))
    return Outcome(
        timings=(
            Timing(what="find limits, try them", who="lodeline", count=drawn, of="years", seconds=limits_s),
            Timing(what="draw the same normal values", who="numpy", count=drawn, of="years", seconds=bare_s),
        ),
        promises=(
            *(
                Promise(
                    what=f"false alarms off {WANTED:.0%}: {name}, {world}", value=off(one), unit="errors", at_most=3
                )
                for (world, name), one in found.items()
            ),
            *(
                promise
                for world in SHARED_KG_U
                for promise in (
                    Promise(
                        what=f"6 u lost in one month, found by MUF, {world}",
                        value=100 * share(found, world, "MUF", "in the sixth month"),
                        unit="%",
                        at_least=99,
                    ),
                    Promise(
                        what=f"6 u lost evenly, found by Page, k 0.25 / by MUF, {world}",
                        value=share(found, world, "Page, k 0.25", "evenly over all twelve")
                        / share(found, world, "MUF", "evenly over all twelve"),
                        unit="times",
                        at_least=1.5,
                    ),
                )
            ),
        ),
        notes=(
            f"Seed {SEED}. Stocks and net masses to {STOCK_KG_U:,.0f} kg each; where a bias is shared, "
            f"{SHARED_KG_U['a shared bias']:,.0f} kg a month of it besides. Errors are Monte Carlo errors: of the rate "
            "achieved and, where the limit was simulated, of the limit.",
            limit_table(found),
            *(power_table(found, world) for world in SHARED_KG_U),
        ),
    )


def year(bias_u: float) -> Muf:
    """Twelve months with a stock-take at the end of each, nothing lost."""
    stock = Measured(np.zeros(MONTHS + 1), np.full(MONTHS + 1, STOCK_KG_U), np.zeros((MONTHS + 1, 1)))
    net = Measured(np.zeros(MONTHS), np.full(MONTHS, NET_KG_U), np.ones((MONTHS, 1)))
    return from_stocks(stock, net, np.array([bias_u]))


def losses(account: Muf) -> dict[tuple[str, int], NDArray[np.float64]]:
    """(period,) what is lost in each month, kg, by pattern and size."""
    found = {}
    for pattern, months in PATTERNS.items():
        share = np.zeros(MONTHS)
        share[months] = 1.0
        for size in SIZES:
            found[pattern, size] = size * account.kg_u[0] * share / share.sum()
    return found


def best_possible(account: Muf, loss_kg: NDArray[np.float64]) -> float:
    """The power of Neyman's and Pearson's test, which knows when the loss would come; no test finds it more often."""
    distance = float(np.linalg.norm(independent(known(account), loss_kg)))
    return float(ndtr(distance - ndtri(1.0 - WANTED)))


def draw(runs: int, generator: np.random.Generator) -> float:
    """The bare work: as many normal values, in blocks of the same size."""
    return sum(float(generator.standard_normal((min(BLOCK, runs - at), MONTHS))[0, 0]) for at in range(0, runs, BLOCK))


def off(found: Found) -> float:
    """How far the false alarms are from what was wanted, in Monte Carlo errors."""
    return abs(found.limit.achieved - WANTED) / math.hypot(found.limit.achieved_u, found.limit.probability_u)


def share(found: dict[tuple[str, str], Found], world: str, name: str, pattern: str) -> float:
    """How often a middling loss is found."""
    return found[world, name].power[pattern, 6].value


def limit_table(found: dict[tuple[str, str], Found]) -> str:
    """Limits and the false alarms that they achieve, as Markdown."""
    head = ["test", *(f"{what}, {world}" for world in SHARED_KG_U for what in ("limit", "false alarms %"))]
    rows = [
        [
            name,
            *(
                cell
                for world in SHARED_KG_U
                for limit in [found[world, name].limit]
                for cell in (
                    f"{limit.value:.3f} {limit.how}",
                    f"{100 * limit.achieved:.2f} ± {100 * math.hypot(limit.achieved_u, limit.probability_u):.2f}",
                )
            ),
        ]
        for name in TESTS
    ]
    return table(head, rows)


def power_table(found: dict[tuple[str, str], Found], world: str) -> str:
    """Share of losses found, in per cent, by pattern and size and by test, as Markdown."""
    account = year(SHARED_KG_U[world])
    rows = [
        [
            f"{size} u {pattern}",
            *(f"{100 * found[world, name].power[pattern, size].value:.0f}" for name in TESTS),
            f"{100 * best_possible(account, loss_kg):.0f}",
        ]
        for (pattern, size), loss_kg in losses(account).items()
    ]
    return table([f"lost, {world}: found, %", *TESTS, "best possible"], rows)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
