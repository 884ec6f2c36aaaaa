"""A real server: ``lodeline serve`` in a process of its own, on a free port of the loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_S = 60.0


class Served:
    """A server that runs, and a client of it."""

    def __init__(self, process: subprocess.Popen[str], said: str, client: httpx.Client) -> None:
        self.process, self.said, self.client = process, said, client

    def kill(self) -> None:
        """As a power cut would: no chance to end anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(START_S)

    def stop(self, kind: int = signal.SIGTERM) -> int:
        """End in order, and give the exit code."""
        self.process.send_signal(kind)
        return self.process.wait(START_S)


def command(book: Path | str, *options: str) -> list[str]:
    """The command that serves a book."""
    return [sys.executable, "-m", "lodeline.cli.main", "serve", str(book), "--port", "0", "--by", "clerk", *options]


@contextmanager
def served(book: Path | str, *options: str, headers: dict[str, str] | None = None, **env: str) -> Iterator[Served]:
    """Serve a book until the end of the block."""
    process = subprocess.Popen(
        command(book, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **env}
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[str] = []
    # Read away, so that a server that says much does not stop at a full pipe.
    reader = threading.Thread(target=lambda: errors.extend(process.stderr or ()), daemon=True)
    reader.start()
    try:
        said = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"http://\S+?:\d+", said)
        assert found is not None, f"the server said {said!r} and {errors}"
        with httpx.Client(base_url=found[0], timeout=60.0, headers=headers or {}) as client:
            _wait(client)
            yield Served(process, said, client)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(START_S)
        reader.join()
        process.stdout.close()
        process.stderr.close()
        assert not [line for line in errors if "Traceback" in line or "fault" in line], "".join(errors)


def _wait(client: httpx.Client) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            client.get("/")
            return
        except httpx.TransportError:
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.02)
