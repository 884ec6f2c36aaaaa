"""Which bytes of a SQLite file carry something: an independent reading of the file format, for the tests.

Source: https://www.sqlite.org/fileformat2.html, sections 1.3, 1.5 and 1.6.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

HEADER_FREE = [*range(40, 44), *range(96, 100)]
"""Bytes of the header that no reading rests on: the schema cookie, and the version of the library that wrote."""


class Pages:
    """Marks every byte that a reading of the database rests on."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        self.size = int.from_bytes(self.data[16:18], "big")
        self.carries = bytearray(len(self.data))
        self._mark(0, 100)
        for free in HEADER_FREE:
            self.carries[free] = 0
        self._freelist(int.from_bytes(self.data[32:36], "big"))
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as connection:
            roots = [root for (root,) in connection.execute("SELECT rootpage FROM sqlite_master WHERE rootpage > 0")]
        connection.close()
        for root in [1, *roots]:
            self._tree(root)

    def _mark(self, start: int, length: int) -> None:
        self.carries[start : start + length] = b"\1" * length

    def _u(self, at: int, length: int) -> int:
        return int.from_bytes(self.data[at : at + length], "big")

    def _varint(self, at: int) -> tuple[int, int]:
        value = 0
        for length in range(1, 9):
            byte = self.data[at + length - 1]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value, length
        return value << 8 | self.data[at + 8], 9

    def _freelist(self, trunk: int) -> None:
        while trunk:
            at = (trunk - 1) * self.size
            self._mark(at, 8 + 4 * self._u(at + 4, 4))
            trunk = self._u(at, 4)

    def _tree(self, page: int) -> None:
        at = (page - 1) * self.size
        head = at + (100 if page == 1 else 0)
        kind, count = self.data[head], self._u(head + 3, 2)
        inner = kind in (2, 5)
        header = 12 if inner else 8
        self._mark(head, header + 2 * count)
        block = self._u(head + 1, 2)
        while block:
            self._mark(at + block, 4)
            block = self._u(at + block, 2)
        if inner:
            self._tree(self._u(head + 8, 4))
        for index in range(count):
            self._cell(at + self._u(head + header + 2 * index, 2), kind)

    def _cell(self, at: int, kind: int) -> None:
        start = at
        if kind in (2, 5):
            self._tree(self._u(at, 4))
            at += 4
        if kind == 5:
            at += self._varint(at)[1]
            self._mark(start, at - start)
            return
        payload, length = self._varint(at)
        at += length
        if kind == 13:
            at += self._varint(at)[1]
        most = self.size - 35 if kind == 13 else (self.size - 12) * 64 // 255 - 23
        least = (self.size - 12) * 32 // 255 - 23
        local = payload
        if payload > most:
            local = least + (payload - least) % (self.size - 4)
            local = local if local <= most else least
        at += local
        if local < payload:
            self._overflow(self._u(at, 4), payload - local)
            at += 4
        self._mark(start, at - start)

    def _overflow(self, page: int, left: int) -> None:
        while page:
            at = (page - 1) * self.size
            held = min(left, self.size - 4)
            self._mark(at, 4 + held)
            page, left = self._u(at, 4), left - held
