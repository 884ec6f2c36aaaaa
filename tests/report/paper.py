"""The sheets of a PDF as Chromium writes it, and which of them carry the mark of a made-up book."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from lodeline.report.model import MARK, WHY

ORANGE = rb"\.7059 \.3137 \.1176 rg"
"""The colour of the words in the margin, #b4501e."""
FAINT = b"/ca .07"
"""How dark the watermark is."""


class Sheet(NamedTuple):
    """One page: its drawing, and the graphics states it uses with what each is."""

    content: bytes
    states: dict[bytes, bytes]


def sheets(pdf: bytes) -> list[Sheet]:
    """The pages of a PDF in their order."""
    objects = {int(one[1]): one[2] for one in re.finditer(rb"\n(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)}
    found = []
    for page in (one for one in objects.values() if re.search(rb"/Type\s*/Page\b", one)):
        number = re.search(rb"/Contents (\d+) 0 R", page)
        assert number is not None
        stream = objects[int(number[1])]
        content = zlib.decompress(stream[stream.index(b"stream\n") + 7 : stream.rindex(b"\nendstream")])
        states = {one[1]: objects[int(one[2])] for one in re.finditer(rb"/(G\d+) (\d+) 0 R", page)}
        found.append(Sheet(content, states))
    return found


def marks(sheet: Sheet) -> tuple[bool, bool]:
    """Whether a sheet has the words in its margin, and the watermark."""
    # Letters stand as numbers of four digits in the font; the words in the margin are one run of them.
    words = 4 * len(f"{MARK}: {WHY}")
    margin = re.search(ORANGE + rb"\n/G\d+ gs\nBT\n[^<]*<[0-9A-F]{%d}> Tj" % words, sheet.content)
    faint = [name for name, state in sheet.states.items() if FAINT in state]
    return margin is not None, any(b"/" + name + b" gs" in sheet.content for name in faint)
