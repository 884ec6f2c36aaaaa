"""The fields of documents and query documents around their events, and of the master data in a header.

Source: GS1 EPCIS 2.0.1, 9.5 and 10.1, in the JSON binding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lodeline.record.validation.events import EVENT
from lodeline.record.validation.kinds import (
    NUMBER,
    OBJECT,
    TEXT,
    TIME,
    URI,
    VERSION,
    Kind,
    either,
    many,
    word,
    wrong_type,
)
from lodeline.record.validation.objects import Field, table
from lodeline.record.validation.parts import CONTEXT, URIS
from lodeline.record.validation.problem import Problem

ATTRIBUTE = table(
    "an attribute",
    (
        Field("id", URI, required=True),
        Field("attribute", either("a text, a number or an object", TEXT, NUMBER, OBJECT)),
    ),
    others="any",
)
ELEMENT = table(
    "a vocabulary element",
    (Field("id", URI, required=True), Field("attributes", many(ATTRIBUTE)), Field("children", URIS)),
    others="any",
)
VOCABULARIES = many(
    table(
        "a vocabulary",
        (Field("type", URI, required=True), Field("vocabularyElementList", many(ELEMENT))),
        others="any",
    )
)
HEADER = table(
    "a header",
    (Field("epcisMasterData", table("master data", (Field("vocabularyList", VOCABULARIES),), others="any")),),
    others="uri",
)


def _event_list() -> Kind:
    """Like any list of events, but a problem names the index of its event and the path within it."""
    events = many(EVENT)

    def explain(value: Any, path: str) -> Iterator[Problem]:
        if type(value) is not list:
            yield wrong_type(value, path, events.says)
            return
        for index, event in enumerate(value):
            for problem in EVENT.explain(event, "$"):
                yield problem.of_event(index)

    return Kind(events.says, events.accepts, explain)


EVENT_LIST = Field("eventList", _event_list(), required=True)

_RESULTS = table("a results body", (EVENT_LIST, Field("vocabularyList", VOCABULARIES)), others="uri")
_QUERY = table(
    "query results",
    (
        Field("queryName", TEXT, required=True),
        Field("subscriptionID", TEXT),
        Field("resultsBody", _RESULTS, required=True),
    ),
    others="uri",
)

DOCUMENT_FIELDS: dict[str, tuple[Field, ...]] = {
    "EPCISDocument": (
        Field("@context", CONTEXT, required=True),
        Field("id", URI),
        Field("schemaVersion", VERSION, required=True),
        Field("creationDate", TIME, required=True),
        Field("instanceIdentifier", TEXT),
        Field("sender", TEXT),
        Field("receiver", TEXT),
        Field("epcisHeader", HEADER),
        Field("epcisBody", table("a body", (EVENT_LIST,), others="any"), required=True),
    ),
    "EPCISQueryDocument": (
        Field("@context", CONTEXT, required=True),
        Field("id", URI),
        Field("schemaVersion", VERSION),
        Field("creationDate", TIME),
        Field(
            "epcisBody",
            table("a body", (Field("queryResults", _QUERY, required=True),), others="uri"),
            required=True,
        ),
    ),
}
"""The fields of each type of document beside ``type``."""

DOCUMENTS: dict[str, Kind] = {
    name: table(
        f"an {name}",
        (Field("type", word("a type", frozenset({name}), other=None), required=True), *fields),
        others="uri",
    )
    for name, fields in DOCUMENT_FIELDS.items()
}
