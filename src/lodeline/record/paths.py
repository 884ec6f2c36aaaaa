"""Paths to a place in a JSON value, as refusals and problems name it: ``$.quantityList[0].uom``."""

from __future__ import annotations

from lodeline.errors.visible import visible


def member(path: str, name: str) -> str:
    """The path of a member: ``$.a.b``, or ``$.a["b.c"]`` where a name is not a plain word."""
    if name.removeprefix("@").replace("_", "").isalnum() and name.isascii():
        return f"{path}.{visible(name, limit=60)}"
    return f'{path}["{visible(name, limit=60)}"]'
