"""Values of XML, which are texts, as the values of JSON that they stand for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from lodeline.errors import RecordError
from lodeline.errors.visible import visible
from lodeline.record.numbers import MAX_INTEGER_DIGITS, number, too_many_digits
from lodeline.record.vocabulary import CBV, GS1, WORDS, Field, canonical
from lodeline.record.xml import own
from lodeline.record.xml.namespaces import XSD, XSI, split
from lodeline.record.xml.tree import BLANKS, Element

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII).fullmatch
_INTEGER = re.compile("-?[0-9]+", re.ASCII).fullmatch
_STEM = re.compile(r"https://ref\.gs1\.org/cbv/[A-Za-z]+-|https://gs1\.org/voc/")


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_NUMBER_TYPES: Final = _words(
    "decimal double float integer int long short byte nonNegativeInteger positiveInteger nonPositiveInteger "
    "negativeInteger unsignedInt unsignedLong unsignedShort unsignedByte"
)


def number_of(element: Element, text: str, what: str) -> int | Decimal:
    """The number that ``text`` writes, with every digit.

    Raises:
        RecordError: ``record.xml_value`` for what is none, or none that JSON has; ``record.number_…``.
    """
    text = text.strip(BLANKS)
    if not _NUMBER(text):
        hint = "leave it out, and say in stringValue what is meant" if text in ("INF", "-INF", "NaN") else "write one"
        raise RecordError(
            "record.xml_value",
            f'{what} is "{visible(text, limit=60)}", which is no number: {hint}.',
            line=element.line,
        )
    return json_number(text)


def json_number(text: str) -> int | Decimal:
    """The number that a numeral of XML Schema writes.

    Raises:
        RecordError: ``record.number_…``.
    """
    text = text.removeprefix("+")
    if _INTEGER(text):
        if len(text.lstrip("-")) > MAX_INTEGER_DIGITS:
            raise too_many_digits(text)
        return int(text)
    return number(text)


def truth_of(element: Element, text: str, what: str) -> bool:
    """true or false.

    Raises:
        RecordError: ``record.xml_value``.
    """
    said = {"true": True, "1": True, "false": False, "0": False}.get(text.strip(BLANKS))
    if said is None:
        raise RecordError(
            "record.xml_value",
            f'{what} is "{visible(text, limit=60)}": write "true" or "false".',
            line=element.line,
        )
    return said


def word_of(field: Field, text: str) -> str:
    """A word of the standard as JSON writes it: ``urn:epcglobal:cbv:bizstep:shipping`` is ``shipping``.

    A word that GS1 does not know keeps its address; one of somebody's own stays as it is.
    """
    address = canonical(field, text.strip(BLANKS))
    found = _STEM.match(address)
    if found is None:
        return address
    bare = address[found.end() :]
    if bare in WORDS[field] and canonical(field, bare) == address:
        return bare
    # JSON takes the older addresses of these words in no place, but a prefix that is always bound.
    return f"gs1:{address.removeprefix(GS1)}" if address.startswith(GS1) else f"cbv:{address.removeprefix(CBV)}"


def is_nil(element: Element) -> bool:
    """Whether an element says by ``xsi:nil`` that it has no value."""
    return element.attributes.get(f"{{{XSI}}}nil", "").strip(BLANKS) in ("true", "1")


def stated_type(element: Element) -> tuple[str, str] | None:
    """Namespace and local name of the type that ``xsi:type`` names; None where it names none, or an unbound one."""
    said = element.attributes.get(f"{{{XSI}}}type")
    if said is None:
        return None
    prefix, colon, local = said.strip(BLANKS).rpartition(":")
    namespace = element.scope.get(prefix if colon else "")
    return None if namespace is None and colon else (namespace or "", local)


def scalar_of(element: Element) -> str | int | Decimal | bool:
    """The value of an element of somebody's own: a text, unless ``xsi:type`` says that it is a number or a truth.

    White space around a text is the writing's and not the value's, unless ``xml:space`` preserves it.

    Raises:
        RecordError: ``record.xml_value``, ``record.number_…``.
    """
    stated = stated_type(element)
    what = f"<{visible(split(element.name)[1], limit=60)}>"
    if stated is not None and stated[0] == XSD:
        if stated[1] in _NUMBER_TYPES:
            return number_of(element, element.text, what)
        if stated[1] == "boolean":
            return truth_of(element, element.text, what)
    if element.attributes.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve":
        return element.text
    text = element.text.strip(BLANKS)
    return text if stated is not None else typed(element.name, text)


def typed(name: str, text: str) -> str | int | Decimal | bool:
    """What the text of an element or attribute ``name`` is, where it is a term of ours that holds no text.

    What is not of the term's type stays a text: that it is wrong is a finding, and no reason to refuse the event.
    """
    if own.is_truth(name) and text in ("true", "false"):
        return text == "true"
    if own.is_number(name) and _NUMBER(text):
        return json_number(text)
    return text
