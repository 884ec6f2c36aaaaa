"""Files of claims, TOML or CSV: who claims how much of which origin of which lot."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lodeline.book.claim_text import Stated, claimed, number
from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.origin.claims import Sense
    from lodeline.origin.custody import Model

AMOUNTS: Final = ("at_least", "at_most", "at_least_kg", "at_most_kg")
FIELDS: Final = ("buyer", "lot", "element", "origin", "custody", *AMOUNTS)
NEEDED: Final = ("lot", "element", "origin")


class ClaimOf(NamedTuple):
    """A claim of a file.

    Attributes:
        place: Which it is, from 1. buyer: who was told so; empty where nobody is named.
        lot, element: Of what. stated: the claim. custody: the model of the chain of custody that is claimed, if any.
    """

    place: int
    buyer: str
    lot: str
    element: str
    stated: Stated
    custody: Model | None

    @property
    def name(self) -> str:
        """As it is called in an answer."""
        to = f" ({self.buyer})" if self.buyer else ""
        return f"claim {self.place}: lot {self.lot} holds {self.stated}, {self.element}{to}"


def claims_in(content: bytes, *, file: str) -> tuple[ClaimOf, ...]:
    """The claims of a file.

    TOML has a table ``[[claim]]`` for each, CSV a row; fields are ``lot``, ``element``, ``origin``, and one of
    ``at_least``, ``at_most`` (a share, 0.8 or 80%), ``at_least_kg`` and ``at_most_kg``; ``buyer`` and ``custody`` may
    be left out.

    Raises:
        InputError: ``claim.file``, ``claim.text``, ``claim.share``, ``claim.none``.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as flaw:
        raise InputError(
            "claim.file", "A file of claims is UTF-8 text: TOML, or CSV with a heading.", file=file
        ) from flaw
    found = tuple(
        _claim(place, row, file) for place, row in enumerate(_toml(text, file) if "[[" in text else _csv(text, file), 1)
    )
    if not found:
        raise InputError("claim.none", "Give at least one claim.", file=file)
    return found


def _toml(text: str, file: str) -> Iterator[Mapping[str, Any]]:
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as flaw:
        raise InputError("claim.file", f"The file is no TOML: {flaw}.", file=file) from flaw
    listed = document.get("claim")
    if set(document) != {"claim"} or not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise InputError("claim.file", "A TOML file of claims has tables [[claim]] and nothing else.", file=file)
    yield from listed


def _csv(text: str, file: str) -> Iterator[Mapping[str, Any]]:
    for row in csv.DictReader(io.StringIO(text)):
        if None in row or None in row.values():
            raise InputError("claim.file", "A row has more or fewer cells than the heading.", file=file)
        yield {name.strip(): cell.strip() for name, cell in row.items() if cell.strip()}


def _claim(place: int, row: Mapping[str, Any], file: str) -> ClaimOf:
    unknown, missing = set(row) - set(FIELDS), [name for name in NEEDED if not row.get(name)]
    given = [name for name in AMOUNTS if name in row]
    if unknown or missing or len(given) != 1:
        raise InputError(
            "claim.file",
            f"A claim has {', '.join(NEEDED)} and one of {', '.join(AMOUNTS)}, and may have a buyer and a custody.",
            file=file,
            claim=place,
            unknown=", ".join(sorted(unknown)) or None,
        )
    amount, sense = given[0], "at most" if given[0].startswith("at_most") else "at least"
    kg, share = _amount(str(row[amount]), f"claim {place}", is_kg=amount.endswith("_kg"))
    stated = claimed(str(row["origin"]), _sense(sense), share=share, kg=kg)
    custody = _model(row.get("custody"), file, place)
    return ClaimOf(place, str(row.get("buyer", "")), str(row["lot"]), str(row["element"]), stated, custody)


def _model(word: Any, file: str, place: int) -> Model | None:
    from lodeline.origin.custody import MODELS

    found = next((one for one in MODELS if one == word), None)
    if word is not None and found is None:
        raise InputError("claim.file", f"A custody is one of {', '.join(MODELS)}.", file=file, claim=place)
    return found


def _sense(word: str) -> Sense:
    return "at most" if word == "at most" else "at least"


def _amount(text: str, claim: str, *, is_kg: bool) -> tuple[Decimal | None, Decimal | None]:
    """Kilograms, and share; one of them."""
    if is_kg:
        return number(text, claim), None
    if text.endswith("%"):
        return None, number(text[:-1].strip(), claim) / 100
    return None, number(text, claim)
