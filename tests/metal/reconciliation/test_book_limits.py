"""Books whose readings would put a mass below nothing, or more into a lot than it weighs."""

from __future__ import annotations

import numpy as np
import pytest

from lodeline.errors import InputError
from lodeline.metal.flows.words import FLOW
from lodeline.metal.policy import NO_POLICY
from lodeline.metal.reconciliation import reconciled as module
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.remarks import remarks
from tests.metal.reconciliation.small_reconciled import PARTS, arises, assayed, reconciled, split, weighed
from tests.metal.small_book import LOT

A, B = PARTS


def flow(of: Reconciled, lot: str, act: str) -> int:
    """The flow of a lot."""
    table, name = of.flows.flows, of.flows.index(lot)
    (found,) = np.flatnonzero((table["lot"] == name) & (table["kind"] == FLOW[act]))
    return int(found)


def kg(of: Reconciled, lot: str, act: str = "process_out") -> tuple[float, float]:
    """The dry mass of a lot, and its uncertainty."""
    row = flow(of, lot, act)
    return float(of.dry.kg[row]), float(of.dry.u_kg[row])


def said(of: Reconciled) -> dict[str, str]:
    return {one.code: one.sentence for one in remarks(of, NO_POLICY)}


def test_a_part_that_would_be_less_than_nothing_is_nothing_and_as_uncertain_as_it_was():
    """By hand: 100 of which 103 are one part, each known to 1: both are 101.5, and the rest is 0 +- sqrt 2."""
    found = reconciled(arises(), weighed(2, "100", "1"), split(3), weighed(4, "103", "1", lot=A))

    assert kg(found, A) == (pytest.approx(101.5), pytest.approx(1.0))
    assert kg(found, B) == (pytest.approx(0.0, abs=1e-9), pytest.approx(np.sqrt(2)))
    assert (found.solution.chi2, found.solution.dof) == (pytest.approx(4.5), 1)
    assert "1 dry mass below zero" in said(found)["reconcile.at_limit"]
    assert f"dry of {B} made" in said(found)["reconcile.at_limit"]


def test_where_no_limit_holds_none_is_said():
    found = reconciled(arises(), weighed(2, "100", "1"), split(3), weighed(4, "97", "1", lot=A))

    assert kg(found, B) == (pytest.approx(3.0), pytest.approx(np.sqrt(2)))
    assert "reconcile.at_limit" not in said(found)


def test_fractions_that_come_to_more_than_one_share_what_is_too_much():
    """By hand: 70 and 34 %, each to 1 %, are 4 % too much: 2 each, at a chi2 of 8."""
    found = reconciled(arises(), weighed(2, "100", "1"), assayed(2, "70", "1"), assayed(2, "34", "1", of="S"))
    made = flow(found, LOT, "arising")

    assert found.element("Sb").kg[made] == pytest.approx(68.0)
    assert found.element("S").kg[made] == pytest.approx(32.0)
    assert (found.solution.chi2, found.solution.dof) == (pytest.approx(8.0), 1)
    assert "1 sum of assays above the whole" in said(found)["reconcile.at_limit"]


def test_where_no_search_keeps_the_limits_the_book_is_reconciled_without_and_says_so(monkeypatch):
    acts = (arises(), weighed(2, "100", "1"), split(3), weighed(4, "103", "1", lot=A))
    real = module.solve

    def fails(model, **how):
        if model.limited:
            raise InputError("reconcile.not_converged", "The limits cannot all be kept.")
        return real(model, **how)

    assert "reconcile.limits_left" not in said(reconciled(*acts))
    monkeypatch.setattr(module, "solve", fails)
    found = reconciled(*acts)

    assert kg(found, B)[0] == pytest.approx(-3.0)
    assert "The limits cannot all be kept." in said(found)["reconcile.limits_left"]
