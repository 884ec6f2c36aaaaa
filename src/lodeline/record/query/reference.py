"""The parameters as Markdown tables, as they stand in the reference."""

from __future__ import annotations

from lodeline.record.query.parameters import NAMED, families

VALUES = {
    "context": "object",
    "types": "list of types",
    "actions": "list of ADD, OBSERVE, DELETE",
    "words": "list of standard words or URIs",
    "names": "list of URIs",
    "texts": "list of texts",
    "match": "list of URIs or patterns",
    "within": "list of URIs",
    "instant": "instant",
    "number": "number",
    "numbers": "list of numbers",
    "truth": "true or false",
    "exists": "null, whole number, true; false asks nothing",
    "order": "name of a field",
    "direction": "ASC or DESC",
    "count": "whole number",
}
"""What a value of each shape looks like."""


def named() -> str:
    """The parameters with one name each."""
    rows = ["| parameter | value | finds an event if |", "| --- | --- | --- |"]
    rows += [f"| `{each.name}` | {VALUES[each.shape]} | {each.meaning} |" for each in NAMED.values()]
    return "\n".join(rows)


def of_families() -> str:
    """The families of parameters."""
    rows = ["| parameter | finds an event if |", "| --- | --- |"]
    rows += [f"| `{each.template}` | {each.meaning} |" for each in families()]
    return "\n".join(rows)
