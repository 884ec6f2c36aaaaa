"""EPC URNs and GS1 Digital Links: two spellings of one identifier.

``urn:epc:id:sgtin:4012345.011111.987`` and ``https://id.gs1.org/01/04012345111118/21/987`` name the same drum.
"""

from __future__ import annotations

from functools import lru_cache

from lodeline.errors import IdError
from lodeline.ids.check_digit import check_digit, unchecked_check_digit
from lodeline.ids.digital_link import CANONICAL_HOST, canonical_link, parse_link
from lodeline.ids.escaping import DIGITS, escape_for_link, escape_for_urn, unescape
from lodeline.ids.schemes import BY_NAME, LOT, PREFIX_DIGITS, WITHOUT_LINK, Scheme

__all__ = ["canonical", "check_digit", "to_digital_link", "to_urn"]

_CACHED = 1 << 15
_LONGEST_CACHED = 256


def canonical(uri: str) -> str:
    """The one spelling of an identifier that the CBV 2.0 event hash uses; any other text comes back unchanged.

    EPC URNs of ids, classes and patterns become Digital Links at https://id.gs1.org; a Digital Link of any
    domain moves there, without query and fragment, cut to its most granular identification. What is not a well
    formed EPC URN or Digital Link is somebody's own identifier and stays as it is: nothing is refused here.

    Source: CBV 2.0, section 8.9.2; GS1 Digital Link: URI Syntax 1.2, section 4.11.
    """
    # Hostile megabytes must not live on in the cache.
    return _canonical(uri) if len(uri) <= _LONGEST_CACHED else _canonical.__wrapped__(uri)


@lru_cache(_CACHED)
def _canonical(uri: str) -> str:
    if uri.startswith("urn:epc:"):
        kind, _, rest = uri[8:].partition(":")
        if kind in ("id", "class", "idpat"):
            try:
                return _link(kind, rest, uri)
            except IdError:
                return uri
        return uri
    if uri[:4].lower() == "http":
        return canonical_link(uri) or uri
    return uri


def to_digital_link(urn: str) -> str:
    """The canonical Digital Link of an EPC URN: ``urn:epc:id:``, ``urn:epc:class:lgtin:`` or ``urn:epc:idpat:…*``.

    Raises:
        IdError: ``ids.not_epc_urn``, ``ids.no_digital_link``, ``ids.company_prefix``, ``ids.length``,
            ``ids.characters``, ``ids.escape``, ``ids.pattern``.

    Source: EPC Tag Data Standard, section 6.3 and table 7-1; CBV 2.0, section 8.9.2.
    """
    kind, _, rest = urn.removeprefix("urn:epc:").partition(":")
    if not urn.startswith("urn:epc:") or kind not in ("id", "class", "idpat"):
        raise IdError(
            "ids.not_epc_urn",
            "This is no EPC URN: write urn:epc:id:…, urn:epc:class:lgtin:… or urn:epc:idpat:….",
            value=urn,
        )
    return _link(kind, rest, urn)


def _link(kind: str, rest: str, urn: str) -> str:
    """The link of ``urn:epc:KIND:REST``."""
    name, _, body = rest.partition(":")
    scheme = _scheme(kind, name, urn)
    has_serial = scheme.serial is not None
    parts = body.split(".", 1 + scheme.pieces + has_serial)
    if len(parts) != 2 + scheme.pieces + has_serial:
        raise IdError(
            "ids.length", f"{name} has {2 + scheme.pieces + has_serial} parts with a dot between them.", value=urn
        )
    value = _key_value(kind, name, *parts[: 2 + scheme.pieces])
    link = f"https://{CANONICAL_HOST}/{scheme.key}/{value}"
    if scheme.serial is None:
        return link
    text = parts[-1]
    if kind == "idpat":
        if text != "*":
            raise IdError("ids.pattern", "A pattern names a class: write * for the serial and nothing else.", value=urn)
        return link
    if text == scheme.serial.absent:
        return link
    serial = unescape(text, urn=True)
    if not scheme.serial.characters.fullmatch(serial):
        raise IdError(
            "ids.characters", f"The serial of {name} is empty or has characters GS1 does not allow.", value=urn
        )
    if len(serial) > scheme.serial.longest:
        raise IdError("ids.length", f"The serial of {name} has at most {scheme.serial.longest} characters.", value=urn)
    return (
        f"{link}/{scheme.serial.qualifier}/{escape_for_link(serial)}"
        if scheme.serial.qualifier
        else (link + escape_for_link(serial))
    )


def _scheme(kind: str, name: str, urn: str) -> Scheme:
    scheme = (LOT if name == LOT.name else None) if kind == "class" else BY_NAME.get(name)
    if scheme is None:
        if name in WITHOUT_LINK:
            raise IdError(
                "ids.no_digital_link",
                f"{name} rests on no GS1 key and has no Digital Link: keep the URN.",
                value=urn,
            )
        raise IdError("ids.not_epc_urn", f"{name or 'Nothing'} is no scheme of urn:epc:{kind}:.", value=urn)
    if kind == "idpat" and not scheme.pattern:
        raise IdError("ids.pattern", f"{name} has no class level, so it has no pattern.", value=urn)
    return scheme


@lru_cache(_CACHED)
def _key_value(kind: str, name: str, prefix: str, reference: str, *pieces: str) -> str:
    """The value of the key, escaped: company prefix, reference, check digit and what the scheme puts around them."""
    scheme = LOT if kind == "class" else BY_NAME[name]
    if len(prefix) not in PREFIX_DIGITS or not DIGITS.fullmatch(prefix):
        raise IdError("ids.company_prefix", "A GS1 company prefix has 6 to 12 digits.", value=prefix)
    if scheme.width is None:
        plain = unescape(reference, urn=True)
        if not scheme.characters.fullmatch(plain):
            raise IdError(
                "ids.characters", f"The reference of {name} is empty or has characters GS1 does not allow.", value=plain
            )
        if len(prefix) + len(plain) > scheme.longest:
            raise IdError(
                "ids.length", f"Company prefix and reference of {name} have at most {scheme.longest}.", value=plain
            )
        return prefix + escape_for_link(plain)
    if len(prefix) + len(reference) != scheme.width:
        raise IdError(
            "ids.length",
            f"Company prefix and reference of {name} have {scheme.width} digits together.",
            value=f"{prefix}.{reference}",
        )
    if reference and not DIGITS.fullmatch(reference):
        raise IdError("ids.characters", f"The reference of {name} has digits only.", value=reference)
    if any(len(piece) != 2 or not DIGITS.fullmatch(piece) for piece in pieces):
        raise IdError("ids.length", f"Piece and total of {name} have two digits each.", value=".".join(pieces))
    digits = reference[0] + prefix + reference[1:] if scheme.leading else prefix + reference
    return scheme.filler + digits + unchecked_check_digit(digits) + "".join(pieces)


def to_urn(link: str, *, company_prefix_length: int) -> str:
    """The EPC URN of a Digital Link, of the most granular thing it names.

    A Digital Link does not tell where the company prefix ends; who issued it knows, and GS1 publishes it.

    Args:
        link: A Digital Link of any domain.
        company_prefix_length: Digits of the company prefix, 6 to 12.

    Raises:
        IdError: ``ids.not_digital_link``, ``ids.check_digit``, ``ids.company_prefix``, ``ids.no_urn``.

    Source: EPC Tag Data Standard, table 7-1.
    """
    if company_prefix_length not in PREFIX_DIGITS:
        raise IdError("ids.company_prefix", "A GS1 company prefix has 6 to 12 digits.", value=company_prefix_length)
    found = parse_link(link)
    if found is None:
        raise IdError(
            "ids.not_digital_link",
            "This is no GS1 Digital Link: write https://…/01/GTIN/21/SERIAL or another GS1 key.",
            value=link,
        )
    scheme, digits, pieces, serial = found.scheme, found.digits, found.pieces, found.serial
    if scheme.width is None:
        prefix, reference = digits[:company_prefix_length], digits[company_prefix_length:]
        if not DIGITS.fullmatch(prefix) or len(prefix) != company_prefix_length or not reference:
            raise IdError(
                "ids.company_prefix", f"The key does not begin with {company_prefix_length} digits.", value=link
            )
        reference = escape_for_urn(reference)
    else:
        right = unchecked_check_digit(digits)
        if found.check != right:
            raise IdError(
                "ids.check_digit", f"The check digit is {found.check}, not {right}: a digit was mistyped.", value=link
            )
        start = int(scheme.leading)
        prefix = digits[start : start + company_prefix_length]
        reference = digits[:start] + digits[start + company_prefix_length :]
    body = ".".join([prefix, reference, *pieces])
    if scheme.serial is None:
        return f"urn:epc:id:{scheme.name}:{body}"
    if serial:
        if scheme.serial.qualifier == "10" and scheme is not LOT:
            raise IdError("ids.no_urn", "No EPC URN names a lot of item pieces: keep the Digital Link.", value=link)
        kind = "class" if scheme is LOT else "id"
        return f"urn:epc:{kind}:{scheme.name}:{body}.{escape_for_urn(serial)}"
    if scheme.serial.absent is not None:
        return f"urn:epc:id:{scheme.name}:{body}.{scheme.serial.absent}"
    return f"urn:epc:idpat:{scheme.name}:{body}.*"
