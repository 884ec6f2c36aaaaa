"""Other people's EPCIS is read without falling over, and what it says about lots is a fact or a finding."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from lodeline.errors import RecordError
from lodeline.metal.facts import facts
from lodeline.metal.holdings import figures
from lodeline.metal.interpret import interpret
from lodeline.record.codec import decode
from lodeline.record.context import Context
from tests.metal.small_book import SeenHere
from tests.outside import CASES, needs_cases

LOT_FIELDS = ("epcList", "quantityList", "inputQuantityList", "outputQuantityList", "childEPCs", "childQuantityList")


def documents() -> Iterator[tuple[Path, Any]]:
    for path in sorted((CASES / "epcis").rglob("*.json*")):
        if "spec" in path.parts or "Invalid" in str(path):
            continue
        try:
            value = decode(path.read_bytes())
        except RecordError:
            continue
        if isinstance(value, dict):
            yield path, value


def events() -> Iterator[SeenHere]:
    number = 0
    for _, document in documents():
        body = document.get("epcisBody", {})
        listed = body.get("eventList") or body.get("queryResults", {}).get("resultsBody", {}).get("eventList") or []
        for event in [*listed, *([document] if "eventTime" in document else [])]:
            number += 1
            yield SeenHere(number, f"h{number}", event, Context.parse(document.get("@context")))


@needs_cases
def test_every_event_of_the_cases_is_read() -> None:
    read = [event for event in events() if isinstance(event.event, dict)]
    assert len(read) > 90

    found = facts(read, ())
    assert len(found.lots) > 30
    assert json.dumps([finding.sentence for finding in found.findings])


@needs_cases
def test_an_event_that_names_lots_is_never_without_fact_or_finding() -> None:
    """Save those that only look at what is there, which neither move nor measure anything."""
    looking = {"inspecting", "sampling", "stock_taking", "sensor_reporting", "holding", "storing"}
    for seen in events():
        stated, found = interpret(seen)
        step = str(seen.event.get("bizStep", "")).rpartition("-")[2].rpartition(":")[2]
        aggregated = seen.event.get("type") == "AggregationEvent" and seen.event.get("action") == "OBSERVE"
        if any(seen.event.get(field) for field in LOT_FIELDS) and step not in looking and not aggregated:
            assert stated or found, seen.event


def test_a_number_beyond_any_scale_breaks_no_figure() -> None:
    """The record allows 1e308; a figure that overflowed would take the whole report with it."""
    event: dict[str, Any] = {
        "type": "ObjectEvent",
        "action": "ADD",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "quantityList": [{"epcClass": "urn:example:lot", "quantity": Decimal("1E+300"), "uom": "KGM"}],
    }
    found = facts([SeenHere(1, "h1", event)], ())
    assert "metal.mass_impossible" in {finding.code for finding in found.findings}
    assert found.holdings[0].mass.kg is None

    event["quantityList"][0]["quantity"] = Decimal("1E-324")
    assert figures(facts([SeenHere(1, "h1", event)], ()).holdings[0])["mass"].value == 0.0
