"""The tables of a version of EPCIS, ready to judge by."""

from __future__ import annotations

from functools import lru_cache

from lodeline.record.xml import table_12, table_20, table_shared
from lodeline.record.xml.model import Tables, Type, model, namespaces
from lodeline.record.xml.namespaces import VERSIONS, split
from lodeline.record.xml.table_shared import Row


@lru_cache(maxsize=8)
def tables(version: str, family: str = "epcis") -> Tables:
    """The tables of EPCIS ``2.0`` or ``1.2``.

    Args:
        family: ``epcis`` for documents and events, ``epcisq`` for query documents, ``epcismd`` for master data: each
            knows the elements of its own schema, and those that all share.
    """
    prefixes = namespaces(version)
    own = table_20 if version == "2.0" else table_12
    time = "stamp" if version == "2.0" else "dateTime"
    groups: tuple[tuple[str, tuple[Row, ...]], ...] = (
        ("epcis", (*table_shared.HEADER, *own.TABLE)),
        ("epcisq", table_shared.QUERY),
        ("epcismd", table_shared.MASTER_DATA),
        ("sbdh", table_shared.SBDH_TABLE),
    )
    types = {row[0]: _type(row, prefixes[prefix], prefixes, time) for prefix, rows in groups for row in rows}
    roots = {**own.ROOTS, **table_shared.QUERY_ROOTS, **table_shared.SBDH_ROOTS}
    return Tables(
        types,
        {
            f"{{{prefixes[prefix]}}}{local}": type_
            for (prefix, _, local), type_ in _split(roots)
            if prefix in ("epcis", "sbdh", family)
        },
        own.EVENTS,
        {} if version == "2.0" else table_12.EXTENSION_EVENTS,
    )


def tables_of(root: str) -> Tables:
    """The tables for a document whose outermost element has the name ``{namespace}local``."""
    namespace = split(root)[0]
    version = VERSIONS.get(namespace, "2.0")
    return tables(version, next((prefix for prefix, of in namespaces(version).items() if of == namespace), "epcis"))


def _split(roots: dict[str, str]) -> list[tuple[tuple[str, str, str], str]]:
    return [(name.partition(":"), type_) for name, type_ in roots.items()]


def _type(row: Row, target: str, prefixes: dict[str, str], time: str) -> Type:
    name, content, given = row
    attributes = dict(word.split(":") for word in given.split() if word != "…")
    is_open = "…" in given
    if content == "free":
        return Type(name, attributes=attributes, open=is_open, free=True)
    if content.startswith("@"):
        return Type(name, text=content[1:], attributes=attributes, open=is_open)
    return Type(name, model(content.replace(":TIME", f":{time}"), target, prefixes), None, attributes, is_open)
