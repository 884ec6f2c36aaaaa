"""Certainty and the model of the chain of custody are two fields, and neither says more than the record does."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.origin.bounds import Bounds
from lodeline.origin.claims import Claim
from lodeline.origin.custody import MODELS, Evidence, custody, standing
from lodeline.origin.graph import OUTSIDE, UNTRACED, MassGraph
from lodeline.origin.joint import together
from lodeline.origin.wanted import Wanted
from tests.origin.ledgers import OTHERS, K, graph, ledger

PK = frozenset({K})
MINE, SCRAP = OTHERS[1:]
CLAIM = Claim("lot", (0,), PK, "at least", 80)
MOST = CLAIM._replace(sense="at most")


@pytest.mark.parametrize(
    ("claim", "evidence", "certainty"),
    [
        (CLAIM, [Evidence(80, 100)], "proved"),
        (CLAIM, [Evidence(79, 100)], "undecided"),
        (CLAIM, [Evidence(0, 80)], "undecided"),
        (CLAIM, [Evidence(0, 79)], "contradicted"),
        (MOST, [Evidence(0, 80)], "proved"),
        (MOST, [Evidence(80, 100)], "undecided"),
        (MOST, [Evidence(81, 100)], "contradicted"),
        (CLAIM, [Evidence(0, 100), Evidence(85, 85, assumption="perfect mixing")], "supported"),
        (CLAIM, [Evidence(0, 100), Evidence(70, 70, assumption="perfect mixing")], "undecided"),
        (CLAIM, [Evidence(80, 100), Evidence(70, 70, assumption="perfect mixing")], "proved"),
        (CLAIM, [Evidence(0, 70), Evidence(85, 85, assumption="perfect mixing")], "contradicted"),
        (CLAIM, [Evidence(85, 100, assumption="homogeneous lots")], "supported"),
        (CLAIM, [], "undecided"),
    ],
)
def test_certainty_by_hand(claim, evidence, certainty):
    assert standing(claim, evidence, k=2).certainty == certainty


def test_assumptions_that_disagree_support_nothing_and_both_are_named():
    found = standing(CLAIM, [Evidence(85, 85, assumption="FIFO"), Evidence(60, 60, assumption="perfect mixing")], k=2)

    assert found == ("undecided", ("FIFO",), ("perfect mixing",), 2)


def test_a_bound_counts_as_far_as_it_holds_k_uncertainties_off():
    near, far = Evidence(84, 100, least_u_mg=3.0), Evidence(86, 100, least_u_mg=3.0)

    assert [standing(CLAIM, [one], k=2).certainty for one in (near, far)] == ["undecided", "proved"]


def test_certainty_of_random_claims_is_what_joint_claims_say_of_one():
    """Proved: the contrary is contradicted; contradicted: the claim itself is."""
    rng = np.random.default_rng(91)
    seen = set()
    for _ in range(150):
        of = ledger(rng, lots=4, events=5, most_mg=6)
        arc = int(rng.integers(of.mg.size))
        bound = Bounds(of).arc(arc, Wanted(PK))
        claim = Claim("lot", (arc,), PK, "at least", int(rng.integers(1, of.mg[arc] + 1)))
        certainty = standing(claim, [Evidence(bound.least, bound.most)], k=0).certainty
        contrary = claim._replace(sense="at most", mg=claim.mg - 1)

        assert (certainty == "contradicted") == (together(of, [claim]).verdict == "contradictory")
        assert (certainty == "proved") == (together(of, [contrary]).verdict == "contradictory")
        seen.add(certainty)
    assert seen == {"proved", "undecided", "contradicted"}


@pytest.mark.parametrize(
    ("evidence", "k"), [([Evidence(0, 1), Evidence(0, 1)], 2), ([Evidence(2, 1)], 2), ([Evidence(0, 1)], -1)]
)
def test_evidence_that_is_none_is_refused(evidence, k):
    with pytest.raises(InputError, match=re.escape("claim.evidence")):
        standing(CLAIM, evidence, k=k)


def lot_of(*origins: int) -> MassGraph:
    """One lot of 2 from each of these origins, by their place."""
    return graph(1, *((OUTSIDE, 0, 2, one) for one in origins), (0, OUTSIDE, 2 * len(origins), -1))


@pytest.mark.parametrize(
    ("origins", "proportion", "credited", "model"),
    [
        ((3,), "", False, "identity preserved"),
        ((3, 4), "", False, "segregated"),
        ((1,), "", False, "segregated"),
        ((1, 2), "", False, None),
        ((1, 2), "assay of every blend", False, "controlled blending"),
        ((1, 2), "", True, "mass balance"),
        ((2,), "assay of every blend", False, None),
        ((1, 0), "", False, None),
    ],
)
def test_the_strictest_model_that_the_record_bears_out(origins, proportion, credited, model):
    """A deposit alone; it and a scrap source; a country; with China; with metal of which nobody knows."""
    counts = frozenset({K, MINE, SCRAP})
    claim = Claim("lot", (len(origins),), counts, "at least", 1)
    found = custody(lot_of(*origins), claim, stated="segregated", proportion=proportion, credited=credited)

    assert found.borne_out == model
    assert found.holds == (model in ("identity preserved", "segregated"))
    assert (UNTRACED in found.foreign) == (0 in origins)


def test_a_stricter_model_bears_out_a_looser_statement_and_nothing_stated_holds():
    claim = Claim("lot", (1,), frozenset({MINE}), "at least", 1)

    assert all(custody(lot_of(3), claim, stated=one, proportion="", credited=False).holds for one in (*MODELS, None))


def test_what_came_later_does_not_spoil_what_was_drawn_before():
    """Hand case 2 the other way round: k is laid down and drawn; what others lay down later is not upstream."""
    of = graph(2, (OUTSIDE, 0, 5, 3), (0, OUTSIDE, 4, -1), (0, 1, 1, -1), (OUTSIDE, 1, 5, 2), (1, OUTSIDE, 6, -1))
    first = Claim("first", (1,), frozenset({MINE}), "at least", 4)
    second = Claim("second", (4,), frozenset({MINE}), "at least", 1)

    assert custody(of, first, stated=None, proportion="", credited=False).borne_out == "identity preserved"
    assert custody(of, second, stated=None, proportion="", credited=False).foreign == (OTHERS[0],)
