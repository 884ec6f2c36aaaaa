"""Deliveries: what a book brought into a country from abroad, or made there of what is no metal yet, by calendar year.

A delivery is a receipt in the country of what left another one. Where it crossed no border, such as from a port to a
works inland, nothing is delivered. Made at home is what comes out of a process there in a form that counts as metal,
unless some of what went in was in such a form already, for then it was counted before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from lodeline.ids.epc import canonical
from lodeline.metal.flows.words import FLOW, NO_TIME
from lodeline.metal.registered import elements_of, within
from lodeline.world.country import alpha3_of
from lodeline.world.effect.counting import counted_as
from lodeline.world.effect.forms import UNSAID, DeliveredForm, form_of, is_counted
from lodeline.world.statistics.commodity import Commodity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy
    from lodeline.metal.registered import Master
    from lodeline.world.effect.displacement import Route

    Rows = NDArray[np.int64]

SAME_MATERIAL = ("split", "blend", "store")
"""Processes that make no new material."""
MICROSECONDS = 1_000_000


class Delivered(NamedTuple):
    """Flows of one element that came in one form in one calendar year.

    Attributes:
        element: Symbol. commodity, form: what it is. route: ``imported`` or ``made``.
        origin: ISO 3166-1 alpha-3 of the country it left; of what is made at home, of that.
        year: Calendar year at the place where it came; empty where no event says when.
        rows: Of the flows.
        materials: Names of the materials whose form nobody says.
    """

    element: str
    commodity: Commodity
    form: DeliveredForm
    route: Route
    origin: str
    year: str
    rows: Rows
    materials: tuple[str, ...]


class Deliveries(NamedTuple):
    """All of a book's.

    Attributes:
        groups: By year, element and form.
        unclear: Receipts in the country of which no event says what country they left: none of them is counted.
        nameless: Receipts from abroad of lots of which nobody says what they are of: not counted either.
        beside: Elements that are not counted either: no edition tells how they enter imports and use, or they came as
            part of a material whose form is one of another element.
    """

    groups: tuple[Delivered, ...]
    unclear: int
    nameless: int
    beside: tuple[str, ...]


def deliveries(flows: Flows, master: Master, policy: Policy, importer: str) -> Deliveries:
    """What came into a country, or was made there.

    Args:
        importer: ISO 3166-1 alpha-3.
    """
    places = _Places(flows, master, policy)
    kind = flows.flows["kind"]
    came = np.flatnonzero(kind == FLOW["receive"])
    left = _left(flows, places)
    home = [row for row in came.tolist() if places.of_flow(row) == importer]
    abroad = [(row, left.get(int(flows.flows["tail"][row]), "")) for row in home]
    found = _Groups(flows, master, places)
    for row, country in abroad:
        if country and country != importer:
            found.add(row, "imported", country)
    for row in _made(flows, places, importer):
        found.add(row, "made", importer)
    unclear = sum(not country for _, country in abroad)
    return Deliveries(found.sorted(), unclear, found.nameless, tuple(sorted(found.beside)))


class _Places:
    """The country and the time zone of each place, through the places that it is a part of."""

    def __init__(self, flows: Flows, master: Master, policy: Policy) -> None:
        self._flows, self._master, self._zone = flows, master, policy.zone
        self._within = within(master)

    def of_flow(self, row: int) -> str:
        """The country in which a flow is said to be; empty where nobody says."""
        head = int(self._flows.flows["head"][row])
        return self.country(int(self._flows.places[row]), int(self._flows.nodes["owner"][head]))

    def country(self, place: int, owner: int = -1) -> str:
        """The country of a place, else of its owner where no place is named; ISO 3166-1 alpha-3."""
        if place < 0:
            said = self._master.get(("party", canonical(self._flows.names[owner])), {}) if owner >= 0 else {}
            return alpha3_of(str(said.get("country") or "")) or ""
        return alpha3_of(self._attribute(self._flows.names[place], "country")) or ""

    def year(self, row: int) -> str:
        """The calendar year in which a flow came, at its place; empty where no event says when."""
        at = int(self._flows.flows["arrived_at"][row])
        if at == NO_TIME:
            return ""
        place = int(self._flows.places[row])
        zone = self._zone or (self._attribute(self._flows.names[place], "time_zone") if place >= 0 else "")
        instant = datetime.fromtimestamp(at / MICROSECONDS, UTC)
        return str((instant.astimezone(ZoneInfo(zone)) if zone else instant).year)

    def _attribute(self, uri: str, name: str) -> str:
        seen: set[str] = set()
        step: str | None = canonical(uri)
        while step is not None and step not in seen:
            seen.add(step)
            for kind in ("site", "store"):
                said = self._master.get((kind, step), {}).get(name)
                if said:
                    return str(said)
            step = self._within.get(step)
        return ""


def _left(flows: Flows, places: _Places) -> dict[int, str]:
    """The country that what is on the road left, by the node of the road."""
    table, nodes = flows.flows, flows.nodes
    rows = np.flatnonzero(table["kind"] == FLOW["ship"])
    return {
        int(table["head"][row]): places.country(int(flows.places[row]), int(nodes["owner"][table["tail"][row]]))
        for row in rows.tolist()
    }


def _made(flows: Flows, places: _Places, importer: str) -> Iterator[int]:
    """Flows out of processes at home that make something new."""
    table = flows.flows
    same = [flows.index(word) for word in SAME_MATERIAL]
    for row in np.flatnonzero(table["kind"] == FLOW["process_out"]).tolist():
        if int(table["label"][row]) not in same and places.of_flow(row) == importer:
            yield row


class _Groups:
    """Flows gathered by what they are."""

    def __init__(self, flows: Flows, master: Master, places: _Places) -> None:
        self._flows, self._master, self._places = flows, master, places
        lots, table = flows.lots, flows.flows
        self._material = dict(zip(lots["lot"].tolist(), lots["material"].tolist(), strict=True))
        self._rows: dict[tuple[str, str, str, Route, str], list[int]] = {}
        self._forms: dict[tuple[str, str], tuple[Commodity, DeliveredForm]] = {}
        self._unsaid: dict[tuple[str, str], dict[str, None]] = {}
        self.beside: set[str] = set()
        self.nameless = 0
        self._into: dict[int, list[int]] = {}
        for row in np.flatnonzero(table["kind"] == FLOW["process_in"]).tolist():
            self._into.setdefault(int(table["head"][row]), []).append(int(table["lot"][row]))

    def add(self, row: int, route: Route, origin: str) -> None:
        """Count a flow for every element that its material is held for and that an edition reports."""
        lot = int(self._flows.flows["lot"][row])
        every = self._held_for(lot) or self._assayed(row)
        if route == "imported":
            self.nameless += not every
            self.beside |= {element for element, commodity, _ in every if commodity is None}
        known = [(element, commodity, form) for element, commodity, form in every if commodity is not None]
        told = any(form.name for _, _, form in known)
        for element, commodity, form in known:
            if not form.name and told:
                self.beside.add(element)
                continue
            if route == "made" and (not is_counted(commodity, form) or self._was_metal(row, commodity)):
                continue
            self._forms[element, form.name] = commodity, form
            key = (self._places.year(row), element, form.name, route, origin)
            self._rows.setdefault(key, []).append(row)
            if not form.name:
                self._unsaid.setdefault((key[0], element), {})[self._name(lot)] = None

    def sorted(self) -> tuple[Delivered, ...]:
        """The groups by year, element, form and route."""
        return tuple(
            Delivered(
                element=element,
                commodity=self._forms[element, form][0],
                form=self._forms[element, form][1],
                route=route,
                origin=origin,
                year=year,
                rows=np.array(rows, dtype=np.int64),
                materials=tuple(self._unsaid.get((year, element), ())) if not form else (),
            )
            for (year, element, form, route, origin), rows in sorted(self._rows.items())
        )

    def _held_for(self, lot: int) -> list[tuple[str, Commodity | None, DeliveredForm]]:
        """The elements that a lot's material is held for; without a commodity where no edition reports one."""
        index = self._material.get(lot, -1)
        if index < 0:
            return []
        uri = canonical(self._flows.names[index])
        said = self._master.get(("material", uri), {})
        code, word = said.get("hs_code"), said.get("form")
        found = ((element, counted_as(element)) for element in elements_of(self._master, uri))
        return [(one, of, UNSAID if of is None else form_of(of, one, hs=code, word=word)) for one, of in found]

    def _assayed(self, row: int) -> list[tuple[str, Commodity | None, DeliveredForm]]:
        """The elements that were found in a flow, where nobody says what its material is held for."""
        return [
            (element, counted_as(element), UNSAID)
            for element in self._flows.elements()
            if not np.isnan(self._flows.element(element).kg[row])
        ]

    def _was_metal(self, row: int, commodity: Commodity) -> bool:
        """Whether what went into the process was in a form that counts already."""
        node = int(self._flows.flows["tail"][row])
        return any(
            of is commodity and is_counted(commodity, form)
            for lot in self._into.get(node, ())
            for _, of, form in self._held_for(lot)
        )

    def _name(self, lot: int) -> str:
        """What the material of a lot is called; the lot's id where nobody says its material."""
        index = self._material.get(lot, -1)
        uri = self._flows.names[lot if index < 0 else index]
        return str(self._master.get(("material", canonical(uri)), {}).get("name") or uri)
