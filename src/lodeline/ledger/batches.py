"""Batches of events on their way through preparing: what goes to a worker, and what comes back."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import msgspec

from lodeline.errors import LodelineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lodeline.record.prepare import Prepared


class Task(msgspec.Struct, array_like=True, gc=False):
    """Events of one document that follow one another.

    Attributes:
        context: Bytes of the document's @context, if it has one.
        bare: The document is one event, which carries its own @context.
        first: Index of the first event in the document.
        raws: Exact bytes of each event.
    """

    context: bytes | None
    bare: bool
    first: int
    raws: list[bytes]


class Outcome(msgspec.Struct, array_like=True, gc=False):
    """What preparing made of a task.

    Attributes:
        count: Events prepared.
        prepared: They, as msgpack. Kept packed, because most of what passes here goes to a file unread.
        refused: The refusals, pickled between our own processes; empty when there are none.
    """

    count: int
    prepared: bytes
    refused: bytes

    def refusals(self) -> list[LodelineError]:
        """The refusals, each with ``where["event"]``, the event's index in the document."""
        return pickle.loads(self.refused) if self.refused else []


_encode = msgspec.msgpack.Encoder().encode


def prepare_task(task: Task, *, first_only: bool) -> Outcome:
    """Prepare each event of a task; with ``first_only`` stop at the first that is refused."""
    prepared, refused = prepare_all(task, first_only=first_only)
    return Outcome(len(prepared), _encode(prepared), pickle.dumps(refused) if refused else b"")


def prepare_all(task: Task, *, first_only: bool) -> tuple[list[Prepared], list[LodelineError]]:
    """Decode, validate, hash and index each event of a task."""
    from lodeline.record.context import context_of
    from lodeline.record.prepare import prepare
    from lodeline.record.stored import is_xml

    context = context_of(task.context)
    prepared: list[Prepared] = []
    refused: list[LodelineError] = []
    for index, raw in enumerate(task.raws, task.first):
        try:
            if is_xml(raw):
                prepared.append(_prepare_xml(raw, task.context, index))
            else:
                prepared.append(prepare(raw, context, bare=task.bare, index=index))
        except LodelineError as error:
            refused.append(error.located(event=index))
            if first_only:
                break
    return prepared, refused


def _prepare_xml(raw: bytes, context: bytes | None, index: int) -> Prepared:
    from lodeline.record.xml.prepare import prepare_xml

    return prepare_xml(raw, context, index=index)


def unpack(packed: bytes) -> Sequence[Prepared]:
    """The prepared events of an outcome."""
    global _unpack
    if _unpack is None:
        from lodeline.record.prepare import Prepared

        _unpack = msgspec.msgpack.Decoder(list[Prepared])
    return _unpack.decode(packed)


_unpack: msgspec.msgpack.Decoder[list[Prepared]] | None = None
