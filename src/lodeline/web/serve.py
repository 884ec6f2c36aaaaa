"""Serving a book until it is told to stop: where it listens, who may come in, and how it ends."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from lodeline.book import open as open_book
from lodeline.book.service import open_service
from lodeline.errors import BookError, InputError
from lodeline.errors.visible import visible

if TYPE_CHECKING:
    from pathlib import Path

    from uvicorn import Server

    from lodeline.web.settings import Settings

STOPPING_S = 15
"""How long a stop waits for answers that are under way."""
HEAD_BYTES = 128 * 1024
"""The largest head of a request that is read at all; the gate refuses a much shorter address in plain words."""
SOCKET_MESSAGE_BYTES = 64 * 1024


def serve(book_url: str | Path, settings: Settings, *, say: Callable[[str], None]) -> None:
    """Serve a book over HTTP until SIGTERM or SIGINT; what is under way is then ended.

    Args:
        say: Called with lines for whoever started it, before the first request is heard.

    Raises:
        InputError: ``serve.no_token``: a host that others can reach, and no token.
        BookError: ``serve.address_taken``, ``serve.address``; whatever stops the book from being opened.
    """
    from uvicorn import Config

    from lodeline.web.app import create_app
    from lodeline.web.ending import EndsOnce
    from lodeline.web.malformed import Protocol

    with open_book(book_url) as book, open_service(book_url) as service:
        title, tokens = book.title, service.tokens.any()
    if not settings.loopback and not tokens:
        raise InputError(
            "serve.no_token",
            "Others could reach this address, and the book has no access token; make one with "
            "`lodeline token create`, or serve on 127.0.0.1.",
            host=settings.host,
        )
    listening = listen(settings.host, settings.port)
    try:
        config = Config(
            create_app(book_url, settings=settings),
            http=Protocol,
            ws="websockets-sansio",
            loop="asyncio",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            # An address in a header is anybody's word; the audit log wants the one that is connected.
            proxy_headers=False,
            timeout_graceful_shutdown=STOPPING_S,
            h11_max_incomplete_event_size=HEAD_BYTES,
            ws_max_size=SOCKET_MESSAGE_BYTES,
        )
        for line in _announcement(title, listening, settings, tokens=tokens):
            say(line)
        _run(EndsOnce(config), listening)
    finally:
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        BookError: ``serve.address_taken``, ``serve.address``.
    """
    import errno

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except BaseException:
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise BookError(
                "serve.address_taken",
                f"Something listens at {host} port {port} already; stop it, or name another with --port.",
            ) from error
        raise BookError(
            "serve.address", f"It is not possible to listen at {host} port {port}: {error}.", host=host
        ) from error
    return listening


def _run(server: Server, listening: socket.socket) -> None:
    # The server hands the signal on when it has ended in order; by then there is nothing left to stop.
    before = {kind: signal.signal(kind, lambda *_: None) for kind in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[listening])
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _announcement(title: str, listening: socket.socket, settings: Settings, *, tokens: bool) -> list[str]:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    lines = [f"{visible(title)} is served at http://{shown}:{port}/ until Ctrl-C."]
    if tokens:
        lines.append("Every request needs an access token (lodeline token list shows whose there are).")
    else:
        lines.append(
            f"No access token exists: everyone on this machine may read, and record as {visible(settings.local_name)}. "
            "The first `lodeline token create` closes it."
        )
    return lines
