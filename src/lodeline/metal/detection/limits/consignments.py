"""Consignments: what left one place and all that came of it at another, with the masses and moistures of both ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.detection.limits.grouping import summed
from lodeline.metal.detection.limits.lines import Line, lines_of
from lodeline.metal.flows.words import BASIS, QUANTITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.detection.limits.sides import Sides
    from lodeline.metal.flows.flows import Flows

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class Uncounted(NamedTuple):
    """A receipt that the books did not count, since its lot had arrived already (``metal.received_again``).

    Attributes:
        entry: Of the ledger.
        lot, papers: URIs.
        kg, u_kg: What it brought, and its standard uncertainty; NaN where unknown.
        basis: ``wet``, ``dry``, or empty where nobody said.
    """

    entry: int
    lot: str
    papers: tuple[str, ...]
    kg: float
    u_kg: float
    basis: str


class End(NamedTuple):
    """One end of every consignment; arrays are (consignment,).

    Attributes:
        place: Name of the place; -1 unsaid.
        device: Name of the scale; -1 where none is known, or where there are several.
        basis: Code of the basis of the mass.
        reading: Row of the measurement of the mass; a number of its own, beyond those, where it was computed of
            several.
        kg, u_kg: All that left or came, on that basis. NaN where unknown.
        water, water_u: Moisture, kg per kg of wet mass; 0 and 0 where the mass is dry; NaN where there is none.
        water_row: Row of that moisture; -1 where none was needed or known.
        laboratory: Name of whose moisture it is; -1 for none.
        side: The side of the road, an index of :class:`~lodeline.metal.detection.limits.sides.Sides`.
        flow: A flow at that end, whose composition is the material's there.
    """

    place: Rows
    device: Rows
    basis: NDArray[np.uint8]
    reading: Rows
    kg: Array
    u_kg: Array
    water: Array
    water_u: Array
    water_row: Rows
    laboratory: Rows
    side: Rows
    flow: Rows

    @property
    def dry_kg(self) -> Array:
        """Dry mass, kg."""
        return self.kg * (1 - self.water)


class Consignments(NamedTuple):
    """Every consignment whose mass is known at both ends, each a line; arrays are (consignment,).

    Attributes:
        lines: The flows it consists of.
        sent, received: The two ends.
        at: When the first of it came, microseconds since 1970 in UTC.
        lot: Name of the lot.
        again_kg: What came in receipts that the books did not count, kg; part of ``received.kg``.
        again: Those receipts.
        guessed: Whether a ticket gives no uncertainty, and that of others was taken.
        untold: Why others are not here: reason to number.
    """

    lines: tuple[Line, ...]
    sent: End
    received: End
    at: Rows
    lot: Rows
    again_kg: Array
    again: tuple[tuple[Uncounted, ...], ...]
    guessed: NDArray[np.bool_]
    untold: dict[str, int]


def consignments(flows: Flows, of: Sides, uncounted: Sequence[Uncounted] = ()) -> Consignments:
    """All consignments.

    Args:
        of: The sides of these flows.
        uncounted: Receipts that the books did not count. They came, so that they are counted here.
    """
    lines, untold = lines_of(flows, of.mass_u_kg)
    flow = flows.flows
    ships = np.array([line.whole for line in lines], dtype=np.int64)
    again = _again(flows, lines, uncounted)
    loads = _Loads(flows, of, lines, again)
    no_u = np.array([any(math.isnan(one.u_kg) for one in found) for found in again], dtype=bool)
    return Consignments(
        lines=lines,
        sent=_sent(flows, of, ships),
        received=loads.end(flows, of),
        at=flow["arrived_at"][loads.first],
        lot=flow["lot"][ships].astype(np.int64),
        again_kg=loads.again_kg,
        again=again,
        guessed=loads.guessed | of.guessed[ships] | no_u,
        untold=untold,
    )


def _sent(flows: Flows, of: Sides, ships: Rows) -> End:
    """The ends at which consignments left."""
    flow = flows.flows
    water = flows.composition.moisture().row[ships]
    # What a mass that was carried here has of water is known from where it was weighed, and not from here.
    here = of.of_flow[flow["water_of"][ships]] == of.of_flow[ships]
    water = np.where((water < 0) & here, of.water_row[of.of_flow[ships]], water)
    own = flows.measurements.rows + np.arange(ships.size)
    return _end(
        flows,
        of,
        flow=ships,
        place=flows.nodes["place"][flow["tail"][ships]],
        device=_device(flows, of, ships),
        basis=flow["mass_basis"][ships],
        reading=np.where(of.mass_row[ships] >= 0, of.mass_row[ships], own),
        kg=flow["mass_kg"][ships],
        u_kg=of.mass_u_kg[ships],
        water=water,
    )


class _Loads:
    """What came of each consignment, load by load.

    Attributes:
        rows: (load,) flows. line: (load,) the consignment.
        first: (consignment,) the first load.
        again_kg: (consignment,) what came in receipts that were not counted.
        guessed: (consignment,) whether the uncertainty of a load is that of other weighings.
    """

    def __init__(self, flows: Flows, of: Sides, lines: Sequence[Line], again: Sequence[Sequence[Uncounted]]) -> None:
        self.rows = np.array([row for line in lines for row in line.receipts], dtype=np.int64)
        self.several = np.array([len(line.receipts) for line in lines], dtype=np.int64)
        self.line = np.repeat(np.arange(len(lines)), self.several)
        self.start = np.cumsum(self.several) - self.several
        self.first = self.rows[self.start]
        self.again_kg = np.array([sum(one.kg for one in found) for found in again], dtype=np.float64)
        u_kg = of.mass_u_kg[self.rows]
        variance = summed(u_kg**2, self.line, len(lines))
        for number, found in enumerate(again):
            # One that gives no uncertainty was read as well as the worst of those that came with it.
            worst = u_kg[self.line == number].max() if found else 0.0
            variance[number] += sum((worst if math.isnan(one.u_kg) else one.u_kg) ** 2 for one in found)
        self.u_kg = np.sqrt(variance)
        self.guessed = self._some(of.guessed[self.rows])

    def _some(self, of: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(consignment,) whether it holds of any load."""
        return np.bincount(self.line, weights=of, minlength=self.several.size) > 0

    def end(self, flows: Flows, of: Sides) -> End:
        """The ends at which consignments came."""
        flow, count = flows.flows, self.several.size
        # Loads of which one is wet and one dry do not add up.
        mixed = self._some(flow["mass_basis"][self.rows] != flow["mass_basis"][self.first][self.line])
        device = _device(flows, of, self.rows)
        others = self._some(device != device[self.start][self.line])
        own = flows.measurements.rows + count + np.arange(count)
        alone = (self.several == 1) & (self.again_kg == 0) & (of.mass_row[self.first] >= 0)
        return _end(
            flows,
            of,
            flow=self.first,
            place=flows.nodes["place"][flow["head"][self.first]],
            device=np.where(others, -1, device[self.start]),
            basis=np.where(mixed, BASIS[""], flow["mass_basis"][self.first]).astype(np.uint8),
            reading=np.where(alone, of.mass_row[self.first], own),
            kg=summed(flow["mass_kg"][self.rows], self.line, count) + self.again_kg,
            u_kg=self.u_kg,
            water=self._water(flows, of),
        )

    def _water(self, flows: Flows, of: Sides) -> Rows:
        """The moisture of what came: that of the first load which has one, else the one that counts where it lies."""
        of_load = flows.composition.moisture().row[self.rows]
        known = np.flatnonzero(of_load >= 0)
        found: Rows = of.water_row[of.of_flow[self.first]]
        found[self.line[known[::-1]]] = of_load[known[::-1]]  # of several at one place the last stays
        return found


def _end(
    flows: Flows,
    of: Sides,
    *,
    flow: Rows,
    place: Rows,
    device: Rows,
    basis: NDArray[np.uint8],
    reading: Rows,
    kg: Array,
    u_kg: Array,
    water: Rows,
) -> End:
    measured = flows.measurements
    wet = (basis == BASIS["wet"]) & (water >= 0)
    row = np.where(wet, water, -1)

    def read(column: str) -> Array:
        values = measured[column][row] if measured.rows else np.full(row.size, np.nan)
        return np.select([wet, basis == BASIS["dry"]], [values, np.zeros(row.size)], np.nan)

    laboratory = measured["laboratory"][row] if measured.rows else row
    return End(
        place=place.astype(np.int64),
        device=device,
        basis=basis,
        reading=reading,
        kg=kg,
        u_kg=u_kg,
        water=read("value"),
        water_u=read("u"),
        water_row=row,
        laboratory=np.where(wet, laboratory, -1).astype(np.int64),
        side=of.of_flow[flow],
        flow=flow,
    )


def _device(flows: Flows, of: Sides, rows: Rows) -> Rows:
    """(flow,) name of the scale that read the mass; -1 where none did."""
    measured = flows.measurements
    if not measured.rows:
        return np.full(rows.size, -1, dtype=np.int64)
    found = of.mass_row[rows]
    scale = np.isin(measured["quantity"][found], [QUANTITY[word] for word in ("gross", "tare", "net")])
    return np.where((found >= 0) & scale, measured["device"][found], -1).astype(np.int64)


def _again(flows: Flows, lines: Sequence[Line], uncounted: Sequence[Uncounted]) -> tuple[tuple[Uncounted, ...], ...]:
    """The receipts of each consignment that were not counted, by lot and papers, where they are on its basis."""
    found: dict[tuple[int, int], list[Uncounted]] = {}
    for one in uncounted:
        lot = flows.index(one.lot)
        for paper in {flows.index(paper) for paper in one.papers} - {-1}:
            found.setdefault((lot, paper), []).append(one)
    if not found:
        return ((),) * len(lines)
    flow, nodes = flows.flows, flows.nodes
    of_each = []
    for line in lines:
        basis = int(flow["mass_basis"][line.receipts[0]])
        keys = {(int(flow["lot"][ship]), int(nodes["name"][flow["head"][ship]])) for ship in line.ships}
        several = {one.entry: one for key in sorted(keys) for one in found.get(key, ())}
        of_each.append(tuple(one for one in several.values() if BASIS.get(one.basis) == basis))
    return tuple(of_each)
