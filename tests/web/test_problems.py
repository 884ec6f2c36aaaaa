"""Every end of a request that is no answer is a problem document that tells nothing of the server's inside."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from litestar.exceptions import ClientException, InternalServerException

from lodeline.errors import BookError, IntegrityError, NotFoundError, RecordError, RequestError
from lodeline.web import bodies
from lodeline.web.problems import STATUS, TITLES, headers_for, problem_for, status_of


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (RecordError("record.x", "Wrong."), 400),
        (NotFoundError("ledger.no_event", "None."), 404),
        (BookError("ledger.store_failed", "Broken."), 500),
        (IntegrityError("ledger.file_damaged", "Damaged."), 500),
        (BookError("ledger.busy", "Busy."), 503),
        (BookError("ledger.full", "Full."), 507),
    ],
)
def test_a_refusal_has_the_status_of_its_code_or_family(refusal, status):
    assert status_of(refusal) == status


def test_every_status_has_a_title():
    assert {status for status in STATUS.values() if status not in TITLES} == set()


def test_a_problem_tells_no_path_and_makes_foreign_text_visible():
    problem = problem_for(RecordError("record.x", "Wrong\x1b[31m.", file="/srv/secret", event=3, field="$.a\x00"))

    assert "\x1b" not in problem.detail
    assert problem.where["event"] == 3
    assert "\x00" not in problem.where["field"]
    assert "file" not in problem.where


@pytest.mark.parametrize("fault", [RuntimeError("a secret"), InternalServerException("a secret")])
def test_a_fault_tells_nothing_of_its_inside(fault, capsys):
    problem = problem_for(fault)

    assert (problem.status, problem.code) == (500, "internal.fault")
    assert "secret" not in problem.detail
    capsys.readouterr()


def test_what_the_framework_refuses_is_a_problem_too():
    assert (problem_for(ClientException("x")).status, problem_for(ClientException("x")).code) == (400, "http.request")


def test_who_is_to_come_again_is_told_when():
    refusal = RequestError("http.queue_full", "Too much.", retry_after_s=30)

    assert headers_for(problem_for(refusal), refusal) == {"Retry-After": "30"}


def test_a_body_that_does_not_come_is_given_up(monkeypatch):
    class Slow:
        def __init__(self) -> None:
            self.headers: dict[str, str] = {}

        async def stream(self):
            yield b"{"
            await asyncio.sleep(60)

    held = SimpleNamespace(settings=SimpleNamespace(body_wait_s=0.01), off_loop=None)
    monkeypatch.setattr(bodies, "serving", lambda _: held)

    async def read() -> None:
        async with bodies.body(Slow(), largest=100):  # type: ignore[arg-type]
            raise AssertionError("a body came")

    with pytest.raises(RequestError) as refusal:
        asyncio.run(read())

    assert refusal.value.code == "http.body_slow"
    assert status_of(refusal.value) == 408
