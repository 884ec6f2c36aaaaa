"""What sections read of a reconciled book: its accounts, their closure over time, pairs of assays, and instruments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from lodeline.metal.balance.sharing import WATER as WATER
from lodeline.report.given_origins import SeenOrigins
from lodeline.units.figure import Figure

Line = Literal["opening", "in", "produced", "out", "consumed", "losses", "closing", "unaccounted"]
LINES: tuple[Line, ...] = ("opening", "in", "produced", "out", "consumed", "losses", "closing", "unaccounted")
"""Lines of an account: what was there and came, what went and is there, and what is missing between the two."""

TOLD = 0.99
"""A bias of which the data leave more than this part of the prior's uncertainty is called one that they cannot tell:
they narrow it by less than a hundredth. The findings and the command line say the same of the same ones."""


class SeenAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An element at one place over one period.

    Attributes:
        site: URI of the site; empty of goods on the road, and where nobody said. label: what it is called.
        element: Symbol. period: ``2026-01``, ``2026`` …; empty: all of the book.
        recorded, reconciled: By line, KGM; the second is empty where nothing was reconciled.
        checks: How many times what came and what went were known from two sides; with none nothing can be missing.
        sigma: What is unaccounted for, less what is known of biases, in its standard uncertainty, which has in it how
            well they are known; None where it cannot be judged.
    """

    site: str
    label: str
    element: str
    period: str
    recorded: Mapping[str, Figure]
    reconciled: Mapping[str, Figure] = {}
    checks: int = 0
    sigma: float | None = None


State = Literal["known", "carried", "unknown"]


class SeenPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One period of a control chart. Without a value it is a gap, never zero.

    Attributes:
        period: Its label.
        state: ``known``; ``carried``, if a later value covers it, because nothing in it was known from two sides;
            ``unknown``, if none does, so that nobody could have seen a loss there.
        since: The first period that the value covers; empty where there is none.
        muf, cumulative: KGM, with the standard uncertainty of all that instruments may be off by; what is known of that
            is taken off. sigma: MUF in its own.
        outside: How many of the bands it is outside of, 0 to 3.
        loss, gain: Page's sums, standard deviations. alarm: whether one is above the limit.
    """

    period: str
    state: State
    since: str
    muf: Figure
    cumulative: Figure
    sigma: float | None
    outside: int
    loss: float | None
    gain: float | None
    alarm: bool


class SeenLimit(msgspec.Struct, frozen=True, kw_only=True):
    """What Page's sums of one chart are held against.

    Attributes:
        value: Standard deviations. probability: that a chart of a sound account passes it anywhere.
        achieved, runs: the share of drawn charts of sound accounts that did, and how many were drawn.
    """

    value: float
    probability: float
    achieved: float
    runs: int


class SeenClosure(msgspec.Struct, frozen=True, kw_only=True):
    """The closure of one account over its periods.

    Attributes:
        site, label, element: As of :class:`SeenAccount`.
        points: One a period. k: reference value of Page's test, standard deviations.
        limit: None where no policy says how likely a false alarm may be.
        refused: Why there is no test, in a sentence; empty where there is one.
    """

    site: str
    label: str
    element: str
    points: tuple[SeenPoint, ...]
    k: float
    limit: SeenLimit | None
    refused: str = ""

    @property
    def known(self) -> tuple[SeenPoint, ...]:
        """The periods that have a value."""
        return tuple(point for point in self.points if point.state == "known")

    @property
    def alarms(self) -> tuple[SeenPoint, ...]:
        """The periods in which a sum is above the limit."""
        return tuple(point for point in self.points if point.alarm)


class SeenPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two laboratories on one lot: the earlier one, and the later one.

    Attributes:
        element: Symbol. lot: URI. at: day of the later one.
        first_id, second_id: URIs of the laboratories. first, second: what they are called.
        between: Whether the lot changed its owner between the two or, in a book that tells of no change of owner, came
            over a road; else one owner asked both, or nobody said.
        first_found, second_found: P1, of the element in dry mass, or of both in wet mass; with what is random.
        apart: The later less the earlier, in percent of their mean; its uncertainty has in it what each laboratory may
            be off by. sigma: in its own standard uncertainty.
    """

    element: str
    lot: str
    at: str
    first_id: str
    second_id: str
    first: str
    second: str
    between: bool
    first_found: Figure
    second_found: Figure
    apart: Figure
    sigma: float


class SeenBias(msgspec.Struct, frozen=True, kw_only=True):
    """What an instrument is off by between two calibrations.

    Attributes:
        kind: ``scale``, ``laboratory`` or ``standard``. id: URI. label: what it is called.
        subject: Of a laboratory the element, or :data:`WATER` for moisture. method: of a laboratory.
        period: Which calibration, from 0. since: day from which it holds; empty: always.
        prior: What its certificate or a policy says, P1 of the reading or KGM. estimate: what the books say.
        z: How many standard deviations the estimate is from the prior. told: part of the prior's standard uncertainty
            that is left: near 1 the data cannot tell it.
        supposed: Whether the prior is a policy's. readings: how many rest on it.
    """

    kind: str
    id: str
    label: str
    subject: str
    method: str
    period: int
    since: str
    prior: Figure
    estimate: Figure
    z: float
    told: float
    supposed: bool
    readings: int


class SeenReconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """A reconciled book as sections read it.

    Attributes:
        why_not: Why nothing was reconciled, in a sentence; empty where something was.
        elements: Symbols, the one with most metal first.
        ways: In how many independent ways the readings check one another. spread: by how much they differ, the sum of
            squares in standard uncertainties. worse: probability that a sound book differs by more.
        standings: Flows by how their dry mass is known after it.
        silent: Readings that have no weight, because nobody gave an uncertainty. baseless: because nobody said whether
            they are of wet or dry mass.
        unheard: Instruments of whose bias nothing is known.
        accounts, closures, pairs, biases, origins: See there.
        period: Word for the length of a period.
        false_alarms: The probability that the policy allows; None where it says nothing.
        far: How many standard deviations from its prior a bias is far.
    """

    why_not: str = ""
    elements: tuple[str, ...] = ()
    ways: int = 0
    spread: float = 0.0
    worse: float = 1.0
    standings: Mapping[str, int] = {}
    silent: int = 0
    baseless: int = 0
    unheard: tuple[str, ...] = ()
    accounts: tuple[SeenAccount, ...] = ()
    closures: tuple[SeenClosure, ...] = ()
    pairs: tuple[SeenPair, ...] = ()
    biases: tuple[SeenBias, ...] = ()
    origins: tuple[SeenOrigins, ...] = ()
    period: str = "year"
    false_alarms: float | None = None
    far: float = 0.0
