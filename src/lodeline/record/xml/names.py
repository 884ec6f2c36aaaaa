"""How names of XML are written in JSON: a namespace gets one prefix for the whole event, and a context binds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import count
from urllib.parse import quote

from lodeline.record.context import GS1_PREFIXES, Context
from lodeline.record.xml.inherited import Inherited
from lodeline.record.xml.namespaces import MASTER_DATA, MASTER_DATA_XML, OF_XML, split
from lodeline.record.xml.tree import Element, Scope

_USABLE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*").fullmatch


_CACHED_CHARACTERS = 4096
"""A context of more is not kept, since a hostile file has many."""


@lru_cache(maxsize=64)
def _context(terms: tuple[tuple[str, str], ...]) -> Context:
    # The events of a document bind the same names, and a context remembers what it has worked out.
    return Context(terms)


def json_namespace(namespace: str) -> str:
    """The address that JSON-LD binds for a namespace of XML.

    CBV's master data have a colon at the end there, which GS1's XML documents leave out.
    """
    return MASTER_DATA if namespace == MASTER_DATA_XML else namespace


class Names:
    """The names of one event in JSON.

    A name is ``prefix:local`` with a prefix that its document binds to the namespace, if JSON can use it; the same
    namespace under two prefixes, or one prefix for two namespaces within an event, make no difference to the name.
    """

    def __init__(self, root: Element, inherited: Inherited) -> None:
        found, clashing = _bindings(root, inherited)
        self._taken = {**found, **dict.fromkeys((*_bare(root), *clashing), "")}
        self._prefixes: dict[str, str] = {}
        for prefix in sorted(self._taken, reverse=True):
            if _USABLE(prefix) and self._taken[prefix]:
                self._prefixes[self._taken[prefix]] = prefix
        self._numbers = count(1)

    @property
    def context(self) -> Context:
        """Binds every prefix that was used, and those of the document, which texts such as ``ex:word`` use."""
        terms = self._taken.items()
        bound = tuple(sorted(each for each in terms if each[1] and GS1_PREFIXES.get(each[0]) != each[1]))
        is_small = sum(len(text) for item in bound for text in item) <= _CACHED_CHARACTERS
        return _context(bound) if is_small else Context(bound)

    def key(self, name: str) -> str:
        """The member name of an element or attribute ``{namespace}local``; a local name stands as it is.

        Letters beyond ASCII are percent-encoded, as JSON wants names that are URIs.
        """
        namespace, local = split(name)
        if not namespace:
            return local
        meant = json_namespace(namespace)
        prefix = self._prefixes.get(meant)
        if prefix is None:
            prefix = _usual(meant, self._taken) or _free(self._numbers, self._taken)
            self._prefixes[meant] = prefix
            self._taken[prefix] = meant
        return f"{prefix}:{quote(local)}"


def _bindings(root: Element, inherited: Inherited) -> tuple[dict[str, str], set[str]]:
    """Prefixes with their namespaces, of the document and then of the event, and those that are bound twice."""
    bound: dict[str, str] = {}
    clashing: set[str] = set()
    _lay(inherited.namespaces, bound, clashing)
    seen: set[int] = set()
    for element in root.walk():
        scope: Scope | None = element.scope
        while scope is not None and id(scope) not in seen:
            seen.add(id(scope))
            _lay(scope.own, bound, clashing)
            scope = scope.around
    return bound, clashing


def _lay(scope: Mapping[str, str], bound: dict[str, str], clashing: set[str]) -> None:
    for prefix, namespace in scope.items():
        if prefix and namespace and prefix != "xml" and namespace not in OF_XML:
            meant = json_namespace(namespace)
            if bound.setdefault(prefix, meant) != meant:
                clashing.add(prefix)


def _bare(root: Element) -> set[str]:
    """The names in an event that are in no namespace; a prefix of such a name would be taken for a term."""
    return {name for element in root.walk() for name in (element.name, *element.attributes) if not name.startswith("{")}


def _usual(namespace: str, taken: Mapping[str, str]) -> str | None:
    """The prefix that GS1 has for a namespace, unless the document uses it for another."""
    for prefix, bound in GS1_PREFIXES.items():
        if bound == namespace and taken.get(prefix, namespace) == namespace:
            return prefix
    return None


def _free(numbers: Iterator[int], taken: Mapping[str, str]) -> str:
    return next(prefix for number in numbers if (prefix := f"ns{number}") not in taken)
