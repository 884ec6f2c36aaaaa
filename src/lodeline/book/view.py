"""A book as it stood at one entry: what the report, the deal and the world are computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.record.context import Context
from lodeline.record.stored import event_of

if TYPE_CHECKING:
    from datetime import datetime

    from lodeline.errors import Finding
    from lodeline.ledger.store import Store
    from lodeline.ledger.values import Head, MasterRecord, StoredDocument, StoredPolicy
    from lodeline.metal.facts import Facts
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

TOLD_EVERY = 1000
"""Events after which it is told how many are done."""


class SeenEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded event, decoded.

    Attributes:
        seq: Its entry number.
        hash_id: Its CBV event hash id.
        recorded_at: When it was recorded, UTC.
        event: The event as JSON values; numbers with a fraction are Decimal.
        context: The names that its document and the event itself bind.
    """

    seq: int
    hash_id: str
    recorded_at: datetime
    event: dict[str, Any]
    context: Context


class View:
    """One book as of one entry. Nothing that is recorded later changes it.

    Everything is read on first use and then kept, so a view of a large book costs only what is asked of it.

    Args:
        progress: Called with the events done so far, while they are read.
    """

    def __init__(self, store: Store, as_of: int | None, *, progress: Callable[[int], None] | None = None) -> None:
        self._store = store
        self._progress = progress
        self.head: Head = store.head(as_of)
        self.title = store.title
        self.as_of: int = self.head.seq

    @cached_property
    def events(self) -> tuple[SeenEvent, ...]:
        """Events in ledger order: those withdrawn by then left out, and the same event under two ids seen once."""
        return tuple(self._seen())

    @cached_property
    def event_count(self) -> int:
        """How many events there are, without decoding them."""
        return len(self._store.timeline(self.as_of).seq)

    @cached_property
    def documents(self) -> tuple[StoredDocument, ...]:
        """Documents that stand beside the events, in ledger order."""
        return tuple(self._store.documents(self.as_of))

    @cached_property
    def master(self) -> tuple[MasterRecord, ...]:
        """Master data, in ledger order; later records of an id supersede earlier ones."""
        return tuple(self._store.master(self.as_of))

    @cached_property
    def policy(self) -> StoredPolicy | None:
        """The policy document in force, or None where none was set."""
        return self._store.policy(self.as_of)

    @cached_property
    def supposing(self) -> Policy:
        """What the policy in force supposes, typed; nothing where none was set.

        Raises:
            PolicyError: an older lodeline recorded a policy that today's cannot read; set another.
        """
        from lodeline.book.flows import policy_of

        return policy_of(self._store, self.as_of)

    @cached_property
    def flows(self) -> Flows:
        """The same as columns, kept in the book where that was possible."""
        from lodeline.book.flows import flows_of

        return flows_of(self._store, self.as_of, progress=self._progress)

    @cached_property
    def facts(self) -> Facts:
        """What the events say about metal."""
        from lodeline.metal.facts import facts
        from lodeline.metal.supposed import supposed

        policy = self.supposing
        # Decoded events are kept only if somebody has asked for them: of a large book they fill the memory.
        return facts(
            self.__dict__.get("events") or self._seen(),
            self.master,
            ranking=policy.ranking,
            matching=policy.matching,
            supposed=None if policy.version is None else lambda fact: supposed(fact, policy),
        )

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found wrong or unclear, of the ledger first and then of the metal."""
        return (*self._store.findings(self.as_of), *self.facts.findings)

    def content(self, document_id: str) -> bytes:
        """The exact bytes of a document.

        Raises:
            NotFoundError: ``ledger.no_document``.
        """
        return self._store.content(document_id, self.as_of)

    def _seen(self) -> Iterator[SeenEvent]:
        # Counted: it stands, withdraws nothing itself, and is the first of its hash id.
        for number, stored in enumerate(self._store.events(as_of=self.as_of, counted=True)):
            if self._progress is not None and number % TOLD_EVERY == 0:
                self._progress(number)
            event, context = event_of(stored.raw, stored.context)
            yield SeenEvent(
                seq=stored.seq,
                hash_id=stored.hash_id,
                recorded_at=stored.recorded_at,
                event=event,
                context=context,
            )
