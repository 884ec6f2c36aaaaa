"""Limits of a share whose terms have limits: the least and the most of net imports over consumption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Term(NamedTuple):
    """One printed quantity in a share.

    Attributes:
        net: How often it counts in net imports: 1 for imports, -1 for exports, 0 for production.
        used: How often it counts in consumption.
        low, high: Its limits, one unit for all terms; ``high`` is None where nothing limits it from above.
    """

    net: float
    used: float
    low: float
    high: float | None


class Span(NamedTuple):
    """From where to where something can lie; None on a side where nothing limits it."""

    low: float | None
    high: float | None


NOTHING_KNOWN = Span(None, None)


def sum_span(weighted: Sequence[tuple[float, Term]]) -> Span:
    """Limits of ``sum(weight * x)`` where each x lies anywhere within its own limits."""
    low, high = 0.0, 0.0
    for weight, term in weighted:
        most = math.inf if term.high is None else term.high
        ends = (weight * term.low, weight * most) if weight else (0.0, 0.0)
        low, high = low + min(ends), high + max(ends)
    return Span(low if math.isfinite(low) else None, high if math.isfinite(high) else None)


def share_span(terms: Sequence[Term]) -> Span:
    """Limits of ``sum(net * x) / sum(used * x)``, where each x lies anywhere within its own limits.

    Of a consumption that is nothing there is no share. Else it is positive: where the limits alone would allow it
    to be nothing, only what holds for every positive consumption is given, such as that a net exporter's share is
    at most 0. Where a term of net imports is not limited on both sides, nothing is known.

    Source: W. Dinkelbach (1967), On nonlinear fractional programming, Management Science 13(7), 492-498, for a ratio
    of linear functions; over a box each step is a choice of one end for each term.
    """
    if any(term.high is None and term.net for term in terms):
        return NOTHING_KNOWN
    closed = [term if term.high is not None else term._replace(high=term.low) for term in terms]
    consumption = sum_span([(term.used, term) for term in closed])
    if consumption.low is not None and consumption.low > 0:
        low, high = _extreme(closed, -1.0), _extreme(closed, 1.0)
        if len([term for term in terms if term.high is None]):
            # What is made without limit makes the share of imports as small as one likes, on either side of 0.
            return Span(min(low, 0.0), max(high, 0.0))
        return Span(low, high)
    if consumption.high == 0 and all(term.high is not None for term in terms):
        return NOTHING_KNOWN  # Of nothing there is no share.
    return _of_any_consumption(closed)


def _of_any_consumption(terms: Sequence[Term]) -> Span:
    """What the limits say whatever the consumption is, as long as it is positive."""
    net = sum_span([(term.net, term) for term in terms])
    made = sum_span([(term.used - term.net, term) for term in terms])
    low = 0.0 if net.low is not None and net.low >= 0 else None
    if net.high is not None and net.high <= 0:
        return Span(low, 0.0)
    # Consumption is net imports and what is made at home; what is made is not negative, so the share is not above 1.
    return Span(low, 1.0 if made.low is not None and made.low >= 0 else None)


def _extreme(terms: Sequence[Term], side: float) -> float:
    """The greatest (``side`` 1) or the least (-1) share; consumption is positive at every end."""
    share = _share(terms, [term.low for term in terms])
    while True:
        # The end that moves net imports - share * consumption to this side; either, where it moves nothing.
        chosen = [
            term.high if side * (term.net - share * term.used) > 0 and term.high is not None else term.low
            for term in terms
        ]
        better = _share(terms, chosen)
        if side * (better - share) <= 0:
            return share
        share = better


def _share(terms: Sequence[Term], values: Sequence[float]) -> float:
    net = math.fsum(term.net * value for term, value in zip(terms, values, strict=True))
    used = math.fsum(term.used * value for term, value in zip(terms, values, strict=True))
    return net / used
