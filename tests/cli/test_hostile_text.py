"""Foreign text in any field reaches the terminal written out, never alive."""

import pytest

from tests.cli.conftest import document, event

HOSTILE = "</script><script>alert(1)</script>=cmd|' /C calc'!A0\u202e\u2066\x1b[2J\x9b31m\u2028\u200b"
ALIVE = set("\u202e\u2066\x1b\x9b\u2028\u200b")


@pytest.fixture
def hostile_book(lodeline, book, tmp_path):
    lot = "urn:x:" + "a" * 40
    content = document(
        event(lot, **{"ex:note": HOSTILE, "ex:long": "y" * 1_000_000}),
        context=[{"ex": "https://example.com/" + "z" * 20}],
    )
    assert lodeline("capture", book, "-", "--by", HOSTILE, stdin=content).code == 0
    (tmp_path / "note.txt").write_text(HOSTILE)
    for title in (HOSTILE, "x" * 100_000):
        (tmp_path / "note.txt").write_text(title[:50])
        assert lodeline("document", "add", book, "note.txt", "--title", title, "--issuer", HOSTILE).code == 0
    return book


@pytest.mark.parametrize("command", [["events"], ["show", "{one}"], ["document", "list"], ["report"], ["verify"]])
def test_no_command_lets_it_through(lodeline, hostile_book, command):
    first = lodeline("events", hostile_book).out.splitlines()[2].split()[0]
    words = [part.format(one=first) for part in command]
    at = 2 if command[0] == "document" else 1
    ran = lodeline(*words[:at], hostile_book, *words[at:])
    assert ran.code == 0, ran.err
    assert not ALIVE & set(ran.out + ran.err)
    assert len(max(ran.out.splitlines(), key=len)) < 10_000


def test_a_refusal_quotes_it_written_out(lodeline, book):
    ran = lodeline("capture", book, "-", stdin=document(event("urn:x:a", action=HOSTILE)))
    assert ran.code == 4
    assert not ALIVE & set(ran.err)
