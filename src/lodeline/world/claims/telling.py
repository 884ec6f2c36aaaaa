"""Checks as results: exact limits become floats in the unit of the claim, and each operation a line of the working."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from lodeline.units.figure import Figure, Standing
from lodeline.world.claims.checking import Check
from lodeline.world.claims.expression import Step
from lodeline.world.claims.inputs import Known
from lodeline.world.claims.judged import Line, Recomputed
from lodeline.world.claims.measure import Unit, unit
from lodeline.world.claims.quantity import Quantity
from lodeline.world.claims.wording import SHORT, amount, factor, fitting, in_units, number


def recomputed(one: Check) -> Recomputed:
    """A check as a result."""
    value, low, high = _numbers(one.computed, one.unit)
    said, said_low, said_high = _numbers(one.claimed, one.unit)
    ratios = one.ratios
    return Recomputed(
        part=one.part,
        says=one.says,
        expression=one.expression,
        relation=one.relation,
        basis=one.basis,
        outcome=one.outcome,
        figure=Figure(
            value=value,
            low=low,
            high=high,
            unit=one.unit.text,
            standing=_standing(value, low, high),
            rests_on=one.rests_on,
            settle=one.missing,
        ),
        claimed=said,
        claimed_low=said_low,
        claimed_high=said_high,
        ratio=_float(one.ratio),
        ratio_low=None if ratios is None else float(ratios[0]),
        ratio_high=None if ratios is None else float(ratios[1]),
        difference=_less(value, said),
        difference_low=_less(low, said),
        difference_high=_less(high, said),
        sentence=sentence(one),
        lines=tuple(_lines(one)),
    )


def sentence(one: Check) -> str:
    """The number, the figure and how far they are apart, in words."""
    of = f"{one.part}: " if one.part else ""
    what = f" ({one.says})" if one.says else ""
    found = f"{amount(_meant(one), one.unit)}{what}"
    if one.relation == "beside":
        same = one.claimed.value is not None and one.computed.value == one.claimed.value
        return f"{of}beside it {found}{': the same' if same else _apart(one)}"
    if one.claimed.value is None:
        return f"{of}{found}"
    told = f"{of}{number(in_units(one.claimed.value, one.unit))} claimed, {found}"
    if one.outcome != "contradicts":
        return told
    return f"{told}{_apart(one)}, {_away(one)}"


def _meant(one: Check) -> Quantity:
    """The figure as the relation reads it: of a ceiling only the upper limit counts, of a floor only the lower."""
    value, low, high = one.computed.value, one.computed.low, one.computed.high
    if one.relation == "at-most":
        return Quantity(None, None, high if value is None else value, one.computed.dimension)
    if one.relation == "at-least":
        return Quantity(None, low if value is None else value, None, one.computed.dimension)
    return one.computed


def _apart(one: Check) -> str:
    """How many times the claim the figure is; nothing where no number says."""
    said = one.claimed.value
    if not said:
        return ""
    times = sorted({end / said for end in _ends(one)})
    return f": {' to '.join(map(factor, times))} times the claim" if times else ""


def _away(one: Check) -> str:
    """By how much the figure is more or less than the claim."""
    ends, said = _ends(one), one.claimed.value or Fraction(0)
    away = sorted({abs(end - said) for end in ends})
    words = " to ".join(number(in_units(end, one.unit), SHORT) for end in away)
    return f"{words} {'more' if ends[0] > said else 'less'}"


def _ends(one: Check) -> list[Fraction]:
    """The value of the figure, else what limits it has, as the relation reads it."""
    meant = _meant(one)
    limits = (meant.low, meant.high) if meant.value is None else (meant.value,)
    return [limit for limit in limits if limit is not None]


def _lines(one: Check) -> Iterator[Line]:
    for known in one.inputs:
        yield from _input_lines(known)
    for step in one.steps:
        yield _step_line(step, one.unit)


def _input_lines(known: Known) -> Iterator[Line]:
    told_in = unit(known.unit) if known.unit else fitting(known.quantity.dimension, known.quantity.value)
    # Of an input that is computed the last operation is the input itself.
    for step in known.steps[:-1]:
        yield _step_line(step, told_in)
    text = f"{known.name} = {known.steps[-1].text}" if known.steps else known.name
    yield _line(text, known.quantity, told_in, known.source)


def _step_line(step: Step, wanted: Unit) -> Line:
    """An operation, in the unit of what it leads to where it has its dimension."""
    of = step.result.dimension
    return _line(step.text, step.result, wanted if wanted.dimension == of else fitting(of, step.result.value))


def _line(text: str, of: Quantity, told_in: Unit, source: str = "") -> Line:
    value, low, high = _numbers(of, told_in)
    return Line(text=text, value=value, low=low, high=high, unit=told_in.text, source=source)


def _numbers(of: Quantity, told_in: Unit) -> tuple[float | None, float | None, float | None]:
    value, low, high = (_float(in_units(one, told_in)) for one in (of.value, of.low, of.high))
    return value, low, high


def _less(value: float | None, said: float | None) -> float | None:
    return None if value is None or said is None else value - said


def _standing(value: float | None, low: float | None, high: float | None) -> Standing:
    if value is not None:
        return "computed"
    return "unknown" if low is None and high is None else "bounded"


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
