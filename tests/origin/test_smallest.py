"""The smallest set of contradictory claims is as small as any that trying all of them finds."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.claims import Claim
from lodeline.origin.graph import OUTSIDE, MassGraph
from lodeline.origin.joint import together
from lodeline.origin.smallest import smallest
from lodeline.origin.solver import quiet
from tests.origin.ledgers import graph, ledger
from tests.origin.test_joint import PK, SETS, at_least, random_claims, three_lots


def by_trying(of: MassGraph, claims: list[Claim]) -> int | None:
    """How many claims the smallest contradictory set has."""
    for size in range(1, len(claims) + 1):
        if any(together(of, list(some)).over_mg >= 1 for some in combinations(claims, size)):
            return size
    return None


def division(rng: np.random.Generator) -> tuple[MassGraph, list[Claim]]:
    """Two lots of k and of others become six, each claimed to hold some k."""
    lots = rng.integers(2, 7, 6)
    k = int(rng.integers(1, lots.sum() - 1))
    arcs = [(OUTSIDE, 0, k, 1), (OUTSIDE, 0, int(lots.sum()) - k, 2), *((0, OUTSIDE, int(mg), -1) for mg in lots)]
    claims = [at_least(int(rng.integers(min(mg, k) + 1)), 2 + place) for place, mg in enumerate(lots.tolist())]
    return graph(1, *arcs), claims


def test_random_claims_agree_with_trying_every_set():
    rng = np.random.default_rng(81)
    sizes = []
    for turn in range(40):
        of, claims = division(rng)
        if turn % 2:
            of = ledger(rng, lots=4, events=5, most_mg=6)
            claims = [claim for claim in random_claims(rng, of, 9, SETS) if together(of, [claim]).over_mg == 0][:5]
        wanted = by_trying(of, claims)
        got = smallest(of, claims, beyond_mg=1, arcs=1_000)

        assert (None if got is None else len(got.found.members)) == wanted
        if got is not None:
            assert got.found.irreducible
        sizes.append(wanted)
    assert {None, 2, 3} <= set(sizes)


def clique_book() -> tuple[MassGraph, list[Claim]]:
    """The proof that it is NP-hard, for a graph of four vertices with one triangle (0, 1, 2) and an edge to 3.

    A store a vertex with 1,000 of k and 9,000 of others; an edge blends 1,000 from both its stores and claims 1,001 of
    k, slightly more than 2/(q-1) of a store's for q = 3: so the three of the triangle contradict, and no fewer do.
    """
    edges = [(0, 1), (1, 2), (0, 2), (2, 3)]
    arcs = [arc for store in range(4) for arc in ((OUTSIDE, store, 1_000, 1), (OUTSIDE, store, 9_000, 2))]
    arcs += [(store, 4 + place, 1_000, -1) for place, edge in enumerate(edges) for store in edge]
    first = len(arcs)
    arcs += [(4 + place, OUTSIDE, 2_000, -1) for place in range(len(edges))]
    arcs += [(store, OUTSIDE, 10_000 - 1_000 * sum(store in edge for edge in edges), -1) for store in range(4)]
    return graph(8, *arcs), [at_least(1_001, first + place) for place in range(len(edges))]


def test_a_triangle_is_found_among_edges():
    book, claims = clique_book()
    got = smallest(book, claims, beyond_mg=1, arcs=1_000)

    assert got is not None
    assert (got.found.members, got.found.over_mg) == ((0, 1, 2), 3)


def test_what_is_too_large_for_it_is_refused_and_what_contradicts_by_less_is_not_found():
    claims = [at_least(2, arc) for arc in (2, 3, 4)]

    with pytest.raises(InputError, match=re.escape("claim.too_many")):
        smallest(three_lots(), claims, beyond_mg=1, arcs=3)
    with pytest.raises(InputError, match=re.escape("claim.beyond")):
        smallest(three_lots(), claims, beyond_mg=0, arcs=100)
    assert smallest(three_lots(), claims, beyond_mg=3, arcs=100) is None
    assert smallest(three_lots(), claims, beyond_mg=2, arcs=100) is not None


def test_the_solver_prints_nothing(capfd):
    quiet().run()
    together(three_lots(), [at_least(2, 2), Claim("all", (3,), PK, "at most", 0)])

    assert capfd.readouterr() == ("", "")
