"""Metal in EPCIS: constructors of events, and the document that wraps them.

Every constructor gives an event that GS1's schema allows. Numbers are Decimal, instants carry their UTC offset, and
units, basis and uncertainty have no default: None says that nobody has given them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lodeline.record.metal_act import Act, Amount, Event, timestamp
from lodeline.record.metal_lots import (
    Loss,
    Made,
    lot_arises,
    lot_collected,
    lot_ended,
    lot_mined,
    split,
    transformation,
)
from lodeline.record.metal_moves import (
    End,
    correction,
    ownership_change,
    pack,
    receipt,
    shipment,
    unpack,
)
from lodeline.record.metal_readings import (
    Certificate,
    Reading,
    Result,
    assay,
    moisture,
    sampling,
    stocktake,
    weighing,
)
from lodeline.record.metal_vocabulary import NAMESPACE, PREFIX, TERMS, Term

GS1_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
CONTEXT: tuple[Any, ...] = (GS1_CONTEXT, {PREFIX: NAMESPACE})
"""The ``@context`` of a document of ours: GS1's, and our prefix."""


def document(events: Sequence[Event], *, created: datetime) -> dict[str, Any]:
    """The events as an EPCIS 2.0 document.

    Args:
        events: In the order in which they shall be recorded.
        created: When the document is made, with UTC offset.

    Raises:
        RecordError: ``event.time_naive``.
    """
    return {
        "@context": [GS1_CONTEXT, {PREFIX: NAMESPACE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": timestamp(created, field="created"),
        "epcisBody": {"eventList": list(events)},
    }


__all__ = [
    "CONTEXT",
    "GS1_CONTEXT",
    "NAMESPACE",
    "PREFIX",
    "TERMS",
    "Act",
    "Amount",
    "Certificate",
    "End",
    "Event",
    "Loss",
    "Made",
    "Reading",
    "Result",
    "Term",
    "assay",
    "correction",
    "document",
    "lot_arises",
    "lot_collected",
    "lot_ended",
    "lot_mined",
    "moisture",
    "ownership_change",
    "pack",
    "receipt",
    "sampling",
    "shipment",
    "split",
    "stocktake",
    "transformation",
    "unpack",
    "weighing",
]
