"""Where metal is from, through the book's own door: by hand, on programmes whose truth is known, and each refusal."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from decimal import Decimal

import numpy as np
import pytest

import lodeline
from lodeline.book.claiming import over_slope
from lodeline.errors import InputError, IntegrityError, NotFoundError
from lodeline.examples.programme import programme
from lodeline.origin.claims import share_claim
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.joint import together
from lodeline.origin.wanted import wanted
from tests.book.small_origin import (
    BLENDED,
    HALVED,
    JOPLIN,
    OTHER,
    PAKISTAN,
    PRODUCT,
    SCRAP,
    A,
    B,
    found,
    founded,
    made_into,
)
from tests.metal.small_book import LOT, mined, net, weighed
from tests.origin.ledgers import ORIGINS, ledger

LINE = b'[[claim]]\nlot = "%s"\nelement = "Sb"\norigin = "PK"\n%s\n'


@pytest.fixture(scope="module")
def blended(tmp_path_factory):
    """3 kg of Pakistan and 2 kg of which nobody says more become one lot."""
    with founded(tmp_path_factory.mktemp("book") / "book.db", BLENDED) as book:
        yield book


@pytest.fixture(scope="module")
def halved(tmp_path_factory):
    """3 kg of Pakistan and 2 kg of scrap of the United States become two equal lots."""
    with founded(tmp_path_factory.mktemp("book") / "book.db", HALVED) as book:
        yield book


def code(refused):
    return refused.value.code


# -- shares and bounds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recorded", [True, False])
def test_of_a_blend_of_three_and_two_kilograms_three_fifths_are_from_there(blended, recorded):
    """What nobody knows more of may be from Pakistan too: 3 to 5 of 5 kg are."""
    traces = blended.origin(PRODUCT, "Sb", bounds=True, recorded=recorded)

    assert (traces.state, traces.masses) == ("held", "recorded" if recorded else "reconciled")
    assert traces.kg == pytest.approx(5, abs=1e-4)
    assert [(one.name, round(one.share, 6)) for one in traces.parts] == [("PK", 0.6), ("not said", 0.4)]
    of = traces.parts[0].limits
    assert (round(of.least, 3), round(of.most, 3)) == (3, 5)
    assert (of.least_supposes, of.most_supposes) == (False, False)


def test_the_uncertainty_of_a_share_is_that_of_its_two_masses(blended):
    """By hand: s = a / (a + b), u(s) = sqrt((b u_a)^2 + (a u_b)^2) / (a + b)^2."""
    share = blended.origin(PRODUCT, "Sb", recorded=True).parts[0]
    a, b = 3.0, 2.0
    # 6 ± 0.003 kg and 4 ± 0.002 kg at 50 ± 0.05 %.
    u_a, u_b = np.hypot(0.5 * 0.003, 6 * 0.0005), np.hypot(0.5 * 0.002, 4 * 0.0005)

    assert share.share_u == pytest.approx(np.hypot(b * u_a, a * u_b) / (a + b) ** 2, rel=1e-6)


def test_of_two_halves_each_can_be_nearly_all_from_there_but_not_both(halved):
    """Each half of 2.5 kg holds 0.5 to 2.5 of the 3 kg; both as claimed would take 5, which is 2 too many."""
    half = halved.origin(A, "Sb", bounds=True).parts[0]
    assert (half.name, round(half.limits.least, 3), round(half.limits.most, 3)) == ("PK", 0.5, 2.5)

    both = halved.claims(LINE % (A.encode(), b"at_least = 1") + LINE % (B.encode(), b'at_least = "100%"'))
    (together,) = both.together
    assert [one.judged.certainty for one in both.alone] == ["undecided", "undecided"]
    assert (together.verdict, round(together.over_kg, 3), together.irreducible) == ("contradictory", 2, True)
    assert [(one.place, round(one.alone_kg, 3)) for one in together.members] == [(1, 2), (2, 2)]
    assert not both.consistent
    # Three kilograms there are.
    three = LINE % (A.encode(), b"at_least_kg = 1.5") + LINE % (B.encode(), b"at_least_kg = 1.499")
    assert halved.claims(three).consistent


def test_what_is_claimed_too_much_is_as_uncertain_as_the_masses_that_leave_no_room(halved):
    """Of kilograms the 3 from Pakistan leave no room; of the whole of both lots it is what is of elsewhere too much."""
    kg = LINE % (A.encode(), b"at_least_kg = 2.5") + LINE % (B.encode(), b"at_least_kg = 2.5")
    whole = LINE % (A.encode(), b"at_least = 1") + LINE % (B.encode(), b"at_least = 1")

    for file, lot in ((kg, LOT), (whole, OTHER)):
        (together,) = halved.claims(file).together
        assert together.over_kg_u == pytest.approx(halved.origin(lot, "Sb").kg_u, rel=1e-6)
        assert together.members_over_kg_u == pytest.approx(together.over_kg_u, rel=1e-9)


def test_what_is_claimed_too_much_moves_with_masses_as_its_uncertainty_supposes():
    """Claims of shares, at least and at most, solved anew with a gram more or less on one way through the graph.

    Where two sets of claims contradict each other alike, what follows is between both sides.
    """
    rng, tried = np.random.default_rng(5), 0
    for number in range(120):
        of = ledger(rng, lots=5, events=6, most_mg=9)
        of = of._replace(mg=of.mg * 10**6)
        lots = rng.choice(of.mg.size, size=min(3, of.mg.size), replace=False).tolist()
        shares = [Decimal(f"{share:.2f}") for share in rng.uniform(0.2, 1, len(lots))]

        def solved(mg, of=of, lots=lots, shares=shares, number=number):
            made = of._replace(mg=mg)
            return together(made, [
                share_claim(made, str(place), (lot,), wanted(ORIGINS, country=("PK", "CN", "US")[place * (number % 2)]),
                            sense="at least" if (number + place) % 4 else "at most", share=shares[place])
                for place, lot in enumerate(lots)
            ])  # fmt: skip

        found = solved(of.mg)
        if found.verdict != "contradictory":
            continue
        way = [int(rng.choice(np.flatnonzero(of.tail == OUTSIDE)))]
        while of.head[way[-1]] != OUTSIDE:
            way.append(int(rng.choice(np.flatnonzero(of.tail == of.head[way[-1]]))))
        moved = []
        for sign in (1, -1):
            mg = of.mg.copy()
            mg[way] += sign * 1000
            moved.append(sign * float(solved(mg).over_mg - found.over_mg) / 1000)
        slope = float(over_slope(found, shares, of.mg.size)[way].sum())
        assert min(moved) - 0.01 <= slope <= max(moved) + 0.01
        tried += 1
    assert tried > 50


def test_a_contradiction_within_the_uncertainty_of_the_masses_is_said_to_be_so(tmp_path):
    """The 3 kg are known to some 4 g: 1 g too much may be none, 100 g too much may not."""
    policy = b"[detection]\nfalse_alarms = 0.01\n"
    with founded(tmp_path / "book.db", HALVED, policy=policy) as book:
        found = [
            book.claims(
                LINE % (A.encode(), b"at_least_kg = 1.5") + LINE % (B.encode(), b"at_least_kg = " + kg)
            ).together
            for kg in (b"1.501", b"1.6", b"1.4")
        ]

    assert [one.verdict for (one,) in found] == ["contradictory", "contradictory", "consistent"]
    assert [one.within for (one,) in found] == [True, False, False]


def test_a_concentrate_and_its_product_are_not_two_sales(halved):
    both = halved.claims(LINE % (LOT.encode(), b"at_least = 1") + LINE % (A.encode(), b"at_least = 0.9"))

    assert both.consistent
    assert [one.judged.certainty for one in both.alone] == ["proved", "undecided"]


def test_unknown_metal_may_be_of_a_country_that_another_claim_names(blended):
    """The 2 kg of which nobody says more may be of China and mined there, and then all 5 kg are mined."""
    of = b'[[claim]]\nlot = "%s"\nelement = "Sb"\norigin = "%s"\nat_least = %s\n'
    said = of % (PRODUCT.encode(), b"CN", b"0.39") + of % (PRODUCT.encode(), b"mined", b"0.99")

    assert blended.claims(said).consistent


def test_a_claim_is_proved_undecided_or_contradicted(halved):
    told = {"PK>=0.2": "proved", "PK>=0.5": "supported", "PK>=0.9": "undecided", "CN>=0.01": "contradicted"}
    told |= {"PK<=0.1": "contradicted", "scrap<=80%": "proved", f"{JOPLIN}<=2.1kg": "proved", "mined>=0.5kg": "proved"}
    traces = halved.origin(A, "Sb", claims=list(told))

    assert [one.certainty for one in traces.claims] == list(told.values())
    half = traces.claims[1]
    assert (half.supported_by, half.contradicted_by, half.k) == (("mixing as kept",), (), None)
    assert (half.custody, half.foreign) == (None, (JOPLIN,))
    assert half.claim == "at least 50 % PK"
    assert halved.origin(LOT, "Sb", claims=["PK>=1"]).claims[0].custody == "segregated"


def test_what_is_uncertain_is_not_proved_where_the_policy_names_a_chance_of_false_alarms(tmp_path):
    """The least is 0.5 ± 0.003 kg of 2.5; 20 % of it is on the edge, and 19 % is not."""
    policy = b"[detection]\nfalse_alarms = 0.01\n"
    with founded(tmp_path / "book.db", HALVED, policy=policy) as book:
        edge, inside = book.origin(A, "Sb", claims=["PK>=0.2", "PK>=0.19"]).claims

    # The mixing, supposed, says 60 %.
    assert (edge.certainty, inside.certainty) == ("supported", "proved")
    assert edge.k == pytest.approx(2.326, abs=1e-3)


def test_shares_are_told_apart_by_what_is_asked(halved):
    def parts(by):
        return {one.name: round(one.share, 6) for one in halved.origin(A, "Sb", by=by).parts}

    assert parts("kind") == {"mined": 0.6, "scrap": 0.4}
    assert parts("deposit") == {"PK, mined, not said where": 0.6, JOPLIN: 0.4}
    assert parts("stage:mined") == {"urn:example:mine": 0.6, "none in this book": 0.4}
    assert parts("stage:collected") == {"urn:example:mine": 0.4, "none in this book": 0.6}
    assert parts("owner") == {"urn:example:seller": 0.6, "none in this book": 0.4}
    assert sum(parts("certificate").values()) == 1


def test_a_lot_that_was_used_up_answers_for_what_was_used(halved):
    traces = halved.origin(LOT, "Sb")
    assert (traces.state, round(traces.kg, 3), [one.name for one in traces.parts]) == ("used", 3, ["PK"])

    gone = halved.destinations(LOT, "Sb").gone
    assert [(one.how, one.lot, round(one.share, 6)) for one in gone] == [("held", A, 0.5), ("held", B, 0.5)]


def test_the_way_of_the_metal_leads_back_to_both_origins(halved):
    way = halved.why(A, "Sb")
    ends = {one.lot: (one.origin, round(one.kg, 3)) for one in way.steps if one.origin}

    assert ends == {LOT: ("PK (mined)", 1.5), OTHER: (f"US, {JOPLIN} (scrap)", 1.0)}
    cut = halved.why(A, "Sb", depth=1)
    assert [(one.others, round(one.kg, 3)) for one in cut.steps if one.others] == [(2, 2.5)]
    assert len(cut.table()) == len(cut.steps)


def test_every_rule_of_mixing_stands_beside_the_book_s_own(halved):
    traces = halved.origin(A, "Sb", mixing="all")

    assert list(traces.parts[0].by_rule) == ["as kept", "perfect", "fifo", "lifo", "layers", "identity"]
    assert set(traces.table().columns) >= {"share_fifo", "share_as_kept", "least_kg", "most_kg_u"}
    assert halved.origin(A, "Sb", mixing="lifo").mixing == "lifo"


def test_a_book_that_cannot_be_reconciled_answers_by_what_was_recorded(tmp_path, monkeypatch):
    import lodeline.book.reconciling

    def refuse(*_):
        raise InputError("reconcile.not_converged", "It came to no end.")

    monkeypatch.setattr(lodeline.book.reconciling, "solved", refuse)
    with founded(tmp_path / "book.db", BLENDED) as book:
        traces = book.origin(PRODUCT, "Sb")

    assert (traces.masses, traces.not_reconciled) == ("recorded", "It came to no end.")
    assert traces.parts[0].share == pytest.approx(0.6)


def test_what_is_unknown_on_the_way_is_named_with_what_would_settle_it(tmp_path):
    """Of one lot nobody knows how much came, and of another how much was made: all of A may be of the unknown lot."""
    events = (*PAKISTAN, *SCRAP, made_into(A, B), *found(A, "5"))
    with founded(tmp_path / "book.db", events) as book:
        traces = book.origin(A, "Sb", bounds=True, recorded=True)

    assert [one.code for one in traces.unknown] == ["origin.never_assayed"]
    assert traces.unknown[0].settle[0].subject == OTHER
    assert {one.name for one in traces.parts} == {"PK", "US"}
    pakistan = next(one for one in traces.parts if one.name == "PK")
    assert (pakistan.limits.least, round(pakistan.limits.most, 3)) == (0, 2.5)


# -- certificates ----------------------------------------------------------------------------------------------------


def test_a_certificate_holds_against_its_book_and_with_one_number_changed_it_does_not(halved):
    made = halved.certificate(A, "Sb", "PK>=0.2")
    checked = halved.check(made)
    assert checked.says == f"lot {A} (held) holds at least 0.5 kg of 2.5 from PK"
    assert (checked.values > 0, checked.supposes) == (True, 0)

    forged = json.loads(made)
    forged["value_mg"] += 1
    with pytest.raises(IntegrityError) as refused:
        halved.check(json.dumps(forged).encode())
    assert code(refused) == "certificate.digest"


def test_a_certificate_whose_masses_are_not_the_book_s_is_refused_though_it_is_sealed_and_sound(halved):
    from lodeline.origin.certificate import read, sealed, written

    made = halved.certificate(A, "Sb", "PK>=0.2", recorded=True)
    doubled = json.loads(made)
    for arc in doubled["arcs"]:
        arc["mg"], arc["flow_mg"] = 2 * arc["mg"], 2 * arc["flow_mg"]
    for node in doubled["nodes"]:
        node["leaves_mg"] *= 2
    doubled["mass_mg"], doubled["value_mg"] = 2 * doubled["mass_mg"], 2 * doubled["value_mg"]
    with pytest.raises(IntegrityError) as refused:
        halved.check(written(sealed(read(json.dumps(doubled).encode()))))
    assert code(refused) == "certificate.graph"


def test_a_certificate_is_checked_as_of_its_own_entry_and_by_its_own_book_alone(tmp_path, blended):
    with founded(tmp_path / "book.db", HALVED) as book:
        made = book.certificate(A, "Sb", "PK>=0.2")
        from tests.book.test_reconciling import capture

        capture(book, weighed(20, net("4", "0.002"), lot=A))
        assert book.check(io.BytesIO(made)).seq < book.head().seq
    with pytest.raises(IntegrityError) as refused:
        blended.check(made)
    assert code(refused) == "certificate.book"


def test_claims_that_contradict_each_other_have_a_certificate(halved):
    content = LINE % (A.encode(), b"at_least = 1") + LINE % (B.encode(), b"at_least = 1")
    _, made = halved.claims_with_certificate(content)
    assert halved.check(made).says.startswith("these claims cannot all be true")

    with pytest.raises(InputError) as refused:
        halved.claims_with_certificate(
            LINE % (A.encode(), b"at_least = 1") + (LINE % (LOT.encode(), b"at_least_kg = 0")).replace(b'"Sb"', b'"sb"')
        )
    assert code(refused) in ("claim.elements", "chemistry.element_unknown")


# -- on a programme whose truth is known ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def true_programme(tmp_path_factory):
    """A programme without faults, with its truth."""
    run = programme(200, seed=11, faults=())
    with lodeline.create(tmp_path_factory.mktemp("book") / "book.db", title="Programme", by="clerk") as book:
        truth = run.build(book, by="clerk")
        yield book, truth.origins(), {key: one["country"] for key, one in truth.summary()["sources"].items()}


def test_what_was_truly_in_the_held_products_lies_within_the_bounds(true_programme):
    """Of each held lot of metal; limits as masses are uncertain: five standard uncertainties."""
    book, truth, country = true_programme
    held: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for lot, of in truth.items():
        for source, masses in of.items():
            held[lot][country[source]] += masses.get("Sb", 0) / 1e6
    asked = 0
    for lot, true in sorted(held.items()):
        if sum(true.values()) < 1 or "concentrate" in lot or "feed" in lot:
            continue
        try:
            traces = book.origin(lot, "Sb", bounds=True)
        except InputError as refusal:
            if refusal.code not in ("origin.lot_unknown", "origin.lot_empty"):
                raise
            continue
        asked += 1
        # What was lost or taken since it was made is of the same origins.
        part = traces.kg / sum(true.values())
        for one in traces.parts:
            if one.limits is not None:
                slack = 5 * max(one.limits.least_u or 0.0, one.limits.most_u or 0.0, traces.kg_u or 0.0) + 1e-3
                kg = true.get(one.name, 0.0) * part
                assert one.limits.least - slack <= kg <= one.limits.most + slack, (lot, one)
        assert sum(one.share for one in traces.parts) == pytest.approx(1, abs=1e-9)
    assert asked >= 1


# -- what is refused --------------------------------------------------------------------------------------------------


def test_a_lot_that_is_not_there_is_refused_with_near_names(halved):
    with pytest.raises(NotFoundError) as refused:
        halved.origin("urn:example:lot:aa", "Sb")
    assert code(refused) == "origin.no_lot"
    assert A in refused.value.sentence


def test_an_element_that_nobody_assayed_is_unknown_and_never_taken_from_gross_mass(halved):
    with pytest.raises(InputError) as refused:
        halved.origin(A, "Cu")
    assert code(refused) == "origin.lot_unknown"
    assert "assay" in refused.value.sentence


def test_a_lot_without_any_of_the_element_is_empty(tmp_path):
    events = (*PAKISTAN, mined("2", OTHER, day=2), *found(OTHER, "2", "0", day=3))
    with founded(tmp_path / "book.db", events) as book, pytest.raises(InputError) as refused:
        book.origin(OTHER, "Sb", recorded=True)
    assert code(refused) == "origin.lot_empty"


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"by": "colour"}, "origin.by_unknown"),
        ({"by": "owner", "bounds": True}, "origin.bounds_by"),
        ({"mixing": "shaken"}, "origin.mixing_unknown"),
        ({"claims": ["PK=1"]}, "claim.text"),
        ({"claims": ["PK>=1.2.3"]}, "claim.text"),
        ({"claims": ["PK>=80"]}, "claim.share"),
        ({"claims": ["Pakistan>=0.8"]}, "origin.country"),
        ({"claims": ["urn:example:nowhere>=0.8"]}, "claim.origin_unknown"),
    ],
)
def test_what_cannot_be_asked_is_refused(halved, asked, refusal):
    with pytest.raises(InputError) as refused:
        halved.origin(A, "Sb", **asked)
    assert code(refused) == refusal


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "claim.none"),
        (b"\xff\xfe", "claim.file"),
        (b"[[claim]\n", "claim.file"),
        (b'[[claims]]\nlot = "x"\n', "claim.file"),
        (LINE % (A.encode(), b""), "claim.file"),
        (LINE % (A.encode(), b"at_least = 1\nat_most = 1"), "claim.file"),
        (LINE % (A.encode(), b'at_least = 1\ncolour = "red"'), "claim.file"),
        (LINE % (A.encode(), b'at_least = 1\ncustody = "lost"'), "claim.file"),
        (LINE % (A.encode(), b'at_least = "much"'), "claim.text"),
        (LINE % (A.encode(), b"at_least = 1.5"), "claim.share"),
        (b"lot,element,origin,at_least\na,b\n", "claim.file"),
    ],
)
def test_a_file_that_holds_no_claims_is_refused(halved, content, refusal):
    with pytest.raises(InputError) as refused:
        halved.claims(content)
    assert code(refused) == refusal


def test_claims_come_as_csv_too(halved):
    content = f"buyer,lot,element,origin,at_least,at_most_kg\nx,{A},Sb,PK,20%,\ny,{B},Sb,scrap,,2\n".encode()
    found_ = halved.claims(content)

    assert [(one.buyer, one.judged.certainty) for one in found_.alone] == [("x", "proved"), ("y", "proved")]
    assert found_.to_polars().height == 2


def test_findings_of_a_book_weigh_its_claimed_origins_too(true_programme):
    from lodeline.book.finding import findings_of

    book, *_ = true_programme
    unbound = findings_of(book._store, None).unbound

    assert set(unbound) >= {"time on the road", "licensed output"}


def test_an_answer_as_of_an_earlier_entry_knows_nothing_later(tmp_path):
    from tests.book.test_reconciling import capture

    with founded(tmp_path / "book.db", BLENDED) as book:
        before = book.head().seq
        capture(book, weighed(20, net("9", "0.002"), lot=PRODUCT))
        earlier, later = (book.origin(PRODUCT, "Sb", recorded=True, as_of=one) for one in (before, None))

    assert (earlier.as_of, round(earlier.kg, 3)) == (before, 5)
    assert round(later.kg, 3) != 5
