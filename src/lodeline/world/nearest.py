"""The nearest names to one that is not known, for a refusal that says what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

ALIKE = 0.6
"""How alike two spellings must be to be told: :mod:`difflib` measures it from 0 to 1, and 0.6 is what it suggests."""


def nearest(asked: str, known: Iterable[str], *, most: int = 1) -> tuple[str, ...]:
    """The names that are meant most likely, as they are known, the likeliest first; none where nothing is near.

    Upper and small letters are the same. A name that holds what is asked as a word goes first: ``reko`` is
    ``reko-diq``, ``Korea`` is ``South Korea``. Then come those that are spelled alike.
    """
    names = {one.casefold(): one for one in known}
    words = " ".join(asked.split()).casefold()
    parts = _parts(words)
    holding = sorted((one for one in names if parts and parts <= _parts(one)), key=len)
    alike = get_close_matches(words, names, n=most, cutoff=ALIKE)
    return tuple(names[one] for one in dict.fromkeys((*holding, *alike)))[:most]


def near_or_all(asked: str, known: Iterable[str]) -> str:
    """The nearest name as the part of a sentence; where nothing is near, all names that there are."""
    names = tuple(known)
    near = nearest(asked, names)
    return f"the nearest name is {near[0]}" if near else f"there are {', '.join(names) or 'none'}"


def _parts(words: str) -> set[str]:
    return set(words.replace("-", " ").replace(",", " ").split())
