"""Queries for whoever asks a book: read from what a person or program wrote."""

from __future__ import annotations

from collections.abc import Sequence

from lodeline.book.source import Source, opened
from lodeline.errors import InputError
from lodeline.record.codec import decode
from lodeline.record.query import Query, from_url, parse


def query_of(pairs: Sequence[tuple[str, str]], extensions: dict[str, str]) -> Query:
    """A query from names and values as a URL has them. Raises as `lodeline.record.query.from_url`."""
    return from_url(pairs, extensions=extensions)


def read_query(source: Source, extensions: dict[str, str]) -> Query:
    """A query from a file in the JSON form of GS1's query schema.

    Raises:
        InputError: ``query.not_an_object``; those of `lodeline.record.query.parse`.
        RecordError: those of ``codec.decode``.
    """
    with opened(source) as stream:
        value = decode(stream.read())
    if not isinstance(value, dict):
        raise InputError("query.not_an_object", "A query is one JSON object with parameters as names and their values.")
    return parse(value, extensions=extensions)
