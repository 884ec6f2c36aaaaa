"""How deep a JSON text is nested at each of its brackets, for texts of any size, piece by piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_QUOTE, _BACKSLASH, _OPENING, _CLOSING, _CASE = 0x22, 0x5C, 0x7B, 0x7D, 0x20


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
        letters = np.frombuffer(piece, dtype=np.uint8)
        quotes = letters == _QUOTE
        if self._escaped or b"\\" in piece:
            quotes[self._escaped_places(letters)] = False
        # One bit tells [ from { and ] from }; with it set, two comparisons find all four.
        folded = letters | _CASE
        opening = folded == _OPENING
        places = np.flatnonzero(opening | (folded == _CLOSING))
        # 1 after an odd number of quotes, which is within a string.
        inside = np.bitwise_xor.accumulate(quotes.view(np.uint8))
        places = places[inside[places] == self._in_string]
        depth = np.cumsum(np.where(opening[places], 1, -1)) + self._depth
        if len(piece):
            self._in_string ^= int(inside[-1])
        if len(depth):
            self._depth = int(depth[-1])
        return places, depth

    def _escaped_places(self, letters: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Where a backslash that counts stands just before; the first such place may be owed to the piece before."""
        slashes = np.flatnonzero(letters == _BACKSLASH)
        order = np.arange(len(slashes))
        begins = np.diff(slashes, prepend=-2) != 1
        # Within a run of backslashes every second one is itself escaped, from the beginning of the run.
        within = order - np.maximum.accumulate(np.where(begins, order, 0))
        if self._escaped and len(slashes) and slashes[0] == 0:
            within[: int(np.flatnonzero(np.append(begins[1:], True))[0]) + 1] += 1
        escaped = slashes[within % 2 == 0] + 1
        owed = np.zeros(int(self._escaped), dtype=np.intp)
        self._escaped = len(escaped) > 0 and int(escaped[-1]) == len(letters)
        return np.concatenate((owed, escaped[:-1] if self._escaped else escaped))
