"""Bad input, on a flowsheet and in a book: each is a refusal or a finding with a remedy, and its mended twin is not.

A period without a stock-take is in ``tests/metal/balance/test_stocktakes.py``; books in parts in ``test_remarks.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from lodeline.errors import LodelineError
from lodeline.metal.policy import Policy
from lodeline.metal.reconciliation.network import Fixed, Measured, Network, reconcile
from lodeline.metal.reconciliation.reconciled import Reconciled
from lodeline.metal.reconciliation.remarks import remarks
from tests.metal.reconciliation.hand_networks import flotation, split, stream
from tests.metal.reconciliation.small_reconciled import arises, assayed, reconciled, weighed
from tests.metal.reconciliation.small_reconciled import split as parted
from tests.metal.small_book import LOT, book

N = "N"
POLICY = Policy(false_alarms=Decimal("0.01"))


def fixed(right: float) -> Network:
    streams = [
        stream("feed", None, N, Fixed(100)),
        stream("left", N, None, Fixed(60)),
        stream("right", N, None, Fixed(right)),
    ]
    return split(streams=streams)


def graded(grade: float) -> Network:
    feed = stream("feed", None, "cells", grades={"Cu": Measured(grade, 0.002)})
    return flotation(streams=[feed, *flotation().streams[1:]])


REFUSED: dict[str, tuple[str, Callable[[], Any], Callable[[], Any]]] = {
    "a stream without uncertainty": (
        "network.uncertainty",
        lambda: split(streams=[stream("feed", None, N, Measured(100, None)), *split().streams[1:]]),
        split,
    ),
    "fixed values that contradict a balance": (
        "reconcile.constraints_disagree",
        lambda: reconcile(fixed(41)),
        lambda: reconcile(fixed(40)),
    ),
    "a grade above one": ("network.fraction", lambda: graded(1.25), lambda: graded(0.25)),
    "an assay above one": ("unit.fraction_range", lambda: assayed(2, "120", "1"), lambda: assayed(2, "20", "1")),
    "a weighing known exactly": ("event.uncertainty", lambda: weighed(2, "100", "0"), lambda: weighed(2, "100", "1")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_what_to_write_instead(what: str) -> None:
    code, bad, good = REFUSED[what]
    good()
    with pytest.raises(LodelineError) as refusal:
        bad()

    assert refusal.value.code == code
    assert refusal.value.sentence


def found(of: Reconciled) -> dict[str, Any]:
    return {one.code: one for one in remarks(of, POLICY)}


def test_a_weighing_without_uncertainty_has_no_weight_and_is_not_lost() -> None:
    """It stays among the measurements, and the policy may still say how uncertain it is."""
    bad = reconciled(arises(), weighed(2, "100", "1"), weighed(3, "150", None))
    good = reconciled(arises(), weighed(2, "100", "1"), weighed(3, "100", "1"))

    assert found(bad)["reconcile.no_uncertainty"].settle[0].act == "policy"
    assert bad.flows.measurements.rows == good.flows.measurements.rows
    assert bad.dry.kg[0] == pytest.approx(100)
    assert "reconcile.no_uncertainty" not in found(good)


def test_weighings_that_cannot_both_be_are_a_strong_finding_and_both_stay() -> None:
    """A book has nothing that is fixed: readings that contradict each other are judged, and none is thrown away."""
    bad = reconciled(arises(), weighed(2, "100", "0.1"), weighed(3, "150", "0.1"))
    good = reconciled(arises(), weighed(2, "100", "0.1"), weighed(3, "100.1", "0.1"))

    assert found(bad)["reconcile.rejected"].weight == "strong"
    assert len(bad.readings()) == len(good.readings()) == 2
    assert "reconcile.rejected" not in found(good)


def test_a_fraction_above_one_that_others_wrote_is_a_finding() -> None:
    """Captured from elsewhere it was not refused by the constructor; it counts for nothing, and the weight stays."""
    good = assayed(2, "20", "1")
    (element,) = good["sensorElementList"]
    reports = [{**one, "value": 120} if "value" in one else one for one in element["sensorReport"]]
    bad = {**good, "sensorElementList": [{**element, "sensorReport": reports}]}
    told = {name: book(arises(), weighed(2, "100", "1"), event) for name, event in (("bad", bad), ("good", good))}

    assert "metal.report_range" in {one.code for one in told["bad"].findings}
    assert "metal.report_range" not in {one.code for one in told["good"].findings}
    assert 100 in told["bad"].flows.measurements["value"].tolist()


def test_a_flowsheet_in_parts_is_a_finding_and_one_that_hangs_together_is_none() -> None:
    apart = split(
        nodes=[N, "M"],
        streams=[
            *split().streams,
            stream("in", None, "M", Measured(5, 0.1)),
            stream("out", "M", None, Measured(5.1, 0.1)),
        ],
    )

    assert "network.in_parts" in {one.code for one in reconcile(apart).findings}
    assert "network.in_parts" not in {one.code for one in reconcile(split()).findings}


def test_a_split_of_which_nothing_is_weighed_is_unknown_and_says_what_to_weigh() -> None:
    bad, good = reconciled(arises(), parted(3)), reconciled(arises(), weighed(2, "100", "1"))

    assert {one.act for one in found(bad)["reconcile.unobservable"].settle} == {"weighing"}
    assert LOT in found(bad)["reconcile.unobservable"].lots
    assert "reconcile.unobservable" not in found(good)
