"""Subscriptions: to which query, whereto, when, and up to which entry everything was acknowledged.

A delivery is written down before it is first sent, with the entries it covers, so that a repetition after a crash is
the same delivery under the same id. The position moves only when a delivery was acknowledged, in the same
transaction that forgets the delivery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Column, Index, Table, Text, delete, func, select, update

from lodeline.errors import InputError, NotFoundError
from lodeline.ledger.service.base import Number, Room, metadata
from lodeline.ledger.service.queries import queries
from lodeline.ledger.values import from_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

subscriptions = Table(
    "service_subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("query_name", Text, nullable=False),
    Column("dest", Text),
    Column("secret", Text),
    Column("schedule", Text),
    Column("report_if_empty", Number, nullable=False),
    Column("initial_record_time", Number),
    Column("epc_format", Text, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("token", Text),
    Column("position", Number, nullable=False),
    Column("min_record_time", Number, nullable=False),
    Column("last_notified_at", Number),
    Column("state", Text, nullable=False),
    Column("failures", Number, nullable=False),
    Column("due_at", Number, nullable=False),
    Column("last_error", Text),
    Column("batch_events", Number, nullable=False),
    Column("delivery_id", Text),
    Column("delivery_upto", Number),
    Column("delivery_until", Number),
    Column("delivery_at", Number),
    Column("touched_at", Number, nullable=False),
    sqlite_strict=True,
)
Index("service_subscriptions_query", subscriptions.c.query_name)

MOST = 1_000
"""Subscriptions of one book: each costs a look at every capture, and a connection."""

ACTIVE, FAILING, ENDED = "active", "failing", "ended"

_TIMES = (
    "initial_record_time",
    "created_at",
    "min_record_time",
    "last_notified_at",
    "due_at",
    "delivery_at",
    "touched_at",
)


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One standing query.

    Attributes:
        id: Made by the server.
        query_name: The query that is run.
        dest: Where a webhook goes; None for a websocket that acknowledges and may come back.
        secret: What deliveries are signed with; it is never shown.
        schedule: Fields of the schedule; None for a stream.
        report_if_empty: Whether a run of the schedule that found nothing is reported too.
        initial_record_time: Events recorded before it are left out; None: what was recorded before its making.
        epc_format: How identifiers are written in a delivery: a value of GS1-EPC-Format.
        created_by, token: Name and id of the token that made it.
        position: The last entry up to which everything was acknowledged, or did not match.
        min_record_time: When the query was last run and all that it found acknowledged.
        last_notified_at: When a delivery was last acknowledged.
        state: ``active``, ``failing`` (tried again later) or ``ended`` (the receiver said that it is gone).
        failures: How often in a row a delivery was not acknowledged.
        due_at: When to try again, or to run the schedule next.
        last_error: Why the last delivery failed, or why it ended.
        batch_events: How many events a delivery holds at most; halved where a receiver finds them too many.
        delivery_id, delivery_upto, delivery_until, delivery_at: The delivery that is under way: the entries after
            ``position`` up to ``delivery_upto``, of a run that goes to ``delivery_until``, made at ``delivery_at``.
        touched_at: When anything of it last changed.
    """

    id: str
    query_name: str
    dest: str | None
    secret: str | None
    schedule: dict[str, str] | None
    report_if_empty: bool
    initial_record_time: datetime | None
    epc_format: str
    created_at: datetime
    created_by: str
    token: str | None
    position: int
    min_record_time: datetime
    last_notified_at: datetime | None = None
    state: str = ACTIVE
    failures: int = 0
    due_at: datetime
    last_error: str | None = None
    batch_events: int
    delivery_id: str | None = None
    delivery_upto: int | None = None
    delivery_until: int | None = None
    delivery_at: datetime | None = None
    touched_at: datetime

    def __repr__(self) -> str:
        # A log or a traceback must not carry the secret.
        return f"Subscription({self.id!r}, {self.query_name!r}, {self.state!r}, position={self.position})"


class Subscriptions(Room):
    """The subscriptions of a book."""

    def add(self, subscription: Subscription) -> None:
        """Keep a new subscription.

        Raises:
            NotFoundError: ``query.unknown_name``. InputError: ``subscription.too_many``.
        """
        with self._write() as connection:
            named = select(queries.c.name).where(queries.c.name == subscription.query_name)
            if connection.execute(named).first() is None:
                raise NotFoundError("query.unknown_name", "There is no query of this name; GET /queries lists them.")
            if connection.execute(select(func.count()).select_from(subscriptions)).scalar_one() >= MOST:
                raise InputError("subscription.too_many", f"A book keeps {MOST} subscriptions; remove one first.")
            connection.execute(subscriptions.insert(), [_row(subscription)])

    def get(self, subscription_id: str) -> Subscription:
        """One subscription.

        Raises:
            NotFoundError: ``subscription.unknown``.
        """
        found = self.find(subscription_id)
        if found is None:
            raise NotFoundError(
                "subscription.unknown", "There is no subscription of this id; it may have been removed."
            )
        return found

    def find(self, subscription_id: str) -> Subscription | None:
        """One subscription; None where there is none any more."""
        if "\0" in subscription_id:
            return None
        rows = self._rows(select(subscriptions).where(subscriptions.c.id == subscription_id))
        return _subscription(rows[0]._mapping) if rows else None

    def of_query(self, name: str, *, by: str | None, after: str = "", limit: int) -> list[Subscription]:
        """Subscriptions to a query that have not ended, in the order of their ids, after one; of one maker, or all."""
        statement = select(subscriptions).where(
            subscriptions.c.query_name == name, subscriptions.c.id > after, subscriptions.c.state != ENDED
        )
        if by is not None:
            statement = statement.where(subscriptions.c.created_by == by)
        found = self._rows(statement.order_by(subscriptions.c.id).limit(limit))
        return [_subscription(row._mapping) for row in found]

    def all(self) -> list[Subscription]:
        """Every subscription, oldest first, ended ones too."""
        statement = select(subscriptions).order_by(subscriptions.c.created_at, subscriptions.c.id)
        return [_subscription(row._mapping) for row in self._rows(statement)]

    def webhooks(self) -> list[Subscription]:
        """Webhooks that have not ended."""
        statement = select(subscriptions).where(subscriptions.c.dest.is_not(None), subscriptions.c.state != ENDED)
        return [_subscription(row._mapping) for row in self._rows(statement)]

    def change(self, held: Subscription, **values: Any) -> Subscription | None:
        """Write down what became of a subscription, in one transaction.

        It is written only if its delivery is still the one that ``held`` has; None where it was removed meanwhile,
        or where another connection took it over.
        """
        changed = msgspec.structs.replace(held, **values)
        row = _row(changed)
        same = subscriptions.c.delivery_id
        with self._write() as connection:
            done = connection.execute(
                update(subscriptions)
                .where(
                    subscriptions.c.id == held.id,
                    same.is_(None) if held.delivery_id is None else same == held.delivery_id,
                    subscriptions.c.position == held.position,
                )
                .values({name: row[name] for name in values})
            )
            return changed if done.rowcount == 1 else None

    def remove(self, subscription_id: str) -> None:
        """Remove a subscription: nothing is delivered any more.

        Raises:
            NotFoundError: ``subscription.unknown``.
        """
        self.get(subscription_id)
        with self._write() as connection:
            connection.execute(delete(subscriptions).where(subscriptions.c.id == subscription_id))

    def forget_websockets(self, *, before: datetime) -> int:
        """Remove websockets that have not come back since an instant, and count them."""
        with self._write() as connection:
            gone = connection.execute(
                delete(subscriptions).where(subscriptions.c.dest.is_(None), subscriptions.c.touched_at < to_us(before))
            )
            return int(gone.rowcount)


def _row(subscription: Subscription) -> dict[str, Any]:
    row = {name: getattr(subscription, name) for name in subscription.__struct_fields__}
    for name in _TIMES:
        row[name] = None if row[name] is None else to_us(row[name])
    row["schedule"] = None if row["schedule"] is None else msgspec.json.encode(row["schedule"]).decode()
    row["report_if_empty"] = int(row["report_if_empty"])
    return row


def _subscription(row: RowMapping) -> Subscription:
    values = dict(row)
    for name in _TIMES:
        values[name] = None if values[name] is None else from_us(values[name])
    values["schedule"] = None if values["schedule"] is None else msgspec.json.decode(values["schedule"])
    values["report_if_empty"] = bool(values["report_if_empty"])
    return Subscription(**values)
