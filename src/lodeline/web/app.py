"""The app: every route of the service, and what opens and closes with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request
from litestar.datastructures import State

from lodeline.book import open as open_book
from lodeline.book.service import open_service
from lodeline.web import capturing, discovery, events, openapi, resources, root
from lodeline.web.access import Gatekeeper
from lodeline.web.gate import Gate
from lodeline.web.headers import check_versions
from lodeline.web.problems import answer
from lodeline.web.serving import THREADS, Serving
from lodeline.web.subscribing import routes as subscribing
from lodeline.web.subscribing.runner import runner_for
from lodeline.web.worker import CaptureWorker

if TYPE_CHECKING:
    from pathlib import Path

    from lodeline.web.settings import Settings


def create_app(book_url: str | Path, *, settings: Settings) -> Litestar:
    """The service of one book as an ASGI app. The book is opened when the app starts, and closed when it ends."""

    @asynccontextmanager
    async def serve(app: Litestar) -> AsyncIterator[None]:
        with open_book(book_url, clock=settings.clock) as book, open_service(book_url) as service:
            threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lodeline-web")
            runner = runner_for(book, service, settings)
            worker = CaptureWorker(book, service, clock=settings.clock, captured=runner.wake)
            gatekeeper = Gatekeeper(
                service, local_name=settings.local_name, loopback=settings.loopback, clock=settings.clock
            )
            app.state.serving = Serving(book, service, settings, gatekeeper, worker, threads)
            app.state.runner = runner
            worker.start()
            await runner.start()
            try:
                yield
            finally:
                await asyncio.to_thread(worker.stop)
                await runner.stop()
                threads.shutdown()

    app = Litestar(
        [
            # First, or Litestar makes an OPTIONS of its own for each path.
            *discovery.ROUTES,
            *subscribing.route_handlers,
            *root.ROUTES,
            openapi.openapi,
            *capturing.ROUTES,
            *events.ROUTES,
            *resources.ROUTES,
        ],
        lifespan=[serve],
        before_request=_before,
        exception_handlers={Exception: answer},
        # Bodies have limits of our own, and are refused in our own words.
        request_max_body_size=None,
        logging_config=None,
        openapi_config=None,
        state=State(),
    )
    app.asgi_handler = Gate(app.asgi_handler)
    return app


async def _before(request: Request[Any, Any, Any]) -> None:
    check_versions(request)
