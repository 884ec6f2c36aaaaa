"""The origin of a declared group is that of its members, each by itself, together."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeline.book import Book
from lodeline.errors import InputError
from lodeline.record import metal
from lodeline.record.metal import Event
from tests.book.small_origin import JOPLIN, OTHER, A, B, founded, made_into
from tests.book.test_kept_bounds import PILE, at_the_pile
from tests.metal.small_book import LOT, NOBODY, kg, mined, net, on, percent, weighed

GROUPS = b'[groups]\nNdPr = ["Nd", "Pr"]\noxides = ["Nd2O3", "Pr6O11"]\ntwice = ["Nd", "Nd2O3"]\n'


def assayed(day: int, lot: str, nd: str, pr: str) -> Event:
    """Both elements, in percent."""
    return metal.assay(on(day), lot, [percent(nd, u="0.01", of="Nd"), percent(pr, u="0.01", of="Pr")], NOBODY)


PRODUCTS = (
    mined(),
    weighed(2, net("5", "0.001")),
    assayed(3, LOT, "40", "20"),
    metal.lot_collected(on(1), [kg(None, OTHER)], basis=None, country="US", scrap_source=JOPLIN),
    weighed(2, net("5", "0.001"), lot=OTHER),
    assayed(3, OTHER, "40", "1"),
    made_into(A, B),
    weighed(6, net("5", "0.001"), lot=A),
    assayed(7, A, "40", "0.5"),
    weighed(6, net("5", "0.001"), lot=B),
    assayed(7, B, "40", "20.5"),
)
"""2 kg of Nd and 1 of Pr from Pakistan, 2 and 0.05 from scrap; of it a lot of 2 and 0.025 and one of 2 and 1.025."""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return founded(tmp_path / "book.db", PRODUCTS, policy=GROUPS)


def test_shares_of_a_group_are_those_of_its_members_by_mass(book: Book):
    """By hand: of 2 kg of Nd half is Pakistani, of 1.025 of Pr 1 / 1.05: (1 + 0.976) / 3.025."""
    found = book.origin(B, "NdPr")

    (share,) = (part.share for part in found.parts if part.name == "PK")
    assert found.kg == pytest.approx(3.025, rel=1e-3)
    assert share == pytest.approx((1 + 1.025 / 1.05) / 3.025, rel=1e-3)
    assert sum(part.share for part in found.parts) == pytest.approx(1)


def test_bounds_of_a_group_are_the_sums_of_its_members_bounds(book: Book):
    """By hand: of Nd in B 0 to 2 kg are Pakistani, of Pr 0.975 to 1: the scrap has only 0.05."""
    found = book.origin(B, "NdPr", bounds=True)

    (limits,) = (part.limits for part in found.parts if part.name == "PK")
    assert limits is not None
    assert (limits.least, limits.most) == (pytest.approx(0.975, abs=2e-3), pytest.approx(3.0, abs=2e-3))


def test_the_whole_of_a_group_is_what_its_elements_are(book: Book):
    """What both answers say of each element by itself adds up, and no uncertainty is less than that of either."""
    whole, each = book.origin(B, "NdPr", bounds=True), [book.origin(B, one, bounds=True) for one in ("Nd", "Pr")]

    assert whole.kg == pytest.approx(sum(one.kg for one in each), rel=1e-6)
    assert whole.kg_u is not None
    assert all(one.kg_u is not None and whole.kg_u >= one.kg_u for one in each)


def test_a_group_of_oxides_counts_oxides(book: Book):
    """2 kg of Nd are 2.3327 of Nd2O3, by atomic weights; 1.025 of Pr are 1.2384 of Pr6O11."""
    assert book.origin(B, "oxides").kg == pytest.approx(2 * 1.16638 + 1.025 * 1.20816, rel=1e-3)


def test_a_claim_of_a_group_is_decided_by_the_sums(book: Book):
    """Of 3.025 kg at least 0.975 and at most 3.0 are Pakistani: 30 % is proved, 99.9 % contradicted, 80 % neither."""
    found = book.origin(B, "NdPr", claims=["PK>=0.3", "PK>=0.999", "PK>=0.8"])

    assert [one.certainty for one in found.claims] == ["proved", "contradicted", "undecided"]
    assert found.claims[0].claimed_kg == pytest.approx(0.3 * 3.025, rel=1e-3)


def test_a_claim_of_all_of_a_group_is_not_lost_to_rounding(book: Book):
    """All of the ore is Pakistani, however its oxides are counted: 2.3327 kg and a bit are no whole milligrams."""
    for group in ("NdPr", "oxides"):
        for claim in ("PK>=1", "mined<=1", "PK>=0.99999"):
            (found,) = book.origin(LOT, group, claims=[claim]).claims
            assert found.certainty == "proved", (group, claim)
            assert found.custody == "segregated"


def test_an_origin_that_one_member_alone_is_known_to_have_can_be_claimed_of_the_group(tmp_path: Path):
    """Scrap of Joplin holds neodymium alone: of 3 kg of both 2 are of it at most."""
    events = (
        *(mined(), weighed(2, net("5", "0.001")), assayed(3, LOT, "40", "20")),
        metal.lot_collected(on(1), [kg(None, OTHER)], basis=None, country="US", scrap_source=JOPLIN),
        weighed(2, net("5", "0.001"), lot=OTHER),
        metal.assay(on(3), OTHER, [percent("40", u="0.01", of="Nd")], NOBODY),
        made_into(A, B),
        *(event for one in (A, B) for event in (weighed(6, net("5", "0.001"), lot=one), assayed(7, one, "40", "10"))),
    )
    with founded(tmp_path / "nd.db", events, policy=GROUPS) as book:
        proved, never = book.origin(A, "NdPr", claims=[f"{JOPLIN}<=0.9", f"{JOPLIN}>=0.9"], recorded=True).claims

    assert (proved.certainty, never.certainty) == ("proved", "contradicted")
    assert proved.limits.most == pytest.approx(2, rel=1e-3)


def test_members_of_two_deposits_are_not_identity_preserved(tmp_path: Path):
    """Neodymium of one mine and praseodymium of another, each by itself of one deposit: the group is segregated."""
    one, other = (
        metal.lot_mined(on(1), [kg(None, lot)], basis=None, country="PK", deposit=f"urn:example:deposit:{lot[-1]}")
        for lot in (LOT, OTHER)
    )
    events = (
        *(one, weighed(2, net("5", "0.001"))),
        metal.assay(on(3), LOT, [percent("40", u="0.01", of="Nd"), percent("0", u="0.01", of="Pr")], NOBODY),
        *(other, weighed(2, net("5", "0.001"), lot=OTHER)),
        metal.assay(on(3), OTHER, [percent("0", u="0.01", of="Nd"), percent("20", u="0.01", of="Pr")], NOBODY),
        made_into(A, B),
        *(event for one in (A, B) for event in (weighed(6, net("5", "0.001"), lot=one), assayed(7, one, "20", "10"))),
    )
    with founded(tmp_path / "two.db", events, policy=GROUPS) as book:
        (claim,) = book.origin(A, "NdPr", claims=["PK>=0.9"], recorded=True).claims
        each = [book.origin(A, one, claims=["PK>=0.9"], recorded=True).claims[0].custody for one in ("Nd", "Pr")]

    assert each == ["identity preserved"] * 2
    assert claim.custody == "segregated"


def test_a_group_in_a_store_that_keeps_an_order_has_kept_bounds(tmp_path: Path):
    """Each lot laid down and the first drawn again: all of it is the first, and a claim says by what."""
    pile = b'[mixing]\n"urn:example:pile" = "fifo"\n' + GROUPS
    events = (
        *PRODUCTS[:6],
        *(at_the_pile(5, [LOT], []), at_the_pile(6, [OTHER], [])),
        *(at_the_pile(8, [], [A]), weighed(8, net("5", "0.001"), lot=A, place=PILE), assayed(9, A, "40", "20")),
        *(at_the_pile(10, [], [B]), weighed(10, net("5", "0.001"), lot=B, place=PILE), assayed(11, B, "40", "1")),
    )
    with founded(tmp_path / "pile.db", events, policy=pile) as book:
        found = book.origin(A, "NdPr", bounds=True, claims=["PK>=0.9"], recorded=True)
    (part,) = (one for one in found.parts if one.name == "PK")

    assert part.kept is not None
    assert part.limits is not None
    assert part.limits.least < 1
    assert (part.kept.least, part.kept.most) == (pytest.approx(3), pytest.approx(3))
    assert "stores that keep an order kept to it" in found.claims[0].supported_by


def test_what_cannot_be_asked_of_a_group_is_refused(book: Book):
    with pytest.raises(InputError, match="share") as claim:
        book.origin(B, "NdPr", claims=["PK>=1kg"])
    with pytest.raises(InputError, match="twice") as twice:
        book.origin(B, "twice")
    with pytest.raises(InputError, match="one element") as certificate:
        book.origin_with_certificate(B, "NdPr", claims=["PK>=0.3"])
    with pytest.raises(InputError) as unknown:
        book.origin(B, "NoGroup")

    assert [one.value.code for one in (claim, twice, certificate, unknown)] == [
        "origin.group_claim", "origin.group_twice", "origin.group_certificate", "chemistry.element_unknown",
    ]  # fmt: skip
