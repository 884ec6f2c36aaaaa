"""Quantity: what is accounted for (an element, a declared group, or dry mass), and which flows are asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.chemistry.species import species
from lodeline.metal.asked import asked
from lodeline.metal.flows.words import BASIS, FLOW, NODE
from lodeline.metal.stations import stations
from lodeline.metal.weighed import weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.element import ElementMass
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.registered import Master

DRY = "dry"
"""The name of dry mass among elements and groups."""


class Quantity(NamedTuple):
    """What is accounted for.

    Attributes:
        name: Symbol, name of the group, or :data:`DRY`.
        mass: Of it, flow by flow.
        asked: (flow,) which flows hold it, or may; the others count as holding none, and the account says how many.
        silent: (flow,) declared losses of unknown content: what was in them is part of what is unaccounted.
    """

    name: str
    mass: ElementMass
    asked: NDArray[np.bool_]
    silent: NDArray[np.bool_]


def quantity(flows: Flows, name: str, *, master: Master, groups: Mapping[str, Sequence[str]]) -> Quantity:
    """What is accounted for.

    Args:
        name: Symbol of an element, name of a group, or ``dry``.
        groups: Members of declared groups, by name.

    Raises:
        InputError: ``chemistry.element_unknown``, ``chemistry.substance_unknown``, ``flows.group_empty``.
    """
    if name == DRY:
        mass = flows.dry()
        wanted = np.ones(flows.flows.rows, dtype=bool)
    else:
        members = groups.get(name)
        mass = flows.element(name) if members is None else flows.group(members)
        symbols = [name] if members is None else list(dict.fromkeys(species(one).symbol for one in members))
        counts, of = weighed(flows, mass), stations(flows, master)
        wanted = ~np.isnan(counts.kg)
        for symbol in symbols:
            wanted = wanted | asked(flows, of, counts, symbol)
    mass = _limited(flows, mass, _at_most(flows, name, groups))
    silent = (flows.flows["kind"] == FLOW["loss"]) & np.isnan(mass.kg)
    return Quantity(name, mass, wanted, silent)


def _at_most(flows: Flows, name: str, groups: Mapping[str, Sequence[str]]) -> NDArray[np.float64]:
    """(flow,) the most of it that a kilogram can have, kg/kg: all of it, or what is in a kilogram of its dry mass."""
    most = np.ones(flows.flows.rows)
    if name == DRY or name in groups:
        return most
    found = flows.composition.fraction(name)
    basis = flows.flows["mass_basis"]
    known = np.isin(basis, [BASIS["wet"], BASIS["dry"]]) & ((found.basis == basis) | (found.basis == BASIS["dry"]))
    said = np.where(np.isnan(found.value), found.high, found.value)
    limit: NDArray[np.float64] = np.where(known & ~np.isnan(said), np.minimum(said, most), most)
    return limit


def _limited(flows: Flows, mass: ElementMass, at_most: NDArray[np.float64]) -> ElementMass:
    """With limits wherever the content is unknown: no more than the flow weighs, and what that can have; and those of
    what leaves the state that it alone enters, by which alone all of it leaves."""
    flow, node = flows.flows, flows.nodes
    kg, unknown = flow["mass_kg"], np.isnan(mass.kg)
    most = np.where(np.isnan(kg), flow["mass_high_kg"], kg) * at_most
    high = np.where(unknown, np.fmin(mass.high_kg, most), mass.high_kg)
    passing = node["kind"] == NODE["holding"]
    for end in ("tail", "head"):
        passing &= np.bincount(flow[end], minlength=node.rows) == 1
    leaving = np.zeros(node.rows, dtype=np.int64)
    leaving[flow["tail"]] = np.arange(flow.rows)
    after, same = leaving[flow["head"]], unknown & passing[flow["head"]]
    known = ~np.isnan(mass.kg[after])
    low = np.where(same, np.fmax(mass.low_kg, np.where(known, mass.kg[after], mass.low_kg[after])), mass.low_kg)
    high = np.where(same, np.fmin(high, np.where(known, mass.kg[after], high[after])), high)
    return mass._replace(low_kg=low, high_kg=high)
