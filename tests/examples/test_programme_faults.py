"""Each planted fault does to the values what the truth says of it, and nothing else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from lodeline.chemistry.species import species, substance_uri
from lodeline.examples.programme import Programme, Truth, programme
from lodeline.examples.programme.faults import Fault
from lodeline.record.codec import decode, encode
from lodeline.record.context import Context
from lodeline.record.hash import hash_id
from lodeline.record.metal import CONTEXT

LOTS, SEED = 1200, 4

NUMBER = re.compile(rb'"(value|quantity|sDev|lode:lossQuantity)":[0-9.]+')


def events(made: Programme) -> Iterator[dict[str, Any]]:
    for document in made.epcis_documents():
        yield from decode(document)["epcisBody"]["eventList"]


def named(made: Programme) -> dict[str, dict[str, Any]]:
    context = Context.parse(list(CONTEXT))
    return {hash_id(event, context): event for event in events(made)}


def fault(truth: Truth, kind: str) -> Fault:
    return next(one for one in truth.faults if one.kind == kind)


def net(event: dict[str, Any]) -> float:
    reports = event["sensorElementList"][0]["sensorReport"]
    return next(float(report["value"]) for report in reports if report["lode:weight"] == "net")


@pytest.fixture(scope="module")
def sound() -> list[dict[str, Any]]:
    return list(events(programme(LOTS, SEED, faults=())))


@pytest.mark.parametrize("kind", ["biased weighbridge", "biased laboratory", "moisture drift"])
def test_a_bias_leaves_every_event_as_it_was_but_for_its_numbers(kind, sound):
    """The same seed without the fault gives the same events in the same order, with other numbers in some."""
    faulty = list(events(programme(LOTS, SEED, faults=[kind])))

    # An umpire is called where two finals are too far apart, which a biased laboratory brings about.
    masked = [
        [NUMBER.sub(rb'"\1":', encode(event)) for event in found if "umpire" not in str(event)]
        for found in (sound, faulty)
    ]
    assert masked[0] == masked[1]
    assert {str(event) for event in sound} != {str(event) for event in faulty}


def test_a_biased_weighbridge_is_off_by_its_size(sound):
    made = programme(LOTS, SEED, faults=["biased weighbridge"])
    bias = fault(made.truth(), "biased weighbridge")
    context = Context.parse(list(CONTEXT))
    ratios = [
        net(false) / net(true) - 1
        for true, false in zip(sound, events(made), strict=True)
        if true != false and hash_id(false, context) in bias.events and net(true) > 2000
    ]

    assert len(ratios) >= 5
    # Both were rounded to divisions of 20 kg, on loads of some 5 to 20 t.
    assert sum(ratios) / len(ratios) == pytest.approx(bias.size, abs=6e-4)
    assert abs(bias.size) == pytest.approx(bias.size_u * 28.3 / 20_000)


def test_a_double_receipt_brings_in_what_was_never_sent():
    made = programme(LOTS, SEED, faults=["double receipt"])
    by_name, truth = named(made), made.truth()
    receipts, sent = defaultdict(list), {}
    for event in by_name.values():
        for paper in event.get("bizTransactionList", ()):
            if event.get("bizStep") == "receiving" and "sensorElementList" in event:
                receipts[paper["bizTransaction"]].append(net(event))
            elif "-ore-" in str(event.get("quantityList")) and "sensorElementList" in event:  # weighed in kg
                sent[paper["bizTransaction"]] = net(event)
    checked = 0
    for one in truth.faults:
        paper = by_name[one.events[0]]["bizTransactionList"][0]["bizTransaction"]
        assert {by_name[name]["bizTransactionList"][0]["bizTransaction"] for name in one.events} == {paper}
        if paper in sent:
            assert sum(receipts[paper]) - sent[paper] == pytest.approx(one.kg, abs=450)
            checked += 1

    assert checked > 0
    # Nothing truly came of it: the account of the truth closes as it does without.
    assert sum(truth.balance("rest").values()) == 0


def test_a_lost_consignment_is_gone_from_the_truth_and_from_nothing_else():
    made = programme(LOTS, SEED, faults=["lost consignment"])
    by_name, truth = named(made), made.truth()
    lost = sum(one.kg for one in truth.faults)

    gone = -sum(truth.balance(component)["lost consignment"] for component in ("Sb", "Cu", "Nd", "Pr", "rest"))
    assert 0.5 * lost < gone / 1e6 <= lost  # the elements that are left out, and the water, are the rest
    assert {by_name[name]["bizStep"] for one in truth.faults for name in one.events} == {"shipping"}


def test_foreign_ore_says_that_it_is_local():
    made = programme(LOTS, SEED, faults=["foreign material"])
    by_name, truth = named(made), made.truth()
    planted = fault(truth, "foreign material")

    for name in planted.events:
        assert by_name[name]["ilmd"]["cbvmda:countryOfOrigin"] == "PK"
        assert by_name[name]["ilmd"]["lode:deposit"].endswith(planted.subject)
    assert sum(truth.arisen["across-the-border"]) / 1e6 == pytest.approx(planted.kg, rel=1e-6)
    traced = truth.origins()
    assert any("across-the-border" in shares for shares in traced.values())


def test_an_oxide_stands_on_the_certificate_as_its_element(sound):
    made = programme(LOTS, SEED, faults=["oxide as element"])
    context = Context.parse(list(CONTEXT))
    found = {one.events[0]: one for one in made.truth().faults}
    checked = 0
    for true, false in zip(sound, events(made), strict=True):
        one = found.get(hash_id(false, context)) if true != false else None
        if one is None:
            continue
        uri = substance_uri(species(one.element or ""))
        pair = [
            next(
                report for report in event["sensorElementList"][0]["sensorReport"] if report["chemicalSubstance"] == uri
            )
            for event in (true, false)
        ]
        ratio = float(pair[1]["value"]) / float(pair[0]["value"])
        # Each has a random error of its own, whose size is that of the line.
        assert ratio == pytest.approx(1 + one.size, abs=6 * one.size / one.size_u + 0.05)
        checked += 1

    assert checked == len(found) > 0
