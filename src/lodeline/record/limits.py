"""How large a record may be: every limit that lodeline puts on EPCIS in JSON, in one place.

GS1's standard states no limits. These lie far beyond any honest event and well below what would exhaust a machine;
``docs/reference/epcis.md`` prints them as a table and a test holds the two together.
"""

from __future__ import annotations

MAX_EVENT_BYTES = 8 * 1024 * 1024
"""Bytes of one event as written, 8 MiB: some 150,000 EPCs. As values the worst of them takes 25 times as much."""

MAX_ENVELOPE_BYTES = 16 * 1024 * 1024
"""Bytes of a document without its events (header, master data, @context), 16 MiB."""

MAX_STRING_CHARACTERS = 4 * 1024 * 1024
"""Characters of one string or of one member name. A megabyte of text in one field is accepted."""

MAX_NESTING = 64
"""Brackets open at one place, the outermost counted as 1. GS1's deepest example event has 6."""

MIN_EXPONENT, MAX_EXPONENT = -324, 308
"""Power of ten of a number's first digit: the range of an IEEE 754 double, so that whatever a program can hold in
one is accepted, and nothing that would fill the memory when written out."""

MAX_DIGITS = 800
"""Digits of one number, exponent apart. The longest exact value of a double has 767."""

MAX_PROBLEMS = 100
"""Problems collected for one event or one envelope; looking for more would help nobody."""
