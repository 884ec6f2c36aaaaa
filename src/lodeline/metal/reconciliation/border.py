"""Biases shared by many measurements, as a border of the balances' system: what closure says of each, and what not.

A reading is ``y = x + B b + e`` with b the biases of scales, laboratories and methods, each with a prior from its
calibration, and B their effect on each flow. With ``U = A B`` and ``W = S^-1 U`` everything that closure says of b is
in ``U' W``; no system larger than S is solved. B must be taken at reconciled masses: at measured ones U holds the very
noise that it is to explain, and intervals come out too narrow.

Source: the matrix inversion lemma, for example Golub & Van Loan, Matrix Computations (2013), 2.1.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Border(NamedTuple):
    """What closure and priors together say of biases.

    Attributes:
        bias, bias_u: (instrument,) estimate and standard uncertainty, in the unit of the prior.
        prior_u: (instrument,)
        information: (direction,) eigenvalues of ``T^1/2 U' W T^1/2``, ascending: how much closure knows of a direction,
            in units of what the priors know. Where it is 0, as for all scales of a network together, closure says
            nothing, however much is weighed.
        direction: (instrument, direction) each in units of the priors, of length one.
        root: (instrument, instrument) ``root @ root.T`` is the covariance of the biases.
    """

    bias: Floats
    bias_u: Floats
    prior_u: Floats
    information: Floats
    direction: Floats
    root: Floats

    @property
    def narrowed(self) -> Floats:
        """(instrument,) posterior over prior standard uncertainty: 1 where closure says nothing."""
        ratio: Floats = self.bias_u / self.prior_u
        return ratio

    def covariance(self) -> Floats:
        """(instrument, instrument) of the biases."""
        product: Floats = self.root @ self.root.T
        return product

    def unknown(self) -> list[tuple[float, Floats]]:
        """Directions of which closure knows less than the priors: information (< 1) and (instrument,) direction.

        Instruments with a large part in one direction can be told apart only by what is not a balance: a calibration.
        """
        weak = np.flatnonzero(self.information < 1)
        return [(float(self.information[one]), self.direction[:, one]) for one in weak]


def border(known: Floats, told: Floats, prior_u: Floats) -> Border:
    """Estimate biases.

    Args:
        known: (instrument, instrument) ``U' S^-1 U``.
        told: (instrument,) ``U' S^-1 r``, r the imbalances.
        prior_u: (instrument,) standard uncertainty of each bias, > 0.
    """
    scaled = prior_u[:, None] * known * prior_u
    information, direction = np.linalg.eigh((scaled + scaled.T) / 2)
    # Positive semidefinite but for rounding; below zero a variance would exceed its prior.
    information = np.maximum(information, 0.0)
    root = prior_u[:, None] * direction / np.sqrt(1 + information)
    return Border(
        bias=root @ (root.T @ told),
        bias_u=np.sqrt((root**2).sum(axis=1)),
        prior_u=prior_u,
        information=information,
        direction=direction,
        root=root,
    )
