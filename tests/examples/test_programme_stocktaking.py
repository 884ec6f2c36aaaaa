"""Stock-takes of the synthetic programme: of what lies there, and never of a lot that is still coming in."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from lodeline.examples.programme import programme
from lodeline.record.codec import decode


def test_a_lot_is_not_counted_while_one_of_its_loads_is_still_booked_in():
    """In this programme a lot came in two trucks, and the second was all in before the last part of the first was."""
    loads = defaultdict(list)
    counts = []
    for document in programme(2_000, seed=1714379433, faults=()).epcis_documents():
        for event in decode(document)["epcisBody"]["eventList"]:
            if event.get("bizStep") not in ("receiving", "stock_taking") or "quantityList" not in event:
                continue  # of a store, if it is a count: that names no lot
            at, lot = datetime.fromisoformat(event["eventTime"]), event["quantityList"][0]["epcClass"]
            if event["bizStep"] == "stock_taking":
                counts.append((lot, at))
            else:
                loads[lot, event["bizTransactionList"][0]["bizTransaction"]].append(at)

    open_at = [
        (lot, at) for lot, at in counts for (one, _), came in loads.items() if one == lot and min(came) < at < max(came)
    ]
    assert len(counts) > 50
    assert open_at == []
