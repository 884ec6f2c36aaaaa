"""``lodeline demo``: two books and their reports, the first shipment as it is and a programme that is made up."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lodeline.errors import InputError, LodelineError

if TYPE_CHECKING:
    from lodeline.book import Book
    from lodeline.report import Report

SHIPMENT, PROGRAMME = "first-shipment", "programme"
LOTS, SEED = 2000, 1
"""Of the made-up programme: the same numbers give the same events."""
BY = "lodeline demo"


@click.command("demo", epilog="Example:\n\n  lodeline demo --dir demo")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True,
    help="Folder for the books and their reports.",
)  # fmt: skip
def command(folder: Path) -> None:
    """Build two books, prove them, and report on them: the first shipment from Pakistan to the United States, from the
    public record and nothing else; and a made-up programme of 2,000 lots with a refinery, which is marked as
    illustrative wherever it shows.
    """
    from lodeline.report import headline

    folder.mkdir(parents=True, exist_ok=True)
    path = _shipment(folder)
    report = _reported(path, data=True)
    for line in headline(report):
        print(line)
    print()
    print(f"The book, proved entry by entry: {path}   (try: lodeline report {path})")
    print(f"The report, with its pictures:   {path.with_suffix('.html')}")
    print()
    path = _programme(folder)
    for line in _brief(_reported(path, data=False)):
        print(line)
    print()
    print(f"The made-up book, proved too:    {path}   (try: lodeline report {path})")
    print(f"Its report, with its pictures:   {path.with_suffix('.html')}")


def _reported(path: Path, *, data: bool) -> Report:
    """Prove a book and write its report beside it, as a page and, if ``data``, as JSON."""
    from lodeline.book import open as open_book
    from lodeline.cli.files import replace
    from lodeline.cli.progress import progress
    from lodeline.cli.waiting import waiting
    from lodeline.report import build, to_html, to_json
    from lodeline.world.national import load_table

    with open_book(path, read_only=True) as book:
        with progress(f"Proving {path.name}", total=book.head().seq) as count:
            book.verify(deep=True, progress=count)
        with waiting(f"Reporting on {path.name}") as said:
            report = build(book.view(progress=said.count), load_table(None), stage=said.stage)
            said.stage("writing the page")
            replace(path.with_suffix(".html"), to_html(report).encode())
    if data:
        replace(path.with_suffix(".json"), to_json(report))
    return report


def _brief(report: Report) -> list[str]:
    """The programme in a few computed lines, the first of which says that it is made up."""
    from lodeline.report import brief

    return brief(report, {"balance": "Refinery", "stages": "By stage", "findings": "Does not fit"})


def _shipment(folder: Path) -> Path:
    """The book of the first shipment, freshly built."""
    from lodeline.examples.first_shipment import TITLE, first_shipment

    return _built(folder / f"{SHIPMENT}.db", TITLE, lambda book: first_shipment().build(book))


def _programme(folder: Path) -> Path:
    """The made-up programme; the one that stands there already if nobody has written to it and it would be the same."""
    from lodeline.cli.progress import progress
    from lodeline.examples.programme import TITLE, programme

    path, stamp = folder / f"{PROGRAMME}.db", folder / f".{PROGRAMME}.stamp"
    wanted = _fingerprint()
    if path.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == f"{wanted} {_head(path)}\n":
        return path
    with progress(f"Making {LOTS:,} lots", total=LOTS) as count:
        _built(path, TITLE, lambda book: programme(LOTS, seed=SEED).build(book, progress=count))
    stamp.write_text(f"{wanted} {_head(path)}\n", encoding="utf-8")
    return path


def _fingerprint() -> str:
    """What the programme's book follows from: the code that makes it, its size and its seed."""
    from hashlib import sha256
    from importlib import resources

    from lodeline.version import __version__

    digest = sha256(f"{__version__} {LOTS} {SEED}".encode())
    package = resources.files("lodeline")
    for part in ("examples/programme", "examples/data/programme", "record"):
        for file in sorted(package.joinpath(*part.split("/")).iterdir(), key=lambda one: one.name):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _head(path: Path) -> str:
    """The head of a book's chain; empty where there is no book that opens."""
    from lodeline.book import open as open_book

    try:
        with open_book(path, read_only=True) as book:
            return book.head().digest
    except LodelineError:
        return ""


def _built(path: Path, title: str, build: Callable[[Book], object]) -> Path:
    """A freshly built book, put in the place of an earlier demo book and of nothing else."""
    from lodeline.book import create

    fresh = path.with_name(f".{path.name}.new")
    if path.exists():
        _must_be_ours(path, title)
    fresh.unlink(missing_ok=True)
    with create(fresh, title=title, by=BY) as book:
        build(book)
    # What lies beside the earlier book is that book's alone: its write-ahead log, its service's tokens and jobs.
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    os.replace(fresh, path)
    return path


def _must_be_ours(path: Path, title: str) -> None:
    if title_of(path) != title:
        raise InputError(
            "demo.not_ours",
            "This file is not an earlier demo book and is left alone; choose another --dir.",
            file=str(path),
        )


def title_of(path: Path) -> str | None:
    """The title of a book; None where the file is none. One of an earlier lodeline is read from a copy."""
    import shutil
    import tempfile

    from lodeline.book import open as open_book
    from lodeline.book.migrating import migrate

    try:
        with open_book(path, read_only=True) as book:
            return book.title
    except LodelineError as refusal:
        if refusal.code != "ledger.schema_version":
            return None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(path, folder))
        try:
            migrate(copy)
            with open_book(copy, read_only=True) as book:
                return book.title
        except LodelineError:
            return None
