"""Problems: what is wrong with a value, where, and what to write instead."""

from __future__ import annotations

from typing import Any

import msgspec

from lodeline.errors import RecordError
from lodeline.errors.visible import visible


class Problem(msgspec.Struct, frozen=True):
    """One thing that EPCIS does not allow. It is a value; ``refusal`` makes an exception of it.

    Attributes:
        code: Stable dotted code, for example ``record.not_time``.
        sentence: What is wrong, and what to write instead.
        field: Path from the event, or from the document where ``event`` is None: ``$.quantityList[0].uom``.
        event: Index of the event in its document, from 0.
    """

    code: str
    sentence: str
    field: str
    event: int | None = None

    def of_event(self, index: int) -> Problem:
        return Problem(self.code, self.sentence, self.field, index)

    def refusal(self, *, more: int = 0) -> RecordError:
        """This problem as an exception; ``more`` counts the problems found beside it."""
        where: dict[str, Any] = {} if self.event is None else {"event": self.event}
        where["field"] = self.field
        if more:
            where["more"] = more
        return RecordError(self.code, self.sentence, **where)


def shown(value: Any) -> str:
    """A value from outside, short and harmless, as a sentence names it."""
    if isinstance(value, str):
        return f'"{visible(value, limit=60)}"'
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return visible(str(value), limit=40)


def nearest(word: str, words: Any) -> str | None:
    """The one of ``words`` that ``word`` was most likely meant to be."""
    # Imported where a problem is being told; a valid record never needs it.
    from difflib import get_close_matches

    known = {known.lower(): known for known in words}
    close = get_close_matches(word[:100].lower(), known, n=1, cutoff=0.7)
    return known[close[0]] if close else None
