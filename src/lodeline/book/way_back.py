"""Why a lot is from where it is: the way of its metal back to the origins, step by step, with masses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from lodeline.book.bounding import MG_PER_KG
from lodeline.book.classes import KIND_WORDS, UNTRACED_NAME
from lodeline.book.lot_metal import lot_metal
from lodeline.book.mixed import mixed
from lodeline.book.tables import Table
from lodeline.metal.flows.words import FLOW_KINDS, NO_TIME

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

    from lodeline.book.mixed import Mixed
    from lodeline.book.traced import Traced
    from lodeline.origin.path import Way

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

DEPTH: Final = 24
"""Steps that are told unless more are asked for."""
LEAST: Final = 0.01
"""Share of the lot below which what a step brings is summed with others."""
WORDS: Final = {
    "arising": "arose",
    "process_in": "went into a process",
    "process_out": "was made",
    "ship": "was shipped",
    "receive": "was received",
    "transfer": "was moved",
    "stock": "lay in stock",
    "closing": "is held",
    "ending": "left the book",
}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the way, told from the lot backwards.

    Attributes:
        depth: How many steps later the lot is; 0 is the lot itself.
        number: Of the state that it came out of; 0 where it came from outside. into: of the state it went into; 0 for
            the lot itself.
        how: What happened, in words. lot, place: of what and where; None: nobody said.
        day: Of the act, ISO; None where nobody knows.
        kg: What of the lot's metal came this way. share: of the lot's metal.
        origin: Of what came from outside, where it came from; empty otherwise.
        measured: Whether its mass rests on an assay of its own.
        others: Steps that are summed here, since each is too small or too far; 0 for a step told by itself.
    """

    depth: int
    number: int
    into: int
    how: str
    lot: str | None
    place: str | None
    day: str | None
    kg: float
    share: float
    origin: str
    measured: bool
    others: int = 0


class WayBack(msgspec.Struct, frozen=True, kw_only=True):
    """The way of the metal of a lot.

    Attributes:
        lot, element: What was asked. as_of: the entry. policy: how the policy it rests on is cited.
        kg: Of the element. mixing: the rule that is supposed. masses: ``reconciled`` or ``recorded``.
        not_reconciled: Why not, where they should have been. depth: most steps. least: the least share that is told.
        steps: The lot first; what brings most of a state first after it.
    """

    lot: str
    element: str
    as_of: int
    policy: str
    kg: float
    mixing: str
    masses: str
    not_reconciled: str
    depth: int
    least: float
    steps: tuple[Step, ...]

    def table(self) -> Table:
        """A row a step."""
        names = ("depth", "number", "into", "how", "lot", "place", "day", "kg", "share", "origin", "measured", "others")
        rows: dict[str, Any] = {}
        for name in names:
            column = [getattr(one, name) for one in self.steps]
            rows[name] = column if name in ("how", "lot", "place", "day", "origin") else np.array(column)
        return Table(rows)

    def to_polars(self) -> polars.DataFrame:
        """A row a step; what is unknown is null.

        Raises:
            InputError: ``flows.library_missing``.
        """
        return self.table().to_polars()


def way_back(
    traced: Traced, lot: str, *, mixing: str | None = None, depth: int = DEPTH, least: float = LEAST
) -> WayBack:
    """The way of the metal of a lot back to where it is from.

    Args:
        lot: Its id, in any spelling.
        mixing: A rule for all stores; None: as each is kept.
        depth: Most steps that are told. least: share of the lot below which what a step brings is summed.

    Raises:
        NotFoundError: ``origin.no_lot``. InputError: ``origin.lot_unknown``, ``origin.lot_empty``,
            ``origin.mixing_unknown``, ``origin.way_limit``.
    """
    from lodeline.origin.path import way

    of = lot_metal(traced, lot)
    rule = mixed(traced, mixing)
    whole = float(traced.built.graph.mg[of.arcs].sum())
    steps: list[Step] = []
    for arc in rule.arcs(of.arcs).tolist():
        # A part of the lot is told as far as it matters for the whole.
        own = min(1.0, least * whole / float(rule.graph.mg[arc]))
        steps += _Telling(traced, rule, way(rule.graph, arc, depth=depth, least=own), whole, len(steps)).steps()
    return WayBack(
        lot=of.lot,
        element=traced.element,
        as_of=traced.as_of,
        policy=traced.policy.cited,
        kg=whole / MG_PER_KG,
        mixing=rule.rule,
        masses=traced.masses,
        not_reconciled=traced.not_reconciled,
        depth=depth,
        least=least,
        steps=tuple(steps),
    )


class _Telling:
    """The steps of one way, from the holding backwards, each state's together."""

    def __init__(self, traced: Traced, rule: Mixed, found: Way, whole: float, first: int) -> None:
        self._traced, self._rule, self._way, self._whole = traced, rule, found, whole
        self._number = {int(node): first + place for place, node in enumerate(found.nodes.tolist(), 1)}

    def steps(self) -> list[Step]:
        """Told state by state, so that what a state is made of stands together below it."""
        way, graph = self._way, self._rule.graph
        into: dict[int, list[int]] = {}
        for place in range(1, way.arcs.size):
            into.setdefault(int(graph.head[way.arcs[place]]), []).append(place)
        told = [self._step(0, 0)]
        for spot, node in enumerate(way.nodes.tolist()):
            places = sorted(into.get(node, []), key=lambda place: -float(way.mg[place]))
            told += [self._step(place, self._number[node]) for place in places]
            if way.others[spot]:
                told.append(self._others(spot, node))
        return told

    def _step(self, place: int, into: int) -> Step:
        graph, flows = self._rule.graph, self._traced.flows
        arc = int(self._way.arcs[place])
        row, tail = int(graph.flow[arc]), int(graph.tail[arc])
        mg = float(self._way.mg[place])
        said = {"how": self._how(arc, row), "lot": None, "place": None, "day": None}
        if row >= 0:
            flow = flows.flows
            time = max(int(flow["left_at"][row]), int(flow["arrived_at"][row]))
            at = int(flow["tail"][row]) if tail >= 0 else int(flow["head"][row])
            said["lot"] = flows.name(int(flow["lot"][row]))
            said["place"] = flows.name(int(flows.nodes["place"][at]))
            said["day"] = None if time == NO_TIME else str(np.datetime64(time, "us").astype("datetime64[D]"))
        return Step(
            depth=int(self._way.depth[place]),
            number=self._number.get(tail, 0),
            into=into,
            kg=mg / MG_PER_KG,
            share=mg / self._whole,
            origin=self._origin(arc) if tail < 0 else "",
            measured=bool(graph.own[arc]),
            **said,  # type: ignore[arg-type]
        )

    def _others(self, spot: int, node: int) -> Step:
        mg = float(self._way.others_mg[spot])
        deep = [int(d) for d, arc in zip(self._way.depth, self._way.arcs, strict=True) if self._tail(arc) == node]
        return Step(
            depth=min(deep, default=0) + 1,
            number=0,
            into=self._number[node],
            how="came otherwise",
            lot=None,
            place=None,
            day=None,
            kg=mg / MG_PER_KG,
            share=mg / self._whole,
            origin="",
            measured=False,
            others=int(self._way.others[spot]),
        )

    def _tail(self, arc: int) -> int:
        return int(self._rule.graph.tail[arc])

    def _how(self, arc: int, row: int) -> str:
        if row < 0:
            graph = self._rule.graph
            return "was drawn from what was laid down" if graph.tail[arc] >= 0 else "is known by what it became"
        kind = FLOW_KINDS[int(self._traced.flows.flows["kind"][row])]
        label = self._traced.flows.name(int(self._traced.flows.flows["label"][row]))
        said = WORDS.get(kind, kind)
        return f"{said} ({label})" if label and kind.startswith("process") else said

    def _origin(self, arc: int) -> str:
        origin = self._rule.graph.origins[int(self._rule.graph.origin[arc])]
        if origin.kind == "untraced":
            return UNTRACED_NAME
        return f"{', '.join(one for one in (origin.country, origin.name) if one)} ({KIND_WORDS[origin.kind]})".strip()
