"""Events as the service answers them: an EPCIS query document in the form and spelling the caller asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from litestar import Request, Response

from lodeline.book.results import query_document, result_event
from lodeline.book.results_xml import query_document_xml
from lodeline.book.spelling import Spelling, spell_event, spelled
from lodeline.errors import RequestError
from lodeline.web.negotiation import JSON, LD_JSON, XML, accepted
from lodeline.web.serving import serving

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredEvent

EVENT_FORMS = (JSON, LD_JSON, XML)

SPELLINGS: dict[str | None, Spelling] = {
    None: "digital_link_where_possible",
    "Always_GS1_Digital_Link": "digital_link",
    "Always_EPC_URN": "urn",
    "No_Preference": "as_recorded",
    "Never_Translates": "as_recorded",
}
"""By GS1-EPC-Format; GS1 says what holds without one."""


def spelling(request: Request[Any, Any, Any]) -> Spelling:
    """How identifiers are to be spelled in the answer."""
    return SPELLINGS[request.headers.get("GS1-EPC-Format")]


def event_form(request: Request[Any, Any, Any]) -> str:
    """The media type that events are answered in.

    Raises:
        RequestError: ``http.not_acceptable``; ``http.cbv_format``: XML writes CBV's words as URNs.
    """
    media_type = accepted(request, EVENT_FORMS)
    words = request.headers.get("GS1-CBV-XML-Format", "No_Preference")
    if media_type == XML and words not in ("No_Preference", "Always_URN"):
        raise RequestError(
            "http.cbv_format", "Words are URNs in XML here; ask with GS1-CBV-XML-Format: Always_URN, or for JSON."
        )
    return media_type


async def events_answer(
    request: Request[Any, Any, Any],
    events: Sequence[StoredEvent],
    *,
    query_name: str,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """A query document with these events.

    Raises:
        RequestError: ``http.not_acceptable``, ``http.epc_format``.
    """
    media_type = event_form(request)
    held, how = serving(request), spelling(request)
    prefixes = held.settings.company_prefixes

    def write() -> bytes:
        written = [result_event(event, lambda said: spell_event(said, how, prefixes)) for event in events]
        as_document = query_document_xml if media_type == XML else query_document
        return as_document(written, created=held.settings.clock(), query_name=query_name)

    return Response(await held.off_loop(write), media_type=media_type, headers=headers or {})


def spelled_all(request: Request[Any, Any, Any], identifiers: Sequence[str]) -> list[str]:
    """Identifiers of a collection, spelled as asked, each once.

    Raises:
        RequestError: ``http.epc_format``.
    """
    how, prefixes = spelling(request), serving(request).settings.company_prefixes
    return list(dict.fromkeys(spelled(identifier, how, prefixes) for identifier in identifiers))
