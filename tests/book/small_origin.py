"""Small books whose metal is from two places, by hand: 3 kg from Pakistan and 2 kg of other metal become lots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lodeline.book import Book, create
from lodeline.record import metal
from lodeline.record.metal import Act, Event
from tests.book.test_reconciling import capture
from tests.metal.small_book import LOT, MINE, NOBODY, kg, mined, net, on, percent, weighed

OTHER, PRODUCT = "urn:example:lot:2", "urn:example:lot:product"
A, B = "urn:example:lot:a", "urn:example:lot:b"
JOPLIN = "urn:example:scrap:joplin"

PAKISTAN = (
    mined(),
    weighed(2, net("6", "0.003")),
    metal.assay(on(3), LOT, [percent("50", u="0.05")], NOBODY),
)
SCRAP = (metal.lot_collected(on(1), [kg(None, OTHER)], basis=None, country="US", scrap_source=JOPLIN),)
OTHERS = (
    weighed(2, net("4", "0.002"), lot=OTHER),
    metal.assay(on(3), OTHER, [percent("50", u="0.05")], NOBODY),
)


def made_into(*outputs: str, day: int = 5) -> Event:
    """Both lots become others."""
    return metal.transformation(
        Act(at=on(day).at, place=MINE),
        process="smelt",
        inputs=[kg(None), kg(None, OTHER)],
        outputs=[kg(None, one) for one in outputs],
        basis=None,
    )


def found(lot: str, weight: str, percentage: str = "50", day: int = 6) -> tuple[Event, ...]:
    """A lot is weighed and assayed."""
    return (
        weighed(day, net(weight, "0.002"), lot=lot),
        metal.assay(on(day + 1), lot, [percent(percentage, u="0.05")], NOBODY),
    )


BLENDED = (*PAKISTAN, *OTHERS, made_into(PRODUCT), *found(PRODUCT, "10"))
"""Of the second lot nobody says where it is from."""
HALVED = (*PAKISTAN, *SCRAP, *OTHERS, made_into(A, B), *found(A, "5"), *found(B, "5"))
"""The second lot is scrap from the United States, and two equal lots are made."""


def founded(path: Path, events: Sequence[Event], *, policy: bytes | None = None, master: bytes | None = None) -> Book:
    """A book of these events."""
    book = create(path, title="Two origins", by="clerk")
    if master is not None:
        book.register(master, by="clerk")
    if policy is not None:
        book.set_policy(policy, by="clerk")
    capture(book, *events)
    return book
