"""Names of figures: every name that is printed can be typed, and what cannot be meant is refused with what is near."""

from __future__ import annotations

import numpy as np
import pytest

from lodeline.errors import InputError, NotFoundError
from lodeline.metal.flows.words import CLOSING
from lodeline.metal.reconciliation.explaining import explain
from lodeline.metal.reconciliation.figure_names import account_name, bias_name, described, name_of, names, token
from lodeline.metal.reconciliation.figures import asked
from lodeline.metal.reconciliation.reconciled import Reconciled
from tests.metal.reconciliation.small_reconciled import SCALE, SELLERS, assayed, reconciled
from tests.metal.reconciliation.test_explaining import OTHER, PLANT, RECORDS
from tests.metal.small_book import LOT, MINE, STIBNITE, WORKS, received, shipped


@pytest.fixture(scope="module")
def plant() -> Reconciled:
    return reconciled(*PLANT, shipped(9, lot=OTHER), received(10, lot=OTHER), records=RECORDS)


def test_every_flow_has_a_name_and_the_name_means_that_flow(plant):
    told = names(plant.flows, "dry")

    assert len(set(told)) == len(told) == plant.flows.flows.rows
    for at, name in enumerate(told):
        wanted = asked(name, plant)
        assert (wanted.name, wanted.plus.tolist(), wanted.minus.tolist(), wanted.of) == (name, [at], [], None)
        assert name_of(plant.flows, "dry", at) == name


def test_every_bias_has_a_name_that_means_it(plant):
    for number, bias in enumerate(plant.ledger.biases.listed):
        assert asked(bias_name(bias), plant).bias == number


def test_a_lot_without_an_act_is_as_it_was_made_and_with_a_place_as_it_is_held(plant):
    flow = plant.flows.flows

    assert asked(f"Sb of {LOT}", plant).name == f"Sb of {LOT} made"
    assert asked(f"Sb of {LOT}", plant).of == (("Sb", 1.0),)
    here = asked(f"dry of {OTHER} at {WORKS}", plant)
    assert here.name == f"dry of {OTHER} held at {WORKS}"
    assert (flow["head"][here.plus] == CLOSING).all()
    assert asked(["dry", "of", OTHER, "shipped"], plant).plus.size == 1


def test_totals_are_of_all_that_is_held_there_or_of_a_material(plant):
    everything = asked("Sb held", plant)

    assert everything.plus.tolist() == np.flatnonzero(plant.flows.flows["head"] == CLOSING).tolist()
    assert asked(f"Sb held at {MINE}", plant).plus.size == everything.plus.size - 1
    assert asked(f"Sb held at {WORKS} of {STIBNITE}", plant).name == f"Sb held at {WORKS} of {STIBNITE}"
    assert asked(f"dry held at {WORKS}", plant).plus.size == 1


def test_a_group_is_summed_by_its_members(plant):
    assert asked("Both held", plant, groups={"Both": ("Sb", "Sb2O3")}).of == (
        ("Sb", 1.0),
        ("Sb", pytest.approx(1 / 0.8353, rel=1e-3)),
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Sb of urn:example:lot:othr", OTHER),
        (f"Sb of {OTHER} used", f"Sb of {OTHER} shipped at {MINE}"),
        (f"dry of {OTHER} at urn:example:nowhere", f"dry of {OTHER} held at {WORKS}"),
        (f"dry of {OTHER} shipped entry 1", f"dry of {OTHER} shipped at {MINE}"),
        ("Sc of urn:example:lot:1", "Sb"),
        ("dry held at urn:example:prt", WORKS),
        ("dry held of urn:example:copper", STIBNITE),
        ("bias of urn:example:scale:3", f"bias of {SCALE}"),
        (f"bias of {SELLERS} in Cu", f"bias of {SELLERS} in Sb"),
    ],
)
def test_a_name_of_what_the_book_does_not_have_is_refused_with_what_is_near(plant, name, near):
    with pytest.raises(NotFoundError) as refused:
        asked(name, plant)

    assert refused.value.code == "explain.figure_unknown"
    assert near in refused.value.where["near"]
    assert near in refused.value.sentence


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Sb",
        "Sb of",
        f"Sb of {LOT} made made",
        f"Sb of {LOT} at",
        f"Sb of {LOT} at {MINE} at {MINE}",
        f"Sb of {LOT} shipped entry soon",
        "Sb held by nobody",
        "Sb closing site=urn:example:mine",
        "Sb what is this",
        "bias of",
        'Sb of "urn:example',
    ],
)
def test_what_is_no_name_is_refused_with_the_forms_that_are(plant, name):
    with pytest.raises(InputError, match=r"explain\.figure_form"):
        asked(name, plant)


def test_an_instrument_with_several_biases_asks_which():
    two = reconciled(*PLANT, assayed(3, "1", "0.1", by=SELLERS, of="Cu"), records=RECORDS)

    with pytest.raises(InputError) as refused:
        explain(two, f"bias of {SELLERS}")
    assert refused.value.code == "explain.figure_ambiguous"
    assert refused.value.where["near"] == [f"bias of {SELLERS} in {element}" for element in ("Sb", "Cu")]
    assert explain(two, f"bias of {SELLERS} in Cu").name == f"bias of {SELLERS} in Cu"
    assert asked(f"bias of {SCALE}", two).bias >= 0


def test_lines_of_accounts_are_found_by_whoever_keeps_them(plant):
    def lines(what, line, keys):
        assert (what, line, keys) == ("Sb", "closing", {"site": MINE, "month": "2026-03"})
        return np.array([0]), np.array([1])

    found = asked(f"Sb closing site={MINE} month=2026-03", plant, lines=lines)

    assert (found.plus.tolist(), found.minus.tolist()) == ([0], [1])
    assert found.name == account_name("Sb", "closing", [("site", MINE), ("month", "2026-03")])


def test_a_name_with_blanks_stands_in_quotes():
    assert token("urn:a") == "urn:a"
    assert token('a "b" \\c') == '"a \\"b\\" \\\\c"'


def test_what_is_of_no_lot_is_told_by_its_entry(plant):
    table = plant.flows
    assert described(table, 0) == f"lot {LOT} as it was made at {MINE}"
