"""``lodeline serve``: a book over HTTP, by GS1's EPCIS 2.0 REST bindings."""

from __future__ import annotations

import click

from lodeline.cli.options import book_argument, by_option

DEFAULT_PORT = 8080


@click.command("serve", epilog="Example:\n\n  lodeline serve book.db --port 8080")
@book_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; another needs an access token.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: one that is free."
)
@click.option("--name", "names", multiple=True, metavar="HOST", help="A further name it may be asked for by.")
@click.option(
    "--company-prefix", "prefixes", multiple=True, metavar="DIGITS",
    help="A GS1 company prefix, so that its Digital Links can be given as EPC URNs.",
)  # fmt: skip
@click.option(
    "--allow-inward", multiple=True, metavar="HOST|NETWORK",
    help="An inner address that subscriptions may be sent to.",
)  # fmt: skip
@click.option(
    "--capture-events", type=click.IntRange(1), default=100_000, show_default=True, help="Most events of a document."
)
@click.option(
    "--capture-bytes", type=click.IntRange(1), default=64 * 1024 * 1024, show_default=True,
    help="Most bytes of a document.",
)  # fmt: skip
@by_option
def command(
    book: str, host: str, port: int, names: tuple[str, ...], prefixes: tuple[str, ...], allow_inward: tuple[str, ...],
    capture_events: int, capture_bytes: int, by: str,
) -> None:  # fmt: skip
    """Serve BOOK over HTTP until Ctrl-C or SIGTERM.

    Without an access token it is open to this machine, and to nothing else; see `lodeline token`.
    """
    from lodeline.web.serve import serve
    from lodeline.web.settings import Settings

    settings = Settings(
        host=host,
        port=port,
        names=tuple(name.lower() for name in names),
        local_name=by,
        company_prefixes=prefixes,
        allow_inward=allow_inward,
        capture_events=capture_events,
        capture_bytes=capture_bytes,
    )
    serve(book, settings, say=lambda line: print(line, flush=True))
