"""The demo: two books, both proved; the made-up one marked, used again as long as nobody wrote to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lodeline as package
from lodeline.cli.commands.demo import title_of
from tests.cli.conftest import document, event
from tests.ledger.test_schema import older_book

pytestmark = pytest.mark.slow


def book_id(path: Path) -> str:
    with package.open(path, read_only=True) as book:
        return str(book.head().book_id)


def test_the_demo_builds_two_books_and_uses_the_made_up_one_again_until_somebody_writes_to_it(lodeline, tmp_path: Path):
    first = lodeline("demo")
    assert (first.code, first.err) == (0, "")
    real, made_up = tmp_path / "demo" / "first-shipment.db", tmp_path / "demo" / "programme.db"

    shipment, programme = first.out.split("\n\n", 2)[0], first.out.split("\n\n")[2]
    assert "Frontier Works Organisation" in shipment
    assert "illustrative" not in shipment.lower()
    lines = programme.splitlines()
    assert re.match(r"ILLUSTRATIVE +.*: a made-up book, no account of real metal$", lines[0])
    assert [line.split("  ")[0] for line in lines[1:]] == ["Refinery", "By stage", "Does not fit"]
    for path in (real, made_up):
        assert lodeline("verify", path, "--deep").code == 0
        assert path.with_suffix(".html").stat().st_size < 6_000_000
    assert "made-up" in made_up.with_suffix(".html").read_text(encoding="utf-8")

    was = book_id(made_up)
    assert lodeline("demo").out == first.out
    assert book_id(made_up) == was, "nobody wrote to it"

    (tmp_path / "more.json").write_bytes(document(event("urn:epc:class:lgtin:4012345.012345.1")))
    assert lodeline("capture", made_up, "more.json").code == 0
    assert lodeline("demo").out == first.out
    assert book_id(made_up) != was, "it was made anew"


def test_a_book_of_an_earlier_version_is_known_by_its_title_and_left_as_it_is(tmp_path: Path):
    """So that the demo replaces the demo book of an earlier lodeline, and no other one."""
    path = tmp_path / "older.db"
    older_book(str(path))
    was = path.read_bytes()

    assert title_of(path) == "An older book"
    assert path.read_bytes() == was
    (tmp_path / "notes.db").write_text("my own notes")
    assert title_of(tmp_path / "notes.db") is None
