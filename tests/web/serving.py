"""A book that is served by a process of its own, as a user serves it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

LODELINE = Path(sys.executable).with_name("lodeline")


@dataclass
class Served:
    """A running `lodeline serve`."""

    url: str
    process: subprocess.Popen[str]

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1)

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def served(book: str | Path, *options: str) -> Iterator[Served]:
    """`lodeline serve` on a free port of loopback, ended at the end of the block."""
    process = subprocess.Popen(
        [str(LODELINE), "serve", str(book), "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LODELINE_USER": "tester", "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        found = None
        while found is None:
            line = process.stdout.readline()
            assert line, "the server ended before it began"
            found = re.search(r"http://\S+:\d+", line)
        served = Served(found[0], process)
        _wait(served)
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)
        process.stdout.close()


def _wait(served: Served) -> None:
    # It listens before it says so; the first answer comes when it has begun.
    with served.client() as client:
        client.get("/")
