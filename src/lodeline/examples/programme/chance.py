"""Chance, the same on any machine: raw words of PCG64 and exact arithmetic, no function of a C library.

numpy promises the stream of raw words for ever, and not that of its distributions, some of which also ask the machine's
own ``log``. A normal number here is a table of 65,536 quantiles rounded to seven decimals, addressed by 16 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from numpy.random import Generator

T = TypeVar("T")

_WORDS = 2048
_TO_UNIT = 2.0**-53


class Chance:
    """Draws from one generator.

    Args:
        generator: numpy's, with PCG64; it is advanced.
    """

    def __init__(self, generator: Generator) -> None:
        self._raw = generator.bit_generator.random_raw
        self._units: list[float] = []
        self._normals: list[float] = []

    def unit(self) -> float:
        """Uniform in [0, 1)."""
        if not self._units:
            # 53 bits over 2**53 are exact in a float on every machine.
            self._units = ((self._raw(_WORDS) >> 11) * _TO_UNIT).tolist()
        return self._units.pop()

    def normal(self) -> float:
        """Standard normal, within 4.33 standard deviations."""
        if not self._normals:
            words = self._raw(_WORDS // 4)
            normals: list[float] = []
            table = _quantiles()
            for shift in (0, 16, 32, 48):
                normals += [table[index] for index in ((words >> shift) & 0xFFFF).tolist()]
            self._normals = normals
        return self._normals.pop()

    def happens(self, probability: float) -> bool:
        """True with this probability. It takes one draw whatever the probability."""
        return self.unit() < probability

    def between(self, low: float, high: float) -> float:
        """Uniform in [low, high)."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int((high - low + 1) * self.unit())

    def one_of(self, choices: Sequence[T]) -> T:
        """One of several, all alike."""
        return choices[int(len(choices) * self.unit())]

    def weighted(self, choices: Sequence[tuple[float, T]]) -> T:
        """One of several by weight."""
        left = self.unit() * sum(weight for weight, _ in choices)
        for weight, choice in choices:
            left -= weight
            if left < 0:
                return choice
        return choices[-1][1]

    def size(self, doublings: int) -> float:
        """From 1 to ``2**doublings``, each doubling as likely as the next, so that small sizes are frequent."""
        return float(2 ** self.whole(0, doublings - 1)) * self.between(1.0, 2.0)

    def near(self, mean: float, relative: float) -> float:
        """Normal about a mean, never below a fifth of it."""
        return max(mean * (1.0 + relative * self.normal()), 0.2 * mean)


def streams(seed: int, lots: int, names: Sequence[str]) -> dict[str, Chance]:
    """One stream a name, so that a change in how one subject is drawn leaves the others as they were."""
    from numpy.random import PCG64, Generator, SeedSequence

    children = SeedSequence([seed, lots]).spawn(len(names))
    return {name: Chance(Generator(PCG64(child))) for name, child in zip(names, children, strict=True)}


@cache
def _quantiles() -> list[float]:
    """Quantiles of the standard normal at 65,536 middles; rounding hides how a machine takes logarithms."""
    normal = NormalDist()
    upper = [round(normal.inv_cdf((32768 + index + 0.5) / 65536), 7) for index in range(32768)]
    return [-value for value in reversed(upper)] + upper
