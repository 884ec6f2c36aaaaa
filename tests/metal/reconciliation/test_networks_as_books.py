"""Each published network, written as a book of EPCIS events, answers through the ledger as it does as a flowsheet."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

import lodeline
from lodeline.metal.instruments import Instruments
from lodeline.metal.policy import NO_POLICY
from lodeline.metal.reconciliation.model import Model, Terms
from lodeline.metal.reconciliation.reconciled import Reconciled, reconcile_flows
from lodeline.metal.reconciliation.solution import Solution
from lodeline.metal.reconciliation.solving import solve
from lodeline.record import codec
from lodeline.record.metal import document
from tests.metal.reconciliation.as_book import as_events, lot
from tests.outside import CASES, needs_cases

NETWORKS = sorted((CASES / "reconcile").glob("dr-linear-[0-9]*.json")) if CASES.is_dir() else []


def through_a_book(folder, nodes, weights) -> Reconciled:
    """Capture the events in a book on disk, follow them and reconcile what was read."""
    with lodeline.create(folder / "network.db", title="A flowsheet", by="clerk") as book:
        events = as_events(nodes, weights)
        book.capture(codec.encode(document(events, created=datetime(2026, 6, 1, tzinfo=UTC))), by="clerk")
        return reconcile_flows(book.flows(), Instruments.of(book.master()), NO_POLICY)


def as_flowsheet(nodes, weights) -> tuple[list[str], Solution]:
    """The same without a ledger: one unknown a stream, one balance a node."""
    names = list(dict.fromkeys(stream for into, out in nodes.values() for stream in (*into, *out)))
    at = {name: number for number, name in enumerate(names)}
    weighed = [name for name in names if name in weights]
    value, u = (np.array([float(weights[name][part]) for name in weighed]) for part in (0, 1))
    size = max(value)
    model = Model(
        start=np.full(len(names), size),
        scale=np.full(len(names), size),
        value=value,
        u=u,
        terms=Terms.of([[(1.0, at[name])] for name in weighed]),
        constant=np.zeros(len(nodes)),
        constraint_terms=Terms.of(
            [[*((1.0, at[one]) for one in into), *((-1.0, at[one]) for one in out)] for into, out in nodes.values()]
        ),
        lower=np.full(len(names), -np.inf),
        upper=np.full(len(names), np.inf),
    )
    return names, solve(model)


def of_streams(found: Reconciled, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Dry mass and uncertainty of each stream, wherever its lot goes."""
    flows = found.flows
    lots = [flows.name(code) for code in flows.flows["lot"]]
    rows = [lots.index(lot(name)) for name in names]
    return found.dry.kg[rows], found.dry.u_kg[rows]


@needs_cases
@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_published_network_answers_alike_through_the_ledger(path, tmp_path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    nodes = {one["node"]: (one["in"], one["out"]) for one in case["nodes"]}
    weights = {one["stream"]: (str(one["measured"]), str(one["sd"])) for one in case["streams"]}
    found = through_a_book(tmp_path, nodes, weights)
    names, plain = as_flowsheet(nodes, weights)
    kg, kg_u = of_streams(found, names)

    np.testing.assert_allclose(kg, plain.x, rtol=1e-9)
    np.testing.assert_allclose(kg_u, plain.u, rtol=1e-9)
    assert found.solution.chi2 == pytest.approx(plain.chi2, rel=1e-9)
    assert found.solution.dof == plain.dof == case["global_test"]["dof"]
    published = {one["stream"]: one["our_wls"] for one in case["streams"]}
    np.testing.assert_allclose(kg, [published[name] for name in names], rtol=1e-6)


def test_a_plant_that_is_fed_its_own_output_is_one_balance(tmp_path) -> None:
    """By hand: what is fed comes out, and is read three times: 11.3 and 11 ± 0.1, and 21 - 10 = 11 ± the root of 2."""
    nodes = {"mill": (["feed", "back"], ["ground"]), "screen": (["ground"], ["back", "fine"])}
    weights = {"feed": ("11.3", "0.1"), "fine": ("11", "0.1"), "ground": ("21", "1"), "back": ("10", "1")}
    found = through_a_book(tmp_path, nodes, weights)
    kg, _ = of_streams(found, ["feed", "fine", "ground", "back"])

    through = (11.3 / 0.01 + 11 / 0.01 + 11 / 2) / (1 / 0.01 + 1 / 0.01 + 1 / 2)
    np.testing.assert_allclose(kg, [through, through, 21 + (through - 11) / 2, 10 - (through - 11) / 2])


def test_a_loop_that_is_not_said_to_be_empty_may_keep_some(tmp_path) -> None:
    """Without the word that nothing is left inside, what is read cannot contradict itself."""
    nodes = {"mill": (["feed", "back"], ["ground"]), "screen": (["ground"], ["back", "fine"])}
    weights = {"feed": ("11.3", "0.1"), "fine": ("11", "0.1"), "ground": ("21", "1"), "back": ("10", "1")}
    with lodeline.create(tmp_path / "open.db", title="A loop", by="clerk") as book:
        events = [
            {key: said for key, said in event.items() if "emptied" not in key} for event in as_events(nodes, weights)
        ]
        book.capture(codec.encode(document(events, created=datetime(2026, 6, 1, tzinfo=UTC))), by="clerk")
        found = reconcile_flows(book.flows(), Instruments.of(book.master()), NO_POLICY)
    kg, _ = of_streams(found, ["feed", "fine"])

    np.testing.assert_allclose(kg, [11.3, 11.0])
    assert found.solution.dof == 1  # the screen alone


def test_a_stream_nobody_weighed_is_found_or_named_unknown(tmp_path) -> None:
    nodes = {"split": (["feed"], ["one", "two"]), "press": (["two"], ["cake", "water"])}
    found = through_a_book(tmp_path, nodes, {"feed": ("10", "0.1"), "one": ("4", "0.1")})
    kg, kg_u = of_streams(found, ["two", "cake", "water"])

    assert kg[0] == pytest.approx(6.0)
    assert kg_u[0] == pytest.approx(0.1 * 2**0.5)
    assert np.isnan(kg[1:]).all()
