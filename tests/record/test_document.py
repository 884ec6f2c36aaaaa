"""A document of any size gives the exact bytes of its events, its context and its envelope, or one clear refusal."""

import hashlib
import io
import json
import subprocess
import sys
from itertools import zip_longest

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lodeline.errors import InputError, RecordError
from lodeline.record import limits
from lodeline.record.codec import decode
from lodeline.record.document import SMALL_BYTES, spool
from tests.outside import needs_cases
from tests.record import epcis_cases

EVENT = b'{"type": "ObjectEvent",\n "eventTime": "2025-10-02T09:00:00Z", "quantity": 1.50 , "x:n\\u00f6te": "]}\\"{["}'
DOCUMENT = b""" {
  "@context": [ "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"x": "https://x.example/"} ],
  "type" : "EPCISDocument", "schemaVersion":"2.0", "x:\\"[": "{\\\\",
  "epcisBody": { "x:before": [{}], "eventList" : [ %s ,\n%s] , "x:after": "]" }
} \n""" % (EVENT, EVENT.replace(b"1.50", b"2"))
QUERY = b'{"type": "EPCISQueryDocument", "@context": "a:b", "epcisBody": {"queryResults": {"queryName": "q", '
QUERY += b'"resultsBody": {"eventList": [%s], "vocabularyList": []}}}}' % EVENT


def small(raw, **options):
    return spool(io.BytesIO(raw), **options)


def large(raw, piece=1024, **options):
    """The way that large documents go, in pieces as small as asked."""
    return spool(io.BytesIO(raw), small=1, piece=piece, **options)


both = pytest.mark.parametrize("way", [small, large])


def read(way, raw):
    with way(raw) as document:
        events = list(document.events())
        assert document.count == len(events)
        assert (document.size, document.digest) == (len(raw), hashlib.sha256(raw).hexdigest())
        return document.kind, document.bare, document.context, document.envelope, events


def refusal(way, raw) -> RecordError:
    with pytest.raises(RecordError) as caught:
        way(raw)
    return caught.value


@both
def test_events_context_and_envelope_are_exact_slices(way):
    kind, bare, context, envelope, events = read(way, DOCUMENT)

    assert (kind, bare) == ("EPCISDocument", False)
    assert events == [EVENT, EVENT.replace(b"1.50", b"2")]
    assert context.startswith(b'[ "https')
    assert context in DOCUMENT
    assert envelope.split(b"[]")[0] + b"[ %s ,\n%s]" % tuple(events) + envelope.split(b"[]")[1] == DOCUMENT


@both
def test_a_query_document_gives_the_events_of_its_results(way):
    kind, _, context, envelope, events = read(way, QUERY)

    assert (kind, context, events) == ("EPCISQueryDocument", b'"a:b"', [EVENT])
    assert envelope == QUERY.replace(EVENT, b"")


@both
def test_context_and_type_may_follow_the_events(way):
    members = json.loads(DOCUMENT)
    backwards = json.dumps(dict(reversed(members.items())), indent=1).encode()

    kind, _, context, _, events = read(way, backwards)

    assert kind == "EPCISDocument"
    assert json.loads(context) == members["@context"]
    assert [json.loads(event) for event in events] == members["epcisBody"]["eventList"]


@both
def test_an_event_that_stands_alone_gives_itself(way):
    kind, bare, context, envelope, events = read(way, b"\n " + EVENT + b" \n")

    assert (kind, bare, context, envelope, events) == ("ObjectEvent", True, None, b"", [EVENT])


@both
def test_events_may_be_asked_for_twice_and_at_once_and_the_content_is_what_came_in(way):
    with way(DOCUMENT) as document:
        for one, other in zip_longest(document.events(), document.events()):
            assert one == other
        assert b"".join(document.content()) == DOCUMENT


@both
def test_a_document_is_valid_or_not_without_its_events(way):
    bad_event = DOCUMENT.replace(b'"schemaVersion"', b'"creationDate":"2025-10-02T09:00:00Z","schemaVersion"')

    way(bad_event.replace(b'"x:\\"["', b'"x:ok"')).require_valid()
    way(EVENT).require_valid()
    with pytest.raises(RecordError) as caught:
        way(DOCUMENT).require_valid()
    assert caught.value.code == "record.field_missing"
    assert caught.value.where["field"] == "$.creationDate"


@both
@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"eventList": {}}', b'{"eventList": 5}', b'"x"', b"null"])
def test_a_document_without_a_list_of_events_keeps_all_in_the_envelope(way, body):
    """Its validation names what is missing; no second verdict is given here."""
    raw = b'{"type": "EPCISDocument", "epcisBody": ' + body + b"}"

    assert read(way, raw)[3:] == (raw, [])


@both
@pytest.mark.parametrize("list_", [b"[]", b"[ \n]"])
def test_a_list_of_no_events_gives_none(way, list_):
    raw = b'{"type": "EPCISDocument", "epcisBody": {"eventList": ' + list_ + b"}}"

    assert read(way, raw)[3:] == (raw.replace(list_, b"[]"), [])


@both
def test_what_is_no_object_in_a_list_of_events_is_given_as_it_is(way):
    raw = b'{"type": "EPCISDocument", "epcisBody": {"eventList": [1, "]", null, [{}], {}]}}'

    assert read(way, raw)[4] == [b"1", b'"]"', b"null", b"[{}]", b"{}"]


@both
@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "record.json_truncated"),
        (b" \n", "record.json_truncated"),
        (b"\xef\xbb\xbf" + DOCUMENT, "record.byte_order_mark"),
        (DOCUMENT.decode().encode("utf-16"), "record.encoding"),
        (DOCUMENT.decode().encode("utf-16-be"), "record.encoding"),
        (DOCUMENT.decode().encode("utf-32"), "record.encoding"),
        (b"\x1f\x8b\x08\x00\x00\x00", "record.document_packed"),
        (b"PK\x03\x04\x14\x00", "record.document_packed"),
        (b'<?xml version="1.0"?><epcis/>', "record.xml_root"),
        (b"[%s, %s]" % (EVENT, EVENT), "record.document_array"),
        (EVENT + b"\n" + EVENT, "record.json_lines"),
        (DOCUMENT + b"x", "record.trailing_data"),
        (DOCUMENT + b"]", "record.trailing_data"),
        (b"hello", "record.json_syntax"),
        (b'"EPCISDocument"', "record.json_syntax"),
        (b'{"epcisBody": {"eventList": []}}', "record.document_type"),
        (b'{"type": ["EPCISDocument"]}', "record.document_type"),
        (DOCUMENT.replace(b'"schemaVersion"', b'"type"'), "record.duplicate_name"),
        (DOCUMENT.replace(b'"schemaVersion"', rb'"\u0040context"'), "record.duplicate_name"),
        (DOCUMENT.replace(b'"x:after"', b'"eventList"'), "record.duplicate_name"),
        (DOCUMENT.replace(b'"x:before"', b'"eventList"'), "record.duplicate_name"),
        (DOCUMENT.replace(b'"schemaVersion"', b'"epcisBody"'), "record.duplicate_name"),
        (EVENT.replace(b'"quantity"', b'"eventTime"'), "record.duplicate_name"),
        (DOCUMENT.replace(b"] ,", b",] ,"), "record.json_syntax"),
        (DOCUMENT.replace(b"} ,\n{", b"} \n{"), "record.json_syntax"),
        (DOCUMENT.replace(b"1.50", b"01"), "record.json_syntax"),
        (DOCUMENT.replace(b"eventTime", rb"\ud800"), "record.lone_surrogate"),
        (DOCUMENT.replace(b"2.0.0", b"2.0.\xe9"), "record.encoding"),
        (DOCUMENT.replace(b'"2.0"', b"1e999"), "record.number_exponent"),
        (DOCUMENT.replace(b'"2.0"', b"[" * 100 + b"]" * 100), "record.nesting"),
        (DOCUMENT.replace(b"1.50", b"[" * 5000 + b"]" * 5000), "record.nesting"),
    ],
)
def test_what_is_no_document_is_refused_with_one_code_whatever_its_size(way, raw, code):
    assert refusal(way, raw).code == code


@both
def test_a_document_cut_anywhere_is_refused(way):
    whole = DOCUMENT.strip()
    for end in range(len(whole)):
        assert refusal(way, whole[:end]).code.startswith("record."), end


@both
def test_a_cut_document_names_the_byte_where_it_ends(way):
    cut = DOCUMENT[: DOCUMENT.index(b"1.50")]

    assert refusal(way, cut).where["byte"] in (len(cut), len(cut) + 1)


@both
def test_a_syntax_error_names_the_byte_in_the_file(way):
    raw = DOCUMENT.replace(b"2 ,", b"? ,")

    assert refusal(way, raw).where["byte"] == raw.index(b"?")


def test_a_large_document_goes_to_the_directory_that_was_named_and_a_missing_one_is_refused(tmp_path):
    with large(DOCUMENT, directory=tmp_path) as document:
        assert len(list(document.events())) == 2

    with pytest.raises(InputError) as caught:
        large(DOCUMENT, directory=tmp_path / "missing")
    assert caught.value.code == "record.spool_failed"


def outcome(way, raw):
    try:
        return read(way, raw)
    except RecordError:
        return None


values = st.recursive(
    st.sampled_from([1, 2.5, None, True, "", "]", "}", '"', "\\", '\\"', "[{", "é", "eventList", "\u2028"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", '"]', "\\", "epcisBody", "type"]), inner, max_size=3)
    ),
    max_leaves=8,
)
bodies = st.fixed_dictionaries(
    {"eventList": st.lists(values, max_size=5)}, optional={"queryResults": values, "x": values}
)
queries = st.fixed_dictionaries({"queryResults": st.fixed_dictionaries({"resultsBody": bodies | values})})
documents = st.fixed_dictionaries(
    {"type": st.sampled_from(["EPCISDocument", "EPCISQueryDocument", "ObjectEvent"]), "epcisBody": bodies | queries},
    optional={"@context": values, "x:y": values},
)


@st.composite
def texts(draw):
    document = draw(documents)
    order = draw(st.permutations(list(document)))
    indent = draw(st.sampled_from([None, 0, 2]))
    return json.dumps(
        {name: document[name] for name in order}, indent=indent, ensure_ascii=draw(st.booleans())
    ).encode()


@settings(max_examples=400, deadline=None)
@given(texts(), st.integers(1, 80))
@example(DOCUMENT, 1)
@example(DOCUMENT, 2)
@example(QUERY, 3)
def test_the_way_for_large_documents_gives_what_the_way_for_small_ones_gives(raw, piece):
    quick = read(small, raw)

    assert read(lambda text: large(text, piece), raw) == quick
    kind, bare, context, envelope, events = quick
    whole = json.loads(raw)
    if bare:
        assert events == [raw]
    else:
        assert json.loads(context or b"null") == whole.get("@context")
        body = whole["epcisBody"]
        if kind == "EPCISQueryDocument":
            body = body.get("queryResults")
            body = body.get("resultsBody") if isinstance(body, dict) else None
        listed = body.get("eventList") if isinstance(body, dict) else None
        assert [json.loads(event) for event in events] == (listed if isinstance(listed, list) else [])
        assert all(event in raw for event in events)
        decode(envelope)


@settings(max_examples=600, deadline=None)
@given(texts(), st.integers(1, 40), st.data())
def test_a_spoilt_document_is_refused_either_way_or_gives_the_same(raw, piece, data):
    at = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.sampled_from([b"", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"1", b"\xff"]))
    spoilt = raw[:at] + other + raw[at + 1 :]

    assert outcome(lambda text: large(text, piece), spoilt) == outcome(small, spoilt)


def test_an_event_or_an_envelope_beyond_its_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "MAX_EVENT_BYTES", 4000)
    monkeypatch.setattr(limits, "MAX_ENVELOPE_BYTES", 6000)
    event, envelope = DOCUMENT.replace(b"1.50", b"1" * 8000), DOCUMENT.replace(b"2.0.0", b"2" * 8000)

    assert refusal(large, event).code == "record.too_large"
    assert refusal(large, event).where["event"] == 0
    assert refusal(large, envelope).code == "record.too_large"
    assert refusal(large, EVENT.replace(b"1.50", b"1" * 8000)).code == "record.too_large"
    assert refusal(large, b" " + b'{"' + b"x" * 20_000).code == "record.too_large"
    assert len(read(large, DOCUMENT)[4]) == 2


def test_a_megabyte_in_one_field_passes_both_ways():
    raw = DOCUMENT.replace(b"eventTime", b"e" * 1_048_576)

    assert read(large, raw) == read(small, raw)


@needs_cases
@pytest.mark.cases
@pytest.mark.parametrize("path", [path for path in epcis_cases.documents() if "Queries" not in path.parts], ids=str)
def test_every_document_of_the_cases_is_split_into_exact_slices(path):
    raw = path.read_bytes()
    quick = read(small, raw)

    assert read(lambda text: large(text, 7), raw) == quick
    assert all(raw.count(event) >= 1 for event in quick[4])
    whole = json.loads(raw)
    body = whole.get("epcisBody", {"eventList": [whole]})
    listed = body.get("eventList") or body["queryResults"]["resultsBody"]["eventList"]
    assert [json.loads(event) for event in quick[4]] == listed


MEMORY = """
import hashlib, sys
from lodeline.record.document import spool
mib = int(sys.argv[1])
event = b'{"type":"ObjectEvent","note":"' + b'x' * 900 + b'","list":["a","b","\\\\""]}'
class Stream:
    def __init__(self):
        self.left, self.state = mib * 1048576 // len(event), 0
    def read(self, size):
        self.state += 1
        if self.state == 1:
            return b'{"type":"EPCISDocument","epcisBody":{"eventList":[' + event
        if self.left > 0:
            many = min(self.left, size // len(event))
            self.left -= many
            return (b"," + event) * many
        self.left -= 1
        return b']},"@context":"a:b"}' if self.left == -1 else b""
with spool(Stream()) as document:
    count = sum(1 for _ in document.events())
    assert count == document.count and document.context == b'"a:b"'
    # Not ru_maxrss, which a process inherits from the one that starts it: here pytest, however large it has grown.
    high_kib = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
    print(document.size, count, high_kib // 1024)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_document(tmp_path):
    """64 MiB and 256 MiB in processes of their own: the same memory, far below the larger document."""

    def megabytes(mib):
        ran = subprocess.run(
            [sys.executable, "-c", MEMORY, str(mib)],
            capture_output=True,
            text=True,
            check=True,
            env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )
        size, count, resident = map(int, ran.stdout.split())
        assert size > mib * 1_000_000
        assert count > mib * 900
        return resident

    few, many = megabytes(64), megabytes(256)

    assert many < 150
    assert many < few + 20


def test_small_documents_are_read_without_numpy():
    code = "import io, sys; from lodeline.record.document import spool; "
    code += f"list(spool(io.BytesIO({DOCUMENT!r})).events()); assert 'numpy' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)
    assert len(DOCUMENT) < SMALL_BYTES


def test_many_events_in_many_windows_come_out_one_by_one():
    events = [EVENT.replace(b"1.50", b"%d" % index) for index in range(300)]
    raw = b'{"type": "EPCISDocument", "epcisBody": {"eventList": [' + b" ,\n".join(events) + b"\n]}}"

    with large(raw, piece=64) as document:
        assert len(document._windows) > 10
        assert list(document.events()) == events


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["\\", '"', "{", "}", "[", "]", "x"]), max_size=60).map("".join), st.integers(1, 9))
def test_the_depth_at_each_bracket_is_that_of_a_reader_who_goes_letter_by_letter(text, piece):
    from lodeline.record.brackets import Brackets

    slow, depth, inside, escaped = [], 0, False, False
    for place, letter in enumerate(text):
        counts, escaped = not escaped, letter == "\\" and not escaped
        if letter == '"' and counts:
            inside = not inside
        elif letter in "{[}]" and not inside:
            depth += 1 if letter in "{[" else -1
            slow.append((place, depth))

    brackets, quick = Brackets(), []
    for start in range(0, len(text), piece):
        places, depths = brackets.feed(text[start : start + piece].encode())
        quick += zip((places + start).tolist(), depths.tolist(), strict=True)

    assert quick == slow
