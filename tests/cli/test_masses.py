"""Masses as a command prints them: as finely as they are known, and limits so that they hold as printed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.cli.masses import shown
from lodeline.units.figure import Figure


@pytest.mark.parametrize(
    ("low", "high", "u", "said"),
    [
        (471_691.679, 822_695.069, None, "471,600 to 822,700"),
        # Four digits would not tell these two apart: two digits of what lies between them do.
        (33_418.512, 33_424.981, None, "33,418.5 to 33,425"),
        # Both may be off by 190 kg together, and then the grams say nothing.
        (126_611.268, 126_611.289, 190.0, "126,610 to 126,620"),
        (408.02, 409.06, None, "408 to 409.1"),
        (0.0, 12_345.6, None, "at most 12,350"),
        (663_673.602, None, None, "at least 663,600"),
        (-340_515.2, 172_700.1, None, "-340,600 to 172,800"),
        (0.0, None, None, "unknown"),
    ],
)
def test_limits_are_rounded_outwards_to_what_is_known(low, high, u, said):
    assert shown(Figure(value=None, low=low, high=high, u=u, unit="KGM", standing="bounded")) == said


@pytest.mark.parametrize(
    ("value", "u", "said"),
    [
        (38_155.4971, None, "38,155.497"),
        (164_113.2, 218.0, "164,110 ± 220"),
        (-3.0, 360.0, "0"),
        (-9e-14, 1.1e-13, "0"),
    ],
)
def test_a_value_is_printed_to_two_digits_of_its_uncertainty_and_nothing_has_no_sign(value, u, said):
    assert shown(Figure(value=value, u=u, unit="KGM", standing="computed")).split(" ± ")[0] == said.split(" ± ")[0]


masses = st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda kg: round(kg, 6))


@given(masses, masses, st.none() | st.floats(1e-3, 1e6))
def test_what_is_between_two_limits_is_between_them_as_printed(one, other, u):
    low, high = sorted((one, other))
    said = shown(Figure(value=None, low=low, high=high, u=u, unit="KGM", standing="bounded"))
    numbers = [float(text.replace(",", "")) for text in re.findall(r"-?[\d,.]+", said)]
    if " to " in said:
        assert numbers[0] <= low <= high <= numbers[1]
