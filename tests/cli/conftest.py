"""The command line as a user calls it: a process of its own, with its exit code, output and errors."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


class Ran(msgspec.Struct):
    """What a finished command left."""

    code: int
    out: str
    err: str


@pytest.fixture
def lodeline(tmp_path: Path):
    """Run ``lodeline`` with these arguments in a folder of its own."""

    def run(*arguments: object, stdin: bytes = b"") -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "lodeline.cli.main", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "LODELINE_USER": "clerk", "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"},
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def event(lot: str, *, minute: int = 0, **more: object) -> dict[str, object]:
    """A small valid event on one lot."""
    return {
        "type": "ObjectEvent",
        "eventTime": f"2026-01-31T10:{minute:02}:00Z",
        "eventTimeZoneOffset": "+05:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "quantityList": [{"epcClass": lot, "quantity": 1, "uom": "TNE"}],
        **more,
    }


def document(*events: dict[str, object], context: object = CONTEXT) -> bytes:
    """An EPCIS document of these events."""
    return msgspec.json.encode(
        {
            "@context": context,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-01-31T12:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    )


@pytest.fixture
def book(lodeline, tmp_path: Path) -> Path:
    """An empty book."""
    assert lodeline("init", "book.db", "--title", "Test").code == 0
    return tmp_path / "book.db"
