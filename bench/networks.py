"""Published flowsheets: streams, what they truly carry and how well they are measured, and balances.

The figures are those of the articles, true flows and standard deviations as the collection of benchmark problems
EDSONCV/dr-ged-benchmarks (GitHub, commits 98b250d, and bdccfa9 for the ethylene plant) carries them; the units are
the articles'.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeline.metal.reconciliation.model import Model, Terms

Array = NDArray[np.float64]


class Network(NamedTuple):
    """A flowsheet with every stream measured.

    Attributes:
        name, title, source: What it is, and the article.
        true: (stream,) flows that close every balance.
        u: (stream,) standard uncertainties of a measurement.
        nodes: Of each balance the streams that enter and those that leave, counted from 1 in the order of ``true``.
    """

    name: str
    title: str
    source: str
    true: tuple[float, ...]
    u: tuple[float, ...]
    nodes: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    @property
    def labels(self) -> list[str]:
        """(stream,) their numbers."""
        return [str(one + 1) for one in range(len(self.true))]

    def model(self, periods: int = 1) -> Model:
        """The problem, measured without error, over some periods, each with streams and balances of its own."""
        value = np.tile(np.array(self.true, dtype=np.float64), periods)
        u = np.tile(np.array(self.u, dtype=np.float64), periods)
        count, size = len(self.true), value.size
        balances = [
            [(1.0, one - 1 + turn * count) for one in enter] + [(-1.0, one - 1 + turn * count) for one in leave]
            for turn in range(periods)
            for enter, leave in self.nodes
        ]
        return Model(
            start=value,
            scale=value,
            value=value,
            u=u,
            terms=Terms.of([[(1.0, one)] for one in range(size)]),
            constant=np.zeros(len(balances)),
            constraint_terms=Terms.of(balances),
            lower=np.full(size, -np.inf),
            upper=np.full(size, np.inf),
        )

    def imbalance_u(self) -> Array:
        """(balance,) standard deviation of what is missing at each, at the measured values."""
        square = np.square(self.u)
        return np.sqrt([sum(square[one - 1] for one in (*enter, *leave)) for enter, leave in self.nodes])


GRINDING = Network(
    name="dr-linear-09",
    title="Grinding and flotation of an ore",
    source="Mandel, Abdollahzadeh, Maquin & Ragot (1998), Int. J. Miner. Process. 53, 157-169",
    true=(230, 21, 209, 35, 174, 15, 159, 50, 209, 94, 115, 44),
    u=(37.575, 1.08, 5, 1.825, 2, 0.88, 7.245, 1, 5, 2, 18.1, 2.385),
    nodes=(
        ((1,), (2, 3)),
        ((3,), (4, 5)),
        ((5,), (6, 7)),
        ((7, 8), (9,)),
        ((10,), (8, 12)),
        ((9,), (10, 11)),
    ),
)

ORE = Network(
    name="dr-linear-13",
    title="Mineral processing plant",
    source="Alhaj-Dibo, Maquin & Ragot (2008), Control Eng. Pract. 16, 159-170",
    true=(25, 27, 22, 2, 20, 24, 14, 10, 10, 4, 5, 7, 1, 8, 5, 3),
    u=(1, 1.325, 1.46, 0.2, 0.916, 1.101, 1.04, 0.472, 0.401, 0.207, 0.3, 0.328, 0.052, 0.369, 0.25, 0.385),
    nodes=(
        ((1, 4), (2,)),
        ((2,), (3, 11)),
        ((3,), (4, 5)),
        ((5, 10), (6,)),
        ((6,), (7, 8)),
        ((7,), (9, 10)),
        ((11, 16), (12, 13)),
        ((12, 13), (14,)),
        ((14,), (15, 16)),
    ),
)

STEAM = Network(
    name="dr-linear-15",
    title="Steam metering",
    source="Serth & Heenan (1986), AIChE J. 32, 733-742",
    true=(
        *(0.86, 1, 111.82, 109.96, 53.27, 112.27, 2.32, 164.05, 0.83, 52.41, 14.86, 67.27, 111.27, 91.86),
        *(60, 23.64, 32.73, 16.23, 7.85, 10.6, 87.32, 5.45, 2.59, 46.63, 85.46, 81.23, 70.79, 72.22),
    ),
    u=(
        *(0.022, 0.025, 2.796, 2.749, 1.332, 2.807, 0.058, 4.101, 0.021, 1.31, 0.372, 1.682, 2.782, 2.297),
        *(1.5, 0.591, 0.818, 0.406, 0.196, 0.263, 2.183, 0.136, 0.065, 1.166, 2.137, 2.033, 1.77, 1.806),
    ),
    nodes=(
        ((1, 2, 4), (3,)),
        ((7, 8), (5, 6, 9)),
        ((5,), (1, 10)),
        ((10, 11), (12,)),
        ((3, 13), (11, 14, 15, 16, 17)),
        ((6,), (2, 13)),
        ((14, 18), (7, 19, 20, 21)),
        ((15, 22), (18, 23, 24)),
        ((12, 16), (22, 25)),
        ((19, 23, 27), (26,)),
        ((20, 26, 28), (8,)),
    ),
)

ETHYLENE = Network(
    name="dr-linear-16",
    title="Ethylene plant",
    source="Zhang, Shao, Chen, Wang & Qian (2010), Comput. Chem. Eng. 34, 154-162",
    true=(
        *(225.37, 167.89, 1332, 1332, 2276.87, 137.5, 917.89, 532.38, 385.51, 385.51, 385.51, 100.32, 285.19),
        *(147.69, 680.07, 683.07, 683.07, 1593.8, 1593.8, 582.6, 582.6, 1178.2, 2872.47, 3.83, 2876.3, 2876.3),
        *(2876.3, 2876.3, 3098.1, 1400, 1337.7, 11.36, 349.04, 501.44, 392.1, 33.8, 535.24, 244.46, 147.64),
        *(31.13, 504.11, 7, 497.11, 233.72, 247.55, 15.84, 13.37, 2.47, 308.47, 310.94),
    ),
    u=(
        *(2.06, 1.31, 11.12, 11.16, 18.61, 1.22, 7.81, 4.74, 3.32, 3.32, 3.32, 0.85, 2.26),
        *(1.34, 6.35, 6.35, 6.24, 14.97, 14.97, 5.28, 5.28, 9.27, 23.76, 0.03, 25.96, 25.96),
        *(25.96, 25.96, 25.87, 11.46, 12.2, 0.1, 2.98, 4.37, 3.34, 0.29, 1, 2.15, 1.2),
        *(1, 4.43, 0.06, 4.18, 1.93, 2.12, 0.12, 0.12, 0.02, 2.86, 2.74),
    ),
    nodes=(
        ((1, 2, 3, 4, 6), (5, 7)),
        ((7,), (8, 9)),
        ((9,), (10,)),
        ((10,), (11,)),
        ((11,), (12, 13)),
        ((13,), (6, 14)),
        ((8, 14), (15,)),
        ((5,), (16, 18)),
        ((16,), (17,)),
        ((18,), (19,)),
        ((17, 19, 22), (20, 23)),
        ((20,), (21,)),
        ((23, 24), (25,)),
        ((25,), (26,)),
        ((26,), (27,)),
        ((27,), (28,)),
        ((28, 30), (22, 29)),
        ((29,), (30, 31, 32, 33)),
        ((21, 50), (34, 35)),
        ((35,), (38, 39)),
        ((34, 36), (37,)),
        ((37,), (40, 41)),
        ((41,), (42, 43)),
        ((43,), (44, 45, 46)),
        ((46,), (47, 48)),
        ((48, 49), (50,)),
    ),
)

NETWORKS = (GRINDING, ORE, STEAM, ETHYLENE)
