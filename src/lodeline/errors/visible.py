"""Foreign text made safe to show a person: what would move a cursor or turn the reading order is written out."""

from __future__ import annotations

import re

SHOWN = 200
"""How many characters of one foreign value are shown where nothing else is asked for."""

# C0 and C1 controls (ANSI sequences begin there), the bidirectional marks and isolates, line and paragraph separators,
# zero-width characters, tags, the byte-order mark, and lone surrogates, which no terminal can print.
_HAZARD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str, *, limit: int = SHOWN) -> str:
    """``text`` on one line, hazards written as ``\\u{202e}``, cut after ``limit`` characters with the length named.

    The cut is stated, so that a reader never takes a part for the whole.
    """
    if len(text) <= limit:
        return _HAZARD.sub(_written_out, text)
    return f"{_HAZARD.sub(_written_out, text[:limit])}… ({len(text):,} characters)"


def visible_json(text: str) -> str:
    """JSON text with hazards as ``\\uXXXX`` escapes: the same value, safe on a terminal. Line breaks and tabs stay."""
    return _HAZARD.sub(_json_escape, text)


def _written_out(match: re.Match[str]) -> str:
    return f"\\u{{{ord(match.group()):x}}}"


def _json_escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in "\n\t":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
