"""``lodeline policy``: tolerances, default uncertainties and choices, as one dated document in the book."""

from __future__ import annotations

import click

from lodeline.cli.options import as_of_option, book_argument, by_option, entry, json_option, reading, writing
from lodeline.cli.output import print_json
from lodeline.errors.visible import visible


@click.group("policy")
def command() -> None:
    """Show or set the policy in force: one TOML document; every figure that uses it cites its version."""


@command.command("show", epilog="Example:\n\n  lodeline policy show book.db --as-of 40")
@book_argument
@as_of_option
@json_option
def show(book: str, as_of: str | None, as_json: bool) -> None:
    """Print the policy of BOOK."""
    with reading(book) as opened:
        policy = opened.policy(as_of=entry(opened, as_of))
    if as_json:
        print_json(policy and {"version": policy.seq, "by": policy.captured_by, "toml": policy.toml.decode()})
    elif policy is None:
        print("no policy is set: no tolerance and no default uncertainty is in force")
    else:
        for line in policy.toml.decode().splitlines():
            print(visible(line, limit=2_000))


@command.command("set", epilog="Example:\n\n  lodeline policy set book.db policy.toml")
@book_argument
@click.argument("file", metavar="FILE")
@by_option
def set_(book: str, file: str, by: str) -> None:
    """Put FILE (TOML) in force in BOOK from now on."""
    from lodeline.book.source import opened as opened_file

    with writing(book) as opened, opened_file(file) as stream:
        policy = opened.set_policy(stream.read(), by=by)
    print(f"in force as version {policy.seq}, by {by}")
