"""Hash ids of the events of a document, without a book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lodeline.record.codec import decode
from lodeline.record.context import Context
from lodeline.record.document import spool
from lodeline.record.hash import hash_id, prehash
from lodeline.record.validate import require_valid

DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument")


def hash_document(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    """(hash id, canonical string) of each event, in the order of the document."""
    with spool(stream) as document:
        outer = Context.EMPTY if document.context is None else Context.parse(decode(document.context))
        bare = document.kind not in DOCUMENTS
        for index, raw in enumerate(document.events()):
            event = decode(raw)
            require_valid(event, bare=bare, index=index)
            context = outer.merged(Context.parse(event["@context"])) if "@context" in event else outer
            yield hash_id(event, context), prehash(event, context)
