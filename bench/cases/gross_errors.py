"""Gross errors in four published networks: how often the right one is named, beside tests and serial elimination."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.case import Outcome, Promise, Timing, case, seconds
from bench.elimination import eliminate
from bench.faults import Duel, Judge, Runs, Share, independent, table
from bench.networks import NETWORKS, Network
from lodeline.metal.detection.gross_errors.calibration import Null, sidak
from lodeline.metal.detection.gross_errors.directions import biases, common, joined, leaks
from lodeline.metal.detection.gross_errors.groups import Distances, alike, named
from lodeline.metal.detection.gross_errors.projection import Projection
from lodeline.metal.detection.gross_errors.search import Search, Within
from lodeline.metal.reconciliation.solving import solve

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Found = tuple[NDArray[np.float64], list[Duel]]

SEED = 20261129
RATE = 0.05
"""Share of false alarms, of all tests of a network together."""
LEVEL = 0.95
"""Share of alarms in which the group holds the true stream."""
SIZES = (4, 7, 10)
"""Standard deviations of the stream's own measurement."""
TYPICAL = 5.0
"""Typical size of a fault that the search supposes, in standard deviations, whatever size is simulated."""
PERIODS = 10
ELIMINATION = "serial elimination"
GROUP_DRAWS = 4_000
"""Draws from which distances of groups are made."""

BASELINE = {
    "dr-linear-09": {4: 0.372, 7: 0.588, 10: 0.688},
    "dr-linear-13": {4: 0.478, 7: 0.786, 10: 0.833},
    "dr-linear-15": {4: 0.288, 7: 0.554, 10: 0.602},
    "dr-linear-16": {4: 0.335, 7: 0.631, 10: 0.687},
}
"""Share of runs in which the plain measurement test at Sidak's limit names the right stream."""
BASELINE_RUNS = 2_000
"""Of each stream and size, behind those shares."""


SINGLE_COLUMNS = ["network", "sd", "alarms", "named", "measurement test", "or alike", "by evidence"]
SINGLE_COLUMNS += ["group holds", "streams", "for every size", "streams"]


@case(title="Gross errors in published networks, runs a stream and size", small=5, full=2_000)
def gross_errors(size: int, folder: Path) -> Outcome:
    """Every kind of fault in every network; the peer names the same runs."""
    generator = np.random.default_rng(SEED)
    draws = max(200, 10 * size)
    promises: list[Promise] = []
    rows: list[list[str]] = []
    alarms: list[list[str]] = []
    duels: list[Duel] = []
    took = np.zeros(2)
    for network in NETWORKS:
        singles = Singles(network, max(400, 100 * size), generator)
        alarms.append(singles.false_alarms(50 * size, generator))
        for sd in SIZES:
            row, promised = singles.judged(sd, size, generator)
            rows.append(row)
            promises += promised if sd == 7 else []
        for kind in (two_biases, a_leak, ten_periods):
            spent, found = kind(network, draws, size, generator)
            took, duels = took + spent, duels + found
    runs = len(duels) * 4 * size
    return Outcome(
        timings=(
            Timing(what="search for faults", who="lodeline", count=runs, of="runs", seconds=took[0]),
            Timing(what="the same runs", who="serial elimination", count=runs, of="runs", seconds=took[1]),
        ),
        promises=(*promises, *(duel.promise() for duel in duels if duel.promised)),
        notes=(
            f"Seed {SEED}; shares in % with Monte Carlo errors. Limits drawn for {100 * RATE:g} % of false alarms:",
            table(
                ["network", "limit", "false alarms", "at Sidak's limit", "hardly checked (sd of residual / u)"], alarms
            ),
            "One bias. A group that is kept for every size also holds the true stream where the alarm was chance:",
            table(SINGLE_COLUMNS, rows),
            "Other faults, right if all that is true is named and nothing else, or what no data could tell from it:",
            table(
                ["network", "fault", "named", "peer", "named by it", "difference"],
                [[*one[:2], str(one.ours), one.peer, str(one.theirs), str(one.difference)] for one in duels],
            ),
        ),
    )


class Singles:
    """One bias, in one stream, by the likelihood ratio test."""

    def __init__(self, network: Network, draws: int, generator: np.random.Generator) -> None:
        model = network.model()
        self.network, self.u = network, model.u
        self.projection = Projection(solve(model), biases(model, network.labels))
        self.root = np.sqrt(self.projection.weight)
        self.cosines = self.projection.cosines(np.arange(self.u.size))
        self.classes = alike(self.cosines)
        self.null = Null.of(self.projection, draws, generator)
        self.limit = self.null.limit(RATE)
        self.search = searched(self.projection, TYPICAL * self.u, 1, draws, generator)
        largest = float((max(SIZES) * self.root * self.u).max()) + 5
        drawn = Null(self.null.statistic[:GROUP_DRAWS])
        self.groups = [
            Distances(drawn, self.cosines, level=LEVEL, largest=largest, limit=limit) for limit in (None, self.limit)
        ]
        self.factor = independent(self.cosines)

    def judged(self, sd: int, runs: int, generator: np.random.Generator) -> tuple[list[str], list[Promise]]:
        """A row of the table and the promises for one size of bias, over all streams alike."""
        true = np.repeat(np.arange(self.u.size), runs)
        noise = generator.standard_normal((true.size, self.factor.shape[0])) @ self.factor
        statistic = noise + (sd * self.u * self.root)[true, None] * self.cosines[true]
        alarm = np.abs(statistic).max(axis=1) > self.limit
        best = named(statistic, self.projection.share)
        ours = Share.of(alarm & (best == true))
        likely = alarm & (self.search.singles(statistic * self.root).argmax(axis=1) == true)
        held, streams = zip(*(self._held(one, statistic[alarm], true[alarm]) for one in self.groups), strict=True)
        name, baseline = self.network.name, BASELINE[self.network.name][sd]
        error = np.hypot(ours.error, np.sqrt(baseline * (1 - baseline) / (BASELINE_RUNS * self.u.size)))
        row = [name, str(sd), str(Share.of(alarm)), str(ours), f"{100 * baseline:.1f}"]
        row += [str(Share.of(alarm & (self.classes[best] == self.classes[true]))), str(Share.of(likely))]
        row += [str(held[0]), f"{streams[0]:.2f}", str(held[1]), f"{streams[1]:.2f}"]
        return row, [
            Promise(
                what=f"{name}, one bias of {sd} sd: named, against the measurement test - 3 errors",
                value=100 * ours.value,
                unit="%",
                at_least=100 * (baseline - 3 * float(error)),
            ),
            Promise(
                what=f"{name}, one bias of {sd} sd: the group holds it, of alarms",
                value=100 * held[0].value,
                unit="%",
                at_least=100 * LEVEL,
            ),
        ]

    @staticmethod
    def _held(groups: Distances, statistic: Array, true: Indices) -> tuple[Share, float]:
        """How often the group of an alarm holds the true stream, and how many streams it has."""
        inside = groups.groups(statistic)
        return Share.of(inside[np.arange(true.size), true]), float(inside.sum(axis=1).mean())

    def false_alarms(self, runs: int, generator: np.random.Generator) -> list[str]:
        """A row of the table: the limit, how often it alarms where nothing is wrong, and what nobody checks well."""
        largest = np.abs(generator.standard_normal((runs, self.factor.shape[0])) @ self.factor).max(axis=1)
        by_sidak = sidak(RATE, self.u.size)
        share = np.sqrt(self.projection.share)
        worst = ", ".join(f"{self.network.labels[one]} ({share[one]:.3f})" for one in np.argsort(share)[:3])
        at_sidak = f"{by_sidak:.3f}: {Share.of(largest > by_sidak)}"
        return [self.network.name, f"{self.limit:.3f}", str(Share.of(largest > self.limit)), at_sidak, worst]


def two_biases(network: Network, draws: int, size: int, generator: np.random.Generator) -> Found:
    """Two streams with a bias of 7 standard deviations each, of either sign; by the bare likelihood ratio as well."""
    model = network.model()
    projection = Projection(solve(model), biases(model, network.labels))
    search = searched(projection, TYPICAL * model.u, 3, draws, generator)
    true = np.array([generator.choice(model.u.size, 2, replace=False) for _ in range(4 * size)])
    runs = Runs.of(projection, search.gram, true, 7 * model.u[true], generator)
    bare = Search(projection, typical=None, false_alarms=RATE, most=3, draws=draws, generator=generator)
    took, found = duel(network, "two biases of 7 sd", runs, search)
    _, more = duel(network, "two biases of 7 sd, no typical size supposed", runs, bare, promised=False)
    return took, found + more


def a_leak(network: Network, draws: int, size: int, generator: np.random.Generator) -> Found:
    """One balance that is open by so many standard deviations of its own imbalance, alone and beside a bias.

    Serial elimination names streams only; it is right where it names one that no data could tell from the leak.
    """
    model = network.model()
    names = [f"balance {one + 1}" for one in range(len(network.nodes))]
    projection = Projection(solve(model), joined(biases(model, network.labels), leaks(model, names)))
    spread = np.concatenate([model.u, network.imbalance_u()])
    took, found = np.zeros(2), list[Duel]()
    for what, faults, sd in (("a leak of 4 sd", 1, 4), ("a leak of 7 sd", 1, 7), ("a leak and a bias of 7 sd", 2, 7)):
        search = searched(projection, TYPICAL * spread, faults + 1, draws, generator)
        leak = model.u.size + generator.integers(0, len(names), 4 * size)
        true = np.stack([leak, generator.integers(0, model.u.size, leak.size)], axis=1)[:, :faults]
        runs = Runs.of(projection, search.gram, true, sd * spread[true], generator)
        spent, more = duel(network, what, runs, search)
        took, found = took + spent, found + more
        if faults == 1:
            drawn = nodal(projection.drawn(draws, generator), search, model.u.size)
            limit = Null(drawn).limit(RATE)
            tests = np.abs(nodal(runs.seen, search, model.u.size))
            best = [np.array([row.argmax()])[: int(row.max() > limit)] for row in tests]
            judge = Judge(search)
            ours = judge.right([search.explain(row).faults for row in runs.seen], true)
            found.append(Duel.of(network.name, what, "nodal and measurement test", ours, judge.right(best, true)))
    return took, found


def nodal(seen: Array, search: Search, streams: int) -> Array:
    """(run, hypothesis) the measurement test of each stream and the nodal test of each balance."""
    spread = np.linalg.inv(search.gram[streams:, streams:])  # covariance of the imbalances
    imbalance = seen[:, streams:] @ spread
    return np.hstack([seen[:, :streams] / np.sqrt(search.weight[:streams]), imbalance / np.sqrt(np.diag(spread))])


def ten_periods(network: Network, draws: int, size: int, generator: np.random.Generator) -> Found:
    """One stream with the same bias in each of ten periods; serial elimination names what it takes out most often."""
    one, many = network.model(), network.model(PERIODS)
    streams = one.u.size
    scales = {label: dict.fromkeys(range(at, many.u.size, streams), 1.0) for at, label in enumerate(network.labels)}
    single = [f"{label} in period {period + 1}" for period in range(PERIODS) for label in network.labels]
    projection = Projection(solve(many, dense_up_to=0), joined(common(many, scales), biases(many, single)))
    u = np.tile(one.u, 1 + PERIODS)
    search = searched(projection, TYPICAL * u, 1, draws, generator)
    period = Projection(solve(one), biases(one, network.labels))
    gram = period.gram(np.arange(streams))
    limit = search.among(np.arange(streams, u.size)).limit(np.zeros(0, dtype=np.int64))
    judge = Judge(search)
    took, found = np.zeros(2), list[Duel]()
    for sd in (7 / np.sqrt(PERIODS), 7.0):
        true = generator.integers(0, streams, (4 * size, 1))
        runs = Runs.of(projection, search.gram, true, sd * u[true], generator)
        seen = runs.seen[:, streams:].reshape(-1, PERIODS, streams)
        ours_s, ours = seconds(lambda runs=runs: [search.explain(row).faults for row in runs.seen])  # type: ignore[misc]
        theirs_s, theirs = seconds(lambda seen=seen: [most_often(row, period.weight, gram, limit) for row in seen])  # type: ignore[misc]
        took += (ours_s, theirs_s)
        what = f"a bias of {sd:.1f} sd over {PERIODS} periods"
        found.append(Duel.of(network.name, what, ELIMINATION, judge.right(ours, true), judge.right(theirs, true)))
    return took, found


def most_often(seen: Array, weight: Array, gram: Array, limit: float) -> Indices:
    """The stream that serial elimination takes out in most periods, (period, stream); none if in none."""
    out = np.zeros(weight.size)
    for row in seen[np.abs(seen / np.sqrt(weight)).max(axis=1) > limit]:
        out[eliminate(row, weight, gram, limit=lambda _: limit, most=3, plausible=lambda *_: True)] += 1
    return np.array([out.argmax()]) if out.any() else np.zeros(0, dtype=np.int64)


def duel(network: Network, what: str, runs: Runs, search: Search, *, promised: bool = True) -> Found:
    """Both name every run, with limits drawn in the same way, and both know that no flow is negative."""
    streams = len(network.true)
    weight, gram = search.weight[:streams], search.gram[:streams, :streams]
    limit = search.among(np.arange(streams)).limit

    def peer(seen: Array, value: Array) -> Indices:
        def plausible(some: Indices, size: Array) -> bool:
            return bool((value[some] >= size).all())

        return eliminate(seen, weight, gram, limit=limit, most=runs.true.shape[1] + 1, plausible=plausible)

    bounds = [Within(*one) for one in zip(*possible(runs.value, search.weight.size), strict=True)]
    ours_s, ours = seconds(lambda: [search.explain(*row).faults for row in zip(runs.seen, bounds, strict=True)])
    theirs_s, theirs = seconds(lambda: [peer(*row) for row in zip(runs.seen[:, :streams], runs.value, strict=True)])
    judge = Judge(search)
    right = (judge.right(some, runs.true) for some in (ours, theirs))
    return np.array([ours_s, theirs_s]), [Duel.of(network.name, what, ELIMINATION, *right, promised=promised)]


def possible(value: Array, hypotheses: int) -> tuple[Array, Array]:
    """(run, hypothesis) sizes of faults at least and at most: no stream is read too high by more than was read."""
    low = np.full((value.shape[0], hypotheses), -np.inf)
    high = np.full(low.shape, np.inf)
    high[:, : value.shape[1]] = value
    return low, high


def searched(projection: Projection, typical: Array, most: int, draws: int, generator: np.random.Generator) -> Search:
    """The search as this case uses it."""
    return Search(projection, typical=typical, false_alarms=RATE, most=most, draws=draws, generator=generator)
