"""``lodeline example``: a book with something in it, to look at and to test with."""

from __future__ import annotations

from pathlib import Path

import click

from lodeline.cli.options import book_argument, by_option


@click.group("example")
def command() -> None:
    """Make an example book: the public record of the first shipment, or a synthetic programme of any size."""


@command.command("first-shipment", epilog="Example:\n\n  lodeline example first-shipment shipment.db")
@book_argument
@by_option
def first_shipment(book: str, by: str) -> None:
    """Make BOOK of the first shipment from Pakistan to the United States: the public record and nothing else."""
    from lodeline.book import create
    from lodeline.examples.first_shipment import TITLE
    from lodeline.examples.first_shipment import first_shipment as example

    with create(book, title=TITLE, by=by) as opened:
        example().build(opened, by=by)
    print(f"{TITLE}: {book}")


@command.command(
    "programme", epilog="Example:\n\n  lodeline example programme programme.db --lots 2000 --seed 1 --truth truth.json"
)
@book_argument
@click.option(
    "--lots", type=int, default=2000, show_default=True, metavar="N", help="About how many, 200 to 1,000,000."
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Same seed and lots, same bytes.")
@click.option(
    "--truth", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Write to a new file what truly happened: masses, biases, origins, faults.",
)  # fmt: skip
@click.option(
    "--faults", default="all", show_default=True, metavar="LIST",
    help="Which faults are planted: all, none, or some with commas between.",
)  # fmt: skip
@by_option
def programme(book: str, lots: int, seed: int, truth: Path | None, faults: str, by: str) -> None:
    """Make BOOK of a synthetic programme over five years, from mines in Pakistan to a works in Missouri.

    Everything in it is made up, and the book says so. Its faults are known to the file of the truth alone.
    """
    from lodeline.book import create
    from lodeline.cli.files import writing_new
    from lodeline.cli.progress import progress
    from lodeline.examples.programme import programme as example

    made = example(lots, seed, faults=_listed(faults))
    with create(book, title=made.title, by=by) as opened, progress("lots", total=lots) as show:
        found = made.build(opened, by=by, progress=show)
    if truth is not None:
        with writing_new(truth) as stream:
            found.write(stream)
        print(f"the truth, which no other command reads: {truth}")
    print(f"{found.lots} lots with {len(found.faults)} planted faults, all made up: {book}")


def _listed(faults: str) -> tuple[str, ...]:
    """The kinds of faults that are named."""
    from lodeline.examples.programme import KINDS

    if faults in ("all", "none"):
        return KINDS if faults == "all" else ()
    return tuple(name.strip() for name in faults.split(","))
