"""Countries as a mass graph: nobody passes on more than it mined and bought, bounds are those of a program."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.graph import OUTSIDE, UNTRACED
from lodeline.origin.maxflow import max_flow, network
from lodeline.origin.shares import shares
from lodeline.origin.wanted import Wanted
from lodeline.world.trade.asking import Asked, Form
from lodeline.world.trade.doubt import mixed as mixed_year
from lodeline.world.trade.graph import CountryGraph, laid_out
from lodeline.world.trade.imports import bounds_mg, flows_through, origins_of_imports
from lodeline.world.trade.pipes import Pipes
from lodeline.world.trade.traded import MG_PER_TONNE
from tests.world.small_trade import HS, asking, mined, shipped, small


def tonnes(of: CountryGraph, tail: str | None, head: str | None, origin: int = -1) -> float:
    ends = [OUTSIDE if one is None else of.countries.index(one) for one in (tail, head)]
    at = (of.graph.tail == ends[0]) & (of.graph.head == ends[1]) & (of.graph.origin == origin)
    return float(of.graph.mg[at].sum()) / MG_PER_TONNE


def test_what_a_country_ships_beyond_its_mines_and_its_purchases_is_untraced():
    """By hand: 5 mined and 2 bought, 10 shipped: 3 are untraced. 4 mined, 2 shipped away: 2 stay."""
    of = small([shipped("VNM", "USA", "10"), shipped("CHN", "VNM", "2")], [mined("VNM", "5"), mined("CHN", "4")], "USA")

    of.graph.check()
    assert tonnes(of, None, "VNM", 0) == 3
    assert of.graph.origins[0] == UNTRACED
    assert tonnes(of, "CHN", None) == 2
    assert tonnes(of, "USA", None) == 10


def test_what_the_asked_country_sends_out_comes_back_as_returned():
    """By hand: of 12 that Mexico has, 4 came from the United States; it returns 6."""
    trade = [shipped("USA", "MEX", "4"), shipped("MEX", "USA", "6")]
    of = small(trade, [mined("MEX", "8")], "USA")

    of.graph.check()
    share = mixed(of)
    assert share.tolist() == pytest.approx([0, 4 / 12, 8 / 12])
    assert [one / MG_PER_TONNE for one in bounds_mg(of, 2)[:2]] == [2, 6]


def test_two_way_trade_gives_what_arrives_exact_bounds():
    """By hand: Thailand mines 5, ships 10 to Vietnam and gets 7 back, so that all that there is is Thai."""
    trade = [shipped("THA", "VNM", "10"), shipped("VNM", "THA", "7"), shipped("THA", "USA", "2")]
    of = small(trade, [mined("THA", "5")], "USA")

    share = mixed(of)
    assert share.tolist() == pytest.approx([0, 0, 1])
    assert [one / MG_PER_TONNE for one in bounds_mg(of, 2)] == [2, 2, 2]


def test_two_way_trade_asked_at_consumption_is_the_theory_s_hand_case():
    """A mines 5, ships 10 to B, B returns 5; what stays in B is 5 of A, and nothing stays in A."""
    trade = [shipped("THA", "VNM", "10"), shipped("VNM", "THA", "5")]
    of = small(trade, [mined("THA", "5")], "VNM", asked="consumption")

    of.graph.check()
    assert [one / MG_PER_TONNE for one in bounds_mg(of, 2)] == [5, 5, 5]
    with pytest.raises(InputError) as refused:
        small(trade, [mined("THA", "5")], "THA", asked="consumption")
    assert refused.value.code == "world.nothing_stays"


def test_consumption_counts_the_country_s_own_mines_and_what_it_shipped_as_gone():
    """By hand: 6 mined and 4 bought, 5 shipped, 5 stay: of its own mines from 1 to 5, and 3 if all is mixed."""
    trade = [shipped("CHN", "VNM", "4"), shipped("VNM", "USA", "5")]
    mines = [mined("CHN", "4"), mined("VNM", "6")]
    of = small(trade, mines, "VNM", asked="consumption")
    own = next(number for number, one in enumerate(of.graph.origins) if (one.kind, one.country) == ("country", "VN"))

    assert [one / MG_PER_TONNE for one in bounds_mg(of, own)[:2]] == [1, 5]
    assert mixed(of)[own] == pytest.approx(0.6)
    found = origins_of_imports(asking(trade, mines, "VNM", asked="consumption"))
    assert (found.total_t, found.line("VNM").traced_t, found.line("CHN").direct) == (5, pytest.approx(3), 100)


def test_the_trade_of_ore_tells_where_untraced_metal_came_from():
    """By hand: Vietnam ships 10 t and mined 1; with 18 t of ore at half from Myanmar nothing is untraced, 90 % Burmese.

    Ore that the United States buy themselves is not asked, and what Myanmar sent there is gone for others.
    """
    trade = [
        shipped("VNM", "USA", "10"), shipped("MMR", "VNM", "18", hs="261710"), shipped("MMR", "USA", "4", hs="261710"),
    ]  # fmt: skip
    question = asking(trade, [mined("VNM", "1"), mined("MMR", "11")], "USA")
    blind = origins_of_imports(question)
    seeing = origins_of_imports(question._replace(also=(Form("261710", Decimal("0.5"), None),)))

    assert (blind.line("untraced").traced, blind.line("MMR").traced) == (pytest.approx(90), 0)
    assert seeing.total_t == 10
    assert (seeing.line("untraced").traced, seeing.line("MMR").traced) == (0, pytest.approx(90))
    assert (seeing.line("MMR").least_t, seeing.line("MMR").most_t) == (9, 9)
    seeing.of.graph.check()
    with pytest.raises(InputError) as refused:
        origins_of_imports(question._replace(also=(Form("261710", Decimal(2), None),)))
    assert refused.value.code == "world.content"


def test_metal_that_only_circles_reaches_nobody_and_is_left_out_by_name():
    trade = [shipped("FRA", "BEL", "5"), shipped("BEL", "FRA", "5"), shipped("CHN", "USA", "1")]
    of = small(trade, [mined("CHN", "1")], "USA")

    of.graph.check()
    assert of.loops == ("BEL", "FRA")
    assert mixed(of).tolist() == pytest.approx([0, 0, 1])
    assert small(trade[2:], [mined("CHN", "1")], "USA").loops == ()


def test_a_missing_tonnage_is_an_interval_and_refused_without_a_least_price():
    """By hand: 3,000 US dollars at 2 a kilogram at least are 1.5 t at most; it counts as the middle."""
    trade, mines = [shipped("CHN", "USA", None, "3")], [mined("CHN", "4")]
    of = small(trade, mines, "USA", "2")

    of.graph.check()
    assert tonnes(of, "CHN", "USA") == 0.75
    target = of.target
    assert (of.limits.low_mg[target], of.limits.high_mg[target]) == (0, 1.5 * MG_PER_TONNE)
    with pytest.raises(InputError) as refused:
        small(trade, mines, "USA")
    assert refused.value.code == "world.tonnage_without_limit"


def test_an_output_that_is_withheld_is_untraced_and_named_and_limits_are_an_interval():
    trade = [shipped("CHN", "USA", "3"), shipped("TJK", "USA", "1")]
    of = small(trade, [mined("CHN", None, code="W"), mined("TJK", None, "0", "4", "<")], "USA")

    assert of.untold == ("CHN",)
    assert tonnes(of, None, "CHN", 0) == 3
    assert tonnes(of, None, "TJK", 2) == 2
    assert of.limits.high_mg[(of.limits.origin == 2)].tolist() == [4 * MG_PER_TONNE]


def test_a_country_that_is_listed_for_its_reserves_or_with_a_dash_has_no_mine():
    of = small([shipped("CAN", "USA", "3")], [mined("CAN", None, code="blank"), mined("USA", "0")], "USA")

    assert (of.mines("CAN"), of.mines("USA"), of.mines("FRA")) == (False, False, False)
    assert tonnes(of, None, "CAN", 0) == 3


@pytest.mark.parametrize("content", ["0", "1.01"])
def test_a_content_that_cannot_be_and_a_country_that_is_not_there_are_refused(content: str):
    trade, mines = [shipped("CHN", "USA", "3")], [mined("CHN", "4")]
    with pytest.raises(InputError) as refused:
        origins_of_imports(asking(trade, mines, "USA", content=content))
    assert refused.value.code == "world.content"

    with pytest.raises(InputError) as nowhere:
        origins_of_imports(asking(trade, mines, "XXX"))
    assert nowhere.value.code == "world.country_not_in_trade"


def mixed(of: CountryGraph) -> np.ndarray:
    return shares(of.graph).node[of.at]


CODES = ("CHN", "THA", "USA", "VNM")
pairs = st.sampled_from([(a, b) for a in CODES for b in CODES if a != b])


@st.composite
def traded(draw: st.DrawFn) -> CountryGraph:
    chosen = draw(st.lists(pairs, min_size=1, max_size=9, unique=True))
    trade = [shipped(a, b, str(draw(st.integers(1, 9)))) for a, b in chosen]
    if not any(b == "USA" for _, b in chosen):
        trade.append(shipped("THA", "USA", "3"))
    mines = [mined(code, str(draw(st.integers(0, 12)))) for code in ("CHN", "THA", "VNM")]
    mines.append(mined("USA", "1"))
    trade.append(shipped("IND", "USA", "4"))
    # What stays is asked where it is something: the United States then ship no more than they have.
    stays = sum(row.tonnes or 0 for row in trade if row.importer == "USA") + 1 > sum(
        row.tonnes or 0 for row in trade if row.exporter == "USA"
    )
    return small(trade, mines, "USA", asked=draw(st.sampled_from(["imports", *(["consumption"] * stays)])))


@given(of=traded())
def test_the_graph_closes_bounds_are_those_of_a_linear_program_and_the_mixture_is_between_them(of: CountryGraph):
    of.graph.check()
    total = int(of.graph.mg[of.target])
    share, bounds = mixed(of), Bounds(of.graph)
    assert share.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(share, _dense(of)[of.at], atol=1e-12)
    for origin in range(len(of.graph.origins)):
        least, most, perhaps = bounds_mg(of, origin)
        low, high = (_program(of, origin, sign) for sign in (1, -1))
        assert least == pytest.approx(low, rel=1e-9, abs=1)
        assert most == pytest.approx(high, rel=1e-9, abs=1)
        assert least - 1 <= share[origin] * total <= most + 1
        if origin > 1:
            wanted = Wanted(frozenset([of.graph.origins[origin]]), frozenset(of.graph.origins[:2]))
            bound = bounds.arc(of.target, wanted)
            assert (bound.least, bound.most) == (least, perhaps)


def _program(of: CountryGraph, origin: int, sign: int) -> float:
    """The least or the most of an origin in what arrives, by the two-layer program: that origin and all others."""
    graph, scale = of.graph, MG_PER_TONNE
    inner = np.flatnonzero(graph.tail >= 0)
    arcs = graph.mg.size
    bounds = [
        ((m, m) if own else (0, 0)) if o >= 0 else (0, m)
        for o, own, m in zip(graph.origin, graph.origin == origin, graph.mg / scale, strict=True)
    ]
    balance = np.zeros((graph.nodes, arcs))
    np.add.at(balance, (graph.head[graph.head >= 0], np.flatnonzero(graph.head >= 0)), 1.0)
    np.add.at(balance, (graph.tail[inner], inner), -1.0)
    cost = np.zeros(arcs)
    cost[of.target] = sign
    found = linprog(cost, A_eq=balance, b_eq=np.zeros(graph.nodes), bounds=bounds)
    assert found.status == 0
    return float(found.fun) * sign * scale


def _dense(of: CountryGraph) -> np.ndarray:
    """Shares by the inverse of the dense matrix."""
    graph, n = of.graph, of.graph.nodes
    into, flows, given = np.ones(n), np.zeros((n, n)), np.zeros((n, len(graph.origins)))
    at, inner = graph.head >= 0, (graph.head >= 0) & (graph.tail >= 0)
    np.maximum(np.bincount(graph.head[at], graph.mg[at], n), 1, out=into)
    np.add.at(flows, (graph.head[inner], graph.tail[inner]), graph.mg[inner])
    np.add.at(given, (graph.head[at & ~inner], graph.origin[at & ~inner]), graph.mg[at & ~inner])
    return np.linalg.inv(np.eye(n) - flows / into[:, None]) @ (given / into[:, None])


@given(
    known=st.lists(pairs, min_size=1, max_size=5, unique=True),
    missing=st.lists(pairs, min_size=1, max_size=3, unique=True),
    mines=st.lists(st.integers(0, 6), min_size=3, max_size=3),
)
def test_with_missing_tonnages_the_bounds_hold_for_whatever_these_were(
    known: list[tuple[str, str]], missing: list[tuple[str, str]], mines: list[int]
):
    """The limits hold at both ends of what is missing: there the graph is exact, and lies within."""
    listed = [mined(code, str(tonnes)) for code, tonnes in zip(("CHN", "THA", "VNM"), mines, strict=True)]
    certain = [shipped(a, b, "4") for a, b in known if (a, b) not in missing] + [shipped("MMR", "USA", "1")]
    open_ = small([*certain, *(shipped(a, b, None, "2") for a, b in missing)], listed, "USA", "1")
    open_.graph.check()
    for tonnes in ("0.0001", "2"):
        exact = small([*certain, *(shipped(a, b, tonnes) for a, b in missing)], listed, "USA")
        for number, origin in enumerate(exact.graph.origins):
            if origin in open_.graph.origins:
                outer = bounds_mg(open_, open_.graph.origins.index(origin))
                inner = bounds_mg(exact, number)
                assert outer[0] <= inner[0]
                assert inner[1] <= outer[1]


@given(
    certain=st.lists(pairs, min_size=1, max_size=6, unique=True),
    missing=st.lists(st.tuples(pairs, st.integers(1, 99)), max_size=3, unique_by=lambda one: one[0]),
    mines=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 9), st.integers(0, 100)), min_size=3, max_size=3),
    asked=st.sampled_from(["imports", "consumption"]),
)
def test_whatever_is_between_the_limits_of_tonnages_and_of_mines_its_bounds_and_its_mixture_are_within(
    certain: list[tuple[str, str]], missing: list[tuple[tuple[str, str], int]], mines: list[tuple[int, int, int]],
    asked: Asked,
):  # fmt: skip
    """Two thousand dollars, at one a kilogram at least, are up to 2 t; a mine is from one number to another."""
    without = {pair for pair, _ in missing}
    told = [shipped(a, b, "4") for a, b in certain if (a, b) not in without] + [shipped("MMR", "USA", "30")]
    codes = ("CHN", "THA", "VNM")
    listed = [mined(code, None, str(low), str(low + more)) for code, (low, more, _) in zip(codes, mines, strict=True)]
    were = [mined(code, str(low + more * part / 100)) for code, (low, more, part) in zip(codes, mines, strict=True)]
    limits = small([*told, *(shipped(a, b, None, "2") for a, b in without)], listed, "USA", "1", asked)
    exact = small([*told, *(shipped(*pair, str(2 * part / 100)) for pair, part in missing)], were, "USA", asked=asked)

    total = int(exact.graph.mg[exact.target])
    for number, origin in enumerate(exact.graph.origins):
        if origin in limits.graph.origins:
            outer = bounds_mg(limits, limits.graph.origins.index(origin))
            inner = bounds_mg(exact, number)
            assert outer[0] <= inner[0] + 1
            assert inner[1] <= outer[1] + 1
            assert outer[0] - 1 <= mixed(exact)[number] * total <= outer[1] + 1


@given(
    chosen=st.lists(pairs, min_size=1, max_size=8, unique=True),
    other=st.integers(0, 12),
    mines=st.lists(st.integers(0, 6), min_size=3, max_size=3),
    data=st.data(),
)
def test_shares_moved_by_one_shipment_are_those_of_the_year_solved_anew(
    chosen: list[tuple[str, str]], other: int, mines: list[int], data: st.DataObject
):
    listed = [mined(code, str(tonnes)) for code, tonnes in zip(("CHN", "THA", "VNM"), mines, strict=True)]
    trade = [shipped(a, b, "4") for a, b in chosen] + [shipped("MMR", "USA", "1")]
    of = laid_out(asking(trade, listed, "USA"))
    year = mixed_year(of, of.goods.mg[0])
    at = data.draw(st.integers(0, len(trade) - 1))
    masses = of.goods.mg[0].copy()
    masses[at] = other * MG_PER_TONNE

    np.testing.assert_allclose(year.moved(of, at, other * MG_PER_TONNE), mixed_year(of, masses).share, atol=1e-12)
    again = small(trade, listed, "USA")
    found = dict(zip(["untraced", "returned"], mixed(again)[:2].tolist(), strict=True))
    assert year.share[:2].tolist() == pytest.approx(list(found.values()), abs=1e-12)


def test_the_doubt_of_a_missing_tonnage_is_how_far_the_share_moves_at_its_ends():
    """By hand: 1 t of China and 0 to 4 t of Tajikistan, counted as 2: China's share is a third, from 1/5 to all."""
    trade = [shipped("CHN", "USA", "1"), shipped("TJK", "USA", None, "4")]
    found = origins_of_imports(asking(trade, [mined("CHN", "9"), mined("TJK", "9")], "USA", "1"))

    assert found.line("CHN").traced == pytest.approx(100 / 3)
    assert found.line("CHN").doubt == pytest.approx(100 * (1 - 1 / 3))
    assert found.line("TJK").doubt == pytest.approx(100 * 2 / 3)


def test_a_content_that_is_a_range_widens_the_bounds_and_is_in_the_doubt():
    """By hand: India ships 10 t and mined 4 t; at 1 t a tonne 6 are untraced, at one half 1, so 60 or 20 %."""
    question = asking([shipped("IND", "USA", "10")], [mined("IND", "4")], "USA", content="1")
    whole = origins_of_imports(question)
    found = origins_of_imports(question._replace(form=Form(HS, Decimal(1), None, Decimal("0.5"), Decimal(1))))

    assert (whole.line("untraced").traced, whole.line("untraced").doubt) == (pytest.approx(60), 0)
    assert (found.line("untraced").traced, found.line("untraced").doubt) == (pytest.approx(60), pytest.approx(40))
    assert (found.line("untraced").least_t, found.line("untraced").most_t) == (1, 6)
    with pytest.raises(InputError) as refused:
        origins_of_imports(question._replace(form=Form(HS, Decimal("0.4"), None, Decimal("0.5"), Decimal(1))))
    assert refused.value.code == "world.content"


@given(of=traded())
def test_a_flow_in_plain_python_is_the_compiled_one(of: CountryGraph):
    limits = of.limits
    pipes = Pipes(limits.tail, limits.head, limits.high_mg, of.graph.nodes)
    net = network(limits.tail, limits.head, limits.high_mg, of.graph.nodes)
    target = np.arange(limits.tail.size) == of.target
    outside = limits.tail == OUTSIDE
    for origin in range(len(of.graph.origins)):
        for sources in (limits.origin == origin, outside & (limits.origin != origin)):
            most = pipes.most(np.flatnonzero(sources).tolist(), of.at, int(limits.high_mg[of.target]))
            assert most == max_flow(net, sources, target).value


@given(of=traded())
def test_what_may_be_in_the_shipments_of_one_country_is_the_compiled_flow_too(of: CountryGraph):
    limits = of.limits
    net = network(limits.tail, limits.head, limits.high_mg, of.graph.nodes)
    outside = limits.tail == OUTSIDE
    for code in ("CHN", "THA"):
        node = of.countries.index(code) if code in of.countries else -1
        arcs = (limits.tail == node) & (limits.head == of.at) & (node >= 0)
        if arcs.any():
            flow = flows_through(of, node, arcs)
            for origin in range(len(of.graph.origins)):
                for sources in (outside & (limits.origin == origin), outside & (limits.origin != origin)):
                    assert flow(sources) == max_flow(net, sources, arcs).value


def test_pipes_send_back_what_a_first_path_took_the_wrong_way():
    """By hand: the short way through A and B first takes 1, and the best takes 2 by sending it round."""
    tail, head = np.array([-1, -1, 0, 0, 1, 2]), np.array([0, 1, 2, 3, 3, 3])
    pipes = Pipes(tail, head, np.array([2, 1, 1, 1, 1, 1]), 4)

    assert pipes.most([0, 1], 3, 9) == 3
    assert pipes.most([0], 3, 9) == 2
    assert pipes.most([1], 3, 9) == 1
    assert pipes.most([0, 1], 3, 2) == 2
    assert pipes.most([], 3, 9) == 0
