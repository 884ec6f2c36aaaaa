"""The policy document: every key that it may have, and how each value is read or refused."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, get_args

from lodeline.errors import InputError, PolicyError
from lodeline.errors.visible import visible
from lodeline.ids.epc import canonical
from lodeline.metal.ranking import Ranking
from lodeline.metal.suppositions import Biases, Closure, Limits, Loss, Period, Range, Uncertain
from lodeline.record.metal_vocabulary import Process

T = TypeVar("T")
Read = Callable[[Any, str], Any]
"""Reads the value of a key; the second argument is the key's path, which a refusal names."""

UNKNOWN = "unknown"
"""Said of a figure that nobody supposes; the same as leaving its key out, and plainer."""


def read(toml: bytes) -> dict[str, Any]:
    """What a policy document says, by its keys, each read to its type.

    Raises:
        PolicyError: ``policy.not_toml``, ``policy.unknown_key``, ``policy.value``; ``where["key"]`` is the path.
    """
    try:
        said = tomllib.loads(toml.decode(), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ArithmeticError) as flaw:
        raise PolicyError("policy.not_toml", f"A policy is one TOML document; this is not: {flaw}.") from flaw
    return _members(said, "", DOCUMENT)


def _wrong(path: str, value: Any, want: str) -> PolicyError:
    return PolicyError("policy.value", f"{path} is {visible(repr(value), limit=80)}; write {want}.", key=path)


def _members(value: Any, path: str, keys: Mapping[str, Read]) -> dict[str, Any]:
    """The members of a table, each read; those that say "unknown" are left out."""
    if not isinstance(value, dict):
        raise _wrong(path, value, "a table with " + ", ".join(keys))
    found: dict[str, Any] = {}
    for key, item in value.items():
        place = f"{path}.{key}" if path else key
        if key not in keys:
            raise PolicyError(
                "policy.unknown_key",
                f"{visible(place, limit=80)} is no key of a policy; there are {', '.join(keys)}.",
                key=place,
            )
        read = keys[key](item, place)
        if read is not None:
            found[key] = read
    return found


def _table(keys: Mapping[str, Read]) -> Read:
    return lambda value, path: _members(value, path, keys)


def _each(read: Callable[[Any, str], T]) -> Callable[[Any, str], dict[str, T]]:
    """A table of names of the user's own: scales, laboratories, stores, groups."""

    def read_each(value: Any, path: str) -> dict[str, T]:
        if not isinstance(value, dict):
            raise _wrong(path, value, "a table by id or name")
        return {key: read(item, f'{path}."{key}"') for key, item in value.items()}

    return read_each


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, value, "a text")
    return value


def _day(value: Any, path: str) -> date:
    if isinstance(value, date) and type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong(path, value, 'a day as "2026-01-31"') from None


def _number(value: Any, path: str, *, most: Decimal | None = None, zero: bool = False) -> Decimal:
    """A number above zero (or of zero too), and at most ``most``."""
    limit = "" if most is None else f" and at most {most}"
    want = f"a number {'of zero or more' if zero else 'above zero'}{limit}"
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _wrong(path, value, want)
    number = Decimal(value)
    if not number.is_finite() or number < 0 or (number == 0 and not zero) or (most is not None and number > most):
        raise _wrong(path, value, want)
    return number


def _uncertain(absolute: str) -> Callable[[Any, str], Uncertain | None]:
    """A standard uncertainty whose amount goes by the name of its unit.

    Zero is refused: a scale that is never wrong would pin its stream in every reconciliation.
    """

    def read(value: Any, path: str) -> Uncertain | None:
        if value == UNKNOWN:
            return None
        if not isinstance(value, dict) or not value:
            raise _wrong(path, value, f'"{UNKNOWN}", or a table with relative, {absolute}, or both')
        found = _members(value, path, {"relative": _part, absolute: _number})
        return Uncertain(relative=found.get("relative"), absolute=found.get(absolute))

    return read


def _part(value: Any, path: str) -> Decimal:
    return _number(value, path, most=Decimal(1))


def _ranks(value: Any, path: str) -> Ranking:
    want = 'a list of some of "umpire", "final", "provisional", the one that counts first'
    if not isinstance(value, list) or not all(isinstance(rank, str) and rank for rank in value):
        raise _wrong(path, value, want)
    try:
        return Ranking(tuple(value))
    except InputError:
        raise _wrong(path, value, want) from None


def _loss(value: Any, path: str) -> Loss | None:
    if value == UNKNOWN:
        return None
    found = _members(value, path, {"expected": lambda x, at: _number(x, at, most=Decimal(1), zero=True), "u": _part})
    if set(found) != {"expected", "u"}:
        raise _wrong(path, value, f'"{UNKNOWN}", or a table with both expected and u')
    return Loss(expected=found["expected"], u=found["u"])


MIXING = ("apart", "mixed", "layered", "fifo", "lifo")
"""How a store may keep what is laid down in it: each lot by itself, mixed, in layers drawn from the top, as a queue, as
a stack."""


def _mixing(value: Any, path: str) -> str:
    if value not in MIXING:
        raise _wrong(path, value, ", ".join(f'"{word}"' for word in MIXING[:-1]) + f' or "{MIXING[-1]}"')
    return str(value)


def _group(value: Any, path: str) -> tuple[str, ...]:
    from lodeline.chemistry.species import species

    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise _wrong(path, value, 'a list of symbols or formulas such as ["Nd", "Pr"]')
    try:
        for one in value:
            species(one)
    except InputError as unknown:
        raise _wrong(path, value, f"symbols or formulas of known substances: {unknown.sentence}") from unknown
    if len(set(value)) < len(value):
        raise _wrong(path, value, "each member once")
    return tuple(value)


def _told(read: Callable[[Any, str], T]) -> Callable[[Any, str], T | None]:
    """As ``read`` does, or nothing where the document says that it is unknown."""
    return lambda value, path: None if value == UNKNOWN else read(value, path)


def _biases(value: Any, path: str) -> Biases:
    return Biases(**_members(value, path, dict.fromkeys(("scale", "laboratory", "moisture"), _told(_part))))


def _closure(value: Any, path: str) -> Closure:
    if not isinstance(value, dict) or not value:
        raise _wrong(path, value, f'"{UNKNOWN}", or a table with relative, kg, or both')
    return Closure(**_members(value, path, {"relative": _part, "kg": _number}))


def _probability(value: Any, path: str) -> Decimal:
    found = _number(value, path, most=Decimal(1))
    if found == 1:
        raise _wrong(path, value, "a probability above zero and below one")
    return found


def _period(value: Any, path: str) -> str:
    if value not in get_args(Period):
        raise _wrong(path, value, "one of " + ", ".join(f'"{word}"' for word in get_args(Period)))
    return str(value)


def _zone(value: Any, path: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(_text(value, path)).key
    except (KeyError, OSError, ValueError):
        raise _wrong(path, value, 'an IANA time zone such as "Asia/Karachi"') from None


def _range(value: Any, path: str) -> Range:
    want = "a list of the lowest and the highest, such as [0.7, 0.95]"
    if not isinstance(value, list) or len(value) != 2:
        raise _wrong(path, value, want)
    low, high = (_number(one, path, zero=True) for one in value)
    if low > high:
        raise _wrong(path, value, want)
    return Range(low, high)


def _by_element(value: Any, path: str) -> dict[str, Range]:
    from lodeline.chemistry.elements import element

    found = _each(_range)(value, path)
    for symbol in found:
        try:
            element(symbol)
        except InputError as unknown:
            place = f'{path}."{symbol}"'
            raise PolicyError("policy.unknown_key", unknown.sentence, key=visible(place, limit=80)) from unknown
    return found


def _limits(value: Any, path: str) -> Limits:
    keys: Mapping[str, Read] = {
        "yield": _range,
        "recovery": _by_element,
        "upgrade": _by_element,
        "capacity_t_per_day": _number,
    }
    found = _members(value, path, keys)
    return Limits(mass_yield=found.pop("yield", None), **found)


def _hours(value: Any, path: str) -> dict[str, dict[str, Decimal]]:
    """The least time between places, by the start and then by the end of the road."""
    found = _each(_each(_number))(value, path)
    by_start = {
        canonical(start): {canonical(end): hours for end, hours in ends.items()} for start, ends in found.items()
    }
    if [len(ends) for ends in by_start.values()] != [len(ends) for ends in found.values()]:
        raise _wrong(path, list(found), "each place once; two of these are one place written in two ways")
    return by_start


def _limits_by_plant(value: Any, path: str) -> dict[str, Limits]:
    """By the word of a process or the URI of a site; a word that no process has would silently limit nothing."""
    found = _each(_limits)(value, path)
    for key in found:
        if ":" not in key and key not in get_args(Process):
            place = visible(f'{path}."{key}"', limit=80)
            words = ", ".join(get_args(Process))
            sentence = f"{place} is no process; write the URI of a site, or one of {words}."
            raise PolicyError("policy.unknown_key", sentence, key=place)
    by_plant = {canonical(key): limits for key, limits in found.items()}
    if len(by_plant) < len(found):
        raise _wrong(path, list(found), "each site once; two of these are one site written in two ways")
    return by_plant


DOCUMENT: Mapping[str, Read] = {
    "name": _text,
    "dated": _day,
    "assay": _table({"ranks": _ranks}),
    "uncertainty": _table(
        {
            "declared": _uncertain("kg"),
            "weighing": _uncertain("kg"),
            "moisture": _uncertain("fraction"),
            "assay": _uncertain("fraction"),
            "device": _each(_uncertain("kg")),
            "laboratory": _each(_uncertain("fraction")),
            "method": _each(_uncertain("fraction")),
            "bias": _biases,
        }
    ),
    "tolerance": _table({"transit": _told(_part)}),
    "transit": _table({"loss": _loss, "drying": _loss, "fastest_km_per_h": _told(_number), "fastest_hours": _hours}),
    "receipt": _table({"window_days": _told(_number)}),
    "mixing": _each(_mixing),
    "groups": _each(_group),
    "closure": _table({"tolerance": _told(_closure)}),
    "detection": _table({"false_alarms": _told(_probability), "periods": _told(_period)}),
    "period": _table({"zone": _told(_zone)}),
    "limits": _limits_by_plant,
}
"""Every key of a policy document."""
