"""GS1 Digital Links of any domain, read and brought to their canonical form."""

from __future__ import annotations

import re

import msgspec

from lodeline.errors import IdError
from lodeline.ids.escaping import DIGITS, escape_for_link, unescape
from lodeline.ids.schemes import BY_NAME, ITEM_LOT, LOT, Scheme

CANONICAL_HOST = "id.gs1.org"

_KEY_NAMES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
}  # fmt: skip
_QUALIFIER_NAMES = {"cpv": "22", "lot": "10", "ser": "21", "glnx": "254", "cpsn": "8011"}
"""The words that release 1.1 allowed in place of the numbers; many links in use still have them."""

_QUALIFIERS = {
    "01": ("22", "10", "21", "235"), "8006": ("22", "10", "21"), "414": ("254",), "8010": ("8011",),
}  # fmt: skip

_KEYS = {scheme.key: scheme for scheme in reversed(list(BY_NAME.values()))}
_SCHEMES = {
    ("01", "21"): BY_NAME["sgtin"], ("01", "235"): BY_NAME["upui"], ("01", "10"): LOT,
    ("8006", "21"): BY_NAME["itip"], ("8006", "10"): ITEM_LOT,
    ("414", "254"): BY_NAME["sgln"], ("8010", "8011"): BY_NAME["cpi"],
}  # fmt: skip

_LINK = re.compile(
    r"(?i:https?)://[^/?#]+(?:/[^?#]*?)?"
    rf"/(?P<key>{'|'.join([*_KEYS, *_KEY_NAMES])})/(?P<value>[^/?#]+)"
    rf"(?P<rest>(?:/(?:22|10|21|235|254|8011|{'|'.join(_QUALIFIER_NAMES)})/[^/?#]++)*+)"
    r"/?(?:\?[^#]*)?(?:\#.*)?",
    re.DOTALL,
)

_LEAST_PREFIX = re.compile(r"[0-9]{4}")
"""A company prefix has at least four digits: what does not begin so (…/401/unauthorized) is an ordinary page."""


class Link(msgspec.Struct, frozen=True):
    """A Digital Link taken apart, cut to its most granular identification.

    Attributes:
        scheme: The EPC scheme of what it names.
        digits: Company prefix and reference in the key's order, without check digit; free text where the
            scheme's width is None.
        check: The check digit it carries; empty where the key has none.
        pieces: Piece and total, of an item in pieces.
        serial: Serial or lot in plain text; empty where it names a class.
    """

    scheme: Scheme
    digits: str
    check: str
    pieces: tuple[str, ...]
    serial: str


def parse_link(uri: str) -> Link | None:
    """Take a Digital Link apart; None for whatever is none. The check digit is reported, not judged."""
    match = _LINK.fullmatch(uri)
    if match is None:
        return None
    key = _KEY_NAMES.get(match["key"], match["key"])
    try:
        value = unescape(match["value"], urn=False)
        qualifiers = _qualifiers(key, match["rest"])
    except IdError:
        return None
    if qualifiers is None:
        return None
    # The most granular one says all: a serial number tells which lot and which variant it is.
    qualifier = next((each for each in ("21", "235", "10", "254", "8011") if each in qualifiers), "")
    scheme = _SCHEMES.get((key, qualifier), _KEYS[key])
    serial = qualifiers.get(qualifier, "")
    if qualifier and not _is_serial(scheme, serial):
        return None
    if scheme.serial is not None and serial == scheme.serial.absent:
        serial = ""
    if scheme.width is None:
        return _free(scheme, value, serial)
    return _numeric(scheme, value, serial)


def _qualifiers(key: str, rest: str) -> dict[str, str] | None:
    """The qualifiers after the key by number, unescaped; None where one does not belong to this key, or twice."""
    found: dict[str, str] = {}
    segments = rest.split("/")[1:]
    for name, text in zip(segments[::2], segments[1::2], strict=True):
        number = _QUALIFIER_NAMES.get(name, name)
        if number not in _QUALIFIERS.get(key, ()) or number in found:
            return None
        found[number] = unescape(text, urn=False)
    return found


def _is_serial(scheme: Scheme, serial: str) -> bool:
    rule = scheme.serial
    return rule is not None and len(serial) <= rule.longest and rule.characters.fullmatch(serial) is not None


def _free(scheme: Scheme, value: str, serial: str) -> Link | None:
    """A key whose reference is free text: individual assets, consignments, components."""
    if len(value) > scheme.longest or not scheme.characters.fullmatch(value) or not _LEAST_PREFIX.match(value):
        return None
    return Link(scheme, value, "", (), serial)


def _numeric(scheme: Scheme, value: str, serial: str) -> Link | None:
    """A key of fixed digits with a check digit; a serial of its own may follow on its end."""
    width = scheme.width or 0
    if scheme.key == "01" and len(value) in (8, 12, 13):
        value = value.rjust(14, "0")
    filled = len(scheme.filler)
    end = filled + width + 1 + 2 * scheme.pieces
    fixed, tail = value[:end], value[end:]
    if len(fixed) != end or not DIGITS.fullmatch(fixed) or not fixed.startswith(scheme.filler):
        return None
    if tail:
        if scheme.serial is None or scheme.serial.qualifier or not _is_serial(scheme, tail):
            return None
        serial = tail
    digits, check, after = fixed[filled : filled + width], fixed[filled + width], fixed[filled + width + 1 :]
    return Link(scheme, digits, check, tuple(after[at : at + 2] for at in range(0, len(after), 2)), serial)


def canonical_link(uri: str) -> str | None:
    """The constrained canonical form: ``https://id.gs1.org``, numbers for words, no query; None for what is none.

    Source: CBV 2.0, section 8.9.2, rule on Digital Links; GS1 Digital Link: URI Syntax 1.2, section 4.11.
    """
    link = parse_link(uri)
    if link is None:
        return None
    scheme = link.scheme
    value = scheme.filler + escape_for_link(link.digits) + link.check + "".join(link.pieces)
    start = f"https://{CANONICAL_HOST}/{scheme.key}/{value}"
    if not link.serial or scheme.serial is None:
        return start
    escaped = escape_for_link(link.serial)
    return f"{start}/{scheme.serial.qualifier}/{escaped}" if scheme.serial.qualifier else start + escaped
