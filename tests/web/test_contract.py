"""Requests drawn from GS1's OpenAPI, and from our own, to a real server: every answer is one that they describe.

What is left out of GS1's, and why, stands in ``docs/reference/http.md``; what is said there of the document is done
here in `restricted`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from lodeline.book import create
from lodeline.web.app import create_app
from lodeline.web.openapi import document as openapi_document
from lodeline.web.settings import Settings
from tests.outside import CASES, needs_cases
from tests.web.epcis import JSON, alone, captured, document, event
from tests.web.served import served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
"""Not ``negative_data_rejection`` and ``positive_data_acceptance``: a document is taken in before its events are
judged, and GS1's OpenAPI draws events that GS1's own JSON schema refuses (identifiers, offsets, words). That what reads
is taken as GS1 draws it is `test_every_way_of_reading_that_gs1_describes_is_taken`."""

FEW = settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    database=None,
    # Not Phase.explicit: it makes thousands of bodies out of the examples of every member of an event.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

OURS = openapi_document(create_app("unused.db", settings=Settings()), title="Ours")

REFUSALS = (400, 404, 405, 406, 408, 409, 413, 414, 415, 429)


def restricted(spec: dict[str, Any]) -> dict[str, Any]:
    """GS1's OpenAPI as far as it can be held to; see the docstring of this file."""
    spec = copy.deepcopy(spec)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/RFC7807ProblemResponseBody"}}}
    for item in spec["paths"].values():
        for method, operation in item.items():
            if method not in ("get", "post", "delete", "options"):
                continue
            for status in REFUSALS:
                operation["responses"].setdefault(str(status), {"description": "Refused", "content": problem})
    # What GS1 gives as an example of a path is in the book; something else is not.
    for parameter in spec["components"]["parameters"].values():
        if parameter["in"] == "path" and "example" in parameter:
            parameter["schema"] = {"type": "string", "enum": [parameter["example"], "urn:example:none"]}
    # 400 of subscriptions is said to be application/json; every problem is application/problem+json.
    spec["components"]["responses"]["400SubscriptionIssues"]["content"] = problem
    # Schedules have patterns that only PCRE reads, and with them a GET asks for a websocket.
    schedule = [f"GS1-Query-{part}" for part in ("Second", "Minute", "Hour", "DayOfMonth", "Month", "DayOfWeek")]
    websocket = {
        *schedule,
        "GS1-Query-Stream",
        "GS1-Query-ReportIfEmpty",
        "GS1-Query-InitialRecordTime",
        "Upgrade",
        "Connection",
    }
    for name in schedule:
        spec["components"]["schemas"][name] = {"type": "string", "pattern": "^[0-9]+$"}
    events = spec["paths"]["/queries/{queryName}/events"]["get"]
    events["parameters"] = [each for each in events["parameters"] if each["$ref"].rsplit("/", 1)[-1] not in websocket]
    # Names and values in one header line (ex=http://…,…): the checker reads each header as a text.
    spec["components"]["schemas"]["GS1-Extensions"] = {"type": "string", "pattern": "^[a-z]+=[a-z]+:[!-~]+$"}
    # A Link header holds a URI and is none: GS1's own example breaks its format.
    del spec["components"]["schemas"]["Link"]["format"]
    # "errors" or "errorFile" is meant; "oneOf" of two schemas that demand nothing fits no job at all.
    job = spec["components"]["schemas"]["CaptureJob"]["allOf"]
    job[1] = {"anyOf": job[1]["oneOf"]}
    return spec


def gs1() -> dict[str, Any]:
    path = CASES / "epcis/spec/openapi.json"
    if not path.is_file():
        return {"openapi": "3.0.3", "info": {"title": "GS1's is not here", "version": "0"}, "paths": {}}
    return restricted(msgspec.json.decode(path.read_bytes()))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose book holds what GS1's examples ask for."""
    book = tmp_path_factory.mktemp("contract") / "book.db"
    create(book, title="Contract", by="founder").close()
    with served(book) as server:
        there = {"bizLocation": {"id": "urn:epc:id:sgln:0012345.11111.0"}, "disposition": "in_progress"}
        lots = {"epcList": ["urn:epc:id:sgtin:0614141.107346.2018"], "bizStep": "receiving"}
        assert server.client.post("/events", content=alone(1, **there, **lots), headers=JSON).status_code == 201
        captured(server.client, document(*(event(number) for number in range(40))))
        yield str(server.client.base_url)


NEVER_DRAWN = (
    "NextPageToken", "orderBy", "orderDirection", "eventCountLimit", "maxEventCount", "EQ_transformationID",
)  # fmt: skip
"""A token is made by us. Order and counts go together by rules that GS1 gives in words, and it gives any text for what
its words say is a URI."""
MANY = settings(FEW, max_examples=25)


def readable(spec: dict[str, Any]) -> dict[str, Any]:
    """What reads, of `gs1`, with what GS1 says in words written as schemas: a page has one event or more."""
    if "components" not in spec:
        return spec
    spec["components"]["schemas"]["PerPage"]["minimum"] = 1
    for path, item in spec["paths"].items():
        spec["paths"][path] = {
            method: operation for method, operation in item.items() if method in ("get", "parameters")
        }
        if "get" in item:
            item["get"]["parameters"] = [
                each
                for each in item["get"].get("parameters", ())
                if each.get("$ref", "").rsplit("/", 1)[-1] not in NEVER_DRAWN
            ]
    return spec


read_schema = schemathesis.openapi.from_dict(readable(gs1()))
read_schema.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
gs1_schema = schemathesis.openapi.from_dict(gs1())
our_schema = schemathesis.openapi.from_dict(OURS)


@needs_cases
@pytest.mark.slow
@gs1_schema.parametrize()
@FEW
def test_every_answer_is_one_that_gs1s_openapi_describes(case: schemathesis.Case, base: str):
    case.call_and_validate(base_url=base, checks=CHECKS)


@pytest.mark.slow
@our_schema.parametrize()
@FEW
def test_every_answer_is_one_that_our_own_openapi_describes(case: schemathesis.Case, base: str):
    case.call_and_validate(base_url=base, checks=CHECKS)


@needs_cases
@pytest.mark.slow
@read_schema.parametrize()
@MANY
def test_every_way_of_reading_that_gs1_describes_is_taken(case: schemathesis.Case, base: str):
    """404 where the path names nothing, 406 where the versions asked for are others; but nothing is called wrong."""
    answer = case.call_and_validate(base_url=base, checks=CHECKS)

    assert answer.status_code in (200, 404, 406), answer.text
