"""Reading the bytes of a book's file beside SQLite, without letting go of SQLite's locks.

POSIX drops every lock that a process holds on a file as soon as the process closes any handle of that file. A reader
of bytes that closed its handle while the same process has the book open would leave the book unlocked: another
process that ends would then believe it is the last one, and remove the write-ahead log that this one still writes
to. What was acknowledged after that would be lost if this process is killed. So a handle is closed only when this
process has no connection to the file any more; until then it is kept, and used again.

Source: SQLite, How To Corrupt An SQLite Database File, section 2.2.
"""

from __future__ import annotations

import io
import os
import threading
from collections import Counter
from pathlib import Path
from typing import BinaryIO, cast

_File = tuple[int, int]
"""Device and inode: what the system's locks belong to, whatever name a file was opened by."""

_lock = threading.Lock()
_open: Counter[_File] = Counter()
_idle: dict[_File, list[int]] = {}


def connecting(path: Path) -> _File:
    """Say that connections to a file are about to be opened; give what `disconnected` is to be told."""
    found = _identity(os.stat(path))
    with _lock:
        _open[found] += 1
    return found


def disconnected(file: _File) -> None:
    """Say that the connections of one `connecting` are closed."""
    with _lock:
        _open[file] -= 1
        if _open[file] <= 0:
            del _open[file]
            for handle in _idle.pop(file, []):
                os.close(handle)


def reading(path: Path) -> BinaryIO:
    """The bytes of a file, to be read and closed like any other.

    Raises:
        OSError: as ``open`` does.
    """
    return cast(BinaryIO, io.BufferedReader(_Bytes(path)))


class _Bytes(io.FileIO):
    """A file whose handle outlives it where it must."""

    def __init__(self, path: Path) -> None:
        self._given_back = False
        found = _identity(os.stat(path))
        with _lock:
            kept = _idle.get(found)
            self._handle = kept.pop() if kept else -1
        if self._handle < 0:
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            found = _identity(os.fstat(self._handle))
        self._of = found
        try:
            # Refuses a folder.
            super().__init__(self._handle, "rb", closefd=False)
        except BaseException:
            self._give_back()
            raise
        self.seek(0)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._give_back()

    def _give_back(self) -> None:
        if self._given_back:
            return
        self._given_back = True
        with _lock:
            if self._of in _open:
                _idle.setdefault(self._of, []).append(self._handle)
            else:
                os.close(self._handle)


def _identity(status: os.stat_result) -> _File:
    return status.st_dev, status.st_ino
