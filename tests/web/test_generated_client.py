"""A stranger's client: generated from GS1's own OpenAPI, it captures, asks, names a query and is told of events.

Nothing of lodeline's is in it. GS1's document is read from the outside cases and repaired only where the generator
cannot read it (`REPAIRS`); what is generated lies in a temporary folder and is never kept.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lodeline.book import create
from tests.outside import CASES, needs_cases
from tests.record import epcis_cases
from tests.web.receiver import receiver
from tests.web.serving import served

pytestmark = [needs_cases, pytest.mark.cases, pytest.mark.slow]

VERSION_SCHEMAS = (
    "GS1-EPCIS-Version",
    "GS1-EPCIS-Min",
    "GS1-EPCIS-Max",
    "GS1-CBV-Version",
    "GS1-CBV-Min",
    "GS1-CBV-Max",
)
NO_OBJECT = "a text with an example is written as allOf, which the generator takes of objects only"
REPAIRS = {
    **dict.fromkeys(VERSION_SCHEMAS, NO_OBJECT),
    "GS1-Extensions": "a header is typed as an object; it is sent as text",
}
"""What is repaired in GS1's document, by schema, each to ``{"type": "string"}``, and why."""

SECRET = "13df38d8275b13f05704629e5f1cf3d45d6132d5"


def repaired() -> dict[str, Any]:
    """GS1's OpenAPI with the repairs, and one slip put right; each must still be needed."""
    openapi: dict[str, Any] = json.loads((CASES / "epcis" / "spec" / "openapi.json").read_text())
    schemas = openapi["components"]["schemas"]
    for name in REPAIRS:
        assert schemas[name].get("type") != "string", f"{name} needs no repair any more"
        schemas[name] = {"type": "string"}
    conflict = openapi["components"]["responses"]["409ResourceAlreadyExistsException"]["content"]
    for form in conflict.values():
        # A slip of GS1's: the answer 409 says in its body that it is a 406, and a generated client believes it.
        status = form["schema"]["allOf"][0]["properties"]["status"]
        assert status["enum"] == [406]
        status |= {"enum": [409], "default": 409}
    return openapi


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> ModuleType:
    """The generated package."""
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "openapi.json").write_text(json.dumps(repaired()))
    generator = Path(sys.executable).with_name("openapi-python-client")
    done = subprocess.run(
        [str(generator), "generate", "--path", "openapi.json", "--meta", "none", "--output-path", "strangers_epcis"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "parsing" not in done.stdout + done.stderr, "an operation was left out"
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("strangers_epcis")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == "strangers_epcis"]:
            del sys.modules[name]


@pytest.fixture
def server(tmp_path):
    book = tmp_path / "book.db"
    create(book, title="A stranger's", by="founder").close()
    with served(book, "--allow-inward", "127.0.0.1") as running:
        yield running


class Stranger:
    """Calls of the generated client by their place in it."""

    def __init__(self, made: ModuleType, url: str) -> None:
        self._name = made.__name__
        self.client = self.part("client").Client(base_url=url, raise_on_unexpected_status=True)

    def part(self, path: str) -> Any:
        return importlib.import_module(f"{self._name}.{path}")

    def model(self, name: str) -> Any:
        return getattr(self.part("models"), name)

    def call(self, operation: str, *path: str, **arguments: Any) -> Any:
        return self.part(f"api.{operation}").sync_detailed(*path, client=self.client, **arguments)

    def captured(self, document: dict[str, Any]) -> Any:
        """Capture a document as the generated model writes it, and poll its job to its end."""
        answer = self.call("capture.post_capture", body=self.model("EpcisDocument").from_dict(document))
        assert answer.status_code == 202, answer.content
        job_id = answer.headers["Location"].rpartition("/")[2]
        give_up = time.monotonic() + 30
        while (job := self.call("capture.get_capture_capture_id", job_id).parsed).running:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        return job


def shipping(number: int) -> dict[str, Any]:
    """A document with one shipment, valid by GS1's schema."""
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-10-02T08:00:00+00:00",
        "epcisBody": {
            "eventList": [
                {
                    "type": "ObjectEvent",
                    "eventTime": f"2025-10-02T08:{number:02d}:00+05:00",
                    "eventTimeZoneOffset": "+05:00",
                    "action": "OBSERVE",
                    "bizStep": "shipping",
                    "epcList": [f"urn:epc:id:sgtin:0614141.107346.{number}"],
                    "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"},
                }
            ]
        },
    }


def test_a_strangers_client_captures_asks_and_is_told(made, server):
    stranger = Stranger(made, server.url)
    job = stranger.captured(shipping(1))
    assert (job.running, job.success) == (False, True), job

    asked = stranger.call("top_level.get_events", eq_biz_step=["shipping"], event_type=["ObjectEvent"], per_page=10)
    assert asked.status_code == 200
    results = asked.parsed.epcis_body.query_results
    assert [event.epc_list for event in results.results_body.event_list] == [
        ["https://id.gs1.org/01/10614141073464/21/1"]
    ]
    as_sent = stranger.call("top_level.get_events", gs1_epc_format=stranger.model("GS1EPCFormat").NO_PREFERENCE)
    (event,) = as_sent.parsed.epcis_body.query_results.results_body.event_list
    assert event.epc_list == ["urn:epc:id:sgtin:0614141.107346.1"]

    query = stranger.model("EPCISEventsQuery").from_dict({"EQ_bizStep": ["shipping"]})
    body = stranger.model("QueryDefinition")(name="shipments", query=query)
    named = stranger.call("queries.post_queries", body=body)
    assert (named.status_code, named.headers["Location"]) == (201, "/queries/shipments")
    assert stranger.call("queries.post_queries", body=body).status_code == 409
    assert [each.name for each in stranger.call("queries.get_queries").parsed] == ["shipments"]
    kept = stranger.call("queries.get_queries_query_name", "shipments").parsed
    assert [each.query.to_dict() for each in kept] == [{"EQ_bizStep": ["shipping"]}]
    run = stranger.call("queries.get_queries_query_name_events", "shipments").parsed
    assert len(run.epcis_body.query_results.results_body.event_list) == 1

    with receiver() as hook:
        wish = stranger.model("PostQueriesQueryNameSubscriptionsBody")(dest=hook.url, signature_token=SECRET)
        wish["stream"] = True
        subscribed = stranger.call("queries.post_queries_query_name_subscriptions", "shipments", body=wish)
        assert subscribed.status_code == 201, subscribed.content
        subscription_id = subscribed.parsed.subscription_id
        assert SECRET.encode() not in subscribed.content

        assert stranger.captured(shipping(2)).success
        (told,) = hook.wait(1)
        _is_signed(told)
        document = stranger.model("EpcisQueryDocument").from_dict(told.document)
        assert document.epcis_body.query_results.subscription_id == subscription_id
        assert document.epcis_body.query_results.query_name == "shipments"
        (event,) = document.epcis_body.query_results.results_body.event_list
        assert event.epc_list == ["https://id.gs1.org/01/10614141073464/21/2"]
        assert epcis_cases.oracle().is_valid(told.document)

        listed = stranger.call("queries.get_queries_query_name_subscriptions", "shipments").parsed
        assert [each.subscription_id for each in listed] == [subscription_id]
        path = ("shipments", subscription_id)
        one = stranger.call("queries.get_queries_query_name_subscriptions_subscription_id", *path)
        assert one.status_code == 200
        assert stranger.call("queries.unsubscribe", *path).status_code == 204
        assert stranger.call("queries.get_queries_query_name_subscriptions_subscription_id", *path).status_code == 404
        assert stranger.captured(shipping(3)).success
        time.sleep(0.6)
        assert len(hook.got) == 1
    assert stranger.call("queries.delete_queries_query_name", "shipments").status_code == 204


def test_a_strangers_schedule_is_kept(made, server):
    stranger = Stranger(made, server.url)
    query = stranger.model("EPCISEventsQuery").from_dict({"eventType": ["ObjectEvent"]})
    stranger.call("queries.post_queries", body=stranger.model("QueryDefinition")(name="nightly", query=query))
    with receiver() as hook:
        wish = stranger.model("PostQueriesQueryNameSubscriptionsBody")(dest=hook.url)
        wish["schedule"] = {"second": "*"}
        wish["reportIfEmpty"] = True
        subscribed = stranger.call("queries.post_queries_query_name_subscriptions", "nightly", body=wish)
        assert subscribed.status_code == 201, subscribed.content
        assert subscribed.parsed["schedule"] == {"second": "*"}
        assert hook.wait(2)[0].events == []


def test_a_stranger_is_told_what_is_wrong(made, server):
    stranger = Stranger(made, server.url)
    query = stranger.model("EPCISEventsQuery").from_dict({})
    stranger.call("queries.post_queries", body=stranger.model("QueryDefinition")(name="all", query=query))
    wish = stranger.model("PostQueriesQueryNameSubscriptionsBody")(dest="https://169.254.169.254/")
    wish["stream"] = True
    module = stranger.part("api.queries.post_queries_query_name_subscriptions")
    quiet = stranger.part("client").Client(base_url=server.url)
    refused = module.sync_detailed("all", client=quiet, body=wish)
    assert refused.status_code == 400
    assert json.loads(refused.content)["type"] == "epcisException:SubscriptionControlsException"
    missing = stranger.call("queries.get_queries_query_name_events", "none")
    assert missing.status_code == 404
    assert missing.parsed.type_.value == "epcisException:NoSuchNameException"


def _is_signed(told: Any) -> None:
    """Checked as a receiver would who knows nothing but the documents: HMAC with SHA-256 over the body."""
    wanted = hmac.new(SECRET.encode(), told.body, hashlib.sha256).hexdigest()
    assert told.headers["gs1-signature"] == f"sha256={wanted}"
