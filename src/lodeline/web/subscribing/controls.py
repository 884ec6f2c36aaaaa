"""What a subscriber asks for: of a webhook as a JSON object, of a websocket in the query string.

Source: GS1 EPCIS 2.0, REST bindings (OpenAPI): /queries/{queryName}/subscriptions and /queries/{queryName}/events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from lodeline.errors import InputError, RecordError
from lodeline.record.codec import decode
from lodeline.web.subscribing.schedule import RANGES, Schedule, parse_schedule

SECRET_CHARACTERS = 1_000
BODY_BYTES = 64 * 1024
NAME_CHARACTERS = 200
RESERVED = ("SimpleEventQuery", ".", "..")
"""Names that mean something else: the query without a name, and what a path makes of dots."""


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """When to report, from when on, and how.

    Attributes:
        schedule: None for a stream.
        report_if_empty: Only with a schedule.
        initial_record_time: None: from now on.
    """

    schedule: Schedule | None
    report_if_empty: bool
    initial_record_time: datetime | None


class WebhookControls(Controls, frozen=True, kw_only=True):
    """What is asked of a webhook; the destination is not checked yet."""

    dest: object
    secret: str | None

    def __repr__(self) -> str:
        return f"WebhookControls({self.dest!r})"


class WebsocketControls(Controls, frozen=True, kw_only=True):
    """What is asked of a websocket.

    Attributes:
        acknowledge: Whether the client acknowledges each document, so that it can come back.
        subscription_id: Of the subscription that it comes back to.
    """

    acknowledge: bool
    subscription_id: str | None


def json_object(raw: bytes, code_of: str) -> dict[str, Any]:
    """A body that must be one JSON object.

    Raises:
        InputError: ``query.body`` or ``subscription.body``, as ``code_of`` says which.
    """
    try:
        value = decode(raw, limit=BODY_BYTES)
    except RecordError as flaw:
        value = flaw.sentence
    if isinstance(value, dict):
        return value
    said = f" ({value})" if isinstance(value, str) else ""
    if code_of == "query":
        raise InputError("query.body", f'Send one JSON object: {{"name": …, "query": {{…}}}}{said}.')
    raise InputError("subscription.body", f'Send one JSON object with "dest" and "stream" or "schedule"{said}.')


def query_definition(raw: bytes) -> tuple[str, dict[str, Any]]:
    """Name and parameters of the query that a body defines.

    Raises:
        InputError: ``query.body``, ``query.name``.
    """
    value = json_object(raw, "query")
    name, parameters = value.get("name"), value.get("query")
    if not isinstance(parameters, dict) or set(value) - {"name", "query"}:
        raise InputError("query.body", "A named query has a name and a query, an object of parameters, and no more.")
    if (
        not isinstance(name, str)
        or not 0 < len(name) <= NAME_CHARACTERS
        or not name.isprintable()
        or name != name.strip()
        or name in RESERVED
    ):
        raise InputError(
            "query.name",
            f"Name the query in 1 to {NAME_CHARACTERS} printable characters, other than {', '.join(RESERVED)}.",
            field="name",
        )
    return name, parameters


def webhook_controls(raw: bytes) -> WebhookControls:
    """What the body of a new subscription says.

    The secret is ``signatureToken``; GS1's OpenAPI calls it ``secret`` in its list of required fields, so that name is
    read too.

    Raises:
        InputError: ``subscription.body``, ``subscription.field``, ``subscription.controls`` …
    """
    value = json_object(raw, "subscription")
    known = ("dest", "signatureToken", "secret", "initialRecordTime", "reportIfEmpty", "schedule", "stream")
    for name in value:
        if name not in known:
            raise InputError("subscription.field", f"A subscription has the fields {', '.join(known)}.", field=name)
    secrets = {value[name] for name in ("signatureToken", "secret") if _is_secret(value.get(name), name)}
    if len(secrets) > 1:
        raise InputError("subscription.field", "signatureToken and secret are one thing; give one.", field="secret")
    schedule, stream = value.get("schedule"), value.get("stream")
    if schedule is not None and not isinstance(schedule, dict):
        raise InputError("subscription.field", 'schedule is an object, such as {"hour": "1"}.', field="schedule")
    for name in ("stream", "reportIfEmpty"):
        if value.get(name) is not None and not isinstance(value[name], bool):
            raise InputError("subscription.field", f"{name} is true or false.", field=name)
    return WebhookControls(
        dest=value.get("dest"),
        secret=next(iter(secrets), None),
        **_controls(schedule, bool(stream), bool(value.get("reportIfEmpty")), value.get("initialRecordTime")),
    )


def websocket_controls(pairs: Sequence[tuple[str, str]]) -> WebsocketControls:
    """What the query string of a websocket says.

    Raises:
        InputError: ``subscription.field``, ``subscription.controls`` …
    """
    said: dict[str, str] = {}
    known = (*RANGES, "stream", "reportIfEmpty", "initialRecordTime", "acknowledge", "subscriptionID")
    for name, value in pairs:
        if name not in known or name in said:
            raise InputError(
                "subscription.field", f"A websocket takes each of {', '.join(known)} at most once.", field=name
            )
        said[name] = value
    flags = {name: _flag(said, name) for name in ("stream", "reportIfEmpty", "acknowledge")}
    subscription_id = said.get("subscriptionID")
    if subscription_id is not None and not flags["acknowledge"]:
        raise InputError(
            "subscription.controls",
            "Only a subscription with acknowledge=true can be taken up again by its subscriptionID.",
            field="subscriptionID",
        )
    schedule = {name: said[name] for name in RANGES if name in said}
    return WebsocketControls(
        acknowledge=flags["acknowledge"],
        subscription_id=subscription_id,
        **_controls(schedule or None, flags["stream"], flags["reportIfEmpty"], said.get("initialRecordTime")),
    )


def asks_for_websocket(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a query string has what only a websocket takes."""
    return any(name in (*RANGES, "stream", "reportIfEmpty", "initialRecordTime", "acknowledge") for name, _ in pairs)


def _controls(schedule: Mapping[str, object] | None, stream: bool, empty: bool, initial: object) -> dict[str, Any]:
    if stream == (schedule is not None):
        raise InputError(
            "subscription.controls",
            "Say either stream true, to hear of each event at once, or a schedule; not both and not neither.",
            field="stream",
        )
    if empty and schedule is None:
        raise InputError(
            "subscription.controls",
            "reportIfEmpty goes with a schedule; a stream speaks only when there is an event.",
            field="reportIfEmpty",
        )
    return {
        "schedule": None if schedule is None else parse_schedule(schedule),
        "report_if_empty": empty,
        "initial_record_time": None if initial is None else _instant(initial),
    }


def _instant(text: object) -> datetime:
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) and "T" in text else None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InputError(
        "subscription.initial_record_time",
        "Write initialRecordTime as an instant with its offset, such as 2026-01-31T23:59:59Z.",
        field="initialRecordTime",
    )


def _is_secret(value: object, name: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, str) or not 0 < len(value) <= SECRET_CHARACTERS:
        raise InputError("subscription.field", f"{name} is a text of 1 to {SECRET_CHARACTERS} characters.", field=name)
    return True


def _flag(said: Mapping[str, str], name: str) -> bool:
    value = said.get(name, "false")
    if value not in ("true", "false"):
        raise InputError("subscription.field", f"{name} is true or false.", field=name)
    return value == "true"
