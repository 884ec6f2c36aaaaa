"""``lodeline document``: certificates, contracts, price files and statements beside the events."""

from __future__ import annotations

import mimetypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.options import as_of_option, book_argument, by_option, entry, json_option, reading, writing
from lodeline.cli.output import print_json, print_table
from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredDocument


@click.group("document")
def command() -> None:
    """Keep documents beside the events, named by the hash of their bytes."""


@command.command(
    "add", epilog='Example:\n\n  lodeline document add book.db assay.pdf --issuer "Lab A" --dated 2026-01-31'
)
@book_argument
@click.argument("file", metavar="FILE")
@click.option("--title", help="What it is; the file's name if not given.")
@click.option("--issuer", required=True, help="Who issued it.")
@click.option("--dated", metavar="DATE", help="Date on the document (2026-01-31); leave out if it bears none.")
@click.option(
    "--role", default="document", show_default=True, help="certificate, contract, price, agreement, statement …"
)
@click.option("--media-type", help="Such as application/pdf; by the file's ending if not given.")
@by_option
@json_option
def add(
    book: str, file: str, title: str | None, issuer: str, dated: str | None, role: str, media_type: str | None,
    by: str, as_json: bool,
) -> None:  # fmt: skip
    """Keep FILE in BOOK."""
    from lodeline.book.source import opened as opened_file

    kind = media_type or mimetypes.guess_type(file)[0]
    if kind is None:
        raise InputError("document.media_type", "The file's ending tells no media type; give --media-type.", file=file)
    with opened_file(file) as stream:
        content = stream.read()
    with writing(book) as opened:
        kept = opened.add_document(
            content, media_type=kind, title=title or Path(file).name, issuer=issuer, dated=dated, role=role, by=by
        )
    if as_json:
        print_json(_row(kept))
    else:
        print(f"kept as {kept.id} (entry {kept.seq}), by {by}")


@command.command("list", epilog="Example:\n\n  lodeline document list book.db --json")
@book_argument
@as_of_option
@json_option
def list_(book: str, as_of: str | None, as_json: bool) -> None:
    """List the documents of BOOK."""
    with reading(book) as opened:
        documents = opened.documents(as_of=entry(opened, as_of))
    if as_json:
        print_json([_row(document) for document in documents])
    elif not documents:
        print("no documents")
    else:
        print_table(
            ("entry", "dated", "role", "issuer", "title", "sha-256"),
            [(d.seq, d.dated, d.role, d.issuer, d.title, d.id.rpartition(";")[2][:16]) for d in documents],
        )


@command.command("get", epilog="Example:\n\n  lodeline document get book.db 'ni:///sha-256;…' > assay.pdf")
@book_argument
@click.argument("document_id", metavar="ID")
@as_of_option
def get(book: str, document_id: str, as_of: str | None) -> None:
    """Write the exact bytes of a document to standard output."""
    with reading(book) as opened:
        content = opened.content(document_id, as_of=entry(opened, as_of))
    sys.stdout.buffer.write(content)


def _row(document: StoredDocument) -> dict[str, Any]:
    return {
        "seq": document.seq,
        "id": document.id,
        "title": document.title,
        "issuer": document.issuer,
        "dated": document.dated,
        "role": document.role,
        "media_type": document.media_type,
        "size": document.size,
        "meta": document.meta,
    }
