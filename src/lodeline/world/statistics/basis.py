"""Bases: what a published mass counts, as the publisher says it: an element, an oxide, the gross weight, or nothing.

What a line says goes before its footnotes, these before the title of the table, and that before the head of the
chapter.
"""

from __future__ import annotations

import re
from functools import cache

FORMULA = r"(?:[A-Z][a-z]?\d*){2,}"
"""An oxide as publishers write it: ``K2O``, ``TiO2``, ``Ta2O5``."""
NAMED_OXIDES = {
    "rare-earth-oxide": "REO",
    "rare-earth oxide": "REO",
    "scandium oxide": "Sc2O3",
    "boric oxide": "B2O3",
}
"""Oxides that the publisher writes out."""

_HEAD = re.compile(r"\(Data in (?P<unit>[a-z ]+?)(?:, (?P<what>.*?))?,? unless otherwise (?:specified|noted)\)")
_OXIDE = re.compile(rf"\b({FORMULA})\)? (?:content|equivalent)\b")
_WRITTEN_OUT = re.compile(rf"\b({'|'.join(NAMED_OXIDES)})\b")
_GROSS_NOTE = re.compile(r"(?:^|-- )Gross weight\b|\bare reported in gross weight\b")


@cache
def basis_of(line: str, note: str, section: str, head: str) -> str:
    """What the masses of a row count: ``element``, an oxide, ``gross``, ``dry``; empty where nobody says it.

    Args:
        line: The publisher's words for the line. note: Its footnotes. section: The title of its table.
        head: The remarks on the chapter, with what its data are "unless otherwise specified".
    """
    said = _said(line)
    if said:
        return said
    if _GROSS_NOTE.search(note):
        return "gross"
    titled = re.search(r"Production \(([^)]+)\)|\((gross weight)\)", section)
    # "Production (manganese content) and Reserves" is silent on the reserves, which are then not known to be gross.
    if titled is not None:
        return "" if titled[1] and "eserves" in line else _said(titled[1] or titled[2])
    return head_basis(head)


@cache
def head_basis(head: str) -> str:
    """The basis of a chapter by its head: ``(Data in metric tons, antimony content, unless …)`` is ``element``."""
    found = _HEAD.search(head)
    if found is None:
        return ""
    if found["unit"].endswith("dry tons"):
        return "dry"
    return _said(found["what"] or "")


def head_unit(head: str) -> str:
    """The unit that the head of a chapter names, or empty."""
    found = _HEAD.search(head)
    return "" if found is None else found["unit"]


def _said(words: str) -> str:
    if re.search(r"\bgross+ weight\b", words, re.IGNORECASE):
        return "gross"
    named = _WRITTEN_OUT.search(words)
    if named is not None:
        return NAMED_OXIDES[named[1]]
    oxide = _OXIDE.search(words)
    if oxide is not None and any(c.isdigit() or c == "O" for c in oxide[1]):
        return "element" if oxide[1] == "PGM" else oxide[1]
    if re.search(r"\b(?:[a-z]+|PGM\)) content\b|^elemental [a-z]+$", words, re.IGNORECASE):
        return "element"
    return ""
