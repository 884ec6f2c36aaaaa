"""The types of our own vocabulary: XML writes a number or a truth as text, and what we defined we know the type of."""

from __future__ import annotations

from functools import cache

from lodeline.record.metal_vocabulary import NAMESPACE, TERMS


def is_list(name: str) -> bool:
    """Whether ``{namespace}local`` is a term of ours that holds a list, also where it holds one member."""
    return _types().get(name, "").startswith("list of ")


def is_number(name: str) -> bool:
    """Whether ``{namespace}local`` is a term of ours that holds a number."""
    return _types().get(name) == "decimal"


def is_truth(name: str) -> bool:
    """Whether ``{namespace}local`` is a term of ours that holds true or false."""
    return _types().get(name) == "boolean"


@cache
def _types() -> dict[str, str]:
    return {f"{{{NAMESPACE}}}{term.name}": term.type for term in TERMS.values()}
