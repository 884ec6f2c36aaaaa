"""``lodeline events``: list recorded events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.options import as_of_option, book_argument, entry, json_option, reading
from lodeline.cli.output import print_json, print_table, raw_json

if TYPE_CHECKING:
    from lodeline.ledger.values import StoredEvent

COLUMNS = ("entry", "recorded", "type", "step", "happened", "hash id", "state")


@click.command(
    "events",
    epilog="Examples:\n\n  lodeline events book.db --limit 20\n\n"
    "  lodeline events book.db --lot urn:epc:class:lgtin:4012345.011111.LOT1 --json",
)
@book_argument
@click.option("--lot", metavar="ID", help="Only events of this lot or thing; EPC URN and Digital Link are the same.")
@click.option("--after", type=click.IntRange(min=0), default=0, show_default=True, help="Start after this entry.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@as_of_option
@json_option
def command(book: str, lot: str | None, after: int, limit: int | None, as_of: str | None, as_json: bool) -> None:
    """List the events of BOOK in the order in which they were recorded.

    With --json one JSON object a line, each with the event exactly as it was captured; what was captured in XML stands
    there as JSON, and as "xml" exactly as it was.
    """
    with reading(book) as opened:
        events = opened.events(as_of=entry(opened, as_of), lot=lot, after=after, limit=limit)
        if as_json:
            for event in events:
                print_json(as_row(event), indent=False)
            return
        rows = [cells(event) for event in events]
    if rows:
        print_table(COLUMNS, rows)
    else:
        print("no events")


def as_row(event: StoredEvent) -> dict[str, Any]:
    """One event for programs; one that was captured in XML also as it was."""
    from lodeline.record.stored import json_of, text_of

    raw, context = json_of(event.raw, event.context)
    return {
        "seq": event.seq,
        "recorded_at": event.recorded_at,
        "captured_by": event.captured_by,
        "capture_id": event.capture_id,
        "hash_id": event.hash_id,
        "event_id": event.event_id,
        "withdrawn_by": event.withdrawn_by,
        "event": raw_json(raw),
        "context": None if context is None else raw_json(context),
        **({} if raw is event.raw else {"xml": text_of(event.raw, event.context)}),
    }


def cells(event: StoredEvent) -> tuple[object, ...]:
    """One event as a row of :data:`COLUMNS`."""
    from lodeline.record.stored import event_of
    from lodeline.record.vocabulary import bare

    value, _ = event_of(event.raw, event.context)
    if event.withdrawn_by is not None:
        state = f"withdrawn by {event.withdrawn_by}"
    else:
        state = "withdraws" if event.declares_error else ""
    return (
        event.seq,
        f"{event.recorded_at:%Y-%m-%d %H:%M:%SZ}",
        value["type"],
        bare(value["bizStep"]) if "bizStep" in value else "",
        value["eventTime"],
        short_hash(event.hash_id),
        state,
    )


def short_hash(hash_id: str) -> str:
    """The first sixteen hex digits of a hash id: enough to tell events apart, and accepted by ``show``."""
    return hash_id.removeprefix("ni:///sha-256;")[:16]
