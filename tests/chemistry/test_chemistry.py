"""Weights, factors and names agree with three outside routes: the cases, periodictable, InChIKey's algorithm."""

import hashlib
import json
import string
from decimal import Decimal

import pytest

from lodeline.chemistry.elements import element, elements
from lodeline.chemistry.formula import atoms, compound_per_element, element_per_compound, molar_mass
from lodeline.chemistry.grade import Grade, as_element
from lodeline.chemistry.species import (
    SUBSTANCE,
    WATER_URI,
    AsElement,
    AsOxide,
    AsSulfide,
    _compounds,
    species,
    species_of,
    substance_uri,
)
from lodeline.errors import InputError
from tests.outside import CASES, needs_cases


@needs_cases
def test_compound_factors_agree_with_the_outside_case_to_one_in_ten_thousand() -> None:
    case = json.loads((CASES / "reconcile" / "chem-compound-to-element-factors.json").read_text())
    assert len(case["factors"]) == 25

    for formula, row in case["factors"].items():
        ours = float(compound_per_element(formula, row["element"]))
        for library in ("oxide_per_element_periodictable", "chempy"):
            assert ours == pytest.approx(row[library], abs=1e-4), formula
        # molmass takes another weight of sulfur, which moves chalcopyrite by 5e-5 of itself.
        assert ours == pytest.approx(row["molmass"], rel=1e-4), formula


def test_the_table_of_weights_is_the_one_it_says_it_is() -> None:
    periodictable = pytest.importorskip("periodictable")
    for symbol, ours in elements().items():
        theirs = getattr(periodictable, symbol)
        assert (ours.number, float(ours.weight)) == (theirs.number, theirs.mass)
        assert ours.name == theirs.name


def test_a_factor_worked_by_hand() -> None:
    """Sb2O3: (2 x 121.76 + 3 x 15.999) / (2 x 121.76) = 291.517 / 243.52."""
    assert compound_per_element("Sb2O3", "Sb") == pytest.approx(Decimal("291.517") / Decimal("243.52"))
    assert element_per_compound("Sb2O3", "Sb") == Decimal("243.52") / Decimal("291.517")
    assert float(compound_per_element("Pr6O11", "Pr") / compound_per_element("Pr2O3", "Pr")) == pytest.approx(
        1.032, abs=5e-4
    )


def test_formulas_with_brackets() -> None:
    assert atoms("Cu(OH)2") == {"Cu": 1, "O": 2, "H": 2}
    assert atoms("Ca3(P(OH)2)2") == {"Ca": 3, "P": 2, "O": 4, "H": 4}
    assert molar_mass("H2O") == Decimal("18.015")


@pytest.mark.parametrize("formula", ["", "sb", "Sb2S3)", "(Sb2S3", "Sb-3", "Sb 2", "12"])
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(InputError) as refusal:
        atoms(formula)
    assert refusal.value.code == "chemistry.formula"


def test_an_unknown_element_is_refused() -> None:
    for ask in (lambda: element("Xx"), lambda: atoms("Xx2O3"), lambda: AsElement("antimony")):
        with pytest.raises(InputError) as refusal:
            ask()
        assert refusal.value.code == "chemistry.element_unknown"


def test_an_element_that_is_not_in_the_compound_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        element_per_compound("Sb2O3", "Cu")
    assert refusal.value.code == "chemistry.element_not_in_compound"


def test_element_oxide_and_sulfide_are_different_types() -> None:
    assert species("Sb") == AsElement("Sb")
    assert species("Sb2O3") == AsOxide("Sb2O3", "Sb")
    assert species("Sb2S3") == AsSulfide("Sb2S3", "Sb")
    assert species("Sb2O3") != species("Sb2S3")
    with pytest.raises(InputError) as refusal:
        species("Sb17O4")
    assert refusal.value.code == "chemistry.substance_unknown"


def test_a_grade_becomes_the_element_by_its_factor() -> None:
    grade = as_element(Grade(AsSulfide("Sb2S3", "Sb"), Decimal("0.9")))

    assert grade.species == AsElement("Sb")
    assert float(grade.fraction) == pytest.approx(0.9 / 1.394957, abs=1e-5)
    assert as_element(Grade(AsElement("Cu"), Decimal("0.25"))).fraction == Decimal("0.25")


@pytest.mark.parametrize("fraction", ["-0.1", "1.01"])
def test_a_grade_out_of_range_is_refused(fraction: str) -> None:
    with pytest.raises(InputError) as refusal:
        Grade(AsElement("Sb"), Decimal(fraction))
    assert refusal.value.code == "chemistry.grade_range"


def test_every_substance_is_found_again_by_its_uri() -> None:
    for name in [*elements(), *(row["formula"] for row in _compounds())]:
        known = species(name)
        assert species_of(substance_uri(known)) == known
        assert species_of(SUBSTANCE + name) == known
    assert species_of("https://identifiers.org/inchikey:AAAAAAAAAAAAAA-UHFFFAOYSA-N") is None
    assert species_of(WATER_URI) is None


def test_every_inchikey_is_the_hash_of_its_inchi() -> None:
    """The key is computed again from the InChI by the published algorithm; water and aspirin check the algorithm."""
    assert inchikey("InChI=1S/H2O/h1H2") == "XLYOFNOQVPJJNP-UHFFFAOYSA-N" == WATER_URI.rpartition(":")[2]
    aspirin = "InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3,(H,11,12)"
    assert inchikey(aspirin) == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"

    named = [(known.inchi, known.inchikey) for known in elements().values()]
    for row in _compounds():
        named += [(row["inchi"], row["inchikey"]), (row["ionic_inchi"], row["ionic_inchikey"])]
    checked = [pair for pair in named if pair[1]]
    assert len(checked) > 130
    for inchi, key in checked:
        assert inchikey(inchi) == key
    assert all(bool(inchi) == bool(key) for inchi, key in named)
    keys = [key for _, key in checked]
    assert len(set(keys)) == len(keys)


def inchikey(inchi: str) -> str:
    """Base 26 of SHA-256 of the connection layers, and of the rest. Source: InChI technical manual (IUPAC)."""
    letters = string.ascii_uppercase
    doublets = [a + b for a in letters for b in letters]
    triplets = [a + pair for a in letters if a != "E" for pair in doublets]
    triplets = [text for text in triplets if not "TAA" <= text <= "TTV"]

    def base26(text: str, count: int) -> str:
        number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "little")
        words = [triplets[(number >> 14 * i) & 0x3FFF] for i in range(count)]
        return "".join(words) + doublets[(number >> 14 * count) & 0x1FF]

    formula, *layers = inchi.split("/")[1:]
    major = "/".join([formula, *(layer for layer in layers if layer[0] in "chq")])
    minor = "".join("/" + layer for layer in layers if layer[0] not in "chq")
    return f"{base26(major, 4)}-{base26(minor, 2)}SA-N"
