"""What could be wrong with a reconciled book: every hypothesis by family, and how each would show.

A *reading* may be wrong by itself; dry mass may be *lost* or *gained* on a road, or at any other *place* that
balances; an *instrument* may be off in a stretch of time, by a step or by a drift; a *calibration* may be far from
its prior; the number of one *species* may stand as that of another; a *receipt* may be one too many, or what came
*again* and was not counted may be another load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.metal.detection.ledger_faults_field import Direction
from lodeline.metal.detection.ledger_faults_null import DRAWS, Tail, log_expected
from lodeline.metal.detection.ledger_faults_series import DAY, Listed, Series, listed, series, shifts
from lodeline.metal.detection.scan import DRIFT, Scores, best_window, largest, rise
from lodeline.metal.flows.words import NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.ledger_faults_field import Column, Field, Left
    from lodeline.metal.detection.ledger_faults_mistakes import Mistakes
    from lodeline.metal.detection.ledger_faults_receipts import Load
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

SHARES: Final[Mapping[str, float]] = {
    "lost": 0.25,
    "gained": 0.05,
    "species": 0.3,
    "receipt": 0.12,
    "instrument": 0.2,
    "reading": 0.02,
    "place": 0.02,
    "calibration": 0.02,
    "again": 0.02,
}
"""What part of all false alarms each family may raise: more where there is more to be found. They sum to one; ``again``
are receipts that were not counted. Source: Genovese, Roeder & Wasserman (2006), Biometrika 93, 509-524, for weights
that do not look at the data."""
LEAKS: Final[Mapping[str, tuple[str, int]]] = {"lost": ("road", 1), "gained": ("road", -1), "place": ("place", 0)}
"""Where each family of leaks is looked for, and which way: more lost, more gained, or either."""
CHECKED = 1e-4
"""A reading is checked where its residual keeps more than this part of its variance; factors are good to less."""
ALIKE = 1 - 1e-9
"""Directions whose cosine is beyond this are one and the same to the data."""
EXPLAINED = 0.5
"""A rival leaves at most this part of the square of T, however little that was."""


class Hypothesis(NamedTuple):
    """One that could explain what is off.

    Attributes:
        family: A key of :data:`SHARES`.
        key: What is suspected, by family: the place in the list of readings; the node; the place in the list of
            biases; the series, its first reading, the one behind its last, and the shape; the reading and the formula
            that is meant; the place among the loads that were not counted.
        statistic: T.
        log_expected: Logarithm of how many false alarms its family would raise beyond its evidence by chance.
        direction: What it does.
    """

    family: str
    key: tuple[int | str, ...]
    statistic: float
    log_expected: float
    direction: Direction

    @property
    def log_share(self) -> float:
        """The same over the part of false alarms that its family may raise: comparable between families."""
        return self.log_expected - float(np.log(SHARES[self.family]))


class Hypotheses:
    """All hypotheses about a book at one field, and how often each family is wrong by chance.

    Args:
        ledger: The problem of the field.
        field: Where.
        species, receipts: Mistakes of known size.
        again: Loads that were not counted.
        generator: For draws.
    """

    def __init__(
        self,
        flows: Flows,
        ledger: LedgerModel,
        field: Field,
        *,
        species: Mistakes,
        receipts: Mistakes,
        again: Sequence[Load] = (),
        generator: np.random.Generator,
    ) -> None:
        self.flows, self.ledger, self.field = flows, ledger, field
        self.listed: Listed = listed(ledger)
        self.series: tuple[Series, ...] = series(self.listed)
        self.mistakes = {"species": species, "receipt": receipts}
        self.again, self.again_weights = tuple(again), field.weights([one.direction for one in again])
        self._balances = _balances(flows, ledger, field)
        self._weights = [self._weight(one) for one in self.series]
        self._scores = self._all_scores()
        self.tails = self._tails(generator)

    def best(self, left: Left) -> list[Hypothesis]:
        """The best of each family beside what has been explained, in no order."""
        found = [
            self._reading(left),
            *(self._leak(left, family) for family in LEAKS),
            self._calibration(left),
            self.window(left, range(len(self.series))),
            *(self._mistake(left, family) for family in self.mistakes),
            self._left_out(left),
        ]
        return [one for one in found if one is not None]

    def window(self, left: Left, among: range | list[int]) -> Hypothesis | None:
        """The best window of some series."""
        best: Hypothesis | None = None
        for number in among:
            weight = self._weights[number]
            window = best_window(self._scores[number]._replace(score=weight.T @ left.white, taken=left.taken(weight)))
            if window is not None and (best is None or abs(window.statistic) > abs(best.statistic)):
                start = self.series[number].start
                key = (number, int(start[window.first]), int(start[window.last]), window.shape)
                best = Hypothesis("instrument", key, window.statistic, np.inf, self.of_window(*key))
        if best is None:
            return None
        return best._replace(log_expected=self.tails["instrument"].log_expected(best.statistic))

    def rivals(self, left: Left, one: Hypothesis, column: Column, margin: float) -> list[Hypothesis]:
        """What explains nearly as much in the place of one, and leaves nothing for it to explain; itself included.

        Args:
            left: Beside all others that were found.
            column: ``M d`` of the one, of the field.
            margin: How much smaller the logarithm of the likelihood ratio may be.
        """
        if one.family == "again":
            return []
        found = (
            self._rival_mistakes(left, one, margin) if one.family in self.mistakes else self._rivals(left, one, margin)
        )
        own = left.column(column, one.direction)
        size = np.sqrt(self.field.product(one.direction, own))
        kept = []
        for rival in found:
            along = self.field.product(rival.direction, own) / size  # of T of the one by a rival of size one
            weight = (left.seen(rival.direction) / rival.statistic) ** 2
            cosine = min(abs(along) / np.sqrt(weight), ALIKE) * np.sign(along)
            beside = (one.statistic - cosine * rival.statistic) ** 2 / (1 - cosine**2)
            if beside <= min(2 * margin, EXPLAINED * one.statistic**2):
                kept.append(rival)
        return kept

    def _rivals(self, left: Left, one: Hypothesis, margin: float) -> list[Hypothesis]:
        """Every reading, leak and best window of a series that explains nearly as much."""
        square = one.statistic**2 - 2 * margin
        if square <= 0:
            return []
        least = float(np.sqrt(square))
        windows = [self.window(left, [number]) for number in range(len(self.series))]
        found = [window for window in windows if window is not None and abs(window.statistic) >= least]
        rows = self.listed.observation
        for place, statistic in _beyond(left.white[rows], left.kept[rows], CHECKED, least):
            found.append(Hypothesis("reading", (place,), statistic, np.inf, self.of_reading(place)))
        for where, (nodes, leaks) in self._balances.items():
            for place, statistic in _beyond(left.multiplier[leaks], left.multiplier_weight[leaks], 0.0, least):
                family = where if where == "place" else "lost" if statistic > 0 else "gained"
                direction = Direction.of_leak(leaks[[place]], np.ones(1))
                found.append(Hypothesis(family, (int(nodes[place]),), statistic, np.inf, direction))
        return found

    def _rival_mistakes(self, left: Left, one: Hypothesis, margin: float) -> list[Hypothesis]:
        """Every mistake of the same family that explains nearly as much."""
        of = self.mistakes[one.family]
        statistic, _, ratio = self._ratios(left, of)
        own = (of.reading == one.key[0]) & (np.array(of.meant) == one.key[1])
        near = np.flatnonzero((ratio > 0) & (ratio >= ratio[own].max(initial=0.0) - margin))
        return [
            Hypothesis(
                one.family,
                (int(of.reading[place]), of.meant[place]),
                float(statistic[place]),
                np.inf,
                Direction.of_readings(self.listed.observation[of.reading[[place]]], of.shift[[place]]),
            )
            for place in near[np.argsort(-ratio[near], kind="stable")].tolist()
        ]

    def count(self, family: str) -> int:
        """How many tests a family makes, or is worth."""
        if family == "again":
            return len(self.again)
        if family in self.mistakes:
            return int(self.mistakes[family].reading.size)
        return max(round(self.tails[family].worth), 1)

    def log_expected(self, one: Hypothesis, statistic: float, effect: float) -> float:
        """Logarithm of how many false alarms its family would raise by chance beyond one that has this T now.

        Args:
            effect: By how many standard deviations T would move if the fault had size one; of known sizes only.
        """
        ratio = statistic * effect - effect**2 / 2
        if one.family == "again":
            effects = np.sqrt(self.again_weights)
        elif one.family in self.mistakes:
            of = self.mistakes[one.family]
            rows = self.listed.observation[of.reading]
            effects = np.hypot(of.shift / self.field.model.u[rows] * np.sqrt(self.field.kept[rows]), of.by_peers)
            own = np.flatnonzero((of.reading == one.key[0]) & (np.array(of.meant) == one.key[1]))[0]
            ratio += float(of.peers[own] * of.by_peers[own] - of.by_peers[own] ** 2 / 2)
        else:
            return self.tails[one.family].log_expected(statistic)
        return log_expected(ratio, effects) if ratio > 0 else float("inf")

    def of_window(self, number: int, first: int, last: int, shape: int) -> Direction:
        """What a window does: a size of one is the whole of what is read, or 1 kg/kg, at the end of a drift."""
        reading = self.series[number].reading[first:last]
        size = shifts(self.listed, reading, self.field.x)
        if shape == DRIFT:
            size = size * rise(self.listed.at[reading].astype(np.float64))
        return Direction.of_readings(self.listed.observation[reading], size)

    def _weight(self, of: Series) -> sparse.csc_array:
        """(observation, bundle) what a fault of one adds to each whitened reading."""
        rows = self.listed.observation[of.reading]
        gain = shifts(self.listed, of.reading, self.field.x) / self.field.model.u[rows]
        bundle = np.repeat(np.arange(of.start.size - 1), np.diff(of.start))
        return sparse.csc_array((gain, (rows, bundle)), shape=(self.field.model.value.size, of.start.size - 1))

    def _all_scores(self) -> list[Scores]:
        """The readings of each series; those of one method are a part of those of all methods of a laboratory."""
        found: dict[int, Scores] = {}
        whole: dict[tuple[int, int, int], list[int]] = {}
        for number in sorted(range(len(self.series)), key=lambda number: -self.series[number].reading.size):
            one = self.series[number]
            several = whole.setdefault((one.kind, one.by, one.subject), [])
            form = None
            for other in several if not one.bundled else []:
                inside = np.isin(self.series[other].reading, one.reading)
                if not self.series[other].bundled and inside.sum() == one.reading.size:
                    form = found[other].covariance[np.ix_(inside, inside)]
                    break
            else:
                several.append(number)
            weight = self._weights[number]
            at = (self.listed.at[one.reading] - self.listed.at[one.reading[0]]) / DAY
            found[number] = Scores(
                score=np.zeros(one.start.size - 1),
                covariance=self.field.form(weight) if form is None else form,
                taken=np.zeros((one.start.size - 1, 0)),
                square=np.asarray(weight.power(2).sum(axis=0)).ravel(),
                at=np.add.reduceat(at, one.start[:-1]) / np.diff(one.start),
            )
        return [found[number] for number in range(len(self.series))]

    def _tails(self, generator: np.random.Generator) -> dict[str, Tail]:
        top = np.zeros(0)
        for drawn in self.field.drawn(DRAWS, generator):
            here = np.zeros(drawn.shape[1])
            for weight, scores in zip(self._weights, self._scores, strict=True):
                here = np.maximum(here, largest(weight.T @ drawn, scores))
            top = np.append(top, here)
        return {
            "reading": Tail(float((self.field.kept[self.listed.observation] > CHECKED).sum())),
            "calibration": Tail(float((self.field.kept[self._priors] > CHECKED).sum())),
            "instrument": Tail.drawn(top),
            **{family: self._tail_of_leaks(family) for family in LEAKS},
        }

    @property
    def _priors(self) -> Rows:
        return np.array(self.ledger.biases.observation, dtype=np.int64)

    def _reading(self, left: Left) -> Hypothesis | None:
        rows = self.listed.observation
        place = _largest(left.white[rows], left.kept[rows], CHECKED)
        if place is None:
            return None
        statistic = float(left.white[rows[place]] / np.sqrt(left.kept[rows[place]]))
        return Hypothesis(
            "reading", (place,), statistic, self.tails["reading"].log_expected(statistic), self.of_reading(place)
        )

    def of_reading(self, place: int) -> Direction:
        """A reading that is off by itself, in its unit."""
        return Direction.of_readings(self.listed.observation[[place]], np.ones(1))

    def _tail_of_leaks(self, family: str) -> Tail:
        """Of a test that looks one way only, there are half as many."""
        where, way = LEAKS[family]
        return Tail(self._balances[where][1].size * (0.5 if way else 1.0))

    def _leak(self, left: Left, family: str) -> Hypothesis | None:
        where, way = LEAKS[family]
        nodes, rows = self._balances[where]
        score = left.multiplier[rows]
        place = _largest(np.maximum(way * score, 0.0) if way else score, left.multiplier_weight[rows], 0.0)
        if place is None:
            return None
        statistic = float(score[place] / np.sqrt(left.multiplier_weight[rows[place]]))
        if way * statistic < 0:
            return None
        return Hypothesis(
            family,
            (int(nodes[place]),),
            statistic,
            self.tails[family].log_expected(statistic),
            Direction.of_leak(rows[[place]], np.ones(1)),
        )

    def _calibration(self, left: Left) -> Hypothesis | None:
        rows = self._priors
        place = _largest(left.white[rows], left.kept[rows], CHECKED)
        if place is None:
            return None
        # The prior is the observation: where the bias is larger than it says, its residual is below zero.
        statistic = float(-left.white[rows[place]] / np.sqrt(left.kept[rows[place]]))
        return Hypothesis(
            "calibration",
            (place,),
            statistic,
            self.tails["calibration"].log_expected(statistic),
            Direction.of_readings(rows[[place]], -np.ones(1)),
        )

    def _ratios(self, left: Left, of: Mistakes) -> tuple[Array, Array, Array]:
        """(mistake,) T, by how much the mistake would move it with what its peers say, and the log likelihood ratio."""
        rows = self.listed.observation[of.reading]
        kept = np.maximum(left.kept[rows], CHECKED)
        statistic = left.white[rows] / np.sqrt(kept)
        effect = of.shift / self.field.model.u[rows] * np.sqrt(kept)
        ratio = statistic * effect - effect**2 / 2 + of.peers * of.by_peers - of.by_peers**2 / 2
        return statistic, np.hypot(effect, of.by_peers), np.where(left.kept[rows] > CHECKED, ratio, -np.inf)

    def _mistake(self, left: Left, family: str) -> Hypothesis | None:
        of = self.mistakes[family]
        statistic, effect, ratio = self._ratios(left, of)
        if not (ratio > 0).any():
            return None
        place = int(ratio.argmax())
        return Hypothesis(
            family,
            (int(of.reading[place]), of.meant[place]),
            float(statistic[place]),
            log_expected(float(ratio[place]), effect),
            Direction.of_readings(self.listed.observation[of.reading[[place]]], of.shift[[place]]),
        )

    def _left_out(self, left: Left) -> Hypothesis | None:
        """The load that was not counted, and of which it is likeliest that it came."""
        pairs = zip(self.again, self.again_weights.tolist(), strict=True)
        effect = np.sqrt(np.array([left.weight(one.direction, whole) for one, whole in pairs]))
        if not effect.any():
            return None
        seen = np.array([left.seen(one.direction) for one in self.again])
        statistic = np.where(effect > 0, seen / np.where(effect > 0, effect, 1.0), 0.0)
        ratio = statistic * effect - effect**2 / 2
        place = int(ratio.argmax())
        if ratio[place] <= 0:
            return None
        return Hypothesis(
            "again",
            (place,),
            float(statistic[place]),
            log_expected(float(ratio[place]), effect),
            self.again[place].direction,
        )


def _largest(score: Array, weight: Array, least: float) -> int | None:
    """The place of the largest absolute T; None where nothing is checked."""
    checked = weight > least
    if not checked.any():
        return None
    return int(np.where(checked, np.abs(score) / np.sqrt(np.where(checked, weight, 1.0)), -1.0).argmax())


def _beyond(score: Array, weight: Array, checked: float, least: float) -> list[tuple[int, float]]:
    """The places with at least so large an absolute T, and it, the largest first."""
    statistic = np.where(weight > checked, score / np.sqrt(np.where(weight > checked, weight, 1.0)), 0.0)
    found = np.flatnonzero(np.abs(statistic) >= least)
    return [
        (int(place), float(statistic[place])) for place in found[np.argsort(-np.abs(statistic[found]), kind="stable")]
    ]


def _balances(flows: Flows, ledger: LedgerModel, field: Field) -> dict[str, tuple[Rows, Rows]]:
    """Nodes and constraints of roads and of all other places, where a leak of all that goes through would show."""
    nodes = ledger.streams.nodes
    through = np.zeros(flows.nodes.rows)
    for column in ("head", "tail"):
        np.add.at(through, flows.flows[column], np.abs(field.x[ledger.dry[ledger.streams.mass]]) / 2)
    shows = np.sqrt(field.multiplier_weight[ledger.balance]) * through[nodes] > 1
    road = flows.nodes["kind"][nodes] == NODE["transit"]
    return {
        "road": (nodes[road & shows], ledger.balance[road & shows]),
        "place": (nodes[~road & shows], ledger.balance[~road & shows]),
    }
