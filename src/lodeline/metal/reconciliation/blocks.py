"""A ledger too large at once, reconciled in blocks of balances that follow each other in time.

The exact answer needs ``S^-1`` times the imbalances and the effects of biases (:mod:`components`). Here it is found
window by window: a window is a block of balances, its *core*, with some more before and after. In it S is solved
against what the multipliers of all other balances, as known so far, leave of the right side, and the core keeps the
result. Passes go forward in time and back in turn. Biases are shared by the whole ledger: what each core says of them
is added up, and they are estimated once. At last every balance is closed by the same passes, to rounding.

What is approximated: the multipliers of a core are solved as if those outside its window stood still. After one pass a
core has not seen what happened later than its window; after two it has, to first order; the answer tends to the exact
one with passes and with overlap, as the influence of one balance on another dies out along the flows between them.
:attr:`InBlocks.left` says what is left open of the system that was to be solved. Standard uncertainties are those of
the window that a flow lies in, as if the readings beyond its balances were all there is: never below the exact ones
but for what the estimate of the biases lost.

Source: restricted additive Schwarz, Cai & Sarkis (1999), SIAM J. Sci. Comput. 21, 792-797; here one window follows
another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.errors import InputError
from lodeline.metal.reconciliation import joint_kernels as kernels
from lodeline.metal.reconciliation.assayed import Assayed, Linearised, Point, linearised, readings, require_assayed
from lodeline.metal.reconciliation.balances import Merged, System, merged, require_closed_parts
from lodeline.metal.reconciliation.border import Border, border
from lodeline.metal.reconciliation.components import ROUNDS, Move, covariance_of, known_of, settled
from lodeline.metal.reconciliation.iterative import Solver, solver_of
from lodeline.metal.reconciliation.joint_system import JointSystem, effects

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

CHUNK = 200_000
"""Flows that are linearised together where no balance is asked for."""

CLOSINGS = 100
"""Passes over the blocks in which balances are closed, at most."""


class Plan(NamedTuple):
    """How a ledger is cut; balances must be numbered in the order of time.

    Attributes:
        core: Balances in a block, > 0.
        overlap: Balances before and after it that are solved along, >= 0; more than a flow spans is needed to gain.
        passes: How often all blocks are solved, forward and backward in turn, > 0.
    """

    core: int
    overlap: int
    passes: int


class Window(NamedTuple):
    """One block with its overlap.

    Attributes:
        start, end: Its core, balances.
        low, high: The core with the overlap.
        flows: (some,) indices of the flows that touch ``low`` to ``high``.
        system: Its balances, counted from ``low``; all others are outside.
    """

    start: int
    end: int
    low: int
    high: int
    flows: Longs
    system: System

    @property
    def core(self) -> slice:
        """The core within the window."""
        return slice(self.start - self.low, self.end - self.low)


class InBlocks:
    """A ledger reconciled in blocks. Made by :func:`reconcile_blocks`; nothing in it changes.

    Attributes:
        kg: (flow, component) reconciled: dry mass, then each element. Every balance closes.
        biases: What is known of each instrument's bias.
        chi2, dof: As in ``components``, from the multipliers that were reached.
        closure_kg: (component,) the largest imbalance that is left.
        left: What the multipliers leave open, before balances were closed: the largest imbalance of a component over
            its largest mass.
        rounds, closings: Times that readings were linearised with biases or without; passes that closed the balances.
        blocks: How many there were.
    """

    def __init__(self, ledger: Ledger, point: Point, rounds: int) -> None:
        self._ledger, self._point, self.rounds = ledger, point, rounds
        given, self.blocks = ledger.given, ledger.blocks
        count = given.prior_u.size
        self._solved = np.zeros((given.components, ledger.graph.nodes, count + 1))
        known, told, chi2 = np.zeros((count, count)), np.zeros(count), 0.0
        for turn in range(ledger.plan.passes):
            for window, right in ledger.walk(point, self._solved, turn, with_biases=True):
                if turn == ledger.plan.passes - 1:
                    shared = right[:, window.core, 1:].reshape(-1, count)
                    solved = self._solved[:, window.start : window.end].reshape(-1, count + 1)
                    known += shared.T @ solved[:, 1:]
                    told += shared.T @ solved[:, 0]
                    chi2 += float(right[:, window.core, 0].ravel() @ solved[:, 0])
        self.biases: Border = border(known, told, given.prior_u)
        self.chi2, self.dof = chi2 - float(told @ self.biases.bias), given.components * ledger.graph.nodes
        multiplier = self._solved[:, :, 0] - self._solved[:, :, 1:] @ self.biases.bias
        moved = ledger.moved(point, np.ascontiguousarray(multiplier), self.biases.bias)
        largest = np.abs(moved).max(axis=0, initial=1e-300)
        self.left = float((ledger.open_kg(moved) / largest).max(initial=0.0))
        self.kg, self.closings = ledger.closed(point, moved)
        self.closure_kg = ledger.open_kg(self.kg)

    @property
    def said(self) -> str:
        """One sentence: how it was solved."""
        plan = self._ledger.plan
        return (
            f"solved in {self.blocks} blocks of {plan.core:,} balances with {plan.overlap:,} more on both sides, "
            f"{plan.passes} times over; an approximation"
        )

    def covariance(self, flows: Any) -> Floats:
        """(asked, component, component) covariance of the components of some flows, kg^2, each from its window.

        Raises:
            InputError: ``components.index``.
        """
        asked = np.asarray(flows, dtype=np.int64)
        if asked.ndim != 1 or (asked.size and not (asked.min() >= 0 and asked.max() < len(self.kg))):
            raise InputError("components.index", f"give indices of flows, from 0 to {len(self.kg) - 1}")
        ledger, components = self._ledger, self.kg.shape[1]
        found = np.empty((asked.size, components, components))
        at = np.maximum(ledger.graph.tail[asked], ledger.graph.head[asked])
        for window in ledger.windows(backward=False):
            # A flow between two balances that are both outside is left as it was read, in whichever window.
            here = np.flatnonzero((np.maximum(at, 0) >= window.start) & (np.maximum(at, 0) < window.end))
            if not here.size:
                continue
            flows_here = np.union1d(window.flows, asked[here])
            window = ledger.window(window.start, window.end, flows_here)
            given, joint = ledger.joint(window, self._point)
            known = self._solved[:, window.low : window.high, 1:]
            for start in range(0, here.size, 10):
                some = here[start : start + 10]
                index = np.searchsorted(flows_here, asked[some])
                found[some] = covariance_of(joint, given, known, self.biases, index)
        return found

    def u_of(self, flows: Any) -> Floats:
        """(asked, component) standard uncertainty of the components of some flows, kg.

        Raises:
            InputError: ``components.index``.
        """
        result: Floats = np.sqrt(np.maximum(np.einsum("icc->ic", self.covariance(flows)), 0.0))
        return result


class Ledger:
    """The flows of a ledger and the windows that they are solved in."""

    def __init__(self, given: Assayed, graph: Merged, plan: Plan) -> None:
        self.given, self.graph, self.plan = given, graph, plan
        self.known = known_of(given, graph)
        self.blocks = max(1, -(-graph.nodes // plan.core))
        self._orders: dict[int, Longs] = {}

    def windows(self, *, backward: bool) -> Iterator[Window]:
        """The blocks in order of time, or against it."""
        blocks = range(self.blocks)
        for block in reversed(blocks) if backward else blocks:
            start = block * self.plan.core
            yield self.window(start, min(start + self.plan.core, self.graph.nodes), None)

    def window(self, start: int, end: int, flows: Longs | None) -> Window:
        """One window, with all flows that touch it or with some."""
        low, high = max(0, start - self.plan.overlap), min(self.graph.nodes, end + self.plan.overlap)
        tail, head = self.graph.tail, self.graph.head
        if flows is None:
            flows = np.flatnonzero(((tail >= low) & (tail < high)) | ((head >= low) & (head < high)))
        first, second = tail[flows], head[flows]
        system = System(
            np.where((first >= low) & (first < high), first - low, -1),
            np.where((second >= low) & (second < high), second - low, -1),
            high - low,
        )
        return Window(start, end, low, high, flows, system)

    def joint(self, window: Window, point: Point) -> tuple[Assayed, JointSystem]:
        """The flows of a window and their system, linearised at a point."""
        given = self.given.some(window.flows)
        by = linearised(given, Point(*(one[window.flows] for one in point)))
        joint = JointSystem(window.system, by, order=self._orders.get(window.start))
        if joint.order is not None:
            self._orders[window.start] = joint.order
        return given, joint

    def walk(self, point: Point, solved: Floats, turn: int, *, with_biases: bool) -> Iterator[tuple[Window, Floats]]:
        """Solve every window once, and put what its core has into ``solved`` (component, balance, column).

        Yields:
            Each window and its right side: imbalances, then the effect of each bias.
        """
        for window in self.windows(backward=turn % 2 == 1):
            given, joint = self.joint(window, point)
            open_kg = joint.net(joint.by.z) + self.known[:, window.low : window.high]
            right = open_kg[:, :, None]
            if with_biases:
                right = np.concatenate([right, effects(joint, given.instrument, given.of)], axis=2)
            part = joint.solve(right - self._times(window, joint.by, solved))
            solved[:, window.start : window.end] += part[:, window.core]
            yield window, right

    def _times(self, window: Window, by: Linearised, solved: Floats) -> Floats:
        """``S x`` at the balances of a window, x reaching beyond it."""
        tail, head = self.graph.tail[window.flows], self.graph.head[window.flows]
        touched = np.unique(np.concatenate([tail[tail >= 0], head[head >= 0], np.arange(window.low, window.high)]))
        number = np.searchsorted(touched, np.stack([tail, head]))
        first, second = np.where(tail >= 0, number[0], -1), np.where(head >= 0, number[1], -1)
        x = np.ascontiguousarray(solved[:, touched])
        if not x.any():
            return np.zeros((x.shape[0], window.high - window.low, x.shape[2]))
        result: Floats = kernels.times(first, second, by.a, by.v, by.q, x)
        low = int(np.searchsorted(touched, window.low))
        return result[:, low : low + window.high - window.low]

    def moved(self, point: Point, multiplier: Floats, bias: Floats | None) -> Floats:
        """(flow, component) readings less biases, moved by multipliers (component, balance)."""
        found = np.empty((self.given.tail.size, self.given.components))
        for flows in self.chunks():
            given = self.given.some(flows)
            by = linearised(given, Point(*(one[flows] for one in point)))
            tail, head = self.graph.tail[flows], self.graph.head[flows]
            found[flows] = by.z - kernels.moved(tail, head, by.a, by.v, by.q, multiplier)
            if bias is not None:
                found[flows] -= kernels.of_biases(given.instrument, given.of, by.reference, bias)
        return found

    def settled(self, was: Point, kg: Floats) -> tuple[Point, Move]:
        """The point of reconciled masses, and by how much it moves the readings."""
        parts: list[Point] = []
        moves: list[Move] = []
        for flows in self.chunks():
            given, before = self.given.some(flows), Point(*(one[flows] for one in was))
            point, move = settled(given, before, linearised(given, before), kg[flows])
            parts.append(point)
            moves.append(move)
        if not parts:
            return was, Move(0.0, 0.0)
        weight = np.array([len(one.wet_kg) for one in parts], dtype=np.float64)
        mean = float(np.sqrt(np.average([move.mean**2 for move in moves], weights=weight)))
        return Point(*(np.concatenate(one) for one in zip(*parts, strict=True))), Move(
            mean, max(m.worst for m in moves)
        )

    def chunks(self) -> Iterator[slice]:
        """All flows, some at a time."""
        for start in range(0, self.given.tail.size, CHUNK):
            yield slice(start, start + CHUNK)

    def net(self, kg: Floats) -> Floats:
        """(component, balance) imbalance of masses (flow, component)."""
        total: Floats = kernels.net(self.graph.tail, self.graph.head, kg, self.graph.nodes) + self.known
        return total

    def open_kg(self, kg: Floats) -> Floats:
        """(component,) the largest imbalance."""
        largest: Floats = np.abs(self.net(kg)).max(axis=1, initial=0.0)
        return largest

    def closed(self, point: Point, kg: Floats) -> tuple[Floats, int]:
        """Masses shifted, component by component and window by window, until only rounding is left open; and passes.

        Raises:
            InputError: ``blocks.not_closed``.
        """
        kg = kg.copy()
        # Sums of some ten flows are exact to some ten roundings of the largest.
        goal = 16 * np.finfo(np.float64).eps * np.abs(kg).max(axis=0, initial=0.0)
        for turn in range(CLOSINGS):
            open_kg = self.net(kg)
            if (np.abs(open_kg).max(axis=1, initial=0.0) <= goal).all():
                return kg, turn
            for window in self.windows(backward=turn % 2 == 1):
                self._close(window, point, kg)
        raise InputError(
            "blocks.not_closed",
            "balances do not close block by block; take larger blocks or a larger overlap",
            left=float(np.abs(self.net(kg)).max(initial=0.0)),
        )

    def _close(self, window: Window, point: Point, kg: Floats) -> None:
        """Shift the flows of a window's core by what its balances have open; kg is this object's own copy."""
        system, core = window.system, window.core
        left = kernels.net(system.tail, system.head, kg[window.flows], system.count)
        left += self.known[:, window.low : window.high]
        by = linearised(self.given.some(window.flows), Point(*(one[window.flows] for one in point)))
        part: Solver | None = None
        for component in range(kg.shape[1]):
            v = np.ascontiguousarray(by.own[:, component])
            part = part.reweighted(v) if part else solver_of(system, v, order=self._orders.get(window.start))
            multiplier = np.zeros(system.count)
            multiplier[core] = part.solve(left[component])[core]
            kg[window.flows, component] -= v * system.spread(multiplier)


def reconcile_blocks(given: Assayed, plan: Plan) -> InBlocks:
    """Shift readings of mass, moisture and grade until every balance closes, in blocks of time.

    Args:
        given: The flows; balances numbered in order of time.
        plan: How they are cut.

    Raises:
        InputError: ``blocks.plan``, ``blocks.not_closed``, ``components.not_converged``, and those of ``components``.
    """
    if plan.core < 1 or plan.overlap < 0 or plan.passes < 1:
        raise InputError("blocks.plan", "want core and passes of at least 1, and an overlap of at least 0")
    require_assayed(given)
    graph = merged(given.tail, given.head, np.ones(given.tail.size, np.bool_), given.balances)
    for known in given.known_kg:
        require_closed_parts(graph, known)
    ledger = Ledger(given, graph, plan)
    point = readings(given)
    for rounds in range(1, ROUNDS + 1):
        solved = np.zeros((given.components, graph.nodes, 1))
        for turn in range(plan.passes):
            for _ in ledger.walk(point, solved, turn, with_biases=False):
                pass
        after, move = ledger.settled(point, ledger.moved(point, np.ascontiguousarray(solved[:, :, 0]), None))
        point = after
        if move.small:
            return InBlocks(ledger, point, rounds)
    raise InputError("components.not_converged", f"readings were linearised {ROUNDS} times and still move")
