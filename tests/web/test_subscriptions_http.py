"""Named queries and subscriptions over HTTP, as GS1's OpenAPI says, by a server that a user would start."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from urllib.parse import quote

import httpx
import pytest

from lodeline.book import create
from tests.ledger.epcis import document, event
from tests.web.receiver import receiver
from tests.web.serving import LODELINE, served

INITIAL = "subscription.initial_record_time"
SHIPPED = {"eventType": ["ObjectEvent"], "EQ_bizStep": ["shipping"]}


@pytest.fixture(scope="module")
def tokens_and_server(tmp_path_factory):
    """One served book with a token for each role."""
    path = tmp_path_factory.mktemp("served") / "book.db"
    create(path, title="Served", by="founder").close()
    tokens = {}
    for who, role in (
        ("ann", "reader"),
        ("ben", "recorder"),
        ("eve", "reader"),
        ("aud", "auditor"),
        ("adm", "administrator"),
    ):
        done = subprocess.run(
            [str(LODELINE), "token", "create", str(path), "--who", who, "--role", role, "--json"],
            capture_output=True,
            text=True,
            check=True,
        )
        tokens[who] = json.loads(done.stdout)["token"]
    with served(path, "--allow-inward", "127.0.0.1") as server:
        yield tokens, server


@pytest.fixture
def as_(tokens_and_server):
    tokens, server = tokens_and_server
    clients = {who: server.client(token) for who, token in tokens.items()}
    yield lambda who: clients[who]
    for name in [each["name"] for each in clients["adm"].get("/queries?perPage=1000").json()]:
        assert clients["adm"].delete(f"/queries/{quote(name, safe='')}").status_code == 204
    for client in clients.values():
        client.close()


def capture(client: httpx.Client, *numbers: int, **changed) -> None:
    answer = client.post(
        "/capture",
        content=document(event(number, **changed) for number in numbers),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 202
    while client.get(answer.headers["Location"]).json()["running"]:
        time.sleep(0.02)


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    return answer.status_code, said["type"].removeprefix("epcisException:"), said["code"]


def test_a_named_query_is_kept_listed_asked_and_removed(as_):
    ann = as_("ann")
    made = ann.post("/queries", json={"name": "shipped", "query": SHIPPED})
    assert (made.status_code, made.headers["Location"], made.content) == (201, "/queries/shipped", b"")
    assert ann.get("/queries").json() == [{"name": "shipped", "query": SHIPPED}]
    assert ann.get("/queries/shipped").json() == [{"name": "shipped", "query": SHIPPED}]
    capture(as_("ben"), 101)
    capture(as_("ben"), 102, bizStep="receiving")
    asked = ann.get("/queries/shipped/events", headers={"GS1-EPC-Format": "No_Preference"})
    assert asked.status_code == 200
    results = asked.json()["epcisBody"]["queryResults"]
    assert results["queryName"] == "shipped"
    assert [each["ex:note"] for each in results["resultsBody"]["eventList"]] == ["number 101"]
    assert ann.delete("/queries/shipped").status_code == 204
    assert problem(ann.get("/queries/shipped")) == (404, "NoSuchNameException", "query.unknown_name")


def test_a_name_may_hold_anything_that_can_be_printed(as_):
    ann = as_("ann")
    for name in ("a/b", "100 % Kupfer", "спрос", "q?x=1#y", "%2F"):
        made = ann.post("/queries", json={"name": name, "query": SHIPPED})
        assert made.status_code == 201, name
        assert ann.get(made.headers["Location"]).json()[0]["name"] == name
        assert ann.get(made.headers["Location"] + "/events").status_code == 200
        assert ann.delete(made.headers["Location"]).status_code == 204


def test_a_name_is_given_once(as_):
    assert as_("ann").post("/queries", json={"name": "one", "query": SHIPPED}).status_code == 201
    again = as_("ann").post("/queries", json={"name": "one", "query": {}})
    assert problem(again) == (409, "ResourceAlreadyExistsException", "query.name_taken")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "query.body"),
        (b"[]", "query.body"),
        (b'{"name": "x"}', "query.body"),
        (b'{"name": "x", "query": [1]}', "query.body"),
        (b'{"name": "x", "query": {}, "more": 1}', "query.body"),
        (b'{"name": "x", "name": "y", "query": {}}', "query.body"),
        (b'{"query": {}}', "query.name"),
        (b'{"name": "", "query": {}}', "query.name"),
        (b'{"name": "..", "query": {}}', "query.name"),
        (b'{"name": " x", "query": {}}', "query.name"),
        (b'{"name": "a\\nb", "query": {}}', "query.name"),
        (b'{"name": "SimpleEventQuery", "query": {}}', "query.name"),
        (b'{"name": 7, "query": {}}', "query.name"),
        (json.dumps({"name": "x" * 201, "query": {}}).encode(), "query.name"),
        (b'{"name": "x", "query": {"EQ_nonsense": ["y"]}}', "query.unknown_parameter"),
        (b'{"name": "x", "query": {"EQ_ex:note": ["y"]}}', "query.unbound_prefix"),
    ],
)
def test_what_is_no_named_query_is_refused(as_, body, code):
    answer = as_("ann").post("/queries", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer)[0] == 400
    assert answer.json()["code"] == code
    assert as_("ann").get("/queries").json() == []


def test_prefixes_of_a_query_come_from_gs1_extensions(as_):
    made = as_("ann").post(
        "/queries",
        json={"name": "noted", "query": {"EQ_ex:note": ["number 203"]}},
        headers={"GS1-Extensions": "ex=https://example.org/terms/"},
    )
    assert made.status_code == 201
    capture(as_("ben"), 202, 203)
    found = as_("ann").get("/queries/noted/events").json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert [each["ex:note"] for each in found] == ["number 203"]


def test_queries_and_their_events_come_in_pages(as_):
    ann = as_("ann")
    for number in range(5):
        ann.post("/queries", json={"name": f"q{number}", "query": {"EQ_readPoint": ["https://example.org/site/0"]}})
    pages, path = [], "/queries?perPage=2"
    while path:
        answer = ann.get(path)
        pages.append([each["name"] for each in answer.json()])
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert pages == [["q0", "q1"], ["q2", "q3"], ["q4"]]
    capture(as_("ben"), 300, 303, 306)
    first = ann.get("/queries/q0/events?perPage=2")
    assert len(first.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2
    assert "GS1-Next-Page-Token-Expires" in first.headers
    assert ann.get(first.links["next"]["url"]).status_code == 200


def test_parameters_of_a_websocket_need_a_websocket(as_):
    as_("ann").post("/queries", json={"name": "q", "query": SHIPPED})
    for query in ("stream=true", "minute=5&hour=1", "reportIfEmpty=true", "initialRecordTime=2026-01-01T00:00:00Z"):
        answer = as_("ann").get(f"/queries/q/events?{query}")
        assert problem(answer) == (400, "SubscriptionControlsException", "subscription.needs_websocket")
    assert problem(as_("ann").get("/queries/q/events?EQ_bizStep=x"))[2] == "query.named"


def test_a_webhook_hears_of_events_and_can_be_looked_at_and_ended(as_):
    ann = as_("ann")
    ann.post("/queries", json={"name": "shipped", "query": SHIPPED})
    with receiver() as hook:
        made = ann.post(
            "/queries/shipped/subscriptions",
            json={"dest": hook.url, "signatureToken": "13df38d8275b13f05704629e5f1cf3d4", "stream": True},
        )
        assert made.status_code == 201
        said = made.json()
        assert made.headers["Location"].endswith(f"/queries/shipped/subscriptions/{said['subscriptionID']}")
        assert said["dest"] == hook.url
        assert said["stream"] is True
        assert said["state"] == "active"
        assert "createdAt" in said
        capture(as_("ben"), 401, 402)
        assert [each["ex:note"] for each in hook.wait(1)[0].events] == ["number 401", "number 402"]
        capture(as_("ben"), 403, bizStep="receiving")
        capture(as_("ben"), 404)
        hook.wait(2)
        assert hook.got[1].events[0]["ex:note"] == "number 404"
        later = _until(lambda: ann.get(made.headers["Location"]).json(), lambda now: "lastNotifiedAt" in now)
        assert later["subscriptionID"] == said["subscriptionID"]
        assert [each["subscriptionID"] for each in ann.get("/queries/shipped/subscriptions").json()] == [
            said["subscriptionID"]
        ]
        for shown in (made, ann.get(made.headers["Location"]), ann.get("/queries/shipped/subscriptions")):
            assert "13df38d8" not in shown.text
        offered = ann.options(made.headers["Location"])
        assert offered.status_code == 204
        assert set(offered.headers["Allow"].split(", ")) == {"OPTIONS", "GET", "DELETE"}
        assert "GS1-Query-Min-Record-Time" in offered.headers
        assert ann.delete(made.headers["Location"]).status_code == 204
        assert problem(ann.get(made.headers["Location"])) == (404, "NoSuchNameException", "subscription.unknown")
        assert problem(ann.delete(made.headers["Location"]))[0] == 404
        capture(as_("ben"), 405)
        time.sleep(0.6)
        assert len(hook.got) == 2


def _until(ask, good, within_s: float = 60.0):
    give_up = time.monotonic() + within_s
    while not good(found := ask()):
        assert time.monotonic() < give_up, found
        time.sleep(0.05)
    return found


def test_removing_a_query_ends_its_subscriptions(as_):
    as_("ann").post("/queries", json={"name": "shipped", "query": SHIPPED})
    with receiver() as hook:
        made = as_("ann").post("/queries/shipped/subscriptions", json={"dest": hook.url, "stream": True})
        assert as_("ann").delete("/queries/shipped").status_code == 204
        capture(as_("ben"), 501)
        time.sleep(0.6)
        assert hook.got == []
        assert problem(as_("ann").get(made.headers["Location"]))[2] == "query.unknown_name"
        assert as_("ann").post("/queries", json={"name": "shipped", "query": SHIPPED}).status_code == 201
        assert as_("adm").get("/queries/shipped/subscriptions").json() == []


def test_a_dead_webhook_shows_and_holds_up_no_other(as_):
    ann = as_("ann")
    ann.post("/queries", json={"name": "shipped", "query": SHIPPED})
    with receiver() as gone, receiver() as slow, receiver() as hook:
        release = threading.Event()
        slow.always = lambda _: release.wait(120) and 204
        gone.always = 500
        dead, _, _ = (
            ann.post("/queries/shipped/subscriptions", json={"dest": each.url, "stream": True}).headers["Location"]
            for each in (gone, slow, hook)
        )
        for number in range(601, 606):
            capture(as_("ben"), number)
        _until(lambda: sum(len(each.events) for each in list(hook.got)), lambda count: count == 5)
        # The slow one has its first delivery and no other; it answers only now.
        assert len(slow.got) == 1
        release.set()
        failing = _until(lambda: ann.get(dead).json(), lambda now: now["state"] == "failing")
        assert failing["lastError"] == "answered: 500"
        assert failing["failures"] >= 1
        assert "nextAttemptAt" in failing


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"stream": True}, "subscription.dest"),
        ({"dest": "https://127.0.0.2/", "stream": True}, "subscription.dest_inward"),
        ({"dest": "http://169.254.169.254/latest", "stream": True}, "subscription.dest_inward"),
        ({"dest": "http://[::ffff:10.0.0.1]/", "stream": True}, "subscription.dest_inward"),
        ({"dest": "https://user@example.com/", "stream": True}, "subscription.dest"),
        ({"dest": "http://8.8.8.8/", "stream": True}, "subscription.dest_plain"),
        ({"dest": "http://127.0.0.1:9/"}, "subscription.controls"),
        ({"dest": "http://127.0.0.1:9/", "stream": False}, "subscription.controls"),
        ({"dest": "http://127.0.0.1:9/", "stream": True, "schedule": {"hour": "1"}}, "subscription.controls"),
        ({"dest": "http://127.0.0.1:9/", "stream": True, "reportIfEmpty": True}, "subscription.controls"),
        ({"dest": "http://127.0.0.1:9/", "stream": "true"}, "subscription.field"),
        ({"dest": "http://127.0.0.1:9/", "schedule": "0 1 * * *"}, "subscription.field"),
        ({"dest": "http://127.0.0.1:9/", "schedule": {"hour": "25"}}, "subscription.schedule"),
        ({"dest": "http://127.0.0.1:9/", "stream": True, "initialRecordTime": "2026-01-01"}, INITIAL),
        ({"dest": "http://127.0.0.1:9/", "stream": True, "initialRecordTime": "2026-01-01T00:00:00"}, INITIAL),
        ({"dest": "http://127.0.0.1:9/", "stream": True, "signatureToken": ""}, "subscription.field"),
        ({"dest": "http://127.0.0.1:9/", "stream": True, "signatureToken": "a", "secret": "b"}, "subscription.field"),
        ({"dest": "http://127.0.0.1:9/", "stream": True, "more": 1}, "subscription.field"),
        ([1], "subscription.body"),
    ],
)  # fmt: skip
def test_what_is_no_subscription_is_refused(as_, body, code):
    as_("ann").post("/queries", json={"name": "q", "query": SHIPPED})
    answer = as_("ann").post("/queries/q/subscriptions", json=body)
    assert problem(answer) == (400, "SubscriptionControlsException", code)
    assert as_("ann").get("/queries/q/subscriptions").json() == []


def test_the_secret_may_be_called_as_gs1s_list_of_required_fields_calls_it(as_):
    as_("ann").post("/queries", json={"name": "q", "query": SHIPPED})
    with receiver() as hook:
        made = as_("ann").post("/queries/q/subscriptions", json={"dest": hook.url, "secret": "s", "stream": True})
        assert made.status_code == 201
        capture(as_("ben"), 701)
        assert hook.wait(1)[0].headers["gs1-signature"].startswith("sha256=")


def test_a_query_that_cuts_its_answer_is_refused_as_a_subscription(as_):
    query = {"orderBy": "eventTime", "eventCountLimit": 1}
    as_("ann").post("/queries", json={"name": "newest", "query": query})
    answer = as_("ann").post("/queries/newest/subscriptions", json={"dest": "http://127.0.0.1:9/", "stream": True})
    assert problem(answer)[2] == "subscription.query_limited"


def test_nobody_sees_or_ends_what_is_anothers(as_):
    as_("ann").post("/queries", json={"name": "anns", "query": SHIPPED})
    with receiver() as hook:
        made = as_("ann").post("/queries/anns/subscriptions", json={"dest": hook.url, "stream": True})
        where = made.headers["Location"]
        assert as_("eve").get("/queries/anns/subscriptions").json() == []
        assert problem(as_("eve").get(where))[2] == "subscription.unknown"
        assert problem(as_("eve").delete(where))[2] == "subscription.unknown"
        assert problem(as_("eve").delete("/queries/anns")) == (403, "SecurityException", "access.owner")
        assert len(as_("aud").get("/queries/anns/subscriptions").json()) == 1
        assert problem(as_("aud").delete(where)) == (403, "SecurityException", "access.owner")
        assert as_("adm").delete(where).status_code == 204
        assert as_("eve").get("/queries/anns/events").status_code == 200


def test_who_writes_here_stands_in_the_audit_log(as_):
    as_("ann").post("/queries", json={"name": "audited", "query": SHIPPED})
    as_("eve").delete("/queries/audited")
    as_("ann").delete("/queries/audited")
    entries, path = [], "/audit?perPage=1000"
    while path:
        answer = as_("aud").get(path)
        entries += answer.json()
        path = answer.links["next"]["url"] if "next" in answer.links else None
    about = [
        (e["who"], e["action"], e["status"], e["code"]) for e in entries if "audited" in f"{e['target']}{e['detail']}"
    ]
    assert about == [
        ("ann", "POST", 201, None),
        ("eve", "DELETE", 403, "access.owner"),
        ("ann", "DELETE", 204, None),
    ]


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/queries", {"OPTIONS", "GET", "POST"}),
        ("/queries/q", {"OPTIONS", "GET", "DELETE"}),
        ("/queries/q/events", {"OPTIONS", "GET"}),
        ("/queries/q/subscriptions", {"OPTIONS", "GET", "POST"}),
    ],
)
def test_options_says_what_each_path_offers(as_, path, allow):
    as_("ann").post("/queries", json={"name": "q", "query": SHIPPED})
    answer = as_("ann").options(path)
    assert answer.status_code == 204
    assert set(answer.headers["Allow"].split(", ")) == allow
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    if path != "/queries":
        assert as_("ann").options(path.replace("/queries/q", "/queries/none")).status_code == 404


def test_other_forms_are_refused(as_, tokens_and_server):
    ann = as_("ann")
    assert problem(ann.post("/queries", content=b"<q/>", headers={"Content-Type": "application/xml"}))[0] == 415
    assert problem(ann.get("/queries", headers={"Accept": "text/csv"}))[0] == 406
    with tokens_and_server[1].client() as nobody:
        assert problem(nobody.get("/queries"))[0] == 401
    large = {"name": "x", "query": {"EQ_eventID": ["x" * 70_000]}}
    assert problem(ann.post("/queries", json=large))[0] == 413
