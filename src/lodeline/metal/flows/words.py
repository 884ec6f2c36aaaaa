"""The words of the coded columns: each is stored as its place in its tuple, so a word is only ever added at the end."""

from __future__ import annotations

from typing import Final

NO_TIME: Final = -(2**63)
"""An instant that nobody knows."""
NO_NAME: Final = -1
"""A name that nobody said."""
NO_ENTRY: Final = -1
"""No entry of the ledger says so."""
OUTSIDE: Final = 0
"""The node from which metal arises, in which it ends, and to which it is lost."""
CLOSING: Final = 1
"""The node that takes what is still held, on the road or in a process after the last event."""

NODE_KINDS: Final = ("outside", "closing", "holding", "process", "transit")
FLOW_KINDS: Final = (
    "arising",
    "ending",
    "stock",
    "process_in",
    "process_out",
    "ship",
    "receive",
    "transit_loss",
    "loss",
    "transfer",
    "closing",
)
BASES: Final = ("", "wet", "dry")
CLASSES: Final = ("unknown", "bounded", "stated", "measured", "computed")
QUANTITIES: Final = ("declared", "gross", "tare", "net", "moisture", "fraction", "count")
RANKS: Final = ("", "provisional", "final", "umpire")

Words = tuple[str, ...]


def code_of(words: Words) -> dict[str, int]:
    """Each word with its code."""
    return {word: code for code, word in enumerate(words)}


NODE = code_of(NODE_KINDS)
FLOW = code_of(FLOW_KINDS)
BASIS = code_of(BASES)
CLASS = code_of(CLASSES)
QUANTITY = code_of(QUANTITIES)
RANK = code_of(RANKS)
