"""``lodeline capture``: record the events of EPCIS documents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.options import book_argument, by_option, json_option, writing
from lodeline.cli.output import print_json
from lodeline.cli.progress import progress

if TYPE_CHECKING:
    from lodeline.ledger.values import Captured


@click.command(
    "capture",
    epilog="Examples:\n\n  lodeline capture book.db monday.json tuesday.json\n\n"
    "  partner-tool | lodeline capture book.db - --proceed",
)
@book_argument
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--proceed",
    is_flag=True,
    help="Record the events that are right and name the others, instead of all or nothing per document.",
)
@by_option
@json_option
def command(book: str, files: tuple[str, ...], proceed: bool, by: str, as_json: bool) -> None:
    """Record the events of EPCIS 2.0 FILEs (JSON or XML) in BOOK; "-" is standard input.

    Each document is recorded whole or not at all. An event that the book knows already is counted as known and not
    written twice. Exit code 4 when anything was refused.
    """
    results: list[tuple[str, Captured]] = []
    with writing(book) as opened:
        for file in files:
            with progress(f"capturing {file}", total=None) as show:
                captured = opened.capture(file, by=by, proceed=proceed, progress=show)
            results.append((file, captured))
            if not as_json:
                _print(file, captured, by)
    if as_json:
        print_json([_row(file, captured, by) for file, captured in results])
    if any(captured.refused for _, captured in results):
        raise click.exceptions.Exit(4)


def _print(file: str, captured: Captured, by: str) -> None:
    print(
        f"{file}: {captured.added} recorded, {captured.known} known already, {len(captured.refused)} refused; "
        f"by {by}; head {captured.head.seq} {captured.head.digest[:16]}"
    )
    if captured.master_elements:
        kept = "are kept with it and not registered"
        if captured.capture_id is None:
            kept = "are not kept, since none of its events was new"
        print(
            f"  {captured.master_elements} master data in its header {kept}; "
            "`lodeline register` takes them from a file of their own",
            file=sys.stderr,
        )
    for refusal in captured.refused:
        print(f"  refused: {refusal}", file=sys.stderr)


def _row(file: str, captured: Captured, by: str) -> dict[str, Any]:
    return {
        "file": file,
        "capture_id": captured.capture_id,
        "by": by,
        "added": captured.added,
        "known": captured.known,
        "master_elements": captured.master_elements,
        "refused": [
            {"code": refusal.code, "sentence": refusal.sentence, "where": refusal.where} for refusal in captured.refused
        ],
        "head": {"seq": captured.head.seq, "digest": captured.head.digest},
    }
