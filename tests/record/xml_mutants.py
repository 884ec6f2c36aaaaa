"""Seeded small changes to XML documents, and GS1's schemas as oracle."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.outside import CASES

EPCIS = CASES / "epcis"
_SCHEMAS = {
    "{urn:epcglobal:epcis-query:xsd:2}": "EPCglobal-epcis-query-2_0.xsd",
    "{urn:epcglobal:epcis-masterdata:xsd:2}": "EPCglobal-epcis-masterdata-2_0.xsd",
}
_XSI, _XML = "{http://www.w3.org/2001/XMLSchema-instance}", "{http://www.w3.org/XML/1998/namespace}"

TEXTS = ["", " ", "x", "1", "-1.5", "1e3", "true", "abc def", "http://[x", "%zz", ":a", "a:b", "ADD", " ADD", "é"]
TEXTS += ["2021-02-29T00:00:00Z", "2020-01-01T00:00:00", "2020-01-01T24:00:00Z", "2020-01-01T00:00:00+14:01"]
TEXTS += ["2020-01-01T00:00:00.123456789-05:00", "2020-1-1T00:00:00Z", "0000-01-01T00:00:00Z", "2020-01-01T00:00:60Z"]
TEXTS += ["-0001-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "http://é/ü", "NaN", "INF", "+5", ".5", "5.", "f0", "f0f"]
TEXTS += ["urn:a b", "\n urn:a\n", "//h", "?q", "#f", "a[b", "1a:b", "urn:x#a#b", "http://h:99x/", "http://u@h/"]
TEXTS += ["mailto:", "a//b", "/a", "//", "http://", "{}", "|"]
NAMES = ["foo", "extension", "baseExtension", "epcList", "action", "eventTime", "id", "quantity", "uom", "ilmd"]
NAMES += ["EventList", "ObjectEvent", "readPoint", "sensorElement", "set", "bizTransaction", "{urn:x}foo"]
NAMES += ["{urn:epcglobal:epcis:xsd:2}foo"]
NAMES += ["{http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader}StandardBusinessDocumentHeader"]
ATTRIBUTES = ["type", "foo", "value", "time", "id", "schemaVersion", "booleanValue", "hexBinaryValue", "{urn:x}foo"]
ATTRIBUTES += [f"{_XML}lang", f"{_XSI}nil", f"{_XSI}type"]
VALUES = [*TEXTS, "xsd:integer", "xsd:string", "xsd:double", "xsd:dateTime", "xsd:boolean", "xsd:nope", "q:z", "false"]


def parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@cache
def schema(name: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(etree.parse(str(EPCIS / "spec" / "xsd" / name)))


def oracle(tree: Any) -> bool:
    """Whether GS1's schema for the outermost element takes a document."""
    tag = tree.getroot().tag
    name = _SCHEMAS.get(tag[: tag.find("}") + 1], "EPCglobal-epcis-2_0.xsd")
    return bool(schema(name).validate(tree))


def documents() -> list[Path]:
    return sorted(EPCIS.rglob("*.xml"))


def mutants(paths: list[Path], *, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """``count`` documents, each one of ``paths`` with one or two small changes; what was changed, and its bytes."""
    from lxml import etree

    chance = random.Random(seed)
    trees = [etree.parse(str(path), parser()) for path in paths]
    made = 0
    while made < count:
        tree = copy.deepcopy(chance.choice(trees))
        changed = [changed for _ in range(chance.choice((1, 1, 2))) if (changed := _change(tree.getroot(), chance))]
        if changed:
            made += 1
            yield "; ".join(changed), etree.tostring(tree.getroot())


def _change(root: Any, chance: random.Random) -> str | None:
    """One small change; None where the place that was drawn has nothing to change in that way."""
    from lxml import etree

    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    element, other = chance.choice(elements), chance.choice(elements)
    parent = element.getparent()
    match chance.randrange(10):
        case 0 if parent is not None:
            parent.remove(element)
            return f"drop {element.tag}"
        case 1 if parent is not None:
            parent.insert(parent.index(element), copy.deepcopy(element))
            return f"double {element.tag}"
        case 2 if len(element) > 1:
            first, second = chance.sample(range(len(element)), 2)
            element[first], element[second] = copy.deepcopy(element[second]), copy.deepcopy(element[first])
            return f"swap in {element.tag}"
        case 3 | 4:
            element.text = chance.choice(TEXTS)
            return f"text of {element.tag} = {element.text!r}"
        case 5:
            before, element.tag = element.tag, chance.choice(NAMES)
            return f"{before} -> {element.tag}"
        case 6:
            added = etree.Element(chance.choice(NAMES))
            added.text = chance.choice(TEXTS)
            element.insert(chance.randrange(len(element) + 1), added)
            return f"add {added.tag} = {added.text!r} to {element.tag}"
        case 7:
            name = chance.choice(ATTRIBUTES)
            element.set(name, chance.choice(VALUES))
            return f"set {name}={element.get(name)!r} of {element.tag}"
        case 8 if element.attrib:
            name = chance.choice(list(element.attrib))
            element.set(name, chance.choice(VALUES)) if chance.random() < 0.5 else element.attrib.pop(name)
            return f"{name} of {element.tag} is {element.get(name)!r}"
        case 9 if parent is not None and other not in element.iter():
            parent.remove(element)
            other.insert(chance.randrange(len(other) + 1), element)
            return f"move {element.tag} to {other.tag}"
    return None
