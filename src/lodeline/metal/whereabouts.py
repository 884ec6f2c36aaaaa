"""Where every lot is: an index of holdings, of consignments on the road and of containers, none of them searched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from lodeline.metal.flows.words import NO_NAME
from lodeline.metal.live import Held, Transit

Packed = Held | Transit
Key = TypeVar("Key")


class Spread:
    """The holdings of one lot that is held in several: by place, loose by owner, packed by container and owner."""

    __slots__ = ("loose", "packed")

    def __init__(self) -> None:
        self.loose: dict[int, dict[int, Held]] = {}
        self.packed: dict[int, dict[tuple[int, int], Held]] = {}

    def __iter__(self) -> Iterator[Held]:
        for by_owner in self.loose.values():
            yield from by_owner.values()
        for by_container in self.packed.values():
            yield from by_container.values()

    def add(self, held: Held) -> None:
        if held.container == NO_NAME:
            self.loose.setdefault(held.place, {})[held.owner] = held
        else:
            self.packed.setdefault(held.place, {})[held.container, held.owner] = held

    def drop(self, held: Held) -> None:
        if held.container == NO_NAME:
            _drop(self.loose, held.place, held.owner)
        else:
            _drop(self.packed, held.place, (held.container, held.owner))


class Whereabouts:
    """All that is live.

    Attributes:
        alive: By lot, how many holdings and open consignments it has; a lot that was never held is not in it.
        parents: The container that a container is in.
    """

    def __init__(self) -> None:
        self._rest: dict[int, Held | Spread] = {}
        self._contents: dict[int, dict[int, Packed]] = {}
        self._inner: dict[int, dict[int, None]] = {}
        self._open: dict[tuple[int, int, bool], dict[int, Transit]] = {}
        self._last: dict[tuple[int, int, bool], Transit] = {}
        self.roads: dict[int, list[Transit]] = {}
        self.parents: dict[int, int] = {}
        self.alive: dict[int, int] = {}
        self.arrivals = 0

    # Holdings

    def add(self, held: Held) -> None:
        """A holding begins."""
        self.alive[held.lot] = self.alive.get(held.lot, 0) + 1
        self._place(held)

    def drop(self, held: Held) -> None:
        """A holding ends."""
        self.alive[held.lot] -= 1
        self._unplace(held)

    def moved(self, held: Held, *, container: int) -> None:
        """A holding goes into a container, or out of all."""
        self._unplace(held)
        held.container = container
        self._place(held)

    def at(self, lot: int, place: int, owner: int, container: int) -> Held | None:
        """The holding with this key."""
        found = self._rest.get(lot)
        if isinstance(found, Held):
            same = (found.place, found.owner, found.container) == (place, owner, container)
            return found if same else None
        if found is None:
            return None
        if container == NO_NAME:
            return found.loose.get(place, {}).get(owner)
        return found.packed.get(place, {}).get((container, owner))

    def held(self, lot: int, place: int | None = None) -> list[Held]:
        """The holdings of a lot, at a place if one is given, loose ones first."""
        found = self._rest.get(lot)
        if found is None:
            return []
        if isinstance(found, Held):
            return [found] if place is None or found.place == place else []
        if place is None:
            return list(found)
        return [*found.loose.get(place, {}).values(), *found.packed.get(place, {}).values()]

    def everything(self) -> Iterator[Held]:
        """Every holding, lot by lot."""
        for found in self._rest.values():
            yield from [found] if isinstance(found, Held) else found

    def _place(self, held: Held) -> None:
        before = self._rest.get(held.lot)
        if before is None:
            self._rest[held.lot] = held
        else:
            if isinstance(before, Held):
                spread = self._rest[held.lot] = Spread()
                spread.add(before)
                before = spread
            before.add(held)
        self.packs(held)

    def _unplace(self, held: Held) -> None:
        found = self._rest[held.lot]
        if isinstance(found, Held):
            del self._rest[held.lot]
        else:
            found.drop(held)
            if not found.loose and not found.packed:
                del self._rest[held.lot]
        self.unpacks(held)

    # Containers

    def packs(self, one: Packed) -> None:
        """Something that has a container is found in it."""
        if one.container != NO_NAME:
            self._contents.setdefault(one.container, {})[id(one)] = one

    def unpacks(self, one: Packed) -> None:
        """And no longer."""
        if one.container != NO_NAME:
            self._contents[one.container].pop(id(one), None)

    def is_container(self, name: int) -> bool:
        """Whether anything was ever packed in it."""
        return name in self._contents or name in self._inner

    def nest(self, inner: int, outer: int) -> bool:
        """A container goes into another; False if that one is in it."""
        up: int | None = outer
        while up is not None:
            if up == inner:
                return False
            up = self.parents.get(up)
        self.unnest(inner)
        self.parents[inner] = outer
        self._inner.setdefault(outer, {})[inner] = None
        self._contents.setdefault(inner, {})
        self._contents.setdefault(outer, {})
        return True

    def unnest(self, inner: int) -> None:
        """A container comes out of the one it is in."""
        outer = self.parents.pop(inner, None)
        if outer is not None:
            del self._inner[outer][inner]

    def inner(self, container: int) -> list[int]:
        """The containers directly in it."""
        return list(self._inner.get(container, ()))

    def contents(self, container: int) -> list[Packed]:
        """Everything in a container, and in the containers in it, in order of when it came into its state."""
        found: list[Packed] = []
        waiting = [container]
        while waiting:
            one = waiting.pop()
            found += self._contents.get(one, {}).values()
            waiting += self.inner(one)
        return sorted(found, key=lambda one: one.flow)

    # Roads

    def leaves(self, transit: Transit) -> None:
        """A consignment is on the road."""
        self.alive[transit.lot] = self.alive.get(transit.lot, 0) + 1
        self.roads.setdefault(transit.lot, []).append(transit)
        for key in self._keys(transit):
            self._open.setdefault(key, {})[id(transit)] = transit
        self.packs(transit)

    def arrives(self, transit: Transit) -> None:
        """It has arrived, as far as anyone says."""
        self.alive[transit.lot] -= 1
        transit.order = self.arrivals
        self.arrivals += 1
        for key in self._keys(transit):
            waiting = self._open[key]
            del waiting[id(transit)]
            if not waiting:
                del self._open[key]
            self._last[key] = transit
        self._last[transit.lot, transit.at, False] = transit
        self.unpacks(transit)

    def on_road(self, lot: int, *, paper: int | None = None, bound_for: int = NO_NAME) -> list[Transit]:
        """Open consignments of a lot under a paper, or bound for a place."""
        key = (lot, bound_for, False) if paper is None else (lot, paper, True)
        return list(self._open.get(key, {}).values())

    def arrived(self, lot: int, *, paper: int | None = None, place: int = NO_NAME) -> Transit | None:
        """The last consignment of a lot that arrived under a paper, or at a place."""
        return self._last.get((lot, place, False) if paper is None else (lot, paper, True))

    def remember(self, transit: Transit, papers: tuple[int, ...]) -> None:
        """It arrived under these papers too."""
        for paper in papers:
            self._last[transit.lot, paper, True] = transit

    def forget(self, lot: int) -> list[Transit]:
        """Nothing of a lot is left: what is known of its roads is of no more use."""
        gone = self.roads.pop(lot, [])
        for transit in gone:
            for key in (*self._keys(transit), (lot, transit.at, False)):
                self._last.pop(key, None)
        return gone

    def containers(self) -> list[int]:
        """Whatever anything was ever packed in."""
        return [*self._contents]

    def restore_all(
        self, held: list[Held], roads: list[Transit], parents: dict[int, int], containers: list[int]
    ) -> None:
        """Everything of books that were put away, in the order in which it was."""
        self._contents = {container: {} for container in containers}
        for one in held:
            self.add(one)
        for transit in roads:
            if transit.order < 0:
                self.leaves(transit)
            else:
                self.roads.setdefault(transit.lot, []).append(transit)
        for transit in sorted((one for one in roads if one.order >= 0), key=lambda one: one.order):
            for key in (*self._keys(transit), (transit.lot, transit.at, False)):
                self._last[key] = transit
        for inner, outer in parents.items():
            self.parents[inner] = outer
            self._inner.setdefault(outer, {})[inner] = None

    def _keys(self, transit: Transit) -> list[tuple[int, int, bool]]:
        papers = [(transit.lot, paper, True) for paper in transit.papers]
        return [*papers, (transit.lot, transit.bound_for, False)]


def _drop(nested: dict[int, dict[Key, Held]], place: int, key: Key) -> None:
    del nested[place][key]
    if not nested[place]:
        del nested[place]
