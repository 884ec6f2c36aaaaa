"""Events as the service answers them: an EPCIS query document in the form and spelling the caller asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from litestar import Request, Response

from lodeline.book.results import query_document, result_event
from lodeline.book.spelling import Spelling, spell_event, spelled
from lodeline.web.negotiation import JSON, LD_JSON, accepted
from lodeline.web.serving import serving

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredEvent

EVENT_FORMS = (JSON, LD_JSON)

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
    media_type = accepted(request, EVENT_FORMS)
    held, how = serving(request), spelling(request)
    prefixes = held.settings.company_prefixes

    def write() -> bytes:
        written = [result_event(event, lambda said: spell_event(said, how, prefixes)) for event in events]
        return query_document(written, created=held.settings.clock(), query_name=query_name)

    return Response(await held.off_loop(write), media_type=media_type, headers=headers or {})


def spelled_all(request: Request[Any, Any, Any], identifiers: Sequence[str]) -> list[str]:
    """Identifiers of a collection, spelled as asked, each once.

    Raises:
        RequestError: ``http.epc_format``.
    """
    how, prefixes = spelling(request), serving(request).settings.company_prefixes
    return list(dict.fromkeys(spelled(identifier, how, prefixes) for identifier in identifiers))
