"""A word on standard error while something takes long: what is being done, how far it is where that can be counted, and
for how long it has been going on. Silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

DELAY_S = 1.0


class Waiting:
    """What a caller says of its work; a person sees it after a second.

    Its two methods may be handed down: ``stage`` where one part of the work after another begins, ``count`` where one
    part can tell how many it has done.
    """

    def __init__(self, doing: str) -> None:
        self._doing, self._done = doing, 0
        self._lock = Lock()
        self._bar: Progress | None = None
        self._over = False

    def stage(self, doing: str) -> None:
        """Say what is being done from now on."""
        self._doing, self._done = doing, 0
        self._told()

    def count(self, done: int) -> None:
        """Say how many are done of what is being done."""
        self._done = done
        self._told()

    def show(self) -> None:
        """Begin to show it."""
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        bar.add_task(self._said())
        with self._lock:
            # The work may have ended while rich was loaded.
            if not self._over:
                self._bar = bar
                bar.start()

    def close(self) -> None:
        """Take it away."""
        with self._lock:
            self._over = True
            if self._bar is not None:
                self._bar.stop()

    def _told(self) -> None:
        with self._lock:
            if self._bar is not None:
                self._bar.update(self._bar.task_ids[0], description=self._said())

    def _said(self) -> str:
        return f"{self._doing}: {self._done:,}" if self._done else self._doing


@contextmanager
def waiting(doing: str) -> Iterator[Waiting]:
    """Say what is being done, after a second, until it is done."""
    said = Waiting(doing)
    if not sys.stderr.isatty():
        yield said
        return
    timer = Timer(DELAY_S, said.show)
    timer.daemon = True
    timer.start()
    try:
        yield said
    finally:
        timer.cancel()
        timer.join()
        said.close()
