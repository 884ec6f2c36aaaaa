"""What cannot be a flowsheet, refused by name before anything is solved."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.metal.reconciliation.network import Given, Network, Stream


def check(network: Network) -> None:
    """Refuse what :class:`lodeline.metal.reconciliation.network.Network` says it refuses."""
    _names(network)
    _topology(network)
    for figure, given, low, high in _givens(network):
        _given(figure, given, low, high)
    _mentions(network)
    _instruments(network)
    _correlations(network)


def _names(network: Network) -> None:
    """Every name is there, and means one thing."""
    for node in network.nodes:
        _named(node, "A node")
    seen: dict[str, str] = {}
    for name, what in all_names(network):
        _named(name, what)
        if name in seen:
            raise InputError(
                "network.name_twice",
                f"{name} is the name of {seen[name].lower()} and of {what.lower()}; give each its own name.",
                name=name,
            )
        seen[name] = what
    for names, kind in ((network.nodes, "node"), (network.components, "component")):
        for name, count in Counter(names).items():
            if count > 1:
                raise InputError("network.name_twice", f"There are two {kind}s {name}; name each once.", name=name)


def all_names(network: Network) -> Iterator[tuple[str, str]]:
    """Every name that an equation may use, with what it is the name of. Nodes have names of their own."""
    for stream in network.streams:
        yield stream.name, "A stream"
        if stream.moisture is not None:
            yield f"{stream.name}/wet", "A wet mass"
            yield f"{stream.name}/moisture", "A moisture"
        for component in network.components:
            yield f"{stream.name}/{component}", "A mass fraction"
            yield f"{stream.name}/{component}/mass", "A mass of a component"
    for some, what in (
        (network.quantities, "A quantity"),
        (network.transfers, "A transfer coefficient"),
        (network.readings, "A reading"),
        (network.instruments, "An instrument"),
        (network.standards, "A standard"),
    ):
        for one in some:
            yield one.name, what
    for instrument in network.instruments:
        if instrument.offset_u is not None:
            yield f"{instrument.name}/offset", "An offset"


def _named(name: object, what: str) -> None:
    if not isinstance(name, str) or not name.strip():
        raise InputError("network.name_missing", f"{what} has no name; give it one.", name=name)


def _topology(network: Network) -> None:
    """Streams go between nodes that there are, and no node has only one side."""
    if not network.streams and not network.quantities:
        raise InputError("network.empty", "The network has no stream and no quantity; add what flows in it.")
    into: dict[str, list[Stream]] = {node: [] for node in network.nodes}
    out: dict[str, list[Stream]] = {node: [] for node in network.nodes}
    for stream in network.streams:
        for node, streams_of, word in ((stream.from_node, out, "comes from"), (stream.to_node, into, "goes to")):
            if node is not None and node not in streams_of:
                raise InputError(
                    "network.node_unknown",
                    f"Stream {stream.name} {word} {node}, which is no node; add it to the nodes, or leave it out where "
                    "the stream crosses the border.",
                    stream=stream.name,
                    node=node,
                )
            if node is not None:
                streams_of[node].append(stream)
        if stream.from_node is not None and stream.from_node == stream.to_node:
            raise InputError(
                "network.stream_returns",
                f"Stream {stream.name} leaves {stream.from_node} and enters it again, so that no balance sees it; "
                "name the node between, or leave the stream out.",
                stream=stream.name,
            )
    for node in network.nodes:
        streams = (*into[node], *out[node])
        if not streams:
            raise InputError(
                "network.node_without_streams", f"No stream enters or leaves node {node}; take it out.", node=node
            )
        if not (into[node] and out[node]) and all(stream.low is not None and stream.low >= 0 for stream in streams):
            side = "in" if into[node] else "out"
            raise InputError(
                "network.node_one_sided",
                f"Every stream of node {node} goes {side}, so all of them would be nothing; add what is missing.",
                node=node,
            )


def _givens(network: Network) -> Iterator[tuple[str, Given, float | None, float | None]]:
    """Every value that is given, with its figure and limits."""
    for stream in network.streams:
        # The limits of a stream are those of the mass that balances; a wet mass is only not negative.
        limits = (stream.low, stream.high) if stream.moisture is None else (0.0, None)
        yield stream.name, stream.mass, *limits
        if stream.moisture is not None:
            yield f"{stream.name}/moisture", stream.moisture, 0.0, 1.0
        for component, grade in stream.grades.items():
            yield f"{stream.name}/{component}", grade, 0.0, 1.0
    for quantity in network.quantities:
        yield quantity.name, quantity.value, quantity.low, quantity.high
    for transfer in network.transfers:
        yield transfer.name, transfer.coefficient, 0.0, 1.0
    fractions = {name for name, what in all_names(network) if what in ("A moisture", "A mass fraction")}
    for reading in network.readings:
        limits = (0.0, 1.0) if reading.of in fractions else (None, None)
        yield reading.name, reading.value, *limits


def _given(figure: str, given: Given, low: float | None, high: float | None) -> None:
    from lodeline.metal.reconciliation.network import Fixed, Measured

    for limit in (low, high):
        if limit is not None and not math.isfinite(limit):
            raise InputError("network.not_finite", f"A limit of {figure} is {limit}; leave it out.", figure=figure)
    if low is not None and high is not None and low > high:
        raise InputError("network.limits", f"The lower limit of {figure} is above the upper one.", figure=figure)
    if not isinstance(given, (Measured, Fixed)):
        return
    if not math.isfinite(given.value):
        raise InputError(
            "network.not_finite",
            f"{figure} is {given.value}; give a finite value, or leave it unmeasured.",
            figure=figure,
        )
    if isinstance(given, Measured) and (given.u is None or not math.isfinite(given.u) or given.u <= 0):
        raise InputError(
            "network.uncertainty",
            f"{figure} is {given.value} and its standard uncertainty {given.u}; give one above zero, or say that the "
            "value is fixed.",
            figure=figure,
        )
    if (low, high) == (0.0, 1.0) and not 0 <= given.value <= 1:
        raise InputError(
            "network.fraction",
            f"{figure} is {given.value}; a fraction is from 0 to 1, so write 25 % as 0.25.",
            figure=figure,
        )
    beyond = (low is not None and given.value < low) or (high is not None and given.value > high)
    if isinstance(given, Fixed) and beyond:
        raise InputError(
            "network.beyond_limits", f"{figure} is fixed at {given.value}, which its limits exclude.", figure=figure
        )


def _mentions(network: Network) -> None:
    """What is spoken of is there."""
    streams = {stream.name for stream in network.streams}
    for stream in network.streams:
        for component in stream.grades:
            _component(component, network, stream.name)
    for transfer in network.transfers:
        for name in (transfer.from_stream, transfer.to_stream):
            if name not in streams:
                raise InputError(
                    "network.stream_unknown",
                    f"Transfer coefficient {transfer.name} speaks of {name}, which is no stream.",
                    transfer=transfer.name,
                    stream=name,
                )
        if transfer.component is not None:
            _component(transfer.component, network, transfer.name)


def _component(component: str, network: Network, place: str) -> None:
    if component not in network.components:
        raise InputError(
            "network.component_unknown",
            f"{place} speaks of {component}, which is no component of the network; add it to the components.",
            component=component,
            figure=place,
        )


def _instruments(network: Network) -> None:
    standards = {standard.name for standard in network.standards}
    instruments = {instrument.name for instrument in network.instruments}
    for instrument in network.instruments:
        if instrument.standard is not None and instrument.standard not in standards:
            raise InputError(
                "network.standard_unknown",
                f"Instrument {instrument.name} was calibrated against {instrument.standard}, which is no standard of "
                "the network; add it.",
                instrument=instrument.name,
            )
        if (instrument.relative_u, instrument.offset_u, instrument.standard) == (None, None, None):
            raise InputError(
                "network.instrument_without_bias",
                f"Instrument {instrument.name} has no uncertainty of its bias or offset; give one, or leave it out.",
                instrument=instrument.name,
            )
        for u in (instrument.relative_u, instrument.offset_u):
            _prior(instrument.name, u)
    for standard in network.standards:
        _prior(standard.name, standard.relative_u)
    for figure, given, _, _ in _givens(network):
        name = getattr(given, "instrument", None)
        if name is not None and name not in instruments:
            raise InputError(
                "network.instrument_unknown",
                f"{figure} was read by {name}, which is no instrument of the network; add it.",
                figure=figure,
                instrument=name,
            )


def _prior(name: str, u: float | None) -> None:
    if u is not None and not (math.isfinite(u) and u > 0):
        raise InputError(
            "network.uncertainty",
            f"The standard uncertainty of what {name} is off by is {u}; give one above zero, or leave it out.",
            figure=name,
        )


def measured_names(network: Network) -> Iterable[str]:
    """The names of all measurements, in order: those of the figures, where a stream's mass may be wet, and readings."""
    from lodeline.metal.reconciliation.network import Measured

    for figure, given, _, _ in _givens(network):
        if isinstance(given, Measured):
            yield figure


def _correlations(network: Network) -> None:
    names = set(measured_names(network))
    seen: set[frozenset[str]] = set()
    for one in network.correlations:
        for name in (one.first, one.second):
            if name not in names:
                raise InputError(
                    "network.correlation",
                    f"A correlation speaks of {name}, which was not measured; name two measurements.",
                    measurement=name,
                )
        pair = frozenset((one.first, one.second))
        if not -1 < one.r < 1 or len(pair) < 2 or pair in seen:
            raise InputError(
                "network.correlation",
                f"{one.first} and {one.second} have a correlation of {one.r}; give each pair of two measurements once, "
                "between -1 and 1.",
                measurement=one.first,
            )
        seen.add(pair)
