"""The report as JSON text: every figure and every row of every table once, what belongs together on one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from lodeline.errors.visible import visible_json
from lodeline.report.model import Report

LINE = 400
"""Characters up to which a value stands on one line."""


def to_json(report: Report) -> bytes:
    """The report as JSON: the same report gives the same bytes, and what could harm a terminal stands in escapes.

    Figures stand under ``figures``, and not again in the sections that show them; of a figure what nobody knows is left
    out. All of it reads back as a :class:`~lodeline.report.model.Report`.
    """
    told: dict[str, Any] = msgspec.to_builtins(report, order="deterministic")
    told["figures"] = {key: {k: v for k, v in of.items() if v not in (None, [])} for key, of in told["figures"].items()}
    for key, of in told["figures"].items():
        # That there is no value is said, and never left out.
        of.setdefault("value", report.figures[key].value)
    for section in told["sections"]:
        del section["figures"]
    return f"{visible_json(''.join(_lines(told, '')))}\n".encode()


def _lines(value: Any, indent: str) -> Iterator[str]:
    """A value on one line where it fits on it, else its parts on lines of their own."""
    text = msgspec.json.encode(value).decode("utf-8", "surrogatepass")
    if len(text) <= LINE or not isinstance(value, (dict, list)):
        yield text
        return
    inner = f"{indent} "
    begins, ends = "{}" if isinstance(value, dict) else "[]"
    yield begins
    for number, (name, one) in enumerate(value.items() if isinstance(value, dict) else (("", one) for one in value)):
        yield f"{',' if number else ''}\n{inner}"
        if isinstance(value, dict):
            yield f"{msgspec.json.encode(name).decode('utf-8', 'surrogatepass')}: "
        yield from _lines(one, inner)
    yield f"\n{indent}{ends}"
