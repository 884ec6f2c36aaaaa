"""The outside EPCIS cases in JSON, GS1's schema as oracle, and every small way to spoil a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.outside import CASES

EPCIS = CASES / "epcis"
BROKEN_BY_SCHEMA = {  # Called valid by their authors, and broken by GS1's own schema: see the cases' README.
    "AggregationEvent_with_persistentDisposition",
    "SensorData_with_combined_events",
    "TransactionEvent_with_userExtensions",
}


def documents() -> list[Path]:
    """Every EPCIS document, query document, bare event and query in JSON."""
    found = [path for path in EPCIS.rglob("*.json*") if path.parent.name != "spec"]
    return sorted(path for path in found if path.suffix in (".json", ".jsonld"))


def name(path: Path) -> str:
    return str(path.relative_to(EPCIS))


def oracle() -> Any:
    """GS1's JSON schema, formats asserted as draft 7 has it."""
    import jsonschema_rs

    return jsonschema_rs.Draft7Validator(json.loads((EPCIS / "spec" / "EPCIS-JSON-Schema.json").read_bytes()))


class Spot:
    """A place in a tree: the container that holds it and its key there."""

    def __init__(self, container: Any, key: Any) -> None:
        self.container, self.key = container, key


def spots(tree: Any) -> Iterator[tuple[Any, ...]]:
    """The path of every value within ``tree``, the root left out."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (key,)
        for rest in spots(value):
            yield (key, *rest)


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


RETYPED: list[Any] = [None, True, 0, 7, -1, "", "word", "a:b", "no uri", [], ["a:b"], ["a:b", "a:b"], [[]], {}]
RETYPED += [{"id": "a:b"}, {"a:b": 1}, [{"x": 1}], "2021-02-29T00:00:00Z", "2020-01-01T00:00:00", "KG"]
RENAMED = ["other", "lode:other", "type", "id", "@context", "", "https://example.org/x y"]
ADDED = ["unknown", "lode:unknown", "ilmd", "action", "epcList", "parentID", "uom", "type", "id", "http://[x", "é:a"]
OTHER_TEXTS = [
    lambda text: text + " ",
    lambda text: text + "\n",
    lambda text: text.upper(),
    lambda text: text.lower(),
    lambda text: text.replace(":", "", 1),
    lambda text: text.replace("/", "%2", 1),
    lambda text: text + "[1]",
    lambda text: text + "é",
    lambda text: text.replace("T", " ", 1),
    lambda text: text.replace("-", "−", 1),
    lambda text: text[:-1],
    lambda text: "urn:epcglobal:cbv:bizstep:" + text,
    lambda text: "http://ns.gs1.org/cbv/" + text,
    lambda text: "https://ref.gs1.org/cbv/BizStep-" + text,
    lambda text: "http://www.gs1.org/voc/" + text,
    lambda text: "https://gs1.org/voc/" + text,
]


def spoil(trees: list[Any]) -> Iterator[str]:
    """Change equal trees in the same way, one small change at a time, and undo it; yields what was changed.

    At every place: drop, rename, retype; in every object: add a field; in every list: double, add and empty; for every
    text: other texts near it.
    """
    for path in list(spots(trees[0])):
        parents = [at(tree, path[:-1]) for tree in trees]
        yield from _replaced(parents, path)
        if isinstance(parents[0], dict):
            yield from _dropped_and_renamed(parents, path)
        else:
            yield from _longer_and_shorter(parents, path)
    for path in [(), *spots(trees[0])]:
        places = [at(tree, path) for tree in trees]
        if isinstance(places[0], dict):
            yield from _added(places, path)


def _replaced(parents: list[Any], path: tuple[Any, ...]) -> Iterator[str]:
    key = path[-1]
    before = [parent[key] for parent in parents]
    others = list(RETYPED)
    if isinstance(before[0], str):
        others += [change(before[0]) for change in OTHER_TEXTS]
    for other in others:
        for parent in parents:
            parent[key] = other
        yield f"{path} = {other!r}"
    for parent, value in zip(parents, before, strict=True):
        parent[key] = value


def _dropped_and_renamed(parents: list[dict[str, Any]], path: tuple[Any, ...]) -> Iterator[str]:
    before = [dict(parent) for parent in parents]
    for other in [None, *RENAMED]:
        for parent, whole in zip(parents, before, strict=True):
            parent.clear()
            parent.update({other if key == path[-1] else key: whole[key] for key in whole})
            parent.pop(None, None)
        yield f"{path} -> {other}"
    for parent, whole in zip(parents, before, strict=True):
        parent.clear()
        parent.update(whole)


def _longer_and_shorter(parents: list[list[Any]], path: tuple[Any, ...]) -> Iterator[str]:
    index = path[-1]
    before = [list(parent) for parent in parents]
    for change in (
        lambda items: [*items, items[index]],
        lambda items: [*items, None],
        lambda items: items[:index] + items[index + 1 :],
        lambda items: [],
    ):
        for parent, whole in zip(parents, before, strict=True):
            parent[:] = change(whole)
        yield f"{path} list changed"
    for parent, whole in zip(parents, before, strict=True):
        parent[:] = whole


def _added(places: list[dict[str, Any]], path: tuple[Any, ...]) -> Iterator[str]:
    for other in ADDED:
        if other in places[0]:
            continue
        for value in (1, "a:b", {}):
            for place in places:
                place[other] = value
            yield f"{path} + {other!r}: {value!r}"
        for place in places:
            del place[other]
