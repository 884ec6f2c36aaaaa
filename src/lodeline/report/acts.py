"""Acts: which single weighing or assay would make most figures of this report known, found by trying each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lodeline.metal import holdings as metal
from lodeline.metal.settle import rank
from lodeline.report.given import Act
from lodeline.report.lots import Origin, moisture
from lodeline.report.names import Names
from lodeline.units.figure import Figure
from lodeline.world.national import compare
from lodeline.world.statistics.edition import Table

if TYPE_CHECKING:
    from lodeline.metal.facts import Facts
    from lodeline.metal.holdings import Holding

RESTING_ON_MASS = ("share_of_origin_output", "share_of_imports", "share_of_consumption", "rival_points")
"""Figures of a national comparison that wait for the mass of the lots."""

Group = tuple[str, str]
"""An element and the country it is compared with: what masses are summed over."""


def acts(
    facts: Facts,
    names: Names,
    table: Table,
    *,
    origins: Mapping[str, Origin],
    home: str,
    rival: str,
) -> tuple[Act, ...]:
    """Measurements that would make most figures known; lots in the same state are tried once."""
    sums = _Sums(facts.holdings, origins)

    def figures_of(holding: Holding) -> dict[str, Figure]:
        figures = {"mass": metal.mass(holding)}
        water = moisture(holding)
        if water is not None:
            figures["moisture"] = water
        for element in holding.elements:
            figures[f"{element}/grade"] = metal.grade(holding, element)
            figures[f"{element}/mass"] = own = metal.element_mass(holding, element)
            origin = origins[holding.lot].compared
            of_all = sums.with_others(holding, element, origin, own)
            one = compare(table, element, of_all, basis="element", origin=origin, destination=home, rival=rival)
            if one is not None:
                figures[f"national/{element}/mass"] = of_all
                figures |= {f"national/{element}/{field}": getattr(one, field) for field in RESTING_ON_MASS}
        return figures

    return _ranked(facts, names, figures_of, sums, origins)


def _ranked(
    facts: Facts,
    names: Names,
    figures_of: Callable[[Holding], Mapping[str, Figure]],
    sums: _Sums,
    origins: Mapping[str, Origin],
) -> tuple[Act, ...]:
    alike: dict[tuple[object, ...], list[Holding]] = {}
    for holding in facts.holdings:
        alike.setdefault(_state(holding, origins[holding.lot].compared, sums), []).append(holding)
    first = {(group[0].lot, group[0].place): (group[0], len(group) - 1) for group in alike.values()}
    return tuple(
        Act(
            act=one.settle.act,
            lot=one.lot,
            label=names.label(first[one.lot, one.place][0].material) or one.lot,
            alone=len(one.makes_known),
            then=one.then.act if one.then else "",
            both=one.both_make_known,
            alike=first[one.lot, one.place][1],
        )
        for one in rank([group[0] for group in alike.values()], figures_of)
    )


class _Sums:
    """What the other holdings of an element and origin contain: a sum is known only where each of them is."""

    def __init__(self, holdings: tuple[Holding, ...], origins: Mapping[str, Origin]) -> None:
        self._parts: dict[Group, dict[tuple[str, str | None, str | None], Figure]] = {}
        for holding in holdings:
            for element in holding.elements:
                group = (element, origins[holding.lot].compared)
                self._parts.setdefault(group, {})[holding.key] = metal.element_mass(holding, element)
        self._unknown = {group: sum(not of.known for of in parts.values()) for group, parts in self._parts.items()}

    def others_known(self, holding: Holding, element: str, origin: str) -> bool:
        """Whether every other holding of the group has a known mass of the element."""
        group = (element, origin)
        own = self._parts[group][holding.key]
        return self._unknown[group] == (0 if own.known else 1)

    def with_others(self, holding: Holding, element: str, origin: str, own: Figure) -> Figure:
        """Stands for the sum over the group, with ``own`` as what this holding contains: known where that is."""
        if not self.others_known(holding, element, origin):
            return Figure(value=None, unit="KGM", standing="unknown")
        # Which figures become known is all that is asked here, and the sum is known exactly where ``own`` is: adding up
        # the others for every act of every holding would cost the square of a book.
        return own


def _state(holding: Holding, origin: str, sums: _Sums) -> tuple[object, ...]:
    """What decides which figures of a holding are known: two holdings of one state gain the same by the same act."""
    return (
        holding.elements,
        origin,
        holding.material,
        (holding.mass.kg is None, holding.mass.basis),
        tuple((one.species.symbol, one.fraction is None, one.basis, one.rank) for one in holding.assays),
        bool(holding.moistures),
        tuple(sums.others_known(holding, element, origin) for element in holding.elements),
    )
