"""What holds of every flowsheet: closure, units, order, more measurements, two formulations, and who can be known."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.metal.reconciliation.network import (
    Fixed,
    Given,
    Instrument,
    Measured,
    Network,
    Reading,
    Standard,
    Stream,
    Unmeasured,
    reconcile,
)
from lodeline.metal.reconciliation.network_result import Reconciled
from tests.metal.reconciliation.flowsheets import Plant, measured, networks, plants, uncertainties, values

quick = settings(deadline=None, max_examples=30)


def solved(network: Network) -> Reconciled:
    """The network, reconciled; of some that are drawn so little is measured that the best place is at infinity."""
    try:
        return reconcile(network)
    except InputError as refusal:
        assume(refusal.code != "reconcile.not_converged")
        raise


@given(networks(components=2, low=0.0))
@quick
def test_every_node_closes_to_a_billionth_and_every_limit_is_kept(network: Network) -> None:
    found = solved(network)
    largest = max([one.value or 0.0 for one in found.figures if one.kind == "mass"], default=1.0)

    assert max((abs(one.after) for one in found.closure), default=0.0) <= 1e-9 * max(largest, 1.0)
    for one in found.figures:
        if one.value is not None:
            assert math.isfinite(one.value)
            assert one.value >= -1e-9 * largest
            assert one.kind != "mass fraction" or one.value <= 1 + 1e-9
            assert one.u is not None
            assert one.u >= 0


@given(networks(components=2, missing=0.15), st.sampled_from([1e-3, 0.45359237, 1e3, 1e6]))
@quick
def test_the_unit_of_mass_does_not_matter(network: Network, unit: float) -> None:
    def times(given: Given) -> Given:
        match given:
            case Measured(value=value, u=float(u)):
                return Measured(value * unit, u * unit)
            case Fixed(value=value):
                return Fixed(value * unit)
        return given

    scaled = msgspec.structs.replace(
        network, streams=[msgspec.structs.replace(one, mass=times(one.mass)) for one in network.streams]
    )
    plain, other = solved(network), solved(scaled)
    masses = [one.name for one in plain.figures if one.kind in ("mass", "mass of component")]
    grades = [one.name for one in plain.figures if one.kind == "mass fraction"]

    assert other.chi2 == pytest.approx(plain.chi2, rel=1e-6, abs=1e-9)
    assert other.dof == plain.dof
    size = np.nanmax(np.abs(values(plain, masses)), initial=1.0)
    np.testing.assert_allclose(values(other, masses) / unit, values(plain, masses), rtol=1e-6, atol=1e-8 * size)
    np.testing.assert_allclose(values(other, grades), values(plain, grades), rtol=1e-5, atol=1e-7)


@given(networks(components=1), st.randoms(use_true_random=False))
@quick
def test_the_order_of_nodes_and_streams_does_not_matter(network: Network, random: Any) -> None:
    nodes, streams = list(network.nodes), list(network.streams)
    random.shuffle(nodes)
    random.shuffle(streams)
    plain, other = solved(network), solved(msgspec.structs.replace(network, nodes=nodes, streams=streams))
    names = [one.name for one in plain.figures]

    assert other.chi2 == pytest.approx(plain.chi2, rel=1e-6, abs=1e-9)
    assert [other[name].klass for name in names] == [plain[name].klass for name in names]
    size = np.nanmax(np.abs(values(plain, names)), initial=1.0)
    np.testing.assert_allclose(values(other, names), values(plain, names), rtol=1e-6, atol=1e-8 * size)


@given(networks(), st.data())
@quick
def test_a_further_measurement_never_widens_an_uncertainty(network: Network, data: st.DataObject) -> None:
    """Whatever it reads; in a network of masses uncertainties do not depend on what is read."""
    which = data.draw(st.sampled_from([one.name for one in network.streams]))
    reading = Measured(data.draw(st.floats(1, 200)), data.draw(st.floats(0.01, 50)))
    more = msgspec.structs.replace(network, readings=[Reading(name="more", of=which, value=reading)])
    plain, other = reconcile(network), reconcile(more)

    for one in plain.figures:
        after = other[one.name]
        if one.u is not None:
            assert after.u is not None
            assert after.u <= one.u * (1 + 1e-9)
    assert other[which].value is not None


@given(networks(components=2, missing=0.15), st.data())
@quick
def test_a_measurement_that_says_what_was_computed_narrows_and_moves_nothing(
    network: Network, data: st.DataObject
) -> None:
    """Of grades and masses together uncertainties depend on where the products are linearised, and that stays."""
    plain = solved(network)
    asked = [one for one in plain.figures if one.value and one.u and one.kind != "mass of component"]
    assume(asked)
    one = data.draw(st.sampled_from(asked))
    assert one.value is not None
    assert one.u is not None
    value = Measured(min(max(one.value, 0.0), 1.0) if one.kind == "mass fraction" else one.value, one.u)
    other = solved(msgspec.structs.replace(network, readings=[Reading(name="more", of=one.name, value=value)]))

    assert other.chi2 == pytest.approx(plain.chi2, rel=1e-6, abs=1e-8)
    assert other[one.name].u == pytest.approx(one.u / 2**0.5, rel=1e-5)
    for before in plain.figures:
        after = other[before.name]
        if before.u is not None:
            assert after.u is not None
            assert after.u <= before.u * (1 + 1e-6) + 1e-12


# -- who can be known, by the graph --------------------------------------------------------------------------------


def joined(network: Network, names: set[str]) -> dict[str | None, str | None]:
    """Which nodes are joined by these streams, outside (None) being a node too."""
    parent: dict[str | None, str | None] = {node: node for node in (None, *network.nodes)}

    def root(node: str | None) -> str | None:
        while parent[node] != node:
            node = parent[node]
        return node

    for one in network.streams:
        if one.name in names:
            parent[root(one.from_node)] = root(one.to_node)
    return {node: root(node) for node in parent}


def determined(network: Network, stream: Stream, unmeasured: set[str]) -> bool:
    """Whether the balances alone give a stream: its ends fall apart where the other unmeasured streams are all there
    is, so that one sum of nodes has it and measured streams.

    Source: Vaclavek (1969), Chem. Eng. Sci. 24, 947-955.
    """
    part = joined(network, unmeasured - {stream.name})
    return part[stream.from_node] != part[stream.to_node]


@given(networks(missing=0.5))
@settings(deadline=None, max_examples=100)
def test_masses_are_classed_as_the_graph_says(network: Network) -> None:
    found = reconcile(network)
    unmeasured = {one.name for one in network.streams if isinstance(one.mass, Unmeasured)}

    for stream in network.streams:
        sure = determined(network, stream, unmeasured)
        if stream.name in unmeasured:
            assert found[stream.name].klass == ("observable" if sure else "unobservable")
            assert (found[stream.name].value is not None) == sure
        else:
            assert found[stream.name].klass == ("redundant" if sure else "measured only")


@given(networks(missing=0.5))
@quick
def test_what_has_no_number_is_what_other_masses_would_do_as_well(network: Network) -> None:
    """Brute force: an unobservable stream can be read as anything at all, and nothing contradicts it."""
    found = reconcile(network)
    for one in found.figures:
        if one.value is None:
            for value in (1.0, 1000.0):
                said = Reading(name="said", of=one.name, value=Measured(value, 0.01))
                other = reconcile(msgspec.structs.replace(network, readings=[said]))
                assert other.chi2 == pytest.approx(found.chi2, abs=1e-6, rel=1e-6)
                assert other[one.name].value == pytest.approx(value, rel=1e-6)
            return


# -- biases --------------------------------------------------------------------------------------------------------


@given(plants(), st.data())
@quick
def test_biases_are_the_covariance_that_they_stand_for(plant: Plant, data: st.DataObject) -> None:
    """``y = x (1 + b + s) + e``: at the reconciled masses every uncertainty is that of the dense marginal formula."""
    network = data.draw(measured(plant, missing=0.0))
    scales = [data.draw(st.sampled_from("AB")) for _ in network.streams]
    prior, shared = {"A": 0.01, "B": 0.003}, 0.002
    streams = []
    for one, scale in zip(network.streams, scales, strict=True):
        assert isinstance(one.mass, Measured)
        streams.append(msgspec.structs.replace(one, mass=Measured(one.mass.value, one.mass.u, scale)))
    biased = msgspec.structs.replace(
        network,
        streams=streams,
        instruments=[Instrument(name=name, relative_u=u, standard="weights") for name, u in prior.items()],
        standards=[Standard(name="weights", relative_u=shared)],
    )
    found = reconcile(biased)
    names = [one.name for one in network.streams]
    x = values(found, names)
    off = np.array([(found[scale].value or 0) + (found["weights"].value or 0) for scale in scales])

    # Each reading, turned into one of its mass: its error is e / (1 + off), and x (b + s) / (1 + off).
    u = np.array([one.mass.u for one in streams if isinstance(one.mass, Measured)]) / (1 + off)
    member = np.array([[scale == name for name in prior] for scale in scales], dtype=float)
    loading = np.column_stack([member * list(prior.values()), np.full(len(names), shared)]) * (x / (1 + off))[:, None]
    covariance = np.diag(u**2) + loading @ loading.T
    from tests.metal.reconciliation.flowsheets import balances, by_null_space

    _, spread, _ = by_null_space(balances(network), np.eye(len(names)), x, covariance)
    np.testing.assert_allclose(uncertainties(found, names), np.sqrt(np.diag(spread)), rtol=1e-6)


@given(networks(missing=0.0))
@quick
def test_a_bias_that_all_scales_share_never_shows(network: Network) -> None:
    """One scale for everything: its bias keeps its prior, whatever was read."""
    streams = []
    for one in network.streams:
        assert isinstance(one.mass, Measured)
        streams.append(msgspec.structs.replace(one, mass=Measured(one.mass.value, one.mass.u, "A")))
    one_scale = msgspec.structs.replace(network, streams=streams, instruments=[Instrument(name="A", relative_u=0.005)])
    bias = reconcile(one_scale)["A"]

    assert bias.u == pytest.approx(0.005, rel=1e-3)
    assert abs(bias.value or 0) <= 0.02 * 0.005


# -- well measured plants always settle ----------------------------------------------------------------------------


def flat(found: Reconciled) -> Mapping[str, float | None]:
    return {one.name: one.value for one in found.figures}


def test_eighty_well_measured_plants_all_settle_in_a_few_rounds() -> None:
    """Masses known to 2 %, grades to 5 %, a fifth of them missing; drawn from seeds, none is let off."""
    rounds = []
    for seed in range(80):
        found = reconcile(drawn(np.random.default_rng(seed)))
        rounds.append(found.solution.iterations)
        assert all(value is None or math.isfinite(value) for value in flat(found).values())
    assert np.percentile(rounds, 95) <= 6
    assert max(rounds) <= 20


def drawn(random: np.random.Generator) -> Network:
    """A plant of up to four nodes and two components, with normal errors."""
    nodes = [f"N{number}" for number in range(4)]
    flows: dict[tuple[str | None, str | None], Any] = {}
    for _ in range(5):
        way = [str(node) for node in random.permutation(nodes)[: random.integers(1, 5)]]
        carried = random.uniform(1, 100) * np.array([1.0, *random.dirichlet(np.ones(3))[:2]])
        for ends in zip([None, *way], [*way, None], strict=True):
            flows[ends] = flows.get(ends, 0.0) + carried
    streams = []
    for number, ((source, to), (mass, *parts)) in enumerate(flows.items()):
        read = Measured(mass * (1 + 0.02 * random.normal()), 0.02 * mass)
        grades: dict[str, Given] = {}
        for component, part in enumerate(parts):
            if random.random() >= 0.2:
                grade = part / mass
                said = float(np.clip(grade * (1 + 0.05 * random.normal()), 0, 1))
                grades[f"c{component}"] = Measured(said, 0.05 * grade)
        known = random.random() >= 0.2
        streams.append(
            Stream(
                name=f"F{number}",
                from_node=source,
                to_node=to,
                grades=grades,
                **({"mass": read} if known else {}),
            )
        )
    used = dict.fromkeys(node for ends in flows for node in ends if node is not None)
    return Network(nodes=list(used), streams=streams, components=["c0", "c1"])
