"""``lodeline demo``: the first-shipment book and its report."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lodeline.errors import InputError, LodelineError

BOOK = "first-shipment.db"


@click.command("demo", epilog="Example:\n\n  lodeline demo --dir demo")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True,
    help="Folder for the book and its report.",
)  # fmt: skip
def command(folder: Path) -> None:
    """Build the book of the first shipment from Pakistan to the United States, from the public record and nothing
    else, prove it, and report what is known, what is not, and what would settle it.
    """
    from lodeline.cli.files import replace
    from lodeline.report import build, headline, to_html, to_json
    from lodeline.world.national import load_table

    path = _built(folder)
    from lodeline.book import open as open_book

    with open_book(path, read_only=True) as book:
        book.verify(deep=True)
        report = build(book.view(), load_table(None))
    page, data = folder / "first-shipment.html", folder / "first-shipment.json"
    replace(page, to_html(report).encode())
    replace(data, to_json(report))
    for line in headline(report):
        print(line)
    print()
    print(f"The book, proved entry by entry: {path}   (try: lodeline report {path})")
    print(f"The report, with its pictures:   {page}")


def _built(folder: Path) -> Path:
    """A freshly built book, put in the place of an earlier demo book and of nothing else."""
    from lodeline.book import create
    from lodeline.examples.first_shipment import TITLE, first_shipment

    folder.mkdir(parents=True, exist_ok=True)
    path, fresh = folder / BOOK, folder / f".{BOOK}.new"
    if path.exists():
        _must_be_ours(path, TITLE)
    fresh.unlink(missing_ok=True)
    with create(fresh, title=TITLE, by="lodeline demo") as book:
        first_shipment().build(book)
    os.replace(fresh, path)
    return path


def _must_be_ours(path: Path, title: str) -> None:
    from lodeline.book import open as open_book

    try:
        with open_book(path, read_only=True) as book:
            ours = book.title == title
    except LodelineError:
        ours = False
    if not ours:
        raise InputError(
            "demo.not_ours",
            "This file is not an earlier demo book and is left alone; choose another --dir.",
            file=str(path),
        )
