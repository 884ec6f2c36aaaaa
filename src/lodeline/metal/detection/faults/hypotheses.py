"""All hypotheses about a book at one field: the best of each family, and what could stand in the place of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from lodeline.metal.detection.faults.alone import Alone, leaks
from lodeline.metal.detection.faults.hypothesis import SHARES, Family, Hypothesis
from lodeline.metal.detection.faults.known import Known, LeftOut
from lodeline.metal.detection.faults.mistakes import other_species, received_in_parts
from lodeline.metal.detection.faults.receipts import loads
from lodeline.metal.detection.faults.series import listed
from lodeline.metal.detection.faults.windows import Windows

if TYPE_CHECKING:
    from lodeline.metal.detection.faults.field import Column, Field, Left
    from lodeline.metal.detection.faults.usual import Supposed
    from lodeline.metal.detection.limits.consignments import Uncounted
    from lodeline.metal.flows.flows import Flows
    from lodeline.metal.reconciliation.ledger_model import LedgerModel

ALIKE = 1 - 1e-9
"""Directions whose cosine is beyond this are one and the same to the data."""
EXPLAINED = 0.5
"""A rival leaves at most this part of the square of T, however little that was."""
UNKNOWN: Final = ("reading", "lost", "gained", "place", "instrument", "calibration", "usual")
"""Families of faults of unknown size, which are rivals of each other."""


class Hypotheses:
    """All hypotheses about a book at one field.

    Args:
        flows: Of the book.
        ledger: The problem of the field.
        field: Where.
        supposed: What is usual in it.
        uncounted: Receipts that were not counted.
        generator: For draws.
    """

    def __init__(
        self,
        flows: Flows,
        ledger: LedgerModel,
        field: Field,
        *,
        supposed: Supposed,
        uncounted: Sequence[Uncounted],
        generator: np.random.Generator,
    ) -> None:
        self.flows, self.ledger, self.field, self.supposed = flows, ledger, field, supposed
        self.listed = listed(ledger)
        self.again = LeftOut(field, loads(flows, ledger, self.listed, field.x, uncounted))
        windows = Windows(field, self.listed, generator, UNKNOWN)
        self.series, self.of_window, self.size_of_window = windows.series, windows.of_window, windows.size
        priors = np.array(ledger.biases.observation, dtype=np.int64)
        self._families: Mapping[str, Family] = {
            "reading": Alone("reading", field, self.listed.observation, among=UNKNOWN),
            **leaks(flows, ledger, field, UNKNOWN),
            "calibration": Alone("calibration", field, priors, sign=-1.0, among=("place", "calibration", "usual")),
            "instrument": windows,
            "species": Known("species", field, self.listed, other_species(flows, ledger, self.listed, field.x)),
            "receipt": Known("receipt", field, self.listed, received_in_parts(flows, self.listed)),
            "again": self.again,
            "usual": Alone("usual", field, supposed.rows, among=UNKNOWN),
        }

    def best(self, left: Left) -> Hypothesis | None:
        """The one that chance explains least, of all families, beside what has been explained."""
        found = [family.best(left) for family in self._families.values()]
        return min((one for one in found if one is not None), key=lambda one: one.log_share, default=None)

    def log_expected(self, one: Hypothesis, statistic: float, effect: float) -> float:
        """As of its family; see :class:`~lodeline.metal.detection.faults.hypothesis.Family`."""
        return self._families[one.family].log_expected(one, statistic, effect)

    def counts(self) -> dict[str, int]:
        """How many tests each family makes, or is worth."""
        return {family: self._families[family].count() for family in SHARES}

    def rivals(self, left: Left, one: Hypothesis, column: Column, margin: float) -> list[Hypothesis]:
        """What explains nearly as much in the place of one, and leaves little for it to explain; itself included.

        Args:
            left: Beside all others that were found.
            column: ``M d`` of the one, of the field.
            margin: How much smaller the logarithm of the likelihood ratio may be.
        """
        own = left.column(column, one.direction)
        size = np.sqrt(self.field.product(one.direction, own))
        kept = []
        for rival in (each for family in self._families.values() for each in family.beyond(left, one, margin)):
            along = self.field.product(rival.direction, own) / size  # of T of the one by a rival of size one
            weight = (left.seen(rival.direction) / rival.statistic) ** 2
            cosine = min(abs(along) / np.sqrt(weight), ALIKE) * np.sign(along)
            beside = (one.statistic - cosine * rival.statistic) ** 2 / (1 - cosine**2)
            if beside <= min(2 * margin, EXPLAINED * one.statistic**2):
                kept.append(rival)
        return kept
