"""How texts, names and words are spelt in XML, and what cannot be."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, unquote

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record.codec import encode
from lodeline.record.context import GS1_PREFIXES, Context
from lodeline.record.hash.event import word
from lodeline.record.vocabulary import CBV, GS1, Field
from lodeline.record.xml.namespaces import MASTER_DATA, MASTER_DATA_XML, OF_XML, XML, XSD, XSI, split
from lodeline.record.xml.simple import SIMPLE

_NCNAME = re.compile(r"[^\W\d][\w.\-]*").fullmatch
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_VALUE: Final = {**_IN_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_TEXT_MARKS = re.compile("[&<>\r]")
_VALUE_MARKS = re.compile('[&<>"\r\n\t]')

_URNS: Final = {
    "BizStep-": "bizstep",
    "Disp-": "disp",
    "BTT-": "btt",
    "SDT-": "sdt",
    "ER-": "er",
}
_BEFORE_COLON = re.compile(r'"(?:\s|\\[nrt])*([^\s":/\\]+):')
"""What stands before a colon at the beginning of a text, in JSON."""

RESERVED: Final[dict[str, str]] = {"epcis": "", "epcisq": "", "xsi": XSI, "xsd": XSD, "xml": XML}
"""Prefixes that a document of ours binds itself."""


def cannot_say(what: str, field: str) -> RecordError:
    """The refusal of what EPCIS in XML has no way to write."""
    return RecordError("record.xml_cannot_say", f"EPCIS in XML cannot say this: {what}. Write JSON.", field=field)


def text(value: str, field: str) -> str:
    """``value`` as the text of an element."""
    _require_characters(value, field)
    return _TEXT_MARKS.sub(lambda mark: _IN_TEXT[mark[0]], value)


def attribute(name: str, value: str, field: str) -> str:
    """An attribute, with a blank before it."""
    _require_characters(value, field)
    return f' {name}="{_VALUE_MARKS.sub(lambda mark: _IN_VALUE[mark[0]], value)}"'


def _require_characters(value: str, field: str) -> None:
    found = _NOT_IN_XML.search(value)
    if found is not None:
        raise cannot_say(f"the character U+{ord(found[0]):04X} is none that XML 1.0 has", field)


def word_text(vocabulary: Field, value: str, context: Context) -> str:
    """A word of the standard as XML writes it: a URN for CBV's, ``gs1:`` for those of the GS1 Web Vocabulary."""
    address = word(vocabulary, value, context)
    if address.startswith(CBV):
        stem, dash, bare = address.removeprefix(CBV).partition("-")
        family = _URNS.get(stem + dash)
        return f"urn:epcglobal:cbv:{family}:{bare}" if family else f"cbv:{address.removeprefix(CBV)}"
    return f"gs1:{address.removeprefix(GS1)}" if address.startswith(GS1) else value


def stamp(value: str, field: str) -> str:
    """A time; JSON may write its letters small.

    Raises:
        RecordError: ``record.xml_cannot_say`` for a leap second, and a zone of more than 14 hours.
    """
    written = value.upper()
    if not SIMPLE["stamp"].accepts(written):
        raise cannot_say(f'"{visible(value, limit=40)}" is no time in XML Schema', field)
    return written


def number(value: int | Decimal) -> str:
    """A number in plain digits, all of them."""
    return str(value) if isinstance(value, int) else format(value, "f")


_EXACT_DIGITS: Final = 18
"""Digits of a decimal that every reader of XML Schema must take."""


def number_type(value: int | Decimal) -> str:
    """The type that tells a number from a text; a long one is called a double, of which readers take any length."""
    if sum(map(str.isdigit, number(value))) > _EXACT_DIGITS:
        return "xsd:double"
    return "xsd:integer" if isinstance(value, int) else "xsd:decimal"


class Prefixes:
    """The names of one event in XML, and the namespaces that its element has to bind for them."""

    def __init__(self, event: dict[str, Any], context: Context) -> None:
        terms = dict(context.terms)
        # Prefixes that texts such as "ex:word" use have to be bound too.
        said = {prefix for prefix in _BEFORE_COLON.findall(encode(event).decode()) if prefix in terms}
        self.bound = {
            prefix: namespace
            for prefix in sorted(said)
            if _NCNAME(prefix) and prefix not in RESERVED and (namespace := terms[prefix]) and namespace not in OF_XML
        }
        self.bound = {prefix: _xml_namespace(namespace) for prefix, namespace in self.bound.items()}
        self._by_namespace = {namespace: prefix for prefix, namespace in sorted(self.bound.items(), reverse=True)}
        self._known = {
            _xml_namespace(namespace): prefix
            for prefix, namespace in sorted({**GS1_PREFIXES, **terms}.items(), reverse=True)
            if _NCNAME(prefix) and prefix not in RESERVED
        }

    def name(self, key: str, context: Context, field: str, *, bare: bool) -> str:
        """The name of an element or attribute for a member name.

        Args:
            bare: Whether a name without a namespace may stand here.

        Raises:
            RecordError: ``record.xml_cannot_say`` for a prefix that nothing binds, and for what is no name in XML.
        """
        namespace, local = split(context.qualified(key))
        if quote(unquote(local)) == local:
            local = unquote(local)
        if not _NCNAME(local) or (not namespace and not bare):
            raise cannot_say(f'"{visible(key, limit=60)}" is no name in a namespace that its context binds', field)
        return f"{self._prefix(_xml_namespace(namespace))}:{local}" if namespace else local

    def _prefix(self, namespace: str) -> str:
        if namespace == XML:
            return "xml"
        prefix = self._by_namespace.get(namespace)
        if prefix is None:
            usual = self._known.get(namespace)
            is_free = usual is not None and usual not in self.bound
            prefix = usual if usual is not None and is_free else self._numbered()
            self._by_namespace[namespace] = prefix
            self.bound[prefix] = namespace
        return prefix

    def _numbered(self) -> str:
        # As many as are bound are taken at most, and those that texts use are bound already.
        return next(name for n in range(len(self.bound) + 1, 0, -1) if (name := f"ns{n}") not in self.bound)

    def declarations(self) -> str:
        """The attributes that bind them."""
        return "".join(attribute(f"xmlns:{prefix}", namespace, "$") for prefix, namespace in sorted(self.bound.items()))


def _xml_namespace(namespace: str) -> str:
    return MASTER_DATA_XML if namespace == MASTER_DATA else namespace
