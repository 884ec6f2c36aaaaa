"""The figures of a flowsheet: those that are variables of the problem, and those that follow from several.

A grade that was not measured is the component's mass over the mass, ``g = m / D``; the mass of a component whose grade
was measured is ``m = D * g``; the moisture of what was weighed wet without one is water over wet mass. Their
uncertainties are first order, with the covariance of what they are made of.
Source: JCGM 102:2011, 6.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy import sparse

from lodeline.metal.reconciliation.solution import AT_LIMIT, CLASSES, FIXED, OBSERVABLE, UNOBSERVABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lodeline.metal.reconciliation.network import Network
    from lodeline.metal.reconciliation.network_model import Written
    from lodeline.metal.reconciliation.solution import Solution

    Array = NDArray[np.float64]


NOTHING = 1e-9
"""A mass below this part of its scale is none."""


class Figure(NamedTuple):
    """One figure.

    Attributes:
        name, kind, stream, component: As an estimate says.
        how: Whether it is a variable, or the product or the ratio of two.
        of: The variable or variables.
    """

    name: str
    kind: str
    stream: str | None
    component: str | None
    how: Literal["variable", "product", "ratio"]
    of: tuple[int, ...]


class Figures:
    """All of them, with what a solution says of each."""

    def __init__(self, network: Network, written: Written, solution: Solution) -> None:
        self._written, self._solution = written, solution
        self.all = tuple(_figures(network, written.at))
        self._row = {one.name: index for index, one in enumerate(self.all)}

    def values(self) -> tuple[Array, Array, list[str]]:
        """Value and standard uncertainty, (figure,) each, NaN where undetermined, and the word of the class."""
        solution = self._solution
        weight = self._gradients()
        value = np.array([self._value(one) for one in self.all])
        plain = np.array([one.of[0] if one.how == "variable" else -1 for one in self.all])
        of_variable = plain >= 0
        u = np.where(of_variable, solution.u[plain], 0.0)
        klass = np.where(of_variable, solution.klass[plain], OBSERVABLE)
        derived = np.flatnonzero(~of_variable)
        if derived.size:
            u[derived] = solution.functional(weight[derived])[1]
            for row in derived:
                klass[row] = self._class(self.all[row], float(u[row]))
        lost = (klass == UNOBSERVABLE) | ~np.isfinite(value)
        value[lost] = u[lost] = np.nan
        klass[lost] = UNOBSERVABLE
        return value, u, [CLASSES[int(one)] for one in klass]

    def _value(self, figure: Figure) -> float:
        x = self._solution.x[list(figure.of)]
        match figure.how:
            case "variable":
                return float(x[0])
            case "product":
                return float(x[0] * x[1])
            case "ratio":
                return float(x[0] / x[1]) if self._is_some(figure) else float("nan")

    def _is_some(self, ratio: Figure) -> bool:
        """Whether there is any of what a figure is a part of; of nothing, nothing is a part."""
        whole = ratio.of[1]
        return bool(abs(self._solution.x[whole]) > NOTHING * self._solution.model.scale[whole])

    def _gradients(self) -> sparse.csr_array:
        """(figure, variable) how each figure moves with the variables."""
        rows: list[int] = []
        columns: list[int] = []
        numbers: list[float] = []
        for row, figure in enumerate(self.all):
            x = self._solution.x[list(figure.of)]
            match figure.how:
                case "variable":
                    numbers.append(1.0)
                case "product":
                    numbers += (float(x[1]), float(x[0]))
                case "ratio":
                    numbers += (1 / float(x[1]), -float(x[0] / x[1] ** 2)) if self._is_some(figure) else (0.0, 0.0)
            rows += [row] * len(figure.of)
            columns += figure.of
        return sparse.csr_array((numbers, (rows, columns)), shape=(len(self.all), self._solution.x.size))

    def _class(self, figure: Figure, u: float) -> int:
        if not np.isfinite(u):
            return UNOBSERVABLE
        of = self._solution.klass[list(figure.of)]
        if (of == FIXED).all():
            return FIXED
        # A product with nothing, or a part of what is held, moves with neither.
        return AT_LIMIT if u == 0 and (of == AT_LIMIT).any() else OBSERVABLE

    def measured(self) -> Array:
        """(variable,) what was measured or fixed of each, computed from such where it can be; else NaN."""
        written, model = self._written, self._solution.model
        found = np.where(model.lower == model.upper, model.lower, np.nan)
        for one in reversed(written.observations):
            found[one.of] = one.value
        for stream in written.network.streams:
            # What was weighed wet and dried by its moisture is as good as measured.
            wet, moist = (written.at.get(f"{stream.name}/{what}", -1) for what in ("wet", "moisture"))
            dry = written.at[stream.name]
            if wet >= 0 and moist >= 0 and not np.isfinite(found[dry]):
                found[dry] = found[wet] * (1 - found[moist])
            for component in written.network.components:
                mass, grade = (written.at.get(f"{stream.name}/{component}{end}", -1) for end in ("/mass", ""))
                if mass >= 0 and grade >= 0:
                    found[mass] = found[dry] * found[grade]
        return found

    def total(self, weights: Mapping[str, float]) -> tuple[float | None, float | None]:
        """A sum of figures with its standard uncertainty; None where undetermined."""
        rows = [self._row[name] for name in weights]
        numbers = np.array(list(weights.values()), dtype=np.float64)
        weight = sparse.csr_array(numbers[None, :]) @ self._gradients()[rows]
        (u,) = self._solution.functional(weight)[1]
        value = float(sum(number * self._value(self.all[row]) for number, row in zip(numbers, rows, strict=True)))
        return (value, float(u)) if np.isfinite(u) and np.isfinite(value) else (None, None)


def _figures(network: Network, at: Mapping[str, int]) -> Iterator[Figure]:
    for stream in network.streams:
        name = stream.name
        yield Figure(name, "mass", name, None, "variable", (at[name],))
        if stream.moisture is not None:
            wet = f"{name}/wet"
            yield Figure(wet, "wet mass", name, None, "variable", (at[wet],))
            moist = f"{name}/moisture"
            if moist in at:
                yield Figure(moist, "moisture", name, None, "variable", (at[moist],))
            else:
                yield Figure(moist, "moisture", name, None, "ratio", (at[f"{name}/water"], at[wet]))
        for component in network.components:
            grade, mass = f"{name}/{component}", f"{name}/{component}/mass"
            if grade in at:
                yield Figure(grade, "mass fraction", name, component, "variable", (at[grade],))
            else:
                yield Figure(grade, "mass fraction", name, component, "ratio", (at[mass], at[name]))
            if mass in at:
                yield Figure(mass, "mass of component", name, component, "variable", (at[mass],))
            else:
                yield Figure(mass, "mass of component", name, component, "product", (at[name], at[grade]))
    for quantity in network.quantities:
        yield Figure(quantity.name, "quantity", None, None, "variable", (at[quantity.name],))
    for transfer in network.transfers:
        yield Figure(transfer.name, "transfer coefficient", None, transfer.component, "variable", (at[transfer.name],))
    for instrument in network.instruments:
        if instrument.name in at:
            yield Figure(instrument.name, "bias", None, None, "variable", (at[instrument.name],))
        if f"{instrument.name}/offset" in at:
            offset = f"{instrument.name}/offset"
            yield Figure(offset, "offset", None, None, "variable", (at[offset],))
    for standard in network.standards:
        yield Figure(standard.name, "error of standard", None, None, "variable", (at[standard.name],))
