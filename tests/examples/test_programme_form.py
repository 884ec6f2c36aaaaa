"""The form of an event does not tell whether it is false: a classifier taught on other programmes fails."""

from __future__ import annotations

import numpy as np
import pytest

from lodeline.examples.programme import KINDS
from tests.examples.programme_form import CALENDAR, Classifier, Seen, Trial, seen

pytestmark = pytest.mark.slow

LEARNT, TRIED = range(6), range(6, 12)
LOTS = 900

LIMIT = 0.995
"""Of the AUCs by chance that of a sound generator is below this many; with two trials of seven kinds."""


@pytest.fixture(scope="module")
def programmes() -> list[list[Seen]]:
    return [seen(LOTS, seed) for seed in (*LEARNT, *TRIED)]


def trial(programmes: list[list[Seen]], kind: str, without: frozenset[str]) -> Trial:
    classifier = Classifier([programmes[seed] for seed in LEARNT], kind, without=without)
    return Trial(classifier, [programmes[seed] for seed in TRIED])


@pytest.mark.parametrize("without", [frozenset(), CALENDAR], ids=["all features", "without the calendar"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_form_of_events_does_not_give_a_fault_away(programmes, kind, without):
    found = trial(programmes, kind, without)
    chance = found.by_chance(np.random.default_rng(1), 1000)

    assert found.faulty >= 6
    assert found.auc() <= chance[int(LIMIT * chance.size)]


@pytest.mark.parametrize(
    ("kind", "tell"),
    [
        ("biased weighbridge", {"u": 0}),
        ("double receipt", {"quantity": ("another number of digits",)}),
        ("foreign material", {"permit's length": 9}),
        ("oxide as element", {"delay": "late"}),
    ],
)
def test_a_tell_in_the_form_would_be_found(programmes, kind, tell):
    """The test above can fail: one property that sound events do not have is enough."""
    spoilt = [
        [event._replace(features={**event.features, **tell}) if kind in event.faults else event for event in found]
        for found in programmes
    ]
    found = trial(spoilt, kind, CALENDAR)
    chance = found.by_chance(np.random.default_rng(1), 1000)

    assert found.auc() > chance[int(LIMIT * chance.size)]
