"""A progress bar on standard error for anything over a second; silent where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DELAY_S = 1.0
REDRAW_S = 0.1


@contextmanager
def progress(doing: str, *, total: int | None) -> Iterator[Callable[[int], None]]:
    """A function to call with the count so far. The bar appears after a second, and only on a terminal."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    bar = _Bar(doing, total)
    try:
        yield bar.show
    finally:
        bar.close()


def _nothing(count: int) -> None:
    """Nobody watches."""


class _Bar:
    """Draws by rich once it is clear that the work takes long; importing rich is itself slow."""

    def __init__(self, doing: str, total: int | None) -> None:
        self._doing, self._total = doing, total
        self._started = self._drawn = time.monotonic()
        self._close: Callable[[], None] = lambda: None
        self._update: Callable[[int], None] | None = None

    def show(self, count: int) -> None:
        now = time.monotonic()
        if now - self._started < DELAY_S or now - self._drawn < REDRAW_S:
            return
        self._drawn = now
        if self._update is None:
            self._open()
        if self._update is not None:
            self._update(count)

    def close(self) -> None:
        self._close()

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        bar.start()
        task = bar.add_task(self._doing, total=self._total)
        self._close = bar.stop
        self._update = lambda count: bar.update(task, completed=count)
