"""What a sound programme records is as uncertain as it says: every assay and weighing against the truth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest

from lodeline.chemistry.species import species_of
from lodeline.examples.programme import programme
from lodeline.metal.policy import Policy
from lodeline.record.codec import decode
from lodeline.units.fraction import FRACTION_UNITS


class Assayed(NamedTuple):
    """One line of a certificate: what it says and what is true, kg per kg, and whether the policy gave its u."""

    found: float
    true: float
    u: float
    supposed: bool


def assays(lots: int, seed: int) -> Iterator[Assayed]:
    """Every line above detection of a programme without faults."""
    made = programme(lots, seed, faults=())
    events = [event for document in made.epcis_documents() for event in decode(document)["epcisBody"]["eventList"]]
    truth, policy = made.truth(), Policy.parse(made.policy)
    rows = {name: number for number, name in enumerate(truth.names)}
    for event in events:
        for report in (one for sensor in event.get("sensorElementList", ()) for one in sensor["sensorReport"]):
            substance = species_of(report.get("chemicalSubstance", ""))
            if substance is None or "value" not in report or "errorDeclaration" in event:
                continue
            masses: dict[str, Any] = truth.masses(rows[event["quantityList"][0]["epcClass"]])
            if substance.symbol not in masses:  # water
                continue
            factor = FRACTION_UNITS[report["uom"]][1]
            found = report["value"] * factor
            supposed = policy.uncertainty.of_assay(report["lode:laboratory"], report["lode:method"])
            assert supposed is not None
            u = report["sDev"] * factor if "sDev" in report else supposed.of(found)
            dry = sum(mass for name, mass in masses.items() if name != "water")
            true = Decimal(masses[substance.symbol]) / dry / substance.element_factor
            yield Assayed(float(found), float(true), float(u or 0), "sDev" not in report)


@pytest.mark.parametrize("supposed", [False, True], ids=["as certificates say", "as the policy supposes"])
def test_assays_are_as_uncertain_as_they_are_said_to_be(supposed: bool) -> None:
    """Random error and a laboratory's own bias together: near one standard uncertainty, and never far beyond."""
    z = np.array([(one.found - one.true) / one.u for one in assays(900, 4) if one.supposed == supposed])

    assert z.size > 50
    assert 0.3 < np.sqrt(np.mean(z**2)) < 1.4
    assert np.mean(np.abs(z) > 4) < 0.005
    assert np.abs(z).max() < 9
