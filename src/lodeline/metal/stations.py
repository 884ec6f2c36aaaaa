"""Stations: where on its way from deposit to product each node of the flows stands.

An account by stage is coarser than the flows: a thousand holdings of ore at a mine are one station, *mined*. What flows
inside a station does not show; what crosses between two does, so that every station closes exactly as its nodes do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.ids.epc import canonical
from lodeline.metal.accounts import Station
from lodeline.metal.flows.words import CLOSING, FLOW, NODE
from lodeline.metal.outlets import UNSAID, Outlet, outlets, site_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.registered import Master

LOGISTIC = ("split", "blend", "store")
"""Processes that make no new material: what comes out stands where what went in stood."""
CONCENTRATING = "concentrate"
"""The one process that belongs to a mine; every other makes metal in a plant."""
CONCENTRATED = "concentrated"
"""The stage of what a concentrator makes."""
METAL = ("refined", "separated", "recycled")
"""Stages of what a plant makes."""


class Stations(msgspec.Struct, frozen=True, kw_only=True):
    """The station of every node, and the origin of every lot that arises.

    Attributes:
        stations: Each that is in use.
        of_node: (node,) index into ``stations``; -1 for the two special nodes.
        origin_of: (flow,) index into ``stations`` of what an ``arising`` flow comes from; -1 for other flows.
        works: (node,) whether a node is a process that makes new material; ``plant``: and no concentrator.
        site: (node,) index into ``sites`` of where works stand; -1 for other nodes and where no event says.
        sites: URIs.
        material: (node,) index into ``materials`` of what a holding is of; -1 where nobody says.
        materials: URIs, with ``outlets`` what each is to a plant.
    """

    stations: tuple[Station, ...]
    of_node: NDArray[np.int64]
    origin_of: NDArray[np.int64]
    works: NDArray[np.bool_]
    plant: NDArray[np.bool_]
    site: NDArray[np.int64]
    sites: tuple[str, ...]
    material: NDArray[np.int64]
    materials: tuple[str, ...]
    outlets: tuple[Outlet, ...]


def stations(flows: Flows, master: Master) -> Stations:
    """Where every node stands.

    Ore on its way to a concentrator is *raw* wherever it lies; what was shipped toward a plant is on the *way* until
    its last receipt and *received* after it, through every split and blend. What a plant made and uses again itself
    stands inside the plant. What is made stands at its *outlet*, wherever it is brought.
    """
    import numpy as np

    node, flow, names = flows.nodes, flows.flows, flows.names
    tail, head = flow["tail"], flow["head"]
    words = _words(flows)
    works = (node["kind"] == NODE["process"]) & ~_among(words, names, LOGISTIC)
    concentrating = works & _among(words, names, (CONCENTRATING,))
    plant = works & ~concentrating

    # Arcs along which a lot stays what it is: no special node and no works at either end; and those within a site.
    carry = (tail > CLOSING) & (head > CLOSING) & ~works[tail] & ~works[head]
    apart = carry & ~np.isin(flow["kind"], [FLOW["ship"], FLOW["receive"]])
    transit = node["kind"] == NODE["transit"]
    back = head[carry], tail[carry]
    moved = _reached(transit, tail[carry], head[carry])
    goes = _reached(transit, *back)
    milled = _reached(_ends(tail, head, concentrating), *back)
    made = _reached(_ends(head, tail, plant), tail[carry], head[carry])
    # What a plant made and uses again without shipping it never left the plant.
    inside = _reached(_ends(head, tail, plant), tail[apart], head[apart])
    inside &= _reached(_ends(tail, head, plant), head[apart], tail[apart]) & ~works

    stage, material = (_filled(of, tail[carry], head[carry]) for of in _of_lots(flows))
    sites, site = _sites(flows, works, master)
    through = (works[tail] | inside[tail]) & inside[head]
    plant_site = _filled(site, tail[through], head[through])
    known = outlets(master)
    of_material = tuple(known.get(canonical(name), UNSAID) for name in names)
    residue = np.array([bool(one.residue) for one in of_material] + [False])[material]
    made |= _among(stage, names, METAL) | residue
    concentrated = _among(stage, names, (CONCENTRATED,))

    table = _Index()
    of_node = np.full(node.rows, -1, dtype=np.int64)
    for at in range(CLOSING + 1, node.rows):
        if plant[at] or inside[at]:
            one = Station("plant", sites[plant_site[at]] if plant_site[at] >= 0 else "")
        elif concentrating[at]:
            one = Station("concentrated")
        elif made[at]:
            one = Station("outlet", names[material[at]] if material[at] >= 0 else "")
        elif moved[at] and not milled[at]:
            one = Station("way" if goes[at] else "received")
        elif concentrated[at]:
            one = Station("concentrated")
        else:
            one = Station("raw", names[stage[at]] if stage[at] >= 0 else "")
        of_node[at] = table(one)
    origin_of = _origins(flows, table)
    return Stations(
        stations=tuple(table.keys),
        of_node=of_node,
        origin_of=origin_of,
        works=works,
        plant=plant,
        site=site,
        sites=tuple(sites),
        material=material,
        materials=names,
        outlets=of_material,
    )


def _words(flows: Flows) -> NDArray[np.int64]:
    """(node,) index of the word of each process; -1 where none is said, and of other nodes."""
    import numpy as np

    flow = flows.flows
    words = np.full(flows.nodes.rows, -1, dtype=np.int64)
    into, out = flow["kind"] == FLOW["process_in"], flow["kind"] == FLOW["process_out"]
    words[flow["head"][into]] = flow["label"][into]
    words[flow["tail"][out]] = flow["label"][out]
    return words


def _among(words: NDArray[np.int64], names: tuple[str, ...], wanted: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which indices into the names are of these words."""
    import numpy as np

    return np.isin(words, [index for index, name in enumerate(names) if name in wanted])


def _ends(near: NDArray[Any], far: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(node,) the near ends of the arcs whose far end is chosen, special nodes left out."""
    import numpy as np

    found = np.zeros(chosen.size, dtype=bool)
    found[near[chosen[far]]] = True
    found[: CLOSING + 1] = False
    return found


def _reached(seeds: NDArray[np.bool_], tail: NDArray[Any], head: NDArray[Any]) -> NDArray[np.bool_]:
    """(node,) the seeds and all that can be reached from them along the arcs; every arc is walked once."""
    import numpy as np

    order = np.argsort(tail, kind="stable")
    heads, start = head[order], np.searchsorted(tail[order], np.arange(seeds.size + 1))
    seen, frontier = seeds.copy(), np.flatnonzero(seeds)
    while frontier.size:
        several = start[frontier + 1] - start[frontier]
        # The arcs of every node of the frontier: its first one, and as many after it as it has.
        first = np.repeat(start[frontier] - np.cumsum(several) + several, several)
        found = np.unique(heads[first + np.arange(several.sum())])
        frontier = found[~seen[found]]
        seen[frontier] = True
    return seen


def _filled(of: NDArray[np.int64], tail: NDArray[Any], head: NDArray[Any]) -> NDArray[np.int64]:
    """(node,) with -1 replaced by what a node before it has, along the arcs."""
    import numpy as np

    filled = of.copy()
    while True:
        open_arcs = np.flatnonzero((filled[head] < 0) & (filled[tail] >= 0))
        if not open_arcs.size:
            return filled
        filled[head[open_arcs]] = filled[tail[open_arcs]]


def _of_lots(flows: Flows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(node,) the stage and the material of the lot of each node, as indices into the names; -1 where nobody says."""
    import numpy as np

    lots, lot = flows.lots, flows.nodes["lot"]
    row = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    row[lots["lot"]] = np.arange(lots.rows)
    at = row[lot]
    stage, material = (np.append(lots[column], -1).astype(np.int64)[at] for column in ("stage", "material"))
    return stage, material


def _sites(flows: Flows, works: NDArray[np.bool_], master: Master) -> tuple[list[str], NDArray[np.int64]]:
    """The sites at which works stand, and (node,) which of them each stands at; -1 where no event says."""
    import numpy as np

    found, site = _Index(), np.full(works.size, -1, dtype=np.int64)
    for at in np.flatnonzero(works):
        place = flows.nodes["place"][at]
        if place >= 0:
            site[at] = found(site_of(master, flows.names[place]))
    return found.keys, site


def _origins(flows: Flows, table: _Index) -> NDArray[np.int64]:
    """(flow,) the station an arising comes from: deposit, else scrap source, else country, else nothing."""
    import numpy as np

    flow, lots = flows.flows, flows.lots
    row = {int(lot): at for at, lot in enumerate(lots["lot"])}
    origin = np.full(flow.rows, -1, dtype=np.int64)
    for at in np.flatnonzero(flow["kind"] == FLOW["arising"]):
        lot, one = row.get(int(flow["lot"][at])), Station("origin")
        for word in ("deposit", "scrap_source", "country") if lot is not None else ():
            name = lots[word][lot]
            if name >= 0:
                one = Station("origin", flows.names[name], word)
                break
        origin[at] = table(one)
    return origin


class _Index:
    """Numbers things in order of first mention."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self._at: dict[Any, int] = {}

    def __call__(self, key: Any) -> int:
        at = self._at.setdefault(key, len(self.keys))
        if at == len(self.keys):
            self.keys.append(key)
        return at
