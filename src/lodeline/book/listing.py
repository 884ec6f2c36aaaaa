"""What a book names, in GS1's collections: electronic product codes, places, steps, dispositions, types of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lodeline.ids.epc import canonical
from lodeline.record import vocabulary

if TYPE_CHECKING:
    from lodeline.ledger.listing import Kind
    from lodeline.ledger.store import Store

Collection = Literal["eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions"]

KINDS: dict[Collection, Kind] = {
    "eventTypes": "event_type",
    "epcs": "lot",
    "bizSteps": "biz_step",
    "bizLocations": "biz_location",
    "readPoints": "read_point",
    "dispositions": "disposition",
}

_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")

EVENT_TYPES = ("AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent")


def standard(collection: Collection) -> tuple[str, ...]:
    """The members of a collection that GS1 gives to every repository, in alphabetical order."""
    match collection:
        case "eventTypes":
            return EVENT_TYPES
        case "bizSteps":
            return tuple(sorted(vocabulary.WORDS["bizStep"]))
        case "dispositions":
            return tuple(sorted(vocabulary.WORDS["disposition"]))
        case _:
            return ()


def members(store: Store, collection: Collection, *, after: int, limit: int) -> tuple[list[str], int | None]:
    """A page of a collection: the standard's members first, then what the book's events use besides.

    Args:
        after: Where to go on; 0 at the beginning. What comes in while others page is found at the end.

    Returns:
        The members, and where the next page goes on; None after the last one.
    """
    known = standard(collection)
    page = list(known[after : after + limit])
    # Places up to the number of standard members are theirs; beyond, a place is a name's number and they before it.
    place = after + len(page)
    taken = {canonical_member(collection, word) for word in known}
    while len(page) < limit:
        wanted = limit - len(page)
        found = store.listed(KINDS[collection], after=place - len(known), limit=wanted)
        page += [_shown(collection, name) for _, name in found if name not in taken]
        if found:
            place = len(known) + found[-1][0]
        if len(found) < wanted:
            return page, None
    more = place < len(known) or store.listed(KINDS[collection], after=place - len(known), limit=1)
    return page, place if more else None


def known(store: Store, collection: Collection, member: str) -> bool:
    """Whether a collection has a member, in any of its spellings."""
    name = canonical_member(collection, member)
    if name in {canonical_member(collection, word) for word in standard(collection)}:
        return True
    return store.uses(KINDS[collection], name)


def is_class(store: Store, lot: str) -> bool:
    """Whether the first event on a lot names it in a list of quantities."""
    from lodeline.record.stored import event_of

    name = canonical(lot)
    for stored in store.events(lot=lot):
        event, _ = event_of(stored.raw, stored.context)
        return any(canonical(element["epcClass"]) == name for field in _QUANTITIES for element in event.get(field, ()))
    return False


def canonical_member(collection: Collection, member: str) -> str:
    """The one spelling of a member, as the index has it."""
    match collection:
        case "eventTypes":
            return member
        case "bizSteps":
            return vocabulary.canonical("bizStep", member)
        case "dispositions":
            return vocabulary.canonical("disposition", member)
        case _:
            return canonical(member)


def _shown(collection: Collection, name: str) -> str:
    return vocabulary.bare(name) if collection in ("bizSteps", "dispositions") else name
