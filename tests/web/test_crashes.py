"""A server that is killed: an accepted document is never lost, never captured twice, and no job runs for ever."""

from __future__ import annotations

import io
import random
import time
from datetime import UTC, datetime

import httpx
import pytest

from lodeline.book import create
from lodeline.book import open as open_book
from lodeline.book.service import open_service
from lodeline.errors import BookError
from lodeline.web.worker import ATTEMPTS, CaptureWorker
from tests.postgres import cluster
from tests.web.epcis import JSON, document, ended, event
from tests.web.served import served

EVENTS = 60
DOCUMENTS = 12


def send(client: httpx.Client, number: int, **more: object) -> str:
    """Send one of the documents; its Location."""
    events = [event(number * EVENTS + place, **more) for place in range(EVENTS)]
    answer = client.post("/capture", content=document(*events), headers=JSON)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


def all_there(url, documents: int) -> None:
    """Every event of the documents is in the book, once, and the book proves itself."""
    with open_book(url, read_only=True) as book:
        hashes = [stored.hash_id for stored in book.events()]
        assert (len(hashes), len(set(hashes))) == (documents * EVENTS, documents * EVENTS)
        book.verify()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_server_that_is_killed_at_any_moment_loses_nothing_and_does_nothing_twice(book, seed):
    draw = random.Random(seed)
    accepted: list[str] = []
    for _ in range(4):
        with served(book) as server:
            for number in range(len(accepted), len(accepted) + DOCUMENTS // 4):
                accepted.append(send(server.client, number))
            time.sleep(draw.random() * 0.15)
            server.kill()
    with served(book) as server:
        jobs = [ended(server.client, place) for place in accepted]
        server.kill()

    assert all(job["success"] and job["added"] + job["known"] == EVENTS for job in jobs)
    all_there(book, DOCUMENTS)


def test_a_kill_between_a_capture_and_its_jobs_end_records_nothing_twice(book):
    with served(book) as server:
        place = send(server.client, 1)
        ended(server.client, place)
        server.kill()
    reopen(book)

    with served(book) as server:
        job = ended(server.client, place)

    assert (job["success"], job["added"], job["known"]) == (True, 0, EVENTS)
    all_there(book, 1)


def reopen(url) -> None:
    """Put the store back to the moment after the capture and before its job's end."""
    events = [event(EVENTS + place) for place in range(EVENTS)]
    with open_service(url) as service, service._backend.write(10.0) as connection:
        connection.exec_driver_sql("UPDATE service_jobs SET finished_at = NULL, success = NULL")
        connection.exec_driver_sql("INSERT INTO service_job_parts VALUES (1, 0, ?)", (document(*events),))


def test_a_document_that_ends_the_process_each_time_is_given_up_and_the_next_is_done(book):
    with open_service(book) as service:
        for number in (1, 2):
            service.jobs.add(
                f"job{number}", io.BytesIO(document(event(number))), at=_now(), by="a", media_type="application/json",
                behaviour="rollback",
            )  # fmt: skip
        for _ in range(ATTEMPTS):
            service.jobs.begin(1)

    with served(book) as server:
        jobs = [ended(server.client, f"/capture/job{number}") for number in (1, 2)]

    assert [(job["success"], job["running"]) for job in jobs] == [(False, False), (True, False)]
    assert [problem["code"] for problem in jobs[0]["errors"]] == ["job.gave_up"]


def _now() -> datetime:
    return datetime.now(UTC)


def test_a_fault_of_ours_ends_its_job_and_not_the_worker(book, capsys):
    class Broken:
        def capture(self, *_: object, **__: object) -> None:
            raise RuntimeError("a fault")

    with open_service(book) as service:
        service.jobs.add("j", io.BytesIO(b"{}"), at=_now(), by="a", media_type="x", behaviour="rollback")
        worker = CaptureWorker(Broken(), service, clock=_now)  # type: ignore[arg-type]

        assert worker.do_next()
        job = service.jobs.get("j")

    assert (job.success, [problem["code"] for problem in job.errors]) == (False, ["internal.fault"])
    assert "RuntimeError: a fault" in capsys.readouterr().err


def test_a_full_disk_is_waited_for_and_then_given_up(book):
    class Full:
        def capture(self, *_: object, **__: object) -> None:
            raise BookError("ledger.full", "The disk is full.")

    with open_service(book) as service:
        service.jobs.add("j", io.BytesIO(b"{}"), at=_now(), by="a", media_type="x", behaviour="rollback")
        worker = CaptureWorker(Full(), service, clock=_now)  # type: ignore[arg-type]
        for _ in range(ATTEMPTS - 1):
            with pytest.raises(BookError):
                worker.do_next()
            assert service.jobs.get("j").finished_at is None
        worker.do_next()

        assert [problem["code"] for problem in service.jobs.get("j").errors] == ["ledger.full"]


@pytest.mark.postgres
@pytest.mark.slow
def test_on_postgresql_a_killed_server_gives_its_turn_and_its_job_to_another():
    with cluster() as address:
        url = f"{address}&schema=book"
        create(url, title="A served book", by="founder").close()
        with served(url) as one, served(url) as other:
            places = [send((one, other)[number % 2].client, number) for number in range(6)]
            one.kill()
            jobs = [ended(other.client, place) for place in places]
        all_there(url, 6)

    assert all(job["success"] for job in jobs)
