"""Turns: of several servers on one book, one does the work that must be done once.

Whoever has a turn keeps it until it lets go or dies; the system takes it from a dead process at once, so that no
clock and no lease is needed. A file lock beside a book in a file, a session's advisory lock on PostgreSQL.
"""

from __future__ import annotations

import fcntl
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lodeline.ledger.backend import Backend

ASK = "SELECT pg_try_advisory_lock(hashtextextended('lodeline turn ' || current_schema() || ' ' || %s, 0))"
GIVE = "SELECT pg_advisory_unlock(hashtextextended('lodeline turn ' || current_schema() || ' ' || %s, 0))"


class Turn(ABC):
    """The right to do one kind of work on a book."""

    @abstractmethod
    def take(self) -> bool:
        """Whether we have the turn now; asks for it where we do not. Ask before every piece of work."""

    @abstractmethod
    def give(self) -> None:
        """Let another have it."""


class FileTurn(Turn):
    """A lock on a file beside the book. The file stays; it says nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        if self._handle is not None:
            return True
        handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def give(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class ServerTurn(Turn):
    """An advisory lock of one session, which ends with the session."""

    def __init__(self, backend: Backend, name: str) -> None:
        self._backend, self._name = backend, name
        self._connection: Connection | None = None

    def take(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.exec_driver_sql("SELECT 1")
                return True
            except DBAPIError:
                # The session ended, and the lock with it.
                self._connection.invalidate()
                self._connection.close()
                self._connection = None
        with self._backend.refusing():
            connection = self._backend.engine.connect()
            if connection.exec_driver_sql(ASK, (self._name,)).scalar():
                self._connection = connection
                return True
            connection.close()
            return False

    def give(self) -> None:
        if self._connection is not None:
            with self._backend.refusing():
                self._connection.exec_driver_sql(GIVE, (self._name,))
                self._connection.close()
            self._connection = None
