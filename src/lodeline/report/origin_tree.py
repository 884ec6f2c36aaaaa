"""The way of the metal of one lot as a picture has it: lots it was made of before it, what became of it after it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.errors import LodelineError
from lodeline.metal.flows.words import FLOW
from lodeline.report.given_origins import SeenLink, SeenNode, SeenTree

if TYPE_CHECKING:
    from lodeline.book.going import Destinations
    from lodeline.book.traced import Traced
    from lodeline.book.way_back import Step, WayBack
    from lodeline.report.names import Names

DEPTH: Final = 40
"""Steps back; a picture has a column for each lot, and most steps are of one."""
LEAST: Final = 0.08
"""Share of the lot below which what it was made of, or became, is drawn with others."""
COLUMNS: Final = 9
"""Columns of a picture; what is longer is not drawn, and ``lodeline why`` tells it."""
STORE: Final = "in process or in store"
OTHERS: Final = "others"
USED, MADE = FLOW["process_in"], FLOW["process_out"]


def tree(traced: Traced, names: Names) -> SeenTree | None:
    """Of the lot with most metal that was made in a process and used in another; None where there is none, or where
    lots go round."""
    from lodeline.book.going import gone
    from lodeline.book.way_back import way_back

    lot = _chosen(traced)
    if lot is None:
        return None
    try:
        back, on = way_back(traced, lot, depth=DEPTH, least=LEAST), gone(traced, lot)
    except LodelineError:
        # A picture is no answer: whoever asks by name is told why there is none.
        return None
    drawing = _Drawing(names)
    drawing.back(back)
    drawing.on(on, back.kg)
    return drawing.tree(back.lot, back.kg)


def _chosen(traced: Traced) -> str | None:
    """The lot of which most was used among those that were made."""
    flow, built = traced.flows.flows, traced.built
    known = built.arc >= 0
    used = np.flatnonzero(known & (flow["kind"] == USED) & (flow["lot"] >= 0))
    made = set(flow["lot"][known & (flow["kind"] == MADE)].tolist())
    mass: dict[int, float] = defaultdict(float)
    for row in used.tolist():
        if int(flow["lot"][row]) in made:
            mass[int(flow["lot"][row])] += float(built.kg[row])
    if not mass:
        return None
    return traced.flows.names[max(mass, key=lambda lot: (mass[lot], -lot))]


class _Drawing:
    """Nodes by name and links between them, kg."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._label: dict[str, str] = {}
        self._tone: dict[str, str] = {}
        self._links: dict[tuple[str, str], float] = defaultdict(float)

    def back(self, way: WayBack) -> None:
        """What the lot was made of: steps of one lot are one node, what came from outside is an origin.

        What comes into a state goes on in proportion, as the mixing that is supposed has it.
        """
        on: dict[int, list[tuple[str, float]]] = defaultdict(list)
        for step in way.steps:
            if step.number:
                on[step.number].append((self._of(step), step.kg))
        for step in way.steps:
            total = sum(kg for _, kg in on[step.into])
            for node, kg in on[step.into] if step.into else ():
                self._link(self._of(step), node, step.kg * kg / total)
            if step.origin:
                self._link(self._origin(step), self._of(step), step.kg)

    def on(self, gone: Destinations, kg: float) -> None:
        """What became of it; small ends together. All of it that was made is drawn as much as was used."""
        scale, lot, rest = kg / gone.kg if gone.kg else 0.0, gone.lot, 0.0
        for one in gone.gone:
            if one.share < LEAST:
                rest += one.kg
                continue
            where = one.lot or one.place
            label = f"{one.how}: {_short(self._names.label(where))}" if where else one.how
            self._link(lot, self._node(f"end {one.how} {where}", label, "other"), one.kg * scale)
        if rest > 0:
            self._link(lot, self._node("end others", OTHERS, "unknown"), rest * scale)

    def tree(self, lot: str, kg: float) -> SeenTree | None:
        """Nodes with their columns; None where lots go round or the way is too long to draw."""
        links = {pair: mass for pair, mass in self._links.items() if pair[0] != pair[1]}
        column = _columns(set(links))
        if column is None or not links or max(column.values()) >= COLUMNS:
            return None
        through: dict[str, float] = defaultdict(float)
        for end in (0, 1):
            sums: dict[str, float] = defaultdict(float)
            for pair, mass in links.items():
                sums[pair[end]] += mass
            for node, mass in sums.items():
                through[node] = max(through[node], mass)
        return SeenTree(
            lot=self._label[lot],
            kg=kg,
            nodes=tuple(
                SeenNode(name=one, label=self._label[one], column=column[one], kg=through[one], tone=self._tone[one])
                for one in sorted(column, key=lambda one: (column[one], -through[one], one))
            ),
            links=tuple(
                SeenLink(source=source, target=target, kg=mass) for (source, target), mass in sorted(links.items())
            ),
        )

    def _of(self, step: Step) -> str:
        """The node of a step: its lot; what is of none, by the state it came out of."""
        if step.others:
            return self._node("others before", OTHERS, "unknown")
        if step.lot:
            return self._node(step.lot, _short(self._names.label(step.lot)), "known")
        return self._node(f"state {step.number}", STORE, "known")

    def _origin(self, step: Step) -> str:
        country, _, place = step.origin.partition(", ")
        label = f"{country}, {_short(place.rpartition(' (')[0])}" if place else country
        return self._node(f"origin {step.origin}", label, "unknown" if step.origin == "untraced" else "accent")

    def _node(self, key: str, label: str, tone: str) -> str:
        self._label.setdefault(key, label)
        self._tone.setdefault(key, tone)
        return key

    def _link(self, source: str, target: str, kg: float) -> None:
        if kg > 0:
            self._links[source, target] += kg


def _short(label: str) -> str:
    """What tells an identifier from its neighbours, where nobody gave a name: what stands after its last stroke."""
    if "://" in label:
        return label.rstrip("/").rpartition("/")[2] or label
    return label.rpartition(":")[2] or label if label.startswith("urn:") else label


def _columns(pairs: set[tuple[str, str]]) -> dict[str, int] | None:
    """Each node one column after all that leads to it; None where something leads round."""
    nodes = {one for pair in pairs for one in pair}
    column = dict.fromkeys(nodes, 0)
    for _ in range(len(nodes)):
        late = [(source, target) for source, target in pairs if column[target] <= column[source]]
        if not late:
            return column
        for source, target in late:
            column[target] = max(column[target], column[source] + 1)
    return None
