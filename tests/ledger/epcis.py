"""Small EPCIS documents for ledger tests: valid, and told apart by a number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from lodeline.record.document import SpooledDocument, spool

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"ex": "https://example.org/terms/"}]
LOT = "urn:epc:class:lgtin:4012345.012345.Lot"
"""A lot's id, up to its number."""


def event(number: int, **changed: Any) -> dict[str, Any]:
    """A shipping event of lot ``number``; what is given changes or, as None, takes away a field."""
    whole = {
        "type": "ObjectEvent",
        "eventTime": f"2025-10-02T{number % 24:02d}:{number // 24 % 60:02d}:00.{number // 1440 % 1000:03d}+05:00",
        "eventTimeZoneOffset": "+05:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "quantityList": [{"epcClass": f"{LOT}{number}", "quantity": 1000, "uom": "KGM"}],
        "readPoint": {"id": f"https://example.org/site/{number % 3}"},
        "ex:note": f"number {number}",
    } | changed
    return {name: value for name, value in whole.items() if value is not None}


def declared(original: dict[str, Any], reason: str = "incorrect_data", **more: Any) -> dict[str, Any]:
    """The same event, declared to be in error."""
    declaration = {"declarationTime": "2025-10-05T08:00:00.000Z", "reason": reason, **more}
    return original | {"errorDeclaration": declaration}


def document(events: Iterable[dict[str, Any]], *, context: Any = CONTEXT, **changed: Any) -> bytes:
    """An EPCIS document that holds the events."""
    whole = {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-10-02T08:00:00.000Z",
        "epcisBody": {"eventList": list(events)},
    } | changed
    return json.dumps(whole).encode()


def spooled(events: Iterable[dict[str, Any]], **changed: Any) -> SpooledDocument:
    """A document of the events, spooled."""
    return spool(BytesIO(document(events, **changed)))
