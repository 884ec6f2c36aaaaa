"""One book being served: what every handler reaches for, and threads for what would block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

if TYPE_CHECKING:
    from litestar import Request
    from litestar.connection import ASGIConnection

    from lodeline.book import Book
    from lodeline.book.service import Service
    from lodeline.web.access import Caller, Gatekeeper
    from lodeline.web.settings import Settings
    from lodeline.web.worker import CaptureWorker

T = TypeVar("T")

THREADS = 8
"""Fewer than a database's connections, so that no thread waits for one that another holds."""


@dataclass(frozen=True)
class Serving:
    """What serves one book while the app runs."""

    book: Book
    service: Service
    settings: Settings
    gatekeeper: Gatekeeper
    worker: CaptureWorker
    threads: ThreadPoolExecutor

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Do what blocks (a database, parsing, a hash) in a thread, so that other callers are served meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def serving(request: Request[Any, Any, Any]) -> Serving:
    """What serves the book that a request asks."""
    found: Serving = request.app.state.serving
    return found


def path_word(request: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    """One segment of the path, unescaped; see `lodeline.web.gate`."""
    return unquote(request.path_params[name])


def caller(request: Request[Any, Any, Any]) -> Caller:
    """Who asks."""
    found: Caller = request.scope["state"]["caller"]
    return found
