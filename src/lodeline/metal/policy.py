"""The policy: what a book's figures suppose beyond its events, as typed values, and nothing that it does not say.

One TOML document in the book, dated by its entry. Every key is in `docs/reference/policies.md`; an unknown one is
refused, so that a misspelt supposition is not silently absent.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from lodeline.errors import InputError, PolicyError
from lodeline.errors.visible import visible
from lodeline.metal.ranking import RANKING, Ranking

if TYPE_CHECKING:
    from lodeline.metal.follower import Matching

T = TypeVar("T")
Table = Mapping[str, Any]
Read = Callable[[Any, str], Any]
"""Reads the value of a key; the second argument is the key's path, which a refusal names."""

UNKNOWN = "unknown"
"""Said of a figure that nobody supposes; the same as leaving its key out, and plainer."""


class Uncertain(msgspec.Struct, frozen=True, kw_only=True):
    """A supposed standard uncertainty (k = 1): a part of the value, an amount, or both, which add in quadrature.

    Attributes:
        relative: As a part of the value, > 0; None if not said.
        absolute: In the unit of the value (kg, or kg per kg), > 0; None if not said.
    """

    relative: Decimal | None = None
    absolute: Decimal | None = None

    def of(self, value: Decimal) -> Decimal:
        """The standard uncertainty of a value, in its unit: ``sqrt((relative * value)^2 + absolute^2)``."""
        return (((self.relative or 0) * value) ** 2 + (self.absolute or Decimal(0)) ** 2).sqrt()


class Uncertainties(msgspec.Struct, frozen=True, kw_only=True):
    """Standard uncertainties where an event gives none; the more particular one holds.

    Attributes:
        weighing: Of any weighing, kg. moisture: of any moisture, kg per kg. assay: of any line of an assay, kg per kg.
        device: Of weighings on a scale, by its id; before ``weighing``. None: unknown for this one.
        laboratory: Of assays and moistures of a laboratory, by its id; before ``assay`` and ``moisture``.
        method: Of assays and moistures by a method, by its name; before ``laboratory``.
    """

    weighing: Uncertain | None = None
    moisture: Uncertain | None = None
    assay: Uncertain | None = None
    device: Mapping[str, Uncertain | None] = {}
    laboratory: Mapping[str, Uncertain | None] = {}
    method: Mapping[str, Uncertain | None] = {}

    def of_weighing(self, device: str | None) -> Uncertain | None:
        """What is supposed of a weighing on a scale."""
        return self.device.get(device or "", self.weighing)

    def of_moisture(self, laboratory: str | None, method: str | None) -> Uncertain | None:
        """What is supposed of a moisture."""
        return self.method.get(method or "", self.laboratory.get(laboratory or "", self.moisture))

    def of_assay(self, laboratory: str | None, method: str | None) -> Uncertain | None:
        """What is supposed of one line of an assay."""
        return self.method.get(method or "", self.laboratory.get(laboratory or "", self.assay))


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What is supposed to be lost on the road, as a part of the dry mass that left: expected, and ± u (k = 1)."""

    expected: Decimal
    u: Decimal


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as typed values. Without one nothing is supposed, and ranks count as their words say.

    Attributes:
        version: The entry that put it in force; None where there is none. Figures that use it cite it.
        name, dated: As it calls itself.
        ranking: Which of several determinations of one thing counts.
        uncertainty: Standard uncertainties where an event gives none.
        tolerance: How far what arrives may differ from what was sent, kg per kg sent; None: nobody agreed.
        loss: What is supposed to be lost on the road; None: nothing is supposed.
        receipt_window_days: How long after a departure a receipt that names no papers may be its; None: without limit.
        mixing: How a store mixes, by its id, where the master data do not say.
        groups: Members of declared groups, symbols or formulas, by the group's name.
    """

    version: int | None = None
    name: str | None = None
    dated: date | None = None
    ranking: Ranking = RANKING
    uncertainty: Uncertainties = Uncertainties()
    tolerance: Decimal | None = None
    loss: Loss | None = None
    receipt_window_days: Decimal | None = None
    mixing: Mapping[str, str] = {}
    groups: Mapping[str, tuple[str, ...]] = {}

    @classmethod
    def parse(cls, toml: bytes, *, version: int | None = None) -> Policy:
        """Read a policy document.

        Args:
            toml: The exact document.
            version: The entry that holds it.

        Raises:
            PolicyError: ``policy.not_toml``, ``policy.unknown_key``, ``policy.value``; ``where["key"]`` is the path.
        """
        try:
            said = tomllib.loads(toml.decode(), parse_float=Decimal)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, ArithmeticError) as flaw:
            raise PolicyError("policy.not_toml", f"A policy is one TOML document; this is not: {flaw}.") from flaw
        found = _members(said, "", _DOCUMENT)
        return cls(
            version=version,
            name=found.get("name"),
            dated=found.get("dated"),
            ranking=found.get("assay", {}).get("ranks", RANKING),
            uncertainty=Uncertainties(**found.get("uncertainty", {})),
            tolerance=found.get("tolerance", {}).get("transit"),
            loss=found.get("transit", {}).get("loss"),
            receipt_window_days=found.get("receipt", {}).get("window_days"),
            mixing=found.get("mixing", {}),
            groups=found.get("groups", {}),
        )

    @property
    def matching(self) -> Matching:
        """What it says about the following of movements."""
        from lodeline.metal.follower import Matching

        return Matching(transit_tolerance=self.tolerance, window_days=self.receipt_window_days)

    @property
    def cited(self) -> str:
        """How a figure names the policy that it rests on."""
        return "no policy" if self.version is None else f"policy of entry {self.version}"

    def digest(self) -> str:
        """The same for policies that suppose the same under the same version: 16 hexadecimal digits."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]


NO_POLICY = Policy()
"""What holds in a book without a policy."""


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


def _tolerance(value: Any, path: str) -> Decimal | None:
    return None if value == UNKNOWN else _part(value, path)


def _days(value: Any, path: str) -> Decimal | None:
    return None if value == UNKNOWN else _number(value, path)


def _mixing(value: Any, path: str) -> str:
    if value not in ("apart", "mixed", "layered"):
        raise _wrong(path, value, '"apart", "mixed" or "layered"')
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


_DOCUMENT: Mapping[str, Read] = {
    "name": _text,
    "dated": _day,
    "assay": _table({"ranks": _ranks}),
    "uncertainty": _table(
        {
            "weighing": _uncertain("kg"),
            "moisture": _uncertain("fraction"),
            "assay": _uncertain("fraction"),
            "device": _each(_uncertain("kg")),
            "laboratory": _each(_uncertain("fraction")),
            "method": _each(_uncertain("fraction")),
        }
    ),
    "tolerance": _table({"transit": _tolerance}),
    "transit": _table({"loss": _loss}),
    "receipt": _table({"window_days": _days}),
    "mixing": _each(_mixing),
    "groups": _each(_group),
}
"""Every key of a policy document."""
