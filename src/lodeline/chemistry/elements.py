"""The elements with their standard atomic weights, from one table of one edition."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec

from lodeline.errors import InputError

EDITION = (
    "IUPAC CIAAW, standard atomic weights 2021, abridged or conventional values, as tabulated in periodictable 2.1.0"
)
"""Which weights these are. A conversion is only comparable with another of the same edition."""


class Element(msgspec.Struct, frozen=True):
    """One chemical element.

    Attributes:
        number: Atomic number.
        symbol: ``Sb``.
        name: ``antimony``.
        weight: Standard atomic weight, g/mol.
        weight_u: Its stated uncertainty, g/mol; for elements whose weight varies in nature half the interval, and so
            an upper limit rather than a standard uncertainty.
        inchi: InChI of the single atom.
        inchikey: Its key, by which EPCIS names the substance.
    """

    number: int
    symbol: str
    name: str
    weight: Decimal
    weight_u: Decimal
    inchi: str
    inchikey: str


@cache
def elements() -> Mapping[str, Element]:
    """All elements of the table, by symbol."""
    text = (resources.files("lodeline.chemistry") / "tables" / "elements.csv").read_text("utf-8")
    return MappingProxyType(
        {
            row["symbol"]: Element(
                number=int(row["number"]),
                symbol=row["symbol"],
                name=row["name"],
                weight=Decimal(row["weight"]),
                weight_u=Decimal(row["weight_u"]),
                inchi=row["inchi"],
                inchikey=row["inchikey"],
            )
            for row in csv.DictReader(text.splitlines())
        }
    )


def element(symbol: str) -> Element:
    """The element with this symbol.

    Raises:
        InputError: ``chemistry.element_unknown``.
    """
    known = elements().get(symbol)
    if known is None:
        raise InputError(
            "chemistry.element_unknown",
            f"{symbol} is no element of the table of atomic weights; write a symbol such as Sb, Cu or Nd.",
            symbol=symbol,
        )
    return known
