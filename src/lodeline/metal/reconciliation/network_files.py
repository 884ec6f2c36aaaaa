"""Flowsheets as people write them: one TOML or JSON document, or a CSV table of streams.

A value with its uncertainty is a table ``{value = 0.25, u = 0.01}``; ``u`` is a number in the unit of the value, a text
such as ``"2 %"`` for a part of it, or ``"fixed"`` for what is known exactly. What was not measured is left out.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from lodeline.errors import InputError, LodelineError
from lodeline.errors.visible import visible
from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Correlated,
    Equation,
    Fixed,
    Given,
    Instrument,
    Measured,
    Network,
    Quantity,
    Reading,
    Standard,
    Stream,
    Transfer,
)

PERCENT = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*")
Table = Mapping[str, Any]


def read_network(data: bytes, name: str) -> Network:
    """The flowsheet of a file.

    Args:
        data: What is in it, UTF-8.
        name: Its name, whose ending says what it is: ``.toml``, ``.json`` or ``.csv``.

    Raises:
        InputError: ``network.file_kind``, ``network.file_unreadable``, ``network.unknown_key``, ``network.value``, and
            what a :class:`Network` refuses; each with ``file`` and the ``line`` or ``field``.
    """
    ending = name.rpartition(".")[2].lower()
    try:
        match ending:
            case "toml":
                return _document(_toml(data))
            case "json":
                return _document(_json(data))
            case "csv":
                from lodeline.metal.reconciliation.network_csv import read_csv

                return read_csv(_text(data))
    except LodelineError as refusal:
        raise refusal.located(file=name) from refusal
    raise InputError(
        "network.file_kind", "A flowsheet is a file that ends in .toml, .json or .csv.", file=visible(name, limit=80)
    )


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "network.file_unreadable", f"The file is not UTF-8; save it as such: {flaw}.", byte=flaw.start
        ) from flaw


def _toml(data: bytes) -> Any:
    try:
        return tomllib.loads(_text(data))
    except tomllib.TOMLDecodeError as flaw:
        raise InputError("network.file_unreadable", f"The file is no TOML document: {flaw}.") from flaw


def _json(data: bytes) -> Any:
    try:
        return json.loads(_text(data))
    except (json.JSONDecodeError, RecursionError) as flaw:
        line = getattr(flaw, "lineno", None)
        raise InputError("network.file_unreadable", f"The file is no JSON document: {flaw}.", line=line) from flaw


def _document(said: Any) -> Network:
    keys = ("nodes", "components", "components_sum", *READERS)
    table = _table(said, "", keys)
    total = table.get("components_sum", "at most one")
    if total not in ("one", "at most one"):
        raise _wrong("components_sum", total, '"one" or "at most one"')
    parts: dict[str, Any] = {
        key: tuple(read(one, f"{key}[{index}]") for index, one in enumerate(_list(table.get(key, []), key)))
        for key, read in READERS.items()
    }
    return Network(
        nodes=_texts(table.get("nodes", []), "nodes"),
        components=_texts(table.get("components", []), "components"),
        components_sum=total,
        **parts,
    )


def _stream(said: Any, path: str) -> Stream:
    keys = ("name", "from", "to", "measured", "u", "instrument", "moisture", "grades", "low", "high")
    table = _table(said, path, keys)
    grades = table.get("grades", {})
    if not isinstance(grades, dict):
        raise _wrong(f"{path}.grades", grades, "a table by component")
    more = {key: _number(table[key], f"{path}.{key}") for key in ("low", "high") if key in table}
    return Stream(
        name=_name(table, path),
        from_node=_maybe_text(table, "from", path),
        to_node=_maybe_text(table, "to", path),
        mass=given(table.get("measured"), table.get("u"), _maybe_text(table, "instrument", path), path),
        moisture=_value(table["moisture"], f"{path}.moisture") if "moisture" in table else None,
        grades={component: _value(value, f'{path}.grades."{component}"') for component, value in grades.items()},
        **more,
    )


def _quantity(said: Any, path: str) -> Quantity:
    table = _table(said, path, ("name", "value", "u", "instrument", "low", "high", "guess"))
    value = given(table.get("value"), table.get("u"), _maybe_text(table, "instrument", path), path)
    limits = {key: _number(table[key], f"{path}.{key}") for key in ("low", "high", "guess") if key in table}
    return Quantity(name=_name(table, path), value=value, **limits)


def _transfer(said: Any, path: str) -> Transfer:
    table = _table(said, path, ("name", "from", "to", "component", "value", "u"))
    return Transfer(
        name=_name(table, path),
        from_stream=_name(table, path, "from"),
        to_stream=_name(table, path, "to"),
        component=_maybe_text(table, "component", path),
        coefficient=given(table.get("value"), table.get("u"), None, path),
    )


def _equation(said: Any, path: str) -> Equation:
    if isinstance(said, str):
        return Equation(text=said)
    table = _table(said, path, ("name", "equation"))
    return Equation(name=_maybe_text(table, "name", path), text=_name(table, path, "equation"))


def _reading(said: Any, path: str) -> Reading:
    table = _table(said, path, ("name", "of", "value", "u", "instrument"))
    value = given(table.get("value"), table.get("u"), _maybe_text(table, "instrument", path), path)
    if not isinstance(value, Measured):
        raise _wrong(path, value, "value and u of what was read")
    return Reading(name=_name(table, path), of=_name(table, path, "of"), value=value)


def _correlation(said: Any, path: str) -> Correlated:
    table = _table(said, path, ("between", "r"))
    pair = _texts(table.get("between"), f"{path}.between")
    if len(pair) != 2:
        raise _wrong(f"{path}.between", pair, "the names of two measurements")
    return Correlated(pair[0], pair[1], _number(table.get("r"), f"{path}.r"))


def _instrument(said: Any, path: str) -> Instrument:
    table = _table(said, path, ("name", "relative_u", "offset_u", "standard"))
    us = {key: _part(table[key], f"{path}.{key}") for key in ("relative_u", "offset_u") if key in table}
    return Instrument(name=_name(table, path), standard=_maybe_text(table, "standard", path), **us)


def _standard(said: Any, path: str) -> Standard:
    table = _table(said, path, ("name", "relative_u"))
    return Standard(name=_name(table, path), relative_u=_part(table.get("relative_u"), f"{path}.relative_u"))


READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "streams": _stream,
    "quantities": _quantity,
    "transfers": _transfer,
    "equations": _equation,
    "readings": _reading,
    "correlations": _correlation,
    "instruments": _instrument,
    "standards": _standard,
}


# -- values --------------------------------------------------------------------------------------------------------


def given(value: Any, u: Any, instrument: str | None, path: str) -> Given:
    """What is known of a figure: measured, fixed, or nothing where there is no value."""
    if value is None:
        if u is not None:
            raise _wrong(path, None, "a value to go with the u, or leave both out")
        return UNMEASURED
    number = _number(value, path)
    if u == "fixed":
        return Fixed(number)
    if u is None:
        return Measured(number, None, instrument)
    return Measured(number, _spread(u, number, f"{path}.u"), instrument)


def _spread(u: Any, value: float, path: str) -> float:
    """A standard uncertainty: a number, or a part of the value in percent."""
    if not isinstance(u, str):
        return _number(u, path, 'a number, a part such as "2 %", or "fixed"')
    return _percent(u, path, 'a number, a part such as "2 %", or "fixed"') * abs(value)


def _part(value: Any, path: str) -> float:
    """A part of one, as a number or in percent."""
    return _percent(value, path, 'a part such as 0.002 or "0.2 %"') if isinstance(value, str) else _number(value, path)


def _percent(text: str, path: str, want: str) -> float:
    match = PERCENT.fullmatch(text)
    if match is None:
        raise _wrong(path, text, want)
    return float(match[1]) / 100


def _value(said: Any, path: str) -> Given:
    """A value with its uncertainty; an empty table, or the word, where it was not measured."""
    if said == "unmeasured":
        return UNMEASURED
    table = _table(said, path, ("value", "u", "instrument"))
    return given(table.get("value"), table.get("u"), _maybe_text(table, "instrument", path), path)


def _number(value: Any, path: str, want: str = "a number") -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(path, value, want)
    return float(value)


def _name(table: Table, path: str, key: str = "name") -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"{path}.{key}", value, "a text")
    return value


def _maybe_text(table: Table, key: str, path: str) -> str | None:
    return None if key not in table else _name(table, path, key)


def _texts(value: Any, path: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _wrong(path, value, "a list of names")
    return value


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(path, value, "a list")
    return value


def _table(value: Any, path: str, keys: tuple[str, ...]) -> Table:
    if not isinstance(value, dict):
        raise _wrong(path, value, "a table with " + ", ".join(keys))
    for key in value:
        if key not in keys:
            raise InputError(
                "network.unknown_key",
                f"{visible(f'{path}.{key}'.lstrip('.'), limit=80)} is no key of a flowsheet; there are "
                f"{', '.join(keys)}.",
                field=f"{path}.{key}".lstrip("."),
            )
    return value


def _wrong(path: str, value: Any, want: str) -> InputError:
    return InputError("network.value", f"{path} is {visible(repr(value), limit=80)}; write {want}.", field=path)
