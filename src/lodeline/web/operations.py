"""What each operation takes and answers, in a table: the source of the OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lodeline.record.query.parameters import ALIASES, NAMED
from lodeline.web.answers import EVENT_FORMS
from lodeline.web.capturing import DOCUMENT_TYPES
from lodeline.web.events import EVENT_TYPES
from lodeline.web.negotiation import HTML, JSON, LD_JSON
from lodeline.web.resources import COLLECTIONS, FORMS, QUERY_PARAMETER

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_LOCATION: dict[str, Schema] = {"Location": {"type": "string", "minLength": 1}}
_PAGED: dict[str, Schema] = {"Link": _TEXT, "GS1-Next-Page-Token-Expires": {"type": "string", "format": "date-time"}}
_OFFERED: dict[str, Schema] = {
    "Allow": _TEXT,
    **{name: {"type": "string", "pattern": r"^\d+(\.\d+)*$"} for name in (
        "GS1-EPCIS-Version", "GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Version", "GS1-CBV-Min", "GS1-CBV-Max",
    )},
    "GS1-EPC-Format": _TEXT,
    "GS1-CBV-XML-Format": _TEXT,
    "GS1-Extensions": _TEXT,
    "GS1-Vendor-Version": _TEXT,
}  # fmt: skip
_LIMITS: dict[str, Schema] = {
    "GS1-EPCIS-Capture-Limit": {"type": "integer", "minimum": 1},
    "GS1-EPCIS-Capture-File-Size-Limit": {"type": "integer", "minimum": 1},
    "GS1-Capture-Error-Behaviour": {"enum": ["rollback", "proceed", "all"]},
}
_PAGES = ("perPage", "nextPageToken")
_FORMATS = ("GS1-EPC-Format", "GS1-CBV-XML-Format")
_QUERY = {name: parameter.meaning for name, parameter in NAMED.items() if name != "@context"} | {
    alias: NAMED[name].meaning for alias, name in ALIASES.items()
}
_WRITE_PROBLEMS = (400, 408, 413, 415, 503, 507)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation.

    Attributes:
        status, means: Of the answer where it is done.
        answer: Schema of the answer; None: it has no content.
        writes: Media types of the answer.
        headers: Headers of the answer besides those of each answer.
        body: Schema of the body; None: it takes none.
        reads: Media types of the body.
        parameters: Names of `lodeline.web.openapi.PARAMETERS`.
        query: Further parameters of the query string, and what they mean.
        problems: Statuses of refusals, besides those that any request may have.
    """

    status: int = 200
    means: str
    answer: str | None = None
    writes: tuple[str, ...] = (JSON,)
    headers: dict[str, Schema] = field(default_factory=dict)
    body: str | None = None
    reads: tuple[str, ...] = (JSON,)
    parameters: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()


def _events(without: str | None = None) -> Operation:
    return Operation(
        means="Events, as an EPCIS query document.",
        answer="QueryDocument",
        writes=EVENT_FORMS,
        headers=_PAGED,
        parameters=(*_PAGES, *_FORMATS, "GS1-Extensions"),
        query={name: meaning for name, meaning in _QUERY.items() if name != without},
        problems=(400, 413),
    )


def _options(*, limits: bool = False) -> Operation:
    headers = {**_OFFERED, **(_LIMITS if limits else {})}
    return Operation(status=204, means="What this path offers.", headers=headers)


def _listed(schema: str, means: str, *, writes: tuple[str, ...] = (JSON,), formats: tuple[str, ...] = ()) -> Operation:
    return Operation(
        means=means, answer=schema, writes=writes, headers=_PAGED, parameters=(*_PAGES, *formats), problems=(400,)
    )


_QUERIES = "/queries/{name}"
_SUBSCRIPTIONS = f"{_QUERIES}/subscriptions"
_ONE_SUBSCRIPTION = f"{_SUBSCRIPTIONS}/{{subscription_id}}"

_OPTIONS_OF = (
    "/", "/events", "/events/{event_id}", "/capture/{capture_id}", "/nextPageToken/{token}", "/audit", "/queries",
    _QUERIES, f"{_QUERIES}/events", _SUBSCRIPTIONS, _ONE_SUBSCRIPTION,
    *(f"/{name}{rest}" for name in COLLECTIONS for rest in ("", "/{member}", "/{member}/events")),
)  # fmt: skip

OPERATIONS: dict[tuple[str, str], Operation] = {
    **{("OPTIONS", path): _options() for path in _OPTIONS_OF},
    ("OPTIONS", "/capture"): _options(limits=True),
    ("GET", "/"): Operation(means="What there is.", answer="Collection", writes=(JSON, LD_JSON, HTML)),
    ("POST", "/capture"): Operation(
        status=202,
        means="The document is durably stored, and will be captured; ask its Location.",
        headers=_LOCATION,
        body="Document",
        reads=DOCUMENT_TYPES,
        parameters=("GS1-EPCIS-Version", "GS1-CBV-Version", "GS1-Capture-Error-Behaviour"),
        problems=_WRITE_PROBLEMS,
    ),
    ("GET", "/capture"): _listed("CaptureJobs", "Capture jobs, in the order in which they came."),
    ("GET", "/capture/{capture_id}"): Operation(means="How the job stands.", answer="CaptureJob"),
    ("GET", "/events"): _events(),
    ("POST", "/events"): Operation(
        status=201,
        means="The event is in the book.",
        answer="Event",
        writes=EVENT_FORMS,
        headers=_LOCATION,
        body="EventAlone",
        reads=EVENT_TYPES,
        parameters=("GS1-EPCIS-Version", "GS1-CBV-Version", "GS1-EPC-Format"),
        problems=(409, *_WRITE_PROBLEMS),
    ),
    ("GET", "/events/{event_id}"): Operation(
        means="The event, and what declares it an error.",
        answer="QueryDocument",
        writes=EVENT_FORMS,
        parameters=_FORMATS,
    ),
    **{
        ("GET", f"/{name}"): _listed("Collection", "What events of the book name.", writes=FORMS, formats=_FORMATS)
        for name in COLLECTIONS
    },
    **{
        ("GET", f"/{name}/{{member}}"): Operation(means="What can be asked of it.", answer="Collection", writes=FORMS)
        for name in COLLECTIONS
    },
    **{("GET", f"/{name}/{{member}}/events"): _events(QUERY_PARAMETER[name]) for name in COLLECTIONS},
    ("DELETE", "/nextPageToken/{token}"): Operation(status=204, means="The token has ended.", problems=(400,)),
    ("GET", "/audit"): _listed("AuditLog", "The audit log, oldest first."),
    ("GET", "/queries"): _listed("NamedQueries", "Named queries, by name."),
    ("POST", "/queries"): Operation(
        status=201, means="The query has its name.", headers=_LOCATION, body="NamedQuery",
        parameters=("GS1-EPCIS-Version", "GS1-CBV-Version", "GS1-Extensions"), problems=(400, 408, 409, 413, 415),
    ),
    ("GET", _QUERIES): Operation(means="The query, in a list of one.", answer="NamedQueries"),
    ("DELETE", _QUERIES): Operation(status=204, means="The query is gone, and the subscriptions to it."),
    ("GET", f"{_QUERIES}/events"): Operation(
        means="What the query finds now.", answer="QueryDocument", writes=EVENT_FORMS, headers=_PAGED,
        parameters=(*_PAGES, *_FORMATS), problems=(400, 413),
    ),
    ("GET", _SUBSCRIPTIONS): _listed("Subscriptions", "Subscriptions to the query."),
    ("POST", _SUBSCRIPTIONS): Operation(
        status=201, means="The subscription.", answer="Subscription", headers=_LOCATION, body="SubscriptionRequest",
        parameters=("GS1-EPCIS-Version", "GS1-EPC-Format"), problems=(400, 408, 413, 415),
    ),
    ("GET", _ONE_SUBSCRIPTION): Operation(means="The subscription.", answer="Subscription"),
    ("DELETE", _ONE_SUBSCRIPTION): Operation(status=204, means="The subscription has ended."),
}  # fmt: skip
