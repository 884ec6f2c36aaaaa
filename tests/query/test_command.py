"""``lodeline query``: parameters, files, pages, formats, and its refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lodeline.cli.main import cli
from lodeline.errors import InputError
from tests.query import corpus
from tests.query.filled import filled, rows


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("book") / "book.db")
    filled(path, corpus.events(3, 60)).close()
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["query", *arguments])


def refused(*arguments: str) -> InputError:
    result = run(*arguments)
    assert isinstance(result.exception, InputError)
    return result.exception


def test_pages_follow_one_another_by_their_tokens(path: str) -> None:
    ids, token = [], []
    for _ in range(10):
        result = run(path, "EQ_action=ADD|OBSERVE", "--per-page", "7", "--format", "ids", *token)
        ids += result.stdout.split()
        more = re.search(r"more: (--token) (\S+)", result.stderr)
        if more is None:
            break
        token = [more[1], more[2]]
    whole = run(path, "EQ_action=ADD|OBSERVE", "--all", "--format", "ids", "--per-page", "7")
    assert ids == whole.stdout.split()
    assert len(ids) > 14


def test_a_prefix_is_bound_by_ext_and_a_file_is_the_same_query(path: str, tmp_path: Path) -> None:
    file = tmp_path / "query.json"
    file.write_text(json.dumps({"@context": {"ex": corpus.EX}, "EXISTS_ex:a": None}))
    by_hand = run(path, "EXISTS_e:a=", "--ext", f"e={corpus.EX}", "--json", "--all")
    by_file = run(path, "--query", str(file), "--json", "--all")
    assert by_hand.stdout == by_file.stdout
    assert all("ex:a" in json.loads(line)["event"] for line in by_hand.stdout.splitlines())
    assert by_hand.stdout


def test_an_answer_as_a_document_holds_the_events(path: str) -> None:
    from lodeline.ledger.store import open_store

    document = json.loads(run(path, "eventType=ObjectEvent", "--all", "--format", "epcis").stdout)
    found = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    with open_store(path, read_only=True) as store:
        assert len(found) == sum(row.event["type"] == "ObjectEvent" for row in rows(store).values())


def test_a_table_is_for_people_and_says_when_there_is_nothing(path: str) -> None:
    assert run(path, "EQ_eventID=urn:x:none").stdout == "no events\n"
    assert "ObjectEvent" in run(path, "eventType=ObjectEvent").stdout


def test_what_is_no_query_is_refused(path: str, tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text("[1]")
    assert refused(path, "EQ_action").code == "query.not_a_pair"
    assert refused(path, "EQ_action=ADD", "--query", str(file)).code == "query.two_queries"
    assert refused(path, "--query", str(file)).code == "query.not_an_object"
    assert refused(path, "--ext", "nothing").code == "query.extension"
    assert refused(path, "EQ_foo:a=5").code == "query.unbound_prefix"


def test_a_book_that_may_only_be_read_is_asked_all_the_same(path: str) -> None:
    Path(path).chmod(0o444)
    try:
        assert run(path, "EQ_action=ADD", "--format", "ids").stdout.startswith("ni:///sha-256;")
    finally:
        Path(path).chmod(0o644)
