"""What must hold of the flows of every book: checked on random ones, against a tally that knows nothing of flows."""

from decimal import Decimal
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.metal.facts import Facts
from lodeline.metal.flows.flows import Flows
from lodeline.metal.flows.words import CLASS, CLOSING, FLOW, NO_TIME, NODE, OUTSIDE, QUANTITY
from lodeline.record import metal
from tests.metal.random_books import Step, Tally, events, followed, steps, tallied

books = st.builds(lambda seed, length: steps(Random(seed), length), st.integers(0, 10**9), st.integers(1, 60))
MANY = settings(max_examples=150, deadline=None)
Masses = dict[tuple[str, str | None, str | None], list[float]]


def by_tally(tally: Tally) -> Masses:
    """Masses by lot, place and owner, containers and the road included; NaN is unknown."""
    found: Masses = {}
    for (lot, place, owner, _), kg in tally.held.items():
        found.setdefault((lot, place, owner), []).append(float("nan") if kg is None else float(kg))
    for (lot, _, owner, _), to, kg in tally.road.values():
        found.setdefault((lot, f"to {to}", owner), []).append(float("nan") if kg is None else float(kg))
    return found


def by_flows(flows: Flows) -> Masses:
    """The same, from the flows that close the books."""
    found: Masses = {}
    table, nodes = flows.flows, flows.nodes
    for row in np.flatnonzero(table["head"] == CLOSING):
        tail = table["tail"][row]
        if nodes["kind"][tail] == NODE["process"]:
            continue
        place = flows.name(nodes["place"][tail])
        place = f"to {place}" if nodes["kind"][tail] == NODE["transit"] else place
        key = (flows.name(table["lot"][row]) or "", place, flows.name(nodes["owner"][tail]))
        found.setdefault(key, []).append(float(table["mass_kg"][row]))
    return found


def same(a: Masses, b: Masses) -> None:
    assert set(a) == set(b)
    for key, masses in a.items():
        np.testing.assert_allclose(np.sort(b[key]), np.sort(masses), rtol=1e-9, atol=1e-9)


def in_order(flows: Flows) -> None:
    """No flow leads round in a circle: the nodes can be put in an order."""
    tail, head = flows.flows["tail"], flows.flows["head"]
    inner = (tail > CLOSING) & (head > CLOSING)
    waiting = np.bincount(head[inner], minlength=flows.nodes.rows)
    free, seen = list(np.flatnonzero(waiting == 0)), 0
    while free:
        node = free.pop()
        seen += 1
        for next_node in head[inner & (tail == node)]:
            waiting[next_node] -= 1
            if waiting[next_node] == 0:
                free.append(next_node)
    assert seen == flows.nodes.rows


@MANY
@given(acts=books)
def test_what_closes_the_books_is_what_a_tally_holds(acts: list[Step]) -> None:
    found = followed(events(acts))

    same(by_tally(tallied(acts)), by_flows(found.flows))
    assert sum(holding.mass.kg is None for holding in found.holdings) == 0


@MANY
@given(acts=books)
def test_every_node_that_mass_enters_it_leaves(acts: list[Step]) -> None:
    flows = followed(events(acts)).flows
    table, nodes = flows.flows, flows.nodes
    into, out = (np.bincount(table[end], minlength=nodes.rows) for end in ("head", "tail"))

    inner = np.arange(nodes.rows) > CLOSING
    assert (into[inner] > 0).all()
    assert (out[inner] > 0).all()
    assert not (table["tail"] == CLOSING).any()
    holding = nodes["kind"] == NODE["holding"]
    kg = table["mass_kg"]
    balance = np.bincount(table["head"], kg, nodes.rows) - np.bincount(table["tail"], kg, nodes.rows)
    # A weighing may contradict what came in; where nothing was weighed, every state closes.
    weighed = np.isin(np.arange(nodes.rows), table["tail"][table["mass_class"] == CLASS["measured"]])
    np.testing.assert_allclose(balance[holding & ~weighed], 0, atol=1e-6)


@MANY
@given(acts=books)
def test_no_flow_leads_back_in_time_or_round_in_a_circle(acts: list[Step]) -> None:
    flows = followed(events(acts)).flows
    tail, head, at = flows.flows["tail"], flows.flows["head"], flows.nodes["at"]
    inner = (tail > CLOSING) & (head > CLOSING)
    process = flows.nodes["kind"][head] == NODE["process"]

    assert (at[tail[inner & ~process]] <= at[head[inner & ~process]]).all()
    left, arrived = flows.flows["left_at"], flows.flows["arrived_at"]
    known = (left != NO_TIME) & (arrived != NO_TIME)
    assert (left[known] <= arrived[known]).all()
    in_order(flows)


@MANY
@given(acts=books)
def test_a_measurement_is_of_the_flow_that_was_in_force(acts: list[Step]) -> None:
    flows = followed(events(acts)).flows
    measured, table, at = flows.measurements, flows.flows, flows.nodes["at"]
    own = ~measured["inherited"]
    flow, when = measured["flow"][own], measured["at"][own]
    tail, head = table["tail"][flow], table["head"][flow]

    # What goes into a process over several events goes at its own time, not when the process began.
    free = (head <= CLOSING) | (flows.nodes["kind"][head] == NODE["process"])
    assert ((tail == OUTSIDE) | (at[tail] <= when)).all()
    assert (free | (when <= at[head])).all()


@MANY
@given(acts=books, seed=st.integers(0, 10**9))
def test_the_order_of_record_does_not_matter(acts: list[Step], seed: int) -> None:
    """Every event has an instant of its own, so entries differ and nothing else."""
    found = events(acts)
    order = list(range(len(found)))
    Random(seed).shuffle(order)
    one, two = followed(found).flows, followed(found, order).flows
    entry = {seq: which + 1 for seq, which in enumerate(order, 1)} | {-1: -1}

    assert one.names == two.names
    for table, columns in one.tables().items():
        for column, values in columns.items():
            others = two.tables()[table][column]
            if column in ("seq", "made_seq", "ended_seq"):
                others = np.array([entry[seq] for seq in others.tolist()], dtype=np.int64)
            np.testing.assert_array_equal(values, others, err_msg=f"{table}.{column}")


@MANY
@given(acts=books)
def test_two_events_for_one_give_the_same_totals(acts: list[Step]) -> None:
    """Mining 10 kg, or 4 and then 6 as a second lot that is never touched, is the same metal."""
    mined = next((step for step in acts if step.name == "mine"), None)
    if mined is None:
        return
    lot, place, owner, kg = mined.args
    half = kg / 2
    twice = [Step("mine", (lot, place, owner, half)) if step is mined else step for step in acts]
    twice.append(Step("mine", (f"{lot}:other", place, owner, half)))
    one, two = followed(events(acts)).flows, followed(events(twice)).flows

    def arising(flows: Flows) -> float:
        return float(np.nansum(flows.flows["mass_kg"][flows.flows["kind"] == FLOW["arising"]]))

    assert arising(one) == pytest.approx(arising(two))


@MANY
@given(acts=books, which=st.integers(0, 10**6))
def test_a_quantity_that_is_missing_makes_unknown_what_rests_on_it_and_nothing_else(
    acts: list[Step], which: int
) -> None:
    mines = [index for index, step in enumerate(acts) if step.name == "mine"]
    dropped = mines[which % len(mines)]
    lot, place, owner, _ = acts[dropped].args
    without = list(acts)
    without[dropped] = Step("mine", (lot, place, owner, None))

    found = followed(events(without))
    same(by_tally(tallied(without)), by_flows(found.flows))
    dry = by_tally(tallied(without))
    unknown = sum(np.isnan(mass) for masses in dry.values() for mass in masses)
    assert sum(holding.mass.kg is None for holding in found.holdings) == unknown


@MANY
@given(acts=books)
def test_facts_and_flows_hold_the_same(acts: list[Step]) -> None:
    found: Facts = followed(events(acts))
    held: Masses = {}
    for holding in found.holdings:
        place = f"to {holding.bound_for}" if holding.in_transit else holding.place
        held.setdefault((holding.lot, place, holding.owner), []).append(float(holding.mass.kg or Decimal("nan")))

    same(held, by_flows(found.flows))


@MANY
@given(acts=books)
def test_the_element_of_every_part_is_what_its_own_assays_say(acts: list[Step]) -> None:
    """A second route: the holdings of the report, figure by figure, against the arrays."""
    from lodeline.metal.holdings import element_mass

    found = followed(events(acts))
    flows = found.flows
    of = flows.element("Sb")
    nodes, tail = flows.nodes, flows.flows["tail"]
    closing = {
        (flows.name(flows.flows["lot"][row]), flows.name(nodes["place"][tail[row]]), int(nodes["kind"][tail[row]])): row
        for row in np.flatnonzero(flows.flows["head"] == CLOSING)
    }
    if len({(one.lot, one.place or one.bound_for, one.in_transit) for one in found.holdings}) < len(found.holdings):
        return
    for holding in found.holdings:
        kind = NODE["transit" if holding.in_transit else "holding"]
        row = closing[holding.lot, holding.bound_for if holding.in_transit else holding.place, kind]
        figure = element_mass(holding, "Sb")
        if figure.value is not None:
            assert of.kg[row] == pytest.approx(figure.value)
            assert of.u_kg[row] == pytest.approx(float("nan") if figure.u is None else figure.u, nan_ok=True)


@settings(max_examples=12, deadline=None)
@given(acts=books)
def test_books_put_away_at_any_event_go_on_as_if_they_had_not_been(acts: list[Step]) -> None:
    from lodeline.metal.flows.builder import FlowBuilder
    from lodeline.metal.interpret import interpret
    from tests.metal.random_books import seen

    stated = [fact for one in seen(events(acts)) for fact in interpret(one)[0]]
    whole = FlowBuilder()
    whole.feed(stated)
    wanted, findings = whole.finish(), whole.findings
    cuts = [cut for cut in range(1, len(stated)) if stated[cut].seq != stated[cut - 1].seq]
    for cut in cuts:
        first = FlowBuilder()
        first.feed(stated[:cut])
        flows = first.finish()
        then = FlowBuilder.resume(first.state(), flows.names, flows.tables())
        then.feed(stated[cut:])
        assert then.finish() == wanted
        assert msgspec.to_builtins(then.findings) == msgspec.to_builtins(findings)


def test_the_random_books_are_worth_following() -> None:
    """Every kind of flow, of node and of measurement occurs in them."""
    found = [followed(events(steps(Random(seed), 120))).flows for seed in range(12)]

    kinds = {int(kind) for flows in found for kind in flows.flows["kind"]}
    assert kinds == set(FLOW.values())
    assert {int(kind) for flows in found for kind in flows.nodes["kind"]} == set(NODE.values())
    assert {int(one) for flows in found for one in flows.measurements["quantity"]} >= {
        QUANTITY["declared"],
        QUANTITY["net"],
        QUANTITY["fraction"],
    }


def muddled(found: list[metal.Event], random: Random) -> list[metal.Event]:
    """The events with some left out, doubled, at other times, of other lots, at other places, or of other masses."""
    lots = [one["epcClass"] for event in found for one in event.get("quantityList", ())]
    mixed: list[metal.Event] = []
    for event in found:
        how = random.randrange(9)
        changed = {**event}
        if how == 0:
            continue
        if how == 1:
            mixed.append({**event})
        if how == 2:
            changed["eventTime"] = random.choice(found)["eventTime"]
        for field in [one for one in event if one.endswith("QuantityList") or one == "quantityList"]:
            amounts = [{**one} for one in event[field]]
            if how == 3 and lots:
                amounts[0]["epcClass"] = random.choice(lots)
            if how == 4 and "quantity" in amounts[0]:
                amounts[0]["quantity"] = amounts[0]["quantity"] * random.randint(2, 5)
            if how == 5:
                amounts[0].pop("quantity", None)
                amounts[0].pop("uom", None)
            changed[field] = amounts
        if how == 6:
            changed.pop("bizLocation", None)
        if how == 7:
            changed["lode:quantityBasis"] = "wet"
        if how == 8:
            changed.pop("bizTransactionList", None)
        mixed.append(changed)
    return mixed


@settings(max_examples=250, deadline=None)
@given(acts=books, seed=st.integers(0, 10**9))
def test_books_in_disorder_are_followed_and_every_rule_of_flows_still_holds(acts: list[Step], seed: int) -> None:
    found = followed(muddled(events(acts), Random(seed)))
    flows = found.flows
    table, nodes = flows.flows, flows.nodes
    into, out = (np.bincount(table[end], minlength=nodes.rows) for end in ("head", "tail"))
    inner = np.arange(nodes.rows) > CLOSING

    assert (into[inner] > 0).all()
    assert (out[inner] > 0).all()
    assert (np.nan_to_num(table["mass_kg"]) >= 0).all()
    assert not (table["mass_low_kg"] > table["mass_high_kg"]).any()
    assert (table["inherits"] < np.arange(table.rows)).all()
    assert (table["water_of"] <= np.arange(table.rows)).all()
    in_order(flows)
    for symbol in ("Sb", "Cu"):
        of = flows.element(symbol)
        assert (np.isnan(of.kg) == (of.klass != CLASS["computed"])).all()
        assert (np.nan_to_num(of.kg) <= np.nan_to_num(table["mass_kg"]) + 1e-9).all()
    assert len(found.holdings) >= len({holding.key for holding in found.holdings})
