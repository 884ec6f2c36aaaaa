"""The audit log: every write and every refusal over HTTP, and every change of a token. It only ever grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Column, Table, Text, select

from lodeline.ledger.service.base import Number, Room, log, metadata, next_number
from lodeline.ledger.values import from_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

audit = log(
    Table(
        "service_audit",
        metadata,
        Column("seq", Number, primary_key=True, autoincrement=False),
        Column("at", Number, nullable=False),
        Column("who", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("token", Text),
        Column("address", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("target", Text, nullable=False),
        Column("status", Number, nullable=False),
        Column("code", Text),
        Column("detail", Text),
        sqlite_strict=True,
    )
)


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit log.

    Attributes:
        seq: Its number, from 1, without a gap.
        at: When it was answered, UTC.
        who: The name on the token; ``local`` where the service is open to this machine, ``-`` where nobody was known.
        role: The role that was used; ``-`` where none was.
        token: Id of the token, never the token.
        address: Where the request came from.
        action: What was asked: a method, or a command such as ``token create``.
        target: On what: a path with its query's names, or a token's id.
        status: HTTP status; 0 for a command.
        code: Refusal code; None where it was done.
        detail: What else is worth keeping: a Location, a refusal's sentence.
    """

    seq: int
    at: datetime
    who: str
    role: str
    token: str | None
    address: str
    action: str
    target: str
    status: int
    code: str | None
    detail: str | None


LONGEST = 2_000
"""Characters kept of any one text: a caller must not fill the disk by a long path."""


class Audit(Room):
    """The log of one book."""

    def write(
        self,
        *,
        at: datetime,
        who: str,
        role: str,
        token: str | None,
        address: str,
        action: str,
        target: str,
        status: int,
        code: str | None,
        detail: str | None,
    ) -> None:
        """Add one line. When this returns, it survives a power cut."""
        row = {
            "at": to_us(at),
            "who": _short(who),
            "role": role,
            "token": token,
            "address": address,
            "action": _short(action),
            "target": _short(target),
            "status": status,
            "code": code,
            "detail": None if detail is None else _short(detail),
        }
        with self._write() as connection:
            connection.execute(audit.insert(), [{"seq": next_number(connection, audit.c.seq), **row}])

    def entries(self, *, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        """Lines in order, after a number."""
        statement = select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
        return [AuditEntry(**{**row._mapping, "at": from_us(row._mapping["at"])}) for row in self._rows(statement)]


def _short(text: str) -> str:
    # A lone surrogate or a NUL in a path must not make the log unwritable.
    clean = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"
