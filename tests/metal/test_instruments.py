"""Instruments by day: the bias that master data give, calibration by calibration, and what a standard shares."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lodeline
from lodeline.examples.programme import programme
from lodeline.ledger.values import MasterRecord
from lodeline.metal.instruments import ALWAYS, Instruments, instant

SCALE, LABORATORY, MASSES = "urn:example:scale", "urn:example:laboratory", "urn:example:masses"
DAY = 86_400_000_000


def record(kind: str, uri: str, valid_from: str | None = None, **said: str) -> MasterRecord:
    """A record; numbers are written as text."""
    attributes = {name: value if name == "standard" else Decimal(value) for name, value in said.items()}
    return MasterRecord(kind=kind, id=uri, attributes={"name": "x", **attributes}, valid_from=valid_from)


def test_a_bias_at_a_load_is_a_part_of_the_value():
    """By hand: 40 kg too much at 40 t, known to 20 kg, is 1 in 1000, known to 5 in 10,000."""
    found = Instruments.of([record("scale", SCALE, bias="40", bias_u="20", bias_load="40000")]).scale(SCALE, 0)

    assert found is not None
    assert found.known
    assert (found.relative, found.relative_u) == (0.001, 0.0005)
    assert (found.offset_kg, found.offset_u_kg) == (0, None)


def test_a_bias_without_a_load_is_the_same_at_every_load():
    found = Instruments.of([record("scale", SCALE, bias="-3", bias_u="1.5")]).scale(SCALE, 0)

    assert found is not None
    assert found.known
    assert (found.relative, found.relative_u, found.offset_kg, found.offset_u_kg) == (0, None, -3, 1.5)


def test_a_bias_of_a_laboratory_and_of_a_standard_is_in_percent_of_the_value():
    found = Instruments.of(
        [record("laboratory", LABORATORY, bias="0.5", bias_u="0.6"), record("standard", MASSES, bias_u="0.015")]
    )
    laboratory, standard = found.laboratory(LABORATORY, 0), found.standard(MASSES, 0)

    assert laboratory is not None
    assert (laboratory.relative, laboratory.relative_u) == (0.005, 0.006)
    assert standard is not None
    assert (standard.relative, standard.relative_u) == (0, 0.00015)


def test_a_bias_that_nobody_knows_is_unknown_and_not_zero():
    found = Instruments.of([record("scale", SCALE, u="20", bias="3"), record("laboratory", LABORATORY)])

    for one in (found.scale(SCALE, 0), found.laboratory(LABORATORY, 0)):
        assert one is not None
        assert not one.known
        assert (one.relative_u, one.offset_u_kg) == (None, None)
    assert found.scale("urn:example:other", 0) is found.laboratory(SCALE, 0) is found.standard(MASSES, 0) is None


def test_a_record_holds_from_the_beginning_of_its_day_until_that_of_the_next():
    found = Instruments.of(
        [
            record("scale", SCALE, "2024-01-01", bias_u="2"),
            record("scale", SCALE, "2023-01-01", bias_u="1"),
            record("scale", SCALE, "2025-01-01", bias_u="3"),
        ]
    )
    begin = instant(date(2024, 1, 1))

    assert begin == datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1e6
    assert found.scale(SCALE, instant(date(2023, 1, 1)) - 1) is None
    before, after, last = (found.scale(SCALE, at) for at in (begin - 1, begin, date(2030, 1, 1)))
    assert before is not None
    assert after is not None
    assert last is not None
    assert [(one.period, one.offset_u_kg) for one in (before, after, last)] == [(0, 1), (1, 2), (2, 3)]
    assert after.begins == begin
    assert found.scale(SCALE, datetime.fromisoformat("2024-01-01T04:59:59+05:00")) == before
    assert found.scale(SCALE, datetime.fromisoformat("2024-01-01T05:00:00+05:00")) == after
    assert found.all("scale") == (before, after, last)


def test_a_later_record_of_a_day_mends_that_day_alone_and_one_without_a_day_replaces_all():
    first, second = record("scale", SCALE, "2023-01-01", bias_u="1"), record("scale", SCALE, "2024-01-01", bias_u="2")
    mended = record("scale", SCALE, "2023-01-01", bias_u="9")
    always = record("scale", SCALE, bias_u="5")

    assert [one.offset_u_kg for one in Instruments.of([first, second, mended]).all("scale")] == [9, 2]
    assert [(one.offset_u_kg, one.begins) for one in Instruments.of([first, second, always]).all("scale")] == [
        (5, ALWAYS)
    ]
    assert [one.offset_u_kg for one in Instruments.of([always, first]).all("scale")] == [5, 1]


def test_a_record_supersedes_the_earlier_one_whole():
    renewed = record("scale", SCALE, "2024-01-01")
    found = Instruments.of([record("scale", SCALE, bias_u="1", bias="2"), renewed]).scale(SCALE, date(2024, 1, 1))

    assert found is not None
    assert not found.known
    assert found.offset_kg == 0


def test_the_standard_that_counts_is_that_of_the_day_of_calibration():
    records = [
        record("standard", MASSES, "2023-01-01", bias_u="0.01"),
        record("standard", MASSES, "2024-01-01", bias_u="0.02"),
        record("scale", SCALE, "2023-06-01", bias_u="1", standard=MASSES),
        record("scale", SCALE + "2", bias_u="1", standard=MASSES),
        record("scale", SCALE + "3", "2022-06-01", bias_u="1", standard=MASSES),
        record("scale", SCALE + "4", bias_u="1", standard="urn:example:unregistered"),
        record("scale", SCALE + "5", bias_u="1"),
    ]
    found, at = Instruments.of(records), date(2024, 6, 1)
    shared = []
    for end in ("", "2", "3", "4", "5"):
        calibration = found.scale(SCALE + end, at)
        assert calibration is not None
        shared.append(found.shared(calibration, at))

    assert [None if one is None else one.relative_u for one in shared] == [0.0001, 0.0002, None, None, None]
    assert shared[0] is not None
    assert shared[0].period == 0


def test_an_identifier_is_found_in_any_spelling():
    """GS1 Digital Link and EPC URN of one individual asset."""
    urn, link = "urn:epc:id:giai:4012345.5678", "https://id.gs1.org/8004/40123455678"
    found = Instruments.of([record("scale", urn, bias_u="1")])

    assert found.scale(urn, 0) == found.scale(link, 0) == found.scale(link + "?x=1", 0) is not None


@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 6)), st.integers(1, 99)), max_size=8), st.integers(-1, 7))
def test_in_force_is_what_a_reader_going_through_the_records_backwards_finds(said, day):
    """A second route: the last record without a day ends what counts; of those after it the latest day not past."""
    stated = [record("scale", SCALE, None if on is None else f"2024-01-{on + 1:02}", bias_u=str(u)) for on, u in said]
    at = instant(date(2024, 1, 1)) + day * DAY
    best = None
    for on, u in reversed(said):
        start = -1000 if on is None else on
        if start <= day and (best is None or start > best[0]):
            best = (start, u)
        if on is None:
            break
    found = Instruments.of(stated).scale(SCALE, at)

    assert (None if found is None else found.offset_u_kg) == (None if best is None else best[1])


def test_the_programme_gives_the_prior_from_which_its_biases_were_drawn(tmp_path):
    """Through a book and back: 40 kg at 40 t, beside masses known to 0.015 %; each year on its own."""
    with lodeline.create(tmp_path / "book.db", title="x", by="me") as book:
        book.register(programme(200, seed=1).master, by="me")
        found = Instruments.of(book.master())
    base = "https://id.lodeline.org/programme"
    scale = found.scale(f"{base}/scale/weighbridge-qila-abdullah", date(2023, 7, 1))
    laboratory = found.laboratory(f"{base}/laboratory/umpire", date(2023, 7, 1))

    assert scale is not None
    assert laboratory is not None
    assert (scale.period, scale.relative_u, laboratory.relative_u) == (2, 0.001, 0.0015)
    shared = found.shared(scale, date(2023, 7, 1)), found.shared(laboratory, date(2023, 7, 1))
    assert [(one.id, one.period, one.relative_u) for one in shared if one is not None] == [
        (f"{base}/standard/masses-pk", 2, 0.00015),
        (f"{base}/standard/materials-b", 2, 0.0012),
    ]
    assert all(one.known and one.standard for one in (*found.all("scale"), *found.all("laboratory")))
    assert len(found.all("scale")) == 14 * 5


@pytest.mark.parametrize("kind", ["site", "material"])
def test_other_kinds_are_left_aside(kind):
    assert Instruments.of([record(kind, SCALE)]).scale(SCALE, 0) is None
