"""A reconciled flowsheet: every figure with its uncertainty and class, every measurement with its shift, every node."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from lodeline.errors import InputError, LodelineError
from lodeline.metal.reconciliation.network_basis import solved
from lodeline.metal.reconciliation.network_figures import Figures
from lodeline.metal.reconciliation.network_findings import findings, parts
from lodeline.metal.reconciliation.network_model import Written

if TYPE_CHECKING:
    import polars

    from lodeline.errors import Finding
    from lodeline.metal.reconciliation.network import Network
    from lodeline.metal.reconciliation.solution import Solution

Verdict = Literal["accepted", "rejected", "untested"]


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one figure.

    Attributes:
        name: Of the figure. kind: what it is. stream, component: of which; None where it is of none.
        value: The reconciled value; None where nothing determines it.
        u: Its standard uncertainty (k = 1); 0 where it is fixed or at a limit, None where there is no value.
        klass: How it is known, a word of :data:`lodeline.metal.reconciliation.solution.CLASSES`.
        measured, measured_u: What was measured; of an instrument, zero and what its calibration says.
        adjustment: ``value - measured``.
        z: What was read less what should have been read, turned round, over its own standard deviation: how many
            standard deviations the measurement was shifted. None where nothing checks it.
    """

    name: str
    kind: str
    stream: str | None
    component: str | None
    value: float | None
    u: float | None
    klass: str
    measured: float | None
    measured_u: float | None
    adjustment: float | None
    z: float | None


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement beside what, after all, it should have been.

    Attributes:
        name: Of the measurement. of: the figure. instrument: by what it was read.
        value, u: What was read.
        expected: What should have been read, the instrument's bias included.
        adjustment: ``expected - value``. z: over its standard deviation; None where nothing checks it.
    """

    name: str
    of: str
    instrument: str | None
    value: float
    u: float
    expected: float
    adjustment: float
    z: float | None


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """How far a node is from closing: what goes in less what goes out.

    Attributes:
        node: Its name. component: of which component; None: of the mass.
        before: By what was measured; None where something was not.
        after: By what was reconciled: rounding.
    """

    node: str
    component: str | None
    before: float | None
    after: float


class Reconciled:
    """A reconciled flowsheet. Made by :func:`lodeline.reconcile`; nothing in it changes.

    Attributes:
        network: What was reconciled.
        solution: The solved problem of the engine; ``names`` are its variables, ``measurements`` its observations.
        significance: Of the global test; None: no verdict was asked for.
    """

    def __init__(self, network: Network, written: Written, solution: Solution, significance: float | None) -> None:
        self.network, self.solution, self.significance = network, solution, significance
        self._written = written
        self._figures = Figures(network, written, solution)

    # -- the whole -------------------------------------------------------------------------------------------------

    @property
    def chi2(self) -> float:
        """The objective: sum of squared shifts over variances, of correlated ones with their covariance."""
        return self.solution.chi2

    @property
    def dof(self) -> int:
        """Degrees of freedom: in how many independent ways the measurements could disagree."""
        return self.solution.dof

    @cached_property
    def p_value(self) -> float | None:
        """Chance that measurements in order disagree this much or more; None where none can disagree."""
        from scipy.special import chdtrc

        return float(chdtrc(self.dof, self.chi2)) if self.dof else None

    @property
    def verdict(self) -> Verdict | None:
        """Of the global test at the significance; ``untested`` where nothing could disagree."""
        if self.significance is None:
            return None
        if self.p_value is None:
            return "untested"
        return "rejected" if self.p_value < self.significance else "accepted"

    @property
    def names(self) -> tuple[str, ...]:
        """Of the variables of the solution, in order."""
        return tuple(one.name for one in self._written.variables)

    @cached_property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """Nodes, streams and other figures that have to do with each other, the largest part first."""
        return parts(self._written)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be known of the flowsheet itself: parts, figures without number, measurements nobody checks."""
        return findings(self)

    # -- its lines -------------------------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> tuple[Estimate, ...]:
        """Every figure, stream by stream, then quantities, transfer coefficients, instruments and standards."""
        solution, first = self.solution, dict[int, int]()
        for index, one in enumerate(self._written.observations):
            first.setdefault(one.of, index)
        value, u, klass = self._figures.values()
        found = []
        for index, figure in enumerate(self._figures.all):
            variable = self._written.at.get(figure.name)
            row = first.get(variable) if variable is not None else None
            known = bool(np.isfinite(value[index]))
            measured = None if row is None else self._written.observations[row].value
            found.append(
                Estimate(
                    name=figure.name,
                    kind=figure.kind,
                    stream=figure.stream,
                    component=figure.component,
                    value=float(value[index]) if known else None,
                    u=float(u[index]) if known else None,
                    klass=klass[index],
                    measured=measured,
                    measured_u=None if row is None else float(solution.model.u[row]),
                    adjustment=float(value[index]) - measured if known and measured is not None else None,
                    z=None if row is None else self._z(row),
                )
            )
        return tuple(found)

    @cached_property
    def measurements(self) -> tuple[Shift, ...]:
        """Every measurement and calibration, in the order of the solution's observations."""
        expected = self.solution.model.value - self.solution.residual
        return tuple(
            Shift(
                name=one.name,
                of=self._written.variables[one.of].name,
                instrument=one.instrument,
                value=one.value,
                u=one.u,
                expected=float(expected[row]),
                adjustment=float(expected[row]) - one.value,
                z=self._z(row),
            )
            for row, one in enumerate(self._written.observations)
        )

    def _z(self, row: int) -> float | None:
        spread = self.solution.residual_u[row]
        return float(-self.solution.residual[row] / spread) if spread > 0 else None

    @cached_property
    def closure(self) -> tuple[Closure, ...]:
        """Every node and component."""
        before = self._figures.measured()
        found = []
        for row, one in enumerate(self._written.constraints):
            if one.node is not None:
                terms = [term[0] * float(np.prod(before[list(term[1:])])) for term in one.terms]
                was = one.constant + sum(terms)
                found.append(
                    Closure(
                        node=one.node,
                        component=one.component,
                        before=was if np.isfinite(was) else None,
                        after=float(self.solution.closure[row]),
                    )
                )
        return tuple(found)

    def __getitem__(self, name: str) -> Estimate:
        """The figure of this name.

        Raises:
            InputError: ``network.figure_unknown``.
        """
        found = self._by_name.get(name)
        if found is None:
            raise InputError("network.figure_unknown", f"{name} is no figure of the network.", figure=name)
        return found

    @cached_property
    def _by_name(self) -> dict[str, Estimate]:
        return {one.name: one for one in self.figures}

    def total(self, weights: Mapping[str, float]) -> tuple[float | None, float | None]:
        """A sum of figures and its standard uncertainty, their covariance included; None where undetermined.

        Args:
            weights: What each figure is multiplied with, by name.

        Raises:
            InputError: ``network.figure_unknown``.
        """
        for name in weights:
            self[name]
        return self._figures.total(weights)

    def to_polars(self) -> dict[str, polars.DataFrame]:
        """Frames ``figures``, ``measurements`` and ``closure``; what is not known is null.

        Raises:
            InputError: ``flows.library_missing``.
        """
        from lodeline.metal.reconciliation.network_tables import to_polars

        return to_polars(self)


def reconciled(network: Network, *, significance: float | None) -> Reconciled:
    """As :func:`lodeline.metal.reconciliation.network.reconcile` says."""
    if significance is not None and not 0 < significance < 1:
        raise InputError(
            "network.significance",
            f"A significance is a chance between 0 and 1, such as 0.05; this is {significance}.",
            significance=significance,
        )
    written = Written(network)
    try:
        solution = solved(written)
    except InputError as refusal:
        raise _named(refusal, written) from refusal
    return Reconciled(network, written, solution, significance)


def _named(refusal: InputError, written: Written) -> LodelineError:
    """A refusal of the engine, with the names of the rows that it speaks of."""
    where: dict[str, Any] = dict(refusal.where)
    if "constraints" in where:
        where["constraints"] = [
            written.constraints[row].name for row in where["constraints"] if row < len(written.constraints)
        ]
    if "variable" in where:
        where["figure"] = written.variables[where.pop("variable")].name
    if "observations" in where:
        where["observations"] = [written.observations[row].name for row in where["observations"]]
    return InputError(refusal.code, refusal.sentence, **where)
