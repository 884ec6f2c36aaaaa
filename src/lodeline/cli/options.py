"""Arguments and options that several commands share."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import click

from lodeline.book import Book
from lodeline.book import open as open_book
from lodeline.errors import BookError

F = TypeVar("F", bound=Callable[..., Any])


def book_argument(function: F) -> F:
    """The BOOK argument: a path or a PostgreSQL address."""
    return click.argument("book", metavar="BOOK")(function)


def as_of_option(function: F) -> F:
    """``--as-of``: the book as it stood at an entry."""
    return click.option(
        "--as-of",
        metavar="ENTRY|INSTANT",
        help="Answer as the book stood at this entry number, or at this instant (2026-01-31T23:59:59Z).",
    )(function)


def json_option(function: F) -> F:
    """``--json``: for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(function)


def by_option(function: F) -> F:
    """``--by``: who records; that name goes into the chain."""
    return click.option(
        "--by",
        metavar="NAME",
        default=who_records,
        show_default="$LODELINE_USER, else your login name",
        help="Who records this; the name goes into the chain and is printed back.",
    )(function)


def who_records() -> str:
    """The name under which this user records."""
    return os.environ.get("LODELINE_USER") or getpass.getuser()


@contextmanager
def reading(url: str) -> Iterator[Book]:
    """The book at ``url`` for reading."""
    with open_book(url, read_only=True) as book:
        yield book


@contextmanager
def writing(url: str) -> Iterator[Book]:
    """The book at ``url`` for writing."""
    with open_book(url) as book:
        yield book


@contextmanager
def deriving(url: str, as_of: str | None) -> Iterator[Book]:
    """The book at ``url`` for reading what is derived from it, which is kept in it for the next reader.

    As of an earlier entry nothing is kept; and a book that cannot be opened for writing answers all the same.
    """
    opened: Book | None = None
    if as_of is None:
        with suppress(BookError):
            opened = open_book(url)
    with opened or open_book(url, read_only=True) as book:
        yield book


def entry(book: Book, as_of: str | None) -> int | None:
    """The entry number that ``--as-of`` means; None for the newest."""
    return None if as_of is None else book.entry_at(as_of)
