"""Readings: which rows of the measurements are observations, of what, in kilograms or kilograms per kilogram.

A copy is no second reading. A net weight that the ticket gives counts as it is; gross less tare stands in where it does
not. A declared mass is an observation only if a policy says how uncertain such declarations are, and if the same entry
weighed nothing. Below detection means anywhere from zero to the limit, all equally likely: its middle, with the width
over the square root of 12. Several that found nothing say no more than the one with the lowest limit: they look at the
same fraction, and the middle would become surer than anyone is. Source: JCGM 100:2008, 4.3.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.chemistry.species import species
from lodeline.metal.flows.words import BASIS, NO_TIME, QUANTITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.policy import Policy

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

WET, DRY = BASIS["wet"], BASIS["dry"]


class Readings(NamedTuple):
    """Observations of one kind, in order of their rows; (reading,) each.

    Attributes:
        row: Row of the measurement (of gross less tare, the gross).
        flow: The flow.
        value, u: kg of masses, kg per kg of moistures and fractions; u > 0.
        wet: Whether it is of the wet mass, or per wet mass.
        by: Index of the name of the scale or laboratory; -1 where nobody said.
        method: Index of the name of the method; -1 where nobody said.
        at: Instant, UTC microseconds; that of the node it left where only a limit is known.
        subject: Of fractions the index of the element in ``elements``; else -1.
    """

    row: Rows
    flow: Rows
    value: Array
    u: Array
    wet: NDArray[np.bool_]
    by: Rows
    method: Rows
    at: Rows
    subject: Rows


class Read(NamedTuple):
    """All observations of a book, and what was left out.

    Attributes:
        masses, moistures, fractions: The observations.
        without_u: Rows of measurements that have no uncertainty, and so no weight.
        without_basis: Rows of masses and fractions of which nobody said whether they include water.
        repeated: Rows of fractions below detection that another with a lower limit stands for.
    """

    masses: Readings
    moistures: Readings
    fractions: Readings
    without_u: Rows
    without_basis: Rows
    repeated: Rows


def read(flows: Flows, policy: Policy, elements: tuple[str, ...]) -> Read:
    """The observations of a book.

    Args:
        flows: Of the book.
        policy: Says how uncertain a declaration is, if it says so.
        elements: Symbols of the elements whose fractions are wanted.
    """
    measured = flows.measurements
    own = ~measured["inherited"].astype(bool)
    instant = measured["at"].astype(np.int64)
    node_at = flows.nodes["at"][flows.flows["tail"]].astype(np.int64)
    at = np.where(instant == NO_TIME, node_at[measured["flow"]] if measured.rows else instant, instant)

    def of(rows: Rows, value: Array, u: Array, by: str, subject: Rows | None = None) -> Readings:
        return Readings(
            row=rows,
            flow=measured["flow"][rows].astype(np.int64),
            value=value,
            u=u,
            wet=np.asarray(measured["basis"][rows] == WET),
            by=measured[by][rows].astype(np.int64),
            method=measured["method"][rows].astype(np.int64),
            at=at[rows],
            subject=np.full(rows.size, -1, dtype=np.int64) if subject is None else subject,
        )

    quantity, value, u = measured["quantity"], measured["value"], measured["u"]
    rows, kg, kg_u = _masses(flows, policy, own)
    masses = of(rows, kg, kg_u, "device")
    rows = np.flatnonzero(own & (quantity == QUANTITY["moisture"]) & np.isfinite(value))
    moistures = of(rows, value[rows], u[rows], "laboratory")
    rows, part, part_u, subject = _fractions(flows, own, elements)
    fractions = of(rows, part, part_u, "laboratory", subject)
    said = np.isin(measured["basis"], [WET, DRY])
    kept, unsure, unsaid = [], [], []
    for one in (masses, moistures, fractions):
        based, sure = said[one.row], np.isfinite(one.u) & (one.u > 0)
        unsaid.append(one.row[~based])
        unsure.append(one.row[based & ~sure])
        kept.append(_those(one, based & sure))
    none = np.zeros(0, dtype=np.int64)
    return Read(kept[0], kept[1], kept[2], np.concatenate(unsure), np.concatenate(unsaid), none)


def told_once(of: Read, value: Array, composition: Rows) -> Read:
    """The same with one fraction below detection for each element of a composition: the one with the lowest limit.

    Args:
        value: (measurement,) as recorded; NaN below detection.
        composition: (flow,) which composition each flow has.
    """
    fractions = of.fractions
    below = np.flatnonzero(np.isnan(value[fractions.row]))
    order = below[np.argsort(fractions.u[below], kind="stable")]
    keys = np.stack([composition[fractions.flow[order]], fractions.subject[order]], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    repeated = np.setdiff1d(order, order[first])
    kept = np.ones(fractions.row.size, dtype=bool)
    kept[repeated] = False
    return of._replace(fractions=_those(fractions, kept), repeated=fractions.row[repeated])


def _those(of: Readings, chosen: NDArray[np.bool_]) -> Readings:
    return Readings(
        row=of.row[chosen],
        flow=of.flow[chosen],
        value=of.value[chosen],
        u=of.u[chosen],
        wet=of.wet[chosen],
        by=of.by[chosen],
        method=of.method[chosen],
        at=of.at[chosen],
        subject=of.subject[chosen],
    )


def _masses(flows: Flows, policy: Policy, own: NDArray[np.bool_]) -> tuple[Rows, Array, Array]:
    """Rows of net masses, or of gross ones with a tare, or of declared ones; their kg, and their u."""
    measured = flows.measurements
    quantity, value, u = measured["quantity"], measured["value"], measured["u"]
    ticket = (measured["flow"].astype(np.int64) << 40) + measured["seq"].astype(np.int64)
    found = {word: np.flatnonzero(own & (quantity == QUANTITY[word]) & np.isfinite(value)) for word in _WORDS}
    net, gross, tare, declared = (found[word] for word in _WORDS)
    gross = gross[~np.isin(ticket[gross], ticket[net])]
    _, of_gross, of_tare = np.intersect1d(ticket[gross], ticket[tare], return_indices=True)
    gross, tare = gross[of_gross], tare[of_tare]
    rows, kg = [net, gross], [value[net], value[gross] - value[tare]]
    kg_u = [u[net], np.hypot(u[gross], u[tare])]
    supposed = policy.uncertainty.declared
    if supposed is not None:
        declared = declared[~np.isin(ticket[declared], ticket[np.concatenate([net, gross])])]
        relative, absolute = (float(one or 0) for one in (supposed.relative, supposed.absolute))
        rows.append(declared)
        kg.append(value[declared])
        kg_u.append(np.hypot(relative * value[declared], absolute))
    return np.concatenate(rows), np.concatenate(kg), np.concatenate(kg_u)


_WORDS = ("net", "gross", "tare", "declared")


def _fractions(flows: Flows, own: NDArray[np.bool_], elements: tuple[str, ...]) -> tuple[Rows, Array, Array, Rows]:
    """Rows of fractions of the elements; kg of the element per kg, its u, and which element."""
    measured = flows.measurements
    subject_of = np.full(len(flows.names) + 1, -1, dtype=np.int64)
    factor_of = np.full(len(flows.names) + 1, np.nan)
    of_fraction = measured["quantity"] == QUANTITY["fraction"]
    for code in np.unique(measured["species"][of_fraction]).tolist():
        known = species(flows.names[code])
        if known.symbol in elements:
            subject_of[code], factor_of[code] = elements.index(known.symbol), float(known.element_factor)
    subject, factor = subject_of[measured["species"]], factor_of[measured["species"]]
    rows = np.flatnonzero(own & of_fraction & (subject >= 0))
    value, u = measured["value"][rows], measured["u"][rows]
    low, high = np.nan_to_num(measured["low"][rows]), measured["high"][rows]
    below = np.isnan(value) & np.isfinite(high)
    value = np.where(below, (low + high) / 2, value) * factor[rows]
    u = np.where(below, (high - low) / np.sqrt(12.0), u) * factor[rows]
    known = np.isfinite(value)
    return rows[known], value[known], u[known], subject[rows[known]]
