"""The documents a programme is read from: agreements, pledges, payments, milestones, projects and statements, as TOML.

Each document states one thing, names itself by a URI, and says who says so. The table of keys below is what a document
may hold; the reference page and the checks come from it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import msgspec

from lodeline.errors import InputError
from lodeline.errors.visible import visible
from lodeline.units.money import require_currency

MEDIA_TYPE = "application/vnd.lodeline.deal+toml"
"""Documents of this media type are read; others stand beside them unread."""

Kind = Literal["agreement", "pledge", "payment", "milestone", "project", "statement"]
ValueType = Literal["text", "URI", "list of URI", "date", "decimal", "currency", "boolean", "list of table"]


class Key(NamedTuple):
    """One key of a document.

    Attributes:
        type: What its value is.
        required: Whether the document is refused without it.
        unit: Its unit, or the key that holds it; empty if it has none.
        meaning: One sentence.
        values: The only values allowed, or empty.
    """

    type: ValueType
    required: bool
    unit: str
    meaning: str
    values: tuple[str, ...] = ()


_COMMON: dict[str, Key] = {
    "kind": Key("text", True, "", "What the document states."),
    "id": Key("URI", True, "", "Names what is stated; a later document with the same id replaces this one."),
    "name": Key("text", True, "", "What people call it."),
    "sources": Key(
        "list of table",
        True,
        "",
        "Who says so: `who`, and where known `where`, `dated`, `row`; `of`: the one key it speaks of, if not all.",
    ),
    "note": Key("text", False, "", "What a reader should know."),
}

FORMATS: Mapping[str, Mapping[str, Key]] = MappingProxyType(
    {
        "agreement": {
            **_COMMON,
            "parties": Key("list of URI", True, "", "Who agreed."),
            "signed": Key("date", False, "", "When it was signed."),
            "form": Key("text", True, "", "What it is.", ("memorandum", "term_sheet", "letter", "contract")),
            "context": Key("boolean", False, "", "True if it is told for context and is not part of the programme."),
            "phases": Key("list of table", False, "", "The phases that are described, each with `name` and `what`."),
        },
        "pledge": {
            **_COMMON,
            "agreement": Key("URI", False, "", "Under which agreement."),
            "by": Key("list of URI", False, "", "Who pledges; absent: nobody is named."),
            "amount": Key("decimal", True, "currency", "How much."),
            "currency": Key("currency", True, "", "ISO 4217."),
            "approximate": Key("boolean", False, "", "True if the source says `about`."),
            "over": Key("text", False, "", "Over which phase or time."),
        },
        "payment": {
            **_COMMON,
            "pledge": Key("URI", True, "", "Which pledge it pays."),
            "amount": Key("decimal", True, "currency", "How much was paid."),
            "currency": Key("currency", True, "", "ISO 4217."),
            "paid": Key("date", True, "", "When."),
            "by": Key("list of URI", False, "", "Who paid."),
        },
        "milestone": {
            **_COMMON,
            "agreement": Key("URI", False, "", "Under which agreement."),
            "state": Key("text", True, "", "What is said of it.", ("done", "planned")),
            "on": Key("date", False, "", "When it was done, or is planned for."),
            "lots": Key("list of URI", False, "", "Lots whose receipt would evidence it."),
        },
        "project": {
            **_COMMON,
            "agreement": Key("URI", False, "", "Under which agreement."),
            "purpose": Key("text", True, "", "What it is to do.", ("mining", "concentrating", "refining", "recycling")),
            "parties": Key("list of URI", False, "", "Who is to do it."),
            "country": Key("text", False, "", "ISO 3166-1 alpha-2 of where it is to stand."),
            "site": Key("URI", False, "", "Its site."),
            "start": Key("date", False, "", "When it is to start."),
            "capacity": Key("decimal", False, "t a year", "Its capacity."),
            "cost": Key("decimal", False, "currency", "What it is to cost."),
            "currency": Key("currency", False, "", "ISO 4217, of the cost."),
            "approximate": Key("boolean", False, "", "True if the source says `about` of the cost."),
            "expects": Key(
                "list of table", False, "", "What is hoped of it: `what`, `unit`, and where stated `amount`."
            ),
        },
        "statement": {
            **_COMMON,
            "about": Key("text", True, "", "The subject; statements on one subject stand side by side."),
            "says": Key("text", True, "", "What is said, in our words."),
            "amount": Key("decimal", False, "unit", "The number in it."),
            "unit": Key("text", False, "", "Its unit, in words."),
            "lots": Key("list of URI", False, "", "The lots it is about."),
        },
    }
)

_MOST = Decimal("1e30")
"""Beyond any money or tonnage of this world, and far from where a figure would overflow."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Who says so, where it is to be found, and when it was said; empty where that is not known.

    ``of`` is the one key of the document that this source speaks of; empty where it speaks of the whole.
    """

    who: str
    where: str = ""
    dated: str = ""
    row: str = ""
    of: str = ""


class DealDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document, checked.

    Attributes:
        document: Its id in the book.
        kind: What it states.
        id, name, sources, note: As in every document.
        values: Its other keys; numbers are Decimal.
    """

    document: str
    kind: Kind
    id: str
    name: str
    sources: tuple[Source, ...]
    values: Mapping[str, Any]
    note: str = ""

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default where it is absent."""
        return self.values.get(key, default)


def parse(content: bytes, *, document: str) -> DealDocument:
    """Read one document.

    Args:
        content: TOML, UTF-8.
        document: Its id in the book, for what rests on it.

    Raises:
        InputError: ``deal.not_toml``, ``deal.kind``, ``deal.key_missing``, ``deal.key_unknown``, ``deal.value``,
            ``deal.amount_without_currency``.
        UnitError: ``unit.currency_unknown``.
    """
    try:
        read = tomllib.loads(content.decode(), parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as flaw:
        # Besides its own error tomllib lets through those of numbers too long to read and of arrays nested too deep.
        raise InputError("deal.not_toml", f"The document is not TOML: {flaw}.", document=document) from flaw
    kind = read.get("kind")
    keys = FORMATS.get(kind) if isinstance(kind, str) else None
    if keys is None:
        raise InputError(
            "deal.kind",
            f"kind is {visible(repr(kind), limit=80)}; write one of {', '.join(FORMATS)}.",
            document=document,
            field="kind",
        )
    for name, key in keys.items():
        if key.required and name not in read:
            raise InputError("deal.key_missing", f"A {kind} needs {name}: {key.meaning}", document=document, field=name)
    values = {name: _value(name, value, keys, document) for name, value in read.items()}
    _check_rows(values, document)
    if "cost" in values and "currency" not in values:
        raise InputError(
            "deal.amount_without_currency", "A cost needs its currency.", document=document, field="currency"
        )
    return DealDocument(
        document=document,
        kind=values.pop("kind"),
        id=values.pop("id"),
        name=values.pop("name"),
        sources=tuple(_source(row, document) for row in values.pop("sources")),
        note=values.pop("note", ""),
        values=values,
    )


def _value(name: str, value: Any, keys: Mapping[str, Key], document: str) -> Any:
    key = keys.get(name)
    if key is None:
        raise InputError(
            "deal.key_unknown",
            f"{visible(name, limit=80)} is not a key of this kind of document; it has {', '.join(keys)}.",
            document=document,
            field=name,
        )
    read = _typed(key.type, value)
    if read is None or (key.values and read not in key.values):
        wanted = " or ".join(key.values) if key.values else f"a {key.type}"
        raise InputError(
            "deal.value", f"{name} is {visible(repr(value), limit=80)}; write {wanted}.", document=document, field=name
        )
    return read


def _typed(kind: ValueType, value: Any) -> Any:
    """The value in its type; None if it has another."""
    match kind:
        case "text":
            return value if isinstance(value, str) and value.strip() else None
        case "URI":
            return value if isinstance(value, str) and _URI.fullmatch(value) else None
        case "list of URI":
            uris = [_typed("URI", item) for item in value] if isinstance(value, list) else []
            return None if not uris or None in uris else tuple(uris)
        case "date":
            text = value.isoformat() if isinstance(value, date) else value
            return text if isinstance(text, str) and _DATE.fullmatch(text) else None
        case "decimal":
            number = Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
            return number if number is not None and not number.is_nan() and 0 <= number <= _MOST else None
        case "currency":
            return require_currency(value) if isinstance(value, str) else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "list of table":
            rows = isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
            return tuple(value) if rows else None


def _check_rows(values: Mapping[str, Any], document: str) -> None:
    """Rows of phases and of what is expected: named texts, and an amount that is a number."""
    for name, wanted in (("phases", {"name", "what"}), ("expects", {"what", "unit"})):
        for row in values.get(name, ()):
            texts = all(isinstance(row.get(key), str) for key in wanted)
            amount = row.get("amount", 0) if name == "expects" else 0
            known = set(row) <= wanted | ({"amount"} if name == "expects" else set())
            if not texts or not known or _typed("decimal", amount) is None:
                raise InputError(
                    "deal.value", f"A row of {name} has {' and '.join(sorted(wanted))}.", document=document, field=name
                )


def _source(row: Mapping[str, Any], document: str) -> Source:
    unknown = set(row) - {"who", "where", "dated", "row", "of"}
    if unknown or not isinstance(row.get("who"), str):
        raise InputError(
            "deal.value",
            "A source has who, and where known where, dated, row and of.",
            document=document,
            field="sources",
        )
    return Source(**{name: str(value) for name, value in row.items()})


def reference() -> str:
    """The formats as Markdown tables, as they stand in the reference."""
    parts = []
    for kind, keys in FORMATS.items():
        rows = [f"### {kind}\n", "| key | type | unit | required | meaning |", "| --- | --- | --- | --- | --- |"]
        for name, key in keys.items():
            allowed = " One of " + ", ".join(f"`{value}`" for value in key.values) + "." if key.values else ""
            need = "yes" if key.required else "no"
            rows.append(f"| `{name}` | {key.type} | {key.unit or '—'} | {need} | {key.meaning}{allowed} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)
