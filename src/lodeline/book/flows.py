"""The flows of a book: kept as derived columns, grown where what is new came later, and made from the events otherwise.

The events of a million lots are never in memory together: they are read in order of time, batch by batch, interpreted
and followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

import lodeline.metal
from lodeline.errors import BookError
from lodeline.metal.policy import NO_POLICY, Policy
from lodeline.record.context import Context
from lodeline.version import __version__

if TYPE_CHECKING:
    from lodeline.ledger.columns import Column, StoredColumns
    from lodeline.ledger.lineage import Lineage
    from lodeline.ledger.stamps import Stamp
    from lodeline.ledger.store import Store
    from lodeline.ledger.timeline import Timeline
    from lodeline.ledger.values import Head
    from lodeline.metal.flows.builder import FlowBuilder
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.follower import Matching
    from lodeline.metal.values import AnyFact

Progress = Callable[[int], None]

SET = "flows"
"""Name of the derived set."""
NAMES, STATE = "names", "state"
"""Tables of the set beside those of the flows: what the name columns index, and what the builder goes on from."""
LAYERS = ("record", "ids", "units", "chemistry", "metal")
GIVES_WAY = ("ledger.read_only", "ledger.busy", "ledger.full")
"""Refusals for which flows are not kept and are right all the same: keeping them is for the next reader's sake."""
KEEP_WAIT_S = 2.0
"""How long an answer waits for a turn to keep what it was made from. Short: a capture may hold the book for minutes."""
ATTEMPTS = 3


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A recorded event, decoded, as `lodeline.metal.interpret` reads it."""

    seq: int
    hash_id: str
    event: dict[str, Any]
    context: Context


def policy_of(store: Store, as_of: int | None) -> Policy:
    """The policy in force, typed; `NO_POLICY` where there is none.

    Raises:
        PolicyError: Where an older lodeline recorded one that today's cannot read; set another.
    """
    held = store.policy(as_of)
    return NO_POLICY if held is None else Policy.parse(held.toml, version=held.seq)


class Rules(NamedTuple):
    """What flows follow from besides the events: what the policy supposes, and which place is a part of which."""

    policy: Policy
    matching: Matching

    def code(self) -> str:
        """The same for the same code and rules."""
        said = msgspec.json.encode(sorted(self.matching.within.items()))
        return f"code {code_digest()}, policy {self.policy.digest()}, places {sha256(said).hexdigest()[:16]}"


def rules_of(store: Store, as_of: int | None) -> Rules:
    """The rules in force as of an entry."""
    from lodeline.metal.registered import latest, within

    policy = policy_of(store, as_of)
    return Rules(policy, msgspec.structs.replace(policy.matching, within=within(latest(store.master(as_of)))))


@cache
def code_digest() -> str:
    """The same for the same code and tables of the layers that events pass through to become flows.

    Of their bytes and not a number that somebody must remember to raise: stored flows that other code made would be
    answers that nobody can explain.
    """
    root = Path(lodeline.metal.__file__).parents[1]
    files = sorted(path for layer in LAYERS for path in (root / layer).rglob("*") if path.suffix in (".py", ".csv"))
    digest = sha256(__version__.encode())
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def flows_of(store: Store, as_of: int | None, *, progress: Progress | None = None) -> Flows:
    """The flows as of an entry.

    Stored ones are loaded where they are of that entry, or nothing happened since. They are grown where all that is
    new came later, and made anew otherwise; what was made for the newest entry is kept for the next reader, unless the
    book cannot be written.
    """
    head = store.head(as_of)
    rules = rules_of(store, head.seq)
    for attempt in range(ATTEMPTS):
        try:
            return _flows(store, head, rules, progress)
        except BookError as refusal:
            # Another process has stored flows anew while these were read.
            if refusal.code != "ledger.columns_moved" or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def _flows(store: Store, head: Head, rules: Rules, progress: Progress | None) -> Flows:
    policy = rules.policy
    stored = store.columns(SET)
    builder = None
    if stored is not None and stored.stamp.code == rules.code() and stored.stamp.seq <= head.seq:
        line = store.timeline(head.seq, after=stored.stamp.seq)
        if store.withdraws(stored.stamp.seq, head.seq):
            stored = None
        elif not len(line.seq):
            return loaded(stored, policy)
        else:
            builder = _resumed(stored, rules, line)
    if builder is None:
        line = store.timeline(head.seq)
        builder = new_builder(rules)
    follow(store, line, builder, policy, progress)
    flows = builder.finish()
    _keep(store, head, rules.code(), flows, builder)
    return flows


def new_builder(rules: Rules) -> FlowBuilder:
    """A builder that follows movements and chooses assays as the rules say."""
    from lodeline.metal.flows.builder import FlowBuilder

    return FlowBuilder(ranking=rules.policy.ranking, matching=rules.matching)


def _resumed(stored: StoredColumns, rules: Rules, line: Timeline) -> FlowBuilder | None:
    """The builder that made the stored flows; None where something new happened before the last thing it followed."""
    from lodeline.metal.flows.builder import FlowBuilder

    held = loaded(stored, rules.policy)
    state = stored.tables[STATE]["bytes"]
    assert isinstance(state, bytes)
    ranking, matching = rules.policy.ranking, rules.matching
    builder = FlowBuilder.resume(state, held.names, held.tables(), ranking=ranking, matching=matching)
    return builder if int(line.at[0]) >= builder.last[0] else None


def follow(
    store: Store, line: Timeline, builder: FlowBuilder, policy: Policy, progress: Progress | None = None
) -> None:
    """Feed the events of a timeline to a builder."""
    done = 0
    for count, facts in facts_of(store, line, policy):
        builder.feed(facts)
        done += count
        if progress is not None:
            progress(done)


def facts_of(store: Store, line: Timeline, policy: Policy) -> Iterator[tuple[int, list[AnyFact]]]:
    """What the events of a timeline say about metal, in its order: how many events a batch is, and its facts."""
    from lodeline.metal.interpret import interpret
    from lodeline.metal.supposed import supposed
    from lodeline.record.stored import event_of

    for batch in store.timed(line):
        facts: list[AnyFact] = []
        for timed in batch:
            event, context = event_of(timed.raw, timed.context)
            said, _ = interpret(Seen(timed.seq, timed.hash_id, event, context))
            facts += [supposed(fact, policy) for fact in said]
        yield len(batch), facts


def loaded(stored: StoredColumns, policy: Policy) -> Flows:
    """The stored flows, all columns read."""
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.flows.schema import SCHEMA

    names: Any = stored.tables[NAMES]["name"]
    tables: Any = {table: dict(stored.tables[table]) for table in SCHEMA}
    return Flows.from_tables(names, tables, ranking=policy.ranking)


def to_store(flows: Flows, builder: FlowBuilder) -> Mapping[str, Mapping[str, Column]]:
    """The tables of the set."""
    tables: dict[str, Mapping[str, Column]] = {**flows.tables()}  # type: ignore[dict-item]
    return tables | {NAMES: {"name": flows.names}, STATE: {"bytes": builder.state()}}


def _keep(store: Store, head: Head, code: str, flows: Flows, builder: FlowBuilder) -> None:
    """Keep what was made for the newest entry, where the book can be written."""
    if store.read_only or head.seq < store.head().seq:
        return
    try:
        store.put_columns(SET, code, head.seq, to_store(flows, builder), wait_s=KEEP_WAIT_S)
    except BookError as refusal:
        if refusal.code not in GIVES_WAY:
            raise


def rebuild(store: Store, *, progress: Progress | None = None) -> None:
    """Drop all derived tables and make them again: the index always, lot edges and flows where they stood before."""
    edges, stored = store.edges_reach() >= 0, store.columns(SET) is not None
    store.rebuild(progress=progress)
    if edges:
        store.grow_edges()
    if stored:
        flows_of(store, None)


def ancestry(store: Store, lot: str, as_of: int | None, *, descendants: bool) -> Lineage:
    """A lot's lineage; lot edges are grown first where the book can be written, so that the next walk is short."""
    if not store.read_only and store.edges_reach() < store.head(as_of).seq:
        try:
            store.grow_edges(wait_s=KEEP_WAIT_S)
        except BookError as refusal:
            if refusal.code not in GIVES_WAY:
                raise
    return store.lineage(lot, as_of, descendants=descendants)


def recompute(store: Store) -> Callable[[Stamp], Mapping[str, Mapping[str, Column]] | None]:
    """How `verify --deep` makes stored flows again; those that other code or another policy made are not read."""

    def made(stamp: Stamp) -> Mapping[str, Mapping[str, Column]] | None:
        rules = rules_of(store, stamp.seq)
        if stamp.code != rules.code():
            return None
        builder = new_builder(rules)
        follow(store, store.timeline(stamp.seq), builder, rules.policy)
        return to_store(builder.finish(), builder)

    return made
