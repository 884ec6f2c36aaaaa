"""``lodeline migrate``: what a person with an older book is told, and does."""

from __future__ import annotations

from lodeline.book import open as open_book
from tests.ledger.test_schema import older_book


def test_the_sentence_of_the_refusal_names_the_command_that_helps(lodeline, fresh_url):
    url = fresh_url()
    head = older_book(url)

    refused = lodeline("events", url)
    migrated, again = lodeline("migrate", url), lodeline("migrate", url)

    assert refused.code == 5
    assert "lodeline migrate BOOK" in refused.err
    assert "ledger.schema_version" in refused.err
    assert migrated.out == again.out == f"up to date; head {head.seq} {head.digest}\n"
    with open_book(url, read_only=True) as book:
        assert book.head() == head


def test_what_is_not_there_is_not_migrated(lodeline, tmp_path):
    missing = lodeline("migrate", tmp_path / "none.db")

    assert missing.code == 3
    assert "ledger.missing" in missing.err
