"""Page tokens that were ended before their time."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Column, LargeBinary, Table, delete, select

from lodeline.ledger.service.base import Number, Room, metadata

ended = Table(
    "service_ended_pages",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("until", Number, nullable=False),
    sqlite_strict=True,
)


class Pages(Room):
    """The tokens that may not be used any more, until they would have ended anyway."""

    def end(self, token: str, *, until: int, now: int) -> None:
        """End a token; forget those whose time has come. ``until`` and ``now`` in seconds since 1970."""
        digest = sha256(token.encode()).digest()
        with self._write() as connection:
            connection.execute(delete(ended).where(ended.c.until < now))
            held = connection.execute(select(ended.c.until).where(ended.c.digest == digest)).first()
            if held is None and until >= now:
                connection.execute(ended.insert(), [{"digest": digest, "until": until}])

    def ended(self, token: str) -> bool:
        """Whether a token was ended."""
        digest = sha256(token.encode()).digest()
        return bool(self._rows(select(ended.c.until).where(ended.c.digest == digest)))
