"""Preparing: everything that can be done to a document's events before the write lock is taken.

A small document is prepared here and now. A large one goes to worker processes, one for each processor, in
batches; what they answer waits in a temporary file, so that memory does not grow with the document.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from lodeline.errors import CaptureError, LodelineError
from lodeline.ledger.batches import Outcome, Task, prepare_task, unpack
from lodeline.ledger.worker import read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from lodeline.record.prepare import Prepared

WORKERS_FROM_BYTES = 4_000_000
"""Documents below this size are prepared in this process: starting workers would take longer than the work."""
WORKERS_FROM_EVENTS = 4_000
"""The same, where the number of events is known and not their size."""
BATCH_BYTES = 400_000
BATCH_EVENTS = 400
IN_MEMORY_BYTES = 4_000_000
"""Prepared events up to this size wait in memory, beyond it in a temporary file."""


def tasks(raws: Iterable[bytes], context: bytes | None, *, bare: bool) -> Iterator[Task]:
    """Cut a document's events into batches, bounded in number and bytes."""
    first, batch, size = 0, [], 0
    for raw in raws:
        batch.append(bytes(raw))
        size += len(raw)
        if size >= BATCH_BYTES or len(batch) >= BATCH_EVENTS:
            yield Task(context, bare, first, batch)
            first, batch, size = first + len(batch), [], 0
    if batch:
        yield Task(context, bare, first, batch)


def outcomes(work: Iterable[Task], *, large: bool, first_only: bool) -> Generator[Outcome]:
    """Prepare each task, in order; a large work is given to worker processes."""
    if not large:
        for task in work:
            yield prepare_task(task, first_only=first_only)
        return
    with Workers(os.cpu_count() or 1, first_only=first_only) as workers:
        yield from workers.outcomes(work)


class Workers(AbstractContextManager["Workers"]):
    """Worker processes, each with a thread that feeds it and waits for its answer."""

    def __init__(self, count: int, *, first_only: bool) -> None:
        # -P: whatever lies in the folder the caller stands in is not imported.
        command = [sys.executable, "-P", "-m", "lodeline.ledger.worker", *(["first-only"] if first_only else [])]
        self._count = count
        self._processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)
        ]
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="lodeline-prepare")

    def outcomes(self, work: Iterable[Task]) -> Iterator[Outcome]:
        """The outcomes of tasks, in the tasks' order, with no more than two tasks a worker under way."""
        waiting: deque[Future[Outcome]] = deque()
        for task in work:
            waiting.append(self._threads.submit(self._ask, task))
            if len(waiting) >= 2 * self._count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _ask(self, task: Task) -> Outcome:
        process = self._idle.get()
        try:
            try:
                write_frame(cast(BinaryIO, process.stdin), msgspec.msgpack.encode(task))
                answer = read_frame(cast(BinaryIO, process.stdout))
            except BrokenPipeError:
                answer = None
            if answer is None:
                raise CaptureError(
                    "capture.worker_lost",
                    "A worker process ended before its work was done (killed, or out of memory); capture again.",
                    exit_code=process.poll(),
                )
            return msgspec.msgpack.decode(answer, type=Outcome)
        finally:
            self._idle.put(process)

    def __exit__(self, *_: object) -> None:
        # Closing its input ends a worker; one that is busy, or not listening, must not outlive the capture.
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
        # Now every thread has seen the end of its worker's answers.
        self._threads.shutdown(wait=True)
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        # Bytes that the killed worker did not read; it was told to stop, so nothing is lost.
                        continue


class Waiting(AbstractContextManager["Waiting"]):
    """The prepared events of one document, waiting for the write lock.

    Attributes:
        count: How many there are.
        refused: The events that were left out, in order; only with ``proceed``.
    """

    def __init__(
        self,
        raws: Iterable[bytes],
        context: bytes | None,
        *,
        bare: bool,
        size: int,
        proceed: bool,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.count = 0
        self.refused: list[LodelineError] = []
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, prefix="lodeline-")  # noqa: SIM115
        large = size >= WORKERS_FROM_BYTES
        try:
            work = tasks(raws, context, bare=bare)
            with closing(outcomes(work, large=large, first_only=not proceed)) as done:
                for outcome in done:
                    self._take(outcome, proceed=proceed)
                    if progress is not None:
                        progress(self.count + len(self.refused))
        except BaseException:
            self._file.close()
            raise

    def _take(self, outcome: Outcome, *, proceed: bool) -> None:
        refused = outcome.refusals()
        if refused and not proceed:
            raise refused[0]
        self.refused += refused
        self.count += outcome.count
        try:
            write_frame(cast(BinaryIO, self._file), outcome.prepared)
        except OSError as error:
            raise CaptureError(
                "capture.no_room",
                f"Prepared events cannot be put into {tempfile.gettempdir()} for the time being: {error.strerror}; "
                "make room there, or set TMPDIR to a folder that has it.",
            ) from error

    def batches(self) -> Iterator[Sequence[Prepared]]:
        """The prepared events in the document's order, a batch at a time."""
        self._file.seek(0)
        while (frame := read_frame(cast(BinaryIO, self._file))) is not None:
            if batch := unpack(frame):
                yield batch

    def __exit__(self, *_: object) -> None:
        self._file.close()
