"""Bounds where it is known how stores were kept: narrower than without, and a claim says that it supposes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeline.book import Book
from lodeline.record import metal
from lodeline.record.metal import Event
from tests.book.small_origin import LOT, OTHER, OTHERS, PAKISTAN, SCRAP, A, B, founded
from tests.metal.reconciliation.small_reconciled import PARTS, split
from tests.metal.small_book import NOBODY, kg, net, on, percent, weighed

PILE = "urn:example:pile"
KEPT = b'[mixing]\n"urn:example:pile" = "fifo"\n'


def at_the_pile(day: int, inputs: list[str], outputs: list[str]) -> Event:
    """Lots are laid down, or reclaimed."""
    return metal.transformation(
        on(day, PILE),
        process="store",
        inputs=[kg(None, lot) for lot in inputs],
        outputs=[kg(None, lot) for lot in outputs],
        basis=None,
        transformation_id="urn:example:pile:1",
    )


def drawn(day: int, lot: str, weight: str) -> tuple[Event, ...]:
    """A lot is reclaimed, weighed and assayed."""
    return (
        at_the_pile(day, [], [lot]),
        weighed(day, net(weight, "0.001"), lot=lot, place=PILE),
        metal.assay(on(day + 1, PILE), lot, [percent("50", u="0.01")], NOBODY),
    )


FIRST_IN = (
    *PAKISTAN,
    *SCRAP,
    *OTHERS,
    at_the_pile(5, [LOT], []),
    at_the_pile(6, [OTHER], []),
    *drawn(8, A, "5"),
    *drawn(10, B, "5"),
)
"""3 kg of antimony from Pakistan are laid down, then 2 of scrap; 2.5 are drawn, and then the rest."""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return founded(tmp_path / "book.db", FIRST_IN, policy=KEPT)


def limits(book: Book, lot: str, mixing: str | None = None) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """Of Pakistan in a lot, kg: whatever the mixing was, and as the store is kept."""
    found = book.origin(lot, "Sb", bounds=True, mixing=mixing)
    (part,) = (one for one in found.parts if one.name == "PK")
    assert part.limits is not None
    kept = None if part.kept is None else (round(part.kept.least, 2), round(part.kept.most, 2))
    return (round(part.limits.least, 2), round(part.limits.most, 2)), kept


def test_what_was_laid_down_first_is_drawn_first(book: Book):
    """By hand: of 2.5 kg 0.5 to 2.5 are Pakistani whatever the mixing; of a queue all of the first, and 0.5 then."""
    assert limits(book, A) == ((0.5, 2.5), (2.5, 2.5))
    assert limits(book, B) == ((0.5, 2.5), (0.5, 0.5))


def test_a_pile_that_is_drawn_from_the_top_gives_the_scrap_first(book: Book):
    """By hand: 2 of scrap and 0.5 of Pakistan, then the rest of Pakistan."""
    assert limits(book, A, "lifo")[1] == (0.5, 0.5)
    assert limits(book, B, "lifo")[1] == (2.5, 2.5)


def test_where_no_store_keeps_an_order_there_is_no_narrower_bound(book: Book, tmp_path: Path):
    with founded(tmp_path / "mixed.db", FIRST_IN) as mixed:
        assert limits(mixed, A)[1] is None
    assert limits(book, A, "perfect")[1] is None
    found = book.origin(A, "Sb")
    assert all(part.kept is None for part in found.parts)


def test_kept_bounds_are_uncertain_as_the_masses_of_their_cuts_are(book: Book):
    """All of A is Pakistani: what is uncertain of that is how much A holds."""
    found = book.origin(A, "Sb", bounds=True)
    (part,) = (one for one in found.parts if one.name == "PK")

    assert part.kept is not None
    assert part.kept.most_u == pytest.approx(found.kg_u, rel=1e-6)


def test_a_claim_that_only_the_order_bears_out_is_supported_and_says_so(book: Book):
    """That all of A is Pakistani cannot be proved, for the pile may have been mixed; as a queue it is so."""
    (claim,) = book.origin(A, "Sb", claims=["PK>=0.9"]).claims
    (other,) = book.origin(B, "Sb", claims=["PK>=0.9"]).claims

    assert claim.certainty == "supported"
    assert "stores that keep an order kept to it" in claim.supported_by
    assert other.certainty == "undecided"
    assert "stores that keep an order kept to it" in other.contradicted_by


def test_of_what_was_laid_down_at_once_nobody_knows_which_is_first(tmp_path: Path):
    """Both lots in one event, then 2.5 kg are drawn: 0.5 to 2.5 of Pakistan, whichever rule; a claim is not supported
    by the order."""
    at_once = (*PAKISTAN, *SCRAP, *OTHERS, at_the_pile(5, [LOT, OTHER], []), *drawn(8, A, "5"), *drawn(10, B, "5"))
    with founded(tmp_path / "once.db", at_once, policy=KEPT) as once:
        assert limits(once, A) == ((0.5, 2.5), (0.5, 2.5))
        (claim,) = once.origin(A, "Sb", claims=["PK>=0.9"]).claims
    assert not any(one.startswith("stores") for one in (*claim.supported_by, *claim.contradicted_by))


def test_a_store_that_keeps_lots_apart_says_nothing_of_a_draw_that_names_none_of_them(tmp_path: Path):
    """The draws are called as their own lots: that the first was the oldest would be supposed, and nobody said so."""
    with founded(tmp_path / "apart.db", FIRST_IN, policy=b'[mixing]\n"urn:example:pile" = "apart"\n') as apart:
        assert limits(apart, A) == ((0.5, 2.5), (0.5, 2.5))


def test_an_order_that_rests_on_the_assay_of_another_lot_says_so(tmp_path: Path):
    """Half of the Pakistani lot is laid down first, weighed and not assayed: 1.5 kg by the whole lot's assay."""
    parted = (
        *(*PAKISTAN, *SCRAP, *OTHERS, split(4, lot=LOT)),
        *(weighed(4, net("3", "0.001"), lot=one) for one in PARTS),
        *(at_the_pile(5, [PARTS[0]], []), at_the_pile(6, [OTHER], [])),
        *(*drawn(8, A, "4"), *drawn(10, B, "3")),
    )
    with founded(tmp_path / "parted.db", parted, policy=KEPT) as book:
        (claim,) = book.origin(A, "Sb", claims=["PK>=0.7"], recorded=True).claims
        (part,) = (one for one in book.origin(A, "Sb", bounds=True, recorded=True).parts if one.name == "PK")

    assert part.kept is not None
    assert (part.kept.least, part.kept.most) == (pytest.approx(1.5), pytest.approx(1.5))
    assert claim.supported_by[0] == "stores that keep an order kept to it, and homogeneous lots"
