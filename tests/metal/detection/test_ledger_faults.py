"""Faults of small books: each kind is found by its own name, and a sound book is left in peace."""

from decimal import Decimal

import msgspec
import numpy as np
import pytest

from lodeline.metal.detection.faults.ledger import mixed_stores
from lodeline.metal.policy import Policy
from tests.metal.detection.faulty_books import MANY, SUPPOSED, changed, codes, events_of, faults, sound
from tests.metal.detection.small_limits import (
    MINE_LAB,
    MINE_SCALE,
    WORKS_LAB,
    WORKS_SCALE,
    consignment,
    lot,
    mined,
    process,
    read,
)
from tests.metal.reconciliation.small_reconciled import record
from tests.metal.small_book import MINE, WORKS

ANTIMONY_IN_OXIDE = 0.8353
"""Kilograms of Sb in a kilogram of Sb2O3."""


@pytest.mark.parametrize("seed", range(3))
def test_a_sound_book_has_no_faults(seed):
    found = faults(events_of(sound(seed)))

    assert found.found == ()
    assert found.rounds == 1


def test_a_loss_on_the_road_is_found_with_its_kilograms():
    """50 kg wet, a tenth of it water: 45 kg dry, in readings of 3 kg."""
    found = faults(events_of(changed(sound(1), [7], lambda one, _: one._replace(came=one.came - 50))))

    assert codes(found) == ["metal.lost_on_road"]
    (fault,) = found.found
    assert fault.suspicion.kg == pytest.approx(45, abs=3 * fault.size_u)
    assert 3 < fault.size_u < 7
    assert fault.suspicion.lots == (lot(7),)
    assert fault.suspicion.weight == "strong"


def test_a_gain_on_the_road_is_found_too():
    found = faults(events_of(changed(sound(1), [7], lambda one, _: one._replace(came=one.came + 50))))

    assert codes(found) == ["metal.gained_on_road"]


def test_what_two_weighings_alone_say_does_not_tell_which_of_them_is_wrong():
    found = faults(events_of(changed(sound(1), [7], lambda one, _: one._replace(came=one.came - 50))))

    (fault,) = found.found
    assert len([rival for rival in fault.rivals if rival.words.startswith("an error of the weighing")]) == 2
    assert {MINE_SCALE, WORKS_SCALE} <= set(fault.suspicion.instruments)


def test_a_third_weighing_tells_it():
    """The lot is weighed twice more at the works, as it was sent: the receipt was misread, and nothing is lost."""
    of = changed(sound(1), [7], lambda one, _: one._replace(came=one.came - 50))
    more = [read(7.7 + tenth, lot(7), f"{of[6].sent:.1f}", "3", WORKS, WORKS_SCALE) for tenth in (0.0, 0.1)]

    found = faults([*events_of(of), *more])

    assert codes(found) == ["metal.reading_off"]
    assert found.found[0].size == pytest.approx(-50, abs=12)
    assert not any("loss" in rival.words for rival in found.found[0].rivals)


def test_a_scale_that_is_off_for_a_time_is_one_finding_and_not_ten():
    """1 % of ten tonnes in consignments 11 to 20, in readings of 3 kg."""
    off = range(11, 21)
    found = faults(events_of(changed(sound(2), off, lambda one, _: one._replace(came=1.01 * one.came))))

    assert codes(found) == ["metal.scale_off"]
    (fault,) = found.found
    assert fault.size == pytest.approx(0.01, abs=3 * fault.size_u)
    assert fault.suspicion.lots[:10] == tuple(lot(number) for number in off)
    assert not fault.drifts
    assert WORKS_SCALE in fault.suspicion.instruments


def test_roads_between_two_scales_alone_do_not_tell_which_of_them_was_off():
    found = faults(events_of(changed(sound(2), range(11, 21), lambda one, _: one._replace(came=1.01 * one.came))))

    (fault,) = found.found
    assert {MINE_SCALE, WORKS_SCALE} <= set(fault.suspicion.instruments)
    assert any(rival.family == "instrument" for rival in fault.rivals)


def test_moistures_that_run_away_are_a_drift():
    """Up to 2 percent points at the end of twenty consignments, in readings of 0.2."""
    off = range(6, 26)
    found = faults(
        events_of(changed(sound(3), off, lambda one, place: one._replace(water_came=one.water_came + 2 * place / 19)))
    )

    assert codes(found)[0] == "metal.moisture_drift"
    fault = found.found[0]
    assert fault.drifts
    assert abs(fault.size) == pytest.approx(0.02, abs=4 * fault.size_u)
    assert {MINE_LAB, WORKS_LAB} & set(fault.suspicion.instruments)


def test_a_laboratory_that_finds_too_much_of_an_element_is_found_with_the_element():
    off = range(8, 24)
    found = faults(events_of(changed(sound(4), off, lambda one, _: one._replace(antimony=1.03 * one.antimony))))

    assert codes(found) == ["metal.laboratory_off"]
    assert found.found[0].suspicion.element == "Sb"
    assert abs(found.found[0].size) == pytest.approx(0.03, abs=0.006)


def test_the_number_of_an_oxide_as_that_of_the_element_is_told_by_its_factor():
    found = faults(
        events_of(
            changed(sound(5), [9], lambda one, _: one._replace(antimony_came=one.antimony_came / ANTIMONY_IN_OXIDE))
        )
    )

    assert codes(found) == ["metal.oxide_as_element"]
    (fault,) = found.found
    assert "Sb2O3" in fault.suspicion.sentence
    assert fault.suspicion.lots == (lot(9),)
    assert fault.size == pytest.approx(1, abs=0.15)  # of what the oxide makes too much


def test_a_number_that_is_off_by_no_factor_is_no_oxide():
    found = faults(
        events_of(changed(sound(5), [9], lambda one, _: one._replace(antimony_came=1.1 * one.antimony_came)))
    )

    assert codes(found) == ["metal.reading_off"]


def test_what_goes_missing_in_a_process_is_a_leak():
    """Two lots of 500 kg became one of 900, all weighed three times to 3 kg: 100 are missing where they met."""
    events = []
    for one, kg in ((lot(1), "500"), (lot(2), "500")):
        events += [mined(1, one), *[read(2 + 0.1 * time, one, kg, "3", MINE, None, basis="dry") for time in range(3)]]
    blended = process(3, "urn:example:blend", "blend", [lot(1), lot(2)], [("urn:example:blended", "900", "3")], MINE)
    again = [read(4 + 0.1 * time, "urn:example:blended", "900", "3", MINE, None, basis="dry") for time in range(2)]

    found = faults([*events, *blended, *again])

    assert codes(found) == ["metal.leak"]
    assert found.found[0].size == pytest.approx(100, abs=12)


def test_a_load_that_was_booked_twice_and_not_counted_is_told_from_one_that_was_left_out():
    """The books do not count the second load of 300 kg: all had come already."""
    twice = consignment(80, 99, sent="10000", came=["9998", "300"])

    found = faults([*events_of(sound(7)), *twice])

    assert codes(found) == ["metal.received_twice"]
    assert found.found[0].suspicion.kg == pytest.approx(270, rel=0.01)


def test_a_load_that_was_booked_twice_is_told_beside_a_loss_on_the_same_road():
    """100 kg were lost. A loss of any size would explain another load that came; the load is told all the same."""
    twice = consignment(80, 99, sent="10000", came=["9900", "300"])

    found = faults([*events_of(sound(7)), *twice])

    assert sorted(codes(found)) == ["metal.lost_on_road", "metal.received_twice"]
    assert {round(one.suspicion.kg) for one in found.found} <= set(range(80, 100)) | set(range(265, 276))


def test_a_load_that_the_books_left_out_is_counted_where_the_balances_want_it():
    """The mine's scale said 10,000 ± 30; 9,960 and 100 came, and 10,060 were found in the yard, weighed to 3 kg."""
    loads = consignment(80, 99, sent="10000", came=["9960", "100"], u="3")
    loads[1] = read(80.1, lot(99), "10000", "30", MINE, MINE_SCALE)
    yard = [read(80.6 + tenth, lot(99), "10060", "3", WORKS, None) for tenth in (0.0, 0.1)]

    found = faults([*events_of(sound(7)), *loads, *yard])

    assert codes(found) == ["metal.receipt_left_out"]
    assert found.found[0].suspicion.lots == (lot(99),)


def test_a_receipt_that_was_counted_and_is_one_too_many_is_told_by_its_mass():
    """10,000 kg left; 9,900, 99 and 99 came under a tolerance of 2 %: without one of the last the road closes."""
    loads = consignment(80, 99, sent="10000", came=["9900", "99", "99"])

    found = faults([*events_of(sound(8)), *loads], tolerance="0.02")

    assert codes(found) == ["metal.received_twice"]


def test_sound_loads_in_parts_are_no_fault():
    loads = consignment(80, 99, sent="10000", came=["9600", "301", "99"])

    assert codes(faults([*events_of(sound(8)), *loads], tolerance="0.02")) == []


def test_an_instrument_that_is_always_off_is_far_from_its_certificate():
    """All sixty weighings are 0.5 % too much on a scale that is certified to 0.05 %."""
    of = changed(sound(9), range(1, MANY + 1), lambda one, _: one._replace(came=1.005 * one.came))
    records = [record("scale", uri, bias_u="0.5", bias_load="1000") for uri in (MINE_SCALE, WORKS_SCALE)]

    found = faults(events_of(of), records=records)

    assert codes(found)[0] in ("reconcile.bias_far", "metal.scale_off")
    assert {MINE_SCALE, WORKS_SCALE} & {found.found[0].instrument}


def test_without_a_policy_everything_is_a_note_and_says_how_likely_chance_is():
    of = changed(sound(1), [7], lambda one, _: one._replace(came=one.came - 50))

    policy = msgspec.structs.replace(SUPPOSED, false_alarms=None)

    found = faults(events_of(of), policy=policy, weak=1.0)

    assert found.found[0].suspicion.weight == "note"
    assert found.found[0].suspicion.family_p < 1e-6


def test_a_small_loss_is_weak_where_a_reader_wants_to_know_of_it():
    of = changed(sound(1), [7], lambda one, _: one._replace(came=one.came - 17))

    assert faults(events_of(of)).found == ()
    weak = [one for one in faults(events_of(of), weak=1.0).found if lot(7) in one.suspicion.lots]
    assert [one.suspicion.weight for one in weak] == ["weak"]


def test_two_faults_beside_each_other_are_both_found_with_their_sizes():
    """A scale that is 1 % off for a time, and 60 kg lost in that very time."""
    of = changed(sound(2), range(11, 21), lambda one, _: one._replace(came=1.01 * one.came))
    of = changed(of, [15], lambda one, _: one._replace(came=one.came - 60))

    found = faults(events_of(of))

    assert sorted(codes(found)) == ["metal.lost_on_road", "metal.scale_off"]
    lost = next(one for one in found.found if one.family == "lost")
    assert lost.size == pytest.approx(54, abs=3 * lost.size_u)


def test_what_is_reconciled_without_a_fault_is_as_if_it_were_not_there():
    """The load that was lost came to the works 45 kg lighter, and the shipment is what left."""
    of = changed(sound(1), [7], lambda one, _: one._replace(came=one.came - 50))

    found = faults(events_of(of))

    without = found.without
    sent = without.dry.kg[without.flows.flows["kind"] == 5][6]  # of the seventh shipment
    assert sent == pytest.approx(of[6].sent * (1 - of[6].water / 100), abs=60)
    assert np.abs(without.solution.residual / without.solution.model.u).max() < 5


def test_the_same_book_and_the_same_draws_give_the_same_faults():
    events = events_of(changed(sound(1), [7], lambda one, _: one._replace(came=one.came - 50)))

    first, second = faults(events), faults(events)

    assert [one.suspicion for one in first.found] == [one.suspicion for one in second.found]


def test_stores_mix_by_their_master_data_and_else_by_the_policy():
    policy = Policy(false_alarms=Decimal("0.01"), mixing={"urn:example:a": "mixed", "urn:example:b": "mixed"})
    master = {("store", "urn:example:b"): {"mixing": "apart"}, ("store", "urn:example:c"): {"mixing": "mixed"}}

    assert sorted(mixed_stores(policy, master)) == ["urn:example:a", "urn:example:c"]
