"""Sequential tests for slow loss: each makes of the MUF of the periods one statistic a period, held against a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, assert_never

import msgspec
import numpy as np

from lodeline.errors import InputError
from lodeline.metal.detection.sequential.cusum import Sides, cusum, require_reference
from lodeline.metal.detection.sequential.muf import Known, Muf, independent, known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class MufTest(msgspec.Struct, frozen=True):
    """Each MUF by itself, in its own standard uncertainty: finds what is lost all at once."""

    sides: Sides


class CumufTest(msgspec.Struct, frozen=True):
    """The running sum of MUF, in its own standard uncertainty: finds what is lost evenly from the start on."""

    sides: Sides


class SitmufTest(msgspec.Struct, frozen=True):
    """Each standardised independent MUF by itself."""

    sides: Sides


class PageTest(msgspec.Struct, frozen=True):
    """Page's cumulative sum of standardised independent MUF: finds a loss that goes on, whenever it began.

    Attributes:
        k: Reference value, standard deviations, >= 0.

    Raises:
        InputError: ``sequential.reference``.
    """

    sides: Sides
    k: float

    def __post_init__(self) -> None:
        require_reference(self.k)


class GemufTest(msgspec.Struct, frozen=True):
    """The weighted sum of squares of all MUF so far, which asks for no pattern of loss, and tells no side.

    ``Z[t] = muf[:t].T @ inv(covariance[:t, :t]) @ muf[:t]``, the sum of squares of SITMUF: chi-squared with t degrees
    of freedom without loss. The statistic is its cube root, standardised, so that one limit serves every period.

    Source: R. Seifert (1987), The GEMUF test, in: Nuclear Safeguards Technology 1986, IAEA-SM-293, IAEA, Vienna; the
    cube root: E. B. Wilson, M. M. Hilferty (1931), Proc. Natl. Acad. Sci. USA 17(12), 684-688.
    """


Test = MufTest | CumufTest | SitmufTest | PageTest | GemufTest


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The value that a statistic may reach in every period of a sequence, and how often it is passed by chance.

    Attributes:
        value: The limit, in the unit of the statistic: standard deviations.
        how: ``exact`` from a formula, ``simulated`` for the wanted probability, ``given`` by the reader.
        probability: Of at least one false alarm over all the periods: the wanted one; of a given limit, the one it has.
        probability_u: Standard deviation of the true probability about that one, from the simulation that found it; 0
            where a formula did.
        periods: How many values it was found for.
        achieved, achieved_u: The probability found in ``runs`` sequences of their own, without loss, that were drawn
            after the limit was known, and its Monte Carlo error.
    """

    value: float
    how: Literal["exact", "simulated", "given"]
    probability: float
    probability_u: float
    periods: int
    achieved: float
    achieved_u: float
    runs: int


class Outcome(NamedTuple):
    """What one test says of one sequence of MUF.

    Attributes:
        test, limit: What was asked.
        statistic: (period,) standard deviations; NaN in an unknown period.
        side: (period,) 1 where the statistic speaks of loss, -1 of gain, 0 of neither or where it is unknown.
        over: (period,) whether it passed the limit.
        alarm: Whether it did anywhere.
        first_alarm: The first period in which it did.
    """

    test: Test
    limit: Limit
    statistic: Array
    side: NDArray[np.int8]
    over: NDArray[np.bool_]
    alarm: bool
    first_alarm: int | None


def scores(test: Test, parts: Array, values: Known) -> tuple[Array, Array]:
    """(…, value) how much speaks for loss, and for gain, in each period.

    Args:
        parts: (…, value) standardised independent values, observed or drawn.
        values: Gives their scale and what sums with what.
    """
    match test:
        case MufTest():
            standard = parts @ values.factor.T / values.kg_u  # (…, value)
        case CumufTest():
            standard = parts @ (values.running @ values.factor).T / values.running_kg_u  # (…, value)
        case SitmufTest():
            standard = parts
        case PageTest(k=k):
            return cusum(parts, k)
        case GemufTest():
            degrees = np.arange(1, parts.shape[-1] + 1)
            spread = 2.0 / (9.0 * degrees)
            standard = (np.cbrt(np.cumsum(parts**2, axis=-1) / degrees) - 1.0 + spread) / np.sqrt(spread)
            return standard, standard
        case _:
            assert_never(test)
    return standard, -standard


def statistic(test: Test, loss: Array, gain: Array) -> Array:
    """(…, value) what is held against the limit: the score of the side, or of the two the larger."""
    match test:
        case GemufTest() | MufTest("loss") | CumufTest("loss") | SitmufTest("loss") | PageTest("loss"):
            return loss
        case _:
            return np.maximum(loss, gain)


def apply(test: Test, of: Muf, limit: Limit) -> Outcome:
    """Hold the statistic of every known period against a limit.

    A period without a value has no statistic. Page's sums stay as they are over it: nothing was seen, which is not the
    same as a MUF of zero.

    Args:
        limit: Found for as many values, or more: those of a whole year ahead serve while it passes, with no more false
            alarms than it says.

    Raises:
        InputError: ``sequential.limit_too_short``, ``sequential.nothing_known``.
    """
    values = known(of)
    require_long_enough(limit, values)
    loss, gain = scores(test, independent(values, values.kg), values)
    told = statistic(test, loss, gain)
    periods = of.kg.size
    side = np.zeros(periods, dtype=np.int8)
    if not isinstance(test, GemufTest):
        side[values.rows] = np.where(told > 0, np.where(loss >= gain, 1, -1), 0)
    over = np.zeros(periods, dtype=bool)
    over[values.rows] = told > limit.value
    return Outcome(
        test=test,
        limit=limit,
        statistic=values.spread(told, periods),
        side=side,
        over=over,
        alarm=bool(over.any()),
        first_alarm=int(np.argmax(over)) if over.any() else None,
    )


def require_long_enough(limit: Limit, values: Known) -> None:
    """Refuse a limit that was found for a shorter sequence (``sequential.limit_too_short``)."""
    if values.rows.size > limit.periods:
        raise InputError(
            "sequential.limit_too_short",
            "There are more values than the limit was found for, each a further chance of a false alarm; find it anew.",
            values=values.rows.size,
            periods=limit.periods,
        )
