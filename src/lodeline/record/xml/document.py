"""An XML document whose bytes have come to rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lodeline.errors import LodelineError, RecordError
from lodeline.record.document import PIECE_BYTES, SpooledDocument
from lodeline.record.outline import Outline
from lodeline.record.xml.judge import document_flaws, require_flawless
from lodeline.record.xml.outline import XmlOutline, events_of, outline_xml
from lodeline.record.xml.tree import tree_of


class SpooledXml(SpooledDocument):
    """A spooled document in XML. Its ``context`` is ``Inherited.to_bytes``, also for an event that stands alone."""

    is_xml = True

    def __init__(self, file: BinaryIO, digest: str, size: int, found: XmlOutline) -> None:
        context = found.inherited.to_bytes()
        super().__init__(file, digest, size, Outline(found.kind, context, found.envelope, [], len(found.starts)))
        self.bare = found.bare
        self._found = found

    def events(self) -> Iterator[bytes]:
        """Exact bytes of each event's element, in order."""
        yield from events_of(self._file, self._found)

    def require_valid(self) -> None:
        """Refuse a document whose envelope does not stand as EPCIS wants it in XML.

        Raises:
            RecordError: the first of ``judge.document_flaws``; ``record.xml_unexpected`` for an event in a place where
                none may stand.
        """
        if not self.bare:
            root = tree_of(self.envelope)
            require_flawless(document_flaws(root, emptied=True))
            self.master_elements = sum(element.name == "VocabularyElement" for element in root.walk())
            if self._found.astray is not None:
                sentence, line = self._found.astray
                raise RecordError("record.xml_unexpected", sentence, line=line)

    def placed(self, refusal: LodelineError) -> LodelineError:
        """A refusal of an event with its line in the file, where it has that within the event."""
        index, line = refusal.where.get("event"), refusal.where.get("line")
        if not isinstance(index, int) or not isinstance(line, int) or index >= len(self._found.lines):
            return refusal
        within = {**refusal.where, "line": line + self._found.lines[index] - 1}
        return type(refusal)(refusal.code, refusal.sentence, **within)


def around(document: SpooledDocument) -> str | None:
    """What does not stand around the events of an XML document as EPCIS wants it; None where all does."""
    try:
        document.require_valid()
    except RecordError as refusal:
        return refusal.sentence
    return None


def spool_xml(file: BinaryIO, digest: str, size: int, *, piece: int = PIECE_BYTES) -> SpooledXml:
    """The document in ``file``, which is XML.

    Raises:
        RecordError: as ``outline.outline_xml``.
    """
    return SpooledXml(file, digest, size, outline_xml(file, size, piece=piece))
