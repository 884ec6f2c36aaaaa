"""Where the metal of a lot went: what of it is held where, was used up in what, left the book or was lost."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from lodeline.book.bounding import MG_PER_KG
from lodeline.book.lot_metal import lot_index, refuse_lot
from lodeline.book.mixed import mixed
from lodeline.book.tables import Table
from lodeline.metal.flows.words import FLOW

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

    from lodeline.book.traced import Traced
    from lodeline.origin.graph import MassGraph

    Rows = NDArray[np.int64]

HOW: Final = {"closing": "held", "ending": "left the book", "loss": "lost", "transit_loss": "lost on the road"}
"""What became of metal, by the kind of the flow that ends it."""
UNACCOUNTED: Final = "not accounted for"


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """What of the metal of a lot came to one end.

    Attributes:
        how: ``held``, ``left the book``, ``lost``, ``lost on the road`` or ``not accounted for``.
        lot: In which lot; None for what is of no lot. place: where, or where it was last; None: nobody said.
        share: Of the lot's metal. kg: of the element.
    """

    how: str
    lot: str | None
    place: str | None
    share: float
    kg: float


class Destinations(msgspec.Struct, frozen=True, kw_only=True):
    """Where the metal of a lot went, if what meets is mixed as the rule says.

    Attributes:
        lot, element: What was asked. as_of: the entry. policy: how the policy it rests on is cited.
        kg: Of the element, as the lot came to be. mixing: the rule. masses: ``reconciled`` or ``recorded``.
        not_reconciled: Why not, where they should have been.
        gone: The largest share first.
    """

    lot: str
    element: str
    as_of: int
    policy: str
    kg: float
    mixing: str
    masses: str
    not_reconciled: str
    gone: tuple[Gone, ...]

    def table(self) -> Table:
        """A row an end."""
        rows: dict[str, Any] = {
            "from_lot": [self.lot] * len(self.gone),
            "element": [self.element] * len(self.gone),
            "how": [one.how for one in self.gone],
            "lot": [one.lot for one in self.gone],
            "place": [one.place for one in self.gone],
            "share": np.array([one.share for one in self.gone], dtype=np.float64),
            "kg": np.array([one.kg for one in self.gone], dtype=np.float64),
        }
        return Table(rows)

    def to_polars(self) -> polars.DataFrame:
        """A row an end; what is unknown is null.

        Raises:
            InputError: ``flows.library_missing``.
        """
        return self.table().to_polars()


def gone(traced: Traced, lot: str, *, mixing: str | None = None) -> Destinations:
    """Where the metal of a lot went.

    Args:
        lot: Its id, in any spelling.
        mixing: A rule for all stores; None: as each is kept.

    Raises:
        NotFoundError: ``origin.no_lot``. InputError: ``origin.lot_unknown``, ``origin.lot_empty``,
            ``origin.mixing_unknown``.
    """
    index, built = lot_index(traced.flows, lot), traced.built
    rows = _arising(traced, index)
    known = rows[built.arc[rows] >= 0]
    if not known.size:
        refuse_lot(traced, traced.flows.names[index], rows[built.unknown[rows]])
    rule = mixed(traced, mixing)
    at = rule.arcs(built.arc[known])
    whole = float(rule.graph.mg[at].sum())
    listed = [
        Gone(how=how, lot=of, place=place, share=mg / whole, kg=mg / MG_PER_KG)
        for (how, of, place), mg in _ends(traced, rule.graph, at).items()
    ]
    kg = whole / MG_PER_KG
    return Destinations(
        lot=traced.flows.names[index],
        element=traced.element,
        as_of=traced.as_of,
        policy=traced.policy.cited,
        kg=kg,
        mixing=rule.rule,
        masses=traced.masses,
        not_reconciled=traced.not_reconciled,
        gone=tuple(sorted(listed, key=lambda one: (-one.share, one.how, one.lot or "", one.place or ""))),
    )


def _arising(traced: Traced, index: int) -> Rows:
    """Flows by which a lot came to be: it arose, was made, or was there when the book began."""
    flow = traced.flows.flows
    of_lot = flow["lot"] == index
    made = np.isin(flow["kind"], [FLOW["arising"], FLOW["process_out"]])
    rows = np.flatnonzero(of_lot & made)
    # A lot that was there before the first event comes from outside by a flow of another kind.
    return rows if rows.size else np.flatnonzero(of_lot & (flow["tail"] == 0))


def _ends(traced: Traced, graph: MassGraph, lot: Rows) -> dict[tuple[str, str | None, str | None], float]:
    """Milligrams of the metal on some arcs by what they came to: how, in which lot, where.

    One sweep of shares of what is theirs: a matrix of all ends would be as wide as the book is long.
    """
    from lodeline.origin.shares import labelled

    flows = traced.flows
    label = np.where(graph.tail < 0, 0, -1)
    label[lot] = 1
    ends = np.flatnonzero(graph.head < 0)
    mg = labelled(graph, label, 2).mg_of_arcs(ends)[:, 1]
    kinds = {FLOW[kind]: how for kind, how in HOW.items()}
    found: dict[tuple[str, str | None, str | None], float] = defaultdict(float)
    for spot in np.flatnonzero(mg).tolist():
        row = int(graph.flow[ends[spot]])
        key: tuple[str, str | None, str | None] = (UNACCOUNTED, None, None)
        if row >= 0:
            how = kinds.get(int(flows.flows["kind"][row]), UNACCOUNTED)
            place = flows.name(int(flows.nodes["place"][flows.flows["tail"][row]]))
            key = (how, flows.name(int(flows.flows["lot"][row])), place)
        found[key] += float(mg[spot])
    return found
