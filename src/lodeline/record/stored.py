"""A recorded event read back: from its exact bytes, and those of its document's context, to what it says."""

from __future__ import annotations

from typing import Any

from lodeline.record.codec import decode
from lodeline.record.context import Context, context_of


def event_of(raw: bytes, context: bytes | None) -> tuple[dict[str, Any], Context]:
    """What a recorded event says, as JSON values, and the names that are bound for it.

    Args:
        raw: The exact bytes of the event.
        context: The exact bytes of its document's ``@context``; None for an event that was captured alone.

    Raises:
        RecordError: those of ``codec.decode`` and ``context.context_of``.
    """
    event = decode(raw)
    return event, context_of(context).within(event)
