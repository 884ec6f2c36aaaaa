"""/events: one event recorded, read back and found; in the form and spelling that was asked for."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
import pytest

from lodeline.book import open as open_book
from tests.outside import CASES, needs_cases
from tests.web.epcis import CONTEXT, JSON, alone, captured, document, event, eventlist, refused

HTTP_FORM = "https://id.gs1.org/01/10614141073464/21/1"
URN = "urn:epc:id:sgtin:0614141.107346.1"


def post(client, body, **headers):
    return client.post("/events", content=body, headers={**JSON, **headers})


def test_one_event_is_in_the_book_when_it_is_created_and_its_location_gives_it_back(client, book):
    answer = post(client, alone(1))

    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == f"/events/{quote(made['eventID'], safe='')}"
    assert eventlist(client.get(answer.headers["Location"])) == [made]
    with open_book(book, read_only=True) as opened:
        (stored,) = opened.events()
        assert (stored.hash_id, stored.raw) == (made["eventID"], alone(1))


def test_an_event_keeps_the_id_it_has(client):
    answer = post(client, alone(1, eventID="urn:uuid:5a9a6d6c-1e5b-4e5c-8a59-0f6a4c8f3d11"))

    assert answer.headers["Location"] == "/events/urn%3Auuid%3A5a9a6d6c-1e5b-4e5c-8a59-0f6a4c8f3d11"
    assert len(eventlist(client.get(answer.headers["Location"]))) == 1


def test_an_event_and_what_declares_it_an_error_have_one_id(client):
    name = "urn:uuid:5a9a6d6c-1e5b-4e5c-8a59-0f6a4c8f3d11"
    post(client, alone(1, eventID=name))
    declared = {"declarationTime": "2026-02-01T00:00:00Z", "reason": "incorrect_data"}
    assert post(client, alone(1, eventID=name, errorDeclaration=declared)).status_code == 201

    found = eventlist(client.get(f"/events/{name}"))

    assert ["errorDeclaration" in each for each in found] == [False, True]


def test_the_very_same_event_again_conflicts(client):
    post(client, alone(1))

    problem = refused(post(client, alone(1)), 409, "http.known_event")

    assert problem["type"] == "epcisException:ResourceAlreadyExistsException"


def test_a_document_is_no_event(client):
    refused(post(client, document(event())), 400, "http.not_one_event")


def test_a_wrong_event_is_refused_with_the_place_of_the_fault(client):
    problem = post(client, alone(1, action="LOOK")).json()

    assert (problem["status"], problem["type"]) == (400, "epcisException:ValidationException")
    assert problem["where"]["field"] == "$.action"


@pytest.mark.parametrize("name", ["none", "12", "0", "ni:///sha-256;00?ver=CBV2.0", "%2F", "../capture"])
def test_an_id_that_no_event_has_is_not_found(client, name):
    post(client, alone(1))

    assert client.get(f"/events/{quote(name, safe='')}").status_code == 404


def test_the_books_own_numbers_are_no_ids_of_events(client):
    post(client, alone(1))

    refused(client.get("/events/2"), 404, "http.no_event")
    refused(client.options("/events/2"), 404, "http.no_event")


def test_a_path_that_is_no_text_is_refused(client):
    refused(client.get("/events/%ff"), 400, "http.path")


def test_numbers_keep_every_digit_on_the_way(client):
    exact = b'"quantity":12345678901234567.890123456789'
    body = alone(1, quantityList=[{"epcClass": "urn:example:lot:1", "quantity": 1}]).replace(b'"quantity":1', exact)

    made = post(client, body)

    assert exact in made.content
    assert exact in client.get(made.headers["Location"]).content


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, HTTP_FORM),
        ("Always_GS1_Digital_Link", HTTP_FORM),
        ("No_Preference", URN),
        ("Never_Translates", URN),
        ("Always_EPC_URN", URN),
    ],
)
def test_identifiers_are_spelled_as_asked_and_as_digital_links_where_nothing_is(client, asked, expected):
    post(client, alone(1))
    headers = {} if asked is None else {"GS1-EPC-Format": asked}

    (found,) = eventlist(client.get("/events", headers=headers))

    assert found["epcList"] == [expected]


def test_a_digital_link_becomes_a_urn_where_its_company_prefix_is_known(serve):
    with serve(company_prefixes=("0614141",)) as client:
        post(client, alone(1, epcList=[HTTP_FORM]))

        (found,) = eventlist(client.get("/events", headers={"GS1-EPC-Format": "Always_EPC_URN"}))

        assert found["epcList"] == [URN]
        assert client.get("/epcs", headers={"GS1-EPC-Format": "Always_EPC_URN"}).json()["member"] == [URN]


def test_a_digital_link_of_an_unknown_company_is_not_acceptable_as_a_urn(client):
    post(client, alone(1, epcList=[HTTP_FORM]))

    problem = refused(client.get("/events", headers={"GS1-EPC-Format": "Always_EPC_URN"}), 406, "http.epc_format")

    assert problem["where"]["identifier"] == HTTP_FORM


def test_a_urn_without_a_digital_link_stays_unless_a_link_is_demanded(client):
    urn = "urn:epc:id:usdod:2S194.12345678901"
    post(client, alone(1, epcList=[urn]))

    (found,) = eventlist(client.get("/events"))
    assert found["epcList"] == [urn]
    refused(client.get("/events", headers={"GS1-EPC-Format": "Always_GS1_Digital_Link"}), 406, "http.epc_format")


@pytest.mark.parametrize(
    "field",
    ["childEPCs", "parentID", "readPoint", "bizLocation", "sourceList", "destinationList", "childQuantityList"],
)
def test_every_identifier_of_an_event_is_spelled_alike(client, field):
    place = "urn:epc:id:sgln:0012345.11111.400"
    values = {
        "childEPCs": [URN],
        "parentID": "urn:epc:id:sscc:0614141.1234567890",
        "readPoint": {"id": place},
        "bizLocation": {"id": place},
        "sourceList": [{"type": "location", "source": place}],
        "destinationList": [{"type": "location", "destination": place}],
        "childQuantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 1}],
    }
    made = msgspec.json.decode(alone(1))
    del made["epcList"]
    body = {
        **made,
        "type": "AggregationEvent",
        "parentID": values["parentID"],
        "childEPCs": [URN],
        **{field: values[field]},
    }
    post(client, msgspec.json.encode(body))

    (found,) = eventlist(client.get("/events"))

    text = msgspec.json.encode(found[field])
    assert b"urn:epc:" not in text
    assert b"https://id.gs1.org/" in text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("*/*", "application/json"),
        ("application/*;q=0.1", "application/json"),
        ("text/html, application/ld+json;q=0.5", "application/ld+json"),
        ("application/json;q=0.2, application/ld+json", "application/ld+json"),
        ("application/json;q=0, */*", "application/ld+json"),
        ("text/html, application/xml;q=0.1", "application/xml"),
    ],
)
def test_the_answer_takes_the_form_the_caller_likes_best(client, accept, expected):
    assert client.get("/events", headers={"Accept": accept}).headers["content-type"] == expected


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json;q=0", "application/json;q=no"])
def test_a_form_that_is_not_given_is_not_acceptable(client, accept):
    problem = refused(client.get("/events", headers={"Accept": accept}), 406, "http.not_acceptable")

    assert problem["type"] == "epcisException:NotAcceptableException"


def test_events_come_in_pages_that_stay_as_they_were_while_others_write(client):
    captured(client, document(*(event(number) for number in range(1, 8))))
    first = client.get("/events?perPage=3&EQ_action=OBSERVE")
    captured(client, document(*(event(number) for number in range(20, 25))))

    pages = [eventlist(first)]
    answer = first
    while "next" in answer.links:
        answer = client.get(answer.links["next"]["url"])
        pages.append(eventlist(answer))

    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({each["eventID"] for page in pages for each in page}) == 7
    assert "GS1-Next-Page-Token-Expires" in first.headers
    assert "GS1-Next-Page-Token-Expires" not in answer.headers


def test_a_page_has_thirty_events_unless_told_and_never_more_than_the_limit(serve):
    with serve(largest_page=40) as client:
        captured(client, document(*(event(number) for number in range(1, 51))))

        assert len(eventlist(client.get("/events"))) == 30
        assert len(eventlist(client.get("/events?perPage=1000"))) == 40


@pytest.mark.parametrize("asked", ["0", "-1", "x", "1.5", "٣", "1&perPage=2", "00"])
def test_a_page_of_no_size_is_refused(client, asked):
    problem = refused(client.get(f"/events?perPage={asked}"), 400, "page.per_page")

    assert problem["type"] == "epcisException:QueryParameterException"


def test_a_page_token_continues_its_own_request_only_and_can_be_ended(client):
    captured(client, document(*(event(number) for number in range(1, 8))))
    next_url = client.get("/events?perPage=3").links["next"]["url"]
    token = next_url.partition("nextPageToken=")[2]

    refused(client.get(f"/events?EQ_action=OBSERVE&nextPageToken={token}"), 400, "page.token")
    refused(client.get("/events?nextPageToken=rubbish"), 400, "page.token")
    refused(client.get("/events?nextPageToken=%00"), 400, "page.token")
    refused(client.delete("/nextPageToken/rubbish"), 400, "page.token")
    assert len(eventlist(client.get(next_url))) == 3
    assert client.delete(f"/nextPageToken/{token}").status_code == 204
    assert client.delete(f"/nextPageToken/{token}").status_code == 204
    refused(client.get(next_url), 400, "page.token_ended")


def test_a_page_token_ends_by_itself(serve):
    with serve(page_token_s=0) as client:
        captured(client, document(event(1), event(2)))
        next_url = client.get("/events?perPage=1").links["next"]["url"]

        refused(client.get(next_url), 400, "page.token_ended")


def test_an_unknown_parameter_is_refused_and_a_prefix_must_be_bound(client):
    body = alone(1, **{"@context": [CONTEXT, {"ex": "http://ns.example.com/epcis/"}], "ex:colour": "grey"})
    assert post(client, body).status_code == 201

    refused(client.get("/events?EQ_nothing=1"), 400, "query.unknown_parameter")
    refused(client.get("/events?EQ_my:colour=grey"), 400, "query.unbound_prefix")
    bound = {"GS1-Extensions": "other=urn:x:y, my=http://ns.example.com/epcis/, FIT"}
    assert len(eventlist(client.get("/events?EQ_my:colour=grey", headers=bound))) == 1
    assert eventlist(client.get("/events?EQ_my:colour=blue", headers=bound)) == []


def test_too_many_events_are_refused_as_gs1_says(client):
    captured(client, document(event(1), event(2)))

    problem = refused(client.get("/events?maxEventCount=1"), 413, "query.too_large")

    assert problem["type"] == "epcisException:QueryTooLargeException"


def test_a_query_string_that_is_no_text_is_refused(client):
    refused(client.get("/events?eventType=%ff"), 400, "page.query_string")


def test_events_are_taken_and_given_in_xml_and_stay_the_same_events(client):
    made = post(
        client, alone(1, **{"@context": [CONTEXT, {"ex": "http://ns.example.com/epcis/"}], "ex:colour": "grey"})
    )
    answer = client.get("/events", headers={"Accept": "application/xml"})
    assert answer.headers["content-type"].startswith("application/xml")
    assert b"urn:epcglobal:cbv:bizstep:shipping" in answer.content

    job = captured(client, answer.content, **{"Content-Type": "application/xml"})

    assert (job["success"], job["known"] + job["added"]) == (True, 1), job
    assert {each["eventID"] for each in eventlist(client.get("/events"))} == {made.json()["eventID"]}


def test_one_event_is_created_and_answered_in_xml(client):
    post(client, alone(1))
    element = client.get("/events", headers={"Accept": "application/xml"}).content
    start = element.index(b"<ObjectEvent")
    lone = element[start : element.index(b"</ObjectEvent>") + len(b"</ObjectEvent>")]
    lone = lone.replace(b"10:00:01", b"10:00:02")

    made = post(client, lone, **{"Content-Type": "application/xml", "Accept": "application/xml"})

    assert made.status_code == 201, made.text
    assert b"<ObjectEvent" in made.content
    assert len(eventlist(client.get("/events"))) == 2


@pytest.mark.parametrize("asked", ["Always_Web_URI", "Never_Translates"])
def test_words_in_xml_are_urns_and_another_form_is_not_acceptable(client, asked):
    xml = {"Accept": "application/xml"}

    refused(client.get("/events", headers={**xml, "GS1-CBV-XML-Format": asked}), 406, "http.cbv_format")
    assert client.get("/events", headers={**xml, "GS1-CBV-XML-Format": "Always_URN"}).status_code == 200
    assert client.get("/events", headers={"GS1-CBV-XML-Format": asked}).status_code == 200, "JSON has one form"


@needs_cases
def test_what_is_answered_is_valid_by_gs1s_schema(client):
    import jsonschema_rs

    schema = msgspec.json.decode((CASES / "epcis/spec/EPCIS-JSON-Schema.json").read_bytes())
    captured(client, document(*(event(number) for number in range(1, 4))))
    post(client, alone(9, **{"@context": [CONTEXT, {"ex": "http://ns.example.com/epcis/"}], "ex:colour": "grey"}))

    answered = client.get("/events").json()

    assert len(answered["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 4
    jsonschema_rs.validator_for(schema).validate(answered)
