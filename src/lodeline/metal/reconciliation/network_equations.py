"""Equations as people write them: sums of numbers, figures and products of figures on both sides of ``=``."""

from __future__ import annotations

import re
from typing import NamedTuple

from lodeline.errors import InputError

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d][\w./]*)
    | "(?P<quoted>[^"]+)"
    | (?P<sign>[-+*=−·])
    )""",
    re.VERBOSE,
)
SIGNS = {"−": "-", "·": "*"}


class Token(NamedTuple):
    """A number, word, quoted name or sign, and the column it stands in, from 1."""

    kind: str
    text: str
    column: int


class Term(NamedTuple):
    """A number times no, one or two figures."""

    coefficient: float
    figures: tuple[str, ...]


def terms_of(text: str) -> list[Term]:
    """The terms of an equation, all on one side, so that they sum to zero.

    Raises:
        InputError: ``network.equation``, with ``equation`` and ``column``, counted from 1.
    """
    tokens = _tokens(text)
    equals = [index for index, token in enumerate(tokens) if token.kind == "sign" and token.text == "="]
    if len(equals) != 1:
        raise _wrong(text, 1, "it needs one equals sign")
    (at,) = equals
    left = _side(tokens[:at], 1.0, text, tokens[at].column)
    return [*left, *_side(tokens[at + 1 :], -1.0, text, len(text) + 1)]


def _side(tokens: list[Token], sign: float, text: str, end: int) -> list[Term]:
    """The terms of one side, which ends at a column; a plus or minus may stand before the first."""
    terms: list[Term] = []
    factors: list[Token] = []
    coefficient = sign
    for token in (*tokens, Token("sign", "+", end)):
        if token.kind != "sign" or token.text == "*":
            factors.append(token)
            continue
        if factors:
            terms.append(_term(factors, coefficient, text))
        elif terms or not tokens or token is not tokens[0]:
            raise _wrong(text, token.column, "a term is missing")
        factors, coefficient = [], -sign if token.text == "-" else sign
    return terms


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise _wrong(text, at + 1, "it is no number, figure or sign; a name that is no plain word stands in quotes")
        kind = match.lastgroup
        token = match[kind]
        found.append(Token(kind, SIGNS.get(token, token) if kind == "sign" else token, match.start(kind) + 1))
        at = match.end()
    return found


def _term(factors: list[Token], sign: float, text: str) -> Term:
    """A product; the star between factors may be left out, as in ``0.4 mV``."""
    coefficient, figures, expected = sign, [], True
    for kind, token, column in factors:
        if kind == "sign":
            if expected:
                raise _wrong(text, column, "a factor is missing before the star")
            expected = True
            continue
        if kind == "number":
            if not expected:
                raise _wrong(text, column, "a number stands before the figure that it multiplies")
            coefficient *= float(token)
        else:
            figures.append(token)
        expected = False
    if expected:
        raise _wrong(text, factors[-1].column, "a factor is missing after the star")
    if len(figures) > 2:
        raise _wrong(
            text, factors[0].column, "it is a product of more than two figures; name a part of it as a quantity"
        )
    return Term(coefficient, tuple(figures))


def _wrong(text: str, column: int, why: str) -> InputError:
    return InputError(
        "network.equation",
        f"An equation cannot be read, since {why}; write it as F1 + 0.4 F2 = F3 or F4 = TC * F3.",
        equation=text,
        column=column,
    )
