"""GS1 check digits."""

from __future__ import annotations

import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import IdError
from lodeline.ids.check_digit import check_digit, is_checked


def test_by_hand():
    """629104150021: 6+2*3+9+1*3+0+4*3+1+5*3+0+0*3+2+1*3 = 57, and 3 makes 60. (The last digit weighs 3.)"""
    assert check_digit("629104150021") == "3"


@given(digits=st.text("0123456789", min_size=1, max_size=30))
def test_as_biip_computes_it(digits):
    assert check_digit(digits) == str(gs1_standard_check_digit(digits))


@given(digits=st.text("0123456789", min_size=1, max_size=17), at=st.integers(0, 16), step=st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(digits, at, step):
    whole = digits + check_digit(digits)
    at %= len(whole)
    mistyped = whole[:at] + str((int(whole[at]) + step) % 10) + whole[at + 1 :]

    assert is_checked(whole)
    assert not is_checked(mistyped)


@pytest.mark.parametrize("digits", ["", "12a", "-1", "1.5", " 12", "١٢"])
def test_only_digits_have_one(digits):
    with pytest.raises(IdError) as refusal:
        check_digit(digits)
    assert refusal.value.code == "ids.not_digits"
