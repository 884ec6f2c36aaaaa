"""The worker: takes accepted documents into the book, one after another, in the order in which they came.

It runs in a thread of the server. Of several servers on one book the one that has the turn works; if it dies, the
system gives the turn to another, which begins the open job anew. That records nothing twice, since the ledger knows
an event that it holds, and an attempt is counted before it is made, so that a document which ends the process each
time is given up.
"""

from __future__ import annotations

import io
import sys
import threading
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import msgspec

from lodeline.errors import BookError, LodelineError
from lodeline.errors.visible import visible
from lodeline.web.problems import Problem, problem_for, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lodeline.book import Book
    from lodeline.book.clock import Clock
    from lodeline.book.service import Job, Service

TURN = "capture"
ATTEMPTS = 5
"""How often a job is begun before it is given up."""
POLL_S = 1.0
"""How long before it looks for jobs that another server has taken in."""
SHOWN_ERRORS = 1_000
"""How many refusals of one job are told one by one."""
PASSING = ("ledger.busy", "ledger.full", "ledger.unreachable")
"""Refusals of the store that may be over the next time."""


class _WorkWaits(Exception):  # noqa: N818  it is no error
    """There is a job, or the server stops, while the index grows."""


class CaptureWorker:
    """Captures accepted documents. Start it once, stop it before the book is closed.

    Attributes:
        captured: Called, in any thread, when events have come into the book.
    """

    def __init__(
        self, book: Book, service: Service, *, clock: Clock, captured: Callable[[], None] = lambda: None
    ) -> None:
        self._book, self._service, self._clock, self.captured = book, service, clock, captured
        self._turn = service.turn(TURN)
        self._indexed = -1
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lodeline-capture", daemon=True)

    def start(self) -> None:
        """Begin to work, with what was left open before."""
        self._thread.start()

    def wake(self) -> None:
        """There is a new job."""
        self._wake.set()

    def stop(self) -> None:
        """End after the job that is being done; what waits stays for the next start."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s = POLL_S
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                try:
                    has_turn = self._turn.take()
                    went_on = has_turn and self.do_next()
                    pause_s = POLL_S
                except LodelineError as refusal:
                    # The store will be asked again; a server must not stop working because a disk was full once.
                    print(f"lodeline: capture waits: {refusal}", file=sys.stderr, flush=True)
                    went_on, pause_s = False, min(60.0, 2 * pause_s)
                    has_turn = False
                if not went_on and not self._wake.wait(pause_s) and has_turn:
                    self._index()
        finally:
            self._turn.give()

    def _index(self) -> None:
        """Nothing has come for a while: let the next query find its index grown."""
        try:
            head = self._book.head().seq
            if head != self._indexed:
                self._book.index(progress=self._while_idle)
                self._indexed = head
        except _WorkWaits:
            # What has grown so far stays; the rest comes when it is quiet again.
            return
        except LodelineError as refusal:
            # A query grows the index too, or does without.
            print(f"lodeline: the query index waits: {refusal}", file=sys.stderr, flush=True)

    def _while_idle(self, _: int) -> None:
        if self._wake.is_set() or self._stopping.is_set():
            raise _WorkWaits

    def do_next(self) -> bool:
        """Do the oldest open job; False where there is none.

        Raises:
            BookError: the store cannot be used now; the job stays open.
        """
        job = self._service.jobs.next_open()
        if job is None:
            return False
        if self._service.jobs.begin(job.number) > ATTEMPTS:
            self._finish(job, [_gave_up(job)])
            return True
        try:
            with _document(self._service.jobs.document(job.number), job.id) as stream:
                captured = self._book.capture(stream, by=job.by, proceed=job.behaviour == "proceed")
        except BookError as refusal:
            if refusal.code in PASSING and job.attempts + 1 < ATTEMPTS:
                raise
            self._finish(job, [problem_of(refusal)])
        except LodelineError as refusal:
            self._finish(job, [problem_of(refusal)])
        except Exception as fault:  # noqa: BLE001  whatever a document brings about, its job must end and the next begin
            self._finish(job, [problem_for(fault)])
        else:
            errors = [problem_of(refusal) for refusal in captured.refused]
            self._finish(job, errors, added=captured.added, known=captured.known)
            if captured.added:
                self.captured()
        return True

    def _finish(self, job: Job, errors: list[Problem], *, added: int = 0, known: int = 0) -> None:
        shown = errors[:SHOWN_ERRORS]
        if len(errors) > len(shown):
            shown.append(_more(len(errors) - len(shown)))
        self._service.jobs.finish(
            job.number,
            at=self._clock(),
            success=not errors,
            added=added,
            known=known,
            errors=cast("list[dict[str, Any]]", msgspec.to_builtins(shown)),
        )


def _gave_up(job: Job) -> Problem:
    return Problem(
        type="epcisException:ImplementationException",
        title="This went wrong on the server",
        status=500,
        detail=f"This document was begun {ATTEMPTS} times and never came to an end; send it in smaller parts.",
        code="job.gave_up",
        where={"job": visible(job.id)},
    )


def _more(count: int) -> Problem:
    return Problem(
        type="epcisException:ValidationException",
        title="This is not valid",
        status=400,
        detail=f"{count} more events were refused; their refusals are not told one by one.",
        code="job.more_errors",
    )


def _document(pieces: Iterator[bytes], name: str) -> BinaryIO:
    """A job's document as a stream, one piece in memory at a time."""
    return cast(BinaryIO, io.BufferedReader(_Pieces(pieces, name), 1 << 20))


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes], name: str) -> None:
        self.name = name
        self._pieces, self._rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
