"""Our words in an event, whatever prefix the document bound to them, with their values checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from lodeline.record.context import Context
from lodeline.record.metal_vocabulary import NAMESPACE, TERMS

Report = Callable[[str, str], None]
"""Takes a finding's code and its sentence; whoever reads an event knows the rest of it."""


def ours(value: Mapping[str, Any], context: Context, stands_in: str, report: Report) -> dict[str, Any]:
    """The members of an object that are words of our vocabulary, by their bare names.

    A word of our namespace that is not in the table, stands in the wrong place, or has a value the table does not
    allow is reported and left out.
    """
    found: dict[str, Any] = {}
    for written, item in value.items():
        name = local_name(written, context)
        if name is None:
            continue
        term = TERMS.get(name)
        if term is None:
            report("metal.term_unknown", f"{written} is not a word of the vocabulary, and nothing was read from it.")
        elif term.stands_in != stands_in:
            report(
                "metal.term_misplaced",
                f"{written} stands in {stands_in}, where it says nothing; it belongs in {term.stands_in}.",
            )
        elif not _allowed(term.type, term.values, item):
            report("metal.term_value", f"{written} has a value that the vocabulary does not allow, and was not read.")
        else:
            found[name] = item
    return found


def local_name(written: str, context: Context) -> str | None:
    """The bare name of a word of ours, from a CURIE, a bound term or a full address; None if it is another's."""
    address = written if written.startswith(NAMESPACE) else context.expand(written)
    if address is None or not address.startswith(NAMESPACE):
        return None
    return address[len(NAMESPACE) :]


def _allowed(kind: str, values: tuple[str, ...], item: Any) -> bool:
    if values:
        return item in values
    match kind:
        case "text" | "URI":
            return isinstance(item, str)
        case "boolean":
            return isinstance(item, bool)
        case "decimal":
            return isinstance(item, (int, Decimal)) and not isinstance(item, bool)
        case "list of URI":
            return isinstance(item, list) and all(isinstance(each, str) for each in item)
        case _:
            return isinstance(item, list) and all(isinstance(each, Mapping) for each in item)
