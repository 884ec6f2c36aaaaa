"""A flowsheet as a book: each stream a lot that is weighed once, each node a process of one transformationID.

A node begins when one of its streams is there, and gives all that it gives; what comes to it later comes in an event
of its own. So a stream that leads back is what it is in life: a plant fed with its own output, and emptied at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lodeline.record import metal
from lodeline.record.metal import Act, Amount, Event, Made, Reading
from lodeline.record.metal_vocabulary import name

PLANT = "urn:example:plant"
START = datetime(2026, 1, 1, tzinfo=UTC)


def lot(stream: str) -> str:
    """The lot of a stream."""
    return f"urn:example:stream:{stream}"


def as_events(
    nodes: Mapping[str, tuple[Sequence[str], Sequence[str]]], weights: Mapping[str, tuple[str, str]]
) -> list[Event]:
    """The events of a flowsheet, in order of time.

    Args:
        nodes: Streams into and out of each node, by its name.
        weights: Reading of each stream and its standard uncertainty, kg, dry; streams without one are not weighed.
    """
    writing = _Writing(weights)
    made = {stream for _, out in nodes.values() for stream in out}
    for stream in dict.fromkeys(stream for into, _ in nodes.values() for stream in into):
        if stream not in made:
            writing.arises(stream)
    waiting = {node: list(into) for node, (into, _) in nodes.items()}
    begun: set[str] = set()
    while any(waiting.values()) or len(begun) < len(nodes):
        able = [node for node in nodes if any(one in writing.there for one in waiting[node])]
        # A loop that nothing feeds from outside begins with what is inside already.
        node = able[0] if able else next(one for one in nodes if one not in begun)
        came = [one for one in waiting[node] if one in writing.there]
        waiting[node] = [one for one in waiting[node] if one not in came]
        writing.runs(node, came, nodes[node][1] if node not in begun else ())
        begun.add(node)
    return writing.done()


class _Writing:
    def __init__(self, weights: Mapping[str, tuple[str, str]]) -> None:
        self._weights = weights
        self.there: set[str] = set()
        self._events: list[Event] = []
        self._last: dict[str, int] = {}

    def _act(self) -> Act:
        return Act(at=START + timedelta(hours=len(self._events)), place=PLANT)

    def _weighs(self, stream: str) -> None:
        self.there.add(stream)
        if stream in self._weights:
            value, u = (Decimal(number) for number in self._weights[stream])
            ticket = Reading(weight="net", value=value, u=u, uom="KGM", basis="dry")
            self._events.append(metal.weighing(self._act(), lot(stream), [ticket]))

    def arises(self, stream: str) -> None:
        """A stream comes from outside."""
        act = self._act()
        self._events.append(metal.lot_mined(act, [Amount(lot(stream))], basis=None, country="PK", deposit=None))
        self._weighs(stream)

    def runs(self, node: str, into: Sequence[str], out: Sequence[str]) -> None:
        """Streams go into a node, and come out of it."""
        self._last[node] = len(self._events)
        self._events.append(
            metal.transformation(
                self._act(),
                process="separate",
                inputs=[Amount(lot(stream)) for stream in into],
                outputs=[Amount(lot(stream)) for stream in out],
                basis=None,
                made=Made(stage="refined") if out else None,
                transformation_id=f"urn:example:node:{node}",
            )
        )
        self.there -= set(into)
        for stream in out:
            self._weighs(stream)

    def done(self) -> list[Event]:
        """All events; the last of each node says that nothing is left in it."""
        for at in self._last.values():
            self._events[at] = {**self._events[at], name("emptied"): True}
        return self._events
