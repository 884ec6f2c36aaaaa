"""Days: an instant of the columns as a day that a person reads, by UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(microseconds: int) -> str:
    """``2026-01-31``; empty before and after all time, where there is no day."""
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).date().isoformat()
    except OverflowError:
        return ""
