"""Files of mass-balance credits, TOML or CSV: periods, dated factors, what was received, carried over and used."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, NamedTuple

from lodeline.errors import InputError, LodelineError
from lodeline.origin.credits import Factor, Period

MG_PER_KG: Final = 1_000_000
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "period": ("name", "begins", "ends"),
    "factor": ("process", "element", "value", "since", "document"),
    "credit": ("lot", "element", "origin", "process", "at", "kg"),
    "carry": ("element", "origin", "from", "into"),
    "use": ("id", "element", "origin", "at", "credit", "kg"),
}
"""The kinds of rows, and the fields that each must have."""
MAY: Final[Mapping[str, tuple[str, ...]]] = {
    "period": (),
    "factor": ("until",),
    "credit": ("id", "holder"),
    "carry": ("holder",),
    "use": ("holder", "lot"),
}
"""Fields that each may have."""


class Key(NamedTuple):
    """Whose credits of what: no credit of one is any of another."""

    holder: str
    origin: str
    element: str


class Received(NamedTuple):
    """Metal of an origin that entered a process."""

    row: int
    key: Key
    id: str
    lot: str
    process: str
    at: datetime
    mg: int


class Carried(NamedTuple):
    """All that is left of a period goes over into the next."""

    row: int
    key: Key
    since: str
    into: str


class Used(NamedTuple):
    """Credits that a claim draws on; rows of one id are one use."""

    row: int
    key: Key
    id: str
    lot: str
    at: datetime
    draws: tuple[tuple[str, int], ...]


class Document(NamedTuple):
    """What a file of credits says."""

    periods: tuple[Period, ...]
    factors: tuple[Factor, ...]
    received: tuple[Received, ...]
    carried: tuple[Carried, ...]
    used: tuple[Used, ...]


def credits_in(content: bytes, *, file: str) -> Document:
    """The periods, factors, credits, carries and uses of a file.

    TOML has tables ``[[period]]``, ``[[factor]]``, ``[[credit]]``, ``[[carry]]`` and ``[[use]]``; CSV has a column
    ``kind`` that says which a row is. Kilograms of a credit are rounded down to milligrams, those of a use up.

    Raises:
        InputError: ``credit.file``, ``credit.twice``; with the file and the row.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "credit.file", "A file of credits is UTF-8 text: TOML, or CSV with a heading.", file=file
        ) from flaw
    made: dict[str, list[Any]] = {kind: [] for kind in NEEDED}
    for row, (kind, cells) in enumerate(_toml(text, file) if "[[" in text else _csv(text, file), 1):
        try:
            made[kind].append(_made(row, kind, cells))
        except LodelineError as refusal:
            raise refusal.located(file=file, row=row, kind=kind) from refusal
    if not made["credit"]:
        raise InputError("credit.file", "Give at least one credit.", file=file)
    return Document(
        tuple(made["period"]), tuple(made["factor"]), tuple(made["credit"]), tuple(made["carry"]),
        _joined(made["use"], file),
    )  # fmt: skip


def _toml(text: str, file: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as flaw:
        raise InputError("credit.file", f"The file is no TOML: {flaw}.", file=file) from flaw
    for kind, listed in document.items():
        if kind not in NEEDED or not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            tables = ", ".join(f"[[{one}]]" for one in NEEDED)
            raise InputError("credit.file", f"A TOML file of credits has tables {tables}.", file=file)
        for one in listed:
            yield kind, one


def _csv(text: str, file: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for row in csv.DictReader(io.StringIO(text)):
        if None in row or None in row.values():
            raise InputError("credit.file", "A row has more or fewer cells than the heading.", file=file)
        cells = {name.strip(): cell.strip() for name, cell in row.items() if cell.strip()}
        kind = cells.pop("kind", "")
        if kind not in NEEDED:
            raise InputError("credit.file", f"A row's kind is one of {', '.join(NEEDED)}.", file=file, kind=kind)
        yield kind, cells


def _made(row: int, kind: str, cells: Mapping[str, Any]) -> Any:
    unknown = set(cells) - {*NEEDED[kind], *MAY[kind]}
    missing = [name for name in NEEDED[kind] if name not in cells or cells[name] == ""]
    if unknown or missing:
        more = f", and may have {', '.join(MAY[kind])}" if MAY[kind] else ""
        raise InputError(
            "credit.file", f"A {kind} has {', '.join(NEEDED[kind])}{more}.", unknown=", ".join(sorted(unknown)) or None
        )

    def text(name: str) -> str:
        return str(cells.get(name, ""))

    match kind:
        case "period":
            return Period(text("name"), _instant(cells["begins"]), _instant(cells["ends"]))
        case "factor":
            until = _instant(cells["until"]) if "until" in cells else None
            value = Fraction(_number(cells["value"]))
            return Factor(text("process"), text("element"), value, _instant(cells["since"]), until, text("document"))
    key = Key(text("holder"), text("origin"), text("element"))
    match kind:
        case "credit":
            mg = int(_number(cells["kg"]) * MG_PER_KG)
            name = text("id") or text("lot")
            return Received(row, key, name, text("lot"), text("process"), _instant(cells["at"]), mg)
        case "carry":
            return Carried(row, key, text("from"), text("into"))
        case _:
            mg = int((_number(cells["kg"]) * MG_PER_KG).to_integral_value(ROUND_CEILING))
            return Used(row, key, text("id"), text("lot"), _instant(cells["at"]), ((text("credit"), mg),))


def _joined(rows: list[Used], file: str) -> tuple[Used, ...]:
    """Rows of one id, holder, origin and element are one use, which has one instant and one lot."""
    joined: dict[tuple[Key, str], Used] = {}
    for one in rows:
        first = joined.setdefault((one.key, one.id), one)
        if first is one:
            continue
        if (first.at, first.lot) != (one.at, one.lot):
            raise InputError(
                "credit.twice", "Rows of one use have one instant and one lot; give another use its own id.",
                file=file, row=one.row, id=one.id,
            )  # fmt: skip
        joined[one.key, one.id] = first._replace(draws=(*first.draws, *one.draws))
    return tuple(joined.values())


def _number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise InputError("credit.file", f"{value!r} is no number from 0 on.")
    return found


def _instant(value: Any) -> datetime:
    """An instant with its offset, as TOML or as text; in UTC."""
    found: Any = value
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError as flaw:
            raise InputError("credit.file", f"{value!r} is no instant; write one as 2026-03-01T00:00:00Z.") from flaw
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise InputError("credit.file", f"{value} has no time and offset; write it as 2026-03-01T00:00:00Z.")
    return found.astimezone(UTC)
