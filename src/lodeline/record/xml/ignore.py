"""Fields that a repository adds to the events it hands out, and that a header of its XML document names."""

from __future__ import annotations

from collections.abc import Iterator

from lodeline.record.xml.names import json_namespace
from lodeline.record.xml.namespaces import split, standard
from lodeline.record.xml.tree import Element, tree_of


def ignored_elements(envelope: bytes, header: str) -> frozenset[str]:
    """``{namespace}local`` names of the elements in a header of the local name ``header``, as ``hash.ignored_fields``.

    It is looked for in the document, its EPCISHeader and its query results, in a namespace of somebody's own.

    Args:
        envelope: The bytes of the document without its events.
    """
    return frozenset(
        "{" + json_namespace(split(child.name)[0]) + "}" + split(child.name)[1]
        for place in _places(tree_of(envelope))
        for element in place.children
        if split(element.name)[1] == header and standard(element.name) is None
        for child in element.children
    )


def _places(root: Element) -> Iterator[Element]:
    yield root
    for element in root.walk():
        if standard(element.name) in ("EPCISHeader", "QueryResults"):
            yield element
            yield from (child for child in element.children if standard(child.name) == "extension")
