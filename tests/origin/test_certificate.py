"""Certificates hold as they were made, and any one number changed is refused by arithmetic or by the digest."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

import msgspec
import numpy as np
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError, IntegrityError
from lodeline.origin.against_book import check_against, check_grounds, pointed
from lodeline.origin.bounds import Bounds
from lodeline.origin.canonical import canonical, digest
from lodeline.origin.certificate import (
    Basis,
    BoundCertificate,
    Certificate,
    Chain,
    Ground,
    Grounds,
    RefutationCertificate,
    RoutingCertificate,
    read,
    sealed,
    written,
)
from lodeline.origin.checking import check, check_arithmetic
from lodeline.origin.claims import Claim
from lodeline.origin.graph import MassGraph
from lodeline.origin.joint import Joint, together
from lodeline.origin.proving import certify
from lodeline.origin.proving_joint import certify_joint
from lodeline.origin.wanted import Wanted
from tests.origin.ledgers import OTHERS, K, ledger, separation, store, two_way_trade
from tests.origin.test_joint import PK, SETS, in_series, random_claims, three_lots, two_of_five

HEAD = Chain(book="urn:uuid:0", seq=7, head="ab" * 32)
BASIS = Basis(
    element="Sb", as_of="2026-01-31T00:00:00Z", ledger=HEAD, reconciliation="", policy="policy.toml, 2026-01-01"
)
NONE = Grounds({}, {})
PAKISTAN = Wanted(PK)

Side = Literal["least", "most"]
Form = Literal["whole", "short"]


def bound(graph: MassGraph, arcs: list[int], side: Side, form: Form, grounds: Grounds = NONE) -> BoundCertificate:
    asked = Bounds(graph)
    basis = msgspec.structs.replace(BASIS, cyclic=graph.cyclic)
    made = certify(
        asked, asked.arcs(arcs, PAKISTAN), PAKISTAN, side=side, form=form, target="lot", basis=basis, grounds=grounds
    )
    assert isinstance(made, BoundCertificate)
    return made


def joint(graph: MassGraph, claims: list[Claim]) -> Certificate:
    return certify_joint(graph, together(graph, claims), basis=BASIS, grounds=NONE)


def three_claims(mg: int = 2) -> list[Claim]:
    return [Claim(f"lot {arc}", (arc,), PK, "at least", mg) for arc in (2, 3, 4)]


def refused(it: Certificate) -> str:
    """By what arithmetic refuses it."""
    with pytest.raises(IntegrityError) as error:
        check_arithmetic(it)
    return error.value.code


@pytest.mark.parametrize("form", ["whole", "short"])
@pytest.mark.parametrize(("side", "value"), [("least", 2), ("most", 3)])
def test_hand_case_one_is_certified_and_holds(side, value, form):
    made = bound(separation(), [2], side, form)

    check(made)
    check_against(made, separation(), BASIS)
    assert (made.value_mg, made.mass_mg, read(written(made))) == (value, 4, made)


def test_the_short_form_of_the_second_draw_rests_on_one_deposit_and_the_carry_over():
    """Hand case 2: 3 are drawn from k 5 and 1 carried over; the draw itself is the cut."""
    made = bound(store(), [4], "most", "short")

    assert ([node.node for node in made.nodes], [arc.row for arc in made.arcs]) == ([1], [3, 4])
    assert [node.near for node in made.nodes] == [False]


def test_what_is_consumed_is_certified_of_a_trade_that_goes_round():
    made = bound(two_way_trade(), [3], "most", "whole")

    check(made)
    check_against(made, two_way_trade(), made.basis)


@pytest.mark.parametrize("form", ["whole", "short"])
@pytest.mark.parametrize("side", ["least", "most"])
def test_random_books_are_certified_both_ways_and_hold(side, form):
    rng = np.random.default_rng(61)
    for _ in range(150):
        of = ledger(rng, lots=5, events=8, most_mg=9)
        arc = int(rng.integers(of.mg.size))
        made = bound(of, [arc], side, form)

        check(made)
        check_against(made, of, BASIS)


def test_joint_claims_are_certified_both_ways_and_hold():
    rng = np.random.default_rng(62)
    kinds = set()
    for _ in range(200):
        of = ledger(rng, lots=5, events=7, most_mg=9)
        made = joint(of, random_claims(rng, of, int(rng.integers(1, 5)), SETS))

        check(made)
        check_against(made, of, BASIS)
        assert read(written(made)) == made
        kinds.add(type(made))
    assert kinds == {RefutationCertificate, RoutingCertificate}


def test_a_refutation_says_how_much_is_too_much():
    made = joint(three_lots(), three_claims())

    assert isinstance(made, RefutationCertificate)
    assert (made.over_mg, [claim.y for claim in made.claims]) == ("2", [1, 1, 1])


# One number changed.


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where whole numbers and truth values stand."""
    if isinstance(value, int):
        yield path
    elif isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(one, (*path, name))


def changed(document: Any, path: tuple[Any, ...], by: int) -> Any:
    made = copy.deepcopy(document)
    part = made
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = not part[path[-1]] if isinstance(part[path[-1]], bool) else part[path[-1]] + by
    return made


def certificates() -> list[tuple[MassGraph, Certificate]]:
    rng = np.random.default_rng(63)
    of = ledger(rng, lots=6, events=9, most_mg=9)
    arc = int(np.flatnonzero(of.tail >= 0)[-1])
    forms: list[tuple[Side, Form]] = [("least", "whole"), ("most", "whole"), ("least", "short"), ("most", "short")]
    claims = [Claim("a", (3,), PK, "at least", 4), Claim("b", (3,), frozenset({OTHERS[0]}), "at least", 2)]
    return [
        *((of, bound(of, [arc], side, form)) for side, form in forms),
        (separation(), bound(separation(), [2], "most", "whole")),
        (three_lots(), joint(three_lots(), three_claims())),
        (two_of_five(), joint(two_of_five(), claims)),
        (in_series(), joint(in_series(), [Claim("a", (2,), PK, "at least", 4), Claim("b", (4,), PK, "at least", 4)])),
    ]


@pytest.mark.parametrize(("graph", "made"), certificates())
def test_any_one_number_changed_is_refused_and_resealed_holds_only_where_it_proves_what_it_says(graph, made):
    """By the digest always. Resealed by a forger: by arithmetic or against the book, but where it is a proof still.

    What a forger may change and still prove the truth: which side of a tied cut a node is on, what a closed claim's
    multiplier is. No change of a mass, of what it is of, of the book or of the value survives the book.
    """
    document = json.loads(written(made))
    held = 0
    for path in places(document):
        for by in (-1, 1):
            forged = changed(document, path, by)
            try:
                it = read(json.dumps(forged).encode())
            except InputError:
                continue
            with pytest.raises(IntegrityError, match=re.escape("certificate.digest")):
                check(it)
            try:
                check_arithmetic(it)
                check_against(sealed(it), graph, BASIS)
            except IntegrityError:
                continue
            held += 1
            assert path[-1] not in ("value_mg", "mass_mg", "row", "tail", "head", "origin", "own", "node", "leaves_mg")
            assert path[-1] != "mg" or path[0] == "claims"
    assert held < 40


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_number_of_a_random_bound_never_moves_its_value(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    of = ledger(rng, lots=5, events=7, most_mg=9)
    side = data.draw(st.sampled_from(["least", "most"]))
    form = data.draw(st.sampled_from(["whole", "short"]))
    made = bound(of, [int(rng.integers(of.mg.size))], side, form)
    document = json.loads(written(made))
    path = data.draw(st.sampled_from(list(places(document))))
    forged = changed(document, path, data.draw(st.sampled_from([-7, -1, 1, 7])))
    try:
        it = read(json.dumps(forged).encode())
        check_arithmetic(it)
        check_against(it, of, BASIS)
    except (InputError, IntegrityError):
        return
    assert isinstance(it, BoundCertificate)
    assert (it.value_mg, it.mass_mg, it.rows) == (made.value_mg, made.mass_mg, made.rows)


def replaced(made: Certificate, **fields: Any) -> Any:
    return msgspec.structs.replace(made, **fields)


def with_arc(made: Any, place: int, **fields: Any) -> Any:
    arcs = list(made.arcs)
    arcs[place] = msgspec.structs.replace(arcs[place], **fields)
    return replaced(made, arcs=tuple(arcs))


def with_node(made: Any, place: int, **fields: Any) -> Any:
    nodes = list(made.nodes)
    nodes[place] = msgspec.structs.replace(nodes[place], **fields)
    return replaced(made, nodes=tuple(nodes))


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("certificate.index", lambda made: with_arc(made, 0, head=9)),
        ("certificate.order", lambda made: replaced(made, arcs=made.arcs[::-1])),
        ("certificate.complete", lambda made: with_node(made, 0, leaves_mg=None)),
        ("certificate.open", lambda made: with_node(made, 0, leaves_mg=2)),
        ("certificate.flow", lambda made: with_arc(made, 1, flow_mg=1)),
        ("certificate.flow", lambda made: with_arc(made, 0, flow_mg=2)),
        ("certificate.mass", lambda made: replaced(made, mass_mg=5)),
        ("certificate.cut", lambda made: with_node(made, 0, near=not made.nodes[0].near)),
        ("certificate.value", lambda made: replaced(made, value_mg=4)),
    ],
)
def test_arithmetic_names_what_does_not_hold_of_a_bound(code, change):
    assert refused(change(bound(separation(), [2], "most", "whole"))) == code


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("certificate.multiplier", lambda made: replaced(made, denominator=0)),
        ("certificate.multiplier", lambda made: with_node(made, 0, pi=())),
        ("certificate.claim", lambda made: replaced(made, arcs=made.arcs[:-1])),
        ("certificate.mass", lambda made: with_arc(made, 0, mg=0)),
        ("certificate.value", lambda made: with_arc(made, 0, mg=7)),
        ("certificate.value", lambda made: replaced(made, over_mg="3")),
    ],
)
def test_arithmetic_names_what_does_not_hold_of_a_refutation(code, change):
    assert refused(change(joint(three_lots(), three_claims()))) == code


def test_arithmetic_names_what_does_not_hold_of_a_routing():
    made = joint(three_lots(), three_claims(1))

    assert refused(with_arc(made, 0, held=(2,))) == "certificate.flow"
    claims = (msgspec.structs.replace(made.claims[0], mg=3), *made.claims[1:])
    assert refused(replaced(made, claims=claims)) == "certificate.claim"


def against(made: Certificate, graph: MassGraph, basis: Basis = BASIS) -> str:
    with pytest.raises(IntegrityError) as error:
        check_against(made, graph, basis)
    return error.value.code


def test_another_book_is_told_by_its_head_its_masses_and_what_was_left_out():
    made, graph = bound(separation(), [2], "most", "whole"), separation()
    grown = msgspec.structs.replace(BASIS, ledger=msgspec.structs.replace(HEAD, seq=8))

    assert against(made, graph, grown) == "certificate.basis"
    assert against(made, graph._replace(mg=graph.mg * 2)) == "certificate.graph"
    # Somebody leaves out the 2 of n, and pays for it with the tailings: closed, and no bound of the book.
    forged = with_node(replaced(made, arcs=(made.arcs[0], made.arcs[2])), 0, leaves_mg=0)
    forged = with_arc(forged, 1, origin=-1)
    assert against(forged, graph) == "certificate.incomplete"


def test_the_recorded_values_are_looked_up_in_the_events():
    ground = Ground(event="ni:///sha-256;1", pointer="/quantityList/0/quantity", value="3.50")
    made = bound(separation(), [2], "most", "whole", Grounds({0: (ground,)}, {0: ground.event}))
    event = {"quantityList": [{"quantity": Decimal("3.5"), "uom": "KGM"}]}

    assert check_grounds(made, {ground.event: event}.get) == 1
    with pytest.raises(IntegrityError, match=re.escape("certificate.event")):
        check_grounds(made, {}.get)
    with pytest.raises(IntegrityError, match=re.escape("certificate.recorded")):
        check_grounds(made, {ground.event: {"quantityList": [{"quantity": Decimal("3.51")}]}}.get)


def test_a_pointer_leads_where_rfc_6901_says():
    """Examples of section 5 of the RFC."""
    document = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, " ": 7}

    assert pointed(document, "") is document
    assert [pointed(document, one) for one in ("/foo/0", "/", "/a~1b", "/m~0n", "/ ")] == ["bar", 0, 1, 8, 7]
    assert [pointed(document, one) for one in ("foo", "/foo/2", "/foo/-1", "/bar", "/foo/0/1")] == [None] * 5


# Bytes and digests.

TEXT = st.text(st.characters(codec="utf-8"))
NAMES = st.text(st.characters(codec="ascii"))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(DOCUMENTS)
def test_canonical_bytes_are_those_of_rfc_8785(document):
    assert canonical(document) == rfc8785.dumps(document)


def test_what_no_reader_of_json_holds_exactly_is_not_written():
    with pytest.raises(InputError, match=re.escape("certificate.too_large")):
        digest({"mg": 2**53})
    with pytest.raises(InputError, match=re.escape("certificate.text")):
        digest("\ud800")


@pytest.mark.parametrize("raw", [b"{}", b'{"kind":"other"}', b'{"kind":"bound"}', b"not json", b"[" * 100_000])
def test_what_is_no_certificate_is_refused_with_its_place(raw):
    with pytest.raises(InputError, match=re.escape("certificate.form")):
        read(raw)


def test_what_was_not_proved_is_not_certified():
    found = together(three_lots(), three_claims(1))
    undecided = Joint("undecided", found.program, found.over_mg, found.withdrawn_mg, None, None)

    with pytest.raises(InputError, match=re.escape("certificate.undecided")):
        certify_joint(three_lots(), undecided, basis=BASIS, grounds=NONE)


def test_the_class_counts_in_the_most_what_it_may_be_and_in_the_least_only_what_it_is():
    """Untraced 1 and k 2 in a lot of 3: from 2 to 3."""
    from tests.origin.ledgers import OUTSIDE, graph

    lot = graph(1, (OUTSIDE, 0, 1, 0), (OUTSIDE, 0, 2, 1), (0, OUTSIDE, 3, -1))
    made = [bound(lot, [2], side, "whole") for side in ("least", "most")]  # type: ignore[arg-type]

    assert [one.value_mg for one in made] == [2, 3]
    assert K in made[0].surely
    for one in made:
        check(one)
