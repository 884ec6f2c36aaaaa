"""``lodeline subscription``: who is told of events over HTTP, and whether it arrives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.options import book_argument, by_option, json_option
from lodeline.cli.output import print_json, print_pairs, print_table
from lodeline.errors import NotFoundError

if TYPE_CHECKING:
    from lodeline.book.service import Service, Subscription

COLUMNS = ("id", "query", "to", "when", "state", "acknowledged", "last told", "last error")


@click.group("subscription")
def command() -> None:
    """Show and end subscriptions: who is told of events over HTTP, and whether it arrives."""


@command.command("list", epilog="Example:\n\n  lodeline subscription list book.db")
@book_argument
@json_option
def list_subscriptions(book: str, as_json: bool) -> None:
    """List the subscriptions of BOOK, ended ones too. The secret of none of them is shown."""
    from lodeline.book.service import open_service

    with open_service(book) as service:
        held = service.subscriptions.all()
    if as_json:
        print_json([_row(each) for each in held])
    elif held:
        print_table(COLUMNS, [_cells(each) for each in held])
    else:
        print("no subscriptions")


@command.command("show", epilog="Example:\n\n  lodeline subscription show book.db df5a33e3")
@book_argument
@click.argument("subscription_id", metavar="ID")
@json_option
def show(book: str, subscription_id: str, as_json: bool) -> None:
    """Show one subscription of BOOK by its id, or an unambiguous beginning of it."""
    from lodeline.book.service import open_service

    with open_service(book) as service:
        row = _row(_found(service, subscription_id))
    if as_json:
        print_json(row)
    else:
        print_pairs((name.replace("_", " "), value) for name, value in row.items() if value is not None)


@command.command("remove", epilog="Example:\n\n  lodeline subscription remove book.db df5a33e3")
@book_argument
@click.argument("subscription_id", metavar="ID")
@by_option
def remove(book: str, subscription_id: str, by: str) -> None:
    """End a subscription of BOOK. A delivery that is on its way may still arrive."""
    from lodeline.book.service import open_service

    with open_service(book) as service:
        held = _found(service, subscription_id)
        service.subscriptions.remove(held.id)
        service.audit.write(
            at=datetime.now(UTC), who=by, role="-", token=None, address="command line", action="subscription remove",
            target=held.id, status=0, code=None, detail=f"to {held.query_name}",
        )  # fmt: skip
    print(f"removed: {held.id} to {held.query_name}")


def _found(service: Service, beginning: str) -> Subscription:
    found = [each for each in service.subscriptions.all() if each.id.startswith(beginning)]
    if len(found) != 1 or not beginning:
        raise NotFoundError(
            "subscription.unknown",
            "There is no one subscription of this id; `lodeline subscription list` shows them.",
            subscription=beginning,
        )
    return found[0]


def _row(held: Subscription) -> dict[str, Any]:
    said = {name: getattr(held, name) for name in held.__struct_fields__ if name != "secret"}
    said["signed"] = held.secret is not None
    return {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in said.items()
    }


def _cells(held: Subscription) -> tuple[object, ...]:
    when = "at once" if held.schedule is None else " ".join(f"{name}={text}" for name, text in held.schedule.items())
    return (
        held.id,
        held.query_name,
        held.dest or "websocket",
        when,
        held.state if not held.failures else f"{held.state} ({held.failures} times)",
        held.position,
        held.last_notified_at and f"{held.last_notified_at:%Y-%m-%d %H:%M:%SZ}",
        held.last_error,
    )
