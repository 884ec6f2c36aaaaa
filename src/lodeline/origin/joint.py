"""Can these claims all be true at once; if not, which contradict each other, and by how many kilograms.

The same kilogram cannot be claimed by two buyers; a concentrate and the product made of it are not two sales. What is
said was computed exactly: a contradiction by multipliers in whole numbers, consistency by a routing in whole numbers.
Where the solver's answer gives neither, it is undecided.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from lodeline.errors import InputError
from lodeline.origin.claims import Claim, check_claim
from lodeline.origin.joint_program import Program, piece, program
from lodeline.origin.joint_solver import Solved, Solver
from lodeline.origin.multipliers import Multipliers, multipliers
from lodeline.origin.routing import Routing, routing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lodeline.origin.graph import MassGraph

Verdict = Literal["consistent", "contradictory", "undecided"]


class Joint(NamedTuple):
    """What joint claims come to.

    Attributes:
        verdict: ``consistent`` has a routing, ``contradictory`` has multipliers that refute, ``undecided`` neither.
        program: What was asked, with the claims.
        over_mg: At least so many milligrams must be withdrawn, exact; 0 unless contradictory.
        withdrawn_mg: (claim,) one way to withdraw as few as possible, as the solver found it.
        multipliers, routing: The proof.
    """

    verdict: Verdict
    program: Program
    over_mg: Fraction
    withdrawn_mg: tuple[float, ...]
    multipliers: Multipliers | None
    routing: Routing | None


class Contradiction(NamedTuple):
    """Claims that cannot all be true, though without any one of them the others can.

    Attributes:
        members: Places among the claims, ascending.
        alone: What the members come to by themselves; a certificate of it names no other claim.
        each_mg: (member,) least milligrams to withdraw if only that one is cut, exact. With one origin, and a lot a
            claim, they are all the least that all must give up together; else it depends on whose claim is cut.
        irreducible: Whether every rest was shown to be consistent, exactly.
    """

    members: tuple[int, ...]
    alone: Joint
    each_mg: tuple[Fraction, ...]
    irreducible: bool

    @property
    def over_mg(self) -> Fraction:
        """Least milligrams that the members must give up together, exact."""
        return self.alone.over_mg


def together(graph: MassGraph, claims: Sequence[Claim]) -> Joint:
    """Whether claims can all be true at once, whatever the mixing was.

    Raises:
        InputError: ``claim.none``, ``claim.cyclic``, ``origin.solver``, and what
            :func:`~lodeline.origin.claims.check_claim` refuses.
    """
    made = asked(graph, claims)
    solved = _optimum(Solver(made))
    proof = multipliers(made, solved)
    withdrawn = tuple(np.maximum(solved.value_mg[: len(claims)], 0.0).tolist())
    if proof.excess_mg > 0:
        return Joint("contradictory", made, proof.excess_mg, withdrawn, proof, None)
    way = routing(made, solved)
    return Joint("undecided" if way is None else "consistent", made, Fraction(), withdrawn, None, way)


def asked(graph: MassGraph, claims: Sequence[Claim]) -> Program:
    """The program of claims that may be asked together."""
    if not claims:
        raise InputError("claim.none", "Give at least one claim.")
    for claim in claims:
        check_claim(graph, claim)
    if graph.cyclic and any((graph.head[list(claim.arcs)] >= 0).any() for claim in claims):
        # A kilogram may pass a node twice: what goes round could fill any arc, and a routing would prove nothing.
        raise InputError("claim.cyclic", "Where nodes are in no order of time, claim of what ends, not of what passes.")
    return program(graph, claims)


def contradiction(graph: MassGraph, found: Joint) -> Contradiction | None:
    """An irreducible set of contradictory claims; None unless they are.

    The claims whose multiplier is not zero contradict each other; each is dropped in turn, and stays away where the
    rest is refuted without it. There may be other such sets, and smaller ones:
    :func:`~lodeline.origin.smallest.smallest` looks for the smallest of a small book.

    Args:
        graph: Of which was asked. found: What was found.

    Source: deletion filter; Chinneck & Dravnieks (1991), ORSA J. Comput. 3, 157-168.
    """
    if found.multipliers is None:
        return None
    return reduced(graph, found.program.claims, _around(found.program, found.multipliers))


def reduced(graph: MassGraph, claims: Sequence[Claim], members: Sequence[int]) -> Contradiction:
    """An irreducible set among claims that contradict each other.

    Args:
        members: Places among the claims, of such as were refuted.
    """
    rest, shown = list(members), True
    for claim in members:
        others = [one for one in rest if one != claim]
        if claim not in rest or not others:
            continue
        without = together(graph, [claims[one] for one in others])
        if without.multipliers is not None:
            rest = [others[one] for one in _support(without.multipliers)]
        else:
            shown &= without.verdict == "consistent"
    alone = together(graph, [claims[one] for one in rest])
    return Contradiction(tuple(rest), alone, _each_mg(alone.program), shown)


def _each_mg(made: Program) -> tuple[Fraction, ...]:
    """(claim,) the least to withdraw if only that one is cut."""
    solver, each = Solver(made), []
    for claim in range(len(made.claims)):
        solver.cut_only(claim)
        each.append(multipliers(made, _optimum(solver), cut=claim).excess_mg)
    return tuple(each)


def _around(made: Program, proof: Multipliers) -> list[int]:
    """Fewer claims that contradict each other, by the part of the program that the refutation rests on.

    That part is small, whatever the book; what is refuted in it is refuted.
    """
    members = _support(proof)
    part = piece(made, np.asarray(proof.pi.any(axis=1)), members)
    solver = Solver(part)
    for place in range(len(members)):
        if not proof.y[members[place]]:
            continue
        solver.drop(place)
        without = multipliers(part, _optimum(solver))
        if without.excess_mg > 0:
            for other in set(range(len(members))) - set(_support(without)):
                solver.drop(other)
            left = np.zeros_like(proof.y)
            left[[members[one] for one in _support(without)]] = 1
            proof = proof._replace(y=left)
        else:
            solver.take_up(place)
    return _support(proof)


def _support(proof: Multipliers) -> list[int]:
    return [int(one) for one in np.flatnonzero(proof.y)]


def _optimum(solver: Solver) -> Solved:
    solved = solver.solve()
    if solved is None:
        raise InputError("origin.solver", "The solver found no optimum; ask of fewer claims, or of a smaller book.")
    return solved
