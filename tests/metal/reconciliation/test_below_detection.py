"""Fractions below detection: anywhere up to the limit, however many laboratories found nothing."""

from decimal import Decimal

import numpy as np
import pytest

from lodeline.chemistry.species import species
from lodeline.record import metal
from lodeline.record.metal import Certificate, Event, Result
from tests.metal.reconciliation.small_reconciled import arises, reconciled, weighed
from tests.metal.small_book import LOT, MINE, on


def nothing_found(day: int, limit: str, by: str) -> Event:
    """An assay that finds no antimony above a limit, in percent."""
    line = Result(substance=species("Sb"), value=None, u=None, uom="P1", basis="dry", detection_limit=Decimal(limit))
    return metal.assay(on(day, MINE), LOT, [line], Certificate(laboratory=by, method=None, certificate=None, rank=None))


@pytest.mark.parametrize("limits", [("0.01",), ("0.01", "0.01"), ("0.05", "0.01", "0.02", "0.01")])
def test_many_who_found_nothing_say_no_more_than_the_one_with_the_lowest_limit(limits):
    """0 to 0.01 % of a tonne: 50 g, give or take 100 g / sqrt(12)."""
    assays = [nothing_found(3 + day, limit, f"urn:example:laboratory:{day}") for day, limit in enumerate(limits)]

    found = reconciled(arises(), weighed(2, "1000", "1"), *assays)

    antimony = found.element("Sb")
    np.testing.assert_allclose(antimony.kg[antimony.kg == antimony.kg], 0.05, rtol=1e-9)
    np.testing.assert_allclose(antimony.u_kg[antimony.kg == antimony.kg], 0.1 / np.sqrt(12), rtol=1e-4)
    assert found.ledger.read.repeated.size == len(limits) - 1


def test_what_was_found_counts_beside_what_was_not():
    """0.008 ± 0.002 % and below 0.01 %: both say something, weighted by their uncertainties."""
    certificate = Certificate(laboratory="urn:example:laboratory:9", method=None, certificate=None, rank=None)
    line = Result(substance=species("Sb"), value=Decimal("0.008"), u=Decimal("0.002"), uom="P1", basis="dry")
    assay = metal.assay(on(5, MINE), LOT, [line], certificate)

    found = reconciled(arises(), weighed(2, "1000", "1"), nothing_found(4, "0.01", "urn:example:laboratory:1"), assay)

    weights = np.array([0.002**-2, 12 / 0.01**2])
    assert found.ledger.read.repeated.size == 0
    antimony = found.element("Sb").kg
    np.testing.assert_allclose(antimony[antimony == antimony] / 10, weights @ [0.008, 0.005] / weights.sum(), rtol=1e-6)
