"""Unused bytes of a SQLite file: what no row, index or pointer occupies must be zero.

A book's connections overwrite what they free (``secure_delete``), so that space inside pages and free pages are zero,
and a byte that is not was put there past SQLite. Three kinds of space are let be, since SQLite leaves pointers there:

- the gap in the middle of index and inner pages of a tree of more than one page, and of the pages that hold the schema,
  of cells that it has moved elsewhere, or that were a table's that is dropped;
- where rows are deleted, the gap in the middle of a leaf page too, unless nothing ever stood on it;
- the end of a trunk page of the free list, where it has taken pages from the list: numbers of pages, and nothing else.

Source: The SQLite database file format, sections 1.5 and 1.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lodeline.ledger import rawfile

LEAF_TABLE, INNER_TABLE, LEAF_INDEX, INNER_INDEX = 13, 5, 10, 2
FILE_HEADER = 100


class PageWalk:
    """Walks every tree and the free list of a settled file, and finds the first unused byte that is not zero."""

    def __init__(self, path: Path, page_bytes: int) -> None:
        self._file = rawfile.reading(path)
        self._size = page_bytes
        self._pages = path.stat().st_size // page_bytes
        self.found: tuple[int, int] | None = None
        """Page, counted from 1, and offset in it, of the first unused byte that is not zero."""

    def run(self, roots: Mapping[int, bool]) -> None:
        """Walk the trees with these root pages, and the free list; of each whether rows of it may be deleted."""
        with self._file:
            self._free_list(int.from_bytes(self._page(1)[32:36], "big"))
            for root, deletes in roots.items():
                self._tree(root, deletes=deletes)

    def _page(self, number: int) -> bytearray:
        self._file.seek((number - 1) * self._size)
        return bytearray(self._file.read(self._size))

    def _judge(self, number: int, page: bytearray) -> None:
        """Remember the page if anything is left on it after what is used was blanked."""
        if self.found is None and page.count(0) != len(page):
            self.found = number, next(place for place, byte in enumerate(page) if byte)

    def _free_list(self, trunk: int) -> None:
        while trunk and self.found is None:
            page = self._page(trunk)
            following, leaves = _u(page, 0, 4), _u(page, 4, 4)
            for index in range(leaves):
                leaf = _u(page, 8 + 4 * index, 4)
                self._judge(leaf, self._page(leaf))
            _blank(page, 0, 8 + 4 * leaves)
            for place in range(8 + 4 * leaves, self._size, 4):
                if _u(page, place, 4) <= self._pages:
                    _blank(page, place, 4)
            self._judge(trunk, page)
            trunk = following

    def _tree(self, root: int, *, deletes: bool) -> None:
        waiting = [root]
        while waiting and self.found is None:
            number = waiting.pop()
            page = self._page(number)
            head = FILE_HEADER if number == 1 else 0
            kind, count = page[head], _u(page, head + 3, 2)
            inner = kind in (INNER_TABLE, INNER_INDEX)
            pointers = head + (12 if inner else 8)
            cells = [_u(page, pointers + 2 * index, 2) for index in range(count)]
            content = _u(page, head + 5, 2) or 65_536
            if inner:
                waiting.append(_u(page, head + 8, 4))
                waiting += [_u(page, cell, 4) for cell in cells]
            extents = [self._cell(page, cell, kind) for cell in cells]
            self._blank_free_blocks(page, _u(page, head + 1, 2))
            _blank(page, 0, pointers + 2 * count)
            for start, length in extents:
                _blank(page, start, length)
            of_several = kind != LEAF_TABLE and (inner or number != root)
            used = deletes and (count or _u(page, pointers, 2))
            if root == 1 or of_several or used:
                _blank(page, pointers + 2 * count, content - pointers - 2 * count)
            self._judge(number, page)

    def _blank_free_blocks(self, page: bytearray, block: int) -> None:
        """Blank the heads of free blocks; what they hold must be zero."""
        while block:
            following = _u(page, block, 2)
            _blank(page, block, 4)
            block = following

    def _cell(self, page: bytearray, cell: int, kind: int) -> tuple[int, int]:
        """Where a cell begins and how long it is; its overflow pages are judged on the way."""
        at = cell + (4 if kind in (INNER_TABLE, INNER_INDEX) else 0)
        payload, length = _varint(page, at)
        at += length
        if kind == INNER_TABLE:
            return cell, at - cell
        if kind == LEAF_TABLE:
            at += _varint(page, at)[1]
        local = self._local(payload, kind)
        at += local
        if local < payload:
            self._overflow(_u(page, at, 4), payload - local)
            at += 4
        # SQLite gives no cell fewer than four bytes.
        return cell, max(at - cell, 4)

    def _local(self, payload: int, kind: int) -> int:
        """How many bytes of a payload stand on the page itself."""
        most = self._size - 35 if kind == LEAF_TABLE else (self._size - 12) * 64 // 255 - 23
        if payload <= most:
            return payload
        least = (self._size - 12) * 32 // 255 - 23
        local = least + (payload - least) % (self._size - 4)
        return local if local <= most else least

    def _overflow(self, number: int, left: int) -> None:
        while number and left > 0:
            page = self._page(number)
            following, held = _u(page, 0, 4), min(left, self._size - 4)
            _blank(page, 0, 4 + held)
            self._judge(number, page)
            number, left = following, left - held


def _u(page: bytearray, at: int, length: int) -> int:
    return int.from_bytes(page[at : at + length], "big")


def _blank(page: bytearray, start: int, length: int) -> None:
    page[start : start + length] = bytes(len(page[start : start + length]))


def _varint(page: bytearray, at: int) -> tuple[int, int]:
    """A number of SQLite's variable length, and how many bytes it takes."""
    value = 0
    for length in range(1, 9):
        byte = page[at + length - 1]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, length
    return value << 8 | page[at + 8], 9
