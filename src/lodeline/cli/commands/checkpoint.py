"""``lodeline checkpoint``: the head of the chain, to be kept where the book is not."""

from __future__ import annotations

from pathlib import Path

import click

from lodeline.cli.options import as_of_option, book_argument, entry, reading
from lodeline.cli.output import print_json


@click.command("checkpoint", epilog="Example:\n\n  lodeline checkpoint book.db --out january.json")
@book_argument
@as_of_option
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a new file.")
@click.option("--json", is_flag=True, expose_value=False, help="Taken as everywhere; a checkpoint is JSON anyway.")
def command(book: str, as_of: str | None, out: Path | None) -> None:
    """Print the head of BOOK's chain as JSON. Kept elsewhere, it proves later that nothing before it was changed."""
    with reading(book) as opened:
        checkpoint = opened.checkpoint(as_of=entry(opened, as_of))
    if out is None:
        print_json(checkpoint)
        return
    import msgspec

    from lodeline.cli.files import write_new

    write_new(out, msgspec.json.format(msgspec.json.encode(checkpoint), indent=2) + b"\n")
    print(f"checkpoint of entry {checkpoint.seq} written to {out}")
