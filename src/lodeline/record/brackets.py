"""How deep a JSON text is nested at each of its brackets, for texts of any size, piece by piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_QUOTE, _OPENING, _CLOSING, _CASE = 0x22, 0x7B, 0x7D, 0x20


class Brackets:
    """Brackets outside strings and the depth after each, over the pieces of one text in order.

    It does not tell ``{`` from ``[``: whether they match is seen when the value is read.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = 0
        self._escaped = False

    def feed(self, piece: bytes) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Places (bracket,) of the next piece's brackets outside strings, and the depth (bracket,) after each."""
        if self._escaped:
            piece, self._escaped = b"\0" + piece[1:], False
        if b"\\" in piece:
            # Escaped backslashes first, since a run of them is read in pairs from its beginning.
            piece = piece.replace(rb"\\", b"\0\0").replace(rb"\"", b"\0\0")
            self._escaped = piece.endswith(b"\\")
        letters = np.frombuffer(piece, dtype=np.uint8)
        # One bit tells [ from { and ] from }; with it set, two comparisons find all four.
        folded = letters | _CASE
        opening = folded == _OPENING
        places = np.flatnonzero(opening | (folded == _CLOSING))
        quotes = np.flatnonzero(letters == _QUOTE)
        inside = (np.searchsorted(quotes, places) + self._in_string) & 1
        places = places[inside == 0]
        depth = np.cumsum(np.where(opening[places], 1, -1)) + self._depth
        self._in_string = (self._in_string + len(quotes)) & 1
        if len(depth):
            self._depth = int(depth[-1])
        return places, depth
