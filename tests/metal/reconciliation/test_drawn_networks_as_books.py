"""Any flowsheet of masses, recycles included, answers through events as it does by itself, on the same graph."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import lodeline
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.words import CLOSING, NODE, OUTSIDE, QUANTITY
from lodeline.metal.instruments import Instruments
from lodeline.metal.policy import NO_POLICY
from lodeline.metal.reconciliation.network import Measured, Network, Stream
from lodeline.metal.reconciliation.reconciled import reconcile_flows
from tests.metal.reconciliation.as_book import as_events, lot
from tests.metal.reconciliation.flowsheets import networks, uncertainties, values
from tests.metal.small_book import book

Nodes = Mapping[str, tuple[list[str], list[str]]]


def sides(network: Network) -> Nodes:
    """Streams into and out of each node."""
    return {
        node: (
            [one.name for one in network.streams if one.to_node == node],
            [one.name for one in network.streams if one.from_node == node],
        )
        for node in network.nodes
    }


def weights(network: Network) -> dict[str, tuple[str, str]]:
    """What was read, as tickets say it: in decimals."""
    return {
        one.name: (str(Decimal(one.mass.value)), str(Decimal(one.mass.u or 0)))
        for one in network.streams
        if isinstance(one.mass, Measured)
    }


@given(networks(missing=0.2))
@settings(deadline=None, max_examples=40)
def test_a_drawn_network_answers_alike_through_events_and_by_itself(network: Network) -> None:
    plain = lodeline.reconcile(network)
    found = reconcile_flows(book(*as_events(sides(network), weights(network))).flows, Instruments.of(()), NO_POLICY)
    flows = found.flows
    lots = [flows.name(code) for code in flows.flows["lot"]]
    names = [one.name for one in network.streams]
    rows = [lots.index(lot(name)) for name in names]
    x, u = values(plain, names), uncertainties(plain, names)
    size = np.nanmax(np.abs(x), initial=1.0)

    np.testing.assert_allclose(found.dry.kg[rows], x, rtol=1e-9, atol=1e-9 * size)
    np.testing.assert_allclose(found.dry.u_kg[rows], u, rtol=1e-7, atol=1e-9 * size)
    np.testing.assert_allclose(found.solution.chi2, plain.chi2, rtol=1e-7, atol=1e-9)
    assert found.solution.dof == plain.dof


def ends(flows: Flows, name: str) -> tuple[str | None, str | None, list[tuple[float, float]]]:
    """The processes that a lot comes out of and goes into, following its flows, and what was read on the way."""
    rows = [row for row in range(flows.flows.rows) if flows.name(flows.flows["lot"][row]) == lot(name)]
    tails = {int(flows.flows["tail"][row]): row for row in rows}
    heads = {int(flows.flows["head"][row]) for row in rows}
    (first,) = (row for tail, row in tails.items() if tail not in heads)
    row, chain = first, [first]
    while (head := int(flows.flows["head"][row])) in tails:
        row = tails[head]
        chain.append(row)
    assert sorted(chain) == sorted(rows)  # one chain, nothing beside it
    measured = flows.measurements
    read = [
        (float(measured["value"][one]), float(measured["u"][one]))
        for one in range(measured.rows)
        if measured["flow"][one] in chain and measured["quantity"][one] == QUANTITY["net"]
    ]
    return _process(flows, int(flows.flows["tail"][first])), _process(flows, int(flows.flows["head"][row])), read


def _process(flows: Flows, node: int) -> str | None:
    """The transformationID of a process; None outside."""
    if node in (OUTSIDE, CLOSING):
        return None
    assert flows.nodes["kind"][node] == NODE["process"]
    return flows.name(flows.nodes["name"][node])


@given(networks(missing=0.2))
@settings(deadline=None, max_examples=40)
def test_each_stream_is_one_chain_of_flows_between_its_two_nodes_weighed_once(network: Network) -> None:
    flows = book(*as_events(sides(network), weights(network))).flows

    def node(name: str | None) -> str | None:
        return None if name is None else f"urn:example:node:{name}"

    for stream in network.streams:
        source, to, read = ends(flows, stream.name)
        assert (source, to) == (node(stream.from_node), node(stream.to_node))
        assert read == _read(stream)
    processes = {flows.name(flows.nodes["name"][row]) for row in np.flatnonzero(flows.nodes["kind"] == NODE["process"])}
    assert processes == {node(name) for name in network.nodes}
    # What joins the states of a process that is fed its own output is not known, and so ties nothing but its balance.
    unsaid = [row for row in range(flows.flows.rows) if flows.name(flows.flows["lot"][row]) is None]
    assert np.isnan(flows.flows["mass_kg"][unsaid]).all()


def _read(stream: Stream) -> list[tuple[float, float]]:
    return [(stream.mass.value, stream.mass.u or 0)] if isinstance(stream.mass, Measured) else []


@given(networks(missing=0.0), st.permutations(range(12)))
@settings(deadline=None, max_examples=15)
def test_the_order_in_which_a_book_is_written_does_not_matter(network: Network, order: list[int]) -> None:
    """Nodes are begun in another order, so that another stream closes each loop."""
    names = [name for _, name in sorted(zip(order, network.nodes, strict=False))]
    of = sides(network)
    one, other = (
        reconcile_flows(book(*as_events(nodes, weights(network))).flows, Instruments.of(()), NO_POLICY)
        for nodes in (of, {name: of[name] for name in names})
    )
    np.testing.assert_allclose(one.solution.chi2, other.solution.chi2, rtol=1e-7, atol=1e-9)
