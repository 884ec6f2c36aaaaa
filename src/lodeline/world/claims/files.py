"""Registers as files: TOML with claims, inputs and recomputations, or CSV with a claim a row."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from lodeline.errors import InputError, NotFoundError
from lodeline.errors.visible import visible
from lodeline.world.claims.register import Claim, Input, Recomputation, Register, check_said, register

REQUIRED = ("id", "statement", "who", "as_of", "source")
CLAIM_COLUMNS = (*REQUIRED, "kind", "about", "country", "value", "low", "high", "unit", "sense", "rounded_to", "grade")
BASIS_COLUMNS = ("worth", "extent", "paid")
RECOMPUTED_COLUMNS = ("expression", "relation", "recomputed_unit", "supposing")
NUMBERS = ("value", "low", "high", "rounded_to")
COLUMNS = (*CLAIM_COLUMNS, *BASIS_COLUMNS, *RECOMPUTED_COLUMNS)
"""What a CSV of claims may have; of these it must have the required ones. Basis and recomputation are of the claim."""


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    claim: tuple[Claim, ...] = ()
    input: tuple[Input, ...] = ()
    recomputation: tuple[Recomputation, ...] = ()


@cache
def shipped() -> Register:
    """The register that comes with lodeline."""
    text = (resources.files("lodeline.world") / "tables" / "claims.toml").read_text(encoding="utf-8")
    return parse_toml(text)


def read(path: str | Path, *, beside: Register | None = None) -> Register:
    """A register from a file: TOML, or CSV where its name ends so.

    Args:
        path: The file.
        beside: A register whose claims and inputs the file's recomputations may name.

    Raises:
        NotFoundError: ``world.claims_no_such_file``, ``world.claims_no_such_claim``.
        InputError: ``world.claims_not_utf8``, and those of :func:`parse_toml` and :func:`parse_csv`.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as flaw:
        raise NotFoundError(
            "world.claims_no_such_file", f"There is no file of claims to read: {flaw.strerror}.", file=str(path)
        ) from flaw
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "world.claims_not_utf8", "A file of claims is UTF-8 text; save it so.", file=str(path), byte=flaw.start
        ) from flaw
    try:
        return (parse_csv if path.suffix.lower() == ".csv" else parse_toml)(text, beside=beside)
    except (InputError, NotFoundError) as flaw:
        raise flaw.located(file=str(path)) from flaw


def parse_toml(text: str, *, beside: Register | None = None) -> Register:
    """A register from TOML with ``[[claim]]``, ``[[input]]`` and ``[[recomputation]]``.

    With a register beside it, both together are returned.

    Raises:
        InputError: ``world.claims_toml``, ``world.claims_field``, ``world.claims_empty``, ``world.claims_number``, and
            those of :func:`lodeline.world.claims.register.register`.
    """
    try:
        plain = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError, InvalidOperation, ValueError) as flaw:
        raise InputError("world.claims_toml", f"This is not TOML: {visible(str(flaw))}.") from flaw
    return _joined(_document(_dated(plain)), beside)


PARTED = (";", "\t")
"""What spreadsheets write between cells where commas are decimal points."""


def parse_csv(text: str, *, beside: Register | None = None) -> Register:
    """A register from CSV, a claim a row; a recomputation in it names inputs of the register beside it.

    Raises:
        InputError: ``world.claims_column``, ``world.claims_number``, ``world.claims_field``, ``world.claims_empty``,
            and those of :func:`lodeline.world.claims.register.register`.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header, lines = reader.fieldnames or (), list(reader)
    except csv.Error as flaw:
        raise InputError("world.claims_column", f"This is not CSV: {flaw}.", line=reader.reader.line_num) from flaw
    if len(header) == 1 and any(mark in header[0] for mark in PARTED):
        raise InputError(
            "world.claims_column", "Its cells are parted by semicolons or tabs; save it as CSV with commas.", line=1
        )
    wrong = [f"lacks {name}" for name in REQUIRED if name not in header]
    wrong += [f"has an unknown {visible(str(name), limit=40)}" for name in header if name not in COLUMNS]
    if wrong or len(set(header)) < len(header):
        raise InputError(
            "world.claims_column",
            f"The header {', '.join(wrong) or 'names a column twice'}; columns are {', '.join(COLUMNS)}.",
        )
    claims, recomputations = list[Any](), list[Any]()
    for line, cells in enumerate(lines, start=2):
        try:
            claim, how = _row(cells, line)
        except InputError as flaw:
            raise flaw.located(line=line) from flaw
        claims.append(claim)
        recomputations += how
    return _joined(_Document(claim=tuple(claims), recomputation=tuple(recomputations)), beside)


def _row(cells: Mapping[str, str], line: int) -> tuple[Claim, list[Recomputation]]:
    """The claim of a row, and how it is recomputed where the row says so."""
    if None in cells or None in cells.values():
        raise InputError("world.claims_column", "The row has not as many cells as the header.")
    filled = {name: text for name, text in cells.items() if text.strip()}
    claim: dict[str, Any] = {name: filled[name] for name in CLAIM_COLUMNS if name in filled}
    claim |= {name: _number(claim[name], name, line) for name in NUMBERS if name in claim}
    claim["basis"] = {name: filled[name] for name in BASIS_COLUMNS if name in filled}
    how: list[dict[str, str]] = []
    if "expression" in filled:
        how = [{"claim": filled.get("id", "")}]
        how[0] |= {("unit" if n == "recomputed_unit" else n): filled[n] for n in RECOMPUTED_COLUMNS if n in filled}
    read = _document({"claim": [claim], "recomputation": how})
    for one in read.claim:
        check_said(one)
    return read.claim[0], list(read.recomputation)


def _document(plain: Mapping[str, Any]) -> _Document:
    try:
        return msgspec.convert(plain, _Document)
    except msgspec.ValidationError as flaw:
        raise InputError(
            "world.claims_field", f"A field is not what it should be: {visible(str(flaw))}; see the page of claims."
        ) from flaw


def _joined(document: _Document, beside: Register | None) -> Register:
    if not document.claim and not document.input and not document.recomputation:
        raise InputError(
            "world.claims_empty", "There is no claim in it; write one as lodeline world claims --example shows."
        )
    if beside is None:
        return register(document.claim, document.input, document.recomputation)
    return register(
        beside.claims + document.claim,
        beside.inputs + document.input,
        beside.recomputations + document.recomputation,
    )


def _number(text: str, name: str, line: int) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise InputError(
            "world.claims_number",
            f"{name} is {visible(text, limit=40)!r}; write digits with a point, without commas.",
            line=line,
        ) from None


def _dated(value: Any) -> Any:
    """Dates of TOML as text, so that ``as_of = 2025-03-01`` needs no quotes."""
    match value:
        case dict():
            return {name: _dated(one) for name, one in value.items()}
        case list():
            return [_dated(one) for one in value]
        case date():
            return value.isoformat()
    return value


EXAMPLE = """\
# A claim of your own: who said what, when, and where it can be read.
[[claim]]
id = "mine-1"
statement = "A pilot plant will make 400 t of antimony a year from 5,000 t of ore."
who = "a company"
as_of = 2026-01-15
source = "https://example.org/press-release"
kind = "plan"
country = "PAK"
value = 400
unit = "t[Sb]/year"          # in brackets: what is weighed; t[ore], t[Sb2O3] and t[Sb] are different things

# What it is recomputed from. A number names its source; low and high are its limits.
[[input]]
name = "pilot_ore"
value = 5000
unit = "t[ore]/year"
source = "https://example.org/press-release"

[[input]]
name = "pilot_grade"
low = 3
high = 5
unit = "% t[Sb]/t[ore]"
source = "assays in the same release"

# How: numbers, names of inputs, + - * / and parentheses. relation: equal, at-most, at-least or beside.
[[recomputation]]
claim = "mine-1"
expression = "pilot_ore * pilot_grade"
relation = "at-most"
says = "all the metal in the ore, with nothing lost"
"""
"""A file of one claim with its recomputation, to start from."""
