"""Where a book is: a file path, or ``postgresql://user@host/database?schema=NAME``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from lodeline.errors import BookError

SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,54}")
"""Lower case, so that quoting never matters, and short enough for the writing role's name (63 bytes)."""


@dataclass(frozen=True)
class FileLocation:
    """A book in one SQLite file."""

    path: Path


@dataclass(frozen=True)
class ServerLocation:
    """A book in one schema of a PostgreSQL database. ``url`` is the connection without the schema."""

    url: str
    schema: str

    @property
    def writer(self) -> str:
        """Name of the role that writes the book and owns none of its tables."""
        return f"{self.schema}_writer"


def locate(url: str | Path) -> FileLocation | ServerLocation:
    """Read a book's address.

    Raises:
        BookError: ``ledger.url``, ``ledger.url_schema``.
    """
    text = str(url)
    if isinstance(url, Path) or "://" not in text:
        if not text:
            raise BookError("ledger.url", "Say which book: a file path or postgresql://user@host/db?schema=NAME.")
        return FileLocation(Path(text))
    try:
        parts = urlsplit(text)
        # Read, because a port that is none is refused only then.
        _ = parts.port
    except ValueError as flaw:
        raise BookError(
            "ledger.url",
            "This address cannot be read; write postgresql://user@host:port/db?schema=NAME, the port in digits.",
        ) from flaw
    if parts.scheme not in ("postgresql", "postgres"):
        raise BookError(
            "ledger.url",
            "A book is a file path or postgresql://user@host/db?schema=NAME, not this kind of address.",
            scheme=parts.scheme,
        )
    query = parse_qsl(parts.query, keep_blank_values=True)
    schemas = [value for name, value in query if name == "schema"]
    if len(schemas) != 1 or not SCHEMA_NAME.fullmatch(schemas[0]):
        raise BookError(
            "ledger.url_schema",
            "Name the book's schema once, as ?schema=NAME, in lower case letters, digits and underscores "
            "(at most 55, not starting with a digit).",
        )
    rest = urlencode([(name, value) for name, value in query if name != "schema"], safe="/")
    # Not urlunsplit, which drops the slashes before an empty host; that stands for the one PGHOST names.
    return ServerLocation(f"postgresql://{parts.netloc}{parts.path}{rest and '?'}{rest}", schemas[0])
