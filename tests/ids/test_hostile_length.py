"""Identifiers of megabytes: they stay as they are, and looking at them costs little more than they take themselves."""

import tracemalloc

import pytest

from lodeline.errors import IdError
from lodeline.ids.epc import canonical, to_digital_link

N = 1_000_000
LONG = [
    "urn:epc:id:giai:0614141." + "!" * N,
    "urn:epc:id:giai:0614141." + "%41" * (N // 3),
    "urn:epc:id:sgtin:0614141.112345." + "%2F" * (N // 3),
    "https://example.org/01/00614141123452/21/" + "%20" * (N // 3),
    "https://example.org/8004/0614141" + "!" * N,
]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_long_identifier_stays_as_it_is_and_takes_little_memory(text):
    tracemalloc.start()
    try:
        assert canonical(text) == text
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 20 * N


def test_a_part_beyond_all_lengths_is_refused_before_it_is_unescaped():
    with pytest.raises(IdError) as refused:
        to_digital_link(LONG[2])

    assert refused.value.code == "ids.length"
    assert len(refused.value.where["value"]) == 1000
