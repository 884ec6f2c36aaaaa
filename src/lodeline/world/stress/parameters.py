"""Parameters of the stress model: ranges with where each comes from, and seeded draws from them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from lodeline.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NAMES = ("demand_elasticity", "supply_elasticity", "spare_capacity", "stock_months", "trade_elasticity")


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a range comes from.

    Attributes:
        publication: Author, year, title. figure: what it says.
        read: Whether the figure was read there when the table was made; False where it is quoted from memory.
        analogy: What the figure is about, where it is not the thing itself.
    """

    publication: str
    figure: str
    read: bool
    analogy: str = ""


class Range(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One parameter: from ``low`` to ``high``, even in the figure or in its logarithm.

    Raises:
        InputError: ``world.stress_range``.
    """

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    meaning: str = ""
    source: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        finite = math.isfinite(self.low) and math.isfinite(self.high)
        if not finite or not 0 <= self.low <= self.high or (self.scale == "log" and self.low == 0):
            raise InputError(
                "world.stress_range",
                f"A range goes from low to high and not below 0, and this one from {self.low} to {self.high}; swap or "
                "correct them (one in logarithms begins above 0).",
            )

    def at(self, part: Floats) -> Floats:
        """The figures at parts of the way, (draw,) from 0 (``low``) to 1 (``high``)."""
        import numpy as np

        if self.scale == "log":
            return np.asarray(self.low * (self.high / self.low) ** part)
        return np.asarray(self.low + (self.high - self.low) * part)

    @property
    def middle(self) -> float:
        """Half of the way."""
        return math.sqrt(self.low * self.high) if self.scale == "log" else (self.low + self.high) / 2


class Parameters(NamedTuple):
    """The ranges by name, and the price factor above which nothing is answered."""

    ranges: Mapping[str, Range]
    price_factor: float


@cache
def shipped_parameters() -> Parameters:
    """The ranges of ``tables/stress_parameters.toml``."""
    text = (resources.files("lodeline.world") / "tables" / "stress_parameters.toml").read_text(encoding="utf-8")
    blocks: dict[str, Any] = tomllib.loads(text)
    limit = blocks.pop("limits")["price_factor"]
    return Parameters({name: msgspec.convert(blocks[name], Range) for name in NAMES}, limit)


def draws(ranges: Mapping[str, Range], samples: int, seed: int) -> Mapping[str, Floats]:
    """``samples`` values of every range, (draw,), each range cut into as many strata and one drawn from each.

    The ranges are drawn independently. The same seed draws the same.

    Source: McKay, Beckman & Conover (1979), Latin hypercube sampling, Technometrics 21(2), 239-245.

    Raises:
        InputError: ``world.stress_samples``.
    """
    import numpy as np

    if samples < 1 or seed < 0:
        raise InputError(
            "world.stress_samples",
            f"{samples} draws by seed {seed} give no range; ask for 1 draw or more, by a seed of 0 or more.",
        )
    random = np.random.default_rng(seed)
    found = {}
    for name in sorted(ranges):
        part = (random.permutation(samples) + random.random(samples)) / samples
        found[name] = ranges[name].at(part)
    return found
