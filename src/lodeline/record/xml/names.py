"""How names of XML are written in JSON: a namespace gets one prefix for the whole event, and a context binds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import count
from urllib.parse import quote

from lodeline.record.context import GS1_PREFIXES, Context
from lodeline.record.xml.inherited import Inherited
from lodeline.record.xml.namespaces import MASTER_DATA, MASTER_DATA_XML, OF_XML, XML, split
from lodeline.record.xml.tree import Element

_USABLE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*").fullmatch


def json_namespace(namespace: str) -> str:
    """The address that JSON-LD binds for a namespace of XML.

    CBV's master data have a colon at the end there, which GS1's XML documents leave out.
    """
    return MASTER_DATA if namespace == MASTER_DATA_XML else namespace


class Names:
    """The names of one event in JSON.

    A name is ``prefix:local`` with a prefix that its document binds to the namespace, if JSON can use it; the same
    namespace under two prefixes, or one prefix for two namespaces within an event, make no difference to the name.

    Attributes:
        context: Binds every prefix that is used, and those of the document, which texts such as ``ex:word`` use.
    """

    def __init__(self, root: Element, inherited: Inherited) -> None:
        bound, clashing = _bindings(root, inherited)
        namespaces, bare = _used(root)
        free = {prefix: namespace for prefix, namespace in bound.items() if prefix not in bare}
        self._prefixes: dict[str, str] = {}
        taken = {**free, **dict.fromkeys((*bare, *clashing), "")}
        for namespace in sorted(namespaces):
            self._prefixes[namespace] = _prefix(namespace, free, clashing, taken)
            taken[self._prefixes[namespace]] = namespace
        terms = {prefix: space for prefix, space in taken.items() if space}
        self.context = Context(tuple(sorted(item for item in terms.items() if GS1_PREFIXES.get(item[0]) != item[1])))

    def key(self, name: str) -> str:
        """The member name of an element or attribute ``{namespace}local``; a local name stands as it is.

        Letters beyond ASCII are percent-encoded, as JSON wants names that are URIs.
        """
        namespace, local = split(name)
        if not namespace:
            return local
        return f"{self._prefixes[json_namespace(namespace)]}:{quote(local)}"


def _bindings(root: Element, inherited: Inherited) -> tuple[dict[str, str], set[str]]:
    """Prefixes with their namespaces, of the document and then of the event, and those that are bound twice."""
    bound: dict[str, str] = {}
    clashing: set[str] = set()
    seen: set[int] = set()

    def lay(scope: Mapping[str, str]) -> None:
        for prefix, namespace in scope.items():
            if not prefix or namespace in OF_XML or prefix == "xml" or not namespace:
                continue
            if bound.setdefault(prefix, json_namespace(namespace)) != json_namespace(namespace):
                clashing.add(prefix)

    lay(inherited.namespaces)
    for element in root.walk():
        if id(element.scope) not in seen:
            seen.add(id(element.scope))
            lay(element.scope)
    return bound, clashing


def _used(root: Element) -> tuple[set[str], set[str]]:
    """Namespaces that names of the event are in, and the names that are in none."""
    namespaces: set[str] = set()
    bare: set[str] = set()
    for element in root.walk():
        for name in (element.name, *element.attributes):
            namespace, local = split(name)
            if not namespace:
                bare.add(local)
            elif namespace not in OF_XML or namespace == XML:
                namespaces.add(json_namespace(namespace))
    return namespaces, bare


def _prefix(namespace: str, free: Mapping[str, str], clashing: Iterable[str], taken: Mapping[str, str]) -> str:
    own = sorted(prefix for prefix, bound in free.items() if bound == namespace and prefix not in clashing)
    for prefix in (*own, *(prefix for prefix, bound in GS1_PREFIXES.items() if bound == namespace)):
        if _USABLE(prefix) and taken.get(prefix, namespace) == namespace:
            return prefix
    return next(f"ns{n}" for n in count(1) if f"ns{n}" not in taken)
