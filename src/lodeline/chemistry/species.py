"""What a grade is a grade of: the element, one of its oxides or one of its sulfides, as types that do not mix.

EPCIS names a substance by a URI of its InChIKey. Every key here was computed from the InChI beside it in the tables,
and a test computes it again by InChIKey's published algorithm. Where no InChI is undisputed (mixed valence such as
Pr6O11, minerals such as CuFeS2), the substance gets a URI of our own vocabulary; a key is never made up.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType

import msgspec

from lodeline.chemistry.elements import element, elements
from lodeline.chemistry.formula import compound_per_element, element_per_compound
from lodeline.errors import InputError

INCHIKEY = "https://identifiers.org/inchikey:"
"""How EPCIS 2.0 writes a chemical substance: this, and the InChIKey."""

SUBSTANCE = "https://lodeline.org/epcis/1/substance/"
"""Our own name for a substance without an undisputed InChI: this, and its formula."""

WATER_URI = INCHIKEY + "XLYOFNOQVPJJNP-UHFFFAOYSA-N"
"""Water: an assay of it is a moisture."""


class AsElement(msgspec.Struct, frozen=True, dict=True):
    """A grade counted as the element itself.

    Attributes:
        symbol: ``Sb``.
    """

    symbol: str

    def __post_init__(self) -> None:
        element(self.symbol)

    @property
    def formula(self) -> str:
        """What is weighed: the element."""
        return self.symbol

    @property
    def element_factor(self) -> Decimal:
        """Mass of the element per mass of what the grade counts: one."""
        return Decimal(1)


class _Compound(msgspec.Struct, frozen=True, dict=True):
    formula: str
    symbol: str

    def __post_init__(self) -> None:
        compound_per_element(self.formula, self.symbol)

    @cached_property
    def element_factor(self) -> Decimal:
        """Mass of the element per mass of the compound, kg/kg."""
        return element_per_compound(self.formula, self.symbol)


class AsOxide(_Compound, frozen=True, dict=True):
    """A grade counted as an oxide of the element.

    Attributes:
        formula: ``Pr6O11``.
        symbol: The element it is reported for, ``Pr``.
    """


class AsSulfide(_Compound, frozen=True, dict=True):
    """A grade counted as a sulfide of the element.

    Attributes:
        formula: ``Sb2S3``.
        symbol: The element it is reported for, ``Sb``.
    """


Species = AsElement | AsOxide | AsSulfide
"""Closed: a grade is of one of these, and only :attr:`element_factor` leads from one to another."""


def substance_uri(species: Species) -> str:
    """The URI under which EPCIS carries this substance."""
    return _uris()[species.formula] if species.formula in _uris() else SUBSTANCE + species.formula


def species_of(uri: str) -> Species | None:
    """The substance that a URI names, or None if no table here knows it."""
    return _species().get(uri)


def species(name: str) -> Species:
    """The substance by its symbol or formula: ``Sb``, ``Sb2O3``, ``Sb2S3``.

    Raises:
        InputError: ``chemistry.substance_unknown``.
    """
    known = _by_formula().get(name)
    if known is None:
        raise InputError(
            "chemistry.substance_unknown",
            f"{name} is not in the table of substances in which grades are reported; "
            "write an element (Sb) or a listed compound (Sb2O3, Sb2S3, Pr6O11 …).",
            substance=name,
        )
    return known


@cache
def _compounds() -> tuple[Mapping[str, str], ...]:
    text = (resources.files("lodeline.chemistry") / "tables" / "compounds.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _by_formula() -> Mapping[str, Species]:
    known: dict[str, Species] = {symbol: AsElement(symbol) for symbol in elements()}
    for row in _compounds():
        form = AsOxide if row["form"] == "oxide" else AsSulfide
        known[row["formula"]] = form(row["formula"], row["element"])
    return MappingProxyType(known)


@cache
def _uris() -> Mapping[str, str]:
    uris = {symbol: INCHIKEY + known.inchikey for symbol, known in elements().items()}
    for row in _compounds():
        uris[row["formula"]] = INCHIKEY + row["inchikey"] if row["inchikey"] else SUBSTANCE + row["formula"]
    return MappingProxyType(uris)


@cache
def _species() -> Mapping[str, Species]:
    found = {uri: _by_formula()[formula] for formula, uri in _uris().items()}
    # The same oxide drawn as ions has another key; laboratories use either, so both are read.
    for row in _compounds():
        if row["ionic_inchikey"]:
            found[INCHIKEY + row["ionic_inchikey"]] = _by_formula()[row["formula"]]
    # Our own URI is understood for every listed substance, also where an InChIKey is what we write.
    found.update({SUBSTANCE + formula: known for formula, known in _by_formula().items()})
    return MappingProxyType(found)
