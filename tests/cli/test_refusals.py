"""A refusal is one clear sentence on stderr with its code, an exit code, and never a traceback."""

import gc
import os
import sys

import pytest

from lodeline.cli.main import THREADS, main
from lodeline.cli.refusals import exit_code_of
from tests.cli.conftest import document, event

REFUSED = [
    (["events", "missing.db"], 3, "ledger."),
    (["capture", "{book}", "missing.json"], 3, "input.no_such_file"),
    (["capture", "{book}", "."], 2, "input.is_a_folder"),
    (["init", "{book}", "--title", "Again"], 5, "ledger."),
    (["show", "{book}", "nothing"], 3, "show.nothing"),
    (["events", "{book}", "--as-of", "soon"], 2, "book.as_of"),
    (["events", "{book}", "--as-of", "99"], 2, "book.as_of_beyond"),
    (["events", "{book}", "--as-of", "2026-01-01T00:00:00"], 2, "book.as_of"),
    (["document", "add", "{book}", "x.unheard-of", "--issuer", "A"], 2, "document.media_type"),
    (["document", "get", "{book}", "ni:///sha-256;00"], 3, "ledger."),
    (["report", "{book}", "--html", "no/such/folder/x.html"], 2, "output.unwritable"),
    (["export", "{book}", "{book}"], 2, "output.exists"),
    (["checkpoint", "{book}", "--out", "{book}"], 2, "output.exists"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "said"), REFUSED, ids=lambda value: " ".join(value) if isinstance(value, list) else None
)
def test_a_refusal_is_one_line_with_its_code(lodeline, book, arguments, code, said):
    ran = lodeline(*[part.format(book=book) for part in arguments])
    assert ran.code == code, ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("lodeline: ")
    assert f"[{said}" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe{\x00}\x00", b'{"type":"EPCISDocument"}', b"nonsense", b"1"]
)
def test_what_is_no_document_is_refused_and_nothing_is_left(lodeline, book, content):
    ran = lodeline("capture", book, "-", stdin=content)
    assert ran.code == 4, ran.err
    assert len(ran.err.splitlines()) == 1
    assert lodeline("events", book).out == "no events\n"


def test_a_policy_that_is_not_toml_is_refused(lodeline, book, tmp_path):
    (tmp_path / "p.toml").write_text("a = = 1")
    ran = lodeline("policy", "set", book, "p.toml")
    assert (ran.code, "[policy.not_toml" in ran.err) == (4, True)
    assert "no policy is set" in lodeline("policy", "show", book).out


def test_the_demo_leaves_a_file_that_is_not_its_own_alone(lodeline, tmp_path):
    (tmp_path / "demo").mkdir()
    theirs = tmp_path / "demo" / "first-shipment.db"
    theirs.write_text("my own notes")
    ran = lodeline("demo")
    assert (ran.code, "[demo.not_ours" in ran.err) == (2, True)
    assert theirs.read_text() == "my own notes"


def test_an_unreadable_file_is_an_input_refusal():
    assert exit_code_of(PermissionError("x")) == 70  # outside of `opened` it would be a fault of lodeline


def test_wrong_usage_says_how_it_is_used(lodeline):
    ran = lodeline("capture")
    assert ran.code == 2
    assert "Usage: " in ran.err


def test_a_reader_that_goes_away_is_no_fault(lodeline, book, tmp_path):
    import subprocess

    lodeline("capture", book, "-", stdin=document(*(event(f"urn:x:{i}", minute=i % 60) for i in range(500))))
    # Of the report it is the terminal's library that writes.
    for command in ("events BOOK --json", "report BOOK"):
        told = command.replace("BOOK", str(book))
        piped = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m lodeline.cli.main {told} | head -1; exit ${{PIPESTATUS[0]}}"],
            capture_output=True, check=False,
        )  # fmt: skip
        assert piped.stderr == b""
        assert piped.stdout.count(b"\n") == 1
        assert piped.returncode == 0


@pytest.mark.parametrize(("set_before", "then"), [(None, "1"), ("4", "4")])
def test_linear_algebra_has_one_thread_unless_somebody_said_otherwise(monkeypatch, set_before, then):
    """So that the digits of a figure are the same on a machine with more cores."""
    monkeypatch.setattr(sys, "argv", ["lodeline", "--version"])
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setenv(THREADS, set_before or "")
    if set_before is None:
        monkeypatch.delenv(THREADS)
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, os.environ[THREADS]) == (0, then)
