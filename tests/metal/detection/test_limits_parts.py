"""What the limits are made of: covariances block by block, priors, receipts that were not counted, and three ends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.detection.limits.context import Context, Given, uncounted
from lodeline.metal.detection.limits.gaps import gaps
from lodeline.metal.detection.limits.limits import limits
from lodeline.metal.detection.limits.priors import priors
from lodeline.metal.detection.limits.scan import stretches
from lodeline.metal.detection.limits.series import Part, Readings, series
from lodeline.metal.instruments import Instruments
from lodeline.metal.interpret import interpret
from lodeline.metal.sums import Sums
from lodeline.metal.values import Arrived
from lodeline.metal.weighed import weighed
from lodeline.record import metal
from lodeline.record.metal import Act, Amount, End
from tests.metal.detection.small_limits import (
    FAR,
    MINE_LAB,
    MINE_SCALE,
    WORKS_LAB,
    WORKS_SCALE,
    assayed,
    at,
    by,
    coded,
    comes,
    consignment,
    flows_of,
    found,
    leaves,
    lot,
    mined,
    process,
    read,
)
from tests.metal.small_book import BUYER, MINE, SELLER, START, WORKS, SeenHere, book


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_the_inverse_of_the_covariance_block_by_block_is_that_of_the_whole(seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    count = 9
    part = Part(
        kind=0,
        line=np.arange(count),
        x=rng.normal(size=count),
        own=rng.uniform(0.1, 1, count),
        freedom=np.full(count, np.inf),
        readings=tuple(
            Readings(
                "scale",
                rng.integers(-1, 8, count),
                rng.integers(-1, 3, count),
                np.full(count, -1),
                rng.normal(size=count),
                rng.normal(size=count),
                np.arange(count),
            )
            for _ in range(2)
        ),
    )
    of = series([part], {"scale": np.full(4, 0.1)})
    readings = np.zeros((count, 8))
    np.add.at(readings, (of.row, of.reading), of.u)
    covariance = readings @ readings.T + np.diag(of.own)
    apart = rng.random(count) < 0.3
    kept = np.flatnonzero(~apart)

    whole = np.zeros((count, count))
    whole[np.ix_(kept, kept)] = np.linalg.inv(covariance[np.ix_(kept, kept)])
    np.testing.assert_allclose(of.weights(apart).toarray(), whole, atol=1e-9)
    np.testing.assert_allclose(of.v, np.diag(covariance))


@pytest.mark.parametrize("count", [0, 2, 3, 4, 17, 100])
def test_stretches_cover_every_length_and_the_whole(count):
    start, end = stretches(count)

    assert (end > start).all()
    assert (start >= 0).all()
    assert (end <= count).all()
    assert {end - start for start, end in zip(start, end, strict=True)} >= set(range(1, min(count, 4) + 1))
    if count:
        assert {(0, count), (0, 1), (count - 1, count)} <= set(zip(start.tolist(), end.tolist(), strict=True))


def test_a_gap_is_the_sum_that_accounts_make_where_no_instrument_is_biased():
    events = [
        mined(1, lot(1)),
        read(1.1, lot(1), "1000", "3", MINE, MINE_SCALE, basis="dry"),
        assayed(1.2, lot(1), [("Sb", "20", "0.2")], MINE, by(MINE_LAB)),
        *process(2, "urn:example:run:1", "split", [lot(1)], [("urn:example:a:1", "400", "2"),
                                                           ("urn:example:b:1", "590", "2")], MINE),
    ]  # fmt: skip
    flows = flows_of(*events)
    mass = weighed(flows, flows.element("Sb"))
    rows = np.flatnonzero(~np.isnan(mass.kg) & ~np.isnan(mass.u_kg))
    sign = np.where(np.arange(rows.size) % 2 == 0, 1.0, -1.0)
    got = gaps(flows, Context(flows, FAR), mass, rows=rows, group=0 * rows, weight=sign, count=1)
    want = Sums(flows, mass).of(rows[sign > 0], rows[sign < 0])

    assert got.kg[0] == pytest.approx(want.value)
    assert got.u_kg[0] == pytest.approx(want.u)


class Recorded:
    """A record of the master data."""

    def __init__(self, kind: str, uri: str, **attributes: Any) -> None:
        self.kind, self.id, self.attributes = kind, uri, attributes
        self.valid_from: str | None = attributes.pop("valid_from", None)


def test_priors_are_what_the_calibrations_say_with_the_bias_of_their_standard():
    """40 kg at 40 t is 0.1 %, and its masses 0.02 %; 3 kg at every load are 0.3 % of the 1000 kg that it weighs."""
    records = [
        Recorded("standard", "urn:example:masses", bias_u=Decimal("0.02")),
        Recorded("scale", MINE_SCALE, bias_u=Decimal(40), bias_load=Decimal(40000), standard="urn:example:masses"),
        Recorded("scale", WORKS_SCALE, bias_u=Decimal(3)),
        Recorded("laboratory", MINE_LAB, bias_u=Decimal("0.5")),
    ]
    flows = flows_of(*consignment(1, 1, sent="1000", came="1000"))
    of = priors(flows, Instruments.of(records))  # type: ignore[arg-type]

    assert of.scale_u == {MINE_SCALE: pytest.approx(0.00102, rel=1e-3), WORKS_SCALE: pytest.approx(0.003)}
    assert of.laboratory_u == {MINE_LAB: pytest.approx(0.005)}  # nobody says anything of the other


def test_receipts_that_the_books_did_not_count_are_taken_from_their_events():
    """900 kg left and 900 came; then 300 kg come under the same paper, which the follower does not count."""
    events = [*consignment(1, 1, sent="900", came="900"), comes(2, lot(1), "urn:example:desadv:1", "300", "3")]
    of = book(*events, master=())
    again = [finding.events[0] for finding in of.findings if finding.code == "metal.received_again"]
    seen = {f"h{seq}": SeenHere(seq, f"h{seq}", event) for seq, event in enumerate(events, 1)}
    facts = [fact for one in again for fact in interpret(seen[one])[0] if isinstance(fact, Arrived)]
    given = Given(uncounted=uncounted(facts))

    (one,) = given.uncounted
    assert (one.entry, one.lot, one.papers, one.kg, one.basis) == (7, lot(1), ("urn:example:desadv:1",), 300.0, "wet")
    (twice,) = limits(of.flows, FAR, given).suspicions
    assert (twice.code, twice.kg) == ("metal.dry_mass_on_road", pytest.approx(270))
    assert 7 in twice.entries
    assert limits(of.flows, FAR).suspicions == ()


THIRD, THIRD_LAB = "urn:example:third", "urn:example:lab:third"


def three(number: int, grades: tuple[str, str, str]) -> list[Any]:
    """A lot that is assayed at the mine, at the works, and at a third place to which it goes on."""
    one, day = lot(number), float(number)
    bill = f"urn:example:desadv:{number}"
    on = (("desadv", f"urn:example:desadv:on:{number}"),)
    left, to = End(owner=BUYER, holder=BUYER, place=WORKS), End(owner=SELLER, place=THIRD)
    went, came = (at(day + when).at for when in (0.5, 0.6))
    go = metal.shipment(
        Act(at=went, read_point=WORKS, transactions=on), [Amount(one)], basis=None, left=left, to=to
    )  # fmt: skip
    to = End(owner=SELLER, holder=SELLER, place=THIRD)
    there = metal.receipt(
        Act(at=came, place=THIRD, transactions=on), [Amount(one)], basis=None, left=End(), to=to
    )  # fmt: skip
    events = [mined(day, one), leaves(day + 0.2, one, bill), comes(day + 0.3, one, bill), go, there]
    for when, grade, place, laboratory in zip(
        (0.1, 0.4, 0.7), grades, (MINE, WORKS, THIRD), (MINE_LAB, WORKS_LAB, THIRD_LAB), strict=True
    ):
        of = by(laboratory, f"{number}-{when}")
        events.append(assayed(day + when, one, [("Sb", grade, "0.3")], place, of))
    return events


def test_of_three_laboratories_the_one_in_the_middle_is_told_from_both_others():
    """It finds 3 % too much in the last ten: more than came, and more than went on."""
    sound = [event for number in range(1, 11) for event in three(number, ("50", "50.1", "49.9"))]
    high = [event for number in range(11, 21) for event in three(number, ("50", "53.1", "49.9"))]
    of = found(*sound, *high, only=["instruments", "element on the road"])

    (one,) = of.suspicions
    assert (one.code, one.instruments) == ("metal.laboratory_off", (WORKS_LAB,))
    assert at(1).at == START


def test_an_element_that_went_with_the_dry_mass_is_told_once():
    """300 kg of 1000 are missing, and the grade is what it was: one finding, of mass."""
    events = consignment(1, 1, sent="1000", came="700")
    events += [
        assayed(1.25, lot(1), [("Sb", "50", "0.3")], MINE, by(MINE_LAB, "m")),
        assayed(1.6, lot(1), [("Sb", "50.1", "0.3")], WORKS, by(WORKS_LAB, "w")),
    ]
    of = found(*events, only=["dry mass on the road", "element on the road"])

    assert [one.code for one in of.suspicions] == ["metal.dry_mass_on_road"]


def test_a_loss_of_metal_shows_in_mass_and_grade_together():
    """1 % less mass and 1.5 % less grade are each little, and together 2.5 % of the antimony: by hand.

    dry: -9 kg of 900, u^2 = 2 (0.9 * 3)^2 + (1000 * 0.002)^2 + (990 * 0.002)^2; grade: two of 0.6 %.
    """
    events = consignment(1, 1, sent="1000", came="990")
    events += [
        assayed(1.25, lot(1), [("Sb", "50", "0.3")], MINE, by(MINE_LAB, "m")),
        assayed(1.6, lot(1), [("Sb", "49.25", "0.3")], WORKS, by(WORKS_LAB, "w")),
    ]
    of = limits(flows_of(*events), FAR.__class__(false_alarms=None))

    (one,) = coded(of, "metal.element_on_road")
    dry_u = (2 * 2.7**2 + 4 + 1.98**2) ** 0.5 / 900
    grade_u = ((0.3 / 50) ** 2 + (0.3 / 49.25) ** 2) ** 0.5
    assert dry_u < grade_u
    assert one.z == pytest.approx((np.log(49.25 / 50) - 0.01) / (dry_u**2 + grade_u**2) ** 0.5, rel=1e-3)


def grades(*lines: tuple[str, str, Any], moist: bool = True) -> list[Any]:
    """One lot, dried at 10 % at both ends, or not, and assayed there: percent Sb, its uncertainty, and the basis."""
    water = ("10", "10") if moist else (None, None)
    events = consignment(1, 1, sent="1000", came="1000", water=water)
    for when, place, laboratory, (grade, u, basis) in zip(
        (1.25, 1.6), (MINE, WORKS), (MINE_LAB, WORKS_LAB), lines, strict=True
    ):
        events.append(assayed(when, lot(1), [("Sb", grade, u)], place, by(laboratory, str(when)), basis))
    return events


def test_a_grade_per_wet_mass_is_dried_before_it_is_compared():
    """45 % of the wet mass at 10 % of water is 50 % of the dry mass; without a moisture nobody can tell."""
    same = grades(("45", "0.3", "wet"), ("50", "0.3", "dry"))
    other = grades(("50", "0.3", "wet"), ("50", "0.3", "dry"))

    assert found(*same, only=["element on the road"]).suspicions == ()
    (one,) = found(*other, only=["element on the road"]).suspicions
    wet_u = ((0.3 / 50) ** 2 + (0.002 / 0.9) ** 2) ** 0.5
    dry_u = (2 * 2.7**2 + 2 * 2.0**2) ** 0.5 / 900
    assert one.z == pytest.approx(np.log(0.9) / (wet_u**2 + (0.3 / 50) ** 2 + dry_u**2) ** 0.5)
    blind = found(*grades(("50", "0.3", "wet"), ("50", "0.3", "dry"), moist=False), only=["element on the road"])
    assert blind.compared["element on the road"] == 0


def test_an_assay_of_which_only_a_limit_of_the_time_is_known_is_compared_all_the_same():
    events = grades(("50", "0.3", "dry"), ("54", "0.3", "dry"))
    unsure = [
        event | {"lode:eventTimeKnown": "not_after"} if "certificate" in str(event) and "Sb" in str(event) else event
        for event in events
    ]
    of = found(*unsure, only=["element on the road", "instruments"])

    assert [one.code for one in of.suspicions] == ["metal.element_on_road"]
