"""Named queries and subscriptions as GS1's OpenAPI writes them. The secret is in none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lodeline.book.results import written

if TYPE_CHECKING:
    from lodeline.book.service import NamedQuery, Subscription


def shown_query(named: NamedQuery) -> dict[str, Any]:
    """A named query: its name, and the query as it was given."""
    return {"name": named.name, "query": named.parameters}


def query_path(name: str) -> str:
    """Where a named query is."""
    return f"/queries/{quote(name, safe='')}"


def subscription_path(subscription: Subscription) -> str:
    """Where a subscription is."""
    return f"{query_path(subscription.query_name)}/subscriptions/{subscription.id}"


def shown_subscription(subscription: Subscription, *, base: str) -> dict[str, Any]:
    """A subscription. ``state``, ``failures``, ``lastError`` and ``nextAttemptAt`` are ours.

    Args:
        base: Scheme and host under which the caller asked, such as ``https://epcis.example.com``.
    """
    dest = subscription.dest
    if dest is None:
        # A websocket has no callback: its destination is where the client comes back to.
        dest = (
            f"{base.replace('http', 'ws', 1)}{query_path(subscription.query_name)}/events"
            f"?acknowledge=true&subscriptionID={subscription.id}"
        )
    value: dict[str, Any] = {
        "subscriptionID": subscription.id,
        "queryName": subscription.query_name,
        "dest": dest,
        "createdAt": written(subscription.created_at),
        "minRecordTime": written(subscription.min_record_time),
        "epcFormat": subscription.epc_format or "Always_GS1_Digital_Link",
    }
    if subscription.initial_record_time is not None:
        value["initialRecordTime"] = written(subscription.initial_record_time)
    if subscription.last_notified_at is not None:
        value["lastNotifiedAt"] = written(subscription.last_notified_at)
    if subscription.schedule is None:
        value["stream"] = True
    else:
        value |= {"schedule": subscription.schedule, "reportIfEmpty": subscription.report_if_empty}
    value["state"] = subscription.state
    if subscription.failures:
        value |= {"failures": subscription.failures, "nextAttemptAt": written(subscription.due_at)}
    if subscription.last_error is not None:
        value["lastError"] = subscription.last_error
    return value
