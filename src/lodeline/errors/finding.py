"""Findings: what is wrong or unknown in the books. They are returned, never raised, and never say guilt."""

from __future__ import annotations

from typing import Literal

import msgspec


class Settle(msgspec.Struct, frozen=True, kw_only=True):
    """One act that would turn something unknown, or in doubt, into something known.

    Attributes:
        act: What to do: ``weighing``, ``assay``, ``moisture``, ``document``, ``registration`` …
        subject: On what: the id of a lot, holding, site, document.
        detail: One sentence in plain words.
    """

    act: str
    subject: str
    detail: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the books that does not fit, with what it rests on.

    Attributes:
        code: Stable dotted code, for example ``metal.unit_not_mass``.
        sentence: What was found, in one sentence.
        weight: ``certain`` follows from the record alone; ``strong`` and ``weak`` are evidence;
            ``note`` is worth knowing and contradicts nothing.
        events: Hash ids of the events it rests on.
        figures: Names of the figures it rests on.
        settle: What would settle it.
    """

    code: str
    sentence: str
    weight: Literal["certain", "strong", "weak", "note"]
    events: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    settle: tuple[Settle, ...] = ()
