"""What is acknowledged survives, also where a process opens one book twice and another process comes and goes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lodeline.book import create
from lodeline.book import open as open_book
from lodeline.ledger import rawfile

WRITER = """
import sys, time
from lodeline.book import open as open_book
from tests.cli.conftest import document, event
book = open_book(sys.argv[1])
book.capture(document(event("urn:example:lot:1")), by="a")
{then}
print("ready", flush=True)
sys.stdin.readline()
book.capture(document(event("urn:example:lot:2")), by="a")
print("acknowledged", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(
    "then",
    ["pass", "open_book(sys.argv[1], read_only=True).close()", "book.verify(deep=True)"],
    ids=["nothing else", "opened again", "verified"],
)
def test_a_capture_that_was_acknowledged_survives_a_kill_whatever_else_was_opened(tmp_path: Path, then: str):
    path = tmp_path / "book.db"
    create(path, title="Locks", by="founder").close()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER.format(then=then), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "ready\n"
        # This process comes and goes; if the writer's locks were gone, it would take the log away as the last one.
        open_book(path).close()
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "acknowledged\n"
        writer.kill()

    with open_book(path, read_only=True) as book:
        assert len(list(book.events())) == 2


def test_a_handle_is_kept_while_there_are_connections_used_again_and_closed_with_them(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    handles = [handle_of(path)]
    file = rawfile.connecting(path)
    handles += [handle_of(path), handle_of(path)]

    assert handles[1] == handles[2]
    assert open_handles(path) == {handles[1]}
    rawfile.disconnected(file)
    assert open_handles(path) == set()


def handle_of(path: Path) -> int:
    with rawfile.reading(path) as file:
        assert file.read(3) == b"012"
        return file.fileno()


def open_handles(path: Path) -> set[int]:
    return {
        int(link.name) for link in Path("/proc/self/fd").iterdir() if link.exists() and link.resolve() == path.resolve()
    }
