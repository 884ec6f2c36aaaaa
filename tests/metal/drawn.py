"""Flows drawn by hand: nodes by name, arcs with the antimony they carry, for accounts that a person can add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lodeline.metal.flows.columns import DTYPES
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.schema import SCHEMA
from lodeline.metal.flows.words import BASIS, CLASS, CLOSING, FLOW, NODE, OUTSIDE, QUANTITY
from lodeline.metal.registered import Master

SPECIAL = {"outside": OUTSIDE, "closing": CLOSING}


class Node(NamedTuple):
    """A node: ``holding`` of a lot, ``process`` with its word, or ``transit``."""

    kind: str
    name: str
    place: str = ""
    lot: str = ""


class Arc(NamedTuple):
    """An arc of dry material with its antimony: ``sb`` None is unknown, ``u`` None is without an uncertainty."""

    tail: str
    head: str
    kind: str
    lot: str
    kg: float | None
    sb: float | None = 1.0
    u: float | None = 0.0
    label: str = ""
    assay: str = ""
    """Arcs of one assay name share it: the first one is measured, the others inherit."""


class Made(NamedTuple):
    """What is said of a lot."""

    stage: str = ""
    material: str = ""
    deposit: str = ""
    country: str = ""
    scrap_source: str = ""


def drawn(nodes: Sequence[Node], arcs: Sequence[Arc], lots: dict[str, Made] | None = None) -> Flows:
    """Flows of these nodes and arcs."""
    names: dict[str, int] = {}

    def name(text: str) -> int:
        return names.setdefault(text, len(names)) if text else -1

    at = SPECIAL | {node.name: number for number, node in enumerate(nodes, start=2)}
    table: dict[str, list[dict[str, Any]]] = {"nodes": [], "flows": [], "measurements": [], "lots": []}
    table["nodes"] += [{"kind": NODE["outside"]}, {"kind": NODE["closing"]}]
    table["nodes"] += [
        {"kind": NODE[node.kind], "place": name(node.place), "lot": name(node.lot), "name": name(node.name)}
        for node in nodes
    ]
    first: dict[str, int] = {}
    for number, arc in enumerate(arcs):
        shares = first.setdefault(arc.assay, number) if arc.assay else number
        table["flows"].append(
            {
                "tail": at[arc.tail],
                "head": at[arc.head],
                "kind": FLOW[arc.kind],
                "lot": name(arc.lot),
                "label": name(arc.label),
                "seq": number + 1,
                "mass_kg": np.nan if arc.kg is None else arc.kg,
                "mass_u_kg": np.nan if arc.u is None else arc.u,
                "mass_basis": BASIS["dry"],
                "mass_class": CLASS["unknown" if arc.kg is None else "measured"],
                "inherits": -1 if shares == number else shares,
                "water_of": number,
            }
        )
        if arc.sb is not None and shares == number:
            table["measurements"].append(
                {
                    "flow": number,
                    "quantity": QUANTITY["fraction"],
                    "species": name("Sb"),
                    "value": arc.sb,
                    "u": 0.01 * arc.sb if arc.assay else 0.0,
                    "basis": BASIS["dry"],
                    "chosen": True,
                }
            )
    for lot, made in (lots or {}).items():
        table["lots"].append({"lot": name(lot)} | {field: name(text) for field, text in made._asdict().items()})
    nothing = {"d": np.nan, "B": 0}
    columns = {}
    for one, attributes in SCHEMA.items():
        columns[one] = {
            of.name: np.array(
                [row.get(of.name, nothing.get(of.typecode, -1)) for row in table[one]],
                dtype="bool" if of.holds == "flag" else DTYPES[of.typecode],
            )
            for of in attributes
        }
    return Flows.from_tables(tuple(names), columns)


MASTER: Master = {
    ("material", "urn:ore"): {"name": "Ore", "elements": ["Sb"], "form": "ore"},
    ("material", "urn:concentrate"): {"name": "Concentrate", "elements": ["Sb"], "form": "concentrate"},
    ("material", "urn:ingot"): {"name": "Ingot", "elements": ["Sb"], "form": "ingot"},
    ("material", "urn:copper"): {"name": "Cathode", "elements": ["Cu"], "form": "cathode"},
    ("material", "urn:slag"): {"name": "Slag", "elements": ["Sb", "Cu"], "form": "smelter slag"},
    ("material", "urn:tailings"): {"name": "Tailings", "form": "tailings"},
    ("site", "urn:refinery"): {"name": "Refinery"},
    ("store", "urn:furnace"): {"name": "Furnace", "site": "urn:refinery"},
}
