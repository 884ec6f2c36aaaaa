"""Preparing an event that is XML: judged as XML, then as EPCIS in JSON, and named as its twin in JSON is."""

from __future__ import annotations

from typing import Any

from lodeline.errors import RecordError
from lodeline.record.context import Context
from lodeline.record.prepare import Prepared, prepared_of
from lodeline.record.validate import require_standard_fields, require_valid
from lodeline.record.xml.event import form
from lodeline.record.xml.inherited import Inherited, inherited_of
from lodeline.record.xml.judge import Flaw, event_flaws, require_flawless
from lodeline.record.xml.namespaces import VERSIONS, split, standard
from lodeline.record.xml.tables import tables
from lodeline.record.xml.tree import Element, element_of


def _flaws(event: Element, raw: bytes, inherited: Inherited) -> list[Flaw]:
    """What is wrong with an event's element, which may have EPCIS's own names in EPCIS's namespace.

    Some write an event that stands alone so. Within a document GS1's schema has the names in no namespace, and such
    an event is refused with the document.
    """
    if split(event.name)[0] in VERSIONS:
        # Judged in a tree of its own: what the event says is read from the names as they stand.
        event = element_of(raw, inherited)
        for element in event.walk():
            element.name = standard(element.name) or element.name
    return event_flaws(event, tables(inherited.version))


def valid_form(raw: bytes, context: bytes | None, *, index: int) -> tuple[dict[str, Any], Context]:
    """The JSON form of an event that may be recorded, and its context.

    Raises:
        RecordError: ``record.xml_…`` with the line within the event; those of ``validate.require_valid`` and
            ``validate.require_standard_fields`` for what XML allows and JSON does not.
    """
    inherited = inherited_of(context)
    element = element_of(raw, inherited)
    require_flawless(_flaws(element, raw, inherited))
    event, names = form(element, inherited)
    require_valid(event, bare=False, index=index)
    require_standard_fields(event, index=index)
    return event, names


def misplaced(raw: bytes, context: bytes | None) -> str | None:
    """What does not stand in an event as EPCIS wants it in XML, in a sentence; None where all does."""
    inherited = inherited_of(context)
    flaws = _flaws(element_of(raw, inherited), raw, inherited)
    return flaws[0].sentence if flaws else None


def prepare_xml(raw: bytes, context: bytes | None, *, index: int) -> Prepared:
    """As ``prepare.prepare``, of an event that is XML.

    Raises:
        RecordError: those of ``valid_form``. ``where["event"]`` is ``index``.
    """
    try:
        event, names = valid_form(raw, context, index=index)
        return prepared_of(raw, event, names)
    except RecordError as refusal:
        if "event" in refusal.where:
            raise
        raise refusal.located(event=index) from refusal
