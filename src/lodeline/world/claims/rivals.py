"""Rivals: claims about the same thing, compared pair by pair in one unit and one basis."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Literal

import msgspec

from lodeline.chemistry.formula import atoms, element_per_compound
from lodeline.errors import LodelineError
from lodeline.world.claims.checking import differs
from lodeline.world.claims.inputs import Inputs
from lodeline.world.claims.measure import Dimension, of_what, told, unit
from lodeline.world.claims.printed import claimed
from lodeline.world.claims.quantity import Quantity, exactly, multiply
from lodeline.world.claims.register import Claim
from lodeline.world.claims.wording import amount, factor

Standing = Literal["agree", "conflict", "differ in words", "not comparable"]


class Rivalry(msgspec.Struct, frozen=True, kw_only=True):
    """Two claims about one thing.

    Attributes:
        one, other: Their ids. standing: ``conflict`` where their limits do not overlap; ``differ in words`` where they
            say of it what may not be said of one thing. sentence: which, and by how much.
        ratio: The other's value over this one's; None where there is none.
    """

    one: str
    other: str
    standing: Standing
    sentence: str
    ratio: float | None = None


def rivalries(claims: tuple[Claim, ...], inputs: Inputs) -> Iterator[Rivalry]:
    """Every pair of claims about one thing, and what becomes of it."""
    about: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.about:
            about.setdefault(claim.about, []).append(claim)
    for group in about.values():
        for one, other in combinations(group, 2):
            yield from _compared(one, other, inputs)


def _compared(one: Claim, other: Claim, inputs: Inputs) -> Iterator[Rivalry]:
    for key in sorted(one.says.keys() & other.says.keys()):
        if one.says[key] != other.says[key]:
            yield Rivalry(
                one=one.id,
                other=other.id,
                standing="differ in words",
                sentence=f"{key}: {one.says[key]} ({one.id}), {other.says[key]} ({other.id})",
            )
    a, b = claimed(one), claimed(other)
    if a is None or b is None:
        return
    axis = differs(one.basis, other.basis)
    if axis:
        words = f"{getattr(one.basis, axis)} ({one.id}), {getattr(other.basis, axis)} ({other.id})"
        yield Rivalry(one=one.id, other=other.id, standing="not comparable", sentence=f"{axis}: {words}")
        return
    in_one, in_other = as_content(one, a, inputs), as_content(other, b, inputs)
    if in_one.dimension != in_other.dimension:
        words = f"{told(in_one.dimension)} ({one.id}), {told(in_other.dimension)} ({other.id})"
        yield Rivalry(one=one.id, other=other.id, standing="not comparable", sentence=f"units: {words}")
        return
    ratio = in_other.value / in_one.value if in_one.value and in_other.value is not None else None
    agree = in_one.overlaps(in_other)
    words = f"{amount(a, unit(one.unit))} ({one.id}), {amount(b, unit(other.unit))} ({other.id})"
    times = "" if agree or ratio is None else f": {factor(ratio)} times"
    yield Rivalry(
        one=one.id,
        other=other.id,
        standing="agree" if agree else "conflict",
        sentence=words + times,
        ratio=None if ratio is None else float(ratio),
    )


def as_content(claim: Claim, of: Quantity, inputs: Inputs) -> Quantity:
    """A mass of ore or of a compound as the mass of the element in it, where a grade or atomic weights say so.

    Ore is turned by the grade the claim states; a compound of one element with oxygen or sulfur by atomic weights.
    What neither turns stays what it is.
    """
    what = of_what(of.dimension)
    if claim.grade:
        grade = inputs.quantity(claim.grade)
        if (("mass", what, -1)) in grade.dimension:
            return multiply(of, grade)
    element = _one_element(what)
    if element and element != what:
        return multiply(of, exactly(Fraction(element_per_compound(what, element)), _turn(what, element)))
    return of


def _turn(compound: str, element: str) -> Dimension:
    return tuple(sorted((("mass", compound, -1), ("mass", element, 1))))


def _one_element(formula: str) -> str:
    """The element of a compound with oxygen or sulfur; empty where it is no such formula."""
    try:
        found = [symbol for symbol in atoms(formula) if symbol not in ("O", "S")]
    except LodelineError:
        return ""
    return found[0] if len(found) == 1 else ""
