"""The linear program behind joint claims: least kilograms to withdraw so that all that is claimed can be so.

    minimise   sum(withdrawn[i])
    where      what an arc holds of all kinds is at most its mass,
               no more of a kind leaves a node than enters it, and
               what the arcs of claim i hold of the kinds that help it, and withdrawn[i], are what it needs

That is weaker than that every kind conserves and every arc is full, and has the same optimum: masses close, so what is
not needed can be routed on, and it never hinders. Nothing has to be routed that no claim needs, so it is solved sooner.

Source: multicommodity flows; Ahuja, Magnanti & Orlin (1993), Network Flows, chapter 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodeline.origin.claims import Claim, Commodities, commodities, held_mg
from lodeline.origin.graph import OUTSIDE
from lodeline.origin.upstream import Upstream, upstream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lodeline.origin.graph import MassGraph, Origin, Rows

LARGEST = 1e6
"""Masses are given to the solver in a unit in which none is larger: it holds 1e-7 of that unit, whatever the unit."""


class Program(NamedTuple):
    """A linear program, and what its rows and columns mean.

    Columns are first what is withdrawn of each claim, then what arcs hold of each kind but the first. Rows are first
    the claims, then nodes by kinds with kinds running faster, then arcs that may hold several kinds.

    Attributes:
        upstream, origins, kinds, claims: What it was made of; of the origins those that metal upstream comes from, and
            the upstream's arcs name places among these.
        needs_mg: (claim,) what each needs.
        arc, kind: (column,) of each column after the first ``len(claims)``.
        unit_mg: Milligrams in the unit of the solver.
        row, column, value: Entries of the matrix.
        least, most: (column,) bounds, milligrams; row_least, row_most: (row,) likewise. None where there is none.
    """

    upstream: Upstream
    origins: tuple[Origin, ...]
    kinds: Commodities
    claims: tuple[Claim, ...]
    needs_mg: tuple[int, ...]
    arc: Rows
    kind: Rows
    unit_mg: int
    row: Rows
    column: Rows
    value: Rows
    least: list[int | None]
    most: list[int | None]
    row_least: list[int | None]
    row_most: list[int | None]

    @property
    def named(self) -> int:
        """How many kinds of metal help some claim."""
        return len(self.kinds.helps) - 1


def allowed(up: Upstream, kinds: Commodities) -> NDArray[np.bool_]:
    """(arc, kind) what an arc may hold: anything, but where it comes from an origin."""
    whole = np.ones((up.mg.size, kinds.allowed.shape[1]), dtype=np.bool_)
    source = up.origin >= 0
    whole[source] = kinds.allowed[up.origin[source]]
    return whole


def program(graph: MassGraph, claims: Sequence[Claim]) -> Program:
    """The program of these claims on what lies upstream of them."""
    up = upstream(graph, (arc for claim in claims for arc in claim.arcs))
    used = np.unique(up.origin[up.origin >= 0])
    up = up._replace(origin=np.where(up.origin >= 0, np.searchsorted(used, up.origin), -1))
    origins = tuple(graph.origins[one] for one in used)
    needs = tuple(claim.needs_mg(held_mg(graph, claim.arcs)) for claim in claims)
    return _assembled(up, origins, commodities(origins, claims), tuple(claims), needs)


def piece(made: Program, nodes: NDArray[np.bool_], claims: Sequence[int]) -> Program:
    """The part of a program around some nodes, into which anything may come from the others.

    That asks for less than the whole, so that what contradicts here contradicts there.

    Args:
        nodes: (node,) which to keep. claims: which to keep, ascending.
    """
    up, kept = made.upstream, tuple(made.claims[one] for one in claims)
    inside = np.append(nodes, False)  # the last is OUTSIDE
    wanted = inside[up.head]
    for claim in kept:
        wanted[up.place(claim.arcs)] = True
    arcs = np.flatnonzero(wanted)
    place = np.full(inside.size, OUTSIDE, dtype=np.int64)
    place[np.flatnonzero(nodes)] = np.arange(int(nodes.sum()))
    part = Upstream(
        nodes=up.nodes[nodes],
        tail=place[up.tail[arcs]],
        head=place[up.head[arcs]],
        mg=up.mg[arcs],
        row=up.row[arcs],
        origin=up.origin[arcs],
    )
    kinds = Commodities(made.kinds.helps[:, list(claims)], made.kinds.allowed)
    return _assembled(part, made.origins, kinds, kept, tuple(made.needs_mg[one] for one in claims))


def _assembled(
    up: Upstream, origins: tuple[Origin, ...], kinds: Commodities, claims: tuple[Claim, ...], needs: tuple[int, ...]
) -> Program:
    may = allowed(up, kinds)[:, 1:]
    arc, kind = np.nonzero(may)
    kind += 1
    full = np.flatnonzero(may.sum(axis=1) > 1)
    count, size, mass = len(claims), up.nodes.size * may.shape[1], up.mg.tolist()
    row, column, value = _entries(up, kinds, claims, (arc, kind), full)
    return Program(
        upstream=up,
        origins=origins,
        kinds=kinds,
        claims=claims,
        needs_mg=needs,
        arc=arc,
        kind=kind,
        unit_mg=max(1, *(-(-abs(mg) // int(LARGEST)) for mg in (*needs, int(up.mg.max())))),
        row=row,
        column=column,
        value=value,
        least=[0] * (count + arc.size),
        most=[*[None] * count, *(mass[one] for one in arc.tolist())],
        row_least=[*needs, *[0] * size, *[None] * full.size],
        row_most=[*[None] * (count + size), *(mass[one] for one in full.tolist())],
    )


def _entries(
    up: Upstream, kinds: Commodities, claims: Sequence[Claim], of: tuple[Rows, Rows], full: Rows
) -> tuple[Rows, Rows, Rows]:
    """Rows, columns and values of the matrix."""
    arc, kind = of
    count, named = len(claims), len(kinds.helps) - 1
    column = count + np.arange(arc.size)
    rows, columns, values = [np.arange(count)], [np.arange(count)], [np.ones(count, dtype=np.int64)]

    def add(where: NDArray[np.bool_], row: Rows, value: int) -> None:
        rows.append(row[where])
        columns.append(column[where])
        values.append(np.full(int(where.sum()), value))

    for end, value in ((up.head, 1), (up.tail, -1)):
        add(end[arc] >= 0, count + end[arc] * named + kind - 1, value)
    for place, claim in enumerate(claims):
        asked = np.zeros(up.mg.size, dtype=np.bool_)
        asked[up.place(claim.arcs)] = True
        add(asked[arc] & kinds.helps[kind, place], np.full(arc.size, place), 1)
    shared = np.full(up.mg.size, -1, dtype=np.int64)
    shared[full] = count + up.nodes.size * named + np.arange(full.size)
    add(shared[arc] >= 0, shared[arc], 1)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
