"""``lodeline hash`` prints what the published vectors print, query documents too."""

import pytest

from tests.outside import CASES, needs_cases

VECTORS = sorted(
    path for path in (CASES / "epcis" / "hash-vectors").glob("*.jsonld") if path.with_suffix(".hashes").exists()
)


@needs_cases
def test_there_are_vectors():
    assert len(VECTORS) == 7


@needs_cases
@pytest.mark.parametrize("vector", VECTORS, ids=lambda path: path.stem)
def test_the_printed_ids_are_the_published_ones(lodeline, vector):
    ran = lodeline("hash", vector)
    assert ran.out.split() == vector.with_suffix(".hashes").read_text().split()
    assert ("leaves out" in ran.err) == ("IgnoreFields" in vector.name)


@needs_cases
@pytest.mark.parametrize(
    "vector", [path for path in VECTORS if "IgnoreFields" in path.name], ids=lambda path: path.stem
)
def test_a_book_leaves_nothing_out(lodeline, vector):
    ran = lodeline("hash", "--every-field", vector)
    assert ran.err == ""
    assert ran.out.split() != vector.with_suffix(".hashes").read_text().split()
