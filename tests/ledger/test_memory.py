"""A large document is captured in bounded memory: what waits, waits in files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.epcis import CONTEXT, event

EVENTS, EVENT_BYTES = 4_000, 50_000
MOST_BYTES = 400_000_000
"""What a document of a gigabyte may take. This one has a fifth of it, and twice its size does not fit either."""

CAPTURE = """
import os, resource, sys
from lodeline.ledger.store import open_store
from lodeline.record.document import spool
from tests.ledger.books import clock

with open_store(sys.argv[1]) as store, open(sys.argv[2], "rb") as file, spool(file) as held:
    added = store.capture(held, by="clerk", clock=clock()).added
# Not ru_maxrss of this process, which inherits that of the one that starts it: pytest, however large it has grown.
own = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(added, 1024 * (own + largest * (os.cpu_count() or 1)))
"""


@pytest.mark.slow
def test_a_large_document_whose_context_comes_last_is_captured_in_bounded_memory(tmp_path: Path) -> None:
    """All processes together, each at its own worst moment."""
    from tests.ledger.books import book

    path, url = tmp_path / "large.json", str(tmp_path / "book.db")
    with path.open("w") as file:
        file.write('{"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2025-10-02T08:00:00.000Z",')
        file.write('"epcisBody":{"eventList":[')
        for number in range(EVENTS):
            file.write("," if number else "")
            file.write(json.dumps(event(number, **{"ex:pad": "z" * EVENT_BYTES})))
        file.write(']},"@context":' + json.dumps(CONTEXT) + "}")
    assert path.stat().st_size > MOST_BYTES / 2
    book(url).close()
    done = subprocess.run(
        [sys.executable, "-c", CAPTURE, url, str(path)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    added, most = map(int, done.stdout.split())
    print(f"{path.stat().st_size / 1e6:.0f} MB were captured in {most / 1e6:.0f} MB")
    assert added == EVENTS
    assert most < MOST_BYTES
