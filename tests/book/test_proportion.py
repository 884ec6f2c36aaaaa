"""Controlled blending asks for a known proportion: by masses where all goes on together, else by how a place mixes."""

from __future__ import annotations

from pathlib import Path

from tests.book.small_origin import BLENDED, HALVED, PRODUCT, A, founded

MINE_MIXES = b'[mixing]\n"urn:example:mine" = "mixed"\n'
ANOTHER_MIXES = b'[mixing]\n"urn:example:yard" = "mixed"\n'


def model(path: Path, events: object, lot: str, policy: bytes | None = None) -> str | None:
    """The model that the record bears out for what is claimed Pakistani."""
    with founded(path, events, policy=policy) as book:  # type: ignore[arg-type]
        (claim,) = book.origin(lot, "Sb", claims=["PK>=0.1"]).claims
    return claim.custody


def test_all_that_met_in_one_product_is_in_the_proportion_of_its_masses(tmp_path: Path):
    """3 kg from Pakistan and 2 of nobody knows where are all in it."""
    assert model(tmp_path / "one.db", BLENDED, PRODUCT) == "controlled blending"


def test_of_what_was_parted_again_nobody_knows_the_proportion(tmp_path: Path):
    """The same 5 kg became two lots: either may hold 0.5 to 2.5 kg of the 3."""
    assert model(tmp_path / "two.db", HALVED, A) is None


def test_how_the_place_mixes_makes_it_known_and_how_another_does_does_not(tmp_path: Path):
    assert model(tmp_path / "said.db", HALVED, A, MINE_MIXES) == "controlled blending"
    assert model(tmp_path / "elsewhere.db", HALVED, A, ANOTHER_MIXES) is None
