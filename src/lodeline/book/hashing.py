"""Hash ids of the events of a document, without a book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from lodeline.errors import LodelineError
from lodeline.record.codec import decode
from lodeline.record.context import Context, context_of
from lodeline.record.document import SpooledDocument, spool
from lodeline.record.hash import hash_id, ignored_fields, prehash
from lodeline.record.limits import MAX_ENVELOPE_BYTES
from lodeline.record.stored import event_of
from lodeline.record.validate import require_valid

DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument")

IGNORE_HEADER = "ignoreFields"
"""Local name of the header by which some repositories name fields that their hashes leave out; in any namespace."""


class HashedEvent(msgspec.Struct, frozen=True):
    """One event of a document, named.

    Attributes:
        hash_id: ``ni:///sha-256;…?ver=CBV2.0``.
        canonical: The string that is hashed.
        ignored: ``{namespace}local`` names that the document's own header left out of it; a book leaves out none.
        misplaced: Why a book would refuse an event in XML all the same: its elements, or those around it, do not stand
            as EPCIS wants them. The hash does not depend on that.
    """

    hash_id: str
    canonical: str
    ignored: frozenset[str]
    misplaced: str | None = None


def hash_document(stream: BinaryIO, *, every_field: bool) -> Iterator[HashedEvent]:
    """Each event of a document, query document or bare event, in order.

    Args:
        every_field: Hash as a book does, whatever the document's header asks to leave out.
    """
    with spool(stream) as document:
        if document.is_xml:
            yield from _hash_xml(document, every_field=every_field)
            return
        document.require_valid()
        outer = context_of(document.context)
        bare = document.kind not in DOCUMENTS
        ignored = frozenset() if bare or every_field else _ignored(document, outer)
        for index, raw in enumerate(document.events()):
            event = decode(raw)
            require_valid(event, bare=bare, index=index)
            context = outer.within(event)
            yield HashedEvent(hash_id(event, context, ignore=ignored), prehash(event, context, ignore=ignored), ignored)


def _hash_xml(document: SpooledDocument, *, every_field: bool) -> Iterator[HashedEvent]:
    from lodeline.record.xml.document import around
    from lodeline.record.xml.ignore import ignored_elements
    from lodeline.record.xml.prepare import misplaced

    ignored = frozenset() if document.bare or every_field else ignored_elements(document.envelope, IGNORE_HEADER)
    outside = around(document)
    for index, raw in enumerate(document.events()):
        try:
            event, context = event_of(raw, document.context)
            require_valid(event, bare=False, index=index)
            odd = outside or misplaced(raw, document.context)
        except LodelineError as refusal:
            raise document.placed(refusal.located(event=index)) from refusal
        yield HashedEvent(
            hash_id(event, context, ignore=ignored), prehash(event, context, ignore=ignored), ignored, odd
        )


def _ignored(document: SpooledDocument, context: Context) -> frozenset[str]:
    envelope = decode(document.envelope, limit=MAX_ENVELOPE_BYTES)
    return frozenset().union(*(ignored_fields(envelope, context, header) for header in _headers(envelope)))


def _headers(envelope: dict[str, Any]) -> Iterator[str]:
    """Names of the document's own fields, its header's and its query results', that end in :data:`IGNORE_HEADER`."""
    body = envelope.get("epcisBody", {})
    for place in (envelope, envelope.get("epcisHeader", {}), body.get("queryResults", {})):
        yield from (name for name in place if name.endswith(f":{IGNORE_HEADER}"))
