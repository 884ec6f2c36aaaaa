"""The one place where lodeline asks what time it is. Everything below is given its clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC, to the microsecond."""
    return datetime.now(UTC)
