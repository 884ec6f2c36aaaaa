"""Patterns of identifiers in ``MATCH_…``: everything of one item, of one company, of one scheme.

A pattern is written ``urn:epc:idpat:sgtin:4012345.011111.*``, ``urn:epc:class:lgtin:4012345.011111.*`` or as a Digital
Link, ``https://id.gs1.org/01/04012345111118/21/*``; in a URN the parts after the first ``*`` are ``*`` too, and one
without any ``*`` is the thing it names. A Digital Link of a class alone (``…/01/04012345111118``) names what
``urn:epc:idpat:sgtin:4012345.011111.*`` names.

Source: EPCIS 2.0, section 8.2.7.1.1; EPC Tag Data Standard, section 6 (pure identity patterns).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from lodeline.errors import InputError
from lodeline.ids.digital_link import Link, parse_link
from lodeline.ids.epc import canonical
from lodeline.ids.escaping import DIGITS, unescape
from lodeline.ids.schemes import BY_NAME, LOT, WITHOUT_LINK, Scheme

_URN = re.compile(r"urn:epc:(idpat|class):([a-z]+):(.+)", re.ASCII | re.DOTALL)
_COMPANY = re.compile("[0-9]{6,12}", re.ASCII)
_STAR = "/*"
_COMPANY_DIGITS = 6
"""A company prefix has at least so many digits, so that they narrow any pattern of a company."""


class Pattern(msgspec.Struct, frozen=True):
    """What identifiers must have in common.

    Attributes:
        scheme: Name of the EPC scheme; ``lgtin`` for lots.
        company: Company prefix; empty: any, or `digits` says more.
        digits: Company prefix and reference as the GS1 key orders them, without check digit; empty: any.
        pieces: Piece and total, of an item in pieces; empty: any.
        plain: Of a scheme without Digital Link: the parts that are given.
    """

    scheme: str
    company: str = ""
    digits: str = ""
    pieces: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    def matches(self, identifier: str) -> bool:
        """Whether an identifier in its canonical spelling is one of those."""
        if self.scheme in WITHOUT_LINK:
            start = f"urn:epc:id:{self.scheme}:"
            if not identifier.startswith(start):
                return False
            parts = identifier[len(start) :].split(".")
            return tuple(parts[: len(self.plain)]) == self.plain and len(parts) > len(self.plain)
        link = _link(identifier)
        if link is None or link.scheme.name != self.scheme:
            return False
        if self.digits:
            return link.digits == self.digits and link.pieces[: len(self.pieces)] == self.pieces
        return link.digits[int(link.scheme.leading) :].startswith(self.company)

    @property
    def key(self) -> str:
        """The narrowest of the `keys` that every identifier of the pattern has."""
        if self.digits:
            return f"{self.scheme}={self.digits}"
        return f"{self.scheme}:{self.company[:_COMPANY_DIGITS]}" if self.company else self.scheme


class Patterns:
    """Many patterns, asked all at once: what an identifier costs does not grow with their number."""

    __slots__ = ("_companies", "_digits", "_each", "_lengths", "_plain")

    def __init__(self, each: Iterable[Pattern]) -> None:
        self._each = tuple(dict.fromkeys(each))
        self._plain = {(one.scheme, *one.plain) for one in self._each if one.scheme in WITHOUT_LINK}
        linked = [one for one in self._each if one.scheme not in WITHOUT_LINK]
        self._digits = {(one.scheme, one.digits, *one.pieces) for one in linked if one.digits}
        self._companies = {(one.scheme, one.company) for one in linked if not one.digits}
        self._lengths = sorted({len(company) for _, company in self._companies})

    def __iter__(self) -> Iterator[Pattern]:
        return iter(self._each)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Patterns) and self._each == other._each

    def __hash__(self) -> int:
        return hash(self._each)

    def match(self, identifier: str) -> bool:
        """Whether one of them does, as `Pattern.matches` says."""
        if not self._each:
            return False
        link = _link(identifier)
        if link is None:
            if not self._plain or not identifier.startswith("urn:epc:id:"):
                return False
            scheme, _, body = identifier[11:].partition(":")
            parts = (scheme, *body.split("."))
            return any(parts[:length] in self._plain for length in range(1, len(parts)))
        name, company = link.scheme.name, link.digits[int(link.scheme.leading) :]
        exact = (name, link.digits, *link.pieces)
        return any(exact[:length] in self._digits for length in range(2, len(exact) + 1)) or any(
            (name, company[:length]) in self._companies for length in self._lengths
        )


def keys(identifier: str) -> tuple[str, ...]:
    """What an identifier in its canonical spelling can be found by beside itself: scheme, company, class."""
    if identifier.startswith("urn:epc:id:"):
        scheme = identifier[11:].partition(":")[0]
        return (scheme,) if scheme in WITHOUT_LINK else ()
    link = _link(identifier)
    if link is None:
        return ()
    name, start = link.scheme.name, int(link.scheme.leading)
    return name, f"{name}:{link.digits[start : start + _COMPANY_DIGITS]}", f"{name}={link.digits}"


@lru_cache(1 << 14)
def _short_link(identifier: str) -> Link | None:
    return parse_link(identifier)


def _link(identifier: str) -> Link | None:
    if not identifier.startswith("https://id.gs1.org/"):
        return None
    return _short_link(identifier) if len(identifier) <= 256 else parse_link(identifier)


def one_thing(text: str) -> str:
    """The identifier of the one thing that a pattern without a ``*`` is; any other text as it is."""
    return "urn:epc:id:" + text[14:] if text.startswith("urn:epc:idpat:") and "*" not in text else text


def pattern_of(text: str, *, parameter: str) -> Pattern | None:
    """The pattern that a value of a ``MATCH_…`` parameter is; None where it names one thing.

    Raises:
        InputError: ``query.pattern``.
    """
    found = _URN.fullmatch(text)
    if found is not None and found[1] == "idpat" and "*" not in found[3]:
        if canonical(one_thing(text)) == one_thing(text) and found[2] not in WITHOUT_LINK:
            raise _refusal(text, parameter)
        return None
    if found is not None and (found[1] == "idpat" or found[3].endswith(".*")):
        return _of_urn(found[1], found[2], found[3], text, parameter)
    if text[:4].lower() != "http":
        return None
    if text.endswith(_STAR):
        link = parse_link(canonical(_without_star(text)))
        if link is None:
            raise _refusal(text, parameter)
        return _of_link(link, LOT if text.endswith("/10/*") else link.scheme)
    link = parse_link(text)
    return _of_link(link, link.scheme) if link is not None and _names_class(link) else None


def _without_star(text: str) -> str:
    """The link of the class: the serial's star and its qualifier taken away."""
    head, _, qualifier = text.removesuffix(_STAR).rpartition("/")
    return head if qualifier in ("21", "10", "235", "254", "8011") else text.removesuffix(_STAR)


def _names_class(link: Link) -> bool:
    return link.scheme.pattern and not link.serial


def _of_link(link: Link, scheme: Scheme) -> Pattern:
    return Pattern(scheme.name, digits=link.digits, pieces=link.pieces)


def _of_urn(kind: str, name: str, body: str, text: str, parameter: str) -> Pattern:
    scheme = LOT if kind == "class" and name == LOT.name else BY_NAME.get(name)
    if kind == "idpat" and name in WITHOUT_LINK:
        parts = body.split(".")
        given = tuple(part for part in parts if part != "*")
        if parts[: len(given)] != list(given) or len(given) == len(parts):
            raise _refusal(text, parameter)
        return Pattern(name, plain=given)
    if scheme is None or (kind == "class" and scheme is not LOT):
        raise _refusal(text, parameter)
    parts = body.split(".", 1 + scheme.pieces + (scheme.serial is not None))
    if len(parts) != 2 + scheme.pieces + (scheme.serial is not None):
        raise _refusal(text, parameter)
    fixed = tuple(parts[: parts.index("*")]) if "*" in parts else tuple(parts)
    if len(fixed) == len(parts) or any(part != "*" for part in parts[len(fixed) :]):
        raise _refusal(text, parameter)
    if fixed and not _COMPANY.fullmatch(fixed[0]):
        raise _refusal(text, parameter)
    if len(fixed) < 2:
        return Pattern(scheme.name, company=fixed[0] if fixed else "")
    company, reference = fixed[0], unescape(fixed[1], urn=True)
    if scheme.width is not None and not (DIGITS.fullmatch(reference) and len(company + reference) == scheme.width):
        raise _refusal(text, parameter)
    digits = reference[0] + company + reference[1:] if scheme.leading else company + reference
    return Pattern(scheme.name, digits=digits, pieces=fixed[2 : 2 + scheme.pieces])


def _refusal(text: str, parameter: str) -> InputError:
    return InputError(
        "query.pattern",
        "This is no pattern of identifiers: write urn:epc:idpat:sgtin:4012345.011111.* (after the first * only *), "
        "urn:epc:class:lgtin:4012345.011111.* or a Digital Link such as https://id.gs1.org/01/04012345111118/21/*.",
        parameter=parameter,
        value=text,
    )
