"""Homogeneous parcels: by hand, nested in their tolerance, and never outside what conservation alone allows."""

from itertools import pairwise

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.parcels import Parcels, gross, supported, unseparated
from tests.origin.ledgers import ORIGINS, K

METAL, REST = "Sb", "rest"


def parcels(nodes, rows, whole=None):
    """Tail, head, metal, rest, origin."""
    tail, head, metal, rest, origin = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    flags = np.ones(tail.size, dtype=bool) if whole is None else np.array(whole)
    return Parcels((METAL, REST), nodes, tail, head, np.stack([metal, rest], axis=1), origin, ORIGINS, flags)


def two_stocks(whole=None):
    """Hand case 7, in kg: A of k 10 t at 10 %, B 10 t at 50 %; 10 t are drawn (arc 2) with 4 t of metal."""
    stocks = [(OUTSIDE, 0, 1000, 9000, 1), (OUTSIDE, 0, 5000, 5000, 2)]
    return parcels(1, [*stocks, (0, OUTSIDE, 4000, 6000, -1), (0, OUTSIDE, 2000, 8000, -1)], whole)


def test_without_the_assumption_a_gross_claim_is_the_sum_of_its_components():
    """Hand case 7: of the metal at most 1 t is of k, of the rest 6 t: gross 7 t of 10, and not 10."""
    parts = [Bounds(two_stocks().component(name)[0]).arc(2, {K}) for name in (METAL, REST)]

    assert [one[3:5] for one in parts] == [(0, 1000), (1000, 6000)]
    assert gross(two_stocks(), 2, {K})[:2] == (1000, 7000)
    assert gross(two_stocks(), 2, {K})[2:] == (0.1, 0.7, True)


def test_homogeneous_parcels_tell_two_stocks_apart_exactly():
    """By hand: x of A and 10 - x of B have 4 t of metal, 0.1 x + 0.5 (10 - x) = 4: 2.5 t of A with 0.25 t of metal."""
    found = supported(two_stocks(), 2, METAL, {K}, within=0.0)

    assert found[:2] == (pytest.approx(250), pytest.approx(250))
    assert supported(two_stocks(), 2, REST, {K}, within=0.0)[:2] == (pytest.approx(2250), pytest.approx(2250))
    assert not found.exact


def test_the_tolerance_widens_it_up_to_what_conservation_allows():
    ranges = [supported(two_stocks(), 2, METAL, {K}, within=within) for within in (0.0, 0.05, 0.2, 1.0, 100.0)]

    for narrow, wide in pairwise(ranges):
        assert wide.least_mg <= narrow.least_mg + 1e-6
        assert wide.most_mg >= narrow.most_mg - 1e-6
    assert ranges[1].most_mg > 250 + 1
    assert ranges[-1][:2] == (pytest.approx(0, abs=1e-6), pytest.approx(1000))


def test_after_a_separation_nothing_is_supposed():
    """The same masses, of a separation: all of what conservation allows."""
    separated = unseparated(two_stocks().tail, two_stocks().head, 1, np.array([True]))

    assert separated.tolist() == [True, True, False, False]
    assert supported(two_stocks(separated), 2, METAL, {K}, within=0.0)[:2] == (
        pytest.approx(0, abs=1e-6), pytest.approx(1000)
    )  # fmt: skip
    chain = unseparated(np.array([OUTSIDE, 0, 1]), np.array([0, 1, OUTSIDE]), 2, np.array([True, False]))
    assert chain.tolist() == [True, False, False]


def test_untraced_metal_has_no_composition_that_could_be_kept():
    """The second stock untraced: k may be any of its metal that conservation allows."""
    of = two_stocks()._replace(origin=np.array([1, 0, -1, -1]))

    found = supported(of, 2, METAL, {K}, within=0.0)
    assert found.most_mg == pytest.approx(4000)
    assert found.least_mg <= 1000


def test_what_truly_happened_is_inside_and_the_range_is_inside_the_bounds():
    """Random books in which parcels are homogeneous: blends and draws of mixtures that are known here."""
    rng = np.random.default_rng(97)
    narrower = 0
    for _ in range(25):
        of, true = random_book(rng)
        target = int(rng.choice(np.flatnonzero((of.tail >= 0) & (of.mg[:, 0] > 0))))
        k = of.origin[of.tail < 0] == 1
        content = true[target][k].sum()
        found = supported(of, target, METAL, {K}, within=1e-3)
        metal, arcs = of.component(METAL)
        bound = Bounds(metal).arc(int(np.searchsorted(arcs, target)), {K})
        assert found.least_mg <= content + 1
        assert found.most_mg >= content - 1
        assert found.least_mg >= bound.least - 1
        assert found.most_mg <= bound.most + 1
        narrower += found.most_mg - found.least_mg < 0.9 * (bound.most - bound.least)
    assert narrower > 5


def random_book(rng):
    """A book of homogeneous parcels in layers, and of each arc the metal of each parcel."""
    count = 4
    mass = rng.integers(200, 1000, count) * 1000
    metal = (mass * rng.uniform(0.1, 0.6, count)).astype(np.int64)
    content = {}  # arc: (parcel,) kilograms of dry mass of each parcel
    rows, held = [], []
    for p in range(count):
        rows.append((OUTSIDE, p, int(metal[p]), int(mass[p] - metal[p]), 1 + p % 2))
        content[p] = np.eye(count)[p] * mass[p]
        held.append((p, content[p]))
    grade = metal / mass
    node = count
    for _ in range(4):
        taken = [held.pop(int(rng.integers(len(held)))) for _ in range(min(len(held), 2))]
        total = np.zeros(count)
        for tail, parts in taken:
            rows.append(((tail), node, parts @ grade, parts.sum(), -1))
            content[len(rows) - 1] = parts
            total = total + parts
        # Layers: each parcel is divided by a part of its own.
        part = total * rng.uniform(0, 1, count)
        held += [(node, part), (node, total - part)]
        node += 1
    for tail, parts in held:
        rows.append((tail, OUTSIDE, parts @ grade, parts.sum(), -1))
        content[len(rows) - 1] = parts
    return _closed(rows, node), {arc: parts * grade for arc, parts in content.items()}


def _closed(rows, nodes):
    """Masses in whole units that close: the last arc that leaves a node takes what rounding leaves."""
    made = [[tail, head, round(float(metal)), 0, origin, float(dry)] for tail, head, metal, dry, origin in rows]
    for one, row in zip(made, rows, strict=True):
        one[3] = row[3] if one[0] == OUTSIDE else round(one[5]) - one[2]
    for node in range(nodes):
        out = [one for one in made if one[0] == node]
        for column in (2, 3):
            came = sum(one[column] for one in made if one[1] == node)
            out[-1][column] += came - sum(one[column] for one in out)
    return parcels(nodes, [one[:5] for one in made])


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("origin.parcels", {"component": "Cu"}),
        ("origin.parcels", {"within": -0.1}),
        ("origin.index", {"target": 9}),
    ],
)
def test_what_cannot_be_asked_is_refused(code, ask):
    asked = {"target": 2, "component": METAL, "within": 0.0, **ask}
    with pytest.raises(InputError) as refusal:
        supported(two_stocks(), asked["target"], asked["component"], {K}, within=asked["within"])

    assert refusal.value.code == code


def test_parcels_that_cannot_have_been_homogeneous_are_refused():
    """4 t of metal in 5 t, of stocks of 10 and 50 %: no mixture of homogeneous parcels."""
    rows = [
        (OUTSIDE, 0, 1000, 9000, 1),
        (OUTSIDE, 0, 5000, 5000, 2),
        (0, OUTSIDE, 4000, 1000, -1),
        (0, OUTSIDE, 2000, 13000, -1),
    ]
    with pytest.raises(InputError) as refusal:
        supported(parcels(1, rows), 2, METAL, {K}, within=0.0)
    assert refusal.value.code == "origin.not_solved"
    with pytest.raises(InputError) as refusal:
        supported(parcels(1, rows)._replace(mg=np.zeros((4, 1))), 2, METAL, {K}, within=0.0)
    assert refusal.value.code == "origin.shape"
