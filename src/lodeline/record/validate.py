"""Whether an event or a document is EPCIS 2.0, and what to write instead where it is not."""

from __future__ import annotations

from itertools import islice
from typing import Any

from lodeline.record import limits
from lodeline.record.validation.documents import DOCUMENTS
from lodeline.record.validation.events import EVENT, EVENT_FIELDS, STANDARD_FIELDS
from lodeline.record.validation.kinds import wrong_type
from lodeline.record.validation.objects import missing
from lodeline.record.validation.parts import CONTEXT
from lodeline.record.validation.problem import Problem, nearest, shown

__all__ = [
    "Problem",
    "document_problems",
    "problems",
    "require_standard_fields",
    "require_valid",
    "require_valid_document",
]

_accepts_event = EVENT.accepts


def problems(event: Any, *, bare: bool, index: int) -> list[Problem]:
    """What is wrong with a decoded event, at most ``limits.MAX_PROBLEMS`` of it; empty if it is valid.

    Args:
        event: A value as ``codec.decode`` gives it.
        bare: Whether the event stands alone, outside any document; then it carries its own ``@context``.
        index: Its place in its document, from 0, which the problems name.

    Source: GS1 EPCIS 2.0.1. The verdict is that of GS1's JSON schema, formats included.
    """
    if _accepts_event(event) and not (bare and "@context" not in event):
        return []
    found = list(islice(EVENT.explain(event, "$"), limits.MAX_PROBLEMS))
    if bare and type(event) is dict and "@context" not in event:
        found.insert(0, missing("@context", CONTEXT, event, "$"))
    return [problem.of_event(index) for problem in found]


def require_valid(event: Any, *, bare: bool, index: int) -> None:
    """Refuse an event that is not valid.

    Raises:
        RecordError: the first of ``problems``, and in ``where["more"]`` how many there are beside it.
    """
    if _accepts_event(event) and not (bare and "@context" not in event):
        return
    found = problems(event, bare=bare, index=index)
    raise found[0].refusal(more=len(found) - 1)


def require_standard_fields(event: dict[str, Any], *, index: int) -> None:
    """Refuse a valid event of another house's type whose fields with GS1's names are not of GS1's form.

    GS1's schema leaves the fields of such an event open; but ``epcList`` names lots in any event that is hashed and
    indexed, or it would mean one thing here and another there. For the five types of GS1 this is part of being valid.

    Raises:
        RecordError: the first of the problems, as ``require_valid``.
    """
    if event["type"] in EVENT_FIELDS or STANDARD_FIELDS.accepts(event):
        return
    found = list(islice(STANDARD_FIELDS.explain(event, "$"), limits.MAX_PROBLEMS))
    raise found[0].of_event(index).refusal(more=len(found) - 1)


def document_problems(envelope: Any) -> list[Problem]:
    """What is wrong with a decoded document or query document; an eventList that was emptied before is as good as any.

    Problems of the events, where they are there, name the index of the event and the path within it. An event that
    stands alone is judged by ``problems`` with ``bare``.
    """
    if type(envelope) is not dict:
        return [wrong_type(envelope, "$", "a document, which is an object,")]
    name = envelope.get("type")
    if type(name) is not str or name not in DOCUMENTS:
        meant = nearest(name, DOCUMENTS) if type(name) is str else None
        hint = f'did you mean "{meant}"?' if meant else 'write "EPCISDocument" or "EPCISQueryDocument".'
        said = "missing" if "type" not in envelope else f"{shown(name)}, which is none of a document"
        return [Problem("record.document_type", f"The type is {said}: {hint}", "$.type")]
    document = DOCUMENTS[name]
    return [] if document.accepts(envelope) else list(islice(document.explain(envelope, "$"), limits.MAX_PROBLEMS))


def require_valid_document(envelope: Any) -> None:
    """Refuse a document that is not valid; its events may have been cut out before.

    Raises:
        RecordError: the first of ``document_problems``, and in ``where["more"]`` how many there are beside it.
    """
    found = document_problems(envelope)
    if found:
        raise found[0].refusal(more=len(found) - 1)
