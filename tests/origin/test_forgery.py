"""Whatever passes arithmetic and the book is true, however a forger came by it: what is held to be proved is right."""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
import pytest

from lodeline.errors import InputError, IntegrityError
from lodeline.origin.against_book import check_against
from lodeline.origin.bounds import Bounds
from lodeline.origin.certificate import BoundCertificate, RefutationCertificate, RoutingCertificate, read
from lodeline.origin.checking import check, check_arithmetic
from lodeline.origin.claims import Claim
from lodeline.origin.graph import MassGraph, Origin
from lodeline.origin.joint import together
from lodeline.origin.proving import certify
from lodeline.origin.wanted import Wanted
from tests.origin.ledgers import enumerated, ledger
from tests.origin.test_certificate import BASIS, NONE, bound, joint, places
from tests.origin.test_joint import SETS, random_claims


def forged(document: Any, chance: random.Random) -> Any:
    """One to four numbers changed, or a thing of a list left out, doubled or put elsewhere."""
    made = copy.deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        if chance.random() < 0.3:
            things = made[chance.choice(["arcs", "nodes"])]
            if things:
                one = things.pop(chance.randrange(len(things)))
                if chance.random() < 0.3:
                    things.insert(chance.randrange(len(things) + 1), one)
            continue
        path = chance.choice(list(places(made)))
        part = made
        for name in path[:-1]:
            part = part[name]
        value = part[path[-1]]
        part[path[-1]] = not value if isinstance(value, bool) else value + chance.choice([-3, -2, -1, 1, 2, 3])
    return made


def passes(document: Any, graph: MassGraph) -> Any:
    """The certificate, where arithmetic and book take it; the digest is the forger's own."""
    try:
        it = read(json.dumps(document).encode())
        check_arithmetic(it)
        check_against(it, graph, BASIS)
    except (InputError, IntegrityError):
        return None
    return it


def test_no_forged_bound_that_passes_says_other_than_every_way_that_metal_can_have_gone():
    rng, chance, passed = np.random.default_rng(101), random.Random(101), 0
    for _ in range(60):
        of = ledger(rng, lots=3, events=4, most_mg=4)
        arc = int(rng.integers(of.mg.size))
        for side in ("least", "most"):
            for form in ("whole", "short"):
                document = json.loads(msgspec.json.encode(bound(of, [arc], side, form)))
                for _ in range(15):
                    it = passes(forged(document, chance), of)
                    if it is None:
                        continue
                    passed += 1
                    assert isinstance(it, BoundCertificate)
                    assert it.value_mg == _truth(of, it)
    assert passed > 20


def _truth(of: MassGraph, it: BoundCertificate) -> int:
    assert len(it.rows) == 1
    least, most = enumerated(of, _places(of, set(it.surely))), enumerated(of, _places(of, {*it.surely, *it.perhaps}))
    return int(least[0][it.rows[0]] if it.side == "least" else most[1][it.rows[0]])


def _places(of: MassGraph, origins: set[Origin]) -> set[int]:
    return {place for place, one in enumerate(of.origins) if one in origins}


def test_no_forged_joint_certificate_that_passes_says_what_is_not_so():
    rng, chance = np.random.default_rng(102), random.Random(102)
    passed = {RefutationCertificate: 0, RoutingCertificate: 0}
    for _ in range(60):
        of = ledger(rng, lots=4, events=5, most_mg=6)
        document = json.loads(msgspec.json.encode(joint(of, random_claims(rng, of, int(rng.integers(1, 4)), SETS))))
        for _ in range(25):
            it = passes(forged(document, chance), of)
            if it is None:
                continue
            passed[type(it)] += 1
            claims = [
                Claim(one.name, one.rows, frozenset(one.surely), one.sense, one.mg, frozenset(one.perhaps))
                for one in it.claims
            ]
            found = together(of, claims)
            if isinstance(it, RefutationCertificate):
                assert 0 < Fraction(it.over_mg) <= found.over_mg
            else:
                assert found.verdict == "consistent"
    assert min(passed.values()) > 20


@pytest.mark.parametrize("form", ["whole", "short"])
def test_what_passes_a_node_and_several_arcs_together_are_certified_too(form):
    rng = np.random.default_rng(103)
    for _ in range(80):
        of = ledger(rng, lots=5, events=7, most_mg=9)
        asked, of_pk = Bounds(of), Wanted(SETS[0])
        ends = np.flatnonzero(of.head < 0)
        for found in (asked.node(int(rng.integers(of.nodes)), of_pk), asked.arcs(ends[:3], of_pk)):
            for side in ("least", "most"):
                made = certify(asked, found, of_pk, side=side, form=form, target="several", basis=BASIS, grounds=NONE)  # type: ignore[call-overload]
                check(made)
                check_against(made, of, BASIS)
