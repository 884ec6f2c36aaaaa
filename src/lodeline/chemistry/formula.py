"""Formulas: which atoms a compound has, its molar mass, and mass of compound per mass of an element in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from lodeline.chemistry.elements import element
from lodeline.errors import InputError

_TOKEN = re.compile(r"([A-Z][a-z]?)([1-9][0-9]{0,3})?|(\()|(\))([1-9][0-9]{0,3})?")


@lru_cache(maxsize=1024)
def atoms(formula: str) -> Mapping[str, int]:
    """How many atoms of each element: ``Pr6O11`` is ``{"Pr": 6, "O": 11}``; brackets may nest.

    Raises:
        InputError: ``chemistry.formula``, ``chemistry.element_unknown``.
    """
    open_groups: list[dict[str, int]] = [{}]
    position = 0
    while position < len(formula):
        token = _TOKEN.match(formula, position)
        if token is None or (token[4] and len(open_groups) == 1):
            raise _unreadable(formula, position)
        position = token.end()
        if token[1]:
            _add(open_groups[-1], {element(token[1]).symbol: 1}, int(token[2] or 1))
        elif token[3]:
            open_groups.append({})
        else:
            group = open_groups.pop()
            _add(open_groups[-1], group, int(token[5] or 1))
    if len(open_groups) > 1 or not open_groups[0]:
        raise _unreadable(formula, position)
    return MappingProxyType(open_groups[0])


def molar_mass(formula: str) -> Decimal:
    """The molar mass in g/mol: the sum of atoms times standard atomic weights.

    Raises:
        InputError: ``chemistry.formula``, ``chemistry.element_unknown``.
    """
    return sum((element(symbol).weight * count for symbol, count in atoms(formula).items()), Decimal(0))


@lru_cache(maxsize=1024)
def element_per_compound(formula: str, symbol: str) -> Decimal:
    """Mass of the element per mass of the compound, kg/kg: ``n * M(element) / M(compound)``.

    Raises:
        InputError: ``chemistry.element_not_in_compound``, ``chemistry.formula``, ``chemistry.element_unknown``.
    """
    count = atoms(formula).get(element(symbol).symbol)
    if count is None:
        raise InputError(
            "chemistry.element_not_in_compound", f"{formula} holds no {symbol}.", formula=formula, symbol=symbol
        )
    return count * element(symbol).weight / molar_mass(formula)


def compound_per_element(formula: str, symbol: str) -> Decimal:
    """Mass of the compound per mass of the element, kg/kg; Pr6O11 per Pr is 1.208, Pr2O3 per Pr is 1.170.

    Raises:
        InputError: ``chemistry.element_not_in_compound``, ``chemistry.formula``, ``chemistry.element_unknown``.
    """
    return 1 / element_per_compound(formula, symbol)


def _add(into: dict[str, int], group: Mapping[str, int], times: int) -> None:
    for symbol, count in group.items():
        into[symbol] = into.get(symbol, 0) + count * times


def _unreadable(formula: str, position: int) -> InputError:
    return InputError(
        "chemistry.formula",
        f"{formula[:80]!r} is no chemical formula; write one such as Sb2S3, Pr6O11 or Cu(OH)2.",
        column=position + 1,
    )
