"""Shares by country, by where a stage was done, by first owner and by certificate; stores of a book by their rules."""

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.words import CLASS
from lodeline.metal.policy_document import MIXING
from lodeline.origin.building import mass_graph
from lodeline.origin.by import by_origin, certificate, country, first_owner, kind, passed, shares_by, stage
from lodeline.origin.keeping import WORDS, stores
from lodeline.origin.mixing import RULES, routed
from lodeline.origin.shares import shares
from tests.metal.drawn import Arc, Made, Node, drawn

MINE, MILL, WORKS, YARD = "urn:mine", "urn:mill", "urn:works", "urn:yard"


def refined() -> Flows:
    """Ore 6 of PK is milled to concentrate; it and 2 of bought concentrate of CN are smelted to ingots of 8."""
    return drawn(
        [
            Node("holding", "ore", MINE, "O"),
            Node("process", "milling", MILL),
            Node("holding", "concentrate", MILL, "C"),
            Node("holding", "bought", WORKS, "B"),
            Node("process", "smelting", WORKS),
            Node("holding", "ingot", WORKS, "I"),
            Node("process", "splitting", YARD),
            Node("holding", "part", YARD, "P"),
        ],
        [
            Arc("outside", "ore", "arising", "O", 6.0),
            Arc("ore", "milling", "process_in", "O", 6.0, label="concentrate"),
            Arc("milling", "concentrate", "process_out", "C", 6.0, label="concentrate"),
            Arc("concentrate", "smelting", "process_in", "C", 6.0, label="smelt"),
            Arc("outside", "bought", "arising", "B", 2.0),
            Arc("bought", "smelting", "process_in", "B", 2.0, label="smelt"),
            Arc("smelting", "ingot", "process_out", "I", 8.0, label="smelt"),
            Arc("ingot", "splitting", "process_in", "I", 8.0, label="split"),
            Arc("splitting", "part", "process_out", "P", 8.0, label="split"),
            Arc("part", "closing", "closing", "P", 8.0),
        ],
        {
            "O": Made(stage="mined", country="PK"),
            "C": Made(stage="concentrated"),
            "B": Made(stage="concentrated", country="CN"),
            "I": Made(stage="refined"),
            "P": Made(stage="refined"),
        },
    )


def at_end(flows: Flows, labels) -> dict[str | None, float]:
    """Shares of what is held at last, by name of the class; those of nothing left out."""
    built = mass_graph(flows, "Sb")
    share = shares_by(built.graph, labels(built.graph)).of_arcs(built.arc[-1:])[0]
    return {
        name: pytest.approx(one) for name, one in zip(labels(built.graph).names, share.tolist(), strict=True) if one
    }


def test_where_each_stage_was_done():
    """The splitting makes nothing refined: that was done at the works; 2 of 8 were concentrated before they came."""
    flows = refined()

    assert at_end(flows, lambda graph: stage(graph, flows, "mined")) == {MINE: 0.75, None: 0.25}
    assert at_end(flows, lambda graph: stage(graph, flows, "concentrated")) == {MILL: 0.75, WORKS: 0.25}
    assert at_end(flows, lambda graph: stage(graph, flows, "refined")) == {WORKS: 1}
    assert at_end(flows, lambda graph: stage(graph, flows, "recycled")) == {None: 1}


def with_owners(flows: Flows) -> Flows:
    """The same with the ore of A; nobody says whose the bought concentrate was."""
    tables = flows.tables()
    owner = tables["nodes"]["owner"].copy()
    owner[2] = len(flows.names)
    owner[7] = len(flows.names) + 1
    return Flows.from_tables((*flows.names, "urn:a", "urn:b"), {**tables, "nodes": {**tables["nodes"], "owner": owner}})


def unweighed(*rows: int) -> Flows:
    """The same with the masses of some flows unknown."""
    flows = refined()
    tables = flows.tables()
    columns = {name: column.copy() for name, column in tables["flows"].items()}
    columns["mass_kg"][list(rows)] = np.nan
    columns["mass_class"][list(rows)] = CLASS["unknown"]
    return Flows.from_tables(flows.names, {**tables, "flows": columns})


def test_where_it_was_mined_is_known_though_nobody_weighed_it_then():
    """Ore and what was milled of it are unknown until the smelter; nothing but ore of the mine can have come there."""
    flows = unweighed(0, 1, 2)

    assert mass_graph(flows, "Sb").graph.flow[0] >= 0
    assert at_end(flows, lambda graph: stage(graph, flows, "mined")) == {MINE: 0.75, None: 0.25}
    assert at_end(flows, lambda graph: stage(graph, flows, "concentrated")) == {MILL: 0.75, WORKS: 0.25}


def test_where_unknown_flows_may_be_of_two_places_none_is_named():
    """Neither the concentrate nor the bought one was weighed into the smelter: 8 may be of either."""
    flows = unweighed(0, 1, 2, 3, 4, 5)

    assert at_end(flows, lambda graph: stage(graph, flows, "mined")) == {None: 1}
    assert at_end(flows, lambda graph: stage(graph, flows, "refined")) == {WORKS: 1}


def test_where_unknown_flows_are_all_of_one_place_it_is_named():
    flows = unweighed(0, 1, 2, 3)
    both = Flows.from_tables(flows.names, flows.tables() | {"nodes": one_place(flows)})

    assert at_end(both, lambda graph: stage(graph, both, "concentrated")) == {WORKS: 1}


def one_place(flows: Flows) -> dict[str, np.ndarray]:
    """Nodes that are all at the works."""
    nodes = flows.tables()["nodes"]
    return nodes | {"place": np.full_like(nodes["place"], flows.index(WORKS))}


def test_who_owned_it_first():
    flows = with_owners(refined())

    assert at_end(flows, lambda graph: first_owner(graph, flows)) == {"urn:a": 0.75, None: 0.25}


def test_under_which_certificate_it_was_last_assayed():
    """The ore is assayed under X, and what is made of it inherits that; the bought concentrate is under Y."""
    flows = refined()
    tables = flows.tables()
    measured = {name: column[:5] for name, column in tables["measurements"].items()}
    measured["certificate"] = np.array([len(flows.names), -1, -1, -1, len(flows.names) + 1], dtype=np.int32)
    inherits = tables["flows"]["inherits"].copy()
    inherits[1:4], inherits[5] = [0, 0, 0], 4
    measured = {name: column[[0, 4]] for name, column in measured.items()}
    known = Flows.from_tables(
        (*flows.names, "urn:x", "urn:y"),
        {**tables, "flows": {**tables["flows"], "inherits": inherits}, "measurements": measured},
    )

    assert at_end(known, lambda graph: certificate(graph, known, "Sb")) == {"urn:x": 0.75, "urn:y": 0.25}


def test_countries_and_kinds_are_sums_of_origins_and_untraced_stays_apart():
    built = mass_graph(refined(), "Sb")
    share = shares(built.graph).of_arcs(built.arc[-1:])

    by_country = dict(zip(*map(list, _first(by_origin(share, built.graph.origins, country))), strict=True))
    assert by_country == {
        ("untraced", ""): 0,
        ("traced", "PK"): pytest.approx(0.75),
        ("traced", "CN"): pytest.approx(0.25),
    }
    names, kinds = by_origin(share, built.graph.origins, kind)
    assert dict(zip(names, kinds[0].tolist(), strict=True)) == {"untraced": 0, "country": pytest.approx(1)}


def _first(found: tuple[tuple, np.ndarray]) -> tuple[tuple, list[float]]:
    return found[0], found[1][0].tolist()


def test_how_much_ever_passed_the_mill():
    built = mass_graph(refined(), "Sb")
    flags = np.zeros(built.graph.mg.size, dtype=bool)
    flags[built.arc[2]] = True

    assert passed(built.graph, flags)[built.graph.tail[built.arc[-1]]] == pytest.approx(0.75)


def yard() -> Flows:
    """A store: lot A (PK) 5 laid down, 4 drawn; lot B (CN) 5 laid down, 3 drawn; 3 remain."""
    return drawn(
        [
            Node("holding", "a", MINE, "A"),
            Node("process", "first", YARD),
            Node("holding", "x", WORKS, "X"),
            Node("holding", "b", MINE, "B"),
            Node("process", "then", YARD),
            Node("holding", "y", WORKS, "Y"),
        ],
        [
            Arc("outside", "a", "arising", "A", 5.0),
            Arc("a", "first", "process_in", "A", 5.0, label="store"),
            Arc("first", "x", "process_out", "X", 4.0, label="store"),
            Arc("x", "closing", "closing", "X", 4.0),
            Arc("first", "then", "stock", "", 1.0),
            Arc("outside", "b", "arising", "B", 5.0),
            Arc("b", "then", "process_in", "B", 5.0, label="store"),
            Arc("then", "y", "process_out", "Y", 3.0, label="store"),
            Arc("y", "closing", "closing", "Y", 3.0),
            Arc("then", "closing", "closing", "", 3.0),
        ],
        {"A": Made(country="PK"), "B": Made(country="CN")},
    )


@pytest.mark.parametrize(("rule", "pk"), [("perfect", 1 / 6), ("fifo", 1 / 3), ("lifo", 0)])
def test_a_store_of_a_book_is_kept_by_its_rule(rule, pk):
    built = mass_graph(yard(), "Sb")
    kept = stores(built.graph, built.flows, {YARD: rule})
    done = routed(built.graph, kept)
    share = done.of_arcs(shares(done.graph), built.arc[8:9])[0]

    assert share[[origin.country for origin in built.graph.origins].index("PK")] == pytest.approx(pk)
    assert [RULES[kept.rule[node]] for node in built.node[[2, 3, 6]]] == ["perfect", rule, rule]


def test_labels_follow_the_metal_under_a_rule_too():
    """The oldest goes first: the 4 drawn before B came are all of A, and of the 3 drawn then 1 is."""
    built = mass_graph(yard(), "Sb")
    done = routed(built.graph, stores(built.graph, built.flows, {YARD: "fifo"}))
    mine = np.zeros(done.graph.mg.size, dtype=bool)
    mine[done.arc[built.arc[0]]] = True

    at = done.graph.tail[done.arc[built.arc[[3, 8]]]]
    np.testing.assert_allclose(passed(done.graph, mine)[at], [1, 1 / 3])


def test_every_word_for_how_a_store_mixes_has_its_rule():
    assert {word: rule in RULES for word, rule in WORDS.items()} == dict.fromkeys(MIXING, True)


def test_a_rule_that_there_is_not_is_refused():
    built = mass_graph(yard(), "Sb")

    with pytest.raises(InputError) as refusal:
        stores(built.graph, built.flows, {YARD: "stirred"})

    assert refusal.value.code == "origin.rule_unknown"
