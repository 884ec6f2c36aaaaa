"""Children that capture and may be killed: forked off a process that has everything imported already.

The parent speaks to the nursery over pipes, one JSON line an order; each child shares a small file with the parent,
in which it says where it is: whether it is inside a transaction, and how many captures were acknowledged to it.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from struct import Struct
from typing import Any

EVENTS = 25
"""Events of one capture."""

_STATE = Struct("=BxxxxxxxQQ")  # inside a transaction, captures acknowledged, process id of the server's backend
OUTSIDE, INSIDE = 0, 1


class State:
    """What a child says of itself, in a file that both processes have mapped."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_STATE.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _STATE.size)

    def read(self) -> tuple[int, int, int]:
        """Phase, captures acknowledged, process id of the server's backend."""
        phase, acknowledged, backend = _STATE.unpack(self._memory[:])
        return int(phase), int(acknowledged), int(backend)

    def say(self, phase: int | None = None, acknowledged: int | None = None, backend: int | None = None) -> None:
        """Change some of it."""
        now = self.read()
        new = [old if said is None else said for old, said in zip(now, (phase, acknowledged, backend), strict=True)]
        self._memory[:] = _STATE.pack(*new)


def events_of(writer: int, capture: int) -> list[dict[str, Any]]:
    """The events of one capture; no two captures of any writers share one."""
    from tests.ledger.epcis import event

    first = (writer * 10_000 + capture) * EVENTS
    return [event(number, eventID=f"urn:example:event:{number}") for number in range(first, first + EVENTS)]


class Nursery(AbstractContextManager["Nursery"]):
    """The warmed process. Close it, and every child it still has is killed."""

    def __init__(self) -> None:
        root = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.nursery"],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == {"ready": True}

    def fork(
        self,
        url: str,
        state: Path,
        *,
        writer: int,
        first: int,
        captures: int | None = None,
        gate: Path | None = None,
    ) -> int:
        """A child that captures one document after the other; without ``captures`` until it is killed.

        With a ``gate`` it begins when there is a file of that name.
        """
        gate_name = None if gate is None else str(gate)
        self._order(url=url, state=str(state), writer=writer, first=first, captures=captures, gate=gate_name)
        pid: int = self._answer()["pid"]
        return pid

    def reap(self, pid: int) -> int:
        """Wait for a child's end: its exit code, or minus the signal that ended it."""
        self._order(reap=pid)
        code: int = self._answer()["code"]
        return code

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _order(self, **order: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def stop(pid: int) -> None:
    """Stop a process in its tracks, so that what it says of itself is true when it is killed."""
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "TZ":
        time.sleep(0.0002)


def child(order: dict[str, Any]) -> None:
    """Capture document after document, and say so in the shared state."""
    from io import BytesIO

    from lodeline.ledger.backend import Backend
    from lodeline.ledger.store import open_store
    from lodeline.record.document import spool
    from tests.ledger.books import clock
    from tests.ledger.epcis import document

    state = State(Path(order["state"]))
    state.say(phase=OUTSIDE, acknowledged=order["first"])
    write = Backend.write

    @contextmanager
    def told(self: Backend, wait_s: float) -> Iterator[Any]:
        with write(self, wait_s) as connection:
            if self.engine.dialect.name == "postgresql":
                state.say(backend=connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
            state.say(phase=INSIDE)
            yield connection
        # After COMMIT has returned: until then the transaction is open as far as anyone knows.
        state.say(phase=OUTSIDE)

    Backend.write = told  # type: ignore[method-assign]
    tick, capture = clock(), order["first"]
    with open_store(order["url"]) as store:
        while order["gate"] is not None and not Path(order["gate"]).exists():
            time.sleep(0.001)
        while order["captures"] is None or capture < order["first"] + order["captures"]:
            with spool(BytesIO(document(events_of(order["writer"], capture)))) as held:
                done = store.capture(held, by=f"writer {order['writer']}", clock=tick)
            assert done.added == EVENTS
            capture += 1
            state.say(acknowledged=capture)


def main() -> None:
    """Fork a child for each order, or wait for one."""
    import lodeline.ledger.capturing
    import lodeline.ledger.postgres
    import lodeline.ledger.sqlite
    import lodeline.record.prepare  # noqa: F401

    children: set[int] = set()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "reap" in order:
            _, status = os.waitpid(order["reap"], 0)
            children.discard(order["reap"])
            print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                child(order)
                code = 0
            finally:
                os._exit(code)
        children.add(pid)
        print(json.dumps({"pid": pid}), flush=True)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
