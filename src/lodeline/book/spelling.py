"""Identifiers as a reader asks for them: EPC URNs, GS1 Digital Links, or as they were recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from lodeline.errors import IdError, RequestError
from lodeline.ids.digital_link import parse_link
from lodeline.ids.epc import to_digital_link, to_urn

Spelling = Literal["as_recorded", "digital_link", "digital_link_where_possible", "urn"]

_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_PLACES = ("readPoint", "bizLocation")
_NAMED = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}


def spelled(identifier: str, how: Spelling, prefixes: Sequence[str]) -> str:
    """One identifier in the spelling asked for. What is neither an EPC URN nor a Digital Link stays as it is.

    Args:
        prefixes: GS1 company prefixes: a Digital Link does not tell where its company prefix ends.

    Raises:
        RequestError: ``http.epc_format``: this one has no such spelling, or its company prefix is not known.
    """
    if how in ("digital_link", "digital_link_where_possible") and identifier.startswith("urn:epc:"):
        try:
            return to_digital_link(identifier)
        except IdError as none:
            if how == "digital_link_where_possible":
                return identifier
            raise RequestError(
                "http.epc_format",
                "This identifier has no GS1 Digital Link; ask with GS1-EPC-Format: No_Preference.",
                identifier=identifier,
            ) from none
    if how == "urn" and identifier[:4].lower() == "http" and parse_link(identifier) is not None:
        return _urn(identifier, prefixes)
    return identifier


def _urn(link: str, prefixes: Sequence[str]) -> str:
    for prefix in prefixes:
        try:
            urn = to_urn(link, company_prefix_length=len(prefix))
        except IdError:
            # Of another length, or no key that has an EPC URN: then no prefix fits.
            continue
        if urn.split(":", 4)[4].startswith(f"{prefix}."):
            return urn
    raise RequestError(
        "http.epc_format",
        "This Digital Link cannot be written as an EPC URN: its company prefix is not among those the service was "
        "started with (--company-prefix), or it has none. Ask with GS1-EPC-Format: No_Preference.",
        identifier=link,
    )


def spell_event(event: dict[str, Any], how: Spelling, prefixes: Sequence[str]) -> dict[str, Any]:
    """An event with its objects, places, parties and transactions spelled as asked; everything else as it is.

    Raises:
        RequestError: ``http.epc_format``.
    """
    if how == "as_recorded":
        return event

    def one(identifier: Any) -> Any:
        return spelled(identifier, how, prefixes) if isinstance(identifier, str) else identifier

    changed = dict(event)
    for name in _LISTS:
        if name in event:
            changed[name] = [one(identifier) for identifier in event[name]]
    if "parentID" in event:
        changed["parentID"] = one(event["parentID"])
    for name in _QUANTITIES:
        if name in event:
            changed[name] = [{**element, "epcClass": one(element["epcClass"])} for element in event[name]]
    for name in _PLACES:
        if name in event:
            changed[name] = {**event[name], "id": one(event[name]["id"])}
    for name, member in _NAMED.items():
        if name in event:
            changed[name] = [{**element, member: one(element[member])} for element in event[name]]
    return changed
