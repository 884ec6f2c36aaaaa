"""The language of a recomputation: numbers, names, plus, minus, times, divided by, and parentheses. Nothing else.

It is read by hand into a tree of four kinds of node; no text is ever run as a program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import msgspec

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.world.claims import quantity
from lodeline.world.claims.quantity import Quantity

LONGEST = 1_000
"""Characters of an expression: far more than a person checks by hand, and little for a machine."""
DEEPEST = 40
"""Parentheses and signs within each other."""
LARGEST = 10**150
"""Of a result in base units; far beyond it no number can be printed."""
MOST = 100
"""Operations in one expression."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,40}(?:\.\d{1,40})?)(?![\w.])|(?P<name>[A-Za-z_]\w{0,79})(?!\w)|(?P<sign>[-+*/()]))",
    re.ASCII,
)
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "∕": "/"})
SHOWN = {"*": "×", "/": "÷", "-": "−", "+": "+"}


class Number(msgspec.Struct, frozen=True, tag=True):
    """A bare number."""

    value: Fraction
    text: str


class Name(msgspec.Struct, frozen=True, tag=True):
    """A named input."""

    name: str


class Minus(msgspec.Struct, frozen=True, tag=True):
    """A sign in front."""

    of: Node


class Both(msgspec.Struct, frozen=True, tag=True):
    """Two parts with ``+``, ``-``, ``*`` or ``/`` between."""

    sign: str
    left: Node
    right: Node


Node = Number | Name | Minus | Both


class Step(NamedTuple):
    """One operation: what was computed, and what came out."""

    text: str
    result: Quantity


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """The tree of an expression; ``×``, ``÷`` and ``−`` are read as well as ``*``, ``/`` and ``-``.

    Times and divided by bind closer than plus and minus; what binds alike is taken from the left.

    Raises:
        InputError: ``world.claims_expression``; ``where["column"]`` is the place in it.
    """
    if len(text) > LONGEST:
        raise InputError(
            "world.claims_expression",
            f"An expression of {len(text):,} characters is too long; name its parts as inputs.",
        )
    reader = _Reader(text)
    node = reader.sum(0)
    reader.end()
    return node


def names(node: Node) -> Iterator[str]:
    """The names in an expression, in order, each as often as it stands there."""
    match node:
        case Name():
            yield node.name
        case Minus():
            yield from names(node.of)
        case Both():
            yield from names(node.left)
            yield from names(node.right)


def evaluate(node: Node, lookup: Callable[[str], Quantity], steps: list[Step]) -> Quantity:
    """The quantity of an expression; each operation is added to the steps.

    An input that stands in it twice is taken as two that may differ, so limits are never too narrow.

    Raises:
        InputError: ``world.claims_dimension``, ``world.claims_zero``, ``world.claims_number``, and what the lookup
            raises.
    """
    match node:
        case Number():
            return quantity.exactly(node.value)
        case Name():
            return lookup(node.name)
        case Minus():
            return quantity.negative(evaluate(node.of, lookup, steps))
    left, right = evaluate(node.left, lookup, steps), evaluate(node.right, lookup, steps)
    match node.sign:
        case "+":
            found = quantity.add(left, right)
        case "-":
            found = quantity.add(left, right, sign=-1)
        case "*":
            found = quantity.multiply(left, right)
        case _:
            found = quantity.divide(left, right)
    if any(one is not None and abs(one) > LARGEST for one in (found.value, found.low, found.high)):
        raise InputError(
            "world.claims_number", "What is computed is beyond any number of the world; correct the inputs."
        )
    steps.append(Step(shown(node), found))
    return found


def shown(node: Node) -> str:
    """The expression as a person writes it, with the parentheses that it needs."""
    match node:
        case Number():
            return node.text
        case Name():
            return node.name
        case Minus():
            return f"−{_within(node.of, 3)}"
    own = _binding(node)
    # The right part is bracketed where it binds alike, so that a − (b − c) stays what it is.
    return f"{_within(node.left, own)} {SHOWN[node.sign]} {_within(node.right, own + 1)}"


def _within(node: Node, least: int) -> str:
    return shown(node) if _binding(node) >= least else f"({shown(node)})"


def _binding(node: Node) -> int:
    match node:
        case Both():
            return 1 if node.sign in "+-" else 2
        case Minus():
            return 2
    return 3


class _Reader:
    """Reads one expression from the left."""

    def __init__(self, text: str) -> None:
        self.text, self.signs, self.position = text, text.translate(_SIGNS), 0
        self.operations = 0

    def sum(self, depth: int) -> Node:
        node = self.product(depth)
        while sign := self.taken("+-"):
            node = Both(sign, node, self.product(depth))
        return node

    def product(self, depth: int) -> Node:
        node = self.factor(depth)
        while sign := self.taken("*/"):
            node = Both(sign, node, self.factor(depth))
        return node

    def factor(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.refused("has too many parentheses within each other")
        if self.taken("-"):
            return Minus(self.factor(depth + 1))
        if self.taken("("):
            node = self.sum(depth + 1)
            if not self.taken(")"):
                raise self.refused("wants a closing parenthesis")
            return node
        found = _TOKEN.match(self.signs, self.position)
        if found is None or found["sign"]:
            raise self.refused("wants a number, the name of an input or a parenthesis")
        self.position = found.end()
        if found["name"]:
            return Name(found["name"])
        return Number(Fraction(found["number"]), found["number"])

    def taken(self, signs: str) -> str:
        """The next sign if it is one of these, which is then behind us; else nothing."""
        found = _TOKEN.match(self.signs, self.position)
        if found is None or not found["sign"] or found["sign"] not in signs:
            return ""
        self.position = found.end()
        self.operations += found["sign"] in "+-*/"
        if self.operations > MOST:
            raise self.refused(f"has more than {MOST} operations")
        return found["sign"]

    def end(self) -> None:
        if self.signs[self.position :].strip():
            raise self.refused("wants + − × ÷ or its end")

    def refused(self, why: str) -> InputError:
        rest = self.signs[self.position :]
        column = self.position + len(rest) - len(rest.lstrip()) + 1
        return InputError(
            "world.claims_expression",
            f"The expression {visible(self.text, limit=80)!r} {why} at character {column}; "
            "it may hold numbers, names of inputs, + − × ÷ and parentheses.",
            column=column,
        )
