"""A shell that outlives its commands, for the console blocks of one page."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from types import TracebackType

from tests.docs.pages import ROOT

PATIENCE_S = 300
"""After this long a command counts as hung. Long, since the machine may be busy."""

# A page's `make` commands set up and test this very checkout; here only their targets are looked up, not made.
PROLOGUE = 'make() { command make --dry-run --silent --directory "$CHECKOUT" "$@" >/dev/null; }\n'


class Shell:
    """One bash in one folder: what a command sets, the next one finds, as in a reader's own terminal."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment(folder) | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._send(PROLOGUE)

    def run(self, command: str) -> tuple[str, int]:
        """What ``command`` prints on either stream, and its exit code. It reads nothing."""
        mark = f"--{uuid.uuid4().hex}--"
        self._send(f"{{ {command}\n}} </dev/null\n__code=$?; printf '\\n{mark} %d\\n' $__code; (exit $__code)\n")
        printed = self._until(f"\n{mark} ", command)
        text, _, code = printed.rpartition(f"\n{mark} ")
        return text, int(code)

    def _send(self, text: str) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.write(text.encode())
        self._bash.stdin.flush()

    def _until(self, mark: str, command: str) -> str:
        assert self._bash.stdout is not None
        sought, printed, deadline = mark.encode(), b"", time.monotonic() + PATIENCE_S
        with selectors.DefaultSelector() as selector:
            selector.register(self._bash.stdout, selectors.EVENT_READ)
            while not (sought in printed and printed.endswith(b"\n")):
                if not selector.select(deadline - time.monotonic()):
                    raise AssertionError(f"no end after {PATIENCE_S} s: $ {command}\n{printed.decode()}")
                chunk = os.read(self._bash.stdout.fileno(), 65536)
                if not chunk:
                    raise AssertionError(f"the shell itself ended: $ {command}\n{printed.decode()}")
                printed += chunk
        return printed.decode()

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait()
        for stream in (self._bash.stdin, self._bash.stdout):
            assert stream is not None
            stream.close()


def environment(folder: Path) -> dict[str, str]:
    """A plain terminal of 100 columns without colours, in which this installation's ``lodeline`` comes first."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LODELINE_", "PYTEST_", "MAKE", "XDG_"))
    }
    return kept | {
        "CHECKOUT": str(ROOT),
        "COLUMNS": "100",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
        "TZ": "UTC",
    }
