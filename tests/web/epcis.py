"""Small documents and events for the service, and how a test waits for a job."""

from __future__ import annotations

import time
from typing import Any

import msgspec

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
JSON = {"Content-Type": "application/json"}
WAIT_S = 60.0


def event(number: int = 1, **more: Any) -> dict[str, Any]:
    """A valid event; another number gives another event, on another thing."""
    return {
        "type": "ObjectEvent",
        "eventTime": f"2026-01-31T10:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventTimeZoneOffset": "+05:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": [f"urn:epc:id:sgtin:0614141.107346.{number}"],
        "readPoint": {"id": "urn:epc:id:sgln:0012345.11111.400"},
        **more,
    }


def alone(number: int = 1, **more: Any) -> bytes:
    """An event outside of any document."""
    return msgspec.json.encode({"@context": CONTEXT, **event(number, **more)})


def document(*events: dict[str, Any], **more: Any) -> bytes:
    """An EPCIS document of these events."""
    return msgspec.json.encode(
        {
            "@context": CONTEXT,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-01-31T12:00:00Z",
            "epcisBody": {"eventList": list(events)},
            **more,
        }
    )


def captured(client: Any, body: bytes, **headers: str) -> dict[str, Any]:
    """Send a document, wait for its job to end, and give the job."""
    answer = client.post("/capture", content=body, headers={**JSON, **headers})
    assert answer.status_code == 202, answer.text
    return ended(client, answer.headers["Location"])


def ended(client: Any, location: str) -> dict[str, Any]:
    """A job once it has ended."""
    until = time.monotonic() + WAIT_S
    while True:
        job: dict[str, Any] = client.get(location).json()
        if not job["running"]:
            return job
        assert time.monotonic() < until, f"the job still runs: {job}"
        time.sleep(0.01)


def eventlist(answer: Any) -> list[dict[str, Any]]:
    """The events of a query document."""
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return found


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, which must be of this status and code."""
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].startswith("epcisException:")
    assert problem["title"]
    assert problem["detail"]
    return problem
