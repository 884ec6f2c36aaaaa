"""Prices: what a kilogram of a metal cost in a year, as the price documents of a book say.

A price document is a CSV table in the role ``price`` with the columns ``metal`` (a symbol, or the name of a group),
``unit``, ``price``, and where known ``year``, ``what`` and ``source``. A unit is a currency per unit of mass: ``USD per
kg``, ``dollars per pound``. Dollars and cents are those of the United States. Of several rows for one metal and one
year the last one recorded holds.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from lodeline.errors import Finding, InputError, Settle, UnitError
from lodeline.errors.visible import visible
from lodeline.units.exact import times
from lodeline.units.mass import MASS_UNITS
from lodeline.units.money import Money, require_currency

ROLE = "price"
"""The role of the documents that are read."""
MEDIA_TYPE = "text/csv"
DIGITS = 40
"""Digits a valuation is computed with before it is rounded."""
COLUMNS = ("metal", "unit", "price")
"""Columns that a table must have."""

_WORDS: Mapping[str, tuple[str, Decimal]] = MappingProxyType(
    {"dollars": ("USD", Decimal(1)), "dollar": ("USD", Decimal(1)), "cents": ("USD", Decimal("0.01"))}
)
_MASSES: Mapping[str, str] = MappingProxyType(
    {
        "kilogram": "KGM",
        "kg": "KGM",
        "gram": "GRM",
        "g": "GRM",
        "tonne": "TNE",
        "metric ton": "TNE",
        "t": "TNE",
        "pound": "LBR",
        "lb": "LBR",
        "short ton": "STN",
        "troy ounce": "APZ",
    }
)


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """One price.

    Attributes:
        metal: A symbol, or the name of a group.
        what: What is priced, in the words of the document.
        money: Of one unit of mass, exact as printed.
        uom: That unit, its UN/ECE Rec 20 code.
        year: Of which year it is; None: the document says none.
        document: Id of the document. title: what it calls itself.
    """

    metal: str
    what: str
    money: Money
    uom: str
    year: int | None
    document: str
    title: str


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What a mass is worth: a valuation, and no settlement.

    Attributes:
        kg: How much of the metal.
        money: Mass times price, to the hundredth, halves to even.
        price: The price.
    """

    kg: float
    money: Money
    price: Price


class Prices(NamedTuple):
    """The prices of a book, and what could not be read of them.

    Attributes:
        listed: By metal, in order of year, a price without a year first.
        findings: Documents and rows that could not be read; nothing else is hidden by them.
    """

    listed: Mapping[str, tuple[Price, ...]]
    findings: tuple[Finding, ...]

    def of(self, metal: str, year: int | None) -> Price | None:
        """The price of a year, else of the last before it that has one; of the last year where none is asked for."""
        found = [one for one in self.listed.get(metal, ()) if one.year is None or year is None or one.year <= year]
        return found[-1] if found else None

    def worth(self, metal: str, kg: float, year: int | None) -> Worth | None:
        """What a mass of a metal is worth; None where the book has no price of it for that year or before.

        Args:
            kg: As computed, finite.
        """
        price = self.of(metal, year)
        if price is None:
            return None
        with localcontext(Context(prec=DIGITS)):
            amount = price.money.amount * Decimal(kg) / MASS_UNITS[price.uom].kg
        return Worth(kg=kg, money=Money(amount, price.money.currency).rounded(2, rounding=ROUND_HALF_EVEN), price=price)


class PriceDocument(NamedTuple):
    """A document as the book holds it: its id, its title and its bytes."""

    id: str
    title: str
    content: bytes


def prices(documents: Iterable[PriceDocument]) -> Prices:
    """Read the price documents of a book, in ledger order."""
    found: dict[tuple[str, int | None], Price] = {}
    findings = []
    for document in documents:
        try:
            for price in parse(document):
                found[price.metal, price.year] = price
        except (InputError, UnitError) as refusal:
            findings.append(_unread(document, refusal))
    by_metal: dict[str, list[Price]] = {}
    for price in sorted(found.values(), key=lambda one: -1 if one.year is None else one.year):
        by_metal.setdefault(price.metal, []).append(price)
    return Prices({metal: tuple(listed) for metal, listed in by_metal.items()}, tuple(findings))


def parse(document: PriceDocument) -> list[Price]:
    """The prices of one document.

    Raises:
        InputError: ``deal.price_table``, ``deal.price_row``, with file and line. UnitError: ``unit.currency_unknown``.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(document.content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as flaw:
        raise InputError(
            "deal.price_table", f"The price table is no CSV in UTF-8: {flaw}.", document=document.id
        ) from flaw
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise InputError(
            "deal.price_table",
            f"The price table has no column {missing[0]}; it needs {', '.join(COLUMNS)}, and a row.",
            document=document.id,
        )
    return [_price(row, number, document) for number, row in enumerate(rows, 2)]


def _price(row: Mapping[str, str | None], line: int, document: PriceDocument) -> Price:
    metal, unit, told = ((row.get(name) or "").strip() for name in COLUMNS)
    year = (row.get("year") or "").strip()
    amount: Decimal | None = None
    try:
        amount = Decimal(told)
    except InvalidOperation:
        amount = None
    counted = _unit(unit)
    if not metal or amount is None or not amount.is_finite() or amount < 0 or counted is None or not _is_year(year):
        wrong = {
            "metal": metal if not metal else None,
            "price": told if amount is None or not amount.is_finite() or amount < 0 else None,
            "unit": unit if counted is None else None,
            "year": year if not _is_year(year) else None,
        }
        column, value = next((name, said) for name, said in wrong.items() if said is not None)
        raise InputError(
            "deal.price_row",
            f"{column} is {visible(repr(value), limit=80)}; write a metal, a price of zero or more, a unit such as USD "
            "per kg, and a year of four digits or none.",
            document=document.id,
            line=line,
            field=column,
        )
    currency, part, uom = counted
    return Price(
        metal=metal,
        what=(row.get("what") or "").strip(),
        money=Money(times(amount, part), currency),
        uom=uom,
        year=int(year) if year else None,
        document=document.id,
        title=document.title,
    )


def _is_year(text: str) -> bool:
    return not text or (len(text) == 4 and text.isascii() and text.isdigit())


def _unit(text: str) -> tuple[str, Decimal, str] | None:
    """The currency of a unit, what part of it is counted in, and the code of the mass; None: it is no such unit.

    Raises:
        UnitError: ``unit.currency_unknown``.
    """
    money, parted, mass = (part.strip() for part in text.replace("/", " per ", 1).partition(" per "))
    code = _MASSES.get(mass.lower(), mass)
    if not parted or code not in MASS_UNITS:
        return None
    word = _WORDS.get(money.lower())
    currency, part = word if word is not None else (require_currency(money), Decimal(1))
    return currency, part, code


def _unread(document: PriceDocument, refusal: InputError | UnitError) -> Finding:
    return Finding(
        code="deal.price_unread",
        sentence=f"The price document {document.title!r} cannot be read: {refusal.sentence}",
        weight="note",
        settle=(
            Settle(
                act="document",
                subject=document.id,
                detail="Add the table again, with the columns metal, unit, price and year.",
            ),
        ),
    )
