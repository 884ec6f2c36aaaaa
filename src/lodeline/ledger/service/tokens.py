"""Access tokens: who may do what until when. Only a hash of a token's secret is kept; see `lodeline.web.access`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Column, Table, Text, select, update

from lodeline.errors import NotFoundError
from lodeline.ledger.service.base import Number, Room, metadata
from lodeline.ledger.values import from_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

tokens = Table(
    "service_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Number),
    Column("revoked_at", Number),
    Column("revoked_by", Text),
    sqlite_strict=True,
)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one token.

    Attributes:
        id: Its public part, by which it is named in lists and in the audit log.
        who: Whom it was given to; what is captured with it carries this name.
        role: ``reader``, ``recorder``, ``auditor`` or ``administrator``.
        hash: Of its secret part, in argon2's own notation.
        expires_at: From this instant on it is refused; None: never.
        revoked_at, revoked_by: Set when it was taken back.
    """

    id: str
    who: str
    role: str
    hash: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None


class Tokens(Room):
    """The tokens of a book."""

    def add(self, token: Token) -> None:
        """Keep a new token."""
        row = {name: getattr(token, name) for name in token.__struct_fields__}
        for name in ("created_at", "expires_at", "revoked_at"):
            row[name] = None if row[name] is None else to_us(row[name])
        with self._write() as connection:
            connection.execute(tokens.insert(), [row])

    def all(self) -> list[Token]:
        """Every token, oldest first, revoked ones too."""
        statement = select(tokens).order_by(tokens.c.created_at, tokens.c.id)
        return [_token(row._mapping) for row in self._rows(statement)]

    def get(self, token_id: str) -> Token | None:
        """One token by its id; None where there is none."""
        rows = self._rows(select(tokens).where(tokens.c.id == token_id))
        return _token(rows[0]._mapping) if rows else None

    def any(self) -> bool:
        """Whether any token was ever made: from then on every request needs one, whatever became of it."""
        return bool(self._rows(select(tokens.c.id).limit(1)))

    def revoke(self, token_id: str, *, at: datetime, by: str) -> Token:
        """Take a token back; one that was taken back before stays so.

        Raises:
            NotFoundError: ``token.unknown``.
        """
        with self._write() as connection:
            connection.execute(
                update(tokens)
                .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
                .values(revoked_at=to_us(at), revoked_by=by)
            )
        held = self.get(token_id)
        if held is None:
            raise NotFoundError(
                "token.unknown", "There is no token of this id; `lodeline token list` shows them.", token=token_id
            )
        return held


def _token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        who=row["who"],
        role=row["role"],
        hash=row["hash"],
        created_at=from_us(row["created_at"]),
        created_by=row["created_by"],
        expires_at=None if row["expires_at"] is None else from_us(row["expires_at"]),
        revoked_at=None if row["revoked_at"] is None else from_us(row["revoked_at"]),
        revoked_by=row["revoked_by"],
    )
