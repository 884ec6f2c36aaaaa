"""The store beside a book: its stamp, its log, its turns; in a file and on PostgreSQL."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lodeline.book import create
from lodeline.book.service import Service, open_service
from lodeline.errors import BookError, NotFoundError
from lodeline.ledger.service import jobs
from lodeline.web.secrets import make
from tests.postgres import cluster

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with cluster() as address:
        yield address


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty book in a file, and one in a schema of its own."""
    place = str(tmp_path / "book.db")
    if request.param == "server":
        place = f"{request.getfixturevalue('server')}&schema=book_{abs(hash(request.node.name)) % 10**9}"
    create(place, title="A book", by="founder").close()
    return place


def line(service: Service, number: int) -> None:
    service.audit.write(
        at=NOW, who="Aisha", role="reader", token="abc", address="127.0.0.1", action="GET", target=f"/{number}\ud800\0",
        status=404, code="http.not_found", detail=None,
    )  # fmt: skip


def test_the_audit_log_gives_back_what_was_written_in_order(url):
    with open_service(url) as service:
        for number in range(5):
            line(service, number)
        found = service.audit.entries(after=1, limit=3)

    assert [entry.seq for entry in found] == [2, 3, 4]
    assert [entry.target for entry in found] == ["/1\\ud800\\0", "/2\\ud800\\0", "/3\\ud800\\0"]
    assert found[0].at == NOW


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE service_audit SET who = 'nobody'",
        "DELETE FROM service_audit",
        "DELETE FROM service_audit WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_to_change_the_audit_log(url, change):
    with open_service(url) as service:
        line(service, 1)
        with pytest.raises(BookError), service._backend.write(5.0) as connection:
            connection.exec_driver_sql(change)

        assert [entry.who for entry in service.audit.entries()] == ["Aisha"]


def test_replace_does_not_get_past_the_guard_of_a_file(tmp_path):
    create(tmp_path / "book.db", title="A book", by="founder").close()
    with open_service(tmp_path / "book.db") as service:
        line(service, 1)
    with sqlite3.connect(tmp_path / "book.db-service") as connection:
        row = connection.execute("SELECT * FROM service_audit").fetchone()
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            connection.execute("REPLACE INTO service_audit VALUES (?,?,?,?,?,?,?,?,?,?,?)", (*row[:2], "x", *row[3:]))


def test_tokens_and_jobs_are_given_back_as_they_were_kept(url):
    kept, _ = make(who="Aisha", role="recorder", at=NOW, by="founder", expires_at=None)
    with open_service(url) as service:
        service.tokens.add(kept)
        job = service.jobs.add("j1", io.BytesIO(b"x" * 3_000_000), at=NOW, by="a", media_type="m", behaviour="proceed")
    with open_service(url) as service:
        assert service.tokens.get(kept.id) == kept
        assert service.tokens.get("none") is None
        assert service.jobs.get("j1") == job
        assert sum(len(piece) for piece in service.jobs.document(1)) == 3_000_000
        assert service.jobs.waiting() == (1, 3_000_000)
        revoked = service.tokens.revoke(kept.id, at=NOW, by="founder")
        assert (revoked.revoked_at, revoked.revoked_by) == (NOW, "founder")
        assert service.tokens.revoke(kept.id, at=datetime(2030, 1, 1, tzinfo=UTC), by="x") == revoked


def test_a_job_that_has_ended_stays_as_it_is(url):
    with open_service(url) as service:
        service.jobs.add("j1", io.BytesIO(b"x"), at=NOW, by="a", media_type="m", behaviour="proceed")
        service.jobs.finish(1, at=NOW, success=True, added=1, known=2, errors=[])
        service.jobs.finish(1, at=NOW, success=False, added=0, known=0, errors=[{"code": "x.y"}])

        job = service.jobs.get("j1")

    assert (job.success, job.added, job.known, job.errors) == (True, 1, 2, [])


def test_what_is_not_there_is_refused(url):
    with open_service(url) as service:
        with pytest.raises(NotFoundError, match=r"token\.unknown"):
            service.tokens.revoke("none", at=NOW, by="x")
        with pytest.raises(NotFoundError, match=r"job\.unknown"):
            service.jobs.get("none")


def test_one_has_the_turn_at_a_time(url):
    with open_service(url) as service, open_service(url) as other:
        mine, theirs, second = service.turn("capture"), other.turn("capture"), other.turn("subscriptions")
        assert mine.take()
        assert mine.take(), "asking again keeps it"
        assert not theirs.take()
        assert second.take(), "another kind of work is another turn"
        mine.give()
        assert theirs.take()
        assert not mine.take()
        theirs.give()
        second.give()


def test_a_store_may_not_serve_another_book(tmp_path):
    for name in ("one.db", "two.db"):
        create(tmp_path / name, title=name, by="founder").close()
    open_service(tmp_path / "one.db").close()
    shutil.copy(tmp_path / "one.db-service", tmp_path / "two.db-service")

    with pytest.raises(BookError) as refusal:
        open_service(tmp_path / "two.db")

    assert refusal.value.code == "service.other_book"


def test_a_store_of_another_version_is_refused(tmp_path):
    create(tmp_path / "book.db", title="A book", by="founder").close()
    open_service(tmp_path / "book.db").close()
    with sqlite3.connect(tmp_path / "book.db-service") as connection:
        connection.execute("UPDATE service_stamp SET value = '9' WHERE name = 'format'")

    with pytest.raises(BookError) as refusal:
        open_service(tmp_path / "book.db")

    assert refusal.value.code == "service.format"


def test_a_store_is_made_by_a_writer_only(url):
    with pytest.raises(BookError) as refusal:
        open_service(url, read_only=True)
    assert refusal.value.code == "service.missing"
    open_service(url).close()

    with open_service(url, read_only=True) as service:
        assert service.audit.entries() == []


def test_a_book_proves_itself_with_its_service_store_beside_it(url):
    from lodeline.book import open as open_book

    with open_service(url) as service:
        line(service, 1)
    with open_book(url) as book:
        assert book.verify(deep=True).entries == 1


@pytest.mark.postgres
def test_only_the_owner_of_a_schema_makes_the_tables(server):
    url = f"{server}&schema=owned"
    create(url, title="A book", by="founder").close()
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE clerk LOGIN")
        connection.execute("GRANT owned_writer TO clerk")
    clerk = url.replace("lode@", "clerk@")

    with pytest.raises(BookError) as refusal:
        open_service(clerk)
    assert refusal.value.code == "service.no_owner"
    open_service(url).close()

    with open_service(clerk) as service:
        line(service, 1)
        assert len(service.audit.entries()) == 1


def test_a_list_of_jobs_ends_before_their_refusals_are_too_long_and_never_before_the_first(url, monkeypatch):
    monkeypatch.setattr(jobs, "LISTED", 250)
    with open_service(url) as service:
        for number, errors in enumerate((100, 100, 100, 900, 0, 0), 1):
            service.jobs.add(f"j{number}", io.BytesIO(b"x"), at=NOW, by="a", media_type="m", behaviour="proceed")
            said = [{"c": "x" * (errors - 10)}] if errors else []
            service.jobs.finish(number, at=NOW, success=not errors, added=0, known=0, errors=said)
        seen, after = [], 0
        while True:
            found, more = service.jobs.page(after=after, limit=3)
            seen.append([job.number for job in found])
            after = found[-1].number
            if not more:
                break

    assert seen == [[1, 2], [3], [4], [5, 6]]


def test_a_job_is_forgotten_long_after_its_end_and_not_before(url):
    with open_service(url) as service:
        for number in (1, 2, 3):
            service.jobs.add(f"j{number}", io.BytesIO(b"x"), at=NOW, by="a", media_type="m", behaviour="proceed")
        service.jobs.finish(1, at=NOW, success=True, added=1, known=0, errors=[])
        service.jobs.finish(2, at=NOW + jobs.KEPT, success=True, added=1, known=0, errors=[])
        later = NOW + jobs.KEPT + timedelta(seconds=1)
        service.jobs.add("j4", io.BytesIO(b"x"), at=later, by="a", media_type="m", behaviour="proceed")

        assert [job.id for job in service.jobs.page(after=0, limit=9)[0]] == ["j2", "j3", "j4"]
        assert service.jobs.next_open().number == 3
