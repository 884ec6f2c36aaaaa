"""The words EPCIS lacks for metal: one table, from which the JSON-LD context and the reference page are made."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Literal, get_args

import msgspec

NAMESPACE = "https://lodeline.org/epcis/1/"
"""Every term of ours is this and its name. The digit changes only if a term changes its meaning."""

PREFIX = "lode"
"""How we abbreviate the namespace; a document may bind any other prefix to it."""

COUNTRY_OF_ORIGIN = "cbvmda:countryOfOrigin"
"""The country of origin is a word CBV has (ISO 3166-1 alpha-2), and so none of ours."""

Basis = Literal["wet", "dry"]
Weight = Literal["gross", "tare", "net"]
Rank = Literal["provisional", "final", "umpire"]
Stage = Literal["mined", "concentrated", "refined", "separated", "collected", "recycled"]
Process = Literal["split", "blend", "concentrate", "smelt", "refine", "separate", "recycle", "store"]
Precision = Literal["second", "minute", "hour", "day", "month", "year"]
TimeKnown = Literal["at", "not_after", "not_before"]

Place = Literal["event", "ilmd", "sensorReport", "sensorReport type", "loss"]


class Term(msgspec.Struct, frozen=True):
    """One word of the vocabulary.

    Attributes:
        name: Written ``lode:name``.
        stands_in: Where it may stand.
        type: ``text``, ``URI``, ``decimal``, ``boolean``, ``list of URI``, ``list of loss`` or ``measurement``.
        unit: Its unit, or where the unit is written; empty if it has none.
        meaning: One or two sentences.
        values: The only values allowed, or empty.
    """

    name: str
    stands_in: Place
    type: str
    unit: str
    meaning: str
    values: tuple[str, ...] = ()

    @property
    def iri(self) -> str:
        """The full name."""
        return NAMESPACE + self.name


_TABLE: tuple[Term, ...] = (
    Term(
        "eventTimePrecision",
        "event",
        "text",
        "",
        "How finely eventTime is known. With `day`, eventTime is the first instant of that day at the stated offset, "
        "and the act happened at some time of that day. Absent: as finely as it is written.",
        get_args(Precision),
    ),
    Term(
        "eventTimeKnown",
        "event",
        "text",
        "",
        "How eventTime, which EPCIS requires, relates to the act. `not_after`: the act happened then or earlier, and "
        "when is not known; `not_before`: then or later. Absent: `at`.",
        get_args(TimeKnown),
    ),
    Term("document", "event", "list of URI", "", "Ids of the documents that the event rests on: its sources."),
    Term("reason", "event", "text", "", "Why a lot ends, in plain words."),
    Term(
        "quantityBasis",
        "event",
        "text",
        "",
        "Whether the masses in the event's quantity lists include water. Absent: nobody said. EPCIS allows no further "
        "field in a quantity element, so it holds for all of them.",
        get_args(Basis),
    ),
    Term(
        "process",
        "event",
        "text",
        "",
        "What a TransformationEvent does. The outputs of a `split` are parts of the same material and inherit its "
        "composition; outputs of any other process inherit nothing.",
        get_args(Process),
    ),
    Term(
        "emptied",
        "event",
        "boolean",
        "",
        "True if nothing is left in the process of this transformationID after the event. It closes a plant that feeds "
        "back its own output, of which some is inside at any time.",
    ),
    Term("loss", "event", "list of loss", "", "Declared losses of a TransformationEvent, each an object of its own."),
    Term("lossKind", "loss", "text", "", "What was lost: dust, spillage, fume …, in the plant's own word."),
    Term("lossQuantity", "loss", "decimal", "lode:lossUom", "How much was lost, as declared."),
    Term("lossUom", "loss", "text", "", "Its unit of mass, UN/ECE Rec 20."),
    Term(
        "sample",
        "event",
        "URI",
        "",
        "The sample that a sampling event took, or on which an assay or a moisture was done.",
    ),
    Term(
        "samplingMethod", "event", "text", "", "How the sample was taken: a standard's number, or the plant's own word."
    ),
    Term("stage", "ilmd", "text", "", "How far the material of the lot has come.", get_args(Stage)),
    Term("material", "ilmd", "URI", "", "Which material of the master data the lot is."),
    Term("deposit", "ilmd", "URI", "", "Which deposit the lot was mined from."),
    Term("scrapSource", "ilmd", "URI", "", "Where the scrap of the lot was collected."),
    Term("permit", "ilmd", "text", "", "Number of the permit under which the lot was mined, collected or exported."),
    Term("owner", "ilmd", "URI", "", "The first owner of the lot."),
    Term(
        "MassFraction",
        "sensorReport type",
        "measurement",
        "uom",
        "Mass of chemicalSubstance per mass of material on lode:basis. An assay; of water, a moisture, and then always "
        "on the wet basis.",
    ),
    Term(
        "weight",
        "sensorReport",
        "text",
        "",
        "What a Mass report weighed. Net is gross less tare.",
        get_args(Weight),
    ),
    Term(
        "basis",
        "sensorReport",
        "text",
        "",
        "Whether the material that was weighed or assayed includes its water. Absent: nobody said.",
        get_args(Basis),
    ),
    Term("laboratory", "sensorReport", "URI", "", "Who did the assay."),
    Term("method", "sensorReport", "text", "", "By which method: a standard's number, or the laboratory's own word."),
    Term("certificate", "sensorReport", "URI", "", "The certificate, as a document id or another URI."),
    Term(
        "rank",
        "sensorReport",
        "text",
        "",
        "What the assay is good for under the contract. Absent: nobody said.",
        get_args(Rank),
    ),
    Term(
        "belowDetection",
        "sensorReport",
        "boolean",
        "",
        "True if the substance was not detected: the report has no value, minValue is 0 and maxValue the limit of "
        "detection. It stays that interval; it is never taken as zero or as half the limit.",
    ),
)

TERMS: MappingProxyType[str, Term] = MappingProxyType({term.name: term for term in _TABLE})

_JSONLD_TYPES = {
    "URI": "@id",
    "list of URI": "@id",
    "decimal": "http://www.w3.org/2001/XMLSchema#decimal",
    "boolean": "http://www.w3.org/2001/XMLSchema#boolean",
}


def name(term: str) -> str:
    """The term as we write it: ``lode:stage`` for ``stage``. A term that is not in the table is a KeyError."""
    return f"{PREFIX}:{TERMS[term].name}"


def context() -> dict[str, Any]:
    """The JSON-LD context of the vocabulary; the file ``lodeline-context.jsonld`` in the package is its text."""
    bound: dict[str, Any] = {PREFIX: NAMESPACE}
    for term in TERMS.values():
        entry: dict[str, str] = {"@id": term.iri}
        if term.type in _JSONLD_TYPES:
            entry["@type"] = _JSONLD_TYPES[term.type]
        if term.type.startswith("list of"):
            entry["@container"] = "@set"
        bound[f"{PREFIX}:{term.name}"] = entry
    return {"@context": bound}


def table() -> str:
    """The vocabulary as a Markdown table, as it stands in the reference."""
    rows = ["| term | stands in | type | unit | meaning |", "| --- | --- | --- | --- | --- |"]
    for term in TERMS.values():
        allowed = " One of " + ", ".join(f"`{value}`" for value in term.values) + "." if term.values else ""
        cells = (f"`{PREFIX}:{term.name}`", term.stands_in, term.type, term.unit or "—", term.meaning + allowed)
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"
