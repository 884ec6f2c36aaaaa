"""Whatever happens to a document, it is refused with a code, or its events come back from XML as they are."""

from __future__ import annotations

import io
import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from lodeline.errors import RecordError
from lodeline.record.document import spool
from lodeline.record.hash import content
from lodeline.record.stored import event_of
from lodeline.record.xml.prepare import prepare_xml
from lodeline.record.xml.write import write_document
from tests.outside import needs_cases
from tests.record import xml_mutants

pytestmark = [needs_cases, pytest.mark.cases]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PIECES = [
    b"<",
    b">",
    b"&",
    b"&amp;",
    b"]]>",
    b"<![CDATA[",
    b"-->",
    b"<!--",
    b"<?x ?>",
    b"\0",
    b"\xff",
    b"/",
    b'"',
    b"'",
]
PIECES += [
    b"xmlns:a='b'",
    b"xsi:nil='true'",
    b"xsi:type='xsd:integer'",
    b" ",
    b"1e999",
    b":",
    b"<a/>",
    b"<q:a xmlns:q='q'/>",
]


def outcome(text: bytes, *, piece: int) -> str:
    """The code of the first refusal, or that all events came back."""
    try:
        with spool(io.BytesIO(text), piece=piece) as document:
            document.require_valid()
            for index, raw in enumerate(document.events()):
                assert raw in text
                prepared = prepare_xml(raw, document.context, index=index)
                _require_back(raw, document.context, prepared.hash_id)
        return "recorded"
    except RecordError as refusal:
        return refusal.code


def _require_back(raw: bytes, context: bytes | None, hash_id: str) -> None:
    event = event_of(raw, context)
    with spool(io.BytesIO(b"".join(write_document([event], created=NOW)))) as written:
        written.require_valid()
        (again,) = written.events()
        assert prepare_xml(again, written.context, index=0).hash_id == hash_id
        assert content(*event_of(again, written.context)) == content(*event)


def _spoilt(text: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(text)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(spoilt))
        match chance.randrange(4):
            case 0:
                del spoilt[at : at + chance.randrange(1, 20)]
            case 1:
                spoilt[at:at] = chance.choice(PIECES)
            case 2:
                spoilt[at] = chance.randrange(256)
            case 3:
                other = chance.randrange(len(spoilt))
                spoilt[at:at] = spoilt[other : other + chance.randrange(1, 60)]
    return bytes(spoilt)


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_bytes(seed: int):
    chance = random.Random(seed)
    texts = [path.read_bytes() for path in xml_mutants.documents()]
    seen = Counter(
        outcome(_spoilt(chance.choice(texts), chance), piece=chance.choice((1, 100, 65536))) for _ in range(400)
    )

    assert seen["recorded"] > 5
    assert len(seen) > 10


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_elements(seed: int):
    paths = [path for path in xml_mutants.documents() if b"xsd:2" in path.read_bytes()]
    seen = Counter(outcome(text, piece=65536) for _, text in xml_mutants.mutants(paths, count=400, seed=seed))

    assert seen["recorded"] > 20
    assert len(seen) > 10
