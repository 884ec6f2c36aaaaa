"""OPTIONS, methods, versions and the collections: what GS1's OpenAPI says of every path."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
import pytest

from lodeline.web.resources import COLLECTIONS
from tests.outside import CASES, needs_cases
from tests.web.epcis import CONTEXT, JSON, alone, captured, document, event, eventlist, refused

ALWAYS = {
    "gs1-epcis-version": "2.0.0",
    "gs1-epcis-max": "2.0.0",
    "gs1-cbv-version": "2.0.0",
    "gs1-cbv-min": "2.0.0",
    "gs1-cbv-max": "2.0.0",
    "gs1-epc-format": "No_Preference",
    "gs1-cbv-xml-format": "No_Preference",
    "gs1-extensions": "lode=https://lodeline.org/epcis/1/",
}
LOT = "urn:epc:class:lgtin:952000.1012345.L1"
MEMBERS = {
    "eventTypes": "ObjectEvent",
    "epcs": "urn:epc:id:sgtin:0614141.107346.1",
    "bizSteps": "urn:epcglobal:cbv:bizstep:shipping",
    "bizLocations": "https://id.example.org/place/works",
    "readPoints": "urn:epc:id:sgln:0012345.11111.400",
    "dispositions": "https://ref.gs1.org/cbv/Disp-in_transit",
}


@pytest.fixture
def filled(client):
    """A book with an event that names a member of each collection."""
    there = {"bizLocation": {"id": MEMBERS["bizLocations"]}, "disposition": "in_transit"}
    answer = client.post("/events", content=alone(1, **there), headers=JSON)
    assert answer.status_code == 201, answer.text
    client.put_name = quote(answer.json()["eventID"], safe="")
    return client


def paths(client) -> list[str]:
    """Every path of GS1's that is there, with members that are."""
    below = [f"/{name}/{quote(MEMBERS[name], safe='')}{rest}" for name in COLLECTIONS for rest in ("", "/events")]
    job = client.get("/capture").json()
    return [
        "/", "/capture", *(f"/capture/{each['captureID']}" for each in job), "/events", f"/events/{client.put_name}",
        *(f"/{name}" for name in COLLECTIONS), *below, "/queries", "/nextPageToken/x", "/audit",
    ]  # fmt: skip


def test_every_path_says_by_options_what_it_offers_and_offers_just_that(filled):
    captured(filled, document(event(2)))
    for path in paths(filled):
        answer = filled.options(path)
        assert (answer.status_code, answer.content) == (204, b""), path
        said = {name: value for name, value in answer.headers.items() if name in ALWAYS}
        assert said == ALWAYS, path
        assert answer.headers["gs1-vendor-version"].startswith("lodeline-")
        offered = set(answer.headers["allow"].split(", "))
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status = filled.request(method, path).status_code
            assert (status == 405) is (method not in offered), (method, path, status)


def test_a_method_that_is_not_offered_says_which_are(client):
    answer = client.put("/events")

    refused(answer, 405, "http.method")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "OPTIONS", "POST"}


def test_capture_says_its_limits(client):
    headers = client.options("/capture").headers

    assert headers["gs1-epcis-min"] == "1.2.0"
    assert headers["gs1-capture-error-behaviour"] == "all"
    assert int(headers["gs1-epcis-capture-limit"]) > 0
    assert int(headers["gs1-epcis-capture-file-size-limit"]) > 0


def test_head_is_a_get_without_its_content(client):
    head, got = client.head("/"), client.get("/")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", ["/", "/events", "/capture", "/epcs"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"GS1-EPCIS-Min": "2.1"}, "http.version"),
        ({"GS1-EPCIS-Max": "1.2.0"}, "http.version"),
        ({"GS1-CBV-Min": "3"}, "http.version"),
        ({"GS1-CBV-Max": "1.0"}, "http.version"),
        ({"GS1-EPCIS-Min": "new"}, "http.header"),
        ({"GS1-CBV-Max": "2.0.0.0.0"}, "http.header"),
        ({"GS1-EPC-Format": "Sometimes"}, "http.header"),
        ({"GS1-CBV-XML-Format": "Always"}, "http.header"),
    ],
)
def test_what_cannot_be_answered_as_asked_is_not_acceptable(client, path, headers, code):
    refused(client.get(path, headers=headers), 406, code)


def test_a_range_of_versions_that_holds_ours_is_answered(client):
    headers = {"GS1-EPCIS-Min": "1.0", "GS1-EPCIS-Max": "2.0", "GS1-CBV-Min": "2", "GS1-CBV-Max": "2.0.0"}

    assert client.get("/events", headers=headers).status_code == 200


def test_the_root_names_the_resources_and_a_browser_gets_a_page(client):
    assert client.get("/").json() == {
        "@context": CONTEXT,
        "type": "Collection",
        "member": ["capture", "events", *COLLECTIONS, "queries"],
    }
    page = client.get("/", headers={"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "A served book" in page.text
    assert "<script" not in page.text


def test_the_page_shows_a_books_title_as_text_and_never_as_markup(serve, tmp_path):
    from lodeline.book import create

    create(tmp_path / "odd.db", title="<script>alert(1)</script>", by="founder").close()
    with serve(tmp_path / "odd.db") as client:
        assert "<script>" not in client.get("/", headers={"Accept": "text/html"}).text


# -- collections ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_member_of_a_collection_has_events_in_any_of_its_spellings(filled, name):
    listed = filled.get(f"/{name}?perPage=1000").json()
    path = f"/{name}/{quote(MEMBERS[name], safe='')}"

    assert listed["type"] == "Collection"
    assert len(listed["member"]) == len(set(listed["member"]))
    assert filled.get(path).json()["member"] == ["events"]
    assert len(eventlist(filled.get(f"{path}/events"))) == 1
    assert eventlist(filled.get(f"{path}/events?EQ_action=ADD")) == []


@pytest.mark.parametrize("name", COLLECTIONS)
def test_what_no_event_names_is_no_member(filled, name):
    for rest in ("", "/events"):
        problem = refused(filled.get(f"/{name}/urn%3Aexample%3Anone{rest}"), 404, "http.no_member")
        assert problem["type"] == "epcisException:NoSuchNameException"
        refused(filled.options(f"/{name}/urn%3Aexample%3Anone{rest}"), 404, "http.no_member")


def test_a_digital_link_is_one_segment_of_a_path(filled):
    link = quote("https://id.gs1.org/01/10614141073464/21/1", safe="")

    assert len(eventlist(filled.get(f"/epcs/{link}/events"))) == 1


def test_a_lot_that_is_named_with_quantities_has_its_events(client):
    body = alone(1, epcList=[], quantityList=[{"epcClass": LOT, "quantity": 5, "uom": "KGM"}])
    assert client.post("/events", content=body, headers=JSON).status_code == 201

    assert len(eventlist(client.get(f"/epcs/{quote(LOT, safe='')}/events"))) == 1


def test_the_standards_own_words_are_members_of_an_empty_book_too(client):
    assert client.get("/eventTypes").json()["member"][0] == "AggregationEvent"
    assert "shipping" in client.get("/bizSteps?perPage=100").json()["member"]
    assert "in_transit" in client.get("/dispositions?perPage=100").json()["member"]
    assert client.get("/epcs").json()["member"] == []
    assert eventlist(client.get("/bizSteps/shipping/events")) == []


def test_a_word_of_somebodys_own_comes_after_the_standards(client):
    captured(client, document(event(1, bizStep="https://example.org/step/blasting")))

    members = client.get("/bizSteps?perPage=100").json()["member"]

    assert members[-1] == "https://example.org/step/blasting"
    assert members[:-1] == sorted(members[:-1])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("name", ["epcs", "bizSteps", "readPoints"])
def test_pages_of_a_collection_together_are_the_collection(client, name, size):
    steps = ["https://example.org/step/blasting", "https://example.org/step/mucking"]
    events = [
        event(number, bizStep=steps[number % 2], readPoint={"id": f"https://example.org/place/{number}"})
        for number in range(8)
    ]
    captured(client, document(*events))
    whole = client.get(f"/{name}?perPage=1000").json()["member"]

    answer, found = client.get(f"/{name}?perPage={size}"), []
    while True:
        found += answer.json()["member"]
        if "next" not in answer.links:
            break
        assert len(answer.json()["member"]) == size
        answer = client.get(answer.links["next"]["url"])

    assert found == whole


@pytest.mark.parametrize("path", ["/epcs", "/capture", "/audit"])
def test_a_list_takes_no_other_parameter(client, path):
    refused(client.get(f"{path}?eventType=ObjectEvent"), 400, "page.unknown_parameter")


def test_a_place_in_a_collection_that_is_none_is_refused(client):
    from lodeline.web.paging import Place, _write

    token = client.get("/bizSteps?perPage=1").links["next"]["url"].partition("nextPageToken=")[2]
    place = msgspec.json.decode(_decoded(token), type=Place)

    refused(client.get(f"/bizSteps?nextPageToken={_write(Place(place.mark, 'x', place.ends))}"), 400, "page.token")


def _decoded(token: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


@needs_cases
def test_collections_and_jobs_are_valid_by_gs1s_openapi(filled):
    import jsonschema_rs

    captured(filled, document(event(5)))
    captured(filled, document(event(6, action="LOOK")))
    spec = msgspec.json.decode((CASES / "epcis/spec/openapi.json").read_bytes())
    job = spec["components"]["schemas"]["CaptureJob"]
    # GS1's "oneOf" of errors and errorFile demands neither, so that a job with one of them fits both: its own example
    # is not valid by it. Meant is "anyOf".
    with pytest.raises(jsonschema_rs.ValidationError):
        _valid(spec, "CaptureJob", job["example"])
    job["allOf"][1] = {"anyOf": job["allOf"][1]["oneOf"]}
    _valid(spec, "CaptureJob", job["example"])
    checked = {
        "/": "TopLevelResourceCollection",
        "/eventTypes": "EventTypeCollection",
        "/epcs": "UriCollection",
        "/bizSteps": "BizStepCollection",
        "/dispositions": "DispositionCollection",
        "/eventTypes/ObjectEvent": "ResourceCollection",
    }
    for path, schema in checked.items():
        _valid(spec, schema, filled.get(path).json())
    for found in filled.get("/capture").json():
        _valid(spec, "CaptureJob", found)


def _valid(spec, schema, value):
    import jsonschema_rs

    whole = {"components": spec["components"], "$ref": f"#/components/schemas/{schema}"}
    jsonschema_rs.Draft4Validator(whole).validate(value)
