"""Capture jobs: documents that were accepted over HTTP, kept until they are in the book or refused.

A job stands here before its sender is told 202. It is done in the order in which it came, by the one server that
has the turn. Doing a job twice records nothing twice, since the ledger knows an event that it holds.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Column, Index, LargeBinary, Table, Text, delete, func, select, update

from lodeline.errors import NotFoundError
from lodeline.ledger.service.base import Number, Room, metadata, next_number
from lodeline.ledger.values import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import BinaryIO

    from sqlalchemy import Row

PART_BYTES = 1 << 20
LISTED = 4 << 20
"""Characters of refusals in one list of jobs: each may have a thousand."""
KEPT = timedelta(days=90)
"""How long a job can be asked for after it has ended."""

jobs = Table(
    "service_jobs",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("created_at", Number, nullable=False),
    Column("by", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Number, nullable=False),
    Column("behaviour", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("finished_at", Number),
    Column("success", Number),
    Column("added", Number),
    Column("known", Number),
    Column("errors", Text),
    sqlite_strict=True,
)
Index("service_jobs_open", jobs.c.finished_at, jobs.c.number)

parts = Table(
    "service_job_parts",
    metadata,
    Column("job", Number, primary_key=True, autoincrement=False),
    Column("part", Number, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""The document of a job that is not finished, in pieces, so that none of any size is held in memory."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One capture job.

    Attributes:
        number: Its place in the order of jobs, from 1.
        id: What its Location names.
        by: Who captures.
        media_type, size: Of the document, in bytes.
        behaviour: ``rollback`` or ``proceed``.
        attempts: How often it was begun.
        finished_at: When it ended; None: it waits or runs.
        success: Whether every event was captured; None until it ended.
        added, known: Events new in the book, and events it held already.
        errors: Problem documents, as JSON values.
    """

    number: int
    id: str
    created_at: datetime
    by: str
    media_type: str
    size: int
    behaviour: str
    attempts: int
    finished_at: datetime | None
    success: bool | None
    added: int | None
    known: int | None
    errors: list[dict[str, object]]


class Jobs(Room):
    """The capture jobs of a book."""

    def add(self, job_id: str, document: BinaryIO, *, at: datetime, by: str, media_type: str, behaviour: str) -> Job:
        """Keep a document and its job, and forget jobs that ended long ago. When this returns, both survive a power
        cut.
        """
        with self._write() as connection:
            number, size = next_number(connection, jobs.c.number), 0
            connection.execute(delete(jobs).where(jobs.c.finished_at < to_us(at - KEPT)))
            for part, raw in enumerate(_pieces(document)):
                connection.execute(parts.insert(), [{"job": number, "part": part, "raw": raw}])
                size += len(raw)
            row = {
                "number": number,
                "id": job_id,
                "created_at": to_us(at),
                "by": by,
                "media_type": media_type,
                "size": size,
                "behaviour": behaviour,
                "attempts": 0,
            }
            connection.execute(jobs.insert(), [row])
        return self.get(job_id)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            NotFoundError: ``job.unknown``.
        """
        rows = self._rows(select(jobs).where(jobs.c.id == job_id))
        if not rows:
            raise NotFoundError("job.unknown", "There is no capture job of this id; GET /capture lists them.")
        return _job(rows[0])

    def page(self, *, after: int, limit: int) -> tuple[list[Job], bool]:
        """Jobs in the order in which they came, after a number, and whether more follow.

        There are fewer than the limit where their refusals are long, but never none.
        """
        length = func.coalesce(func.length(jobs.c.errors), 0)
        ahead = select(jobs.c.number, length).where(jobs.c.number > after).order_by(jobs.c.number).limit(limit + 1)
        numbers, lengths = zip(*rows, strict=True) if (rows := self._rows(ahead)) else ((), ())
        fit = sum(total <= LISTED for total in accumulate(lengths[:limit]))
        kept = numbers[: max(1, fit)]
        if not kept:
            return [], False
        found = select(jobs).where(jobs.c.number > after, jobs.c.number <= kept[-1]).order_by(jobs.c.number)
        return [_job(row) for row in self._rows(found)], len(numbers) > len(kept)

    def next_open(self) -> Job | None:
        """The oldest job that has not ended; None where all have."""
        rows = self._rows(select(jobs).where(jobs.c.finished_at.is_(None)).order_by(jobs.c.number).limit(1))
        return _job(rows[0]) if rows else None

    def waiting(self) -> tuple[int, int]:
        """How many jobs have not ended, and how many bytes their documents have."""
        sizes = [row[0] for row in self._rows(select(jobs.c.size).where(jobs.c.finished_at.is_(None)))]
        return len(sizes), sum(sizes)

    def begin(self, number: int) -> int:
        """Count one more attempt, before it is made, and say how many that makes."""
        with self._write() as connection:
            connection.execute(update(jobs).where(jobs.c.number == number).values(attempts=jobs.c.attempts + 1))
            attempts: int = connection.execute(select(jobs.c.attempts).where(jobs.c.number == number)).scalar_one()
            return attempts

    def document(self, number: int) -> Iterator[bytes]:
        """The pieces of a job's document."""
        part = 0
        while True:
            rows = self._rows(select(parts.c.raw).where(parts.c.job == number, parts.c.part == part))
            if not rows:
                return
            yield bytes(rows[0][0])
            part += 1

    def finish(
        self,
        number: int,
        *,
        at: datetime,
        success: bool,
        added: int,
        known: int,
        errors: list[dict[str, object]],
    ) -> None:
        """End a job and let its document go. A job that has ended stays as it is."""
        with self._write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.number == number, jobs.c.finished_at.is_(None))
                .values(
                    finished_at=to_us(at),
                    success=int(success),
                    added=added,
                    known=known,
                    errors=msgspec.json.encode(errors).decode(),
                )
            )
            connection.execute(delete(parts).where(parts.c.job == number))


def _pieces(document: BinaryIO) -> Iterator[bytes]:
    while piece := document.read(PART_BYTES):
        yield piece


def _job(row: Row[tuple[object, ...]]) -> Job:
    said = row._mapping
    return Job(
        number=said["number"],
        id=said["id"],
        created_at=from_us(said["created_at"]),
        by=said["by"],
        media_type=said["media_type"],
        size=said["size"],
        behaviour=said["behaviour"],
        attempts=said["attempts"],
        finished_at=None if said["finished_at"] is None else from_us(said["finished_at"]),
        success=None if said["success"] is None else bool(said["success"]),
        added=said["added"],
        known=said["known"],
        errors=msgspec.json.decode(said["errors"]) if said["errors"] else [],
    )
