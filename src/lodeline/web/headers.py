"""GS1's own headers: what the service says of itself, and what it does with what a caller says.

Source: GS1 EPCIS 2.0, REST bindings (OpenAPI), headers and discovery.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lodeline.errors import RequestError
from lodeline.version import __version__

if TYPE_CHECKING:
    from litestar import Request

    from lodeline.web.settings import Settings

VERSION = "2.0.0"
OLDEST_CAPTURED = "1.2.0"
"""The oldest EPCIS that is read; only 2.0 is written."""
EXTENSIONS = "lode=https://lodeline.org/epcis/1/"
EPC_FORMATS = ("No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates")
CBV_FORMATS = ("No_Preference", "Always_Web_URI", "Always_URN", "Never_Translates")
BEHAVIOURS = ("rollback", "proceed")

_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}")
_EXTENSION = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*=\s*([A-Za-z][A-Za-z0-9+.-]*:[^\s,]+)\s*", re.ASCII)

EVERY_ANSWER = {
    "GS1-EPCIS-Version": VERSION,
    "GS1-CBV-Version": VERSION,
    "GS1-Extensions": EXTENSIONS,
    "GS1-Vendor-Version": f"lodeline-{__version__}",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Headers of each answer, refusals too."""

DISCOVERY = {
    "GS1-EPCIS-Min": VERSION,
    "GS1-EPCIS-Max": VERSION,
    "GS1-CBV-Min": VERSION,
    "GS1-CBV-Max": VERSION,
    "GS1-EPC-Format": "No_Preference",
    "GS1-CBV-XML-Format": "No_Preference",
}
"""What OPTIONS says besides."""


def capture_discovery(settings: Settings) -> dict[str, str]:
    """What OPTIONS says of capturing: its limits and what happens on an error."""
    return {
        "GS1-EPCIS-Min": OLDEST_CAPTURED,
        "GS1-EPCIS-Capture-Limit": str(settings.capture_events),
        "GS1-EPCIS-Capture-File-Size-Limit": str(settings.capture_bytes),
        "GS1-Capture-Error-Behaviour": "all",
    }


def check_versions(request: Request[Any, Any, Any]) -> None:
    """Refuse a caller who cannot read what is answered, or sends what is not read; run before every handler.

    Raises:
        RequestError: ``http.version``, ``http.header``.
    """
    for family in ("EPCIS", "CBV"):
        low = _version(request, f"GS1-{family}-Min")
        high = _version(request, f"GS1-{family}-Max")
        ours = _numbers(VERSION)
        if (low is not None and low > ours) or (high is not None and high < ours):
            raise RequestError(
                "http.version",
                f"Answers are {family} {VERSION}, which lies outside of what GS1-{family}-Min and -Max ask for.",
            )
        sent = _version(request, f"GS1-{family}-Version")
        if sent is not None and not _numbers("1.2.0" if family == "EPCIS" else "1.0.0") <= sent <= ours:
            raise RequestError(
                "http.version", f"{family} up to {VERSION} is read here, not what GS1-{family}-Version says."
            )
    for header, allowed in (("GS1-EPC-Format", EPC_FORMATS), ("GS1-CBV-XML-Format", CBV_FORMATS)):
        said = request.headers.get(header)
        if said is not None and said not in allowed:
            raise RequestError("http.header", f"{header} is one of {', '.join(allowed)}.", header=header)


def error_behaviour(request: Request[Any, Any, Any]) -> str:
    """What to do with a document of which some events are refused: ``rollback`` (also where nothing is said) or
    ``proceed``.

    Raises:
        RequestError: ``http.error_behaviour``.
    """
    said = request.headers.get("GS1-Capture-Error-Behaviour", "rollback")
    if said not in BEHAVIOURS:
        raise RequestError("http.error_behaviour", "GS1-Capture-Error-Behaviour is rollback or proceed.", header=said)
    return said


def extensions(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The prefixes that GS1-Extensions binds (``ex=http://ns.example.com/epcis/``), by prefix.

    What is not of that form binds nothing; a query that needs the prefix is then refused by its own code.
    """
    bound = {}
    for part in ",".join(request.headers.getall("GS1-Extensions", [])).split(","):
        if found := _EXTENSION.fullmatch(part):
            bound[found[1]] = found[2]
    return bound


def _version(request: Request[Any, Any, Any], header: str) -> tuple[int, ...] | None:
    said = request.headers.get(header)
    if said is None:
        return None
    if not _VERSION.fullmatch(said):
        raise RequestError("http.header", f"{header} is a version such as {VERSION}.", header=header)
    return _numbers(said)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in version.split("."))
    return numbers + (0,) * (4 - len(numbers))
