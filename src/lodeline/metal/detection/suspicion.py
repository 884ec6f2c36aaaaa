"""Suspicions: what a test on the flows found, before a book gives its events their ids and its kilograms a price."""

from __future__ import annotations

from typing import Literal

import msgspec

from lodeline.errors import Settle

Weight = Literal["certain", "strong", "weak", "note"]
"""As of a finding; see :class:`lodeline.errors.Finding`."""


class Suspicion(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the flows that does not fit. It never says guilt.

    Flows know the entries of the ledger and not the hash ids of events; a book turns one into the other, and this into
    a :class:`~lodeline.errors.Finding`.

    Attributes:
        code: Stable dotted code of the finding.
        sentence: What was found, in one sentence.
        weight: ``strong`` where chance alone gives as much in all tests of a sound book only with the probability of a
            false alarm that the policy names; ``weak`` where it does so in the tests of one kind, or where the
            uncertainty that it is judged by is not given; ``note`` where no policy names that probability, and then the
            probabilities stand for themselves.
        kg: How many kilograms are in question, >= 0: of ``element`` where that is named, else of dry mass, or of the
            mass as weighed. None where there is no such figure.
        kg_u: Standard uncertainty (k = 1) of ``kg`` if nothing is wrong, kg; None where unknown.
        z: The difference in its own standard uncertainties, signed: positive where the later or the suspected one is
            the larger. None where the uncertainty is unknown.
        p: How likely a difference at least so large is if nothing is wrong, for this one comparison; None where no
            probability can be given.
        family_p: The same for the largest of all comparisons of this limit: Holm's bound. None as ``p``.
        compared: How many comparisons the limit made.
        element: Symbol of the element; None where it is about mass.
        entries: Entries of the ledger that it rests on, ascending.
        lots: URIs of the lots.
        instruments: URIs of scales or laboratories that are in question.
        settle: What would settle it.
    """

    code: str
    sentence: str
    weight: Weight = "note"
    kg: float | None = None
    kg_u: float | None = None
    z: float | None = None
    p: float | None = None
    family_p: float | None = None
    compared: int = 1
    element: str | None = None
    entries: tuple[int, ...] = ()
    lots: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    settle: tuple[Settle, ...] = ()
