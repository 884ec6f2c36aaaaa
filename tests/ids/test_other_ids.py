"""Containers, substances, contents and places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import IdError
from lodeline.ids.container import container_check_digit, container_number
from lodeline.ids.inchikey import inchikey, inchikey_uri
from lodeline.ids.locode import locode
from lodeline.ids.naming import content_name, digest_of

MELATONIN = "DRLFMBDRBRZALE-UHFFFAOYSA-N"
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_standard_s_own_container():
    """CSQU3054383 is the worked example of ISO 6346: the sum is 6185, 6185 mod 11 is 3."""
    assert container_check_digit("CSQU305438") == "3"
    assert container_number("CSQU3054383") == container_number(" csqu 305438-3 ") == "CSQU3054383"


def test_a_remainder_of_ten_is_written_zero():
    numbers = [f"MSCU{serial:06}" for serial in range(200)]
    values = {
        sign: value
        for value, sign in zip((v for v in range(10, 39) if v % 11), "ABCDEFGHIJKLMNOPQRSTUVWXYZ", strict=True)
    }
    values |= {str(digit): digit for digit in range(10)}
    ten = [n for n in numbers if sum(values[sign] * 2**place for place, sign in enumerate(n)) % 11 == 10]

    assert ten
    assert {container_check_digit(number) for number in ten} == {"0"}


@pytest.mark.parametrize("text", ["", "CSQU305438", "CSQA3054383", "CSU3054383", "CSQU30543833", "CSQU３054383"])
def test_other_shapes_are_no_container(text):
    with pytest.raises(IdError) as refusal:
        container_number(text)
    assert refusal.value.code == "ids.container_number"


@given(serial=st.integers(0, 999_999), step=st.integers(1, 9))
def test_a_wrong_container_check_digit_is_found(serial, step):
    start = f"MSCU{serial:06}"
    right = container_check_digit(start)

    assert container_number(start + right) == start + right
    with pytest.raises(IdError) as refusal:
        container_number(start + str((int(right) + step) % 10))
    assert refusal.value.code == "ids.container_check_digit"


@pytest.mark.parametrize(
    "form",
    [
        MELATONIN,
        f"inchikey:{MELATONIN}",
        f"https://identifiers.org/inchikey:{MELATONIN}",
        f"http://identifiers.org/inchikey/{MELATONIN}",
        f"urn:epcglobal:cbv:inchikey:{MELATONIN}",
    ],
)
def test_an_inchikey_in_every_form(form):
    assert inchikey(form) == MELATONIN
    assert inchikey_uri(form) == f"https://identifiers.org/inchikey:{MELATONIN}"


@pytest.mark.parametrize(
    "form", ["", MELATONIN.lower(), MELATONIN[:-1], MELATONIN + "N", f"https://example.com/{MELATONIN}", "Sb2S3"]
)
def test_other_texts_are_no_inchikey(form):
    with pytest.raises(IdError) as refusal:
        inchikey(form)
    assert refusal.value.code == "ids.inchikey"


def test_a_content_by_its_digest():
    """The digest of ``abc`` from FIPS 180-4; its base64url is by RFC 4648."""
    assert content_name(ABC) == f"ni:///sha-256;{ABC}"
    assert digest_of(f"ni:///sha-256;{ABC}") == ABC
    assert digest_of(f"ni:///sha-256;{ABC}?ver=CBV2.0") == ABC
    assert digest_of("ni:///sha-256;ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0") == ABC


@pytest.mark.parametrize(
    "name",
    [
        "",
        ABC,
        f"ni:///sha-512;{ABC}",
        f"ni:///sha-256;{ABC[:-1]}",
        f"ni:///sha-256;{ABC.upper()}",
        f"ni://host/sha-256;{ABC}",
    ],
)
def test_other_texts_name_no_content(name):
    with pytest.raises(IdError) as refusal:
        digest_of(name)
    assert refusal.value.code == "ids.ni_name"


def test_a_digest_that_is_none_names_nothing():
    with pytest.raises(IdError) as refusal:
        content_name("abc")
    assert refusal.value.code == "ids.ni_name"


def test_a_place_of_trade():
    assert locode("PK BQM") == locode("pkbqm") == "PKBQM"
    assert locode("USM2Y") == "USM2Y"


@pytest.mark.parametrize("text", ["", "PK", "PKBQ", "PKBQMX", "PKBQ1", "12BQM"])
def test_other_texts_are_no_place_of_trade(text):
    with pytest.raises(IdError) as refusal:
        locode(text)
    assert refusal.value.code == "ids.locode"
