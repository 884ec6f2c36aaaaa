"""Claims over several holdings: what can be true at once, what cannot, and by how much."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from lodeline.errors import InputError
from lodeline.origin.claims import Claim, into, possible, share_claim
from lodeline.origin.exact import vertices
from lodeline.origin.graph import OUTSIDE, UNTRACED, MassGraph, Origin
from lodeline.origin.joint import contradiction, together
from lodeline.origin.joint_program import program
from lodeline.origin.joint_solver import Solver
from lodeline.origin.multipliers import excess_mg, per_mg
from lodeline.origin.routing import comes_true
from lodeline.origin.wanted import Wanted, wanted
from tests.origin.ledgers import ORIGINS, OTHERS, K, graph, ledger, two_way_trade

PK = frozenset({K})
CN = frozenset({OTHERS[0]})


def at_least(mg: int, arc: int, origins: frozenset[Origin] = PK) -> Claim:
    return Claim(f"lot {arc}", (arc,), origins, "at least", mg)


def sign(claim: Claim) -> int:
    return 1 if claim.sense == "at least" else -1


def three_lots() -> MassGraph:
    """Hand case 3: k 4 and n 6 become lots of 3, 3 and 4 (arcs 2, 3 and 4)."""
    return graph(
        1, (OUTSIDE, 0, 4, 1), (OUTSIDE, 0, 6, 2), (0, OUTSIDE, 3, -1), (0, OUTSIDE, 3, -1), (0, OUTSIDE, 4, -1)
    )


def in_series() -> MassGraph:
    """Hand case 4: k 4 and n 6 become a concentrate of 5 (arc 2), and that a product of 4 (arc 4)."""
    return graph(
        2,
        (OUTSIDE, 0, 4, 1),
        (OUTSIDE, 0, 6, 2),
        (0, 1, 5, -1),
        (0, OUTSIDE, 5, -1),
        (1, OUTSIDE, 4, -1),
        (1, OUTSIDE, 1, -1),
    )


def two_of_five() -> MassGraph:
    """Hand case 5: PK 4, CN 3 and US 3 become A (arc 3) and B of 5 each."""
    return graph(
        1,
        (OUTSIDE, 0, 4, 1),
        (OUTSIDE, 0, 3, 2),
        (OUTSIDE, 0, 3, 3),
        (0, OUTSIDE, 5, -1),
        (0, OUTSIDE, 5, -1),
    )


@pytest.mark.parametrize("pair", list(combinations((2, 3, 4), 2)))
def test_any_two_of_three_lots_can_hold_two_each(pair):
    found = together(three_lots(), [at_least(2, arc) for arc in pair])

    assert (found.verdict, found.over_mg) == ("consistent", 0)
    assert found.routing is not None
    assert comes_true(found.program, found.routing)


def test_three_lots_claim_two_too_much_together():
    found = together(three_lots(), [at_least(2, arc) for arc in (2, 3, 4)])
    told = contradiction(three_lots(), found)

    assert (found.verdict, found.over_mg, sum(found.withdrawn_mg)) == ("contradictory", 2, pytest.approx(2))
    assert told is not None
    assert (told.members, told.over_mg, told.each_mg, told.irreducible) == ((0, 1, 2), 2, (2, 2, 2), True)


def test_a_concentrate_and_the_product_made_of_it_are_not_two_sales():
    found = together(in_series(), [at_least(4, 2), at_least(4, 4)])

    assert found.verdict == "consistent"
    assert contradiction(in_series(), found) is None


def test_claims_of_two_origins_contradict_each_other_where_each_alone_can_be():
    graph, claims = two_of_five(), [at_least(4, 3), at_least(2, 3, CN)]
    told = contradiction(graph, together(graph, claims))

    assert [together(graph, [claim]).verdict for claim in claims] == ["consistent", "consistent"]
    assert told is not None
    assert (told.members, told.over_mg, told.each_mg) == ((0, 1), 1, (1, 1))


def test_the_same_kilogram_is_not_sold_twice_and_a_bystander_is_not_blamed():
    """PK 4 in 10: two buyers are promised 3 of it, the third at most 4 of it, which nothing hinders."""
    bystander = Claim("third", (4,), PK, "at most", 4)
    told = contradiction(three_lots(), together(three_lots(), [bystander, at_least(3, 2), at_least(3, 3)]))

    assert told is not None
    assert (told.members, told.over_mg) == ((1, 2), 2)


def test_at_most_is_contradicted_by_what_must_be_somewhere():
    """The three lots hold all 6 of n together; at most 1 in each is 3 too few."""
    claims = [Claim(f"lot {arc}", (arc,), CN, "at most", mg) for arc, mg in ((2, 1), (3, 1), (4, 1))]
    found = together(three_lots(), claims)

    assert (found.verdict, found.over_mg) == ("contradictory", 3)


def test_a_claim_on_what_passes_an_event_is_one_on_all_that_enters_it():
    series = in_series()

    assert into(series, 1) == (2,)
    assert together(series, [Claim("event", into(series, 0), PK, "at least", 4)]).verdict == "consistent"
    assert together(series, [Claim("event", into(series, 0), PK, "at least", 5)]).over_mg == 1


def test_an_untraced_kilogram_may_be_of_either_origin_but_not_of_both():
    """Untraced 2 and US 2 go into one lot of 4: 2 PK or 2 CN can be, 2 of each not, 1 of each can."""
    lot = graph(1, (OUTSIDE, 0, 2, 0), (OUTSIDE, 0, 2, 3), (0, OUTSIDE, 4, -1))

    def verdict(pk: int, cn: int) -> str:
        return together(lot, [at_least(pk, 2), at_least(cn, 2, CN)]).verdict

    assert [verdict(2, 0), verdict(0, 2), verdict(1, 1), verdict(2, 2)] == [*["consistent"] * 3, "contradictory"]
    assert together(lot, [at_least(2, 2, frozenset({UNTRACED})), at_least(2, 2)]).verdict == "consistent"
    assert together(lot, [Claim("lot", (2,), frozenset({UNTRACED}), "at most", 1)]).over_mg == 1


def test_what_may_be_of_the_country_is_of_no_known_deposit_there_too():
    """A lot of untraced 4: all of it of the US and none of the one mine there that is known, can be."""
    lot = graph(1, (OUTSIDE, 0, 4, 0), (0, OUTSIDE, 4, -1))
    there = possible(lot.origins, ["US"])
    country, mine = wanted(there, country="US"), wanted(there, name="urn:example:mine")
    claims = [
        share_claim(lot, "country", (1,), country, sense="at least", share=1),
        share_claim(lot, "mine", (1,), mine, sense="at most", share=0),
    ]

    assert Origin("country", "US", "") in country.surely
    assert together(lot, claims).verdict == "consistent"


def test_what_is_mined_in_a_country_counts_for_both_if_claims_are_made_over_the_same_origins():
    """A lot of untraced 4: all of it Chinese and all of it mined, can be."""
    lot = graph(1, (OUTSIDE, 0, 4, 0), (0, OUTSIDE, 4, -1))._replace(origins=(UNTRACED,))
    there = possible(lot.origins, ["CN"])
    claims = [
        share_claim(lot, "China", (1,), wanted(there, country="CN"), sense="at least", share=1),
        share_claim(lot, "mined", (1,), wanted(there, kind="mined"), sense="at least", share=1),
    ]

    assert together(lot, claims).verdict == "consistent"


def test_a_stock_of_unknown_country_may_be_of_either_country_but_a_kilogram_is_of_one():
    stock = Origin("stock", "", "urn:example:store")
    lot = graph(1, (OUTSIDE, 0, 4, 1), (0, OUTSIDE, 4, -1))._replace(origins=(UNTRACED, stock, K, OTHERS[0]))
    there = possible(lot.origins, ["PK", "CN"])

    def verdict(pk: str, cn: str) -> str:
        pair = zip(("PK", "CN"), (pk, cn), strict=True)
        return together(
            lot,
            [
                share_claim(lot, code, (1,), wanted(there, country=code), sense="at least", share=Fraction(share))
                for code, share in pair
            ],
        ).verdict

    assert [verdict("1", "0"), verdict("1/2", "1/2"), verdict("1/2", "3/4")] == [*["consistent"] * 2, "contradictory"]


def test_a_share_is_exact_and_rounded_so_that_nobody_claims_more_than_he_did():
    least = share_claim(three_lots(), "lot", (2,), Wanted(PK), sense="at least", share=Decimal("0.8"))
    most = share_claim(three_lots(), "lot", (2,), Wanted(PK), sense="at most", share=Fraction(1, 2))

    assert (least.mg, most.mg) == (2, 2)


def test_what_ends_can_be_claimed_of_a_trade_that_goes_round_and_what_passes_cannot():
    trade = two_way_trade()

    assert together(trade, [at_least(5, 3)]).verdict == "consistent"
    with pytest.raises(InputError, match=re.escape("claim.cyclic")):
        together(trade, [at_least(5, 1)])


# Against every route by which whole milligrams can have gone, one origin and an arc a claim: withdrawals are whole
# there too (total unimodularity), so that going through all finds the least. With claims of several arcs halves count.


def least_withdrawn(of: MassGraph, claims: list[Claim]) -> int:
    """By going through every way; node by node, what was claimed remembered."""
    claimed = {arc for claim in claims for arc in claim.arcs}
    source = of.tail == OUTSIDE
    known = {int(arc): int(of.mg[arc] if of.origin[arc] == 1 else 0) for arc in np.flatnonzero(source)}
    ways: set[tuple[tuple[int, int], ...]] = {tuple((arc, mg) for arc, mg in known.items() if arc in claimed)}
    for node in range(of.nodes):
        into_ = [int(arc) for arc in np.flatnonzero(of.head == node)]
        out = [int(arc) for arc in np.flatnonzero(of.tail == node)]
        found = set()
        for way in ways:
            held = dict(way)
            total = sum(held[arc] if arc in held else known[arc] for arc in into_)
            kept = tuple(pair for pair in way if pair[0] in claimed or pair[0] not in into_)
            found |= {(*kept, *split) for split in splits(total, [(arc, int(of.mg[arc])) for arc in out])}
        ways = {tuple(pair for pair in way if pair[0] in claimed or of.head[pair[0]] != OUTSIDE) for way in found}
    return min(
        sum(max(0, sign(claim) * (claim.mg - sum(dict(way)[arc] for arc in claim.arcs))) for claim in claims)
        for way in ways
    )


def splits(mg: int, places: list[tuple[int, int]]) -> list[tuple[tuple[int, int], ...]]:
    if not places:
        return [()] if mg == 0 else []
    (arc, most), *rest = places
    return [((arc, one), *other) for one in range(min(mg, most) + 1) for other in splits(mg - one, rest)]


def random_claims(rng: np.random.Generator, of: MassGraph, count: int, origins: list[frozenset[Origin]]) -> list[Claim]:
    made = []
    for number in range(count):
        arcs = tuple(rng.choice(of.mg.size, size=1 + (rng.random() < 0.2), replace=False).tolist())
        whole = int(of.mg[list(arcs)].sum())
        sense = "at most" if rng.random() < 0.3 else "at least"
        mg = int(rng.integers(0, whole + 1))
        made.append(Claim(f"claim {number}", arcs, origins[int(rng.integers(len(origins)))], sense, mg))
    return made


def simple_claims(rng: np.random.Generator, of: MassGraph, count: int) -> list[Claim]:
    """Of one origin, each about one arc."""
    return [claim._replace(arcs=claim.arcs[:1]) for claim in random_claims(rng, of, count, [PK])]


def traced(rng: np.random.Generator, **size: int) -> MassGraph:
    """A random ledger in which nothing is untraced: an untraced kilogram is any, which enumeration does not try."""
    of = ledger(rng, **size)
    return of._replace(origin=np.where(of.origin == 0, 2, of.origin))


def test_one_origin_agrees_with_every_way_that_metal_can_have_gone():
    rng = np.random.default_rng(51)
    verdicts = []
    for _ in range(400):
        of = traced(rng, lots=3, events=4, most_mg=3)
        claims = [
            claim._replace(arcs=claim.arcs[:1]) for claim in random_claims(rng, of, int(rng.integers(1, 5)), [PK])
        ]
        found = together(of, claims)

        assert found.over_mg == least_withdrawn(of, claims)
        verdicts.append(found.verdict)
    assert verdicts.count("contradictory") > 50
    assert "undecided" not in verdicts


# Against a linear program of another form: every origin a commodity of its own, every arc of the whole book full.


def least_withdrawn_densely(of: MassGraph, claims: list[Claim]) -> float:
    kinds, arcs, count = range(1, len(ORIGINS)), of.mg.size, len(claims)
    column = {
        (arc, kind): count + place for place, (arc, kind) in enumerate((a, k) for a in range(arcs) for k in kinds)
    }
    equal, right = [], []
    for arc in range(arcs):
        row = np.zeros(count + len(column))
        row[[column[arc, kind] for kind in kinds]] = 1
        equal.append(row)
        right.append(of.mg[arc])
    for node in range(of.nodes):
        for kind in kinds:
            row = np.zeros(count + len(column))
            for arc in range(arcs):
                row[column[arc, kind]] += float(of.head[arc] == node) - float(of.tail[arc] == node)
            equal.append(row)
            right.append(0)
    # An untraced kilogram is of one of the origins that there are; here the claims name no other.
    bounds = [(0, None)] * count + [
        (0, None if of.origin[arc] in (-1, 0, kind) else 0) for arc in range(arcs) for kind in kinds
    ]
    unequal = np.zeros((count, count + len(column)))
    for place, claim in enumerate(claims):
        unequal[place, place] = -1
        for arc in claim.arcs:
            for kind in kinds:
                if ORIGINS[kind] in claim.origins:
                    unequal[place, column[arc, kind]] -= sign(claim)
    limit = [-sign(claim) * claim.mg for claim in claims]
    cost = np.r_[np.ones(count), np.zeros(len(column))]
    found = linprog(cost, A_ub=unequal, b_ub=limit, A_eq=np.array(equal), b_eq=right, bounds=bounds)
    assert found.status == 0
    return float(found.fun)


SETS = [PK, CN, frozenset({K, OTHERS[0]}), frozenset({OTHERS[1]})]


def test_several_origins_agree_with_the_full_program_and_every_proof_holds():
    rng = np.random.default_rng(52)
    contradictory = 0
    for _ in range(250):
        of = ledger(rng, lots=4, events=5, most_mg=6)
        claims = random_claims(rng, of, int(rng.integers(2, 6)), SETS)
        found = together(of, claims)

        assert float(found.over_mg) == pytest.approx(least_withdrawn_densely(of, claims), abs=1e-6)
        assert found.verdict != "undecided"
        if found.verdict == "consistent":
            assert found.routing is not None
            assert comes_true(found.program, found.routing)
            continue
        contradictory += 1
        told = contradiction(of, found)
        assert told is not None
        members = [claims[one] for one in told.members]
        assert together(of, members).over_mg == told.over_mg
        assert told.irreducible
        for place, each in enumerate(told.each_mg):
            rest = members[:place] + members[place + 1 :]
            assert not rest or together(of, rest).verdict == "consistent"
            assert each >= told.over_mg
    assert contradictory > 60


def test_lowering_one_member_by_what_it_would_give_up_alone_cures_the_contradiction():
    rng = np.random.default_rng(53)
    cured = 0
    for _ in range(150):
        of = ledger(rng, lots=4, events=5, most_mg=6)
        claims = random_claims(rng, of, 4, SETS)
        told = contradiction(of, together(of, claims))
        if told is None:
            continue
        members = [claims[one] for one in told.members]
        for place, each in enumerate(told.each_mg):
            claim = members[place]
            cut = claim._replace(mg=claim.mg - sign(claim) * each.__ceil__())
            eased = [*members[:place], *members[place + 1 :], *([cut] if cut.mg >= 0 else [])]
            assert not eased or together(of, eased).verdict == "consistent"
            cured += 1
    assert cured > 50


def test_any_numbers_whatever_refute_no_more_than_there_is():
    rng = np.random.default_rng(54)
    for _ in range(100):
        of = ledger(rng, lots=4, events=5, most_mg=6)
        claims = random_claims(rng, of, 3, SETS)
        found = together(of, claims)
        if found.multipliers is None:
            continue
        shape = found.multipliers.pi.shape
        for _ in range(5):
            y = np.clip(found.multipliers.y * 10 // found.multipliers.denominator + rng.integers(-1, 2, 3), 0, 10)
            pi = found.multipliers.pi * 10 // found.multipliers.denominator + rng.integers(-2, 3, shape)
            assert excess_mg(found.program, 10, y, pi) <= found.over_mg


def test_what_is_left_over_moves_with_the_masses_as_its_weights_say():
    """Every mass changed at will, the multipliers kept: exact, since what is left over is a sum of masses."""
    rng, tried = np.random.default_rng(55), 0
    for _ in range(60):
        of = ledger(rng, lots=4, events=5, most_mg=6)
        claims = random_claims(rng, of, 3, SETS)
        found = together(of, claims)
        if found.multipliers is None:
            continue
        up, proof = found.program.upstream, found.multipliers
        other = up._replace(mg=up.mg + rng.integers(0, 4, up.mg.size))
        needs = tuple(claim.needs_mg(int(other.mg[other.place(claim.arcs)].sum())) for claim in claims)
        moved = excess_mg(found.program._replace(upstream=other, needs_mg=needs), proof.denominator, proof.y, proof.pi)

        weights = per_mg(found.program, proof)
        assert float(moved - proof.excess_mg) == pytest.approx(weights @ (other.mg - up.mg), abs=1e-9)
        tried += 1
    assert tried > 15


def narrow_places() -> tuple[MassGraph, list[Claim]]:
    """Three origins pass three arcs of 1 two by two, and each is claimed whole at its end.

    Arc 2 is passed by the first and the second, arc 8 by the second and the third, arc 14 by the first and the third;
    whatever else flows is of the fourth.
    """
    of = graph(
        6,
        (OUTSIDE, 0, 1, 1), (OUTSIDE, 0, 1, 2), (0, 1, 1, -1), (0, OUTSIDE, 1, -1),
        (OUTSIDE, 1, 1, 4), (1, 2, 1, -1), (1, 4, 1, -1),
        (OUTSIDE, 2, 1, 3), (2, 3, 1, -1), (2, OUTSIDE, 1, -1),
        (OUTSIDE, 3, 1, 4), (3, OUTSIDE, 1, -1), (3, 4, 1, -1),
        (4, OUTSIDE, 1, -1), (4, 5, 1, -1),
        (OUTSIDE, 5, 1, 4), (5, OUTSIDE, 1, -1), (5, OUTSIDE, 1, -1),
    )  # fmt: skip
    first, second, third = (frozenset({ORIGINS[one]}) for one in (1, 2, 3))
    return of, [at_least(1, 16, first), at_least(1, 11, second), at_least(1, 17, third)]


def test_where_metal_passes_two_by_two_half_a_milligram_counts():
    """Any two of three share a place of 1: at most 1/2 of each, so 3/2 too much; one of them can be whole, not two."""
    of, claims = narrow_places()
    found = together(of, claims)
    told = contradiction(of, found)

    assert (found.verdict, found.over_mg) == ("contradictory", Fraction(3, 2))
    assert told is not None
    assert (len(told.members), told.over_mg) == (2, 1)
    assert [together(of, [claim]).verdict for claim in claims] == ["consistent"] * 3


def test_a_vertex_is_exact_where_the_solver_is_not():
    """In halves, of the same three places."""
    of, claims = narrow_places()
    made = program(of, claims)
    solved = Solver(made).solve()
    assert solved is not None
    (vertex,) = vertices(made, solved)

    assert vertex.denominator == 2
    assert vertex.value[:3].sum() == 3
    np.testing.assert_allclose(vertex.value / vertex.denominator, solved.value_mg, atol=1e-6)


def test_masses_of_a_million_tonnes_are_as_exact_as_milligrams():
    heavy = three_lots()
    heavy = heavy._replace(mg=heavy.mg * 10**15 + np.array([1, 0, 0, 0, 1]))
    claims = [at_least(2 * 10**15, arc) for arc in (2, 3, 4)]

    assert together(heavy, claims).over_mg == 2 * 10**15 - 1


def test_what_was_not_asked_about_does_not_enter_the_program():
    """Only the first state of hand case 2 lies upstream of the first draw."""
    later = graph(
        2, (OUTSIDE, 0, 5, 2), (0, OUTSIDE, 4, -1), (0, 1, 1, -1), (OUTSIDE, 1, 5, 1), (1, OUTSIDE, 3, -1),
        (1, OUTSIDE, 3, -1),
    )  # fmt: skip
    up = program(later, [at_least(1, 1)]).upstream

    assert (up.nodes.tolist(), up.row.tolist(), up.mg.tolist()) == ([0], [0, 1], [5, 4])
    assert together(later, [at_least(1, 1)]).over_mg == 1


@pytest.mark.parametrize(
    ("code", "claims"),
    [
        ("claim.none", []),
        ("claim.arcs", [Claim("lot", (9,), PK, "at least", 1)]),
        ("claim.arcs", [Claim("lot", (2, 2), PK, "at least", 1)]),
        ("claim.arcs", [Claim("lot", (), PK, "at least", 1)]),
        ("claim.origins", [Claim("lot", (2,), frozenset(), "at least", 1)]),
        ("claim.sense", [Claim("lot", (2,), PK, "about", 1)]),  # type: ignore[arg-type]
        ("claim.mg", [Claim("lot", (2,), PK, "at least", -1)]),
    ],
)
def test_a_claim_that_says_nothing_is_refused(code, claims):
    with pytest.raises(InputError) as refused:
        together(three_lots(), claims)

    assert refused.value.code == code


def test_a_share_beyond_the_whole_and_a_node_that_is_not_there_are_refused():
    with pytest.raises(InputError, match=re.escape("claim.share")):
        share_claim(three_lots(), "lot", (2,), Wanted(PK), sense="at least", share=Decimal("1.01"))
    with pytest.raises(InputError, match=re.escape("claim.node")):
        into(three_lots(), 1)


def test_a_solver_that_gives_up_is_a_refusal_and_not_a_verdict(monkeypatch):
    monkeypatch.setattr(Solver, "solve", lambda self: None)

    with pytest.raises(InputError, match=re.escape("origin.solver")):
        together(three_lots(), [at_least(2, 2)])


def test_one_origin_and_a_lot_a_claim_each_member_would_give_up_the_same():
    rng, seen = np.random.default_rng(56), 0
    for _ in range(60):
        of = traced(rng, lots=4, events=5, most_mg=6)
        claims = [claim for claim in simple_claims(rng, of, 12) if together(of, [claim]).over_mg == 0]
        told = contradiction(of, together(of, claims))
        if told is not None:
            assert set(told.each_mg) == {told.over_mg}
            seen += len(told.members) > 1
    assert seen > 2
