"""A place in a JSON file of any size, which moves over names and values and keeps little in the memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from lodeline.errors import RecordError
from lodeline.record import limits
from lodeline.record.brackets import Brackets
from lodeline.record.codec import decode
from lodeline.record.outline import BLANKS
from lodeline.record.unreadable import truncated

_GLANCE = 64
_SCALAR = re.compile(rb"[+\-.0-9A-Za-z]*")


class Cursor:
    """A place in a file, with the bytes just ahead of it in the memory.

    It finds where names and values begin and end, and refuses only what keeps it from that; whether the values are
    JSON is for whoever reads them.

    Args:
        piece: How many bytes are read at a time.
    """

    def __init__(self, file: BinaryIO, piece: int) -> None:
        self._file, self._piece = file, piece
        self.go_to(0)

    def go_to(self, place: int) -> None:
        self._start, self._ahead, self._at = place, b"", 0
        self._named = 0

    @property
    def place(self) -> int:
        return self._start + self._at

    def read(self, start: int, end: int) -> bytes:
        """The bytes of the file from ``start`` up to ``end``; the cursor stays where it is."""
        self._file.seek(start)
        return self._file.read(end - start)

    def step(self, count: int) -> None:
        """Move on within the piece that ``pieces`` gave last."""
        self._at += count

    def pieces(self) -> Iterator[bytes]:
        """What is ahead, in pieces. The cursor stands at the beginning of the piece until the next is asked for."""
        while self._at < len(self._ahead) or self._more():
            yield self._ahead[self._at :]
            self._at = len(self._ahead)

    def next_letter(self) -> bytes:
        """The next byte that is no blank, or nothing at the end of the file; the cursor stands on it."""
        while True:
            glance = self._ahead[self._at : self._at + _GLANCE]
            rest = glance.lstrip(BLANKS)
            self._at += len(glance) - len(rest)
            if rest:
                return rest[:1]
            if not glance and not self._more():
                return b""

    def take(self, wanted: bytes) -> None:
        """Move behind the next letter, which must be ``wanted``.

        Raises:
            RecordError: ``record.json_syntax``, or ``record.json_truncated`` at the end of the file.
        """
        letter = self.next_letter()
        if not letter:
            raise truncated(self.place)
        if letter != wanted:
            raise RecordError(
                "record.json_syntax",
                f"This is not JSON: {wanted.decode()} is missing at byte {self.place}. Write JSON (RFC 8259).",
                byte=self.place,
            )
        self._at += 1

    def members(self) -> Iterator[str]:
        """Names of the object that begins here. The cursor stands before each value, and the caller moves it behind."""
        self.take(b"{")
        if self.next_letter() != b"}":
            while True:
                yield self._name()
                if self.next_letter() == b"}":
                    break
                self.take(b",")
        self.take(b"}")

    def skip(self) -> None:
        """Move behind the value that begins here."""
        letter = self.next_letter()
        if letter == b'"':
            self._string()
        elif letter in (b"{", b"["):
            self._skip_brackets()
        else:
            # A number or a word ends at the first byte that can be in neither.
            while self._at < len(self._ahead) or self._more():
                found = _SCALAR.match(self._ahead, self._at)
                assert found is not None, "no letters at all are a match too"
                self._at = found.end()
                if self._at < len(self._ahead):
                    return

    def _more(self) -> bool:
        """Read the next piece; what lies behind the cursor is forgotten. False at the end of the file."""
        self._start, self._ahead, self._at = self.place, self._ahead[self._at :], 0
        if len(self._ahead) > limits.MAX_ENVELOPE_BYTES:
            raise RecordError(
                "record.too_large",
                f"One string is longer than the {limits.MAX_ENVELOPE_BYTES:,} bytes that a document may have "
                "without its events: keep the text as a document beside it.",
                byte=self._start,
            )
        self._file.seek(self._start + len(self._ahead))
        piece = self._file.read(self._piece)
        self._ahead += piece
        return bool(piece)

    def _name(self) -> str:
        name = self._string()
        # Names are read one by one, so that a file of nothing else would keep a machine busy for hours.
        self._named += len(name)
        if self._named > limits.MAX_ENVELOPE_BYTES:
            raise RecordError(
                "record.too_large",
                f"Up to byte {self.place} the names alone are more than the {limits.MAX_ENVELOPE_BYTES:,} bytes that a "
                "document may have without its events: write events into its eventList.",
                byte=self.place,
            )
        self.take(b":")
        # A control character in a name is left for whoever reads the object whole.
        return name[1:-1].decode() if b"\\" not in name and name.isascii() else str(decode(name))

    def _string(self) -> bytes:
        """The string that begins here, as written."""
        self.take(b'"')
        self._at -= 1
        search = 1
        while True:
            end = self._ahead.find(b'"', self._at + search)
            if end < 0:
                search = max(len(self._ahead) - self._at, 1)
                if not self._more():
                    raise truncated(self._start + len(self._ahead))
                continue
            slashes = end
            while self._ahead[slashes - 1 : slashes] == b"\\":
                slashes -= 1
            if (end - slashes) % 2 == 0:
                text = self._ahead[self._at : end + 1]
                self._at = end + 1
                return text
            search = end + 1 - self._at

    def _skip_brackets(self) -> None:
        brackets = Brackets()
        for piece in self.pieces():
            places, depth = brackets.feed(piece)
            closed = np.flatnonzero(depth == 0)
            if len(closed):
                self.step(int(places[closed[0]]) + 1)
                return
        raise truncated(self.place)
