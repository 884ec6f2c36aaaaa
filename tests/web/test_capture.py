"""POST /capture and its jobs: what is accepted is stored, and each job ends as GS1 says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from lodeline.book import create
from lodeline.book import open as open_book
from lodeline.book.service import open_service
from lodeline.errors import LodelineError
from lodeline.web.worker import CaptureWorker
from tests.outside import CASES, needs_cases
from tests.web.epcis import JSON, alone, captured, document, ended, event, refused


def test_a_document_is_accepted_and_its_events_come_into_the_book_by_the_caller(client, book):
    job = captured(client, document(event(1), event(2)))

    assert (job["running"], job["success"], job["errors"]) == (False, True, [])
    assert (job["added"], job["known"]) == (2, 0)
    assert job["createdAt"] <= job["finishedAt"]
    with open_book(book, read_only=True) as opened:
        assert [stored.captured_by for stored in opened.events()] == ["clerk", "clerk"]


def test_what_is_accepted_has_no_content_and_a_place(client):
    answer = client.post("/capture", content=document(event()), headers=JSON)

    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["Location"].startswith("/capture/")


def test_the_same_document_again_is_known_and_nothing_new(client):
    captured(client, document(event(1)))

    job = captured(client, document(event(1)))

    assert (job["success"], job["added"], job["known"]) == (True, 0, 1)


def test_without_a_word_one_bad_event_rolls_the_whole_document_back(client, book):
    job = captured(client, document(event(1), event(2, action="LOOK"), event(3)))

    assert (job["success"], job["captureErrorBehaviour"], job["added"]) == (False, "rollback", 0)
    (problem,) = job["errors"]
    assert problem["type"] == "epcisException:ValidationException"
    assert problem["where"]["event"] == 1
    assert problem["code"].startswith("record.")
    with open_book(book, read_only=True) as opened:
        assert list(opened.events()) == []


def test_proceed_captures_what_is_right_and_names_each_of_the_others(client):
    body = document(event(1), event(2, action="LOOK"), event(3), event(4, bizStep="no such step"))

    job = captured(client, body, **{"GS1-Capture-Error-Behaviour": "proceed"})

    assert (job["success"], job["captureErrorBehaviour"], job["added"]) == (False, "proceed", 2)
    assert [problem["where"]["event"] for problem in job["errors"]] == [1, 3]


def test_more_refused_events_than_are_told_one_by_one_are_counted(client, monkeypatch):
    monkeypatch.setattr("lodeline.web.worker.SHOWN_ERRORS", 2)
    body = document(*(event(number, action="LOOK") for number in range(5)))

    job = captured(client, body, **{"GS1-Capture-Error-Behaviour": "proceed"})

    assert [problem["code"] for problem in job["errors"]][2:] == ["job.more_errors"]
    assert job["errors"][2]["detail"].startswith("3 more")


def test_a_job_shows_no_path_of_the_server(client, book):
    job = captured(client, document(event(1, action="LOOK")))

    assert str(book.parent) not in msgspec.json.encode(job).decode()


def test_jobs_are_listed_in_the_order_in_which_they_came_in_pages(client):
    places = [client.post("/capture", content=document(event(n)), headers=JSON).headers["Location"] for n in range(5)]

    first = client.get("/capture?perPage=3")
    second = client.get(first.links["next"]["url"])

    listed = [f"/capture/{job['captureID']}" for job in (*first.json(), *second.json())]
    assert listed == places
    assert "GS1-Next-Page-Token-Expires" in first.headers
    assert "Link" not in second.headers


def test_a_finished_job_lets_its_document_go(client, book):
    captured(client, document(event(1)))

    with open_service(book) as service:
        assert list(service.jobs.document(1)) == []
        assert service.jobs.waiting() == (0, 0)


def test_a_document_in_many_pieces_is_captured_whole(client, monkeypatch):
    monkeypatch.setattr("lodeline.ledger.service.jobs.PART_BYTES", 100)

    job = captured(client, document(*(event(number) for number in range(50))))

    assert job["added"] == 50


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "record."),
        (b"", "record."),
        (b"[]", "record."),
        (b'{"type": "EPCISDocument"}', "record."),
        (alone(), "http.not_a_document"),
    ],
)
def test_what_is_no_document_is_refused_before_it_is_accepted(client, body, code):
    answer = client.post("/capture", content=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.json()["code"].startswith(code)
    assert answer.json()["type"] == "epcisException:ValidationException"
    assert client.get("/capture").json() == []


def test_a_document_larger_than_the_limit_is_refused_by_bytes_and_by_events(serve):
    with serve(capture_bytes=2_000, capture_events=3) as client:
        offered = client.options("/capture").headers
        assert offered["GS1-EPCIS-Capture-Limit"] == "3"
        assert offered["GS1-EPCIS-Capture-File-Size-Limit"] == "2000"

        small = [event(number, epcList=["urn:example:1"]) for number in range(4)]
        refused(client.post("/capture", content=document(*small), headers=JSON), 413, "http.too_many_events")
        large = document(event(1, comment="x" * 3_000))
        problem = refused(client.post("/capture", content=large, headers=JSON), 413, "http.too_large")
        assert problem["type"] == "epcisException:CaptureLimitExceededException"
        assert captured(client, document(*small[:3]))["added"] == 3


def test_a_body_without_a_stated_length_is_stopped_at_the_limit(serve):
    def pieces():
        for _ in range(100):
            yield b" " * 1_000

    with serve(capture_bytes=5_000) as client:
        refused(client.post("/capture", content=pieces(), headers=JSON), 413, "http.too_large")


def test_what_waits_has_a_limit_too(serve, book, now):
    with open_service(book) as service, serve(waiting_bytes=1) as client:
        turn = service.turn("capture")
        # The server may hold the turn; then its job is done first.
        client.app.state.serving.worker.stop()
        assert turn.take()
        client.post("/capture", content=document(event(1)), headers=JSON)
        answer = client.post("/capture", content=document(event(2)), headers=JSON)
        refused(answer, 429, "http.queue_full")
        assert int(answer.headers["Retry-After"]) > 0
        turn.give()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "http.media_type"),
        ({"Content-Type": "application/json; charset=latin-1"}, 415, "http.media_type"),
        ({}, 415, "http.media_type"),
        ({**JSON, "Content-Encoding": "gzip"}, 415, "http.content_encoding"),
        ({**JSON, "GS1-Capture-Error-Behaviour": "all"}, 400, "http.error_behaviour"),
        ({**JSON, "GS1-EPCIS-Version": "3.0"}, 406, "http.version"),
        ({**JSON, "GS1-EPCIS-Version": "two"}, 406, "http.header"),
    ],
)
def test_what_a_caller_says_of_a_document_is_honoured_or_refused(client, headers, status, code):
    refused(client.post("/capture", content=document(event()), headers=headers), status, code)


@pytest.mark.parametrize("version", ["2.0", "2.0.0", "1.2"])
def test_the_versions_that_are_read_may_be_named(client, version):
    captured(client, document(event()), **{"GS1-EPCIS-Version": version})


def test_an_unknown_job_is_not_found(client):
    refused(client.get("/capture/none"), 404, "job.unknown")
    refused(client.options("/capture/none"), 404, "job.unknown")


def test_a_json_ld_document_is_read(client):
    assert captured(client, document(event()), **{"Content-Type": "application/ld+json"})["added"] == 1


def test_a_query_document_that_was_answered_is_captured_as_it_is(client):
    captured(client, document(event(1), event(2)))
    answer = client.get("/events", headers={"GS1-EPC-Format": "No_Preference"})

    job = captured(client, answer.content)

    assert (job["success"], job["added"] + job["known"]) == (True, 2)


def cases() -> list[Path]:
    """GS1's and OpenEPCIS' documents, in JSON and XML, right and wrong."""
    folders = ("gs1-json", "gs1-xml", "openepcis/Capture/Documents", "openepcis/Capture/Invalid")
    return sorted(
        path for folder in folders for path in (CASES / "epcis" / folder).rglob("*.*") if "CaptureJob" not in path.parts
    )


@needs_cases
@pytest.mark.slow
def test_the_outside_cases_are_judged_over_http_as_they_are_by_the_command_line(client, tmp_path):
    create(tmp_path / "route.db", title="Route", by="clerk").close()
    judged: dict[str, tuple[object, ...]] = {}
    with open_book(tmp_path / "route.db") as book:
        for path in cases():
            body = path.read_bytes()
            kind = "application/xml" if path.suffix == ".xml" else "application/json"
            answer = client.post("/capture", content=body, headers={"Content-Type": kind})
            if answer.status_code == 202:
                job = ended(client, answer.headers["Location"])
                over_http = (job["added"], job["known"], *(problem["code"] for problem in job["errors"]))
            else:
                over_http = (0, 0, answer.json()["code"])
            try:
                done = book.capture(body, by="clerk")
                by_route: tuple[object, ...] = (done.added, done.known)
            except LodelineError as refusal:
                by_route = (0, 0, refusal.code)
            if over_http[2:] != ("http.not_a_document",):
                judged[path.name] = (over_http, by_route)

    assert len(judged) > 50
    assert {name: pair for name, pair in judged.items() if pair[0] != pair[1]} == {}
    assert any(len(pair[0]) == 2 for pair in judged.values())
    assert any(len(pair[0]) > 2 for pair in judged.values())


def test_a_job_and_a_stop_do_not_wait_for_the_index_to_grow(book):
    """The index of a large book grows for seconds; it is left off between two runs of entries."""
    asked = []

    class Large:
        def head(self) -> Any:
            return SimpleNamespace(seq=1)

        def index(self, *, progress: Callable[[int], None]) -> None:
            asked.append("begun")
            progress(8_192)
            asked.append("went on")
            worker.wake()
            progress(16_384)
            raise AssertionError("it was not left off")

    with open_service(book) as service:
        worker = CaptureWorker(Large(), service, clock=lambda: datetime.now(UTC))  # type: ignore[arg-type]
        worker._index()

        assert asked == ["begun", "went on"]
