"""Layout: which account each node of the flows belongs to, and how its metal is there: held, in process, on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.metal.balance.periods import PERIODS
from lodeline.metal.balance.places import UTC_ZONE, Place, places
from lodeline.metal.flows.words import CLOSING, FLOW, NODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.registered import Master

    Codes = NDArray[np.int64]

Key = Literal["site", "store", "owner", "material", "state"]
KEYS: tuple[Key, ...] = ("site", "store", "owner", "material", "state")
"""What accounts may be told apart by."""

State = Literal["", "held", "in process", "on the road"]
ROAD: State = "on the road"
HELD, PROCESS, WAY = 0, 1, 2
"""Parts of a stock: in lots, in processes and stores that lose identity, and on the way between two places of one
account (or, of the road's own accounts, on the road)."""


class AccountKey(NamedTuple):
    """What an account is told apart by; None where it was not asked for, or nobody said.

    Attributes:
        site, store: URIs; ``store`` is the place itself, which may be a site that has no stores.
        owner, material: URIs.
        state: ``on the road`` of the road's own accounts; with the key ``state`` also ``held`` and ``in process``.
    """

    site: str | None = None
    store: str | None = None
    owner: str | None = None
    material: str | None = None
    state: State = ""


class Layout(NamedTuple):
    """Where every node stands; (node,) each, -1 for the two special nodes.

    Attributes:
        keys: The accounts, in order of first mention.
        account: Index into ``keys``.
        part: :data:`HELD`, :data:`PROCESS` or :data:`WAY`.
        zone: Index into ``zones``.
        zones: IANA names.
        site: Index into ``sites``; -1 where nobody said, and on the road.
        sites: URIs.
        places: Every place at which anything was held or processed.
    """

    keys: tuple[AccountKey, ...]
    account: Codes
    part: Codes
    zone: Codes
    zones: tuple[str, ...]
    site: Codes
    sites: tuple[str, ...]
    places: Mapping[str, Place]


def asked_by(words: Sequence[str]) -> tuple[tuple[Key, ...], str | None]:
    """The keys and the period among words such as ``site,owner,month``.

    Raises:
        InputError: ``balance.key_unknown``, ``balance.key_twice``, ``balance.periods_several``.
    """
    unknown = [word for word in words if word not in (*KEYS, *PERIODS)]
    if unknown:
        raise InputError(
            "balance.key_unknown",
            f"An account is told apart by {', '.join(KEYS)}, and one of {', '.join(PERIODS)}; not by {unknown[0]!r}.",
            key=unknown[0],
        )
    twice = [word for word in dict.fromkeys(words) if list(words).count(word) > 1]
    if twice:
        raise InputError("balance.key_twice", f"Name {twice[0]} once.", key=twice[0])
    periods = [word for word in words if word in PERIODS]
    if len(periods) > 1:
        raise InputError(
            "balance.periods_several",
            f"An account has one period; name one of {' and '.join(periods)}.",
            key=periods[1],
        )
    return tuple(key for key in KEYS if key in words), periods[0] if periods else None


def layout(flows: Flows, by: Sequence[Key], master: Master, zone: str | None) -> Layout:
    """The account of every node.

    A process has no owner of its own: it is of the owner of all that ever went into it, and of nobody said where there
    are several. Goods on the road are in an account of their own, by owner and material, unless both ends of the road
    are of one site (and one store, where stores are told apart).

    Args:
        zone: The zone that the policy names for all periods; None: each site has its own.
    """
    node = flows.nodes
    kind = node["kind"].astype(np.int64)
    transit, process = kind == NODE["transit"], kind == NODE["process"]
    place, start = node["place"].astype(np.int64), _starts(flows)
    place = np.where(process, place[start], place)
    known = places([flows.names[one] for one in np.unique(place[place >= 0]).tolist()], master, zone)
    table = _Table(known, flows.names, zone or UTC_ZONE)
    site, zone_of = table.sites_of(place), table.zones_of(place)

    where = place if "store" in by else site
    left, came, several = _ends_of_roads(flows, where, transit)
    inside = transit & ~several & (where[left] == where[came]) & (where[came] >= 0) & (left >= 0)
    inside &= "site" in by or "store" in by
    road = transit & ~inside
    zone_of = np.where(transit, zone_of[np.where(left >= 0, left, came)], zone_of)
    site, place = (np.where(transit, np.where(inside, of[came], -1), of) for of in (site, place))
    columns = {
        "site": site,
        "store": place,
        "owner": np.where(process, _owners(flows, start), node["owner"].astype(np.int64)),
        "material": _materials(flows),
    }
    part = np.select([transit, process], [WAY, PROCESS], HELD)
    state = np.where(road, 3, np.where("state" in by, np.select([transit, process], [3, 2], 1), 0))
    wanted = [columns[key] if key in by else np.full(kind.size, -1) for key in columns]
    keys, account = _numbered([one[CLOSING + 1 :] for one in (*wanted, state)], flows.names, table.sites)
    special = np.full(CLOSING + 1, -1, dtype=np.int64)
    return Layout(
        keys=keys,
        account=np.concatenate([special, account]),
        part=np.where(np.arange(kind.size) > CLOSING, part, -1),
        zone=np.where(np.arange(kind.size) > CLOSING, zone_of, -1),
        zones=tuple(table.zones),
        site=np.where(np.arange(kind.size) > CLOSING, site, -1),
        sites=tuple(table.sites),
        places={flows.names[one]: known[flows.names[one]] for one in np.unique(place[place >= 0]).tolist()},
    )


class _Table:
    """The sites and zones of places, numbered in order of first mention."""

    def __init__(self, known: Mapping[str, Place], names: tuple[str, ...], silent: str) -> None:
        self.sites = list(dict.fromkeys(one.site for one in known.values()))
        self.zones = list(dict.fromkeys([*(one.zone for one in known.values()), silent]))
        self._site = np.full(len(names) + 1, -1, dtype=np.int64)
        # Where nobody said the place, there is no midnight to go by but that of the policy, or of UTC.
        self._zone = np.full(len(names) + 1, self.zones.index(silent), dtype=np.int64)
        at = {name: number for number, name in enumerate(names)}
        for name, one in known.items():
            self._site[at[name]] = self.sites.index(one.site)
            self._zone[at[name]] = self.zones.index(one.zone)

    def sites_of(self, place: Codes) -> Codes:
        return self._site[place]

    def zones_of(self, place: Codes) -> Codes:
        return self._zone[place]


def _starts(flows: Flows) -> Codes:
    """(node,) the first node of the process or store that a node is of; of others the node itself."""
    flow, kind = flows.flows, flows.nodes["kind"]
    carried = (flow["kind"] == FLOW["stock"]) & (kind[flow["tail"]] == NODE["process"])
    before = np.arange(kind.size)
    before[flow["head"][carried]] = flow["tail"][carried]
    while True:
        further = before[before]
        if (further == before).all():
            return before
        before = further


def _ends_of_roads(flows: Flows, where: Codes, transit: NDArray[np.bool_]) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """(node,) thrice, of each transit: a node it left, -1 where there is none; a node it came to, itself while it is
    bound for a place; and whether either end is several places.

    Args:
        where: (node,) the code of the place of each node.
    """
    flow = flows.flows
    tail, head = flow["tail"].astype(np.int64), flow["head"].astype(np.int64)
    left = np.full(transit.size, -1, dtype=np.int64)
    came = np.where(transit, np.arange(transit.size), -1)
    several = np.zeros(transit.size, dtype=bool)
    for near, far, ends in ((head, tail, left), (tail, head, came)):
        of = np.flatnonzero(transit[near] & (far > CLOSING))
        ends[near[of]] = far[of]
        several[near[of[where[far[of]] != where[ends[near[of]]]]]] = True
    return left, came, several


def _owners(flows: Flows, start: Codes) -> Codes:
    """(node,) of each process whose metal went into it, from its first node to its last; -1 where that is several."""
    flow, node = flows.flows, flows.nodes
    owner = node["owner"].astype(np.int64)
    held = node["kind"] == NODE["holding"]
    into, out = flow["kind"] == FLOW["process_in"], flow["kind"] == FLOW["process_out"]
    found = np.full(node.rows, -2, dtype=np.int64)
    for moved, near, far in ((into, "head", "tail"), (out, "tail", "head")):
        # What came out says whose it is only where nothing is known to have gone in.
        rows = np.flatnonzero(moved & held[flow[far]])
        works = start[flow[near][rows]]
        rows, works = rows[found[works] == -2], works[found[works] == -2]
        least = np.full(node.rows, np.iinfo(np.int64).max)
        most = np.full(node.rows, -2, dtype=np.int64)
        np.minimum.at(least, works, owner[flow[far][rows]])
        np.maximum.at(most, works, owner[flow[far][rows]])
        found[works] = np.where(least == most, most, -1)[works]
    return np.where(found == -2, -1, found)[start]


def _materials(flows: Flows) -> Codes:
    """(node,) the material of the lot of each node; -1 where nobody said."""
    lots = flows.lots
    material = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    material[lots["lot"]] = lots["material"]
    found: Codes = material[flows.nodes["lot"]]
    return found


def _numbered(
    columns: Sequence[Codes], names: tuple[str, ...], sites: list[str]
) -> tuple[tuple[AccountKey, ...], Codes]:
    """The different rows of the columns as keys, in order of first mention, and which one each row is."""
    if not columns[0].size:
        return (), np.zeros(0, dtype=np.int64)
    folded = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        _, codes = np.unique(column, return_inverse=True)
        _, folded = np.unique(folded * (codes.max() + 1) + codes, return_inverse=True)
    _, first = np.unique(folded, return_index=True)
    order = np.argsort(first)
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    states: tuple[State, ...] = ("", "held", "in process", ROAD)

    def key(row: int) -> AccountKey:
        site, store, owner, material, state = (int(column[row]) for column in columns)
        texts = (None if one < 0 else names[one] for one in (store, owner, material))
        store_uri, owner_uri, material_uri = texts
        return AccountKey(None if site < 0 else sites[site], store_uri, owner_uri, material_uri, states[state])

    return tuple(key(int(one)) for one in first[order]), rank[folded]
