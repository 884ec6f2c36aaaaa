"""From flows to a problem: what of a book is unknown, what was read of it, and what must balance.

Unknowns are, for each stream, its dry mass D; for each composition the fraction g of each element in dry mass; for each
water the moisture w; the wet mass W that was weighed; the element mass m of a stream whose composition nobody assayed
and no other mass shares; and the bias b of each instrument between two calibrations.

    weighing, wet:   W (1 + b)          with  D = W - W w
    weighing, dry:   D (1 + b)
    moisture:        w (1 + b)
    assay, dry:      g (1 + b);  wet:  a (1 + b)  with  a = g - g w
    node:            sum of D in = sum of D out
    node, element:   sum of D g (or m) in = sum out, wherever compositions meet
    road:            what is lost of D, and of the water, as far as a policy supposes it
    limits:          D, m >= 0;  0 <= g, w <= 1;  sum of g <= 1;  sum of D g (or m) <= D

Two kinds of flows are no things that have a mass, and may be below zero. What is lost on a road is the difference of
two masses: a limit there would turn the noise of every road into a loss. And what a process fed with its own output
holds between two of its events is no stock, since it gives in one event what it takes in over several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.metal.flows.words import CLOSING, FLOW
from lodeline.metal.reconciliation.biases import WATER, Biases
from lodeline.metal.reconciliation.building import Building
from lodeline.metal.reconciliation.readings import Read, Readings, read, told_once
from lodeline.metal.reconciliation.roads import Roads
from lodeline.metal.reconciliation.sizes import Sizes, sizes
from lodeline.metal.reconciliation.streams import Streams, streams
from lodeline.metal.reconciliation.unassayed import shared_grades

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.instruments import Instruments
    from lodeline.metal.policy import Policy
    from lodeline.metal.reconciliation.model import Model

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]


class LedgerModel(NamedTuple):
    """A book as a problem, and where everything of it stands in it.

    Attributes:
        model: The problem.
        elements: Symbols, in the order of the second axis of ``grade`` and ``metal``.
        streams: Which unknowns each flow has.
        dry: (mass,) variable of each dry mass.
        grade: (composition, element) variable of each fraction in dry mass; -1 where nobody assayed it, unless several
            masses share it and balances tell it.
        assayed: (composition, element) whether anybody did.
        metal: (mass, element) variable of the element's mass where it has no grade; -1 where it has one, or where no
            balance asks for it.
        moisture: (water,) variable of each moisture; -1 where nothing needs it.
        balance: (balance,) constraint of each node of ``streams.nodes``.
        metal_balance: (metal balance, 3) node, element and constraint.
        whole: (composition with a ceiling, 2) the composition of a sum of grades and its ceiling.
        content: (mass with a ceiling, 2) the dry mass of a sum of elements and its ceiling.
        read: The readings. mass_row, moisture_row, fraction_row: the observation of each.
        losses: (road, 2) transit_loss flow and the observation that supposes it.
        biases: The biases.
    """

    model: Model
    elements: tuple[str, ...]
    streams: Streams
    dry: Rows
    grade: Rows
    assayed: NDArray[np.bool_]
    metal: Rows
    moisture: Rows
    balance: Rows
    metal_balance: Rows
    whole: Rows
    content: Rows
    read: Read
    mass_row: Rows
    moisture_row: Rows
    fraction_row: Rows
    losses: Rows
    biases: Biases


def ledger_model(flows: Flows, instruments: Instruments, policy: Policy, elements: tuple[str, ...]) -> LedgerModel:
    """Write a book as a problem.

    Args:
        flows: Of the book.
        instruments: Priors of biases, from its master data.
        policy: In force.
        elements: Symbols of the elements that are reconciled together with the dry mass.
    """
    found = streams(flows)
    readings = told_once(read(flows, policy, elements), flows.measurements["value"], found.composition)
    size = sizes(flows, found, readings, len(elements), policy)
    assayed = np.isfinite(size.grade)
    size = size.beginning(shared_grades(flows, found, size.dry_kg, size.grade))
    building = Building()
    biases = Biases(building, instruments, policy, flows.names)
    dry = building.variable(size.dry_kg, size.dry_scale_kg, lower=_least(flows, found))
    moisture = _moistures(found, readings, size, building)
    grade, metal = _compositions(flows, found, size, building)
    mass_row = _weighings(found, readings.masses, size, dry, moisture, building, biases)
    moisture_row = building.observation(readings.moistures.value, readings.moistures.u)
    of = moisture[found.water[readings.moistures.flow]]
    building.measures(moisture_row, 1.0, of)
    biases.apply(readings.moistures._replace(subject=np.zeros_like(of)), moisture_row, of, (WATER,))
    fraction_row = _assays(found, readings.fractions, grade, moisture, size, building, biases, elements)
    roads = Roads.of(flows, found)
    roads.drying(moisture, size, policy, building)
    losses = roads.losses(dry, size, policy, building)
    balance = _dry_balances(flows, found, dry, building)
    metal_balance = _metal_balances(flows, found, dry, grade, metal, building)
    whole, content = _ceilings(found, dry, grade, metal, building)
    return LedgerModel(
        model=building.model(_products(found, dry, grade)),
        elements=elements,
        streams=found,
        dry=dry,
        grade=grade,
        assayed=assayed,
        metal=metal,
        moisture=moisture,
        balance=balance,
        metal_balance=metal_balance,
        whole=whole,
        content=content,
        read=readings,
        mass_row=mass_row,
        moisture_row=moisture_row,
        fraction_row=fraction_row,
        losses=losses,
        biases=biases,
    )


def _least(flows: Flows, of: Streams) -> Array:
    """(mass,) the least that each dry mass can be, kg: nothing, where any of its flows is of a thing."""
    flow = flows.flows
    kind, stored = flow["kind"], flow["label"] == flows.index("store")
    store = np.zeros(flows.nodes.rows, dtype=bool)
    store[flow["head"][stored & (kind == FLOW["process_in"])]] = True
    store[flow["tail"][stored & (kind == FLOW["process_out"])]] = True
    between = (kind == FLOW["stock"]) & (flow["lot"] < 0) & ~store[flow["tail"]]
    least = np.full(of.masses, -np.inf)
    least[of.mass[(kind != FLOW["transit_loss"]) & ~between]] = 0.0
    return least


def _moistures(of: Streams, readings: Read, size: Sizes, building: Building) -> Rows:
    """(water,) the variable of each moisture that a reading needs; -1 of others."""
    needed = np.zeros(of.waters, dtype=bool)
    for one in (readings.masses, readings.fractions):
        needed[of.water[one.flow[one.wet]]] = True
    needed[of.water[readings.moistures.flow]] = True
    variable = np.full(of.waters, -1, dtype=np.int64)
    at = np.flatnonzero(needed)
    variable[at] = building.variable(size.moisture[at], np.full(at.size, size.moisture_scale), lower=0.0, upper=1.0)
    return variable


def _compositions(flows: Flows, of: Streams, size: Sizes, building: Building) -> tuple[Rows, Rows]:
    """(composition, element) and (mass, element): grades where assayed, masses of the element where a balance asks."""
    grade = np.full(size.grade.shape, -1, dtype=np.int64)
    at = np.nonzero(np.isfinite(size.grade))
    grade[at] = building.variable(size.grade[at], size.grade_scale[at], lower=0.0, upper=1.0)
    metal = np.full((of.masses, size.grade.shape[1]), -1, dtype=np.int64)
    asked = _asked(flows, of, np.isfinite(size.grade))
    kg = _metal_sizes(flows, of, size)
    at = np.nonzero(asked)
    metal[at] = building.variable(np.zeros(at[0].size), kg[at], lower=0.0)
    return grade, metal


def _meeting(flows: Flows, of: Streams) -> Rows:
    """(flow end, 4) every end of a flow at a node where compositions meet: node, sign, mass and composition."""
    flow = flows.flows
    balanced = np.zeros(flows.nodes.rows, dtype=bool)
    balanced[of.nodes] = True
    ends = []
    for column, sign in (("head", 1), ("tail", -1)):
        at = np.flatnonzero(balanced[flow[column]])
        node = flow[column][at].astype(np.int64)
        ends.append(np.stack([node, np.full(at.size, sign), of.mass[at], of.composition[at]], axis=1))
    found = np.concatenate(ends)
    least = np.full(flows.nodes.rows, of.compositions)
    most = np.full(flows.nodes.rows, -1)
    np.minimum.at(least, found[:, 0], found[:, 3])
    np.maximum.at(most, found[:, 0], found[:, 3])
    found = found[(least != most)[found[:, 0]]]
    return np.asarray(found[np.lexsort((found[:, 2], found[:, 1], found[:, 0]))])


def _asked(flows: Flows, of: Streams, assayed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(mass, element) where a balance needs the mass of an element in a stream whose composition has no assay of it.

    A node counts for an element if anything at it is assayed for it, or anything at a node that it is joined to by
    streams without an assay: the states of a heap from which ore was laid down and reclaimed.
    """
    ends = _meeting(flows, of)
    asked = np.zeros((of.masses, assayed.shape[1]), dtype=bool)
    node, mass, composition = ends[:, 0], ends[:, 2], ends[:, 3]
    for element in range(assayed.shape[1]):
        has = assayed[composition, element]
        live = np.zeros(flows.nodes.rows, dtype=bool)
        live[node[has]] = True
        silent = ~has
        while True:
            touched = np.zeros(of.masses, dtype=bool)
            touched[mass[silent & live[node]]] = True
            reached = live.copy()
            reached[node[silent & touched[mass]]] = True
            if (reached == live).all():
                break
            live = reached
        asked[touched, element] = True
    return asked


def _metal_sizes(flows: Flows, of: Streams, size: Sizes) -> Array:
    """(mass, element) the largest mass of each element that meets a stream, kg: as far as a balance may move it."""
    flow = flows.flows
    own = size.dry_scale_kg[of.mass][:, None] * np.nan_to_num(size.grade[of.composition])  # (flow, element)
    kg = np.zeros((of.masses, own.shape[1]))
    np.maximum.at(kg, of.mass, own)
    for _ in range(HOPS):
        at_node = np.zeros((flows.nodes.rows, own.shape[1]))
        for column in ("head", "tail"):
            np.maximum.at(at_node, flow[column], kg[of.mass])
        at_node[: CLOSING + 1] = 0.0
        for column in ("head", "tail"):
            np.maximum.at(kg, of.mass, at_node[flow[column]])
    usual = size.dry_scale_kg[:, None] * size.typical_grade[None, :]
    return np.where(kg > 0, kg, usual)


HOPS = 3
"""How many nodes away the size of an element's mass is looked for."""


def _weighings(
    of: Streams, masses: Readings, size: Sizes, dry: Rows, moisture: Rows, building: Building, biases: Biases
) -> Rows:
    """The observations of masses; wet ones are of a wet mass of their own, one for each stream and water."""
    mass, water = of.mass[masses.flow], of.water[masses.flow]
    wet = np.flatnonzero(masses.wet)
    pair, which = np.unique(np.stack([mass[wet], water[wet]], axis=1), axis=0, return_inverse=True)
    kg = np.zeros(pair.shape[0])
    kg[which.ravel()] = masses.value[wet]
    of_wet = building.variable(kg, np.maximum(np.abs(kg), size.least_kg))
    rows = building.constraint(np.zeros(pair.shape[0]))
    building.balances(rows, 1.0, dry[pair[:, 0]])
    building.balances(rows, -1.0, of_wet)
    building.balances(rows, 1.0, of_wet, moisture[pair[:, 1]])
    variable = dry[mass].copy()
    variable[wet] = of_wet[which.ravel()]
    observed = building.observation(masses.value, masses.u)
    building.measures(observed, 1.0, variable)
    biases.apply(masses, observed, variable)
    return observed


def _assays(
    of: Streams,
    fractions: Readings,
    grade: Rows,
    moisture: Rows,
    size: Sizes,
    building: Building,
    biases: Biases,
    elements: tuple[str, ...],
) -> Rows:
    """The observations of fractions."""
    variable = grade[of.composition[fractions.flow], fractions.subject]
    wet = np.flatnonzero(fractions.wet)
    pair = np.stack([variable[wet], moisture[of.water[fractions.flow[wet]]]], axis=1)
    pair, which = np.unique(pair, axis=0, return_inverse=True)
    part = np.zeros(pair.shape[0])
    part[which.ravel()] = fractions.value[wet]
    as_received = building.variable(part, np.maximum(part, size.least_grade))
    rows = building.constraint(np.zeros(pair.shape[0]))
    building.balances(rows, 1.0, as_received)
    building.balances(rows, -1.0, pair[:, 0])
    building.balances(rows, 1.0, pair[:, 0], pair[:, 1])
    variable = variable.copy()
    variable[wet] = as_received[which.ravel()]
    observed = building.observation(fractions.value, fractions.u)
    building.measures(observed, 1.0, variable)
    biases.apply(fractions, observed, variable, elements)
    return observed


def _products(of: Streams, dry: Rows, grade: Rows) -> Rows:
    """(pair, 2) the dry mass and the grade of each flow's content, whose covariance its uncertainty needs."""
    mass = np.broadcast_to(dry[of.mass][:, None], (of.mass.size, grade.shape[1]))
    pairs = np.stack([mass, grade[of.composition]], axis=-1).reshape(-1, 2)
    return np.unique(pairs[pairs[:, 1] >= 0], axis=0)


def _ceilings(of: Streams, dry: Rows, grade: Rows, metal: Rows, building: Building) -> tuple[Rows, Rows]:
    """(n, 2) twice: the compositions and the dry masses that can hold too much, each with its ceiling.

    The grades of a composition sum to at most one; where a stream has masses of elements of its own, they and what it
    has by grades come to at most its dry mass.
    """
    # The only fraction of a composition has its own limit.
    composition, element = np.nonzero((grade >= 0) & ((grade >= 0).sum(axis=1) > 1)[:, None])
    several, row = np.unique(composition, return_inverse=True)
    first = building.at_most(np.ones(several.size))
    building.sums(first[row], 1.0, grade[composition, element])
    mass, own = np.nonzero(metal >= 0)
    loaded, row = np.unique(mass, return_inverse=True)
    second = building.at_most(np.zeros(loaded.size))
    building.sums(second, -1.0, dry[loaded])
    building.sums(second[row], 1.0, metal[mass, own])
    of_load = of.composition[of.mass_of_first[loaded]]
    row, element = np.nonzero(grade[of_load] >= 0)
    building.sums(second[row], 1.0, dry[loaded[row]], grade[of_load[row], element])
    return np.stack([several, first], axis=1), np.stack([loaded, second], axis=1)


def _dry_balances(flows: Flows, of: Streams, dry: Rows, building: Building) -> Rows:
    """(balance,) the constraint of each node."""
    flow = flows.flows
    at = np.full(flows.nodes.rows, -1, dtype=np.int64)
    rows = at[of.nodes] = building.constraint(np.zeros(of.nodes.size))
    for column, sign in (("head", 1.0), ("tail", -1.0)):
        ends = np.flatnonzero(at[flow[column]] >= 0)
        building.balances(at[flow[column][ends]], sign, dry[of.mass[ends]])
    return rows


def _metal_balances(flows: Flows, of: Streams, dry: Rows, grade: Rows, metal: Rows, building: Building) -> Rows:
    """(metal balance, 3) the node, the element and the constraint of each balance of an element."""
    ends = _meeting(flows, of)
    found = []
    for element in range(grade.shape[1]):
        by_grade = grade[ends[:, 3], element]
        by_mass = metal[ends[:, 2], element]
        silent = np.zeros(flows.nodes.rows, dtype=bool)
        silent[ends[(by_grade < 0) & (by_mass < 0), 0]] = True
        used = ~silent[ends[:, 0]]
        nodes = np.unique(ends[used, 0])
        at = np.full(flows.nodes.rows, -1, dtype=np.int64)
        rows = at[nodes] = building.constraint(np.zeros(nodes.size))
        assayed = used & (by_grade >= 0)
        building.balances(
            at[ends[assayed, 0]], ends[assayed, 1].astype(float), dry[ends[assayed, 2]], by_grade[assayed]
        )
        rest = used & (by_grade < 0)
        building.balances(at[ends[rest, 0]], ends[rest, 1].astype(float), by_mass[rest])
        found.append(np.stack([nodes, np.full(nodes.size, element), rows], axis=1))
    return np.concatenate(found) if found else np.zeros((0, 3), dtype=np.int64)
