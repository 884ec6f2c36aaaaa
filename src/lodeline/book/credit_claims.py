"""Claims that rest on mass balance: whether credits were used for what is claimed of a lot.

Under mass balance a claim says nothing of what is in the lot; it says that as much of the origin entered, and was sold
as nothing else. So the record bears it out where an account has credits of the origin that were used for the lot, for
all that is claimed, and the book bears these out.

Source: ISO 22095:2020, 3.3.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lodeline.book.claim_text import asked_of
from lodeline.book.credit_accounts import entered
from lodeline.book.credit_files import credits_in
from lodeline.book.crediting import NOTHING_MG, held
from lodeline.book.judging import possible_origins
from lodeline.ids.epc import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lodeline.book.claim_text import Stated
    from lodeline.book.credit_files import Document, Used
    from lodeline.book.crediting import Credits
    from lodeline.book.traced import Traced
    from lodeline.origin.claims import Claim

SHARED: Final = "credit.lot_twice"
"""Two may have credits of parts of one lot; that they are of too much is found by itself."""


class Allotment(NamedTuple):
    """The credits that were used for a claim.

    Attributes:
        mg: Milligrams of them; 0 where none were.
        enough: Whether that is all that is claimed, but for what rounding and reconciliation leave.
        against: Codes of what the book finds against them; with any of them it does not bear the claim out.
    """

    mg: int
    enough: bool
    against: tuple[str, ...]

    @property
    def bears_out(self) -> bool:
        """Whether the whole claim rests on credits that the book bears out."""
        return self.enough and not self.against


class Allotted:
    """The credits of a file by the lots that they were used for.

    Args:
        document: Of the file. found: it held against the book.
    """

    def __init__(self, document: Document, found: Credits) -> None:
        self._document, self._found = document, found

    def of(self, traced: Traced, lot: str, claim: Claim, it: Stated) -> Allotment:
        """What was used for a claim of at least so much; nothing for one of at most.

        Args:
            traced: Of its element. lot: of the claim. claim: in milligrams. it: the same as it is stated.

        Raises:
            InputError: ``origin.country``, ``claim.origin_unknown``.
        """
        uses = [
            one
            for one in self._document.used
            if canonical(one.lot) == canonical(lot)
            and one.key.element == traced.element
            and it.sense == "at least"
            and _counts(traced, one.key.origin, it.origin)
        ]
        mg = sum(drawn for one in uses for _, drawn in one.draws)
        return Allotment(mg, bool(uses) and mg + NOTHING_MG >= claim.mg, self._against(lot, uses))

    def _against(self, lot: str, uses: list[Used]) -> tuple[str, ...]:
        drawn = {(one.key, name) for one in uses for name, _ in one.draws}
        lots = {canonical(one.lot) for one in self._document.received if (one.key, one.id) in drawn}
        elements = {one.key.element for one in uses}
        lots |= {canonical(lot)}
        codes = {
            one.code
            for one in self._found.findings
            if one.code != SHARED and one.element in elements and lots & {canonical(each) for each in one.lots}
        }
        return tuple(sorted(codes))


def _counts(traced: Traced, credited: str, claimed: str) -> bool:
    """Whether metal of the origin of a credit is surely of the one that is claimed."""
    origins = possible_origins(traced, credited, claimed)
    return asked_of(origins, credited).surely <= asked_of(origins, claimed).surely


def allotted(content: bytes, of: Mapping[str, Traced], *, file: str) -> Allotted:
    """Enter a file of credits and hold those of some elements against the book.

    Args:
        of: Elements by their symbols; credits of others are entered and looked at no further.

    Raises:
        InputError: As :func:`lodeline.book.crediting.credited`.
    """
    document = credits_in(content, file=file)
    books = {at: made for at, made in entered(document, file=file).items() if at[0].element in of}
    here = document._replace(
        received=tuple(one for one in document.received if one.key.element in of),
        carried=tuple(one for one in document.carried if one.key.element in of),
        used=tuple(one for one in document.used if one.key.element in of),
    )
    return Allotted(here, held(here, books, of, file=file))
