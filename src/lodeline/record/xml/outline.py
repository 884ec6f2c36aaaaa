"""The outline of an XML document of any size: what it is, and where each event's element lies, byte by byte.

Read in pieces: a piece, an event and the envelope bound the memory, and some thirty bytes for each event.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record import limits
from lodeline.record.xml.expat import Parser, encoding_of, qualified
from lodeline.record.xml.inherited import Inherited
from lodeline.record.xml.namespaces import VERSIONS, split, standard
from lodeline.record.xml.tree import BLANKS

_EVENTS: Final = frozenset(
    {"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent", "QuantityEvent"}
)
_DOCUMENTS: Final = frozenset({"EPCISDocument", "EPCISQueryDocument"})
_EMPTY_TAG = re.compile(r"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/>""").fullmatch
_END_TAG_BYTES: Final = 256


class XmlOutline(msgspec.Struct, frozen=True):
    """What is known of an XML document before its events are read.

    Attributes:
        kind: ``EPCISDocument``, ``EPCISQueryDocument``, or the type of an event that stands alone.
        bare: Whether it is an event that stands alone.
        inherited: What every event inherits.
        envelope: The bytes of the document without its events, and without the white space between them; empty for
            an event that stands alone.
        starts, sizes, lines: Of each event its first byte, its number of bytes, and the line it begins in.
        astray: What is wrong with where the events stand, and in which line; None where nothing is. Neither the
            envelope nor an event by itself would show it.
    """

    kind: str
    bare: bool
    inherited: Inherited
    envelope: bytes
    starts: array[int]
    sizes: array[int]
    lines: array[int]
    astray: tuple[str, int] | None


def outline_xml(file: BinaryIO, size: int, *, piece: int) -> XmlOutline:
    """The outline of the ``size`` bytes of ``file``, read ``piece`` bytes at a time.

    Raises:
        RecordError: those of ``expat.Parser``; ``record.xml_root`` for what is no document with events;
            ``record.xml_namespaces``; ``record.too_large`` for an event or an envelope beyond its limit.
    """
    scan = _Scan()
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    while read := file.read(piece):
        scan.parser.feed(read)
        scan.require_small()
    scan.parser.feed(b"", last=True)
    if scan.kind == "EPCISQueryDocument" and not scan.listed:
        raise RecordError(
            "record.xml_root",
            "The query document holds no list of events: it is a query, or an answer of another kind; capture what the "
            "query gives.",
        )
    encoding = encoding_of(start, scan.parser.encoding)
    envelope = None if scan.bare else bytearray()
    sizes: array[int] = array("I")
    at = 0
    for first, last in zip(scan.starts, scan.ends, strict=True):
        end = _end(file, first, last, encoding)
        sizes.append(end - first)
        if envelope is not None:
            # White space between events is the only thing that is not kept: it may be as long as the events.
            envelope += _kept(file, at, first, encoding, whole=at == 0)
        at = end
    if envelope is not None:
        envelope += _kept(file, at, size, encoding, whole=True)
    inherited = Inherited(scan.version, encoding, scan.inherited or {})
    return XmlOutline(
        scan.kind, scan.bare, inherited, bytes(envelope or b""), scan.starts, sizes, scan.lines, scan.astray
    )


class _Scan:
    """Follows the elements of a document down to its events."""

    def __init__(self) -> None:
        self.parser = Parser(self._start, self._end)
        self.kind, self.version, self.bare = "", "2.0", False
        self.inherited: dict[str, str] | None = None
        self.starts: array[int] = array("Q")
        self.ends: array[int] = array("Q")
        self.lines: array[int] = array("I")
        self._scopes: list[dict[str, str]] = []
        self._seen: dict[str, str] | None = None
        self._path: list[str | None] = []
        self._in_event = False
        self._in_list = 0
        self.listed = False
        self.astray: tuple[str, int] | None = None
        self._before: list[int] = []

    def require_small(self) -> None:
        """Refuse an event that has come so far and is larger than any may be."""
        if self._in_event and self.parser.expat.CurrentByteIndex - self.starts[-1] > limits.MAX_EVENT_BYTES:
            raise _too_large("event", limits.MAX_EVENT_BYTES).located(event=len(self.starts) - 1)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = qualified(name)
        local = standard(name)
        if not self._path:
            self._root(name, local)
            if self.bare:
                self._event()
                return
        elif self._in_list and (local != "extension" or name != "extension"):
            self._inherit(self._scopes[-1])
            self._look_at(name)
            self._event()
            return
        scope = self._scopes[-1] if self._scopes else {}
        if self.parser.bound:
            scope = {**scope, **self.parser.bound}
        self._scopes.append(scope)
        self._path.append(local)
        self._before.append(len(self.starts))
        # Wherever it stands: whether it stands in its place is for the tables to say.
        if self._in_list or (local == "EventList" and "EPCISBody" in self._path[:-1]):
            self._in_list += 1
            self.listed = True

    def _root(self, name: str, local: str | None) -> None:
        namespace = split(name)[0]
        self.version = VERSIONS.get(namespace, "2.0")
        if local in _EVENTS:
            self.kind, self.bare, self.inherited = local or "", True, {}
        elif local in _DOCUMENTS and namespace:
            self.kind = local or ""
        else:
            raise _not_a_document(namespace, split(name)[1], local)

    def _event(self) -> None:
        self._in_event = True
        self.parser.skim(self._event_ended)
        self.starts.append(self.parser.expat.CurrentByteIndex)
        self.lines.append(self.parser.line)

    def _event_ended(self) -> None:
        self.require_small()
        self._in_event = False
        self.ends.append(self.parser.expat.CurrentByteIndex)

    def _end(self, name: str) -> None:
        self._scopes.pop()
        if self._path.pop() == "extension" and self._before[-1] == len(self.starts) and self._in_list:
            self._stray("<extension> in EventList is empty: leave it out.")
        self._before.pop()
        if self._in_list:
            self._in_list -= 1

    def _look_at(self, name: str) -> None:
        """See whether an element of an EventList may stand there, or in an extension, by its namespace."""
        namespace, local = split(name)
        is_direct = self._path[-1] == "EventList"
        if self.version == "2.0":
            if is_direct and namespace:
                self._stray(
                    f"<{visible(local, limit=60)}> of {visible(namespace, limit=80)} is no event of GS1's: put "
                    "it into <extension>, or write it without a namespace if it is."
                )
            elif not is_direct and (not namespace or namespace in VERSIONS):
                self._stray(
                    f"<{visible(local, limit=60)}> stands in <extension>, where only events in a namespace of "
                    "somebody's own may: put it into the EventList itself."
                )
        elif is_direct == (name == "TransformationEvent"):
            said = "into <extension>, as version 1.2 wants it" if is_direct else "into the EventList itself"
            self._stray(f"<{visible(local, limit=60)}> stands in the wrong place: put it {said}.")

    def _stray(self, sentence: str) -> None:
        self.astray = self.astray or (sentence, self.parser.line)

    def _inherit(self, scope: dict[str, str]) -> None:
        """Take over what is bound around an event; it must not differ from one event to the next."""
        if self.inherited is None:
            self.inherited = dict(scope)
        elif scope is not self._seen and self.inherited != scope:
            for prefix, namespace in scope.items():
                if self.inherited.setdefault(prefix, namespace) != namespace:
                    raise RecordError(
                        "record.xml_namespaces",
                        f'The prefix "{prefix}" means one thing around some events and another around others: bind it '
                        "at the outermost element, or at the events themselves.",
                        line=self.parser.line,
                    )
        self._seen = scope


def _not_a_document(namespace: str, local: str, known: str | None) -> RecordError:
    if known == "EPCISMasterDataDocument":
        hint = (
            "it holds master data and no events: keep it with `lodeline document add`, and register what it says with "
            "`lodeline register`."
        )
    elif known == "EPCISCaptureJob":
        hint = "it tells how a capture went, and holds no events: capture the document itself."
    elif known in _DOCUMENTS:
        hint = 'it is in no namespace: write xmlns:epcis="urn:epcglobal:epcis:xsd:2" and <epcis:EPCISDocument>.'
    else:
        hint = 'write <epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" …> with the events in it.'
    return RecordError("record.xml_root", f"The file is an XML document <{local[:60]}>, but {hint}")


def _too_large(what: str, limit: int) -> RecordError:
    return RecordError(
        "record.too_large",
        f"The {what} is larger than the {limit:,} bytes that are read at once: write smaller events, and keep large "
        "contents as a document beside them.",
    )


def _end(file: BinaryIO, start: int, last: int, encoding: str) -> int:
    """The byte after an element, of which the parser told ``last``: where its end tag begins, or its empty tag ends."""
    file.seek(start)
    before = file.read(last - start)
    closing = "/>".encode(encoding)
    if before.endswith(closing) and _EMPTY_TAG(before.decode(encoding)):
        return last
    bracket = ">".encode(encoding)
    at = last
    while read := file.read(_END_TAG_BYTES):
        place = read.find(bracket)
        while place >= 0 and (at + place - start) % len(bracket):
            place = read.find(bracket, place + 1)
        if place >= 0:
            return at + place + len(bracket)
        at += len(read)
    raise AssertionError("a text that the parser took closes each element")


def _kept(file: BinaryIO, start: int, end: int, encoding: str, *, whole: bool) -> bytes:
    """What stands between events, or (``whole``) before the first and after the last; white space alone is nothing."""
    if end - start > limits.MAX_ENVELOPE_BYTES:
        raise _too_large("document around its events", limits.MAX_ENVELOPE_BYTES)
    file.seek(start)
    read = file.read(end - start)
    return read if whole or read.decode(encoding).strip(BLANKS) else b""


def events_of(file: BinaryIO, found: XmlOutline) -> Iterator[bytes]:
    """The exact bytes of each event, in order."""
    for start, size in zip(found.starts, found.sizes, strict=True):
        file.seek(start)
        yield file.read(size)
