"""A synthetic programme, reconciled: what truly was in each lot lies inside the bounds, as far as they are certain."""

from typing import Any, NamedTuple

import numpy as np
import pytest

import lodeline
from lodeline.examples.programme import programme
from lodeline.metal.instruments import Instruments
from lodeline.metal.policy import Policy
from lodeline.metal.reconciliation.reconciled import Reconciled, reconcile_flows
from lodeline.metal.reconciliation.reconciled_sums import ReconciledSums
from lodeline.origin.bounds import Bounds
from lodeline.origin.building import Built, mass_graph
from lodeline.origin.cut_uncertainty import uncertain
from lodeline.origin.unknowns import findings
from lodeline.origin.wanted import wanted

LOTS, SEED = 200, 5
DEPOSIT = "/deposit/"


class Given(NamedTuple):
    reconciled: Reconciled
    truth: dict[str, dict[str, dict[str, int]]]


@pytest.fixture(scope="module")
def given(tmp_path_factory: Any) -> Given:
    made = programme(LOTS, seed=SEED, faults=())
    with lodeline.create(tmp_path_factory.mktemp("programme") / "book.db", title="A programme", by="tests") as book:
        truth = made.build(book)
        found = reconcile_flows(book.flows(), Instruments.of(book.master()), Policy.parse(made.policy, version=1))
        return Given(found, truth.origins())


def arcs(built: Built, truth: dict[str, dict[str, dict[str, int]]], element: str) -> dict[str, int]:
    """Traced lots with at least a kilogram of the element whose mass is known: the arc of all of each."""
    flows = built.flows
    found = {}
    for lot, sources in truth.items():
        rows = np.flatnonzero(flows.flows["lot"] == flows.index(lot))
        enough = sum(masses.get(element, 0) for masses in sources.values()) >= 1_000_000
        if enough and rows.size and built.arc[rows[0]] >= 0:
            found[lot] = int(built.arc[rows[0]])
    return found


@pytest.mark.parametrize("element", ["Sb", "Cu", "Nd"])
def test_the_truth_is_inside_the_bounds_or_not_farther_out_than_they_are_uncertain(given: Given, element: str) -> None:
    """Of every deposit in every lot; 4 standard uncertainties, so that chance alone fails one of tens of thousands."""
    built = mass_graph(given.reconciled.flows, element, reconciled=given.reconciled)
    bounds, sums = Bounds(built.graph), ReconciledSums(given.reconciled, [(element, 1.0)], settling=False)
    deposits = {name.rsplit("/", 1)[1]: name for name in built.flows.names if DEPOSIT in name}
    asked = told = 0
    for lot, arc in arcs(built, given.truth, element).items():
        for key, uri in deposits.items():
            true_kg = given.truth[lot].get(key, {}).get(element, 0) / 1e6
            bound = bounds.arc(arc, wanted(built.graph.origins, name=uri))
            asked += 1
            told += bound.least > 0 or bound.most < bound.mg
            if bound.least / 1e6 <= true_kg <= bound.most / 1e6:
                continue
            least, most = uncertain(built, bounds, bound, sums)
            assert least.kg - 4 * least.u_kg <= true_kg <= most.kg + 4 * most.u_kg, (lot, key)
    assert asked > 50
    assert told > asked / 3


def test_reconciled_masses_close_but_for_what_nobody_knows(given: Given) -> None:
    """Within some milligrams of what was computed; gains are grams, where a mass came out below nothing."""
    built = mass_graph(given.reconciled.flows, "Sb", reconciled=given.reconciled)

    assert built.moved_mg < 100
    assert -built.gap_mg[built.gap_mg < 0].sum() < 1e-4 * built.graph.mg[built.graph.tail < 0].sum()
    codes = {one.code for one in findings(built)}
    assert "origin.never_assayed" in codes
    assert codes <= {
        "origin.never_assayed", "origin.not_determined", "origin.negative_stock", "origin.gain", "origin.mass_unknown"
    }  # fmt: skip
