"""Documents made to break the splitter: whatever stands in them, both ways give the same, or refuse."""

import io
import random

import pytest

from lodeline.errors import RecordError
from lodeline.record import limits
from lodeline.record.codec import decode
from lodeline.record.document import spool

TEXTS = ['"', "\\", '\\"', "{", "}", "[", "]", "[{", "}]", ",", ":", "eventList", '"eventList":[', "é", "日本", "😀"]
TEXTS += ["\u2028", "a" * 40, '\\"]}', '{"type":"EPCISDocument"}', ""]
PLAIN = ["1", "-0.0", "1E+5", "12345678901234567890", "null", "true"]


class Writer:
    """Writes JSON in as many ways as there are: blanks, escapes, and the order of members are left to chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def blank(self) -> str:
        return self.chance.choice(["", "", "", " ", "\n", "\r\n", "\t", " " * 70])

    def text(self, value: str) -> str:
        written = ""
        for letter in value:
            units = letter.encode("utf-16-be").hex()
            escaped = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
            if letter in '"\\':
                written += self.chance.choice(["\\" + letter, escaped])
            else:
                written += escaped if self.chance.random() < 0.2 else letter
        return f'"{written}"'

    def any_text(self) -> str:
        return self.text("".join(self.chance.choices(TEXTS, k=self.chance.randint(0, 4))))

    def any_value(self, depth: int = 0) -> str:
        pick = self.chance.random()
        if depth > 2 or pick < 0.3:
            return self.any_text()
        if pick < 0.45:
            return self.chance.choice(PLAIN)
        if pick < 0.7:
            return self.list_([self.any_value(depth + 1) for _ in range(self.chance.randint(0, 3))])
        return self.any_object(depth)

    def any_object(self, depth: int = 0) -> str:
        members = {f"x{n}{self.chance.choice(TEXTS)}": self.any_value(depth + 1) for n in range(3)}
        for decoy in ("eventList", "epcisBody", "type", "@context", "resultsBody"):
            if self.chance.random() < 0.2:
                members[decoy] = self.any_value(depth + 1)
        return self.object_(members)

    def list_(self, items: list[str]) -> str:
        return "[" + self.blank() + (self.blank() + "," + self.blank()).join(items) + self.blank() + "]"

    def object_(self, members: dict[str, str]) -> str:
        order = list(members)
        self.chance.shuffle(order)
        gap = self.blank
        return "{" + ",".join(f"{gap()}{self.text(name)}{gap()}:{gap()}{members[name]}{gap()}" for name in order) + "}"

    def document(self) -> tuple[bytes, list[bytes]]:
        """A document with its events."""
        events = [self.any_value() for _ in range(self.chance.randint(0, 5))]
        is_query = self.chance.random() < 0.5
        body = self.object_({"eventList": self.list_(events), "x:a": self.any_value()})
        if is_query:
            results = self.object_({"resultsBody": body, "eventList": self.any_value()})
            body = self.object_({"queryResults": results, "eventList": self.any_value()})
        members = {"type": '"EPCISQueryDocument"' if is_query else '"EPCISDocument"', "epcisBody": body}
        for name in ("@context", "epcisHeader", "eventList", 'odd"\\'):
            if self.chance.random() < 0.5:
                members[name] = self.any_value()
        raw = self.blank() + self.object_(members) + self.blank()
        return raw.encode(), [event.encode() for event in events]

    def spoilt(self, raw: bytes) -> bytes:
        at, piece = self.chance.randrange(len(raw)), b'"\\{}[],:\0\xff 1x'
        match self.chance.randrange(5):
            case 0:
                return raw[:at]
            case 1:
                return raw[:at] + bytes([self.chance.randrange(256)]) + raw[at + 1 :]
            case 2:
                return raw[:at] + bytes([self.chance.choice(piece)]) + raw[at:]
            case 3:
                return raw[:at] + raw[at + self.chance.randint(1, 8) :]
            case _:
                return raw + self.chance.choice([b"x", b"{}", b",", b"\0", b"\xc2\xa0", raw])


def outcome(raw: bytes, **how: int) -> object:
    try:
        with spool(io.BytesIO(raw), **how) as document:
            return (document.kind, document.context, document.envelope, list(document.events()))
    except RecordError:
        return None


@pytest.mark.parametrize("seed", range(40))
def test_both_ways_give_exactly_the_events_that_were_written_or_refuse_the_same_spoilt_bytes(seed):
    writer = Writer(seed)
    raw, events = writer.document()
    pieces = writer.chance.sample([1, 2, 3, 5, 8, 16, 31, 100, 1000], 3)

    small = outcome(raw)
    assert small is not None
    assert small[3] == events
    for piece in pieces:
        assert outcome(raw, small=0, piece=piece) == small

    for _ in range(12):
        spoilt = writer.spoilt(raw)
        assert outcome(spoilt, small=0, piece=pieces[0]) == outcome(spoilt)


def test_a_document_of_nothing_but_names_is_refused_before_its_end(monkeypatch):
    monkeypatch.setattr(limits, "MAX_ENVELOPE_BYTES", 1000)
    for raw in (
        b'{"type":"EPCISDocument"' + b',"name":1' * 10_000 + b"}",
        b'{"type":"EPCISDocument","epcisBody":{"a":1' + b',"name":1' * 10_000 + b"}}",
    ):
        with pytest.raises(RecordError) as refused:
            spool(io.BytesIO(raw), small=0)
        assert refused.value.code == "record.too_large"
        assert refused.value.where["byte"] < 2500


def test_names_within_events_are_no_part_of_that_limit(monkeypatch):
    monkeypatch.setattr(limits, "MAX_ENVELOPE_BYTES", 1000)
    events = b",".join([b'{"name":{"name":1}}'] * 1000)
    raw = b'{"epcisBody":{"eventList":[' + events + b']},"type":"EPCISDocument"}'

    with spool(io.BytesIO(raw), small=0) as document:
        assert document.count == 1000
        assert decode(document.envelope)["epcisBody"] == {"eventList": []}
