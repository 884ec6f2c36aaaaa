"""Where a book is, read from what a person types; no server is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeline.errors import BookError
from lodeline.ledger.location import FileLocation, ServerLocation, locate


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("postgresql://lode@db.example.org/metal?schema=a", "postgresql://lode@db.example.org/metal"),
        ("postgres://lode@db.example.org/metal?schema=a", "postgresql://lode@db.example.org/metal"),
        ("postgresql:///metal?schema=a", "postgresql:///metal"),
        ("postgresql:///?schema=a", "postgresql:///"),
        ("postgresql://lode@/metal?host=/run/pg&schema=a", "postgresql://lode@/metal?host=/run/pg"),
        ("postgresql://h:5433/metal?schema=a&sslmode=require", "postgresql://h:5433/metal?sslmode=require"),
    ],
)
def test_an_address_loses_its_schema_and_nothing_else(typed, url):
    assert locate(typed) == ServerLocation(url, "a")


@pytest.mark.parametrize("typed", ["book.db", "a folder/book.db", "../book.db", "C:\\books\\book.db", Path("x://y")])
def test_what_is_no_address_is_a_file(typed):
    assert locate(typed) == FileLocation(Path(typed))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "ledger.url"),
        ("mysql://h/db?schema=a", "ledger.url"),
        ("postgresql://h:abc/db?schema=a", "ledger.url"),
        ("postgresql://h:99999/db?schema=a", "ledger.url"),
        ("postgresql://[::1/db?schema=a", "ledger.url"),
        ("postgresql://h/db", "ledger.url_schema"),
        ("postgresql://h/db?schema=", "ledger.url_schema"),
        ("postgresql://h/db?schema=a&schema=b", "ledger.url_schema"),
        ("postgresql://h/db?schema=1a", "ledger.url_schema"),
        ("postgresql://h/db?schema=A", "ledger.url_schema"),
        ('postgresql://h/db?schema=a"; drop', "ledger.url_schema"),
        ("postgresql://h/db?schema=" + "a" * 56, "ledger.url_schema"),
    ],
)
def test_an_address_that_names_no_one_book_is_refused(typed, code):
    with pytest.raises(BookError) as refused:
        locate(typed)

    assert refused.value.code == code
