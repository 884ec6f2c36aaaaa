"""A flowsheet as a problem of the engine: which variables it has, what was observed of them, what must hold.

A stream has its mass D as a variable. A grade that is known in some way is a variable g, and the component is then
``D * g`` wherever it is balanced; of one that was not measured the variable is the component's mass m itself, so that
its balances are linear. Water likewise: ``D = W - W * w`` where the moisture w is known, else ``D = W - water``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from lodeline.errors import InputError
from lodeline.metal.reconciliation.model import Correlation, Model, Terms
from lodeline.metal.reconciliation.network import (
    UNMEASURED,
    Fixed,
    Given,
    Instrument,
    Measured,
    Network,
    Stream,
    Unmeasured,
)
from lodeline.metal.reconciliation.network_equations import terms_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Term = tuple[float, int] | tuple[float, int, int]


class Variable(msgspec.Struct):
    """One unknown.

    Attributes:
        name: The figure that it is.
        guess: About what it is, before anything is solved.
        u: Standard uncertainty of its own measurement; None: it has none.
        low, high: Its limits, equal where it is fixed.
        rests: Whether it is nothing where nothing speaks of it: the bias of an instrument.
    """

    name: str
    guess: float
    u: float | None = None
    low: float = -np.inf
    high: float = np.inf
    rests: bool = False

    @property
    def fixed(self) -> bool:
        """Whether it is known exactly."""
        return self.low == self.high


class Observation(NamedTuple):
    """One measurement, or the calibration of an instrument.

    Attributes:
        name: Its name. of: the variable. value, u: what was read. instrument: by what. terms: what it is a reading of.
        calibration: Whether it is the prior of a bias.
    """

    name: str
    of: int
    value: float
    u: float
    instrument: str | None
    terms: list[Term]
    calibration: bool = False


class Constraint(NamedTuple):
    """Something that sums to zero.

    Attributes:
        name: What it is, for people. constant, terms: what it sums. node, component: of a balance, else None.
    """

    name: str
    constant: float
    terms: list[Term]
    node: str | None = None
    component: str | None = None


class Written:
    """A flowsheet, written out.

    Attributes:
        variables, observations, constraints: In the order of the engine's rows.
        at: The variable of each figure that is one.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.variables: list[Variable] = []
        self.observations: list[Observation] = []
        self.constraints: list[Constraint] = []
        self.at: dict[str, int] = {}
        self._streams = {stream.name: stream for stream in network.streams}
        self._typical = _typical(network)
        for standard in network.standards:
            self._bias(standard.name, standard.relative_u)
        self._instruments = {one.name: one for one in network.instruments}
        for instrument in network.instruments:
            self._instrument(instrument)
        for stream in network.streams:
            self._stream(stream)
        for quantity in network.quantities:
            guess = 1.0 if quantity.guess is None else quantity.guess
            self._variable(quantity.name, quantity.value, guess, _low(quantity.low), _high(quantity.high))
        for transfer in network.transfers:
            self._variable(transfer.name, transfer.coefficient, 0.5, 0.0, 1.0)
        for reading in network.readings:
            self._observe(reading.name, self.figure(reading.of, reading.name), reading.value)
        self._equations()
        self._balances()

    # -- variables -------------------------------------------------------------------------------------------------

    def _variable(self, name: str, given: Given, guess: float, low: float = -np.inf, high: float = np.inf) -> int:
        """A variable, with its measurement if it has one."""
        self.at[name] = index = len(self.variables)
        match given:
            case Fixed(value=value):
                self.variables.append(Variable(name, value, None, value, value))
            case Measured(value=value, u=u):
                self.variables.append(Variable(name, value, u, low, high))
                self._observe(name, index, given)
            case Unmeasured():
                self.variables.append(Variable(name, guess, None, low, high))
        return index

    def _bias(self, name: str, u: float) -> int:
        """What an instrument or standard is off by, zero as far as its calibration knows."""
        self.at[name] = index = len(self.variables)
        self.variables.append(Variable(name, 0.0, u, rests=True))
        self.observations.append(Observation(name, index, 0.0, u, None, [(1.0, index)], calibration=True))
        return index

    def _instrument(self, instrument: Instrument) -> None:
        if instrument.relative_u is not None:
            self._bias(instrument.name, instrument.relative_u)
        if instrument.offset_u is not None:
            self._bias(f"{instrument.name}/offset", instrument.offset_u)

    def _observe(self, name: str, of: int, given: Measured) -> None:
        """``reading = x * (1 + bias + standard) + offset``, as far as the instrument has them."""
        terms: list[Term] = [(1.0, of)]
        if given.instrument is not None:
            instrument = self._instruments[given.instrument]
            off = (instrument.name if instrument.relative_u is not None else None, instrument.standard)
            terms += [(1.0, of, self.at[one]) for one in off if one is not None]
            if instrument.offset_u is not None:
                terms.append((1.0, self.at[f"{instrument.name}/offset"]))
        assert given.u is not None  # a network without it is refused
        self.observations.append(Observation(name, of, given.value, given.u, given.instrument, terms))

    def _stream(self, stream: Stream) -> None:
        name, low, high = stream.name, _low(stream.low), _high(stream.high)
        if stream.moisture is None:
            self._variable(name, stream.mass, self._typical, low, high)
        else:
            wet = self._variable(f"{name}/wet", stream.mass, self._typical, 0.0)
            # The measurement goes by the name of its stream, as it is given there.
            if isinstance(stream.mass, Measured):
                self.observations[-1] = self.observations[-1]._replace(name=name)
            dry = self._variable(name, UNMEASURED, self.variables[wet].guess, low, high)
            if isinstance(stream.moisture, Unmeasured):
                water = self._variable(f"{name}/water", UNMEASURED, 0.1 * self.variables[wet].guess, 0.0)
                self._constrain(f"{name}/water", [(1.0, wet), (-1.0, dry), (-1.0, water)])
            else:
                moist = self._variable(f"{name}/moisture", stream.moisture, 0.1, 0.0, 1.0)
                self._constrain(f"{name}/moisture", [(1.0, wet), (-1.0, wet, moist), (-1.0, dry)])
        for component in self.network.components:
            grade = stream.grades.get(component, UNMEASURED)
            if isinstance(grade, Unmeasured):
                self._variable(f"{name}/{component}/mass", grade, self._part() * self._guess(name), 0.0)
            else:
                self._variable(f"{name}/{component}", grade, self._part(), 0.0, 1.0)

    def _part(self) -> float:
        return 1 / (len(self.network.components) + 1)

    def _guess(self, figure: str) -> float:
        return self.variables[self.at[figure]].guess

    def figure(self, name: str, place: str) -> int:
        """The variable of a figure that an equation or reading speaks of; made where it is only now needed.

        Raises:
            InputError: ``network.figure_unknown``.
        """
        if name in self.at:
            return self.at[name]
        stream = max((one for one in self._streams if name.startswith(f"{one}/")), key=len, default=None)
        if stream is not None:
            rest = name.removeprefix(f"{stream}/")
            if rest == "moisture" and f"{stream}/water" in self.at:
                moist = self._variable(name, UNMEASURED, 0.1, 0.0, 1.0)
                terms: list[Term] = [(1.0, self.at[f"{stream}/water"]), (-1.0, self.at[f"{stream}/wet"], moist)]
                self._constrain(name, terms)
                return moist
            component = rest.removesuffix("/mass")
            if component in self.network.components:
                return self._content(stream, component, name)
        raise InputError(
            "network.figure_unknown",
            f"{name} is no figure of the network; write a stream, stream/wet, stream/moisture, stream/component, "
            "stream/component/mass, or a quantity.",
            figure=name,
            place=place,
        )

    def _content(self, stream: str, component: str, name: str) -> int:
        """The grade where only the mass of a component is a variable, or its mass where only the grade is."""
        grade, mass = f"{stream}/{component}", f"{stream}/{component}/mass"
        if name == mass:
            self._variable(mass, UNMEASURED, self._guess(stream) * self._guess(grade), 0.0)
        else:
            self._variable(grade, UNMEASURED, self._part(), 0.0, 1.0)
        self._constrain(mass, [(1.0, self.at[mass]), (-1.0, self.at[stream], self.at[grade])])
        return self.at[name]

    # -- constraints -----------------------------------------------------------------------------------------------

    def _constrain(self, name: str, terms: list[Term], constant: float = 0.0) -> None:
        self.constraints.append(Constraint(name, constant, terms))

    def _equations(self) -> None:
        for transfer in self.network.transfers:
            ends = (transfer.to_stream, transfer.from_stream)
            if transfer.component is not None:
                ends = (f"{ends[0]}/{transfer.component}/mass", f"{ends[1]}/{transfer.component}/mass")
            to, source = (self.figure(end, transfer.name) for end in ends)
            self._constrain(transfer.name, [(1.0, to), (-1.0, source, self.at[transfer.name])])
        for equation in self.network.equations:
            name = equation.name or equation.text
            constant, terms = 0.0, list[Term]()
            for term in terms_of(equation.text):
                factors = [self.figure(figure, name) for figure in term.figures]
                match factors:
                    case []:
                        constant += term.coefficient
                    case [one]:
                        terms.append((term.coefficient, one))
                    case [one, other]:
                        terms.append((term.coefficient, one, other))
            self._constrain(name, terms, constant)

    def _balances(self) -> None:
        sides: dict[str, list[tuple[float, str]]] = {node: [] for node in self.network.nodes}
        for stream in self.network.streams:
            for sign, end in ((1.0, stream.to_node), (-1.0, stream.from_node)):
                if end is not None:
                    sides[end].append((sign, stream.name))
        for node, signed in sides.items():
            masses: list[Term] = [(sign, self.at[name]) for sign, name in signed]
            self.constraints.append(Constraint(f"balance of {node}", 0.0, masses, node))
            for component in self.network.components:
                content = [self.content(name, component, sign) for sign, name in signed]
                self.constraints.append(Constraint(f"balance of {component} at {node}", 0.0, content, node, component))
        for stream in self.network.streams if self.network.components else ():
            parts = [self.content(stream.name, component, 1.0) for component in self.network.components]
            if self.network.components_sum == "at most one":
                rest = self._variable(f"{stream.name}/rest", UNMEASURED, self._part() * self._guess(stream.name), 0.0)
                parts.append((1.0, rest))
            self._constrain(f"components of {stream.name}", [*parts, (-1.0, self.at[stream.name])])

    def content(self, stream: str, component: str, sign: float) -> Term:
        """The mass of a component in a stream, as a term."""
        mass = self.at.get(f"{stream}/{component}/mass")
        if mass is not None:
            return (sign, mass)
        return (sign, self.at[stream], self.at[f"{stream}/{component}"])

    # -- the problem -----------------------------------------------------------------------------------------------

    def model(self, start: Array, scale: Array) -> Model:
        """The problem of the engine, to be begun at ``start``, (variable,) both."""
        numbered = {one.name: index for index, one in enumerate(self.observations) if not one.calibration}
        pairs = self.network.correlations
        return Model(
            start=start,
            scale=scale,
            value=np.array([one.value for one in self.observations], dtype=np.float64),
            u=np.array([one.u for one in self.observations], dtype=np.float64),
            terms=Terms.of([one.terms for one in self.observations]),
            constant=np.array([one.constant for one in self.constraints], dtype=np.float64),
            constraint_terms=Terms.of([one.terms for one in self.constraints]),
            lower=np.array([one.low for one in self.variables], dtype=np.float64),
            upper=np.array([one.high for one in self.variables], dtype=np.float64),
            correlation=Correlation(
                np.array([numbered[pair.first] for pair in pairs], dtype=np.int64),
                np.array([numbered[pair.second] for pair in pairs], dtype=np.int64),
                np.array([pair.r for pair in pairs], dtype=np.float64),
            ),
        )


def _typical(network: Network) -> float:
    """A mass in the middle of those that are given."""
    known = [abs(stream.mass.value) for stream in network.streams if isinstance(stream.mass, (Measured, Fixed))]
    above = [one for one in known if one > 0]
    return float(np.median(above)) if above else 1.0


def _low(limit: float | None) -> float:
    return -np.inf if limit is None else limit


def _high(limit: float | None) -> float:
    return np.inf if limit is None else limit
