"""Flowsheets whose instruments are off by something all the time, by hand."""

from typing import Any

import numpy as np
import pytest

from lodeline.metal.reconciliation.network import (
    Correlated,
    Instrument,
    Measured,
    Network,
    Standard,
    reconcile,
)
from tests.metal.reconciliation.flowsheets import uncertainties, values
from tests.metal.reconciliation.hand_networks import flotation, split, stream


def scales(**more: Any) -> Network:
    """Ten loads over scale A come in, 1 % light, and go out in one stream over scale B."""
    fields: dict[str, Any] = {
        "nodes": ["N"],
        "streams": [
            *(stream(f"load {number}", None, "N", Measured(99, 0.1, "A")) for number in range(10)),
            stream("out", "N", None, Measured(1000, 0.1, "B")),
        ],
        "instruments": [Instrument(name="A", relative_u=0.01), Instrument(name="B", relative_u=0.001)],
    }
    return Network(**{**fields, **more})


def test_a_thousand_weighings_on_one_scale_do_not_average_its_bias_away() -> None:
    """By hand: the gap of 1 % is shared by the variances of the two biases, 100 to 1, but for the random errors:
    -1 % * 100/101 and 1 % / 101."""
    found = reconcile(scales())
    a, b = found["A"], found["B"]

    assert (a.value, b.value) == (pytest.approx(-0.0099, rel=0.02), pytest.approx(0.000099, rel=0.02))
    # The difference of the two is known to what ten loads leave; the level only to the better calibration.
    assert a.u == pytest.approx(0.001, rel=0.05)
    assert found["out"].u == pytest.approx(1000 * 0.001, rel=0.01)
    assert (a.kind, a.measured, a.measured_u, a.klass) == ("bias", 0.0, 0.01, "redundant")
    load = found.measurements[2]
    assert (load.name, load.instrument) == ("load 0", "A")
    # What should have been read is the mass with the bias of the scale.
    assert load.expected == pytest.approx((found["load 0"].value or 0) * (1 + (a.value or 0)))


def test_one_standard_behind_two_scales_keeps_the_total_as_uncertain_as_it_is() -> None:
    """Closure never shows the level: what both scales share stays in every mass in full."""
    standard = [Standard(name="weights", relative_u=0.002)]
    both = [Instrument(name=name, relative_u=1e-5, standard="weights") for name in ("A", "B")]
    found = reconcile(scales(instruments=both, standards=standard))

    assert found["weights"].u == pytest.approx(0.002, rel=1e-6)
    assert found["out"].u == pytest.approx((found["out"].value or 0) * 0.002, rel=2e-3)
    assert found["weights"].value == pytest.approx(0, abs=1e-5)
    alone = reconcile(split(streams=[stream("feed", None, "N", Measured(100, 1, "W")), *split().streams[1:2],
                                     stream("right", "N", None)],
                            instruments=[Instrument(name="W", relative_u=0.01)]))  # fmt: skip
    (untold,) = (one for one in alone.findings if one.code == "network.untold")
    assert untold.figures == ("W",)
    assert [one.code for one in found.findings] == []


def test_an_offset_is_the_same_as_a_correlation_of_all_its_readings() -> None:
    """``y = x + a`` with a known to t is ``cov(y_i, y_j) = t^2``: two formulations of one problem."""
    offset = split(
        streams=[
            stream("feed", None, "N", Measured(100, 1)),
            stream("left", "N", None, Measured(60, 1, "W")),
            stream("right", "N", None, Measured(41, 0.5, "W")),
        ],
        instruments=[Instrument(name="W", offset_u=2.0)],
    )
    u = {"left": np.hypot(1, 2), "right": np.hypot(0.5, 2)}
    covariance = split(
        streams=[
            stream("feed", None, "N", Measured(100, 1)),
            stream("left", "N", None, Measured(60, u["left"])),
            stream("right", "N", None, Measured(41, u["right"])),
        ],
        correlations=[Correlated("left", "right", 4 / (u["left"] * u["right"]))],
    )
    one, other = reconcile(offset), reconcile(covariance)
    names = ["feed", "left", "right"]

    np.testing.assert_allclose(values(one, names), values(other, names), rtol=1e-10)
    np.testing.assert_allclose(uncertainties(one, names), uncertainties(other, names), rtol=1e-10)
    assert one.findings == ()
    assert (one.chi2, one.dof) == (pytest.approx(other.chi2, rel=1e-10), other.dof)
    assert one["W/offset"].kind == "offset"


def test_a_bias_of_a_laboratory_is_shared_by_its_assays() -> None:
    """Two products of one feed, all three assayed by one laboratory: a common factor never shows in the balance."""
    grades = {"feed": 0.02, "concentrate": 0.25, "tailings": 0.002}
    streams = [
        stream(
            one.name,
            one.from_node,
            one.to_node,
            one.mass,
            grades={"Cu": Measured(grades[one.name], 0.01 * grades[one.name], "lab")},
        )
        for one in flotation().streams
    ]
    plain, biased = (
        reconcile(flotation(streams=streams, instruments=[Instrument(name="lab", relative_u=u)])) for u in (1e-9, 0.05)
    )

    assert biased["concentrate"].u == pytest.approx(plain["concentrate"].u, rel=1e-6)
    assert biased["concentrate/Cu"].u == pytest.approx(0.25 * np.hypot(0.01, 0.05), rel=0.01)
