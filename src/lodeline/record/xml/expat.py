"""The XML parser, with everything shut that a hostile document could use: entities, what is outside, sheer size.

Python's own expat, fed piece by piece. Nothing is ever fetched: no DTD, no entity, no schema, no included document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record import limits
from lodeline.record.xml.namespaces import XINCLUDE

MAX_DEPTH: Final = 32
"""Elements open at one place, the outermost counted as 1. In JSON a level may become an object and a list in it."""

MAX_ATTRIBUTES: Final = 1024
"""Attributes of one element. GS1's fullest sensor report has 22."""

MAX_PREFIXES: Final = 256
"""Prefixes that are bound at one place, the same one bound again counted again."""

ENCODINGS: Final[dict[str, str]] = {
    "utf-8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""Encodings that may be declared, and Python's names for them."""

_TRUNCATED: Final = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
}
_UNBOUND: Final = expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]
_ENTITY: Final = expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
_XML_NAME = re.compile("[^}]*}(.*)", re.DOTALL)


class Parser:
    """One pass over one XML text.

    Attributes:
        depth: How many elements are open.
        encoding: What the XML declaration names, in small letters; None where it names none.
        bound: The prefixes that the element which begins binds, with their namespaces; "" is the default namespace.

    Refuses by itself: ``record.xml_doctype``, ``record.xml_entity``, ``record.xml_include``,
    ``record.xml_encoding``, ``record.xml_version``, ``record.xml_attributes``, ``record.xml_syntax``,
    ``record.xml_truncated``, ``record.xml_prefix``, ``record.nesting``, ``record.too_large``.
    """

    def __init__(self, start: Start, end: End, *, line: int = 1) -> None:
        self.depth = 0
        self.encoding: str | None = None
        self.bound: dict[str, str] = {}
        self._prefixes = 0
        self.expat = expat.ParserCreate(None, "}")
        self._start, self._end, self._first_line = start, end, line
        self._fed = 0
        self.expat.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.expat.StartDoctypeDeclHandler = _doctype
        self.expat.EntityDeclHandler = _declared
        self.expat.SkippedEntityHandler = _skipped
        self.expat.ExternalEntityRefHandler = _external
        self.expat.XmlDeclHandler = self._declaration
        self.expat.EndNamespaceDeclHandler = self._unbind
        self._listen()

    @property
    def line(self) -> int:
        """The line that is being read."""
        return self.expat.CurrentLineNumber + self._first_line - 1

    def feed(self, data: bytes | str, *, last: bool = False) -> None:
        """Read on.

        Raises:
            RecordError: as the class says; ``where["line"]`` is the place.
        """
        try:
            self.expat.Parse(data, last)
        except expat.ExpatError as error:
            raise self._refusal(error) from error
        except UnicodeEncodeError as error:
            raise RecordError(
                "record.xml_encoding", "The text has half a character in it: write it whole, in UTF-8."
            ) from error
        except RecordError as refusal:
            raise refusal if "line" in refusal.where else refusal.located(line=self.line) from refusal
        self._fed += len(data)
        # A tag, comment or text that does not end is held by the parser as a whole.
        if not last and self._fed - max(self.expat.CurrentByteIndex, 0) > limits.MAX_EVENT_BYTES:
            raise RecordError(
                "record.too_large",
                f"One tag, comment or text is larger than the {limits.MAX_EVENT_BYTES:,} bytes that are read at once: "
                "write smaller events, and keep large contents as a document beside them.",
                line=self.line,
            )

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        _require_bounded(self.depth, name, attributes)
        self._start(name, attributes)
        if self.bound:
            self.bound = {}

    def skim(self, done: Callable[[], None]) -> None:
        """Only watch over what stands within the element that has just begun; ``done`` is called when it ends.

        Most of a document is inside its events, and this is a third of the work.
        """
        depth = outer = self.depth

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > MAX_DEPTH or len(attributes) > MAX_ATTRIBUTES or name.startswith(XINCLUDE):
                _require_bounded(depth, name, attributes)

        def end(name: str) -> None:
            nonlocal depth
            if depth > outer:
                depth -= 1
                return
            self._listen()
            done()
            self.depth -= 1

        self.expat.StartElementHandler, self.expat.EndElementHandler = start, end
        self.expat.StartNamespaceDeclHandler = self._count

    def _listen(self) -> None:
        self.expat.StartElementHandler, self.expat.EndElementHandler = self._opened, self._closed
        self.expat.StartNamespaceDeclHandler = self._bind

    def _bind(self, prefix: str | None, namespace: str | None) -> None:
        self._count(prefix, namespace)
        self.bound[prefix or ""] = namespace or ""

    def _count(self, prefix: str | None, namespace: str | None) -> None:
        self._prefixes += 1
        if self._prefixes > MAX_PREFIXES:
            raise RecordError(
                "record.xml_attributes",
                f"More than {MAX_PREFIXES} prefixes are bound at one place: bind those that are used.",
            )

    def _unbind(self, prefix: str | None) -> None:
        self._prefixes -= 1

    def _closed(self, name: str) -> None:
        self._end(name)
        self.depth -= 1

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0":
            raise RecordError(
                "record.xml_version", f'The document is in XML {visible(version, limit=20)}: write version="1.0".'
            )
        if encoding is not None:
            self.encoding = encoding.lower()
            if self.encoding not in ENCODINGS:
                raise _other_encoding(encoding)

    def _refusal(self, error: expat.ExpatError) -> RecordError:
        line = error.lineno + self._first_line - 1
        said = expat.ErrorString(error.code)
        if error.code in _TRUNCATED:
            return RecordError(
                "record.xml_truncated",
                "The XML text ends before its outermost element does: fetch it again whole.",
                line=line,
            )
        if error.code == _UNBOUND:
            return RecordError(
                "record.xml_prefix",
                f'A prefix in line {line} is bound to no namespace: declare it, as in xmlns:ex="https://…".',
                line=line,
            )
        if error.code == _ENTITY:
            return RecordError(
                "record.xml_entity",
                f"An entity in line {line} is none of XML's own five: write the character itself.",
                line=line,
            )
        if "encoding" in said:
            return RecordError(
                "record.xml_encoding",
                f"The text is not in the encoding it declares ({said}): write it in UTF-8.",
                line=line,
            )
        return RecordError(
            "record.xml_syntax",
            f"This is not well-formed XML: {said} in line {line}, column {error.offset + 1}. Write XML 1.0.",
            line=line,
            column=error.offset + 1,
        )


def _require_bounded(depth: int, name: str, attributes: dict[str, str]) -> None:
    """Refuse an element that is nested too deep, has too many attributes, or would include another document."""
    if depth > MAX_DEPTH:
        raise RecordError(
            "record.nesting", f"Elements are nested more than {MAX_DEPTH} deep: write the inner ones flat."
        )
    if len(attributes) > MAX_ATTRIBUTES:
        raise RecordError(
            "record.xml_attributes",
            f"An element has {len(attributes):,} attributes, more than the {MAX_ATTRIBUTES:,} that are read: "
            "write them as elements.",
        )
    if name.startswith(XINCLUDE):
        raise RecordError(
            "record.xml_include",
            "The document includes another one (XInclude), and nothing is fetched: write what is meant here.",
        )


def _other_encoding(encoding: str) -> RecordError:
    return RecordError(
        "record.xml_encoding",
        f"The document is in {visible(encoding, limit=40)}: write it in UTF-8 (UTF-16, ISO-8859-1 and US-ASCII are "
        "read too).",
    )


def _doctype(name: str, system: str | None, public: str | None, has_subset: int) -> None:
    # A bare <!DOCTYPE name> declares nothing and names nothing outside; GS1's own examples have one.
    if system is not None or public is not None or has_subset:
        raise RecordError(
            "record.xml_doctype",
            "The document has a document type definition (DTD), which could hide or fetch anything: remove the "
            "<!DOCTYPE …>.",
        )


def _declared(*_: object) -> None:
    raise RecordError("record.xml_entity", "The document declares an entity: write the text itself in its place.")


def _skipped(name: str, is_parameter: bool) -> None:
    raise RecordError("record.xml_entity", "The document refers to an entity: write the text itself in its place.")


def _external(*_: object) -> int:
    raise RecordError("record.xml_entity", "The document refers to a file outside itself: write its text here.")


def qualified(name: str) -> str:
    """``{namespace}local`` of a name as the parser gives it."""
    return "{" + name if "}" in name else name


def encoding_of(start: bytes, declared: str | None) -> str:
    """Python's name of the encoding of a text, by its first bytes and what its XML declaration says.

    Source: XML 1.0, appendix F.
    """
    if start.startswith((b"\xff\xfe", b"<\0")):
        return "utf-16-le"
    if start.startswith((b"\xfe\xff", b"\0<")):
        return "utf-16-be"
    return ENCODINGS[declared] if declared is not None else "utf-8"
