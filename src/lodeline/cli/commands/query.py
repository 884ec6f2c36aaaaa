"""``lodeline query``: ask a book in the EPCIS query language."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lodeline.cli.commands.events import COLUMNS, as_row, cells
from lodeline.cli.options import as_of_option, book_argument, entry, json_option, reading, writing
from lodeline.cli.output import print_json, print_table
from lodeline.cli.progress import progress
from lodeline.errors import BookError, InputError

if TYPE_CHECKING:
    from lodeline.book import Book
    from lodeline.ledger.query.answering import QueryPage
    from lodeline.record.query import Query

FORMATS = ("table", "ids", "epcis")
_EXTENSION = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(\S+)")


@click.command(
    "query",
    epilog="Examples:\n\n  lodeline query book.db EQ_bizStep=shipping GE_eventTime=2026-01-01T00:00:00Z\n\n"
    "  lodeline query book.db EQ_ILMD_lode:stage=mined --ext lode=https://lodeline.org/epcis/1/\n\n"
    "  lodeline query book.db --query monthly.json --all --format epcis",
)
@book_argument
@click.argument("parameters", metavar="[NAME=VALUE]…", nargs=-1)
@click.option(
    "--query", "file", metavar="FILE", help="Take the query from FILE, in the JSON form of GS1's query schema."
)
@click.option("--ext", "extensions", metavar="PREFIX=ADDRESS", multiple=True, help="What a prefix stands for.")
@click.option("--per-page", type=click.IntRange(1, 10_000), default=30, show_default=True, help="Events of a page.")
@click.option("--token", metavar="TOKEN", help="The next page; the page before says its token.")
@click.option("--all", "whole", is_flag=True, help="Every page.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="How to print.")
@as_of_option
@json_option
def command(
    book: str,
    parameters: tuple[str, ...],
    file: str | None,
    extensions: tuple[str, ...],
    per_page: int,
    token: str | None,
    whole: bool,
    form: str,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Ask BOOK for events in the EPCIS query language.

    Parameters are AND, values with | between them are OR. Without any, every event is asked for. Declarations of error
    and withdrawn events are recorded events and come too. The reference of parameters is docs/reference/query.md.
    """
    bound = dict(_extension(each) for each in extensions)
    query = _query(parameters, file, bound)
    with _opened(book) as opened:
        at = entry(opened, as_of)
        found = _pages(opened, query, at, per_page, token, whole=whole)
        _print(found, "json" if as_json else form)
        if found[-1].next_token is not None:
            print(f"more: --token {found[-1].next_token}", file=sys.stderr)


def _query(parameters: tuple[str, ...], file: str | None, bound: dict[str, str]) -> Query:
    from lodeline.book.querying import query_of, read_query

    if file is not None:
        if parameters:
            raise InputError("query.two_queries", "Give the query as NAME=VALUE or as --query FILE, not both.")
        return read_query(sys.stdin.buffer if file == "-" else Path(file), bound)
    pairs = []
    for each in parameters:
        name, mark, value = each.partition("=")
        if not mark:
            raise InputError("query.not_a_pair", "Write each parameter as NAME=VALUE.", parameter=each)
        pairs.append((name, value))
    return query_of(pairs, bound)


def _extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.fullmatch(text)
    if found is None:
        raise InputError(
            "query.extension", "Write --ext PREFIX=ADDRESS, such as lode=https://lodeline.org/epcis/1/.", ext=text
        )
    return found[1], found[2]


@contextmanager
def _opened(url: str) -> Iterator[Book]:
    """The book for writing, so that its query index may grow; for reading where it may only be read."""
    try:
        writable = writing(url)
        book = writable.__enter__()
    except BookError as refusal:
        if refusal.code not in ("ledger.read_only", "ledger.busy", "ledger.full"):
            raise
        writable = reading(url)
        book = writable.__enter__()
    try:
        yield book
    finally:
        writable.__exit__(None, None, None)


def _pages(
    book: Book, query: Query, as_of: int | None, per_page: int, token: str | None, *, whole: bool
) -> list[QueryPage]:
    with progress("indexing for queries", total=book.head().seq) as show:
        found = [book.query(query, as_of=as_of, token=token, per_page=per_page, progress=show)]
    while whole and found[-1].next_token is not None:
        found.append(book.query(query, token=found[-1].next_token, per_page=per_page))
    return found


def _print(found: list[QueryPage], form: str) -> None:
    events = [event for page in found for event in page.events]
    if form == "json":
        for event in events:
            print_json(as_row(event), indent=False)
    elif form == "ids":
        for event in events:
            print(event.hash_id)
    elif form == "epcis":
        from lodeline.book.clock import system_clock
        from lodeline.book.results import query_document, result_event

        document = query_document(
            [result_event(event) for event in events], created=system_clock(), query_name="SimpleEventQuery"
        )
        sys.stdout.buffer.write(document + b"\n")
    elif events:
        print_table(COLUMNS, [cells(event) for event in events])
    else:
        print("no events")
