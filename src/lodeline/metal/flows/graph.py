"""The flow tables while they grow: exact decimals of the record become float64 kilograms here."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lodeline.metal.belief import Belief
from lodeline.metal.flows.growing import Growing
from lodeline.metal.flows.words import BASIS, CLASS, CLOSING, FLOW, NO_ENTRY, NO_NAME, NO_TIME, NODE, QUANTITY, RANK
from lodeline.metal.values import Assay, Mass, Moisture

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAN = float("nan")
_BASIS = {None: 0, "wet": BASIS["wet"], "dry": BASIS["dry"]}


def microseconds(at: datetime) -> int:
    """UTC microseconds since 1970."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Graph:
    """Nodes, flows, measurements and lots, by number.

    Attributes:
        names: Every name, in order of first use.
        nodes, flows, measurements, lots: The tables.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._index: dict[str, int] = {}
        self.nodes = Growing("nodes")
        self.flows = Growing("flows")
        self.measurements = Growing("measurements")
        self.lots = Growing("lots")
        self.lot_rows = array("i")  # by name: the row of a lot, -1 where the name is no lot's
        self.now = NO_TIME  # the instant of the fact that is being followed
        self.stated_now = NO_TIME  # the same, unless it is only a limit
        self.seq = NO_ENTRY
        for kind in ("outside", "closing"):
            self.nodes.append(NODE[kind], NO_NAME, NO_NAME, NO_NAME, NO_TIME, NO_ENTRY, NO_NAME)

    def name(self, text: str | None) -> int:
        """The number of a name; -1 for None."""
        if text is None:
            return NO_NAME
        number = self._index.get(text)
        if number is None:
            number = self._index[text] = len(self.names)
            self.names.append(text)
            self.lot_rows.append(-1)
        return number

    def text(self, number: int) -> str | None:
        """The name of a number; None for -1."""
        return None if number < 0 else self.names[number]

    def instant(self, at: datetime, known: str, seq: int) -> None:
        """What follows happens now, in this entry."""
        self.now = microseconds(at)
        self.stated_now = self.now if known == "at" else NO_TIME
        self.seq = seq

    def node(self, kind: str, *, lot: int = NO_NAME, place: int = NO_NAME, owner: int = NO_NAME, name: int = -1) -> int:
        """A new node, now."""
        return self.nodes.append(NODE[kind], lot, place, owner, self.now, self.seq, name)

    def flow(
        self,
        tail: int,
        lot: int,
        belief: Belief,
        *,
        own: bool,
        inherits: int = -1,
        water_of: int = -1,
        head: int = CLOSING,
        kind: str = "closing",
        label: int = NO_NAME,
        left_at: int | None = None,
    ) -> int:
        """A new flow from a node; as long as it has no head it is what is held, and closes the books.

        Args:
            own: The mass was measured or stated of this flow, not carried on from others.
            water_of: The flow whose water is in the mass; -1 for this one.
        """
        number = len(self.flows)
        left = self.stated_now if left_at is None else left_at
        arrived = NO_TIME if kind == "closing" else self.stated_now
        kg, u, low, high, basis, klass = _cells(belief, own)
        self.flows.append(
            tail,
            head,
            FLOW[kind],
            lot,
            left,
            arrived,
            self.seq,
            label,
            kg,
            u,
            low,
            high,
            basis,
            klass,
            _NAN,
            inherits,
            number if water_of < 0 else water_of,
        )
        return number

    def ends(self, flow: int, head: int, kind: str, *, label: int = NO_NAME, at_rest: bool = False) -> None:
        """What was held goes into a node, now.

        Args:
            at_rest: It lay until now: it left the state before it when that began.
        """
        columns = self.flows.columns
        columns["head"][flow] = head
        columns["kind"][flow] = FLOW[kind]
        columns["arrived_at"][flow] = self.stated_now
        columns["seq"][flow] = self.seq
        columns["label"][flow] = label
        if not at_rest:
            columns["left_at"][flow] = self.stated_now

    def weigh(self, flow: int, belief: Belief, *, own: bool, water_of: int | None = None) -> None:
        """The mass of a flow is this."""
        columns = self.flows.columns
        kg, u, low, high, basis, klass = _cells(belief, own)
        columns["mass_kg"][flow], columns["mass_u_kg"][flow] = kg, u
        columns["mass_low_kg"][flow], columns["mass_high_kg"][flow] = low, high
        columns["mass_basis"][flow], columns["mass_class"][flow] = basis, klass
        if water_of is not None:
            columns["water_of"][flow] = water_of

    def counted(self, flow: int, count: Decimal) -> None:
        """A flow is so many pieces."""
        self.flows.columns["count"][flow] = float(count)
        self._measured(flow, "count", float(count))

    def declared(self, flow: int, belief: Belief, *, chosen: bool) -> int:
        """A declared mass of a flow."""
        assert belief.kg is not None
        return self._measured(flow, "declared", float(belief.kg), basis=_BASIS[belief.basis], chosen=chosen)

    def reading(self, flow: int, quantity: str, mass: Mass | Belief, device: str | None, *, chosen: bool) -> int:
        """A gross, tare or net mass read of a flow."""
        assert mass.kg is not None
        return self._measured(
            flow,
            quantity,
            float(mass.kg),
            _NAN if mass.u is None else float(mass.u),
            basis=_BASIS[mass.basis],
            device=NO_NAME if device is None else self.name(device),
            chosen=chosen,
            u_policy=mass.u_policy if isinstance(mass, Mass) else None,
        )

    def determination(self, flow: int, fact: Assay | Moisture) -> int:
        """An assay or a moisture of a flow."""
        low: Decimal | None = None
        high: Decimal | None = None
        value: Decimal | None = fact.fraction
        species, basis = NO_NAME, BASIS["wet"]
        if isinstance(fact, Assay):
            species, basis = self.name(fact.species.formula), _BASIS[fact.basis]
            low, high = fact.low, fact.high
        return self._measured(
            flow,
            "moisture" if isinstance(fact, Moisture) else "fraction",
            _NAN if value is None else float(value),
            _NAN if fact.u is None else float(fact.u),
            species=species,
            low=_NAN if low is None else float(low),
            high=_NAN if high is None else float(high),
            basis=basis,
            laboratory=NO_NAME if fact.laboratory is None else self.name(fact.laboratory),
            method=NO_NAME if fact.method is None else self.name(fact.method),
            certificate=NO_NAME if fact.certificate is None else self.name(fact.certificate),
            rank=RANK[fact.rank or ""],
            u_policy=fact.u_policy,
        )

    def copied(self, row: int, flow: int) -> int:
        """A determination of one flow stands for another too."""
        columns = self.measurements.columns
        cells = {name: column[row] for name, column in columns.items()}
        return self.measurements.append(*{**cells, "flow": flow, "inherited": 1, "chosen": 0}.values())

    def choose(self, row: int, chosen: bool) -> None:
        """A measurement of mass is the one that counts, or no longer."""
        self.measurements.columns["chosen"][row] = chosen

    def _measured(
        self,
        flow: int,
        quantity: str,
        value: float,
        u: float = _NAN,
        *,
        species: int = NO_NAME,
        low: float = _NAN,
        high: float = _NAN,
        basis: int = 0,
        device: int = NO_NAME,
        laboratory: int = NO_NAME,
        method: int = NO_NAME,
        certificate: int = NO_NAME,
        rank: int = 0,
        chosen: bool = False,
        u_policy: int | None = None,
    ) -> int:
        return self.measurements.append(
            flow,
            QUANTITY[quantity],
            species,
            value,
            u,
            low,
            high,
            basis,
            device,
            laboratory,
            method,
            certificate,
            rank,
            self.stated_now,
            self.seq,
            0,
            chosen,
            NO_ENTRY if u_policy is None else u_policy,
        )

    def lot(self, lot: int, first_place: int) -> int:
        """The row of a lot, made at its first mention."""
        row = self.lot_rows[lot]
        if row < 0:
            none = NO_NAME
            row = self.lots.append(lot, none, none, none, none, none, none, NO_ENTRY, NO_ENTRY, NO_TIME, first_place)
            self.lot_rows[lot] = row
        return row

    def of_lot(self, lot: int, column: str) -> Any:
        """A cell of a lot's row."""
        return self.lots.columns[column][self.lot_rows[lot]]


def _cells(belief: Belief, own: bool) -> tuple[float, float, float, float, int, int]:
    """kg, u, low, high, basis and class, as they stand in the columns."""
    if belief.kg is not None:
        klass = CLASS[belief.standing] if own else CLASS["computed"]
        u = _NAN if belief.u is None else float(belief.u)
        return float(belief.kg), u, _NAN, _NAN, _BASIS[belief.basis], klass
    low = _NAN if belief.low is None else float(belief.low)
    high = _NAN if belief.high is None else float(belief.high)
    return _NAN, _NAN, low, high, _BASIS[belief.basis], CLASS[belief.standing]
