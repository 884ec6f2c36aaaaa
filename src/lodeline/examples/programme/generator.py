"""The programme book as data: master data, policy, documents, events and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import msgspec

from lodeline.errors import InputError
from lodeline.examples.first_shipment import ExampleDocument, WritesBook
from lodeline.examples.programme.documents import documents, policy
from lodeline.examples.programme.faults import KINDS, FaultKind, chosen
from lodeline.examples.programme.master import master
from lodeline.examples.programme.plan import Plan
from lodeline.examples.programme.run import Run
from lodeline.examples.programme.truth import Truth

TITLE = "A synthetic programme: Pakistan to Missouri (illustrative)"
"""The title of the book."""

SMALLEST, LARGEST = 200, 1_000_000
"""The sizes a programme may have, in lots."""

PER_DOCUMENT = 2_000
"""Events in a document."""

Progress = Callable[[int], None]


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """A synthetic programme; the same bytes on any machine.

    Attributes:
        lots: How many lots were asked for. The book has within a few per cent of that many: every lot that is mined,
            collected, reclaimed, blended, split off or made counts, tailings and slag too.
        seed: Of all chance.
        faults: Which faults are planted.
        title: Of the book.
        documents: In the order in which they are recorded; one of role ``illustrative`` says that all is made up.
        master, policy: TOML.
    """

    lots: int
    seed: int
    faults: tuple[FaultKind, ...]
    title: str
    documents: tuple[ExampleDocument, ...]
    master: bytes
    policy: bytes

    def epcis_documents(self) -> Iterator[bytes]:
        """The events as EPCIS 2.0 documents of some thousand each, in the order in which they come into the book."""
        return self.run()[0]

    def run(self) -> tuple[Iterator[bytes], Truth]:
        """The documents, and the truth, which is complete when the last document has been taken."""
        run = Run(lots=self.lots, seed=self.seed, faults=self.faults, per_document=PER_DOCUMENT)
        Plan(run)
        return run.documents(), run.truth

    def truth(self) -> Truth:
        """The truth, by running the programme to its end and keeping no event."""
        documents, truth = self.run()
        for _ in documents:
            pass
        return truth

    def build(self, book: WritesBook, *, by: str = "lodeline.examples", progress: Progress | None = None) -> Truth:
        """Record everything in a book: documents, master data, policy, events.

        Args:
            progress: Called with the number of lots made so far, after each EPCIS document.
        """
        for document in self.documents:
            book.add_document(
                document.content,
                media_type=document.media_type,
                title=document.title,
                issuer=document.issuer,
                dated=document.dated,
                role=document.role,
                meta=document.meta,
                by=by,
            )
        book.register(self.master, by=by)
        book.set_policy(self.policy, by=by)
        events, truth = self.run()
        for one in events:
            book.capture(one, by=by)
            if progress is not None:
                progress(truth.lots)
        return truth


def programme(lots: int, seed: int, *, faults: Collection[str] = KINDS) -> Programme:
    """A synthetic programme of about so many lots.

    Args:
        lots: From :data:`SMALLEST` to :data:`LARGEST`. Masses of lots do not shrink as their number grows: above some
            ten thousand it holds more metal than Pakistan mines, and is a test of load.
        seed: Any whole number from 0 on; another one is another programme.
        faults: Which of :data:`~lodeline.examples.programme.faults.KINDS` are planted; empty for a sound programme.

    Raises:
        InputError: ``programme.lots``, ``programme.seed``, ``programme.fault_unknown``.
    """
    if not SMALLEST <= lots <= LARGEST:
        raise InputError(
            "programme.lots", f"{lots:,} lots are not between {SMALLEST} and {LARGEST:,}; give a number in between."
        )
    if seed < 0:
        raise InputError("programme.seed", f"The seed is {seed}; give a whole number from 0 on.")
    planted = chosen(faults)
    return Programme(
        lots=lots,
        seed=seed,
        faults=planted,
        title=TITLE,
        documents=documents(lots, seed),
        master=master(),
        policy=policy(),
    )
