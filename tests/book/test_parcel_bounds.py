"""Bounds that suppose homogeneous parcels: much narrower, supported by the assumption and never proved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lodeline.book import Book
from lodeline.book import parcel_bounds as module
from lodeline.errors import InputError
from lodeline.record import metal
from tests.book.small_origin import OTHER, founded
from tests.metal.reconciliation.small_reconciled import PARTS, split
from tests.metal.small_book import LOT, NOBODY, kg, mined, net, on, percent, received, shipped, weighed

HEAP = "urn:example:lot:heap"


def assayed(day: int, lot: str, percentage: str) -> metal.Event:
    """An assay for antimony."""
    return metal.assay(on(day), lot, [percent(percentage, u="0.01")], NOBODY)


ORES = (
    mined(),
    weighed(2, net("10", "0.001")),
    assayed(3, LOT, "10"),
    metal.lot_mined(on(1), [kg(None, OTHER)], basis=None, country="CN", deposit=None),
    weighed(2, net("10", "0.001"), lot=OTHER),
    assayed(3, OTHER, "50"),
    metal.transformation(
        on(4), process="blend", inputs=[kg(None), kg(None, OTHER)], outputs=[kg(None, HEAP)], basis=None
    ),
    weighed(5, net("20", "0.001"), lot=HEAP),
    split(6, lot=HEAP),
    weighed(7, net("10", "0.001"), lot=PARTS[0]),
    weighed(7, net("10", "0.001"), lot=PARTS[1]),
)
PARTED = (*ORES, assayed(8, PARTS[0], "40"), assayed(8, PARTS[1], "20"))
"""10 kg at 10 % from Pakistan and 10 at 50 % from China; a part at 40 %, and the rest: the heap was not even."""

SENT = (shipped(9, "4", lot=PARTS[0]), received(11, "4", lot=PARTS[0]))
"""4 of the 10 kg are held elsewhere."""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return founded(tmp_path / "book.db", PARTED)


def test_a_part_that_is_rich_cannot_hold_much_of_the_poor_ore(book: Book):
    """By hand: x + y = 10 and 0.1 x + 0.5 y = 4, so x is 2.5 kg of the Pakistani ore, with 0.25 of the 4 kg."""
    found = book.origin(PARTS[0], "Sb", homogeneous=0.0, recorded=True)
    (part,) = (one for one in found.parts if one.name == "PK")

    assert part.limits is not None
    assert part.alike is not None
    assert (part.limits.least, part.limits.most) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    assert (part.alike.least, part.alike.most) == (pytest.approx(0.25, abs=1e-4), pytest.approx(0.25, abs=1e-4))


def test_less_homogeneous_parcels_say_less(book: Book):
    widths = []
    for within in (0.0, 0.05, 0.3):
        (part,) = (
            one for one in book.origin(PARTS[0], "Sb", homogeneous=within, recorded=True).parts if one.name == "PK"
        )
        assert part.alike is not None
        widths.append(part.alike.most - part.alike.least)

    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_a_claim_that_only_homogeneous_parcels_bear_out_is_supported_by_them(book: Book):
    """At most 10 % Pakistani: by masses alone it may be a quarter."""
    (plain,) = book.origin(PARTS[0], "Sb", claims=["PK<=0.1"], recorded=True).claims
    (claim,) = book.origin(PARTS[0], "Sb", claims=["PK<=0.1"], homogeneous=0.02, recorded=True).claims

    said = "parcels homogeneous within 2 % in Sb"
    assert said not in plain.supported_by
    assert said in claim.supported_by
    assert claim.certainty != "proved"


def test_parcels_that_cannot_be_so_homogeneous_are_refused(tmp_path: Path):
    """A part at 55 % is richer than either ore: no way fits, until parcels may vary by as much."""
    with founded(tmp_path / "rich.db", (*ORES, assayed(8, PARTS[0], "55"), assayed(8, PARTS[1], "5"))) as rich:
        with pytest.raises(InputError) as refusal:
            rich.origin(PARTS[0], "Sb", homogeneous=0.01, recorded=True)
        assert refusal.value.code == "origin.parcels_none"
        assert rich.origin(PARTS[0], "Sb", homogeneous=0.95, recorded=True).parts


def test_masses_may_be_off_by_their_uncertainty_and_parcels_say_a_little_less(tmp_path: Path):
    """Reconciled, both parts have the heap's 30 %, a quarter of it Pakistani; known to grams, so is the bound."""
    with founded(tmp_path / "policy.db", PARTED, policy=b"[detection]\nfalse_alarms = 0.01\n") as allowed:
        found = allowed.origin(PARTS[0], "Sb", homogeneous=0.0)
    (part,) = (one for one in found.parts if one.name == "PK")

    assert part.alike is not None
    assert part.alike.least < 0.5 < part.alike.most
    assert part.alike.most - part.alike.least < 0.02


def test_a_parcel_that_was_read_wrongly_keeps_the_composition_that_it_may_have(tmp_path: Path):
    """Ores of 10 and 50 % are read as 12 and 48 +/- 1, which no balance tells: of 4 kg 0.25 are of the poor one."""
    read = (
        *(mined(), weighed(2, net("10", "0.001"))),
        metal.assay(on(3), LOT, [percent("12", u="1")], NOBODY),
        metal.lot_mined(on(1), [kg(None, OTHER)], basis=None, country="CN", deposit=None),
        weighed(2, net("10", "0.001"), lot=OTHER),
        metal.assay(on(3), OTHER, [percent("48", u="1")], NOBODY),
        metal.transformation(
            on(4), process="blend", inputs=[kg(None), kg(None, OTHER)],
            outputs=[kg(None, one) for one in PARTS], basis=None,
        ),
        *(weighed(7, net("10", "0.001"), lot=one) for one in PARTS),
        *(assayed(8, one, grade) for one, grade in zip(PARTS, ("40", "20"), strict=True)),
    )  # fmt: skip
    with founded(tmp_path / "read.db", read, policy=b"[detection]\nfalse_alarms = 0.01\n") as book:
        (part,) = (one for one in book.origin(PARTS[0], "Sb", homogeneous=0.0).parts if one.name == "PK")

    assert part.alike is not None
    assert part.limits is not None
    assert part.limits.least < part.alike.least < 0.25 < part.alike.most < part.limits.most


def measured(rng: np.random.Generator, day: int, lot: str, mass: float, grade: float, u: float) -> list[metal.Event]:
    """A weighing to 0.2 % and an assay to a part u, off as much as they say."""
    read, found = mass * (1 + 0.002 * rng.standard_normal()), 100 * grade * (1 + u * rng.standard_normal())
    return [
        weighed(day, net(f"{read:.6f}", f"{0.002 * mass:.6f}"), lot=lot),
        metal.assay(on(day + 1), lot, [percent(f"{found:.6f}", u=f"{100 * u * grade:.6f}")], NOBODY),
    ]


def test_what_truly_was_in_the_parts_of_homogeneous_parcels_is_inside_whatever_was_misread(tmp_path: Path):
    """Two ores, read to 5 % at the mine, are parted in layers whose grades are known to 0.1 %: of 24 parts at most one
    is outside, and no book is refused, though the policy allows one false alarm in a hundred."""
    outside = asked = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        mass, grade, part = rng.uniform(5, 15, 2), rng.uniform(0.1, 0.6, 2), rng.uniform(0.1, 0.9, 2)
        ores = [
            metal.lot_mined(on(1), [kg(None, lot)], basis=None, country=country, deposit=None)
            for lot, country in ((LOT, "PK"), (OTHER, "CN"))
        ]
        blended = metal.transformation(
            on(4), process="blend", inputs=[kg(None), kg(None, OTHER)], outputs=[kg(None, one) for one in PARTS],
            basis=None,
        )  # fmt: skip
        read = [
            event for at, lot in enumerate((LOT, OTHER)) for event in measured(rng, 2, lot, mass[at], grade[at], 0.05)
        ]
        for lot, share in zip(PARTS, (part, 1 - part), strict=True):
            of = float((mass * share).sum())
            read += measured(rng, 7, lot, of, float((mass * share * grade).sum()) / of, 0.001)
        policy = b"[detection]\nfalse_alarms = 0.01\n"
        with founded(tmp_path / f"{seed}.db", (*ores, *read[:4], blended, *read[4:]), policy=policy) as book:
            for lot, share in zip(PARTS, (part, 1 - part), strict=True):
                (found,) = (one for one in book.origin(lot, "Sb", homogeneous=0.0).parts if one.name == "PK")
                assert found.alike is not None
                truth = float(mass[0] * share[0] * grade[0])
                # The lot itself weighs what it was found to weigh, and not what it does.
                off = 3 * 0.003 * truth
                asked += 1
                outside += not found.alike.least - off <= truth <= found.alike.most + off

    assert asked == 24
    assert outside <= 1


def test_what_cannot_be_asked_of_parcels_is_refused(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    refused = []
    for how in ({"homogeneous": -0.1}, {"homogeneous": 1.0}):
        with pytest.raises(InputError) as refusal:
            book.origin(PARTS[0], "Sb", **how)
        refused.append(refusal.value.code)
    with pytest.raises(InputError) as certificate:
        book.origin_with_certificate(PARTS[0], "Sb", claims=["PK<=0.1"], homogeneous=0.1)
    grouped = founded(tmp_path / "group.db", PARTED, policy=b'[groups]\nall = ["Sb"]\n')
    with pytest.raises(InputError) as group:
        grouped.origin(PARTS[0], "all", homogeneous=0.1)
    monkeypatch.setattr(module, "LARGEST", 3)
    with pytest.raises(InputError) as large:
        book.origin(PARTS[0], "Sb", homogeneous=0.1, recorded=True)

    several = founded(tmp_path / "several.db", (*PARTED, *SENT))
    with pytest.raises(InputError) as parts:
        several.origin(PARTS[0], "Sb", homogeneous=0.1, recorded=True)

    assert refused == ["origin.parcels"] * 2
    assert [one.value.code for one in (certificate, group, large, parts)] == [
        "origin.parcels_certificate", "origin.parcels_group", "origin.parcels_large", "origin.parcels_several",
    ]  # fmt: skip
