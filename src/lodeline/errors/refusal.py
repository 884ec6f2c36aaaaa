"""Refusals: one class a family, a stable dotted code, one sentence that says what to do, and the place."""

from __future__ import annotations

from typing import Any

from lodeline.errors.visible import visible

SENTENCE = 1_000
"""How many characters of a sentence are shown; a longer one quotes foreign text."""


class LodelineError(Exception):
    """A refusal. It is raised; nothing of what was asked has been done.

    Args:
        code: Stable dotted code, for example ``capture.time_zone_missing``. Programs may match on it.
        sentence: One sentence for a person: what is wrong, and what to write or do instead.
        where: The place, as far as it is known: ``file``, ``line``, ``event`` (index, from 0), ``field``
            (a path such as ``$.quantityList[0].uom``), and whatever else helps to find it.
    """

    exit_code = 1
    """What the command line exits with when this family of refusal ends a command."""

    def __init__(self, code: str, sentence: str, /, **where: Any) -> None:
        super().__init__(code, sentence, where)
        self.code = code
        self.sentence = sentence
        self.where: dict[str, Any] = where

    def __reduce__(self) -> tuple[Any, ...]:
        # Refusals cross process borders (capture prepares events in workers), keyword arguments included.
        return (_rebuild, (type(self), self.code, self.sentence, self.where))

    def __str__(self) -> str:
        """One line, safe to show: sentence, code and place, with foreign text in them made visible and cut."""
        place = ", ".join(f"{name} {visible(str(value))}" for name, value in self.where.items() if value is not None)
        return f"{visible(self.sentence, limit=SENTENCE)} [{self.code}{'; ' + place if place else ''}]"

    def located(self, **where: Any) -> LodelineError:
        """The same refusal with more of its place known; what was known before wins."""
        return type(self)(self.code, self.sentence, **{**where, **self.where})


def _rebuild(family: type[LodelineError], code: str, sentence: str, where: dict[str, Any]) -> LodelineError:
    return family(code, sentence, **where)


class InputError(LodelineError):
    """A file, an argument or a table that cannot be read as what it should be."""

    exit_code = 2


class NotFoundError(LodelineError):
    """Something was asked for by name, and the book or the disk does not hold it."""

    exit_code = 3


class RecordError(LodelineError):
    """An EPCIS document or event that the standard, or a stated limit, does not allow."""

    exit_code = 4


class CaptureError(LodelineError):
    """A capture that could not be taken into the ledger."""

    exit_code = 4


class IdError(LodelineError):
    """An identifier that breaks the rules of its scheme: length, character set or check digit."""

    exit_code = 4


class UnitError(LodelineError):
    """A unit that is unknown, or not of the dimension that is asked for."""

    exit_code = 4


class MasterDataError(LodelineError):
    """Master data that cannot be registered as given."""

    exit_code = 4


class PolicyError(LodelineError):
    """A policy document that cannot be used as given."""

    exit_code = 4


class BookError(LodelineError):
    """The book cannot be opened, created, written or migrated: the store, a lock, the disk, rights."""

    exit_code = 5


class IntegrityError(LodelineError):
    """The ledger does not prove itself: a byte, a link or a table is not what the chain says."""

    exit_code = 6


class RequestError(LodelineError):
    """A request to the service of a book that is not allowed, or cannot be answered in the form asked for."""

    exit_code = 1
