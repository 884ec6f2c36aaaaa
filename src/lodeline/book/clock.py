"""The one place where lodeline asks what time it is, and where it reads an instant that a person wrote."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from lodeline.errors import InputError

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC, to the microsecond."""
    return datetime.now(UTC)


def instant_of(text: str) -> datetime:
    """An instant as a person writes it, with its offset; in UTC.

    Raises:
        InputError: ``book.as_of``.
    """
    instant: datetime | None = None
    with suppress(ValueError):
        instant = datetime.fromisoformat(text)
    if instant is None or instant.tzinfo is None:
        raise InputError(
            "book.as_of",
            "Write an entry number, or an instant with its offset such as 2026-01-31T23:59:59Z.",
            as_of=text,
        )
    return instant.astimezone(UTC)
