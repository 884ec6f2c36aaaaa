"""Events leave a book as EPCIS with the meaning, and so the hash ids, that they had."""

from datetime import UTC, datetime

import msgspec

from lodeline.book.epcis import epcis_document, with_context
from lodeline.record.codec import decode
from lodeline.record.validate import require_valid_document

CREATED = datetime(2026, 1, 31, tzinfo=UTC)


def whole(*events):
    document = msgspec.json.decode(b"".join(epcis_document(lambda: events, created=CREATED)))
    require_valid_document({**document, "epcisBody": {"eventList": []}})
    return document


def test_one_context_common_to_all_stands_at_the_document():
    got = whole((b'{"type":"X"}', b'["urn:c"]'), (b'{"type":"Y"}', b'["urn:c"]'))
    assert got["@context"] == ["urn:c"]
    assert got["epcisBody"]["eventList"] == [{"type": "X"}, {"type": "Y"}]


def test_different_contexts_go_with_their_events():
    got = whole((b'{"type":"X"}', b'"urn:c"'), (b' {"type":"Y"}', b'"urn:d"'))
    assert [event["@context"] for event in got["epcisBody"]["eventList"]] == ["urn:c", "urn:d"]


def test_an_events_own_context_comes_after_that_of_its_document():
    assert decode(with_context(b'{"@context":{"a":"urn:2"},"n":1.50}', b'["urn:1"]')) == decode(
        b'{"@context":["urn:1",{"a":"urn:2"}],"n":1.50}'
    )


def test_a_context_that_both_name_stands_once_and_last():
    got = decode(with_context(b'{"@context":["urn:1",{"a":"urn:2"}],"n":1}', b'["urn:1","urn:3"]'))
    assert got["@context"] == ["urn:3", "urn:1", {"a": "urn:2"}]


def test_a_book_without_events_is_still_a_document():
    assert whole()["epcisBody"]["eventList"] == []
