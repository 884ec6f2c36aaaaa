"""A flowsheet without a ledger: nodes, streams, what was measured of them, and what must hold between them.

Every figure has a name, by which equations, readings and correlations speak of it: ``F1`` is the (dry) mass of stream
F1, ``F1/wet`` and ``F1/moisture`` what they say, ``F1/Cu`` its mass fraction of Cu and ``F1/Cu/mass`` the mass of Cu in
it. Quantities, transfer coefficients, instruments and standards go by their own names. Masses are in one unit of the
user's choice, fractions are parts of one, uncertainties are standard uncertainties (k = 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from lodeline.metal.reconciliation.network_result import Reconciled


class Measured(msgspec.Struct, frozen=True):
    """A value that was measured.

    Attributes:
        value: What was read.
        u: Its standard uncertainty, > 0, in the same unit. It has no default, and a network with None is refused.
        instrument: The instrument of the network that read it, if its bias is to be estimated.
    """

    value: float
    u: float | None
    instrument: str | None = None


class Fixed(msgspec.Struct, frozen=True):
    """A value that is known exactly."""

    value: float


class Unmeasured(msgspec.Struct, frozen=True):
    """A value that nobody has measured."""


Given = Measured | Fixed | Unmeasured
UNMEASURED = Unmeasured()


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """What flows from one node to another in the period.

    Attributes:
        name: Its name.
        from_node: The node it leaves; None: it comes from outside.
        to_node: The node it enters; None: it goes outside.
        mass: Its mass; where it has a moisture, the wet mass.
        moisture: Mass of water per wet mass, 0 to 1; None: masses are dry, or nobody speaks of water.
        grades: Mass fraction of each component, 0 to 1, on the basis that balances (dry). A component that is left
            out was not measured.
        low, high: Limits of the mass that balances; None: no limit. A mass is not negative unless low is None.
    """

    name: str
    from_node: str | None = None
    to_node: str | None = None
    mass: Given = UNMEASURED
    moisture: Given | None = None
    grades: Mapping[str, Given] = msgspec.field(default_factory=dict)
    low: float | None = 0.0
    high: float | None = None


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """Anything else that equations speak of: a factor, a temperature, a ratio.

    Attributes:
        name: Its name.
        value: What is known of it.
        low, high: Its limits; None: no limit.
        guess: Where the search for an unmeasured one begins; it decides only which of several solutions is found.
    """

    name: str
    value: Given = UNMEASURED
    low: float | None = None
    high: float | None = None
    guess: float | None = None


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """The part of one stream that goes to another: ``to_stream = coefficient * from_stream``.

    Attributes:
        name: Its name.
        from_stream, to_stream: The streams.
        coefficient: What is known of it; 0 to 1.
        component: Of which component; None: of the whole mass.
    """

    name: str
    from_stream: str
    to_stream: str
    coefficient: Given = UNMEASURED
    component: str | None = None


class Equation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that holds exactly, such as ``F6 = F7`` or ``mSPL + mSPLL - 0.4 mV = 0``.

    Attributes:
        text: Sums on both sides of ``=``; a term is a number, a figure, or a product of a number and up to two
            figures. The name of a figure stands in double quotes where it is not a plain word: ``"1" = "2" + "3"``.
        name: How results call it; None: as it is written.
    """

    text: str
    name: str | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A further measurement of a figure, beside the one given with it.

    Attributes:
        name: Its name, by which a correlation speaks of it.
        of: The figure that was read.
        value: What was read, with its uncertainty and instrument.
    """

    name: str
    of: str
    value: Measured


class Correlated(msgspec.Struct, frozen=True):
    """Two measurements whose errors are correlated.

    Attributes:
        first, second: Their names: that of the figure, or of the reading.
        r: Correlation coefficient, -1 < r < 1.
    """

    first: str
    second: str
    r: float


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """What a scale or laboratory is off by in all it reads.

    ``reading = value * (1 + bias + error of standard) + offset + error``

    Attributes:
        name: Its name.
        relative_u: Standard uncertainty of the bias, a part of the value, from its calibration; None: it has none.
        offset_u: Standard uncertainty of the offset, in the unit of the readings; None: it has none.
        standard: The standard of the network that it was calibrated against, and shares the error of.
    """

    name: str
    relative_u: float | None = None
    offset_u: float | None = None
    standard: str | None = None


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """A reference that instruments are calibrated against.

    Attributes:
        name: Its name.
        relative_u: Standard uncertainty of its own error, a part of the value.
    """

    name: str
    relative_u: float


Sum = Literal["at most one", "one"]


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """A flowsheet. What cannot be one is refused when it is made.

    Attributes:
        nodes: Names of what must balance.
        streams: What flows between them, and in and out.
        components: What the streams consist of, as far as it is balanced.
        components_sum: Whether the components of a stream are all of it or may leave a rest.
        quantities, transfers, equations, readings, correlations, instruments, standards: As these say.

    Raises:
        InputError: ``network.empty``, ``network.name_missing``, ``network.name_twice``,
            ``network.node_unknown``, ``network.stream_returns``, ``network.node_without_streams``,
            ``network.node_one_sided``, ``network.uncertainty``, ``network.not_finite``, ``network.fraction``,
            ``network.limits``, ``network.beyond_limits``, ``network.component_unknown``, ``network.stream_unknown``,
            ``network.instrument_unknown``, ``network.standard_unknown``, ``network.instrument_without_bias``,
            ``network.correlation``.
    """

    nodes: Sequence[str]
    streams: Sequence[Stream]
    components: Sequence[str] = ()
    components_sum: Sum = "at most one"
    quantities: Sequence[Quantity] = ()
    transfers: Sequence[Transfer] = ()
    equations: Sequence[Equation] = ()
    readings: Sequence[Reading] = ()
    correlations: Sequence[Correlated] = ()
    instruments: Sequence[Instrument] = ()
    standards: Sequence[Standard] = ()

    def __post_init__(self) -> None:
        from lodeline.metal.reconciliation.network_checks import check

        check(self)


def reconcile(network: Network, *, significance: float | None = None) -> Reconciled:
    """Shift what was measured, each by its own uncertainty, until every node closes.

    Weighted least squares under exact balances, equations and limits; biases of instruments are estimated with the
    rest. What nothing determines gets no number.

    Args:
        network: The flowsheet.
        significance: Chance, 0 to 1, at which the global test may reject measurements that are in order. It has no
            default; without it there is a p-value and no verdict.

    Raises:
        InputError: ``network.significance``, ``network.equation``, ``network.figure_unknown``,
            ``reconcile.constraints_disagree``, ``reconcile.correlation``, ``reconcile.not_converged``, each with the
            names of what it is about.

    Source: Kuehn & Davidson (1961), Chem. Eng. Prog. 57(6), 44-47; Narasimhan & Jordache (2000), chapters 3 to 5.
    """
    from lodeline.metal.reconciliation.network_result import reconciled

    return reconciled(network, significance=significance)
