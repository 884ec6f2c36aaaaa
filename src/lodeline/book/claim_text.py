"""Claims as people write them: ``PK>=0.8``, ``scrap<=10%``, ``urn:example:deposit:1>=120kg``."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, NamedTuple

from lodeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lodeline.origin.claims import Sense
    from lodeline.origin.graph import Origin
    from lodeline.origin.wanted import Wanted

KINDS: Final = ("mined", "scrap", "stock")
_TEXT: Final = re.compile(r"\s*(?P<origin>\S.*?)\s*(?P<sense>>=|<=)\s*(?P<amount>[0-9.]+)\s*(?P<unit>%|kg|)\s*")


class Stated(NamedTuple):
    """A claim of one lot.

    Attributes:
        origin: A country, ``mined``, ``scrap`` or ``stock``, or the URI of a deposit, scrap source or store.
        sense: ``at least`` or ``at most``.
        share: Of the metal, 0 to 1; None where kilograms are claimed. kg: those; None where a share is.
    """

    origin: str
    sense: Sense
    share: Decimal | None
    kg: Decimal | None

    def __str__(self) -> str:
        amount = f"{self.kg:f} kg" if self.share is None else f"{(self.share * 100).normalize():f} %"
        return f"{self.sense} {amount} {self.origin}"


def stated(text: str) -> Stated:
    """A claim from its text.

    Raises:
        InputError: ``claim.text``, ``claim.share``.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise InputError(
            "claim.text", "Write a claim as PK>=0.8, scrap<=10% or urn:example:deposit:1>=120kg.", claim=text
        )
    amount, sense = number(found["amount"], text), "at least" if found["sense"] == ">=" else "at most"
    share = None if found["unit"] == "kg" else amount / 100 if found["unit"] == "%" else amount
    return _checked(Stated(found["origin"], sense, share, amount if share is None else None), text)  # type: ignore[arg-type]


def claimed(origin: str, sense: Sense, *, share: Decimal | None, kg: Decimal | None) -> Stated:
    """A claim from its parts.

    Raises:
        InputError: ``claim.share``.
    """
    return _checked(Stated(origin, sense, share, kg), origin)


def number(text: str, claim: str) -> Decimal:
    """A number, exact.

    Raises:
        InputError: ``claim.text``.
    """
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise InputError("claim.text", f"{text!r} is no number from 0 on; write a share or kilograms.", claim=claim)
    return found


def _checked(it: Stated, text: str) -> Stated:
    if it.share is not None and it.share > 1:
        raise InputError(
            "claim.share", "Claim a share from 0 to 1, per cent as 80%, or kilograms as 120kg.", claim=text
        )
    return it


def asked_of(origins: Sequence[Origin], origin: str) -> Wanted:
    """What an origin that a claim names stands for: surely, and perhaps.

    Args:
        origins: That metal can be of.
        origin: A country, a kind, or a URI.

    Raises:
        InputError: ``origin.country``, ``claim.origin_unknown``.
    """
    from lodeline.origin.wanted import wanted

    if origin in KINDS:
        return wanted(origins, kind=origin)  # type: ignore[arg-type]
    if ":" not in origin:
        return wanted(origins, country=origin)
    named = next((one for one in origins if one.name == origin), None)
    if named is None:
        raise InputError(
            "claim.origin_unknown",
            "No metal of this element comes from there in the book; name a deposit, scrap source or store of it.",
            origin=origin,
        )
    return at(origins, named)


def at(origins: Sequence[Origin], one: Origin) -> Wanted:
    """The class of an origin that has a name: what is of another country or kind cannot be of it."""
    from lodeline.origin.wanted import wanted

    match one.kind:
        case "scrap" | "stock":
            return wanted(origins, kind=one.kind, country=one.country or None, name=one.name)
        case _:
            return wanted(origins, kind="mined", country=one.country or None, name=one.name)
