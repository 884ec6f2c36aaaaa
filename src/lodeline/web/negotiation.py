"""Which form an answer takes, and which forms are read: ``Accept``, ``Content-Type``, ``Content-Encoding``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lodeline.errors import RequestError

if TYPE_CHECKING:
    from litestar import Request

    from lodeline.book.intake import Intake

JSON = "application/json"
LD_JSON = "application/ld+json"
XML = "application/xml"
TEXT_XML = "text/xml"
HTML = "text/html"


def accepted(request: Request[Any, Any, Any], offers: Sequence[str]) -> str:
    """The first of our forms that the caller likes best; the first of all where ``Accept`` says nothing.

    Raises:
        RequestError: ``http.not_acceptable``.

    Source: RFC 9110, section 12.5.1.
    """
    said = ",".join(request.headers.getall("accept", []))
    if not said.strip():
        return offers[0]
    ranges = [_range(part) for part in said.split(",") if part.strip()]
    best, best_q = None, 0.0
    for offer in offers:
        quality = _quality(offer, ranges)
        if quality > best_q:
            best, best_q = offer, quality
    if best is None:
        raise RequestError("http.not_acceptable", f"This is given as {', '.join(offers)}; Accept one of them.")
    return best


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = min(1.0, max(0.0, float(value)))
            except ValueError:
                quality = 0.0
    return name, quality


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    family = offer.partition("/")[0]
    # The most specific range decides, whatever its quality.
    for wanted in (offer, f"{family}/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def sent(request: Request[Any, Any, Any], reads: Sequence[str]) -> str:
    """The media type of the body.

    Raises:
        RequestError: ``http.media_type``, ``http.content_encoding``.
    """
    name, *parameters = (part.strip().lower() for part in _only(request, "content-type").split(";"))
    if name not in reads:
        raise RequestError("http.media_type", f"Send {', '.join(reads)}; say which in Content-Type.", media_type=name)
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset" and value.strip('" ') not in ("utf-8", "utf8", "us-ascii") and "xml" not in name:
            raise RequestError("http.media_type", "JSON is sent in UTF-8.", charset=value)
    encodings = ",".join(request.headers.getall("content-encoding", [])).lower().split(",")
    if any(encoding.strip() not in ("", "identity") for encoding in encodings):
        raise RequestError("http.content_encoding", "Send the body as it is, without a content encoding.")
    return name


def require_sent(found: Intake, media_type: str) -> None:
    """Refuse a body that is not what its Content-Type says.

    Raises:
        RequestError: ``http.media_type``.
    """
    if found.xml != (media_type in (XML, TEXT_XML)):
        there = "XML" if found.xml else "JSON"
        raise RequestError("http.media_type", f"The body is {there}, and Content-Type says {media_type}.", is_in=there)


def _only(request: Request[Any, Any, Any], header: str) -> str:
    """A header that is said once, or each time the same; empty where it is not.

    Raises:
        RequestError: ``http.media_type``.
    """
    said = set(request.headers.getall(header, []))
    if len(said) > 1:
        raise RequestError("http.media_type", f"{header} is said twice, and not the same; say it once.")
    return "".join(said)
