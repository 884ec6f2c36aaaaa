"""``lodeline show``: everything the book holds under one name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.commands.events import COLUMNS, as_row, cells
from lodeline.cli.options import as_of_option, book_argument, entry, json_option, reading
from lodeline.cli.output import print_json, print_pairs, print_table
from lodeline.errors import NotFoundError

if TYPE_CHECKING:
    from lodeline.book import Book
    from lodeline.ledger.values import StoredEvent

Found = dict[str, Any]


@click.command(
    "show",
    epilog="Examples:\n\n  lodeline show book.db 12\n\n  lodeline show book.db a13cbe6c8bb6df37\n\n"
    "  lodeline show book.db urn:epc:class:lgtin:4012345.011111.LOT1",
)
@book_argument
@click.argument("key", metavar="ID")
@click.option("--xml", is_flag=True, help="Print the event as EPCIS 2.0 in XML; one captured in XML exactly as it was.")
@as_of_option
@json_option
def command(book: str, key: str, xml: bool, as_of: str | None, as_json: bool) -> None:
    """Show what ID names in BOOK.

    ID is an entry number, the hash id of an event (its first 16 digits or more will do), an eventID, the id of a
    document, a registered party, site, store, scale, laboratory, material or deposit, or a lot.
    """
    with reading(book) as opened:
        at = entry(opened, as_of)
        if xml:
            for event in opened.event(key, as_of=at):
                print(xml_of(event))
            return
        for look in (_events, _documents, _master, _lot, _entry):
            if look(opened, key, at, as_json):
                return
    raise NotFoundError(
        "show.nothing", "Nothing in this book has this id; `lodeline events` lists what it holds.", id=key
    )


def xml_of(event: StoredEvent) -> str:
    """An event in XML, for a terminal without what could harm it."""
    from lodeline.errors.visible import visible
    from lodeline.record.stored import event_of, is_xml, text_of
    from lodeline.record.xml.write import write_event

    text = (
        text_of(event.raw, event.context)
        if is_xml(event.raw)
        else write_event(*event_of(event.raw, event.context)).decode()
    )
    if not sys.stdout.isatty():
        return text
    return "\n".join(visible(line, limit=len(line)) for line in text.splitlines())


def _events(book: Book, key: str, as_of: int | None, as_json: bool) -> bool:
    try:
        found = book.event(key, as_of=as_of)
    except NotFoundError:
        return False
    if as_json:
        print_json([as_row(event) for event in found])
        return True
    import msgspec

    for event in found:
        print_pairs(
            [
                ("entry", event.seq),
                ("recorded", f"{event.recorded_at:%Y-%m-%d %H:%M:%S.%fZ} by {event.captured_by}"),
                ("capture", event.capture_id),
                ("hash id", event.hash_id),
                ("eventID", event.event_id or "none given"),
                ("state", "in force" if event.withdrawn_by is None else f"withdrawn by entry {event.withdrawn_by}"),
            ]
        )
        from lodeline.errors.visible import visible
        from lodeline.record.stored import is_xml, text_of

        text = text_of(event.raw, event.context)
        if not is_xml(event.raw):
            text = msgspec.json.format(text, indent=2)
        for line in text.expandtabs(4).splitlines():
            print(visible(line, limit=2_000))
    return True


def _documents(book: Book, key: str, as_of: int | None, as_json: bool) -> bool:
    return _record(
        [
            d
            for d in book.documents(as_of=as_of)
            if d.id == key or (d.id.rpartition(";")[2].startswith(key.lower()) and len(key) >= 16)
        ],
        lambda d: {
            "entry": d.seq,
            "id": d.id,
            "title": d.title,
            "issuer": d.issuer,
            "dated": d.dated,
            "role": d.role,
            "media type": d.media_type,
            "bytes": d.size,
            **d.meta,
        },
        as_json,
    )


def _master(book: Book, key: str, as_of: int | None, as_json: bool) -> bool:
    return _record(
        [record for record in book.master(as_of=as_of) if record.id == key],
        lambda r: {"kind": r.kind, "id": r.id, "valid from": r.valid_from, **r.attributes},
        as_json,
    )


def _entry(book: Book, key: str, as_of: int | None, as_json: bool) -> bool:
    """An entry that is no event, by its number: what it says is JSON or TOML."""
    if not (key.isascii() and key.isdigit()):
        return False
    found = book.entry(int(key), as_of=as_of)
    return _record(
        [found],
        lambda e: {
            "entry": e.seq,
            "kind": e.kind,
            "recorded": f"{e.recorded_at:%Y-%m-%d %H:%M:%S.%fZ} by {e.captured_by}",
            "digest": e.digest,
            "says": e.raw.decode(errors="replace"),
        },
        as_json,
    )


def _record(found: list[Any], describe: Callable[[Any], Found], as_json: bool) -> bool:
    described = [describe(thing) for thing in found]
    if as_json and described:
        print_json(described)
    else:
        for pairs in described:
            print_pairs(pairs.items())
    return bool(described)


def _lot(book: Book, key: str, as_of: int | None, as_json: bool) -> bool:
    events = list(book.events(as_of=as_of, lot=key))
    if as_json and events:
        print_json([as_row(event) for event in events])
    elif events:
        print_table(COLUMNS, [cells(event) for event in events])
    return bool(events)
