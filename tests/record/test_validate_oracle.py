"""Our verdict is the one of GS1's own schema: on every file of the cases, on mutants of every file, on every format."""

import json
import re
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lodeline.record.codec import decode
from lodeline.record.validate import document_problems, problems
from lodeline.record.validation import formats
from lodeline.record.validation.documents import DOCUMENTS
from lodeline.record.validation.events import EVENT
from tests.outside import needs_cases
from tests.record import epcis_cases

pytestmark = [needs_cases, pytest.mark.cases]

FILES = epcis_cases.documents()


@pytest.fixture(scope="module")
def schema():
    return epcis_cases.oracle()


def accepted(value) -> bool:
    """Whether a whole document, query document or bare event is valid; the quick and the telling way must agree."""
    name = value.get("type")
    kind = DOCUMENTS.get(name, EVENT) if isinstance(name, str) else EVENT
    quick = kind.accepts(value)
    assert quick == (next(kind.explain(value, "$"), None) is None)
    return quick and (kind is not EVENT or "@context" in value)


def test_the_cases_hold_the_files_that_the_verdicts_are_about():
    assert len(FILES) >= 50
    assert sum("Invalid" in path.parts for path in FILES) == 10


def told_of(value):
    if isinstance(value.get("type"), str) and value["type"] in DOCUMENTS:
        return document_problems(value)
    return problems(value, bare=True, index=0)


@pytest.mark.parametrize("path", FILES, ids=epcis_cases.name)
def test_the_verdict_on_every_file_is_that_of_the_schema_and_of_its_author(path, schema):
    text = path.read_bytes()
    ours = accepted(decode(text))

    assert ours == schema.is_valid(json.loads(text))
    assert ours == (not told_of(decode(text)))
    if path.stem not in epcis_cases.BROKEN_BY_SCHEMA and "Queries" not in path.parts:
        assert ours == ("Invalid" not in path.parts)


def whole(value) -> list:
    return [value]


def single_events(value) -> list:
    """A document that the schema refuses anyway would hide what is wrong with a mutant; its events mostly are valid."""
    body = value["epcisBody"]
    events = (body["queryResults"]["resultsBody"] if "queryResults" in body else body)["eventList"]
    return [{"@context": value["@context"], **event} for event in events]


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=epcis_cases.name)
def test_the_verdict_on_every_mutant_is_that_of_the_schema(path, schema):
    text = path.read_bytes()
    split = single_events if path.stem in epcis_cases.BROKEN_BY_SCHEMA else whole
    verdicts = {True: 0, False: 0}

    for ours, theirs in zip(split(decode(text)), split(json.loads(text)), strict=True):
        for change in epcis_cases.spoil([ours, theirs]):
            verdict = schema.is_valid(theirs)
            assert accepted(ours) == verdict, change
            verdicts[verdict] += 1

    assert verdicts[False] > 100


@pytest.fixture(scope="module")
def is_uri():
    import jsonschema_rs

    return jsonschema_rs.Draft7Validator({"type": "string", "format": "uri"}).is_valid


@pytest.fixture(scope="module")
def is_time():
    import jsonschema_rs

    return jsonschema_rs.Draft7Validator({"type": "string", "format": "date-time"}).is_valid


characters = st.sampled_from([*"aZ09+-._~!$&'()*,;=:@/?#[]%vF \\^|\"<>{}`\n\0\x7fé", "%41", "::", "//", "1.2.3.4"])
pieces = st.lists(characters, max_size=12).map("".join)
uris = st.builds("".join, st.tuples(st.sampled_from(["a:", "urn:x:", "http://", "http://u@[", ""]), pieces, pieces))
groups = st.lists(st.sampled_from(["", "0", "1", "ffff", "12345", "g", "1.2.3.4", "01.2.3.4"]), max_size=10)
addresses = st.builds("http://[{}]{}".format, groups.map(":".join), st.sampled_from(["", ":80", ":x", "/", "a"]))


@settings(max_examples=1500)
@given(uris | addresses)
@example("http://[1:2:3:4::6:7:8]")
@example("http://[::ffff:256.1.1.1]")
@example("ex:%4")
@example("ex://")
@example("urn:epc:idpat:sgtin:1.2.*")
def test_a_uri_is_one_wherever_the_oracle_says_so(is_uri, text):
    assert formats.is_uri(text) == (formats.match_uri(text) is not None) == is_uri(text)


def digits(*numbers: int):
    return st.sampled_from([f"{number:02d}" for number in numbers])


years = st.sampled_from(["0000", "0001", "1600", "1900", "2000", "2015", "2016", "9999", "201", "20166", "２016"])
times = st.builds(
    "{}-{}-{}{}{}:{}:{}{}{}".format,
    years,
    digits(*range(14)),
    digits(0, 1, 27, 28, 29, 30, 31, 32),
    st.sampled_from("TTTt _"),
    digits(0, 1, 15, 22, 23, 24),
    digits(0, 29, 58, 59, 60),
    digits(0, 59, 60, 61),
    st.sampled_from(["", "", ".0", ".123456789", ".", ",1", ".1é"]),
    st.sampled_from(["Z", "z", "", "+00:00", "-00:00", "+01:00", "-08:00", "+23:59", "+24:00", "+01:60", "+0100"]),
)
changed = st.builds(
    lambda text, place, other: text[:place] + other + text[place + 1 :],
    times,
    st.integers(0, 30),
    st.sampled_from(["", " ", "0", "٣", "-", "T", "\n"]),
)


@settings(max_examples=3000)
@given(times | changed)
@example("2016-12-31T23:59:60Z")
@example("2017-01-01T00:59:60+01:00")
@example("2016-12-31T23:58:60Z")
@example("1900-02-29T00:00:00Z")
@example("0000-02-29T00:00:00Z")
def test_a_time_is_one_wherever_the_oracle_says_so(is_time, text):
    # The oracle lets a sign stand for some digits, as in "-001-01-01" or "2000-01-0-"; RFC 3339 does not.
    of_digits = re.match(r"\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d(\.\d+)?(z|[+-]\d\d:\d\d)", text, re.ASCII | re.IGNORECASE)

    assert (formats.instant_us(text) is not None) == (is_time(text) and of_digits is not None)


contents = st.recursive(
    st.sampled_from([0, 1, True, False, None, "1", Decimal("1.0"), Decimal("-0.0"), Decimal("1.5")]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


def floats(value):
    if isinstance(value, list):
        return [floats(item) for item in value]
    if isinstance(value, dict):
        return {name: floats(item) for name, item in value.items()}
    return float(value) if isinstance(value, Decimal) else value


def event_with(context):
    return {
        "@context": context,
        "type": "ObjectEvent",
        "eventTime": "2025-10-02T09:00:00Z",
        "eventTimeZoneOffset": "+05:00",
        "action": "OBSERVE",
        "epcList": [],
    }


@settings(max_examples=500)
@given(contents, contents)
@example(1, Decimal("1.0"))
@example(1, True)
@example([0], [Decimal("-0.0")])
def test_equal_contexts_are_repetitions_wherever_the_oracle_says_so(schema, one, other):
    parts = [{"x": one}, {"x": other}]

    assert accepted(event_with(parts)) == schema.is_valid(event_with(floats(parts)))
