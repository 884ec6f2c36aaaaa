"""What is held, on the road and in process while the books are followed: live values that nobody outside sees.

None of them can hold itself, so the collector of cycles need not look at millions of them (``gc=False``).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from lodeline.metal.belief import NOTHING_KNOWN, Belief, Rests
from lodeline.metal.flows.words import NO_NAME
from lodeline.metal.values import Mass

Known = dict[int, int]
"""Rows of determinations in force, the latest of each kind. Holdings share it; a new one is made for a change."""


class Held(msgspec.Struct, kw_only=True, gc=False):
    """One holding: a lot at a place under an owner, loose or in one container. All names are numbers.

    Attributes:
        node: The state it is in.
        flow: The flow that leaves that state, and has no head yet.
        mass: What it weighs.
        mass_row: The measurement its mass rests on; -1 if it was carried on from other flows.
        water: The flow whose water is in the mass, where it was carried over a road; -1: its own.
        known: Determinations in force.
        gross, tare: Masses read alone, waiting for the other.
        through: Nodes of open processes that it came through.
        road: The receipt's flow, where it is all that came and nobody said how much; -1 otherwise.
        events: Hash ids of the events that touched it, nested.
    """

    lot: int
    place: int
    owner: int
    holder: int
    node: int
    flow: int
    container: int = NO_NAME
    mass: Belief = NOTHING_KNOWN
    mass_row: int = -1
    water: int = -1
    known: Known = msgspec.field(default_factory=dict)
    gross: Mass | None = None
    tare: Mass | None = None
    count: Decimal | None = None
    through: tuple[int, ...] = ()
    road: int = -1
    events: Rests = ()


class Transit(msgspec.Struct, kw_only=True, gc=False):
    """A lot on its way, or one that has arrived and of which more may come.

    Attributes:
        node: The transit node.
        flow: The flow that leaves it; without head while nothing has arrived.
        ship: The flow that entered it.
        papers: Bills of lading and despatch advices. kinds: which of the two kinds there are, sorted.
        bound_for: Place, -1 if nobody said.
        left_at: The departure, -2**63 where unknown.
        event, seq: The event it left by; empty and -1 for a departure nobody recorded.
        sent: What left. arrived: What has, by the receipts' own word. brought: What each receipt brought, kg.
        weighed: What it weighed on the road, if anybody weighed it there.
        loads: How many receipts. declares: Whether the last of them says what it brought.
        at: Where the last arrived. by: The event that said so.
        movement: Its number among the movements, -1 where none are kept.
        lost: Whether the flow of what was lost on the road is there.
        order: The how-manieth consignment it was to arrive; -1 while open.
    """

    lot: int
    owner: int
    node: int
    flow: int
    ship: int
    papers: tuple[int, ...]
    bound_for: int
    left_at: int
    event: str
    seq: int
    sent: Belief
    container: int = NO_NAME
    known: Known = msgspec.field(default_factory=dict)
    water: int = -1
    count: Decimal | None = None
    through: tuple[int, ...] = ()
    events: Rests = ()
    arrived: Belief = NOTHING_KNOWN
    weighed: Belief | None = None
    brought: list[Decimal] = msgspec.field(default_factory=list)
    loads: int = 0
    declares: bool = False
    at: int = NO_NAME
    by: str = ""
    movement: int = -1
    lost: bool = False
    order: int = -1
    kinds: tuple[str, ...] = ()


class Process(msgspec.Struct, kw_only=True):
    """A transformation over several events.

    Attributes:
        node: Its node; of a store the latest.
        store: Whether it is a store, which has a node an event.
        flow: Of a store, the stock that leaves the latest node.
        stock: What is in a store. opened: whether it has had an event.
        owners: Whose metal went in.
        inputs, outputs: Whether any lot went in, or came out.
        mass_row: The measurement that the stock of a store rests on; -1 if it was carried on from other flows.
        charged: What went in, put together.
        through: Nodes of open processes that what went in had come through.
        made: Lots that came out.
        parents: Lots that went in, where facts are kept.
        name: The transformationID.
        event, seq: The last event.
        emptied: Whether nothing is left in it, as its last event says.
    """

    node: int
    store: bool
    flow: int = -1
    stock: Belief = NOTHING_KNOWN
    mass_row: int = -1
    opened: bool = False
    owners: dict[int, None] = msgspec.field(default_factory=dict)
    inputs: bool = False
    outputs: bool = False
    charged: Belief = NOTHING_KNOWN
    through: tuple[int, ...] = ()
    made: dict[int, None] = msgspec.field(default_factory=dict)
    parents: dict[int, None] = msgspec.field(default_factory=dict)
    name: int = NO_NAME
    event: str = ""
    seq: int = -1
    emptied: bool = False

    @property
    def done(self) -> bool:
        """Whether what went in has come out: something did on both sides, or its last event says that it is empty."""
        return (self.inputs and self.outputs) or (self.emptied and bool(self.made))
