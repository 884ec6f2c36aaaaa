"""From conditions to candidates: which places of a segment may hold an event that is asked for.

Every read is one statement with bound values. What comes of it holds every event that is asked for, and now and then
one that is not, which the event itself then shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import nextafter
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select

from lodeline.ledger.query import sets
from lodeline.ledger.query.keys import instants_of, is_odd, number_key, pattern_key, present_key, rounded, text_key
from lodeline.ledger.query.segments import NO_TIME, Ints, Places, Segment, Span
from lodeline.ledger.schema import query_numbers, query_segments, query_terms
from lodeline.record.query.conditions import (
    AttributeIs,
    Below,
    Condition,
    HasAttribute,
    InstantIs,
    Matching,
    NumberIs,
    Present,
    TextIn,
)

if TYPE_CHECKING:
    from lodeline.ledger.backend import Backend

ASKED_AT_ONCE = 500
"""Bound values of one statement."""
_s, _t, _n = query_segments.c, query_terms.c, query_numbers.c
_TERMS = select(_t.first, _t.term, _t.places).where(
    _t.first.in_(bindparam("firsts", expanding=True)), _t.term.in_(bindparam("terms", expanding=True))
)
_NUMBERS = select(_n.first, _n.field, _n.places, _n.numbers).where(
    _n.first.in_(bindparam("firsts", expanding=True)), _n.field.in_(bindparam("fields", expanding=True))
)
_TIMES = select(_s.first, _s.times).where(_s.first.in_(bindparam("firsts", expanding=True)))
_SPANS = select(_s.first, _s.size)


class Window(NamedTuple):
    """Event times, µs: ``least`` … ``greatest``, both within. It only narrows."""

    least: int
    greatest: int


class Plan(NamedTuple):
    """Conditions as what is asked of the index.

    Attributes:
        terms: For each condition on texts, the keys of which an event must have one.
        numbers: For each condition on numbers or instants, the keys of its fields and the ends between which one lies.
        window: What event times are asked for.
    """

    terms: tuple[tuple[int, ...], ...]
    numbers: tuple[tuple[tuple[int, ...], float, float], ...]
    window: Window


FOREVER = Window(NO_TIME + 1, 2**63 - 1)


def plan(conditions: Iterable[Condition]) -> Plan:
    """What to ask of the index for conditions that master data need not decide any more."""
    terms: list[tuple[int, ...]] = []
    numbers: list[tuple[tuple[int, ...], float, float]] = []
    window = FOREVER
    for condition in conditions:
        test = condition.test
        match test:
            case TextIn(values):
                terms.append(tuple(text_key(field, text) for field in condition.fields for text in sorted(values)))
            case Matching(ids, patterns):
                asked = [text_key(field, text) for field in condition.fields for text in sorted(ids)]
                asked += [pattern_key(field, each.key) for field in condition.fields for each in patterns]
                terms.append(tuple(asked))
            case Present():
                terms.append(tuple(present_key(field) for field in condition.fields))
            case NumberIs(op, wanted):
                numbers.append((tuple(map(number_key, condition.fields)), *_ends(op, wanted)))
            case InstantIs(op, wanted):
                if condition.fields == ("eventTime",):
                    window = _narrowed(window, op, wanted)
                elif condition.fields != ("recordTime",):
                    numbers.append((tuple(number_key(instants_of(f)) for f in condition.fields), *_ends(op, wanted)))
            case Below() | HasAttribute() | AttributeIs():
                raise TypeError(f"{condition.parameter} was not resolved by master data")
            case _:
                assert_never(test)
    return Plan(tuple(terms), tuple(numbers), window)


def _ends(op: str, wanted: Collection[Any]) -> tuple[float, float]:
    """Between which floats a number must lie that compares so with one of those wanted; rounding keeps order."""
    low = min(map(rounded, wanted)) if op in ("EQ", "GT", "GE") else -np.inf
    high = max(map(rounded, wanted)) if op in ("EQ", "LT", "LE") else np.inf
    # A float that is not odd stands for itself alone; what is equal to it is neither greater nor less.
    if op == "GT" and not is_odd(low):
        low = nextafter(low, np.inf)
    if op == "LT" and not is_odd(high):
        high = nextafter(high, -np.inf)
    return low, high


def _narrowed(window: Window, op: str, wanted: Sequence[Any]) -> Window:
    """A window of event times, which are rounded down to whole microseconds."""
    whole = [int(each // 1) for each in wanted]
    least = max(window.least, min(whole)) if op in ("EQ", "GT", "GE") else window.least
    greatest = min(window.greatest, max(whole)) if op in ("EQ", "LT", "LE") else window.greatest
    return Window(least, greatest)


def spans(backend: Backend) -> set[Span]:
    """The segments that stand now."""
    return {Span(*row) for row in backend.rows(_SPANS)}


class Candidates(NamedTuple):
    """Places of a segment that may be asked for, ascending, and their times if they were read.

    Attributes:
        moved: The segment was put into a larger one meanwhile; its entries must be looked at themselves.
    """

    segment: Segment
    places: Places
    times: Ints | None
    moved: bool = False


def candidates(
    backend: Backend, asked: Plan, among: Sequence[Segment], *, after: int, until: int, timed: bool
) -> list[Candidates]:
    """What may be asked for in some segments.

    Args:
        after, until: Only entries after the one and up to the other.
        timed: Read the times of what is found too.
    """
    possible = [each for each in among if _may_hold(each, asked.window, after, until)]
    postings = _postings(backend, asked, possible)
    numbers = _numbers(backend, asked, possible)
    # A segment that no posting is found in needs none of its times.
    promising = [
        each
        for each in possible
        if all(any((each.first, key) in postings for key in keys) for keys in asked.terms)
        and all(any((each.first, key) in numbers for key in keys) for keys, _, _ in asked.numbers)
    ]
    read = [each for each in promising if timed or not asked.terms or _is_cut(each, asked.window)]
    times = _times(backend, read)
    # Asked last: a segment that still stands stood while its rows were read.
    standing = spans(backend) if possible else set()
    if moved := [each for each in possible if each.span not in standing]:
        nothing = np.empty(0, np.uint16)
        promising = [each for each in promising if each not in moved]
        lost = [Candidates(each, nothing, None, moved=True) for each in moved]
    else:
        lost = []
    whole = [_in_segment(each, asked, postings, numbers, times.get(each.first), after, until) for each in promising]
    order = {each.first: place for place, each in enumerate(among)}
    return sorted(lost + whole, key=lambda each: order[each.segment.first])


def _may_hold(segment: Segment, window: Window, after: int, until: int) -> bool:
    return (
        segment.events > 0
        and segment.first <= until
        and segment.first + segment.size - 1 > after
        and segment.least <= window.greatest
        and segment.greatest >= window.least
    )


def _is_cut(segment: Segment, window: Window) -> bool:
    """Whether some events of a segment may lie outside the window."""
    return segment.least < window.least or segment.greatest > window.greatest


def _postings(backend: Backend, asked: Plan, among: Sequence[Segment]) -> Mapping[tuple[int, int], bytes]:
    wanted = sorted({key for keys in asked.terms for key in keys})
    found: dict[tuple[int, int], bytes] = {}
    firsts = [each.first for each in among]
    for start in range(0, len(wanted) if firsts else 0, ASKED_AT_ONCE):
        for first, term, raw in backend.rows(_TERMS, firsts=firsts, terms=wanted[start : start + ASKED_AT_ONCE]):
            found[first, term] = bytes(raw)
    return found


def _numbers(
    backend: Backend, asked: Plan, among: Sequence[Segment]
) -> Mapping[tuple[int, int], tuple[Places, NDArray[np.float64]]]:
    wanted = sorted({key for keys, _, _ in asked.numbers for key in keys})
    if not wanted or not among:
        return {}
    rows = backend.rows(_NUMBERS, firsts=[each.first for each in among], fields=wanted)
    return {
        (first, field): (np.frombuffer(bytes(places), "<u2"), np.frombuffer(bytes(numbers), "<f8"))
        for first, field, places, numbers in rows
    }


def _times(backend: Backend, among: Sequence[Segment]) -> Mapping[int, Ints]:
    if not among:
        return {}
    rows = backend.rows(_TIMES, firsts=[each.first for each in among])
    return {first: np.frombuffer(bytes(raw), "<i8") for first, raw in rows}


def _in_segment(
    segment: Segment,
    asked: Plan,
    postings: Mapping[tuple[int, int], bytes],
    numbers: Mapping[tuple[int, int], tuple[Places, NDArray[np.float64]]],
    times: Ints | None,
    after: int,
    until: int,
) -> Candidates:
    first, size = segment.first, segment.size
    found: list[sets.Set] = []
    for keys in asked.terms:
        raws = [postings[first, key] for key in keys if (first, key) in postings]
        found.append(sets.union([sets.of_posting(raw, size) for raw in raws], size))
    for fields, low, high in asked.numbers:
        between = []
        for field in fields:
            if (first, field) in numbers:
                places, values = numbers[first, field]
                between.append(np.unique(places[(values >= low) & (values <= high)]))
        found.append(sets.union(between, size))
    if times is not None and (not found or _is_cut(segment, asked.window)):
        least = max(asked.window.least, NO_TIME + 1)
        found.append((times >= least) & (times <= asked.window.greatest))
    places = sets.all_of(found, size)
    places = places[np.searchsorted(places, max(after + 1 - first, 0)) :]
    if until - first < size - 1:
        places = places[: np.searchsorted(places, until - first, side="right")]
    return Candidates(segment, places, None if times is None else times[places])
