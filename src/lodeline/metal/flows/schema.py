"""The columns of the flow tables: one attribute table, from which dtypes, checks and the reference page are made."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

import msgspec

from lodeline.metal.flows.words import BASES, CLASSES, FLOW_KINDS, NODE_KINDS, QUANTITIES, RANKS, Words

TableName = Literal["nodes", "flows", "measurements", "lots"]
Holds = Literal["number", "name", "time", "entry", "row", "word", "flag"]
"""What a column holds: a number, an index into ``names`` (-1 unsaid), UTC microseconds, a ledger entry, the row of
another table (-1 none), the code of a word, or yes and no."""


class Attribute(msgspec.Struct, frozen=True):
    """One column.

    Attributes:
        name: Its name.
        typecode: Of ``array.array`` and numpy alike.
        holds: What its values are.
        unit: Of a number; empty if it has none.
        meaning: One or two sentences.
        words: What the codes mean, where it holds words.
    """

    name: str
    typecode: Literal["B", "i", "q", "d"]
    holds: Holds
    unit: str
    meaning: str
    words: Words = ()


def _name(name: str, meaning: str) -> Attribute:
    return Attribute(name, "i", "name", "", meaning)


def _time(name: str, meaning: str) -> Attribute:
    return Attribute(name, "q", "time", "µs since 1970, UTC", meaning)


def _entry(name: str, meaning: str) -> Attribute:
    return Attribute(name, "q", "entry", "", meaning)


def _row(name: str, meaning: str) -> Attribute:
    return Attribute(name, "i", "row", "", meaning)


def _number(name: str, unit: str, meaning: str) -> Attribute:
    return Attribute(name, "d", "number", unit, meaning)


def _word(name: str, words: Words, meaning: str) -> Attribute:
    return Attribute(name, "B", "word", "", meaning, words)


def _flag(name: str, meaning: str) -> Attribute:
    return Attribute(name, "B", "flag", "", meaning)


_NODES = (
    _word("kind", NODE_KINDS, "What it is. Node 0 is outside, node 1 is closing; there is no other of either."),
    _name("lot", "The lot of a holding, or of what is on the road."),
    _name("place", "Where: of a holding and of a process; of a transit, where it is bound for."),
    _name("owner", "Whose it is there."),
    _time("at", "The instant that orders it; where only a limit of the time is known, that limit."),
    _entry("seq", "The ledger entry that made it."),
    _name("name", "Of a process its transformationID, else its word; of a transit its first bill of lading."),
)
_FLOWS = (
    _row("tail", "The node it leaves."),
    _row("head", "The node it enters."),
    _word("kind", FLOW_KINDS, "What moved it into the node it enters."),
    _name("lot", "The lot; unsaid for a loss and for the stock of a process."),
    _time("left_at", "When it left: a receipt's left_at is the departure. Unknown where only a limit is known."),
    _time("arrived_at", "When it entered the node at its head; unknown for what is still held."),
    _entry("seq", "The ledger entry that moved it; of what is still held, the last entry that changed it."),
    _name("label", "The kind of a loss; the word of the process; the reason of an ending."),
    _number("mass_kg", "kg", "The mass that counts, on its own basis. NaN where unknown or only bounded."),
    _number("mass_u_kg", "kg", "Its standard uncertainty (k = 1). NaN where nobody gave one."),
    _number("mass_low_kg", "kg", "What it is at least, where its class is bounded; else NaN."),
    _number("mass_high_kg", "kg", "What it is at most, where its class is bounded and that is known; else NaN."),
    _word("mass_basis", BASES, "Whether the mass includes water; the empty word: nobody said."),
    _word(
        "mass_class",
        CLASSES,
        "How the mass is known: measured or stated of this very flow, or computed from other flows (a remainder, a "
        "sum, or what entered the state it leaves).",
    ),
    _number("count", "pieces", "Declared number, where the declaration was no mass; NaN if none."),
    _row(
        "inherits",
        "The flow whose composition it has: what was determined there holds here too. Moisture and what was determined "
        "per wet mass do not pass over a road, from a ship flow to its receive flow. None where it is new material.",
    ),
    _row(
        "water_of",
        "The flow whose water is in mass_kg: this one itself, unless the mass was carried over a road, where water "
        "may have changed; the moisture that dries mass_kg is that flow's.",
    ),
)
_MEASUREMENTS = (
    _row("flow", "The flow that was measured: the one that left the state in force at that instant."),
    _word("quantity", QUANTITIES, "What was measured or declared."),
    _name("species", "Formula of what a fraction is of, as reported: Sb, Sb2O3."),
    _number("value", "kg, kg/kg or pieces", "What was read; a fraction counts its own species. NaN below detection."),
    _number("u", "as value", "Standard uncertainty (k = 1) as the record gives it; NaN where it gives none."),
    _number("low", "as value", "Lower limit, where below detection; else NaN."),
    _number("high", "as value", "Upper limit, where below detection; else NaN."),
    _word("basis", BASES, "Per wet or dry mass, or of a wet or dry mass; the empty word: nobody said."),
    _name("device", "The scale."),
    _name("laboratory", "The laboratory."),
    _name("method", "The method."),
    _name("certificate", "The certificate."),
    _word("rank", RANKS, "What an assay is good for; the empty word: nobody said."),
    _time("at", "When; unknown where only a limit is known."),
    _entry("seq", "The ledger entry that says so."),
    _flag("inherited", "A copy: it was taken on a flow that was merged into this one, and is there a second time."),
    _flag("chosen", "Of its flow, quantity and species, the one that the ranking takes."),
    _entry("u_policy", "The entry of the policy that supposes u, where the record gives none; else -1."),
)
_LOTS = (
    _name("lot", "The lot."),
    _name("stage", "How far the material has come."),
    _name("country", "Country of origin."),
    _name("material", "The material."),
    _name("deposit", "The deposit it was mined from."),
    _name("scrap_source", "Where the scrap was collected."),
    _name("permit", "Number of the permit."),
    _entry("made_seq", "The entry in which it arose; -1 if none says so."),
    _entry("ended_seq", "The entry in which the last of it left the book or went into a process; -1 if none."),
    _time("made_at", "When it arose."),
    _name("first_place", "Where the first event that names it finds it."),
)

SCHEMA: MappingProxyType[TableName, tuple[Attribute, ...]] = MappingProxyType(
    {"nodes": _NODES, "flows": _FLOWS, "measurements": _MEASUREMENTS, "lots": _LOTS}
)

VERSION = 4
"""Raised whenever a column, a word, what is kept of a follower, or the meaning of one changes. Derived tables are
stamped with it."""


def page() -> str:
    """The columns as they stand in the reference."""
    parts: list[str] = []
    for table, attributes in SCHEMA.items():
        parts.append(f"### {table}\n\n| column | type | unit | meaning |\n| --- | --- | --- | --- |\n")
        for one in attributes:
            words = " Words: " + ", ".join(f"`{word or '(empty)'}`" for word in one.words) + "." if one.words else ""
            parts.append(f"| `{one.name}` | {_type(one)} | {one.unit or '—'} | {one.meaning}{words} |\n")
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def _type(one: Attribute) -> str:
    width = {"B": "uint8", "i": "int32", "q": "int64", "d": "float64"}[one.typecode]
    what = {
        "number": width,
        "name": f"{width}, name",
        "time": f"{width}, time",
        "entry": f"{width}, entry",
        "row": f"{width}, row",
        "word": f"{width}, word",
        "flag": f"{width}, yes or no",
    }
    return what[one.holds]
