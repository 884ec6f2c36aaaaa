"""A book in PostgreSQL answers every command as one in a file does."""

import json

import pytest

from tests.cli.conftest import document, event

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres_server):
    return f"{postgres_server}&schema=cli_book"


def test_the_same_commands_work_and_the_book_moves_to_a_file_with_its_head(lodeline, url):
    assert lodeline("init", url, "--title", "On a server").code == 0
    again = lodeline("init", url, "--title", "Once more")
    assert (again.code, "[ledger.exists" in again.err) == (5, True), again.err

    captured = lodeline("capture", url, "-", stdin=document(event("urn:x:a"), event("urn:x:b", minute=1)))
    assert "2 recorded" in captured.out, captured.err
    assert len(lodeline("events", url, "--json", "--lot", "urn:x:a").out.splitlines()) == 1
    assert lodeline("verify", url, "--deep").code == 0
    assert "unknown" in lodeline("report", url).out.lower()

    assert lodeline("export", url, "moved.lodeline").code == 0
    assert lodeline("import", "moved.lodeline", "moved.db").code == 0
    heads = [json.loads(lodeline("checkpoint", name).out) for name in (url, "moved.db")]
    assert heads[0] == heads[1]


def test_a_server_that_does_not_answer_is_one_clear_sentence(lodeline):
    ran = lodeline("events", "postgresql://nobody@127.0.0.1:1/none?schema=book")
    assert (ran.code, "[ledger.unreachable" in ran.err) == (5, True), ran.err
    assert len(ran.err.splitlines()) == 1


def test_an_address_without_a_schema_says_what_to_write(lodeline):
    ran = lodeline("events", "postgresql://nobody@127.0.0.1:1/none")
    assert (ran.code, "[ledger.url_schema" in ran.err) == (5, True), ran.err
