"""What joint claims come to, as a certificate: multipliers that refute, or a way that all metal can have gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.certificate import (
    ELSEWHERE,
    Basis,
    Certificate,
    Grounds,
    JointArc,
    JointNode,
    RefutationCertificate,
    RoutingCertificate,
    StatedClaim,
    sealed,
)
from lodeline.origin.graph import OUTSIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.origin.graph import MassGraph, Rows
    from lodeline.origin.joint import Joint
    from lodeline.origin.joint_program import Program
    from lodeline.origin.multipliers import Multipliers


def certify_joint(graph: MassGraph, found: Joint, *, basis: Basis, grounds: Grounds) -> Certificate:
    """A certificate that the claims contradict each other, or that they can all be true.

    For a certificate of the members of a contradiction alone ask whether those can be true together.

    Args:
        graph, found: What was asked of, and what was found.
        basis, grounds: Where the masses come from.

    Raises:
        InputError: ``certificate.undecided``, ``certificate.too_large``.
    """
    writer = _Writer(graph, found.program, basis, grounds)
    if found.routing is not None:
        return writer.routing(found.routing.denominator, found.routing.held)
    if found.multipliers is not None:
        return writer.refutation(found.multipliers)
    raise InputError("certificate.undecided", "Neither a contradiction nor a way was proved; there is none to certify.")


class _Writer:
    """Writes down parts of one program."""

    def __init__(self, graph: MassGraph, made: Program, basis: Basis, grounds: Grounds) -> None:
        self._graph, self._program, self._basis, self._grounds = graph, made, basis, grounds

    def refutation(self, proof: Multipliers) -> Certificate:
        """The nodes that have potentials, all arcs into them, and all arcs that are claimed of."""
        up = self._program.upstream
        priced = np.append(proof.pi.any(axis=1), False)  # the last is OUTSIDE
        nodes = np.flatnonzero(priced)
        return sealed(
            RefutationCertificate(
                basis=self._basis,
                denominator=proof.denominator,
                claims=self._claims(proof.y),
                origins=self._program.origins,
                nodes=self._nodes(nodes, proof.pi),
                arcs=self._arcs(np.flatnonzero(priced[up.head] | self._claimed()), nodes, None),
                over_mg=str(proof.excess_mg),
            )
        )

    def routing(self, denominator: int, held: Rows) -> Certificate:
        """The arcs that hold what claims need, and all that are claimed of."""
        up = self._program.upstream
        needed = held.any(axis=1)
        ends = np.concatenate((up.tail[needed], up.head[needed]))
        nodes = np.unique(ends[ends >= 0])
        return sealed(
            RoutingCertificate(
                basis=self._basis,
                denominator=denominator,
                claims=self._claims(np.zeros(len(self._program.claims), dtype=np.int64)),
                origins=self._program.origins,
                nodes=self._nodes(nodes, np.zeros((up.nodes.size, 0), dtype=np.int64)),
                arcs=self._arcs(np.flatnonzero(needed | self._claimed()), nodes, held),
            )
        )

    def _claimed(self) -> NDArray[np.bool_]:
        """(arc,) whether it is claimed of."""
        up = self._program.upstream
        claimed = np.zeros(up.mg.size, dtype=np.bool_)
        for claim in self._program.claims:
            claimed[up.place(claim.arcs)] = True
        return claimed

    def _claims(self, y: Rows) -> tuple[StatedClaim, ...]:
        return tuple(
            StatedClaim(
                name=claim.name,
                rows=tuple(sorted(claim.arcs)),
                sense=claim.sense,
                mg=claim.mg,
                surely=tuple(sorted(claim.origins)),
                perhaps=tuple(sorted(claim.perhaps)),
                y=int(y[place]),
            )
            for place, claim in enumerate(self._program.claims)
        )

    def _nodes(self, nodes: Rows, pi: Rows) -> tuple[JointNode, ...]:
        numbers = self._program.upstream.nodes[nodes].tolist()
        return tuple(
            JointNode(node=number, event=self._grounds.of_node.get(number), pi=tuple(pi[node].tolist()))
            for node, number in zip(nodes, numbers, strict=True)
        )

    def _arcs(self, arcs: Rows, nodes: Rows, held: Rows | None) -> tuple[JointArc, ...]:
        up = self._program.upstream
        place = np.full(up.nodes.size + 1, ELSEWHERE, dtype=np.int64)
        place[nodes] = np.arange(nodes.size)
        place[OUTSIDE] = OUTSIDE
        made = []
        for arc in arcs.tolist():
            row = int(up.row[arc])
            made.append(
                JointArc(
                    row=row,
                    tail=int(place[up.tail[arc]]),
                    head=int(place[up.head[arc]]),
                    mg=int(up.mg[arc]),
                    origin=int(up.origin[arc]),
                    own=bool(self._graph.own[row]),
                    grounds=self._grounds.of_arc.get(row, ()),
                    held=() if held is None else tuple(held[arc].tolist()),
                )
            )
        return tuple(made)
